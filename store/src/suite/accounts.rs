//! Accounts: opened, invited, changed, closed, deleted; and what a provider is assigned.

use super::school::{School, day};
use crate::{DocumentedSystem, NewAccount, Problem, Store};
use rundgang_inventory::{Role, Timestamp};

fn coordinator(login: &str, school: i64) -> NewAccount {
    NewAccount {
        login: login.to_owned(),
        name: "A. Beispiel".to_owned(),
        role: Role::Coordinator,
        school: Some(school),
        provider: String::new(),
    }
}

pub(super) fn an_account_is_opened_changed_closed_and_deleted(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let foreign = School::of(store, "Kreis B", "Schule");
    let traeger = &own.traeger;
    let id = traeger.open_account(&coordinator(" A.Beispiel ", own.id), "admin", day(0)).expect("opened");
    let account = traeger.open_account_of(id).expect("the account");
    assert_eq!((account.login.as_str(), account.school), ("a.beispiel", Some(own.id)));
    assert!(!account.has_password && !account.has_second_factor && account.invited_until.is_none());
    assert_eq!(account.rights().expect("rights").role, Role::Coordinator);

    let refused = |new: &NewAccount, field: &str, problem: Problem| {
        let error = traeger.open_account(new, "admin", day(0)).expect_err("refused");
        assert_eq!(error.root().to_string(), format!("{field}: {problem}"));
    };
    refused(&coordinator("A.BEISPIEL", own.id), "login", Problem::Taken);
    refused(&coordinator("ab", own.id), "login", Problem::NoLogin);
    refused(&coordinator("a b c", own.id), "login", Problem::NoLogin);
    refused(&NewAccount { school: None, ..coordinator("b.beispiel", 0) }, "school", Problem::Empty);
    refused(&NewAccount { role: Role::Provider, ..coordinator("firma", own.id) }, "provider", Problem::Empty);
    let theirs = traeger.open_account(&coordinator("c.beispiel", foreign.id), "admin", day(0));
    assert!(theirs.expect_err("a foreign school").is_not_found());

    // Another Träger neither sees nor touches it, and may use the same name to sign in.
    assert!(foreign.traeger.accounts().expect("accounts").is_empty());
    assert!(foreign.traeger.credentials("a.beispiel").expect("credentials").is_none());
    assert!(foreign.traeger.close_account(id, true, "admin", day(1)).expect_err("not theirs").is_not_found());
    foreign.traeger.open_account(&coordinator("a.beispiel", foreign.id), "admin", day(1)).expect("their own");

    let reader = NewAccount { role: Role::Reader, ..coordinator("a.beispiel", own.id) };
    traeger.change_account(id, &reader, "admin", day(1)).expect("changed");
    let account = traeger.open_account_of(id).expect("the account");
    assert_eq!((account.role.as_str(), account.school), ("reader", None), "a reader belongs to no school");
    let log = traeger.audit_log(&format!("account {id}")).expect("the log");
    assert!(log[0].before.contains("coordinator") && log[0].after.contains("reader"), "{log:?}");

    traeger.close_account(id, true, "admin", day(2)).expect("closed");
    assert!(traeger.credentials("a.beispiel").expect("credentials").is_none());
    assert!(traeger.open_account_of(id).expect_err("closed").is_not_found());
    traeger.close_account(id, false, "admin", day(3)).expect("opened again");
    assert!(traeger.credentials("A.Beispiel").expect("credentials").is_some());
    assert_eq!(traeger.open_account_of(id).expect("open").sessions_from, day(3), "older sessions are over");
    assert!(traeger.remove_account(id, "admin", day(4)).is_err(), "an open account is closed first");
    traeger.close_account(id, true, "admin", day(4)).expect("closed");
    traeger.remove_account(id, "admin", day(4)).expect("deleted");
    assert!(traeger.accounts().expect("accounts").is_empty());
}

