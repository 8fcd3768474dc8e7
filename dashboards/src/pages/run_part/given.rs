//! The form of a school's part: what somebody changed in it, weighed against what the book holds by now.

use super::super::surveys::{Given, check_answer};
use crate::failure::Failure;
use crate::report::{Loaded, comment_key};
use crate::words::{Words, counts_people, own_text, plain_value};
use rundgang_inventory::Timestamp;
use rundgang_inventory::survey::Question;
use rundgang_store::views::survey::PersonAnswer;
use rundgang_store::{Error, Obstacle, PartAnswer, Result, Run, Traeger};
use std::collections::BTreeMap;

/// What somebody changed, by question.
#[derive(Default)]
pub(super) struct Merged {
    pub(super) all: BTreeMap<String, Given>,
    /// The questions that somebody else answered since the form was shown, with what is kept now.
    overtaken: BTreeMap<String, (String, String)>,
}

/// What became of a form. Unless all was kept, nothing was.
pub(super) enum Kept {
    All,
    /// With the reason by question.
    Refused(Merged, BTreeMap<String, String>),
    /// Somebody else answered the same questions meanwhile; with what is kept now.
    Overtaken(Merged, BTreeMap<String, String>),
    /// It is not the school's turn any more.
    Moved(Merged),
}

/// One text of a form: what it held when it was shown, what it holds now, and what the book would show today.
struct Field {
    shown: String,
    typed: Option<String>,
    stands: String,
}

impl Field {
    fn of(form: &BTreeMap<String, String>, (shown, typed): (&str, &str), id: &str, stands: &str) -> Self {
        // Browsers send line ends as CR LF (HTML, form submission), whatever stood there before.
        let plain = |text: &String| text.replace("\r\n", "\n").trim().to_owned();
        let at = |prefix: &str| form.get(&format!("{prefix}.{id}")).map(plain);
        Self { shown: at(shown).unwrap_or_default(), typed: at(typed), stands: plain(&stands.to_owned()) }
    }

    /// The new text where somebody changed it; a field that nobody touched says nothing.
    fn changed(&self) -> Option<&str> {
        self.typed.as_deref().filter(|typed| *typed != self.shown && *typed != self.stands)
    }

    /// Whether somebody else changed the text since the form was shown.
    fn is_overtaken(&self) -> bool {
        self.changed().is_some() && self.shown != self.stands
    }
}

/// The machine's answer to a question, as it would be shown in place of a person's.
fn own(loaded: &Loaded, question: &Question, words: Words, value: &str) -> String {
    let answer = loaded.answered.answers.iter().find(|answer| answer.question == question.id);
    answer.map_or_else(|| value.to_owned(), |answer| own_text(words, question, answer, value))
}

/// What the book holds, as the fields show it: value and comment by question.
pub(super) fn stands(run: &Run, loaded: &Loaded, words: Words) -> BTreeMap<String, (String, String)> {
    let shown = |(id, said): (&String, &PersonAnswer)| {
        let value = match run.survey.question(id) {
            Some(question) => own(loaded, question, words, &said.value),
            None => said.value.clone(),
        };
        (id.clone(), (value, said.comment.clone()))
    };
    loaded.persons.iter().map(shown).collect()
}

/// What was changed for every question and section of the form.
fn merge(run: &Run, loaded: &Loaded, form: &BTreeMap<String, String>, words: Words) -> Merged {
    let there = stands(run, loaded, words);
    let mut merged = Merged::default();
    let blocks = run.survey.blocks.iter().filter(|block| block.comment).map(|block| comment_key(&block.id));
    let ids = run.survey.questions.iter().map(|question| question.id.clone()).chain(blocks);
    for id in ids {
        let before = loaded.persons.get(&id).cloned().unwrap_or_default();
        let (stands, said) = there.get(&id).cloned().unwrap_or_default();
        let value = Field::of(form, ("w", "v"), &id, &stands);
        let comment = Field::of(form, ("k", "c"), &id, &said);
        let confirmed = form.contains_key(&format!("ok.{id}")).then(|| as_it_is(run, loaded, &id, &before));
        let new_value = value.changed().map(str::to_owned).or(confirmed.flatten());
        if new_value.is_none() && comment.changed().is_none() {
            continue;
        }
        if value.is_overtaken() || comment.is_overtaken() {
            let now = [stands, said].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>();
            merged.overtaken.insert(id.clone(), (now.join(" – "), before.who.clone()));
        }
        let new_comment = comment.changed().map_or(before.comment, str::to_owned);
        let given = Given::of(id.clone(), new_value.unwrap_or(before.value), new_comment);
        merged.all.insert(id, given);
    }
    merged
}

