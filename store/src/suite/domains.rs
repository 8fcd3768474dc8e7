//! Domains: what changed, which are the school's, and the one finding of a domain that serves several schools.

use super::school::{START, School, day, enrol};
use crate::{DocumentedSystem, DomainState, NewSchool, Store};
use rundgang_inventory::{
    Entry, Fields, Observation, Subject, Timestamp, Value,
    mail::{
        DomainEvidence, MailServer,
        lookup::{Answer, Outcome, Question, RecordType},
    },
    vocabulary::{DNS_SEARCH, DNS_VIEW, SMTP_BANNER, TLS_SAN},
};

pub(super) const DOMAIN: &str = "schule-am-bach.de";

/// What an audit saw: a mail exchanger, and no SPF record.
pub(super) fn audited(exchanger: &str, view: &str, at: Timestamp) -> Observation {
    audited_in(1, exchanger, view, at)
}

/// The same in the version of the zone with that serial.
fn audited_in(serial: i64, exchanger: &str, view: &str, at: Timestamp) -> Observation {
    let mut evidence = DomainEvidence::new(DOMAIN, "canary");
    let soa = format!("ns.example h.example {serial} 2 3 4 5");
    for (kind, record) in [(RecordType::Soa, soa), (RecordType::Mx, format!("10 {exchanger}"))] {
        evidence.lookups.insert(Question::new(DOMAIN, kind), Answer::found(vec![record]));
    }
    evidence.lookups.insert(Question::new(DOMAIN, RecordType::Txt), Answer::nothing(Outcome::NoRecords));
    let fields = evidence.to_fields().with(&DNS_VIEW, Value::text(view));
    observed(DOMAIN, "domain-audit", fields, at)
}

pub(super) fn observed(domain: &str, probe: &str, fields: Fields, at: Timestamp) -> Observation {
    let (subject, probe) = (Subject::Domain(domain.to_owned()), probe.to_owned());
    Observation { subject, segment: String::new(), at, probe, fields }
}

pub(super) fn say(school: &mut School, observation: Observation, at: Timestamp) {
    school.hear(&[Entry::Observation { index: 0, observation }], at);
}

pub(super) fn is_open(school: &School, rule: &str) -> bool {
    let lines = school.traeger.findings_page(school.id, day(0)).expect("findings");
    lines.iter().any(|line| line.rule == rule && line.closed.is_none())
}

pub(super) fn a_changed_exchanger_is_a_finding_with_before_and_after(store: &Store) {
    let mut school = School::new(store);
    say(&mut school, audited("mx.anbieter.example", "public", day(0)), day(0));
    assert!(is_open(&school, "mail.spf.missing") && !is_open(&school, "mail.mx.changed"));
    say(&mut school, audited("mx.fremd.example", "public", day(1)), day(1));
    assert!(is_open(&school, "mail.mx.changed"));
    let found = school.traeger.findings(Some(school.id), false).expect("findings");
    let changed = found.iter().find(|finding| finding.rule == "mail.mx.changed").expect("the finding");
    let told = changed.evidence.to_string();
    assert!(told.contains("10 mx.anbieter.example") && told.contains("10 mx.fremd.example"), "{told}");
    assert_eq!(changed.subject, format!("domain {DOMAIN}"));
    // Another change of the zone does not hide it; only time does, and what was recorded stays.
    school.traeger.check_rules(school.id, day(14)).expect("the timer");
    assert!(is_open(&school, "mail.mx.changed"));
    school.traeger.check_rules(school.id, day(16)).expect("the timer");
    assert!(!is_open(&school, "mail.mx.changed"));
    let before = school.traeger.findings(Some(school.id), true).expect("findings");
    school.traeger.rebuild(school.id, day(16)).expect("rebuilt");
    assert_eq!(school.traeger.findings(Some(school.id), true).expect("findings"), before);
}

