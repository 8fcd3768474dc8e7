//! What a proposal keeps: tags nobody complained about, mailboxes that are not known, senders that may send today.

use super::zone::{DOMAIN, Zone};
use super::{apply, faults, settle};
use crate::mail::evidence::DomainEvidence;
use crate::mail::judge::{Context, judge};
use crate::mail::lookup::RecordType;
use crate::mail::spf::{Sender, SpfResult, evaluate, is_wide, tree};
use crate::mail::{Language, MailFinding, Proposal};
use crate::privacy::mask_persons_mailboxes;
use std::net::IpAddr;

/// A zone whose own records of these names are replaced.
fn zone(lines: &[&str]) -> Zone {
    let mut zone = Zone::good();
    for line in lines {
        let kind = |part: &str| part.split(' ').take(2).collect::<Vec<_>>().join(" ");
        zone.records.retain(|(name, known, _)| format!("{name} {}", known.name()) != kind(line));
    }
    lines.iter().for_each(|line| zone.add(line));
    zone
}

fn offered(findings: &[MailFinding], id: &str) -> Proposal {
    let found = findings.iter().find(|finding| finding.id == id);
    found.unwrap_or_else(|| panic!("no {id} among {findings:#?}")).proposal.clone().unwrap()
}

/// The evidence as an agent reports it: without persons' mailboxes.
fn masked(zone: &Zone) -> DomainEvidence {
    let mut evidence = zone.evidence();
    for (_, answer) in evidence.lookups.iter_mut().filter(|(question, _)| question.kind != RecordType::Soa) {
        answer.records.iter_mut().for_each(|record| *record = mask_persons_mailboxes(record));
    }
    evidence
}

#[test]
fn a_mended_dmarc_record_keeps_every_other_tag() {
    let check = |text: &str, id: &str, expected: &str| {
        let zone = zone(&[&format!("_dmarc.schule.example TXT {text}")]);
        let proposal = offered(&zone.judged(), id);
        let add: Vec<&str> =
            proposal.add.iter().filter(|r| r.name == "_dmarc.schule.example").map(|r| &*r.value).collect();
        assert_eq!(add, [expected], "{text}");
        settle(&zone, &faults(&zone.judged()).into_iter().collect::<Vec<_>>());
    };
    let rest = "rua=mailto:a@schule.example!10m,mailto:b@schule.example; ruf=mailto:f@schule.example; fo=1; adkim=s; aspf=s; ri=3600";
    let strict = format!("v=DMARC1; p=quarantine; {rest}");
    check(&format!("v=DMARC1; p=none; {rest}"), "dmarc.policy-none", &strict);
    check(&format!("v=DMARC1; {rest};"), "dmarc.policy-missing", &strict);
    check(&format!("v=DMARC1;p=qarantine;{rest}"), "dmarc.syntax", &strict);
    let below = |sp: &str| format!("v=DMARC1; p=reject; sp={sp}; np=reject; {rest}");
    check(&below("none"), "dmarc.sp-weaker", &below("reject"));
    let half = |pct: &str, t: &str| format!("v=DMARC1; p=quarantine; pct={pct}; t={t}; {rest}");
    check(&half("20", "y"), "dmarc.pct", &half("100", "n"));
    check(&half("20", "y"), "dmarc.testing", &half("100", "n"));
    check(
        "v=DMARC1; p=reject; adkim=s; rua=a@schule.example, mailto:b@schule.example",
        "dmarc.rua-invalid",
        "v=DMARC1; p=reject; adkim=s; rua=mailto:a@schule.example,mailto:b@schule.example",
    );
    check(
        "v=DMARC1; p=reject; adkim=s",
        "dmarc.rua-missing",
        "v=DMARC1; p=reject; adkim=s; rua=mailto:berichte@traeger.example",
    );
}

