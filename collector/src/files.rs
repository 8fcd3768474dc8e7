//! Files that tell about a school: their owner alone can read them, and they stand there whole or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// A file that could not be written; the one that stood there before still does.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {source}")]
pub struct WriteError {
    /// The file.
    path: String,
    /// What the system said.
    source: io::Error,
}

/// Writes a file that its owner alone can read, beside its place, and then renames it: one that stood there keeps
/// neither its mode nor half of its content.
///
/// # Errors
/// The file cannot be written; nothing is left behind then.
pub fn replace_private(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let failed = |source| WriteError { path: path.display().to_string(), source };
    // A pipe or a device is written to; a file would only take its place.
    if fs::metadata(path).is_ok_and(|there| !there.is_file() && !there.is_dir()) {
        return fs::write(path, bytes).map_err(failed);
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(format!(".{}.part", std::process::id()));
    let beside = PathBuf::from(beside);
    let written = write_new(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What went wrong is told; that the half file is gone as well is only tidiness.
        fs::remove_file(&beside).ok();
    }
    written
        .and_then(|()| match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        })
        .map_err(failed)
}

/// A new file, never one that somebody laid there.
fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_file_is_replaced_whole_and_its_owner_alone_can_read_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("book.json");
        fs::write(&file, "an older book, for everybody").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("a mode");
        replace_private(&file, b"new").expect("replaced");
        assert_eq!(fs::read(&file).expect("content"), b"new");
        assert_eq!(fs::metadata(&file).expect("a mode").permissions().mode() & 0o777, 0o600);

        let taken = folder.path().join("taken");
        fs::create_dir_all(taken.join("inside")).expect("a folder");
        let error = replace_private(&taken, b"new").expect_err("a folder is in the way").to_string();
        assert!(error.contains("taken"), "{error}");
        let missing = folder.path().join("missing/book.json");
        assert!(
            replace_private(&missing, b"new")
                .expect_err("no folder")
                .to_string()
                .contains("missing/book.json")
        );
        replace_private(Path::new("/dev/null"), b"new").expect("written");
        assert!(!fs::metadata("/dev/null").expect("a device").is_file());
        assert_eq!(fs::read_dir(folder.path()).expect("files").count(), 2, "nothing is left behind");
    }
}
