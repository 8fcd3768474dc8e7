//! Who may send today: asked before and after a change of the SPF record, so that no proposal shuts a sender out.

use super::applied::applied;
use super::{Draft, Proposal};
use crate::mail::evidence::DomainEvidence;
use crate::mail::spf::{MOST_LOOKUPS, Sender, SpfResult, Tree, evaluate, is_wide, tree};
use std::net::IpAddr;

/// Records that list more networks than this are no matter for a proposal: they are settled with whoever keeps them.
const MOST_NETWORKS: usize = 500;

impl Draft<'_> {
    /// The networks that the present records let send; of several records each is followed for itself.
    pub(super) fn former_networks(&self) -> Vec<(IpAddr, u8)> {
        let records = self.evidence.spf_records();
        let mut networks: Vec<(IpAddr, u8)> = records
            .iter()
            .flat_map(|text| tree(self.evidence, &self.evidence.domain, text).senders)
            .collect();
        networks.sort_unstable();
        networks.dedup();
        networks
    }

    /// Whether everyone who may send today still may after the change: both ends of every network that the present
    /// record lists, the mail exchangers, and whoever else is known to send. Networks far too wide are what
    /// `spf.overbroad` is about, and go on purpose.
    pub(super) fn senders_pass(&self, proposal: &Proposal) -> bool {
        let networks = self.former_networks();
        if networks.len() > MOST_NETWORKS {
            return false;
        }
        let after = applied(self.evidence, proposal);
        // A record that needs more look-ups than allowed lets nobody pass for certain (RFC 7208 section 4.6.4).
        let needs_too_many = |text: &&str| tree(&after, &after.domain, text).lookups > MOST_LOOKUPS;
        if after.spf_records().iter().any(needs_too_many) {
            return false;
        }
        let goes = |&(ip, prefix): &(IpAddr, u8)| self.finding.id == "spf.overbroad" && is_wide(ip, prefix);
        let kept = networks.into_iter().filter(|network| !goes(network));
        let mut listed = kept.flat_map(|(ip, prefix)| [ip, last_of(ip, prefix)]);
        if !listed.all(|ip| self.still_sends(&after, ip)) {
            return false;
        }
        let exchangers: Vec<IpAddr> =
            self.evidence.mail_hosts().into_iter().flat_map(|host| self.evidence.addresses(&host)).collect();
        if !exchangers.iter().all(|ip| self.still_sends(&after, *ip)) {
            return false;
        }
        // A first record that names the exchangers has to let them pass.
        let named = proposal.add.iter().any(|record| record.value.contains(" mx"));
        let first = exchangers.into_iter().filter(|_| named && self.facts.tree.is_none());
        let named = self.context.known_senders.iter().map(|term| self.known_networks(term));
        let Some(named) = named.collect::<Option<Vec<_>>>() else { return false };
        let ends = named.into_iter().flatten().flat_map(|(ip, prefix)| [ip, last_of(ip, prefix)]);
        ends.chain(first).all(|ip| self.result(&after, ip) == Some(SpfResult::Pass))
    }

    /// Whether people named services that send as the domain.
    pub(super) const fn has_known_senders(&self) -> bool {
        !self.context.known_senders.is_empty()
    }

    /// The networks that stand behind the SPF term of a sender that people named. None where what it leads to was not
    /// looked up yet, was not answered, or lets nobody send.
    pub(super) fn known_networks(&self, term: &str) -> Option<Vec<(IpAddr, u8)>> {
        let alone = self.alone(term);
        let is_seen = alone.needs.is_empty() && alone.uncertain.is_empty();
        (is_seen && !leads_nowhere(&alone)).then_some(alone.senders)
    }

    /// The senders that people named and by whose terms nobody can send.
    pub(super) fn broken_senders(&self) -> Vec<&str> {
        let known = self.context.known_senders.iter();
        known.filter(|term| leads_nowhere(&self.alone(term))).map(String::as_str).collect()
    }

    fn alone(&self, term: &str) -> Tree {
        tree(self.evidence, &self.evidence.domain, &format!("v=spf1 {term} -all"))
    }

    /// Whether an address may send after the change if it may today. While the present record counts for nothing
    /// (permerror), an address that it lists must at least not be refused by the new one.
    fn still_sends(&self, after: &DomainEvidence, ip: IpAddr) -> bool {
        use SpfResult::{Pass, PermError, TempError};
        let then = self.result(after, ip);
        match self.result(self.evidence, ip) {
            Some(Pass) => then == Some(Pass),
            Some(PermError | TempError) | None => matches!(then, None | Some(Pass | PermError | TempError)),
            Some(_) => true,
        }
    }

    /// What the domain says of an address; none where that is not known for want of an answer.
    fn result(&self, evidence: &DomainEvidence, ip: IpAddr) -> Option<SpfResult> {
        let domain = &self.evidence.domain;
        let sender = Sender::new(ip, &format!("postmaster@{domain}"), domain);
        evaluate(evidence, &sender).ok().map(|verdict| verdict.result)
    }
}

/// Whether everything about a record is known and nobody passes by it.
fn leads_nowhere(alone: &Tree) -> bool {
    let is_seen = alone.needs.is_empty() && alone.uncertain.is_empty();
    is_seen && (alone.is_broken() || (alone.senders.is_empty() && !alone.depends_on_mail))
}

/// The last address of a network.
pub(super) fn last_of(ip: IpAddr, prefix: u8) -> IpAddr {
    match ip {
        IpAddr::V4(ip) => {
            let hosts = u32::MAX.checked_shr(prefix.into()).unwrap_or(0);
            IpAddr::V4((u32::from(ip) | hosts).into())
        }
        IpAddr::V6(ip) => {
            let hosts = u128::MAX.checked_shr(prefix.into()).unwrap_or(0);
            IpAddr::V6((u128::from(ip) | hosts).into())
        }
    }
}
