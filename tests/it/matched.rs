//! A workbook of a school, matched with what a walk of the simulated school found: the three lists are what its
//! description tells.

use rundgang_dashboards::book::{Sheet, workbook};
use rundgang_inventory::Timestamp;
use rundgang_store::views::assets::AssetFilter;
use rundgang_tests::{
    school::{Expect, School},
    whole::Whole,
};
use serde_json::Value;
use std::collections::BTreeSet;

/// Documented in the workbook and standing nowhere in the school.
const NOWHERE: [(&str, &str, &str); 2] =
    [("Wagen, der fehlt", "WEG-4711", ""), ("Beamer, der fehlt", "", "00:26:ab:fe:fe:01")];

/// What the description says of a device: its address, its MAC address, its kind.
fn described(school: &School) -> Vec<(String, String, String)> {
    let of = |host: &rundgang_tests::school::Host| {
        let Expect::Device(expect) = &host.expect else { return None };
        Some((host.address?.to_string(), host.mac.to_lowercase(), expect.kind.clone()))
    };
    school.host.iter().filter_map(of).collect()
}

/// Imports a workbook that holds all that the description tells but the last two devices, the first of a wrong kind, and
/// two that are nowhere; then looks at the three lists.
pub(crate) fn the_lists_of_a_workbook_are_right(school: &School, whole: &Whole<'_>, assets: &[Value]) {
    // A device that carries a made-up MAC address is kept without one, and no workbook can name it by that.
    let kept = |mac: &str| assets.iter().find(|asset| asset["mac"] == mac);
    let known: Vec<_> = described(school).into_iter().filter(|(_, mac, _)| kept(mac).is_some()).collect();
    assert!(known.len() > 12, "too few devices to tell anything by: {known:?}");
    let (wrong, listed) = (&known[0], &known[..known.len() - 2]);
    let wrong_kind = if wrong.2 == "server" { "Beamer" } else { "Server" };
    let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    let device = |(address, mac, kind): &(String, String, String)| {
        let kind = if *address == wrong.0 { wrong_kind } else { kind };
        row([&format!("Gerät {address}"), kind, "", mac])
    };
    let nowhere = NOWHERE.map(|(name, serial, mac)| row([name, "Beamer", serial, mac]));
    let rows = listed.iter().map(device).chain(nowhere).collect();
    let header = ["Bezeichnung", "Art", "Seriennummer", "MAC-Adresse"].map(str::to_owned).to_vec();
    let bytes = workbook(&[Sheet { name: "Inventar", header, rows }]).expect("a workbook");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("inventar.xlsx");
    std::fs::write(&file, bytes).expect("written");
    let told = whole
        .collector(&["import", file.to_str().expect("a path"), "--school", &school.name])
        .expect("the workbook is taken in");
    assert!(told.contains(&format!("Entered {} systems", listed.len() + NOWHERE.len())), "{told}");

    let store = whole.store().expect("the book");
    let traeger = store.traeger(store.all_traeger().expect("a Träger")[0].id);
    let id = traeger.schools().expect("schools")[0].id;
    let filter = AssetFilter { undocumented: true, ..AssetFilter::default() };
    let open: BTreeSet<String> =
        traeger.asset_lines(id, &filter).expect("devices").into_iter().map(|line| line.ip).collect();
    let expected: BTreeSet<String> = assets
        .iter()
        .map(|asset| asset["address"].as_str().unwrap_or_default().to_owned())
        .filter(|address| listed.iter().all(|(listed, _, _)| listed != address))
        .collect();
    assert_eq!(open, expected, "found and not documented");
    assert!(known[known.len() - 2..].iter().all(|(address, _, _)| open.contains(address)));

    let gone = traeger.not_seen_slice(id, "", 100).expect("not seen").lines;
    let names: BTreeSet<&str> = gone.iter().map(|line| line.name.as_str()).collect();
    assert_eq!(names, NOWHERE.map(|(name, _, _)| name).into(), "documented and not seen");

    let different = traeger.different_slice(id, "", 100).expect("different").lines;
    let of_kind: Vec<&str> = different
        .iter()
        .filter(|line| line.differences.iter().any(|one| one.field == "kind"))
        .map(|line| line.name.as_str())
        .collect();
    assert_eq!(of_kind, [format!("Gerät {}", wrong.0)], "documented and different");
    let numbers = traeger.disagreement(id, Timestamp::from_seconds(4_000_000_000)).expect("numbers");
    assert_eq!((numbers.not_seen, numbers.different), (NOWHERE.len(), different.len()));
}
