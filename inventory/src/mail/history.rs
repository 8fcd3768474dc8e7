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

/// The later audit, where what it could not find out stands as the earlier one knew it: a change that happens during an
/// outage is then seen by the first audit after it.
#[must_use]
pub fn carried(earlier: &DomainEvidence, mut later: DomainEvidence) -> DomainEvidence {
    let asked: BTreeSet<&Question> = earlier.lookups.keys().chain(later.lookups.keys()).collect();
    let unknown = asked.into_iter().filter(|asked| said(&later, asked).is_none());
    let known: Vec<(Question, Answer)> =
        unknown.filter_map(|asked| Some((asked.clone(), said(earlier, asked)?))).collect();
    later.lookups.extend(known);
    if lacks_policy(&later) && matches!(earlier.policy, Some(PolicyFetch::Fetched(_))) {
        later.policy.clone_from(&earlier.policy);
    }
    later
}

/// Whether an earlier audit may know what this one could not find out, so that [`carried`] adds to it.
#[must_use]
pub fn leaves_open(evidence: &DomainEvidence) -> bool {
    let unknown = |asked: &Question| said(evidence, asked).is_none();
    evidence.lookups.is_empty() || evidence.lookups.keys().any(unknown) || lacks_policy(evidence)
}

/// Whether there may be a policy file that was not read. Without a record that announces one there is none.
fn lacks_policy(evidence: &DomainEvidence) -> bool {
    match &evidence.policy {
        Some(PolicyFetch::Fetched(_)) => false,
        Some(PolicyFetch::Failed(_) | PolicyFetch::NotCheckable(_)) => true,
        None => said(evidence, &evidence.question("_mta-sts", RecordType::Txt)).is_none(),
    }
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
    let is_guess = question.name == evidence.question(&evidence.canary, question.kind).name;
    evidence.owns(&question.name)
        && !is_guess
        && !matches!(question.kind, RecordType::Soa | RecordType::Dnskey)
}

/// The answer in a form that can be compared; none where nothing is known for certain. Names that were guessed and do
/// not exist are not kept, so that a guess without an answer is a name that is not there, if the audit came so far.
pub(super) fn said(evidence: &DomainEvidence, question: &Question) -> Option<Answer> {
    let Some(answer) = evidence.lookups.get(question) else {
        return was_guessed_in_vain(evidence, question).then(|| Answer::nothing(Outcome::NoName));
    };
    let certain = answer.outcome.is_certain() || answer.outcome == Outcome::Bogus;
    let mut answer = answer.clone();
    answer.records.sort();
    certain.then_some(answer)
}

/// Whether a guessed name without an answer was asked for: an audit asks for no guess before it knows the zone and what
/// lies above the name.
fn was_guessed_in_vain(evidence: &DomainEvidence, question: &Question) -> bool {
    let is_certain = |question: &Question| {
        evidence.lookups.get(question).is_some_and(|answer| answer.outcome.is_certain())
    };
    if !evidence.is_guess(question) || !is_certain(&evidence.question("", RecordType::Soa)) {
        return false;
    }
    let keys = evidence.question("_domainkey", RecordType::Txt);
    if question.name.ends_with(&format!(".{}", keys.name)) {
        return is_certain(&keys);
    }
    // Addresses are asked for behind aliases alone: without one there is no row, and none was missed.
    let aliased = Question { name: question.name.clone(), kind: RecordType::Cname };
    !matches!(question.kind, RecordType::A | RecordType::Aaaa)
        || !evidence.lookups.contains_key(&aliased)
        || is_certain(&aliased)
}

fn alias(answer: &Answer) -> Vec<String> {
    answer.aliases.first().cloned().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    const DOMAIN: &str = "schule.example";

    fn zone(records: &[(&str, RecordType, &[&str])]) -> DomainEvidence {
        let mut evidence = DomainEvidence::new(DOMAIN, "rg-canary");
        evidence.selectors = vec!["selector1".to_owned(), "mail".to_owned()];
        evidence.hosts = vec!["www".to_owned()];
        let soa = Answer::found(vec!["a b 0".to_owned()]);
        evidence.lookups.insert(Question::new(DOMAIN, RecordType::Soa), soa);
        evidence.lookups.insert(above_keys(), Answer::nothing(Outcome::NoRecords));
        for (name, kind, values) in records {
            let values: Vec<String> = values.iter().map(|&value| value.to_owned()).collect();
            let answer =
                if values.is_empty() { Answer::nothing(Outcome::NoRecords) } else { Answer::found(values) };
            evidence.lookups.insert(Question::new(name, *kind), answer);
        }
        evidence
    }

    fn above_keys() -> Question {
        Question::new("_domainkey.schule.example", RecordType::Txt)
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

    /// A zone with a key and an alias, and what three audits that broke off are left with.
    fn broken_off() -> (DomainEvidence, [DomainEvidence; 3]) {
        let key = ("mail._domainkey.schule.example", RecordType::Txt, &["v=DKIM1; p=A"][..]);
        let www = ("www.schule.example", RecordType::Cname, &["a.host.example"][..]);
        let address = ("www.schule.example", RecordType::A, &["93.184.1.1"][..]);
        let mut silent = DomainEvidence { lookups: BTreeMap::new(), ..zone(&[]) };
        let soa = Question::new(DOMAIN, RecordType::Soa);
        silent.lookups.insert(soa, Answer::nothing(Outcome::TimedOut));
        let mut without_keys = zone(&[www, address]);
        without_keys.lookups.insert(above_keys(), Answer::nothing(Outcome::ServerFailure));
        let mut without_www = zone(&[key]);
        let alias = Question::new("www.schule.example", RecordType::Cname);
        without_www.lookups.insert(alias, Answer::nothing(Outcome::TimedOut));
        (zone(&[key, www, address]), [silent, without_keys, without_www])
    }

    #[test]
    fn a_guess_that_was_not_asked_for_is_not_gone() {
        let (full, broken) = broken_off();
        for part in &broken {
            assert_eq!(told(&full, part), [""; 0], "{part:?}");
            assert_eq!(told(part, &full), [""; 0], "{part:?}");
        }
        assert_eq!(told(&full, &zone(&[])).len(), 3, "those that were asked for are");
    }

    #[test]
    fn what_an_outage_hid_is_carried_over_it() {
        let (mut full, broken) = broken_off();
        full.policy = Some(PolicyFetch::Fetched("mode: testing".to_owned()));
        for part in broken {
            let over = carried(&full, part);
            assert_eq!(told(&full, &over), [""; 0]);
            assert_eq!(told(&over, &zone(&[])).len(), 3, "what went meanwhile");
            assert_eq!(over.policy, full.policy);
        }
        // What did not exist before the outage is new after it.
        let (full, broken) = broken_off();
        for part in broken {
            let before = zone(&[("mail._domainkey.schule.example", RecordType::Txt, &["v=DKIM1; p=A"])]);
            let address = Question::new("www.schule.example", RecordType::A);
            let expected = if part.lookups.contains_key(&address) { 0 } else { 2 };
            assert_eq!(told(&carried(&before, part), &full).len(), expected);
        }
        // What the later audit knows counts.
        let moved = zone(&[("www.schule.example", RecordType::Cname, &["b.host.example"])]);
        assert_eq!(carried(&full, moved.clone()), moved);
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
