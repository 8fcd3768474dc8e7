//! The pages over a real store: what they show, what they refuse, and what every answer carries.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod accounts;
mod api;
mod baseline;
mod contacts;
mod documented;
mod due;
mod elsewhere;
mod entering;
mod examples;
mod foreign;
mod forged;
mod forms;
mod identity;
mod importing;
mod labels;
mod leaving;
mod listing;
mod log;
mod mail;
mod masterdata;
mod parts;
mod questions;
mod reading;
mod reconciling;
mod refusing;
mod reminding;
mod rights;
mod runs;
#[path = "../sample/mod.rs"]
mod sample;
mod search;
mod site;
mod tasks;
mod templates;
mod upkeep;
mod words;
