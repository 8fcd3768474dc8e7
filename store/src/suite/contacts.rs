//! Whom to call, and what the Träger offers.

use super::school::{School, day};
use crate::{Contact, DocumentedSystem, Offer, Store};
use rundgang_inventory::Timestamp;

fn by(n: i64) -> (&'static str, Timestamp) {
    ("Frau L", day(n))
}

fn contact(school: Option<i64>, function: &str, phone: &str) -> Contact {
    Contact { school, function: function.into(), phone: phone.into(), ..Contact::default() }
}

pub(super) fn whom_to_call_is_kept_for_a_school_and_for_the_traeger(store: &Store) {
    let school = School::new(store);
    let (id, t) = (school.id, school.traeger.clone());
    let own = t.save_contact(&contact(Some(id), "IT-Koordination", "05241 1"), by(1)).expect("saved");
    t.save_contact(&contact(None, "Hotline des Kreises", "05241 2"), by(1)).expect("saved");
    let functions = |school: Option<i64>| -> Vec<String> {
        t.contacts(school).expect("contacts").into_iter().map(|one| one.function).collect()
    };
    assert_eq!(functions(Some(id)), ["IT-Koordination"]);
    assert_eq!(functions(None), ["Hotline des Kreises"]);
    let found = |school: Option<i64>, question: &str| -> Vec<String> {
        let all = t.contacts_found(school, question, 5).expect("contacts");
        all.into_iter().map(|one| one.function).collect()
    };
    assert_eq!(found(None, "05241"), ["IT-Koordination", "Hotline des Kreises"]);
    assert_eq!(
        found(Some(id), "HOTLINE kreis"),
        ["Hotline des Kreises"],
        "every word, however it is written"
    );
    assert_eq!(found(Some(id + 77), "05241"), ["Hotline des Kreises"], "another school's are not shown");
    assert_eq!((found(None, "hotline schule"), found(None, " ")), (vec![], vec![]));
    assert_eq!(found(None, "IT-Kordination"), ["IT-Koordination"], "a typing error still finds");
    assert_eq!(found(None, "Hotlien des Kreises"), ["Hotline des Kreises"]);
    assert_eq!(found(None, "05242"), Vec::<String>::new(), "a number that resembles one is another one");
    assert_eq!(found(None, "Waschmaschine"), Vec::<String>::new(), "but not just anything");
    let mut changed = t.contacts(Some(id)).expect("contacts").remove(0);
    assert_eq!((changed.id, changed.version, changed.phone.as_str()), (own, 1, "05241 1"));
    changed.name = "Frau Beispiel".into();
    t.save_contact(&changed, by(2)).expect("changed");
    assert!(t.save_contact(&changed, by(2)).is_err_and(|error| error.is_conflict()), "the old version");
    assert!(t.delete_contact(Some(id), own, 1, by(3)).is_err_and(|error| error.is_conflict()));
    // What is the school's is not the Träger's, and the other way round.
    assert!(t.delete_contact(None, own, 2, by(3)).is_err_and(|error| error.is_not_found()));
    for unfit in [
        contact(Some(id), " ", "1"),
        contact(Some(id), "IT", "Passwort: Sommer2026"),
        contact(Some(id + 77), "IT", "1"),
        contact(Some(id), "IT", &"1".repeat(301)),
    ] {
        assert!(t.save_contact(&unfit, by(3)).is_err(), "{unfit:?}");
    }
    t.delete_contact(Some(id), own, 2, by(3)).expect("deleted");
    assert_eq!(functions(Some(id)), [""; 0]);
    let log = t.audit_log(&format!("contact {own}")).expect("the log");
    let told: Vec<&str> = log.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(told, ["delete", "change", "create"]);
    assert!(log[1].before.contains("05241 1") && log[1].after.contains("Frau Beispiel"), "{log:?}");
    assert!(log[0].after.is_empty() && log[2].before.is_empty());
    let other = School::of(store, "Kreis B", "Schule B").traeger;
    assert!(other.contacts(None).expect("contacts").is_empty());
    assert!(
        other.save_contact(&contact(Some(id), "IT", "1"), by(4)).is_err_and(|error| error.is_not_found())
    );
}

