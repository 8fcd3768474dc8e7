//! Passing on a question about a system: whom the form proposes, the mail, the log, and what came of it.

use crate::site::{between, location, plain, site};
use axum::http::StatusCode;
use rundgang_store::{Contact, DocumentedSystem};

#[tokio::test]
async fn a_question_about_a_system_is_passed_on_and_followed_up() {
    let site = site(None);
    let csrf = site.csrf().await;
    let t = site.store.traeger(site.traeger);
    let mut system = t.system(1).expect("a system");
    system.owner = "IT-Koordination".to_owned();
    system.hotline = "0800 55501, support@anbieter.example".to_owned();
    system.serial = "SN-4711".to_owned();
    system.credentials_place = "Tresor, Umschlag 3".to_owned();
    t.save_system(&system, "Frau L", crate::sample::NOW).expect("saved");
    let mail = "it@gesamtschule.example".to_owned();
    let contact = Contact { school: Some(1), function: "IT-Koordination".into(), mail, ..Contact::default() };
    t.save_contact(&contact, ("Frau L", crate::sample::NOW)).expect("a contact");
    // From the system's page in one step; the support that can be written to is proposed.
    let page = plain(&site.get("/schule/1/register/1").await.text);
    assert!(page.contains("href=\"/schule/1/register/1/frage\">Frage weitergeben"), "{page}");
    let form = plain(&site.get("/schule/1/register/1/frage").await.text);
    assert!(form.contains("value=\"hotline support@anbieter.example\" checked"), "{form}");
    assert!(form.contains("<b>Zuständig</b>: IT-Koordination <small class=\"mono\">it@gesamtschule.example"));
    assert!(!form.contains("Weitere Ansprechpersonen"), "who answers for it is no further contact");
    let other = Contact { school: Some(1), function: "Sekretariat".into(), ..Contact::default() };
    t.save_contact(&other, ("Frau L", crate::sample::NOW)).expect("a contact");
    let form = plain(&site.get("/schule/1/register/1/frage").await.text);
    let further = between(&form, "<summary>Weitere Ansprechpersonen", "</details>");
    assert!(further.contains("Sekretariat") && !further.contains("IT-Koordination"), "{further}");
    let due = between(&form, "name=\"due\" type=\"date\" value=\"", "\"");
    let ask = async |more: &[(&str, &str)]| {
        site.post("/schule/1/register/1/frage", &[&[("csrf", csrf.as_str())], more].concat()).await
    };
    let sent = ask(&[
        ("party", "hotline support@anbieter.example"),
        ("text", "Wann kommt\ndas Update?"),
        ("due", &due),
    ])
    .await;
    assert_eq!(location(&sent), "/schule/1/frage/1?ok=passed-on", "{}", sent.text);
    let page = site.get("/schule/1/frage/1?ok=passed-on").await.text;
    let mail = between(&plain(&page), "href=\"mailto:", "\"");
    assert!(mail.starts_with("support@anbieter.example?subject="), "{mail}");
    assert!(mail.contains("Wann%20kommt%0D%0Adas%20Update%3F") && mail.contains("SN-4711"), "{mail}");
    assert!(!page.contains("Umschlag"), "where credentials are kept leaves in no mail: {page}");
    // It stands with the system, in the list, in the log, and programs are told.
    let page = plain(&site.get("/schule/1/register/1").await.text);
    for shown in ["/schule/1/frage/1\">Wann kommt", "Antwort bis ", "Frage weitergegeben oder beantwortet"] {
        assert!(page.contains(shown), "'{shown}' is not on {page}");
    }
    assert!(
        plain(&site.get("/schule/1/fragen").await.text).contains("<span class=\"badge accent\">Antwort bis")
    );
    let book =
        rundgang_dashboards::book::sheets(&t, Some(1), rundgang_dashboards::Language::De).expect("sheets");
    let rows = book.into_iter().find(|sheet| sheet.name == "questions").expect("questions").rows;
    assert_eq!(
        rows[0][2..5],
        ["0800 55501, support@anbieter.example", "support@anbieter.example", "Wann kommt\ndas Update?"]
    );
    // What came of it; two who write at once are told.
    let say = async |version: &str, state: &str, answer: &str| {
        let form = [
            ("csrf", csrf.as_str()),
            ("version", version),
            ("state", state),
            ("answer", answer),
            ("due", &due),
        ];
        site.post("/schule/1/frage/1", &form).await
    };
    assert_eq!(location(&say("1", "answered", "Im Mai").await), "/schule/1/frage/1?ok=saved");
    let stale = say("1", "open", "Nie").await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let page = plain(&stale.text);
    assert!(page.contains("Jetzt gespeichert: beantwortet am") && page.contains("Im Mai"), "{page}");
    assert!(page.contains(">Nie</textarea>") && page.contains("name=\"version\" value=\"2\""), "{page}");
    let secret = say("2", "answered", "Passwort: Sommer2026").await;
    assert_eq!(secret.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(plain(&secret.text).contains("id=\"answer-error\">Das sieht nach einem Kennwort"));
    assert!(
        plain(&site.get("/schule/1/fragen").await.text).contains("<span class=\"badge good\">beantwortet am")
    );
}

#[tokio::test]
async fn a_question_to_nobody_or_until_yesterday_is_refused_where_it_was_typed() {
    let site = site(None);
    let csrf = site.csrf().await;
    let check = async |more: &[(&str, &str)], place: &str, why: &str| {
        let form = [&[("csrf", csrf.as_str())], more].concat();
        let refused = site.post("/schule/1/register/1/frage", &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{more:?}: {}", refused.text);
        let page = plain(&refused.text);
        assert!(page.contains(&format!("id=\"{place}-error\">{why}")), "{more:?}: {page}");
    };
    let due = "2027-01-31";
    let firm = [("party", "other"), ("whom", "Elektro Beispiel"), ("text", "Wann?"), ("due", due)];
    check(&[("party", "other"), ("text", "Wann?"), ("due", due)], "whom", "Hier muss etwas stehen").await;
    check(
        &[firm[0], firm[1], ("mail", "kein Postfach"), firm[2], firm[3]],
        "mail",
        "Das ist keine Mailadresse",
    )
    .await;
    let gone = ("party", "hotline frueher@anbieter.example");
    check(&[gone, firm[2], firm[3]], "party", "Diese Stelle hat inzwischen").await;
    check(&[firm[0], firm[1], ("text", " "), firm[3]], "text", "Hier muss etwas stehen").await;
    check(&[firm[0], firm[1], ("text", "Passwort: Sommer2026"), firm[3]], "text", "Das sieht nach").await;
    check(&[firm[0], firm[1], firm[2], ("due", "2020-01-01")], "due", "Dieser Tag ist vorbei").await;
    check(&[firm[0], firm[1], firm[2], ("due", "")], "due", "Hier muss etwas stehen").await;
    let form = [&[("csrf", csrf.as_str())], &firm[..]].concat();
    let sent = site.post("/schule/1/register/1/frage", &form).await;
    assert_eq!(location(&sent), "/schule/1/frage/1?ok=passed-on");
    let page = plain(&site.get("/schule/1/frage/1").await.text);
    assert!(
        page.contains("href=\"mailto:?subject=") && page.contains("die Zeile „An“ bleibt leer"),
        "{page}"
    );
    for path in ["/schule/1/register/9999/frage", "/schule/2/register/1/frage", "/schule/2/frage/1"] {
        assert_eq!(site.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn a_finding_is_passed_on_in_its_own_words() {
    let site = site(None);
    let path = "/schule/1/befund?rule=mail.spf.missing&subject=domain%20gesamtschule.example";
    let page = plain(&site.get(path).await.text);
    let to = between(&page, "/frage?text=", "\"");
    assert!(to.contains("gesamtschule.example"), "{page}");
    let system = between(&page, "href=\"/schule/1/register/", "\"");
    let system = system.split('/').next().expect("a number").to_owned();
    let form = site.get(&format!("/schule/1/register/{system}/frage?text={to}")).await;
    assert_eq!(form.status, StatusCode::OK);
    assert!(between(&plain(&form.text), "<textarea", "</textarea>").contains("gesamtschule.example"));
}

#[tokio::test]
async fn the_whole_book_of_a_school_is_taken_from_the_register_page() {
    let site = site(None);
    let page = site.get("/schule/1/register").await.text;
    for (form, media, begins) in [
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "PK"),
        ("json", "application/json", "{\"buildings\":["),
        ("csv", "text/csv; charset=utf-8", "\u{feff}Schule;Nummer;Zielobjekt"),
    ] {
        let path = format!("/schule/1/buch/{form}");
        assert!(page.contains(&format!("href=\"{path}\"")), "{page}");
        let file = site.get(&path).await;
        assert_eq!(file.status, StatusCode::OK);
        assert_eq!(file.headers["content-type"], media);
        assert!(file.text.starts_with(begins), "{form}: {:?}", file.text.get(..60));
    }
    let book: serde_json::Value =
        serde_json::from_str(&site.get("/schule/1/buch/json").await.text).expect("JSON");
    assert!(
        book["systems"].as_array().is_some_and(|rows| rows.iter().any(|row| row["Name"] == "Moodle")),
        "{book}"
    );
    let table = site.get("/schule/1/buch/csv").await.text;
    for row in
        ["A002;Anwendung;Moodle;;1;;in Betrieb;;IT-Koordination;;I006", "I006;IT-System;Server;Epson;1;"]
    {
        assert!(table.contains(row), "'{row}' is not in {table}");
    }
    // A second application on the same server, and a projector that was retired and still answers.
    let t = site.store.traeger(site.traeger);
    let systems = t.systems(1).expect("systems");
    let of =
        |fits: fn(&DocumentedSystem) -> bool| systems.iter().find(|one| fits(one)).expect("a system").clone();
    let moodle = of(|one| one.name == "Moodle");
    let asset = t.device_of_system(moodle.id).expect("a device");
    let name = "Nextcloud".to_owned();
    let cloud = DocumentedSystem { id: 0, version: 0, name, kind: "cloud".into(), asset, ..moodle };
    t.save_system(&cloud, "Frau L", crate::sample::NOW).expect("saved");
    let retired = DocumentedSystem { status: "retired".into(), ..of(|one| one.kind == "projector") };
    t.save_system(&retired, "Frau L", crate::sample::NOW).expect("saved");
    let table = site.get("/schule/1/buch/csv").await.text;
    let on: Vec<&str> = table.lines().filter(|row| row.contains(";Anwendung;")).collect();
    let on: Vec<&str> = on.into_iter().filter_map(|row| row.rsplit(';').next()).collect();
    assert_eq!(on, ["", "I005", "I005"], "{table}");
    assert_eq!(table.matches(";IT-System;Server;").count(), 1, "{table}");
    assert!(table.contains(";Beamer;Epson EB-L200F;3;;\"gefunden, nicht dokumentiert\""), "{table}");
    assert_eq!(site.get("/schule/1/buch/exe").await.status, StatusCode::NOT_FOUND);
}
