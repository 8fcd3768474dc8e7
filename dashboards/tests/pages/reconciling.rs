//! The register and the network side by side: many devices settled in one form, rooms walked by hand, long lists in parts.

use crate::sample;
use crate::site::{between, location, plain, site};
use axum::http::StatusCode;
use rundgang_store::views::assets::AssetFilter;
use rundgang_store::{DocumentedSystem, ListRow};

const PATH: &str = "/schule/1/abgleich";

#[tokio::test]
async fn ticked_devices_are_documented_in_a_room_and_in_the_log() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let before = traeger.disagreement(1, sample::NOW).expect("numbers").found;
    let page = plain(&site.get(PATH).await.text);
    assert!(page.contains(&format!("nicht dokumentiert <b>{before}</b>")), "{page}");
    let ids: Vec<String> = page
        .split("name=\"asset\" value=\"")
        .skip(1)
        .map(|rest| between(&format!("\"{rest}"), "\"", "\""))
        .collect();
    assert!(ids.len() >= 2 && ids.len() == before, "{ids:?}");
    let room = traeger.rooms(1).expect("rooms")[0].clone();
    let number = room.id.to_string();
    let form = [
        ("csrf", csrf.as_str()),
        ("asset", &ids[0]),
        ("asset", &ids[1]),
        ("which", "ticked"),
        ("room", &number),
        ("do", "document"),
    ];
    let settled = site.post(PATH, &form).await;
    assert_eq!(location(&settled), "/schule/1/abgleich?fertig=2&uebrig=0", "{}", settled.text);
    let page = plain(&site.get(location(&settled)).await.text);
    assert!(page.contains("2 Geräte sind erledigt."), "{page}");
    assert_eq!(traeger.disagreement(1, sample::NOW).expect("numbers").found, before - 2);
    for id in &ids[..2] {
        let systems = traeger.systems_of_asset(1, id.parse().expect("a number")).expect("systems");
        assert_eq!((systems.len(), systems[0].room), (1, Some(room.id)));
        let log = traeger.audit_log(&format!("system {}", systems[0].id)).expect("the log");
        assert_eq!(log[0].what, "create");
    }
}

#[tokio::test]
async fn devices_are_ignored_with_a_reason_until_a_day_or_not_at_all() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let before = traeger.disagreement(1, sample::NOW).expect("numbers").found;
    let seen = seen(&site.get(PATH).await.text);
    let send = async |more: &[(&str, &str)]| {
        let form = [&[("csrf", csrf.as_str()), ("seen", &seen), ("do", "ignore")], more].concat();
        site.post(PATH, &form).await
    };
    for (more, shown) in [
        (&[("reason", "Leihgeräte"), ("until", "2027-01-31")][..], "mindestens ein Gerät"),
        (&[("which", "all"), ("until", "2027-01-31")], "warum"),
        (&[("which", "all"), ("reason", "Leihgeräte")], "bis wann das gilt"),
        (&[("which", "all"), ("reason", "Leihgeräte"), ("until", "31.1.")], "Dieses Datum gibt es nicht"),
        (&[("which", "all"), ("reason", "Leihgeräte"), ("until", "2026-09-30")], "schon vorbei"),
        (
            &[("which", "all"), ("reason", "Passwort: Sommer2026"), ("until", "2027-01-31")],
            "nach einem Kennwort",
        ),
    ] {
        let refused = send(more).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{more:?}");
        assert!(plain(&refused.text).contains(shown), "{more:?}: {}", refused.text);
    }
    assert_eq!(traeger.disagreement(1, sample::NOW).expect("numbers").found, before, "nothing was written");
    let settled = send(&[("which", "all"), ("reason", "Leihgeräte"), ("until", "2027-01-31")]).await;
    assert_eq!(location(&settled), format!("/schule/1/abgleich?fertig={before}&uebrig=0"));
    assert_eq!(traeger.disagreement(1, sample::NOW).expect("numbers").found, 0);
    let page = site.get(location(&settled)).await.text;
    assert!(page.contains("Alles Gefundene ist dokumentiert oder entschieden."), "{page}");
    let forged = site.post(PATH, &[("csrf", "erfunden"), ("which", "all"), ("do", "document")]).await;
    assert_eq!(forged.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn hundreds_that_a_filter_shows_are_settled_in_one_form() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let filter = AssetFilter { kind: "projector".to_owned(), ..AssetFilter::default() };
    let page = site.get(&format!("{PATH}?kind=projector")).await.text;
    let projectors =
        traeger.asset_lines(1, &AssetFilter { undocumented: true, ..filter }).expect("devices").len();
    let seen = seen(&page);
    let form = [
        ("csrf", csrf.as_str()),
        ("which", "all"),
        ("kind", "projector"),
        ("seen", &seen),
        ("do", "document"),
    ];
    let settled = site.post(PATH, &form).await;
    let expected = format!("/schule/1/abgleich?kind=projector&fertig={projectors}&uebrig=0");
    assert_eq!(location(&settled), expected, "{}", settled.text);
    let left = AssetFilter { undocumented: true, ..AssetFilter::default() };
    let left = traeger.asset_lines(1, &left).expect("devices");
    assert!(!left.is_empty() && left.iter().all(|line| line.kind.as_deref() != Some("projector")));
}

