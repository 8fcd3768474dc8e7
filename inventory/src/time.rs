//! Moments and days in UTC, as plain numbers, so that nothing here ever needs a clock.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// Days that may lie between a sight and its arrival at a collector: a state of thirty days in the spool, carried in
/// an export that is good for thirty, and a little patience.
pub const LONGEST_WAY_DAYS: i64 = 62;

impl Timestamp {
    /// The moment `seconds` after the epoch.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Whole seconds since the epoch.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment plus `days` days of 24 hours (negative goes back).
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(days.saturating_mul(DAY_MS)))
    }

    /// Midnight (UTC) of the day this moment lies in.
    #[must_use]
    pub const fn day(self) -> Self {
        Self(self.0.div_euclid(DAY_MS) * DAY_MS)
    }

    /// What an agent tells as a time, made plausible by the moment at which it was received: nothing has happened in
    /// the future, and nothing that is told now happened before [`LONGEST_WAY_DAYS`]. A box whose clock is that wrong
    /// is taken to tell of this moment.
    #[must_use]
    pub const fn plausible(self, received: Self) -> Self {
        let earliest = received.plus_days(-LONGEST_WAY_DAYS);
        if self.0 > received.0 || self.0 < earliest.0 { received } else { self }
    }

    /// The date as `YYYY-MM-DD` (UTC).
    #[must_use]
    pub fn date(self) -> String {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY_MS));
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// Reads `YYYY-MM-DD` as midnight UTC; `None` where the text is no date of the calendar.
    #[must_use]
    pub fn parse_date(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
            return None;
        }
        let (year, month, day): (i64, i64, i64) =
            (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        let days = days_from_civil(year, month, day);
        (civil_from_days(days) == (year, month, day)).then_some(Self(days * DAY_MS))
    }
}

/// RFC 3339 with seconds, UTC.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.seconds().rem_euclid(86_400);
        write!(f, "{}T{:02}:{:02}:{:02}Z", self.date(), seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// Year, month, day of a day number counted from 1970-01-01, in the proleptic Gregorian calendar.
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    // Counting years from March puts the leap day last, so months have a fixed pattern of 153 days in 5.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// The day number of a date; the inverse of [`civil_from_days`].
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let march_month = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * march_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_survive_a_round_trip() {
        for day in (-200_000..200_000).step_by(37) {
            let moment = Timestamp(day * DAY_MS);
            assert_eq!(Timestamp::parse_date(&moment.date()), Some(moment), "{}", moment.date());
        }
    }

    #[test]
    fn known_moments() {
        assert_eq!(Timestamp::from_seconds(1_790_812_800).to_string(), "2026-10-01T00:00:00Z");
        assert_eq!(Timestamp::parse_date("2024-02-29").map(Timestamp::date).as_deref(), Some("2024-02-29"));
        assert_eq!(Timestamp::parse_date("2025-02-29"), None);
        assert_eq!(Timestamp::parse_date("2025-2-9"), None);
    }
}
