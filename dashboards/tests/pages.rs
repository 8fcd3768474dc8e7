//! The pages over a real store: what they show, what they refuse, and what every answer carries.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod sample;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use rundgang_dashboards::{Config, WebState, router};
use rundgang_inventory::mail::catalogue::{self, Language};
use rundgang_store::Store;
use std::sync::Arc;
use tower::ServiceExt;

struct Site {
    router: Router,
    store: Store,
    traeger: i64,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

fn site(token: Option<&str>) -> Site {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, traeger) = sample::store(folder.path()).expect("the sample");
    let config = Config {
        store: store.clone(),
        traeger,
        traeger_name: "Kreis Musterland".to_owned(),
        clock: Arc::new(|| sample::NOW),
        hosts: vec!["rundgang.kreis.example".to_owned()],
        token: token.map(str::to_owned),
        https: false,
    };
    let router = router(WebState::new(config).expect("random numbers"));
    Site { router, store, traeger, _folder: folder }
}

impl Site {
    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 10_000_000).await.expect("a body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header("host", "localhost:8080").body(Body::empty()).expect("a request"))
            .await
    }

    async fn get_as(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path).header("host", "localhost:8080").header("cookie", cookie);
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        self.post_with(path, pairs, &[("origin", "http://localhost:8080")]).await
    }

    async fn post_with(&self, path: &str, pairs: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let encoded: Vec<String> =
            pairs.iter().map(|(n, v)| format!("{}={}", escaped(n), escaped(v))).collect();
        let mut request = Request::post(path)
            .header("host", "localhost:8080")
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(encoded.join("&"))).expect("a request")).await
    }

    /// The token that forms of a page carry.
    async fn csrf(&self) -> String {
        between(&self.get("/schule/1/register/neu").await.text, "name=\"csrf\" value=\"", "\"")
    }
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

fn between(text: &str, from: &str, to: &str) -> String {
    let rest = text.split_once(from).map(|(_, rest)| rest).unwrap_or_default();
    rest.split_once(to).map(|(found, _)| found.to_owned()).unwrap_or_default()
}

const PAGES: [&str; 17] = [
    "/",
    "/schule/1",
    "/schule/2",
    "/schule/3",
    "/schule/1/geraete",
    "/schule/1/geraete?kind=projector&q=epson",
    "/schule/1/geraet/1",
    "/schule/1/befunde",
    "/schule/1/register",
    "/schule/1/register/1",
    "/schule/1/umfragen",
    "/schule/1/umfrage/guetersloh-schule",
    "/schule/1/umfrage/katalog",
    "/schule/1/stammdaten",
    "/schule/1/zaehler",
    "/umfrage/guetersloh-traeger",
    "/erfassung",
];

#[tokio::test]
async fn every_page_is_sound_in_every_language() {
    let site = site(None);
    for language in ["de", "nl", "en"] {
        for path in PAGES.iter().chain(&["/umfragen"]) {
            let answer = site.get_as(path, &format!("rundgang_sprache={language}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
            assert!(answer.text.contains(&format!("<html lang=\"{language}\">")), "{path}");
            for needed in ["<main id=\"content\"", "class=\"skip\"", "<h1>", "name=\"viewport\""] {
                assert!(answer.text.contains(needed), "{path} lacks {needed}");
            }
            for banned in ["<script", " style=", " onclick", "http://", "https://"] {
                let text = answer.text.replace("http://www.w3.org", "");
                assert!(!text.contains(banned), "{path} holds {banned}");
            }
            // Every label belongs to a field that exists.
            for id in answer.text.split(" for=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(answer.text.contains(&format!(" id=\"{id}\"")), "{path}: no field {id}");
            }
            let ids: Vec<&str> =
                answer.text.split(" id=\"").skip(1).filter_map(|r| r.split('"').next()).collect();
            let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
            assert_eq!(ids.len(), unique.len(), "{path} has an id twice: {ids:?}");
        }
    }
}

#[tokio::test]
async fn examples_are_marked_on_every_page_and_real_schools_are_not() {
    let site = site(None);
    for path in PAGES {
        let answer = site.get(path).await;
        let real = path.starts_with("/schule/2") || path.starts_with("/schule/3");
        assert_eq!(answer.text.contains("class=\"example\""), !real, "{path}");
    }
}