#[test]
fn several_records_become_one_that_says_what_each_said() {
    let zone = zone(&["_dmarc.schule.example TXT v=DMARC1; p=none; aspf=s; rua=mailto:a@schule.example"]);
    let mut two = zone;
    two.add("_dmarc.schule.example TXT v=DMARC1; p=reject; adkim=s; rua=mailto:b@schule.example");
    let expected = "v=DMARC1; p=reject; adkim=s; rua=mailto:b@schule.example,mailto:a@schule.example; aspf=s";
    assert_eq!(offered(&two.judged(), "dmarc.multiple").add[0].value, expected);
    let mut reports = Zone::good();
    reports.add("_smtp._tls.schule.example TXT v=TLSRPTv1; rua=https://a.example/x");
    reports.add("_smtp._tls.schule.example TXT v=TLSRPTv1; rua=b@schule.example");
    let expected = "v=TLSRPTv1; rua=https://a.example/x,mailto:b@schule.example";
    assert_eq!(offered(&reports.judged(), "tls_rpt.multiple").add[0].value, expected);
}

#[test]
fn a_masked_mailbox_never_comes_back_as_a_record() {
    let anna = "mailto:anna.mueller@schule.example";
    let dmarc = |rest: &str| format!("_dmarc.schule.example TXT v=DMARC1; {rest}");
    let mut seen = 0;
    let mut check = |lines: &[&str]| {
        let mut zone = Zone::good();
        zone.records.retain(|(name, ..)| name != "_dmarc.schule.example");
        lines.iter().for_each(|line| zone.add(line));
        for context in [Context::default(), zone.context.clone()] {
            for finding in judge(&masked(&zone), &context) {
                let Some(proposal) = &finding.proposal else { continue };
                for language in [Language::De, Language::En, Language::Nl] {
                    let told = proposal.told(language).to_string();
                    assert!(!told.contains("***"), "{lines:?} {}: {told}", finding.id);
                }
                let stored = serde_json::to_string(proposal).unwrap();
                assert!(!stored.contains("***"), "{lines:?} {}: {stored}", finding.id);
                seen += usize::from(finding.evidence.iter().any(|line| line.to_string().contains("***")));
            }
        }
    };
    let rests = ["p=none", "p=none; sp=none; t=y", "pct=5", "p=rejct", "p=quarantine; np=none", "p none"];
    for place in
        [anna, "anna.mueller@schule.example", "mailto:anna.mueller@reports.example", "https://a.mueller@x"]
    {
        for rest in rests {
            check(&[&dmarc(&format!("{rest}; rua={place}; fo=1"))]);
            check(&[&dmarc(&format!("{rest}; rua={place}")), &dmarc(&format!("p=reject; ruf={anna}"))]);
            let target = format!("d.post.example TXT v=DMARC1; {rest}; rua={place}");
            check(&["_dmarc.schule.example CNAME d.post.example", &target]);
            check(&[
                &dmarc(&format!("{rest}; rua={place}")),
                "default._bimi.schule.example TXT v=BIMI1; l=https://schule.example/l.svg",
            ]);
        }
        let reports = format!("_smtp._tls.schule.example TXT v=TLSRPTv1; rua={place}");
        check(&[&reports]);
        check(&[&reports, "_smtp._tls.schule.example TXT v=TLSRPTv1; rua=mailto:b@b.example"]);
        check(&["selector2._domainkey.schule.example TXT v=DKIM1; t=y; n=anna.mueller@schule.example; p="]);
        check(&[&format!("schule.example TXT v=spf1 a:{place} -all")]);
    }
    assert!(seen > 100, "only {seen} findings show a masked mailbox");
}

#[test]
fn where_a_mailbox_is_masked_single_tags_are_asked_for() {
    let line = "_dmarc.schule.example TXT v=DMARC1; p=none; sp=none; rua=mailto:anna.mueller@schule.example; adkim=s";
    let proposal = offered(&judge(&masked(&zone(&[line])), &Context::default()), "dmarc.policy-none");
    assert!(!proposal.changes(), "{proposal:?}");
    assert_eq!(proposal.question, Some("senders-signed"));
    let [request] = proposal.ask.as_slice() else { panic!("{proposal:?}") };
    assert_eq!(
        request.text(Language::En),
        "In the TXT record at _dmarc.schule.example please change only this and leave the rest as it is: \
         p=none → p=quarantine | sp=none → sp=quarantine"
    );
}

