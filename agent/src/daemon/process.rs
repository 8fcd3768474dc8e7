//! The agent as a process: one for each state directory, ended in good order by a signal.

use super::DaemonError;
use std::{
    fs::{self, File},
    io,
    path::Path,
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// One agent for each state directory. The kernel drops the lock with the process, however it ends.
pub(super) fn lock(state: &Path) -> Result<File, DaemonError> {
    let path = state.join("lock");
    let failed = |source| DaemonError::File { path: path.display().to_string(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(DaemonError::Taken(state.display().to_string())),
        Err(fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The signals that end the agent in good order.
pub(super) struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    pub(super) async fn wait(mut self, stop: watch::Sender<bool>) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        stop.send_replace(true);
    }
}
