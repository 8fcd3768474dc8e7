//! What is known of one school when a survey is answered: pure values, filled by the store.

use super::bounds::Truth;
use super::formula::Noun;
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

/// One element that a formula looks at.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "each variant is the element of that noun")]
pub enum Subject<'a> {
    Asset(&'a SurveyAsset),
    Room(&'a Room),
    System(&'a System),
    Link(&'a Link),
    Document(&'a Document),
    Finding(&'a OpenFinding),
    Domain(&'a Domain),
    Site(&'a Site),
}

/// The value of one field of an element.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    /// A word or text.
    Text(String),
    /// A number.
    Number(f64),
    /// A flag.
    Flag(bool),
    /// A date.
    Date(Timestamp),
    /// Several words.
    List(Vec<String>),
}

impl Subject<'_> {
    /// Identifier and readable name.
    #[must_use]
    pub fn named(&self) -> (String, String) {
        match self {
            Self::Asset(asset) => (asset.id.clone(), asset.label.clone()),
            Self::Room(room) => (room.name.clone(), room.name.clone()),
            Self::System(system) => (system.id.clone(), system.name.clone()),
            Self::Link(link) => (link.id.clone(), link.id.clone()),
            Self::Document(document) => (document.id.clone(), document.title.clone()),
            Self::Finding(finding) => (finding.id.clone(), format!("{} – {}", finding.rule, finding.subject)),
            Self::Domain(domain) => (domain.name.clone(), domain.name.clone()),
            Self::Site(site) => (site.name.clone(), site.name.clone()),
        }
    }

    /// Whether the element is really there. A documented device that is not seen may be switched off or gone.
    #[must_use]
    pub const fn exists(&self) -> Truth {
        match self {
            Self::Asset(asset) if asset.seen || (asset.documented && !asset.networked) => Truth::Yes,
            Self::Asset(asset) if asset.documented => Truth::Probably,
            Self::Asset(_) => Truth::Unlikely,
            _ => Truth::Yes,
        }
    }

    /// The value of a field, where known.
    #[must_use]
    pub fn field(&self, name: &str, view: &SurveyView) -> Option<Datum> {
        match self {
            Self::Asset(asset) => asset_field(asset, name, view),
            Self::Room(room) => match name {
                "kind" => text(&room.kind),
                "wifi" => room.wifi.map(Datum::Flag),
                "lan" => room.lan.map(Datum::Flag),
                "teacher_pc" => room.teacher_pc.map(Datum::Flag),
                "document_camera" => room.document_camera.map(Datum::Flag),
                _ => None,
            },
            Self::System(system) => system_field(system, name),
            Self::Link(link) => match name {
                "technology" => maybe(link.technology.as_ref()),
                "down" => link.down.map(Datum::Number),
                "up" => link.up.map(Datum::Number),
                "role" => text(&link.role),
                "status" => text(&link.status),
                _ => None,
            },
            Self::Document(document) => match name {
                "kind" => text(&document.kind),
                "status" => text(&document.status),
                "date" => document.date.map(Datum::Date),
                "age_months" => document.date.map(|date| Datum::Number(years(date, view.as_of) * 12.0)),
                _ => None,
            },
            Self::Finding(finding) => match name {
                "rule" => text(&finding.rule),
                "subject" => text(&finding.subject),
                _ => None,
            },
            Self::Domain(domain) => match name {
                "name" => text(&domain.name),
                "checked" => Some(Datum::Flag(domain.checked)),
                "spf" => domain.spf.map(Datum::Flag),
                "dkim" => domain.dkim.map(Datum::Flag),
                "dmarc" => domain.dmarc.map(Datum::Flag),
                "mail_host" => maybe(domain.mail_host.as_ref()),
                _ => None,
            },
            Self::Site(site) => match name {
                "role" => text(&site.role),
                "agent" => Some(Datum::Flag(site.agent)),
                _ => None,
            },
        }
    }
}

fn asset_field(asset: &SurveyAsset, name: &str, view: &SurveyView) -> Option<Datum> {
    match name {
        "kind" => asset.kind.and_then(|kind| text(kind.name())),
        "vendor" => maybe(asset.vendor.as_ref()),
        "model" => maybe(asset.model.as_ref()),
        "room" => maybe(asset.room.as_ref()),
        "room_kind" => {
            let room = asset.room.as_ref()?;
            view.rooms.iter().find(|known| known.name == *room).and_then(|room| text(&room.kind))
        }
        "placed" => Some(Datum::Flag(asset.room.is_some())),
        "documented" => Some(Datum::Flag(asset.documented)),
        "seen" => Some(Datum::Flag(asset.seen)),
        "networked" => Some(Datum::Flag(asset.networked)),
        "confidence" => text(match asset.confidence {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }),
        "age" => asset.bought.map(|bought| Datum::Number(years(bought, view.as_of))),
        "service" => Some(Datum::List(asset.services.clone())),
        "generation" => maybe(asset.generation.as_ref()),
        "managed" => asset.managed.map(Datum::Flag),
        "poe" => asset.poe.map(Datum::Flag),
        "supported" => asset.supported.map(Datum::Flag),
        "plaintext" => asset.plaintext.map(Datum::Flag),
        _ => None,
    }
}

fn system_field(system: &System, name: &str) -> Option<Datum> {
    // An empty place in the register is a known gap, so "is the owner there" is answered with no and not with unknown.
    let entered =
        |value: Option<&String>| value.map_or(Some(Datum::Flag(false)), |v| Some(Datum::Text(v.clone())));
    match name {
        "kind" => text(&system.kind),
        "product" => maybe(system.product.as_ref()),
        "owner" => entered(system.owner.as_ref()),
        "deputy" => entered(system.deputy.as_ref()),
        "provider" => entered(system.provider.as_ref()),
        "credentials" => entered(system.credentials.as_ref()),
        "contract" => entered(system.contract.as_ref()),
        "specification" => entered(system.specification.as_ref()),
        "reaction_hours" => system.reaction_hours.map(Datum::Number),
        "hosting" => maybe(system.hosting.as_ref()),
        "seen" => system.seen.map(Datum::Flag),
        _ => None,
    }
}

fn text(word: &str) -> Option<Datum> {
    (!word.is_empty()).then(|| Datum::Text(word.to_owned()))
}

fn maybe(word: Option<&String>) -> Option<Datum> {
    word.and_then(|word| text(word))
}

/// Years between two moments, never negative.
#[must_use]
pub fn years(from: Timestamp, to: Timestamp) -> f64 {
    let seconds = i32::try_from((to.seconds() - from.seconds()).max(0) / 60).unwrap_or(i32::MAX);
    f64::from(seconds) / (365.25 * 24.0 * 60.0)
}
