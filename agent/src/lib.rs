//! The agent: walks the networks that its scope file lists, and nothing else.

pub mod enrol;
pub mod link;
pub mod pause;
pub mod confine;
pub mod probe;
pub mod probes;
pub mod spool;
pub mod uplink;
