//! How numbers, dates and bounds read in each language.

use crate::text::Language;
use rundgang_inventory::{Timestamp, Zone};

/// The day of a moment by the school's clocks, as people of the language write it: `01.10.2026`, `1-10-2026`,
/// `1 Oct 2026`.
#[must_use]
pub fn date(language: Language, zone: Zone, moment: Timestamp) -> String {
    let text = zone.wall(moment).date();
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    match language {
        Language::De => format!("{day}.{month}.{year}"),
        Language::Nl => format!("{}-{}-{year}", day.trim_start_matches('0'), month.trim_start_matches('0')),
        Language::En => {
            let name =
                month.parse::<usize>().ok().and_then(|n| MONTHS.get(n.wrapping_sub(1))).unwrap_or(&month);
            format!("{} {name} {year}", day.trim_start_matches('0'))
        }
    }
}

/// A date with the time of day by the school's clocks; only for agents and rounds (promise P6).
#[must_use]
pub fn moment(language: Language, zone: Zone, moment: Timestamp) -> String {
    let text = zone.wall(moment).to_string();
    format!("{},\u{a0}{}", date(language, zone, moment), text.get(11..16).unwrap_or_default())
}

/// A number with at most two decimals and the language's decimal sign.
#[must_use]
pub fn number(language: Language, value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    let text = rounded.to_string();
    match language {
        Language::En => text,
        Language::De | Language::Nl => text.replace('.', ","),
    }
}

/// A share from 0 to 1 in whole per cent.
#[must_use]
pub fn share(language: Language, value: f64) -> String {
    let percent = (value * 100.0).round();
    match language {
        Language::De => format!("{percent}\u{a0}%"),
        Language::Nl | Language::En => format!("{percent}%"),
    }
}

/// A counter as it may be shown: below ten as "<10", else rounded to ten (promise P3).
#[must_use]
pub fn counter(count: u32) -> String {
    rundgang_inventory::batch::counter(count.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_numbers_follow_the_language() {
        let day = Timestamp::parse_date("2026-10-01").expect("a date");
        assert_eq!(date(Language::De, Zone::BERLIN, day), "01.10.2026");
        assert_eq!(date(Language::Nl, Zone::BERLIN, day), "1-10-2026");
        assert_eq!(date(Language::En, Zone::BERLIN, day), "1 Oct 2026");
        let minute_past = Timestamp(day.0 + 3_660_000);
        assert_eq!(moment(Language::De, Zone::BERLIN, minute_past), "01.10.2026,\u{a0}03:01");
        assert_eq!(moment(Language::De, Zone::UTC, minute_past), "01.10.2026,\u{a0}01:01");
        // Half past midnight at the school is the new day, though machines still write the old one.
        let night = Timestamp(day.0 - 5_400_000);
        assert_eq!(moment(Language::De, Zone::BERLIN, night), "01.10.2026,\u{a0}00:30");
        assert_eq!(number(Language::De, 3.456), "3,46");
        assert_eq!(number(Language::En, 12.0), "12");
        assert_eq!(share(Language::De, 0.294), "29\u{a0}%");
    }
}
