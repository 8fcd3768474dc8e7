//! The local log: what the agent did on whose word, on the box, without a word about any person (promise G3).

use crate::{
    runner::Runner,
    scope::{Mode, Scope, Segment},
};
use rundgang_inventory::Timestamp;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// A log that has grown so large is moved aside, and the one that lay there goes: the box has little storage.
const LARGEST: u64 = 4 << 20;

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

    /// Moves a log that has grown too large aside, for whoever writes into it for years.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn keep_small(&self) -> io::Result<()> {
        match std::fs::metadata(&self.0) {
            Ok(file) if file.len() > LARGEST => std::fs::rename(&self.0, self.0.with_extension("log.old")),
            _ => Ok(()),
        }
    }
}

/// The networks of a walk, each with its class, its pace and who answers for it.
#[must_use]
pub(crate) fn networks(scope: &Scope, now: Timestamp) -> String {
    let told: Vec<String> = scope.segments().iter().map(|segment| network(scope, segment, now)).collect();
    if told.is_empty() { "no network".to_owned() } else { told.join("; ") }
}

fn network(scope: &Scope, segment: &Segment, now: Timestamp) -> String {
    let mode = match scope.mode(segment, now) {
        Mode::Active => "walked",
        Mode::Passive(_) => "listened to",
        Mode::Closed(_) => "left out",
    };
    let authority = &segment.authority;
    format!(
        "{} {} ({mode}, class {}, pace {}, authorised by \"{}\", legal basis \"{}\", staff council {})",
        segment.name,
        segment.network,
        segment.class.name(),
        segment.pace,
        authority.authorised_by,
        authority.legal_basis,
        if authority.staff_council.is_empty() { "not heard" } else { authority.staff_council.as_str() },
    )
}

/// What a walk did: how many conversations of which probe were begun, and which could not ask all of which network.
#[must_use]
pub(crate) fn done(runner: &Runner) -> String {
    let mut told = format!("conversations: {}", conversations(&runner.sent()));
    for (segment, probes) in runner.missed() {
        // Writing to a string cannot fail.
        write!(told, "; unchecked in {segment}: {probes}").ok();
    }
    told
}

/// How many conversations of which probe were begun.
#[must_use]
fn conversations(sent: &BTreeMap<&'static str, u64>) -> String {
    let told: Vec<String> = sent.iter().map(|(probe, count)| format!("{probe} {count}")).collect();
    if told.is_empty() { "none".to_owned() } else { told.join(", ") }
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
    fn a_log_that_grew_too_large_is_moved_aside() {
        let folder = tempfile::tempdir().unwrap();
        let log = LocalLog::at(folder.path().join("agent.log"));
        log.keep_small().unwrap();
        log.write(Timestamp(0), "old").unwrap();
        log.keep_small().unwrap();
        assert!(log.path().exists(), "a small one stays");
        std::fs::File::options().write(true).open(log.path()).unwrap().set_len(LARGEST + 1).unwrap();
        log.keep_small().unwrap();
        log.write(Timestamp(0), "new").unwrap();
        assert!(folder.path().join("agent.log.old").exists());
        assert!(std::fs::metadata(log.path()).unwrap().len() < 100);
    }

    #[test]
    fn conversations_are_counted_by_probe() {
        assert_eq!(conversations(&BTreeMap::new()), "none");
        assert_eq!(conversations(&[("snmp", 2), ("mdns", 1)].into()), "mdns 1, snmp 2");
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
