//! Long lists part by part: each part begins behind the last line of the one before, so that the thousandth page is read
//! as fast as the first, and a line that comes meanwhile moves no other.

use super::assets::{AssetFilter, AssetLine, ONE_LINE, line};
use crate::{
    engine::Cell,
    error::Result,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::search::folded;
use serde::Serialize;

/// Lines of one part.
pub const PART: usize = 100;

/// A part of a long list.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Slice<T> {
    /// Its lines.
    pub lines: Vec<T>,
    /// Where the next part begins; nothing where this is the last one.
    pub next: Option<String>,
}

impl<T> Slice<T> {
    /// The first `most` of lines, of which one more was read to see whether there are more.
    pub(super) fn of(mut lines: Vec<T>, most: usize, key: impl Fn(&T) -> String) -> Self {
        let is_more = lines.len() > most;
        lines.truncate(most);
        let next = lines.last().filter(|_| is_more).map(key);
        Self { lines, next }
    }
}

/// A text as a pattern that finds it anywhere.
pub(super) fn pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for c in text.trim().to_lowercase().chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// The rooms of a school whose name holds a text, whatever the spelling of umlauts, for `IN (…)`: numbers alone.
pub(super) fn rooms_named(tx: &mut Tx<'_>, school: i64, text: &str) -> Result<String> {
    let wanted = folded(text);
    let wanted = wanted.trim();
    if wanted.is_empty() {
        return Ok("0".to_owned());
    }
    let sql = "SELECT id, name FROM room WHERE traeger_id = $1 AND school_id = $2";
    let rooms = tx.list(sql, cells![school], |row| Ok((row.int(0)?, row.text(1)?)))?;
    let found = rooms.iter().filter(|(_, name)| folded(name).contains(wanted)).map(|(id, _)| id.to_string());
    // No room has the number 0.
    Ok(std::iter::once("0".to_owned()).chain(found).collect::<Vec<_>>().join(", "))
}

/// A kind as the list is ordered by: what is not recognised comes last.
const KIND: &str = "COALESCE(a.kind, 'zzz')";

/// What a filter lets through: conditions whose parameters begin at `$from`.
fn condition(tx: &mut Tx<'_>, school: i64, filter: &AssetFilter, from: usize) -> Result<(String, Vec<Cell>)> {
    let (mut sql, mut parameters) = (String::new(), Vec::new());
    match filter.kind.as_str() {
        "" => {}
        "-" => sql += " AND a.kind IS NULL",
        kind => {
            sql += &format!(" AND a.kind = ${}", from + parameters.len());
            parameters.push(kind.into());
        }
    }
    if filter.undocumented {
        sql += " AND NOT EXISTS (SELECT 1 FROM stands_for g
                   WHERE g.traeger_id = a.traeger_id AND g.asset_id = a.id)";
    }
    if filter.unplaced {
        sql += " AND NOT EXISTS (SELECT 1 FROM stands_for g JOIN documented_system n
                   ON n.traeger_id = g.traeger_id AND n.id = g.system_id
                   WHERE g.traeger_id = a.traeger_id AND g.asset_id = a.id AND n.room_id IS NOT NULL)";
    }
    if let Some(now) = filter.unsettled_at {
        // What the rule asks for, as long as nobody ignores or accepts it; the latest decision holds.
        sql += &format!(
            " AND EXISTS (SELECT 1 FROM finding o WHERE o.traeger_id = a.traeger_id
                AND o.school_id = a.school_id AND o.rule = 'asset.undocumented'
                AND o.subject = 'asset ' || a.id AND o.closed_at IS NULL)
              AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.traeger_id = a.traeger_id
                AND d.school_id = a.school_id AND d.rule = 'asset.undocumented'
                AND d.subject = 'asset ' || a.id AND d.state IN ('accepted', 'ignored')
                AND (d.until IS NULL OR d.until >= {})
                AND d.id = (SELECT MAX(e.id) FROM decision e WHERE e.traeger_id = d.traeger_id
                  AND e.school_id = d.school_id AND e.rule = d.rule AND e.subject = d.subject))",
            now.0
        );
    }
    if !filter.text.trim().is_empty() {
        let at = from + parameters.len();
        let rooms = rooms_named(tx, school, &filter.text)?;
        sql += &format!(
            " AND (a.search LIKE ${at} ESCAPE '\\' OR EXISTS (SELECT 1 FROM stands_for g
                JOIN documented_system n ON n.traeger_id = g.traeger_id AND n.id = g.system_id
                WHERE g.traeger_id = a.traeger_id AND g.asset_id = a.id
                  AND (n.search LIKE ${at} ESCAPE '\\' OR n.room_id IN ({rooms}))))"
        );
        parameters.push(pattern(&filter.text).into());
    }
    Ok((sql, parameters))
}

