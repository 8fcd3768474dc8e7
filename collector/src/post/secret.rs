//! Passwords and keys beside the book: one line in a file that its owner alone may read.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

/// The first line of a file in the folder of secrets.
///
/// # Errors
/// What is wrong with the file, in words for whoever runs the collector.
pub(crate) fn read(folder: &Path, name: &str) -> Result<String, String> {
    let path = folder.join(name);
    let failed = |error: std::io::Error| format!("{}: {error}", path.display());
    let about = fs::metadata(&path).map_err(failed)?;
    if about.permissions().mode() & 0o077 != 0 {
        return Err(format!("{}: others may read it; chmod 600", path.display()));
    }
    if about.len() > 4096 {
        return Err(format!("{}: too long for a password", path.display()));
    }
    let text = fs::read_to_string(&path).map_err(failed)?;
    let line = text.lines().next().unwrap_or_default().trim().to_owned();
    if line.is_empty() { Err(format!("{}: it is empty", path.display())) } else { Ok(line) }
}
