//! `tls.old`: a service that speaks only versions of TLS which browsers refuse and whose encryption can be broken.

use super::{AssetView, Check, Parameters, Rule, Severity, Sighting, Verdict, in_the_clear::verdict};
use crate::{
    Value,
    vocabulary::{TLS_ERROR, TLS_TOO_OLD, TLS_VERSION},
};
use serde_json::json;
use std::collections::BTreeSet;

pub(super) static RULE: Rule = Rule { family: "tls.old", check: Check::Asset(check) };

fn check(asset: &AssetView<'_>, _parameters: &Parameters) -> Verdict {
    let holding = asset.sightings.iter().filter(|sighting| sighting.holds());
    let ports: BTreeSet<u16> = holding.flat_map(old_ports).collect();
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    let evidence = json!({ "port": ports.join(", "), "protocol": "TLS < 1.2" });
    verdict(asset, RULE.family, Severity::Medium, told, evidence)
}

/// Whether an old version alone is spoken; nothing where no handshake was tried.
fn told(sighting: &Sighting<'_>) -> Option<bool> {
    let is_old = old_ports(sighting).next().is_some();
    (is_old || sighting.fields.text(&TLS_VERSION).is_some()).then_some(is_old)
}

/// The ports whose handshake failed for the version.
fn old_ports(sighting: &Sighting<'_>) -> impl Iterator<Item = u16> {
    let failed = match sighting.fields.get(&TLS_ERROR) {
        Some(Value::List(failed)) => failed.as_slice(),
        _ => &[],
    };
    failed.iter().filter_map(|line| {
        let (port, reason) = line.split_once(": ")?;
        // Reasons that boxes with an older agent sent.
        let is_old = [TLS_TOO_OLD, "ProtocolVersion", "ServerDoesNotSupportTls12Or13"];
        if is_old.iter().any(|words| reason.contains(words)) { port.parse().ok() } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::super::Standing;
    use super::super::view::samples::{NOW, asset, ids, sighting};
    use super::*;
    use crate::{Fields, Kind};

    fn failed(lines: &[&str]) -> Fields {
        Fields::new().with(&TLS_ERROR, Value::List(lines.iter().map(|&line| line.to_owned()).collect()))
    }

    #[test]
    fn a_service_that_speaks_old_tls_alone_is_a_finding() {
        let check = |fields: &Fields, standing, expected: &str| {
            let view = asset(Some(Kind::Switch), vec![sighting("http", standing, fields)]);
            assert_eq!(ids(&check(&view, &Parameters::at(NOW))), expected, "{fields:?} {standing:?}");
        };
        let old = failed(&["443: only versions of TLS before 1.2"]);
        check(&old, Standing::Confirmed, "tls.old");
        check(&old, Standing::Missing, "unknown");
        check(&old, Standing::Gone, "");
        check(&failed(&["443: received fatal alert: ProtocolVersion"]), Standing::Open, "tls.old");
        // Another fault, or a port that hangs, says nothing of versions.
        check(&failed(&["443: no answer within patience"]), Standing::Confirmed, "unknown");
        check(&Fields::new().with(&TLS_VERSION, Value::text("TLSv1.2")), Standing::Confirmed, "");
        check(&Fields::new(), Standing::Confirmed, "unknown");
    }

    #[test]
    fn the_ports_are_told() {
        let fields =
            failed(&["8443: only versions of TLS before 1.2", "443: only versions of TLS before 1.2"]);
        let view = asset(Some(Kind::Switch), vec![sighting("http", Standing::Confirmed, &fields)]);
        let Verdict::Known(found) = check(&view, &Parameters::at(NOW)) else { panic!("not known") };
        assert_eq!(found[0].evidence["port"], "443, 8443");
    }
}
