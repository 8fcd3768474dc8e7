//! The register of documented systems: what people typed, with its audit log, never overwritten by what machines saw.

mod ask;
mod doubles;
mod log;
mod row;
mod save;
mod sound;

pub(crate) use ask::{find, nearness};
pub(crate) use doubles::Index;
pub use log::AuditEntry;
pub(crate) use log::{audit, audit_many};
pub(crate) use row::{columns, system};
pub(crate) use save::{insert, set_room, update};
pub(crate) use sound::require_sound;

use serde::{Deserialize, Serialize};

/// A documented system. Days are texts `YYYY-MM-DD`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentedSystem {
    /// Its number; 0 for a new one.
    pub id: i64,
    /// Its school.
    pub school: i64,
    /// The version that was looked at before changing it; 0 for a new one.
    pub version: i64,
    /// Its kind: a kind of device, or `service`, `software`, `licence`, free text.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub purpose: String,
    /// The room it stands in.
    pub room: Option<i64>,
    /// Who answers for it, as a function: "IT-Koordination".
    pub owner: String,
    /// Who stands in.
    pub deputy: String,
    /// Who runs it.
    pub provider: String,
    /// First-level support.
    pub first_level: String,
    /// Second-level support.
    pub second_level: String,
    /// Whom to call.
    pub hotline: String,
    /// The contract: number, place.
    pub contract: String,
    /// The day the contract began.
    pub contract_from: Option<String>,
    /// The day the contract ends.
    pub contract_until: Option<String>,
    /// The day until which notice must be given.
    pub notice_until: Option<String>,
    /// The hours in which support answers.
    pub sla_hours: String,
    /// Hours until support reacts.
    pub sla_reaction_hours: Option<i64>,
    /// What kind of credentials there are: local account, certificate ...
    pub credentials_kind: String,
    /// Where the credentials are kept; never the credentials.
    pub credentials_place: String,
    /// Who else can get at them.
    pub credentials_deputy: String,
    /// The day on which somebody last checked that they work.
    pub credentials_checked: Option<String>,
    /// The day it was bought.
    pub purchased: Option<String>,
    /// The day its warranty ends.
    pub warranty_until: Option<String>,
    /// Its insurance.
    pub insurance: String,
    /// The day its licence ends.
    pub licence_until: Option<String>,
    /// Whether it processes personal data.
    pub personal_data: Option<bool>,
    /// The segment it belongs to.
    pub segment: String,
    /// The domain it stands for.
    pub domain: String,
    /// Its serial number.
    pub serial: String,
    /// Its MAC address.
    pub mac: String,
    /// Who may change it: "Träger, by ticket".
    pub changed_by: String,
    /// `planned`, `ordered`, `in-use`, `in-stock`, `in-repair`, `retired`.
    pub status: String,
    /// Anything else.
    pub notes: String,
    /// The asset it stands for.
    pub asset: Option<i64>,
}

/// What a system's status may be.
pub const STATUSES: &[&str] = &["planned", "ordered", "in-use", "in-stock", "in-repair", "retired"];
