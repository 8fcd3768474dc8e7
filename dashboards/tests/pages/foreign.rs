//! Whole forms, as the pages send them, against what belongs to another Träger: nothing is said of it, and no row of it is
//! another one afterwards.

use crate::accounts::{enter, open};
use crate::api::{call, token};
use crate::rights::{MATRIX, filled};
use crate::site::{Site, between, location, site, upload};
use axum::http::StatusCode;
use rundgang_dashboards::Way;
use rundgang_inventory::Role;
use rundgang_store::{Contact, DocumentedSystem, NewSchool, Room, Traeger};
use serde_json::json;

/// What a form names: rows of one Träger.
struct Rows {
    school: i64,
    name: String,
    system: i64,
    room: i64,
    contact: i64,
}

/// A school of a Träger with a row of each kind that forms name.
fn rows(traeger: &Traeger, name: &str) -> Rows {
    let now = crate::sample::NOW;
    let school = NewSchool { name: name.to_owned(), ..NewSchool::default() };
    let school = traeger.ensure_school(&school, now).expect("a school");
    let room = traeger
        .save_room(school, &Room { name: "F1".into(), ..Room::default() }, ("F", now))
        .expect("a room");
    let system = DocumentedSystem {
        school,
        name: "Fremdes System".into(),
        status: "in-use".into(),
        ..Default::default()
    };
    let system = traeger.save_system(&system, "F", now).expect("a system");
    let contact = Contact { school: Some(school), function: "Hausmeister".into(), ..Contact::default() };
    let contact = traeger.save_contact(&contact, ("F", now)).expect("a contact");
    Rows { school, name: name.to_owned(), system, room, contact }
}

/// A whole form of each address of a school; nothing for one that sends a file.
fn form(path: &str, rows: &Rows) -> Option<Vec<(&'static str, String)>> {
    let text = str::to_owned;
    let subject = format!("system {}", rows.system);
    let finding = [("rule", text("system.no-owner")), ("subject", subject)];
    let behind = path.strip_prefix("/schule/{school}/")?;
    Some(match behind {
        "lernen" => vec![("system", rows.system.to_string()), ("asset", text("1"))],
        "zuordnung" => {
            vec![("act", text("merge")), ("into", text("1")), ("from", text("2")), ("reason", text("x"))]
        }
        "befund" => finding
            .into_iter()
            .chain([("state", text("accepted")), ("reason", text("bis Juli")), ("until", text("2027-01-31"))])
            .collect(),
        "befund/faellig" => finding.into_iter().chain([("due", text("2027-01-31"))]).collect(),
        "domains" => vec![("domain", text("gesamtschule.example")), ("state", text("declined"))],
        "domain/{name}" => vec![("selectors", text("rz1")), ("senders", String::new())],
        "register/neu" => vec![("name", text("Neu")), ("kind", text("printer")), ("status", text("in-use"))],
        "register/{system}" => {
            vec![
                ("version", text("1")),
                ("name", text("Anders")),
                ("status", text("in-use")),
                ("owner", text("X")),
            ]
        }
        "register/{system}/frage" => vec![
            ("party", text("other")),
            ("whom", text("Systemhaus")),
            ("mail", text("hilfe@systemhaus.example")),
            ("text", text("Wann wird das Gerät getauscht?")),
            ("due", text("2027-01-31")),
        ],
        "frage/{question}" => vec![
            ("version", text("1")),
            ("state", text("answered")),
            ("answer", text("Im Januar")),
            ("due", text("2027-01-31")),
        ],
        "register/{system}/loeschen" => vec![("version", text("1"))],
        "abgleich" => vec![("which", text("ticked")), ("asset", text("1")), ("do", text("document"))],
        "raeume" => vec![("raum", rows.room.to_string()), ("asset", text("1")), ("do", text("save"))],
        "einlesen/eintragen" => vec![("entwurf", text("x")), ("do", text("enter"))],
        "einlesen/zuruecknehmen" => vec![("list", text("1"))],
        "umfrage/{survey}/antwort" => {
            vec![("question", text("S4.1a")), ("value", String::new()), ("comment", text("gut"))]
        }
        "umfragelauf/{run}" => vec![("act", text("save")), ("version", text("1"))],
        "stammdaten" => vec![("part", text("rooms")), ("rooms", text("A1; Klassenraum"))],
        "aufgaben" => vec![("part", text("tasks"))],
        "kontakte" => vec![
            ("part", text("contact")),
            ("id", rows.contact.to_string()),
            ("version", text("1")),
            ("function", text("Neu")),
        ],
        "mitnehmen" => vec![("name", rows.name.clone())],
        _ => return None,
    })
}