#[tokio::test]
async fn the_overview_tells_gaps_silence_and_coverage() {
    let text = site(None).get("/").await.text;
    for shown in [
        "Gesamtschule Beispielstadt",
        "2 von 2",
        "box-wald still",
        "unbekannt",
        "Gerät steht nicht im Register",
    ] {
        assert!(text.contains(shown), "{shown} is missing");
    }
}

#[tokio::test]
async fn no_page_shows_the_time_of_day_of_a_device() {
    let site = site(None);
    for path in ["/schule/1/geraete", "/schule/1/geraet/1", "/schule/1/register"] {
        let text = site.get(path).await.text;
        let body = text.split("<footer").next().unwrap_or_default();
        assert!(!body.contains("10:00"), "{path} shows a time of day");
        assert!(!body.contains(" UTC"), "{path} shows a time of day");
    }
}

#[tokio::test]
async fn counters_are_rounded_everywhere() {
    let site = site(None);
    for path in [
        "/schule/1/zaehler",
        "/schule/1/zaehler.csv",
        "/schule/1/umfrage/katalog",
        "/schule/1/umfrage/katalog/csv",
    ] {
        let text = site.get(path).await.text;
        assert!(!text.contains("347") && !text.contains("354"), "{path} shows an exact count");
        assert!(text.contains("350"), "{path} lacks the rounded count");
    }
    let text = site.get("/schule/1/zaehler").await.text;
    assert!(text.contains("&lt;10") || text.contains("&#60;10"), "{text}");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let site = site(None);
    for path in ["/", "/static/rundgang.css", "/nowhere", "/schule/99", "/schule/1/geraete.csv"] {
        let answer = site.get(path).await;
        let header = |name: &str| answer.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        assert!(
            header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"),
            "{path}"
        );
        assert!(!header("content-security-policy").contains("unsafe"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert!(!header("cache-control").is_empty(), "{path}");
    }
    assert_eq!(site.get("/schule/99").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/schule/nix").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_rebound_host_name_is_not_answered() {
    let site = site(None);
    let ask =
        |host: &'static str| Request::get("/").header("host", host).body(Body::empty()).expect("a request");
    assert_eq!(site.send(ask("evil.example")).await.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(site.send(ask("rundgang.kreis.example:443")).await.status, StatusCode::OK);
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
        assert_eq!(
            answer.headers.get("location").map(axum::http::HeaderValue::as_bytes),
            Some(&b"/anmelden"[..]),
            "{path}"
        );
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
async fn a_found_device_is_documented_by_one_click_and_completed() {
    let site = site(None);
    let csrf = site.csrf().await;
    let list = site.get("/schule/1/geraete?undocumented=1&kind=printer").await.text;
    let asset = between(&list, "name=\"asset\" value=\"", "\"");
    let click = [("csrf", csrf.as_str()), ("asset", asset.as_str()), ("click", "one")];
    let created = site.post("/schule/1/register/neu", &click).await;
    assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.text);
    let to = created.headers.get("location").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let page = site.get(&to).await.text;
    assert!(page.contains("Im Register angelegt") && page.contains("Die Maschine sieht"), "{page}");
    // A second click does not make a second entry.
    let again = site.post("/schule/1/register/neu", &click).await;
    let target = again.headers.get("location").and_then(|v| v.to_str().ok()).unwrap_or_default();
    assert_eq!(to.split('?').next(), Some(target));
    let still = site.get("/schule/1/geraete?undocumented=1").await.text;
    assert!(!still.contains(&format!("name=\"asset\" value=\"{asset}\"")), "it is still undocumented");
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

#[tokio::test]
async fn two_people_do_not_overwrite_each_other() {
    let site = site(None);
    let csrf = site.csrf().await;
    let page = site.get("/schule/1/register/1").await.text;
    let version = between(&page, "name=\"version\" value=\"", "\"");
    let form = |provider: &'static str| {
        vec![
            ("csrf".to_owned(), csrf.clone()),
            ("version".to_owned(), version.clone()),
            ("name".to_owned(), "Switch Obergeschoss".to_owned()),
            ("kind".to_owned(), "switch".to_owned()),
            ("status".to_owned(), "in-use".to_owned()),
            ("provider".to_owned(), provider.to_owned()),
        ]
    };
    let send = async |form: Vec<(String, String)>| {
        let pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        site.post("/schule/1/register/1", &pairs).await
    };
    assert_eq!(send(form("Erste GmbH")).await.status, StatusCode::SEE_OTHER);
    let second = send(form("Zweite GmbH")).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(
        second.text.contains("Gespeichert ist jetzt: Erste GmbH")
            && second.text.contains("value=\"Zweite GmbH\"")
    );
    let log = site.get("/schule/1/register/1").await.text;
    assert!(log.contains("Erste GmbH") && log.contains("geändert") && !log.contains("Zweite GmbH"));
}

#[tokio::test]
async fn mail_findings_tell_the_record_to_add_in_every_language() {
    let site = site(None);
    let lines = site.store.traeger(site.traeger).findings_page(1, sample::NOW).expect("findings");
    let mail: Vec<_> = lines.iter().filter(|line| line.rule.starts_with("mail.")).collect();
    let ids: Vec<&str> = mail.iter().map(|line| line.rule.as_str()).collect();
    assert!(ids.contains(&"mail.spf.missing"), "{ids:?}");
    for line in mail {
        let path =
            format!("/schule/1/befund?rule={}&subject={}", escaped(&line.rule), escaped(&line.subject));
        let entry = catalogue::entry(line.rule.trim_start_matches("mail.")).expect("an entry");
        for (language, code) in [(Language::De, "de"), (Language::Nl, "nl"), (Language::En, "en")] {
            let page = plain(&site.get_as(&path, &format!("rundgang_sprache={code}")).await.text);
            let texts = entry.texts(language);
            for told in [&texts.wrong, &texts.effect, &texts.remedy, &line.label] {
                assert!(page.contains(told.as_str()), "{} in {code}: '{told}' is not on {page}", line.rule);
            }
            for part in ["add", "remove"] {
                for record in line.evidence["proposal"][part].as_array().into_iter().flatten() {
                    let record = record.as_str().expect("a record");
                    assert!(
                        page.contains(&format!("<pre>{record}</pre>")),
                        "{} in {code}: {record}",
                        line.rule
                    );
                }
            }
            assert!(!page.contains("<dt>seen</dt>"), "{}: evidence without a word", line.rule);
            if let Some(question) = line.evidence["proposal"]["question"].as_str() {
                assert!(!page.contains(question), "{}: a question without words", line.rule);
            }
        }
    }
    let missing = lines.iter().find(|line| line.rule == "mail.spf.missing").expect("the finding");
    let add = missing.evidence["proposal"]["add"][0].as_str().unwrap_or_default();
    assert!(add.starts_with("gesamtschule.example. TXT \"v=spf1 "), "{add}");
}

/// A page with its character references as what they stand for.
fn plain(page: &str) -> String {
    [("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">")]
        .into_iter()
        .chain([("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&"), ("&amp;", "&")])
        .fold(page.to_owned(), |page, (from, to)| page.replace(from, to))
}

#[tokio::test]
async fn a_decision_needs_a_reason_and_rests_the_finding() {
    let site = site(None);
    let csrf = site.csrf().await;
    let lines = site.store.traeger(site.traeger).findings_page(1, sample::NOW).expect("findings");
    let finding = lines.iter().find(|line| line.rule == "projector.no-password").expect("the finding");
    let form = |state: &'static str, reason: &'static str| {
        [("csrf", csrf.clone()), ("rule", finding.rule.clone()), ("subject", finding.subject.clone())]
            .into_iter()
            .chain([
                ("state", state.to_owned()),
                ("reason", reason.to_owned()),
                ("until", "2027-01-31".to_owned()),
            ])
            .collect::<Vec<_>>()
    };
    let send = async |form: Vec<(&str, String)>| {
        let pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        site.post("/schule/1/befund", &pairs).await
    };
    assert_eq!(send(form("accepted", "")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let decided = send(form("accepted", "Eigenes Netz, Austausch im Januar")).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.text);
    let to = decided.headers.get("location").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let page = site.get(&to).await.text;
    assert!(
        page.contains("Austausch im Januar")
            && page.contains("31.01.2027")
            && page.contains("Risiko akzeptiert")
    );
    let open = |text: &str| between(text, "<p class=\"muted\">", " ").parse::<usize>().unwrap_or(0);
    let after = site.get("/schule/1/befunde").await.text;
    let still: Vec<_> = lines.iter().filter(|line| line.is_open(sample::NOW)).collect();
    assert_eq!(open(&after), still.len() - 1);
}

#[tokio::test]
async fn a_persons_answer_stands_beside_the_machines_and_shows_drift() {
    let site = site(None);
    let csrf = site.csrf().await;
    let path = "/schule/1/umfrage/guetersloh-schule";
    let before = site.get(path).await.text;
    assert!(
        before.contains("id=\"q-S4-1a\"") && before.contains("Stufe 3"),
        "the line is active with 1000 Mbit/s"
    );
    let form =
        [("csrf", csrf.as_str()), ("question", "S4.1a"), ("value", "2"), ("comment", "Abends langsam")];
    let saved = site.post(&format!("{path}/antwort"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let traeger = site.store.traeger(site.traeger);
    let mut link = traeger.links(1).expect("links").remove(0);
    link.down_mbit = Some(16);
    traeger.save_link(1, &link).expect("a slower line");
    let after = site.get(path).await.text;
    assert!(
        after.contains("Abends langsam") && after.contains("Ihre Angabe bleibt stehen"),
        "the drift is shown"
    );
    let unknown = [("csrf", csrf.as_str()), ("question", "S4.1a"), ("value", "9")];
    assert_eq!(
        site.post(&format!("{path}/antwort"), &unknown).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn a_silent_agent_makes_unknown_and_not_zero() {
    let site = site(None);
    let text = site.get("/schule/2/umfrage/katalog").await.text;
    let access_points = text.split("id=\"q-C03\"").nth(1).unwrap_or_default();
    let answer = access_points.split("</article>").next().unwrap_or_default();
    assert!(answer.contains("nach oben offen") && answer.contains("box-wald"), "{answer}");
    let none = site.get("/schule/3/umfrage/katalog").await.text;
    let access_points = none.split("id=\"q-C03\"").nth(1).unwrap_or_default();
    assert!(access_points.contains("unbekannt"), "a school without an agent has an unknown number");
}

#[tokio::test]
async fn tables_can_be_taken_away() {
    let site = site(None);
    for path in [
        "/schulen.csv",
        "/schule/1/geraete.csv",
        "/schule/1/befunde.csv",
        "/schule/1/register.csv",
        "/schule/1/zaehler.csv",
        "/schule/1/umfrage/guetersloh-schule/csv",
        "/umfrage/guetersloh-traeger/csv",
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(
            answer.text.starts_with('\u{feff}') && answer.text.lines().count() > 1,
            "{path}: {}",
            answer.text
        );
        let kind = answer.headers.get("content-type").and_then(|v| v.to_str().ok());
        assert_eq!(kind, Some("text/csv; charset=utf-8"), "{path}");
    }
}

#[tokio::test]
async fn rooms_facts_and_lists_are_entered_and_used() {
    let site = site(None);
    let csrf = site.csrf().await;
    let path = "/schule/3/stammdaten";
    let rooms =
        [("csrf", csrf.as_str()), ("part", "rooms"), ("rooms", "R1; Klassenraum; 2; wlan\nR2; Klassenraum")];
    assert_eq!(site.post(path, &rooms).await.status, StatusCode::SEE_OTHER);
    let facts = [("csrf", csrf.as_str()), ("part", "facts"), ("pupils", "1050"), ("support.first", "Herr B")];
    assert_eq!(site.post(path, &facts).await.status, StatusCode::SEE_OTHER);
    let kept = [("csrf", csrf.as_str()), ("part", "kept"), ("kept", "board"), ("kept", "projector")];
    assert_eq!(site.post(path, &kept).await.status, StatusCode::SEE_OTHER);
    let text = site.get(path).await.text;
    assert!(
        text.contains("value=\"1050\"") && text.contains("value=\"board\" checked") && text.contains(">R2<")
    );
    let survey = site.get("/schule/3/umfrage/katalog").await.text;
    let share = survey.split("id=\"q-C02\"").nth(1).unwrap_or_default();
    assert!(share.contains("50\u{a0}%"), "one of two rooms has WLAN");
    let view = site.store.traeger(site.traeger).survey_view(3, sample::NOW).expect("a view");
    assert!(view.kept.contains("board") && view.facts.contains_key("support.first"));
}