pub(super) fn a_busy_zone_hides_no_change_from_another_box(store: &Store) {
    let mut school = School::new(store);
    let mut second = School {
        traeger: school.traeger.clone(),
        id: school.id,
        agent: enrol(store, &school.traeger, school.id),
    };
    assert!(second.agent.id > school.agent.id);
    say(&mut second, audited("mx.anbieter.example", "public", day(0)), day(0));
    // The first box tells a new version of the zone again and again: each is a statement of its own.
    for serial in 0..40 {
        say(&mut school, audited_in(serial, "mx.anbieter.example", "public", day(1)), day(1));
    }
    assert!(!is_open(&school, "mail.mx.changed"));
    say(&mut second, audited("mx.fremd.example", "public", day(2)), day(2));
    assert!(is_open(&school, "mail.mx.changed"));
}

pub(super) fn reports_go_where_the_traeger_wants_them(store: &Store) {
    let mut school = School::new(store);
    let traeger = school.traeger.clone();
    let mut evidence = DomainEvidence::new(DOMAIN, "canary");
    let soa = "ns.example h.example 1 2 3 4 5".to_owned();
    for (name, kind, record) in [
        (DOMAIN, RecordType::Soa, soa),
        (DOMAIN, RecordType::Mx, "10 mx.anbieter.example".to_owned()),
        (DOMAIN, RecordType::Txt, "v=spf1 mx -all".to_owned()),
        ("_dmarc.schule-am-bach.de", RecordType::Txt, "v=DMARC1; p=reject".to_owned()),
    ] {
        evidence.lookups.insert(Question::new(name, kind), Answer::found(vec![record]));
    }
    let fields = evidence.to_fields().with(&DNS_VIEW, Value::text("public"));
    say(&mut school, observed(DOMAIN, "domain-audit", fields, day(0)), day(0));
    let proposed = || {
        let found = traeger.findings(Some(school.id), false).expect("findings");
        let missing = found.into_iter().find(|finding| finding.rule == "mail.dmarc.rua-missing");
        missing.expect("the finding").evidence["proposal"].to_string()
    };
    let told = proposed();
    assert!(told.contains("report-address") && !told.contains('@'), "a mailbox was invented: {told}");
    assert_eq!(traeger.report_address().expect("none"), None);
    for wrong in [
        "dmarc",
        "a@b",
        "a b@kreis.example",
        "a@kreis.example; p=none",
        "a,b@kreis.example",
        "@kreis.example",
    ] {
        let refused = traeger.set_report_address(wrong, "K", day(0));
        assert!(refused.is_err_and(|error| error.to_string().contains("report address")), "{wrong}");
    }
    traeger.set_report_address("dmarc@Kreis.Example", "K", day(0)).expect("named");
    assert_eq!(traeger.report_address().expect("named").as_deref(), Some("dmarc@kreis.example"));
    traeger.check_rules(school.id, day(0)).expect("the timer");
    let told = proposed();
    assert!(told.contains("v=DMARC1; p=reject; rua=mailto:dmarc@kreis.example"), "{told}");
    let other = School::of(store, "Kreis B", "Schule");
    assert_eq!(other.traeger.report_address().expect("none"), None, "each for itself");
    traeger.set_report_address("", "K", day(0)).expect("taken back");
    traeger.check_rules(school.id, day(0)).expect("the timer");
    assert!(!proposed().contains('@'));
    assert_eq!(traeger.audit_log("report-address").expect("the log").len(), 2);
}

/// An audit whose mail exchanger said that, or could not be greeted; with that SPF record.
fn greeted(starttls: Option<bool>, record: Option<&str>, at: Timestamp) -> Observation {
    let seen = audited("mx.anbieter.example", "public", at).fields;
    let mut evidence = DomainEvidence::from_fields(DOMAIN, &seen).expect("evidence");
    if let Some(record) = record {
        evidence
            .lookups
            .insert(Question::new(DOMAIN, RecordType::Txt), Answer::found(vec![record.to_owned()]));
    }
    let not_checkable = starttls.is_none().then(|| "no answer in time".to_owned());
    let server = MailServer { starttls, not_checkable, ..MailServer::default() };
    evidence.mail_servers.insert("mx.anbieter.example".to_owned(), server);
    observed(DOMAIN, "domain-audit", evidence.to_fields(), at)
}