/// The devices that a page counted as all.
fn seen(page: &str) -> String {
    between(page, "name=\"seen\" value=\"", "\"")
}

#[tokio::test]
async fn what_was_found_since_the_page_was_shown_is_left_alone() {
    for (deed, more) in
        [("document", &[][..]), ("ignore", &[("reason", "Leihgeräte"), ("until", "2027-01-31")][..])]
    {
        let site = site(None);
        let csrf = site.csrf().await;
        let traeger = site.store.traeger(site.traeger);
        // Somebody documents one, looks at the page, and meanwhile the entry is deleted: it is found anew.
        let id = traeger.asset_ids(1, &AssetFilter::default()).expect("devices")[0];
        let entry = DocumentedSystem {
            school: 1,
            name: "Entdeckt".into(),
            status: "in-use".into(),
            asset: Some(id),
            ..DocumentedSystem::default()
        };
        let held = traeger.systems_of_asset(1, id).expect("systems").into_iter().next();
        let held =
            held.map_or_else(|| traeger.save_system(&entry, "K", sample::NOW).expect("it"), |one| one.id);
        let seen = seen(&site.get(PATH).await.text);
        let shown = traeger.disagreement(1, sample::NOW).expect("numbers").found;
        let version = traeger.system(held).expect("the entry").version;
        traeger.delete_system(held, version, "K", sample::NOW).expect("deleted");
        assert_eq!(traeger.disagreement(1, sample::NOW).expect("numbers").found, shown + 1);
        let form = [("csrf", csrf.as_str()), ("which", "all"), ("do", deed)];
        let without = site.post(PATH, &[&form, more].concat()).await;
        assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY, "all of nothing is nothing");
        let form = [&form[..], more, &[("seen", seen.as_str())]].concat();
        let settled = site.post(PATH, &form).await;
        assert_eq!(
            location(&settled),
            format!("/schule/1/abgleich?fertig={shown}&uebrig=0&neu=1"),
            "{deed}: {}",
            settled.text
        );
        let page = plain(&site.get(location(&settled)).await.text);
        assert!(page.contains("seit dem Anzeigen dazugekommen"), "{page}");
        assert!(traeger.systems_of_asset(1, id).expect("systems").is_empty(), "nobody documented it");
        let rule = "asset.undocumented";
        let decided = traeger.decisions(1, rule, &format!("asset {id}")).expect("decisions");
        assert!(decided.is_empty(), "nobody ignored it: {decided:?}");
        assert_eq!(traeger.disagreement(1, sample::NOW).expect("numbers").found, 1);
    }
}

