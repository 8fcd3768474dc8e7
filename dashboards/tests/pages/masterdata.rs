//! The master data of a school: entered, changed, removed, and nobody overwrites anybody.

use crate::sample;
use crate::site::{Answer, Site, between, location, plain, site};
use axum::http::StatusCode;
use rundgang_store::{NewSchool, Room, SchoolChange, Traeger};

const PAGE: &str = "/schule/1/stammdaten";

async fn send(site: &Site, path: &str, form: &[(&str, &str)]) -> Answer {
    let csrf = site.csrf().await;
    site.post(path, &[&[("csrf", csrf.as_str())], form].concat()).await
}

async fn saved(site: &Site, form: &[(&str, &str)], to: &str) {
    let answer = send(site, PAGE, form).await;
    assert_eq!(location(&answer), format!("{PAGE}?ok={to}"), "{form:?} {}", answer.text);
}

async fn refused(site: &Site, form: &[(&str, &str)], status: StatusCode, shown: &[&str]) {
    let answer = send(site, PAGE, form).await;
    assert_eq!(answer.status, status, "{form:?}");
    let page = plain(&answer.text).replace(['\u{2068}', '\u{2069}'], "");
    for shown in shown {
        assert!(page.contains(shown), "'{shown}' is not on {page}");
    }
}

fn of(site: &Site) -> Traeger {
    site.store.traeger(site.traeger)
}

#[tokio::test]
async fn sites_and_buildings_are_entered_and_rooms_choose_one() {
    let site = site(None);
    let t = of(&site);
    let branch = [("part", "site"), ("name", "Dependance"), ("role", "branch"), ("address", "Am Bach 2")];
    saved(&site, &branch, "saved#sites").await;
    let id = |name: &str| {
        let sites = t.sites(1).expect("sites");
        sites.iter().find(|one| one.name == name).map(|one| one.id.to_string()).expect("a site")
    };
    let (main, branch) = (id("Hauptgebäude"), id("Dependance"));
    saved(&site, &[("part", "building"), ("name", "Haus A"), ("site", &branch)], "saved#buildings").await;
    let house = t.buildings(1).expect("buildings").remove(0);
    assert_eq!(house.site.map(|site| site.to_string()), Some(branch.clone()));
    // A list names a building, and one room is moved by its form.
    let list = "A101; ; ; ; Gebäude: Haus A\nA104; Klassenraum; 2; wlan; Gebäude: Haus B";
    saved(&site, &[("part", "rooms"), ("rooms", list)], "saved#rooms").await;
    let room = t.rooms(1).expect("rooms").into_iter().find(|room| room.name == "A102").expect("a room");
    let path = format!("{PAGE}?raum={}", room.id);
    let form = plain(&site.get(&path).await.text);
    assert!(form.contains("value=\"A102\"") && form.contains(">Haus A</option>"), "{form}");
    let (room_id, house_id) = (room.id.to_string(), house.id.to_string());
    let moved = [
        ("part", "room"),
        ("id", room_id.as_str()),
        ("version", "1"),
        ("name", "A102 neu"),
        ("kind", "Klassenraum"),
        ("sockets", "3"),
        ("equipment", "wlan lehrer-pc"),
        ("building", house_id.as_str()),
    ];
    saved(&site, &moved, "saved#rooms").await;
    let page = plain(&site.get(PAGE).await.text);
    for shown in ["Nebenstandort · Am Bach 2", "Dependance · 2 Räume", ">A102 neu<", ">Haus B</h3>"] {
        assert!(page.contains(shown), "'{shown}' is not on {page}");
    }
    let walk = plain(&site.get("/schule/1/raeume").await.text);
    assert!(walk.contains("A101 <small>Haus A · "), "{walk}");
    // The survey counts them.
    let asked = plain(&site.get("/schule/1/umfrage/katalog").await.text);
    let asked = between(&asked, "id=\"q-A04\"", "id=\"q-B01\"");
    assert!(asked.contains("Hauptstandorte") && asked.contains("Nebenstandorte"), "{asked}");
    // What stands somewhere is kept, with the reason.
    let gone = |part, id| [("part", part), ("id", id), ("version", "1"), ("do", "delete")];
    for (form, why) in [
        (gone("building", &house_id), "In diesem Gebäude liegen noch Räume"),
        (gone("site", &branch), "An diesem Standort stehen noch Gebäude"),
    ] {
        refused(&site, &form, StatusCode::UNPROCESSABLE_ENTITY, &[why, "class=\"error\""]).await;
    }
    saved(&site, &gone("site", &main), "deleted#sites").await;
    // The sheets of the export have them.
    let sheets = rundgang_dashboards::book::sheets(&t, Some(1), rundgang_dashboards::Language::De);
    let sheets = sheets.expect("sheets");
    let rows = |name: &str| sheets.iter().find(|sheet| sheet.name == name).expect(name).rows.clone();
    assert_eq!(rows("sites")[0][1..], ["Dependance", "branch", "Am Bach 2"]);
    assert_eq!(rows("buildings")[0][1..], ["Haus A", "Dependance"]);
    assert!(rows("rooms").iter().any(|row| row[1] == "A102 neu" && row[5] == "Haus A"));
}

