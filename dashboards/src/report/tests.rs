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

fn reported(survey: &Survey, language: Language) -> Report {
    let answered = Answered::of(survey, &(view(), Vec::new()), None);
    let persons = BTreeMap::new();
    report(
        language,
        &Input {
            survey,
            answers: &answered.answers,
            persons: &persons,
            steps: &answered.steps,
            then: None,
            answerer: "Schule",
            as_of: view().as_of,
            now: view().as_of,
            signed: None,
        },
    )
}

#[test]
fn every_survey_is_made_in_every_form_and_language() {
    for survey in shipped() {
        for language in Language::ALL {
            let report = reported(survey, language);
            let pdf = report.file(Form::Pdf).expect("paper that passes as PDF/UA-1");
            assert!(pdf.starts_with(b"%PDF-"), "{}", survey.id);
            assert!(report.file(Form::Xlsx).expect("a workbook").starts_with(b"PK"));
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
