//! `mail.…`: what is wrong with the mail records of a domain, one finding for each id of the mail catalogue.

use super::{Check, DomainView, Parameters, Rule, Verdict};

pub(super) static RULE: Rule = Rule { family: "mail.", check: Check::Domain(check) };

fn check(domain: &DomainView<'_>, _parameters: &Parameters) -> Verdict {
    Verdict::Unknown(domain.sightings.iter().map(|sighting| sighting.confirmed).max())
}
