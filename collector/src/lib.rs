//! The collector: keeps the book of what agents saw, enrols them, and answers people.

mod advice;
pub mod authority;
pub mod cli;
pub mod conversation;
mod door;
pub mod example;
pub mod files;
mod hearing;
pub mod ingest;
pub mod invitation;
pub mod lists;
mod oidc;
pub mod papers;
pub mod post;
pub mod report;
pub mod schools;
pub mod serve;
pub mod service;
pub mod survey;
pub mod timer;
pub mod tls;
mod try_agent;
pub mod web;

use rundgang_inventory::Timestamp;
use std::sync::Arc;

/// Where the time comes from: the system's clock in `main.rs`, a fixed moment in tests.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;
