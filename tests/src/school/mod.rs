//! A school described as data: its hosts, the servers they run, and the inventory a good walk must yield.

pub mod capture;
pub mod ledger;
pub mod play;
pub mod respond;
mod roles;
mod wires;

pub use wires::{Segment, Wire};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, Ipv6Addr},
    path::Path,
};

/// A school: one network, or several behind a router, with switches, hosts and DNS zones.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct School {
    /// What people call it.
    pub name: String,
    /// Its IPv4 network in CIDR notation; all of its segments lie in it.
    pub network: String,
    /// Its segments, where it is not one flat network.
    #[serde(default)]
    pub segment: Vec<Segment>,
    /// Where the agent's box is plugged in.
    pub agent: AgentBox,
    /// SNMP community that its devices answer to.
    pub community: String,
    /// Switches: namespaces that contain a bridge.
    pub switch: Vec<Switch>,
    /// Everything else.
    pub host: Vec<Host>,
    /// DNS zones that the host with the `knot` role serves.
    #[serde(default)]
    pub zone: Vec<Zone>,
}

/// The box the agent runs on.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentBox {
    /// Its address.
    pub address: Ipv4Addr,
    /// Its MAC address.
    pub mac: String,
    /// The switch it hangs on.
    pub switch: String,
    /// Its further network cards.
    #[serde(default)]
    pub also: Vec<Wire>,
}

/// A switch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// Its short name; interface names are made of it, so at most ten characters.
    pub name: String,
    /// Its management address.
    pub address: Ipv4Addr,
    /// Its MAC address.
    pub mac: String,
    /// The switch its uplink goes to; absent for the core.
    pub uplink: Option<String>,
    /// What it runs besides the bridge.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// What a walk must say of it.
    pub expect: Expect,
}

/// A host.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Its short name; interface names are made of it, so at most ten characters.
    pub name: String,
    /// Its IPv4 address; absent for a host that speaks IPv6 only.
    pub address: Option<Ipv4Addr>,
    /// Its link-local IPv6 address where a test names it.
    pub address6: Option<Ipv6Addr>,
    /// Its MAC address.
    pub mac: String,
    /// The switch it hangs on.
    pub switch: String,
    /// Its further network cards.
    #[serde(default)]
    pub also: Vec<Wire>,
    /// Whether it forwards between its networks: then it is the way out of each of them.
    #[serde(default)]
    pub routes: bool,
    /// The host name it knows of itself; its short name otherwise.
    pub hostname: Option<String>,
    /// Drops every IP packet, so that it answers ARP alone.
    #[serde(default)]
    pub arp_only: bool,
    /// The servers it runs.
    #[serde(default)]
    pub roles: Vec<Role>,
    /// Words that must not appear in any stream, spool, log or database.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// What a walk must say of it.
    pub expect: Expect,
}

/// What a walk must say of a host.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Expect {
    /// Kept as itself, with these attributes (absent ones are not judged).
    Device(ExpectDevice),
    /// `"counted"`: no line of its own, one more in a count.
    Counted(CountedWord),
}

/// The word `counted`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CountedWord {
    /// The device moves a counter and nothing else.
    Counted,
}

/// Attributes a walk must find.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpectDevice {
    /// Its kind.
    pub kind: String,
    /// Its vendor.
    pub vendor: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// Its serial number.
    pub serial: Option<String>,
    /// A service that must be listed.
    pub service: Option<String>,
    /// Its MAC must not be told (locally administered).
    #[serde(default)]
    pub without_mac: bool,
    /// No packet but ARP or ICMP may reach it.
    #[serde(default)]
    pub hands_off: bool,
}

/// A DNS zone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Its name, without a trailing dot.
    pub name: String,
    /// Its records in master file format (RFC 1035, section 5).
    pub records: String,
    /// Whether it only stands above the school's own domains.
    #[serde(default)]
    pub is_parent: bool,
}

/// One server on a host.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "run", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Role {
    /// dnsmasq: DHCP and a forwarding resolver.
    Dnsmasq {
        /// Where it forwards to.
        forward: Ipv4Addr,
    },
    /// knot: authoritative DNS for all zones.
    Knot,
    /// postfix and dovecot with a self-signed certificate.
    Mail {
        /// The name they greet with.
        hostname: String,
    },
    /// nginx over HTTP and HTTPS.
    Nginx {
        /// The name in the certificate.
        hostname: String,
        /// The page: `moodle`, or a plain title.
        page: String,
        /// First and last day of the certificate, `YYYY-MM-DD`.
        valid: (String, String),
    },
    /// smbd without shares.
    Samba,
    /// avahi with static services.
    Avahi {
        /// The services announced.
        services: Vec<Announced>,
    },
    /// ippeveprinter on port 631 with its own announcements.
    Ippeveprinter {
        /// Name of the print queue.
        queue: String,
        /// Maker.
        make: String,
        /// Model.
        model: String,
    },
    /// snmpd with the identity and objects given.
    Snmpd {
        /// sysDescr.
        descr: String,
        /// sysObjectID.
        object_id: String,
        /// sysName; the host's name otherwise.
        name: Option<String>,
        /// sysLocation.
        #[serde(default)]
        location: String,
        /// Whether the community `public` answers too.
        #[serde(default)]
        public: bool,
        /// Further objects: OID, net-snmp type name, value.
        #[serde(default)]
        objects: Vec<(String, String, String)>,
    },
    /// lldpd, feeding LLDP-MIB to snmpd where the host runs one.
    Lldpd,
    /// kamailio answering OPTIONS.
    Kamailio {
        /// The Server header.
        server: String,
    },
    /// A small responder of this crate.
    Respond {
        /// Its name: see [`respond`].
        what: String,
        /// Its argument.
        #[serde(default)]
        with: Vec<String>,
    },
}

/// One static DNS-SD service.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Announced {
    /// Instance name.
    pub name: String,
    /// Service type.
    #[serde(rename = "type")]
    pub service: String,
    /// Port.
    pub port: u16,
    /// TXT pairs.
    #[serde(default)]
    pub txt: Vec<String>,
}

impl School {
    /// Reads a description and checks that it can be played.
    ///
    /// # Errors
    /// Says what is wrong with the file or the description.
    pub fn load(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("reading the school description {}", path.display()))?;
        Self::read(&text).with_context(|| format!("reading {}", path.display()))
    }

    /// The same from its text.
    ///
    /// # Errors
    /// Says what is wrong with the description.
    pub fn read(text: &str) -> Result<Self> {
        let school: Self = toml::from_str(text).context("understanding the description")?;
        school.check().context("checking the description")?;
        Ok(school)
    }

    fn check(&self) -> Result<()> {
        let switches: BTreeSet<&str> = self.switch.iter().map(|switch| switch.name.as_str()).collect();
        let mut names = BTreeSet::new();
        let all =
            self.switch.iter().map(|s| s.name.as_str()).chain(self.host.iter().map(|h| h.name.as_str()));
        for name in all {
            if name.len() > 10 || !names.insert(name) {
                bail!("the name '{name}' is used twice or longer than ten characters");
            }
        }
        for wire in self.wires() {
            if !switches.contains(wire.switch) {
                bail!("{} hangs on the unknown switch '{}'", wire.host, wire.switch);
            }
        }
        for segment in &self.segment {
            segment.bounds().with_context(|| format!("reading the network of {}", segment.name))?;
        }
        Ok(())
    }
}
