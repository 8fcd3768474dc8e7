//! The agent: walks the networks that its scope file lists, and nothing else.

pub mod audit;
pub mod cli;
pub mod clock;
pub mod confine;
pub mod credentials;
pub mod daemon;
pub mod enrol;
pub mod explain;
pub mod filter;
pub mod left_alone;
pub mod link;
pub mod log;
pub mod network;
pub mod output;
pub mod pace;
pub(crate) mod passive;
pub mod pause;
pub mod probe;
pub mod probes;
pub mod register;
pub mod runner;
pub mod scope;
pub mod spool;
mod sweep;
pub mod uplink;
pub mod walk;
