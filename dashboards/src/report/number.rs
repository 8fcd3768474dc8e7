//! The number that an answer comes to, whoever gave it.

use super::QuestionShown;
use rundgang_inventory::survey::{AnswerType, Interval, Question};

/// The number that counts for an answer. What a person wrote is read only where it is beyond doubt: "1.000" is a
/// thousand in one language and one in another.
pub(crate) fn number(question: &Question, shown: &QuestionShown) -> Option<Interval> {
    let said = shown.person.value.trim();
    if said.is_empty() {
        let (lower, upper) = (shown.lower, shown.upper);
        return shown.number.map(|value| Interval { value: Some(value), lower, upper });
    }
    if said == shown.person.machine {
        return said.parse().ok().map(Interval::exact);
    }
    let (text, per) = match said.strip_suffix('%') {
        Some(text) if question.answer == AnswerType::Share => (text.trim(), 100.0),
        Some(_) => return None,
        None if question.answer == AnswerType::Share => return None,
        None => (said, 1.0),
    };
    let (whole, part) = text.split_once(',').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = !whole.is_empty() && digits(whole) && digits(part) && part.len() <= 2;
    let value = is_plain.then(|| format!("{whole}.{part}0").parse::<f64>().ok()).flatten()?;
    Some(Interval::exact(value / per))
}
