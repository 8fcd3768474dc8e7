//! The questions that pages ask: lists and details, one file per page.

pub mod assets;
pub mod assigned;
pub mod collected;
pub mod counters;
pub mod finding_list;
pub mod findings;
pub mod log;
pub mod overview;
pub mod ports;
pub mod reconcile;
pub mod register;
pub mod responsible;
pub mod school;
pub mod slices;
pub mod survey;
pub mod week;

use rundgang_inventory::Timestamp;
use serde::Deserialize;

/// Days of silence after which an agent counts as silent.
pub const SILENT_DAYS: i64 = 2;
/// Days for which a completed round counts as covering its segment.
pub const FRESH_DAYS: i64 = 8;

/// One line of an agent's scope, as the box declared it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ScopeLine {
    /// The name of the segment.
    pub name: String,
    /// Its network in CIDR notation.
    pub network: String,
    /// `infrastructure`, `managed`, `mixed` or `personal`.
    pub class: String,
    /// What the network is for.
    pub purpose: String,
    /// Who authorised the walk.
    pub authorised_by: String,
    /// On which legal basis.
    pub legal_basis: String,
    /// The date on which the staff council was involved.
    pub staff_council_date: String,
    /// The last day of the authorisation.
    pub valid_until: String,
}

/// Reads the scope that an agent declared; what does not read is no line.
#[must_use]
pub fn scope_lines(json: &str) -> Vec<ScopeLine> {
    serde_json::from_str(json).unwrap_or_default()
}

/// Whether an agent that last spoke then counts as silent.
#[must_use]
pub fn is_silent(last_contact: Option<Timestamp>, now: Timestamp) -> bool {
    last_contact.is_none_or(|at| at.plus_days(SILENT_DAYS) < now)
}