fn sends() -> impl Iterator<Item = &'static str> {
    let is_sent = |way: &Way| *way == Way::Send;
    MATRIX
        .iter()
        .filter(move |(path, way, _)| is_sent(way) && path.contains("{school}"))
        .map(|(path, ..)| *path)
}

async fn posted(site: &Site, path: &str, cookie: &str, pairs: &[(&str, String)]) -> crate::site::Answer {
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    site.post_with(path, &pairs, &[("origin", "http://localhost:8080"), ("cookie", cookie)]).await
}

#[tokio::test]
async fn no_whole_form_reaches_or_changes_what_belongs_to_another_traeger() {
    let site = site(Some("a long enough token here"));
    let run = crate::runs::opened(&site);
    let foreign = site.store.ensure_traeger("Kreis Anderswo", crate::sample::NOW).expect("another Träger");
    let theirs = rows(&foreign, "Fremd");
    let before = foreign.export().expect("everything of theirs");
    let mut leaks = Vec::new();
    for (role, school) in [(Role::Administrator, None), (Role::Coordinator, Some(1))] {
        let login = format!("wer.{}", role.name());
        open(&site, &login, role, school, "");
        let cookie = enter(&site, &login).await;
        let csrf = between(&site.get_as("/konto", &cookie).await.text, "name=\"csrf\" value=\"", "\"");
        for path in sends().filter(|path| !path.starts_with("/api/")) {
            let own = filled(path, 1, run);
            let at_theirs = filled(path, theirs.school, run);
            // Their school in the address, and their rows under the address of one's own school.
            let their_system = |at: &str| at.replace("/register/1", &format!("/register/{}", theirs.system));
            let mut asked = vec![their_system(&at_theirs)];
            if path.contains("{system}") || path.ends_with("/befund") || path.ends_with("/faellig") {
                asked.push(their_system(&own));
            }
            for at in asked {
                let answer = match form(path, &theirs) {
                    Some(pairs) => {
                        let pairs = [vec![("csrf", csrf.clone())], pairs].concat();
                        posted(&site, &at, &cookie, &pairs).await
                    }
                    None => {
                        site.send(upload(&at, &cookie, &csrf, "liste.csv", b"Name;Art\nA;printer\n")).await
                    }
                };
                if !matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
                    leaks.push(format!("{role:?} {at}: {} {}", answer.status, location(&answer)));
                }
            }
        }
        let program = token(&site, role, school);
        let subject = format!("system {}", theirs.system);
        let decision = json!({ "rule": "system.no-owner", "subject": subject, "state": "accepted",
                               "reason": "bis Juli", "until": "2027-01-31" });
        let change = json!({ "version": 1, "owner": "X" });
        for of in [1, theirs.school] {
            let base = format!("/api/v1/schools/{of}");
            for (verb, at, body) in [
                ("PATCH", format!("{base}/systems/{}", theirs.system), &change),
                ("POST", format!("{base}/findings/decisions"), &decision),
            ] {
                let answer = call(&site, verb, &at, &program, Some(body), &[]).await;
                if !matches!(answer.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) {
                    leaks.push(format!("{role:?} {at}: {} {}", answer.status, answer.text));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
    let after = foreign.export().expect("everything of theirs");
    for (table, rows) in before.as_object().expect("tables") {
        assert_eq!(&after[table], rows, "{table} of the other Träger is as it was");
    }
    assert_eq!(before, after);
}

#[tokio::test]
async fn the_same_forms_are_whole_at_ones_own_school() {
    for path in sends().filter(|path| !path.starts_with("/api/")) {
        let site = site(None);
        let run = crate::runs::opened(&site);
        let traeger = site.store.traeger(site.traeger);
        let own = rows(&traeger, "Eigene");
        let Some(pairs) = form(path, &own) else { continue };
        // A domain is confirmed at the first school, and the survey runs there.
        let school = if path.contains("{name}") || path.contains("{run}") { 1 } else { own.school };
        let at = filled(path, school, run).replace("/register/1", &format!("/register/{}", own.system));
        let pairs = [vec![("csrf", site.csrf().await)], pairs].concat();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = site.post(&at, &pairs).await;
        // The form is read; what it names (a device, a list, a part of a run) may not be there.
        let is_draft = path.ends_with("/eintragen");
        let is_read = answer.status != StatusCode::UNPROCESSABLE_ENTITY || is_draft;
        assert!(
            is_read && answer.status != StatusCode::BAD_REQUEST,
            "{path}: {} {}",
            answer.status,
            answer.text
        );
        assert_ne!(answer.status, StatusCode::FORBIDDEN, "{path}");
    }
}