pub(super) fn an_offer_is_used_where_the_register_or_the_school_says_so(store: &Store) {
    let school = School::new(store);
    let (id, t) = (school.id, school.traeger.clone());
    let offer = |name: &str, kind: &str, provider: &str| Offer {
        name: name.into(),
        kind: kind.into(),
        provider: provider.into(),
        ..Offer::default()
    };
    let save = |new: Offer| t.save_offer(&new, by(1)).expect("saved");
    let moodle = save(offer("Moodle des Kreises", "lms", "Kreis-IT"));
    let filter = save(offer("Jugendschutzfilter", "filter", ""));
    let training = save(offer("Fortbildung", "", ""));
    let system = |name: &str, kind: &str, provider: &str| {
        let new = DocumentedSystem {
            school: id,
            name: name.into(),
            kind: kind.into(),
            provider: provider.into(),
            ..DocumentedSystem::default()
        };
        t.save_system(&new, "K", day(0)).expect("a system");
    };
    system("Unser Moodle", "lms", "kreis-it");
    system("Altes Moodle", "lms", "Eigenbau");
    system("Irgendwas", "service", "");
    let told = || -> Vec<(i64, bool, Vec<String>)> {
        let lines = t.offers_of_school(id).expect("offers");
        let names = |systems: &[(i64, String)]| systems.iter().map(|(_, name)| name.clone()).collect();
        lines.iter().map(|line| (line.offer.id, line.is_used(), names(&line.systems))).collect()
    };
    // By name; an offer that names neither kind nor provider is nobody's system.
    let moodles = vec!["Unser Moodle".to_owned()];
    assert_eq!(told(), [(training, false, vec![]), (filter, false, vec![]), (moodle, true, moodles.clone())]);
    system("Filter", "filter", "wer auch immer");
    assert_eq!(told()[1], (filter, true, vec!["Filter".to_owned()]));
    // What the school says holds.
    t.say_of_offer(id, moodle, Some(false), by(2)).expect("said");
    t.say_of_offer(id, training, Some(true), by(2)).expect("said");
    assert_eq!((told()[0].1, told()[2].1), (true, false));
    t.say_of_offer(id, moodle, None, by(3)).expect("said nothing any more");
    assert_eq!(told()[2], (moodle, true, moodles));
    let log = t.audit_log(&format!("offer {moodle}")).expect("the log");
    assert_eq!((log[0].before.as_str(), log[0].after.as_str()), ("unused", ""));
    assert_eq!(log[2].what, "create");
    assert!(t.say_of_offer(id, 999, Some(true), by(3)).is_err_and(|error| error.is_not_found()));

    let stale = Offer { id: moodle, version: 7, ..offer("Moodle", "lms", "") };
    assert!(t.save_offer(&stale, by(4)).is_err_and(|error| error.is_conflict()));
    assert!(t.save_offer(&offer("", "lms", ""), by(4)).is_err());
    let long = Offer { description: "x".repeat(301), ..offer("Cloud", "", "") };
    assert!(t.save_offer(&long, by(4)).is_err());
    let secret = Offer { ask: "Passwort: Sommer2026".into(), ..offer("Cloud", "", "") };
    assert!(t.save_offer(&secret, by(4)).is_err());
    // The school takes along what it said something of; the Träger keeps the offer.
    let along = t.export_school(id).expect("an export");
    assert_eq!(along["offer"].as_array().map(Vec::len), Some(1));
    t.delete_offer(training, 1, by(5)).expect("deleted");
    let own = t.audit_log_of_school(id).expect("the log");
    let word = own.iter().rfind(|one| one.subject == format!("offer {training}")).expect("the school's word");
    assert_eq!((word.what.as_str(), word.before.as_str(), word.after.as_str()), ("delete", "used", ""));
    assert_eq!(told().len(), 2);
    assert_eq!(t.export().expect("an export")["offer_use"].as_array().map(Vec::len), Some(0));
    let other = School::of(store, "Kreis B", "Schule B").traeger;
    assert!(other.offers().expect("offers").is_empty());
    assert!(other.delete_offer(moodle, 1, by(6)).is_err_and(|error| error.is_not_found()));
    assert!(other.offers_of_school(id).is_err_and(|error| error.is_not_found()));
}

/// Two do the same at once: one is done, the other is told that somebody else was first.
fn one_of_two(write: impl Fn() -> crate::Result<()> + Sync, round: i64) {
    let start = std::sync::Barrier::new(2);
    let write = || {
        start.wait();
        write()
    };
    let done = std::thread::scope(|threads| {
        let both = [threads.spawn(write), threads.spawn(write)];
        both.map(|one| one.join().expect("no panic"))
    });
    assert_eq!(done.iter().filter(|one| one.is_ok()).count(), 1, "round {round}: {done:?}");
    let told = done.into_iter().find_map(Result::err).expect("one is refused");
    assert!(told.is_conflict() || told.is_not_found(), "{told}");
}

pub(super) fn of_two_who_change_a_contact_or_an_offer_at_once_one_is_told(store: &Store) {
    let school = School::new(store);
    let t = &school.traeger;
    for round in 1..=10 {
        for own in [Some(school.id), None] {
            let mut one = contact(own, "IT", "1");
            one.id = t.save_contact(&one, by(1)).expect("saved");
            one.version = 1;
            one_of_two(|| t.save_contact(&one, by(2)).map(drop), round);
            one_of_two(|| t.delete_contact(own, one.id, 2, by(3)), round);
        }
        let mut offer = Offer { name: "Moodle".into(), ..Offer::default() };
        offer.id = t.save_offer(&offer, by(1)).expect("saved");
        offer.version = 1;
        one_of_two(|| t.save_offer(&offer, by(2)).map(drop), round);
        one_of_two(|| t.delete_offer(offer.id, 2, by(3)), round);
    }
}
