//! A survey on its way: the Träger opens it, schools answer and hand in, the Träger returns, submits and exports.

use crate::accounts::{enter, open as open_account};
use crate::sample;
use crate::site::{Site, between, location, plain, site};
use axum::http::StatusCode;
use rundgang_inventory::Role;
use rundgang_store::views::survey::PersonAnswer;
use rundgang_store::{NewSchool, State};

const SURVEY: &str = "guetersloh-schule";

async fn open(site: &Site, csrf: &str) -> String {
    let form = [
        ("csrf", csrf),
        ("as_of", "2026-10-01"),
        ("due", "2026-10-31"),
        ("school", "1"),
        ("school", "2"),
        ("school", "3"),
    ];
    let opened = site.post(&format!("/umfrage/{SURVEY}/eroeffnen"), &form).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.text);
    location(&opened).split('?').next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_survey_goes_through_three_schools_and_is_submitted() {
    let site = site(None);
    let csrf = site.csrf().await;
    let run = open(&site, &csrf).await;
    let page = plain(&site.get(&run).await.text);
    for shown in
        ["Grundschule am Wald", "box-wald", "still", "3 Schulen haben noch nicht abgegeben", "31.10.2026"]
    {
        assert!(page.contains(shown), "{shown} is not on {page}");
    }
    assert!(site.get("/umfragen").await.text.contains(&run), "the Träger finds it");
    // The school finds it, the open questions first, the reason beside what is unknown.
    let number = run.rsplit('/').next().unwrap_or_default().to_owned();
    let part = |school: u8| format!("/schule/{school}/umfragelauf/{number}");
    assert!(site.get("/schule/2/umfragen").await.text.contains(&part(2)));
    assert!(site.get(&format!("/schule/2/umfrage/{SURVEY}")).await.text.contains(&part(2)));
    let form = plain(&site.get(&part(2)).await.text);
    assert!(form.contains("Der Agent „box-wald“ ist still"), "{form}");
    let open_ones = form.find("id=\"part-open\"").expect("the open questions");
    let suggested = form.find("id=\"part-suggested\"").expect("the suggested answers");
    assert!(open_ones < suggested, "the open questions come first");
    // One form saves several answers; what is refused keeps what was typed and stores nothing.
    let secret = [("csrf", csrf.as_str()), ("v.S1", "3"), ("v.S2", "2"), ("c.S2", "Kennwort: geheim12")];
    let refused = site.post(&part(2), &secret).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("Kennwort: geheim12") && refused.text.contains("id=\"e-S2\""));
    let traeger = site.store.traeger(site.traeger);
    assert!(traeger.person_answers(Some(2), SURVEY, sample::NOW).expect("answers").is_empty());
    for school in [1, 2, 3] {
        let answers = [("csrf", csrf.as_str()), ("v.S1", "3"), ("c.S1", "Liegt vor"), ("act", "hand-in")];
        let sent = site.post(&part(school), &answers).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
        let again = site.post(&part(school), &answers).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "it was handed in");
    }
    // The Träger returns one with a note, and the school sees why.
    let bare = [("csrf", csrf.as_str()), ("school", "2"), ("note", " ")];
    assert_eq!(site.post(&format!("{run}/zurueck"), &bare).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let back = [("csrf", csrf.as_str()), ("school", "2"), ("note", "Bitte S4.1b ansehen")];
    assert_eq!(site.post(&format!("{run}/zurueck"), &back).await.status, StatusCode::SEE_OTHER);
    let submit = [("csrf", csrf.as_str())];
    let early = site.post(&format!("{run}/einreichen"), &submit).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(site.get(&part(2)).await.text.contains("Bitte S4.1b ansehen"));
    let again = [("csrf", csrf.as_str()), ("v.S4.1b", "2"), ("act", "hand-in")];
    assert_eq!(site.post(&part(2), &again).await.status, StatusCode::SEE_OTHER);
    assert_eq!(site.post(&format!("{run}/einreichen"), &submit).await.status, StatusCode::SEE_OTHER);
    let parts = traeger.parts(number.parse().expect("a number")).expect("parts");
    assert!(parts.iter().all(|part| part.state == State::Submitted));
    // What was submitted stands, whatever is answered later.
    let later = [("csrf", csrf.as_str()), ("question", "S1"), ("value", "1")];
    site.post(&format!("/schule/2/umfrage/{SURVEY}/antwort"), &later).await;
    let frozen = plain(&site.get(&part(2)).await.text);
    assert!(frozen.contains("unversehrt") && frozen.contains("Liegt vor"), "{frozen}");
    assert!(frozen.contains("Der Agent „box-wald“ ist still") && frozen.contains("unbekannt"), "{frozen}");
    assert!(!frozen.contains("<form method=\"post\" action=\"/schule"), "nothing can be changed");
    for (form, start) in
        [("xlsx", "PK"), ("pdf", "%PDF"), ("csv", "\u{feff}"), ("text", "Check"), ("json", "{")]
    {
        for path in [format!("{run}/datei/{form}"), format!("{}/datei/{form}", part(2))] {
            let file = site.get(&path).await;
            assert_eq!(file.status, StatusCode::OK, "{path}");
            let begins = file.text.starts_with(start) || (form == "text" && !file.text.is_empty());
            assert!(begins, "{path}: {}", file.text.chars().take(40).collect::<String>());
            let says = matches!(form, "xlsx" | "pdf") || file.text.contains("Liegt vor");
            assert!(says, "{path} lacks what was said");
        }
    }
    let table = site.get(&format!("{run}/datei/csv")).await.text;
    let lines = site.get(&format!("{run}/datei/json")).await.text;
    for school in ["Gesamtschule Beispielstadt", "Grundschule am Wald", "Gymnasium Nord"] {
        assert!(table.contains(school), "{school} is not in {table}");
        let named = format!("\"answerer\":\"{school}\"");
        assert!(lines.contains(&named) && lines.contains("\"as_of\":\"2026-10-01\""), "{lines}");
    }
}

