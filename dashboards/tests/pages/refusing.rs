//! What cannot be kept comes back as it was typed, with the reason at its field, in the reader's language.

use crate::sample;
use crate::site::{between, plain, site};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use rundgang_store::views::findings::FindingLine;

fn finding(site: &crate::site::Site) -> FindingLine {
    let lines = site.store.traeger(site.traeger).findings_page(1, sample::NOW).expect("findings");
    lines.into_iter().find(|line| line.rule == "projector.no-password").expect("the finding")
}

#[tokio::test]
async fn a_decision_without_a_reason_comes_back_as_it_was_typed() {
    let site = site(None);
    let (csrf, line) = (site.csrf().await, finding(&site));
    let check = async |typed: [(&str, &str); 3], field: &str, why: &str| {
        let form = [
            &[("csrf", csrf.as_str()), ("rule", line.rule.as_str()), ("subject", line.subject.as_str())],
            &typed[..],
        ];
        let answer = site.post("/schule/1/befund", &form.concat()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = plain(&answer.text);
        assert!(page.contains(&format!("id=\"{field}-error\">{why}")), "{field}: {why} is not on {page}");
        assert!(page.contains("class=\"tabs\"") && page.contains(&line.label), "it is the finding's page");
        assert!(page.contains(&format!("value=\"{}\" checked", typed[0].1)) || field == "state");
        assert!(page.contains(&format!(">{}</textarea>", typed[1].1)), "the reason is kept");
        assert!(page.contains(&format!("type=\"date\" value=\"{}\"", typed[2].1)), "the day is kept");
    };
    let accepted = ("state", "accepted");
    let until = ("until", "2027-01-31");
    check([accepted, ("reason", ""), until], "reason", "Bitte schreiben Sie dazu, warum").await;
    check([accepted, ("reason", "Im Juli"), ("until", "31.1.")], "until", "Dieses Datum gibt es nicht").await;
    let (for_good, over) = (("until", ""), ("until", "2026-09-30"));
    for state in [accepted, ("state", "ignored")] {
        check([state, ("reason", "Im Juli"), for_good], "until", "Bitte sagen Sie, bis wann das gilt").await;
        check([state, ("reason", "Im Juli"), over], "until", "Dieser Tag ist schon vorbei").await;
    }
    check([accepted, ("reason", "Kennwort: geheim12"), until], "reason", "Das sieht nach einem").await;
    check([("state", "gut"), ("reason", "So"), until], "state", "Bitte wählen Sie aus").await;
    let decided =
        site.store.traeger(site.traeger).decisions(1, &line.rule, &line.subject).expect("decisions");
    assert!(decided.is_empty(), "nothing was kept");
}

#[tokio::test]
async fn a_refused_answer_of_a_survey_comes_back_as_it_was_typed() {
    let site = site(None);
    let csrf = site.csrf().await;
    for (path, question) in [
        ("/schule/1/umfrage/guetersloh-schule", "S4.1a"),
        ("/schule/1/umfrage/guetersloh-schule", "block:S1"),
        ("/umfrage/guetersloh-traeger", "T1.1"),
    ] {
        let page = site.get(path).await.text;
        let known = plain(&page).contains(&format!("name=\"question\" value=\"{question}\""));
        let question =
            if known { question.to_owned() } else { between(&page, "name=\"question\" value=\"", "\"") };
        let comment = ("comment", "Kennwort: geheim12, sonst gut");
        let form = [("csrf", csrf.as_str()), ("question", question.as_str()), ("value", ""), comment];
        let answer = site.post(&format!("{path}/antwort"), &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        let text = plain(&answer.text);
        assert!(text.contains("Kennwort: geheim12, sonst gut</textarea>"), "{path}: what was typed is kept");
        assert!(text.contains(&format!("{question}: Das sieht nach einem Kennwort")), "{path}: {text}");
        assert!(text.contains("class=\"error\""), "{path}: the reason stands at the field");
    }
}

#[tokio::test]
async fn the_register_marks_the_field_in_the_readers_language() {
    let site = site(None);
    let csrf = site.csrf().await;
    let check = async |code: &str, change: (&str, &str), label: &str, why: &str| {
        let mut form = vec![
            ("csrf", csrf.as_str()),
            ("version", "1"),
            ("name", "Switch"),
            ("kind", "switch"),
            ("status", "in-use"),
        ];
        form.retain(|(name, _)| *name != change.0);
        form.push(change);
        let cookie = format!("rundgang_sprache={code}");
        let headers = [("origin", "http://localhost:8080"), ("cookie", cookie.as_str())];
        let answer = site.post_with("/schule/1/register/1", &form, &headers).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{change:?}");
        let page = plain(&answer.text);
        assert!(page.contains(&format!("{label}: {why}")), "{label}: {why} is not on {page}");
        assert!(page.contains(&format!("<p class=\"error\" id=\"{}-error\">{why}", change.0)), "{page}");
        assert!(page.contains("<h1>Switch Obergeschoss</h1>"), "the entry keeps its heading");
        for english in ["a system needs", "a day is written", "must not be empty", "hexadecimal"] {
            assert!(code == "en" || !page.contains(english), "{english} on {page}");
        }
    };
    check("de", ("name", " "), "Name", "Hier muss etwas stehen").await;
    check("nl", ("name", ""), "Naam", "Hier moet iets staan").await;
    check("de", ("purchased", "1.10.26"), "Gekauft am", "Dieses Datum gibt es nicht").await;
    check("nl", ("warranty_until", "gisteren"), "Garantie tot", "Een datum schrijft u").await;
    check("de", ("mac", "00:11"), "MAC-Adresse", "Eine MAC-Adresse hat zwölf Zeichen").await;
    check("de", ("sla_reaction_hours", "bald"), "Reaktionszeit (Stunden)", "Hier wird eine ganze Zahl").await;
    check("de", ("notes", "Passwort: Sommer2026"), "Notizen", "Das sieht nach einem Kennwort").await;
    let place = "Ort der Zugangsdaten";
    check("de", ("credentials_place", "Sommer2026"), place, "Das sieht nach einem Kennwort").await;
}

#[tokio::test]
async fn a_page_that_fails_leads_back_to_where_one_came_from() {
    let site = site(None);
    let ask = |referer: &'static str| {
        let request = Request::get("/schule/1/geraet/9999").header("host", "localhost:8080");
        site.send(request.header("referer", referer).body(Body::empty()).expect("a request"))
    };
    let page = ask("http://localhost:8080/schule/1/geraete?kind=nas").await.text;
    assert!(page.contains("<a href=\"/schule/1/geraete?kind=nas\">Zurück zur vorigen Seite"), "{page}");
    let page = ask("http://evil.example/schule/1").await.text;
    assert!(!page.contains("Zurück zur vorigen Seite") && !page.contains("evil.example"), "{page}");
}
