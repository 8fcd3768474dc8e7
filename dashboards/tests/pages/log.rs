//! The audit log on its pages and as a table, and who answers for a finding in the list of findings.

use crate::accounts::{enter, open};
use crate::sample;
use crate::site::{plain, site};
use axum::http::StatusCode;
use rundgang_inventory::{Role, Timestamp};
use rundgang_store::{Decision, DecisionState};

#[tokio::test]
async fn the_log_tells_in_words_who_changed_what_and_is_narrowed() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let mut entry = traeger.system(1).expect("an entry");
    let name = entry.name.clone();
    entry.owner = "Hausmeisterei".to_owned();
    traeger.save_system(&entry, "Frau L", sample::NOW).expect("saved");
    traeger.pause_agent(1, ("Herr K", sample::NOW)).expect("paused");
    let room = rundgang_store::Room { name: "Aula Nord".to_owned(), ..rundgang_store::Room::default() };
    traeger.save_room(1, &room, ("Frau L", sample::NOW)).expect("a room");
    traeger.revoke_agent(2, ("Herr K", sample::NOW)).expect("withdrawn");
    traeger.set_report_address("neu@kreis.example", "Träger", sample::NOW).expect("a setting");
    for (language, told) in [
        ("de", ["Hausmeisterei", "geändert", "angehalten", "Adresse für Berichte", "Raum Aula Nord"]),
        ("en", ["Hausmeisterei", "changed", "paused", "Address for reports", "Room Aula Nord"]),
        ("nl", ["Hausmeisterei", "gewijzigd", "gepauzeerd", "Adres voor rapporten", "Ruimte Aula Nord"]),
    ] {
        let page = site.get_as("/protokoll", &format!("rundgang_sprache={language}")).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text);
        let page = plain(&page.text);
        for shown in told.into_iter().chain(["Frau L", "Herr K", "neu@kreis.example", &name]) {
            assert!(page.contains(shown), "{language}: '{shown}' is not on {page}");
        }
    }
    let page = plain(&site.get("/protokoll?q=system%201").await.text);
    assert!(
        page.contains("<span class=\"badge medium\">Beispiel</span>"),
        "an invented school is marked: {page}"
    );
    let own = plain(&site.get("/schule/1/protokoll").await.text);
    assert!(own.contains("Hausmeisterei") && !own.contains("neu@kreis.example"), "of one school: {own}");
    assert!(own.contains("angehalten") && !own.contains("zurückgezogen"), "{own}");
    for (query, shown, hidden) in [
        ("wer=Herr%20K", "angehalten", "Hausmeisterei"),
        ("wer=Frau%20L", "Hausmeisterei", "angehalten"),
        ("q=system%201", "Hausmeisterei", "angehalten"),
        ("q=agent%202", "zurückgezogen", "Hausmeisterei"),
        ("von=2026-10-01&bis=2026-10-01", "Hausmeisterei", "steht nichts"),
        ("bis=2026-09-30", "01.10.", "Hausmeisterei"),
        ("von=2026-10-02", "steht nichts", "Hausmeisterei"),
    ] {
        let page = plain(&site.get(&format!("/protokoll?{query}")).await.text);
        assert!(query.starts_with("bis=") || page.contains(shown), "{query}: '{shown}' is not on {page}");
        assert!(!page.contains(hidden), "{query}: '{hidden}' is on {page}");
        let csv = site.get(&format!("/protokoll.csv?{query}")).await.text;
        assert!(!csv.contains(hidden), "{query}: {csv}");
    }
    let csv = site.get("/schule/1/protokoll.csv").await.text;
    assert!(csv.contains("Vorher") && csv.contains("Hausmeisterei") && csv.contains("2026-10-01"), "{csv}");
    for page in ["/einstellungen", "/schule/1"] {
        let text = site.get(page).await.text;
        assert!(text.contains("protokoll\""), "{page} leads to the log");
    }
}

#[tokio::test]
async fn who_may_sign_in_stands_in_the_log_of_those_who_open_accounts() {
    let site = site(Some("a long enough token here"));
    for (role, login, sees) in [(Role::Administrator, "a.admin", true), (Role::Reader, "l.leser", false)] {
        open(&site, login, role, None, "");
        let cookie = enter(&site, login).await;
        let page = site.get_as("/protokoll", &cookie).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(plain(&page.text).contains("(a.admin)"), sees, "{role:?}: {}", page.text);
    }
}

#[tokio::test]
async fn a_list_of_findings_says_who_answers_and_is_narrowed_to_them() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let lines = traeger.findings_page(1, sample::NOW).expect("findings");
    let line = lines.iter().find(|line| line.is_gap(sample::NOW) && line.subject.starts_with("asset "));
    let line = line.expect("a device's finding");
    let entry = rundgang_store::DocumentedSystem {
        school: 1,
        name: "Verantwortetes Gerät".into(),
        owner: "Medienteam".into(),
        asset: line.about().map(|(_, id)| id),
        status: "in-use".into(),
        ..rundgang_store::DocumentedSystem::default()
    };
    let had = traeger.systems_of_asset(1, entry.asset.unwrap_or_default()).expect("systems");
    let entry = had
        .into_iter()
        .next()
        .map_or(entry, |old| rundgang_store::DocumentedSystem { owner: "Medienteam".into(), ..old });
    let id = traeger.save_system(&entry, "K", sample::NOW).expect("an entry");
    let name = traeger.system(id).expect("the entry").name;
    let due = Timestamp::parse_date("2026-10-20");
    let own = traeger.findings_about(1, &format!("system {id}")).expect("findings");
    let own = own.iter().find(|line| line.is_gap(sample::NOW)).expect("something is missing in the entry");
    traeger.set_due(1, &own.rule, &own.subject, due, ("K", sample::NOW)).expect("a day");
    let list = plain(&site.get("/schule/1/befunde?zustaendig=Medienteam").await.text);
    assert!(list.contains("<option value=\"Medienteam\" selected>") && list.contains(&name), "{list}");
    let others = traeger.findings_page(1, sample::NOW).expect("findings");
    let other = others.iter().find(|line| line.is_gap(sample::NOW) && line.responsible.is_empty());
    let other = &other.expect("somebody is missing").label;
    assert!(!list.contains(&format!(">{other}<")), "{other} is nobody's: {list}");
    let nobodys = plain(&site.get("/schule/1/befunde?zustaendig=-").await.text);
    assert!(nobodys.contains(&format!(">{other}<")) && !nobodys.contains(&format!(">{name}<")), "{nobodys}");
    let csv = site.get("/schule/1/befunde.csv").await.text;
    assert!(csv.contains("Zuständig") && csv.contains("Medienteam"), "{csv}");
    let week = traeger.weeks(Some(1), sample::NOW.plus_days(-7), sample::NOW).expect("a week").remove(0);
    assert!(week.due.iter().any(|due| due.what == "finding" && due.responsible == "Medienteam"), "{week:?}");
    // What people decided about it stands in the log in words as well.
    let decision = Decision {
        state: DecisionState::Accepted,
        reason: "bis zum Umzug".to_owned(),
        until: due,
        who: "Herr K".to_owned(),
        at: sample::NOW,
    };
    traeger.decide(1, &own.rule, &own.subject, &decision).expect("decided");
    let log = plain(&site.get("/schule/1/protokoll").await.text);
    assert!(log.contains("Risiko akzeptiert") && log.contains("bis zum Umzug"), "{log}");
}
