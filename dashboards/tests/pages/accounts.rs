//! Accounts: following an invitation, signing in with a password and a code, being closed out, seeing one's own part.

use crate::sample;
use crate::site::{Answer, Site, between, location, plain, site};
use axum::http::StatusCode;
use rundgang_inventory::Role;
use rundgang_store::NewAccount;
use totp_rs::{Builder, Secret};

pub(crate) const TOKEN: &str = "a long enough token here";
pub(crate) const PASSWORD: &str = "Kreide Schwamm Tafel 7";

/// Opens an account and leaves an invitation `secret of LOGIN` for it.
pub(crate) fn open(site: &Site, login: &str, role: Role, school: Option<i64>, provider: &str) -> i64 {
    let traeger = site.store.traeger(site.traeger);
    let (name, provider) = (format!("Name von {login}"), provider.to_owned());
    let new = NewAccount { login: login.to_owned(), name, role, school, provider };
    let id = traeger.open_account(&new, "T", sample::NOW).expect("an account");
    let until = sample::NOW.plus_days(7);
    traeger.invite_account(id, &format!("secret of {login}"), until, "T", sample::NOW).expect("invited");
    id
}

async fn follow(site: &Site, login: &str, password: &str) -> Answer {
    let path = format!("/einladung/secret%20of%20{login}");
    let csrf = between(&site.get(&path).await.text, "name=\"csrf\" value=\"", "\"");
    site.post(&path, &[("csrf", &csrf), ("password", password), ("again", password)]).await
}

pub(crate) fn cookie_of(answer: &Answer) -> String {
    let set = answer.headers.get("set-cookie").and_then(|value| value.to_str().ok()).unwrap_or_default();
    set.split(';').next().unwrap_or_default().to_owned()
}

/// Follows the invitation of an account and returns the cookie of the session.
pub(crate) async fn enter(site: &Site, login: &str) -> String {
    let entered = follow(site, login, PASSWORD).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER, "{login}: {}", entered.text);
    cookie_of(&entered)
}

pub(crate) async fn sign_in(site: &Site, name: &str, password: &str, code: &str) -> Answer {
    let csrf = between(&site.get("/anmelden").await.text, "name=\"csrf\" value=\"", "\"");
    site.post("/anmelden", &[("csrf", &csrf), ("name", name), ("token", password), ("code", code)]).await
}

pub(crate) async fn send(site: &Site, path: &str, cookie: &str, pairs: &[(&str, &str)]) -> Answer {
    let csrf = between(&site.get_as("/konto", cookie).await.text, "name=\"csrf\" value=\"", "\"");
    let pairs = [&[("csrf", csrf.as_str())], pairs].concat();
    site.post_with(path, &pairs, &[("origin", "http://localhost:8080"), ("cookie", cookie)]).await
}

