//! What is documented has one answer, whoever asks: pages, rules, surveys and lists agree.

use super::school::{School, day, device};
use crate::{DocumentedSystem, Store, views::assets::AssetFilter};
use rundgang_inventory::{Value, vocabulary};
use std::collections::BTreeSet;

const BOUND: &str = "00:26:ab:00:00:01";
const BY_MAC: &str = "00:26:ab:00:00:02";
const BY_SERIAL: &str = "00:26:ab:00:00:03";
const NOBODYS: &str = "00:26:ab:00:00:04";
const TWIN: &str = "00:26:ab:00:00:05";
const OTHER_TWIN: &str = "00:26:ab:00:00:06";

fn school(store: &Store) -> School {
    let mut school = School::new(store);
    let printer = |ip: &str, mac: &str, serial: &str| {
        device(ip, mac)
            .by("ipp")
            .says(&vocabulary::IPP_MAKE_AND_MODEL, Value::text("HP LaserJet M507"))
            .says(&vocabulary::IPP_SERIAL, Value::text(serial))
    };
    let devices = [
        printer("10.0.0.1", BOUND, "VNB0000001"),
        printer("10.0.0.2", BY_MAC, "VNB0000002"),
        printer("10.0.0.3", BY_SERIAL, "VNB0000003"),
        device("10.0.0.4", NOBODYS).says(&vocabulary::HOST_FOUND_BY, Value::text("arp")),
        device("10.0.0.5", TWIN).says(&vocabulary::HOST_FOUND_BY, Value::text("arp")),
        device("10.0.0.6", OTHER_TWIN).says(&vocabulary::HOST_FOUND_BY, Value::text("arp")),
    ];
    school.walk(&devices, day(0), &["sweep", "ipp"]);
    school
}

fn system(school: &School, name: &str) -> DocumentedSystem {
    DocumentedSystem {
        school: school.id,
        name: name.to_owned(),
        kind: "printer".to_owned(),
        ..DocumentedSystem::default()
    }
}

/// Asks every place for the documented devices; they must be these, by MAC address.
fn check(school: &School, expected: &[&str]) {
    let t = &school.traeger;
    let lines = t.asset_lines(school.id, &AssetFilter::default()).expect("devices");
    let mac_of = |id: i64| {
        let line = lines.iter().find(|line| line.id == id).expect("a device");
        line.mac.clone().expect("a MAC address")
    };
    let expected: BTreeSet<String> = expected.iter().map(|mac| (*mac).to_owned()).collect();
    let told: BTreeSet<String> = t.documented_assets(None).expect("ids").into_iter().map(mac_of).collect();
    assert_eq!(told, expected, "the list of ids");
    let listed = lines.iter().filter(|line| line.system.is_some()).filter_map(|line| line.mac.clone());
    assert_eq!(listed.collect::<BTreeSet<_>>(), expected, "the list of devices");
    let open: BTreeSet<String> = school
        .open()
        .iter()
        .filter_map(|finding| finding.strip_prefix("asset.undocumented asset "))
        .map(|id| mac_of(id.parse().expect("a number")))
        .collect();
    let missing: BTreeSet<String> = lines.iter().filter_map(|line| line.mac.clone()).collect();
    assert_eq!(open, &missing - &expected, "the findings");
    let page = t.school_page(school.id, day(0)).expect("the page");
    let documented: i64 = page.kinds.iter().map(|kind| kind.documented).sum();
    assert_eq!(documented, i64::try_from(expected.len()).expect("few"), "the school's page");
    let overview = t.overview(day(0)).expect("the overview");
    assert_eq!(overview.schools[0].undocumented, 6 - documented, "the overview");
    let survey = t.survey_view(school.id, day(0)).expect("the survey's view");
    let in_survey = survey.assets.iter().filter(|asset| asset.seen && asset.documented).count();
    assert_eq!(in_survey, expected.len(), "the survey");
    let systems = t.system_lines(school.id).expect("the register");
    let bound: BTreeSet<String> = systems.iter().filter_map(|line| line.asset).map(mac_of).collect();
    assert_eq!(bound, expected, "the register");
}

pub(super) fn every_place_agrees_on_what_is_documented(store: &Store) {
    let school = school(store);
    let t = school.traeger.clone();
    let id_of = |mac: &str| t.assets_by_mac(mac.parse().expect("a MAC")).expect("ids")[0];
    check(&school, &[]);
    let bound = DocumentedSystem { asset: Some(id_of(BOUND)), ..system(&school, "Drucker 1") };
    t.save_system(&bound, "K", day(0)).expect("a system");
    check(&school, &[BOUND]);
    // As people copy it from a sticker; the gap closes at once.
    let by_mac = DocumentedSystem { mac: "00-26-AB-00-00-02".into(), ..system(&school, "Drucker 2") };
    let by_mac_id = t.save_system(&by_mac, "K", day(0)).expect("a system");
    check(&school, &[BOUND, BY_MAC]);
    let by_serial = DocumentedSystem { serial: "vnb0000003".into(), ..system(&school, "Drucker 3") };
    t.save_system(&by_serial, "K", day(0)).expect("a system");
    check(&school, &[BOUND, BY_MAC, BY_SERIAL]);
    // A second entry for one device changes nothing, a retired one documents nothing.
    t.save_system(&DocumentedSystem { asset: Some(id_of(BOUND)), ..system(&school, "Doppelt") }, "K", day(0))
        .expect("a system");
    let retired =
        DocumentedSystem { status: "retired".into(), mac: NOBODYS.into(), ..system(&school, "Alt") };
    t.save_system(&retired, "K", day(0)).expect("a system");
    check(&school, &[BOUND, BY_MAC, BY_SERIAL]);
    // Devices that become one keep what stands for either of them.
    let twin = DocumentedSystem { asset: Some(id_of(OTHER_TWIN)), ..system(&school, "Server") };
    t.save_system(&twin, "K", day(0)).expect("a system");
    check(&school, &[BOUND, BY_MAC, BY_SERIAL, OTHER_TWIN]);
    t.delete_system(by_mac_id, 1, "K", day(0)).expect("deleted");
    check(&school, &[BOUND, BY_SERIAL, OTHER_TWIN]);
    let (into, from) = (id_of(TWIN), id_of(OTHER_TWIN));
    t.merge_assets(school.id, into, from, "K", "one server, two cards", day(0)).expect("merged");
    assert!(t.documented_assets(Some(school.id)).expect("ids").contains(&into));
    assert_eq!(t.systems_of_asset(school.id, into).expect("systems")[0].name, "Server");
}
