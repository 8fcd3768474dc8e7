//! Who is let in and what is refused: tokens, forged forms, foreign host names, secrets.

use crate::site::{PAGES, between, escaped, location, plain, site};
use axum::body::Body;
use axum::http::{Request, StatusCode};

#[tokio::test]
async fn a_rebound_host_name_is_not_answered() {
    let ask =
        |host: &'static str| Request::get("/").header("host", host).body(Body::empty()).expect("a request");
    let (open, closed) = (site(None), site(Some("ein-langes-geheimes-token")));
    for site in [&open, &closed] {
        assert_eq!(site.send(ask("evil.example")).await.status, StatusCode::MISDIRECTED_REQUEST);
    }
    assert_eq!(closed.send(ask("rundgang.kreis.example:443")).await.status, StatusCode::SEE_OTHER);
    // Without a token only this machine is meant, whatever names the collector has.
    assert_eq!(open.send(ask("rundgang.kreis.example:443")).await.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(open.send(ask("127.0.0.1:8080")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn without_a_token_nothing_that_came_through_a_proxy_is_answered() {
    let (open, closed) = (site(None), site(Some("ein-langes-geheimes-token")));
    for (name, value) in [
        ("forwarded", "for=203.0.113.9"),
        ("x-forwarded-for", "203.0.113.9"),
        ("x-forwarded-host", "pages.example"),
        ("x-forwarded-proto", "https"),
        ("x-real-ip", "203.0.113.9"),
        ("via", "1.1 proxy.example"),
    ] {
        let ask = || {
            let request = Request::get("/anmelden").header("host", "localhost:8080").header(name, value);
            request.body(Body::empty()).expect("a request")
        };
        let refused = open.send(ask()).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{name}");
        assert!(refused.text.contains("--web-token-file"), "{}", refused.text);
        assert_eq!(closed.send(ask()).await.status, StatusCode::OK, "{name}");
    }
}

#[tokio::test]
async fn forged_forms_change_nothing() {
    let site = site(None);
    let csrf = site.csrf().await;
    let form = [("csrf", csrf.as_str()), ("name", "Eindringling"), ("kind", "server"), ("status", "in-use")];
    let evil = site.post_with("/schule/1/register/neu", &form, &[("origin", "http://evil.example")]).await;
    assert_eq!(evil.status, StatusCode::FORBIDDEN);
    let cross = site.post_with("/schule/1/register/neu", &form, &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!(cross.status, StatusCode::FORBIDDEN);
    let without = [("name", "Eindringling"), ("kind", "server")];
    assert_eq!(site.post("/schule/1/register/neu", &without).await.status, StatusCode::FORBIDDEN);
    assert!(!site.get("/schule/1/register").await.text.contains("Eindringling"));
}

#[tokio::test]
async fn nobody_enters_without_the_token() {
    let site = site(Some("ein-langes-geheimes-token"));
    for path in PAGES {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}");
        let onward = if path == "/" {
            String::new()
        } else {
            format!("?weiter={}", escaped(path).replace("%2D", "-").replace("%2E", "."))
        };
        assert_eq!(location(&answer), format!("/anmelden{onward}"), "{path}");
    }
    assert_eq!(site.post("/schule/1/register/neu", &[("name", "x")]).await.status, StatusCode::SEE_OTHER);
    let csrf = between(&site.get("/anmelden").await.text, "name=\"csrf\" value=\"", "\"");
    let wrong = [("csrf", csrf.as_str()), ("name", "Frau A"), ("token", "falsch")];
    assert_eq!(site.post("/anmelden", &wrong).await.status, StatusCode::FORBIDDEN);
    let right = [("csrf", csrf.as_str()), ("name", "Frau A"), ("token", "ein-langes-geheimes-token")];
    let entered = site.post("/anmelden", &right).await;
    assert_eq!(entered.status, StatusCode::SEE_OTHER);
    let cookie =
        entered.headers.get("set-cookie").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let cookie = cookie.split(';').next().unwrap_or_default();
    assert_eq!(site.get_as("/schule/1", cookie).await.status, StatusCode::OK);
    assert_eq!(site.get_as("/schule/1", "rundgang=erfunden").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_in_leads_to_the_page_that_was_asked_for() {
    let site = site(Some("ein-langes-geheimes-token"));
    let check = async |asked: &str, reached: &str| {
        let page = site.get(&format!("/anmelden?weiter={}", escaped(asked))).await.text;
        let csrf = between(&page, "name=\"csrf\" value=\"", "\"");
        let onward = plain(&between(&page, "name=\"onward\" value=\"", "\""));
        let form = [("csrf", csrf.as_str()), ("name", "Frau A"), ("onward", onward.as_str())];
        let wrong = [&form[..], &[("token", "falsch")]].concat();
        let again = site.post("/anmelden", &wrong).await.text;
        assert_eq!(
            plain(&between(&again, "name=\"onward\" value=\"", "\"")),
            reached,
            "kept after a mistake"
        );
        let right = [&form[..], &[("token", "ein-langes-geheimes-token")]].concat();
        assert_eq!(location(&site.post("/anmelden", &right).await), reached, "{asked}");
        // A forged form leads nowhere else either.
        let forged = [("csrf", csrf.as_str()), ("name", "A"), ("onward", asked)];
        let forged = [&forged[..], &[("token", "ein-langes-geheimes-token")]].concat();
        assert_eq!(location(&site.post("/anmelden", &forged).await), reached, "{asked}");
    };
    check("/schule/2/befunde?rule=a&all=1", "/schule/2/befunde?rule=a&all=1").await;
    check("//evil.example/x", "/").await;
    check("https://evil.example/", "/").await;
    check("/\\evil.example", "/").await;
}

#[tokio::test]
async fn secrets_are_refused_with_an_explanation_and_nothing_is_lost() {
    let site = site(None);
    let csrf = site.csrf().await;
    let form = [
        ("csrf", csrf.as_str()),
        ("name", "Schulserver"),
        ("kind", "server"),
        ("status", "in-use"),
        ("notes", "Passwort: Sommer2026"),
    ];
    let refused = site.post("/schule/1/register/neu", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.text.contains("sieht nach einem Kennwort") && refused.text.contains("value=\"Schulserver\"")
    );
    assert!(!site.get("/schule/1/register").await.text.contains("Schulserver"));
    let comment =
        [("csrf", csrf.as_str()), ("question", "S1"), ("value", "2"), ("comment", "Kennwort: geheim12")];
    let refused = site.post("/schule/1/umfrage/guetersloh-schule/antwort", &comment).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}
