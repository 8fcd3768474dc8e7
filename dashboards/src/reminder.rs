//! The mail that reminds a school of a survey: who gets it, what it says, and whoever carries it.
//!
//! It holds the names of the school, of the survey and of the Träger, the last day and the way to the page; no answer, no
//! device and no person, since mail is read on its way.

use crate::digest::Letter;
use crate::text::Language;
use crate::words::Words;
use rundgang_inventory::{Action, Rights, Role, Timestamp};
use rundgang_store::{PostSettings, Recipient, Run, Sent};
use std::collections::BTreeMap;

/// What carries a letter to a mailbox. It asks over the network and may wait; what goes wrong is told in words for
/// whoever runs the collector.
pub trait Courier: Send + Sync {
    /// Carries a letter of a Träger to one mailbox; `id` is its own among all letters (RFC 5322 section 3.6.4, without the
    /// domain).
    fn carry(
        &self,
        settings: &PostSettings,
        traeger: i64,
        to: &str,
        letter: &Letter,
        id: &str,
        now: Timestamp,
    ) -> Sent;
}

/// The accounts of a school that gave a mailbox and may answer for it.
pub(crate) fn recipients_of(school: i64, all: &[Recipient]) -> Vec<&Recipient> {
    let answers = |to: &&Recipient| {
        Role::parse(&to.role).is_some_and(|role| {
            let rights = Rights { role, school: to.school, provider: String::new() };
            role.has_school() && rights.allow(Action::EditBook, Some(school)).is_ok()
        })
    };
    all.iter().filter(answers).collect()
}

/// How many accounts there are of each function, in the reader's words.
pub(crate) fn functions(language: Language, roles: &BTreeMap<String, usize>) -> String {
    let told =
        roles.iter().map(|(role, count)| format!("{count} × {}", language.text(&format!("role-{role}"))));
    told.collect::<Vec<_>>().join(", ")
}

/// How many accounts there are of each function.
pub(crate) fn roles_of<'a>(accounts: impl IntoIterator<Item = &'a Recipient>) -> BTreeMap<String, usize> {
    let mut roles = BTreeMap::new();
    for account in accounts {
        *roles.entry(account.role.clone()).or_default() += 1;
    }
    roles
}

/// The letter, in the language of whoever gets it. `site` is where the pages are, without a slash at the end.
pub(crate) fn letter(
    run: &Run,
    traeger: &str,
    (school, name): (i64, &str),
    site: &str,
    code: &str,
) -> Letter {
    let language = Language::parse(code).unwrap_or_default();
    let title = one_line(run.survey.title.get(language.code()));
    let told =
        [("title", title.into()), ("school", one_line(name).into()), ("traeger", one_line(traeger).into())];
    let mut text =
        format!("{}\n\n{}\n", language.text("digest-greeting"), language.with("reminder-missing", &told));
    if let Some(due) = run.due {
        let due = Words { language }.date(&due);
        text += &format!("{}\n", language.with("reminder-due", &[("due", due.into())]));
    }
    text += &format!("{}\n{site}/schule/{school}/umfragelauf/{}\n", language.text("reminder-how"), run.id);
    text += &format!("\n{}\n", language.with("reminder-end", &told));
    Letter { subject: language.with("reminder-subject", &told), text }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
