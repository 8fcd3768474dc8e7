//! A list of a school on its way into the register: sent, looked at, mended, entered whole, taken back.

use crate::accounts::{enter, open};
use crate::site::{self, Answer, Site, between, location, plain, site};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use rundgang_inventory::Role;
use rust_xlsxwriter::Workbook;

const PATH: &str = "/schule/1/einlesen";
const CSV: &str = "Bezeichnung;Raum;Seriennummer;Farbe\n\
    Drucker Lehrerzimmer;B001;VNB3K12345;rot\nDokumentenkamera;A101;DK-1;blau\n";

/// Sends a file, as a browser does.
async fn upload(site: &Site, cookie: &str, csrf: &str, name: &str, file: &[u8]) -> Answer {
    site.send(site::upload(PATH, cookie, csrf, name, file)).await
}

/// Sends a file and follows to its preview.
async fn previewed(site: &Site, csrf: &str, name: &str, file: &[u8]) -> (String, Answer) {
    let sent = upload(site, "", csrf, name, file).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let id = location(&sent).split("entwurf=").nth(1).expect("a draft").to_owned();
    let page = site.get(location(&sent)).await;
    (id, page)
}

async fn settle(site: &Site, csrf: &str, id: &str, more: &[(&str, &str)]) -> Answer {
    let form = [&[("csrf", csrf), ("entwurf", id)], more].concat();
    site.post(&format!("{PATH}/eintragen"), &form).await
}

fn names(site: &Site) -> Vec<String> {
    let systems = site.store.traeger(site.traeger).systems(1).expect("systems");
    systems.into_iter().map(|system| system.name).collect()
}

