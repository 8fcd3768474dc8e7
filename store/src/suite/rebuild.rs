//! The property: a rebuild of any history equals what grew day by day, numbers included.

use super::school::{Device, School, confirmed, day, device, entries, round};
use crate::{Decision, DecisionState, Dialect, DocumentedSystem, Store};
use proptest::prelude::*;
use rundgang_inventory::{Value, vocabulary};
use std::sync::atomic::{AtomicU32, Ordering};

/// Something that happens in a school.
#[derive(Clone, Debug)]
enum Event {
    /// An agent sees these devices at these addresses; a bit of `tells` adds an engine id, a UUID, a PJLink answer.
    Seen {
        devices: Vec<(u8, u8, u8)>,
    },
    /// It sees something unchanged.
    Confirmed {
        batch: u8,
        index: u8,
    },
    /// A round ends in which some probes ran.
    RoundEnded {
        probes: u8,
    },
    /// People merge, split, take back.
    Merge {
        a: u8,
        b: u8,
    },
    Split {
        asset: u8,
        key: u8,
    },
    Undo {
        event: u8,
    },
    Settle {
        ambiguity: u8,
        asset: u8,
    },
    /// People document and decide.
    Document {
        asset: u8,
    },
    Decide {
        finding: u8,
    },
    /// The night passes.
    Night,
}

fn event() -> impl Strategy<Value = Event> {
    let device = (0..6_u8, 0..6_u8, 0..16_u8);
    prop_oneof![
        6 => prop::collection::vec(device, 1..4).prop_map(|devices| Event::Seen { devices }),
        3 => (any::<u8>(), 0..4_u8).prop_map(|(batch, index)| Event::Confirmed { batch, index }),
        3 => (0..8_u8).prop_map(|probes| Event::RoundEnded { probes }),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(a, b)| Event::Merge { a, b }),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(asset, key)| Event::Split { asset, key }),
        1 => any::<u8>().prop_map(|event| Event::Undo { event }),
        1 => (any::<u8>(), any::<u8>()).prop_map(|(ambiguity, asset)| Event::Settle { ambiguity, asset }),
        1 => any::<u8>().prop_map(|asset| Event::Document { asset }),
        1 => any::<u8>().prop_map(|finding| Event::Decide { finding }),
        2 => Just(Event::Night),
    ]
}

fn seen(card: u8, address: u8, tells: u8) -> Vec<Device> {
    // Card 0 has no MAC (behind the router), card 5 a made-up one.
    let mac = match card {
        0 => String::new(),
        5 => "02:00:00:00:00:05".to_owned(),
        _ => format!("00:26:ab:00:00:{card:02x}"),
    };
    let base = device(&format!("10.0.0.{}", address + 1), &mac);
    let mut all = vec![base.clone().says(&vocabulary::HOST_FOUND_BY, Value::text("icmp"))];
    if tells & 1 != 0 {
        all.push(base.clone().engine(&format!("80000009030000{:02x}beef", card / 2)));
    }
    if tells & 2 != 0 {
        all.push(base.clone().announces(&format!("6ba7b810-9dad-11d1-80b4-0000000000{:02x}", card % 3)));
    }
    if tells & 4 != 0 {
        let answer = if tells & 8 != 0 { "yes" } else { "no" };
        all.push(base.by("pjlink").says(&vocabulary::PJLINK_PASSWORD, Value::text(answer)));
    }
    all
}

fn pick<T: Copy>(all: &[T], at: u8) -> Option<T> {
    all.get(usize::from(at) % all.len().max(1)).copied()
}

struct History {
    school: School,
    now: i64,
}