#[tokio::test]
async fn what_somebody_else_wrote_meanwhile_is_shown_and_not_overwritten() {
    let site = site(None);
    let t = of(&site);
    let by = ("Frau M", sample::NOW);
    // Facts: the one that both changed, and one that only the other changed.
    t.enter_facts(
        1,
        &[("support.first", "Frau Neu", 1), ("spend", "4060", 0)].map(|(name, value, version)| {
            rundgang_store::SaidFact { name: name.to_owned(), value: value.to_owned(), version }
        }),
        by,
    )
    .expect("said");
    let mine = [
        ("part", "facts"),
        ("support.first", "Herr Alt"),
        ("version-support.first", "1"),
        ("seen-support.first", "Frau Beispiel"),
        ("spend", ""),
        ("version-spend", "0"),
        ("seen-spend", ""),
    ];
    let shown = ["value=\"Herr Alt\"", "Jetzt gespeichert: Frau Neu", "name=\"spend\" value=\"4060\""];
    refused(&site, &mine, StatusCode::CONFLICT, &shown).await;
    // Whoever saves again has seen it.
    let again = [mine[0], mine[1], ("version-support.first", "2"), ("seen-support.first", "Frau Neu")];
    saved(&site, &again, "saved#facts").await;
    let facts = t.standing_facts(1).expect("facts");
    assert_eq!((facts["support.first"].value.as_str(), facts["spend"].value.as_str()), ("Herr Alt", "4060"));
    // What the school is.
    let change = SchoolChange { commune: Some("Halle".to_owned()), ..SchoolChange::default() };
    t.change_school(1, &change, by).expect("changed");
    let about = [("part", "school"), ("version", "1"), ("kind", "Gesamtschule"), ("commune", "Werther")];
    refused(&site, &about, StatusCode::CONFLICT, &["value=\"Werther\"", "Jetzt gespeichert: Halle"]).await;
    // A room, a link, a document.
    let room = t.rooms(1).expect("rooms").remove(0);
    t.save_room(1, &Room { kind: "Fachraum".to_owned(), ..room.clone() }, by).expect("changed");
    let id = room.id.to_string();
    let mine = [("part", "room"), ("id", &id), ("version", "1"), ("name", &room.name), ("kind", "Büro")];
    refused(&site, &mine, StatusCode::CONFLICT, &["value=\"Büro\"", "Jetzt gespeichert: Fachraum"]).await;
    let mut link = t.links(1).expect("links").remove(0);
    (link.provider, link.status) = ("Neunetz".to_owned(), "ordered".to_owned());
    t.save_link(1, &link, by).expect("changed");
    let id = link.id.to_string();
    let mine = |version, status| {
        let own = [("part", "link"), ("id", id.as_str()), ("version", version), ("technology", "fibre")];
        let more = [("down", "1.000"), ("role", "primary"), ("status", status), ("provider", "Neunetz")];
        [own, more].concat()
    };
    refused(&site, &mine("1", "active"), StatusCode::CONFLICT, &["Jetzt gespeichert: beauftragt"]).await;
    // What was ordered has come.
    saved(&site, &mine("2", "active"), "saved#links").await;
    let link = t.links(1).expect("links").remove(0);
    assert_eq!((link.status.as_str(), link.down_mbit, link.version), ("active", Some(1000), 3));
    let gone = [("part", "link"), ("id", id.as_str()), ("version", "2"), ("do", "delete")];
    refused(&site, &gone, StatusCode::CONFLICT, &["inzwischen geändert"]).await;
    let gone = [gone[0], gone[1], ("version", "3"), gone[3]];
    saved(&site, &gone, "deleted#links").await;
    assert_eq!(t.links(1).expect("links"), []);
}

