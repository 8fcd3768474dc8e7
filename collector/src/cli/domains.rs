//! `domains`: what was found, and whose it is.

use super::{
    book::{Book, open, print},
    error::CliError,
};
use crate::{Clock, report::school_named};
use rundgang_inventory::mail::lookup::domain_from;

/// List, confirm or decline domains.
#[derive(clap::Args, Debug)]
pub(super) struct DomainsArgs {
    #[command(flatten)]
    book: Book,
    /// The school; may be left out where there is only one.
    #[arg(long, value_name = "NAME")]
    school: Option<String>,
    /// This domain is the school's: agents that accept it look up its public records.
    #[arg(long, value_name = "DOMAIN")]
    confirm: Vec<String>,
    /// This domain is somebody else's.
    #[arg(long, value_name = "DOMAIN")]
    decline: Vec<String>,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Who is noted for what is typed at the collector itself.
const WHO: &str = "command line";

pub(super) fn run(args: &DomainsArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let schools = match school_named(&traeger, args.school.as_deref())? {
        Some(school) => vec![school],
        None => traeger.schools()?.into_iter().map(|school| school.id).collect(),
    };
    let is_change = !args.confirm.is_empty() || !args.decline.is_empty();
    if is_change {
        let [school] = schools.as_slice() else { return Err(CliError::WhichSchool) };
        for name in &args.confirm {
            traeger.confirm_domain(*school, name, WHO, clock())?;
        }
        for name in &args.decline {
            traeger.decline_domain(*school, name, WHO, clock())?;
        }
    }
    let named = |line: &rundgang_store::DomainLine| {
        let typed = args.confirm.iter().chain(&args.decline);
        !is_change || typed.filter_map(|name| domain_from(name)).any(|name| name == line.name)
    };
    let mut text = String::new();
    for school in schools {
        for line in traeger.domain_lines(school)?.iter().filter(|line| named(line)) {
            let sources: Vec<&str> = line.sources.iter().map(String::as_str).collect();
            text += &if args.json {
                let mut shown = serde_json::to_value(line).unwrap_or_default();
                shown["school"] = school.into();
                format!("{shown}\n")
            } else {
                format!("{:<10} {:<40} {}\n", line.state.name(), line.name, sources.join(", "))
            };
        }
    }
    print(&text)
}
