//! Every form of file holds the answers, and what is unknown stays unknown.

use super::*;
use rundgang_inventory::Kind;
use rundgang_inventory::survey::{Room, SurveyAsset, shipped};

fn view() -> SurveyView {
    let room = |kind: &str, letter: char, n: u32| Room {
        name: format!("{letter}{n}"),
        kind: kind.into(),
        ..Room::default()
    };
    let asset = |n: u32| SurveyAsset {
        kind: Some(Kind::Board),
        room: Some(format!("R{n}")),
        ..SurveyAsset::called(&n.to_string(), &format!("=Tafel {n} ✆"))
    };
    let mut view = SurveyView {
        as_of: Timestamp::from_seconds(1_790_812_800),
        school: "1".into(),
        name: "Schule".into(),
        rooms: (1..=9).flat_map(|n| [room("class", 'R', n), room("subject", 'F', n)]).collect(),
        assets: (1..=4).map(asset).collect(),
        ..SurveyView::default()
    };
    view.walked.silent = vec!["Kasten im Keller".into()];
    view
}

fn loaded(survey: &Survey) -> Loaded {
    Loaded {
        answered: Answered::of(survey, &(view(), Vec::new()), None),
        persons: BTreeMap::new(),
        answerer: "Schule".to_owned(),
        as_of: view().as_of,
        since: None,
        frozen: None,
    }
}

fn reported(survey: &Survey, language: Language) -> Report {
    loaded(survey).report(language, survey, view().as_of)
}

#[test]
fn every_survey_is_made_in_every_form_and_language() {
    for survey in shipped() {
        for language in Language::ALL {
            let report = reported(survey, language);
            let file = |form| loaded(survey).file(language, survey, view().as_of, form);
            let pdf = file(Form::Pdf).expect("paper that passes as PDF/UA-1");
            assert!(pdf.starts_with(b"%PDF-"), "{}", survey.id);
            assert!(file(Form::Xlsx).expect("a workbook").starts_with(b"PK"));
            let text = report.plain();
            for question in &survey.questions {
                assert!(text.contains(question.text.get(language.code())), "{}", question.id);
            }
            assert_eq!(report.csv().lines().count(), survey.questions.len() + 1);
        }
    }
}

#[test]
fn a_silent_agent_makes_unknown_with_the_reason() {
    let survey = rundgang_inventory::survey::survey("katalog").expect("shipped");
    let text = reported(survey, Language::De).plain();
    let access_points = text.split("C03 ").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("C03");
    assert!(access_points.contains("unbekannt"), "{access_points}");
}

#[test]
fn a_level_comes_with_the_steps_to_the_next() {
    let survey = rundgang_inventory::survey::survey("guetersloh-schule").expect("shipped");
    let text = reported(survey, Language::De).plain();
    let of = |id: &str| text.split(&format!("\n{id} ")).nth(1).and_then(|rest| rest.split("\n\n").next());
    let equipment = of("S4.1").expect("the row");
    assert!(equipment.contains("    * Rundgang durchführen (alle Netze)."), "{equipment}");
    let building = of("S4.1b").expect("the row");
    assert!(building.contains("9 von 9 Räumen ohne"), "{text}");
}

#[test]
fn who_has_no_list_of_rooms_is_told_to_enter_it() {
    let survey = rundgang_inventory::survey::survey("guetersloh-schule").expect("shipped");
    let mut bare = loaded(survey);
    let without_rooms = SurveyView { rooms: Vec::new(), ..view() };
    bare.answered = Answered::of(survey, &(without_rooms, Vec::new()), None);
    let text = bare.report(Language::De, survey, view().as_of).plain();
    let building = text.split("\nS4.1b ").nth(1).and_then(|rest| rest.split("\n\n").next());
    assert!(building.expect("the row").contains("    * Liste eintragen: Räume."), "{building:?}");
}

#[test]
fn a_comment_on_a_section_is_in_every_file() {
    let survey = rundgang_inventory::survey::survey("guetersloh-schule").expect("shipped");
    let block = survey.blocks.iter().find(|block| block.comment).expect("a section that takes a comment");
    let mut all = loaded(survey);
    let said = PersonAnswer {
        comment: "Der Anbau fehlt noch".to_owned(),
        who: "K".to_owned(),
        ..PersonAnswer::default()
    };
    all.persons.insert(comment_key(&block.id), said);
    for form in [Form::Csv, Form::Json, Form::Text] {
        let bytes = all.file(Language::De, survey, view().as_of, form).expect("a file");
        assert!(String::from_utf8_lossy(&bytes).contains("Der Anbau fehlt noch"), "{form:?}");
    }
    let row = all.report(Language::De, survey, view().as_of).table();
    assert_eq!(row.len(), survey.questions.len() + 1);
}

#[test]
fn what_was_said_for_an_earlier_survey_is_a_suggestion() {
    let survey = rundgang_inventory::survey::survey("guetersloh-schule").expect("shipped");
    let mut all = loaded(survey);
    let before = all.report(Language::De, survey, view().as_of).progress;
    let at = view().as_of;
    let said = PersonAnswer { value: "3".to_owned(), who: "K".to_owned(), at, ..PersonAnswer::default() };
    all.persons.insert("S1".to_owned(), said);
    let check = |since, confirmed, suggested| {
        all.since = since;
        let report = all.report(Language::De, survey, view().as_of);
        assert_eq!(
            (report.progress.confirmed, report.progress.suggested),
            (confirmed, suggested),
            "{since:?}"
        );
        let question = report.blocks.iter().flat_map(|block| &block.questions).find(|q| q.id == "S1");
        assert_eq!(question.map(|question| question.is_earlier), Some(confirmed == 0));
    };
    let mut check = check;
    check(Some(at), 1, before.suggested);
    check(Some(at.plus_days(1)), 0, before.suggested + 1);
}
