//! The surveys of all schools: a list that asks no school, and one survey's schools where it is opened.

use crate::site::{self, Site, between, location, plain, site, watched};
use axum::http::StatusCode;
use rundgang_store::{NewSchool, views::survey::PersonAnswer};
use std::sync::Mutex;

/// The tables and statements of a page.
async fn read_by(site: &Site, seen: &Mutex<Vec<String>>, path: &str) -> Vec<String> {
    seen.lock().expect("no panic before").clear();
    let page = site.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text);
    std::mem::take(&mut *seen.lock().expect("no panic before"))
}

/// Tables that grow with the devices of the schools.
const LARGE: [&str; 7] =
    ["asset", "observation", "present", "finding", "documented_system", "identity_key", "coverage"];

fn large(statements: &[String]) -> Vec<&str> {
    let names = |sql: &String, table: &str| {
        sql.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == table)
    };
    LARGE.into_iter().filter(|table| statements.iter().any(|sql| names(sql, table))).collect()
}

#[tokio::test]
async fn the_list_of_surveys_asks_no_school_and_no_more_for_more_schools() {
    let (site, seen) = watched();
    let traeger = site.store.traeger(site.traeger);
    let open = |survey: &str| {
        let now = crate::sample::NOW;
        traeger.open_run(survey, now, None, &[1, 2, 3], "T", now).expect("a run");
    };
    open("guetersloh-schule");
    let first = read_by(&site, &seen, "/umfragen").await;
    assert_eq!(large(&first), [""; 0], "{first:#?}");
    assert!(first.len() < 12, "{first:#?}");
    // Neither schools nor runs make it ask more often.
    for n in 0..20 {
        let new = NewSchool { name: format!("Schule {n}"), ..NewSchool::default() };
        traeger.ensure_school(&new, crate::sample::NOW).expect("a school");
    }
    ["katalog", "katalog", "digitalpakt"].into_iter().for_each(open);
    let second = read_by(&site, &seen, "/umfragen").await;
    assert_eq!(second, first);
    // The same look sees what the page of one survey reads, and that this asks as often for 23 schools as for three.
    let table = read_by(&site, &seen, "/umfrage/katalog").await;
    assert!(large(&table).contains(&"asset"), "{table:#?}");
    assert!(table.len() < 40, "{} statements for 23 schools: {table:#?}", table.len());
}

#[tokio::test]
async fn a_survey_of_schools_read_narrowly_tells_how_far_each_is() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let list = plain(&site.get("/umfragen").await.text);
    for shown in ["href=\"/umfrage/katalog\"", "href=\"/umfrage/katalog/eroeffnen\"", "51 Fragen"] {
        assert!(list.contains(shown), "{shown} is not on {list}");
    }
    let page = async || plain(&site.get("/umfrage/katalog").await.text);
    let row = |page: &str, school: u8| {
        let from = page.split(&format!("<a href=\"/schule/{school}/umfrage/katalog\">")).nth(1);
        from.and_then(|rest| rest.split("</tr>").next()).expect("the school's row").to_owned()
    };
    let before = page().await;
    assert!(row(&before, 2).contains("data-label=\"Bestätigt\">0<"), "{before}");
    let (value, who) = ("4".to_owned(), "K".to_owned());
    let said = PersonAnswer { value, who, at: crate::sample::NOW, ..PersonAnswer::default() };
    traeger.answer_question(Some(2), "katalog", "D01", &said).expect("kept");
    let after = page().await;
    assert!(row(&after, 2).contains("data-label=\"Bestätigt\">1<"), "{after}");
    assert_eq!(row(&after, 3), row(&before, 3), "what one school says moves no other's row");
    // As far as its own list of surveys says.
    let own = plain(&site.get("/schule/2/umfragen").await.text);
    let progress = |text: &str| {
        text.split("aria-label=\"")
            .find(|bar| bar.contains("vorausgefüllt"))
            .map(|bar| bar.split('"').next().unwrap_or_default().to_owned())
    };
    let katalog = own.split("/schule/2/umfrage/katalog").nth(1).expect("the survey");
    assert!(progress(&row(&after, 2)).is_some_and(|text| katalog.contains(&text)), "{}", row(&after, 2));
    assert_eq!(site.get("/umfrage/nichts").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_the_traeger_has_answered_of_its_own_survey_stands_in_the_list() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let said = |value: &str| PersonAnswer {
        value: value.to_owned(),
        who: "K".to_owned(),
        at: crate::sample::NOW,
        ..PersonAnswer::default()
    };
    traeger.answer_question(None, "guetersloh-traeger", "T1", &said("3")).expect("kept");
    traeger.answer_question(None, "guetersloh-traeger", "T2", &said("")).expect("a comment alone");
    let list = plain(&site.get("/umfragen").await.text);
    assert!(list.contains("11 Fragen · Bestätigt: 1<"), "{list}");
}

