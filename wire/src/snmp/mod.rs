//! SNMP v1, v2c and v3, reading only: requests to bytes, answers to values, without socket or clock.
//!
//! The only requests that exist here are Get, GetNext and GetBulk (promise S3: nothing is ever written to a
//! device). Answers are read leniently, since devices in the field take the encoding rules lightly; what can be
//! read of a half-broken answer is kept.

mod ber;
mod community;
mod oid;
mod pdu;
pub mod responder;
pub mod usm;
pub mod v3;
mod value;

pub use community::{Community, Version};
pub use oid::{NotAnOid, Oid};
pub use pdu::{Answer, AnswerKind, Binding, ErrorStatus, Request};
pub use value::Value;

/// The largest answer we say we take (octets). It is the largest UDP payload on purpose: some agents answer genErr
/// to a v3 GetBulk whose answer would not fit what the asker advertised.
pub const MAX_MESSAGE: u32 = 65_507;

/// Why bytes are no SNMP message that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes end before the message does, and nothing of it could be used.
    #[error("the message ends early")]
    Incomplete,
    /// The bytes contradict the encoding or the message format.
    #[error("no SNMP message: {0}")]
    Malformed(&'static str),
    /// The message speaks another version than expected.
    #[error("SNMP version number {0} was not expected")]
    Version(i64),
    /// An SNMPv3 message whose digest does not fit the key (RFC 3414, section 6.3.2).
    #[error("the digest does not fit the authentication key")]
    WrongDigest,
    /// An SNMPv3 message that cannot be decrypted with the privacy key (RFC 3826).
    #[error("the message cannot be decrypted with the privacy key")]
    Undecryptable,
}