#[tokio::test]
async fn lists_that_are_kept_complete_are_changed_one_by_one() {
    let site = site(None);
    let t = of(&site);
    t.keep_lists(Some(1), &[("board", true), ("switch", true)], ("Frau M", sample::NOW)).expect("kept");
    // This one saw the boards alone, unticks them and ticks the printers.
    saved(&site, &[("part", "kept"), ("seen", "board"), ("kept", "printer")], "saved#kept").await;
    let kept = t.kept_lists(Some(1)).expect("lists");
    assert_eq!(kept.iter().map(String::as_str).collect::<Vec<_>>(), ["printer", "switch"]);
}

#[tokio::test]
async fn an_impact_assessment_is_a_document_and_documents_are_changed_and_removed() {
    let site = site(None);
    let t = of(&site);
    let draft = [("part", "document"), ("kind", "dsfa"), ("name", "DSFA Tablets"), ("state", "draft")];
    saved(&site, &draft, "saved#documents").await;
    for (code, words) in [
        ("de", "Datenschutz-Folgenabschätzung (Entwurf)"),
        ("en", "Data protection impact assessment (draft)"),
        ("nl", "Gegevensbeschermingseffectbeoordeling (DPIA, concept)"),
    ] {
        let page = plain(&site.get_as(PAGE, &format!("rundgang_sprache={code}")).await.text);
        assert!(page.contains(words), "'{words}' is not on {page}");
    }
    let document =
        t.documents(1).expect("documents").into_iter().find(|one| one.kind == "entwurf dsfa").expect("it");
    let id = document.id.to_string();
    let own = [("part", "document"), ("id", id.as_str()), ("version", "1"), ("kind", "dsfa")];
    let done = [("name", "DSFA Tablets"), ("state", "final"), ("dated", "2026-09-30")];
    saved(&site, &[&own[..], &done].concat(), "saved#documents").await;
    refused(&site, &[&own[..], &done[..1]].concat(), StatusCode::CONFLICT, &["Jetzt gespeichert: fertig"])
        .await;
    let gone = [own[0], own[1], ("version", "2"), ("do", "delete")];
    saved(&site, &gone, "deleted#documents").await;
    assert!(t.documents(1).expect("documents").iter().all(|one| one.id != document.id));
}

#[tokio::test]
async fn numbers_are_read_as_people_type_them_and_stand_in_one_place() {
    let site = site(None);
    let t = of(&site);
    let pupils = |said: &'static str, version: &'static str| {
        [("part", "facts"), ("pupils", said), ("version-pupils", version), ("seen-pupils", "812")]
    };
    saved(&site, &pupils("1.050", "0"), "saved#facts").await;
    assert_eq!(t.school(1).expect("a school").entered.pupils, Some(1050));
    for wrong in ["viele", "10,5", "-3", "ca. 900"] {
        let shown =
            [&*format!("name=\"pupils\" value=\"{wrong}\""), "id=\"e-pupils\">Hier wird eine ganze Zahl"];
        refused(&site, &pupils(wrong, "1"), StatusCode::UNPROCESSABLE_ENTITY, &shown).await;
    }
    assert_eq!(
        t.school(1).expect("a school").entered.pupils,
        Some(1050),
        "what is no number changes nothing"
    );
    // `schools --pupils 900` says it in the same place, and the page does not write an old number back.
    let change = SchoolChange { pupils: Some(900), ..SchoolChange::default() };
    t.change_school(1, &change, ("command line", sample::NOW)).expect("changed");
    let page = plain(&site.get(PAGE).await.text);
    assert!(page.contains("name=\"pupils\" value=\"900\"") && page.contains("command line"), "{page}");
    let spend = [("part", "facts"), ("pupils", "900"), ("seen-pupils", "900"), ("spend", "4060")];
    saved(&site, &spend, "saved#facts").await;
    assert_eq!(t.school(1).expect("a school").entered.pupils, Some(900));
}

