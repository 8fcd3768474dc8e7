//! What a person can do about what the system refused, in a few words behind its own.

use std::io;

/// About a file or folder.
pub(crate) fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::PermissionDenied => ": run as the collector's own user, or choose --data DIR",
        io::ErrorKind::StorageFull => ": the disk is full; free some space there",
        _ => "",
    }
}

/// About a port; `what` is the option that names it.
pub(crate) fn port_hint(error: &io::Error, what: &str) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!(": the port is in use; stop the other program or choose another {what} ADDR:PORT")
        }
        io::ErrorKind::PermissionDenied => {
            format!(": ports below 1024 need privileges; choose another {what} ADDR:PORT")
        }
        io::ErrorKind::AddrNotAvailable => {
            format!(": this machine does not have that address; choose another {what} ADDR:PORT")
        }
        _ => String::new(),
    }
}
