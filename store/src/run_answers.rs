//! What a school answers on the page of a run: kept all together or not at all, and never over somebody else's words.

use crate::{
    answers::{held, record},
    error::{Doing, Error, Obstacle, Result},
    store::Traeger,
    survey_runs::{Run, State, part_of, step},
    views::survey::{PersonAnswer, of_people},
};
use rundgang_inventory::Timestamp;

/// One answer of a larger form.
#[derive(Clone, Debug, PartialEq)]
pub struct PartAnswer {
    /// The question, or the block whose comment it is.
    pub question: String,
    /// What the one who answers knew to stand there.
    pub before: Option<PersonAnswer>,
    /// What is to stand there.
    pub answer: PersonAnswer,
}

fn text(answer: Option<&PersonAnswer>) -> (&str, &str) {
    answer.map_or(("", ""), |said| (said.value.as_str(), said.comment.as_str()))
}

impl Traeger {
    /// Keeps the answers of a school in a run, and hands them in where that is asked for.
    ///
    /// # Errors
    /// It is not the school's turn; a conflict that names the question where somebody else answered it meanwhile; an
    /// answer is too long or looks like a secret; there is no such part; the database failed. Then nothing is kept.
    pub fn answer_part(
        &self,
        run: &Run,
        school: i64,
        answers: &[PartAnswer],
        hand_in: bool,
        who: &str,
        now: Timestamp,
    ) -> Result<()> {
        self.write(|tx| {
            let part = part_of(tx, run.id, school)?;
            if !part.state.is_awaited() {
                return Err(Error::Blocked(Obstacle::Moved));
            }
            // Whatever stands there counts, also what was recorded while this form was on its way.
            let latest = Timestamp(i64::MAX);
            let stands = of_people(held(tx, school, &run.survey.id, latest, latest)?);
            for given in answers {
                let (there, answer) = (stands.get(&given.question), &given.answer);
                if text(there) != text(given.before.as_ref()) {
                    let at = |said: Option<&PersonAnswer>| said.map_or(0, |said| said.at.0);
                    return Err(Error::Conflict {
                        what: given.question.clone(),
                        expected: at(given.before.as_ref()),
                        found: at(there),
                    });
                }
                answer.check()?;
                crate::secrets::refuse_secret("value", &answer.value)?;
                let new = answer.new_answer(school, &run.survey.id, &given.question);
                record(tx, &new, now, Some(run.opened))?;
            }
            if hand_in { step(tx, run.id, &part, State::Confirmed, "", who, now) } else { Ok(()) }
        })
        .doing(|| format!("keep the answers of school {school} in run {}", run.id))
    }
}