impl Traeger {
    /// A part of the devices of a school that a filter lets through, by kind and address, behind `after` (the beginning
    /// for an empty text, or one that is no such place).
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn asset_slice(
        &self,
        school: i64,
        filter: &AssetFilter,
        after: &str,
        most: usize,
    ) -> Result<Slice<AssetLine>> {
        self.school(school)?;
        let place = place(after);
        self.read(|tx| {
            let mut parameters: Vec<Cell> = cells![school].to_vec();
            let behind = place.as_ref().map(|(kind, ip, id)| {
                parameters.extend(cells![kind, ip, *id].iter().cloned());
                format!("AND ({KIND}, a.ip, a.id) > ($3, $4, $5)")
            });
            let (condition, more) = condition(tx, school, filter, parameters.len() + 2)?;
            parameters.extend(more);
            let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
            let sql = format!(
                "SELECT {ONE_LINE} WHERE a.traeger_id = $1 AND a.school_id = $2 {} {condition}
                 ORDER BY {KIND}, a.ip, a.id LIMIT {limit}",
                behind.unwrap_or_default()
            );
            let lines = tx.list(&sql, &parameters, line)?;
            let key = |line: &AssetLine| {
                format!("{}~{}~{}", line.id, line.kind.as_deref().unwrap_or("zzz"), line.ip)
            };
            Ok(Slice::of(lines, most, key))
        })
    }

    /// How many devices of a school a filter lets through.
    ///
    /// # Errors
    /// The database failed.
    pub fn asset_count(&self, school: i64, filter: &AssetFilter) -> Result<usize> {
        self.read(|tx| Ok(ids_of(tx, school, filter)?.len()))
    }

    /// The numbers of the devices of a school that a filter lets through, in order.
    ///
    /// # Errors
    /// The database failed.
    pub fn asset_ids(&self, school: i64, filter: &AssetFilter) -> Result<Vec<i64>> {
        self.read(|tx| ids_of(tx, school, filter))
    }

    /// The kinds of a school's devices, nothing for what is not recognised.
    ///
    /// # Errors
    /// The database failed.
    pub fn asset_kinds(&self, school: i64) -> Result<Vec<Option<String>>> {
        let sql = "SELECT DISTINCT kind FROM asset WHERE traeger_id = $1 AND school_id = $2";
        self.read(|tx| tx.list(sql, cells![school], |row| row.maybe_text(0)))
    }
}

/// The numbers of the devices that a filter lets through.
pub(crate) fn ids_of(tx: &mut Tx<'_>, school: i64, filter: &AssetFilter) -> Result<Vec<i64>> {
    let (condition, more) = condition(tx, school, filter, 3)?;
    let sql = format!(
        "SELECT a.id FROM asset a WHERE a.traeger_id = $1 AND a.school_id = $2 {condition} ORDER BY a.id"
    );
    let parameters: Vec<Cell> = cells![school].iter().cloned().chain(more).collect();
    tx.list(&sql, &parameters, |row| row.int(0))
}

/// A place in the list of devices: kind, address, number.
fn place(after: &str) -> Option<(String, String, i64)> {
    let mut parts = after.splitn(3, '~');
    let id = parts.next()?.parse().ok()?;
    Some((parts.next()?.to_owned(), parts.next()?.to_owned(), id))
}
