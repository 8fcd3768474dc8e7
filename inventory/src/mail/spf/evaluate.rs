//! The SPF evaluator (RFC 7208 section 4): may this server send as this domain, and which term says so.
//!
//! It asks nobody itself. Where an answer is missing it stops and names the questions; the caller has them asked and
//! starts it again. So it runs alike over the DNS, over kept evidence and over a zone in a test.

use super::grammar::{Directive, Mechanism, Qualifier, Record, is_record};
use super::macros::{MacroText, Variables};
use super::{MOST_LOOKUPS, MOST_VOID_LOOKUPS, SpfResult};
use crate::mail::lookup::{
    Answer, Lookups, Outcome, Question, RecordType, domain_from, is_askable, is_or_below, reverse_name,
};
use std::net::IpAddr;

/// No more mail exchangers of one name, and no more names of one address, are looked at (section 4.6.4).
const MOST_NAMES: usize = 10;

/// A mail server and what it says of itself.
#[derive(Clone, Debug)]
pub struct Sender {
    /// Its address.
    pub ip: IpAddr,
    /// The local part of MAIL FROM, `postmaster` where there is none.
    pub local: String,
    /// The domain of MAIL FROM; of HELO where MAIL FROM is empty (section 2.4).
    pub domain: String,
    /// The name given in HELO or EHLO.
    pub helo: String,
    /// The receiving host, for explanations.
    pub receiver: String,
    /// The time in seconds since the epoch, for explanations.
    pub seconds: i64,
}

impl Sender {
    /// A sender from the parts of an SMTP dialogue: the path of MAIL FROM with or without its angle brackets, where `<>`
    /// is the empty one of bounces; names as people write them.
    #[must_use]
    pub fn new(ip: IpAddr, mail_from: &str, helo: &str) -> Self {
        let ip = match ip {
            IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
            IpAddr::V4(_) => ip,
        };
        let mail_from = mail_from.trim();
        let inside = mail_from.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
        let mail_from = inside.unwrap_or(mail_from);
        let helo = helo.trim();
        let (local, domain) = match mail_from.rsplit_once('@') {
            Some((local, domain)) => (local, domain),
            None => ("", if mail_from.is_empty() { helo } else { mail_from }),
        };
        Self {
            ip,
            local: if local.is_empty() { "postmaster" } else { local }.to_owned(),
            domain: spoken(domain).unwrap_or_else(|| domain.strip_suffix('.').unwrap_or(domain).to_owned()),
            helo: helo.to_owned(),
            receiver: "unknown".to_owned(),
            seconds: 0,
        }
    }
}

/// What an evaluation came to, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The result.
    pub result: SpfResult,
    /// What the domain would tell the sender (`exp=`), where the result is fail.
    pub explanation: Option<String>,
    /// The term that decided, as `domain: term`, from the first record to the last one included; empty where
    /// none did.
    pub path: Vec<String>,
    /// Why there is no better result, in a few English words.
    pub reason: Option<String>,
    /// How many terms needed the DNS.
    pub lookups: usize,
    /// How many look-ups came back empty.
    pub voids: usize,
}

/// Why an evaluation stops.
enum Stop {
    Need(Vec<Question>),
    Permanent(String),
    Temporary(String),
}

struct Run<'a> {
    known: &'a dyn Lookups,
    sender: &'a Sender,
    lookups: usize,
    voids: usize,
    path: Vec<String>,
    explanation: Option<String>,
}

/// Evaluates the record of the sender's domain.
///
/// # Errors
/// The questions whose answers are missing; ask them and call again. Calls are at most one for each answer, and
/// answers are bounded by the limits of section 4.6.4.
pub fn evaluate(known: &dyn Lookups, sender: &Sender) -> Result<Verdict, Vec<Question>> {
    let mut run = Run { known, sender, lookups: 0, voids: 0, path: Vec::new(), explanation: None };
    let (result, reason) = if proper_domain(&sender.domain) {
        match run.check_host(&sender.domain, 0) {
            Ok(result) => (result, None),
            Err(Stop::Need(questions)) => return Err(questions),
            Err(Stop::Permanent(reason)) => (SpfResult::PermError, Some(reason)),
            Err(Stop::Temporary(reason)) => (SpfResult::TempError, Some(reason)),
        }
    } else {
        (SpfResult::None, Some("the sender has no proper domain".to_owned()))
    };
    Ok(Verdict {
        result,
        explanation: run.explanation.take().filter(|_| result == SpfResult::Fail),
        path: run.path,
        reason,
        lookups: run.lookups,
        voids: run.voids,
    })
}

/// A name with letters beyond ASCII in the form that the DNS knows (section 4.3).
fn spoken(name: &str) -> Option<String> {
    if name.is_ascii() { None } else { domain_from(name) }
}

/// At least two labels of proper length (section 4.3).
fn proper_domain(domain: &str) -> bool {
    is_askable(domain) && domain.contains('.') && !domain.starts_with('[')
}

