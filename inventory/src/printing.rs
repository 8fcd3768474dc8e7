//! What a printer tells of its work: pages printed, and how full its toner, ink and drums are.

use crate::{Fields, Row, Value, page_counters::PURPOSES, vocabulary as v};

/// What is known of a printer's work at its last walk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Printing {
    /// The counter of the first marker (prtMarkerLifeCount, RFC 3805), mostly pages; of a printer that tells none by SNMP
    /// the sides it printed in its life (printer-impressions-completed, PWG 5100.13).
    pub pages: Option<u64>,
    /// Counters by purpose, as the maker keeps them: one of [`PURPOSES`] and the pages.
    pub counters: Vec<(&'static str, u64)>,
    /// Toner, ink, drums, in the printer's order.
    pub supplies: Vec<Supply>,
}

/// One consumable (prtMarkerSuppliesTable, RFC 3805).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supply {
    /// What the printer calls it: `Toner cartridge black`.
    pub name: String,
    /// How full it is.
    pub level: Level,
}

/// How full a consumable is. A waste box counts the other way round: what is left is room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Percent of its capacity, 0 to 100.
    Percent(u8),
    /// Something is left; the printer does not say how much (level -3).
    Some,
    /// The printer does not know (level -2), or what it says makes no sense.
    Unknown,
}

/// Below so many percent something should be ordered.
pub const LOW_PERCENT: u8 = 10;

impl Printing {
    /// Reads what merged evidence says; `None` where it says nothing.
    #[must_use]
    pub fn read(fields: &Fields) -> Option<Self> {
        let pages = [&v::SNMP_PAGE_COUNT, &v::IPP_IMPRESSIONS]
            .into_iter()
            .find_map(|field| positive(fields.int(field)?));
        let by_snmp: Vec<Supply> = rows(fields, &v::SNMP_SUPPLIES).iter().filter_map(supply).collect();
        let supplies = if by_snmp.is_empty() {
            rows(fields, &v::IPP_SUPPLIES).iter().filter_map(ipp_supply).collect()
        } else {
            by_snmp
        };
        let printing = Self { pages, counters: counters(fields), supplies };
        (printing != Self::default()).then_some(printing)
    }
}

fn rows<'f>(fields: &'f Fields, field: &'static crate::Field) -> &'f [Row] {
    match fields.get(field) {
        Some(Value::Table(rows)) => rows.as_slice(),
        _ => &[],
    }
}

fn positive(number: i64) -> Option<u64> {
    u64::try_from(number).ok()
}

fn number(row: &Row, name: &str) -> Option<i64> {
    row.get(name).and_then(Value::as_int)
}

fn counters(fields: &Fields) -> Vec<(&'static str, u64)> {
    let rows = rows(fields, &v::SNMP_PAGE_COUNTERS);
    let told = |what: &&'static str| {
        let row = rows.iter().find(|row| row.get("what").and_then(Value::as_text) == Some(*what))?;
        Some((*what, positive(number(row, "pages")?)?))
    };
    PURPOSES.iter().filter_map(told).collect()
}

fn supply(row: &Row) -> Option<Supply> {
    named(row, "descr", level(number(row, "level")?, number(row, "max")))
}

/// A supply as IPP tells it: percent, and the same words for what is unknown (PWG 5107.2).
fn ipp_supply(row: &Row) -> Option<Supply> {
    named(row, "name", level(number(row, "level")?, None))
}

fn named(row: &Row, column: &str, level: Level) -> Option<Supply> {
    let name = row.get(column)?.as_text()?.trim().to_owned();
    (!name.is_empty()).then_some(Supply { name, level })
}

