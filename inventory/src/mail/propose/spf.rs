//! Proposals for the SPF record: the same senders without the fault, tried with the evaluator before it is offered.

use super::providers::provider;
use super::senders::last_of;
use super::{Draft, Proposal, ZoneRecord};
use crate::mail::evidence::DomainEvidence;
use crate::mail::lookup::RecordType;
use crate::mail::spf::{MOST_LOOKUPS, Mechanism, Problem, Qualifier, Record, is_record, tree};
use crate::mail::wording::Request;
use std::net::IpAddr;

/// A first record for a domain that has none: its mail exchangers and what its provider asks for.
pub(super) fn fresh(evidence: &DomainEvidence) -> String {
    let mut terms = Vec::new();
    match provider(evidence) {
        Some(known) => terms.push(known.term),
        None if !evidence.mail_hosts().is_empty() => terms.push("mx"),
        None => return "v=spf1 -all".to_owned(),
    }
    format!("v=spf1 {} ~all", terms.join(" "))
}

impl Draft<'_> {
    pub(super) fn sender_policy(&self) -> Option<Proposal> {
        let domain = &self.evidence.domain;
        let records = self.evidence.spf_records();
        let (text, is_open) = match (self.finding.id, records.as_slice()) {
            ("spf.missing" | "spf.type99-only", _) => self.first()?,
            ("spf.multiple", several) if several.len() > 1 => (merged(several), true),
            (_, [record]) => self.repaired(record)?,
            _ => return None,
        };
        // "These are all" is said of the services beside the mail provider: a sender whose term goes is asked about.
        let loses = matches!(records.as_slice(), [one] if is_open && !lost_terms(one, &text).is_empty());
        let (text, is_open) =
            self.with_known_senders(&text, is_open, self.context.senders_complete && !loses)?;
        let question = is_open.then_some("other-senders");
        let exchangers = self.with_exchangers(&text).filter(|_| is_open);
        let offers = std::iter::once(text).chain(exchangers).map(|text| {
            let lost = records.first().filter(|_| records.len() == 1 && is_open);
            let lost = lost.map(|record| lost_terms(record, &text)).unwrap_or_default();
            let ask = (!lost.is_empty()).then(|| self.removed_request(&lost)).into_iter().collect();
            Proposal {
                remove: records.iter().map(|text| ZoneRecord::new(domain, RecordType::Txt, *text)).collect(),
                add: vec![ZoneRecord::new(domain, RecordType::Txt, text)],
                ask,
                question,
                ..Proposal::default()
            }
        });
        offers.into_iter().find(|proposal| self.senders_pass(proposal))
    }

    /// The same record with the mail exchangers in front: they may have passed only by what is taken out.
    fn with_exchangers(&self, text: &str) -> Option<String> {
        let terms = text.strip_prefix("v=spf1")?;
        let named = terms.split(' ').any(|term| bare(term) == "mx");
        (self.facts.receives && !named).then(|| format!("v=spf1 mx{terms}"))
    }

    /// Asks about the senders whose terms are taken out.
    fn removed_request(&self, lost: &[String]) -> Request {
        let with = [("domain", &*self.evidence.domain), ("names", &*lost.join(", "))];
        Request::new("school", "spf-removed", with)
    }

    /// A first record, and whether others may send as well; what stands in the obsolete type is taken over where it can
    /// be read.
    fn first(&self) -> Option<(String, bool)> {
        let domain = &self.evidence.domain;
        let old = self.evidence.certain(domain, RecordType::Spf).and_then(|answer| answer.records.first());
        if let Some(old) = old.filter(|old| is_record(old) && Record::parse(old).is_ok()) {
            return Some((old.clone(), false));
        }
        let text = fresh(self.evidence);
        if self.facts.receives || !self.has_known_senders() {
            return Some((text, self.facts.receives));
        }
        Some((text.replace(" -all", " ~all"), true))
    }

    /// The record with every sender that people named. Where it was open to others, it stays so unless somebody said
    /// that these are all, and none is lost. None while it is not known what their terms lead to.
    fn with_known_senders(&self, text: &str, is_open: bool, are_all: bool) -> Option<(String, bool)> {
        let is_sure = is_open && are_all;
        let domain = &self.evidence.domain;
        let mut terms: Vec<String> = text.split(' ').map(str::to_owned).collect();
        for term in &self.context.known_senders {
            let networks = self.known_networks(term)?;
            let present = tree(self.evidence, domain, &terms.join(" "));
            let is_named = terms.iter().any(|known| bare(known) == *term);
            let is_listed = !networks.is_empty()
                && networks
                    .iter()
                    .all(|&(ip, prefix)| present.lists(ip) && present.lists(last_of(ip, prefix)));
            if !is_named && !is_listed {
                let is_end = |term: &String| bare(term) == "all" || bare(term).starts_with("redirect=");
                let end = terms.iter().position(is_end).unwrap_or(terms.len());
                terms.insert(end, term.clone());
            }
        }
        if is_sure {
            terms.iter_mut().filter(|term| bare(term) == "all").for_each(|all| "-all".clone_into(all));
        }
        Some((terms.join(" "), is_open && !is_sure))
    }

    /// The record without its fault, and whether senders may get lost: then it ends in `~all`, with a question.
    fn repaired(&self, text: &str) -> Option<(String, bool)> {
        let mut terms: Vec<String> = text.split_whitespace().skip(1).map(str::to_owned).collect();
        let own = |problem: &Problem, path: &[String]| (path.len() == 1).then(|| problem.clone());
        let tree = self.facts.tree.as_ref()?;
        let problems: Vec<Problem> =
            tree.problems.iter().filter_map(|(problem, path)| own(problem, path)).collect();
        let mut soften = true;
        match self.finding.id {
            "spf.syntax" => drop_wrong(&mut terms),
            "spf.permissive-all" => {
                // The open record further down is cut off; `+all` of the own record is replaced below.
                let open: Vec<String> = blamed(tree, |problem| matches!(problem, Problem::Permissive(_)));
                terms.retain(|term| !open.iter().any(|name| bare(term) == format!("include:{name}")));
            }
            "spf.neutral-all" => {}
            "spf.overbroad" => {
                let wide: Vec<String> = blamed(tree, |problem| matches!(problem, Problem::Overbroad(_)));
                terms.retain(|term| !wide.iter().any(|name| bare(term) == format!("include:{name}")));
                retain_without(&mut terms, &problems, |p| {
                    if let Problem::Overbroad(t) = p { Some(t) } else { None }
                });
            }
            "spf.ptr" => terms.retain(|term| !(bare(term) == "ptr" || bare(term).starts_with("ptr:"))),
            "spf.include-loop" => {
                let looping: Vec<String> = blamed(tree, |problem| matches!(problem, Problem::Loop(_)));
                let names = |term: &str| looping.iter().any(|name| bare(term) == format!("include:{name}"));
                terms
                    .retain(|term| !names(term) && bare(term) != format!("include:{}", self.evidence.domain));
            }
            "spf.include-missing" => {
                // Mistyped, it names a sender that is meant to pass: nobody is refused before that is asked.
                let gone = |name: &str| problems.contains(&Problem::IncludeMissing(name.to_owned()));
                terms.retain(|term| {
                    !bare(term).strip_prefix("include:").is_some_and(|n| gone(n.trim_end_matches('.')))
                });
            }
            "spf.redirect-missing" => terms.retain(|term| !bare(term).starts_with("redirect=")),
            "spf.redirect-ignored" => {
                terms.retain(|term| !bare(term).starts_with("redirect="));
                soften = false;
            }
            "spf.terms-after-all" => {
                // What stands behind `all` was meant to count: `all` goes to the end.
                let (all, rest): (Vec<String>, Vec<String>) =
                    terms.into_iter().partition(|term| bare(term) == "all");
                terms = rest;
                terms.extend(all.into_iter().take(1));
                soften = false;
            }
            "spf.too-many-void-lookups" | "spf.void-lookups" => {
                retain_without(
                    &mut terms,
                    &problems,
                    |p| if let Problem::Void(t) = p { Some(t) } else { None },
                );
                soften = false;
            }
            "spf.too-many-lookups" => {
                self.flatten(&mut terms, tree.lookups);
                soften = false;
            }
            "spf.record-long" => {
                let last = terms.len().saturating_sub(1);
                let all_within = terms[..last].iter().any(|term| bare(term) == "all");
                if has_exceptions(text) || all_within {
                    // Put together, the networks would come before what is taken out of them.
                    return None;
                }
                terms = aggregated(&terms);
                soften = false;
            }
            _ => return None,
        }
        let senders = terms.iter().any(|term| bare(term) != "all" && !bare(term).contains('='));
        let redirected = terms.iter().any(|term| bare(term).starts_with("redirect="));
        if !senders && !redirected && self.facts.receives {
            terms.insert(0, "mx".to_owned());
        }
        if soften && !redirected {
            terms.retain(|term| bare(term) != "all");
            terms.push("~all".to_owned());
        }
        Some((format!("v=spf1 {}", terms.join(" ")), soften))
    }

    /// Replaces names by their addresses, own names first, until few enough terms need the DNS.
    fn flatten(&self, terms: &mut Vec<String>, mut lookups: usize) {
        let domain = &self.evidence.domain;
        let mut at = 0;
        while at < terms.len() && lookups > MOST_LOOKUPS {
            let alone = tree(self.evidence, domain, &format!("v=spf1 {} -all", terms[at]));
            let own = Record::parse(&format!("v=spf1 {}", terms[at])).is_ok_and(|record| {
                record.directives.first().is_some_and(|directive| match &directive.mechanism {
                    Mechanism::A(..) | Mechanism::Mx(..) => true,
                    Mechanism::Include(_) => {
                        alone.nodes.get(1).is_some_and(|node| node.domain.ends_with(&format!(".{domain}")))
                    }
                    _ => false,
                })
            });
            let known = !alone.senders.is_empty()
                && alone.uncertain.is_empty()
                && alone.problems.is_empty()
                && !alone.depends_on_mail
                && !alone.nodes.iter().any(|node| has_exceptions(&node.text) || asks_exists(&node.text));
            if own && known && terms[at].starts_with(|c: char| c.is_ascii_alphabetic()) {
                let mut networks: Vec<String> =
                    alone.senders.iter().map(|&(ip, prefix)| network(ip, prefix)).collect();
                networks.sort();
                networks.dedup();
                networks.retain(|network| !terms.contains(network));
                let count = networks.len();
                terms.splice(at..=at, networks);
                lookups -= alone.lookups.min(lookups);
                at += count;
            } else {
                at += 1;
            }
        }
    }
}