pub(super) fn what_was_put_right_closes_although_port_25_is_blocked(store: &Store) {
    let mut school = School::new(store);
    say(&mut school, greeted(Some(false), None, day(0)), day(0));
    assert!(is_open(&school, "mail.spf.missing") && is_open(&school, "mail.smtp.no-starttls"));
    say(&mut school, greeted(None, Some("v=spf1 ip4:93.184.4.1 -all"), day(1)), day(1));
    assert!(!is_open(&school, "mail.spf.missing"), "it was put right");
    assert!(is_open(&school, "mail.smtp.no-starttls"), "nobody could look");
    say(&mut school, greeted(Some(true), Some("v=spf1 ip4:93.184.4.1 -all"), day(2)), day(2));
    assert!(!is_open(&school, "mail.smtp.no-starttls"));
}

/// Another school of the same Träger, with an agent of its own.
pub(super) fn beside(store: &Store, school: &School) -> School {
    let traeger = school.traeger.clone();
    let new = NewSchool { name: "Realschule Beispiel".to_owned(), ..NewSchool::default() };
    let id = traeger.ensure_school(&new, START).expect("a school");
    School { agent: enrol(store, &traeger, id), traeger, id }
}

pub(super) fn state(school: &School) -> Option<DomainState> {
    let lines = school.traeger.domain_lines(school.id).expect("domains");
    lines.iter().find(|line| line.name == DOMAIN).map(|line| line.state)
}

/// What is looked up for a school (for all of them).
pub(super) fn looked_up(school: &School, all: bool) -> Vec<String> {
    let whose = (!all).then_some(school.id);
    school.traeger.confirmed_domains(whose).expect("domains").into_iter().collect()
}

pub(super) fn not_ours_outlives_what_is_still_on_its_way(store: &Store) {
    let mut school = School::new(store);
    let traeger = school.traeger.clone();
    traeger.confirm_domain(school.id, DOMAIN, "K", day(0)).expect("confirmed");
    say(&mut school, audited("mx.example", "inside", day(0)), day(0));
    say(&mut school, audited("mx.example", "public", day(0)), day(0));
    assert!(is_open(&school, "mail.spf.missing"));
    traeger.decline_domain(school.id, DOMAIN, "K", day(1)).expect("declined");
    let check = |school: &School, when: &str| {
        assert_eq!(state(school), Some(DomainState::Declined), "{when}");
        assert_eq!((looked_up(school, false), looked_up(school, true)), (vec![], vec![]), "{when}");
        assert_eq!(school.open(), Vec::<String>::new(), "{when}");
    };
    check(&school, "declined");
    for view in ["public", "inside"] {
        say(&mut school, audited("mx.spaet.example", view, day(1)), day(2));
        check(&school, view);
    }
    traeger.check_rules(school.id, day(3)).expect("the timer");
    check(&school, "the timer");
    traeger.rebuild(school.id, day(3)).expect("rebuilt");
    check(&school, "rebuilt");
    traeger.confirm_domain(school.id, DOMAIN, "K", day(4)).expect("confirmed");
    assert!(is_open(&school, "mail.spf.missing"), "what is known is told at once");
    assert_eq!(looked_up(&school, true), [DOMAIN]);
}

