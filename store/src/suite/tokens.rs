//! Tokens of programs: made, shown, withdrawn, over; and what of them is kept.

use super::school::{School, day};
use crate::{NewApiToken, Problem, Store};
use rundgang_inventory::{Role, Timestamp};

fn new(role: Role, school: Option<i64>) -> NewApiToken {
    NewApiToken {
        name: " Anzeige  im Foyer ".into(),
        role,
        school,
        provider: String::new(),
        expires_at: day(90),
    }
}

pub(super) fn a_token_lets_a_program_in_until_it_is_withdrawn_or_over(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let foreign = School::of(store, "Kreis B", "Schule");
    let t = &own.traeger;
    let token =
        t.make_token(&new(Role::Head, Some(own.id)), ("abc", "geheim1"), "admin", day(0)).expect("made");
    let is_in = |token: &str, now: Timestamp| t.token_shown(token, now).expect("asked").is_some();
    assert_eq!(token, "rundgang_abc_geheim1");
    for wrong in [
        "",
        "rundgang_abc_",
        "rundgang_abc_geheim2",
        "rundgang_abd_geheim1",
        "abc_geheim1",
        "rundgang_abc_geheim1x",
    ] {
        assert!(!is_in(wrong, day(1)), "{wrong}");
    }
    let has = |traeger: &crate::Traeger, mark: &str| traeger.has_token(mark).expect("asked");
    assert!(has(t, "abc") && !has(t, "abd") && !has(&foreign.traeger, "abc"));
    let moment = Timestamp(day(1).0 + 3_600_000 * 7);
    let shown = t.token_shown(&token, moment).expect("asked").expect("let in");
    assert_eq!(
        (shown.name.as_str(), shown.rights().expect("rights").school),
        ("Anzeige im Foyer", Some(own.id))
    );
    assert_eq!(t.tokens().expect("tokens")[0].last_used, Some(day(1).day()), "a day, never a time of day");
    assert!(
        foreign.traeger.token_shown(&token, day(1)).expect("asked").is_none(),
        "another Träger knows none of it"
    );
    assert!(foreign.traeger.revoke_token(shown.id, "x", day(1)).expect_err("not theirs").is_not_found());
    assert!(is_in(&token, day(89)) && !is_in(&token, day(90)), "it ends in time");
    t.revoke_token(shown.id, "admin", day(2)).expect("withdrawn");
    assert!(!is_in(&token, day(2)) && !has(t, "abc"));
    let log = t.audit_log(&format!("token {}", shown.id)).expect("a log");
    assert_eq!(log.iter().map(|entry| entry.what.as_str()).collect::<Vec<_>>(), ["delete", "create"]);
    assert!(!format!("{log:?}").contains("geheim1"));
}

pub(super) fn a_token_is_bound_as_an_account_is(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let t = &own.traeger;
    let refused = |new: &NewApiToken, field: &str, problem: Problem| {
        let error = t.make_token(new, ("abc", "x"), "admin", day(0)).expect_err("refused");
        assert_eq!(error.root().to_string(), format!("{field}: {problem}"));
    };
    refused(&new(Role::Coordinator, None), "school", Problem::Empty);
    refused(&new(Role::Provider, None), "provider", Problem::Empty);
    refused(&NewApiToken { name: " ".into(), ..new(Role::Reader, None) }, "name", Problem::Empty);
    refused(&NewApiToken { expires_at: day(0), ..new(Role::Reader, None) }, "days", Problem::NoChoice);
    refused(&NewApiToken { expires_at: day(800), ..new(Role::Reader, None) }, "days", Problem::NoChoice);
    assert!(t.make_token(&new(Role::Reader, None), ("a_b", "x"), "admin", day(0)).is_err());
    t.make_token(&new(Role::Reader, Some(own.id)), ("abc", "sehrgeheim"), "admin", day(0)).expect("made");
    assert_eq!(t.tokens().expect("tokens")[0].school, None, "a reader belongs to no school");
    let all = t.export().expect("an export");
    assert!(all["api_token"].as_array().is_some_and(|rows| rows.len() == 1));
    assert!(all.get("api_token_secret").is_none() && all.get("account_secret").is_none());
}