#[tokio::test]
async fn the_traeger_opens_an_account_and_its_holder_comes_in() {
    let site = site(Some(TOKEN));
    let admin = cookie_of(&sign_in(&site, "Frau Admin", TOKEN, "").await);
    let new = [
        ("act", "open"),
        ("login", "K.Beispiel"),
        ("name", "Karl Beispiel"),
        ("role", "coordinator"),
        ("school", "2"),
    ];
    let without_school = send(&site, "/konten", &admin, &new[..4]).await;
    assert!(plain(&without_school.text).contains("Hier muss etwas stehen"), "{}", without_school.text);
    assert!(without_school.text.contains("value=\"K.Beispiel\""), "what was typed stays");
    let opened = send(&site, "/konten", &admin, &new).await;
    assert_eq!(opened.status, StatusCode::OK);
    let link = between(&opened.text, "http://localhost:8080/einladung/", "<");
    assert_eq!(link.len(), 32, "{link}");
    assert!(!site.get_as("/konten", &admin).await.text.contains(&link), "the link is shown once");

    let page = site.get(&format!("/einladung/{link}")).await;
    let csrf = between(&page.text, "name=\"csrf\" value=\"", "\"");
    let choose = |password: &'static str, again: &'static str| {
        let (csrf, path, site) = (csrf.clone(), format!("/einladung/{link}"), &site);
        async move { site.post(&path, &[("csrf", &csrf), ("password", password), ("again", again)]).await }
    };
    for (password, again, why) in [
        ("kurz", "kurz", "zu kurz"),
        (PASSWORD, "Kreide Schwamm Tafel 8", "verschieden"),
        ("k.beispiel k.beispiel", "k.beispiel k.beispiel", "leicht zu raten"),
    ] {
        let refused = choose(password, again).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}");
        assert!(refused.text.contains(why), "{why}: {}", refused.text);
    }
    let entered = choose(PASSWORD, PASSWORD).await;
    assert_eq!((entered.status, location(&entered)), (StatusCode::SEE_OTHER, "/schule/2"));
    let again = choose(PASSWORD, PASSWORD).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "an invitation is followed once");

    let cookie = cookie_of(&entered);
    assert_eq!(location(&site.get_as("/", &cookie).await), "/schule/2", "they begin at their school");
    let own = plain(&site.get_as("/schule/2", &cookie).await.text);
    assert!(own.contains("Karl Beispiel") && own.contains("Meine Schule"));
    assert!(!own.contains("href=\"/umfragen\"") && !own.contains("href=\"/konten\""), "only their own ways");
    assert_eq!(location(&sign_in(&site, "k.beispiel", PASSWORD, "").await), "/schule/2");
    assert_eq!(
        sign_in(&site, "k.beispiel", "kreide schwamm tafel 7", "").await.status,
        StatusCode::FORBIDDEN
    );
    // What they enter stands in the log under the name of the account, not under one that is typed.
    let form = [("name", "Neuer Server"), ("kind", "server"), ("status", "in-use")];
    let saved = send(&site, "/schule/2/register/neu", &cookie, &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let system = site.store.traeger(site.traeger).systems(2).expect("systems").pop().expect("a system");
    let log = site.store.traeger(site.traeger).audit_log(&format!("system {}", system.id)).expect("a log");
    assert_eq!(log[0].who, "Karl Beispiel");
}

