//! The ledger on every switch port a box hangs on: which address and port it ever sent a packet to, counted by the kernel.

use super::{School, play::Running};
use anyhow::{Context, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write as _,
    net::{Ipv4Addr, Ipv6Addr},
    process::{Command, Stdio},
    str::FromStr,
};

/// What left the agent's port.
#[derive(Debug, Default)]
pub struct Ledger {
    /// IPv4 packets by destination.
    pub packets: BTreeMap<Ipv4Addr, u64>,
    /// TCP connection attempts by destination and port.
    pub connections: BTreeMap<(Ipv4Addr, u16), u64>,
    /// UDP datagrams by destination and port.
    pub datagrams: BTreeMap<(Ipv4Addr, u16), u64>,
    /// IPv6 packets by destination, ICMPv6 among them.
    pub packets6: BTreeMap<Ipv6Addr, u64>,
    /// UDP datagrams and TCP connection attempts over IPv6, by destination and port.
    pub reached6: BTreeSet<(Ipv6Addr, u16)>,
    /// ARP frames.
    pub arp: u64,
    /// All frames, of every protocol.
    pub frames: u64,
    /// Frames beyond 200 a second in all.
    pub over_total: u64,
    /// What these were: destination, protocol number and port.
    pub over: BTreeMap<String, u64>,
    /// Frames beyond 40 a second to one host.
    pub over_host: u64,
}

/// Puts a ledger on each switch port that a box hangs on: the agent's, and those of hosts called after it. Bursts allow
/// for one scheduling tick of slack.
pub(super) fn install(school: &School, running: &Running) -> Result<()> {
    let boxes: BTreeSet<&str> = school.wires().map(|card| card.host).filter(|host| is_box(host)).collect();
    for host in boxes {
        for card in school.wires().filter(|card| card.host == host) {
            install_at(running, card.switch, &card.port())?;
        }
    }
    Ok(())
}

fn is_box(host: &str) -> bool {
    host.starts_with("agent")
}

