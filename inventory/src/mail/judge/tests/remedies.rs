//! Proposals and requests for every finding: exact records where they can be known, else whom to ask what.

use super::zone::{DOMAIN, Zone};
use super::{check, settle};
use crate::mail::dkim::tests::published;
use crate::mail::evidence::{Certificate, PolicyFetch};
use crate::mail::judge::{Context, judge};
use crate::mail::lookup::{Answer, Outcome, RecordType};
use crate::mail::{Language, MailFinding, RecordChange, catalogue};
use std::collections::BTreeSet;

fn key(octets: usize) -> String {
    format!("v=DKIM1; k=rsa; p={}", published(octets))
}

#[track_caller]
fn finding(zone: &Zone, id: &str) -> MailFinding {
    let found = zone.judged();
    found.iter().find(|f| f.id == id).cloned().unwrap_or_else(|| panic!("{id} is not among {found:#?}"))
}

#[test]
fn a_provider_is_asked_for_its_documented_names() {
    let asked = |exchanger: &str, names: &str, provider: Option<&str>| {
        let mut zone = Zone::good();
        zone.remove("schule.example MX");
        zone.remove("selector1");
        zone.add(&format!("schule.example MX 10 {exchanger}"));
        zone.add(&format!("{exchanger} A 93.184.4.1"));
        let proposal = finding(&zone, "dkim.missing").proposal.unwrap();
        assert!(!proposal.changes(), "a key was invented: {proposal:?}");
        assert_eq!(proposal.wanted.join(", "), names);
        let request = &proposal.ask[0];
        assert_eq!(request.name, provider);
        for language in [Language::De, Language::En, Language::Nl] {
            assert!(request.text(language).contains(names), "{}", request.text(language));
        }
    };
    let (one, two) =
        ("selector1._domainkey.schule.example. CNAME", "selector2._domainkey.schule.example. CNAME");
    let microsoft = "schule-example.mail.protection.outlook.com";
    asked(microsoft, &format!("{one}, {two}"), Some("Microsoft 365"));
    asked("aspmx.l.google.com", "google._domainkey.schule.example. TXT", Some("Google Workspace"));
    asked("mx.nobody.example", "SELECTOR._domainkey.schule.example. TXT", None);
}

#[test]
fn a_key_that_the_provider_already_holds_is_offered_as_a_record() {
    let mut zone = Zone::good();
    zone.remove("schule.example MX");
    zone.remove("selector1");
    zone.add("schule.example MX 10 in1-smtp.messagingengine.com");
    zone.add("in1-smtp.messagingengine.com A 93.184.4.1");
    for selector in ["fm1", "fm2"] {
        zone.add(&format!("{selector}.schule.example.dkim.fmhosted.com TXT {}", key(256)));
    }
    assert_eq!(settle(&zone, &["dkim.missing"]), 1);
    let proposal = finding(&zone, "dkim.missing").proposal.unwrap();
    let shown: Vec<String> = proposal.add.iter().map(ToString::to_string).collect();
    let expected = ["fm1", "fm2"]
        .map(|s| format!("{s}._domainkey.schule.example. CNAME {s}.schule.example.dkim.fmhosted.com."));
    assert_eq!(shown, expected);
}

#[test]
fn a_key_goes_only_where_a_good_one_stays() {
    let beside = |text: &str, id: &str| {
        let line = format!("selector2._domainkey.schule.example TXT {text}");
        assert_eq!(check(&[], &[&line], &[id]), 1, "{id}");
        let alone = format!("selector1._domainkey.schule.example TXT {text}");
        assert_eq!(check(&["selector1"], &[&alone], &[id]), 0, "{id} alone");
    };
    beside(&key(64), "dkim.weak-key");
    beside(&key(128), "dkim.short-key");
    beside("v=DKIM1; p=!!", "dkim.syntax");
    let lost = "selector2._domainkey.schule.example CNAME gone.post.example";
    assert_eq!(check(&[], &[lost], &["dkim.cname-dangling"]), 1);
    let twice = "selector1._domainkey.schule.example TXT v=DKIM1; p=";
    check(&[], &[twice], &["dkim.multiple"]);
    let ed =
        format!("selector1._domainkey.schule.example TXT v=DKIM1; k=ed25519; p={}", "A".repeat(43) + "=");
    check(&["selector1"], &[&ed], &["dkim.ed25519-only"]);
}

