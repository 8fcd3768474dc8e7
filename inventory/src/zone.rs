//! Days and hours as the clocks of a school show them: the zones of Europe, whose clocks all change at the same moment.

use crate::time::{DAY_MS, Timestamp};

const HOUR_MS: i64 = 3_600_000;

/// A time zone. Only zones under one rule are known: the clocks of the European Union go forward at 01:00 UTC on the
/// last Sunday of March and back at 01:00 UTC on the last Sunday of October (Directive 2000/84/EC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Zone {
    name: &'static str,
    /// Hours that winter time is ahead of UTC.
    winter: i64,
    /// Whether the clocks change.
    changes: bool,
}

/// A zone that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no time zone that is known here: one of {known}", known = names())]
pub struct ZoneError(pub String);

const fn european(name: &'static str, winter: i64) -> Zone {
    Zone { name, winter, changes: true }
}

const ZONES: [Zone; 21] = [
    Zone::BERLIN,
    european("Europe/Amsterdam", 1),
    european("Europe/Athens", 2),
    european("Europe/Brussels", 1),
    european("Europe/Bucharest", 2),
    european("Europe/Budapest", 1),
    european("Europe/Copenhagen", 1),
    european("Europe/Helsinki", 2),
    european("Europe/Lisbon", 0),
    european("Europe/Luxembourg", 1),
    european("Europe/Madrid", 1),
    european("Europe/Oslo", 1),
    european("Europe/Paris", 1),
    european("Europe/Prague", 1),
    european("Europe/Rome", 1),
    european("Europe/Stockholm", 1),
    european("Europe/Vienna", 1),
    european("Europe/Vilnius", 2),
    european("Europe/Warsaw", 1),
    european("Europe/Zurich", 1),
    Zone::UTC,
];

fn names() -> String {
    ZONES.map(|zone| zone.name).join(", ")
}

impl Zone {
    /// The zone of Germany.
    pub const BERLIN: Self = european("Europe/Berlin", 1);
    /// No zone: the clocks of the machines.
    pub const UTC: Self = Self { name: "UTC", winter: 0, changes: false };

    /// Its name in the IANA database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.name
    }

    fn offset(self, moment: Timestamp) -> i64 {
        let year = moment.date().get(..4).and_then(|year| year.parse().ok()).unwrap_or(1970);
        let change = |month: &str| last_sunday(year, month).map_or(i64::MAX, |day| day.0 + HOUR_MS);
        let is_summer = self.changes && moment.0 >= change("03") && moment.0 < change("10");
        (self.winter + i64::from(is_summer)) * HOUR_MS
    }

    /// The moment as the clock on the wall reads it, written as if that clock showed UTC: for showing only.
    #[must_use]
    pub fn wall(self, moment: Timestamp) -> Timestamp {
        Timestamp(moment.0.saturating_add(self.offset(moment)))
    }

    /// The last millisecond of a day that is written as midnight UTC, so that "until the 31st" holds on the 31st.
    #[must_use]
    pub fn end_of(self, day: Timestamp) -> Timestamp {
        let end = Timestamp(day.day().0.saturating_add(DAY_MS - 1));
        // At midnight the clock never changes, so the offset of a moment close by is the right one.
        Timestamp(end.0.saturating_sub(self.offset(end)))
    }
}

impl std::str::FromStr for Zone {
    type Err = ZoneError;

    fn from_str(text: &str) -> Result<Self, ZoneError> {
        let found = ZONES.into_iter().find(|zone| zone.name.eq_ignore_ascii_case(text.trim()));
        found.ok_or_else(|| ZoneError(text.to_owned()))
    }
}

/// The last Sunday of a month of 31 days.
fn last_sunday(year: i64, month: &str) -> Option<Timestamp> {
    let last = Timestamp::parse_date(&format!("{year:04}-{month}-31"))?;
    // 1970-01-01 was a Thursday: 4 days after a Sunday.
    let weekday = (last.0.div_euclid(DAY_MS) + 4).rem_euclid(7);
    Some(last.plus_days(-weekday))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str, hour: i64, minute: i64) -> Timestamp {
        Timestamp(Timestamp::parse_date(day).expect("a day").0 + hour * HOUR_MS + minute * 60_000)
    }

    #[test]
    fn the_clock_on_the_wall() {
        let check = |zone: &str, moment: Timestamp, shown: &str| {
            let zone: Zone = zone.parse().expect("a zone");
            assert_eq!(zone.wall(moment).to_string(), shown, "{moment} in {}", zone.name());
        };
        check("Europe/Berlin", at("2026-11-22", 1, 53), "2026-11-22T02:53:00Z");
        check("Europe/Amsterdam", at("2026-07-01", 22, 30), "2026-07-02T00:30:00Z");
        // Clocks change on 29 March and 25 October 2026.
        check("Europe/Berlin", at("2026-03-29", 0, 59), "2026-03-29T01:59:00Z");
        check("Europe/Berlin", at("2026-03-29", 1, 0), "2026-03-29T03:00:00Z");
        check("Europe/Berlin", at("2026-10-25", 0, 59), "2026-10-25T02:59:00Z");
        check("Europe/Berlin", at("2026-10-25", 1, 0), "2026-10-25T02:00:00Z");
        check("europe/helsinki", at("2027-03-28", 1, 0), "2027-03-28T04:00:00Z");
        check("Europe/Berlin", at("2026-12-31", 23, 30), "2027-01-01T00:30:00Z");
        check("UTC", at("2026-07-01", 22, 30), "2026-07-01T22:30:00Z");
        assert!("Europe/Atlantis".parse::<Zone>().is_err());
    }

    #[test]
    fn a_day_holds_until_its_last_moment() {
        for (day, end) in [("2026-01-31", "2026-01-31T22:59:59Z"), ("2026-08-31", "2026-08-31T21:59:59Z")] {
            let end_of = Zone::BERLIN.end_of(at(day, 0, 0));
            assert_eq!(end_of.to_string(), end);
            assert_eq!(Zone::BERLIN.wall(end_of).date(), day);
        }
    }
}
