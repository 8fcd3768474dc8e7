//! Commands about which device is which: open questions answered, assets merged and split, decisions taken back.

use super::{
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::{Clock, report};
use clap::Args;
use rundgang_inventory::Timestamp;
use rundgang_store::{Error, Traeger};
use serde_json::json;

#[derive(Args, Debug)]
pub(super) struct IdentityArgs {
    #[command(flatten)]
    book: Book,
    /// One school only.
    #[arg(long, value_name = "NAME")]
    school: Option<String>,
    #[command(flatten)]
    act: Act,
    /// Who decides; stands in the book beside the decision.
    #[arg(long, value_name = "FUNCTION", default_value = WHO)]
    who: String,
    /// Why two assets are one, or one is two.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
}

/// What is decided; nothing of it lists what stands.
#[derive(Args, Debug)]
#[group(multiple = false)]
struct Act {
    /// Answer an open question: its number, and that of the asset that the evidence belongs to.
    #[arg(long, num_args = 2, value_names = ["QUESTION", "ASSET"])]
    answer: Option<Vec<i64>>,
    /// Two assets are one device: the number that stays, and the one that becomes part of it.
    #[arg(long, num_args = 2, value_names = ["INTO", "FROM"])]
    merge: Option<Vec<i64>>,
    /// One asset is two devices: its number, and the numbers of the keys (see --keys) that are the other's.
    #[arg(long, num_args = 2.., value_names = ["ASSET", "KEY"])]
    split: Option<Vec<i64>>,
    /// Take a decision back: its number, as listed.
    #[arg(long, value_name = "DECISION")]
    undo: Option<i64>,
    /// List by what an asset is known: its number.
    #[arg(long, value_name = "ASSET")]
    keys: Option<i64>,
}

/// Carries out what was asked for, then lists open questions and decisions, one JSON object a line.
pub(super) fn run(args: &IdentityArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    if let Some(asset) = args.act.keys {
        return keys(&traeger, asset);
    }
    let schools = match report::school_named(&traeger, args.school.as_deref())? {
        Some(school) => vec![school],
        None => traeger.schools()?.into_iter().map(|school| school.id).collect(),
    };
    decide(&traeger, &schools, args, clock())?;
    schools.into_iter().try_for_each(|school| list(&traeger, school))
}

fn decide(traeger: &Traeger, schools: &[i64], args: &IdentityArgs, now: Timestamp) -> Result<(), CliError> {
    let (who, act) = (args.who.as_str(), &args.act);
    if let Some([question, asset]) = act.answer.as_deref() {
        let asks = |school| Ok(traeger.ambiguities(school)?.iter().any(|open| open.id == *question));
        let school = of(schools, asks, || format!("open question {question} about identity"))?;
        traeger.settle_ambiguity(school, *question, *asset, who, now)?;
    }
    if let Some([into, from]) = act.merge.as_deref() {
        traeger.merge_assets(traeger.asset(*into)?.school, *into, *from, who, &args.reason, now)?;
    }
    if let Some([asset, keys @ ..]) = act.split.as_deref() {
        traeger.split_asset(traeger.asset(*asset)?.school, *asset, keys, who, &args.reason, now)?;
    }
    if let Some(decision) = act.undo {
        let knows = |school| Ok(traeger.identity_events(school)?.iter().any(|event| event.id == decision));
        let school = of(schools, knows, || format!("decision {decision} about identity"))?;
        traeger.undo_identity_event(school, decision, who, now)?;
    }
    Ok(())
}

/// The first school of which something holds.
fn of(
    schools: &[i64],
    holds: impl Fn(i64) -> Result<bool, Error>,
    what: impl Fn() -> String,
) -> Result<i64, CliError> {
    for school in schools {
        if holds(*school)? {
            return Ok(*school);
        }
    }
    Err(Error::NotFound(what()).into())
}

fn keys(traeger: &Traeger, asset: i64) -> Result<(), CliError> {
    let asset = traeger.asset(asset)?.id;
    let lines = traeger.asset_keys(asset)?.into_iter().map(|(key, kind, value)| {
        json!({ "type": "key", "asset": asset, "key": key, "kind": kind, "value": value }).to_string() + "\n"
    });
    print(&lines.collect::<String>())
}

fn list(traeger: &Traeger, school: i64) -> Result<(), CliError> {
    let name = traeger.school(school)?.entered.name;
    let questions = traeger.ambiguities(school)?.into_iter().map(|open| {
        json!({
            "type": "question", "school": name, "question": open.id, "keys": open.keys, "fits": open.candidates,
            "because": open.reason, "since": open.at.date(),
        })
    });
    let decisions = traeger.identity_events(school)?.into_iter().map(|event| {
        json!({
            "type": "decision", "school": name, "decision": event.id, "kind": event.kind, "asset": event.asset,
            "takes_back": event.reverses, "by": event.who, "because": event.reason, "on": event.at.date(),
        })
    });
    print(&questions.chain(decisions).map(|line| line.to_string() + "\n").collect::<String>())
}
