//! What is known of one school when a survey is answered: pure values, filled by the store.

use super::formula::Noun;
pub use super::subject::{Datum, Subject};
use crate::{Confidence, Kind, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Everything known of one school (or of the Träger itself) at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SurveyView {
    /// The moment the answers are for.
    pub as_of: Timestamp,
    /// The school's identifier, empty for the Träger itself.
    pub school: String,
    /// The school's name.
    pub name: String,
    /// Devices, found or documented.
    pub assets: Vec<SurveyAsset>,
    /// The room list.
    pub rooms: Vec<Room>,
    /// The register of documented systems.
    pub systems: Vec<System>,
    /// Lines to the outside.
    pub links: Vec<Link>,
    /// Filed documents.
    pub documents: Vec<Document>,
    /// Open findings.
    pub findings: Vec<OpenFinding>,
    /// Mail and web domains.
    pub domains: Vec<Domain>,
    /// Buildings and sites.
    pub sites: Vec<Site>,
    /// What a person entered for the school, by name.
    pub facts: BTreeMap<String, Fact>,
    /// Peaks of counters by name, not rounded; rounding is the page's duty (promise P3).
    pub counters: BTreeMap<String, u32>,
    /// How much was walked.
    pub walked: Walked,
    /// Lists of the register a person keeps complete: what is not in them does not exist.
    pub kept: BTreeSet<String>,
}

/// A device, found or documented.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SurveyAsset {
    /// Identifier, for the link to its page.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// What it is; absent where not recognised.
    pub kind: Option<Kind>,
    /// How sure the kind is.
    pub confidence: Confidence,
    /// Vendor, where known.
    pub vendor: Option<String>,
    /// Model, where known.
    pub model: Option<String>,
    /// The room, where somebody assigned one.
    pub room: Option<String>,
    /// Whether the register knows it.
    pub documented: bool,
    /// Whether it was seen in the last completed rounds.
    pub seen: bool,
    /// Whether it is in the network at all; a documented projector on a cable is not.
    pub networked: bool,
    /// When it was bought, where the register says so.
    pub bought: Option<Timestamp>,
    /// When it was first seen.
    pub first_seen: Option<Timestamp>,
    /// Services seen on it.
    pub services: Vec<String>,
    /// WLAN generation of an access point: `wifi-4` to `wifi-7`.
    pub generation: Option<String>,
    /// Whether it answers management requests (SNMP, LLDP).
    pub managed: Option<bool>,
    /// Whether it supplies power over Ethernet.
    pub poe: Option<bool>,
    /// Whether the vendor still supports it.
    pub supported: Option<bool>,
    /// Whether it answers the default SNMP community or unencrypted management.
    pub plaintext: Option<bool>,
}

impl SurveyAsset {
    /// A device of which nothing is known but what people call it: surely one, in the network, documented and seen.
    #[must_use]
    pub fn called(id: &str, label: &str) -> Self {
        Self {
            id: id.to_owned(),
            label: label.to_owned(),
            kind: None,
            confidence: Confidence::High,
            vendor: None,
            model: None,
            room: None,
            documented: true,
            seen: true,
            networked: true,
            bought: None,
            first_seen: None,
            services: Vec::new(),
            generation: None,
            managed: None,
            poe: None,
            supported: None,
            plaintext: None,
        }
    }
}

/// A room of the room list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Its name or number, unique in the school.
    pub name: String,
    /// `class`, `subject`, `office`, `technical`, `other`.
    pub kind: String,
    /// Whether a person confirmed that WLAN works here.
    pub wifi: Option<bool>,
    /// Whether there are network sockets.
    pub lan: Option<bool>,
    /// Whether there is a teacher's workplace.
    pub teacher_pc: Option<bool>,
    /// Whether there is a document camera.
    pub document_camera: Option<bool>,
}

/// A documented system of the register.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct System {
    /// Identifier, for the link to its page.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `lms`, `mail`, `cloud`, `video`, `idm`, `firewall`, `filter`, `mdm`, … or a kind of device.
    pub kind: String,
    /// The product, where entered.
    pub product: Option<String>,
    /// Who is responsible.
    pub owner: Option<String>,
    /// Who stands in.
    pub deputy: Option<String>,
    /// Who provides it.
    pub provider: Option<String>,
    /// Where the credentials are kept.
    pub credentials: Option<String>,
    /// The contract.
    pub contract: Option<String>,
    /// The specification of services.
    pub specification: Option<String>,
    /// Agreed reaction time in hours.
    pub reaction_hours: Option<f64>,
    /// `school`, `traeger`, `provider`, `state`.
    pub hosting: Option<String>,
    /// Whether the machine saw it too.
    pub seen: Option<bool>,
}

