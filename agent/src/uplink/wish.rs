//! What a collector may wish of an agent, and how much of it is read.

use crate::register::Known;
use rundgang_inventory::{
    Mac,
    mail::{
        known::{MOST_FACTS, selector, sender_term},
        lookup::domain_from,
    },
};
use rundgang_proto::v1::{self, task};
use std::collections::BTreeMap;

/// A wish of the collector. It narrows what the agent does or lets it do earlier what it may do anyhow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Walk now instead of at the next time of the schedule.
    WalkNow,
    /// The collector's own pause: set, or taken back. It never lifts one that was set at the box.
    Pause(bool),
    /// MAC addresses of documented devices, used only where the scope says `accept_register`.
    Register(Vec<Mac>),
    /// Domains that people confirmed, looked up only where the scope says `accept_confirmed_domains`.
    Domains(BTreeMap<String, Known>),
}

/// Reads a task of the contract; none that this agent does not know.
pub(super) fn read(task: v1::Task) -> Option<Wish> {
    let wish = match task.task {
        Some(task::Task::WalkNow(true)) => Wish::WalkNow,
        Some(task::Task::Pause(is_paused)) => Wish::Pause(is_paused),
        Some(task::Task::RegisterMacs(list)) => {
            let macs = list.macs.iter().take(100_000).filter_map(|octets| octets.as_slice().try_into().ok());
            Wish::Register(macs.map(Mac).collect())
        }
        Some(task::Task::ConfirmedDomains(list)) => Wish::Domains(domains(list)),
        _ => return None,
    };
    Some(wish)
}

/// Domains with what people know of their mail, each read anew here: facts about a domain that is not among the names
/// count for nothing, and what is no selector or no sender is left out.
fn domains(list: v1::ConfirmedDomains) -> BTreeMap<String, Known> {
    let names = list.names.iter().take(10_000).filter_map(|name| domain_from(name));
    let mut domains: BTreeMap<String, Known> = names.map(|name| (name, Known::default())).collect();
    for facts in list.facts.into_iter().take(10_000) {
        let known = domain_from(&facts.domain).and_then(|name| domains.get_mut(&name));
        let Some(known) = known else { continue };
        let room = |had: usize| (2 * MOST_FACTS).saturating_sub(had);
        let selectors = facts.selectors.iter().take(room(known.selectors.len()));
        known.selectors.extend(selectors.filter_map(|text| selector(text)));
        let senders = facts.senders.iter().take(room(known.senders.len()));
        known.senders.extend(senders.filter_map(|text| sender_term(text).ok()));
    }
    domains
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_count_for_confirmed_domains_only_and_are_read_anew() {
        let list = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let facts = |domain: &str, selectors: &[&str], senders: &[&str]| v1::MailFacts {
            domain: domain.to_owned(),
            selectors: list(selectors),
            senders: list(senders),
        };
        let told = v1::ConfirmedDomains {
            names: list(&["Schule.example.", "kein name"]),
            facts: vec![
                facts(
                    "schule.example",
                    &["Mail", "a b", "x/y"],
                    &["include:spf.x.example", "10.0.0.1", "all"],
                ),
                facts("fremd.example", &["mail"], &["include:spf.x.example"]),
            ],
        };
        let task = v1::Task { task: Some(task::Task::ConfirmedDomains(told)) };
        let known = Known {
            selectors: ["mail".to_owned()].into(),
            senders: ["include:spf.x.example".to_owned()].into(),
        };
        assert_eq!(read(task), Some(Wish::Domains([("schule.example".to_owned(), known)].into())));
        let bare = v1::ConfirmedDomains { names: list(&["schule.example"]), facts: Vec::new() };
        let task = v1::Task { task: Some(task::Task::ConfirmedDomains(bare)) };
        let alone = [("schule.example".to_owned(), Known::default())];
        assert_eq!(read(task), Some(Wish::Domains(alone.into())), "a collector that knows no facts");
    }
}
