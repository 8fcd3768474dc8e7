//! The history of a domain's records: which record sets differ between two audits, with before and after.

use super::evidence::{DomainEvidence, PolicyFetch};
use super::judge::policy_url;
use super::lookup::{Answer, Outcome, Question, RecordType};
use std::collections::BTreeSet;

/// A record set that changed from one audit to the next.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordSetChange {
    /// Its name; for an MTA-STS policy its address.
    pub name: String,
    /// Its type as in zone files, or `policy`.
    pub kind: &'static str,
    /// The records before, sorted; empty where there were none.
    pub before: Vec<String>,
    /// The records after, sorted.
    pub after: Vec<String>,
}

/// What an MTA-STS policy counts as.
const POLICY: &str = "policy";

/// Every record set of the domain that differs. A look-up that failed on either side, or was made on one side only, says
/// nothing. Left out are the serial, the keys of a signed zone, which roll by themselves, and the addresses behind an
/// alias, which are somebody else's.
#[must_use]
pub fn record_changes(before: &DomainEvidence, after: &DomainEvidence) -> Vec<RecordSetChange> {
    let asked: BTreeSet<&Question> =
        before.lookups.keys().chain(after.lookups.keys()).filter(|asked| is_told(after, asked)).collect();
    let mut changes: BTreeSet<RecordSetChange> = BTreeSet::new();
    for question in asked {
        let (Some(old), Some(new)) = (said(before, question), said(after, question)) else { continue };
        let (from, to) = (alias(&old), alias(&new));
        let change = |kind: RecordType, before: Vec<String>, after: Vec<String>| RecordSetChange {
            name: question.name.clone(),
            kind: kind.name(),
            before,
            after,
        };
        let is_elsewhere = !from.is_empty() && matches!(question.kind, RecordType::A | RecordType::Aaaa);
        if from != to {
            changes.insert(change(RecordType::Cname, from, to));
        } else if old.records != new.records && !is_elsewhere {
            changes.insert(change(question.kind, old.records, new.records));
        }
    }
    changes.into_iter().chain(policy(before, after)).collect()
}

fn policy(before: &DomainEvidence, after: &DomainEvidence) -> Option<RecordSetChange> {
    match (&before.policy, &after.policy) {
        (Some(PolicyFetch::Fetched(old)), Some(PolicyFetch::Fetched(new))) if old != new => {
            let lines = |text: &str| text.lines().map(str::to_owned).collect();
            let (name, before, after) = (policy_url(&after.domain), lines(old), lines(new));
            Some(RecordSetChange { name, kind: POLICY, before, after })
        }
        _ => None,
    }
}

/// Whether a question is about the domain itself and its answer stays the same by itself.
fn is_told(evidence: &DomainEvidence, question: &Question) -> bool {
    let below = question.name.strip_suffix(evidence.domain.as_str());
    let is_own = below.is_some_and(|label| label.is_empty() || label.ends_with('.'));
    let is_guess = question.name == evidence.question(&evidence.canary, question.kind).name;
    is_own && !is_guess && !matches!(question.kind, RecordType::Soa | RecordType::Dnskey)
}

/// The answer in a form that can be compared; none where nothing is known for certain. Names that were guessed and do
/// not exist are not kept, so that a guess without an answer is a name that is not there.
fn said(evidence: &DomainEvidence, question: &Question) -> Option<Answer> {
    let Some(answer) = evidence.lookups.get(question) else {
        return evidence.is_guess(question).then(|| Answer::nothing(Outcome::NoName));
    };
    let certain = answer.outcome.is_certain() || answer.outcome == Outcome::Bogus;
    let mut answer = answer.clone();
    answer.records.sort();
    certain.then_some(answer)
}

