//! Following a record through its includes and redirects, with bounds that no record can push.

use super::{Node, Problem, Tree};
use crate::mail::lookup::{Lookups, Outcome, Question, RecordType, is_askable};
use crate::mail::spf::grammar::{Directive, Mechanism, Qualifier, Record, is_record};
use crate::mail::spf::macros::{MacroText, Variables};
use std::net::{IpAddr, Ipv4Addr};

/// Not more records are visited: enough for any real tree, little enough for a bomb of includes.
pub(super) const MOST_NODES: usize = 64;
/// Not more terms that need the DNS are followed; the limit of the standard is 10.
const MOST_TERMS: usize = 100;
/// An IPv4 network with a shorter prefix (more than a million addresses) is no list of mail servers.
const WIDE_V4: u8 = 12;
/// The same for IPv6: whole providers hold a /19 to /32.
const WIDE_V6: u8 = 19;

/// Whether a network is too wide to be a list of mail servers.
pub(in crate::mail) const fn is_wide(ip: IpAddr, prefix: u8) -> bool {
    prefix < if ip.is_ipv4() { WIDE_V4 } else { WIDE_V6 }
}

/// What is known so far while a record is followed.
pub(super) struct Walk<'a> {
    known: &'a dyn Lookups,
    root: &'a str,
    tree: Tree,
}

/// What a record says in the end.
struct End {
    rest: Option<Qualifier>,
    written: bool,
    passes_everyone: bool,
}

const UNKNOWN: End = End { rest: None, written: false, passes_everyone: false };

/// What stands under an included name.
enum Found {
    Record(String),
    Nothing,
    Several,
    Unknown,
}

impl<'a> Walk<'a> {
    /// Follows a record to its end.
    pub(super) fn through(known: &'a dyn Lookups, domain: &'a str, text: &str) -> Tree {
        let mut walk = Walk { known, root: domain, tree: Tree::default() };
        let end = walk.record(domain, text, &mut vec![domain.to_owned()]);
        walk.tree.rest = end.rest;
        walk.tree.rest_written = end.written;
        walk.tree
    }

    fn record(&mut self, domain: &str, text: &str, path: &mut Vec<String>) -> End {
        if self.tree.nodes.len() >= MOST_NODES {
            return UNKNOWN;
        }
        let node = Node { domain: domain.to_owned(), text: text.to_owned(), path: path.clone() };
        self.tree.nodes.push(node);
        let record = match Record::parse(text) {
            Ok(record) => record,
            Err(error) => {
                self.problem(Problem::Syntax(domain.to_owned(), error), path);
                return UNKNOWN;
            }
        };
        let all = record.all();
        let count = all.map_or(record.directives.len(), |(at, _)| at);
        if path.len() == 1 {
            self.order(&record, count, path);
        }
        let mut passes_everyone = false;
        for directive in &record.directives[..count] {
            passes_everyone |= self.directive(directive, domain, path);
        }
        match (all, &record.redirect) {
            (Some((_, qualifier)), _) => {
                let permissive = qualifier == Qualifier::Pass;
                if permissive {
                    self.problem(Problem::Permissive(format!("{domain}: {text}")), path);
                }
                End { rest: Some(qualifier), written: true, passes_everyone: passes_everyone || permissive }
            }
            (None, Some(target)) => self.redirect(target, domain, path, passes_everyone),
            (None, None) => End { rest: Some(Qualifier::Neutral), written: false, passes_everyone },
        }
    }

    /// The order of terms, judged in the domain's own record only.
    fn order(&mut self, record: &Record, count: usize, path: &[String]) {
        if record.all().is_some() && record.redirect.is_some() {
            self.problem(Problem::RedirectIgnored, path);
        }
        if let Some(after) = record.directives.get(count + 1) {
            self.problem(Problem::AfterAll(after.text.clone()), path);
        }
    }