#[test]
fn no_mailbox_is_invented() {
    let check = |lines: &[&str], id: &str, expected: &[&str]| {
        let mut zone = Zone { context: Context::default(), ..Zone::good() };
        zone.records.retain(|(name, ..)| name != "_dmarc.schule.example");
        lines.iter().for_each(|line| zone.add(line));
        let findings = zone.judged();
        let proposal = offered(&findings, id);
        let records: Vec<String> = proposal.add.iter().map(ToString::to_string).collect();
        assert_eq!(records, expected, "{id}");
        let asks: Vec<&str> = proposal.ask.iter().map(|request| request.asks).collect();
        assert_eq!(asks, ["report-address"], "{id}");
        for finding in &findings {
            let told = finding.proposal.as_ref().map(|proposal| proposal.told(Language::En).to_string());
            assert!(!told.unwrap_or_default().contains(&format!("@{DOMAIN}")), "{finding:#?}");
        }
        // What remains open after the change is exactly what is asked for.
        let finding = findings.iter().find(|finding| finding.id == id).unwrap();
        if let Some(after) = apply(&zone, finding) {
            assert_eq!(faults(&after.judged()), ["dmarc.rua-missing"].into(), "{id}");
        }
    };
    check(&[], "dmarc.missing", &["_dmarc.schule.example. TXT \"v=DMARC1; p=quarantine\""]);
    check(&["_dmarc.schule.example TXT v=DMARC1; p=reject"], "dmarc.rua-missing", &[]);
    check(&["_dmarc.schule.example TXT v=DMARC1; p=reject; rua=mailto:d@x.example"], "tls_rpt.missing", &[]);
}

fn spf_result(evidence: &DomainEvidence, ip: IpAddr) -> SpfResult {
    let sender = Sender::new(ip, &format!("postmaster@{DOMAIN}"), DOMAIN);
    evaluate(evidence, &sender).map_or(SpfResult::TempError, |verdict| verdict.result)
}

/// Whoever passed before a change passes after it, all mail exchangers among them; and whoever was only listed in a
/// record that counted for nothing is not refused. Networks far too wide are nobody's list of senders.
#[track_caller]
pub(super) fn assert_senders_still_pass(before: &Zone, after: &Zone) {
    let (old, new) = (before.evidence(), after.evidence());
    let records = old.spf_records();
    let listed = records.iter().flat_map(|text| tree(&old, DOMAIN, text).senders);
    let narrow = listed.filter(|&(ip, prefix)| !is_wide(ip, prefix)).map(|(ip, _)| ip);
    let exchangers = old.mail_hosts().into_iter().flat_map(|host| old.addresses(&host));
    for ip in narrow.chain(exchangers) {
        let (was, is) = (spf_result(&old, ip), spf_result(&new, ip));
        let refused = matches!(is, SpfResult::Fail | SpfResult::SoftFail | SpfResult::Neutral);
        assert!(was != SpfResult::Pass || is == SpfResult::Pass, "{ip}: {was:?}, then {is:?}");
        assert!(was != SpfResult::PermError || !refused, "{ip} was listed, then {is:?}");
    }
}

