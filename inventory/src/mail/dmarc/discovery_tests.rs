//! Which record applies, as tables: the tree of names on the left, what receivers find on the right.

use super::discovery::{Applying, applying, is_foreign, organisation, report_authorisations, walk};
use crate::mail::evidence::DomainEvidence;
use crate::mail::lookup::{Answer, Outcome, Question, RecordType};

/// A domain with these lines of `NAME TEXT` at `_dmarc`; a text `!` stands for SERVFAIL, and what is not named does not
/// exist. Several lines of one name are several records.
fn tree(domain: &str, lines: &[&str]) -> DomainEvidence {
    let mut evidence = DomainEvidence::new(domain, "rg-canary");
    for name in walk(domain) {
        let question = Question::new(&format!("_dmarc.{name}"), RecordType::Txt);
        let at_name = lines.iter().filter_map(|line| line.split_once(' ')).filter(|(at, _)| *at == name);
        let texts: Vec<String> = at_name.map(|(_, text)| text.to_owned()).collect();
        let answer = if texts.iter().any(|text| text == "!") {
            Answer::nothing(Outcome::ServerFailure)
        } else if texts.is_empty() {
            Answer::nothing(Outcome::NoName)
        } else {
            Answer::found(texts)
        };
        evidence.lookups.insert(question, answer);
    }
    evidence
}

/// Where the record was found and what it asks for, in one word each.
fn found(evidence: &DomainEvidence) -> String {
    let applying = applying(evidence);
    let policy = applying.policy().map_or("-".to_owned(), |policy| format!("{policy:?}").to_lowercase());
    match applying {
        Applying::Own(texts) => format!("own*{} {policy}", texts.len()),
        Applying::Above(above) => format!("{} {policy}", above.name),
        Applying::Nowhere => "nowhere".to_owned(),
        Applying::Unknown => "unknown".to_owned(),
    }
}

#[test]
fn the_climb_takes_eight_steps_at_most() {
    let check = |domain: &str, expected: &[&str]| assert_eq!(walk(domain), expected, "{domain}");
    check("example", &["example"]);
    check("a.b.example", &["a.b.example", "b.example", "example"]);
    let seven = "b.c.d.e.f.mail.example";
    let tail = [seven, "c.d.e.f.mail.example", "d.e.f.mail.example", "e.f.mail.example", "f.mail.example"];
    let tail = [&tail[..], &["mail.example", "example"]].concat();
    check(seven, &tail);
    check("a.b.c.d.e.f.mail.example", &[&["a.b.c.d.e.f.mail.example"][..], &tail].concat());
    let long = "w.x.y.z.a.b.c.d.e.f.mail.example";
    check(long, &[&[long][..], &tail].concat());
    assert_eq!(walk(&format!("{}example", "a.".repeat(120))).len(), 8);
}

#[test]
fn the_record_that_applies_is_found() {
    let check = |domain: &str, lines: &[&str], expected: &str, house: Option<&str>| {
        let evidence = tree(domain, lines);
        assert_eq!(found(&evidence), expected, "{domain} {lines:?}");
        assert_eq!(organisation(&evidence), house, "{domain} {lines:?}");
    };
    let school = "gs.kreis.example";
    // The domain's own record decides, whatever stands above; the house is the topmost one.
    check(school, &["gs.kreis.example v=DMARC1; p=none"], "own*1 none", Some(school));
    let both = ["gs.kreis.example v=DMARC1; p=none", "kreis.example v=DMARC1; p=reject; sp=reject"];
    check(school, &both, "own*1 none", Some("kreis.example"));
    // Nothing of its own: the organisation's record, by its policy for names below.
    check(school, &[], "nowhere", Some(school));
    check(school, &["kreis.example v=DMARC1; p=reject"], "kreis.example reject", Some("kreis.example"));
    check(
        school,
        &["kreis.example v=DMARC1; p=reject; sp=none; np=reject"],
        "kreis.example none",
        Some("kreis.example"),
    );
    // The fewest labels win, not the nearest name ...
    let deep = "a.gs.kreis.example";
    let two = ["gs.kreis.example v=DMARC1; p=none", "kreis.example v=DMARC1; p=reject"];
    check(deep, &two, "kreis.example reject", Some("kreis.example"));
    let three = [two[0], two[1], "example v=DMARC1; p=quarantine"];
    check(deep, &three, "example quarantine", Some("example"));
    // ... unless one on the way says that it is an organisation of its own,
    let own = ["gs.kreis.example v=DMARC1; p=none; psd=n", "kreis.example v=DMARC1; p=reject"];
    check(deep, &own, "gs.kreis.example none", Some("gs.kreis.example"));
    // or one above says that it is a public suffix: the name below it is the organisation then.
    let suffix = ["kreis.example v=DMARC1; p=reject; PSD=Y"];
    check(deep, &suffix, "kreis.example reject", Some("gs.kreis.example"));
    check(school, &suffix, "kreis.example reject", Some(school));
    let with_own = ["gs.kreis.example v=DMARC1; p=quarantine", suffix[0]];
    check(deep, &with_own, "gs.kreis.example quarantine", Some("gs.kreis.example"));
    // What stands above a public suffix is not asked any more.
    let above = [suffix[0], "example v=DMARC1; p=none"];
    check(deep, &above, "kreis.example reject", Some("gs.kreis.example"));
    let above = [suffix[0], "example !"];
    check(deep, &above, "kreis.example reject", Some("gs.kreis.example"));
    // The flag of the domain itself makes nobody below it an organisation.
    check("kreis.example", &suffix, "own*1 reject", Some("kreis.example"));
    // An unknown flag is none.
    let odd = ["gs.kreis.example v=DMARC1; p=none; psd=maybe", two[1]];
    check(deep, &odd, "kreis.example reject", Some("kreis.example"));
    check(
        deep,
        &["gs.kreis.example v=DMARC1; p=none; psd=u", two[1]],
        "kreis.example reject",
        Some("kreis.example"),
    );
}

