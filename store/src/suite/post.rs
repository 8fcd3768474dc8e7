//! What is sent once a week: settings, who gets it, and that nothing is sent twice.

use super::school::{School, day};
use crate::{Dispatch, DocumentedSystem, NewAccount, PostSettings, Sent, Store};
use rundgang_inventory::Role;

fn settings() -> PostSettings {
    PostSettings {
        host: "mail.kreis.example".into(),
        port: 587,
        security: "starttls".into(),
        user: "rundgang".into(),
        password_file: "mail".into(),
        from: "rundgang@kreis.example".into(),
        webhook: "https://leitstelle.example/rundgang".into(),
        webhook_key_file: "key".into(),
        ..PostSettings::default()
    }
}

pub(super) fn mail_leaves_encrypted_and_passwords_stand_elsewhere(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let other = School::of(store, "Kreis B", "Schule");
    let t = &own.traeger;
    assert_eq!(t.post_settings().expect("none yet"), PostSettings::default());
    let refused = |change: fn(&mut PostSettings), field: &str| {
        let mut new = settings();
        change(&mut new);
        let error = t.set_post_settings(&new, "admin", day(0)).expect_err(field);
        assert!(error.root().to_string().starts_with(field), "{field}: {error}");
    };
    refused(|s| s.host = "mail example".into(), "host");
    refused(|s| s.port = 0, "port");
    refused(|s| s.security = "none".into(), "security");
    refused(|s| s.security = String::new(), "security");
    refused(|s| s.from = "rundgang".into(), "from");
    refused(|s| s.from = "a@b\r\nBcc: c@d".into(), "from");
    refused(|s| s.password_file = String::new(), "password_file");
    for place in ["../lock", "/etc/shadow", ".ssh", "a/b"] {
        let new = PostSettings { password_file: place.into(), ..settings() };
        assert!(t.set_post_settings(&new, "admin", day(0)).is_err(), "{place}");
    }
    for address in [
        "http://leitstelle.example/",
        "ftp://leitstelle.example/",
        "https://",
        "https://a:b@leitstelle.example/",
        "http://127.0.0.1.example/",
        "https://leitstelle.example/ x",
        "leitstelle.example",
    ] {
        let new = PostSettings { webhook: address.into(), ..settings() };
        assert!(t.set_post_settings(&new, "admin", day(0)).is_err(), "{address}");
    }
    refused(|s| s.webhook_key_file = String::new(), "webhook_key_file");
    for address in
        ["https://leitstelle.example/", "http://127.0.0.1:8080/x", "http://localhost/x", "http://[::1]:1/"]
    {
        let new = PostSettings { webhook: address.into(), ..settings() };
        t.set_post_settings(&new, "admin", day(0)).unwrap_or_else(|error| panic!("{address}: {error}"));
    }
    let here = PostSettings { host: "127.0.0.1".into(), security: "none".into(), ..settings() };
    t.set_post_settings(&here, "admin", day(0)).expect("this machine needs no encryption");
    t.set_post_settings(&settings(), "admin", day(1)).expect("kept");
    assert_eq!(t.post_settings().expect("kept"), settings());
    assert_eq!(other.traeger.post_settings().expect("another's"), PostSettings::default());
    assert_eq!(t.audit_log("post").expect("a log")[0].who, "admin");
}