#[tokio::test]
async fn a_pasted_list_keeps_what_it_does_not_say_and_names_the_line_that_does_not_fit() {
    let site = site(None);
    let t = of(&site);
    let before = t.rooms(1).expect("rooms");
    saved(&site, &[("part", "rooms"), ("rooms", "A101\nB204")], "saved#rooms").await;
    assert_eq!(t.rooms(1).expect("rooms"), before);
    let many: Vec<String> = (0..1001).map(|n| format!("R{n}")).collect();
    for (list, why) in [
        ("Neu1\nA104;x;-3", "Zeile 2 („A104;x;-3“): Dosen sind eine ganze Zahl"),
        (many.join("\n").as_str(), "höchstens 1000"),
        ("Neu1\n;x", "Zeile 2 („;x“): Am Anfang steht der Name"),
        ("Neu1\nA1;;;Passwort: Sommer2026", "Zeile 2 („…“): Das sieht nach einem Kennwort"),
    ] {
        let form = [("part", "rooms"), ("rooms", list)];
        refused(&site, &form, StatusCode::UNPROCESSABLE_ENTITY, &[why]).await;
        assert_eq!(t.rooms(1).expect("rooms"), before, "{why}");
    }
    let line = [
        ("part", "link"),
        ("technology", "vdsl"),
        ("down", "-5"),
        ("role", "primary"),
        ("status", "active"),
        ("provider", "Stadtnetz Ost"),
    ];
    let shown = ["value=\"-5\"", "id=\"link-0-down-error\">Hier wird eine ganze Zahl"];
    refused(&site, &line, StatusCode::UNPROCESSABLE_ENTITY, &shown).await;
    assert_eq!(t.links(1).expect("links").len(), 1);
}

#[tokio::test]
async fn a_room_is_removed_once_nothing_stands_there() {
    let site = site(None);
    let t = of(&site);
    let rooms = t.rooms(1).expect("rooms");
    let id = |name: &str| {
        let room = rooms.iter().find(|room| room.name == name);
        room.map(|room| room.id.to_string()).expect("a room")
    };
    let (full, empty) = (id("A101"), id("A103"));
    let form = |id| [("part", "room"), ("id", id), ("version", "1"), ("do", "delete")];
    let why = ["In diesem Raum stehen laut Register noch Systeme"];
    refused(&site, &form(&full), StatusCode::UNPROCESSABLE_ENTITY, &why).await;
    saved(&site, &form(&empty), "deleted#rooms").await;
    assert_eq!(t.rooms(1).expect("rooms").len(), rooms.len() - 1);
}

#[tokio::test]
async fn nothing_is_written_for_a_school_of_nobody_or_of_a_foreign_traeger() {
    let site = site(None);
    let t = of(&site);
    let foreign = site.store.ensure_traeger("Kreis Anderswo", sample::NOW).expect("another Träger");
    let school = NewSchool { name: "Fremd".to_owned(), ..NewSchool::default() };
    let school = foreign.ensure_school(&school, sample::NOW).expect("a school");
    let count = || {
        let all = |t: &Traeger| t.export().expect("an export")["setting"].as_array().map(Vec::len);
        (all(&t), all(&foreign))
    };
    let before = count();
    for school in [999, school] {
        for form in [
            &[("part", "kept"), ("kept", "board")][..],
            &[("part", "facts"), ("spend", "1")],
            &[("part", "facts"), ("pupils", "viele")],
            &[("part", "school"), ("kind", "x")],
            &[("part", "site"), ("name", "x"), ("role", "main")],
            &[("part", "rooms"), ("rooms", "A1")],
            &[("part", "nonsense")],
        ] {
            let answer = send(&site, &format!("/schule/{school}/stammdaten"), form).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{school} {form:?}");
        }
    }
    assert_eq!(count(), before);
}
