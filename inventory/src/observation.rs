//! An observation: what one probe saw of one subject at one moment.

use crate::{Fields, Mac, Timestamp};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// How we came to know a MAC address; a third party's word may match a device but never create one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MacProvenance {
    /// Told by a controller about somebody else.
    Controller,
    /// Read from a router's ARP table.
    RouterTable,
    /// Told by the device itself over SNMP or in an announcement.
    SelfReported,
    /// Seen by the agent in a frame that the device sent (ARP or NDP reply).
    OwnReply,
}

/// What an observation is about. Exactly one of address or domain names it; the MAC is absent where the privacy
/// filter removed it or where the device sits behind a router.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A device of the school's network.
    Device {
        /// Its address at the time.
        ip: IpAddr,
        /// Its MAC address, where known and allowed.
        mac: Option<(Mac, MacProvenance)>,
    },
    /// A domain of the school (lower case, A-labels, no trailing dot).
    Domain(String),
}

impl Subject {
    /// A short text that names the subject within one agent: `ip 10.0.0.1` or `domain schule.example`.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Device { ip, .. } => format!("ip {ip}"),
            Self::Domain(name) => format!("domain {name}"),
        }
    }
}

/// What one probe saw of one subject at one moment. Never changed once recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// What it is about.
    pub subject: Subject,
    /// The segment (scope entry) it was seen in, by its name in the scope file; empty for domains.
    pub segment: String,
    /// When it was seen, by the agent's clock.
    pub at: Timestamp,
    /// The probe that saw it, by its registered name.
    pub probe: String,
    /// What it saw.
    pub fields: Fields,
}