fn alias(answer: &Answer) -> Vec<String> {
    answer.aliases.first().cloned().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOMAIN: &str = "schule.example";

    fn zone(records: &[(&str, RecordType, &[&str])]) -> DomainEvidence {
        let mut evidence = DomainEvidence::new(DOMAIN, "rg-canary");
        evidence.selectors = vec!["selector1".to_owned(), "mail".to_owned()];
        evidence.hosts = vec!["www".to_owned()];
        for (name, kind, values) in records {
            let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
            let answer =
                if values.is_empty() { Answer::nothing(Outcome::NoRecords) } else { Answer::found(values) };
            evidence.lookups.insert(Question::new(name, *kind), answer);
        }
        evidence
    }

    fn told(before: &DomainEvidence, after: &DomainEvidence) -> Vec<String> {
        // As the book keeps them: through fields and back.
        let kept =
            |evidence: &DomainEvidence| DomainEvidence::from_fields(DOMAIN, &evidence.to_fields()).unwrap();
        let line = |c: RecordSetChange| {
            format!("{} {}: {} -> {}", c.name, c.kind, c.before.join(" | "), c.after.join(" | "))
        };
        record_changes(&kept(before), &kept(after)).into_iter().map(line).collect()
    }

    #[test]
    fn every_record_of_the_domain_is_compared() {
        use RecordType::{A, Caa, Cname, Dnskey, Ds, Soa, Tlsa, Txt};
        let check = |before: &[(&str, RecordType, &[&str])],
                     after: &[(&str, RecordType, &[&str])],
                     expected: &[&str]| {
            assert_eq!(told(&zone(before), &zone(after)), expected, "{before:?} {after:?}");
        };
        let spf: (&str, RecordType, &[&str]) = (DOMAIN, Txt, &["v=spf1 mx -all", "check=1"]);
        check(&[spf], &[(DOMAIN, Txt, &["check=1", "v=spf1 mx -all"])], &[]);
        check(
            &[spf],
            &[(DOMAIN, Txt, &["check=1"])],
            &["schule.example TXT: check=1 | v=spf1 mx -all -> check=1"],
        );
        let key = "mail._domainkey.schule.example";
        check(
            &[(key, Txt, &["v=DKIM1; p=A"])],
            &[(key, Txt, &["v=DKIM1; p=B"])],
            &["mail._domainkey.schule.example TXT: v=DKIM1; p=A -> v=DKIM1; p=B"],
        );
        // A guessed selector that is gone leaves no row, and is gone all the same.
        check(
            &[(key, Txt, &["v=DKIM1; p=A"])],
            &[],
            &["mail._domainkey.schule.example TXT: v=DKIM1; p=A -> "],
        );
        check(
            &[],
            &[("www.schule.example", Cname, &["a.host.example"])],
            &["www.schule.example CNAME:  -> a.host.example"],
        );
        for (kind, old, new) in [
            (A, "93.184.1.1", "93.184.1.2"),
            (Caa, "0 issue \"a\"", "0 issue \"b\""),
            (Tlsa, "3 1 1 aa", "3 1 1 bb"),
            (Ds, "1 13 2 aa", "2 13 2 bb"),
        ] {
            let line = format!("schule.example {}: {old} -> {new}", kind.name());
            check(&[(DOMAIN, kind, &[old])], &[(DOMAIN, kind, &[new])], &[&line]);
        }
        // What moves by itself, what is somebody else's, and what was asked for once only.
        check(
            &[(DOMAIN, Soa, &["a b 1"]), (DOMAIN, Dnskey, &["257 a"])],
            &[(DOMAIN, Soa, &["a b 2"]), (DOMAIN, Dnskey, &["257 b"])],
            &[],
        );
        check(&[("mx.post.example", A, &["93.184.1.1"])], &[("mx.post.example", A, &["93.184.1.2"])], &[]);
        check(
            &[("andereschule.example", A, &["93.184.1.1"])],
            &[("andereschule.example", A, &["93.184.1.2"])],
            &[],
        );
        check(&[], &[("neu.schule.example", A, &["93.184.1.2"])], &[]);
    }

    #[test]
    fn what_failed_says_nothing_and_an_alias_stands_for_itself() {
        let mut old = zone(&[]);
        let mut new = zone(&[]);
        let www = Question::new("www.schule.example", RecordType::A);
        let through = |evidence: &mut DomainEvidence, target: &str, ip: &str| {
            let answer = Answer { aliases: vec![target.to_owned()], ..Answer::found(vec![ip.to_owned()]) };
            evidence.lookups.insert(www.clone(), answer);
        };
        through(&mut old, "a.cdn.example", "93.184.1.1");
        through(&mut new, "a.cdn.example", "93.184.1.2");
        assert_eq!(told(&old, &new), [""; 0]);
        through(&mut new, "b.cdn.example", "93.184.1.2");
        assert_eq!(told(&old, &new), ["www.schule.example CNAME: a.cdn.example -> b.cdn.example"]);
        let texts = Question::new(DOMAIN, RecordType::Txt);
        old.lookups.insert(texts.clone(), Answer::found(vec!["v=spf1 -all".to_owned()]));
        new.lookups.insert(texts, Answer::nothing(Outcome::TimedOut));
        assert_eq!(told(&old, &new).len(), 1, "only the alias");
        old.policy = Some(PolicyFetch::Fetched("version: STSv1\nmode: testing".to_owned()));
        new.policy = Some(PolicyFetch::Fetched("version: STSv1\nmode: enforce".to_owned()));
        assert!(
            told(&old, &new)[1]
                .starts_with("https://mta-sts.schule.example/.well-known/mta-sts.txt policy: version")
        );
    }
}
