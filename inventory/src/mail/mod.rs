//! The audit of a domain's mail and DNS records, all pure: which look-ups it needs, what they mean, what to change.

pub mod catalogue;
pub mod dkim;
pub mod dmarc;
pub mod evidence;
mod fields;
pub mod found;
mod history;
mod judge;
pub mod known;
pub mod lookup;
pub mod plan;
#[cfg(test)]
mod properties;
mod propose;
mod signing;
pub mod spf;
pub mod sts;
pub mod tags;
pub mod view;
mod watch;
pub mod wording;

pub use catalogue::{BASELINE, Language, Severity, is_baseline};
pub use evidence::{Certificate, DomainEvidence, MailServer, NameServer, PolicyFetch};
pub use history::{RecordSetChange, carried, leaves_open, record_changes};
pub use judge::{Context, MailFinding, judge, not_checkable, undecided};
pub use known::{KnownSender, MailFacts};
pub use propose::{Proposal, ZoneRecord};
pub use view::View;
pub use watch::{RecordChange, changes};
pub use wording::{Remark, Request};

/// Has every record parser read one text, as tests of all of them do; how many of them find a record of theirs in it.
#[must_use]
pub fn read_by_all(text: &str) -> usize {
    let read = [
        spf::Record::parse(text).is_ok(),
        tags::Tags::parse(text).is_ok(),
        dkim::KeyRecord::parse(text).is_ok(),
        dmarc::DmarcRecord::parse(text).is_ok(),
        sts::StsPolicy::parse(text).is_ok(),
        spf::MacroText::parse(text, true).is_some(),
        lookup::domain_from(text).is_some(),
        sts::announcement(text).is_ok(),
        sts::reporting(text).is_ok(),
        lookup::Answer::found(vec![text.to_owned()]).serial().is_some(),
    ];
    read.into_iter().filter(|read| *read).count()
}

/// The id of a finding as a rule of the register: `mail.spf.missing`.
#[must_use]
pub fn rule_id(id: &str) -> String {
    format!("mail.{id}")
}
