//! Judgement and proposals over small zones in memory: what is planned is asked, what is asked is judged, and every
//! proposal is applied to its zone and judged again.

mod known;
mod offers;
mod remedies;
mod traps;
mod zone;

use super::{Context, MailFinding, judge, not_checkable, undecided};
use crate::mail::dkim::tests::published;
use crate::mail::evidence::{Certificate, DomainEvidence, NameServer, PolicyFetch};
use crate::mail::lookup::{Answer, Outcome, Question, RecordType};
use crate::mail::{BASELINE, Severity, catalogue};
use std::collections::BTreeSet;
use zone::{DOMAIN, Zone};

/// The ids of faults: neither facts nor what is true of nearly every domain.
fn faults(findings: &[MailFinding]) -> BTreeSet<&'static str> {
    let fault = |f: &&MailFinding| f.severity != Severity::Info && !BASELINE.contains(&f.id);
    findings.iter().filter(fault).map(|f| f.id).collect()
}

/// Facts that need nothing: all is well, or a parent decided.
const NOTHING_TO_DO: [&str; 3] = ["domain.parked", "dmarc.inherited", "domain.expiry"];

/// Applies a proposal, as the providers would.
fn apply(zone: &Zone, finding: &MailFinding) -> Option<Zone> {
    let proposal = finding.proposal.as_ref().filter(|proposal| proposal.changes())?;
    let mut after = zone.clone();
    for record in &proposal.remove {
        after.remove(&format!("{} {} {}", record.name, record.kind.name(), record.value));
    }
    for record in &proposal.add {
        after.add(&format!("{} {} {}", record.name, record.kind.name(), record.value));
    }
    if let Some(file) = &proposal.file {
        // Whoever was asked to serve the file has done so.
        assert!(!proposal.ask.is_empty(), "nobody is asked to serve {}", file.url);
        after.policy = PolicyFetch::Fetched(file.text.clone());
        let host = format!("mta-sts.{DOMAIN}");
        if after.records.iter().all(|(name, ..)| *name != host) {
            after.add(&format!("{host} A 93.184.1.1"));
        }
    }
    Some(after)
}

/// Every finding offers an exact change that closes it and raises no other, or a request that is ready to be sent.
/// Returns how many of the expected ones offer a change.
#[track_caller]
fn settle(zone: &Zone, expected: &[&str]) -> usize {
    let findings = zone.judged();
    assert_eq!(faults(&findings), expected.iter().copied().collect(), "{findings:#?}");
    let mut changes = 0;
    for finding in &findings {
        assert!(catalogue::entry(finding.id).is_some(), "{} is not in the catalogue", finding.id);
        let Some(after) = apply(zone, finding) else {
            let says = |p: &crate::mail::Proposal| !p.ask.is_empty() || p.question.is_some();
            let ready = finding.proposal.as_ref().is_some_and(says) || NOTHING_TO_DO.contains(&finding.id);
            assert!(ready, "{} offers nothing", finding.id);
            continue;
        };
        changes += usize::from(expected.contains(&finding.id));
        if finding.id.starts_with("spf.") {
            offers::assert_senders_still_pass(zone, &after);
        }
        let proposal = &finding.proposal;
        let left = after.judged();
        assert!(left.iter().all(|f| f.id != finding.id), "{} is still there: {proposal:#?}", finding.id);
        let new: Vec<_> = faults(&left).difference(&faults(&findings)).copied().collect();
        assert!(new.is_empty(), "{}: {proposal:#?} raises {new:?}", finding.id);
    }
    changes
}

/// Changes the good zone and settles what is wrong then.
#[track_caller]
fn check(remove: &[&str], add: &[&str], expected: &[&str]) -> usize {
    let mut zone = Zone::good();
    remove.iter().for_each(|prefix| zone.remove(prefix));
    add.iter().for_each(|line| zone.add(line));
    settle(&zone, expected)
}

#[test]
fn a_good_domain_raises_nothing() {
    check(&[], &[], &[]);
    check(&["schule.example MX"], &["schule.example MX 5 MX.post.example"], &[]);
}

