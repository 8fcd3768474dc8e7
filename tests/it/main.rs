//! The integration tests: one binary, one module per subject.

#![allow(
    clippy::disallowed_methods,
    reason = "tests start servers and read clocks; the product's rule is about the agent"
)]

mod lab;
mod tidy;
