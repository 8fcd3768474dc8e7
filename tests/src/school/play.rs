//! Plays a school: one network namespace per host, veth wires into bridges, real servers inside.
//!
//! Every namespace carries the run's id in its name, so that parallel and aborted runs never meet.

use super::{School, ledger, roles};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A school that is up. Dropping it does nothing: [`Running::down`] ends it, or a [`Guard`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Running {
    /// The run's id: namespaces are called `rg<id>-<host>`.
    pub id: String,
    /// Where configurations, logs and records lie.
    pub folder: PathBuf,
    /// Process ids of the nodes' first processes.
    nodes: Vec<u32>,
    /// All namespaces made.
    namespaces: Vec<String>,
}

/// Ends a school when it goes out of scope, also when a test fails.
pub struct Guard(pub Running);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Err(error) = self.0.down() {
            eprintln!("ending the school: {error:#}");
        }
    }
}

/// Why a school cannot be played here, in one line; `None` where it can.
#[must_use]
pub fn cannot_play() -> Option<String> {
    cannot_run(roles::PROGRAMS)
}

/// Why namespaces with these programs in them cannot be had here, in one line; `None` where they can.
#[must_use]
pub fn cannot_run(programs: &[&str]) -> Option<String> {
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !root {
        return Some("network namespaces need root".to_owned());
    }
    let missing: Vec<&str> = programs.iter().copied().filter(|program| !installed(program)).collect();
    (!missing.is_empty()).then(|| format!("not installed: {}", missing.join(" ")))
}

fn installed(program: &str) -> bool {
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin"].iter().any(|folder| Path::new(folder).join(program).exists())
}

/// Brings a school up and waits until its servers answer.
///
/// # Errors
/// Says which step failed; what was begun is taken down again.
pub fn up(school: &School) -> Result<Running> {
    if let Some(reason) = cannot_play() {
        bail!("the school cannot be played on this machine: {reason}");
    }
    let mut id = [0_u8; 3];
    getrandom::fill(&mut id).map_err(|error| anyhow::anyhow!("making a run id: {error}"))?;
    let id = data_encoding::HEXLOWER.encode(&id);
    let folder = std::env::temp_dir().join(format!("rundgang-school-{id}"));
    fs::create_dir_all(&folder).context("making the run's folder")?;
    let mut running = Running { id, folder, nodes: Vec::new(), namespaces: Vec::new() };
    let result = wire(school, &mut running)
        .and_then(|()| ledger::install(school, &running))
        .and_then(|()| start(school, &mut running));
    if let Err(error) = result {
        running.down().context("taking down after a failed start")?;
        return Err(error);
    }
    Ok(running)
}

impl Running {
    /// The namespace of a host (or `agent`).
    #[must_use]
    pub fn namespace(&self, host: &str) -> String {
        format!("rg{}-{host}", self.id)
    }

    /// A command that runs inside a host's namespace.
    #[must_use]
    pub fn command(&self, host: &str, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.namespace(host)]).arg(program);
        command
    }

    /// The records a responder of a host wrote, one JSON object a line.
    #[must_use]
    pub fn record(&self, host: &str, what: &str) -> String {
        fs::read_to_string(self.folder.join(host).join(format!("{what}.jsonl"))).unwrap_or_default()
    }

    /// What a host that is a resolver was asked, one question or answer a line.
    #[must_use]
    pub fn questions(&self, host: &str) -> String {
        fs::read_to_string(self.folder.join(host).join(roles::QUESTIONS)).unwrap_or_default()
    }

    /// Ends every process and namespace of this run.
    ///
    /// # Errors
    /// Says what could not be removed.
    pub fn down(&self) -> Result<()> {
        for pid in &self.nodes {
            // The node's first process takes its whole process namespace with it.
            run_quietly(Command::new("kill").args(["-KILL", &pid.to_string()]))?;
        }
        let mut batch = String::new();
        for name in &self.namespaces {
            writeln!(batch, "netns delete {name}")?;
            let folder = Path::new("/etc/netns").join(name);
            if folder.exists() {
                fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
            }
        }
        ip_batch(None, &batch, true)?;
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)
                .with_context(|| format!("removing {}", self.folder.display()))?;
        }
        Ok(())
    }
}

