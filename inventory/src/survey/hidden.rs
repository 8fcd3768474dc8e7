//! Property tests over every shipped survey: whatever part of a school stays hidden, no answer claims more than is known.

mod school;

use super::*;
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use school::{KINDS, Open, Rest, known, open, rest, thing, whole};
use std::cell::RefCell;
use std::collections::BTreeMap;

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

/// How often a question was compared, and how often something of its answer was hidden.
#[derive(Clone, Copy, Debug, Default)]
struct Compared {
    times: usize,
    doubted: usize,
}

/// The true number behind a row of an answer about the whole school: its bounds meet. A counter has no upper bound, since
/// a peak between two walks is never seen; there the count itself is the truth.
fn truth(question: &Question, answer: &Answer, row: &str, bounds: &Interval) -> Option<f64> {
    let counts = matches!(question.formula, Some(formula::Expr::Counter(_))) && row.is_empty();
    match &answer.value {
        Some(AnswerValue::Number(count)) if counts => Some(*count),
        _ => bounds.lower.filter(|lower| bounds.upper == Some(*lower)),
    }
}

/// Compares every question about what is there with the truth, and notes which were.
fn compare_all(
    whole: &SurveyView,
    known: &SurveyView,
    compared: &mut BTreeMap<String, Compared>,
) -> Result<(), TestCaseError> {
    for survey in shipped().iter().filter(|survey| survey.unit != Unit::Traeger) {
        let truths = answer_all(survey, whole, &[]);
        let said = answer_all(survey, known, &[]);
        for ((question, whole), said) in survey.questions.iter().zip(&truths).zip(&said) {
            if question.formulas().any(asks_of_the_walk) {
                continue;
            }
            let said_numbers = numbers(said);
            for (row, bounds) in numbers(whole) {
                let Some(truth) = truth(question, whole, &row, &bounds) else { continue };
                let noted = compared.entry(format!("{} {}", survey.id, question.id)).or_default();
                noted.times += 1;
                // A row that is not told claims nothing, as long as the list of rows is not.
                let Some(bounds) = said_numbers.get(&row) else {
                    noted.doubted += 1;
                    continue;
                };
                noted.doubted += usize::from(!bounds.is_exact());
                prop_assert!(
                    encloses(bounds, truth),
                    "{} {} {row}: the truth is {truth}, and {bounds:?} was said; {said:?}",
                    survey.id,
                    question.id
                );
            }
        }
    }
    Ok(())
}

/// Whether a question of a survey gives a number, a level or a choice, which can be held against the truth.
fn is_comparable(question: &Question) -> bool {
    let is_number = |expr: &formula::Expr| {
        use formula::Expr;
        !matches!(expr, Expr::Names(..) | Expr::Latest(..) | Expr::Fact(_) | Expr::Person)
    };
    let told = |part: &&Part| matches!(part.answer, AnswerType::Number | AnswerType::Share);
    let parts = question.parts.iter().filter(told).map(|part| &part.formula);
    question.is_auto()
        && !question.formulas().any(asks_of_the_walk)
        && (!question.levels.is_empty() || question.formula.iter().chain(parts).any(is_number))
}

#[test]
fn no_answer_of_any_survey_excludes_what_stays_hidden() {
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    // The same schools each time: how often each question was compared is counted below.
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::default()));
    let compared = RefCell::new(BTreeMap::new());
    let things = proptest::collection::vec(thing(), 0..14);
    runner
        .run(&(things, rest(), open()), |(things, rest, how)| {
            let (whole, known) = (whole(&things, &rest), known(&things, &rest, how));
            compare_all(&whole, &known, &mut compared.borrow_mut())
        })
        .expect("no answer excludes the truth");
    let compared: BTreeMap<String, Compared> = compared.into_inner();
    let schools = shipped().iter().filter(|survey| survey.unit != Unit::Traeger);
    let asked: Vec<String> = schools
        .flat_map(|survey| {
            survey.questions.iter().filter(|q| is_comparable(q)).map(|q| format!("{} {}", survey.id, q.id))
        })
        .collect();
    let often = |question: &&String| compared.get(*question).is_some_and(|c| c.times >= 20 && c.doubted >= 5);
    let seldom: Vec<_> = asked.iter().filter(|q| !often(q)).map(|q| (q, compared.get(q))).collect();
    assert!(asked.len() >= 60, "{} questions can be compared", asked.len());
    assert!(seldom.is_empty(), "never or seldom compared: {seldom:#?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn what_is_not_walked_or_listed_to_the_end_is_open_upwards(
        things in proptest::collection::vec(thing(), 0..10),
        how in open(),
        kept in proptest::collection::btree_set(proptest::sample::select(KINDS.to_vec()), 0..12),
        is_walked in any::<bool>(),
    ) {
        let mut view = whole(&things, &Rest::default());
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
    fn where_everything_is_known_every_number_is_exact(
        things in proptest::collection::vec(thing(), 1..14),
        rest in rest(),
    ) {
        let view = whole(&things, &rest);
        let mut open = Vec::new();
        for survey in shipped().iter().filter(|survey| survey.unit != Unit::Traeger) {
            let counts = |expr: &formula::Expr| {
                use formula::Expr;
                matches!(expr, Expr::Count(_) | Expr::Any(_) | Expr::Share(..))
            };
            let answers = answer_all(survey, &view, &[]);
            for (question, answer) in survey.questions.iter().zip(&answers) {
                if question.formula.as_ref().is_some_and(counts) && answer.value.is_some() && exact(answer).is_none() {
                    open.push(format!("{} {}: {answer:?}", survey.id, question.id));
                }
            }
        }
        prop_assert!(open.is_empty(), "{}", open.join("\n"));
    }
}
