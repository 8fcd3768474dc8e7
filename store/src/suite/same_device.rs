//! Which devices are one.

use super::school::{Device, School, confirmed, day, device, enrol, entries, round};
use crate::Store;
use rundgang_inventory::{MacProvenance, Value, identity::AssetId, vocabulary};

fn mac(n: u32) -> String {
    format!("00:26:ab:00:{:02x}:{:02x}", n / 256, n % 256)
}

fn engine(n: u32) -> String {
    format!("8000000903{n:08x}cafe")
}

pub(super) fn one_device_seen_by_two_agents(store: &Store) {
    let mut school = School::new(store);
    school.hear(&entries(&[device("10.0.0.1", &mac(1))], day(0)), day(0));
    let second = enrol(store, &school.traeger, school.id);
    // Over the router: its MAC comes from the router's table, which may match.
    let seen = device("10.0.0.1", &mac(1)).heard(MacProvenance::RouterTable).engine(&engine(1));
    school
        .traeger
        .append_batch(school.id, second.id, 1, &entries(&[seen], day(0)), day(0))
        .expect("a batch is taken in");
    assert_eq!(school.asset_ids().len(), 1);
    // Next day the second agent alone meets it at another address.
    let moved = device("10.0.0.77", "").engine(&engine(1));
    school
        .traeger
        .append_batch(school.id, second.id, 2, &entries(&[moved], day(1)), day(1))
        .expect("a batch is taken in");
    let assets = school.traeger.assets(Some(school.id), 0, 10).expect("assets");
    assert_eq!(assets.iter().map(|asset| asset.ip.as_str()).collect::<Vec<_>>(), ["10.0.0.77"]);
}

/// Behind a router nothing but its host key tells that a server is the one from last week, at another address.
pub(super) fn a_server_behind_a_router_is_known_by_its_ssh_host_key(store: &Store) {
    let mut school = School::new(store);
    let server = |ip: &str, key: &str| {
        let key = Value::Text(format!("ssh-ed25519 {key}"));
        device(ip, "").says(&vocabulary::SSH_HOST_KEY, key).by("ssh")
    };
    let (one, other) = ("5f00aa11bb22cc33", "77ee66dd55cc44bb");
    school.walk(&[server("10.9.0.5", one)], day(0), &["sweep", "ssh"]);
    school.walk(&[server("10.9.0.9", one), server("10.9.0.5", other)], day(3), &["sweep", "ssh"]);
    let assets = school.traeger.assets(Some(school.id), 0, 10).expect("assets");
    let mut at: Vec<&str> = assets.iter().map(|asset| asset.ip.as_str()).collect();
    at.sort_unstable();
    assert_eq!(at, ["10.9.0.5", "10.9.0.9"]);
}

/// A month of two servers behind a router: what does not change is only confirmed, one moves, and a copy of the other comes up
/// beside it, with its host key and its name.
pub(super) fn a_copied_server_takes_over_nobody(store: &Store) {
    let mut school = School::new(store);
    let server = |ip: &str, key: &str| {
        let key = Value::Text(format!("ssh-ed25519 {key}"));
        device(ip, "").says(&vocabulary::SSH_HOST_KEY, key).by("ssh")
    };
    let (copied, moving) = ("5f00aa11bb22cc33", "77ee66dd55cc44bb");
    let probes = ["sweep", "ssh"];
    school.walk(&[server("10.9.0.5", copied), server("10.9.0.6", moving)], day(0), &probes);
    let [a, b] = school.asset_ids()[..] else { panic!("two assets") };
    let mut moved = 0;
    for n in 1..30 {
        let (new, other) = match n {
            9 => {
                moved = school.agent.sequence + 1;
                (vec![server("10.9.0.9", moving)], None)
            }
            12 => (vec![server("10.9.0.4", copied)], Some((moved, 0))),
            _ => (Vec::new(), Some(if n < 9 { (1, 1) } else { (moved, 0) })),
        };
        let mut all = entries(&new, day(n));
        all.push(confirmed(1, 0, day(n)));
        all.extend(other.map(|(sequence, index)| confirmed(sequence, index, day(n))));
        all.push(round(day(n), &probes));
        school.hear(&all, day(n));
    }
    let assets = school.traeger.assets(Some(school.id), 0, 10).expect("assets");
    let mut at: Vec<(AssetId, &str)> = assets.iter().map(|asset| (asset.id, asset.ip.as_str())).collect();
    at.sort_unstable();
    let copy = at.last().map(|(id, _)| *id).expect("an asset");
    assert_eq!(at, [(a, "10.9.0.5"), (b, "10.9.0.9"), (copy, "10.9.0.4")]);
    assert_eq!(school.traeger.ambiguities(school.id).expect("ambiguities"), []);
}