#[tokio::test]
async fn a_difference_shows_both_values_and_the_persons_stands() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let line = traeger
        .asset_lines(1, &AssetFilter { kind: "printer".into(), ..Default::default() })
        .expect("devices");
    let printer = line.iter().find(|line| line.serial.is_some() && line.system.is_none()).expect("a printer");
    let system = DocumentedSystem {
        school: 1,
        name: "Drucker im Lehrerzimmer".into(),
        kind: "projector".into(),
        serial: "VERTIPPT-1".into(),
        asset: Some(printer.id),
        status: "in-use".into(),
        ..DocumentedSystem::default()
    };
    let id = traeger.save_system(&system, "K", sample::NOW).expect("a system");
    let page = plain(&site.get("/schule/1/abgleich?liste=anders").await.text);
    for shown in ["Drucker im Lehrerzimmer", "VERTIPPT-1", "VNB3K12345", "Beamer", "gesehen am 01.10.2026"] {
        assert!(page.contains(shown), "'{shown}' is not on {page}");
    }
    assert_eq!(traeger.system(id).expect("the entry").serial, "VERTIPPT-1");
}

#[tokio::test]
async fn a_room_is_walked_by_hand_from_one_to_the_next() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let rooms = traeger.rooms(1).expect("rooms");
    let page = plain(&site.get("/schule/1/raeume").await.text);
    assert!(rooms.iter().all(|room| page.contains(&room.name)), "{page}");
    let path = format!("/schule/1/raeume?raum={}", rooms[0].id);
    let page = plain(&site.get(&path).await.text);
    assert!(page.contains(&format!("Speichern, weiter zu {}", rooms[1].name)), "{page}");
    let device = between(&page, "name=\"asset\" value=\"", "\"");
    let (room, next) = (rooms[0].id.to_string(), rooms[1].id.to_string());
    let form =
        [("csrf", csrf.as_str()), ("raum", &room), ("asset", &device), ("next", &next), ("do", "next")];
    // What stood here and is ticked no more is taken out.
    let shown: Vec<String> = page
        .split("name=\"shown\" value=\"")
        .skip(1)
        .map(|rest| between(&format!("\"{rest}"), "\"", "\""))
        .collect();
    let gone: Vec<(&str, &str)> = shown.iter().map(|id| ("shown", id.as_str())).collect();
    let saved = site.post("/schule/1/raeume", &[&form[..], &gone].concat()).await;
    let done = 1 + shown.len();
    assert_eq!(location(&saved), format!("/schule/1/raeume?raum={next}&fertig={done}"), "{}", saved.text);
    let standing = traeger.in_rooms(1).expect("rooms").remove(&rooms[0].id).expect("something");
    assert_eq!(standing.iter().map(|(_, _, device)| *device).collect::<Vec<_>>(), [device.parse().ok()]);
    let found = plain(&site.get(&format!("{path}&q=beamer")).await.text);
    assert!(found.contains("Geräte mit „beamer“") && found.contains("Beamer 22"), "{found}");
    assert_eq!(site.get("/schule/1/raeume?raum=999").await.status, StatusCode::NOT_FOUND);
    let elsewhere = [("csrf", csrf.as_str()), ("raum", "999"), ("asset", &device)];
    assert_eq!(site.post("/schule/1/raeume", &elsewhere).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn long_lists_go_on_with_their_filter_in_the_address() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let row = |row: usize| {
        let name = format!("Stuhl {row:03}");
        ListRow {
            row,
            system: DocumentedSystem { school: 3, name, ..DocumentedSystem::default() },
            room: None,
        }
    };
    let row = |at: usize| {
        let made = row(at);
        ListRow { system: DocumentedSystem { status: "in-use".into(), ..made.system }, ..made }
    };
    let rows: Vec<ListRow> = (0..230).map(row).collect();
    traeger.enter_list("stuehle.csv", &rows, &Default::default(), ("K", sample::NOW)).expect("a list");
    for (list, shown, expected) in [
        ("/schule/3/register?q=stuhl", "/schule/3/register/", 230_usize),
        (
            "/schule/3/befunde?rule=system.no-owner",
            "/schule/3/befund?rule=system.no-owner&amp;subject=",
            230_usize,
        ),
        ("/schule/3/befunde", "/schule/3/befund?rule=", 690),
    ] {
        let (mut path, mut lines, mut parts) = (list.to_owned(), 0, 0);
        loop {
            let page = site.get(&path).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            let body = between(&page.text, "<tbody>", "</tbody>");
            lines += body.matches("<th scope=\"row\">").count();
            assert!(body.contains(shown), "{path}");
            assert_eq!(page.text.contains("Zum Anfang"), parts > 0, "{path}");
            parts += 1;
            let next = between(&page.text, "rel=\"next\" href=\"", "\"");
            if next.is_empty() {
                break;
            }
            path = plain(&next);
            let filter = list.split_once('?').map_or("", |(_, filter)| filter);
            assert!(path.contains(filter), "{path} keeps {filter}");
        }
        assert_eq!((lines, parts), (expected, expected.div_ceil(100)), "{list}");
    }
    let nothing = site.get("/schule/3/register?q=waschmaschine").await.text;
    assert!(nothing.contains("value=\"waschmaschine\""), "the filter can be changed: {nothing}");
}