/// Makes namespaces, bridges, wires and addresses.
fn wire(school: &School, running: &mut Running) -> Result<()> {
    let mut hosts: Vec<&str> = vec!["agent"];
    hosts.extend(school.switch.iter().map(|switch| switch.name.as_str()));
    hosts.extend(school.host.iter().map(|host| host.name.as_str()));
    let mut batch = String::new();
    for host in &hosts {
        writeln!(batch, "netns add {}", running.namespace(host))?;
        running.namespaces.push(running.namespace(host));
    }
    ip_batch(None, &batch, false)?;
    for switch in &school.switch {
        let name = running.namespace(&switch.name);
        ip_batch(
            Some(&name),
            &format!("link add br0 address {} type bridge\nlink set br0 up\n", switch.mac),
            false,
        )?;
    }
    let mut links = String::new();
    for switch in &school.switch {
        if let Some(uplink) = &switch.uplink {
            let (own, other) = (running.namespace(&switch.name), running.namespace(uplink));
            let core = school
                .switch
                .iter()
                .find(|other| other.name == *uplink)
                .context("finding the core switch")?;
            writeln!(
                links,
                "link add up0 netns {own} address {} type veth peer name d-{} address {} netns {other}",
                switch.mac, switch.name, core.mac
            )?;
        }
    }
    for card in school.wires() {
        let (own, other) = (running.namespace(card.host), running.namespace(card.switch));
        writeln!(
            links,
            "link add {} netns {own} address {} type veth peer name {} netns {other}",
            card.own_end(),
            card.mac,
            card.port()
        )?;
    }
    ip_batch(None, &links, false)?;
    for switch in &school.switch {
        let mut inside = "link set lo up\n".to_owned();
        writeln!(inside, "addr add {}/{} dev br0", switch.address, school.prefix(switch.address))?;
        if let Some(gateway) = school.gateway(&switch.name, switch.address) {
            writeln!(inside, "route add default via {gateway}")?;
        }
        if switch.uplink.is_some() {
            inside.push_str("link set up0 master br0\nlink set up0 up\n");
        }
        for below in school.switch.iter().filter(|other| other.uplink.as_ref() == Some(&switch.name)) {
            writeln!(inside, "link set d-{0} master br0\nlink set d-{0} up", below.name)?;
        }
        for port in school.wires().filter(|card| card.switch == switch.name).map(super::wires::Card::port) {
            writeln!(inside, "link set {port} master br0\nlink set {port} up")?;
        }
        ip_batch(Some(&running.namespace(&switch.name)), &inside, false)?;
    }
    addresses(school, running)
}

fn addresses(school: &School, running: &Running) -> Result<()> {
    let resolver = school.resolver();
    for card in school.wires() {
        let own_end = card.own_end();
        let mut inside = "link set lo up\n".to_owned();
        if let Some(address) = card.address {
            writeln!(inside, "addr add {address}/{} dev {own_end}", school.prefix(address))?;
        }
        writeln!(inside, "link set {own_end} up")?;
        if card.number == 0
            && let Some(gateway) = card.address.and_then(|address| school.gateway(card.host, address))
        {
            writeln!(inside, "route add default via {gateway}")?;
        }
        let namespace = running.namespace(card.host);
        ip_batch(Some(&namespace), &inside, false)?;
        resolv_conf(&namespace, resolver)?;
    }
    for switch in &school.switch {
        resolv_conf(&running.namespace(&switch.name), resolver)?;
    }
    Ok(())
}

/// Gives a namespace its own resolver, so that the machine's never shows through.
fn resolv_conf(namespace: &str, resolver: Option<Ipv4Addr>) -> Result<()> {
    let folder = Path::new("/etc/netns").join(namespace);
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let text = resolver.map_or_else(String::new, |address| format!("nameserver {address}\n"));
    fs::write(folder.join("resolv.conf"), text).context("writing resolv.conf")
}

/// Starts every host's servers and waits until each says that it is ready.
fn start(school: &School, running: &mut Running) -> Result<()> {
    let own = std::env::current_exe().context("finding this program")?;
    let responder = super::respond::program(&own)?;
    let mut waiting: Vec<(String, Child)> = Vec::new();
    let switches = school.switch.iter().map(|s| (s.name.as_str(), None, s.roles.as_slice(), false, true));
    let hosts = school
        .host
        .iter()
        .map(|h| (h.name.as_str(), h.hostname.as_deref(), h.roles.as_slice(), h.arp_only, false));
    for (name, hostname, roles, arp_only, is_switch) in switches.chain(hosts) {
        let routes = school.host.iter().any(|host| host.routes && host.name == name);
        if roles.is_empty() && !arp_only && !routes {
            continue;
        }
        let folder = running.folder.join(name);
        fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
        let node = roles::Node {
            school,
            name,
            hostname,
            folder: &folder,
            responder: &responder,
            arp_only,
            routes,
            is_switch,
        };
        let script = roles::script(&node, roles)?;
        fs::write(folder.join("node.sh"), script).context("writing a node's script")?;
        let log = fs::File::create(folder.join("log")).context("making a node's log")?;
        let mut child = running
            .command(name, "unshare")
            .args(["--pid", "--fork", "--kill-child=KILL", "--mount", "--uts", "--ipc", "bash"])
            .arg(folder.join("node.sh"))
            .stdin(Stdio::null())
            .stderr(log)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting host {name}"))?;
        running.nodes.push(child.id());
        let _ = child.stdin.take();
        waiting.push((name.to_owned(), child));
    }
    for (name, mut child) in waiting {
        let mut line = String::new();
        let out = child.stdout.take().context("reading a node's output")?;
        std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line)?;
        if line.trim() != "ready" {
            let log = fs::read_to_string(running.folder.join(&name).join("log")).unwrap_or_default();
            bail!("host {name} did not start: {}{}", line.trim(), tail(&log));
        }
    }
    Ok(())
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n  ")
}

/// Runs `ip -batch`, in a namespace where one is given.
pub(super) fn ip_batch(namespace: Option<&str>, commands: &str, force: bool) -> Result<()> {
    let mut command = Command::new("ip");
    if let Some(namespace) = namespace {
        command.args(["-n", namespace]);
    }
    if force {
        command.arg("-force");
    }
    let mut child = command
        .args(["-batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting ip")?;
    child.stdin.take().context("speaking to ip")?.write_all(commands.as_bytes())?;
    let output = child.wait_with_output().context("waiting for ip")?;
    if !output.status.success() && !force {
        bail!("ip refused: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

fn run_quietly(command: &mut Command) -> Result<()> {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().context("running a command")?;
    Ok(())
}