pub(super) fn domains_are_proposed_and_looked_up_once_confirmed(store: &Store) {
    let mut school = School::new(store);
    let foreign = School::of(store, "Kreis B", "Schule");
    let traeger = school.traeger.clone();
    let system = DocumentedSystem {
        school: school.id,
        name: "Mail".into(),
        domain: "Mail.Bach-Schule.DE".into(),
        ..DocumentedSystem::default()
    };
    traeger.save_system(&system, "K", day(0)).expect("a system");
    let shown = [("*.lernen-am-bach.de", "schule.local")];
    let device = super::school::device("10.0.0.1", "00:26:ab:00:00:01")
        .by("tls")
        .says(
            &TLS_SAN,
            Value::List(shown.iter().flat_map(|(a, b)| [(*a).to_owned(), (*b).to_owned()]).collect()),
        )
        .says(&SMTP_BANNER, Value::text("220 post.kollegium-bach.de ESMTP"));
    school.walk(&[device], day(0), &["sweep", "tls"]);
    let searched = Fields::new().with(&DNS_SEARCH, Value::Int(1));
    say(&mut school, observed("netz-am-bach.de", "search-domain", searched, day(0)), day(0));
    let lines = traeger.domain_lines(school.id).expect("domains");
    let told: Vec<(&str, DomainState, Vec<&str>)> = lines
        .iter()
        .map(|line| (line.name.as_str(), line.state, line.sources.iter().map(String::as_str).collect()))
        .collect();
    let proposed = DomainState::Proposed;
    let expected = [
        ("bach-schule.de", proposed, vec!["register"]),
        ("kollegium-bach.de", proposed, vec!["mail-server"]),
        ("lernen-am-bach.de", proposed, vec!["certificate"]),
        ("netz-am-bach.de", proposed, vec!["search-domain"]),
    ];
    assert_eq!(told, expected);
    assert!(traeger.confirmed_domains(None).expect("domains").is_empty(), "nothing is looked up unasked");
    assert!(traeger.domains(school.id).expect("domains").is_empty());
    traeger.confirm_domain(school.id, "bach-schule.de", "K", day(1)).expect("confirmed");
    traeger.decline_domain(school.id, "kollegium-bach.de", "K", day(1)).expect("declined");
    let confirmed = traeger.confirmed_domains(Some(school.id)).expect("domains");
    assert_eq!(confirmed.into_iter().collect::<Vec<_>>(), ["bach-schule.de"]);
    let states: Vec<_> = traeger.domain_lines(school.id).expect("domains").iter().map(|l| l.state).collect();
    assert_eq!(states, [DomainState::Confirmed, DomainState::Declined, proposed, proposed]);
    let view = traeger.survey_view(school.id, day(1)).expect("what surveys are answered from");
    let surveyed: Vec<&str> = view.domains.iter().map(|domain| domain.name.as_str()).collect();
    assert_eq!(surveyed, ["bach-schule.de"], "neither what waits nor what is somebody else's");
    assert!(foreign.traeger.confirmed_domains(None).expect("domains").is_empty());
    assert!(traeger.confirm_domain(school.id, "kein name", "K", day(1)).is_err());
    assert_eq!(traeger.audit_log("domain bach-schule.de").expect("the log").len(), 1);
}

pub(super) fn the_end_of_a_domains_contract_is_told_from_the_register(store: &Store) {
    let mut school = School::new(store);
    say(&mut school, audited("mx.anbieter.example", "public", day(0)), day(0));
    let document = |domain: &str, status: &str, until: i64| {
        let system = DocumentedSystem {
            school: school.id,
            kind: "service".into(),
            name: format!("Domain bis {until}"),
            domain: domain.into(),
            status: status.into(),
            contract_until: Some(day(until).date()),
            ..DocumentedSystem::default()
        };
        school.traeger.save_system(&system, "K", day(0)).expect("a system");
    };
    let told = |at: i64| {
        school.traeger.check_rules(school.id, day(at)).expect("the timer");
        is_open(&school, "mail.domain.expiry")
    };
    document("andere-schule.de", "in-use", 1);
    document(DOMAIN, "retired", 1);
    assert!(!told(1), "another domain, and a contract that is history");
    document("Schule-am-Bach.DE.", "in-use", 60);
    assert!(!told(20));
    assert!(told(35) && told(90));
    // Renewed: the latest day counts.
    document(DOMAIN, "in-use", 400);
    assert!(!told(91));
}
