//! Who does which task at a school.

use super::school::{School, day};
use crate::{SchoolTask, Store};

fn task(id: &str, version: i64, who: &str, hours: Option<i64>) -> SchoolTask {
    let (done_by, level, priority) = ("school".to_owned(), "team".to_owned(), "short".to_owned());
    SchoolTask { task: id.into(), version, who: who.into(), done_by, level, priority, hours }
}

pub(super) fn who_does_what_is_kept_and_nobody_overwrites_anybody(store: &Store) {
    let school = School::new(store);
    let (id, t) = (school.id, school.traeger.clone());
    let by = ("Frau L", day(1));
    assert!(t.school_tasks(id).expect("tasks").is_empty());
    let new = [task("backup", 0, "IT-Koordination", Some(50)), task("helpdesk", 0, "Sekretariat", None)];
    assert_eq!(t.save_tasks(id, &new, by).expect("saved"), 2);
    let nothing = SchoolTask { task: "works".into(), ..SchoolTask::default() };
    assert_eq!(t.save_tasks(id, &[nothing], by).expect("nothing said, nothing kept"), 0);
    let said = t.school_tasks(id).expect("tasks");
    assert_eq!(said.keys().collect::<Vec<_>>(), ["backup", "helpdesk"]);
    assert_eq!(said["backup"], task("backup", 1, "IT-Koordination", Some(50)));
    // What says the same is no change, however old its version is.
    assert_eq!(t.save_tasks(id, &new, by).expect("the same"), 0);
    // Two look at the same, and the second is told; nothing else of the second form is kept either.
    assert_eq!(t.save_tasks(id, &[task("backup", 1, "Träger", Some(25))], by).expect("changed"), 1);
    let stale = [task("helpdesk", 1, "Hausmeister", None), task("backup", 1, "Anbieter", None)];
    assert!(t.save_tasks(id, &stale, by).is_err_and(|error| error.is_conflict()));
    let said = t.school_tasks(id).expect("tasks");
    assert_eq!((said["backup"].who.as_str(), said["helpdesk"].who.as_str()), ("Träger", "Sekretariat"));
    let log = t.audit_log(&format!("task backup of school {id}")).expect("the log");
    assert_eq!(log.iter().map(|one| one.what.as_str()).collect::<Vec<_>>(), ["change", "create"]);
    assert!(log[0].before.contains("IT-Koordination") && log[0].after.contains("Träger"), "{log:?}");

    let unfit = |change: fn(&mut SchoolTask)| {
        let mut one = task("network", 0, "IT", None);
        change(&mut one);
        t.save_tasks(id, &[one], by).is_err()
    };
    assert!(unfit(|one| one.task = "no such task".into()));
    assert!(unfit(|one| one.done_by = "niemand".into()));
    assert!(unfit(|one| one.level = "Land".into()));
    assert!(unfit(|one| one.priority = "sofort".into()));
    assert!(unfit(|one| one.hours = Some(-1)) && unfit(|one| one.hours = Some(9_000)));
    assert!(unfit(|one| one.who = "Passwort: Sommer2026".into()));
    assert!(!unfit(|_| {}), "and nothing else was at fault");
    let other = School::of(store, "Kreis B", "Schule B").traeger;
    assert!(other.school_tasks(id).is_err_and(|error| error.is_not_found()));
    assert!(other.save_tasks(id, &new, by).is_err_and(|error| error.is_not_found()));
}