/// In the middle of a round nobody knows whether a server is still where it was: a person is asked, and no merge of others
/// is an answer.
pub(super) fn a_host_key_at_another_address_in_the_middle_of_a_round_is_a_question(store: &Store) {
    let mut school = School::new(store);
    let server = |ip: &str| {
        let key = Value::Text("ssh-ed25519 5f00aa11bb22cc33".to_owned());
        device(ip, "").says(&vocabulary::SSH_HOST_KEY, key).by("ssh")
    };
    let others = [device("10.0.0.1", &mac(1)), device("10.0.0.2", &mac(2))];
    school.walk(&[vec![server("10.9.0.5")], others.to_vec()].concat(), day(0), &["sweep", "ssh"]);
    let before = school.asset_ids();
    school.hear(&entries(&[server("10.9.0.4")], day(1)), day(1));
    let open = school.traeger.ambiguities(school.id).expect("ambiguities");
    assert_eq!(open.iter().map(|open| open.candidates.len()).collect::<Vec<_>>(), [1]);
    assert_eq!(school.asset_ids(), before);
    let two: Vec<AssetId> = before.into_iter().filter(|id| !open[0].candidates.contains(id)).collect();
    school.traeger.merge_assets(school.id, two[0], two[1], "K", "", day(1)).expect("a merge");
    assert_eq!(school.traeger.ambiguities(school.id).expect("ambiguities").len(), 1);
}

pub(super) fn a_ghost_is_no_device(store: &Store) {
    let mut school = School::new(store);
    let ghost = device("10.9.0.1", "").says(&vocabulary::HOST_FOUND_BY, Value::text("tcp"));
    school.hear(&entries(std::slice::from_ref(&ghost), day(0)), day(0));
    assert!(school.asset_ids().is_empty());
    let evident = ghost.says(&vocabulary::SSH_BANNER, Value::text("SSH-2.0-OpenSSH_9.2"));
    school.hear(&entries(&[evident], day(0)), day(0));
    assert_eq!(school.asset_ids().len(), 1);
    // Hearsay alone: a router's table knows a MAC, nothing answered.
    let heard = device("10.9.0.2", &mac(9)).heard(MacProvenance::RouterTable);
    school.hear(&entries(&[heard], day(0)), day(0));
    let keys: Vec<String> = school
        .asset_ids()
        .into_iter()
        .flat_map(|id| school.traeger.asset_keys(id).expect("keys"))
        .map(|(_, kind, _)| kind)
        .collect();
    assert!(!keys.contains(&"mac".to_owned()), "a third party's word creates no key: {keys:?}");
}

