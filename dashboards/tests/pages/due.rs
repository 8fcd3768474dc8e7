//! The last day for dealing with a finding, and its history, on its page, in the list and for programs.

use crate::sample;
use crate::site::{location, plain, site};
use axum::http::StatusCode;

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
    assert_eq!(location(&saved), format!("{finding}&ok=saved").replace("%20", "%20"), "{}", saved.text);
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
