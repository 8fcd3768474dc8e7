//! `asset.fell-silent`: a device that stopped answering right after it was asked, and is left alone since.

use super::{AssetView, Check, Parameters, Rule, Severity, Sighting, Verdict};
use crate::{
    Timestamp,
    vocabulary::{HOST_FELL_SILENT, HOST_LEFT_ALONE_UNTIL},
};
use serde_json::json;

pub(super) static RULE: Rule = Rule { family: "asset.fell-silent", check: Check::Asset(check) };

/// Host discovery reports it with every walk for as long as the device is left alone.
const DISCOVERY: &str = "sweep";

fn check(asset: &AssetView<'_>, _parameters: &Parameters) -> Verdict {
    let swept = || asset.sightings.iter().filter(|sighting| sighting.probe == DISCOVERY);
    let Some(last) = swept().map(|sighting| sighting.confirmed).max() else { return Verdict::Unknown(None) };
    let mut holding = swept().filter(|sighting| sighting.holds()).peekable();
    if holding.peek().is_none() {
        // It has not come back: that makes it no better.
        return Verdict::Unknown(Some(last));
    }
    holding.find_map(silence).unwrap_or_else(Verdict::clear)
}

fn silence(sighting: &Sighting<'_>) -> Option<Verdict> {
    let probe = sighting.fields.text(&HOST_FELL_SILENT)?;
    let until = sighting.fields.int(&HOST_LEFT_ALONE_UNTIL).map(|until| Timestamp(until).date());
    let evidence = json!({ "after-probe": probe, "left-alone-until": until });
    Some(Verdict::wrong(RULE.family, Severity::Medium, evidence))
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, asset, ids, sighting};
    use super::super::{Standing, Verdict};
    use super::*;
    use crate::{Fields, Kind, Value};

    #[test]
    fn it_is_told_until_the_device_is_asked_again_and_answers() {
        let fallen = Fields::new()
            .with(&HOST_FELL_SILENT, Value::text("snmp"))
            .with(&HOST_LEFT_ALONE_UNTIL, Value::Time(NOW.0));
        let ask = |probe, fields: &Fields, standing, expected: &str| {
            let view = asset(Some(Kind::Bell), vec![sighting(probe, standing, fields)]);
            assert_eq!(ids(&check(&view, &Parameters::at(NOW))), expected, "{probe} {standing:?}");
        };
        ask("sweep", &fallen, Standing::Confirmed, "asset.fell-silent");
        ask("sweep", &fallen, Standing::Open, "asset.fell-silent");
        ask("sweep", &fallen, Standing::Missing, "unknown");
        ask("sweep", &Fields::new(), Standing::Confirmed, "");
        ask("http", &Fields::new(), Standing::Confirmed, "unknown");
    }

    #[test]
    fn the_evidence_names_the_probe_and_the_day() {
        let fields = Fields::new()
            .with(&HOST_FELL_SILENT, Value::text("snmp"))
            .with(&HOST_LEFT_ALONE_UNTIL, Value::Time(NOW.0));
        let view = asset(None, vec![sighting("sweep", Standing::Confirmed, &fields)]);
        let Verdict::Known(found) = check(&view, &Parameters::at(NOW)) else { panic!("known") };
        assert_eq!(found[0].evidence, json!({ "after-probe": "snmp", "left-alone-until": NOW.date() }));
    }
}
