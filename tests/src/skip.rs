//! Skipping a test in the open: the reason is printed, and counted by `tests/run`.

use std::{fs::OpenOptions, io::Write as _};

/// Says that a test is skipped and why; `tests/run` collects these lines at the end.
pub fn skip(test: &str, reason: &str) {
    println!("skipped {test}: {reason}");
    if let Some(file) = std::env::var_os("RUNDGANG_SKIPPED") {
        let written = OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)
            .and_then(|mut file| writeln!(file, "skipped {test}: {reason}"));
        assert!(written.is_ok(), "the list of skipped tests could not be written");
    }
}
