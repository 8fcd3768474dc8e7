//! The audit log of a Träger or of one school, the newest first, part by part.

use super::slices::{Slice, pattern};
use crate::{
    engine::Cell,
    error::Result,
    register::AuditEntry,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Asks for what nobody did: the machine.
pub const MACHINE: &str = "-";

/// So many subjects whose names hold a text are looked for.
const MOST_NAMED: usize = 200;

/// Which entries are shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogFilter {
    /// Only of this school; of all schools and the Träger itself for `None`.
    pub school: Option<i64>,
    /// Only about this: a subject as the log has it (`system 3`), or part of the name of an entry of the register.
    pub subject: String,
    /// Only by this one, as the log names them; [`MACHINE`] for the machine.
    pub who: String,
    /// Not before this moment.
    pub from: Option<Timestamp>,
    /// Not after this moment.
    pub to: Option<Timestamp>,
    /// Whether entries about accounts and tokens are among them: who may sign in is for those who open accounts.
    pub with_accounts: bool,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogLine {
    /// Its number.
    pub id: i64,
    /// The school that it is about.
    pub school: Option<i64>,
    /// The name of that school, where it is still there.
    pub school_name: String,
    /// What people call its subject, as far as it still has a name; empty elsewhere.
    pub label: String,
    /// What was done, when, by whom, with before and after.
    pub entry: AuditEntry,
}

/// The subjects that a text means: the one that is written so, and entries of the register whose name holds it.
fn subjects(tx: &mut Tx<'_>, filter: &LogFilter) -> Result<Vec<Cell>> {
    let wanted = filter.subject.trim();
    let sql = format!(
        "SELECT id FROM documented_system
         WHERE traeger_id = $1 AND ($2 = 0 OR school_id = $2) AND search LIKE $3 ESCAPE '\\' LIMIT {MOST_NAMED}"
    );
    let named = tx.list(&sql, cells![filter.school.unwrap_or(0), pattern(wanted)], |row| row.int(0))?;
    let named = named.into_iter().map(|id| format!("system {id}").into());
    Ok(std::iter::once(wanted.into()).chain(named).collect())
}

/// What a filter lets through, with its parameters from `$2` on, and the order in which it is read.
fn condition(tx: &mut Tx<'_>, filter: &LogFilter) -> Result<(String, Vec<Cell>, &'static str)> {
    let (mut sql, mut parameters) = (String::new(), Vec::<Cell>::new());
    let mut add = |text: &str, cell: Cell| {
        parameters.push(cell);
        sql += &text.replace('?', &format!("${}", parameters.len() + 1));
    };
    if let Some(school) = filter.school {
        add(" AND l.school_id = ?", school.into());
    }
    match filter.who.trim() {
        "" => {}
        MACHINE => add(" AND l.who = ?", "".into()),
        who => add(" AND l.who = ?", who.into()),
    }
    if let Some(from) = filter.from {
        add(" AND l.at >= ?", from.into());
    }
    if let Some(to) = filter.to {
        add(" AND l.at <= ?", to.into());
    }
    // What is written about one subject is little: sorted as it comes, and found by the index of subjects.
    let mut order = "l.at DESC, l.id DESC";
    if !filter.subject.trim().is_empty() {
        order = "l.at + 0 DESC, l.id + 0 DESC";
        let mut marks = Vec::new();
        for subject in subjects(tx, filter)? {
            parameters.push(subject);
            marks.push(format!("${}", parameters.len() + 1));
        }
        sql += &format!(" AND l.subject IN ({})", marks.join(", "));
    }
    if !filter.with_accounts {
        sql += " AND l.subject NOT LIKE 'account %' AND l.subject NOT LIKE 'token %'";
    }
    Ok((sql, parameters, order))
}

/// Where the names of subjects stand: the word of the log, the table, and the name in it.
const NAMES: [(&str, &str, &str); 10] = [
    ("system", "documented_system", "name"),
    ("asset", "asset", "COALESCE(hostname, model, ip)"),
    ("agent", "agent", "name"),
    ("school", "school", "name"),
    ("site", "site", "name"),
    ("building", "building", "name"),
    ("room", "room", "name"),
    ("contact", "contact", "function"),
    ("offer", "offer", "name"),
    ("account", "account", "name"),
];

/// The names of rows by their numbers.
fn named(tx: &mut Tx<'_>, table: &str, name: &str, ids: &BTreeSet<i64>) -> Result<BTreeMap<i64, String>> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let sql = format!("SELECT id, {name} FROM {table} WHERE traeger_id = $1 AND id IN ({})", ids.join(", "));
    let rows = tx.list(&sql, &[], |row| Ok((row.int(0)?, row.text(1)?)))?;
    Ok(rows.into_iter().collect())
}

/// Says of lines what people call their subjects and schools.
fn call(tx: &mut Tx<'_>, lines: &mut [LogLine]) -> Result<()> {
    let number = |line: &LogLine, noun: &str| {
        line.entry.subject.strip_prefix(noun)?.strip_prefix(' ')?.parse::<i64>().ok()
    };
    for (noun, table, name) in NAMES {
        let ids = lines.iter().filter_map(|line| number(line, noun)).collect();
        let names = named(tx, table, name, &ids)?;
        for line in lines.iter_mut() {
            if let Some(name) = number(line, noun).and_then(|id| names.get(&id)) {
                line.label.clone_from(name);
            }
        }
    }
    let schools = named(tx, "school", "name", &lines.iter().filter_map(|line| line.school).collect())?;
    for line in lines {
        if let Some(name) = line.school.and_then(|school| schools.get(&school)) {
            line.school_name.clone_from(name);
        }
    }
    Ok(())
}

impl Traeger {
    /// A part of the audit log that a filter lets through, the newest first, behind `after` (the beginning for an empty
    /// text, or one that is no such place).
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn log_slice(&self, filter: &LogFilter, after: &str, most: usize) -> Result<Slice<LogLine>> {
        if let Some(school) = filter.school {
            self.school(school)?;
        }
        let place = after.split_once('~').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
        self.read(|tx| {
            let (mut condition, mut parameters, order) = condition(tx, filter)?;
            if let Some((at, id)) = place {
                let from = parameters.len() + 2;
                condition += &format!(" AND (l.at, l.id) < (${from}, ${})", from + 1);
                parameters.extend([Cell::Int(at), Cell::Int(id)]);
            }
            let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
            let sql = format!(
                "SELECT l.at, l.who, l.what, l.subject, l.before, l.after, l.id, l.school_id FROM audit_log l
                 WHERE l.traeger_id = $1 {condition} ORDER BY {order} LIMIT {limit}"
            );
            let mut lines = tx.list(&sql, &parameters, |row| {
                let (id, school) = (row.int(6)?, row.maybe_int(7)?);
                let (school_name, label) = (String::new(), String::new());
                Ok(LogLine { id, school, school_name, label, entry: AuditEntry::of(row)? })
            })?;
            call(tx, &mut lines)?;
            Ok(Slice::of(lines, most, |line| format!("{}~{}", line.entry.at.0, line.id)))
        })
    }
}
