//! `system.credentials-unchecked`, `system.ending.…`, `system.no-backup-test`: what a documented system needs somebody to
//! look at when time has passed.

use super::{Check, Found, Parameters, Rule, Severity, SystemView, Verdict};
use serde_json::json;

pub(super) static CREDENTIALS: Rule =
    Rule { family: "system.credentials-unchecked", check: Check::System(credentials) };
pub(super) static ENDING: Rule = Rule { family: "system.ending.", check: Check::System(ending) };
pub(super) static BACKUP: Rule = Rule { family: "system.no-backup-test", check: Check::System(backup) };

/// Days for which a look at credentials, or a test of a backup, holds.
const A_YEAR: i64 = 365;
/// Days before its end from which an end is told: enough for three offers and a decision.
const NOTICE_DAYS: i64 = 60;
/// Kinds of systems that keep what nobody can type again.
const KEEPERS: [&str; 6] = ["server", "nas", "school-server", "lms", "idm", "cloud"];

fn credentials(system: &SystemView<'_>, parameters: &Parameters) -> Verdict {
    // Where they are kept is the first question; it has a finding of its own.
    let has_place = !system.credentials_place.trim().is_empty();
    let is_fresh =
        system.credentials_checked.is_some_and(|day| day.plus_days(A_YEAR) >= parameters.now.day());
    if !system.is_in_use || !has_place || is_fresh {
        return Verdict::clear();
    }
    let checked = system.credentials_checked.map(crate::Timestamp::date);
    Verdict::wrong(CREDENTIALS.family, Severity::Low, json!({ "checked": checked }))
}

fn ending(system: &SystemView<'_>, parameters: &Parameters) -> Verdict {
    if !system.is_in_use {
        return Verdict::clear();
    }
    let (today, near) = (parameters.now.day(), parameters.now.day().plus_days(NOTICE_DAYS));
    let found = system.ends.iter().filter_map(|(what, day)| {
        let day = (*day)?;
        // A warranty that ended long ago is how old things are; contracts and licences that ended are still a question.
        let is_over = day < today;
        let is_told = day <= near && !(is_over && matches!(*what, "warranty" | "notice"));
        let severity = if is_over && *what != "warranty" { Severity::Medium } else { Severity::Low };
        is_told.then(|| Found {
            rule: format!("system.ending.{what}"),
            severity,
            evidence: json!({ "day": day.date() }),
        })
    });
    Verdict::Known(found.collect())
}

fn backup(system: &SystemView<'_>, parameters: &Parameters) -> Verdict {
    let tested = parameters.backup_tested;
    let is_fresh = tested.is_some_and(|day| day.plus_days(A_YEAR) >= parameters.now.day());
    if !system.is_in_use || !KEEPERS.contains(&system.kind) || is_fresh {
        return Verdict::clear();
    }
    let evidence = json!({ "tested": tested.map(crate::Timestamp::date) });
    Verdict::wrong(BACKUP.family, Severity::Medium, evidence)
}

#[cfg(test)]
mod tests {
    use super::super::view::samples::{NOW, ids};
    use super::*;

    fn used<'a>() -> SystemView<'a> {
        SystemView { id: 3, is_in_use: true, ..SystemView::default() }
    }

    #[test]
    fn credentials_are_looked_at_once_a_year() {
        let check = |place, days: Option<i64>, expected: &str| {
            let checked = days.map(|days| NOW.day().plus_days(-days));
            let system = SystemView { credentials_place: place, credentials_checked: checked, ..used() };
            assert_eq!(ids(&credentials(&system, &Parameters::at(NOW))), expected, "{place} {days:?}");
        };
        check("Tresor", None, "system.credentials-unchecked");
        check("Tresor", Some(366), "system.credentials-unchecked");
        check("Tresor", Some(365), "");
        check(" ", None, "");
        let retired = SystemView { is_in_use: false, credentials_place: "Tresor", ..used() };
        assert_eq!(ids(&credentials(&retired, &Parameters::at(NOW))), "");
    }

    #[test]
    fn ends_are_told_in_time() {
        let check = |what: &'static str, days: i64, expected: &str| {
            let ends = [(what, Some(NOW.day().plus_days(days)))];
            let system = SystemView { ends: &ends, ..used() };
            assert_eq!(ids(&ending(&system, &Parameters::at(NOW))), expected, "{what} {days}");
        };
        for what in ["contract", "licence", "warranty", "notice"] {
            check(what, 60, &format!("system.ending.{what}"));
            check(what, 61, "");
        }
        check("contract", -1, "system.ending.contract");
        check("licence", -400, "system.ending.licence");
        check("warranty", -1, "");
        check("notice", -1, "");
        let ends = [("contract", Some(NOW)), ("licence", None)];
        let retired = SystemView { is_in_use: false, ends: &ends, ..used() };
        assert_eq!(ids(&ending(&retired, &Parameters::at(NOW))), "");
    }

    #[test]
    fn what_keeps_data_needs_a_test_of_its_backup_on_record() {
        let check = |kind, days: Option<i64>, expected: &str| {
            let mut parameters = Parameters::at(NOW);
            parameters.backup_tested = days.map(|days| NOW.day().plus_days(-days));
            assert_eq!(
                ids(&backup(&SystemView { kind, ..used() }, &parameters)),
                expected,
                "{kind} {days:?}"
            );
        };
        check("server", None, "system.no-backup-test");
        check("nas", Some(366), "system.no-backup-test");
        check("nas", Some(100), "");
        check("printer", None, "");
    }
}
