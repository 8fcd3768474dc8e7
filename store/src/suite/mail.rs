//! What people know of a domain's mail, and the history of its records.

use super::domains::{DOMAIN, beside, is_open, observed, say};
use super::school::{School, day};
use crate::{RecordChanged, Retention, Store};
use rundgang_inventory::{
    Observation, Timestamp, Value,
    mail::{
        DomainEvidence, KnownSender, MailFacts,
        lookup::{Answer, Outcome, Question, RecordType},
    },
    vocabulary::DNS_VIEW,
};

fn facts(selectors: &[&str], senders: &[(&str, &str)], is_complete: bool) -> MailFacts {
    let sender = |(term, name): &(&str, &str)| KnownSender { term: (*term).into(), name: (*name).into() };
    MailFacts {
        selectors: selectors.iter().map(|&name| name.to_owned()).collect(),
        senders: senders.iter().map(sender).collect(),
        is_complete,
    }
}

/// An audit that found these records; where one is empty, nobody answered in time.
fn audited(records: &[(&str, RecordType, &str)], view: &str, at: Timestamp) -> Observation {
    let mut evidence = DomainEvidence::new(DOMAIN, "canary");
    evidence.selectors = vec!["mail".to_owned()];
    evidence.lookups.insert(Question::new(DOMAIN, RecordType::Txt), Answer::nothing(Outcome::NoRecords));
    let above_keys = evidence.question("_domainkey", RecordType::Txt);
    evidence.lookups.insert(above_keys, Answer::nothing(Outcome::NoRecords));
    let always = [
        (DOMAIN, RecordType::Soa, "ns.example h.example 1 2 3 4 5"),
        (DOMAIN, RecordType::Mx, "10 mx.anbieter.example"),
        ("mx.anbieter.example", RecordType::A, "93.184.4.1"),
    ];
    for (name, kind, record) in always.iter().chain(records) {
        let found = Answer::found(vec![(*record).to_owned()]);
        let answer = if record.is_empty() { Answer::nothing(Outcome::TimedOut) } else { found };
        evidence.lookups.insert(Question::new(name, *kind), answer);
    }
    observed(DOMAIN, "domain-audit", evidence.to_fields().with(&DNS_VIEW, Value::text(view)), at)
}

pub(super) fn what_people_know_of_a_domain_is_kept_and_told(store: &Store) {
    let office = School::new(store);
    let school = beside(store, &office);
    let foreign = School::of(store, "Kreis B", "Schule");
    let traeger = school.traeger.clone();
    let entered = facts(&["Mail", "s1._domainkey.schule-am-bach.de"], &[("93.184.8.7", "Kopierer")], false);
    let refused = traeger.set_mail_facts(school.id, DOMAIN, (&entered, 0), ("K", day(0)));
    assert!(refused.is_err(), "nobody has said that it is the school's");
    traeger.confirm_domain(school.id, DOMAIN, "K", day(0)).expect("confirmed");
    traeger.set_mail_facts(school.id, "Schule-am-Bach.DE.", (&entered, 0), ("K", day(1))).expect("entered");
    let kept = facts(&["mail", "s1"], &[("ip4:93.184.8.7", "Kopierer")], false);
    let found = traeger.mail_facts(school.id, DOMAIN).expect("facts").expect("facts");
    assert_eq!((&found.facts, found.who.as_str(), found.at), (&kept, "K", day(1)));
    assert_eq!(traeger.mail_facts(office.id, DOMAIN).expect("facts"), None);
    let told = |school: Option<i64>| traeger.domains_to_audit(school).expect("domains").remove(DOMAIN);
    assert_eq!((told(Some(school.id)), told(Some(office.id))), (Some(kept.clone()), None));
    // Whoever looked before that is told, and nothing is written over.
    let other = facts(&["s2"], &[], true);
    let stale = traeger.set_mail_facts(school.id, DOMAIN, (&other, 0), ("L", day(1)));
    assert!(stale.is_err_and(|error| error.is_conflict()));
    assert_eq!((found.version, told(Some(school.id))), (1, Some(kept.clone())));
    // Another school that it serves knows something else: an agent is told both.
    traeger.confirm_domain(office.id, DOMAIN, "K", day(2)).expect("confirmed");
    let more = facts(&["rz2024b"], &[], false);
    traeger.set_mail_facts(office.id, DOMAIN, (&more, 0), ("K", day(2))).expect("entered");
    let both: Vec<String> = told(Some(school.id)).expect("facts").selectors;
    assert_eq!(
        both.iter().map(String::as_str).collect::<std::collections::BTreeSet<_>>(),
        ["mail", "rz2024b", "s1"].into()
    );
    // What a school knows of a domain counts as long as it is its own.
    traeger.decline_domain(school.id, DOMAIN, "K", day(3)).expect("declined");
    assert_eq!(told(None).expect("facts"), more);
    assert!(foreign.traeger.domains_to_audit(None).expect("domains").is_empty());
    assert_eq!(foreign.traeger.mail_facts(school.id, DOMAIN).expect("facts"), None);
    let log = traeger.audit_log(&format!("domain {DOMAIN}")).expect("the log");
    assert!(log.iter().any(|entry| entry.after.contains("Kopierer") && entry.who == "K"), "{log:?}");
    let exported = traeger.export().expect("everything");
    assert_eq!(exported["mail_fact"].as_array().map(Vec::len), Some(2));
}

