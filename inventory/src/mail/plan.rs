//! What is still to be gathered about a domain: a pure function from the evidence so far to the next questions.
//!
//! The agent asks, adds the answers and calls again until nothing is wanted. Every chain is bounded here.

use super::dmarc;
use super::evidence::DomainEvidence;
use super::lookup::{
    Answer, Outcome, Question, RecordType, is_askable, is_documentation, is_private, reverse_name,
};
use super::propose;
use super::signing;
use super::spf;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Selectors asked for although the name above them is denied: the first ones of the list.
const LIKELY: usize = 4;

/// Who is to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// The resolver: the answer is followed through aliases and validated.
    Resolver,
    /// One of the domain's own name servers, where possible: many small questions that would burden a resolver.
    Zone,
}

/// What is still wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Questions to the DNS.
    pub questions: Vec<(Question, Route)>,
    /// Name servers to be asked themselves.
    pub servers: Vec<IpAddr>,
    /// The one name server to be asked for the whole zone.
    pub transfer: Option<IpAddr>,
    /// The host whose MTA-STS policy is to be fetched, with its addresses.
    pub policy: Option<(String, Vec<IpAddr>)>,
    /// Mail exchangers to be greeted, with their addresses.
    pub mail_servers: Vec<(String, Vec<IpAddr>)>,
}

impl Wants {
    /// Whether nothing is wanted any more.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.questions.is_empty()
            && self.servers.is_empty()
            && self.transfer.is_none()
            && self.policy.is_none()
            && self.mail_servers.is_empty()
    }
}

/// What may be done besides asking the DNS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Whether mail exchangers and the policy host may be connected to.
    pub connect: bool,
    /// Whether name servers may be asked themselves; on loopback only where the resolver is there too.
    pub ask_servers: bool,
    /// Whether servers on loopback count as servers (a laboratory).
    pub loopback: bool,
}

/// What is still wanted about a domain.
#[must_use]
pub fn wants(evidence: &DomainEvidence, limits: Limits) -> Wants {
    let mut plan = Plan { evidence, limits, wants: Wants::default(), seen: BTreeSet::new() };
    plan.all();
    plan.wants
}

/// The plan is asked no more often for one domain; deep SPF trees need one round for each level.
pub const MOST_ROUNDS: usize = 40;

/// Gathers evidence where every answer is at hand: what is wanted is answered, round by round, until nothing is wanted
/// any more or the rounds are used up. How many rounds it took; more than [`MOST_ROUNDS`] where it did not end.
pub fn gather(
    evidence: &mut DomainEvidence,
    limits: Limits,
    mut answer: impl FnMut(&mut DomainEvidence, Wants),
) -> usize {
    for round in 0..=MOST_ROUNDS {
        let wanted = wants(evidence, limits);
        if wanted.is_empty() {
            return round;
        }
        answer(evidence, wanted);
    }
    MOST_ROUNDS + 1
}

struct Plan<'a> {
    evidence: &'a DomainEvidence,
    limits: Limits,
    wants: Wants,
    seen: BTreeSet<Question>,
}

