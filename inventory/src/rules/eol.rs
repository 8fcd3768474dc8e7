//! `asset.end-of-life`: a device whose maker mends no more holes in its firmware; which ones are data.

use super::{AssetView, Check, Parameters, Rule, Severity, Verdict};
use crate::Timestamp;
use regex::Regex;
use serde::Deserialize;
use serde_json::json;
use std::sync::LazyLock;

pub(super) static RULE: Rule = Rule { family: "asset.end-of-life", check: Check::Asset(check) };

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    end: Vec<Written>,
}

/// An entry as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    product: String,
    #[serde(default)]
    version: String,
    ended: String,
    source: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "the examples are the tests"))]
    examples: Vec<String>,
    #[cfg_attr(not(test), expect(dead_code, reason = "the examples are the tests"))]
    others: Vec<String>,
}

/// An entry that can be asked.
struct End {
    product: Regex,
    version: Option<Regex>,
    ended: Timestamp,
    source: String,
}

static ENDS: LazyLock<Vec<End>> = LazyLock::new(|| {
    let entry = |written: &Written| {
        let version = Some(&written.version).filter(|version| !version.is_empty());
        Some(End {
            product: Regex::new(&written.product).ok()?,
            version: version.map(|version| Regex::new(version)).transpose().ok()?,
            ended: Timestamp::parse_date(&written.ended)?,
            source: written.source.clone(),
        })
    };
    file().end.iter().filter_map(entry).collect()
});

fn file() -> File {
    toml::from_str(include_str!("../../eol/firmware.toml")).unwrap_or_default()
}

/// The entry that a product of a version falls under. Where a version decides, one that is not known decides nothing.
fn end_of(product: &str, version: Option<&str>) -> Option<&'static End> {
    let fits = |end: &&End| {
        end.product.is_match(product)
            && end
                .version
                .as_ref()
                .is_none_or(|pattern| version.is_some_and(|version| pattern.is_match(version)))
    };
    ENDS.iter().find(fits)
}

fn check(asset: &AssetView<'_>, parameters: &Parameters) -> Verdict {
    let product = crate::product(asset.vendor, asset.model);
    match end_of(&product, asset.version).filter(|end| end.ended <= parameters.now) {
        Some(end) => Verdict::wrong(
            RULE.family,
            Severity::Medium,
            json!({ "product": product, "version": asset.version, "ended": end.ended.date(), "source": end.source }),
        ),
        None => Verdict::clear(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, asset, ids};
    use super::*;

    fn split(text: &str) -> (&str, Option<&str>) {
        text.split_once(" | ").map_or((text, None), |(product, version)| (product, Some(version)))
    }

    #[test]
    fn every_entry_matches_its_examples_and_nothing_that_looks_alike() {
        let written = file().end;
        assert_eq!(written.len(), ENDS.len(), "an entry does not read");
        for (written, end) in written.iter().zip(ENDS.iter()) {
            let fits = |text: &String| {
                let (product, version) = split(text);
                end_of(product, version).is_some_and(|found| std::ptr::eq(found, end))
            };
            assert!(!written.examples.is_empty() && !written.others.is_empty(), "{}", written.source);
            assert!(written.examples.iter().all(fits), "{}", written.source);
            assert!(!written.others.iter().any(fits), "{}", written.source);
        }
    }

    #[test]
    fn the_end_counts_from_its_day_on() {
        let view = AssetView {
            vendor: Some("VMware"),
            model: Some("ESXi"),
            version: Some("6.7.0"),
            ..asset(None, Vec::new())
        };
        let at = |day: &str| Parameters::at(Timestamp::parse_date(day).expect("a day"));
        assert_eq!(ids(&check(&view, &at("2022-10-14"))), "");
        assert_eq!(ids(&check(&view, &at("2022-10-15"))), "asset.end-of-life");
        let unknown = AssetView { version: None, ..view };
        assert_eq!(ids(&check(&unknown, &Parameters::at(NOW))), "", "an unknown version decides nothing");
    }
}