/// prtMarkerSuppliesLevel against prtMarkerSuppliesMaxCapacity; both have negative values with a meaning of their own.
fn level(level: i64, max: Option<i64>) -> Level {
    match (level, max) {
        (-3, _) => Level::Some,
        // Without a capacity many printers count percent; more than a hundred of what, nobody knows.
        (0..=100, None | Some(-2 | -1)) => Level::Percent(u8::try_from(level).unwrap_or(100)),
        (0.., Some(max)) if max > 0 => {
            let percent = i128::from(level.min(max)) * 100 / i128::from(max);
            Level::Percent(u8::try_from(percent).unwrap_or(100))
        }
        _ => Level::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_mean_what_the_standard_says() {
        let check = |told: i64, max: Option<i64>, expected: Level| {
            assert_eq!(level(told, max), expected, "{told} of {max:?}");
        };
        check(3600, Some(7200), Level::Percent(50));
        check(0, Some(7200), Level::Percent(0));
        check(9000, Some(7200), Level::Percent(100));
        check(40, Some(100), Level::Percent(40));
        check(40, Some(-2), Level::Percent(40));
        check(4000, Some(-2), Level::Unknown);
        check(-3, Some(7200), Level::Some);
        check(-2, Some(7200), Level::Unknown);
        check(-1, Some(7200), Level::Unknown);
        check(5, Some(0), Level::Unknown);
        check(i64::MAX, Some(i64::MAX), Level::Percent(100));
    }

    #[test]
    fn what_a_printer_tells() {
        let row = |name: &str, level: i64| {
            let numbers = [("index", 1), ("level", level), ("max", 200)];
            let numbers = numbers.map(|(name, number)| (name.to_owned(), Value::Int(number)));
            Row::from_iter(numbers.into_iter().chain([("descr".to_owned(), Value::text(name))]))
        };
        let fields = Fields::new()
            .with(&v::SNMP_PAGE_COUNT, Value::Int(81_234))
            .with(&v::SNMP_SUPPLIES, Value::Table(vec![row("TK-1170S", -3), row(" ", 4), row("Waste", 190)]));
        let printing = Printing::read(&fields).unwrap();
        assert_eq!(printing.pages, Some(81_234));
        let supply = |name: &str, level| Supply { name: name.to_owned(), level };
        assert_eq!(printing.supplies, [supply("TK-1170S", Level::Some), supply("Waste", Level::Percent(95))]);
        assert_eq!(Printing::read(&Fields::new()), None);
    }

    #[test]
    fn a_printer_that_speaks_ipp_alone_tells_its_work_too() {
        let supply = |name: &str, level: i64| {
            Row::from([("name".to_owned(), Value::text(name)), ("level".to_owned(), Value::Int(level))])
        };
        let fields = Fields::new().with(&v::IPP_IMPRESSIONS, Value::Int(4711)).with(
            &v::IPP_SUPPLIES,
            Value::Table(vec![supply("Black", 40), supply("Cyan", -3), supply("Waste", -2)]),
        );
        let printing = Printing::read(&fields).unwrap();
        assert_eq!(printing.pages, Some(4711));
        let levels: Vec<(&str, Level)> =
            printing.supplies.iter().map(|s| (s.name.as_str(), s.level)).collect();
        assert_eq!(levels, [("Black", Level::Percent(40)), ("Cyan", Level::Some), ("Waste", Level::Unknown)]);
        // What SNMP says is in the printer's own unit and goes first.
        let both = fields.with(&v::SNMP_PAGE_COUNT, Value::Int(4700));
        assert_eq!(Printing::read(&both).unwrap().pages, Some(4700));
    }

    #[test]
    fn counters_by_purpose_come_in_one_order() {
        let counted = |what: &str, pages: i64| {
            Row::from([("what".to_owned(), Value::text(what)), ("pages".to_owned(), Value::Int(pages))])
        };
        let rows = vec![counted("colour", 40), counted("mono", 60), counted("staples", 3)];
        let fields = Fields::new().with(&v::SNMP_PAGE_COUNTERS, Value::Table(rows));
        assert_eq!(Printing::read(&fields).unwrap().counters, [("mono", 60), ("colour", 40)]);
    }
}
