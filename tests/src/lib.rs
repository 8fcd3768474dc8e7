//! What the tests stand on: schools described as data and played by real servers in network namespaces.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "test programs speak on the terminal")]
#![allow(
    clippy::disallowed_methods,
    reason = "servers and clients of the simulated school open sockets and read clocks; the product's rule is about the agent"
)]

pub mod browser;
pub mod measured;
pub mod school;
pub mod skip;
pub mod whole;
