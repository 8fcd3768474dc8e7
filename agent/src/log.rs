//! The local log: what the agent did on whose word, on the box, without a word about any person (promise G3).

use rundgang_inventory::Timestamp;
use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The local log, one line per event.
#[derive(Clone, Debug)]
pub struct LocalLog(PathBuf);

impl LocalLog {
    /// A log in this file.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where the log belongs unless told otherwise: the service's state directory, else the person's own.
    /// `variable` looks up an environment variable.
    #[must_use]
    pub fn default_path(variable: impl Fn(&str) -> Option<String>) -> PathBuf {
        let from = |name: &str, rest: &str| {
            variable(name).filter(|v| !v.is_empty()).map(|v| Path::new(&v).join(rest))
        };
        from("STATE_DIRECTORY", "agent.log")
            .or_else(|| from("XDG_STATE_HOME", "rundgang/agent.log"))
            .or_else(|| from("HOME", ".local/state/rundgang/agent.log"))
            .unwrap_or_else(|| PathBuf::from("rundgang-agent.log"))
    }

    /// Its file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Appends one line.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, at: Timestamp, event: &str) -> io::Result<()> {
        if let Some(folder) = self.0.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let mut file = OpenOptions::new().create(true).append(true).open(&self.0)?;
        // What people typed may not forge a second line.
        let event: String = event.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        writeln!(file, "{at} {event}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_appended_and_cannot_be_forged() {
        let folder = tempfile::tempdir().unwrap();
        let log = LocalLog::at(folder.path().join("deep/agent.log"));
        log.write(Timestamp(0), "walk authorised by \"A\nB\"").unwrap();
        log.write(Timestamp(1000), "done").unwrap();
        let text = std::fs::read_to_string(log.path()).unwrap();
        assert_eq!(text, "1970-01-01T00:00:00Z walk authorised by \"A B\"\n1970-01-01T00:00:01Z done\n");
    }

    #[test]
    fn its_place_follows_the_environment() {
        let check = |set: &[(&str, &str)], expected: &str| {
            let look_up = |name: &str| set.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned());
            assert_eq!(LocalLog::default_path(look_up), Path::new(expected));
        };
        check(&[("STATE_DIRECTORY", "/var/lib/r"), ("HOME", "/h")], "/var/lib/r/agent.log");
        check(&[("HOME", "/h")], "/h/.local/state/rundgang/agent.log");
        check(&[("HOME", "")], "rundgang-agent.log");
    }
}