#[tokio::test]
async fn opening_a_survey_keeps_what_was_chosen_and_asks_for_a_school() {
    let site = site(None);
    let csrf = site.csrf().await;
    let blank = site.get(&format!("/umfrage/{SURVEY}/eroeffnen")).await.text;
    assert_eq!(blank.matches(" checked").count(), 2, "an example is not chosen beside real schools");
    assert_eq!(between(&blank, "name=\"as_of\" type=\"date\" value=\"", "\""), "2026-10-01");
    let none = [("csrf", csrf.as_str()), ("as_of", "2026-10-01"), ("due", "2026-12-24")];
    let refused = site.post(&format!("/umfrage/{SURVEY}/eroeffnen"), &none).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("value=\"2026-12-24\"") && refused.text.contains("mindestens eine Schule"));
    let own = site.get("/umfrage/guetersloh-traeger/eroeffnen").await;
    assert_eq!(own.status, StatusCode::NOT_FOUND, "the Träger's own survey goes through no school");
}

#[tokio::test]
async fn the_pages_of_a_run_speak_three_languages() {
    let site = site(None);
    let csrf = site.csrf().await;
    let run = open(&site, &csrf).await;
    let number = run.rsplit('/').next().unwrap_or_default().to_owned();
    let paths =
        [run.clone(), format!("/schule/2/umfragelauf/{number}"), format!("/umfrage/{SURVEY}/eroeffnen")];
    for (code, shown) in [("de", "Antworten bis"), ("nl", "Antwoorden tot"), ("en", "Answers by")] {
        for path in &paths {
            let page = site.get_as(path, &format!("rundgang_sprache={code}")).await;
            assert_eq!(page.status, StatusCode::OK, "{path}");
            assert!(page.text.contains(shown), "{path} in {code}: {}", page.text);
            for raw in ["run-", "part-", "stand-", "frozen-"] {
                let starts = |mark: char| page.text.split(mark).any(|piece| piece.starts_with(raw));
                // Identifiers of sections and the addresses within the page bear the keys of their headings.
                let quoted = page.text.replace("id=\"part-", "").replace("labelledby=\"part-", "");
                let left = starts('>') || quoted.split('"').any(|piece| piece.starts_with(raw));
                assert!(!left, "{path} in {code} shows the key of a text: {raw}");
            }
        }
    }
}