#[test]
fn sender_policies_are_judged_and_repaired() {
    let spf = |text: &str, expected: &[&str], proposals: usize| {
        let line = format!("schule.example TXT {text}");
        assert_eq!(check(&["schule.example TXT"], &[&line], expected), proposals, "{text}");
    };
    spf("v=spf1 mx +all", &["spf.permissive-all"], 1);
    spf("v=spf1 mx all", &["spf.permissive-all"], 1);
    spf("v=spf1 mx ?all", &["spf.neutral-all"], 1);
    spf("v=spf1 mx", &["spf.neutral-all"], 1);
    spf("v=spf1 ip4:0.0.0.0/0 -all", &["spf.overbroad"], 1);
    spf("v=spf1 mx ip4:192.0.2.300 -all", &["spf.syntax"], 1);
    spf("v=spf1 mx ptr -all", &["spf.ptr"], 1);
    spf("v=spf1 mx include:gone.example -all", &["spf.include-missing"], 1);
    spf("v=spf1 redirect=gone.example", &["spf.redirect-missing"], 1);
    spf("v=spf1 mx -all redirect=_spf.post.example", &["spf.redirect-ignored"], 1);
    spf("v=spf1 mx -all include:_spf.post.example", &["spf.terms-after-all"], 1);
    spf("v=spf1 include:schule.example -all", &["spf.include-loop"], 1);
    spf("v=spf1 mx a:g1.example a:g2.example mx:g3.example -all", &["spf.too-many-void-lookups"], 1);
    spf("v=spf1 mx a:g1.example -all", &[], 0);
    let many: String = (0..60).map(|n| format!(" ip4:93.184.4.{n}")).collect();
    spf(&format!("v=spf1{many} -all"), &["spf.record-long"], 1);
    let eleven = " a:mx.post.example".repeat(11);
    spf(&format!("v=spf1{eleven} -all"), &["spf.too-many-lookups"], 1);
    assert_eq!(check(&["schule.example TXT"], &[], &["spf.missing"]), 1);
    let two = "schule.example TXT V=SPF1 mx ~all";
    assert_eq!(check(&[], &[two], &["spf.multiple"]), 1);
    let old = "schule.example SPF v=spf1 mx -all";
    assert_eq!(check(&["schule.example TXT"], &[old], &["spf.missing", "spf.type99-only"]), 2);
}

#[test]
fn dmarc_is_judged_and_repaired() {
    let dmarc = |text: &str, expected: &[&str]| {
        let line = format!("_dmarc.schule.example TXT {text}");
        assert_eq!(check(&["_dmarc.schule.example"], &[&line], expected), expected.len(), "{text}");
    };
    let rua = "rua=mailto:d@schule.example";
    dmarc(&format!("v=DMARC1; p=none; {rua}"), &["dmarc.policy-none"]);
    dmarc(&format!("v=DMARC1; {rua}"), &["dmarc.policy-missing"]);
    dmarc(&format!("v=DMARC1; p=rejct; {rua}"), &["dmarc.syntax"]);
    dmarc(&format!("v=DMARC1; p=reject; sp=none; {rua}"), &["dmarc.sp-weaker"]);
    dmarc(&format!("v=DMARC1; p=quarantine; pct=20; {rua}"), &["dmarc.pct"]);
    dmarc(&format!("v=DMARC1; p=reject; t=y; {rua}"), &["dmarc.testing"]);
    dmarc("v=DMARC1; p=reject", &["dmarc.rua-missing"]);
    dmarc("v=DMARC1; p=reject; rua=d@schule.example", &["dmarc.rua-invalid"]);
    dmarc("v=DMARC1; p=reject; rua=mailto:d@reports.example", &["dmarc.rua-unauthorised"]);
    dmarc(&format!("v=dmarc1; p=reject; {rua}"), &["dmarc.missing"]);
    let two = format!("_dmarc.schule.example TXT v=DMARC1; p=none; {rua}");
    assert_eq!(check(&[], &[&two], &["dmarc.multiple"]), 1);
    let agreed = "schule.example._report._dmarc.reports.example TXT v=DMARC1;";
    let foreign = "_dmarc.schule.example TXT v=DMARC1; p=reject; rua=mailto:d@reports.example";
    check(&["_dmarc.schule.example"], &[agreed, foreign], &[]);
}

#[test]
fn keys_are_judged() {
    let key = |text: &str, expected: &[&str]| {
        let line = format!("selector1._domainkey.schule.example TXT {text}");
        check(&["selector1._domainkey"], &[&line], expected)
    };
    let short = |octets| format!("v=DKIM1; k=rsa; p={}", published(octets));
    key(&short(128), &["dkim.short-key"]);
    key(&short(64), &["dkim.weak-key"]);
    key("v=DKIM1; p=", &["dkim.revoked"]);
    key("v=DKIM1; p=!!", &["dkim.syntax"]);
    assert_eq!(key(&format!("v=DKIM1; t=y; p={}", published(256)), &["dkim.testing"]), 1);
    assert_eq!(key(&format!("v=DKIM1; h=sha1; p={}", published(256)), &["dkim.sha1-only"]), 1);
    check(&["selector1._domainkey"], &[], &["dkim.missing"]);
    check(&["selector1._domainkey"], &["x9._domainkey.schule.example TXT v=DKIM1; p="], &[]);
    check(
        &["selector1._domainkey"],
        &["selector1._domainkey.schule.example CNAME gone.post.example"],
        &["dkim.cname-dangling"],
    );
}