#[test]
fn exchangers_get_names_addresses_and_pointers() {
    let pointer = "1.4.184.93.in-addr.arpa PTR";
    assert_eq!(check(&["1.4.184.93"], &[], &["mx.ptr-missing"]), 1);
    assert_eq!(check(&["1.4.184.93"], &[&format!("{pointer} other.example")], &["mx.fcrdns-mismatch"]), 1);
    assert_eq!(check(&["schule.example MX"], &["schule.example MX 10 93.184.4.1"], &["mx.ip-literal"]), 1);
    let nameless = ["schule.example MX 10 93.184.9.9"];
    assert_eq!(check(&["schule.example MX"], &nameless, &["mx.ip-literal"]), 0);
    let private = ["schule.example MX 20 m.schule.example", "m.schule.example A 192.168.1.5"];
    assert_eq!(check(&[], &private, &["mx.private-address"]), 1);
    assert_eq!(check(&["schule.example MX"], &private, &["mx.private-address"]), 0);
    let google = ["schule.example TXT v=spf1 include:_spf.google.com -all", "smtp.google.com A 93.184.4.1"];
    let spf = "_spf.google.com TXT v=spf1 ip4:93.184.4.0/28 -all";
    let found = ["mx.missing"];
    assert_eq!(check(&["schule.example MX", "schule.example TXT"], &[google[0], google[1], spf], &found), 1);
    assert_eq!(check(&["schule.example MX"], &[], &found), 0);
}

#[test]
fn name_servers_are_settled_with_the_dns_provider() {
    let mut zone = Zone::good();
    zone.add("schule.example NS ns3.dns.example");
    zone.add("ns3.dns.example A 93.184.9.1");
    zone.lame = vec!["93.184.9.1".parse().unwrap()];
    assert_eq!(settle(&zone, &["ns.lame"]), 1);
    zone.remove("schule.example NS ns2");
    assert_eq!(settle(&zone, &["ns.lame"]), 0, "a single name server must not remain");
    let mut zone = Zone::good();
    zone.server.transfer = Some(true);
    zone.server.recursion = Some(true);
    assert_eq!(settle(&zone, &["ns.axfr-open", "ns.open-recursion"]), 0);
    let open = finding(&zone, "ns.open-recursion").proposal.unwrap();
    assert!(open.ask[0].text(Language::De).contains("ns1.dns.example (93.184.2.1)"), "{open:?}");
    assert_eq!(check(&["schule.example NS ns2"], &[], &["ns.single"]), 0);
    assert_eq!(check(&[], &["*.schule.example A 93.184.1.1"], &["dns.wildcard"]), 1);
    assert_eq!(check(&[], &["*.schule.example CNAME mx.post.example"], &["dns.wildcard"]), 1);
}

#[test]
fn certificates_and_signatures_are_computed_from_what_was_seen() {
    let shown = Certificate { key_sha256: "ab".repeat(32), ..Certificate::default() };
    let mut zone = Zone::good();
    zone.greeting.chain = vec![shown];
    zone.signed = vec!["post.example".to_owned()];
    zone.add(&format!("_25._tcp.mx.post.example TLSA 3 1 1 {}", "cd".repeat(32)));
    assert_eq!(settle(&zone, &["dane.mismatch"]), 1);
    zone.remove("_25._tcp.mx.post.example");
    settle(&zone, &[]);
    let tlsa = finding(&zone, "dane.missing").proposal.unwrap();
    assert_eq!(tlsa.add[0].to_string(), format!("_25._tcp.mx.post.example. TLSA 3 1 1 {}", "ab".repeat(32)));
    zone.signed.clear();
    assert!(!finding(&zone, "dane.missing").proposal.unwrap().changes(), "a TLSA record in an unsigned zone");

    zone.signed = vec!["dns.example".to_owned()];
    zone.add("schule.example DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==");
    assert_eq!(settle(&zone, &["dnssec.no-ds"]), 1);
    let ds = finding(&zone, "dnssec.no-ds").proposal.unwrap();
    assert!(ds.add[0].to_string().starts_with("schule.example. DS "), "{ds:?}");

    let mut zone = Zone::good();
    zone.remove("schule.example MX");
    zone.remove("schule.example TXT");
    zone.add("schule.example MX 10 mail.schule.example");
    zone.add("schule.example TXT v=spf1 mx -all");
    zone.add("mail.schule.example A 93.184.4.1");
    zone.remove("1.4.184.93");
    zone.add("1.4.184.93.in-addr.arpa PTR mail.schule.example");
    assert!(!finding(&zone, "caa.missing").proposal.unwrap().changes(), "an authority was guessed");
    zone.greeting.issuer = Some("Let's Encrypt".to_owned());
    let caa = finding(&zone, "caa.missing").proposal.unwrap();
    assert_eq!(caa.add[0].to_string(), "schule.example. CAA 0 issue \"letsencrypt.org\"");
    settle(&zone, &[]);
}

