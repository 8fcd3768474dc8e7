//! temporary
use rundgang_inventory::*;
pub struct Outcome { pub unknown: Vec<Reference> }
pub fn append_batch(_t: &rundgang_store::Traeger, _a: i64, _s: u64, _e: &[Entry], _n: Timestamp) -> rundgang_store::Result<Outcome> { Ok(Outcome{unknown: vec![]}) }
