//! A school answers a survey of the Träger: with two people at once, with what was said last year, with what cannot be
//! kept.

use crate::sample;
use crate::site::{Answer, Site, between, location, plain, site};
use axum::http::StatusCode;
use rundgang_store::views::survey::PersonAnswer;
use rundgang_store::{NewSchool, State, Traeger};

const SURVEY: &str = "guetersloh-schule";

/// Opens a survey for school 1; returns the address of its part.
async fn part(site: &Site, csrf: &str, survey: &str) -> String {
    let form = [("csrf", csrf), ("as_of", "2026-10-01"), ("school", "1")];
    let opened = site.post(&format!("/umfrage/{survey}/eroeffnen"), &form).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.text);
    let run = location(&opened).split('?').next().unwrap_or_default().to_owned();
    format!("/schule/1{run}")
}

/// Sends the form of a page back, as a browser does, with what somebody typed.
async fn send(site: &Site, path: &str, page: &str, typed: &[(&str, &str)]) -> Answer {
    let mut form = vec![("csrf".to_owned(), between(page, "name=\"csrf\" value=\"", "\""))];
    for name in page.split("type=\"hidden\" name=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        if name.starts_with("w.") || name.starts_with("k.") {
            form.push((name.to_owned(), plain(&between(page, &format!("name=\"{name}\" value=\""), "\""))));
        }
    }
    // What nobody touches comes back as it was shown.
    let untouched: Vec<(String, String)> = form
        .iter()
        .filter_map(|(name, value)| {
            let field = match name.split_once('.')? {
                ("w", id) => format!("v.{id}"),
                ("k", id) => format!("c.{id}"),
                _ => return None,
            };
            (!typed.iter().any(|(known, _)| *known == field)).then(|| (field, value.clone()))
        })
        .collect();
    form.extend(untouched);
    form.extend(typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    site.post(path, &pairs).await
}

fn said(site: &Site, survey: &str, question: &str) -> Option<PersonAnswer> {
    let all = site.store.traeger(site.traeger).person_answers(Some(1), survey, sample::NOW).expect("answers");
    all.get(question).cloned()
}

#[tokio::test]
async fn two_people_at_one_school_do_not_erase_each_others_answers() {
    let site = site(None);
    let csrf = site.csrf().await;
    let path = part(&site, &csrf, SURVEY).await;
    let (first, second) = (site.get(&path).await.text, site.get(&path).await.text);
    let sent = send(&site, &path, &first, &[("v.S1", "3"), ("c.S1", "Liegt vor")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    // The other page shows S1 still empty and sends it so: that says nothing about S1.
    let other = send(&site, &path, &second, &[("v.S1", ""), ("c.S1", ""), ("v.S2", "2")]).await;
    assert_eq!(other.status, StatusCode::SEE_OTHER, "{}", other.text);
    let value = |question| said(&site, SURVEY, question).map(|said| (said.value, said.comment));
    assert_eq!(value("S1"), Some(("3".to_owned(), "Liegt vor".to_owned())));
    assert_eq!(value("S2"), Some(("2".to_owned(), String::new())));
    // Who answers the same question otherwise sees what stands there, and keeps what was typed.
    let typed = [("v.S1", "1"), ("c.S1", "Gibt es nicht"), ("v.S3", "2")];
    let refused = send(&site, &path, &second, &typed).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text);
    let text = plain(&refused.text);
    assert!(text.contains("Gespeichert ist jetzt: „3 – Liegt vor“"), "{text}");
    assert!(text.contains(">Gibt es nicht</textarea>"), "what was typed is lost: {text}");
    assert_eq!(value("S1").map(|said| said.0).as_deref(), Some("3"));
    assert_eq!(value("S3"), None, "all or nothing");
    // Saved again, it holds: the other answer was seen.
    let again = send(&site, &path, &refused.text, &typed).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text);
    assert_eq!(value("S1").map(|said| said.0).as_deref(), Some("1"));
}

#[tokio::test]
async fn what_is_confirmed_as_it_stands_reads_in_words_and_counts_nobody() {
    let site = site(None);
    let csrf = site.csrf().await;
    let path = part(&site, &csrf, "katalog").await;
    let page = site.get(&path).await.text;
    assert!(page.contains("name=\"ok.C02\""), "a share of rooms can be confirmed");
    let survey = rundgang_inventory::survey::survey("katalog").expect("shipped");
    let every: Vec<(String, &str)> =
        survey.questions.iter().map(|question| (format!("ok.{}", question.id), "1")).collect();
    let typed: Vec<(&str, &str)> = every.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    assert_eq!(send(&site, &path, &page, &typed).await.status, StatusCode::SEE_OTHER);
    let counted = survey.questions.iter().find(|question| {
        matches!(question.formula, Some(rundgang_inventory::survey::formula::Expr::Counter(_)))
    });
    let counted = counted.expect("a question that counts people's devices");
    assert_eq!(said(&site, "katalog", &counted.id), None, "nobody confirms an exact count of people");
    assert!(said(&site, "katalog", "C02").is_some());
    let shown = plain(&site.get(&path).await.text);
    // Who confirms a number confirms no bounds around it.
    let own = shown.split("name=\"v.").skip(1).filter_map(|rest| rest.split('>').next());
    assert!(own.clone().count() > 5 && !own.clone().any(|field| field.contains("mindestens")), "{shown}");
    for word in ["value=\"yes\"", "value=\"no\"", "=true", "347", "354"] {
        assert!(!shown.contains(word), "{word} is on the page");
    }
    for form in ["csv", "text", "json"] {
        let file = site.get(&format!("{path}/datei/{form}")).await.text;
        assert!(!file.contains("347") && !file.contains("354"), "{form} tells an exact count");
    }
}