#[tokio::test]
async fn a_list_is_looked_at_entered_and_taken_back() {
    let site = site(None);
    let csrf = site.csrf().await;
    let before = names(&site);
    let (id, page) = previewed(&site, &csrf, "C:\\Listen\\inventar.csv", CSV.as_bytes()).await;
    let text = plain(&page.text);
    assert_eq!(page.status, StatusCode::OK);
    for shown in ["Vorschau: inventar.csv", "2 Einträge ins Register", "Farbe", "Dokumentenkamera"] {
        assert!(text.contains(shown), "'{shown}' is not on {text}");
    }
    assert_eq!(names(&site), before, "looking writes nothing");
    // Somebody says what a column means: the preview comes first, whichever button was pressed.
    let said = [("c.3", "notes"), ("do", "enter")];
    let looked = settle(&site, &csrf, &id, &said).await;
    assert!(location(&looked).contains(&id), "{}", location(&looked));
    assert_eq!(names(&site), before);
    let again = plain(&site.get(location(&looked)).await.text);
    assert!(again.contains("<option value=\"notes\" selected>"), "{again}");
    let entered = settle(&site, &csrf, &id, &[("c.3", "notes"), ("do", "enter")]).await;
    assert_eq!(location(&entered), "/schule/1/einlesen?ok=list-entered", "{}", entered.text);
    assert_eq!(names(&site).len(), before.len() + 2);
    let system = site.store.traeger(site.traeger).systems(1).expect("systems");
    let camera = system.iter().find(|system| system.name == "Dokumentenkamera").expect("the camera");
    assert_eq!((camera.notes.as_str(), camera.serial.as_str()), ("Farbe: blau", "DK-1"));
    // The page and the command remember the same.
    let (_, page) = previewed(&site, &csrf, "wieder.csv", CSV.as_bytes()).await;
    let text = plain(&page.text);
    assert!(text.contains("<option value=\"notes\" selected>"), "{text}");
    assert!(
        text.contains("2 Zeilen stehen schon im Register") && text.contains("Nichts davon ist neu"),
        "{text}"
    );
    assert_eq!(settle(&site, &csrf, &id, &[("do", "enter")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let list = between(&site.get(PATH).await.text, "name=\"list\" value=\"", "\"");
    let form = [("csrf", csrf.as_str()), ("list", list.as_str())];
    let back = site.post(&format!("{PATH}/zuruecknehmen"), &form).await;
    assert_eq!(location(&back), "/schule/1/einlesen?ok=list-taken-back", "{}", back.text);
    assert_eq!(names(&site), before);
    let page = site.get(PATH).await.text;
    assert!(page.contains("zurückgenommen") && !page.contains("name=\"list\""), "{page}");
    let elsewhere = site.post("/schule/2/einlesen/zuruecknehmen", &form).await;
    assert_eq!(elsewhere.status, StatusCode::NOT_FOUND, "a list is taken back at its school");
}

#[tokio::test]
async fn what_does_not_fit_is_told_row_by_row_and_nothing_is_entered() {
    let site = site(None);
    let csrf = site.csrf().await;
    let before = names(&site);
    let list = "Name;Gekauft am;Bemerkung;Schule\nBeamer;32.13.2026;;\nServer;1.10.2026;Passwort: Sommer2026;\n\
        Tafel;1.10.2026;;Gymnasium Nord\n";
    let (id, page) = previewed(&site, &csrf, "liste.csv", list.as_bytes()).await;
    let text = plain(&page.text);
    for shown in [
        "3 Stellen passen nicht",
        "Zeile 2",
        "B (Gekauft am)",
        "„32.13.2026“ ist kein Tag",
        "C (Bemerkung)",
        "Ort der Zugangsdaten",
        "„Gymnasium Nord“ ist nicht diese Schule",
    ] {
        assert!(text.contains(shown), "'{shown}' is not on {text}");
    }
    assert!(!text.contains("Sommer2026"), "a secret is never told again");
    assert!(!text.contains("value=\"enter\""), "{text}");
    settle(&site, &csrf, &id, &[("do", "enter")]).await;
    assert_eq!(names(&site), before);
    let dutch = site.get_as(&format!("{PATH}?entwurf={id}"), "rundgang_sprache=nl").await.text;
    assert!(plain(&dutch).contains("\"32.13.2026\" is geen dag"), "{dutch}");
}

/// A workbook whose list is on the second sheet, under headings that nobody knows.
fn workbook() -> Vec<u8> {
    let mut book = Workbook::new();
    let cover = book.add_worksheet();
    cover.set_name("Deckblatt").expect("a sheet").write_string(0, 0, "Inventar").expect("a cell");
    let sheet = book.add_worksheet();
    sheet.set_name("Liste").expect("a sheet");
    for (row, cells) in (0..).zip([["Ding", "Wo"], ["Lötstation", "A101"], ["Bohrmaschine", "A102"]]) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a workbook")
}

#[tokio::test]
async fn another_sheet_and_headings_that_nobody_knows_are_chosen_on_the_page() {
    let site = site(None);
    let csrf = site.csrf().await;
    let (id, page) = previewed(&site, &csrf, "werkstatt.xlsx", &workbook()).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.text.contains("Keine Überschrift wurde erkannt")
            && page.text.contains("<option value=\"Liste\">")
    );
    let chosen = settle(&site, &csrf, &id, &[("sheet", "Liste")]).await;
    let page = plain(&site.get(location(&chosen)).await.text);
    assert!(page.contains("Ding") && page.contains("name=\"c.1\""), "{page}");
    let said = [("sheet", "Liste"), ("c.0", "name"), ("c.1", "room"), ("do", "look")];
    let looked = settle(&site, &csrf, &id, &said).await;
    let page = plain(&site.get(location(&looked)).await.text);
    assert!(page.contains("2 Einträge ins Register") && page.contains("Lötstation · Bohrmaschine"), "{page}");
    let entered = settle(&site, &csrf, &id, &[("sheet", "Liste"), ("do", "enter")]).await;
    assert!(location(&entered).ends_with("list-entered"), "{}", entered.text);
    assert!(names(&site).contains(&"Lötstation".to_owned()));
    // No mapping makes a field of what a form invents.
    let (id, _) = previewed(&site, &csrf, "liste.csv", CSV.as_bytes()).await;
    let invented = settle(&site, &csrf, &id, &[("c.3", "password")]).await;
    assert_eq!(invented.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_no_list_is_refused_in_plain_words() {
    let site = site(None);
    let csrf = site.csrf().await;
    let refused = async |name: &str, file: &[u8], expected: &str| {
        let mut answer = upload(&site, "", &csrf, name, file).await;
        if answer.status == StatusCode::SEE_OTHER {
            answer = site.get(location(&answer)).await;
        }
        assert!(answer.status.is_client_error(), "{name}");
        assert!(plain(&answer.text).contains(expected), "{name}: {}", answer.text);
        answer.status
    };
    refused("alt.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ohne Kennwort als XLSX").await;
    refused("kaputt.xlsx", b"PK\x03\x04 torn", "lässt sich nicht lesen").await;
    refused("leer.csv", b"", "eine leere ist keine Liste").await;
    let large = refused("groß.csv", &vec![b'a'; 200 << 20], "mehr als 20 MB").await;
    assert_eq!(large, StatusCode::PAYLOAD_TOO_LARGE);
    let forged = upload(&site, "", "erfunden", "a.csv", CSV.as_bytes()).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
    let torn = Request::post(PATH)
        .header("host", "localhost:8080")
        .header("content-type", "multipart/form-data; boundary=grenze");
    let torn = site.send(torn.body(Body::from("--grenze\r\nContent-Disp")).expect("a request")).await;
    assert_eq!(torn.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_list_that_waits_is_seen_by_whoever_sent_it_alone() {
    let site = site(Some("a long enough token here"));
    let mut cookies = Vec::new();
    for login in ["erste.koordination", "zweite.koordination"] {
        open(&site, login, Role::Coordinator, Some(1), "");
        cookies.push(enter(&site, login).await);
    }
    let csrf = between(&site.get_as("/konto", &cookies[0]).await.text, "name=\"csrf\" value=\"", "\"");
    let sent = upload(&site, &cookies[0], &csrf, "liste.csv", CSV.as_bytes()).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let own = site.get_as(location(&sent), &cookies[0]).await;
    assert!(own.text.contains("2 Einträge"), "{}", own.text);
    let other = site.get_as(location(&sent), &cookies[1]).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(other.text.contains("wartet nicht mehr") && !other.text.contains("liste.csv"), "{}", other.text);
}

/// A column that a school's own list once had names pupils in the list of a device manager.
#[tokio::test]
async fn headings_that_are_remembered_open_no_list_of_pupils_devices() {
    let site = site(None);
    let csrf = site.csrf().await;
    let own = "Bezeichnung;Benutzer\nServer;Hausmeister\n";
    let (id, _) = previewed(&site, &csrf, "eigene.csv", own.as_bytes()).await;
    settle(&site, &csrf, &id, &[("c.1", "notes"), ("do", "look")]).await;
    let entered = settle(&site, &csrf, &id, &[("c.1", "notes"), ("do", "enter")]).await;
    assert_eq!(location(&entered), "/schule/1/einlesen?ok=list-entered", "{}", entered.text);
    let (_, page) = previewed(&site, &csrf, "eigene.csv", own.as_bytes()).await;
    assert!(page.text.contains("<option value=\"notes\" selected>"), "remembered: {}", page.text);
    let relution = "Gerätename;Plattform;Modell;Seriennummer;Besitz;Benutzer\n\
                    Tablet-07;iOS;iPad;DMPX3;Organisation;ben.beispiel\n";
    let (id, page) = previewed(&site, &csrf, "relution.csv", relution.as_bytes()).await;
    assert!(page.text.contains("Relution") && !page.text.contains("ben.beispiel"), "{}", page.text);
    let entered = settle(&site, &csrf, &id, &[("do", "enter")]).await;
    assert_eq!(location(&entered), "/schule/1/einlesen?ok=list-entered", "{}", entered.text);
    let systems = site.store.traeger(site.traeger).systems(1).expect("systems");
    let tablet = systems.iter().find(|system| system.name == "Tablet-07").expect("the tablet");
    assert!(!format!("{tablet:?}").contains("beispiel"), "{tablet:?}");
}
