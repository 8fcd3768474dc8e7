//! Signing in by a provider of identities, as the pages see it: the provider here is a stand-in that proves whoever it is
//! told to; the real exchange is tested with the collector.

use crate::accounts::{PASSWORD, TOKEN, cookie_of, enter, open, send, sign_in};
use crate::sample;
use crate::site::{Answer, Site, between, location, plain, site_with};
use axum::http::StatusCode;
use rundgang_dashboards::sign_in::{Email, Passage, Proven, SignIn};
use rundgang_inventory::{Role, Timestamp};
use rundgang_store::SignInSettings;
use std::sync::{Arc, Mutex, mpsc};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

const ISSUER: &str = "https://konto.kreis.example";

/// Proves whomever the code names.
struct Honest;

impl SignIn for Honest {
    fn way(
        &self,
        settings: &SignInSettings,
        _: i64,
        passage: &Passage<'_>,
        _: Timestamp,
    ) -> Result<String, String> {
        Ok(format!("{}/auth?state={}", settings.issuer, passage.state))
    }

    fn prove(
        &self,
        settings: &SignInSettings,
        _: i64,
        code: &str,
        _: &Passage<'_>,
        _: Timestamp,
    ) -> Result<Proven, String> {
        Ok(Proven { issuer: settings.issuer.clone(), subject: code.to_owned(), email: Email::Unsaid })
    }
}

/// Says that it was asked and answers when the other end is gone.
struct Slow {
    asked: UnboundedSender<()>,
    end: Mutex<mpsc::Receiver<()>>,
}

impl SignIn for Slow {
    fn way(&self, _: &SignInSettings, _: i64, _: &Passage<'_>, _: Timestamp) -> Result<String, String> {
        self.asked.send(()).expect("the test goes on");
        self.end.lock().expect("no panic").recv().map_err(|gone| gone.to_string())?;
        Err("asked too long".to_owned())
    }

    fn prove(
        &self,
        _: &SignInSettings,
        _: i64,
        _: &str,
        _: &Passage<'_>,
        _: Timestamp,
    ) -> Result<Proven, String> {
        Err("nobody".to_owned())
    }
}

fn settle(site: &Site, issuer: &str) {
    let settings = SignInSettings {
        issuer: issuer.to_owned(),
        client: "rundgang".to_owned(),
        secret_file: String::new(),
        name: "Kreiskonto".to_owned(),
    };
    site.store.traeger(site.traeger).set_sign_in_settings(&settings, "T", sample::NOW).expect("settled");
}

fn world(sign_in: Arc<dyn SignIn>) -> Site {
    let site = site_with(Some(TOKEN), Some(sign_in));
    settle(&site, ISSUER);
    site
}

/// A browser that goes to the provider: what it holds then, and the state.
async fn there(site: &Site) -> (String, String) {
    let left = site.get("/anmelden/anbieter?weiter=%2Fkonto").await;
    assert_eq!(left.status, StatusCode::SEE_OTHER, "{}", left.text);
    let state = location(&left).split_once("state=").expect("a state").1.to_owned();
    (cookie_of(&left), state)
}

async fn back(site: &Site, (cookie, state): &(String, String), subject: &str) -> Answer {
    site.get_as(&format!("/anmelden/zurueck?code={subject}&state={state}"), cookie).await
}

/// An account that is linked to a subject and has no password.
fn linked(site: &Site, login: &str, subject: &str) -> i64 {
    let traeger = site.store.traeger(site.traeger);
    let id = open(site, login, Role::Coordinator, Some(1), "");
    traeger.link_identity(id, subject, "T", sample::NOW).expect("linked");
    id
}

#[tokio::test]
async fn no_flood_of_begun_sign_ins_pushes_one_out() {
    let site = world(Arc::new(Honest));
    linked(&site, "k.beispiel", "4711");
    let own = there(&site).await;
    for _ in 0..1_100 {
        there(&site).await;
    }
    let entered = back(&site, &own, "4711").await;
    assert_eq!((entered.status, location(&entered)), (StatusCode::SEE_OTHER, "/konto"), "{}", entered.text);
    let set: Vec<&str> =
        entered.headers.get_all("set-cookie").iter().filter_map(|v| v.to_str().ok()).collect();
    assert!(set.iter().any(|cookie| cookie.starts_with("rundgang_weg=;") && cookie.contains("Max-Age=0")));
    assert_eq!(
        site.get_as("/konto", set[0].split(';').next().unwrap_or_default()).await.status,
        StatusCode::OK
    );
    let again = back(&site, &own, "4711").await;
    assert_eq!(again.status, StatusCode::FORBIDDEN, "it comes back once");
}