impl History {
    fn happen(&mut self, event: &Event) {
        let (now, t, id) = (day(self.now), self.school.traeger.clone(), self.school.id);
        match event {
            Event::Seen { devices } => {
                let all: Vec<Device> =
                    devices.iter().flat_map(|&(card, at, tells)| seen(card, at, tells)).collect();
                self.school.hear(&entries(&all, now), now);
            }
            Event::Confirmed { batch, index } => {
                let sequence = 1 + u64::from(*batch) % self.school.agent.sequence.max(1);
                self.school.hear(&[confirmed(sequence, u32::from(*index), now)], now);
            }
            Event::RoundEnded { probes } => {
                let names = ["sweep", "snmp", "pjlink"];
                let ran: Vec<&str> = names
                    .into_iter()
                    .enumerate()
                    .filter(|(n, _)| probes & (1 << n) != 0)
                    .map(|(_, name)| name)
                    .collect();
                self.school.hear(&[round(now, &ran)], now);
            }
            Event::Merge { a, b } => {
                let assets = self.school.asset_ids();
                if let (Some(a), Some(b)) = (pick(&assets, *a), pick(&assets, *b))
                    && a != b
                {
                    t.merge_assets(id, a, b, "K", "", now).expect("a merge");
                }
            }
            Event::Split { asset, key } => {
                let Some(asset) = pick(&self.school.asset_ids(), *asset) else { return };
                let keys: Vec<i64> = t.asset_keys(asset).expect("keys").iter().map(|(id, ..)| *id).collect();
                if keys.len() > 1 {
                    let key = pick(&keys, *key).expect("a key");
                    t.split_asset(id, asset, &[key], "K", "", now).expect("a split");
                }
            }
            Event::Undo { event } => {
                let events: Vec<i64> = t
                    .identity_events(id)
                    .expect("events")
                    .iter()
                    .filter(|e| e.kind != "undo")
                    .map(|e| e.id)
                    .collect();
                if let Some(event) = pick(&events, *event) {
                    // It may have been taken back before.
                    t.undo_identity_event(id, event, "K", now).unwrap_or_default();
                }
            }
            Event::Settle { ambiguity, asset } => {
                let open: Vec<i64> =
                    t.ambiguities(id).expect("questions").iter().map(|open| open.id).collect();
                if let (Some(open), Some(asset)) =
                    (pick(&open, *ambiguity), pick(&self.school.asset_ids(), *asset))
                {
                    t.settle_ambiguity(id, open, asset, "K", now).expect("an answer");
                }
            }
            Event::Document { asset } => {
                let asset = pick(&self.school.asset_ids(), *asset);
                let system =
                    DocumentedSystem { school: id, name: "X".into(), asset, ..DocumentedSystem::default() };
                t.save_system(&system, "K", now).expect("a system");
            }
            Event::Decide { finding } => {
                let findings = t.findings(Some(id), true).expect("findings");
                if let Some(finding) = findings.get(usize::from(*finding) % findings.len().max(1)) {
                    let decision = Decision {
                        state: DecisionState::Acknowledged,
                        reason: String::new(),
                        until: None,
                        who: "K".into(),
                        at: now,
                    };
                    t.decide(id, &finding.rule, &finding.subject, &decision).expect("a decision");
                }
            }
            Event::Night => self.now += 1,
        }
    }

    /// Everything derived, and everything recorded that a rebuild must not touch.
    fn state(&self) -> serde_json::Value {
        let mut export = self.school.traeger.export().expect("an export");
        for table in export.as_object_mut().expect("tables").values_mut() {
            let rows = table.as_array_mut().expect("rows");
            rows.sort_by_key(std::string::ToString::to_string);
        }
        export
    }

    /// Keys that lead to an asset which is part of another, or to any while it is asked whose they are.
    fn astray(&self) -> i64 {
        let sql =
            "SELECT COUNT(*) FROM identity_key k WHERE k.traeger_id = $1 AND k.asset_id IS NOT NULL AND (
                     EXISTS (SELECT 1 FROM asset_identity a WHERE a.traeger_id = $1 AND a.id = k.asset_id
                             AND a.merged_into IS NOT NULL)
                     OR EXISTS (SELECT 1 FROM ambiguity q WHERE q.traeger_id = $1 AND q.key_id = k.id
                                AND q.settled_at IS NULL))";
        self.school
            .traeger
            .read(|tx| tx.first(sql, &[], |row| row.int(0)))
            .expect("a count")
            .unwrap_or_default()
    }

    fn wreck(&self) {
        let t = &self.school.traeger;
        for table in ["asset", "finding", "present", "covered", "stands_for", "school_sum", "finding_sum"] {
            let sql = format!("DELETE FROM {table} WHERE traeger_id = $1");
            t.write(|tx| tx.execute(&sql, &[])).expect("nothing derived is left");
        }
        let sql = "UPDATE identity_key SET asset_id = NULL WHERE traeger_id = $1";
        t.write(|tx| tx.execute(sql, &[])).expect("owners forgotten");
    }
}

pub(super) fn a_rebuild_equals_what_grew(store: &Store) {
    // The long run asks for more by PROPTEST_CASES, which goes before what stands here.
    let cases = if store.dialect() == Dialect::Sqlite { 48 } else { 12 };
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 200,
        ..ProptestConfig::default()
    };
    let count = AtomicU32::new(0);
    proptest!(config, |(events in prop::collection::vec(event(), 1..25))| {
        let name = format!("Kreis {}", count.fetch_add(1, Ordering::Relaxed));
        let mut history = History { school: School::of(store, &name, "Schule"), now: 0 };
        for event in &events {
            history.happen(event);
            prop_assert!(history.school.traeger.sums_hold().expect("sums"), "sums after {event:?}");
        }
        let (t, id, now) = (history.school.traeger.clone(), history.school.id, day(history.now));
        let step_by_step = history.state();
        t.check_rules(id, now).expect("the timer");
        let grown = history.state();
        // What does not follow from the day is as the last event left it, though each looked at its own part alone.
        for table in ["stands_for", "search_document", "search_word", "search_gram", "search_place"] {
            prop_assert_eq!(&step_by_step[table], &grown[table], "{} before the timer", table);
        }
        prop_assert_eq!(history.astray(), 0, "keys held by merged assets, or answered while the question is open");
        history.wreck();
        t.rebuild(id, now).expect("a rebuild");
        let rebuilt = history.state();
        for (table, rows) in grown.as_object().expect("tables") {
            prop_assert_eq!(&rebuilt[table], rows, "{}", table);
        }
    });
}
