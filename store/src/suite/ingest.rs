//! Taking in what agents say.

use super::school::{School, confirmed, day, device, enrol, entries, round};
use crate::{Retention, Store};
use rundgang_inventory::{Count, Entry, Field, Reference, Value, Volatility, vocabulary};

pub(super) fn a_batch_counts_once(store: &Store) {
    let mut school = School::new(store);
    let mut batch = entries(&[device("10.0.0.1", "00:26:ab:00:00:01")], day(0));
    batch.push(confirmed(77, 0, day(0)));
    batch.push(Entry::Count(Count {
        segment: "teaching".into(),
        hour: day(0),
        kind: "personal".into(),
        count: 12,
    }));
    let first = school.hear(&batch, day(0));
    let again = school
        .traeger
        .append_batch(school.id, school.agent.id, school.agent.sequence, &batch, day(3))
        .expect("the same batch again");
    assert!(again.is_repeated && !first.is_repeated);
    assert_eq!(
        (first.acknowledged, &first.unknown_references),
        (again.acknowledged, &again.unknown_references),
        "what was asked for is asked for again"
    );
    assert_eq!(first.unknown_references, [Reference { sequence: 77, index: 0 }]);
    let export = school.traeger.export().expect("an export");
    assert_eq!(export["observation"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        school.traeger.counts(school.id, 24, day(0)).expect("counts"),
        [("teaching".into(), "personal".into(), 12)]
    );
    assert_eq!(school.traeger.agent(school.agent.id).expect("the agent").last_sequence, 1);
}

pub(super) fn unknown_references_are_asked_for(store: &Store) {
    let mut school = School::new(store);
    school.hear(&entries(&[device("10.0.0.1", "00:26:ab:00:00:01")], day(0)), day(0));
    let outcome = school.hear(&[confirmed(1, 0, day(2)), confirmed(1, 1, day(2))], day(2));
    assert_eq!(outcome.acknowledged, 2);
    assert_eq!(outcome.unknown_references, [Reference { sequence: 1, index: 1 }]);
    let asset = school.traeger.asset(school.asset_ids()[0]).expect("the asset");
    assert_eq!((asset.first_seen, asset.last_seen), (day(0).day(), day(2).day()), "days, not times");
}

pub(super) fn counters_are_sampled_and_moods_forgotten(store: &Store) {
    let of = |volatility| -> &'static Field {
        vocabulary::all().find(|field| field.volatility == volatility).expect("a field of that volatility")
    };
    let (slow, volatile) = (of(Volatility::Slow), of(Volatility::Volatile));
    let mut school = School::new(store);
    for (n, at) in [(1, day(0)), (2, day(0)), (3, day(1))] {
        let seen = device("10.0.0.1", "00:26:ab:00:00:01")
            .says(slow, Value::Int(n))
            .says(volatile, Value::Int(n))
            .says(&vocabulary::HOST_FOUND_BY, Value::text("arp"));
        school.hear(&entries(&[seen], at), at);
    }
    let evidence = school.traeger.asset_evidence(school.asset_ids()[0]).expect("evidence");
    assert_eq!(evidence.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["host.found_by"]);
    let export = school.traeger.export().expect("an export");
    let values: Vec<&str> = export["sample"]
        .as_array()
        .expect("samples")
        .iter()
        .filter_map(|row| row["value"].as_str())
        .collect();
    assert_eq!(values, [r#"{"int":1}"#, r#"{"int":3}"#], "one a day");
    assert!(!export.to_string().contains(volatile.name));
}

pub(super) fn agents_speak_for_their_school_only(store: &Store) {
    let school = School::new(store);
    let other = School::of(store, "Kreis Beispiel", "Grundschule");
    let t = &school.traeger;
    let speak = |school: i64, agent: i64| t.append_batch(school, agent, 1, &[], day(0)).map(drop);
    assert!(speak(other.id, school.agent.id).is_err_and(|e| e.to_string().contains("another school")));
    assert!(speak(school.id, 4711).is_err_and(|e| e.is_not_found()));
    assert!(speak(school.id, school.agent.id).is_ok());
    t.revoke_agent(school.agent.id, ("K", day(0))).expect("revoked");
    assert!(speak(school.id, school.agent.id).is_err_and(|e| e.to_string().contains("revoked")));
    assert!(t.append_batch(other.id, other.agent.id, u64::MAX, &[], day(0)).is_err());
}

pub(super) fn a_wrong_clock_reaches_neither_past_nor_future(store: &Store) {
    let mut school = School::new(store);
    let t = school.traeger.clone();
    let seen = [device("10.0.0.1", "00:26:ab:00:00:01")];
    for told in [day(365), day(-9000)] {
        let mut batch = entries(&seen, told);
        batch.push(round(told, &["sweep"]));
        assert!(school.hear(&batch, day(0)).has_wrong_clock, "it is told");
        let asset = t.asset(school.asset_ids()[0]).expect("the asset");
        assert_eq!((asset.first_seen, asset.last_seen), (day(0).day(), day(0).day()));
    }
    assert!(!school.walk(&seen, day(1), &["sweep"]).has_wrong_clock);
    let asset = t.asset(school.asset_ids()[0]).expect("the asset");
    assert_eq!(asset.last_seen, day(1).day(), "the later truth counts");
    t.retain(Retention::default(), day(2)).expect("a run");
    assert_eq!(school.asset_ids().len(), 1, "nothing was taken for old");
    t.retain(Retention::default(), day(1 + 366)).expect("a run");
    assert!(school.asset_ids().is_empty(), "nothing is kept for longer");
}

pub(super) fn several_agents_speak_at_once(store: &Store) {
    let school = School::new(store);
    let agents: Vec<i64> = (0..4).map(|_| enrol(store, &school.traeger, school.id).id).collect();
    let devices: Vec<_> =
        (1..20).map(|n| device(&format!("10.0.0.{n}"), &format!("00:26:ab:00:00:{n:02x}"))).collect();
    std::thread::scope(|scope| {
        for agent in &agents {
            scope.spawn(|| {
                for sequence in 1..4 {
                    let mut batch = entries(&devices, day(0));
                    batch.push(round(day(0), &["sweep"]));
                    school
                        .traeger
                        .append_batch(school.id, *agent, sequence, &batch, day(0))
                        .expect("a batch is taken in");
                }
            });
        }
    });
    assert_eq!(school.asset_ids().len(), 19, "one asset for each device, whoever saw it first");
}
