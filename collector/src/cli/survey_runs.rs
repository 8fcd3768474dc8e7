//! The commands that take a survey through the schools: open, list, confirm, return, submit, show what was submitted.

use super::{
    book::{Book, open, print},
    error::CliError,
};
use crate::{Clock, report, survey::SurveyError};
use clap::{Args, Subcommand};
use rundgang_inventory::Timestamp;
use rundgang_store::{State, Traeger};

/// What can be done with a survey that goes through the schools.
#[derive(Debug, Subcommand)]
pub(crate) enum RunCommand {
    /// Open a survey for schools.
    Open(OpenArgs),
    /// List the runs and how far each school has come.
    List(Book),
    /// Hand in the answers of a school, as its coordinator.
    Confirm(MoveArgs),
    /// Give the answers back to a school with a note.
    Return(MoveArgs),
    /// Submit a run: every answer is frozen under a seal and never changed.
    Submit(SubmitArgs),
    /// Print what was submitted, one JSON object a school.
    Frozen(SubmitArgs),
}

/// A survey to be opened.
#[derive(Args, Debug)]
pub(crate) struct OpenArgs {
    #[command(flatten)]
    book: Book,
    /// The survey's id.
    id: String,
    /// A school; may be repeated. Without it every school.
    #[arg(long, value_name = "NAME")]
    school: Vec<String>,
    /// The reference date, YYYY-MM-DD; today where left out.
    #[arg(long, value_name = "DATE")]
    as_of: Option<String>,
    /// Until when schools should answer, YYYY-MM-DD.
    #[arg(long, value_name = "DATE")]
    due: Option<String>,
    /// Who opens it.
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// The part of one school.
#[derive(Args, Debug)]
pub(crate) struct MoveArgs {
    #[command(flatten)]
    book: Book,
    /// The number of the run, as `survey run list` shows it.
    run: i64,
    /// The school.
    #[arg(long, value_name = "NAME")]
    school: String,
    /// What is missing; needed when returning.
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    /// Who does it.
    #[arg(long, value_name = "NAME")]
    by: String,
}

/// A whole run.
#[derive(Args, Debug)]
pub(crate) struct SubmitArgs {
    #[command(flatten)]
    book: Book,
    /// The number of the run.
    run: i64,
    /// Who does it.
    #[arg(long, value_name = "NAME", default_value = "")]
    by: String,
}

/// Runs one of them.
///
/// # Errors
/// One line that says what to do.
pub(crate) fn run(command: &RunCommand, clock: &Clock) -> Result<(), CliError> {
    match command {
        RunCommand::Open(args) => open_run(args, clock),
        RunCommand::List(book) => print(&list(&open(book)?.1)?),
        RunCommand::Confirm(args) => move_part(args, State::Confirmed, clock),
        RunCommand::Return(args) => move_part(args, State::Returned, clock),
        RunCommand::Submit(args) => {
            let (_, traeger) = open(&args.book)?;
            if args.by.trim().is_empty() {
                return Err(SurveyError::Nobody.into());
            }
            traeger.submit_run(args.run, &args.by, clock())?;
            print(&format!(
                "Run {} is submitted: {} schools are frozen.\n",
                args.run,
                traeger.parts(args.run)?.len()
            ))
        }
        RunCommand::Frozen(args) => {
            let (_, traeger) = open(&args.book)?;
            let mut text = String::new();
            for frozen in traeger.frozen_of_run(args.run)? {
                let line = serde_json::json!({
                    "type": "frozen", "number": frozen.id, "survey": frozen.survey, "as_of": frozen.as_of.date(),
                    "submitted_by": frozen.who, "submitted_at": frozen.at.to_string(), "seal": frozen.seal,
                    "seal_before": frozen.seal_before, "whole": frozen.is_whole, "content": frozen.content,
                });
                text += &(line.to_string() + "\n");
            }
            print(&text)
        }
    }
}

fn day(text: Option<&String>) -> Result<Option<Timestamp>, SurveyError> {
    text.map(|text| Timestamp::parse_date(text).ok_or_else(|| SurveyError::Date(text.clone()))).transpose()
}

fn open_run(args: &OpenArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let mut schools = Vec::new();
    for name in &args.school {
        schools.extend(report::school_named(&traeger, Some(name))?);
    }
    if args.school.is_empty() {
        schools = traeger.schools()?.into_iter().map(|school| school.id).collect();
    }
    let (as_of, due) = (day(args.as_of.as_ref())?.unwrap_or_else(|| clock()), day(args.due.as_ref())?);
    let run = traeger.open_run(&args.id, as_of, due, &schools, &args.by, clock())?;
    print(&format!("Run {run}: the survey '{}' is open for {} schools.\n", args.id, schools.len()))
}

fn move_part(args: &MoveArgs, next: State, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    if let Some(school) = report::school_named(&traeger, Some(&args.school))? {
        traeger.move_part(args.run, school, next, &args.note, &args.by, clock())?;
    }
    print(&format!("{}: {}\n", args.school, next.name()))
}

fn list(traeger: &Traeger) -> Result<String, CliError> {
    let mut text = String::new();
    for run in traeger.runs()? {
        let due = run.due.map(|due| format!(", due {}", due.date())).unwrap_or_default();
        let state = if run.submitted.is_some() { "submitted" } else { "open" };
        text += &format!("Run {} {} as of {}{due}: {state}\n", run.id, run.survey.id, run.as_of.date());
        for part in traeger.parts(run.id)? {
            let name = traeger.school(part.school)?.entered.name;
            text += &format!("  {name}: {} {}\n", part.state.name(), part.note);
        }
    }
    Ok(text)
}