const OWN: &str = "id = \"eigene\"\nversion = 1\nissuer = \"Kreis Musterland\"\nunit = \"school\"\n\
    title = { de = \"Eigene Umfrage\", en = \"Own survey\", nl = \"Eigen vragenlijst\" }\n[[question]]\nid = \"Q1\"\n\
    text = { de = \"Räume\", en = \"Rooms\", nl = \"Lokalen\" }\nfrom = [\"register\"]\nanswer = \"number\"\n\
    formula = \"count(room)\"\n";

#[tokio::test]
async fn the_traeger_reads_in_a_survey_of_its_own_and_is_told_the_line_of_a_bad_one() {
    let site = site(None);
    let csrf = site.csrf().await;
    const PATH: &str = "/umfragen/einlesen";
    let send = async |file: &[u8]| site.send(site::upload(PATH, "", &csrf, "eigene.toml", file)).await;
    assert!(site.get("/umfragen").await.text.contains(&format!("href=\"{PATH}\"")));
    let bad = OWN.replace("count(room)", "count(teapot)");
    let refused = send(bad.as_bytes()).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert!(plain(&refused.text).contains("line 11:") && refused.text.contains("teapot"), "{}", refused.text);
    let latin = send(
        &OWN.replace("Räume", "R\u{fffd}ume")
            .replace('\u{fffd}', "~")
            .into_bytes()
            .iter()
            .map(|byte| if *byte == b'~' { 0xe4 } else { *byte })
            .collect::<Vec<u8>>(),
    )
    .await;
    assert!(
        latin.status == StatusCode::UNPROCESSABLE_ENTITY && latin.text.contains("UTF-8"),
        "{}",
        latin.text
    );
    assert!(!site.get("/umfragen").await.text.contains("Eigene Umfrage<"), "nothing was kept");
    let sent = send(OWN.as_bytes()).await;
    assert_eq!(location(&sent), "/umfragen?ok=survey-imported", "{}", sent.text);
    let list = plain(&site.get(location(&sent)).await.text);
    assert!(
        list.contains("Die Umfrage steht jetzt in der Liste.") && list.contains(">Eigene Umfrage</a>"),
        "{list}"
    );
    let page = site.get("/schule/1/umfrage/eigene").await;
    assert!(page.status == StatusCode::OK && page.text.contains("Räume"), "{}", page.text);
    // A changed file under the same version would leave nobody knowing which one was answered.
    let changed = send(OWN.replace("Räume", "Zimmer").as_bytes()).await;
    assert!(changed.status == StatusCode::UNPROCESSABLE_ENTITY, "{}", changed.text);
    assert!(changed.text.contains("a changed file needs a higher version"), "{}", changed.text);
    // Only what is English is marked as English.
    let nothing = send(b"").await;
    for (answer, reason, english) in
        [(&refused, "teapot", true), (&changed, "a changed file", true), (&nothing, "keine Umfrage", false)]
    {
        let why = between(&answer.text, "<p class=\"error\" id=\"why\"", "</p>");
        assert!(why.contains(reason) && why.contains("lang=\"en\"") == english, "{why}");
    }
    let log = site.store.traeger(site.traeger).audit_log("survey eigene").expect("the log");
    assert_eq!(log.len(), 1, "{log:?}");
}

#[tokio::test]
async fn a_survey_that_takes_the_place_of_a_shipped_one_says_so() {
    let site = site(None);
    let csrf = site.csrf().await;
    const PATH: &str = "/umfragen/einlesen";
    let told = plain(&site.get(PATH).await.text);
    assert!(told.contains("einer mitgelieferten Umfrage"), "before somebody chooses a file: {told}");
    const BADGE: &str = "statt der mitgelieferten</span>";
    assert!(!site.get("/umfragen").await.text.contains(BADGE));
    let sent = site.send(site::upload(PATH, "", &csrf, "eigene.toml", OWN.as_bytes())).await;
    let list = plain(&site.get(location(&sent)).await.text);
    assert!(!list.contains(BADGE) && !list.contains("gilt an deren Stelle"), "one of its own id: {list}");
    let file = OWN.replace("\"eigene\"", "\"katalog\"");
    let sent = site.send(site::upload(PATH, "", &csrf, "katalog.toml", file.as_bytes())).await;
    assert_eq!(location(&sent), "/umfragen?ok=survey-replaces", "{}", sent.text);
    let list = plain(&site.get(location(&sent)).await.text);
    assert!(list.contains("gilt an deren Stelle") && list.matches(BADGE).count() == 1, "{list}");
}
