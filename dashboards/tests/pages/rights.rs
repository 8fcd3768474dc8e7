//! Who may do what, address by address: each role at its own school, at another one, and at a foreign Träger's.

use crate::accounts::{enter, open};
use crate::api::{call, token};
use crate::site::{Answer, Site, between, escaped, location, site};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use rundgang_dashboards::{Way, addresses};
use rundgang_inventory::Role;
use serde_json::json;
use std::collections::BTreeSet;

/// The roles, in the order of the columns below.
const ROLES: [Role; 7] = [
    Role::Administrator,
    Role::Reader,
    Role::Coordinator,
    Role::Head,
    Role::Provider,
    Role::DataProtection,
    Role::SurveyOffice,
];

/// Every address: `+` may everywhere, `o` at the own school (or narrowed to it), `-` may not.
pub(crate) const MATRIX: &[(&str, Way, &str)] = &[
    ("/", Way::Read, "++-----"),
    ("/schulen.csv", Way::Read, "++-----"),
    ("/schule/{school}", Way::Read, "++oo---"),
    ("/schule/{school}/geraete", Way::Read, "++oo---"),
    ("/schule/{school}/geraete.csv", Way::Read, "++oo---"),
    ("/schule/{school}/geraet/{asset}", Way::Read, "++oo---"),
    ("/schule/{school}/lernen", Way::Send, "+-o----"),
    ("/schule/{school}/zuordnung", Way::Read, "++oo---"),
    ("/schule/{school}/zuordnung", Way::Send, "+-o----"),
    ("/schule/{school}/befunde", Way::Read, "++oo---"),
    ("/schule/{school}/befunde.csv", Way::Read, "++oo---"),
    ("/schule/{school}/befund", Way::Read, "++oo---"),
    ("/schule/{school}/befund", Way::Send, "+-o----"),
    ("/schule/{school}/befund/faellig", Way::Send, "+-o----"),
    ("/schule/{school}/domains", Way::Read, "++oo---"),
    ("/schule/{school}/domains", Way::Send, "+-o----"),
    ("/schule/{school}/domain/{name}", Way::Read, "++oo---"),
    ("/schule/{school}/domain/{name}", Way::Send, "+-o----"),
    ("/schule/{school}/register", Way::Read, "++oo---"),
    ("/schule/{school}/register.csv", Way::Read, "++oo---"),
    ("/schule/{school}/buch/{form}", Way::Read, "++oo---"),
    ("/schule/{school}/register/neu", Way::Read, "+-o----"),
    ("/schule/{school}/register/neu", Way::Send, "+-o----"),
    ("/schule/{school}/register/{system}", Way::Read, "++oo---"),
    ("/schule/{school}/register/{system}", Way::Send, "+-o----"),
    ("/schule/{school}/register/{system}/loeschen", Way::Send, "+-o----"),
    ("/schule/{school}/register/{system}/frage", Way::Read, "+-o----"),
    ("/schule/{school}/register/{system}/frage", Way::Send, "+-o----"),
    ("/schule/{school}/fragen", Way::Read, "++oo---"),
    ("/schule/{school}/frage/{question}", Way::Read, "++oo---"),
    ("/schule/{school}/frage/{question}", Way::Send, "+-o----"),
    ("/schule/{school}/abgleich", Way::Read, "++oo---"),
    ("/schule/{school}/abgleich", Way::Send, "+-o----"),
    ("/schule/{school}/raeume", Way::Read, "++oo---"),
    ("/schule/{school}/raeume", Way::Send, "+-o----"),
    ("/schule/{school}/einlesen", Way::Read, "+-o----"),
    ("/schule/{school}/einlesen", Way::Send, "+-o----"),
    ("/schule/{school}/einlesen/eintragen", Way::Send, "+-o----"),
    ("/schule/{school}/einlesen/zuruecknehmen", Way::Send, "+-o----"),
    ("/schule/{school}/umfragen", Way::Read, "++oo---"),
    ("/schule/{school}/umfrage/{survey}", Way::Read, "++oo---"),
    ("/schule/{school}/umfrage/{survey}/antwort", Way::Send, "+-o----"),
    ("/schule/{school}/umfrage/{survey}/csv", Way::Read, "++oo---"),
    ("/schule/{school}/umfrage/{survey}/datei/{form}", Way::Read, "++oo---"),
    ("/schule/{school}/umfrage/{survey}/vordruck", Way::Read, "++oo---"),
    ("/schule/{school}/umfrage/{survey}/vordruck", Way::Send, "++oo---"),
    ("/schule/{school}/umfragelauf/{run}", Way::Read, "++oo---"),
    ("/schule/{school}/umfragelauf/{run}", Way::Send, "+-o----"),
    ("/schule/{school}/umfragelauf/{run}/datei/{form}", Way::Read, "++oo---"),
    ("/schule/{school}/umfragelauf/{run}/vordruck", Way::Read, "++oo---"),
    ("/schule/{school}/umfragelauf/{run}/vordruck", Way::Send, "++oo---"),
    ("/schule/{school}/stammdaten", Way::Read, "++oo---"),
    ("/schule/{school}/stammdaten", Way::Send, "+-o----"),
    ("/schule/{school}/aufgaben", Way::Read, "++oo---"),
    ("/schule/{school}/aufgaben", Way::Send, "+-o----"),
    ("/schule/{school}/kontakte", Way::Read, "++oo---"),
    ("/schule/{school}/kontakte", Way::Send, "+-o----"),
    ("/kontakte", Way::Read, "++-----"),
    ("/kontakte", Way::Send, "+------"),
    ("/schule/{school}/mitnehmen", Way::Read, "+------"),
    ("/schule/{school}/mitnehmen.zip", Way::Read, "+------"),
    ("/schule/{school}/mitnehmen", Way::Send, "+------"),
    ("/schule/{school}/protokoll", Way::Read, "++oo---"),
    ("/schule/{school}/protokoll.csv", Way::Read, "++oo---"),
    ("/schule/{school}/zaehler", Way::Read, "++oo---"),
    ("/schule/{school}/zaehler.csv", Way::Read, "++oo---"),
    ("/umfragen", Way::Read, "++-----"),
    ("/umfragen/einlesen", Way::Read, "+------"),
    ("/umfragen/einlesen", Way::Send, "+------"),
    ("/umfrage/{survey}", Way::Read, "++-----"),
    ("/umfrage/{survey}/antwort", Way::Send, "+------"),
    ("/umfrage/{survey}/csv", Way::Read, "++-----"),
    ("/umfrage/{survey}/datei/{form}", Way::Read, "++-----"),
    ("/umfrage/{survey}/vordruck", Way::Read, "++-----"),
    ("/umfrage/{survey}/vordruck", Way::Send, "++-----"),
    ("/umfrage/{survey}/eroeffnen", Way::Read, "+------"),
    ("/umfrage/{survey}/eroeffnen", Way::Send, "+------"),
    ("/umfragelauf/{run}", Way::Read, "++-----"),
    ("/umfragelauf/{run}/zurueck", Way::Send, "+------"),
    ("/umfragelauf/{run}/erinnert", Way::Send, "+------"),
    ("/umfragelauf/{run}/erinnern", Way::Send, "+------"),
    ("/umfragelauf/{run}/einreichen", Way::Send, "+------"),
    ("/umfragelauf/{run}/datei/{form}", Way::Read, "++-----"),
    ("/summen", Way::Read, "++----+"),
    ("/umfragelauf/{run}/summen", Way::Read, "++----+"),
    ("/umfragelauf/{run}/summen.csv", Way::Read, "++----+"),
    ("/suche", Way::Read, "++oo---"),
    ("/erfassung", Way::Read, "++oo-+-"),
    ("/protokoll", Way::Read, "++-----"),
    ("/protokoll.csv", Way::Read, "++-----"),
    ("/einstellungen", Way::Read, "++-----"),
    ("/einstellungen", Way::Send, "+------"),
    ("/einstellungen/versand", Way::Send, "+------"),
    ("/auftraege", Way::Read, "+---+--"),
    ("/konten", Way::Read, "+------"),
    ("/konten", Way::Send, "+------"),
    ("/konten/schluessel", Way::Send, "+------"),
    ("/konto", Way::Read, "+++++++"),
    ("/konto", Way::Send, "+++++++"),
    ("/abmelden", Way::Send, "+++++++"),
    ("/api/v1/schools", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/assets", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/assets/{asset}", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/systems", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/systems/{system}", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/systems/{system}", Way::Send, "+-o----"),
    ("/api/v1/schools/{school}/findings", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/findings/decisions", Way::Send, "+-o----"),
    ("/api/v1/schools/{school}/surveys", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/surveys/{survey}", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/tasks", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/contacts", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/offers", Way::Read, "++oo---"),
    ("/api/v1/schools/{school}/questions", Way::Read, "++oo---"),
    ("/api/v1/search", Way::Read, "++oo---"),
];

/// What is open to everybody, signed in or not.
pub(crate) const OPEN: [(&str, Way); 10] = [
    ("/api/v1/openapi.json", Way::Read),
    ("/sprache/{language}", Way::Read),
    ("/anmelden", Way::Read),
    ("/anmelden", Way::Send),
    ("/anmelden/anbieter", Way::Read),
    ("/anmelden/zurueck", Way::Read),
    ("/einladung/{token}", Way::Read),
    ("/einladung/{token}", Way::Send),
    ("/static/rundgang.css", Way::Read),
    ("/static/favicon.svg", Way::Read),
];

/// An address with its numbers filled in.
pub(crate) fn filled(path: &str, school: i64, run: i64) -> String {
    let survey = if path.starts_with("/umfrage/") && path != "/umfrage/{survey}/eroeffnen" {
        "guetersloh-traeger"
    } else {
        "guetersloh-schule"
    };
    let (school, run) = (school.to_string(), run.to_string());
    [
        ("{school}", school.as_str()),
        ("{run}", &run),
        ("{asset}", "1"),
        ("{system}", "1"),
        ("{question}", "1"),
        ("{name}", "gesamtschule.example"),
        ("{survey}", survey),
    ]
    .into_iter()
    .chain([("{form}", "json"), ("{token}", "x"), ("{language}", "de")])
    .fold(path.to_owned(), |path, (from, to)| path.replace(from, to))
    .replace("/befund?", "/befund")
        + match path {
            "/schule/{school}/befund" => "?rule=asset.undocumented&subject=asset%201",
            "/api/v1/search" => "?q=beamer",
            _ => "",
        }
}

/// Somebody in a role: with a session for the pages, and a token for programs.
struct Somebody {
    cookie: String,
    csrf: String,
    token: String,
}

async fn ask(site: &Site, path: &str, way: Way, who: &Somebody) -> Answer {
    if path.starts_with("/api/") {
        let verb = match way {
            Way::Read => "GET",
            Way::Send if path.ends_with("/decisions") => "POST",
            Way::Send => "PATCH",
        };
        let body = json!({ "version": 1, "rule": "x", "subject": "x", "state": "none" });
        return call(site, verb, path, &who.token, (way == Way::Send).then_some(&body), &[]).await;
    }
    let Somebody { cookie, csrf, .. } = who;
    if way == Way::Read {
        return site.get_as(path, cookie).await;
    }
    let request = Request::post(path)
        .header("host", "localhost:8080")
        .header("origin", "http://localhost:8080")
        .header("cookie", cookie)
        .header("content-type", "application/x-www-form-urlencoded");
    site.send(request.body(Body::from(format!("csrf={}", escaped(csrf)))).expect("a request")).await
}

/// Whether the guard let somebody through: what the page then said is another matter.
fn was_let_in(answer: &Answer, way: Way) -> bool {
    let is_sent_away =
        location(answer).starts_with("/anmelden") || (way == Way::Read && answer.status.is_redirection());
    let is_refused = answer.status == StatusCode::FORBIDDEN
        && (answer.text.contains("nicht berechtigt") || answer.text.contains("\"not-allowed\""));
    let is_sent_away = is_sent_away || answer.status == StatusCode::UNAUTHORIZED;
    !is_sent_away && !is_refused
}

#[test]
fn every_address_stands_in_the_matrix() {
    let known: BTreeSet<(&str, Way)> =
        MATRIX.iter().map(|(path, way, _)| (*path, *way)).chain(OPEN).collect();
    let there: BTreeSet<(&str, Way)> = addresses().into_iter().map(|(path, way, _)| (path, way)).collect();
    assert_eq!(known, there);
    let open: BTreeSet<(&str, Way)> = addresses()
        .into_iter()
        .filter(|(_, _, action)| action.is_none())
        .map(|(path, way, _)| (path, way))
        .collect();
    assert_eq!(open, OPEN.into_iter().collect());
}

#[tokio::test]
async fn every_role_reaches_what_it_may_and_no_more() {
    let site = site(Some("a long enough token here"));
    let run = crate::runs::opened(&site);
    crate::upkeep::keep_up(&site.store.traeger(site.traeger));
    let foreign = site.store.ensure_traeger("Kreis Anderswo", crate::sample::NOW).expect("another Träger");
    let school = rundgang_store::NewSchool { name: "Fremd".to_owned(), ..Default::default() };
    let foreign_school = foreign.ensure_school(&school, crate::sample::NOW).expect("a school");
    let mut leaks = Vec::new();
    for (column, role) in ROLES.into_iter().enumerate() {
        let login = format!("wer.{}", role.name());
        open(&site, &login, role, Some(1), "Systemhaus");
        let cookie = enter(&site, &login).await;
        let csrf = between(&site.get_as("/konto", &cookie).await.text, "name=\"csrf\" value=\"", "\"");
        let who = Somebody { token: token(&site, role, Some(1)), cookie: cookie.clone(), csrf };
        for (path, way, row) in MATRIX {
            if *path == "/abmelden" {
                continue;
            }
            let may = row.as_bytes()[column];
            let own = ask(&site, &filled(path, 1, run), *way, &who).await;
            let told = format!("{role:?} {way:?} {path}: {} {}", own.status, location(&own));
            assert_eq!(was_let_in(&own, *way), may != b'-', "{told}");
            if may != b'-' && *way == Way::Read {
                assert_eq!(own.status, StatusCode::OK, "{told}");
            }
            if path.contains("{school}") {
                let other = ask(&site, &filled(path, 2, run), *way, &who).await;
                let is_closed = other.status == StatusCode::NOT_FOUND || !was_let_in(&other, *way);
                assert_eq!(is_closed && may != b'+', may != b'+', "another school: {told}");
                // Nobody learns of, or changes, what belongs to another Träger.
                let foreign = ask(&site, &filled(path, foreign_school, run), *way, &who).await;
                if !foreign.status.is_client_error() {
                    leaks.push(format!("{told}: a foreign school answers {}", foreign.status));
                }
            }
        }
        let left = ask(&site, "/abmelden", Way::Send, &who).await;
        assert_eq!(location(&left), "/anmelden", "everybody may sign out: {role:?}");
        assert!(location(&site.get_as("/konto", &cookie).await).starts_with("/anmelden"), "{role:?} is out");
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}

#[tokio::test]
async fn nobody_gets_anywhere_without_signing_in() {
    let site = site(Some("a long enough token here"));
    let nobody = Somebody { cookie: String::new(), csrf: String::new(), token: String::new() };
    for (path, way, _) in MATRIX {
        let answer = ask(&site, &filled(path, 1, 1), *way, &nobody).await;
        let is_program = path.starts_with("/api/") && answer.status == StatusCode::UNAUTHORIZED;
        assert!(
            is_program || location(&answer).starts_with("/anmelden"),
            "{path}: {} {}",
            answer.status,
            location(&answer)
        );
    }
}