impl Plan<'_> {
    fn all(&mut self) {
        for kind in [RecordType::Soa, RecordType::Ns, RecordType::Mx, RecordType::Txt] {
            self.below("", kind);
        }
        let Some(soa) = self.evidence.below("", RecordType::Soa) else { return };
        match soa.outcome {
            Outcome::Found | Outcome::NoRecords => {}
            // Whether the network is at fault or the domain: does the parent answer?
            Outcome::ServerFailure => return self.parent(),
            // Whether there is a signature that could be wrong, and a resolver that can check one.
            Outcome::Bogus => {
                self.top_level();
                return self.chain_of_trust();
            }
            _ => return,
        }
        let signed = |answer: &Answer| answer.outcome == Outcome::Found && !soa.authentic;
        if self.evidence.below("", RecordType::Dnskey).is_some_and(signed) {
            self.below("", RecordType::Ds);
        }
        self.top_level();
        let settled = self.name_servers();
        self.mail_exchangers();
        self.sender_policy();
        self.proposals();
        if settled {
            // What only the zone itself knows waits until it is known which of its servers can be asked: a resolver would
            // have to ask them for every single name.
            self.zone("", RecordType::Dnskey);
            self.wildcards();
            self.dmarc();
            self.transport();
            self.authorisation();
            self.zone("_domainkey", RecordType::Txt);
            self.keys();
            self.hosts();
        }
    }

    /// Whether the resolver validates at all shows at the top level, which is signed nearly everywhere.
    fn top_level(&mut self) {
        if let Some(&top) = self.evidence.parents().last() {
            self.ask(Question::new(top, RecordType::Soa), Route::Resolver);
        }
    }

    /// Whether the servers of the name above answer now.
    fn parent(&mut self) {
        if let Some(question) = self.evidence.beside() {
            self.ask(question, Route::Resolver);
        }
    }

    /// What the parents say about the domain's key, one by one up to the first that is clear about it.
    fn chain_of_trust(&mut self) {
        for name in signing::names(self.evidence) {
            let question = Question::new(name, RecordType::Ds);
            let answer = self.evidence.lookups.get(&question);
            let goes_on = answer.is_some_and(signing::goes_on);
            self.ask(question, Route::Resolver);
            if !goes_on {
                return;
            }
        }
    }

    /// True once every name server that can be asked itself was asked.
    fn name_servers(&mut self) -> bool {
        if self.evidence.below("", RecordType::Ns).is_none() {
            return false;
        }
        let before = self.wants.questions.len();
        let mut addresses = Vec::new();
        for host in self.evidence.name_servers() {
            self.addresses(&host);
            addresses.extend(self.evidence.addresses(&host));
        }
        addresses.sort();
        addresses.dedup();
        addresses.retain(|&ip| self.reachable(ip));
        addresses.truncate(16);
        if self.wants.questions.len() > before {
            return false;
        }
        if !self.limits.ask_servers {
            return true;
        }
        let known = &self.evidence.servers;
        self.wants.servers = addresses.iter().copied().filter(|ip| !known.contains_key(ip)).collect();
        let settled = self.wants.servers.is_empty();
        let tried = known.values().any(|server| server.transfer.is_some());
        if settled && !tried {
            // One bounded attempt; the last server is the one that is most often forgotten.
            let authoritative = |ip: &IpAddr| known.get(ip).is_some_and(|s| s.authoritative == Some(true));
            self.wants.transfer = addresses.into_iter().rev().find(authoritative);
        }
        settled
    }

    fn wildcards(&mut self) {
        let canary = self.evidence.canary.clone();
        self.zone(&canary, RecordType::A);
        let exists =
            self.evidence.below(&canary, RecordType::A).is_some_and(|a| a.outcome != Outcome::NoName);
        if exists {
            for kind in [RecordType::Txt, RecordType::Mx, RecordType::Aaaa] {
                self.below(&canary, kind);
            }
        }
    }

    fn mail_exchangers(&mut self) {
        for host in self.evidence.mail_hosts() {
            self.addresses(&host);
            self.ask(Question::new(&format!("_25._tcp.{host}"), RecordType::Tlsa), Route::Resolver);
            let addresses = self.evidence.addresses(&host);
            for &ip in addresses.iter().filter(|&&ip| !is_private(ip)).take(8) {
                self.reverse(ip);
            }
            let public: Vec<IpAddr> = addresses.into_iter().filter(|&ip| self.connectable(ip)).collect();
            if self.limits.connect && !public.is_empty() && !self.evidence.mail_servers.contains_key(&host) {
                self.wants.mail_servers.push((host, public));
            }
        }
    }

    fn reverse(&mut self, ip: IpAddr) {
        let question = Question::new(&reverse_name(ip), RecordType::Ptr);
        let names = self.evidence.lookups.get(&question).map(|a| a.records.clone()).unwrap_or_default();
        self.ask(question, Route::Resolver);
        let kind = if ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
        for name in names.into_iter().filter(|name| is_askable(name)).take(4) {
            self.ask(Question::new(&name, kind), Route::Resolver);
        }
    }

    fn sender_policy(&mut self) {
        let Some(texts) = self.evidence.below("", RecordType::Txt) else { return };
        if !texts.outcome.is_certain() {
            return;
        }
        let evidence = self.evidence;
        match evidence.spf_records().as_slice() {
            [] => self.below("", RecordType::Spf),
            [record] => {
                for need in spf::tree(evidence, &evidence.domain, record).needs {
                    self.ask(need, Route::Resolver);
                }
            }
            _ => {}
        }
    }

    /// What proposals need to be judged themselves.
    fn proposals(&mut self) {
        for need in propose::needs(self.evidence) {
            self.ask(need, Route::Resolver);
        }
    }

    fn keys(&mut self) {
        let evidence = self.evidence;
        let Some(keys) = evidence.below("_domainkey", RecordType::Txt) else { return };
        let canary = format!("{}._domainkey", evidence.canary);
        let count = match keys.outcome {
            Outcome::Found | Outcome::NoRecords => evidence.selectors.len(),
            // Nothing can be below a name that does not exist (RFC 8020); but some servers deny names that only have
            // others below them, so the likeliest selectors are asked for all the same.
            Outcome::NoName => LIKELY.min(evidence.selectors.len()),
            _ => return,
        };
        if !self.is_asked(&canary, RecordType::Txt) {
            let mut selectors: Vec<&str> =
                evidence.selectors.iter().take(count).map(String::as_str).collect();
            if let Some(known) = propose::providers::provider(evidence) {
                for selector in known.selectors() {
                    selectors.push(selector);
                }
            }
            for selector in selectors {
                self.zone(&format!("{selector}._domainkey"), RecordType::Txt);
            }
            self.zone(&canary, RecordType::Txt);
        }
        for selector in &evidence.known_selectors {
            self.zone(&format!("{selector}._domainkey"), RecordType::Txt);
        }
    }

    /// Whether a question about a name of the domain was answered in an earlier round.
    fn is_asked(&self, label: &str, kind: RecordType) -> bool {
        self.evidence.below(label, kind).is_some()
    }

    fn dmarc(&mut self) {
        let evidence = self.evidence;
        self.zone("_dmarc", RecordType::Txt);
        for name in dmarc::walk(&evidence.domain) {
            self.ask(Question::new(&format!("_dmarc.{name}"), RecordType::Txt), Route::Resolver);
        }
        for (_, question) in dmarc::report_authorisations(evidence) {
            self.ask(question, Route::Resolver);
        }
    }

    fn transport(&mut self) {
        let evidence = self.evidence;
        self.zone("_mta-sts", RecordType::Txt);
        self.zone("_smtp._tls", RecordType::Txt);
        self.zone("default._bimi", RecordType::Txt);
        let announced = evidence
            .below("_mta-sts", RecordType::Txt)
            .is_some_and(|answer| answer.records.iter().any(|text| super::tags::announces(text, "STSv1")));
        if !announced {
            return;
        }
        let host = format!("mta-sts.{}", evidence.domain);
        self.addresses(&host);
        let public: Vec<IpAddr> =
            evidence.addresses(&host).into_iter().filter(|&ip| self.connectable(ip)).collect();
        if self.limits.connect && evidence.policy.is_none() && !public.is_empty() {
            self.wants.policy = Some((host, public));
        }
    }

    /// CAA is looked for from the domain upwards (RFC 8659 section 3).
    fn authorisation(&mut self) {
        let evidence = self.evidence;
        for name in std::iter::once(evidence.domain.as_str()).chain(evidence.parents()) {
            let question = Question::new(name, RecordType::Caa);
            let climb = evidence
                .lookups
                .get(&question)
                .is_some_and(|answer| matches!(answer.outcome, Outcome::NoRecords | Outcome::NoName));
            let route = if name == evidence.domain { Route::Zone } else { Route::Resolver };
            self.ask(question, route);
            if !climb {
                return;
            }
        }
    }

    fn hosts(&mut self) {
        let evidence = self.evidence;
        let Some(last) = evidence.hosts.last() else { return };
        if !self.is_asked(last, RecordType::Cname) {
            for host in &evidence.hosts {
                self.zone(host, RecordType::Cname);
            }
            return;
        }
        let aliased = |(question, answer): &(&Question, &Answer)| {
            question.kind == RecordType::Cname && answer.outcome == Outcome::Found
        };
        for (question, _) in evidence.lookups.iter().filter(aliased) {
            self.ask(Question { name: question.name.clone(), kind: RecordType::A }, Route::Resolver);
        }
    }

    fn addresses(&mut self, host: &str) {
        self.ask(Question::new(host, RecordType::A), Route::Resolver);
        self.ask(Question::new(host, RecordType::Aaaa), Route::Resolver);
    }

    fn below(&mut self, label: &str, kind: RecordType) {
        self.ask(self.evidence.question(label, kind), Route::Resolver);
    }

    fn zone(&mut self, label: &str, kind: RecordType) {
        self.ask(self.evidence.question(label, kind), Route::Zone);
    }

    fn ask(&mut self, question: Question, route: Route) {
        let known = self.evidence.lookups.contains_key(&question);
        if !known && is_askable(&question.name) && self.seen.insert(question.clone()) {
            self.wants.questions.push((question, route));
        }
    }

    /// Whether a name server at this address may be asked: never one that a stranger placed into our own network.
    fn reachable(&self, ip: IpAddr) -> bool {
        (self.limits.loopback && ip.is_loopback()) || !(is_private(ip) || is_documentation(ip))
    }

    /// Whether a connection to this address may be opened.
    fn connectable(&self, ip: IpAddr) -> bool {
        self.reachable(ip)
    }
}
