//! Classroom: recorded boards, projectors, receivers, printers and telephones, each in a namespace of its own; the
//! agent walks their network, and the data set's judge compares, leaks and hazards included.

use super::{
    replay,
    tally::{Goal, compare},
};
use anyhow::{Context, Result, ensure};
use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const GOALS: &[Goal] = &[
    Goal { attribute: "kind", right: 90.0, wrong: Some(3.0) },
    Goal { attribute: "vendor", right: 92.0, wrong: Some(3.0) },
    Goal { attribute: "model", right: 92.0, wrong: Some(3.0) },
    Goal { attribute: "serial", right: 90.0, wrong: Some(3.0) },
    Goal { attribute: "os_version", right: 90.0, wrong: Some(3.0) },
];
/// A full walk takes less than so many seconds.
const SECONDS: f64 = 15.0;

/// The classroom while it stands; taken down with this value.
struct Classroom {
    script: PathBuf,
    state: tempfile::TempDir,
}

impl Classroom {
    fn up(folder: &Path, half: &str) -> Result<Self> {
        let room = Self {
            script: folder.join("play.py"),
            state: tempfile::tempdir().context("making a folder for the classroom's state")?,
        };
        let recordings = folder.join(half);
        let status = room
            .play(&["up", &recordings.to_string_lossy()])
            .stdout(Stdio::null())
            .status()
            .context("starting the player")?;
        ensure!(status.success(), "the classroom does not come up (it needs root)");
        Ok(room)
    }

    fn play(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new("python3");
        command.arg(&self.script).args(arguments).env("CLASSROOM_STATE", self.state.path());
        command
    }

    /// What must not happen and did, a line each.
    fn hazards(&self) -> Vec<String> {
        std::fs::read_to_string(self.state.path().join("hazards.jsonl"))
            .unwrap_or_default()
            .lines()
            .map(str::to_owned)
            .collect()
    }
}

impl Drop for Classroom {
    fn drop(&mut self) {
        // Nothing more can be done where it does not come down; the namespaces carry the player's names.
        let _down = self.play(&["down"]).stdout(Stdio::null()).status();
    }
}

/// Runs everything; true where all that was promised is reached.
#[expect(clippy::print_stdout, reason = "the table is the output")]
pub(crate) fn run(folder: &Path, half: &str, show: u32) -> Result<bool> {
    let agent = replay::agent()?;
    let room = Classroom::up(folder, half)?;
    let agent = agent.to_string_lossy();
    let mut walk = room.play(&["exec", &agent, "walk", "--scope", "10.30.0.0/22", "--pace", "fast"]);
    walk.args(["--authorised-by", "acceptance", "--json"]);
    let (found, took) = replay::timed(&mut walk)?;
    let results = tempfile::NamedTempFile::new().context("making a file for the results")?;
    std::fs::write(results.path(), found).context("writing the results")?;
    let show = show.to_string();
    let (table, figures) =
        replay::judge(&folder.join("score.py"), &folder.join(half), results.path(), &["--show", &show])?;
    println!("Classroom ({half} half)\n{table}walked in {:.1} s", took.as_secs_f64());
    let scores = figures.get("scores").cloned().unwrap_or_default();
    let mut reached = compare("All kinds", &rename_known(scores), "ALL", GOALS);
    let leaked = figures.get("leaked").and_then(serde_json::Value::as_u64);
    let hazards = room.hazards();
    println!("  personal devices leaked: {leaked:?} (0 promised); hazards: {} (0 promised)", hazards.len());
    for hazard in hazards.iter().take(20) {
        println!("    {hazard}");
    }
    println!("  walked in {:.1} s of < {SECONDS} s", took.as_secs_f64());
    reached &= leaked == Some(0) && hazards.is_empty() && took.as_secs_f64() < SECONDS;
    Ok(reached)
}

/// This judge says `known` where the other says `n`.
fn rename_known(mut scores: serde_json::Value) -> serde_json::Value {
    let cells = scores.as_object_mut().into_iter().flat_map(|kinds| kinds.values_mut());
    for cell in cells.filter_map(serde_json::Value::as_object_mut).flat_map(|kind| kind.values_mut()) {
        if let Some(cell) = cell.as_object_mut()
            && let Some(known) = cell.remove("known")
        {
            cell.insert("n".to_owned(), known);
        }
    }
    scores
}
