//! The whole product in a simulated school: a collector and an enrolled agent on the agent's box, over real mTLS.

use crate::school::{School, play::Running};
use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Output, Stdio},
};

/// Where the collector of a simulated school listens. The namespace is its own, so fixed ports meet nobody.
const GRPC: &str = "127.0.0.1:7443";
/// Where its pages are.
pub const WEB: &str = "127.0.0.1:8080";

/// A collector with one agent enrolled, both on the agent's box of a simulated school.
pub struct Whole<'a> {
    running: &'a Running,
    programs: PathBuf,
    folder: PathBuf,
    collector: Option<Child>,
}

impl<'a> Whole<'a> {
    /// Starts the collector, invites, enrols, and writes scope and credentials.
    ///
    /// # Errors
    /// Says which step failed.
    pub fn set_up(school: &School, running: &'a Running, programs: &Path) -> Result<Self> {
        let folder = running.folder.join("whole");
        fs::create_dir_all(folder.join("agent")).context("making the agent's folder")?;
        let mut whole = Self { running, programs: programs.to_owned(), folder, collector: None };
        whole.start_collector()?;
        let invitation = whole.collector(&["invite", "--school", &school.name, "--collector", GRPC])?;
        let words: Vec<&str> = invitation.split_whitespace().collect();
        let token = words
            .iter()
            .skip_while(|word| **word != "--token")
            .nth(1)
            .context("a token in the invitation")?;
        let state = whole.state();
        whole.agent(&["enrol", "--collector", GRPC, "--token", token, "--state", &state])?;
        let domains: Vec<String> =
            school.zone.iter().filter(|zone| !zone.is_parent).map(|zone| zone.name.clone()).collect();
        fs::write(
            whole.folder.join("scope.toml"),
            format!(
                "confirmed_domains = {domains:?}\n[[network]]\nname = \"Schule\"\nnetwork = \"{}\"\npurpose = \"Inventar\"\nclass = \"mixed\"\nauthorised_by = \"Schulträger\"\nlegal_basis = \"SchulG\"\nstaff_council = \"2026-09-01\"\n",
                school.network
            ),
        )?;
        let credentials = whole.folder.join("credentials.toml");
        fs::write(
            &credentials,
            format!(
                "check_public_community = true\n[[snmp]]\nlabel = \"Schule\"\nnetworks = [\"{}\"]\ncommunity = \"{}\"\n",
                school.network, school.community
            ),
        )?;
        fs::set_permissions(&credentials, fs::Permissions::from_mode(0o600))?;
        Ok(whole)
    }

    /// Starts the collector and waits until it says where its pages are.
    ///
    /// # Errors
    /// Where it ends instead.
    pub fn start_collector(&mut self) -> Result<()> {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join("collector.log"))?;
        let mut child = self
            .running
            .command("agent", self.programs.join("rundgang-collector"))
            .args(["serve", "--data", &self.data(), "--grpc", GRPC, "--web", WEB, "--name", "127.0.0.1"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("starting the collector")?;
        let out = child.stdout.take().context("reading the collector's output")?;
        let mut lines = BufReader::new(out).lines();
        let told = lines.by_ref().map_while(Result::ok).any(|line| line.contains("http://"));
        // Whatever it says later must not fill the pipe.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        if !told {
            let log = fs::read_to_string(self.folder.join("collector.log")).unwrap_or_default();
            bail!("the collector ended: {log}");
        }
        self.collector = Some(child);
        Ok(())
    }

    /// One round: walk, spool, deliver, end.
    ///
    /// # Errors
    /// Says what the agent said.
    pub fn round(&self) -> Result<String> {
        let scope = self.folder.join("scope.toml").display().to_string();
        let credentials = self.folder.join("credentials.toml").display().to_string();
        self.agent(&[
            "run",
            "--once",
            "--state",
            &self.state(),
            "--scope-file",
            &scope,
            "--credentials",
            &credentials,
        ])
    }

    /// Runs the agent and keeps everything it says in its log.
    ///
    /// # Errors
    /// Says what the agent said.
    pub fn agent(&self, arguments: &[&str]) -> Result<String> {
        let output =
            self.running.command("agent", self.programs.join("rundgang-agent")).args(arguments).output()?;
        let mut log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join("agent.log"))?;
        std::io::Write::write_all(&mut log, &output.stdout)?;
        std::io::Write::write_all(&mut log, &output.stderr)?;
        said("rundgang-agent", arguments, &output)
    }

    /// Runs a command of the collector on its data.
    ///
    /// # Errors
    /// Says what the collector said.
    pub fn collector(&self, arguments: &[&str]) -> Result<String> {
        let output = self
            .running
            .command("agent", self.programs.join("rundgang-collector"))
            .args(arguments)
            .args(["--data", &self.data()])
            .output()?;
        said("rundgang-collector", arguments, &output)
    }

    /// The JSON lines a command of the collector prints.
    ///
    /// # Errors
    /// Says what the collector said.
    pub fn lines(&self, arguments: &[&str]) -> Result<Vec<Value>> {
        let text = self.collector(arguments)?;
        text.lines()
            .map(|line| serde_json::from_str(line).with_context(|| format!("reading {line}")))
            .collect()
    }

    /// Every file that collector, agent, spool and logs left behind, with its bytes.
    ///
    /// # Errors
    /// Where one cannot be read.
    pub fn files(&self) -> Result<Vec<(PathBuf, Vec<u8>)>> {
        fn walk(folder: &Path, found: &mut Vec<(PathBuf, Vec<u8>)>) -> Result<()> {
            for entry in fs::read_dir(folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    walk(&path, found)?;
                } else {
                    found.push((path.clone(), fs::read(&path)?));
                }
            }
            Ok(())
        }
        let mut found = Vec::new();
        walk(&self.folder, &mut found)?;
        ensure!(!found.is_empty(), "nothing was left behind");
        Ok(found)
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    fn state(&self) -> String {
        self.folder.join("agent").display().to_string()
    }
}

impl Drop for Whole<'_> {
    fn drop(&mut self) {
        if let Some(mut child) = self.collector.take() {
            child.kill().ok();
            child.wait().ok();
        }
    }
}

fn said(program: &str, arguments: &[&str], output: &Output) -> Result<String> {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    ensure!(
        output.status.success(),
        "{program} {} failed: {text}{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(text)
}
