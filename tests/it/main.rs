//! The integration tests: one binary, one module per subject.

#![allow(
    clippy::disallowed_methods,
    reason = "tests start servers and read clocks; the product's rule is about the agent"
)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bad_input;
mod browser;
mod crowd;
mod failover;
mod fuzz;
mod killed;
mod lab;
mod mail;
mod matched;
mod pages;
mod post;
#[path = "../../store/src/suite/server.rs"]
#[allow(dead_code, reason = "the store's own tests use the rest")]
mod postgres_server;
mod search;
mod segments;
mod small;
mod spf;
mod story;
mod survey;
mod tidy;
mod told;
mod tried;
mod unprivileged;
mod whole;
mod workflow;
