//! The whole product in a simulated school: a collector and an enrolled agent on the agent's box, over real mTLS.

use crate::school::{School, play::Running};
use anyhow::{Context, Result, bail, ensure};
use rundgang_store::Store;
use serde_json::Value;
use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Output, Stdio},
};

/// Where the collector of a simulated school listens: on the agent's box, for every box of the school. The namespace is
/// its own, so a fixed port meets nobody.
const PORT: u16 = 7443;
/// Where its pages are.
pub const WEB: &str = "127.0.0.1:8080";

/// The host of a school on which the first agent and the collector run.
const BOX: &str = "agent";

/// A collector on the agent's box of a simulated school, and the agents enrolled with it.
pub struct Whole<'a> {
    school: &'a School,
    running: &'a Running,
    programs: PathBuf,
    folder: PathBuf,
    collector: Option<Child>,
}

impl<'a> Whole<'a> {
    /// Starts the collector, invites, enrols one agent, and writes scope and credentials for the whole network.
    ///
    /// # Errors
    /// Says which step failed.
    pub fn set_up(school: &'a School, running: &'a Running, programs: &Path) -> Result<Self> {
        let whole = Self::without_agents(school, running, programs)?;
        whole.add_agent(BOX, &[("Schule", &school.network)])?;
        Ok(whole)
    }

    /// Starts the collector alone.
    ///
    /// # Errors
    /// Says which step failed.
    pub fn without_agents(school: &'a School, running: &'a Running, programs: &Path) -> Result<Self> {
        let folder = running.folder.join("whole");
        fs::create_dir_all(&folder).context("making the folder of collector and agents")?;
        let mut whole = Self { school, running, programs: programs.to_owned(), folder, collector: None };
        whole.start_collector()?;
        Ok(whole)
    }

    /// Invites and enrols an agent on a host of the school, which is to walk these networks (name, CIDR).
    ///
    /// # Errors
    /// Says which step failed.
    pub fn add_agent(&self, host: &str, networks: &[(&str, &str)]) -> Result<()> {
        let school = self.school;
        fs::create_dir_all(self.folder.join(host)).context("making the agent's folder")?;
        let invitation =
            self.collector(&["invite", "--school", &school.name, "--collector", &self.grpc()])?;
        let words: Vec<&str> = invitation.split_whitespace().collect();
        let token = words
            .iter()
            .skip_while(|word| **word != "--token")
            .nth(1)
            .context("a token in the invitation")?;
        let state = self.of(host, "");
        self.agent_on(host, &["enrol", "--collector", &self.grpc(), "--token", token, "--state", &state])?;
        self.allow(host, networks, None)?;
        let credentials = self.of(host, "credentials.toml");
        fs::write(
            &credentials,
            format!(
                "check_public_community = true\n[[snmp]]\nlabel = \"Schule\"\nnetworks = [\"{}\", \"fe80::/10\"]\ncommunity = \"{}\"\n",
                school.network, school.community
            ),
        )?;
        fs::set_permissions(&credentials, fs::Permissions::from_mode(0o600))?;
        Ok(())
    }

    /// Writes the scope of the agent on a host anew: these networks (name, CIDR), with these groups of probes or all.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn allow(&self, host: &str, networks: &[(&str, &str)], groups: Option<&[&str]>) -> Result<()> {
        let zones = self.school.zone.iter().filter(|zone| !zone.is_parent);
        let domains: Vec<String> = zones.map(|zone| zone.name.clone()).collect();
        let mut scope = format!("confirmed_domains = {domains:?}\n");
        for (name, network) in networks {
            writeln!(
                scope,
                "[[network]]\nname = \"{name}\"\nnetwork = \"{network}\"\npurpose = \"Inventar\"\nclass = \"mixed\"\nauthorised_by = \"Schulträger\"\nlegal_basis = \"SchulG\"\nstaff_council = \"2026-09-01\""
            )?;
            if let Some(groups) = groups {
                writeln!(scope, "groups = {groups:?}")?;
            }
        }
        fs::write(self.of(host, "scope.toml"), scope).context("writing the scope")
    }

    /// Writes the scope of the agent on a host anew: no network, but the domains that are confirmed at the collector.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn accept_domains(&self, host: &str) -> Result<()> {
        fs::write(self.of(host, "scope.toml"), "accept_confirmed_domains = true\n")
            .context("writing the scope")
    }

    /// What the agent on a host would send, as it explains it.
    ///
    /// # Errors
    /// Says what the agent said.
    pub fn explain(&self, host: &str) -> Result<String> {
        let (state, scope) = (self.of(host, ""), self.of(host, "scope.toml"));
        self.agent_on(host, &["explain", "--state", &state, "--scope-file", &scope])
    }

    /// A page of the collector, as a browser on the same box gets it.
    ///
    /// # Errors
    /// Where nobody answers, or not well.
    pub fn page(&self, path: &str) -> Result<String> {
        let url = format!("http://{WEB}{path}");
        let curl = ["--silent", "--show-error", "--fail", "--max-time", "30", &url];
        said("curl", &curl, &self.running.command(BOX, "curl").args(curl).output().context("starting curl")?)
    }

    /// Starts the collector and waits until it says where its pages are.
    ///
    /// # Errors
    /// Where it ends instead.
    pub fn start_collector(&mut self) -> Result<()> {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.folder.join("collector.log"))?;
        let mut child = self
            .running
            .command(BOX, self.programs.join("rundgang-collector"))
            .args(["serve", "--data", &self.data(), "--grpc", &self.grpc(), "--web", WEB])
            .args(["--name", &self.school.agent.address.to_string()])
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

    /// One round of the first agent: walk, spool, deliver, end.
    ///
    /// # Errors
    /// Says what the agent said.
    pub fn round(&self) -> Result<String> {
        self.round_on(BOX)
    }

    /// One round of the agent on a host.
    ///
    /// # Errors
    /// Says what the agent said.
    pub fn round_on(&self, host: &str) -> Result<String> {
        let (scope, credentials) = (self.of(host, "scope.toml"), self.of(host, "credentials.toml"));
        let files = ["--scope-file", &scope, "--credentials", &credentials];
        self.agent_on(host, &[&["run", "--once", "--state", &self.of(host, "")], &files[..]].concat())
    }

    /// Runs the agent on a host and keeps everything it says in its log.
    fn agent_on(&self, host: &str, arguments: &[&str]) -> Result<String> {
        let output =
            self.running.command(host, self.programs.join("rundgang-agent")).args(arguments).output()?;
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
            .command(BOX, self.programs.join("rundgang-collector"))
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

    /// The book.
    ///
    /// # Errors
    /// Where it cannot be opened.
    pub fn store(&self) -> Result<Store> {
        Ok(Store::sqlite(&self.folder.join("data").join("rundgang.sqlite"))?)
    }

    fn data(&self) -> String {
        self.folder.join("data").display().to_string()
    }

    /// A file of the agent on a host.
    fn of(&self, host: &str, file: &str) -> String {
        self.folder.join(host).join(file).display().to_string()
    }

    fn grpc(&self) -> String {
        format!("{}:{PORT}", self.school.agent.address)
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