/// A survey that was opened for the first two schools; its number.
pub(crate) fn opened(site: &Site) -> i64 {
    let traeger = site.store.traeger(site.traeger);
    traeger.open_run(SURVEY, sample::NOW, None, &[1, 2], "T", sample::NOW).expect("a run")
}

#[tokio::test]
async fn who_gathers_surveys_reads_no_single_school_from_the_sums() {
    let site = site(Some("a long enough token here"));
    let traeger = site.store.traeger(site.traeger);
    let mut schools = vec![2, 3];
    for name in ["Gymnasium Ost", "Gymnasium Süd"] {
        let new = NewSchool { name: name.to_owned(), kind: "Gymnasium".to_owned(), ..NewSchool::default() };
        schools.push(traeger.ensure_school(&new, sample::NOW).expect("a school"));
    }
    let run = traeger.open_run("katalog", sample::NOW, None, &schools, "T", sample::NOW).expect("a run");
    let (value, who) = ("nur im Altbau, sagt Frau Muster".to_owned(), "K".to_owned());
    let said = PersonAnswer { value, who, at: sample::NOW, ..PersonAnswer::default() };
    traeger.answer_question(Some(3), "katalog", "B04", &said).expect("kept");
    open_account(&site, "umfragen", Role::SurveyOffice, None, "");
    open_account(&site, "leserin", Role::Reader, None, "");
    let (office, reader) = (enter(&site, "umfragen").await, enter(&site, "leserin").await);
    let path = format!("/umfragelauf/{run}/summen");
    let page = async |cookie: &str| plain(&site.get_as(&path, cookie).await.text);
    let hand_in = |school: i64| {
        traeger.move_part(run, school, State::Confirmed, "", "K", sample::NOW).expect("handed in");
    };
    schools.iter().for_each(|school| hand_in(*school));
    let growing = page(&office).await;
    assert!(growing.contains("noch nicht eingereicht") && !growing.contains("<table"), "{growing}");
    traeger.submit_run(run, "T", sample::NOW).expect("submitted");
    let sums = page(&office).await;
    assert!(sums.contains("Alle (4)"), "{sums}");
    // One primary school would follow from all schools and the three others.
    assert!(!sums.contains("Grundschule (") && !sums.contains("Gymnasium ("), "{sums}");
    let all = page(&reader).await;
    assert!(all.contains("Grundschule (1)") && all.contains("Gymnasium (3)"), "{all}");
    // What a person wrote in words of their own is counted, and told to nobody here.
    assert!(!sums.contains("Frau Muster") && !all.contains("Frau Muster"));
    let two = traeger.open_run("katalog", sample::NOW, None, &schools[..2], "T", sample::NOW).expect("a run");
    for school in &schools[..2] {
        traeger.move_part(two, *school, State::Confirmed, "", "K", sample::NOW).expect("handed in");
    }
    traeger.submit_run(two, "T", sample::NOW).expect("submitted");
    let few = plain(&site.get_as(&format!("/umfragelauf/{two}/summen"), &office).await.text);
    assert!(few.contains("mindestens drei Schulen") && !few.contains("<table"), "{few}");
}

