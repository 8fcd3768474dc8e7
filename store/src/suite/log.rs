//! The audit log as it is read, and who answers for what a finding is about.

use super::school::{Device, School, day, device};
use crate::{
    AuditEntry, DocumentedSystem, Store,
    views::{
        finding_list::FindingFilter,
        log::{LogFilter, LogLine},
        responsible::NOBODY,
    },
};
use rundgang_inventory::{Value, vocabulary};
use std::collections::BTreeSet;

fn system(school: i64, name: &str) -> DocumentedSystem {
    DocumentedSystem { school, name: name.into(), status: "in-use".into(), ..DocumentedSystem::default() }
}

pub(super) fn the_log_is_read_part_by_part_by_school_person_day_and_subject(store: &Store) {
    let (own, other) = (School::of(store, "Kreis A", "Schule A"), School::of(store, "Kreis B", "Schule B"));
    let t = &own.traeger;
    let second = t.ensure_school(&crate::NewSchool { name: "Zweite".into(), ..Default::default() }, day(0));
    let second = second.expect("a school");
    for nth in 0..7 {
        let who = if nth % 2 == 0 { "Frau L" } else { "Herr K" };
        t.save_system(&system(own.id, &format!("Ämterserver {nth}")), who, day(nth)).expect("a system");
    }
    t.save_system(&system(second, "Drucker"), "Frau L", day(3)).expect("a system");
    t.set_report_address("berichte@kreis.example", "Träger", day(4)).expect("a setting");
    other.traeger.save_system(&system(other.id, "Fremd"), "Fremde", day(2)).expect("a system");
    let read = |filter: &LogFilter| -> Vec<LogLine> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let slice = t.log_slice(filter, &after, 3).expect("a part");
            assert!(slice.lines.len() <= 3);
            all.extend(slice.lines);
            match slice.next {
                Some(next) => after = next,
                None => break,
            }
        }
        let ids: BTreeSet<i64> = all.iter().map(|line| line.id).collect();
        assert_eq!(ids.len(), all.len(), "each once");
        let times: Vec<_> = all.iter().map(|line| line.entry.at).collect();
        assert!(times.is_sorted_by(|a, b| a >= b), "the newest first: {times:?}");
        all
    };
    let everything = LogFilter { with_accounts: true, ..LogFilter::default() };
    let all = read(&everything);
    let is_made = |line: &&LogLine| line.entry.what == "create";
    assert_eq!(all.iter().filter(is_made).count(), 8, "and nothing of another Träger");
    assert!(all.iter().any(|line| line.school.is_none() && line.entry.who == "Träger"));
    let made = |filter: LogFilter| {
        read(&filter).iter().filter(is_made).map(|line| line.label.clone()).collect::<Vec<_>>()
    };
    let of_own = LogFilter { school: Some(own.id), ..everything.clone() };
    assert_eq!(made(of_own.clone()).len(), 7);
    assert!(read(&of_own).iter().all(|line| line.school_name == "Schule A"));
    assert_eq!(made(LogFilter { who: "Herr K".into(), ..everything.clone() }).len(), 3);
    assert_eq!(
        made(LogFilter { who: "Frau L".into(), ..of_own.clone() }),
        ["Ämterserver 6", "Ämterserver 4", "Ämterserver 2", "Ämterserver 0"]
    );
    let days = LogFilter { from: Some(day(2)), to: Some(day(3)), ..everything.clone() };
    assert_eq!(made(days).len(), 3);
    for (wanted, expected) in [("ämterserver 5", 1), ("ÄMTER", 7), ("%", 0), ("Waschmaschine", 0)] {
        let about = LogFilter { subject: wanted.into(), ..everything.clone() };
        assert_eq!(made(about).len(), expected, "{wanted}");
    }
    let subject = all.iter().find(|line| line.label == "Drucker").expect("it").entry.subject.clone();
    let about = LogFilter { subject, ..everything.clone() };
    assert_eq!(made(about), ["Drucker"]);
    let machine = LogFilter { who: super::super::views::log::MACHINE.into(), ..everything };
    assert!(read(&machine).iter().all(|line| line.entry.who.is_empty()));
    assert!(other.traeger.log_slice(&of_own, "", 3).is_err_and(|error| error.is_not_found()));
    let no_place = t.log_slice(&LogFilter::default(), "no~place", 3).expect("the beginning");
    assert_eq!(no_place.lines.len(), 3);
}

