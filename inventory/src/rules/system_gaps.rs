//! `system.no-owner`, `system.no-deputy`, `system.no-provider`, `system.no-credentials-place`: what the register still lacks.

use super::{Check, Parameters, Rule, Severity, SystemView, Verdict};
use serde_json::json;

pub(super) static NO_OWNER: Rule = Rule { family: "system.no-owner", check: Check::System(owner) };
pub(super) static NO_PROVIDER: Rule = Rule { family: "system.no-provider", check: Check::System(provider) };
pub(super) static NO_CREDENTIALS_PLACE: Rule =
    Rule { family: "system.no-credentials-place", check: Check::System(credentials_place) };

pub(super) static NO_DEPUTY: Rule = Rule { family: "system.no-deputy", check: Check::System(deputy) };

/// Asked of whoever has an owner: without one, that is the question.
fn deputy(system: &SystemView<'_>, _parameters: &Parameters) -> Verdict {
    if system.owner.trim().is_empty() {
        return Verdict::clear();
    }
    gap(&NO_DEPUTY, system, system.deputy, Severity::Low)
}

fn owner(system: &SystemView<'_>, _parameters: &Parameters) -> Verdict {
    gap(&NO_OWNER, system, system.owner, Severity::Medium)
}

fn provider(system: &SystemView<'_>, _parameters: &Parameters) -> Verdict {
    gap(&NO_PROVIDER, system, system.provider, Severity::Low)
}

fn credentials_place(system: &SystemView<'_>, _parameters: &Parameters) -> Verdict {
    gap(&NO_CREDENTIALS_PLACE, system, system.credentials_place, Severity::Medium)
}

fn gap(rule: &Rule, system: &SystemView<'_>, value: &str, severity: Severity) -> Verdict {
    if system.is_in_use && value.trim().is_empty() {
        Verdict::wrong(rule.family, severity, json!({}))
    } else {
        Verdict::clear()
    }
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, ids};
    use super::*;

    #[test]
    fn systems_in_use_need_an_owner_a_provider_and_a_place_of_their_credentials() {
        let system = SystemView {
            id: 3,
            is_in_use: true,
            owner: "IT-Koordination",
            provider: " ",
            ..SystemView::default()
        };
        let now = Parameters::at(NOW);
        assert_eq!(ids(&owner(&system, &now)), "");
        assert_eq!(ids(&provider(&system, &now)), "system.no-provider");
        assert_eq!(ids(&credentials_place(&system, &now)), "system.no-credentials-place");
        assert_eq!(ids(&deputy(&system, &now)), "system.no-deputy");
        assert_eq!(ids(&deputy(&SystemView { deputy: "Träger", ..system.clone() }, &now)), "");
        assert_eq!(
            ids(&deputy(&SystemView { owner: "", ..system.clone() }, &now)),
            "",
            "the owner comes first"
        );
        let retired = SystemView { is_in_use: false, ..system };
        assert_eq!(ids(&credentials_place(&retired, &now)), "");
    }
}
