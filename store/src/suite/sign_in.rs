//! Whom a provider of identities lets in: by subject at one issuer, or once by a mail address.

use super::school::{School, day};
use crate::{Admitted, NewAccount, SignInSettings, Store, Traeger};
use rundgang_inventory::Role;

const ISSUER: &str = "https://konto.kreis.example";

fn named(traeger: &Traeger, issuer: &str) {
    let settings = SignInSettings {
        issuer: issuer.to_owned(),
        client: "rundgang".to_owned(),
        secret_file: String::new(),
        name: "Kreiskonto".to_owned(),
    };
    traeger.set_sign_in_settings(&settings, "admin", day(0)).expect("settled");
}

fn opened(own: &School, login: &str) -> i64 {
    let new = NewAccount {
        login: login.to_owned(),
        name: login.to_owned(),
        role: Role::Coordinator,
        school: Some(own.id),
        provider: String::new(),
    };
    own.traeger.open_account(&new, "admin", day(0)).expect("opened")
}

pub(super) fn only_ascii_letters_of_a_mail_address_are_folded(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let traeger = &own.traeger;
    named(traeger, ISSUER);
    let id = opened(&own, "k.beispiel");
    let comes = |subject: &str, email: &str| {
        let found = traeger.account_of_identity(ISSUER, subject, Some(email), day(1)).expect("asked");
        matches!(found, Admitted::Account(account) if account.id == id)
    };
    // The lower case of the sign for kelvin is an ASCII k.
    assert!(traeger.await_identity(id, "\u{212a}.beispiel@kreis.example", "admin", day(0)).is_err());
    traeger.await_identity(id, "K.Beispiel@Kreis.Example", "admin", day(0)).expect("awaited");
    for other in
        ["\u{212a}.beispiel@kreis.example", "k.beispiel@\u{212a}reis.example", " k.beispiel@kreis.example"]
    {
        assert!(!comes("1", other), "{other:?}");
    }
    assert!(comes("2", "k.BEISPIEL@kreis.example"));
    assert!(!comes("3", "k.beispiel@kreis.example"), "an address is awaited once");
}

pub(super) fn a_link_holds_at_its_own_issuer_alone(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let traeger = &own.traeger;
    named(traeger, ISSUER);
    let id = opened(&own, "k.beispiel");
    traeger.link_identity(id, "4711", "admin", day(0)).expect("linked");
    let asked = |issuer: &str| traeger.account_of_identity(issuer, "4711", None, day(1)).expect("asked");
    assert!(matches!(asked(ISSUER), Admitted::Account(account) if account.id == id));
    assert_eq!(asked("https://anders.kreis.example"), Admitted::Nobody);
    let identity = traeger.identities().expect("identities").remove(&id).expect("a link");
    let is_linked = [ISSUER, "https://anders.kreis.example", ""].map(|issuer| identity.is_linked_at(issuer));
    assert_eq!(is_linked, [true, false, false]);
    traeger.close_account(id, true, "admin", day(2)).expect("closed");
    assert_eq!(asked(ISSUER), Admitted::Closed);
}
