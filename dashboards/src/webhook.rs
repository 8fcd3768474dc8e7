//! The weekly message for programs: what is new and what is due at each school, as counts and names of rules.

use rundgang_inventory::Timestamp;
use rundgang_store::views::week::Week;
use serde_json::{Value, json};

/// The message; it holds no person, no device and no address.
#[must_use]
pub fn message(traeger: &str, week: &str, since: Timestamp, now: Timestamp, weeks: &[Week]) -> Value {
    let school = |week: &Week| {
        let new = |(rule, severity, count): &(String, String, usize)| json!({ "rule": rule, "severity": severity, "count": count });
        let due = |due: &rundgang_store::views::week::Due| json!({ "what": due.what, "day": due.day });
        json!({
            "id": week.school, "name": week.name, "closed": week.closed, "open": week.open,
            "new": week.new.iter().map(new).collect::<Vec<_>>(),
            "due": week.due.iter().map(due).collect::<Vec<_>>(),
        })
    };
    json!({
        "event": "weekly", "version": 1, "traeger": traeger, "week": week,
        "since": since.date(), "until": now.date(),
        "schools": weeks.iter().map(school).collect::<Vec<_>>(),
    })
}
