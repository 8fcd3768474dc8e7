//! One file per page; its template has the same name.

pub(crate) mod account;
pub(crate) mod accounts;
pub(crate) mod assets;
pub(crate) mod assigned;
pub(crate) mod book;
pub(crate) mod collected;
pub(crate) mod contacts;
pub(crate) mod counters;
pub(crate) mod dispatch;
pub(crate) mod domain;
pub(crate) mod domains;
pub(crate) mod facts;
pub(crate) mod findings;
pub(crate) mod identity;
pub(crate) mod import;
pub(crate) mod invitation;
mod item;
pub(crate) mod leaving;
pub(crate) mod lessons;
pub(crate) mod log;
pub(crate) mod login;
pub(crate) mod overview;
pub(crate) mod paging;
pub(crate) mod provider;
pub(crate) mod questions;
pub(crate) mod reconcile;
pub(crate) mod register;
pub(crate) mod rooms;
pub(crate) mod run_part;
pub(crate) mod runs;
pub(crate) mod school;
pub(crate) mod search;
pub(crate) mod settings;
pub(crate) mod statics;
pub(crate) mod submitted;
pub(crate) mod survey_files;
pub(crate) mod survey_import;
pub(crate) mod survey_template;
pub(crate) mod surveys;
pub(crate) mod tasks;
pub(crate) mod tokens;
pub(crate) mod traeger_surveys;

use serde::Deserialize;

/// What a form leaves in the address for the page it leads to.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Done {
    pub(crate) ok: Option<String>,
}
