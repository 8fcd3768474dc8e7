//! Reports on paper: the answers with bounds and reasons, the steps ahead, and an appendix with the elements behind
//! each answer. The paper is tagged, so that screen readers find headings and lists.

use super::form::FileError;
use super::paper::{About, Paper, Role};
use super::{QuestionShown, Report};
use crate::words::Words;

/// Reports of one survey, one after the other; the appendix comes last.
pub(super) fn pdf(reports: &[Report]) -> Result<Vec<u8>, FileError> {
    let mut paper = Paper::new()?;
    let Some(first) = reports.first() else { return Err(FileError::Paper("there is no answer".to_owned())) };
    for report in reports {
        paper.turn();
        body(&mut paper, report);
    }
    paper.turn();
    paper.add(Role::Heading(2), &first.language.text("paper-appendix"));
    paper.add(Role::Paragraph, &first.language.text("paper-appendix-lead"));
    reports.iter().for_each(|report| appendix(&mut paper, report, reports.len() > 1));
    let date = first.made.date();
    let part = |range: std::ops::Range<usize>| date.get(range).unwrap_or("1");
    let made = (
        part(0..4).parse().unwrap_or(2000),
        part(5..7).parse().unwrap_or(1),
        part(8..10).parse().unwrap_or(1),
    );
    let language = first.language;
    // Of several, no page is the first one's.
    let title = match reports {
        [one] => format!("{} – {}", one.title, one.answerer),
        _ => first.title.clone(),
    };
    paper.finish(&About {
        title: &title,
        language: language.code(),
        made,
        page: &|page, pages| language.with("paper-page", &[("page", page.into()), ("pages", pages.into())]),
    })
}

fn body(paper: &mut Paper, report: &Report) {
    let (words, language) = (Words { language: report.language }, report.language);
    paper.add(Role::Heading(1), &report.title);
    paper.add(Role::Strong, &format!("{} · {}", report.answerer, report.issuer));
    let as_of = format!("{}: {}", words.t("survey-as-of"), words.date(&report.as_of));
    paper.add(Role::Paragraph, &as_of);
    paper.add(Role::Paragraph, &report.coverage);
    paper.add(Role::Paragraph, &report.progress.text(&language));
    paper.add(Role::Paragraph, &report.note);
    match &report.signed {
        Some(signed) => paper.add(Role::Strong, &report.signed_text(signed)),
        None => paper.add(Role::Paragraph, &words.t("paper-draft")),
    }
    for block in &report.blocks {
        let level = if block.title.is_empty() { 2 } else { 3 };
        for (nth, question) in block.questions.iter().enumerate() {
            paper.together(|paper| {
                // The title of a block stands with its first question.
                if nth == 0 && !block.title.is_empty() {
                    paper.add(Role::Heading(2), &format!("{} {}", block.id, block.title));
                }
                one(paper, words, question, level);
            });
        }
        if let Some(comment) = block.comment.as_ref().filter(|comment| !comment.comment.is_empty()) {
            let title = words.s("survey-block-comment", "block", &block.id);
            paper.add(Role::Paragraph, &format!("{title}: {}", comment.comment));
        }
    }
    if !report.thresholds.is_empty() {
        paper.add(Role::Heading(2), &words.t("survey-thresholds"));
        for (meaning, value) in &report.thresholds {
            paper.add(Role::Entry, &format!("{value}: {meaning}"));
        }
    }
}

fn one(paper: &mut Paper, words: Words, question: &QuestionShown, level: u16) {
    paper.add(Role::Heading(level), &format!("{} {}", question.id, question.text));
    let person = &question.person;
    if !person.value.is_empty() {
        let chosen = question.levels.iter().find(|level| level.chosen);
        let said = match chosen {
            Some(level) => format!("{} – {}", person.value, level.text),
            None => question.own.clone(),
        };
        paper.add(Role::Strong, &format!("{}: {said}", words.t("column-person")));
    }
    if !person.comment.is_empty() {
        paper.add(Role::Paragraph, &format!("{}: {}", words.t("survey-comment"), person.comment));
    }
    if !person.who.is_empty() {
        paper.add(Role::Paragraph, &format!("{}, {}", person.who, question.person_at));
    }
    if question.only_person {
        if person.value.is_empty() {
            paper.add(Role::Paragraph, &words.t("reason-person"));
        }
        return;
    }
    let machine = words.t("survey-machine");
    if question.rows.is_empty() {
        let level = question.levels.iter().find(|level| level.suggested);
        let said = match level {
            Some(level) => format!("{} – {}", question.answer, level.text),
            None => question.answer.clone(),
        };
        paper.add(Role::Strong, &format!("{machine}: {said}"));
    } else {
        paper.add(Role::Strong, &format!("{machine}:"));
        question.rows.iter().for_each(|(label, value)| paper.add(Role::Entry, &format!("{label}: {value}")));
    }
    paper.add(Role::Paragraph, &question.bounds);
    let confidence = words.word("confidence", question.confidence);
    paper.add(Role::Paragraph, &format!("{}: {confidence}", words.t("column-confidence")));
    question.reasons.iter().for_each(|reason| paper.add(Role::Entry, reason));
    if let Some(then) = &question.then {
        paper.add(Role::Paragraph, &format!("{}: {then}", words.t("column-then")));
    }
    if let Some(drift) = &question.drift {
        paper.add(Role::Paragraph, drift);
    }
    if !question.steps.is_empty() {
        paper.add(Role::Paragraph, &format!("{}:", words.t("survey-steps")));
        question.steps.iter().for_each(|step| paper.add(Role::Entry, step));
    }
}

fn appendix(paper: &mut Paper, report: &Report, named: bool) {
    let words = Words { language: report.language };
    let is_empty = |question: &&QuestionShown| {
        question.evidence.is_empty() && question.lacking.is_empty() && question.counted.is_none()
    };
    if report.blocks.iter().flat_map(|block| &block.questions).all(|question| is_empty(&question)) {
        return;
    }
    if named {
        paper.add(Role::Heading(3), &report.answerer);
    }
    for question in report.blocks.iter().flat_map(|block| &block.questions) {
        if is_empty(&question) {
            continue;
        }
        let level = if named { 4 } else { 3 };
        paper.together(|paper| proof(paper, words, question, level));
    }
}

/// What one answer rests on.
fn proof(paper: &mut Paper, words: Words, question: &QuestionShown, level: u16) {
    paper.add(Role::Heading(level), &format!("{} {}", question.id, question.text));
    paper.add(Role::Paragraph, question.counted.as_deref().unwrap_or_default());
    let mut list = |key: &str, elements: &[super::Shown]| {
        if !elements.is_empty() {
            let names: Vec<String> = elements.iter().map(|element| unbroken(&element.label)).collect();
            let count = words.n(key, "count", elements.len());
            paper.add(Role::Paragraph, &format!("{count}: {}", names.join("\u{a0}· ")));
        }
    };
    list("survey-evidence", &question.evidence);
    list("survey-lacking", &question.lacking);
    paper.add(Role::Paragraph, &words.s("survey-formula", "version", &question.formula_version));
}

/// A short name stays on one line: "R 101".
fn unbroken(name: &str) -> String {
    if name.chars().count() > 30 { name.to_owned() } else { name.replace(' ', "\u{a0}") }
}
