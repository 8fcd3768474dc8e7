//! The audit of a domain's mail and DNS records, all pure: which look-ups it needs, what they mean, what to change.

pub mod lookup;
pub mod spf;
pub mod tags;
