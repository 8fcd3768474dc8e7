//! From where a domain was looked at. A school's resolver may show another zone than the internet sees (split horizon) or
//! hide names; so what it shows is compared and labelled, and founds no finding alone.

use super::evidence::DomainEvidence;
use super::lookup::{Question, RecordType};
use super::wording::Remark;
use crate::Fields;
use crate::vocabulary::DNS_VIEW;

/// A place to look from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// As the internet sees the domain: an agent at the Träger, or a public resolver.
    #[default]
    Public,
    /// As a school's resolver shows it.
    Inside,
}

impl View {
    /// The name in evidence and in scope files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Inside => "inside",
        }
    }

    /// The view of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Public, Self::Inside].into_iter().find(|view| view.name() == name)
    }

    /// The view of an observation; evidence that names none is older than views and counts as public.
    #[must_use]
    pub fn of(fields: &Fields) -> Self {
        fields.text(&DNS_VIEW).and_then(Self::from_name).unwrap_or_default()
    }
}

/// Whether the domain's own name servers, asked themselves over the internet, hold the zone that the resolver showed:
/// then the look from inside is the public one.
#[must_use]
pub fn is_vouched(evidence: &DomainEvidence) -> bool {
    let shown = evidence.below("", RecordType::Soa).and_then(super::lookup::Answer::serial);
    let vouches = |server: &super::NameServer| {
        server.authoritative == Some(true) && server.serial.is_some() && server.serial == shown
    };
    evidence.servers.values().any(vouches)
}

/// What a school's resolver shows otherwise than the internet does, among the records that decide about mail.
#[must_use]
pub fn differences(public: &DomainEvidence, inside: &DomainEvidence) -> Vec<Remark> {
    let domain = &public.domain;
    let mut compared = vec![
        Question::new(domain, RecordType::Mx),
        Question::new(domain, RecordType::Ns),
        Question::new(domain, RecordType::Txt),
        Question::new(&format!("_dmarc.{domain}"), RecordType::Txt),
    ];
    compared.extend(public.mail_hosts().iter().map(|host| Question::new(host, RecordType::A)));
    let mut lines = Vec::new();
    for question in compared {
        let records = |evidence: &DomainEvidence| {
            let answer = evidence.lookups.get(&question).filter(|answer| answer.outcome.is_certain())?;
            let mut records = answer.records.clone();
            records.sort();
            Some(records)
        };
        let (Some(outside), Some(within)) = (records(public), records(inside)) else { continue };
        if outside == within {
            continue;
        }
        for (says, records) in [("public-says", outside), ("inside-says", within)] {
            let shown = if records.is_empty() { "–".to_owned() } else { records.join(", ") };
            let with = [("name", &*question.name), ("kind", question.kind.name()), ("records", &shown)];
            lines.push(Remark::said(says, with));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::evidence::NameServer;
    use crate::mail::lookup::{Answer, Outcome};

    /// What was seen from one place: lines of `NAME TYPE VALUE`, where `-` is a name that does not exist, `!` SERVFAIL.
    fn seen(lines: &[&str]) -> DomainEvidence {
        let mut evidence = DomainEvidence::new("schule.example", "rg-canary");
        for line in lines {
            let mut parts = line.splitn(3, ' ');
            let mut part = || parts.next().unwrap_or_else(|| panic!("half a line: {line}"));
            let (question, value) = (Question::new(part(), part().parse().unwrap()), part());
            let answer = match value {
                "-" => Answer::nothing(Outcome::NoName),
                "!" => Answer::nothing(Outcome::ServerFailure),
                records => Answer::found(records.split(" + ").map(str::to_owned).collect()),
            };
            evidence.lookups.insert(question, answer);
        }
        evidence
    }

    #[test]
    fn what_a_school_is_shown_otherwise_is_told_side_by_side() {
        let public = [
            "schule.example MX 10 mx.post.example",
            "schule.example TXT v=spf1 mx -all + hello",
            "schule.example NS ns1.dns.example + ns2.dns.example",
            "_dmarc.schule.example TXT v=DMARC1; p=reject",
            "mx.post.example A 93.184.4.1",
        ];
        let check = |line: &str, expected: &[&str]| {
            let question = |line: &str| line.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" ");
            let kept = public.iter().filter(|known| question(known) != question(line)).copied();
            let inside: Vec<&str> = kept.chain([line]).collect();
            let lines = differences(&seen(&public), &seen(&inside));
            let told: Vec<String> = lines.iter().map(ToString::to_string).collect();
            assert_eq!(told.len(), expected.len(), "{line}: {told:?}");
            for (told, part) in told.iter().zip(expected) {
                assert!(told.contains(part), "{line}: '{part}' is not in {told}");
            }
        };
        assert_eq!(differences(&seen(&public), &seen(&public)), []);
        // Another order is the same answer, and an answer that failed is none.
        check("schule.example NS ns2.dns.example + ns1.dns.example", &[]);
        check("schule.example MX !", &[]);
        check("mx.post.example A !", &[]);
        // A zone of the school's own, and a filter that denies names.
        check("mx.post.example A 192.168.1.25", &["93.184.4.1", "192.168.1.25"]);
        check("_dmarc.schule.example TXT -", &["v=DMARC1; p=reject", "–"]);
        check("schule.example MX -", &["10 mx.post.example", "–"]);
    }

    #[test]
    fn only_the_domains_own_servers_vouch_for_a_look_from_inside() {
        let shown = |serial: Option<u32>, authoritative: Option<bool>| {
            let mut evidence = seen(&["schule.example SOA ns.example h.example 7 1 2 3 4"]);
            let server = NameServer { authoritative, serial, ..NameServer::default() };
            evidence.servers.insert("93.184.2.1".parse().unwrap(), server);
            is_vouched(&evidence)
        };
        assert!(shown(Some(7), Some(true)));
        // Another zone, one that is told by hearsay, and no answer.
        assert!(!shown(Some(8), Some(true)));
        assert!(!shown(Some(7), Some(false)));
        assert!(!shown(None, Some(true)) && !shown(Some(7), None));
        assert!(!is_vouched(&seen(&["schule.example SOA !"])));
    }
}