/// Two devices, and a statement that fits both: the one's engine at the other's card.
fn two_and_what_fits_both(school: &mut School) -> ([AssetId; 2], Device) {
    let a = device("10.0.0.1", &mac(1)).engine(&engine(1));
    let b = device("10.0.0.2", &mac(2)).announces("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    school.hear(&entries(&[a, b], day(0)), day(0));
    let [a, b] = school.asset_ids()[..] else { panic!("two assets") };
    ([a, b], device("10.0.0.2", &mac(2)).engine(&engine(1)))
}

pub(super) fn two_that_fit_wait_for_a_person(store: &Store) {
    let mut school = School::new(store);
    let ([a, b], both) = two_and_what_fits_both(&mut school);
    school.hear(&entries(std::slice::from_ref(&both), day(0)), day(0));
    school.hear(&entries(&[both], day(1)), day(1));
    let open = school.traeger.ambiguities(school.id).expect("ambiguities");
    assert_eq!(open.iter().map(|open| open.candidates.clone()).collect::<Vec<_>>(), [vec![a, b]]);
    assert!(open[0].reason.contains(&format!("belongs to asset {a}")), "{}", open[0].reason);
    assert!(school.traeger.asset_evidence(b).expect("evidence").get(&vocabulary::SNMP_ENGINE_ID).is_none());
    school.traeger.merge_assets(school.id, a, b, "IT-Koordination", "one box", day(2)).expect("a merge");
    assert_eq!(school.traeger.ambiguities(school.id).expect("ambiguities"), []);
    assert_eq!(school.asset_ids(), [a]);
    assert_eq!(school.traeger.asset(b).expect("the redirect").id, a);
    let merged = school.traeger.asset(a).expect("the asset");
    assert_eq!(merged.last_seen, day(1).day(), "what waited belongs to the one");
}

pub(super) fn a_question_answered_once_is_answered_for_what_comes_later(store: &Store) {
    let mut school = School::new(store);
    let ([a, _], both) = two_and_what_fits_both(&mut school);
    school.hear(&entries(std::slice::from_ref(&both), day(0)), day(0));
    let t = school.traeger.clone();
    let open = t.ambiguities(school.id).expect("questions");
    t.settle_ambiguity(school.id, open[0].id, a, "K", day(1)).expect("an answer");
    school.hear(&entries(std::slice::from_ref(&both), day(2)), day(2));
    assert_eq!(t.ambiguities(school.id).expect("questions"), [], "it is not asked again");
    assert_eq!(t.asset(a).expect("a").last_seen, day(2).day(), "what came later belongs to it at once");
    // Taken back, the question is open again.
    let answer = t.identity_events(school.id).expect("events").last().expect("the answer").id;
    t.undo_identity_event(school.id, answer, "K", day(3)).expect("taken back");
    assert_eq!(t.ambiguities(school.id).expect("questions").len(), 1);
    assert_eq!(t.asset(a).expect("a").last_seen, day(0).day());
}

pub(super) fn what_is_taken_back_after_a_later_merge_stays_in_one_place(store: &Store) {
    let mut school = School::new(store);
    let card = device("10.0.0.1", &mac(1)).announces("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    school.hear(&entries(&[card, device("10.0.0.2", &mac(2)), device("10.0.0.3", &mac(3))], day(0)), day(0));
    let [a, b, c] = school.asset_ids()[..] else { panic!("three assets") };
    let t = school.traeger.clone();
    let last = || t.identity_events(school.id).expect("events").last().expect("an event").id;
    // A key split off, the rest merged into another: what comes back belongs where the rest is now.
    let own = t.asset_keys(a).expect("keys")[0].0;
    let d = t.split_asset(school.id, a, &[own], "K", "", day(1)).expect("a split");
    let split = last();
    t.merge_assets(school.id, b, a, "K", "", day(1)).expect("a merge");
    t.undo_identity_event(school.id, split, "K", day(2)).expect("taken back");
    assert_eq!(school.asset_ids(), [b, c]);
    assert!(t.asset_keys(b).expect("keys").iter().any(|(id, ..)| *id == own));
    assert_eq!(t.present_asset(a).expect("a"), b);
    assert!(t.asset_keys(d).expect("keys").is_empty());
    // A merge into what was merged on is taken back from its end, and then wholly.
    let merge =
        t.identity_events(school.id).expect("events").iter().find(|e| e.kind == "merge").expect("it").id;
    t.merge_assets(school.id, c, b, "K", "", day(3)).expect("a merge");
    let later = last();
    let refused = t.undo_identity_event(school.id, merge, "K", day(4)).expect_err("a later one stands on it");
    assert!(refused.to_string().contains("later"), "{refused}");
    assert_eq!((school.asset_ids(), t.present_asset(a).expect("a")), (vec![c], c), "nothing has changed");
    t.undo_identity_event(school.id, later, "K", day(5)).expect("taken back");
    t.undo_identity_event(school.id, merge, "K", day(5)).expect("and now this one");
    assert_eq!(school.asset_ids(), [a, b, c]);
    let undo = last();
    assert!(t.undo_identity_event(school.id, undo, "K", day(6)).is_err(), "decide anew instead");
    assert!(t.merge_assets(school.id, b, d, "K", "", day(6)).is_err(), "nothing is left of it");
}

pub(super) fn what_a_merge_answered_is_asked_again_when_it_is_taken_back(store: &Store) {
    let mut school = School::new(store);
    let ([a, b], both) = two_and_what_fits_both(&mut school);
    school.hear(&entries(std::slice::from_ref(&both), day(1)), day(1));
    let t = school.traeger.clone();
    t.merge_assets(school.id, a, b, "K", "", day(2)).expect("a merge");
    assert_eq!(t.ambiguities(school.id).expect("questions"), [], "the evidence answers it");
    let events = t.identity_events(school.id).expect("events");
    let of_kind = |kind: &str| events.iter().find(|event| event.kind == kind).expect("an event").id;
    assert!(t.undo_identity_event(school.id, of_kind("bind"), "K", day(3)).is_err(), "the merge stands");
    t.undo_identity_event(school.id, of_kind("merge"), "K", day(3)).expect("taken back");
    assert_eq!(school.asset_ids(), [a, b]);
    assert_eq!(t.ambiguities(school.id).expect("questions").len(), 1, "who knows now?");
    school.hear(&entries(&[both], day(4)), day(4));
    let seen: Vec<_> = [a, b].map(|id| t.asset(id).expect("an asset").last_seen).into();
    assert_eq!(seen, [day(0).day(); 2], "what fits both is neither's until a person says so");
}

pub(super) fn merge_split_and_back(store: &Store) {
    let mut school = School::new(store);
    school.hear(&entries(&[device("10.0.0.1", &mac(1)), device("10.0.0.2", &mac(2))], day(0)), day(0));
    let [a, b] = school.asset_ids()[..] else { panic!("two assets") };
    let t = school.traeger.clone();
    t.merge_assets(school.id, a, b, "K", "", day(1)).expect("a merge");
    assert!(t.merge_assets(school.id, a, b, "K", "", day(1)).is_err(), "merged already");
    school.hear(&entries(&[device("10.0.0.3", &mac(2))], day(2)), day(2));
    assert_eq!(school.asset_ids(), [a], "what comes under its keys belongs to the one");
    let event = t.identity_events(school.id).expect("events").last().expect("the merge").id;
    t.undo_identity_event(school.id, event, "K", day(3)).expect("taken back");
    assert!(t.undo_identity_event(school.id, event, "K", day(3)).is_err(), "taken back before");
    assert_eq!(school.asset_ids(), [a, b]);
    assert_eq!(t.asset(b).expect("b").ip, "10.0.0.3", "with what came meanwhile");
    t.merge_assets(school.id, a, b, "K", "", day(4)).expect("a merge");
    let keys = t.asset_keys(a).expect("keys");
    let own: Vec<i64> = keys.iter().filter(|(_, _, value)| *value == mac(2)).map(|(id, ..)| *id).collect();
    let c = t.split_asset(school.id, a, &own, "K", "two after all", day(5)).expect("a split");
    assert_eq!(school.asset_ids(), [a, c]);
    assert_eq!(t.asset(c).expect("c").mac, Some(mac(2)));
    let all: Vec<i64> = t.asset_keys(c).expect("keys").iter().map(|(id, ..)| *id).collect();
    assert!(t.split_asset(school.id, c, &all, "K", "", day(5)).is_err(), "one key must stay");
}

/// Thirty days: addresses move every few days, a network card is replaced, a second one appears, a board is swapped
/// for another, devices behind the router have no MAC, boards on the WLAN have a random one, and one is away for a week.
pub(super) fn a_month_of_churn_makes_no_doubles(store: &Store) {
    let mut school = School::new(store);
    let mut devices = 0;
    for n in 0..30_i64 {
        let mut round: Vec<Device> = Vec::new();
        let lease = |k: u32, every: i64| {
            format!("10.0.{}.{}", 1 + (n / every) % 3, k + u32::try_from(n / every).unwrap_or(0) % 5)
        };
        // 20 devices on the wire, known by their MAC; five of them tell an engine id as well.
        for k in 0..20 {
            if k == 3 && (10..17).contains(&n) {
                continue;
            }
            let card = if k == 2 && n >= 15 { 900 } else { k };
            let seen = device(&lease(10 * k % 200, 3), &mac(card));
            round.push(seen.clone());
            if k < 5 {
                round.push(seen.engine(&engine(k)));
            }
        }
        // A second card of device 1 in another network, seen first by ARP alone and then by SNMP.
        if n >= 8 {
            let second = device("10.0.9.1", &mac(901));
            round.push(second.clone());
            if n >= 9 {
                round.push(second.engine(&engine(1)));
            }
        }
        // Five behind the router, by engine id alone, moving every four days.
        for k in 30..35 {
            round.push(
                device(&format!("10.5.0.{}", k + u32::try_from(n / 4).unwrap_or(0) * 7), "")
                    .engine(&engine(k)),
            );
        }
        // Four boards on the WLAN take a new random MAC address every day; what they announce stays.
        for k in 40..44 {
            let random = format!("02:00:00:00:{n:02x}:{k:02x}");
            round.push(
                device(&format!("10.6.0.{}", (k + n) % 200), &random)
                    .announces(&format!("urn:uuid:4509a320-00a0-008f-00b6-0000000000{k}")),
            );
        }
        // A board is swapped for another at the same address.
        round.push(device("10.0.7.7", &mac(if n < 20 { 500 } else { 501 })));
        devices = 20 + 5 + 4 + if n < 20 { 1 } else { 2 };
        school.walk(&round, day(n), &["sweep", "snmp"]);
        store.tidy().expect("tidied");
    }
    let found: Vec<String> = school
        .traeger
        .assets(Some(school.id), 0, 1000)
        .expect("assets")
        .iter()
        .map(|asset| format!("{} {:?} {}", asset.id, asset.mac, asset.ip))
        .collect();
    assert_eq!(found.len(), devices, "{found:#?}");
    assert_eq!(school.traeger.ambiguities(school.id).expect("ambiguities"), []);
}

/// Thirty days of what is no plain device: virtual machines that move, are restored and are copied; a stack whose master
/// fails over; a notebook trolley's access point that is carried from room to room, network to network and port to port.
pub(super) fn virtual_machines_stacks_and_what_is_carried_about_stay_one(store: &Store) {
    let certificate = |of: &str| {
        let row = [("port".to_owned(), Value::Int(443)), ("fingerprint".to_owned(), Value::text(of))];
        Value::Table(vec![row.into_iter().collect()])
    };
    let member = |serial: &str| {
        let cells = [("class", "chassis"), ("model", "C9999-24P"), ("serial", serial)];
        cells.map(|(name, text)| (name.to_owned(), Value::text(text))).into_iter().collect()
    };
    let stack = |n: i64| {
        let (first, second) =
            if n < 12 { ("FOC9999A001", "FOC9999B002") } else { ("FOC9999B002", "FOC9999A001") };
        let master = mac(if n < 12 { 600 } else { 601 });
        device("10.0.0.250", &master)
            .says(&vocabulary::SNMP_SYS_OBJECT_ID, Value::text("1.3.6.1.4.1.9.1.9999"))
            .says(&vocabulary::SNMP_ENTITY, Value::Table(vec![member(first), member(second)]))
            .engine(&engine(600))
    };
    let mut school = School::new(store);
    let switch = |port: i64, n: i64| {
        let learned = [("mac".to_owned(), Value::text(mac(620))), ("port".to_owned(), Value::Int(port))];
        let rows = if (n / 6) % 2 == port % 2 { vec![learned.into_iter().collect()] } else { Vec::new() };
        let seen = device(&format!("10.0.0.{}", 200 + port), &mac(610 + u32::try_from(port).unwrap_or(0)));
        seen.says(&vocabulary::SNMP_FDB, Value::Table(rows)).by("snmp-walk")
    };
    for n in 0..30_i64 {
        let mut round = vec![
            // A hypervisor gives it an address of its own maker; it moves from one host to another, and keeps it.
            device(&format!("10.0.8.{}", 10 + n / 10), "00:50:56:00:00:01")
                .says(&vocabulary::TLS_CERTIFICATES, certificate("aa11"))
                .by("tls"),
            // Restored every week, with another made-up address; what SNMP tells stays.
            device("10.0.8.40", &format!("52:54:00:00:00:{:02x}", n / 7)).engine(&engine(640)),
            stack(n),
            switch(1, n),
            switch(2, n),
            device(&format!("10.{}.0.{}", n / 6 % 2, 30 + n % 4), &mac(620)),
        ];
        if n >= 10 {
            // A copy of the first one, with its certificate.
            let copy = device("10.0.8.60", "00:50:56:00:00:02");
            round.push(copy.says(&vocabulary::TLS_CERTIFICATES, certificate("aa11")).by("tls"));
        }
        school.walk(&round, day(n), &["sweep", "snmp", "snmp-walk", "tls"]);
        store.tidy().expect("tidied");
    }
    let assets = school.traeger.assets(Some(school.id), 0, 1000).expect("assets");
    let found: Vec<String> =
        assets.iter().map(|asset| format!("{} {:?} {}", asset.id, asset.mac, asset.ip)).collect();
    // Two machines and the copy of one, the stack, two switches, and what is carried about.
    assert_eq!(found.len(), 7, "{found:#?}");
    assert_eq!(school.traeger.ambiguities(school.id).expect("ambiguities"), []);
    let carried = assets.iter().find(|asset| asset.mac == Some(mac(620))).expect("what is carried about");
    let wiring = school.traeger.wiring(school.id).expect("the wiring");
    let port = wiring.plugged.get(&carried.id).map(|plugged| plugged.port.as_str());
    assert_eq!(port, Some("2"), "it is where it was seen last");
}