#[test]
fn no_repair_of_an_spf_record_shuts_a_sender_out() {
    let check = |lines: &[&str], id: &str, expected: Option<&str>| {
        let zone = zone(lines);
        let findings = zone.judged();
        let proposal = offered(&findings, id);
        let texts: Vec<&str> = proposal.add.iter().map(|record| &*record.value).collect();
        assert_eq!(texts, expected.into_iter().collect::<Vec<_>>(), "{id} {proposal:#?}");
        assert!(expected.is_some() || !proposal.ask.is_empty(), "{id} asks nobody");
        let finding = findings.iter().find(|finding| finding.id == id).unwrap();
        if let Some(after) = apply(&zone, finding) {
            assert_senders_still_pass(&zone, &after);
        }
        proposal
    };
    let own = |text: &str| format!("schule.example TXT {text}");
    let open = "open.example TXT v=spf1 ip4:198.51.100.0/28 +all";
    // The include that is open lists the provider's real servers.
    check(&[&own("v=spf1 include:open.example -all"), open], "spf.permissive-all", None);
    let twice = own("v=spf1 ip4:198.51.100.0/28 include:open.example -all");
    let kept = "v=spf1 mx ip4:198.51.100.0/28 ~all";
    let proposal = check(&[&twice, open], "spf.permissive-all", Some(kept));
    assert!(proposal.ask[0].text(Language::En).contains("include:open.example"), "{proposal:?}");
    let wide = "wide.example TXT v=spf1 ip4:198.51.100.0/28 ip4:16.0.0.0/4 -all";
    check(&[&own("v=spf1 mx include:wide.example -all"), wide], "spf.overbroad", None);
    let wide = own("v=spf1 ip4:80.0.0.0/4 ip4:198.51.100.0/28 -all");
    let proposal = check(&[&wide], "spf.overbroad", Some("v=spf1 mx ip4:198.51.100.0/28 ~all"));
    assert!(proposal.ask[0].text(Language::De).contains("ip4:80.0.0.0/4"), "{proposal:?}");
    let ring = "ring.example TXT v=spf1 ip4:198.51.100.7 include:ring.example -all";
    check(&[&own("v=spf1 mx include:ring.example -all"), ring], "spf.include-loop", None);
    let mistyped = own("v=spf1 mx include:spf.tippfehler.example -all");
    let proposal = check(&[&mistyped], "spf.include-missing", Some("v=spf1 mx ~all"));
    assert_eq!(proposal.question, Some("other-senders"));
    assert!(proposal.ask[0].text(Language::De).contains("include:spf.tippfehler.example"), "{proposal:?}");
    let redirected = [&*own("v=spf1 include:_spf.post.example ptr ~all")];
    let proposal = check(&redirected, "spf.ptr", Some("v=spf1 include:_spf.post.example ~all"));
    assert!(proposal.ask[0].text(Language::Nl).contains(": ptr."), "{proposal:?}");
}

#[test]
fn names_are_replaced_by_addresses_only_where_nothing_is_taken_out_of_them() {
    let many = " a:mx.post.example".repeat(10);
    let offers = |included: &str| {
        let text = format!("schule.example TXT v=spf1 include:_s.schule.example{many} -all");
        let zone = zone(&[&text, &format!("_s.schule.example TXT {included}")]);
        let proposal = offered(&zone.judged(), "spf.too-many-lookups");
        proposal.add.first().map(|record| record.value.clone()).unwrap_or_default()
    };
    let plain = offers("v=spf1 ip4:198.51.100.0/28 -all");
    assert!(plain.starts_with("v=spf1 ip4:198.51.100.0/28 "), "{plain}");
    for with_exception in [
        "v=spf1 -ip4:198.51.100.3 ip4:198.51.100.0/28 -all",
        "v=spf1 ?a:mx.post.example ip4:198.51.100.0/28 -all",
        "v=spf1 exists:mx.post.example ip4:198.51.100.0/28 -all",
    ] {
        assert!(offers(with_exception).starts_with("v=spf1 include:_s.schule.example "), "{with_exception}");
    }
    let long: String = (0..60).map(|n| format!(" ip4:93.184.4.{n}")).collect();
    let with_exception = zone(&[&format!("schule.example TXT v=spf1 -ip4:93.184.4.3{long} -all")]);
    assert!(!offered(&with_exception.judged(), "spf.record-long").changes());
}