pub(super) fn a_letter_leaves_once_a_week_whatever_breaks(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let t = &own.traeger;
    let (letter, week) = (Dispatch::Digest(1), "2026-10-05");
    let claim = |what, week: &str, hour: i64| t.claim(what, week, day(hour)).expect("asked");
    assert!(claim(letter, week, 0));
    assert!(!claim(letter, week, 0), "somebody is at it; or was, and ended in the middle");
    assert!(claim(Dispatch::Digest(2), week, 0) && claim(Dispatch::Webhook, week, 0), "others are others");
    t.note_sent(letter, week, &Sent::Later("no\r\nconnection".into())).expect("noted");
    assert!(claim(letter, week, 1), "what surely was not sent is tried again");
    t.note_sent(letter, week, &Sent::Taken).expect("noted");
    assert!(!claim(letter, week, 2), "once a week");
    assert!(claim(letter, "2026-10-12", 3));
    for sent in [Sent::Unknown("broke off".into()), Sent::Refused("550".into()), Sent::Quiet] {
        t.note_sent(letter, "2026-10-12", &sent).expect("noted");
        assert!(!claim(letter, "2026-10-12", 4), "{sent:?}");
    }
    assert_eq!(t.last_taken(letter).expect("asked"), Some(day(3)), "nothing to tell is told as well");
    let told = t.dispatches(10).expect("a list");
    assert_eq!((told.len(), told[0].week.as_str(), told[0].state.as_str()), (4, "2026-10-12", "quiet"));
    // An hour's tries for a day, and no more.
    let stubborn = Dispatch::Digest(3);
    let tried = (0..40).filter(|_| {
        let claimed = claim(stubborn, week, 5);
        t.note_sent(stubborn, week, &Sent::Later("no".into())).expect("noted");
        claimed
    });
    assert_eq!(tried.count(), 24);
}

pub(super) fn who_asked_for_it_gets_the_weekly_mail(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let t = &own.traeger;
    let new = NewAccount {
        login: "k.beispiel".into(),
        name: "K".into(),
        role: Role::Coordinator,
        school: Some(own.id),
        provider: String::new(),
    };
    let id = t.open_account(&new, "admin", day(0)).expect("opened");
    assert!(t.weekly_recipients().expect("nobody").is_empty());
    assert!(t.set_weekly_mail(id, "k.beispiel", "de", "K", day(0)).is_err());
    t.set_weekly_mail(id, " k@schule.example ", "nl", "K", day(0)).expect("asked for");
    let to = t.weekly_recipients().expect("one");
    assert_eq!((to.len(), to[0].address.as_str(), to[0].language.as_str()), (1, "k@schule.example", "nl"));
    assert!(!format!("{:?}", t.audit_log(&format!("account {id}"))).contains("k@schule.example"));
    t.close_account(id, true, "admin", day(1)).expect("closed");
    assert!(t.weekly_recipients().expect("nobody").is_empty(), "whoever is out gets nothing");
    t.remove_account(id, "admin", day(2)).expect("deleted");
    assert!(!t.export().expect("an export").to_string().contains("k@schule.example"));
}

pub(super) fn a_week_tells_what_is_new_and_what_is_due(store: &Store) {
    let mut own = School::of(store, "Kreis A", "Schule");
    let projector = super::school::device("10.0.0.9", "00:26:ab:00:00:02")
        .by("pjlink")
        .says(&rundgang_inventory::vocabulary::PJLINK_PASSWORD, rundgang_inventory::Value::text("no"));
    own.walk(&[projector], day(0), &["pjlink", "sweep"]);
    let t = own.traeger.clone();
    let system = DocumentedSystem {
        school: own.id,
        name: "Telefonanlage".into(),
        contract_until: Some(day(20).date()),
        warranty_until: Some(day(60).date()),
        ..DocumentedSystem::default()
    };
    t.save_system(&system, "K", day(0)).expect("a system");
    let week = |since: i64, now: i64| t.weeks(Some(own.id), day(since), day(now)).expect("a week").remove(0);
    let first = week(-7, 1);
    assert!(
        first.new.iter().any(|(rule, _, count)| rule == "projector.no-password" && *count == 1),
        "{first:?}"
    );
    assert_eq!(first.open, first.count());
    let due: Vec<(&str, &str)> = first.due.iter().map(|due| (due.what.as_str(), due.name.as_str())).collect();
    assert_eq!(due, [("contract", "Telefonanlage")]);
    let second = week(1, 8);
    assert!(second.new.is_empty() && second.open == first.open, "what was told is not new again: {second:?}");
    assert_eq!(t.weeks(None, day(0), day(1)).expect("all").len(), 1);
}
