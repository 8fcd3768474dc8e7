//! `asset.telnet` and `asset.plain-http`: a device that is run over a line on which everybody can read along.

use super::{AssetView, Check, Parameters, Rule, Severity, Sighting, Standing, Verdict};
use crate::{
    Kind, Value,
    vocabulary::{HOST_OPEN_TCP, HTTP_PAGES, TELNET_BANNER},
};
use serde_json::json;

pub(super) static TELNET: Rule = Rule { family: "asset.telnet", check: Check::Asset(telnet) };
pub(super) static PLAIN_HTTP: Rule = Rule { family: "asset.plain-http", check: Check::Asset(plain_http) };

/// Kinds whose pages on port 80 are where they are run from.
const RUN_BY_PAGES: [Kind; 9] = [
    Kind::Switch,
    Kind::Router,
    Kind::Firewall,
    Kind::AccessPoint,
    Kind::WlanController,
    Kind::ManagementController,
    Kind::Nas,
    Kind::Ups,
    Kind::Pdu,
];

fn telnet(asset: &AssetView<'_>, _parameters: &Parameters) -> Verdict {
    let told = |sighting: &Sighting<'_>| {
        if sighting.fields.text(&TELNET_BANNER).is_some() {
            return Some(true);
        }
        match sighting.fields.get(&HOST_OPEN_TCP)? {
            Value::List(ports) => Some(ports.iter().any(|port| port == "23")),
            _ => None,
        }
    };
    verdict(asset, TELNET.family, Severity::High, told, json!({ "port": 23, "protocol": "Telnet" }))
}

fn plain_http(asset: &AssetView<'_>, _parameters: &Parameters) -> Verdict {
    if !asset.kind.is_some_and(|kind| RUN_BY_PAGES.contains(&kind)) {
        return Verdict::clear();
    }
    let told = |sighting: &Sighting<'_>| match sighting.fields.get(&HTTP_PAGES)? {
        Value::Table(pages) => Some(pages.iter().any(is_plain)),
        _ => None,
    };
    verdict(asset, PLAIN_HTTP.family, Severity::Medium, told, json!({ "protocol": "HTTP" }))
}

/// Whether a page is shown, or asks for a password, without TLS; one that leads elsewhere is no page of its own.
fn is_plain(page: &crate::Row) -> bool {
    let number = |name: &str| match page.get(name) {
        Some(Value::Int(number)) => *number,
        _ => 0,
    };
    number("tls") == 0 && matches!(number("status"), 200 | 401)
}

/// What holds, what is gone, and what nobody asked again: of one statement by the sightings that make it.
pub(super) fn verdict(
    asset: &AssetView<'_>,
    rule: &str,
    severity: Severity,
    told: impl Fn(&Sighting<'_>) -> Option<bool>,
    evidence: serde_json::Value,
) -> Verdict {
    let said: Vec<(&Sighting<'_>, bool)> =
        asset.sightings.iter().filter_map(|sighting| Some((sighting, told(sighting)?))).collect();
    if said.iter().any(|(sighting, is_so)| *is_so && sighting.holds()) {
        return Verdict::wrong(rule, severity, evidence);
    }
    let missing = said.iter().filter(|(sighting, is_so)| *is_so && sighting.standing == Standing::Missing);
    match missing.map(|(sighting, _)| sighting.confirmed).max() {
        Some(since) => Verdict::Unknown(Some(since)),
        None if said.is_empty() => Verdict::Unknown(None),
        None => Verdict::clear(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, asset, ids, sighting};
    use super::*;
    use crate::Fields;

    #[test]
    fn telnet_is_told_by_its_port_or_its_greeting() {
        let check = |fields: &Fields, standing, expected: &str| {
            let view = asset(Some(Kind::Switch), vec![sighting("tcp", standing, fields)]);
            assert_eq!(ids(&telnet(&view, &Parameters::at(NOW))), expected, "{fields:?} {standing:?}");
        };
        let ports = |all: &[&str]| {
            let list = all.iter().map(|port| (*port).to_owned()).collect();
            Fields::new().with(&HOST_OPEN_TCP, Value::List(list))
        };
        check(&ports(&["22", "23", "80"]), Standing::Confirmed, "asset.telnet");
        // 2323 and 230 are other ports; SSH is the way it should be.
        check(&ports(&["22", "230", "2323"]), Standing::Confirmed, "");
        check(&ports(&["23"]), Standing::Missing, "unknown");
        check(&ports(&["23"]), Standing::Gone, "");
        check(&Fields::new(), Standing::Confirmed, "unknown");
        let greeting = Fields::new().with(&TELNET_BANNER, Value::text("User Access Verification"));
        check(&greeting, Standing::Open, "asset.telnet");
    }

    #[test]
    fn a_page_of_network_gear_without_tls_is_a_finding_unless_it_leads_to_one_with() {
        let check = |kind, tls: i64, status: i64, expected: &str| {
            let page = [("port", 80), ("tls", tls), ("status", status)];
            let page = page.map(|(name, number)| (name.to_owned(), Value::Int(number)));
            let fields = Fields::new().with(&HTTP_PAGES, Value::Table(vec![page.into_iter().collect()]));
            let view = asset(Some(kind), vec![sighting("http", Standing::Confirmed, &fields)]);
            assert_eq!(ids(&plain_http(&view, &Parameters::at(NOW))), expected, "{kind} {tls} {status}");
        };
        check(Kind::Switch, 0, 200, "asset.plain-http");
        check(Kind::AccessPoint, 0, 401, "asset.plain-http");
        check(Kind::Switch, 0, 301, "");
        check(Kind::Switch, 1, 200, "");
        check(Kind::Switch, 0, 404, "");
        // The status page of a printer or board is no way to run the network.
        check(Kind::Printer, 0, 200, "");
    }
}