#[tokio::test]
async fn an_account_that_is_changed_or_closed_is_so_at_once() {
    let site = site(Some(TOKEN));
    let traeger = site.store.traeger(site.traeger);
    let id = open(&site, "k.beispiel", Role::Coordinator, Some(1), "");
    let cookie = enter(&site, "k.beispiel").await;
    let edit = |page: Answer| page.text.contains("href=\"/schule/1/register/neu\"");
    assert!(edit(site.get_as("/schule/1/register", &cookie).await));
    let head = NewAccount {
        login: "k.beispiel".to_owned(),
        name: "Karl".to_owned(),
        role: Role::Head,
        school: Some(1),
        provider: String::new(),
    };
    traeger.change_account(id, &head, "T", sample::NOW).expect("changed");
    assert!(!edit(site.get_as("/schule/1/register", &cookie).await), "a head reads");
    let sent = send(&site, "/schule/1/register/neu", &cookie, &[("name", "x")]).await;
    assert_eq!(sent.status, StatusCode::FORBIDDEN);
    traeger.close_account(id, true, "T", sample::NOW).expect("closed");
    assert!(location(&site.get_as("/schule/1", &cookie).await).starts_with("/anmelden"));
    assert_eq!(sign_in(&site, "k.beispiel", PASSWORD, "").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_second_factor_is_asked_for_and_every_code_opens_once() {
    let site = site(Some(TOKEN));
    open(&site, "k.beispiel", Role::Coordinator, Some(1), "");
    let cookie = enter(&site, "k.beispiel").await;
    let page = site.get_as("/konto", &cookie).await.text;
    let secret = between(&page, "name=\"secret\" value=\"", "\"");
    assert!(page.contains("<svg") && page.contains(&format!("<span class=\"mono\">{secret}</span>")));
    let code = |ahead: u64| shown_code(&secret, ahead);
    let set = |current: &'static str, code: String| {
        let (site, cookie, secret) = (&site, &cookie, &secret);
        async move {
            let form = [("act", "factor"), ("secret", secret), ("code", &code), ("current", current)];
            send(site, "/konto", cookie, &form).await
        }
    };
    assert_eq!(set("falsch", code(0)).await.status, StatusCode::FORBIDDEN);
    assert_eq!(set(PASSWORD, "000000".to_owned()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let done = set(PASSWORD, code(0)).await;
    assert_eq!((done.status, location(&done)), (StatusCode::SEE_OTHER, "/konto?ok=factor-set"));

    assert_eq!(sign_in(&site, "k.beispiel", PASSWORD, "").await.status, StatusCode::FORBIDDEN);
    let used = sign_in(&site, "k.beispiel", PASSWORD, &code(0)).await;
    assert_eq!(used.status, StatusCode::FORBIDDEN, "the code that set it up is used up");
    assert_eq!(sign_in(&site, "k.beispiel", "falsch", &code(1)).await.status, StatusCode::FORBIDDEN);
    let entered = sign_in(&site, "k.beispiel", PASSWORD, &code(1)).await;
    assert_eq!(location(&entered), "/schule/1");
    assert_eq!(sign_in(&site, "k.beispiel", PASSWORD, &code(1)).await.status, StatusCode::FORBIDDEN);

    // Another password ends the other sessions of the account, and this one stays.
    let other = cookie_of(&entered);
    let next = "Landkarte Zirkel Pult 3";
    let form = [("act", "password"), ("current", PASSWORD), ("password", next), ("again", next)];
    let changed = send(&site, "/konto", &cookie, &form).await;
    assert_eq!(location(&changed), "/konto?ok=password-changed", "{}", changed.text);
    assert_eq!(site.get_as("/konto", &cookie).await.status, StatusCode::OK);
    assert_eq!(site.get_as("/konto", &other).await.status, StatusCode::SEE_OTHER);
}

/// What an app shows for a secret at the time of the sample, so many half minutes ahead.
fn shown_code(secret: &str, ahead: u64) -> String {
    let secret = Secret::try_from_base32(secret).expect("base 32");
    let totp = Builder::new().with_secret(secret).build().expect("a generator");
    totp.generate(u64::try_from(sample::NOW.0 / 1000).expect("a moment") + 30 * ahead).to_string()
}

/// Somebody with a second factor: the cookie of the session, and the secret in the telephone.
async fn with_factor(site: &Site) -> (String, String) {
    open(site, "k.beispiel", Role::Coordinator, Some(1), "");
    let cookie = enter(site, "k.beispiel").await;
    let page = site.get_as("/konto", &cookie).await.text;
    let secret = between(&page, "name=\"secret\" value=\"", "\"");
    let code = shown_code(&secret, 0);
    let form = [("act", "factor"), ("secret", &secret), ("code", &code), ("current", PASSWORD)];
    assert_eq!(location(&send(site, "/konto", &cookie, &form).await), "/konto?ok=factor-set");
    (cookie, secret)
}

#[tokio::test]
async fn a_second_factor_gives_way_only_to_whoever_has_it() {
    let site = site(Some(TOKEN));
    let (cookie, secret) = with_factor(&site).await;
    let kept = || {
        let found = site.store.traeger(site.traeger).credentials("k.beispiel").expect("asked");
        found.expect("an account").totp_secret
    };
    let page = site.get_as("/konto", &cookie).await.text;
    let other = between(&page, "name=\"secret\" value=\"", "\"");
    assert!(page.contains("name=\"present\"") && other != secret, "another one is offered");
    let code = shown_code(&other, 1);
    let used = shown_code(&secret, 0);
    for present in ["", "000000", &code, &used] {
        let form = [("act", "factor"), ("secret", &other), ("code", &code), ("current", PASSWORD)];
        let refused = send(&site, "/konto", &cookie, &[&form[..], &[("present", present)]].concat()).await;
        assert_eq!((refused.status, kept()), (StatusCode::UNPROCESSABLE_ENTITY, secret.clone()), "{present}");
        assert!(plain(&refused.text).contains("Code des bisherigen Telefons stimmt nicht"), "{present}");
        assert!(
            refused.text.contains("<details open>") && refused.text.contains(&other),
            "to be tried again"
        );
    }
    let present = shown_code(&secret, 1);
    let form = [("act", "factor"), ("secret", &other), ("code", &code), ("current", PASSWORD)];
    let done = send(&site, "/konto", &cookie, &[&form[..], &[("present", &present)]].concat()).await;
    assert_eq!((location(&done), kept()), ("/konto?ok=factor-set", other));
}

#[tokio::test]
async fn whoever_guesses_codes_in_an_open_session_has_to_wait() {
    let site = site(Some(TOKEN));
    let (cookie, secret) = with_factor(&site).await;
    let remove = |code: String| {
        let (site, cookie) = (&site, &cookie);
        async move {
            let form = [("act", "no-factor"), ("code", &code), ("current", PASSWORD)];
            send(site, "/konto", cookie, &form).await.status
        }
    };
    for _ in 0..5 {
        assert_eq!(remove("000000".to_owned()).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(remove(shown_code(&secret, 1)).await, StatusCode::TOO_MANY_REQUESTS, "the right one too");
}

#[tokio::test]
async fn wrong_codes_and_wrong_passwords_are_counted_apart() {
    let site = site(Some(TOKEN));
    let (cookie, secret) = with_factor(&site).await;
    let tell = async |pairs: &[(&str, &str)]| send(&site, "/konto", &cookie, pairs).await.status;
    let code = async |code: &str| tell(&[("act", "no-factor"), ("code", code), ("current", PASSWORD)]).await;
    let weekly = async |current: &str| {
        tell(&[("act", "weekly"), ("address", "k@schule.example"), ("language", "nl"), ("current", current)])
            .await
    };
    let other = [("act", "password"), ("password", "x"), ("again", "y"), ("current", PASSWORD)];
    for _ in 0..4 {
        assert_eq!(code("000000").await, StatusCode::UNPROCESSABLE_ENTITY);
        // The right password, for whatever it is given, lets nobody begin anew with codes.
        assert_eq!(weekly(PASSWORD).await, StatusCode::SEE_OTHER);
        assert_eq!(tell(&other).await, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(code("000000").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(code(&shown_code(&secret, 1)).await, StatusCode::TOO_MANY_REQUESTS);
    let present = ("present", &*shown_code(&secret, 1));
    let next = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
    let (act, first) = (("act", "factor"), shown_code(next, 1));
    let exchange = [act, ("secret", next), ("code", &first), ("current", PASSWORD), present];
    assert_eq!(tell(&exchange).await, StatusCode::TOO_MANY_REQUESTS, "nor by the other form");
    assert_eq!(
        weekly(PASSWORD).await,
        StatusCode::SEE_OTHER,
        "whoever may guess no codes still has a password"
    );
    let id = site.store.traeger(site.traeger).accounts().expect("accounts")[0].id;
    let kept = site.store.traeger(site.traeger).weekly_mail(id).expect("asked");
    assert_eq!(kept, Some(("k@schule.example".to_owned(), "nl".to_owned())));
    // The other way round: five wrong passwords wait, however often the right one was given before.
    for _ in 0..5 {
        assert_eq!(weekly("geraten").await, StatusCode::FORBIDDEN);
    }
    assert_eq!(weekly(PASSWORD).await, StatusCode::FORBIDDEN, "the right one too");
}

#[tokio::test]
async fn whoever_guesses_has_to_wait() {
    let site = site(Some(TOKEN));
    open(&site, "k.beispiel", Role::Coordinator, Some(1), "");
    enter(&site, "k.beispiel").await;
    for _ in 0..5 {
        assert_eq!(sign_in(&site, "k.beispiel", "geraten", "").await.status, StatusCode::FORBIDDEN);
    }
    let late = sign_in(&site, "K.Beispiel", PASSWORD, "").await;
    assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS, "the right one too");
    assert!(late.text.contains("15"), "{}", late.text);
    // A name that nobody has waits the same: nothing tells which accounts there are.
    for _ in 0..5 {
        assert_eq!(sign_in(&site, "niemand", "geraten", "").await.status, StatusCode::FORBIDDEN);
    }
    assert_eq!(sign_in(&site, "niemand", "geraten", "").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(location(&sign_in(&site, "Frau Admin", TOKEN, "").await), "/", "others come in");
}

#[tokio::test]
async fn nobody_finds_what_belongs_to_another_school() {
    let site = site(Some(TOKEN));
    open(&site, "k.beispiel", Role::Coordinator, Some(3), "");
    let cookie = enter(&site, "k.beispiel").await;
    let admin = cookie_of(&sign_in(&site, "Frau Admin", TOKEN, "").await);
    for path in ["/suche?q=beamer", "/suche?q=beamer&schule=1"] {
        assert!(site.get_as(path, &admin).await.text.contains("/schule/1/"), "there is something to find");
        let page = site.get_as(path, &cookie).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.text.contains("/schule/1") && !page.text.contains("/schule/2"), "{path}");
    }
    assert!(site.get_as("/erfassung", &admin).await.text.contains("box-wald"));
    let collected = site.get_as("/erfassung", &cookie).await.text;
    assert!(!collected.contains("box-wald") && !collected.contains("box-gesamtschule"));
}

#[tokio::test]
async fn a_provider_sees_its_systems_and_not_where_credentials_are() {
    let site = site(Some(TOKEN));
    let systems = site.store.traeger(site.traeger).systems(1).expect("systems");
    let system = systems.iter().find(|system| !system.provider.is_empty()).expect("one with a provider");
    open(&site, "firma", Role::Provider, None, &system.provider.to_uppercase());
    let cookie = enter(&site, "firma").await;
    let page = plain(&site.get_as("/auftraege", &cookie).await.text);
    assert!(page.contains(&system.name), "{page}");
    for other in systems.iter().filter(|other| other.provider != system.provider) {
        assert!(!page.contains(&format!(">{}<", other.name)), "{}", other.name);
    }
    for place in systems.iter().map(|system| &system.credentials_place).filter(|place| !place.is_empty()) {
        assert!(!page.contains(place.as_str()), "{place}");
    }
}

#[tokio::test]
async fn a_token_is_made_on_the_page_shown_once_and_withdrawn() {
    let site = site(Some(TOKEN));
    let admin = cookie_of(&sign_in(&site, "Frau Admin", TOKEN, "").await);
    let form =
        [("act", "make"), ("name", "Anzeige im Foyer"), ("role", "head"), ("school", "1"), ("days", "30")];
    for (refused, why) in [
        (("days", "0"), "Gültig für Tage"),
        (("days", "9999"), "Gültig für Tage"),
        (("school", ""), "Schule"),
        (("role", "provider"), "wählen"),
    ] {
        let form: Vec<_> =
            form.iter().map(|pair| if pair.0 == refused.0 { refused } else { *pair }).collect();
        let answer = send(&site, "/konten/schluessel", &admin, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{refused:?}");
        let told = between(&answer.text, "role=\"alert\"", "</div>");
        assert!(plain(&answer.text).contains(why), "{refused:?}: {told}");
        assert!(answer.text.contains("value=\"Anzeige im Foyer\""), "what was typed stays");
    }
    let made = send(&site, "/konten/schluessel", &admin, &form).await;
    let token = format!("rundgang_{}", between(&made.text, "<pre class=\"copy\">rundgang_", "<"));
    assert!(!site.get_as("/konten", &admin).await.text.contains(&token), "shown once");
    let ask = || crate::api::call(&site, "GET", "/api/v1/schools/1", &token, None, &[]);
    assert_eq!(ask().await.status, StatusCode::OK, "{token}");
    let list = site.get_as("/konten", &admin).await.text;
    assert!(list.contains("Anzeige im Foyer") && list.contains("01.10.2026"), "the day of its use");
    let id = site.store.traeger(site.traeger).tokens().expect("tokens")[0].id.to_string();
    let gone = send(&site, "/konten/schluessel", &admin, &[("act", "revoke"), ("id", &id)]).await;
    assert_eq!(location(&gone), "/konten?ok=token-revoked#tokens");
    assert_eq!(ask().await.status, StatusCode::UNAUTHORIZED);
}