/// A term without its qualifier, in lower case.
fn bare(term: &str) -> String {
    term.trim_start_matches(['+', '-', '~', '?']).to_ascii_lowercase()
}

/// The terms of a record that another one does not have any more, apart from `all`.
fn lost_terms(before: &str, after: &str) -> Vec<String> {
    let kept: Vec<String> = after.split_whitespace().map(bare).collect();
    let terms = before.split_whitespace().skip(1);
    terms.filter(|term| bare(term) != "all" && !kept.contains(&bare(term))).map(str::to_owned).collect()
}

/// Whether a record lets senders pass by a name that exists, so that its networks are not all who pass.
fn asks_exists(text: &str) -> bool {
    Record::parse(text).is_ok_and(|record| {
        record.directives.iter().any(|directive| matches!(directive.mechanism, Mechanism::Exists(_)))
    })
}

/// Whether a record refuses or doubts some networks that later terms of it may hold: their order counts then.
fn has_exceptions(text: &str) -> bool {
    Record::parse(text).is_ok_and(|record| {
        record
            .directives
            .iter()
            .any(|directive| directive.qualifier != Qualifier::Pass && directive.mechanism != Mechanism::All)
    })
}

/// The first-level names below which a fault lies.
fn blamed(tree: &crate::mail::spf::Tree, wanted: impl Fn(&Problem) -> bool) -> Vec<String> {
    let faulty = tree.problems.iter().filter(|(problem, path)| path.len() > 1 && wanted(problem));
    faulty.filter_map(|(_, path)| path.get(1).cloned()).collect()
}

