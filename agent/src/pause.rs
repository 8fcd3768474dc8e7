//! The pause switch on the box: while its file lies there, no packet goes into the school.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// The switch: a file in the state directory that anybody at the box can make and remove.
#[derive(Clone, Debug)]
pub struct Pause(PathBuf);

/// `pause` and `resume`: the switch from the command line.
#[derive(clap::Args, Debug)]
pub struct PauseArgs {
    /// Where the agent keeps its state.
    #[arg(long, value_name = "DIR", default_value = crate::enrol::STATE)]
    pub state: PathBuf,
}

impl PauseArgs {
    /// The switch that is meant.
    #[must_use]
    pub fn switch(&self) -> Pause {
        Pause::of(&self.state)
    }
}

impl Pause {
    /// The switch of a state directory.
    #[must_use]
    pub fn of(state: &Path) -> Self {
        Self(state.join("pause"))
    }

    /// Whether the agent is paused. When the disk cannot tell, it is: silence is the safe side.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.try_exists().unwrap_or(true)
    }

    /// The file itself, to name it to people.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Pauses the agent; a walk under way stops too.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn set(&self) -> io::Result<()> {
        fs::write(&self.0, b"")
    }

    /// Lets the agent walk again.
    ///
    /// # Errors
    /// The state directory is not writable.
    pub fn lift(&self) -> io::Result<()> {
        match fs::remove_file(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
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
}