pub(super) fn nobody_enters_a_secret_or_nonsense_about_mail(store: &Store) {
    let school = School::new(store);
    let traeger = &school.traeger;
    traeger.confirm_domain(school.id, DOMAIN, "K", day(0)).expect("confirmed");
    for wrong in [
        facts(&["a b"], &[], false),
        facts(&[], &[("192.168.1.9", "Kopierer")], false),
        facts(&[], &[("kopierer", "")], false),
        facts(&[], &[("include:schule-am-bach.de", "")], false),
        facts(&[], &[("ip4:93.184.8.7", "Passwort: Sommer2026")], false),
        facts(&[], &(0..21).map(|_| ("", "")).collect::<Vec<_>>(), false),
    ] {
        let refused = traeger.set_mail_facts(school.id, DOMAIN, (&wrong, 0), ("K", day(1)));
        assert!(refused.is_err(), "{wrong:?}");
    }
    assert_eq!(traeger.mail_facts(school.id, DOMAIN).expect("facts"), None);
    let many: Vec<String> = (0..21).map(|n| format!("s{n}")).collect();
    let many = MailFacts { selectors: many, ..MailFacts::default() };
    assert!(traeger.set_mail_facts(school.id, DOMAIN, (&many, 0), ("K", day(1))).is_err());
}

pub(super) fn a_named_sender_stands_in_the_proposed_record(store: &Store) {
    let mut school = School::new(store);
    let (traeger, id) = (school.traeger.clone(), school.id);
    let seen = || traeger.mail_facts(id, DOMAIN).expect("facts").map_or(0, |stands| stands.version);
    say(&mut school, audited(&[], "public", day(0)), day(0));
    let proposed = |school: &School| {
        let found = school.traeger.findings(Some(school.id), false).expect("findings");
        let missing =
            found.into_iter().find(|finding| finding.rule == "mail.spf.missing").expect("a finding");
        missing.evidence["proposal"].clone()
    };
    let record = |terms: &str| format!("schule-am-bach.de. TXT \"v=spf1 {terms}\"");
    let before = proposed(&school);
    assert_eq!(
        (before["add"][0].as_str(), before["question"].as_str()),
        (Some(&*record("mx ~all")), Some("other-senders"))
    );
    let sender = [("ip4:93.184.8.7", "Kopierer")];
    for (is_complete, expected, question) in
        [(false, "mx ip4:93.184.8.7 ~all", Some("other-senders")), (true, "mx ip4:93.184.8.7 -all", None)]
    {
        let known = facts(&[], &sender, is_complete);
        traeger.set_mail_facts(school.id, DOMAIN, (&known, seen()), ("K", day(1))).expect("entered");
        let after = proposed(&school);
        assert_eq!(
            (after["add"][0].as_str(), after["question"].as_str()),
            (Some(&*record(expected)), question)
        );
    }
    // What this name leads to was not looked up yet: nothing is offered untried.
    let known = facts(&[], &[("include:spf.dienst.example", "Newsletter")], true);
    traeger.set_mail_facts(school.id, DOMAIN, (&known, seen()), ("K", day(1))).expect("entered");
    assert_eq!(proposed(&school)["add"], serde_json::json!([]));
    let answered = [("spf.dienst.example", RecordType::Txt, "v=spf1 ip4:93.184.9.0/24 -all")];
    say(&mut school, audited(&answered, "public", day(2)), day(2));
    let tried = proposed(&school);
    assert_eq!(tried["add"][0].as_str(), Some(&*record("mx include:spf.dienst.example -all")));
    let all = school.traeger.findings(Some(school.id), true).expect("findings");
    traeger.rebuild(school.id, day(2)).expect("rebuilt");
    assert_eq!(school.traeger.findings(Some(school.id), true).expect("findings"), all);
}

