//! What several schools say to one question, in one text.

use super::Sight;
use crate::report::{QuestionShown, number};
use crate::text::Language;
use crate::words::{Words, interval_text, shown_number};
use rundgang_inventory::survey::formula::{Expr, Fold, Operator};
use rundgang_inventory::survey::{AnswerType, Interval, Question};
use std::collections::BTreeMap;

/// Whether what a school says goes into a sum that could give it away; what people wrote in words is only counted.
pub(super) fn is_summed(words: Words, question: &Question, shown: &QuestionShown) -> bool {
    if shown.is_open() || shown.hides_count {
        return false;
    }
    match question.answer {
        AnswerType::Number | AnswerType::Share => number(question, shown).is_some(),
        AnswerType::Date | AnswerType::Text | AnswerType::Table => false,
        _ => choice(words, question, shown).is_some(),
    }
}

/// What several schools say to one question, in one text. Whoever is unknown is counted as unknown, never as zero; a sum
/// out of which single schools could be reckoned is left out.
pub(super) fn cell(
    words: Words,
    question: &Question,
    said: &[&QuestionShown],
    (sight, is_safe): (Sight, bool),
) -> String {
    let known: Vec<&&QuestionShown> = said.iter().filter(|shown| !shown.is_open()).collect();
    let count = |key: &str, count: usize| (count > 0).then(|| words.n(key, "count", count));
    let hides_count = said.iter().any(|shown| shown.hides_count);
    let mut parts = match question.answer {
        AnswerType::Number | AnswerType::Share if !hides_count => {
            let numbers: Vec<Interval> = known.iter().filter_map(|shown| number(question, shown)).collect();
            let told = is_safe.then(|| together(words, question, &numbers, sight)).flatten();
            let mut parts: Vec<String> = told.into_iter().collect();
            parts.extend(count("totals-words", known.len() - numbers.len()));
            parts
        }
        AnswerType::Date | AnswerType::Text | AnswerType::Table => {
            count("totals-answered", known.len()).into_iter().collect()
        }
        _ => {
            let mut often: BTreeMap<String, usize> = BTreeMap::new();
            let chosen: Vec<String> =
                known.iter().filter_map(|shown| choice(words, question, shown)).collect();
            let others = known.len() - chosen.len();
            chosen.into_iter().for_each(|text| *often.entry(text).or_insert(0) += 1);
            let told = often.iter().filter(|_| is_safe).map(|(text, count)| format!("{text}: {count}"));
            told.chain(count("totals-words", others)).collect()
        }
    };
    if !is_safe {
        parts.insert(0, words.t("totals-hidden"));
    }
    parts.extend(count("totals-unknown", said.len() - known.len()));
    parts.join(" · ")
}

/// What a school chose, in words; of a level its number. What a person wrote in words of their own is nobody's choice
/// of the question: it may name somebody, and is only counted.
fn choice(words: Words, question: &Question, shown: &QuestionShown) -> Option<String> {
    let is_own = !shown.own.is_empty();
    let level = shown.levels.iter().find(|level| if is_own { level.chosen } else { level.suggested });
    if let Some(level) = level {
        return Some(words.n("answer-level", "level", i64::from(level.level)));
    }
    let machine = shown.said();
    if !is_own || shown.own == machine {
        return Some(machine);
    }
    known_word(words, question.answer, &bands(question), shown.person.value.trim())
}

/// The words of each band, in every language.
fn bands(question: &Question) -> Vec<[&str; 3]> {
    question.bands.iter().map(|band| Language::ALL.map(|language| band.text.get(language.code()))).collect()
}

/// A word that the question offers, as the reader's language has it.
fn known_word(words: Words, answer: AnswerType, bands: &[[&str; 3]], value: &str) -> Option<String> {
    match (answer, value) {
        (AnswerType::YesNo, "yes") => Some(words.t("answer-yes")),
        (AnswerType::YesNo, "no") => Some(words.t("answer-no")),
        (AnswerType::Choice, _) => {
            let at = Language::ALL.iter().position(|language| *language == words.language)?;
            let by_number = value.parse::<usize>().ok().and_then(|number| bands.get(number));
            let by_word = || bands.iter().find(|texts| texts.contains(&value));
            by_number.or_else(by_word).map(|texts| texts[at].to_owned())
        }
        _ => None,
    }
}

/// Whether numbers of several schools make a sum: counts do, an age, a rate or a price does not.
fn adds_up(question: &Question) -> bool {
    fn is_count(expr: &Expr) -> bool {
        match expr {
            Expr::Count(_) | Expr::Folded(Fold::Sum, ..) | Expr::Fact(_) => true,
            Expr::Binary(Operator::Plus | Operator::Minus, one, other) => is_count(one) && is_count(other),
            _ => false,
        }
    }
    question.unit.is_empty() && question.formula.as_ref().is_some_and(is_count)
}

/// Counts added up, with their bounds; other numbers and shares from the least to the most. Whoever sees sums only is
/// told their mean: the least and the most are what single schools say.
fn together(words: Words, question: &Question, numbers: &[Interval], sight: Sight) -> Option<String> {
    let shown = |value: f64| shown_number(words, question.answer, &question.unit, value);
    if question.answer == AnswerType::Share || !adds_up(question) {
        let values = || numbers.iter().filter_map(|number| number.value);
        if sight == Sight::Sums {
            let mean = values().sum::<f64>() / f64::from(u32::try_from(values().count()).unwrap_or(u32::MAX));
            return mean.is_finite().then(|| words.s("totals-mean", "value", shown(mean)));
        }
        let (least, most) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
        let told = [("lower", shown(least).into()), ("upper", shown(most).into())];
        return Some(if least < most { words.language.with("totals-range", &told) } else { shown(least) });
    }
    let sum = numbers.iter().copied().reduce(Interval::plus)?;
    let value = shown(sum.value?);
    let around = if sum.is_exact() {
        String::new()
    } else {
        interval_text(words, question.answer, &question.unit, &sum)
    };
    Some(if around.is_empty() { value } else { format!("{value} ({around})") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_of_the_question_are_told() {
        let words = Words { language: Language::De };
        let bands = [["bis 10", "tot 10", "up to 10"], ["mehr", "meer", "more"]];
        let check = |answer, value, expected: Option<&str>| {
            assert_eq!(known_word(words, answer, &bands, value).as_deref(), expected, "{value}");
        };
        check(AnswerType::YesNo, "yes", Some("ja"));
        check(AnswerType::YesNo, "nur Frau Muster", None);
        check(AnswerType::Choice, "Frau Muster", None);
        check(AnswerType::Choice, "7", None);
        check(AnswerType::Number, "1", None);
        let here = Language::ALL.iter().position(|language| *language == Language::De).expect("German");
        check(AnswerType::Choice, "1", Some(bands[1][here]));
        check(AnswerType::Choice, "more", Some(bands[1][here]));
    }
}