#[test]
fn policies_are_written_out() {
    let zone = Zone::good();
    settle(&zone, &[]);
    let first = finding(&zone, "mta_sts.missing").proposal.unwrap();
    let file = first.file.unwrap();
    assert_eq!(file.url, "https://mta-sts.schule.example/.well-known/mta-sts.txt");
    assert_eq!(file.text, "version: STSv1\nmode: testing\nmx: mx.post.example\nmax_age: 604800\n");
    let mut zone = Zone::good();
    zone.add("_mta-sts.schule.example TXT v=STSv1; id=7");
    assert_eq!(settle(&zone, &["mta_sts.policy-unreachable"]), 1);
    zone.add("mta-sts.schule.example A 93.184.1.1");
    zone.policy =
        PolicyFetch::Fetched("version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 9\n".to_owned());
    assert_eq!(settle(&zone, &["mta_sts.mx-not-listed"]), 1);
    let mended = finding(&zone, "mta_sts.mx-not-listed").proposal.unwrap().file.unwrap();
    assert!(mended.text.contains("mode: enforce\nmx: a.example\nmx: mx.post.example\n"), "{}", mended.text);
}

#[test]
fn mail_servers_are_settled_with_their_operator() {
    let mut zone = Zone::good();
    zone.greeting.starttls = Some(false);
    assert_eq!(settle(&zone, &["smtp.no-starttls"]), 0);
    let mut zone = Zone::good();
    zone.greeting.certificate_fault = Some("invalid peer certificate: Expired".to_owned());
    assert_eq!(settle(&zone, &["smtp.cert-invalid"]), 0);
    let proposal = finding(&zone, "smtp.cert-invalid").proposal.unwrap();
    assert!(proposal.ask[0].text(Language::De).contains("abgelaufen"), "{proposal:?}");
    let mut zone = Zone::good();
    zone.greeting.tls_version = Some("TLSv1.1".to_owned());
    assert_eq!(settle(&zone, &["smtp.tls-old"]), 0);
}

#[test]
fn a_domain_in_trouble_gets_its_request() {
    let mut zone = Zone::good();
    zone.broken = vec![DOMAIN.to_owned()];
    assert_eq!(settle(&zone, &["domain.unresolvable"]), 0);
    zone.broken.clear();
    zone.records.retain(|(name, ..)| !name.ends_with(DOMAIN));
    assert_eq!(settle(&zone, &["domain.nxdomain"]), 0);
}

#[test]
fn announcements_are_mended() {
    let reports = "_smtp._tls.schule.example TXT v=TLSRPTv1; rua=mailto:a@schule.example";
    let policy = ["_mta-sts.schule.example TXT v=STSv1; id=1", "mta-sts.schule.example A 93.184.1.1"];
    let served = |lines: &[&str], expected: &[&str]| {
        let mut zone = Zone::good();
        zone.policy = PolicyFetch::Fetched(
            "version: STSv1\nmode: testing\nmx: *.post.example\nmax_age: 9\n".to_owned(),
        );
        lines.iter().for_each(|line| zone.add(line));
        assert_eq!(settle(&zone, expected), expected.len(), "{expected:?}");
        zone
    };
    let zone = served(&[policy[0], policy[1], reports], &[]);
    assert!(zone.judged().iter().all(|f| f.id != "tls_rpt.missing" && f.id != "mta_sts.missing"));
    finding(&Zone::good(), "tls_rpt.missing");
    served(&[policy[0], policy[1], "_mta-sts.schule.example TXT v=STSv1; id=2"], &["mta_sts.multiple"]);
    served(&["_mta-sts.schule.example TXT v=STSv1; id=2-3", policy[1]], &["mta_sts.syntax"]);
    served(
        &[reports, "_smtp._tls.schule.example TXT v=TLSRPTv1; rua=mailto:b@b.example"],
        &["tls_rpt.multiple"],
    );
    served(&["_smtp._tls.schule.example TXT v=TLSRPTv1; rua=b@b.example"], &["tls_rpt.syntax"]);
}

