//! The contract between agent and collector: generated code and nothing else.

#![allow(missing_docs, clippy::all, clippy::pedantic, unreachable_pub)]

/// Version 1 of the contract.
pub mod v1 {
    tonic::include_proto!("rundgang.v1");
}