impl Run<'_> {
    fn check_host(&mut self, domain: &str, depth: usize) -> Result<SpfResult, Stop> {
        let Some(record) = self.record(domain)? else { return Ok(SpfResult::None) };
        for directive in &record.directives {
            self.path.truncate(depth);
            self.path.push(format!("{domain}: {}", directive.text));
            if self.matches(directive, domain, depth)? {
                let result = match directive.qualifier {
                    Qualifier::Pass => SpfResult::Pass,
                    Qualifier::Fail => SpfResult::Fail,
                    Qualifier::SoftFail => SpfResult::SoftFail,
                    Qualifier::Neutral => SpfResult::Neutral,
                };
                if result == SpfResult::Fail {
                    self.explanation = self.explain(record.explanation.as_ref(), domain)?;
                }
                return Ok(result);
            }
        }
        self.path.truncate(depth);
        let Some(target) = &record.redirect else { return Ok(SpfResult::Neutral) };
        self.count_lookup()?;
        let target = self.expand_name(target, domain)?;
        self.path.push(format!("{domain}: redirect={target}"));
        let result = if is_askable(&target) { self.check_host(&target, depth + 1)? } else { SpfResult::None };
        match result {
            SpfResult::None => Err(Stop::Permanent(format!("redirect={target} has no SPF record"))),
            result => Ok(result),
        }
    }

    /// The one record of a domain (section 4.5), read.
    fn record(&self, domain: &str) -> Result<Option<Record>, Stop> {
        let answer = self.ask(domain, RecordType::Txt)?;
        if !answer.outcome.is_certain() {
            return Err(Stop::Temporary(format!("TXT {domain}: {}", answer.outcome.name())));
        }
        let mut records = answer.records.iter().filter(|text| is_record(text));
        let Some(text) = records.next() else { return Ok(None) };
        if records.next().is_some() {
            return Err(Stop::Permanent(format!("{domain} has several SPF records")));
        }
        Record::parse(text).map(Some).map_err(|error| Stop::Permanent(format!("{domain}: {error}")))
    }

    fn matches(&mut self, directive: &Directive, domain: &str, depth: usize) -> Result<bool, Stop> {
        if directive.mechanism.needs_dns() {
            self.count_lookup()?;
        }
        match &directive.mechanism {
            Mechanism::All => Ok(true),
            Mechanism::Ip4(network, prefix) => Ok(within(self.sender.ip, IpAddr::V4(*network), *prefix)),
            Mechanism::Ip6(network, prefix) => Ok(within(self.sender.ip, IpAddr::V6(*network), *prefix)),
            Mechanism::Include(target) => {
                let target = self.expand_name(target, domain)?;
                self.included(&target, depth)
            }
            Mechanism::A(target, v4, v6) => {
                let target = self.target(target.as_ref(), domain)?;
                let answer = self.addresses(&target)?;
                self.count_void(&answer)?;
                Ok(self.any_within(&answer, *v4, *v6))
            }
            Mechanism::Mx(target, v4, v6) => {
                let target = self.target(target.as_ref(), domain)?;
                self.any_exchanger(&target, *v4, *v6)
            }
            Mechanism::Ptr(target) => {
                let target = self.target(target.as_ref(), domain)?;
                let names = self.validated_names()?;
                Ok(names.iter().any(|name| is_or_below(name, &target)))
            }
            Mechanism::Exists(target) => {
                let target = self.expand_name(target, domain)?;
                let answer = self.certain(&target, RecordType::A)?;
                self.count_void(&answer)?;
                Ok(answer.outcome == Outcome::Found)
            }
        }
    }

    fn included(&mut self, target: &str, depth: usize) -> Result<bool, Stop> {
        let result = if is_askable(target) { self.check_host(target, depth + 1)? } else { SpfResult::None };
        self.explanation = None;
        match result {
            SpfResult::Pass => Ok(true),
            SpfResult::None => Err(Stop::Permanent(format!("include:{target} has no SPF record"))),
            _ => Ok(false),
        }
    }

    fn any_exchanger(&mut self, target: &str, v4: u8, v6: u8) -> Result<bool, Stop> {
        let answer = self.certain(target, RecordType::Mx)?;
        self.count_void(&answer)?;
        let hosts: Vec<String> = answer.exchangers().map(|(_, host)| host.to_owned()).collect();
        if hosts.len() > MOST_NAMES {
            return Err(Stop::Permanent(format!("{target} has more than {MOST_NAMES} mail exchangers")));
        }
        let kind = self.address_type();
        self.need_all(hosts.iter().filter(|host| is_askable(host)).map(|host| Question::new(host, kind)))?;
        for host in hosts {
            let answer = self.addresses(&host)?;
            if self.any_within(&answer, v4, v6) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The names of the sender's address that lead back to it (section 5.5); errors count as no name.
    fn validated_names(&self) -> Result<Vec<String>, Stop> {
        let answer = self.ask(&reverse_name(self.sender.ip), RecordType::Ptr)?;
        let names: Vec<&String> = answer.records.iter().take(MOST_NAMES).collect();
        let kind = self.address_type();
        self.need_all(names.iter().filter(|name| is_askable(name)).map(|name| Question::new(name, kind)))?;
        let mut validated = Vec::new();
        for name in names.into_iter().filter(|name| is_askable(name)) {
            if self.ask(name, kind)?.addresses().any(|ip| ip == self.sender.ip) {
                validated.push(name.clone());
            }
        }
        Ok(validated)
    }

    fn explain(&self, target: Option<&MacroText>, domain: &str) -> Result<Option<String>, Stop> {
        let Some(target) = target else { return Ok(None) };
        let name = self.expand_name(target, domain)?;
        if !is_askable(&name) {
            return Ok(None);
        }
        let answer = self.ask(&name, RecordType::Txt)?;
        let [text] = answer.records.as_slice() else { return Ok(None) };
        let Some(text) = MacroText::parse(text, true) else { return Ok(None) };
        let validated = self.validated(&text, domain)?;
        Ok(Some(text.expand(&self.variables(domain, &validated))))
    }

    fn target(&self, target: Option<&MacroText>, domain: &str) -> Result<String, Stop> {
        target.map_or_else(|| Ok(domain.to_owned()), |target| self.expand_name(target, domain))
    }

    fn expand_name(&self, text: &MacroText, domain: &str) -> Result<String, Stop> {
        let validated = self.validated(text, domain)?;
        Ok(text.expand_name(&self.variables(domain, &validated)))
    }

    /// The value of `p`: the domain itself, a name below it, any validated name, or `unknown` (section 7.3).
    fn validated(&self, text: &MacroText, domain: &str) -> Result<String, Stop> {
        if !text.uses('p') {
            return Ok(String::new());
        }
        let names = self.validated_names()?;
        let best = names
            .iter()
            .find(|name| name.eq_ignore_ascii_case(domain))
            .or_else(|| names.iter().find(|name| is_or_below(name, domain)))
            .or_else(|| names.first());
        Ok(best.cloned().unwrap_or_else(|| "unknown".to_owned()))
    }

    fn variables<'v>(&'v self, domain: &'v str, validated: &'v str) -> Variables<'v> {
        Variables {
            local: &self.sender.local,
            sender_domain: &self.sender.domain,
            domain,
            ip: self.sender.ip,
            helo: &self.sender.helo,
            receiver: &self.sender.receiver,
            seconds: self.sender.seconds,
            validated,
        }
    }

    const fn address_type(&self) -> RecordType {
        if self.sender.ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa }
    }

    fn addresses(&self, name: &str) -> Result<Answer, Stop> {
        self.certain(name, self.address_type())
    }

    /// An answer that is yes or no; anything else ends the evaluation for now.
    fn certain(&self, name: &str, kind: RecordType) -> Result<Answer, Stop> {
        if !is_askable(name) {
            return Ok(Answer::nothing(Outcome::NoName));
        }
        let answer = self.ask(name, kind)?;
        if answer.outcome.is_certain() {
            Ok(answer.clone())
        } else {
            Err(Stop::Temporary(format!("{} {name}: {}", kind.name(), answer.outcome.name())))
        }
    }

    fn ask(&self, name: &str, kind: RecordType) -> Result<&Answer, Stop> {
        let question = Question::new(name, kind);
        self.known.answer(&question).ok_or_else(|| Stop::Need(vec![question]))
    }

    fn need_all(&self, questions: impl Iterator<Item = Question>) -> Result<(), Stop> {
        let missing: Vec<Question> =
            questions.filter(|question| self.known.answer(question).is_none()).collect();
        if missing.is_empty() { Ok(()) } else { Err(Stop::Need(missing)) }
    }

    fn count_lookup(&mut self) -> Result<(), Stop> {
        self.lookups += 1;
        if self.lookups > MOST_LOOKUPS {
            return Err(Stop::Permanent(format!("more than {MOST_LOOKUPS} terms need the DNS")));
        }
        Ok(())
    }

    fn count_void(&mut self, answer: &Answer) -> Result<(), Stop> {
        if answer.outcome != Outcome::Found {
            self.voids += 1;
        }
        if self.voids > MOST_VOID_LOOKUPS {
            return Err(Stop::Permanent(format!("more than {MOST_VOID_LOOKUPS} look-ups came back empty")));
        }
        Ok(())
    }

    fn any_within(&self, answer: &Answer, v4: u8, v6: u8) -> bool {
        let prefix = if self.sender.ip.is_ipv4() { v4 } else { v6 };
        answer.addresses().any(|ip| within(self.sender.ip, ip, prefix))
    }
}

/// Whether an address lies within a network; a prefix of 0 holds every address of the family.
pub(crate) fn within(ip: IpAddr, network: IpAddr, prefix: u8) -> bool {
    match (ip, network) {
        (IpAddr::V4(ip), IpAddr::V4(network)) => {
            let differing = u32::from(ip) ^ u32::from(network);
            differing.checked_shr(32 - u32::from(prefix.min(32))).unwrap_or(0) == 0
        }
        (IpAddr::V6(ip), IpAddr::V6(network)) => {
            let differing = u128::from(ip) ^ u128::from(network);
            differing.checked_shr(128 - u32::from(prefix.min(128))).unwrap_or(0) == 0
        }
        _ => false,
    }
}
