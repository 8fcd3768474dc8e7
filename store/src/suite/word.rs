//! Whose word about a domain counts: a school's box for its school, a person before a scope file, and the box that the
//! administration made the eyes of all.

use super::{
    domains::{DOMAIN, audited, beside, is_open, looked_up, observed, say, state},
    school::{School, day},
};
use crate::{DocumentedSystem, DomainState, Error, Problem, Store};
use rundgang_inventory::{
    Observation, Timestamp, Value,
    mail::{
        DomainEvidence,
        lookup::{Answer, Question, RecordType},
    },
    vocabulary::DNS_VIEW,
};

/// The administration makes the school's box the eyes of all schools.
fn sees_all(school: &School) {
    school.traeger.set_public_view(school.agent.id, true, "T", day(0)).expect("eyes");
}

pub(super) fn the_box_at_the_traeger_stops_when_the_school_says_no(store: &Store) {
    let mut office = School::new(store);
    let school = beside(store, &office);
    let traeger = school.traeger.clone();
    sees_all(&office);
    traeger.confirm_domain(school.id, DOMAIN, "K", day(0)).expect("confirmed");
    say(&mut office, audited("mx.example", "public", day(0)), day(0));
    assert!(is_open(&school, "mail.spf.missing"));
    assert_eq!(
        (looked_up(&school, false), looked_up(&office, true)),
        (vec![DOMAIN.into()], vec![DOMAIN.into()])
    );
    traeger.decline_domain(school.id, DOMAIN, "K", day(1)).expect("declined");
    let check = |office: &School, expected: Option<DomainState>| {
        assert_eq!((state(&school), state(office)), (Some(DomainState::Declined), expected));
        assert_eq!(looked_up(office, true), Vec::<String>::new());
        assert_eq!(traeger.findings(None, false).expect("findings"), []);
    };
    check(&office, None);
    // What comes late may as well be from a scope file at the office: somebody there has to say so.
    say(&mut office, audited("mx.spaet.example", "public", day(1)), day(2));
    check(&office, Some(DomainState::Proposed));
    traeger.check_all_rules(day(3)).expect("the timer");
    check(&office, Some(DomainState::Proposed));
}

pub(super) fn what_one_school_declines_may_be_anothers(store: &Store) {
    let mut office = School::new(store);
    let mut school = beside(store, &office);
    let traeger = school.traeger.clone();
    sees_all(&office);
    say(&mut office, audited("mx.example", "public", day(0)), day(0));
    traeger.confirm_domain(school.id, DOMAIN, "K", day(0)).expect("confirmed");
    say(&mut school, audited("mx.example", "inside", day(0)), day(0));
    assert!(is_open(&school, "mail.spf.missing"));
    traeger.decline_domain(school.id, DOMAIN, "K", day(1)).expect("declined");
    assert!(is_open(&office, "mail.spf.missing") && !is_open(&school, "mail.spf.missing"));
    assert_eq!((looked_up(&school, false), looked_up(&office, false)), (vec![], vec![DOMAIN.to_owned()]));
    // The other way round, what stood at the one now stands at the other.
    traeger.confirm_domain(school.id, DOMAIN, "K", day(2)).expect("confirmed");
    traeger.decline_domain(office.id, DOMAIN, "K", day(2)).expect("declined");
    let found = traeger.findings(None, false).expect("findings");
    let at: Vec<i64> = found.iter().filter(|f| f.rule == "mail.spf.missing").map(|f| f.school).collect();
    assert_eq!(at, [school.id]);
    assert_eq!(looked_up(&office, true), [DOMAIN]);
}