    /// Follows one term; true where it lets everyone pass.
    fn directive(&mut self, directive: &Directive, domain: &str, path: &mut Vec<String>) -> bool {
        let term = || format!("{domain}: {}", directive.text);
        if directive.mechanism.needs_dns() {
            self.tree.lookups += 1;
            if self.tree.lookups > MOST_TERMS {
                return false;
            }
            self.tree.counted.push(term());
        }
        let passes = directive.qualifier == Qualifier::Pass;
        match &directive.mechanism {
            Mechanism::All => {}
            Mechanism::Ip4(network, prefix) => {
                self.network(IpAddr::V4(*network), *prefix, passes, term(), path);
            }
            Mechanism::Ip6(network, prefix) => {
                self.network(IpAddr::V6(*network), *prefix, passes, term(), path);
            }
            Mechanism::Ptr(_) => {
                self.tree.depends_on_mail = true;
                self.problem(Problem::Ptr(term()), path);
            }
            Mechanism::A(target, v4, v6) => {
                if let Some(name) = self.target(target.as_ref(), domain) {
                    let ips = self.addresses(&name, Some(&term()), path);
                    self.networks(&ips, *v4, *v6, passes, &term(), path);
                }
            }
            Mechanism::Mx(target, v4, v6) => {
                if let Some(name) = self.target(target.as_ref(), domain) {
                    let ips = self.exchangers(&name, &term(), path);
                    self.networks(&ips, *v4, *v6, passes, &term(), path);
                }
            }
            Mechanism::Exists(target) => match self.target(Some(target), domain) {
                Some(name) => drop(self.certain(&name, RecordType::A, Some(&term()), path)),
                None => self.tree.depends_on_mail = true,
            },
            Mechanism::Include(target) => match self.target(Some(target), domain) {
                Some(name) => return self.include(&name, passes, path),
                None => self.tree.depends_on_mail = true,
            },
        }
        false
    }

    fn include(&mut self, name: &str, passes: bool, path: &mut Vec<String>) -> bool {
        if path.iter().any(|above| above == name) {
            self.problem(Problem::Loop(name.to_owned()), path);
            return false;
        }
        match self.find(name) {
            Found::Record(text) => {
                // What an include denies or leaves open does not matter: only its pass is taken over (5.2).
                let senders = self.tree.senders.len();
                path.push(name.to_owned());
                let problems = self.tree.problems.len();
                let end = self.record(name, &text, path);
                path.pop();
                if !passes {
                    self.tree.senders.truncate(senders);
                    let mut at = 0;
                    self.tree.problems.retain(|(problem, _)| {
                        at += 1;
                        at <= problems || !matches!(problem, Problem::Permissive(_) | Problem::Overbroad(_))
                    });
                }
                passes && end.passes_everyone
            }
            Found::Nothing => {
                self.problem(Problem::IncludeMissing(name.to_owned()), path);
                false
            }
            Found::Several => {
                self.problem(Problem::Multiple(name.to_owned()), path);
                false
            }
            Found::Unknown => false,
        }
    }

    fn redirect(&mut self, target: &MacroText, domain: &str, path: &mut Vec<String>, passed: bool) -> End {
        self.tree.lookups += 1;
        if self.tree.lookups > MOST_TERMS {
            return UNKNOWN;
        }
        let Some(name) = self.target(Some(target), domain) else {
            self.tree.depends_on_mail = true;
            return UNKNOWN;
        };
        self.tree.counted.push(format!("{domain}: redirect={name}"));
        if path.contains(&name) {
            self.problem(Problem::Loop(name), path);
            return UNKNOWN;
        }
        match self.find(&name) {
            Found::Record(text) => {
                path.push(name.clone());
                let end = self.record(&name, &text, path);
                path.pop();
                End { passes_everyone: passed || end.passes_everyone, ..end }
            }
            Found::Nothing => {
                self.problem(Problem::RedirectMissing(name), path);
                UNKNOWN
            }
            Found::Several => {
                self.problem(Problem::Multiple(name), path);
                UNKNOWN
            }
            Found::Unknown => UNKNOWN,
        }
    }