fn lines(changes: &[RecordChanged]) -> Vec<String> {
    let line = |c: &RecordChanged| {
        format!(
            "{} {} {} {}: {} -> {}",
            c.day.date(),
            c.view,
            c.name,
            c.kind,
            c.before.join("|"),
            c.after.join("|")
        )
    };
    changes.iter().map(line).collect()
}

const DMARC: &str = "_dmarc.schule-am-bach.de";
const KEY: &str = "mail._domainkey.schule-am-bach.de";

/// Five audits, a search domain among them, with four changes in all.
fn change(school: &mut School) {
    let spf = |text: &'static str| (DOMAIN, RecordType::Txt, text);
    say(school, audited(&[spf("v=spf1 mx -all")], "public", day(0)), day(0));
    say(
        school,
        audited(&[spf("v=spf1 mx -all"), (KEY, RecordType::Txt, "v=DKIM1; p=A")], "public", day(1)),
        day(1),
    );
    say(
        school,
        audited(&[spf("v=spf1 mx a -all"), (KEY, RecordType::Txt, "v=DKIM1; p=B")], "public", day(2)),
        day(2),
    );
    let dmarc = (DMARC, RecordType::Txt, "v=DMARC1; p=none");
    say(school, audited(&[spf("v=spf1 mx a -all"), dmarc], "public", day(3)), day(3));
}

pub(super) fn the_history_of_records_is_read_and_rebuilt(store: &Store) {
    let mut school = School::new(store);
    let foreign = School::of(store, "Kreis B", "Schule");
    change(&mut school);
    let history =
        |school: &School| school.traeger.domain_history(school.id, "Schule-am-Bach.de").expect("history");
    let told = history(&school);
    let expected = [
        format!("{} public {KEY} TXT: v=DKIM1; p=B -> ", day(3).date()),
        format!("{} public {KEY} TXT: v=DKIM1; p=A -> v=DKIM1; p=B", day(2).date()),
        format!("{} public {DOMAIN} TXT: v=spf1 mx -all -> v=spf1 mx a -all", day(2).date()),
        format!("{} public {KEY} TXT:  -> v=DKIM1; p=A", day(1).date()),
    ];
    assert_eq!(lines(&told), expected);
    // Nothing is lost and nothing is told twice, though everything derived is made anew, or was never derived.
    school.traeger.rebuild(school.id, day(4)).expect("rebuilt");
    assert_eq!(history(&school), told);
    school
        .traeger
        .write(|tx| tx.execute("DELETE FROM record_change WHERE traeger_id = $1", &[]))
        .expect("deleted");
    assert_eq!(history(&school), []);
    school.traeger.rebuild(school.id, day(4)).expect("rebuilt");
    assert_eq!(history(&school), told);
    assert_eq!(foreign.traeger.domain_history(school.id, DOMAIN).expect("history"), []);
    assert_eq!(foreign.traeger.domain_history(foreign.id, DOMAIN).expect("history"), []);
    school.traeger.decline_domain(school.id, DOMAIN, "K", day(4)).expect("declined");
    assert_eq!(history(&school), [], "what is not the school's is not its history");
}

