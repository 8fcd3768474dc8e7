//! The contract between agent and collector: generated code, and the text of an invitation.

pub mod carried;
pub mod invitation;

pub use prost::Message;

/// Version 1 of the contract.
#[allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub, reason = "generated code")]
pub mod v1 {
    tonic::include_proto!("rundgang.v1");
}
