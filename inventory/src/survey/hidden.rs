//! Property tests over every shipped survey: whatever part of a school stays hidden, no answer claims more than is known.

use super::*;
use crate::{Confidence, Kind, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;

const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);
const ROOMS: u8 = 6;

/// What stays hidden of a device that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hidden {
    Nothing,
    /// It stands in a part of the network, or is of a kind, that nobody has listed to the end.
    Whole,
    /// It was not seen, in a network that was not walked to the end.
    Unseen,
    /// What it is, is only guessed.
    Kind,
    /// Nobody can say what it is.
    Unknown,
    /// Nobody said where it stands.
    Room,
}

/// How a part of the network, or a list, is open.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Open {
    Segment,
    Agent,
    Never,
    Stale,
}

#[derive(Clone, Debug)]
struct Thing {
    kind: Kind,
    room: u8,
    hidden: Hidden,
    documented: bool,
    years: i64,
}

const KINDS: [Kind; 12] = [
    Kind::AccessPoint,
    Kind::WlanController,
    Kind::Board,
    Kind::Display,
    Kind::Projector,
    Kind::DocumentCamera,
    Kind::Switch,
    Kind::Router,
    Kind::Firewall,
    Kind::Server,
    Kind::Printer,
    Kind::Telephony,
];

fn thing() -> impl Strategy<Value = Thing> {
    let hidden = prop_oneof![
        3 => Just(Hidden::Nothing),
        1 => Just(Hidden::Whole),
        1 => Just(Hidden::Unseen),
        1 => Just(Hidden::Kind),
        1 => Just(Hidden::Unknown),
        1 => Just(Hidden::Room),
    ];
    let open = (proptest::sample::select(KINDS.to_vec()), 0..ROOMS, hidden, any::<bool>(), 0..9_i64);
    open.prop_map(|(kind, room, hidden, documented, years)| Thing { kind, room, hidden, documented, years })
}

fn open() -> impl Strategy<Value = Open> {
    proptest::sample::select(vec![Open::Segment, Open::Agent, Open::Never, Open::Stale])
}

fn asset(id: usize, thing: &Thing) -> SurveyAsset {
    SurveyAsset {
        kind: Some(thing.kind),
        room: Some(format!("R{}", thing.room)),
        vendor: Some("Muster".to_owned()),
        model: Some(format!("M{}", thing.years)),
        documented: thing.documented,
        bought: Some(NOW.plus_days(-365 * thing.years - 40)),
        first_seen: Some(NOW.plus_days(-20)),
        managed: Some(thing.years % 2 == 0),
        poe: Some(thing.years % 3 == 0),
        supported: Some(thing.years < 7),
        plaintext: Some(thing.years == 5),
        generation: (thing.kind == Kind::AccessPoint)
            .then(|| if thing.years < 3 { "wifi-6" } else { "wifi-5" }.to_owned()),
        ..SurveyAsset::called(&id.to_string(), &format!("{} {id}", thing.kind))
    }
}

/// A school of which everything is known.
fn whole(things: &[Thing]) -> SurveyView {
    let room = |n: u8| Room {
        name: format!("R{n}"),
        kind: if n < 4 { "class" } else { "subject" }.to_owned(),
        wifi: Some(n.is_multiple_of(2)),
        lan: Some(true),
        teacher_pc: Some(n != 3),
        document_camera: Some(n == 1),
    };
    let fact = |value: &str| Fact { value: value.to_owned(), at: NOW, by: "A".to_owned() };
    let facts =
        [("pupils", "600"), ("teachers", "50"), ("devices.pupil", "300"), ("support.first", "Frau A")];
    let link = Link {
        id: "L".to_owned(),
        technology: Some("fibre".to_owned()),
        down: Some(200.0),
        up: Some(50.0),
        role: "primary".to_owned(),
        status: "active".to_owned(),
    };
    SurveyView {
        as_of: NOW,
        school: "1".to_owned(),
        name: "Schule".to_owned(),
        assets: things.iter().enumerate().map(|(id, thing)| asset(id, thing)).collect(),
        rooms: (0..ROOMS).map(room).collect(),
        links: vec![link],
        facts: facts.map(|(name, value)| (name.to_owned(), fact(value))).into(),
        kept: Kind::ALL
            .iter()
            .map(|kind| kind.name())
            .chain(["system", "document"])
            .map(str::to_owned)
            .collect(),
        walked: Walked { expected: 3, covered: 3, silent: Vec::new(), last_round: Some(NOW.plus_days(-1)) },
        ..SurveyView::default()
    }
}

/// What is known of that school where parts of it stay hidden.
fn known(things: &[Thing], how: Open) -> SurveyView {
    let mut view = whole(things);
    let is_absent = |thing: &Thing| thing.hidden == Hidden::Whole;
    view.assets = view
        .assets
        .into_iter()
        .zip(things)
        .filter(|(_, thing)| !is_absent(thing))
        .map(|(asset, thing)| match thing.hidden {
            Hidden::Unseen => SurveyAsset { seen: false, ..asset },
            Hidden::Kind => SurveyAsset { confidence: Confidence::Low, ..asset },
            Hidden::Unknown => SurveyAsset { kind: None, confidence: Confidence::Low, ..asset },
            Hidden::Room => SurveyAsset { room: None, ..asset },
            Hidden::Nothing | Hidden::Whole => asset,
        })
        .collect();
    let absent: Vec<Kind> = things.iter().filter(|thing| is_absent(thing)).map(|thing| thing.kind).collect();
    let is_unwalked = things.iter().any(|thing| {
        thing.hidden == Hidden::Unseen || (is_absent(thing) && view::is_always_networked(thing.kind))
    });
    if is_unwalked || (!absent.is_empty() && how != Open::Stale) {
        match how {
            Open::Segment | Open::Stale => view.walked.covered = 2,
            Open::Agent => view.walked.silent = vec!["box".to_owned()],
            Open::Never => view.walked = Walked::default(),
        }
    }
    for kind in absent {
        view.kept.remove(kind.name());
    }
    view
}

