//! `mail.domain.expiry`: the contract for a domain ends, as the register says. No look-up can tell: the DNS knows no such
//! day, and DENIC publishes none (RFC 9083 has a place for it, `.de` leaves it out).

use super::{Found, Parameters, Severity, Verdict, names};
use crate::mail::{Remark, catalogue, rule_id};
use serde_json::json;
use std::collections::BTreeSet;

/// Days before the end from which on it is a finding: enough for an order by post.
const NOTICE_DAYS: i64 = 30;
/// The id of the finding in the catalogue.
const EXPIRY: &str = "domain.expiry";

/// Adds what the register knows of a domain's contract to what its look-ups say. The register's word holds also where
/// nothing was looked up lately: a contract that was renewed ends soon no longer.
pub(super) fn with_contract(verdict: Verdict, domain: &str, parameters: &Parameters) -> Verdict {
    let near = parameters.now.plus_days(NOTICE_DAYS);
    let found = parameters.contracts.get(domain).filter(|end| **end <= near).map(|end| {
        let remark = Remark::said("contract-until", [("day", &*end.date())]);
        Found {
            rule: rule_id(EXPIRY),
            severity: catalogue::severity(EXPIRY).name().parse().unwrap_or(Severity::Medium),
            evidence: json!({ "seen": [remark], "proposal": null }),
        }
    });
    let knows_contract = parameters.contracts.contains_key(domain);
    match verdict {
        Verdict::Known(mut all) => {
            all.extend(found);
            Verdict::Known(all)
        }
        Verdict::Partly(mut all, open) => {
            all.extend(found);
            Verdict::Partly(all, if knows_contract { without_expiry(open) } else { open })
        }
        Verdict::Unknown(_) if knows_contract => {
            Verdict::Partly(found.into_iter().collect(), without_expiry(vec![rule_id("")]))
        }
        // Where the register knows no contract it has nothing to say, and what was last seen is marked as such.
        Verdict::Unknown(reason) => Verdict::Unknown(reason),
    }
}

/// What stays open where the register decides about the expiry: a family that it belongs to is named part by part.
fn without_expiry(open: Vec<String>) -> Vec<String> {
    let expiry = rule_id(EXPIRY);
    let decided = |named: &String| names(named, &expiry);
    let parts = |named: String| -> Vec<String> {
        if decided(&named) {
            all_others().into_iter().filter(|id| names(&named, id)).collect()
        } else {
            vec![named]
        }
    };
    open.into_iter().flat_map(parts).collect()
}

/// Everything about mail that the register does not decide: whole families, so that ids which are in the catalogue no
/// more stay as they are too, and the other ids of the family that the expiry belongs to.
fn all_others() -> BTreeSet<String> {
    let own = EXPIRY.split_once('.').map(|(family, _)| family);
    let named = |id: &String| match id.split_once('.') {
        Some((family, _)) if Some(family) != own => rule_id(&format!("{family}.")),
        _ => rule_id(id),
    };
    catalogue::all().keys().filter(|id| *id != EXPIRY).map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, ids};
    use super::*;

    #[test]
    fn the_end_of_a_contract_is_told_in_time_and_by_nobody_but_the_register() {
        let check = |days: i64, verdict: Verdict, expected: &str| {
            let mut parameters = Parameters::at(NOW);
            parameters.contracts.insert("schule.example".to_owned(), NOW.plus_days(days).day());
            let verdict = with_contract(verdict, "schule.example", &parameters);
            assert_eq!(ids(&verdict), expected, "{days} days");
            verdict
        };
        check(31, Verdict::clear(), "");
        let told = check(30, Verdict::clear(), "mail.domain.expiry");
        assert!(format!("{told:?}").contains(&NOW.plus_days(30).date()), "{told:?}");
        check(-400, Verdict::clear(), "mail.domain.expiry");
        let spf =
            Found { rule: "mail.spf.missing".to_owned(), severity: Severity::High, evidence: json!({}) };
        let open = vec!["mail.dkim.".to_owned()];
        let partly = check(3, Verdict::Partly(vec![spf], open), "mail.spf.missing mail.domain.expiry");
        assert!(!partly.closes("mail.dkim.missing") && partly.closes("mail.mx.missing"));
        // What failed leaves open the families that the expiry belongs to: the register decides it all the same.
        for (open, kept) in [("mail.", "mail.spf.missing"), ("mail.domain.", "mail.domain.parked")] {
            let verdict = Verdict::Partly(Vec::new(), vec![open.to_owned()]);
            let renewed = check(31, verdict.clone(), "");
            assert!(renewed.closes("mail.domain.expiry") && !renewed.closes(kept), "{open}");
            let untold = with_contract(verdict, "schule.example", &Parameters::at(NOW));
            assert!(!untold.closes("mail.domain.expiry"), "{open}");
        }
        // Nothing was looked up: nothing else opens or closes.
        let renewed = check(31, Verdict::Unknown(None), "");
        for (id, closes) in [
            ("mail.domain.expiry", true),
            ("mail.domain.nxdomain", false),
            ("mail.spf.missing", false),
            ("mail.spf.of-former-times", false),
        ] {
            assert_eq!(renewed.closes(id), closes, "{id}");
        }
        let unknown = check(3, Verdict::Unknown(None), "mail.domain.expiry");
        assert!(!unknown.closes("mail.spf.missing") && !unknown.closes("mail.dns.inside-differs"));
        let without = Parameters::at(NOW);
        assert_eq!(ids(&with_contract(Verdict::clear(), "schule.example", &without)), "");
        // Without a contract the register has nothing to say: what was last seen is marked as such.
        let silent = with_contract(Verdict::Unknown(None), "schule.example", &without);
        assert!(matches!(silent, Verdict::Unknown(None)), "{silent:?}");
    }
}