    /// The SPF record of an included name.
    fn find(&mut self, name: &str) -> Found {
        if !is_askable(name) {
            return Found::Nothing;
        }
        let question = Question::new(name, RecordType::Txt);
        let Some(answer) = self.known.answer(&question) else {
            self.tree.needs.push(question);
            return Found::Unknown;
        };
        if !answer.outcome.is_certain() {
            self.tree.uncertain.push(question.to_string());
            return Found::Unknown;
        }
        let mut records = answer.records.iter().filter(|text| is_record(text));
        match (records.next(), records.next()) {
            (None, _) => Found::Nothing,
            (Some(text), None) => Found::Record(text.clone()),
            (Some(_), Some(_)) => Found::Several,
        }
    }

    /// The name that a term speaks of; none where it depends on the single mail.
    fn target(&self, target: Option<&MacroText>, domain: &str) -> Option<String> {
        let Some(text) = target else { return Some(domain.to_owned()) };
        if text.depends_on_mail() {
            return None;
        }
        let variables = Variables {
            local: "postmaster",
            sender_domain: self.root,
            domain,
            ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            helo: "",
            receiver: "",
            seconds: 0,
            validated: "",
        };
        Some(text.expand_name(&variables))
    }

    /// An answer that is yes or no; an empty one is noted as void where a term is given.
    fn certain(
        &mut self,
        name: &str,
        kind: RecordType,
        term: Option<&str>,
        path: &[String],
    ) -> Option<Vec<String>> {
        let question = Question::new(name, kind);
        let Some(answer) = self.known.answer(&question) else {
            if is_askable(name) {
                self.tree.needs.push(question);
            }
            return None;
        };
        if !answer.outcome.is_certain() {
            self.tree.uncertain.push(question.to_string());
            return None;
        }
        let records = answer.records.clone();
        if let Some(term) = term.filter(|_| answer.outcome != Outcome::Found) {
            self.problem(Problem::Void(term.to_owned()), path);
        }
        Some(records)
    }

    /// The addresses of a name in both families; a name with neither is void.
    fn addresses(&mut self, name: &str, term: Option<&str>, path: &[String]) -> Vec<IpAddr> {
        let v4 = self.certain(name, RecordType::A, None, path);
        let v6 = self.certain(name, RecordType::Aaaa, None, path);
        let (Some(v4), Some(v6)) = (v4, v6) else { return Vec::new() };
        let ips: Vec<IpAddr> = v4.iter().chain(&v6).filter_map(|text| text.parse().ok()).collect();
        if let Some(term) = term.filter(|_| ips.is_empty()) {
            self.problem(Problem::Void(term.to_owned()), path);
        }
        ips
    }

    fn exchangers(&mut self, name: &str, term: &str, path: &[String]) -> Vec<IpAddr> {
        let Some(records) = self.certain(name, RecordType::Mx, Some(term), path) else { return Vec::new() };
        if records.len() > 10 {
            self.problem(Problem::ManyExchangers(term.to_owned()), path);
        }
        let hosts: Vec<String> = records
            .iter()
            .filter_map(|record| record.split_once(' '))
            .map(|(_, host)| host.to_owned())
            .filter(|host| is_askable(host) && host != ".")
            .take(10)
            .collect();
        hosts.iter().flat_map(|host| self.addresses(host, None, path)).collect()
    }

    fn networks(&mut self, ips: &[IpAddr], v4: u8, v6: u8, passes: bool, term: &str, path: &[String]) {
        for &ip in ips {
            let prefix = if ip.is_ipv4() { v4 } else { v6 };
            self.network(ip, prefix, passes, term.to_owned(), path);
        }
    }

    fn network(&mut self, ip: IpAddr, prefix: u8, passes: bool, term: String, path: &[String]) {
        if !passes {
            return;
        }
        if is_wide(ip, prefix) {
            self.problem(Problem::Overbroad(term), path);
        }
        self.tree.senders.push((ip, prefix));
    }

    fn problem(&mut self, problem: Problem, path: &[String]) {
        self.tree.problems.push((problem, path.to_vec()));
    }
}