/// The number behind an exact answer.
fn exact(answer: &Answer) -> Option<f64> {
    answer.lower.filter(|lower| answer.upper == Some(*lower))
}

fn numbers(answer: &Answer) -> BTreeMap<String, Interval> {
    let mut all =
        BTreeMap::from([(String::new(), Interval { value: None, lower: answer.lower, upper: answer.upper })]);
    if let Some(AnswerValue::Table(rows)) = &answer.value {
        for (name, row) in rows {
            if let answer::PartValue::Number(number) = row {
                all.insert(name.clone(), *number);
            }
        }
    }
    all
}

/// Whether a formula asks what we know and not what is there: then less known is another truth.
fn asks_of_the_walk(formula: &formula::Expr) -> bool {
    let mut asks = false;
    formula.visit(&mut |expr| {
        asks |= matches!(expr, formula::Expr::Covered | formula::Expr::DaysSinceWalk);
    });
    let told = format!("{formula:?}");
    asks || ["seen", "placed", "documented", "confidence"]
        .iter()
        .any(|field| told.contains(&format!("\"{field}\"")))
}

fn encloses(bounds: &Interval, truth: f64) -> bool {
    const DUST: f64 = 1e-9;
    bounds.lower.is_none_or(|lower| lower <= truth + DUST)
        && bounds.upper.is_none_or(|upper| upper >= truth - DUST)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_answer_of_any_survey_excludes_what_stays_hidden(
        things in proptest::collection::vec(thing(), 0..14),
        how in open(),
    ) {
        let (whole, known) = (whole(&things), known(&things, how));
        for survey in shipped().iter().filter(|survey| survey.unit != Unit::Traeger) {
            let truths = answer_all(survey, &whole, &[]);
            let said = survey.questions.iter().zip(&truths).zip(answer_all(survey, &known, &[]));
            for ((_, truth), said) in said.filter(|((question, _), _)| !question.formulas().any(asks_of_the_walk)) {
                let said_numbers = numbers(&said);
                for (row, number) in numbers(truth) {
                    let Some(number) = number.lower.filter(|lower| number.upper == Some(*lower)) else { continue };
                    // A row that is not told claims nothing, as long as the list of rows is not.
                    let Some(bounds) = said_numbers.get(&row) else { continue };
                    prop_assert!(
                        encloses(bounds, number),
                        "{} {} {row}: the truth is {number}, and {bounds:?} was said; {said:?}",
                        survey.id, truth.question
                    );
                }
            }
        }
    }

    #[test]
    fn what_is_not_walked_or_listed_to_the_end_is_open_upwards(
        things in proptest::collection::vec(thing(), 0..10),
        how in open(),
        kept in proptest::collection::btree_set(proptest::sample::select(KINDS.to_vec()), 0..12),
        is_walked in any::<bool>(),
    ) {
        let mut view = whole(&things);
        view.kept = kept.iter().map(|kind| kind.name().to_owned()).collect();
        if !is_walked {
            match how {
                Open::Segment => view.walked.covered = 2,
                Open::Agent => view.walked.silent = vec!["box".to_owned()],
                Open::Never => view.walked = Walked::default(),
                Open::Stale => view.walked.covered = 0,
            }
        }
        for kind in KINDS {
            let is_covered = is_walked && (kept.contains(&kind) || view::is_always_networked(kind));
            let count = things.iter().filter(|thing| thing.kind == kind).count();
            let text = format!("count(asset where kind = {kind})");
            let expr = formula::Expr::parse(&text).expect("a formula");
            let thresholds = BTreeMap::new();
            let number = evaluate::Evaluator::new(&view, &[], &thresholds).run(&expr).number();
            prop_assert_eq!(number.lower, Some(f64::from(u32::try_from(count).expect("few"))), "{}", text);
            prop_assert_eq!(number.upper.is_none(), !is_covered, "{}", text);
            prop_assert_eq!(number.is_exact(), is_covered, "{}: width 0 at full coverage", text);
        }
    }

    #[test]
    fn where_everything_is_known_every_number_of_devices_is_exact(things in proptest::collection::vec(thing(), 1..14)) {
        let view = whole(&things);
        let mut open = Vec::new();
        for survey in shipped().iter().filter(|survey| survey.unit != Unit::Traeger) {
            let asks_devices = |expr: &formula::Expr| {
                matches!(expr, formula::Expr::Count(set) | formula::Expr::Any(set) | formula::Expr::Share(set, _)
                    if matches!(set.noun, Noun::Asset | Noun::Room))
            };
            let answers = answer_all(survey, &view, &[]);
            for (question, answer) in survey.questions.iter().zip(&answers) {
                let counts = question.formula.as_ref().is_some_and(asks_devices);
                if counts && answer.value.is_some() && exact(answer).is_none() {
                    open.push(format!("{} {}: {answer:?}", survey.id, question.id));
                }
            }
        }
        prop_assert!(open.is_empty(), "{}", open.join("\n"));
    }
}