#[tokio::test]
async fn what_was_said_last_year_is_looked_at_again() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let last_year = PersonAnswer {
        value: "3".to_owned(),
        who: "Frau V".to_owned(),
        at: sample::NOW.plus_days(-365),
        ..PersonAnswer::default()
    };
    traeger.answer_question(Some(1), SURVEY, "S1", &last_year).expect("kept");
    let path = part(&site, &csrf, SURVEY).await;
    let page = site.get(&path).await.text;
    let suggested = page.split("id=\"part-suggested\"").nth(1).unwrap_or_default();
    let group = suggested.split("</section>").next().unwrap_or_default();
    assert!(group.contains("id=\"q-S1\"") && group.contains("Zuletzt am 01.10.2025"), "{group}");
    assert!(plain(&page).contains("0 bestätigt"), "nothing was answered for this survey yet");
    let sent = send(&site, &path, &page, &[("ok.S1", "1")]).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let now = said(&site, SURVEY, "S1").expect("said again");
    assert_eq!((now.value.as_str(), now.at), ("3", sample::NOW));
    let page = site.get(&path).await.text;
    assert!(plain(&page).contains("1 bestätigt") && !page.contains("Zuletzt am"), "{page}");
}

#[tokio::test]
async fn what_comes_after_handing_in_is_not_lost() {
    let site = site(None);
    let csrf = site.csrf().await;
    let path = part(&site, &csrf, SURVEY).await;
    let page = site.get(&path).await.text;
    assert_eq!(send(&site, &path, &page, &[("act", "hand-in")]).await.status, StatusCode::SEE_OTHER);
    let late = send(&site, &path, &page, &[("v.S2", "2"), ("c.S2", "Seit Montag")]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(plain(&late.text).contains("Seit Montag"), "what was typed is lost: {}", late.text);
    assert_eq!(said(&site, SURVEY, "S2"), None);
    // The note of a return comes back as well.
    let run = path.replace("/schule/1", "");
    let note = [("csrf", csrf.as_str()), ("school", "1"), ("note", "Bitte S2")];
    assert_eq!(site.post(&format!("{run}/zurueck"), &note).await.status, StatusCode::SEE_OTHER);
    let twice = site.post(&format!("{run}/zurueck"), &note).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        twice.text.contains("Bitte S2") && twice.text.contains("class=\"tabs\"")
            || twice.text.contains("id=\"s-1\"")
    );
}

#[tokio::test]
async fn days_that_cannot_be_are_refused_beside_their_field() {
    let site = site(None);
    let csrf = site.csrf().await;
    for (as_of, due) in [("2026-12-01", "2026-11-30"), ("2026-09-01", "2026-09-30")] {
        let form = [("csrf", csrf.as_str()), ("as_of", as_of), ("due", due), ("school", "1")];
        let refused = site.post(&format!("/umfrage/{SURVEY}/eroeffnen"), &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{as_of} {due}");
        assert!(refused.text.contains("id=\"due-error\""), "{}", refused.text);
    }
    let ahead = [("csrf", csrf.as_str()), ("as_of", "2026-12-01"), ("school", "1")];
    let opened = site.post(&format!("/umfrage/{SURVEY}/eroeffnen"), &ahead).await;
    let run = location(&opened).split('?').next().unwrap_or_default().to_owned();
    let path = format!("/schule/1{run}");
    let page = site.get(&path).await.text;
    assert_eq!(send(&site, &path, &page, &[("act", "hand-in")]).await.status, StatusCode::SEE_OTHER);
    let early = site.post(&format!("{run}/einreichen"), &[("csrf", csrf.as_str())]).await;
    assert_eq!(early.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(plain(&early.text).contains("erst ab dem Stichtag"), "{}", early.text);
}

#[tokio::test]
async fn a_forged_form_moves_no_survey() {
    let site = site(None);
    let csrf = site.csrf().await;
    let path = part(&site, &csrf, SURVEY).await;
    let run = path.replace("/schule/1", "");
    for to in [
        format!("/umfrage/{SURVEY}/eroeffnen"),
        path.clone(),
        format!("{run}/zurueck"),
        format!("{run}/erinnert"),
        format!("{run}/erinnern"),
        format!("{run}/einreichen"),
    ] {
        let form = [
            ("csrf", "geraten"),
            ("school", "1"),
            ("whom", "alle"),
            ("note", "x"),
            ("v.S1", "3"),
            ("as_of", "2026-10-01"),
        ];
        assert_eq!(site.post(&to, &form).await.status, StatusCode::FORBIDDEN, "{to}");
        let own = [("csrf", csrf.as_str()), ("school", "1"), ("whom", "alle"), ("note", "x")];
        let elsewhere = site.post_with(&to, &own, &[("origin", "http://evil.example")]).await;
        assert_eq!(elsewhere.status, StatusCode::FORBIDDEN, "{to}");
    }
    assert_eq!(said(&site, SURVEY, "S1"), None);
}

#[tokio::test]
async fn a_reminder_leads_to_the_page_and_to_an_address() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    traeger.enter_fact(Some(1), "contact.school", "it@schule.example", "K", sample::NOW).expect("entered");
    let path = part(&site, &csrf, SURVEY).await;
    let page = site.get(&path.replace("/schule/1", "")).await.text;
    let mail = between(&page, "href=\"mailto:", "\"");
    assert!(mail.starts_with("it@schule.example?subject="), "{mail}");
    assert!(mail.contains("localhost%3A8080%2Fschule%2F1%2Fumfragelauf%2F"), "{mail}");
    assert!(!mail.contains("Letzter%20Tag"), "no day was named: {mail}");
}

/// Opens a survey for a school, and hands it in and submits it.
fn submitted(traeger: &Traeger, school: i64) -> i64 {
    let run = traeger.open_run(SURVEY, sample::NOW, None, &[school], "T", sample::NOW).expect("a run");
    traeger.move_part(run, school, State::Confirmed, "", "K", sample::NOW).expect("handed in");
    traeger.submit_run(run, "T", sample::NOW).expect("submitted");
    run
}

#[tokio::test]
async fn what_a_school_submitted_stays_in_its_list_whatever_others_submit() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let own = submitted(&traeger, 1);
    for _ in 0..6 {
        submitted(&traeger, 3);
    }
    let list = site.get("/schule/1/umfragen").await.text;
    assert!(list.contains(&format!("/schule/1/umfragelauf/{own}\"")), "{list}");
}

