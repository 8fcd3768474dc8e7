//! SNMP, reading only: who a device is in two Gets, then a few named tables of devices that stand it.

mod client;
mod counters;
mod credential;
mod forwarding;
mod gather;
mod identify;
mod neighbours;
mod public;
mod radio;
mod tables;
mod tasks;
#[cfg(test)]
mod tests;
mod walk;

pub(super) use identify::SNMP;
pub(super) use public::SNMP_PUBLIC;
pub(super) use walk::SNMP_WALK;

/// The agent's port of every SNMP version.
const PORT: u16 = 161;
