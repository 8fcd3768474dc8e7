//! The agent: walks the networks that its scope file lists, and nothing else.

pub mod confine;
pub mod enrol;
pub mod link;
pub mod pause;
pub mod probe;
pub mod probes;
pub mod spool;
pub mod uplink;