/// Every value of the buttons of that name.
fn buttons(page: &str, name: &str) -> Vec<String> {
    let mark = format!("name=\"{name}\" value=\"");
    page.split(&mark).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[tokio::test]
async fn a_found_device_and_an_entry_become_one_with_one_click_from_either_list() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let system = |name: &str, serial: &str| DocumentedSystem {
        school: 1,
        name: name.into(),
        kind: "projector".into(),
        serial: serial.into(),
        status: "in-use".into(),
        ..DocumentedSystem::default()
    };
    let id = traeger.save_system(&system("Beamer 22", ""), "K", sample::NOW).expect("a system");
    let gone = traeger.save_system(&system("Beamer 23", "WEG-7"), "K", sample::NOW).expect("a system");
    let page = plain(&site.get(PATH).await.text);
    let bind = buttons(&page, "bind").into_iter().find(|value| value.starts_with(&format!("{id} ")));
    let bind = bind.expect("a proposal");
    assert!(page.contains("gleicher Name, gleiche Art") && page.contains("andere dieser Art"), "{page}");
    let settled = site.post(PATH, &[("csrf", &csrf), ("bind", &bind)]).await;
    assert_eq!(location(&settled), "/schule/1/abgleich?fertig=1&uebrig=0", "{}", settled.text);
    let device = traeger.system(id).expect("the entry").asset;
    assert_eq!(device.map(|device| format!("{id} {device}")), Some(bind.clone()));
    let again = site.post(PATH, &[("csrf", &csrf), ("bind", &bind)]).await;
    assert_eq!(location(&again), "/schule/1/abgleich?fertig=0&uebrig=1", "a second click changes nothing");
    // From the other list, by a choice: the button says where it stands.
    let list = "/schule/1/abgleich?liste=nicht-gesehen";
    let page = plain(&site.get(list).await.text);
    let bind = buttons(&page, "bind").into_iter().find(|value| value.starts_with(&format!("{gone} ")));
    let choice = format!("choice-{gone}");
    let form = [
        ("csrf", csrf.as_str()),
        ("liste", "nicht-gesehen"),
        (&choice, bind.as_deref().expect("a proposal")),
        ("bind", &choice),
    ];
    let settled = site.post(PATH, &form).await;
    assert_eq!(location(&settled), "/schule/1/abgleich?liste=nicht-gesehen&fertig=1&uebrig=0");
    assert!(traeger.system(gone).expect("the entry").asset.is_some());
    for nonsense in ["", "x", "1", "choice-7"] {
        let refused = site.post(PATH, &[("csrf", &csrf), ("bind", nonsense)]).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{nonsense}");
    }
}

