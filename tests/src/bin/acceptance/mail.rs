//! Mail and DNS: the zones are served on loopback inside a network namespace of our own, the agent audits them, and
//! what it found is compared with what is there.

mod suite;

use anyhow::Result;
use std::path::Path;

/// Runs everything; true where all that was promised is reached.
#[expect(clippy::print_stdout, reason = "the table is the output")]
pub(crate) fn run(folder: &Path, _half: &str) -> Result<bool> {
    let suite = suite::run(&folder.join("rfc7208/rfc7208-tests.json"))?;
    println!("SPF suite of RFC 7208: {} of {} tests pass", suite.passed, suite.total);
    for miss in &suite.misses {
        println!("  {miss}");
    }
    Ok(suite.passed == suite.total)
}
