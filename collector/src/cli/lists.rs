//! `import` of a school's list, and `lists`: what was entered, and taking one back.

use super::{
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::{Clock, lists::look, report};
use clap::Args;
use std::path::Path;

/// How a list is entered.
#[derive(Args, Debug)]
pub(super) struct ListArgs {
    /// Of a list: show what it would come to, and write nothing.
    #[arg(long)]
    dry_run: bool,
    /// Of a list: what a heading means, "HEADING=FIELD", or "HEADING=-" to leave it out; remembered. May be repeated.
    #[arg(long, value_name = "HEADING=FIELD")]
    mapping: Vec<String>,
    /// Of a list: the school whose list it is, where its rows name none.
    #[arg(long, value_name = "NAME")]
    school: Option<String>,
    /// Of a workbook: the sheet; the first one with anything in it where left out.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Of a list: who enters it, for the audit log; "command line" where left out.
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
}

impl ListArgs {
    /// The first flag that was given; none of them means anything for an agent's export.
    pub(super) fn given(&self) -> Option<&'static str> {
        let flags = [
            ("--dry-run", self.dry_run),
            ("--mapping", !self.mapping.is_empty()),
            ("--school", self.school.is_some()),
            ("--sheet", self.sheet.is_some()),
            ("--by", self.by.is_some()),
        ];
        flags.into_iter().find_map(|(flag, is_given)| is_given.then_some(flag))
    }
}

#[derive(Args, Debug)]
pub(super) struct ListsArgs {
    #[command(flatten)]
    book: Book,
    /// Take this list back: what came from it goes, unless somebody changed it since.
    #[arg(long, value_name = "NUMBER")]
    undo: Option<i64>,
    /// Who does so, for the audit log.
    #[arg(long, value_name = "NAME", default_value = WHO)]
    by: String,
}

pub(super) fn import(book: &Book, file: &Path, args: &ListArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(book)?;
    let school = report::school_named(&traeger, args.school.as_deref())?;
    let looked = look(&traeger, file, args.sheet.as_deref(), school, &args.mapping)?;
    print(&looked.columns())?;
    if let Some(problems) = looked.problems() {
        return Err(problems.into());
    }
    if args.dry_run {
        let would = traeger.look_at_list(&looked.0.rows)?;
        print(&format!("The first rows as they would stand:\n{}", looked.first()))?;
        return print(&format!("{}Nothing was written (--dry-run).\n", looked.told(&would)));
    }
    let by = args.by.as_deref().unwrap_or(WHO);
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let entered = traeger.enter_list(&name, &looked.0.rows, &looked.0.said, (by, clock()))?;
    let mut text = looked.told(&entered);
    if entered.list > 0 {
        text += &format!("To take all of it back: rundgang-collector lists --undo {}\n", entered.list);
    }
    print(&text)
}

pub(super) fn run(args: &ListsArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    if let Some(list) = args.undo {
        let gone = traeger.take_list_back(list, &args.by, clock())?;
        let text = format!("List {list} is taken back: {} systems and {} rooms.\n", gone.systems, gone.rooms);
        return print(&text);
    }
    let mut text = String::from("NUMBER  DAY         SYSTEMS  STATE       FILE\n");
    for list in traeger.lists(None)? {
        let state = if list.undone.is_some() { "taken back" } else { "entered" };
        text += &format!(
            "{:<7} {:<11} {:<8} {state:<11} {} ({})\n",
            list.id,
            list.at.date(),
            list.systems,
            list.file,
            list.who
        );
    }
    print(&text)
}
