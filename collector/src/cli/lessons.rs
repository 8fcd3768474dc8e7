//! Commands about learning: what documented devices could teach, and a person's yes or no to it.

use super::{
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::{Clock, report};
use clap::Args;
use rundgang_store::Traeger;
use serde_json::json;

#[derive(Args, Debug)]
pub(super) struct LessonsArgs {
    #[command(flatten)]
    book: Book,
    /// The school; may be left out where there is only one.
    #[arg(long, value_name = "NAME")]
    school: Option<String>,
    /// Accept what this documented system teaches: its number, as listed.
    #[arg(long, value_name = "SYSTEM", conflicts_with = "withdraw")]
    accept: Option<i64>,
    /// Take back an accepted lesson: its number, as listed.
    #[arg(long, value_name = "LESSON")]
    withdraw: Option<i64>,
    /// Who decides; stands in the book beside the lesson.
    #[arg(long, value_name = "FUNCTION", default_value = WHO)]
    who: String,
}

/// Lists what could be learned and what was, one JSON object a line, after carrying out what was asked for.
pub(super) fn run(args: &LessonsArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let schools = match report::school_named(&traeger, args.school.as_deref())? {
        Some(school) => vec![school],
        None => traeger.schools()?.into_iter().map(|school| school.id).collect(),
    };
    if let (Some(system), Some(school)) =
        (args.accept, of(&schools, |school| teaches(&traeger, school, args.accept)))
    {
        traeger.accept_lesson(school, system, &args.who, clock())?;
    } else if let Some(system) = args.accept {
        return Err(rundgang_store::Error::NotFound(format!("a lesson of system {system}")).into());
    }
    if let Some(lesson) = args.withdraw {
        let holds = |school| {
            traeger.accepted_lessons(school).is_ok_and(|all| all.iter().any(|accepted| accepted.id == lesson))
        };
        let school =
            of(&schools, holds).ok_or_else(|| rundgang_store::Error::NotFound(format!("lesson {lesson}")))?;
        traeger.withdraw_lesson(school, lesson, &args.who, clock())?;
    }
    schools.into_iter().try_for_each(|school| list(&traeger, school))
}

fn of(schools: &[i64], fits: impl Fn(i64) -> bool) -> Option<i64> {
    schools.iter().copied().find(|school| fits(*school))
}

fn teaches(traeger: &Traeger, school: i64, system: Option<i64>) -> bool {
    traeger
        .proposed_lessons(school)
        .is_ok_and(|all| all.iter().any(|proposal| Some(proposal.system) == system))
}

fn list(traeger: &Traeger, school: i64) -> Result<(), CliError> {
    let name = traeger.school(school)?.entered.name;
    let proposed = traeger.proposed_lessons(school)?.into_iter().map(|one| {
        json!({
            "type": "proposed", "school": name, "system": one.system, "from": one.lesson.from,
            "kind": one.lesson.kind, "vendor": one.lesson.vendor, "signature": one.lesson.signature,
            "assets": one.learners,
        })
    });
    let accepted = traeger.accepted_lessons(school)?.into_iter().map(|one| {
        json!({
            "type": "accepted", "school": name, "lesson": one.id, "system": one.system, "from": one.lesson.from,
            "kind": one.lesson.kind, "vendor": one.lesson.vendor, "signature": one.lesson.signature,
            "by": one.who, "on": one.at.date(),
        })
    });
    print(&proposed.chain(accepted).map(|line| line.to_string() + "\n").collect::<String>())
}
