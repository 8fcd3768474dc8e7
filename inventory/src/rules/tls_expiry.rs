//! `tls.expired` and `tls.expiring`: certificates whose end has passed or comes near.

use super::{AssetView, Check, Parameters, Rule, Severity, Sighting, Standing, Verdict};
use crate::{
    Timestamp, Value,
    vocabulary::{TLS_CERTIFICATES, TLS_NOT_AFTER, TLS_SUBJECT},
};
use serde_json::{Value as Json, json};

pub(super) static EXPIRED: Rule = Rule { family: "tls.expired", check: Check::Asset(expired) };
pub(super) static EXPIRING: Rule = Rule { family: "tls.expiring", check: Check::Asset(expiring) };

fn expired(asset: &AssetView<'_>, parameters: &Parameters) -> Verdict {
    check(asset, parameters, &EXPIRED, Severity::High, |end| end <= parameters.now)
}

fn expiring(asset: &AssetView<'_>, parameters: &Parameters) -> Verdict {
    let horizon = parameters.now.plus_days(parameters.expiring_days);
    check(asset, parameters, &EXPIRING, Severity::Medium, |end| end > parameters.now && end <= horizon)
}

fn check(
    asset: &AssetView<'_>,
    parameters: &Parameters,
    rule: &Rule,
    severity: Severity,
    is_wrong: impl Fn(Timestamp) -> bool,
) -> Verdict {
    let mut wrong = Vec::new();
    let mut known = false;
    let mut stale = None;
    for sighting in &asset.sightings {
        let certificates = certificates(sighting);
        if certificates.is_empty() {
            continue;
        }
        if sighting.standing == Standing::Gone {
            known = true;
        } else if sighting.is_fresh(parameters) {
            known = true;
            wrong.extend(certificates.into_iter().filter(|c| is_wrong(c.not_after)).map(|c| c.evidence()));
        } else {
            // It may have been renewed meanwhile: the clock alone decides nothing.
            stale = stale.max(Some(sighting.confirmed));
        }
    }
    if stale.is_some() || !known {
        Verdict::Unknown(stale)
    } else if wrong.is_empty() {
        Verdict::clear()
    } else {
        wrong.sort_by_key(Json::to_string);
        wrong.dedup();
        Verdict::wrong(rule.family, severity, json!({ "certificates": wrong }))
    }
}

struct Certificate {
    port: Option<i64>,
    subject: String,
    not_after: Timestamp,
}

impl Certificate {
    fn evidence(&self) -> Json {
        json!({ "port": self.port, "subject": self.subject, "not_after": self.not_after.date() })
    }
}

fn certificates(sighting: &Sighting<'_>) -> Vec<Certificate> {
    let fields = sighting.fields;
    if let Some(Value::Table(rows)) = fields.get(&TLS_CERTIFICATES) {
        let of_row = |row: &crate::Row| {
            Some(Certificate {
                port: row.get("port").and_then(Value::as_int),
                subject: row.get("subject").and_then(Value::as_text).unwrap_or_default().to_owned(),
                not_after: Timestamp(row.get("not_after")?.as_int()?),
            })
        };
        return rows.iter().filter_map(of_row).collect();
    }
    let subject = fields.text(&TLS_SUBJECT).unwrap_or_default().to_owned();
    fields
        .int(&TLS_NOT_AFTER)
        .map(|end| Certificate { port: None, subject, not_after: Timestamp(end) })
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, asset, ids, sighting};
    use super::*;
    use crate::{Fields, Row};

    fn ask(days_left: i64, days_ago: i64, standing: Standing, expected: [&str; 2]) {
        let row: Row = [
            ("port".to_owned(), Value::Int(443)),
            ("not_after".to_owned(), Value::Time(NOW.plus_days(days_left).0)),
        ]
        .into();
        let fields = Fields::new().with(&TLS_CERTIFICATES, Value::Table(vec![row]));
        let mut sighting = sighting("tls", standing, &fields);
        sighting.confirmed = NOW.day().plus_days(-days_ago);
        let view = asset(None, vec![sighting]);
        let now = Parameters::at(NOW);
        let answers = [ids(&expired(&view, &now)), ids(&expiring(&view, &now))];
        assert_eq!(answers, expected, "{days_left} {days_ago} {standing:?}");
    }

    #[test]
    fn certificates_end() {
        ask(-1, 0, Standing::Confirmed, ["tls.expired", ""]);
        ask(0, 0, Standing::Confirmed, ["tls.expired", ""]);
        ask(30, 0, Standing::Confirmed, ["", "tls.expiring"]);
        ask(31, 0, Standing::Confirmed, ["", ""]);
        ask(-1, 0, Standing::Gone, ["", ""]);
    }

    #[test]
    fn with_the_agent_off_the_clock_alone_opens_nothing() {
        ask(-1, 3, Standing::Confirmed, ["unknown", "unknown"]);
        ask(-1, 0, Standing::Missing, ["unknown", "unknown"]);
    }
}
