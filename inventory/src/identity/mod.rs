//! Identity: which keys name a device, how far each may be trusted, and to which asset a set of keys belongs.
//!
//! The rules in one place: a strong key told by the device itself may create an asset; a third party's word may match
//! one but never creates one; a locally administered MAC names nothing; an address is a weak key that holds only as
//! long as nobody else sits there; and where two assets fit, neither is taken.

mod keys;
mod resolve;

pub use keys::{Key, KeyKind, keys_of};
pub use resolve::{
    AssetId, Circumstances, Holder, KeyTable, Known, Resolution, Resolved, Whereabouts, resolve,
};