pub(super) fn an_invitation_is_followed_once(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let traeger = &own.traeger;
    let id = traeger.open_account(&coordinator("a.beispiel", own.id), "admin", day(0)).expect("opened");
    let invited = |hash: &str, now: Timestamp| traeger.invited_account(hash, now).expect("asked").is_some();
    assert!(!invited("", day(0)), "whoever was not invited is not found by an empty hash");
    traeger.invite_account(id, "first", day(3), "admin", day(0)).expect("invited");
    traeger.invite_account(id, "second", day(3), "admin", day(0)).expect("invited again");
    assert!(!invited("first", day(1)), "the later invitation ends the earlier");
    assert!(invited("second", day(1)) && !invited("second", day(3)), "it ends in time");
    traeger.accept_account("second", "$hash$", day(1)).expect("followed");
    assert!(traeger.accept_account("second", "$other$", day(1)).expect_err("used").is_not_found());
    let kept = traeger.credentials("a.beispiel").expect("credentials").expect("the account");
    assert_eq!(kept.password_hash, "$hash$");

    // A lost telephone: the next invitation takes the second factor away, once it is followed.
    traeger.set_second_factor(id, "GEZDGNBVGY3TQOJQ", day(1)).expect("set");
    traeger.invite_account(id, "third", day(5), "admin", day(2)).expect("invited");
    assert!(traeger.open_account_of(id).expect("the account").has_second_factor);
    traeger.accept_account("third", "$new$", day(2)).expect("followed");
    assert!(!traeger.open_account_of(id).expect("the account").has_second_factor);

    traeger.invite_account(id, "fourth", day(9), "admin", day(3)).expect("invited");
    traeger.close_account(id, true, "admin", day(3)).expect("closed");
    assert!(!invited("fourth", day(3)), "a closed account ends its invitation");
    traeger.close_account(id, false, "admin", day(4)).expect("open");
    assert!(!invited("fourth", day(4)), "for good");
}

pub(super) fn secrets_are_never_exported(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let traeger = &own.traeger;
    let id = traeger.open_account(&coordinator("a.beispiel", own.id), "admin", day(0)).expect("opened");
    traeger.invite_account(id, "hash-of-invitation", day(9), "admin", day(0)).expect("invited");
    traeger.accept_account("hash-of-invitation", "hash-of-password", day(1)).expect("followed");
    traeger.set_second_factor(id, "SECRETOFTOTP", day(1)).expect("set");
    traeger.invite_account(id, "hash-of-invitation", day(9), "admin", day(2)).expect("invited");
    let all = traeger.export().expect("the export").to_string();
    assert!(all.contains("a.beispiel"), "who has access is told");
    for secret in ["hash-of-invitation", "hash-of-password", "SECRETOFTOTP", "account_secret"] {
        assert!(!all.contains(secret), "{secret}");
    }
}

pub(super) fn what_a_provider_is_assigned(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let foreign = School::of(store, "Kreis B", "Schule");
    let enter = |school: &School, name: &str, provider: &str, status: &str| {
        let system = DocumentedSystem {
            school: school.id,
            name: name.into(),
            provider: provider.into(),
            status: status.into(),
            credentials_place: "Tresor im Sekretariat".into(),
            ..DocumentedSystem::default()
        };
        school.traeger.save_system(&system, "A", day(0)).expect("a system")
    };
    let printer = enter(&own, "Kopierer", "Kopier-Öhler GmbH", "in-use");
    enter(&own, "Kopierer 2", " kopier-öhler gmbh ", "in-use");
    enter(&own, "Alter Kopierer", "Kopier-Öhler GmbH", "retired");
    enter(&own, "Server", "Systemhaus", "in-use");
    enter(&foreign, "Fremder Kopierer", "Kopier-Öhler GmbH", "in-use");
    let told = own.traeger.assigned_systems("KOPIER-ÖHLER GMBH", day(0)).expect("systems");
    assert_eq!(told.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["Kopierer", "Kopierer 2"]);
    assert_eq!(told[0].id, printer);
    assert!(
        told[0].open.iter().any(|rule| rule.contains("owner")),
        "what is open is told: {:?}",
        told[0].open
    );
    let text = serde_json::to_string(&told).expect("JSON");
    assert!(!text.contains("Tresor"), "where credentials lie is not told: {text}");
    assert!(
        own.traeger.assigned_systems("  ", day(0)).expect("systems").is_empty(),
        "nobody is the provider of nothing"
    );
}