/// Rules for one port; its table is called after it.
fn install_at(running: &Running, switch: &str, port: &str) -> Result<()> {
    let rules = format!("table bridge {} {{{RULES}", table(port)).replace("PORT", port);
    let mut child = running
        .command(switch, "nft")
        .args(["-f", "-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting nft")?;
    child.stdin.take().context("speaking to nft")?.write_all(rules.as_bytes())?;
    let output = child.wait_with_output()?;
    anyhow::ensure!(
        output.status.success(),
        "nft refused the ledger: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

fn table(port: &str) -> String {
    format!("ledger_{}", port.replace('-', "_"))
}

/// What a table counts of the port `PORT`.
const RULES: &str = "
  set packets { type ipv4_addr; flags dynamic; counter; size 65536; }
  set connections { type ipv4_addr . inet_service; flags dynamic; counter; size 65536; }
  set datagrams { type ipv4_addr . inet_service; flags dynamic; counter; size 65536; }
  set reached6 { type ipv6_addr . inet_service; flags dynamic; counter; size 65536; }
  set packets6 { type ipv6_addr; flags dynamic; counter; size 65536; }
  set over { type ipv4_addr . inet_proto . inet_service; flags dynamic; counter; size 65536; }
  set pace { type ipv4_addr; flags dynamic; size 65536; }
  counter frames { }
  counter arp_frames { }
  counter over_total { }
  counter over_host { }
  chain beyond {
    ether type ip meta l4proto { tcp, udp } update @over { ip daddr . meta l4proto . th dport }
  }
  chain from_agent {
    type filter hook prerouting priority -200; policy accept;
    iifname != \"PORT\" return
    counter name frames
    limit rate over 200/second burst 40 packets counter name over_total jump beyond
    ether type arp counter name arp_frames
    ether type ip update @packets { ip daddr }
    ether type ip6 update @packets6 { ip6 daddr }
    ether type ip tcp flags & (syn | ack) == syn update @connections { ip daddr . tcp dport }
    ether type ip6 tcp flags & (syn | ack) == syn update @reached6 { ip6 daddr . tcp dport }
    ether type ip6 meta l4proto udp update @reached6 { ip6 daddr . udp dport }
    ether type ip meta l4proto udp update @datagrams { ip daddr . udp dport }
    ether type ip update @pace { ip daddr limit rate over 40/second burst 20 packets } counter name over_host
  }
}
";

/// Reads the ledgers of the agent's box, all its cards together.
///
/// # Errors
/// Where nft does not answer as expected.
pub fn read(school: &School, running: &Running) -> Result<Ledger> {
    let mut all = Ledger::default();
    for card in read_cards(school, running, "agent")? {
        all.add(card);
    }
    Ok(all)
}

/// Reads the ledgers of one box, one for each of its cards in order.
///
/// # Errors
/// Where nft does not answer as expected.
pub fn read_cards(school: &School, running: &Running, host: &str) -> Result<Vec<Ledger>> {
    let cards = school.wires().filter(|card| card.host == host);
    cards.map(|card| read_at(running, card.switch, &card.port())).collect()
}

fn read_at(running: &Running, switch: &str, port: &str) -> Result<Ledger> {
    let mut command: Command = running.command(switch, "nft");
    let output =
        command.args(["-j", "list", "table", "bridge", &table(port)]).output().context("asking nft")?;
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).context("reading nft's answer")?;
    let mut ledger = Ledger::default();
    for object in json["nftables"].as_array().into_iter().flatten() {
        ledger.take(object)?;
    }
    Ok(ledger)
}

impl Ledger {
    /// Takes one counter or set of nft's answer.
    fn take(&mut self, object: &serde_json::Value) -> Result<()> {
        if let Some(counter) = object.get("counter") {
            let packets = counter["packets"].as_u64().unwrap_or_default();
            match counter["name"].as_str().unwrap_or_default() {
                "frames" => self.frames = packets,
                "arp_frames" => self.arp = packets,
                "over_total" => self.over_total = packets,
                "over_host" => self.over_host = packets,
                _ => {}
            }
        }
        let Some(set) = object.get("set") else { return Ok(()) };
        for element in set["elem"].as_array().into_iter().flatten() {
            let count = element["elem"]["counter"]["packets"].as_u64().unwrap_or_default();
            let value = &element["elem"]["val"];
            match set["name"].as_str().unwrap_or_default() {
                "packets" => {
                    self.packets.insert(address(value)?, count);
                }
                "packets6" => {
                    self.packets6.insert(address(value)?, count);
                }
                "reached6" => {
                    self.reached6.insert(pair(value)?);
                }
                "over" => {
                    self.over.insert(value.to_string(), count);
                }
                "connections" => {
                    self.connections.insert(pair(value)?, count);
                }
                "datagrams" => {
                    self.datagrams.insert(pair(value)?, count);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds what another card sent.
    fn add(&mut self, card: Self) {
        fn sum<K: Ord>(into: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
            for (key, count) in more {
                *into.entry(key).or_default() += count;
            }
        }
        sum(&mut self.packets, card.packets);
        sum(&mut self.packets6, card.packets6);
        sum(&mut self.connections, card.connections);
        sum(&mut self.datagrams, card.datagrams);
        sum(&mut self.over, card.over);
        self.reached6.extend(card.reached6);
        self.arp += card.arp;
        self.frames += card.frames;
        self.over_total += card.over_total;
        self.over_host += card.over_host;
    }
}

fn address<A: FromStr>(value: &serde_json::Value) -> Result<A> {
    let text = value.as_str().context("an address in nft's answer")?;
    text.parse().ok().with_context(|| format!("reading the address {text}"))
}

fn pair<A: FromStr>(value: &serde_json::Value) -> Result<(A, u16)> {
    let parts = value["concat"].as_array().context("a pair in nft's answer")?;
    let port = parts.get(1).and_then(serde_json::Value::as_u64).context("a port in nft's answer")?;
    Ok((address(parts.first().context("an address in nft's answer")?)?, u16::try_from(port)?))
}
