//! The agent: walks the networks that its scope file lists, and nothing else.

pub mod probe;
pub mod probes;