#[tokio::test]
async fn a_difference_is_taken_over_or_kept_on_the_page() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let all = traeger.asset_lines(1, &AssetFilter::default()).expect("devices");
    let printer = all.iter().find(|line| line.kind.as_deref() == Some("printer") && line.serial.is_some());
    let system = DocumentedSystem {
        school: 1,
        name: "Drucker im Lehrerzimmer".into(),
        kind: "projector".into(),
        serial: "VERTIPPT-1".into(),
        asset: printer.map(|line| line.id),
        status: "in-use".into(),
        ..DocumentedSystem::default()
    };
    let id = traeger.save_system(&system, "K", sample::NOW).expect("a system");
    let list = "/schule/1/abgleich?liste=anders";
    // An item is a text with marks in it.
    let items = |page: &str, name: &str| -> Vec<String> {
        buttons(page, name).iter().map(|item| plain(item)).collect()
    };
    let raw = site.get(list).await.text;
    let page = plain(&raw);
    assert!(page.contains("VNB3K12345") && page.contains("meldet"), "by what the device says so: {page}");
    let serial = format!(r#"[{id},"serial","VERTIPPT-1","VNB3K12345"]"#);
    assert!(items(&raw, "take").contains(&serial), "{page}");
    // To keep one's own needs a reason; what was ticked stays ticked.
    let form = [("csrf", csrf.as_str()), ("liste", "anders"), ("item", &serial), ("do", "keep-own")];
    let refused = site.post(PATH, &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = plain(&refused.text);
    let box_of = between(&page, &format!("name=\"item\" value=\"{serial}\""), ">");
    assert!(box_of.contains("checked") && page.contains("warum"), "{box_of}");
    let form = [&form[..], &[("reason", "Aufkleber gilt")]].concat();
    let settled = site.post(PATH, &form).await;
    assert_eq!(location(&settled), "/schule/1/abgleich?liste=anders&fertig=1&uebrig=0", "{}", settled.text);
    let raw = site.get(list).await.text;
    let page = plain(&raw);
    assert!(!items(&raw, "take").contains(&serial) && page.contains("Aufkleber gilt"), "{page}");
    let sheets = rundgang_dashboards::book::sheets(&traeger, Some(1), rundgang_dashboards::Language::De);
    let kept = sheets.expect("sheets").into_iter().find(|sheet| sheet.name == "kept").expect("what is kept");
    let told = ["Drucker im Lehrerzimmer", "serial", "VERTIPPT-1", "VNB3K12345", "Aufkleber gilt"];
    assert_eq!(kept.rows[0][1..6], told);
    let again = format!("{id} serial");
    assert_eq!(buttons(&page, "again"), std::slice::from_ref(&again));
    site.post(PATH, &[("csrf", &csrf), ("liste", "anders"), ("again", &again)]).await;
    // All that was shown, at once: neither what somebody entered since then, nor what differs since then.
    let shown = items(&site.get(list).await.text, "shown");
    assert_eq!(shown.len(), 2, "{shown:?}");
    let entry = traeger.system(id).expect("the entry");
    let newer = DocumentedSystem { serial: "VERTIPPT-2".into(), ..entry };
    traeger.save_system(&newer, "K", sample::NOW).expect("a newer number");
    let second = all.iter().find(|line| line.kind.as_deref() == Some("switch")).map(|line| line.id);
    let second = DocumentedSystem { name: "Verteiler".into(), asset: second, ..system };
    let second = traeger.save_system(&second, "K", sample::NOW).expect("a system");
    assert!(site.get(list).await.text.contains("Verteiler"), "it differs, too");
    let form = [("csrf", csrf.as_str()), ("liste", "anders"), ("which", "all"), ("do", "take-over")];
    let nothing = site.post(PATH, &form).await;
    assert_eq!(nothing.status, StatusCode::UNPROCESSABLE_ENTITY, "all of nothing is nothing");
    let form: Vec<(&str, &str)> =
        form.into_iter().chain(shown.iter().map(|item| ("shown", item.as_str()))).collect();
    let settled = site.post(PATH, &form).await;
    assert_eq!(location(&settled), "/schule/1/abgleich?liste=anders&fertig=1&uebrig=1", "{}", settled.text);
    let entry = traeger.system(id).expect("the entry");
    assert_eq!((entry.kind.as_str(), entry.serial.as_str()), ("printer", "VERTIPPT-2"));
    assert_eq!(traeger.system(second).expect("the other entry").kind, "projector");
    let log = plain(&site.get(&format!("/schule/1/register/{id}")).await.text);
    assert!(log.contains("VERTIPPT-1") && log.contains("eigene Angabe behalten"), "{log}");
    for reason in ["Seriennummer: Aufkleber gilt", "Seriennummer: <del>Aufkleber gilt</del>"] {
        assert!(log.contains(reason), "'{reason}' is not on {log}");
    }
}