/// A line to the outside.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Identifier or name.
    pub id: String,
    /// `fibre`, `hfc`, `vdsl`, `radio`.
    pub technology: Option<String>,
    /// Contracted Mbit/s towards the school.
    pub down: Option<f64>,
    /// Contracted Mbit/s from the school.
    pub up: Option<f64>,
    /// `primary` or `backup`.
    pub role: String,
    /// `active`, `ordered`, `planned`.
    pub status: String,
}

/// A filed document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Identifier.
    pub id: String,
    /// `mep`, `medienkonzept`, `finanzplan`, `beschluss`, `ausbaustrategie`, `ausstattungskonzept`, …
    pub kind: String,
    /// Title.
    pub title: String,
    /// `draft` or `final`.
    pub status: String,
    /// Its date.
    pub date: Option<Timestamp>,
}

/// An open finding.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenFinding {
    /// Identifier, for the link to its page.
    pub id: String,
    /// The rule.
    pub rule: String,
    /// What it is about, readable.
    pub subject: String,
}

/// A mail or web domain and what its records look like; absent where not looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// The name.
    pub name: String,
    /// Whether its records were looked up.
    pub checked: bool,
    /// Whether SPF is in order.
    pub spf: Option<bool>,
    /// Whether DKIM is in order, as far as its selectors are known.
    pub dkim: Option<bool>,
    /// Whether DMARC is in order.
    pub dmarc: Option<bool>,
    /// The domain its mail goes to.
    pub mail_host: Option<String>,
}

/// A building or site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// `main` or `branch`.
    pub role: String,
    /// Whether an agent walks it.
    pub agent: bool,
}

/// What a person entered for the school.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The value as text; numbers with a decimal point, dates as `YYYY-MM-DD`, `none` for "there is none".
    pub value: String,
    /// When it was entered.
    pub at: Timestamp,
    /// Who entered it.
    pub by: String,
}

/// How much of the school was walked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walked {
    /// Segments that should be walked.
    pub expected: u32,
    /// Segments that a completed round covered.
    pub covered: u32,
    /// Agents that have been silent for too long, by name.
    pub silent: Vec<String>,
    /// When the last round ended.
    pub last_round: Option<Timestamp>,
}

impl Walked {
    /// Whether every segment was walked and no agent is silent.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.expected > 0 && self.covered >= self.expected && self.silent.is_empty()
    }
}

impl SurveyView {
    /// Whether every device of a kind must be among the assets: all segments were walked, and the kind always is in
    /// the network or a person keeps its list complete (a fact `complete.KIND`, or `kept` holding the kind's name).
    #[must_use]
    pub fn lists_all(&self, kind: Kind) -> bool {
        self.walked.is_complete() && (is_always_networked(kind) || self.kept.contains(kind.name()))
    }

    /// Whether a list of the register is complete: rooms, links and sites once they are entered, others where a
    /// person says so.
    #[must_use]
    pub fn keeps(&self, noun: Noun) -> bool {
        match noun {
            Noun::Asset => false,
            Noun::Room => !self.rooms.is_empty(),
            Noun::Link => !self.links.is_empty(),
            Noun::Site => !self.sites.is_empty(),
            Noun::Finding => self.walked.is_complete(),
            Noun::Domain => !self.domains.is_empty(),
            Noun::System | Noun::Document => self.kept.contains(noun.word()),
        }
    }

    /// Every element of a noun.
    #[must_use]
    pub fn subjects(&self, noun: Noun) -> Vec<Subject<'_>> {
        match noun {
            Noun::Asset => self.assets.iter().map(Subject::Asset).collect(),
            Noun::Room => self.rooms.iter().map(Subject::Room).collect(),
            Noun::System => self.systems.iter().map(Subject::System).collect(),
            Noun::Link => self.links.iter().map(Subject::Link).collect(),
            Noun::Document => self.documents.iter().map(Subject::Document).collect(),
            Noun::Finding => self.findings.iter().map(Subject::Finding).collect(),
            Noun::Domain => self.domains.iter().map(Subject::Domain).collect(),
            Noun::Site => self.sites.iter().map(Subject::Site).collect(),
        }
    }
}

/// Kinds that cannot do their work without the network. Boards, projectors and document cameras can, and an
/// unmanaged switch is in it without an address.
#[must_use]
pub const fn is_always_networked(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::AccessPoint
            | Kind::WlanController
            | Kind::Router
            | Kind::Firewall
            | Kind::Server
            | Kind::Nas
            | Kind::ManagementController
            | Kind::DeviceServer
    )
}

/// Years between two moments, never negative.
#[must_use]
pub fn years(from: Timestamp, to: Timestamp) -> f64 {
    let seconds = i32::try_from((to.seconds() - from.seconds()).max(0) / 60).unwrap_or(i32::MAX);
    f64::from(seconds) / (365.25 * 24.0 * 60.0)
}
