//! The last day for dealing with a finding, and its history, on its page, in the list and for programs.

use crate::sample;
use crate::site::{location, plain, site};
use axum::http::StatusCode;
use rundgang_inventory::Timestamp;
use rundgang_store::{Decision, DecisionState};

const QUERY: &str = "rule=mail.spf.missing&subject=domain%20gesamtschule.example";
const SUBJECT: &str = "domain gesamtschule.example";

#[tokio::test]
async fn a_last_day_is_set_shown_and_taken_away() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let finding = format!("/schule/1/befund?{QUERY}");
    let page = plain(&site.get(&finding).await.text);
    assert!(page.contains("Verlauf") && page.contains(": gefunden"), "{page}");
    let send = async |day: &str| {
        let form =
            [("csrf", csrf.as_str()), ("rule", "mail.spf.missing"), ("subject", SUBJECT), ("due", day)];
        site.post("/schule/1/befund/faellig", &form).await
    };
    let refused = send("31. Februar").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Dieses Datum gibt es nicht") && refused.text.contains("31. Februar"));
    let saved = send("2026-12-31").await;
    assert_eq!(location(&saved), format!("{finding}&ok=saved"), "{}", saved.text);
    let page = plain(&site.get(&finding).await.text);
    for shown in ["zu erledigen bis 31.12.2026", "Termin gesetzt (bis 31.12.2026)", "value=\"2026-12-31\""] {
        assert!(page.contains(shown), "'{shown}' is not on {page}");
    }
    let list = plain(&site.get("/schule/1/befunde").await.text);
    assert!(list.contains("zu erledigen bis 31.12.2026"), "{list}");
    let csv = site.get("/schule/1/befunde.csv").await.text;
    assert!(csv.contains("Zu erledigen bis") && csv.contains("2026-12-31"), "{csv}");
    let past = send("2026-09-01").await;
    assert_eq!(past.status, StatusCode::SEE_OTHER);
    let page = plain(&site.get(&finding).await.text);
    assert!(page.contains("überfällig seit 01.09.2026"), "{page}");
    send("").await;
    let page = plain(&site.get(&finding).await.text);
    assert!(page.contains("Termin aufgehoben") && !page.contains("überfällig seit"), "{page}");
    let log = traeger.audit_log(SUBJECT).expect("the log");
    assert_eq!(log.iter().filter(|one| one.what == "due").count(), 3);
    let forged = [("csrf", "erfunden"), ("rule", "mail.spf.missing"), ("subject", SUBJECT)];
    assert_eq!(site.post("/schule/1/befund/faellig", &forged).await.status, StatusCode::FORBIDDEN);
    let nothing = [("csrf", csrf.as_str()), ("rule", "no.such"), ("subject", SUBJECT)];
    assert_eq!(site.post("/schule/1/befund/faellig", &nothing).await.status, StatusCode::NOT_FOUND);
    assert_eq!(sample::NOW.date(), "2026-10-01", "the days above are before and after today");
}

#[tokio::test]
async fn the_log_of_an_entry_tells_in_words_what_was_said_of_its_findings() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let lines = traeger.findings_page(1, sample::NOW).expect("findings");
    let line = lines.iter().find(|line| line.subject.starts_with("system ")).expect("a finding of an entry");
    let (rule, subject) = (line.rule.as_str(), line.subject.as_str());
    let day = Timestamp::parse_date("2026-12-31");
    traeger.set_due(1, rule, subject, day, ("Frau L", sample::NOW)).expect("a day");
    let decision = Decision {
        state: DecisionState::Accepted,
        reason: "bis zum Umzug".to_owned(),
        until: day,
        who: "Herr K".to_owned(),
        at: sample::NOW,
    };
    traeger.decide(1, rule, subject, &decision).expect("decided");
    let entry = format!("/schule/1/register/{}", line.about().expect("its number").1);
    for (language, told) in [
        (
            "de",
            [
                "Termin gesetzt oder aufgehoben",
                "über einen Befund entschieden",
                ": 31.12.2026",
                "Risiko akzeptiert",
            ],
        ),
        ("en", ["day set or taken away", "decided about a finding", "2026", "risk accepted"]),
        ("nl", ["termijn vastgelegd of vervallen", "over een bevinding beslist", "2026", "risico aanvaard"]),
    ] {
        let page = plain(&site.get_as(&entry, &format!("rundgang_sprache={language}")).await.text);
        for shown in told.into_iter().chain(["bis zum Umzug", "Frau L"]) {
            assert!(page.contains(shown), "'{shown}' is not on {page}");
        }
        assert!(!page.contains("<b>due</b>") && !page.contains("<b>decide</b>"), "{page}");
    }
}
