//! Which generation of WLAN an access point speaks, told by the maker's own naming of its models.
//!
//! The table is data: `surveys/tables/wlan-generations.toml`. A model that it does not know stays unknown.

use regex::Regex;
use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
struct Table {
    #[serde(rename = "model")]
    models: Vec<Line>,
}

/// Models of one maker and generation.
#[derive(Deserialize)]
struct Line {
    /// How the maker's name begins, lower case; empty where the model alone is telling.
    vendor: String,
    /// A pattern over the upper-case model.
    pattern: String,
    /// `wifi-4` to `wifi-7`, as the Wi-Fi Alliance counts them (IEEE 802.11n, ac, ax, be).
    generation: String,
    /// Models that must match this line and none before it.
    #[cfg_attr(not(test), expect(dead_code, reason = "the examples are the tests"))]
    examples: Vec<String>,
}

static TABLE: LazyLock<Vec<(Line, Regex)>> = LazyLock::new(|| {
    // The test below refuses a table that does not read.
    let table: Result<Table, _> = toml::from_str(include_str!("../../surveys/tables/wlan-generations.toml"));
    table.map_or_else(
        |_| Vec::new(),
        |table| {
            let read = |line: Line| Regex::new(&line.pattern).ok().map(|pattern| (line, pattern));
            table.models.into_iter().filter_map(read).collect()
        },
    )
});

/// The generation of an access point, where its model tells it.
#[must_use]
pub fn wlan_generation(vendor: Option<&str>, model: &str) -> Option<&'static str> {
    let (vendor, model) = (vendor.unwrap_or_default().to_lowercase(), model.to_uppercase());
    TABLE
        .iter()
        .find(|(line, pattern)| {
            (line.vendor.is_empty() || vendor.is_empty() || vendor.starts_with(&line.vendor))
                && pattern.is_match(&model)
        })
        .map(|(line, _)| line.generation.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_finds_its_examples() {
        let table: Table = toml::from_str(include_str!("../../surveys/tables/wlan-generations.toml"))
            .expect("the table reads");
        assert_eq!(TABLE.len(), table.models.len(), "every pattern reads");
        for line in table.models {
            assert!(matches!(line.generation.as_str(), "wifi-4" | "wifi-5" | "wifi-6" | "wifi-7"));
            for example in &line.examples {
                let found = wlan_generation(Some(&line.vendor), example);
                assert_eq!(found, Some(line.generation.as_str()), "{} {example}", line.vendor);
            }
        }
        assert_eq!(wlan_generation(Some("Nobody"), "Box 1"), None);
    }
}