#[tokio::test]
async fn an_invented_school_is_marked_where_it_is_shown() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let new = NewSchool { name: "Musterschule".to_owned(), is_example: true, ..NewSchool::default() };
    let invented = traeger.ensure_school(&new, sample::NOW).expect("a school");
    // The surveys count no invented school beside real ones.
    let page = site.get("/umfragen").await.text;
    assert!(!page.contains("Musterschule") && !page.contains("Erfundene Schulen"), "{page}");
    submitted(&traeger, invented);
    let page = site.get("/umfragen").await.text;
    assert!(page.contains("Erfundene Schulen") && page.contains(">Beispiel</span></th>"), "{page}");
}

#[tokio::test]
async fn what_schools_say_is_added_up_by_kind_and_unknown_is_no_zero() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let schools = [2, 3];
    let run = traeger.open_run("katalog", sample::NOW, None, &schools, "T", sample::NOW).expect("a run");
    let say = |school, question, value: &str| {
        let (value, who) = (value.to_owned(), "K".to_owned());
        let said = PersonAnswer { value, who, at: sample::NOW, ..PersonAnswer::default() };
        traeger.answer_question(Some(school), "katalog", question, &said).expect("kept");
    };
    let table = async || site.get(&format!("/umfragelauf/{run}/summen.csv")).await.text;
    let line = |table: &str, question: &str| {
        let at = format!("{question};");
        table.lines().find(|line| line.starts_with(&at)).expect("the question").to_owned()
    };
    let ends = |line: &str, wanted: &str| assert!(line.ends_with(wanted), "{line}\n{wanted}");
    say(2, "D01", "4");
    ends(&line(&table().await, "D01"), ";4 · unbekannt: 1;4;unbekannt: 1");
    // The numbers of both are added; a text that is no number beyond doubt is none.
    say(3, "D01", "12");
    ends(&line(&table().await, "D01"), ";16;4;12");
    say(3, "D01", "1.000");
    ends(&line(&table().await, "D01"), ";4 · ohne lesbare Zahl: 1;4;ohne lesbare Zahl: 1");
    say(2, "C01", "40 %");
    say(3, "C01", "85 %");
    let shares = line(&table().await, "C01").replace('\u{a0}', " ");
    ends(&shares, ";40 % bis 85 %;40 %;85 %");
    // Years, rates and prices of several schools make no sum.
    for (question, least, most) in [("C08", "4 Jahre", "6 Jahre"), ("B05", "4 Mbit/s", "6 Mbit/s")] {
        say(2, question, "4");
        say(3, question, "6");
        let shown = line(&table().await, question).replace('\u{a0}', " ");
        ends(&shown, &format!(";{least} bis {most};{least};{most}"));
    }
    let page = plain(&site.get(&format!("/umfragelauf/{run}/summen")).await.text);
    for heading in ["Alle (2)", "Grundschule (1)", "Gymnasium (1)"] {
        assert!(page.contains(&format!(">{heading}</th>")), "{heading} is not on {page}");
    }
    assert!(page.contains("Noch nicht eingereicht"), "{page}");
}
