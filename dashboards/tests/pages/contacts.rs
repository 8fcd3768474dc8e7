//! Contacts and offers: entered by the Träger and by a school, shown where they help, exported.

use crate::site::{between, location, plain, site};
use axum::http::StatusCode;

const SCHOOL: &str = "/schule/1/kontakte";

#[tokio::test]
async fn contacts_are_entered_changed_and_deleted_and_nobody_overwrites_anybody() {
    let site = site(None);
    let csrf = site.csrf().await;
    let send = async |path: &str, more: &[(&str, &str)]| {
        let form = [&[("csrf", csrf.as_str()), ("part", "contact")], more].concat();
        site.post(path, &form).await
    };
    let new = [("function", "Hotline des Kreises"), ("phone", "05241 85"), ("purpose", "Netz und Konten")];
    assert_eq!(location(&send("/kontakte", &new).await), "/kontakte?ok=saved");
    let new = [("function", "IT-Koordination"), ("phone", "05241 99"), ("mail", "it@gesamtschule.example")];
    assert_eq!(location(&send(SCHOOL, &new).await), "/schule/1/kontakte?ok=saved");
    let page = plain(&site.get(SCHOOL).await.text);
    for shown in ["Hotline des Kreises", "<b>05241 85</b>", "05241 99 · it@gesamtschule.example"] {
        assert!(page.contains(shown), "'{shown}' is not on {page}");
    }
    let found = plain(&site.get("/suche?q=hotline+kreis").await.text);
    assert!(
        found.contains("<b>05241 85</b>") && found.contains("Kreis Musterland"),
        "who do I call? {found}"
    );
    let id = between(&page, "name=\"id\" value=\"", "\"");
    let change = [("id", id.as_str()), ("version", "1"), ("function", "IT"), ("name", "Frau Beispiel")];
    assert_eq!(send(SCHOOL, &change).await.status, StatusCode::SEE_OTHER);
    let stale = send(SCHOOL, &[("id", &id), ("version", "1"), ("function", "Sekretariat")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let page = plain(&stale.text);
    assert!(page.contains("value=\"Sekretariat\"") && page.contains("Jetzt gespeichert: IT"), "{page}");
    for (more, why) in [
        (&[("function", " "), ("phone", "1")][..], "Hier muss etwas stehen"),
        (&[("function", "IT"), ("purpose", "Passwort: Sommer2026")], "nach einem Kennwort"),
        (&[("function", "IT"), ("purpose", &"x".repeat(301))], "Dieser Text ist zu lang"),
    ] {
        let refused = send(SCHOOL, more).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = plain(&refused.text);
        assert!(page.contains(why), "{page}");
        let field = if more[1].0 == "purpose" { "purpose" } else { "function" };
        let marked = between(&page, &format!("id=\"contact-0-{field}\""), ">");
        assert!(marked.contains("aria-invalid=\"true\""), "{marked}");
    }
    // The Träger's are not changed from a school's page.
    let traeger = site.store.traeger(site.traeger);
    let central = traeger.contacts(None).expect("contacts")[0].id.to_string();
    let gone = send(SCHOOL, &[("id", &central), ("version", "1"), ("do", "delete")]).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    let gone = send(SCHOOL, &[("id", &id), ("version", "2"), ("do", "delete")]).await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    assert!(traeger.contacts(Some(1)).expect("contacts").is_empty());
}

#[tokio::test]
async fn an_offer_of_the_traeger_is_shown_at_a_school_as_used_or_not() {
    let site = site(None);
    let csrf = site.csrf().await;
    let new = [
        ("csrf", csrf.as_str()),
        ("part", "offer"),
        ("name", "Lernplattform des Kreises"),
        ("kind", "lms"),
        ("provider", "Kreis"),
        ("ask", "Medienberatung"),
    ];
    assert_eq!(location(&site.post("/kontakte", &new).await), "/kontakte?ok=saved");
    let from_a_school = site.post(SCHOOL, &new).await;
    assert_eq!(from_a_school.status, StatusCode::UNPROCESSABLE_ENTITY, "offers are the Träger's");
    let page = plain(&site.get(SCHOOL).await.text);
    for shown in ["hier genutzt</span>", "Fragen: Medienberatung", "Im Register:", ">Moodle</a>"] {
        assert!(page.contains(shown), "'{shown}' is not on {page}");
    }
    let other = plain(&site.get("/schule/2/kontakte").await.text);
    assert!(other.contains("hier nicht genutzt</span>"), "{other}");
    let traeger = site.store.traeger(site.traeger);
    let exported = || -> Vec<(String, String, String)> {
        let sheets = rundgang_dashboards::book::sheets(&traeger, None, rundgang_dashboards::Language::De);
        let sheets = sheets.expect("sheets");
        let offers = sheets.iter().find(|sheet| sheet.name == "offers").expect("offers");
        offers.rows.iter().map(|row| (row[0].clone(), row[1].clone(), row[6].clone())).collect()
    };
    let first = traeger.school(1).expect("a school").entered.name;
    let used_at = |rows: Vec<(String, String, String)>| -> Vec<String> {
        assert!(rows.len() == 3 && rows.iter().all(|row| row.1 == "Lernplattform des Kreises"), "{rows:?}");
        rows.into_iter().filter(|row| row.2 == "true").map(|row| row.0).collect()
    };
    assert_eq!(used_at(exported()), [first]);
    let id = traeger.offers().expect("offers")[0].id.to_string();
    let say = [("csrf", csrf.as_str()), ("part", "use"), ("id", &id), ("state", "unused")];
    assert_eq!(site.post(SCHOOL, &say).await.status, StatusCode::SEE_OTHER);
    assert!(plain(&site.get(SCHOOL).await.text).contains("hier nicht genutzt</span>"));
    assert_eq!(used_at(exported()), [""; 0]);
}
