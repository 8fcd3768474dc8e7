//! The IEEE registry of MAC blocks: from a MAC address to the organisation that bought its block.
//!
//! The table is embedded at build time (crate `oui-data`) and can be replaced at run time by a newer list.

use crate::Mac;
use std::{collections::HashMap, sync::OnceLock};

/// What the build packed: organisations, an empty line, then `PREFIX INDEX` lines.
static EMBEDDED: &str = include_str!(concat!(env!("OUT_DIR"), "/oui.txt"));
static TABLE: OnceLock<Table> = OnceLock::new();

/// Blocks of MAC addresses by length of their prefix.
#[derive(Debug, Default)]
pub struct Table {
    /// Prefix of 36, 28 or 24 bits (as a number) to the position in `organisations`, sorted.
    blocks: [Vec<(u64, u32)>; 3],
    organisations: Vec<String>,
}

/// The lengths of prefixes in hexadecimal digits, most specific first: MA-S, MA-M, MA-L.
const DIGITS: [usize; 3] = [9, 7, 6];

/// A list of MAC blocks that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("line {line} of the MAC block list is not PREFIX<TAB>ORGANISATION: {text}")]
pub struct NotAList {
    line: usize,
    text: String,
}

impl Table {
    /// Reads a replacement list: one `PREFIX<TAB>ORGANISATION` a line, prefixes of 6, 7 or 9 hexadecimal digits,
    /// separators allowed; empty lines and lines beginning with `#` are skipped.
    ///
    /// # Errors
    /// When a line has another form.
    pub fn parse(text: &str) -> Result<Self, NotAList> {
        let mut table = Self::default();
        let mut known: HashMap<&str, u32> = HashMap::new();
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            let bad = || NotAList { line: at + 1, text: line.chars().take(60).collect() };
            let (prefix, name) = line.split_once('\t').ok_or_else(bad)?;
            let index = *known.entry(name.trim()).or_insert_with(|| {
                table.organisations.push(name.trim().to_owned());
                u32::try_from(table.organisations.len() - 1).unwrap_or(u32::MAX)
            });
            let digits: String = prefix.chars().filter(char::is_ascii_hexdigit).collect();
            table.push(&digits, index).ok_or_else(bad)?;
        }
        table.sort();
        Ok(table)
    }

    fn embedded() -> Self {
        let mut table = Self::default();
        let mut lines = EMBEDDED.lines();
        table.organisations.extend(lines.by_ref().take_while(|line| !line.is_empty()).map(str::to_owned));
        for line in lines {
            if let Some((prefix, index)) = line.split_once(' ')
                && let Ok(index) = index.parse()
            {
                // The build wrote only prefixes of known lengths.
                let _known = table.push(prefix, index);
            }
        }
        table.sort();
        table
    }

    fn push(&mut self, digits: &str, index: u32) -> Option<()> {
        let level = DIGITS.iter().position(|&length| length == digits.len())?;
        let prefix = u64::from_str_radix(digits, 16).ok()?;
        self.blocks.get_mut(level)?.push((prefix, index));
        Some(())
    }

    fn sort(&mut self) {
        for blocks in &mut self.blocks {
            blocks.sort_unstable();
        }
    }

    /// The organisation that bought the block of this address. None for locally administered addresses.
    #[must_use]
    pub fn organisation(&self, mac: Mac) -> Option<&str> {
        if mac.is_local() || mac.is_group() {
            return None;
        }
        let number = mac.0.iter().fold(0_u64, |sum, &octet| sum << 8 | u64::from(octet));
        DIGITS.iter().zip(&self.blocks).find_map(|(&digits, blocks)| {
            let prefix = number >> (48 - 4 * digits);
            let at = blocks.binary_search_by_key(&prefix, |&(known, _)| known).ok()?;
            let (_, index) = blocks.get(at)?;
            self.organisations.get(usize::try_from(*index).ok()?).map(String::as_str)
        })
    }
}

/// The table in force.
pub fn table() -> &'static Table {
    TABLE.get_or_init(Table::embedded)
}

/// Puts a newer table in force; to be called once at the start, before anything is recognised. Says whether it
/// was taken.
pub fn replace(table: Table) -> bool {
    TABLE.set(table).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_embedded_and_the_longest_prefix_wins() {
        let check = |mac: &str, expected: Option<&str>| {
            let mac: Mac = mac.parse().expect("a MAC");
            let found = table().organisation(mac);
            match expected {
                None => assert_eq!(found, None, "{mac}"),
                Some(part) => assert!(found.is_some_and(|name| name.contains(part)), "{mac}: {found:?}"),
            }
        };
        check("00:00:00:12:34:56", Some("XEROX"));
        check("00:08:e1:00:00:01", Some("Barix"));
        check("b8:4c:87:40:00:01", Some("Blum Novotest"));
        check("02:00:00:12:34:56", None);
    }

    #[test]
    fn a_replacement_list_is_read() {
        let table = Table::parse("# comment\n00:11:22\tExample One\n0011223\tExample Two\n").expect("a list");
        assert_eq!(table.organisation(Mac([0, 0x11, 0x22, 0x44, 0, 0])), Some("Example One"));
        assert_eq!(table.organisation(Mac([0, 0x11, 0x22, 0x34, 0, 0])), Some("Example Two"));
        assert!(Table::parse("00:11\tToo short").is_err());
        assert!(Table::parse("no tab").is_err());
    }
}