#[test]
fn a_logo_needs_a_policy_first() {
    let logo = "default._bimi.schule.example TXT v=BIMI1; l=https://schule.example/logo.svg";
    let weak = "_dmarc.schule.example TXT v=DMARC1; p=none; rua=mailto:dmarc@schule.example";
    let zone = || {
        let mut zone = Zone::good();
        zone.remove("_dmarc.schule.example");
        zone.add(logo);
        zone.add(weak);
        zone
    };
    assert_eq!(settle(&zone(), &["dmarc.policy-none"]), 1);
    assert!(finding(&zone(), "bimi.dmarc-not-enforced").proposal.unwrap().changes());
}

#[test]
fn facts_and_hints_are_settled_as_well() {
    let zone = Zone::good();
    finding(&zone, "dnssec.unsigned");
    let mut zone = Zone::good();
    zone.remove("mx.post.example AAAA");
    finding(&zone, "mx.no-ipv6");
    settle(&zone, &[]);
    let mut zone = Zone::good();
    zone.remove("schule.example TXT");
    zone.add("schule.example TXT v=spf1 mx a:gone.example -all");
    assert!(finding(&zone, "spf.void-lookups").proposal.unwrap().changes());
    settle(&zone, &[]);
    let mut zone = Zone::good();
    zone.remove("selector1");
    zone.add("x9._domainkey.schule.example TXT v=DKIM1; p=");
    let asks = finding(&zone, "dkim.selector-unknown").proposal.unwrap();
    assert_eq!(asks.ask[0].asks, "dkim-selector");
    let mut zone = Zone::good();
    zone.remove("schule.example MX");
    zone.add("schule.example MX 0 .");
    finding(&zone, "mx.null");
    settle(&zone, &[]);
}

#[test]
fn signatures_that_fail_are_settled_with_whoever_signs() {
    let mut zone = Zone::good();
    zone.signed = vec!["dns.example".to_owned()];
    zone.add("_25._tcp.mx.post.example TLSA 3 1 1 abcd");
    assert_eq!(settle(&zone, &["dane.unsigned"]), 0);
    let mut evidence = Zone::good().evidence();
    let soa = evidence.question("", RecordType::Soa);
    evidence.lookups.insert(soa, Answer::nothing(Outcome::Bogus));
    let anchor = evidence.question("", RecordType::Ds);
    evidence.lookups.insert(anchor, Answer::found(vec!["1 13 2 ab".to_owned()]));
    let found = judge(&evidence, &Context::default());
    assert_eq!(found.iter().map(|f| f.id).collect::<Vec<_>>(), ["dnssec.bogus"]);
    assert!(found[0].proposal.is_some());
    let mut evidence = Zone::good().evidence();
    let server = evidence.servers.values_mut().next().unwrap();
    server.serial = Some(2025);
    let found = judge(&evidence, &Context::default());
    let serials = found.iter().find(|f| f.id == "ns.serial-mismatch").unwrap();
    let text = serials.proposal.as_ref().unwrap().ask[0].text(Language::En);
    assert!(text.contains("2025") && text.contains("2026"), "{text}");
}

/// Ids that judgement of one look-up never yields: changes, and what is not in the DNS.
pub(super) const ELSEWHERE: [&str; 5] =
    ["mx.changed", "ns.changed", "dmarc.changed", "domain.expiry", "dns.inside-differs"];

#[test]
fn every_id_of_the_catalogue_is_settled_by_one_of_these_tests() {
    let source = concat!(include_str!("../tests.rs"), include_str!("remedies.rs"));
    let named: BTreeSet<&str> = source.split('"').collect();
    let missing: Vec<&String> = catalogue::all()
        .keys()
        .filter(|id| !named.contains(id.as_str()) && !ELSEWHERE.contains(&id.as_str()))
        .collect();
    assert!(missing.is_empty(), "no zone shows {missing:?}");
}

#[test]
fn a_change_asks_whether_it_was_wanted() {
    let change = RecordChange { id: "mx.changed", before: vec!["10 a".to_owned()], after: Vec::new() };
    let finding = change.finding(DOMAIN);
    let proposal = finding.proposal.unwrap();
    assert_eq!(proposal.question, Some("was-wanted"));
    assert!(proposal.ask[0].text(Language::Nl).contains(DOMAIN));
    assert_eq!(finding.evidence[0].text(Language::De), "vorher: 10 a");
}