#[test]
fn exchangers_and_names_are_judged_and_repaired() {
    assert_eq!(check(&[], &["schule.example MX 0 ."], &["mx.null-with-others"]), 1);
    for literal in ["93.184.4.1", "[93.184.4.1]", "93.184.4.1.schule.example", "[93.184.4.1].schule.example"]
    {
        let written = format!("schule.example MX 10 {literal}");
        assert_eq!(check(&["schule.example MX"], &[&written], &["mx.ip-literal"]), 1, "{literal}");
    }
    assert_eq!(check(&[], &["schule.example MX 20 gone.post.example"], &["mx.unresolvable"]), 1);
    let alias = ["schule.example MX 10 alias.post.example", "alias.post.example CNAME mx.post.example"];
    assert_eq!(check(&["schule.example MX"], &alias, &["mx.cname"]), 1);
    let private = ["schule.example MX 10 m.schule.example", "m.schule.example A 192.168.1.5"];
    check(&["schule.example MX"], &private, &["mx.private-address"]);
    check(&["1.4.184.93"], &[], &["mx.ptr-missing"]);
    check(&["1.4.184.93"], &["1.4.184.93.in-addr.arpa PTR other.example"], &["mx.fcrdns-mismatch"]);
    check(&["schule.example NS ns2"], &[], &["ns.single"]);
    check(&["ns2.dns.example"], &["ns2.dns.example A 93.184.2.9"], &["ns.same-network"]);
    assert_eq!(check(&[], &["schule.example NS gone.dns.example"], &["ns.unresolvable"]), 1);
    let alias = ["schule.example NS a.dns.example", "a.dns.example CNAME ns2.dns.example"];
    assert_eq!(check(&["schule.example NS ns2"], &alias, &["ns.cname"]), 1);
    assert_eq!(check(&[], &["moodle.schule.example CNAME gone.cloud.example"], &["dns.dangling-cname"]), 1);
    check(&[], &["*.schule.example A 93.184.1.1"], &["dns.wildcard"]);
}

#[test]
fn parked_domains_are_told_from_forgotten_ones() {
    let quiet = ["schule.example MX", "schule.example TXT", "_dmarc", "selector1"];
    let parked = [
        "schule.example MX 0 .",
        "schule.example TXT v=spf1 -all",
        "_dmarc.schule.example TXT v=DMARC1; p=reject;",
    ];
    check(&quiet, &parked, &[]);
    let expected = ["domain.parked-incomplete", "dmarc.missing", "spf.missing"];
    assert_eq!(check(&quiet, &parked[..1], &expected), 3);
    check(&quiet, &[], &["mx.missing", "spf.missing", "dmarc.missing"]);
}

#[test]
fn what_failed_is_never_called_missing() {
    let mut zone = Zone::good();
    zone.broken = vec!["_dmarc.schule.example".to_owned(), "_domainkey.schule.example".to_owned()];
    assert!(faults(&zone.judged()).is_empty());
    zone.broken = vec![DOMAIN.to_owned()];
    assert_eq!(faults(&zone.judged()), ["domain.unresolvable"].into());
    zone.broken = vec!["example".to_owned()];
    assert!(zone.judged().is_empty());
    // Our line broke while its own cache still knew the top level.
    zone.broken = vec![DOMAIN.to_owned()];
    let mut evidence = zone.evidence();
    let now = evidence.beside().unwrap();
    evidence.lookups.insert(now, Answer::nothing(Outcome::ServerFailure));
    evidence.lookups.insert(
        Question::new("example", RecordType::Soa),
        Answer::found(vec!["ns. h. 1 2 3 4 5".to_owned()]),
    );
    assert!(judge(&evidence, &Context::default()).is_empty());
}