pub(super) fn a_shared_domain_is_one_finding_shown_at_each_school(store: &Store) {
    let mut office = School::new(store);
    let mut other = beside(store, &office);
    let traeger = office.traeger.clone();
    sees_all(&office);
    say(&mut office, audited("mx.example", "public", day(0)), day(0));
    assert!(!is_open(&other, "mail.spf.missing"));
    traeger.confirm_domain(other.id, "Schule-am-Bach.DE.", "K", day(0)).expect("confirmed");
    assert!(is_open(&other, "mail.spf.missing"), "it is shown where the domain serves");
    // The other school's own box looks from inside: it is compared, and adds no finding of its own.
    say(&mut other, audited("10.0.0.9", "inside", day(1)), day(1));
    let all = traeger.findings(None, false).expect("findings");
    let missing: Vec<_> = all.iter().filter(|finding| finding.rule == "mail.spf.missing").collect();
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(missing[0].school, office.id);
    assert!(is_open(&office, "mail.dns.inside-differs") && is_open(&other, "mail.dns.inside-differs"));
    assert!(!is_open(&other, "mail.mx.ip-literal"), "the look from inside founds nothing");
    let line = traeger.findings_page(other.id, day(1)).expect("findings").into_iter().next().expect("a line");
    assert_eq!(line.home, office.id);
    let shared = traeger.domain_lines(other.id).expect("domains").into_iter().next().expect("a domain");
    assert_eq!(shared.shared_with, [office.id]);
}

pub(super) fn nobody_claims_what_another_school_has_confirmed(store: &Store) {
    let mut first = School::new(store);
    let second = beside(store, &first);
    let traeger = first.traeger.clone();
    let claim = |school: &School, name: &str| traeger.claim_domain(school.id, name, "K", day(1));
    let is_refused = |school: &School, name: &str| {
        let said = claim(school, name).expect_err("another school has it");
        assert!(matches!(said.root(), Error::Unfit { problem: Problem::Elsewhere, .. }), "{said}");
    };
    claim(&first, DOMAIN).expect("nobody else has it");
    let system = DocumentedSystem {
        school: second.id,
        name: "Mail".into(),
        domain: DOMAIN.into(),
        ..DocumentedSystem::default()
    };
    traeger.save_system(&system, "K", day(0)).expect("a system");
    is_refused(&second, "Schule-am-Bach.DE.");
    let lines = traeger.domain_lines(second.id).expect("domains");
    assert_eq!((lines[0].state, lines[0].shared_with.as_slice()), (DomainState::Proposed, &[first.id][..]));
    let log = traeger.audit_log(&format!("domain {DOMAIN}")).expect("the log");
    assert_eq!(log.len(), 1, "nothing was written");
    claim(&first, DOMAIN).expect("its own domain may be confirmed again");
    // A scope file speaks for its school as a person does, until the Träger says whose the domain is.
    let mut evidence = DomainEvidence::new("netz-am-bach.de", "canary");
    evidence.lookups.insert(
        Question::new("netz-am-bach.de", RecordType::Mx),
        Answer::found(vec!["10 mx.example".to_owned()]),
    );
    let fields = evidence.to_fields().with(&DNS_VIEW, Value::text("inside"));
    say(&mut first, observed("netz-am-bach.de", "domain-audit", fields, day(0)), day(0));
    is_refused(&second, "netz-am-bach.de");
    let lines = traeger.domain_lines(first.id).expect("domains");
    assert!(lines.iter().any(|line| line.name == "netz-am-bach.de" && line.is_of_scope_alone()));
    // Whoever speaks for all schools may share it; what is given up is free again.
    traeger.decline_domain(first.id, DOMAIN, "K", day(2)).expect("declined");
    claim(&second, DOMAIN).expect("it is free");
    is_refused(&first, DOMAIN);
    traeger.confirm_domain(first.id, DOMAIN, "T", day(3)).expect("the Träger shares it");
}

