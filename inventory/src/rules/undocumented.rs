//! `asset.undocumented`: a device that was found and stands in no register.

use super::{AssetView, Check, Parameters, Rule, Severity, Verdict};
use crate::kind::Class;
use serde_json::json;

pub(super) static RULE: Rule = Rule { family: "asset.undocumented", check: Check::Asset(check) };

fn check(asset: &AssetView<'_>, _parameters: &Parameters) -> Verdict {
    // Workplaces come and go in hundreds and are documented by import, not one by one.
    let is_workplace = asset.kind.is_some_and(|kind| kind.class() != Class::Infrastructure);
    if asset.is_documented || is_workplace {
        return Verdict::clear();
    }
    let severity = if asset.kind.is_some() { Severity::Medium } else { Severity::Low };
    Verdict::wrong(RULE.family, severity, json!({ "kind": asset.kind.map(crate::Kind::name) }))
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, asset, ids};
    use super::*;
    use crate::Kind;

    #[test]
    fn infrastructure_belongs_into_the_register() {
        let ask = |kind, is_documented, expected: &str| {
            let view = AssetView { is_documented, ..asset(kind, Vec::new()) };
            assert_eq!(ids(&check(&view, &Parameters::at(NOW))), expected, "{kind:?}");
        };
        ask(Some(Kind::Printer), false, "asset.undocumented");
        ask(None, false, "asset.undocumented");
        ask(Some(Kind::Printer), true, "");
        ask(Some(Kind::Workstation), false, "");
    }
}
