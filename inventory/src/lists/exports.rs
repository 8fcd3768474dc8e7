//! Lists that other programs export: known by their headings, which are data. No product has code of its own.

use super::words;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// How one program heads its lists.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Export {
    /// The program.
    pub(super) name: String,
    /// Headings by which its lists are known: all of one line.
    marks: Vec<Vec<String>>,
    /// Whether a column that is not named is left out: such lists name pupils and teachers, which no heading tells.
    #[serde(default)]
    pub(super) closed: bool,
    /// Heading to field, or to `-`.
    columns: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    export: Vec<Export>,
}

/// Every export that is known, headings in one spelling.
static EXPORTS: LazyLock<Vec<Export>> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../../lists/exports.toml")).unwrap_or_default();
    let one = |export: Export| Export {
        marks: export
            .marks
            .iter()
            .map(|line| line.iter().map(|mark| words::joined(mark)).collect())
            .collect(),
        columns: export.columns.iter().map(|(name, field)| (words::joined(name), field.clone())).collect(),
        ..export
    };
    file.export.into_iter().map(one).collect()
});

/// The program whose list has these headings: the one of which most stands there, the first of several.
pub(super) fn of(headings: &[String]) -> Option<&'static Export> {
    let there: BTreeSet<String> = headings.iter().map(|heading| words::joined(heading)).collect();
    let fits = |export: &Export| {
        let lines = export.marks.iter().filter(|line| line.iter().all(|mark| there.contains(mark)));
        let longest = lines.map(Vec::len).max()?;
        Some((longest, export.columns.keys().filter(|name| there.contains(*name)).count()))
    };
    let known = EXPORTS.iter().enumerate().filter_map(|(at, export)| Some((fits(export)?, at, export)));
    known.max_by_key(|(fit, at, _)| (*fit, std::cmp::Reverse(*at))).map(|(_, _, export)| export)
}

impl Export {
    /// What a heading is in this program's lists: a field, `-`, or nothing that is told here.
    pub(super) fn column(&self, heading: &str) -> Option<&str> {
        let named = self.columns.get(&words::joined(heading)).map(String::as_str);
        named.or_else(|| self.closed.then_some("-"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::FIELDS;
    use super::*;

    #[test]
    fn every_export_is_sound_data() {
        let file: File = toml::from_str(include_str!("../../lists/exports.toml")).expect("a sound file");
        assert_eq!(file.export.len(), EXPORTS.len());
        for export in EXPORTS.iter() {
            assert!(export.marks.iter().all(|line| !line.is_empty()), "{}", export.name);
            for (heading, field) in &export.columns {
                assert!(
                    field == "-" || FIELDS.contains(&field.as_str()),
                    "{}: {heading}={field}",
                    export.name
                );
                assert!(!words::is_secret(heading), "{}: {heading}", export.name);
            }
            for line in &export.marks {
                // Another program's list may have these headings too, but the shorter claim never wins over a longer one.
                let found = of(line).map(|found| found.name.as_str());
                assert_eq!(found, Some(export.name.as_str()), "{line:?}");
            }
        }
    }

    #[test]
    fn a_schools_own_list_is_nobodys_export() {
        for list in [
            "Bezeichnung;Raum;Seriennummer;Hersteller;Modell;Status",
            "Name;Art;Raum;Standort;Zuständig;Bemerkung",
            "Gerät;Inventarnummer;Standort;Hersteller;Typ",
            "Name;Category;Location;Serial;Manufacturer",
        ] {
            let headings: Vec<String> = list.split(';').map(str::to_owned).collect();
            assert!(of(&headings).is_none(), "{list}");
        }
    }
}
