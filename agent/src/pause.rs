//! The pause switches: while either lies there, no packet goes into the school.
//!
//! One belongs to whoever stands at the box, the other to the collector. Neither lifts the other's.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Both switches: files in the state directory. The box's own can be made and removed by anybody at the box.
#[derive(Clone, Debug)]
pub struct Pause {
    own: PathBuf,
    collector: PathBuf,
}

/// `pause` and `resume`: the switch from the command line.
#[derive(clap::Args, Debug)]
pub struct PauseArgs {
    /// Where the agent keeps its state.
    #[arg(long, value_name = "DIR", default_value = crate::enrol::STATE)]
    pub state: PathBuf,
}

impl PauseArgs {
    /// The switches that are meant.
    #[must_use]
    pub fn switch(&self) -> Pause {
        Pause::of(&self.state)
    }
}

impl Pause {
    /// The switches of a state directory.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self { own: state.join("pause"), collector: state.join("pause.collector") }
    }

    /// Whether the agent is paused. When the disk cannot tell, it is: silence is the safe side.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.is_set_here() || self.is_set_by_collector()
    }

    /// Whether somebody at the box paused it.
    #[must_use]
    pub fn is_set_here(&self) -> bool {
        self.own.try_exists().unwrap_or(true)
    }

    /// Whether the collector paused it.
    #[must_use]
    pub fn is_set_by_collector(&self) -> bool {
        self.collector.try_exists().unwrap_or(true)
    }

    /// What to do so that the agent walks again.
    #[must_use]
    pub fn how_to_lift(&self) -> String {
        if self.is_set_here() {
            format!("remove {}, or run rundgang-agent resume", self.own.display())
        } else {
            "it was paused at the collector: rundgang-collector resume NUMBER there".to_owned()
        }
    }

    /// Pauses the agent at the box; a walk under way stops too.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn set(&self) -> io::Result<()> {
        fs::write(&self.own, b"")
    }

    /// Takes the box's own pause back.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn lift(&self) -> io::Result<()> {
        remove(&self.own)
    }

    /// What the collector says; the box's own pause is not touched by it (promise S1).
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn set_by_collector(&self, is_paused: bool) -> io::Result<()> {
        if is_paused { fs::write(&self.collector, b"") } else { remove(&self.collector) }
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn set_and_lifted() {
        let state = tempfile::tempdir().unwrap();
        let pause = Pause::of(state.path());
        assert!(!pause.is_set());
        pause.set().unwrap();
        pause.set().unwrap();
        assert!(pause.is_set());
        pause.lift().unwrap();
        pause.lift().unwrap();
        assert!(!pause.is_set());
    }

    #[test]
    fn neither_side_lifts_the_others_pause() {
        let state = tempfile::tempdir().unwrap();
        let pause = Pause::of(state.path());
        pause.set().unwrap();
        pause.set_by_collector(true).unwrap();
        pause.set_by_collector(false).unwrap();
        pause.set_by_collector(false).unwrap();
        assert!(pause.is_set(), "the box's own pause holds");
        assert!(pause.how_to_lift().contains("rundgang-agent resume"));
        pause.set_by_collector(true).unwrap();
        pause.lift().unwrap();
        assert!(pause.is_set(), "the collector's pause holds");
        assert!(pause.how_to_lift().contains("rundgang-collector resume"));
        pause.set_by_collector(false).unwrap();
        assert!(!pause.is_set());
    }
}