/// What is kept where a question is confirmed as it stands: what was said for an earlier survey, or the machine's
/// value. A number of people's devices is confirmed by nobody: it is never kept exactly (promise P3).
fn as_it_is(run: &Run, loaded: &Loaded, id: &str, before: &PersonAnswer) -> Option<String> {
    if !before.value.is_empty() {
        return (before.at < run.opened).then(|| before.value.clone());
    }
    let question = run.survey.question(id).filter(|question| !counts_people(question))?;
    let answer = loaded.answered.answers.iter().find(|answer| answer.question == id)?;
    Some(plain_value(question, answer)).filter(|value| !value.is_empty())
}

/// The answers that cannot be kept, with the key of the reason.
fn refused(run: &Run, merged: &Merged) -> BTreeMap<String, &'static str> {
    let refused = |(question, given): (&String, &Given)| match check_answer(&run.survey, given) {
        Err(Failure::Refused(key)) => Some((question.clone(), key)),
        Err(_) => Some((question.clone(), "error-unfit")),
        Ok(()) => None,
    };
    merged.all.iter().filter_map(refused).collect()
}

/// Keeps what was changed in a form, all of it or nothing.
pub(super) fn keep(
    traeger: &Traeger,
    (run, school): (&Run, i64),
    form: &BTreeMap<String, String>,
    words: Words,
    hands_in: bool,
    (who, now): (&str, Timestamp),
    load: impl Fn() -> Result<Loaded>,
) -> Result<Kept> {
    let loaded = load()?;
    let merged = merge(run, &loaded, form, words);
    if !traeger.part(run.id, school)?.state.is_awaited() {
        return Ok(Kept::Moved(merged));
    }
    let why = refused(run, &merged);
    if !why.is_empty() {
        return Ok(Kept::Refused(merged, why.into_iter().map(|(at, key)| (at, words.t(key))).collect()));
    }
    if !merged.overtaken.is_empty() {
        return Ok(overtaken(merged, words));
    }
    let answer = |given: &Given| {
        let machine = loaded.answered.answers.iter().find(|answer| answer.question == given.question);
        let machine = run.survey.question(&given.question).zip(machine);
        PartAnswer {
            question: given.question.clone(),
            before: loaded.persons.get(&given.question).cloned(),
            answer: PersonAnswer {
                value: given.value.clone(),
                comment: given.comment.clone(),
                who: who.to_owned(),
                at: now,
                machine: machine.map(|(question, answer)| plain_value(question, answer)).unwrap_or_default(),
            },
        }
    };
    let answers: Vec<PartAnswer> = merged.all.values().map(answer).collect();
    match traeger.answer_part(run, school, &answers, hands_in, who, now) {
        Ok(()) => Ok(Kept::All),
        // Somebody was faster between our look and our write: what is kept now stands in a fresh look.
        Err(error) if error.is_conflict() => Ok(overtaken(merge(run, &load()?, form, words), words)),
        Err(error) if matches!(error.root(), Error::Blocked(Obstacle::Moved)) => Ok(Kept::Moved(merged)),
        Err(error) => Err(error),
    }
}

fn overtaken(merged: Merged, words: Words) -> Kept {
    let told = |(id, (now, who)): (&String, &(String, String))| {
        let told = [("value", now.as_str().into()), ("who", who.as_str().into())];
        (id.clone(), words.language.with("error-part-overtaken", &told))
    };
    let why = merged.overtaken.iter().map(told).collect();
    Kept::Overtaken(merged, why)
}