#[test]
fn what_does_not_count_is_passed_over_on_the_way() {
    let check = |lines: &[&str], expected: &str| {
        assert_eq!(found(&tree("gs.kreis.example", lines)), expected, "{lines:?}");
    };
    let top = "example v=DMARC1; p=quarantine";
    // Several records at one name count for nothing above, and are a fault of the domain itself.
    let twice = ["kreis.example v=DMARC1; p=reject", "kreis.example v=DMARC1; p=none"];
    check(&twice, "nowhere");
    check(&[twice[0], twice[1], top], "example quarantine");
    check(&["gs.kreis.example v=DMARC1; p=reject", "gs.kreis.example v=DMARC1; p=none", top], "own*2 -");
    // Other texts are no records.
    check(&["kreis.example v=spf1 -all", "kreis.example hello"], "nowhere");
    check(&["gs.kreis.example hello", "gs.kreis.example v=DMARC1; p=reject"], "own*1 reject");
    check(&["kreis.example v=dmarc1; p=reject"], "nowhere");
    // A record that cannot be read counts for nothing above.
    check(&["kreis.example v=DMARC1; p=rejct", top], "example quarantine");
    check(&["gs.kreis.example v=DMARC1; p=rejct", top], "own*1 -");
    // Without a policy it counts where somebody reads the reports.
    check(&["kreis.example v=DMARC1; rua=mailto:d@kreis.example"], "kreis.example none");
    check(&["kreis.example v=DMARC1; fo=1"], "kreis.example -");
}

#[test]
fn a_failure_on_the_way_leaves_it_open() {
    let check = |lines: &[&str], expected: &str, is_known: bool| {
        let evidence = tree("gs.kreis.example", lines);
        assert_eq!(found(&evidence), expected, "{lines:?}");
        assert_eq!(organisation(&evidence).is_some(), is_known, "{lines:?}");
    };
    check(&["gs.kreis.example !"], "unknown", false);
    check(&["kreis.example !", "example v=DMARC1; p=none"], "unknown", false);
    check(&["kreis.example v=DMARC1; p=none", "example !"], "unknown", false);
    check(&["gs.kreis.example v=DMARC1; p=reject", "kreis.example !"], "own*1 reject", false);
    check(&["gs.kreis.example v=DMARC1; p=reject; psd=n", "kreis.example !"], "own*1 reject", true);
    // What was not asked is not known.
    assert_eq!(applying(&DomainEvidence::new("gs.kreis.example", "rg-canary")), Applying::Unknown);
}

#[test]
fn houses_need_no_leave_of_their_own() {
    let check = |domain: &str, lines: &[&str], host: &str, expected: bool| {
        assert_eq!(is_foreign(&tree(domain, lines), host), expected, "{domain} {lines:?} {host}");
    };
    let record = ["gs.kreis.example v=DMARC1; p=none", "kreis.example v=DMARC1; p=none"];
    for host in ["gs.kreis.example", "kreis.example", "berichte.kreis.example"] {
        check("gs.kreis.example", &record, host, false);
    }
    check("gs.kreis.example", &record, "dienst.example", true);
    check("gs.kreis.example", &record, "xkreis.example", true);
    // One house by the list of public suffixes, two by climbing: whoever goes by either is not held up.
    check("gs.kreis.example", &record[..1], "kreis.example", false);
    // Two registered domains under a private suffix, one house by its record at the top.
    let hosted = ["gs.github.io v=DMARC1; p=none", "github.io v=DMARC1; p=none"];
    check("gs.github.io", &hosted, "berichte.github.io", false);
    check("gs.github.io", &hosted[..1], "berichte.github.io", true);
}

#[test]
fn foreign_places_are_asked_whether_they_agree() {
    let asked = |rua: &str| {
        let line = format!("schule.example v=DMARC1; p=reject; rua={rua}");
        let questions = report_authorisations(&tree("schule.example", &[&line]));
        questions.into_iter().map(|(_, question)| question.name).collect::<Vec<_>>().join(" ")
    };
    let at = |host: &str| format!("schule.example._report._dmarc.{host}");
    assert_eq!(asked("mailto:d@schule.example,mailto:d@x.schule.example"), "");
    assert_eq!(asked("mailto:a@Dienst.Example!10m, mailto:b@schule.example"), at("dienst.example"));
    assert_eq!(asked("https://dienst.example/x,mailto:b@schule.example"), "");
    let many: Vec<String> = (0..20).map(|number| format!("mailto:a@d{number}.example")).collect();
    assert_eq!(asked(&many.join(",")).split(' ').count(), 8);
    // Of a record further up its owner is asked, not the school.
    let above = tree("gs.kreis.example", &["kreis.example v=DMARC1; p=none; rua=mailto:a@dienst.example"]);
    assert_eq!(report_authorisations(&above), []);
}
