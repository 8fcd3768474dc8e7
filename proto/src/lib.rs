//! The contract between agent and collector: generated code, and the text of an invitation.

pub mod carried;
pub mod invitation;

pub use prost::Message;

/// How a collector's answer begins while nobody has approved the agent; what a person has to type follows.
pub const WAITS: &str = "this agent waits until a person approves it";

/// Version 1 of the contract.
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]
pub mod v1 {
    tonic::include_proto!("rundgang.v1");
}
