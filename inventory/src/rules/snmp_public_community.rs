//! `snmp.public-community`: a device that tells everything to whoever asks with the community `public`.

use super::{AssetView, Check, Parameters, Rule, Severity, Standing, Verdict};
use crate::vocabulary::SNMP_PUBLIC_ANSWERS;
use serde_json::json;

pub(super) static RULE: Rule = Rule { family: "snmp.public-community", check: Check::Asset(check) };

fn check(asset: &AssetView<'_>, _parameters: &Parameters) -> Verdict {
    let mut told = asset.sightings.iter().filter_map(|s| Some((s, s.fields.int(&SNMP_PUBLIC_ANSWERS)?)));
    let Some((sighting, answer)) = told.next_back() else { return Verdict::Unknown(None) };
    match sighting.standing {
        Standing::Missing => Verdict::Unknown(Some(sighting.confirmed)),
        Standing::Gone => Verdict::clear(),
        Standing::Confirmed | Standing::Open if answer != 0 => {
            Verdict::wrong(RULE.family, Severity::Medium, json!({ "community": "public" }))
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
    fn the_answer_to_public_is_a_finding_while_it_is_known() {
        let ask = |answer: i64, standing, expected: &str| {
            let fields = Fields::new().with(&SNMP_PUBLIC_ANSWERS, Value::Int(answer));
            let view = asset(Some(Kind::Switch), vec![sighting("snmp", standing, &fields)]);
            assert_eq!(ids(&check(&view, &Parameters::at(NOW))), expected, "{answer} {standing:?}");
        };
        ask(1, Standing::Confirmed, "snmp.public-community");
        ask(1, Standing::Open, "snmp.public-community");
        ask(1, Standing::Missing, "unknown");
        ask(1, Standing::Gone, "");
        ask(0, Standing::Confirmed, "");
    }
}