pub(super) fn who_may_sign_in_is_told_only_to_whom_it_concerns(store: &Store) {
    let school = School::new(store);
    let t = &school.traeger;
    let new = crate::NewAccount {
        login: "k.lehrer".into(),
        name: "Konto K".into(),
        role: rundgang_inventory::Role::Reader,
        school: None,
        provider: String::new(),
    };
    t.open_account(&new, "Träger", day(1)).expect("an account");
    let read = |with_accounts| -> Vec<AuditEntry> {
        let filter = LogFilter { with_accounts, ..LogFilter::default() };
        t.log_slice(&filter, "", 50).expect("the log").lines.into_iter().map(|line| line.entry).collect()
    };
    let about = |entry: &AuditEntry| entry.subject.starts_with("account ");
    assert!(read(true).iter().any(about) && !read(false).iter().any(about));
}

fn projector(host: u8, password: &str) -> Device {
    let seen = device(&format!("10.0.0.{host}"), &format!("00:26:ab:00:00:{host:02x}")).by("pjlink");
    seen.says(&vocabulary::PJLINK_PASSWORD, Value::text(password))
}

pub(super) fn a_finding_says_who_answers_for_it(store: &Store) {
    const RULE: &str = "projector.no-password";
    let mut school = School::new(store);
    school.walk(&[projector(2, "no"), projector(3, "no"), projector(4, "no")], day(0), &["pjlink"]);
    let (id, t) = (school.id, &school.traeger);
    let assets = school.asset_ids();
    let enter = |device: i64, owner: &str, provider: &str| {
        let entry = DocumentedSystem {
            asset: Some(device),
            owner: owner.into(),
            provider: provider.into(),
            ..system(id, &format!("Beamer {device}"))
        };
        t.save_system(&entry, "K", day(1)).expect("a system")
    };
    enter(assets[0], "IT-Koordination", "Systemhaus");
    let second = enter(assets[1], "  ", "Systemhaus");
    assert_eq!(t.responsible_parties(id).expect("parties"), ["IT-Koordination", "Systemhaus"]);
    let parties = |lines: &[crate::views::findings::FindingLine]| -> Vec<String> {
        let lines = lines.iter().filter(|line| line.rule == RULE);
        lines.map(|line| line.responsible.clone()).collect::<BTreeSet<_>>().into_iter().collect()
    };
    assert_eq!(
        parties(&t.findings_page(id, day(1)).expect("findings")),
        ["", "IT-Koordination", "Systemhaus"]
    );
    let slice = |party: &str, most: usize| {
        let filter = FindingFilter { responsible: party.into(), ..FindingFilter::default() };
        t.finding_slice(id, &filter, "", most, day(1)).expect("a part")
    };
    for (party, expected) in
        [("IT-Koordination", "IT-Koordination"), ("Systemhaus", "Systemhaus"), (NOBODY, "")]
    {
        let lines = slice(party, 100).lines;
        assert_eq!(parties(&lines), [expected], "{party}");
        assert!(lines.iter().all(|line| line.responsible == expected), "every rule: {lines:?}");
        let whole = t.findings_page(id, day(1)).expect("findings");
        let whole = whole.iter().filter(|line| line.is_open(day(1)) && line.responsible == expected);
        assert_eq!(lines.len(), whole.count(), "{party}: the filter and the line agree");
    }
    assert!(slice("Niemand GmbH", 100).lines.is_empty());
    assert!(slice("Systemhaus", 1).next.is_some(), "and goes on in parts");
    // A finding of the entry itself is answered for by the same.
    let own = t.findings_about(id, &format!("system {second}")).expect("findings");
    assert!(own.iter().all(|line| line.responsible == "Systemhaus"), "{own:?}");
}
