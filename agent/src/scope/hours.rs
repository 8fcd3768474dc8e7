//! Hours in which a network may be walked, in the school's own time.

use rundgang_inventory::{Timestamp, time::DAY_MS};
use std::str::FromStr;

/// The zone that hours are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub enum Zone {
    /// Central European time with the EU's summer time (directive 2000/84/EC).
    #[default]
    #[serde(rename = "CET")]
    Cet,
    /// Universal time.
    #[serde(rename = "UTC")]
    Utc,
}

/// A span of the day in minutes after local midnight; may run over midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    from: u16,
    to: u16,
}

/// When a segment may be walked: within its window, and never in its quiet hours.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hours {
    /// The zone of all spans.
    pub zone: Zone,
    /// The window; always where there is none.
    pub window: Option<Span>,
    /// Hours without a single packet.
    pub quiet: Vec<Span>,
}

impl Hours {
    /// Whether a packet may be sent now.
    #[must_use]
    pub fn open(&self, now: Timestamp) -> bool {
        let minute = minute_of_day(now, self.zone);
        self.window.is_none_or(|window| window.holds(minute))
            && !self.quiet.iter().any(|span| span.holds(minute))
    }
}

impl Span {
    const fn holds(self, minute: u16) -> bool {
        if self.from <= self.to {
            self.from <= minute && minute < self.to
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

impl std::fmt::Display for Span {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let minutes = |part: &str| -> Option<u16> {
            let (hour, minute) = part.trim().split_once(':')?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
        };
        text.split_once('-')
            .and_then(|(from, to)| Some(Self { from: minutes(from)?, to: minutes(to)? }))
            .filter(|span| span.from != span.to)
            .ok_or_else(|| format!("'{text}' is no span of hours; write it like 07:00-17:30"))
    }
}

fn minute_of_day(now: Timestamp, zone: Zone) -> u16 {
    let shift = match zone {
        Zone::Utc => 0,
        Zone::Cet if is_summer(now) => 120,
        Zone::Cet => 60,
    };
    let minute = (now.seconds().div_euclid(60) + shift).rem_euclid(24 * 60);
    u16::try_from(minute).unwrap_or(0)
}

/// Summer time runs from 01:00 UTC on the last Sunday of March to 01:00 UTC on the last Sunday of October.
fn is_summer(now: Timestamp) -> bool {
    let year = &now.date()[..4];
    let change = |last_of_month: &str| {
        Timestamp::parse_date(&format!("{year}-{last_of_month}")).map(|last| {
            // 1970-01-01 was a Thursday, so day numbers that leave 3 when divided by 7 are Sundays.
            let since_sunday = (last.0 / DAY_MS - 3).rem_euclid(7);
            Timestamp(last.0 - since_sunday * DAY_MS + 3_600_000)
        })
    };
    match (change("03-31"), change("10-31")) {
        (Some(begin), Some(end)) => begin <= now && now < end,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date: &str, hour: i64, minute: i64) -> Timestamp {
        Timestamp(Timestamp::parse_date(date).unwrap().0 + (hour * 60 + minute) * 60_000)
    }

    #[test]
    fn summer_time_changes_on_the_last_sunday() {
        let check = |moment, minute| assert_eq!(minute_of_day(moment, Zone::Cet), minute, "{moment}");
        check(at("2026-01-15", 6, 0), 7 * 60);
        check(at("2026-07-15", 6, 0), 8 * 60);
        check(at("2026-03-29", 0, 59), 60 + 59);
        check(at("2026-03-29", 1, 0), 3 * 60);
        check(at("2026-10-25", 0, 59), 2 * 60 + 59);
        check(at("2026-10-25", 1, 0), 2 * 60);
        check(at("2027-03-28", 1, 0), 3 * 60);
    }

    #[test]
    fn windows_and_quiet_hours() {
        let hours = Hours {
            zone: Zone::Utc,
            window: Some("22:00-06:00".parse().unwrap()),
            quiet: vec!["03:00-03:30".parse().unwrap()],
        };
        let check = |hour, minute, open| {
            assert_eq!(hours.open(at("2026-02-02", hour, minute)), open, "{hour}:{minute}");
        };
        check(21, 59, false);
        check(22, 0, true);
        check(2, 59, true);
        check(3, 0, false);
        check(3, 30, true);
        check(6, 0, false);
        for wrong in ["7-8", "25:00-26:00", "07:00-07:00", "07:60-08:00", ""] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }
}