#[tokio::test]
async fn sums_are_told_by_commune_and_give_no_school_away() {
    let site = site(Some("a long enough token here"));
    let traeger = site.store.traeger(site.traeger);
    let school = |name: String, kind: &str, commune: &str| {
        let new = NewSchool { name, kind: kind.into(), commune: commune.into(), ..NewSchool::default() };
        traeger.ensure_school(&new, sample::NOW).expect("a school")
    };
    // Halle has three primary schools and one more; Werther three that are no primary schools.
    let mut schools: Vec<i64> =
        (0..3).map(|n| school(format!("Grundschule {n}"), "Grundschule", "Halle")).collect();
    schools.push(school("Gesamtschule Halle".to_owned(), "Gesamtschule", "Halle"));
    schools.extend((0..3).map(|n| school(format!("Gesamtschule {n}"), "Gesamtschule", "Werther")));
    let run = traeger.open_run("katalog", sample::NOW, None, &schools, "T", sample::NOW).expect("a run");
    for (at, school) in (1..).zip(&schools) {
        let (value, who) = (format!("{}", 10 * at), "K".to_owned());
        let said = PersonAnswer { value, who, at: sample::NOW, ..PersonAnswer::default() };
        traeger.answer_question(Some(*school), "katalog", "D01", &said).expect("kept");
        if at <= 2 {
            traeger.answer_question(Some(*school), "katalog", "E07", &said).expect("kept");
            traeger.answer_question(Some(*school), "katalog", "B03", &said).expect("kept");
        }
        traeger.move_part(run, *school, State::Confirmed, "", "K", sample::NOW).expect("handed in");
    }
    traeger.submit_run(run, "T", sample::NOW).expect("submitted");
    open_account(&site, "umfragen", Role::SurveyOffice, None, "");
    open_account(&site, "leserin", Role::Reader, None, "");
    let (office, reader) = (enter(&site, "umfragen").await, enter(&site, "leserin").await);
    let table = async |cookie: &str| {
        let text = site.get_as(&format!("/umfragelauf/{run}/summen.csv"), cookie).await.text;
        let line = |start: &str| text.lines().find(|line| line.starts_with(start)).map(str::to_owned);
        [line("Frage;").or_else(|| line("\u{feff}Frage;")), line("D01;"), line("B03;")]
            .map(Option::unwrap_or_default)
    };
    let [heads, boards, used] = table(&reader).await;
    assert!(heads.ends_with(";Alle (7);Gesamtschule (4);Grundschule (3);Halle (4);Werther (3)"), "{heads}");
    assert!(boards.ends_with(";280;220;60;100;180"), "{boards}");
    assert!(used.replace('\u{a0}', " ").contains("10 Mbit/s bis 20 Mbit/s"), "{used}");
    // The kinds are told. Halle less the primary schools would be one school, and so would Werther beside the rest.
    let [heads, boards, used] = table(&office).await;
    assert!(heads.ends_with(";Alle (7);Gesamtschule (4);Grundschule (3)"), "{heads}");
    assert!(boards.ends_with(";280;220;60"), "{boards}");
    // Two schools alone say something: their sum, and the least and the most of them, is told to nobody.
    assert!(!used.contains("Mbit/s") && used.contains("zu wenige Schulen"), "{used}");
}

#[tokio::test]
async fn kind_and_commune_are_entered_on_a_page() {
    let site = site(None);
    let csrf = site.csrf().await;
    let form = [
        ("csrf", csrf.as_str()),
        ("part", "school"),
        ("version", "1"),
        ("kind", "Grundschule"),
        ("commune", " Halle "),
        ("official_number", "123456"),
    ];
    let saved = site.post("/schule/2/stammdaten", &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let page = site.get("/schule/2/stammdaten").await.text;
    assert!(page.contains("name=\"commune\" value=\"Halle\""), "{page}");
    let school = site.store.traeger(site.traeger).school(2).expect("a school").entered;
    assert_eq!((school.commune.as_str(), school.official_number.as_str()), ("Halle", "123456"));
    assert_eq!(school.pupils, Some(194), "the numbers stay");
    let list = site.get("/schulen.csv").await.text;
    assert!(list.contains("Gemeinde") && list.contains(";Grundschule;Halle;"), "{list}");
}
