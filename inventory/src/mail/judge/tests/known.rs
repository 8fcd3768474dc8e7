//! What people know of a domain's senders goes into every SPF record that is proposed, and decides how it ends.

use super::settle;
use super::zone::Zone;
use crate::mail::judge::judge;
use crate::mail::spf::{Sender, SpfResult, evaluate, tree};
use crate::mail::{Language, Proposal};

/// The good zone with this SPF record (none where it is empty), further records, and what people named.
fn zone(spf: &[&str], more: &[&str], senders: &[&str], complete: bool) -> Zone {
    let mut zone = Zone::good();
    zone.remove("schule.example TXT");
    spf.iter().for_each(|text| zone.add(&format!("schule.example TXT {text}")));
    more.iter().for_each(|line| zone.add(line));
    zone.context.known_senders = senders.iter().map(|&term| term.to_owned()).collect();
    zone.context.senders_complete = complete;
    zone
}

fn proposal(zone: &Zone, id: &str) -> Proposal {
    let found = zone.judged();
    let finding = found.iter().find(|finding| finding.id == id);
    finding.unwrap_or_else(|| panic!("no {id} in {found:#?}")).proposal.clone().unwrap()
}

const NEWSLETTER: &str =
    "spf.newsletter.example TXT v=spf1 ip4:93.184.9.0/24 include:spf2.newsletter.example -all";
const NEWSLETTER2: &str = "spf2.newsletter.example TXT v=spf1 ip6:2a01:4f8::/48 ~all";
const ALL: [&str; 3] = ["include:spf.newsletter.example", "ip4:93.184.8.7", "a:kopierer.schule.example"];
const COPIER: &str = "kopierer.schule.example A 93.184.8.9";

/// Every sender that was named passes, and the record needs no more look-ups than allowed.
#[track_caller]
fn assert_all_pass(zone: &Zone, record: &str) {
    let mut after = zone.clone();
    after.records.retain(|(name, _, value)| name != "schule.example" || !value.starts_with("v=spf1"));
    after.add(&format!("schule.example TXT {record}"));
    let mut evidence = after.evidence();
    for ip in ["93.184.9.1", "93.184.9.255", "2a01:4f8::25", "93.184.8.7", "93.184.8.9", "93.184.4.1"] {
        let sender = Sender::new(ip.parse().unwrap(), "post@schule.example", "schule.example");
        let result = loop {
            match evaluate(&evidence, &sender) {
                Ok(verdict) => break verdict.result,
                Err(questions) => questions.into_iter().for_each(|question| {
                    evidence.lookups.insert(question.clone(), after.answer(&question));
                }),
            }
        };
        assert_eq!(result, SpfResult::Pass, "{ip} by {record}");
    }
    assert!(tree(&evidence, "schule.example", record).lookups <= 10, "{record}");
}

#[test]
fn named_senders_stand_in_every_proposed_record() {
    let check = |spf: &[&str], id: &str, complete: bool, expected: &str| {
        let zone = zone(spf, &[NEWSLETTER, NEWSLETTER2, COPIER], &ALL, complete);
        let offered = proposal(&zone, id);
        assert_eq!(offered.add.iter().map(|r| r.value.as_str()).collect::<Vec<_>>(), [expected], "{spf:?}");
        assert_eq!(offered.question, (!complete).then_some("other-senders"), "{spf:?}");
        assert_all_pass(&zone, expected);
        assert_eq!(settle(&zone, &[id]), 1);
    };
    let named = ALL.join(" ");
    check(&[], "spf.missing", false, &format!("v=spf1 mx {named} ~all"));
    check(&[], "spf.missing", true, &format!("v=spf1 mx {named} -all"));
    check(&["v=spf1 mx +all"], "spf.permissive-all", false, &format!("v=spf1 mx {named} ~all"));
    check(&["v=spf1 mx +all"], "spf.permissive-all", true, &format!("v=spf1 mx {named} -all"));
    check(&["v=spf1 mx ~all", "v=spf1 a -all"], "spf.multiple", true, &format!("v=spf1 mx a {named} -all"));
    let redirected = ["v=spf1 ip4:93.184.8.7 ip4:93.184.4.1 ptr redirect=_spf.post.example"];
    let before =
        "v=spf1 ip4:93.184.8.7 ip4:93.184.4.1 include:spf.newsletter.example a:kopierer.schule.example";
    let zone = zone(&redirected, &[NEWSLETTER, NEWSLETTER2, COPIER], &ALL, false);
    let offered = proposal(&zone, "spf.ptr").add.remove(0).value;
    assert_eq!(offered, format!("{before} redirect=_spf.post.example"));
    assert_all_pass(&zone, &offered);
}

#[test]
fn who_is_listed_already_is_not_named_twice() {
    let senders = ["ip4:93.184.4.1", "include:_spf.post.example"];
    let zone = zone(&["v=spf1 include:_spf.post.example ?all"], &[], &senders, true);
    let offered = proposal(&zone, "spf.neutral-all");
    assert_eq!(offered.add[0].value, "v=spf1 include:_spf.post.example -all");
}

#[test]
fn no_record_is_offered_while_a_sender_cannot_be_tried() {
    // Entered since the last look-up: nothing is known of it yet.
    let seen = zone(&[], &[NEWSLETTER], &[], false).evidence();
    let later = zone(&[], &[], &ALL, true).context;
    let found = judge(&seen, &later);
    let missing = found.iter().find(|finding| finding.id == "spf.missing").unwrap().proposal.clone().unwrap();
    assert_eq!((missing.changes(), missing.question), (false, Some("senders-unseen")), "{missing:?}");
    // Looked up, and there is nothing.
    for (term, record) in [
        ("include:gone.example", "x.example TXT nothing"),
        ("include:empty.example", "empty.example TXT v=spf1 -all"),
        ("a:gone.example", "x.example TXT nothing"),
    ] {
        let missing = proposal(&zone(&[], &[record], &[term], true), "spf.missing");
        assert!(!missing.changes(), "{term}: {missing:?}");
        assert!(missing.ask[0].text(Language::De).contains(term), "{missing:?}");
    }
}

#[test]
fn more_look_ups_than_allowed_are_never_offered() {
    let names: Vec<String> =
        (0..11).map(|n| format!("n{n}.example TXT v=spf1 ip4:93.184.{n}.1 -all")).collect();
    let terms: Vec<String> = (0..11).map(|n| format!("include:n{n}.example")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let terms: Vec<&str> = terms.iter().map(String::as_str).collect();
    let few = zone(&[], &names, &terms[..9], true);
    assert_eq!(proposal(&few, "spf.missing").add.len(), 1);
    let many = zone(&[], &names, &terms, true);
    assert!(!proposal(&many, "spf.missing").changes(), "11 look-ups");
}

#[test]
fn a_domain_with_senders_is_not_parked() {
    let mut zone = zone(&[], &[], &["ip4:93.184.8.7"], false);
    zone.remove("schule.example MX");
    let offered = proposal(&zone, "spf.missing");
    assert_eq!(offered.add[0].value, "v=spf1 ip4:93.184.8.7 ~all");
    assert!(proposal(&zone, "mx.missing").add.is_empty(), "a null MX for a domain that sends");
}
