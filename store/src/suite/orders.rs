//! What people ask of an agent, and what the register tells it.

use super::school::{School, day};
use crate::{DocumentedSystem, Orders, Store};

pub(super) fn a_wish_is_told_once_and_a_pause_stands(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let foreign = School::of(store, "Kreis B", "Schule");
    let (traeger, agent) = (&own.traeger, own.agent.id);
    let orders = || traeger.orders(agent).expect("orders");
    assert_eq!(orders(), Orders::default());
    traeger.ask_walk(agent, ("K", day(1))).expect("asked");
    traeger.pause_agent(agent, ("K", day(2))).expect("paused");
    assert_eq!(orders(), Orders { walk_asked_at: Some(day(1)), paused_at: Some(day(2)) });
    // Asked again while the first wish was on its way: the second is still to be told.
    traeger.ask_walk(agent, ("K", day(3))).expect("asked again");
    traeger.walk_was_taken(agent, day(1)).expect("noted");
    assert_eq!(orders().walk_asked_at, Some(day(3)));
    traeger.walk_was_taken(agent, day(3)).expect("noted");
    traeger.resume_agent(agent, ("K", day(3))).expect("resumed");
    assert_eq!(orders(), Orders::default());

    assert!(foreign.traeger.pause_agent(agent, ("K", day(4))).expect_err("a foreign agent").is_not_found());
    assert_eq!(foreign.traeger.orders(agent).expect("orders"), Orders::default());
    traeger.revoke_agent(agent, ("K", day(5))).expect("revoked");
    assert!(traeger.ask_walk(agent, ("K", day(5))).is_err(), "a withdrawn agent gets no orders");
    // Who asked for what stands in the log, and nothing that was refused.
    let log = traeger.audit_log(&format!("agent {agent}")).expect("the log");
    let told: Vec<(&str, &str)> = log.iter().rev().map(|one| (one.what.as_str(), one.who.as_str())).collect();
    assert_eq!(told, [("walk", "K"), ("pause", "K"), ("walk", "K"), ("resume", "K"), ("revoke", "K")]);
    assert_eq!(log[0].at, day(5));
    assert!(log[0].before.contains("heard") && log[0].after.contains("withdrawn"), "{log:?}");
    assert!(foreign.traeger.audit_log(&format!("agent {agent}")).expect("the log").is_empty());
}

pub(super) fn the_register_tells_its_macs(store: &Store) {
    let own = School::of(store, "Kreis A", "Schule");
    let foreign = School::of(store, "Kreis B", "Schule");
    let enter = |name: &str, mac: &str, status: &str| {
        let system = DocumentedSystem {
            school: own.id,
            name: name.into(),
            mac: mac.into(),
            status: status.into(),
            ..DocumentedSystem::default()
        };
        own.traeger.save_system(&system, "A", day(0)).expect("a system");
    };
    enter("Server", "", "in-use");
    enter("PC Verwaltung", "00-25-90-00-00-07", "in-use");
    enter("Altes Gerät", "00:25:90:00:00:08", "retired");
    let told = own.traeger.register_macs(own.id).expect("MACs");
    assert_eq!(told.iter().map(ToString::to_string).collect::<Vec<_>>(), ["00:25:90:00:00:07"]);
    assert!(foreign.traeger.register_macs(own.id).expect("MACs").is_empty());
}
