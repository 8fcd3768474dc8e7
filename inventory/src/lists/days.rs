//! Days as people write them, in five forms; what can be read as two days is refused.

use super::words;
use crate::Timestamp;

/// Days between the day 0 of spreadsheets and 1970-01-01.
const SPREADSHEET: i64 = 25_569;
/// What a bare number may be as a day of a spreadsheet: 1990 to 2099.
const NUMBERS: std::ops::Range<i64> = 32_874..73_051;

/// The day a text names, as `YYYY-MM-DD`: `2026-10-01` (a time of day behind it is left out), `1.10.2026` or `01.10.26`,
/// `1/10/2026` and `1-10-2026` (the day first), `1. Oktober 2026`, or the number by which a spreadsheet keeps a day.
#[must_use]
pub fn day(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(day) = text.get(..10).and_then(Timestamp::parse_date)
        && text[10..].chars().next().is_none_or(|next| matches!(next, ' ' | 'T'))
    {
        return Some(day.date());
    }
    if let Ok(number) = text.split('.').next().unwrap_or_default().parse::<i64>()
        && NUMBERS.contains(&number)
        && text.parse::<f64>().is_ok()
    {
        return Some(Timestamp::default().plus_days(number - SPREADSHEET).date());
    }
    // A time of day after the date says nothing here.
    let date = text.split_once(' ').filter(|(_, rest)| rest.contains(':')).map_or(text, |(date, _)| date);
    for separator in ['.', '/', '-'] {
        let parts: Vec<&str> = date.split(separator).map(str::trim).collect();
        if let [day, month, year] = parts[..]
            && let Some(found) = civil(day, month.parse().ok(), year)
        {
            // "26-10-01" may be a day of 2026 as well.
            let year_first = || day.len() == 2 && civil(year, month.parse().ok(), day).is_some();
            return (separator != '-' || year.len() == 4 || !year_first()).then_some(found);
        }
    }
    let spelled = text.replace(['.', ','], " ");
    match spelled.split_whitespace().collect::<Vec<_>>()[..] {
        [day, month, year] => civil(day, words::month(month), year),
        _ => None,
    }
}

fn civil(day: &str, month: Option<i64>, year: &str) -> Option<String> {
    if year.len() != 4 && year.len() != 2 {
        return None;
    }
    let (day, year): (i64, i64) = (day.parse().ok()?, year.parse().ok()?);
    let year = match year {
        0..=69 => 2000 + year,
        70..=99 => 1900 + year,
        _ => year,
    };
    let text = format!("{year:04}-{:02}-{day:02}", month?);
    Timestamp::parse_date(&text).map(Timestamp::date)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_day_is_read_in_five_forms() {
        let check =
            |text: &str, expected: &str| assert_eq!(day(text).as_deref().unwrap_or(""), expected, "{text}");
        check("2026-10-01", "2026-10-01");
        check("2026-10-01 00:00:00", "2026-10-01");
        check("2026-10-01T08:15:00Z", "2026-10-01");
        check("01.10.2026", "2026-10-01");
        check("1.10.26", "2026-10-01");
        check("1. 10. 2026", "2026-10-01");
        check("01.10.2026 08:15", "2026-10-01");
        check("1.10.98", "1998-10-01");
        check("1.10.69", "2069-10-01");
        check("1-10-26", "2026-10-01");
        check("31-10-98", "1998-10-31");
        check("1/10/2026", "2026-10-01");
        check("1-10-2026", "2026-10-01");
        check("1. Oktober 2026", "2026-10-01");
        check("1 oktober 2026", "2026-10-01");
        check("1 Oct 2026", "2026-10-01");
        check("46296", "2026-10-01");
        check("46296.5", "2026-10-01");
        for wrong in [
            "",
            "2026",
            "10/2026",
            "31.02.2026",
            "13/25/2026",
            "gestern",
            "2026-13-01",
            "1.1.1",
            "26-10-01",
            "01-10-26",
            "12345678",
            "٣.١.٢٠٢٦",
        ] {
            check(wrong, "");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_day_or_none(text in ".{0,24}") {
            prop_assert!(day(&text).is_none_or(|day| Timestamp::parse_date(&day).is_some()));
        }
    }
}