#[tokio::test]
async fn whoever_hangs_up_frees_no_place_at_the_provider() {
    let (asked, mut is_asked) = unbounded_channel();
    let (end, ends) = mpsc::channel();
    let site = Arc::new(world(Arc::new(Slow { asked, end: Mutex::new(ends) })));
    let mut visitors = Vec::new();
    for _ in 0..4 {
        let site = site.clone();
        visitors.push(tokio::spawn(async move { site.get("/anmelden/anbieter").await.status }));
        is_asked.recv().await.expect("the provider is asked");
    }
    for visitor in visitors {
        visitor.abort();
        assert!(visitor.await.expect_err("hung up").is_cancelled());
    }
    assert_eq!(site.get("/anmelden/anbieter").await.status, StatusCode::SERVICE_UNAVAILABLE);
    drop(end);
}

#[tokio::test]
async fn an_account_without_a_password_is_asked_for_none() {
    let site = world(Arc::new(Honest));
    let id = linked(&site, "k.beispiel", "4711");
    let own = there(&site).await;
    let cookie = cookie_of(&back(&site, &own, "4711").await);
    let page = plain(&site.get_as("/konto", &cookie).await.text);
    assert!(page.contains("kein Kennwort") && !page.contains("type=\"password\""), "{page}");
    // Where the weekly mail goes is said by whoever is in: there is nothing else that they could prove.
    let weekly = async |address: &str| {
        let form = [("act", "weekly"), ("address", address), ("language", "nl")];
        send(&site, "/konto", &cookie, &form).await
    };
    let refused = weekly("kein postfach").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let why = between(&refused.text, "id=\"address-error\">", "<");
    assert!(why.contains("keine Mailadresse") && refused.text.contains("value=\"kein postfach\""), "{why}");
    assert_eq!(location(&weekly("k@schule.example").await), "/konto?ok=saved");
    let traeger = site.store.traeger(site.traeger);
    let kept = traeger.weekly_mail(id).expect("asked");
    assert_eq!(kept, Some(("k@schule.example".to_owned(), "nl".to_owned())));
    assert_eq!(traeger.weekly_recipients().expect("recipients").len(), 1);
    // What a password guards is not done without one.
    for form in [
        &[("act", "password"), ("password", PASSWORD), ("again", PASSWORD)][..],
        &[("act", "factor"), ("secret", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"), ("code", "000000")],
        &[("act", "no-factor"), ("code", "000000")],
    ] {
        let refused = send(&site, "/konto", &cookie, form).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{form:?}");
    }
    assert!(!traeger.open_account_of(id).expect("the account").has_password);
    // The same page asks whoever has a password, linked or not.
    let cookie = enter(&site, "k.beispiel").await;
    assert!(site.get_as("/konto", &cookie).await.text.contains("type=\"password\""));
    let form = [("act", "weekly"), ("address", ""), ("language", "de")];
    assert_eq!(send(&site, "/konto", &cookie, &form).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_link_to_another_issuer_is_none() {
    let site = world(Arc::new(Honest));
    linked(&site, "k.beispiel", "4711");
    let admin = cookie_of(&sign_in(&site, "Frau Admin", TOKEN, "").await);
    let state = async || {
        let page = plain(&site.get_as("/konten", &admin).await.text);
        let row = between(&page, "k.beispiel</span>", "</details>");
        (between(&row, "<span class=\"badge ", "</span>"), row.contains("Verbunden."))
    };
    assert_eq!(state().await, ("good\">offen, über den Anbieter".to_owned(), true));
    settle(&site, "https://anders.kreis.example");
    let (badge, is_linked) = state().await;
    assert_eq!((badge.as_str(), is_linked), ("medium\">eingeladen", false));
    let own = there(&site).await;
    assert_eq!(back(&site, &own, "4711").await.status, StatusCode::FORBIDDEN, "and lets nobody in");
    settle(&site, ISSUER);
    let own = there(&site).await;
    assert_eq!(back(&site, &own, "4711").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn somebody_whom_nobody_linked_is_told_how_the_provider_calls_them() {
    let site = world(Arc::new(Honest));
    let own = there(&site).await;
    let refused = back(&site, &own, "%3Cb%3E8f14").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text.contains("hier gibt es kein Konto"), "{}", refused.text);
    assert!(!refused.text.contains("<b>8f14"), "{}", refused.text);
    assert!(plain(&refused.text).contains("<code class=\"mono\"><b>8f14</code>"), "{}", refused.text);
    let over = back(&site, &own, "8f14").await;
    assert!(!over.text.contains("8f14"), "nobody was proven: {}", over.text);
}