#[test]
fn what_a_resolver_on_the_way_says_is_no_fault_of_the_name_servers() {
    let mut evidence = Zone::good().evidence();
    let hearsay = NameServer {
        authoritative: Some(false),
        recursion: Some(true),
        said: "NOERROR, without authority".to_owned(),
        ..NameServer::default()
    };
    evidence.servers.values_mut().for_each(|server| *server = hearsay.clone());
    let judged = |evidence: &_| faults(&judge(evidence, &Context::default()));
    assert!(judged(&evidence).is_empty());
    let told = format!("{:?}", not_checkable(&evidence));
    assert!(told.contains("93.184.2.1") && told.contains("93.184.3.1"), "{told}");
    assert!(undecided(&evidence).contains("ns.lame"));
    // In the other address family nobody stands in the way.
    let serving = NameServer { authoritative: Some(true), serial: Some(2026), ..NameServer::default() };
    evidence.servers.insert("2a00::2".parse().unwrap(), serving);
    assert!(judged(&evidence).is_empty());
    assert!(undecided(&evidence).contains("ns.lame"));
    evidence.servers.remove(&"2a00::2".parse().unwrap());
    let first = evidence.servers.values_mut().next().unwrap();
    *first = NameServer { authoritative: Some(true), serial: Some(2026), ..NameServer::default() };
    assert_eq!(judged(&evidence), ["ns.lame", "ns.open-recursion"].into(), "the other one is heard");
    assert!(not_checkable(&evidence).is_empty());
}

#[test]
fn a_pinned_certificate_needs_nobody_to_vouch_for_it() {
    let check = |associations: &[&str], is_signed: bool, expected: &[&str]| {
        let mut zone = Zone::good();
        zone.greeting.chain = vec![Certificate { key_sha256: "ab".repeat(32), ..Certificate::default() }];
        zone.greeting.certificate_fault = Some("invalid peer certificate: Expired".to_owned());
        zone.signed = if is_signed { vec!["post.example".to_owned()] } else { Vec::new() };
        for &record in associations {
            let digest = record.replace("FITS", &"ab".repeat(32)).replace("OTHER", &"cd".repeat(32));
            zone.add(&format!("_25._tcp.mx.post.example TLSA {digest}"));
        }
        let faults = faults(&zone.judged());
        assert_eq!(faults, expected.iter().copied().collect(), "{associations:?}");
    };
    check(&["3 1 1 FITS"], true, &[]);
    check(&["3 1 1 OTHER", "3 1 1 FITS"], true, &[]);
    check(&["3 1 1 FITS"], false, &["smtp.cert-invalid"]);
    check(&["2 1 1 FITS"], true, &["smtp.cert-invalid"]);
    check(&["3 1 1 OTHER"], true, &["dane.mismatch", "smtp.cert-invalid"]);
    // Mail knows no authorities: what rests on them is as good as not there.
    check(&["1 1 1 OTHER"], true, &["smtp.cert-invalid"]);
    check(&["0 1 1 FITS", "1 1 1 FITS"], true, &["smtp.cert-invalid"]);
    check(&["1 1 1 OTHER", "3 1 1 OTHER"], true, &["dane.mismatch", "smtp.cert-invalid"]);
}

#[test]
fn loops_and_bombs_end() {
    let check = |lines: &[&str]| {
        let mut zone = Zone::good();
        zone.remove("schule.example TXT");
        lines.iter().for_each(|line| zone.add(line));
        drop(zone.judged());
    };
    check(&[
        "schule.example TXT v=spf1 include:a.example",
        "a.example CNAME b.example",
        "b.example CNAME a.example",
    ]);
    check(&["*.schule.example CNAME schule.example", "schule.example CNAME x.schule.example"]);
    check(&["*.schule.example TXT v=spf1 include:a.schule.example include:b.schule.example -all"]);
    let long = format!("schule.example TXT v=spf1 {}", "include:a.schule.example ".repeat(2600));
    check(&[&long, "*.schule.example TXT v=spf1 mx a mx mx a include:b.schule.example"]);
}

#[test]
fn evidence_survives_as_fields() {
    let mut zone = Zone::good();
    zone.add("moodle.schule.example CNAME gone.cloud.example");
    zone.add("*.schule.example TXT hello");
    let evidence = zone.evidence();
    let fields = evidence.to_fields();
    let back = DomainEvidence::from_fields(DOMAIN, &fields).unwrap();
    let ids = |evidence| judge(evidence, &Context::default()).iter().map(|f| f.id).collect::<Vec<_>>();
    assert_eq!(ids(&back), ids(&evidence));
    assert_eq!(back.to_fields(), fields);
}

#[test]
fn every_finding_has_texts_in_three_languages() {
    assert!(catalogue::all().len() > 80);
    for (id, entry) in catalogue::all() {
        for texts in [&entry.de, &entry.en, &entry.nl] {
            for text in [&texts.wrong, &texts.effect, &texts.remedy] {
                assert!(text.ends_with('.'), "{id}: '{text}' is no sentence");
            }
        }
    }
}
