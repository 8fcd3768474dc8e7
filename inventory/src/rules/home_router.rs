//! `asset.home-router`: a router made for homes that somebody plugged in, mostly for a bit of WLAN.

use super::{AssetView, Check, Parameters, Rule, Severity, Verdict};
use crate::Kind;
use regex::Regex;
use serde_json::json;
use std::sync::LazyLock;

pub(super) static RULE: Rule = Rule { family: "asset.home-router", check: Check::Asset(check) };

/// Routers that are sold for homes, by maker and model.
static HOME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)fritz!?\s?box|speedport|easybox|connect box|\barcher [a-z]+\d|\btl-w[ar]\d|\bdir-\d{3}|\bwrt\d|nighthawk|\brt-(?:ac|ax|be|n)\d|\bwndr?\d{4}|experiabox|\bmi router\b",
    )
    .ok()
});

fn check(asset: &AssetView<'_>, _parameters: &Parameters) -> Verdict {
    let may_be = matches!(asset.kind, Some(Kind::Router | Kind::AccessPoint) | None);
    let product = crate::product(asset.vendor, asset.model);
    // To stand in the register is no decision: hundreds are entered in one form. Only a person's word, with a reason and a
    // last day, lets one stay.
    if !may_be || !HOME.as_ref().is_some_and(|home| home.is_match(&product)) {
        return Verdict::clear();
    }
    Verdict::wrong(RULE.family, Severity::High, json!({ "product": product }))
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, asset, ids};
    use super::*;

    #[test]
    fn a_home_router_is_a_finding_whether_it_is_documented_or_not() {
        let ask = |kind, vendor: &'static str, model: &'static str, is_documented, expected: &str| {
            let view = AssetView {
                vendor: Some(vendor),
                model: Some(model),
                is_documented,
                ..asset(kind, Vec::new())
            };
            assert_eq!(ids(&check(&view, &Parameters::at(NOW))), expected, "{vendor} {model}");
        };
        let router = Some(Kind::Router);
        ask(router, "AVM", "FRITZ!Box 7590", false, "asset.home-router");
        ask(router, "TP-Link", "Archer C7", false, "asset.home-router");
        ask(Some(Kind::AccessPoint), "TP-Link", "TL-WR841N", false, "asset.home-router");
        ask(router, "Deutsche Telekom", "Speedport Smart 3", false, "asset.home-router");
        ask(router, "AVM", "FRITZ!Box 7590", true, "asset.home-router");
        ask(Some(Kind::AccessPoint), "TP-Link", "TL-WR841N", true, "asset.home-router");
        ask(router, "LANCOM", "1793VA", false, "");
        ask(Some(Kind::AccessPoint), "TP-Link", "EAP245", false, "");
        ask(Some(Kind::Telephony), "AVM", "FRITZ!Box 7590", false, "");
        ask(Some(Kind::Switch), "D-Link", "DGS-1210-28", false, "");
    }
}
