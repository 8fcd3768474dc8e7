//! `projector.no-password`: a projector that anybody in its network can control over PJLink.

use super::{AssetView, Check, Parameters, Rule, Severity, Standing, Verdict};
use crate::vocabulary::PJLINK_PASSWORD;
use serde_json::json;

pub(super) static RULE: Rule = Rule { family: "projector.no-password", check: Check::Asset(check) };

fn check(asset: &AssetView<'_>, _parameters: &Parameters) -> Verdict {
    let mut told = asset.sightings.iter().filter_map(|s| Some((s, s.fields.text(&PJLINK_PASSWORD)?)));
    let Some((sighting, answer)) = told.next_back() else { return Verdict::Unknown(None) };
    match sighting.standing {
        Standing::Missing => Verdict::Unknown(Some(sighting.confirmed)),
        Standing::Gone => Verdict::clear(),
        Standing::Confirmed | Standing::Open if answer == "no" => {
            Verdict::wrong(RULE.family, Severity::Medium, json!({ "port": 4352, "protocol": "PJLink" }))
        }
        Standing::Confirmed | Standing::Open => Verdict::clear(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, asset, ids, sighting};
    use super::*;
    use crate::{Fields, Kind, Value};

    #[test]
    fn an_open_control_port_is_a_finding_while_it_is_known_to_be_open() {
        let ask = |answer: &str, standing, expected: &str| {
            let fields = Fields::new().with(&PJLINK_PASSWORD, Value::text(answer));
            let view = asset(Some(Kind::Projector), vec![sighting("pjlink", standing, &fields)]);
            assert_eq!(ids(&check(&view, &Parameters::at(NOW))), expected, "{answer} {standing:?}");
        };
        ask("no", Standing::Confirmed, "projector.no-password");
        ask("no", Standing::Missing, "unknown");
        ask("no", Standing::Gone, "");
        ask("yes", Standing::Confirmed, "");
        let silent = asset(Some(Kind::Projector), Vec::new());
        assert_eq!(ids(&check(&silent, &Parameters::at(NOW))), "unknown");
    }
}
