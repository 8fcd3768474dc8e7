//! The integration tests: one binary, one module per subject.

#![allow(
    clippy::disallowed_methods,
    reason = "tests start servers and read clocks; the product's rule is about the agent"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod browser;
mod lab;
mod pages;
mod tidy;
mod whole;
