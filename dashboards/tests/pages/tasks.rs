//! The page of tasks: what is filled in is kept and summed, and two who write at once are told.

use crate::site::{between, location, plain, site};
use axum::http::StatusCode;

const PATH: &str = "/schule/1/aufgaben";

#[tokio::test]
async fn tasks_are_shared_out_and_summed_beside_the_rule_of_thumb() {
    let site = site(None);
    let csrf = site.csrf().await;
    let page = plain(&site.get(PATH).await.text);
    assert_eq!(page.matches("name=\"who-").count(), 67);
    // 812 pupils.
    assert!(page.contains("0 / 67") && page.contains("<b>4,06</b>"), "{page}");
    let form = [
        ("csrf", csrf.as_str()),
        ("version-backup", "0"),
        ("who-backup", "IT-Koordination"),
        ("hours-backup", "1,25"),
        ("priority-backup", "short"),
        ("by-backup", "school"),
        ("level-backup", "team"),
        ("version-network", "0"),
        ("hours-network", "2"),
        ("by-network", "traeger"),
    ];
    let saved = site.post(PATH, &form).await;
    assert_eq!(location(&saved), "/schule/1/aufgaben?ok=saved", "{}", saved.text);
    let page = plain(&site.get(PATH).await.text);
    for shown in ["2 / 67", "<b>3,25</b> (Schule: 1,25, Träger: 2)", "value=\"IT-Koordination\""] {
        assert!(page.contains(shown), "'{shown}' is not on {page}");
    }
    // Somebody else looked before that: told, and what was typed stands there still.
    let stale =
        site.post(PATH, &[("csrf", &csrf), ("version-backup", "0"), ("who-backup", "Hausmeister")]).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let page = plain(&stale.text);
    assert!(
        page.contains(
            "Jetzt gespeichert: IT-Koordination, 1,25 Stunden, kurzfristig, Schule, IT-Team der Schule"
        ),
        "{page}"
    );
    assert!(page.contains("value=\"Hausmeister\""));
    // Who saves again has seen it.
    let version = between(&page, "name=\"version-backup\" value=\"", "\"");
    let again =
        [("csrf", csrf.as_str()), ("version-backup", version.as_str()), ("who-backup", "Hausmeister")];
    assert_eq!(site.post(PATH, &again).await.status, StatusCode::SEE_OTHER);
    for (place, text, why) in [
        ("hours-backup", "viel", "eine Zahl bis 80"),
        ("hours-backup", "81", "eine Zahl bis 80"),
        ("who-backup", "Passwort: Sommer2026", "nach einem Kennwort"),
        ("who-backup", &"x".repeat(201), "Dieser Text ist zu lang"),
        ("by-backup", "niemand", "Eingabe passt nicht"),
        ("level-backup", "Land", "Eingabe passt nicht"),
    ] {
        let form = [("csrf", csrf.as_str()), ("version-backup", "2"), (place, text)];
        let refused = site.post(PATH, &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{place}");
        let page = plain(&refused.text);
        assert!(page.contains(why), "{place}: {page}");
        let marked = between(&page, &format!("name=\"{place}\""), ">");
        assert!(marked.contains("aria-invalid=\"true\""), "{place}: {marked}");
    }
    let book = rundgang_dashboards::book::sheets(
        &site.store.traeger(site.traeger),
        Some(1),
        rundgang_dashboards::Language::De,
    );
    let tasks = book.expect("sheets").into_iter().find(|sheet| sheet.name == "tasks").expect("tasks");
    assert_eq!(tasks.rows[0][1..4], ["Datensicherung und Archiv", "Hausmeister", ""]);
    assert_eq!(
        tasks.rows[1][1..],
        ["Schulnetz, Server und Firewall betreiben", "", "2.00", "", "traeger", ""]
    );
}

#[tokio::test]
async fn who_edits_one_task_reverts_no_other() {
    let site = site(None);
    let csrf = site.csrf().await;
    let blank = r#"["","","","",""]"#;
    assert!(plain(&site.get(PATH).await.text).contains(&format!("name=\"seen-backup\" value=\"{blank}\"")));
    // Two have the page open, with nothing on it. A form posts every row.
    let rows = |backup: &'static str, network: &'static str| {
        [
            ("csrf", csrf.clone()),
            ("version-backup", "0".to_owned()),
            ("seen-backup", blank.to_owned()),
            ("who-backup", backup.to_owned()),
            ("hours-backup", String::new()),
            ("version-network", "0".to_owned()),
            ("seen-network", blank.to_owned()),
            ("who-network", network.to_owned()),
        ]
    };
    let send = async |form: [(&str, String); 8]| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, text)| (*name, text.as_str())).collect();
        site.post(PATH, &form).await
    };
    assert_eq!(send(rows("", "Träger-IT")).await.status, StatusCode::SEE_OTHER);
    let other = send(rows("Hausmeister", "")).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "another row is nobody's business: {}", other.text);
    let who = || {
        let said = site.store.traeger(site.traeger).school_tasks(1).expect("tasks");
        ["backup", "network"].map(|id| said[id].who.clone())
    };
    assert_eq!(who(), ["Hausmeister", "Träger-IT"]);
    // Both changed the same row: told; the row that only the other one changed is as it stands.
    let stale = send(rows("Sekretariat", "")).await;
    assert_eq!(stale.status, StatusCode::CONFLICT);
    let page = plain(&stale.text);
    assert_eq!(page.matches("Jetzt gespeichert:").count(), 1, "{page}");
    assert!(page.contains("Jetzt gespeichert: Hausmeister") && page.contains("value=\"Sekretariat\""));
    assert!(page.contains("name=\"who-network\" value=\"Träger-IT\""), "{page}");
    assert_eq!(who(), ["Hausmeister", "Träger-IT"]);
}
