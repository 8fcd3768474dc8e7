//! A DNS that wants to hurt: every name there is has records of every type, made up as they are asked for, and each leads
//! to further names. The audit must end all the same, after few questions, and judge what it got.

use super::{mangled, spf, tags};
use crate::mail::lookup::{Answer, Outcome, Question, RecordType};
use crate::mail::plan::{Limits, MOST_ROUNDS, gather};
use crate::mail::{
    Certificate, Context, DomainEvidence, Language, MailServer, NameServer, PolicyFetch, judge, not_checkable,
};
use proptest::prelude::*;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// No domain is asked more than this, whatever its DNS says: mail exchangers, their addresses, the names of those and
/// their addresses again are the larger part.
const MOST_QUESTIONS: usize = 2500;

/// What it answers with.
#[derive(Debug)]
struct Hostile {
    texts: Vec<String>,
    associations: Vec<String>,
    seed: u64,
    /// How many of ten questions find records; the others end in one of the other ways.
    yielding: u64,
}

fn hostile() -> impl Strategy<Value = Hostile> {
    let text = prop_oneof![
        2 => spf(),
        1 => mangled(tags("DKIM1", &["k", "p", "h", "t"])),
        1 => mangled(tags("DMARC1", &["p", "sp", "np", "pct", "t", "psd", "rua"])),
        1 => mangled(tags("STSv1", &["id"])),
        1 => mangled(tags("TLSRPTv1", &["rua"])),
        1 => mangled(tags("BIMI1", &["l", "a"])),
        1 => "\\PC{0,40}",
    ];
    let association = "([0-9]{1,3} ?){0,4}[0-9a-f]{0,70}";
    (prop::collection::vec(text, 1..8), prop::collection::vec(association, 1..4), any::<u64>(), 5..=10_u64)
        .prop_map(|(texts, associations, seed, yielding)| Hostile { texts, associations, seed, yielding })
}

impl Hostile {
    fn dice(&self, what: impl std::hash::Hash) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.seed, what).hash(&mut hasher);
        hasher.finish()
    }

    fn one<T: Clone>(&self, from: &[T], what: impl std::hash::Hash) -> T {
        let at = usize::try_from(self.dice(what) % 1000).unwrap();
        from[at % from.len()].clone()
    }

    /// A name below the one asked for, of a neighbour, or of a loop.
    fn name(&self, question: &Question, number: u64) -> String {
        match self.dice((question, number)) % 4 {
            0 => format!("n{number}.{}", question.name),
            1 => question.name.clone(),
            2 => format!("h{}.example", self.dice((question, number, 1)) % 50),
            _ => format!("m{number}.schule.example"),
        }
    }

    fn answer(&self, question: &Question) -> Answer {
        let dice = self.dice(question);
        // The domain itself is there, or there would be nothing to try.
        if question.name != "schule.example" && dice % 10 >= self.yielding {
            let ends = [
                Outcome::NoName,
                Outcome::NoRecords,
                Outcome::ServerFailure,
                Outcome::TimedOut,
                Outcome::Bogus,
            ];
            return Answer::nothing(self.one(&ends, question));
        }
        let count = 1 + dice / 100 % 40;
        let pick = |from: &[String], number: u64| self.one(from, (question, number));
        let record = |number: u64| match question.kind {
            RecordType::A => format!("203.0.{}.{number}", dice % 256),
            RecordType::Aaaa => format!("2a00::{:x}:{number:x}", dice % 65_536),
            RecordType::Ns | RecordType::Cname | RecordType::Ptr => self.name(question, number),
            RecordType::Mx => format!("{number} {}", self.name(question, number)),
            RecordType::Soa => format!("ns.example h.example {number} 2 3 4 5"),
            RecordType::Txt | RecordType::Spf => pick(&self.texts, number),
            RecordType::Tlsa | RecordType::Caa | RecordType::Ds | RecordType::Dnskey => {
                pick(&self.associations, number)
            }
        };
        let aliases = (0..dice / 7 % 4).map(|number| self.name(question, 100 + number)).collect();
        // Mostly one record: a text that stands twice is only called a duplicate.
        let count = if question.kind == RecordType::Txt && !dice.is_multiple_of(3) { 1 } else { count };
        Answer {
            authentic: dice.is_multiple_of(2),
            aliases,
            ..Answer::found((0..count).map(record).collect())
        }
    }

    /// Gathers as the agent does; how many questions that took.
    fn gather(&self) -> (DomainEvidence, usize, usize) {
        let mut evidence = DomainEvidence::new("schule.example", "rg-canary");
        evidence.selectors = vec!["google".to_owned(), "default".to_owned()];
        evidence.hosts = vec!["www".to_owned(), "moodle".to_owned()];
        let limits = Limits { connect: true, ask_servers: true, loopback: false };
        let mut questions = 0;
        let rounds = gather(&mut evidence, limits, |evidence, wanted| {
            questions += wanted.questions.len() + wanted.servers.len() + wanted.mail_servers.len();
            for (question, _) in wanted.questions {
                let answer = self.answer(&question);
                evidence.lookups.insert(question, answer);
            }
            for ip in wanted.servers {
                let server = NameServer {
                    authoritative: Some(self.dice(ip).is_multiple_of(2)),
                    ..NameServer::default()
                };
                evidence.servers.insert(ip, server);
            }
            for (host, _) in wanted.mail_servers {
                let server = MailServer {
                    starttls: Some(self.dice(&host).is_multiple_of(2)),
                    chain: vec![Certificate { sha256: "ab".repeat(32), ..Certificate::default() }],
                    ..MailServer::default()
                };
                evidence.mail_servers.insert(host, server);
            }
            if wanted.policy.is_some() {
                evidence.policy = Some(PolicyFetch::Fetched(self.texts.join("\n")));
            }
            if let Some(ip) = wanted.transfer {
                evidence.servers.entry(ip).or_default().transfer = Some(self.dice(ip).is_multiple_of(2));
            }
        });
        (evidence, questions, rounds)
    }
}

proptest! {
    // One of these is a whole audit with hundreds of questions and all its proposals.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(8).min(400), ..ProptestConfig::default() })]

    #[test]
    fn no_dns_makes_the_audit_endless(hostile in hostile()) {
        let (evidence, questions, rounds) = hostile.gather();
        prop_assert!(rounds <= MOST_ROUNDS, "{rounds} rounds");
        prop_assert!(questions <= MOST_QUESTIONS, "{questions} questions");
        let findings = judge(&evidence, &Context::default());
        for finding in &findings {
            prop_assert!(finding.evidence.len() <= 20, "{} shows {}", finding.id, finding.evidence.len());
            prop_assert!(!finding.lines(Language::De).is_empty(), "{} shows nothing", finding.id);
        }
        drop(not_checkable(&evidence));
        let kept = DomainEvidence::from_fields("schule.example", &evidence.to_fields());
        prop_assert!(kept.is_some());
    }
}