/// Takes out the terms that a fault names (as `domain: term`).
fn retain_without(
    terms: &mut Vec<String>,
    problems: &[Problem],
    named: impl Fn(&Problem) -> Option<&String>,
) {
    let blamed: Vec<&str> = problems
        .iter()
        .filter_map(named)
        .filter_map(|text| text.split_once(": "))
        .map(|(_, term)| term)
        .collect();
    terms.retain(|term| !blamed.contains(&term.as_str()));
}

/// Takes out the terms that cannot be read.
fn drop_wrong(terms: &mut Vec<String>) {
    terms.retain(|term| Record::parse(&format!("v=spf1 {term}")).is_ok());
    let mut redirects = 0;
    terms.retain(|term| {
        redirects += usize::from(term.to_ascii_lowercase().starts_with("redirect="));
        redirects < 2 || !term.to_ascii_lowercase().starts_with("redirect=")
    });
}

/// All senders of several records in one.
pub(super) fn merged(records: &[&str]) -> String {
    let mut terms: Vec<&str> = Vec::new();
    for term in records.iter().flat_map(|record| record.split_whitespace().skip(1)) {
        let all = term.trim_start_matches(['+', '-', '~', '?']).eq_ignore_ascii_case("all");
        if !all && !terms.iter().any(|known| known.eq_ignore_ascii_case(term)) {
            terms.push(term);
        }
    }
    format!("v=spf1 {} ~all", terms.join(" "))
}

fn full(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

fn network(ip: IpAddr, prefix: u8) -> String {
    let kind = if ip.is_ipv4() { "ip4" } else { "ip6" };
    if prefix == full(ip) { format!("{kind}:{ip}") } else { format!("{kind}:{ip}/{prefix}") }
}

/// IPv4 networks that lie side by side put together; the other terms in their order.
fn aggregated(terms: &[String]) -> Vec<String> {
    let mut networks: Vec<(u32, u8)> = Vec::new();
    let mut rest: Vec<String> = Vec::new();
    for term in terms {
        let parsed = Record::parse(&format!("v=spf1 {term}"))
            .ok()
            .and_then(|record| record.directives.into_iter().next());
        match parsed.map(|directive| directive.mechanism) {
            Some(Mechanism::Ip4(ip, prefix)) if term.starts_with(['i', 'I', '+']) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                networks.push((u32::from(ip) & mask, prefix));
            }
            _ => rest.push(term.clone()),
        }
    }
    networks.sort_unstable();
    networks.dedup();
    loop {
        let pair = networks.windows(2).position(|pair| {
            let [(low, a), (high, b)] = pair else { return false };
            a == b
                && *a > 12
                && *low ^ *high == 1 << (32 - u32::from(*a))
                && low & (1 << (32 - u32::from(*a))) == 0
        });
        let Some(at) = pair else { break };
        networks.remove(at + 1);
        networks[at].1 -= 1;
    }
    let packed = networks.into_iter().map(|(ip, prefix)| network(IpAddr::V4(ip.into()), prefix));
    packed.chain(rest).collect()
}