/// A zone in which nothing of mail is missing, as a box says that it saw it on the internet.
fn sound(at: Timestamp) -> Observation {
    let mut evidence = DomainEvidence::new(DOMAIN, "canary");
    for (name, kind, record) in [
        (DOMAIN, RecordType::Soa, "ns.example h.example 9 2 3 4 5"),
        (DOMAIN, RecordType::Mx, "10 mx.anbieter.example"),
        (DOMAIN, RecordType::Txt, "v=spf1 mx -all"),
    ] {
        evidence.lookups.insert(Question::new(name, kind), Answer::found(vec![record.to_owned()]));
    }
    let fields = evidence.to_fields().with(&DNS_VIEW, Value::text("public"));
    observed(DOMAIN, "domain-audit", fields, at)
}

pub(super) fn a_box_speaks_of_its_own_schools_domains_alone(store: &Store) {
    // The stranger's school is the older one: findings would stand there if its word had weight.
    let mut stranger = School::new(store);
    let mut school = beside(store, &stranger);
    let traeger = school.traeger.clone();
    traeger.confirm_domain(school.id, DOMAIN, "K", day(0)).expect("confirmed");
    say(&mut school, audited("mx.anbieter.example", "public", day(0)), day(0));
    let at = || {
        let found = traeger.findings(None, false).expect("findings");
        let missing = found.iter().filter(|finding| finding.rule == "mail.spf.missing");
        missing.map(|finding| finding.school).collect::<Vec<_>>()
    };
    assert_eq!(at(), [school.id]);
    let log = traeger.findings(Some(school.id), true).expect("findings");
    for view_from in [sound(day(1)), audited("mx.fremd.example", "inside", day(1))] {
        say(&mut stranger, view_from, day(1));
        assert_eq!(state(&stranger), Some(DomainState::Proposed), "a person has to say so");
        traeger.check_all_rules(day(1)).expect("the timer");
        assert_eq!(traeger.findings(Some(school.id), true).expect("findings"), log);
        assert_eq!(at(), [school.id]);
    }
    // What a scope file names goes to no other box, and a person's word goes before it.
    let early = "netz-am-bach.de";
    let fields = DomainEvidence::new(early, "canary").to_fields().with(&DNS_VIEW, Value::text("inside"));
    say(&mut stranger, observed(early, "domain-audit", fields, day(1)), day(1));
    assert_eq!(looked_up(&stranger, false), [early]);
    assert_eq!(looked_up(&stranger, true), [DOMAIN]);
    // The administration may lend it the word, and take it back.
    traeger.set_public_view(stranger.agent.id, true, "T", day(1)).expect("eyes");
    say(&mut stranger, sound(day(2)), day(2));
    traeger.check_all_rules(day(2)).expect("the timer");
    assert_eq!(at(), Vec::<i64>::new(), "the eyes of all schools saw that it was put right");
    traeger.set_public_view(stranger.agent.id, false, "T", day(3)).expect("no longer");
    assert_eq!(at(), [school.id]);
    assert_eq!(state(&stranger), None);
    assert!(traeger.set_public_view(4711, true, "T", day(3)).is_err());
}

pub(super) fn a_withdrawn_box_is_nobodys_eyes(store: &Store) {
    let mut office = School::new(store);
    let school = beside(store, &office);
    let traeger = school.traeger.clone();
    sees_all(&office);
    traeger.confirm_domain(school.id, DOMAIN, "K", day(0)).expect("confirmed");
    assert_eq!(looked_up(&office, true), [DOMAIN]);
    say(&mut office, audited("mx.example", "public", day(0)), day(0));
    assert!(is_open(&school, "mail.spf.missing"));
    traeger.revoke_agent(office.agent.id, ("K", day(1))).expect("withdrawn");
    let found = traeger.findings(None, false).expect("findings");
    assert!(
        found.iter().all(|finding| finding.closed_at.is_some()),
        "its word counts for other schools no more: {found:?}"
    );
    assert_eq!(state(&school), Some(DomainState::Confirmed), "a person's word stays");
    assert_eq!(state(&office), None, "what it looked up for others is not its school's");
}