pub(super) fn the_history_outlives_the_look_ups_it_came_from(store: &Store) {
    let mut school = School::new(store);
    change(&mut school);
    let history = |school: &School| school.traeger.domain_history(school.id, DOMAIN).expect("history");
    let told = history(&school);
    assert_eq!(told.len(), 4);
    school.traeger.retain(Retention::default(), day(60)).expect("deleted");
    school.traeger.rebuild(school.id, day(60)).expect("rebuilt");
    assert_eq!(history(&school), told, "raw look-ups are gone after 30 days, what they showed is not");
    school.traeger.retain(Retention::default(), day(2 + 731)).expect("deleted");
    assert_eq!(history(&school).len(), 1, "after 24 months it goes");
}

pub(super) fn one_change_seen_by_two_agents_is_told_once(store: &Store) {
    let mut school = School::new(store);
    let agent = super::school::enrol(store, &school.traeger, school.id);
    let mut second = School { traeger: school.traeger.clone(), id: school.id, agent };
    for (at, text) in
        [(0, "v=spf1 mx -all"), (3, "v=spf1 a -all"), (40, "v=spf1 mx -all"), (60, "v=spf1 a -all")]
    {
        let seen = |view| audited(&[(DOMAIN, RecordType::Txt, text)], view, day(at));
        say(&mut school, seen("public"), day(at));
        let later = Observation { at: day(at + 1), ..seen("public") };
        say(&mut second, later, day(at + 1));
    }
    let told = school.traeger.domain_history(school.id, DOMAIN).expect("history");
    let days: Vec<String> = told.iter().map(|change| change.day.date()).collect();
    assert_eq!(days, [day(60).date(), day(40).date(), day(3).date()], "{told:?}");
    assert!(!is_open(&school, "mail.spf.missing"));
    // There and back and there again within a week: one agent saw each of them, so there were three.
    for (at, text) in [(80, "v=spf1 mx -all"), (82, "v=spf1 a -all"), (84, "v=spf1 mx -all")] {
        say(&mut school, audited(&[(DOMAIN, RecordType::Txt, text)], "public", day(at)), day(at));
    }
    let told = school.traeger.domain_history(school.id, DOMAIN).expect("history");
    assert_eq!(told.len(), 6, "{told:?}");
}

pub(super) fn a_change_during_an_outage_is_in_the_history(store: &Store) {
    let mut school = School::new(store);
    for (at, exchanger) in [(0, "10 mx.a.example"), (1, ""), (2, "10 mx.b.example")] {
        let seen = audited(&[(DOMAIN, RecordType::Mx, exchanger)], "public", day(at));
        say(&mut school, seen, day(at));
    }
    let history = |school: &School| school.traeger.domain_history(school.id, DOMAIN).expect("history");
    let told = history(&school);
    let expected = format!("{} public {DOMAIN} MX: 10 mx.a.example -> 10 mx.b.example", day(2).date());
    assert_eq!(lines(&told), [expected]);
    assert!(is_open(&school, "mail.mx.changed"));
    let delete = "DELETE FROM record_change WHERE traeger_id = $1";
    school.traeger.write(|tx| tx.execute(delete, &[])).expect("deleted");
    school.traeger.rebuild(school.id, day(3)).expect("rebuilt");
    assert_eq!(history(&school), told);
}

pub(super) fn of_two_schools_that_claim_a_domain_at_once_one_has_it(store: &Store) {
    let first = School::of(store, "Kreis A", "Schule A");
    let traeger = &first.traeger;
    let new = crate::NewSchool { name: "Schule B".to_owned(), ..crate::NewSchool::default() };
    let other = traeger.ensure_school(&new, day(0)).expect("a school");
    for round in 0..20 {
        let name = format!("schule{round}.example");
        let start = std::sync::Barrier::new(2);
        let claim = |school: i64| {
            start.wait();
            traeger.claim_domain(school, &name, "K", day(1)).is_ok()
        };
        let had = std::thread::scope(|threads| {
            let one = threads.spawn(|| claim(first.id));
            let two = threads.spawn(|| claim(other));
            [one, two].map(|thread| thread.join().expect("no panic"))
        });
        assert_eq!(had.iter().filter(|had| **had).count(), 1, "{name}: {had:?}");
    }
}
