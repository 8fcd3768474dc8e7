//! Two stories of the register: mail that lands in spam, from the finding to whom to call; and a school's own list, matched
//! with what a walk found.

use crate::{lab::program, workflow::Site};
use rundgang_dashboards::book::{Sheet, workbook};
use rundgang_inventory::Timestamp;
use rundgang_store::{
    Store,
    views::assets::{AssetFilter, AssetLine},
};
use rundgang_tests::{browser, browser::Browser, skip::skip};
use std::{path::Path, process::Command};

/// From the front page two clicks lead to the finding; whom to call and where the credentials are stand on it.
#[test]
fn mail_in_spam_leads_to_the_hotline_in_three_clicks() {
    if let Some(reason) = browser::cannot_browse() {
        return skip("story::mail_in_spam_leads_to_the_hotline_in_three_clicks", &reason);
    }
    let site = Site::start();
    let mut browser = Browser::open(1280, 900).expect("a browser");
    browser.go(&site.at("/")).expect("the overview");
    let mut clicks = 0;
    let mut click = |browser: &mut Browser, selector: &str| {
        browser.click(selector).expect("a link");
        clicks += 1;
    };
    click(&mut browser, "a[href='/schule/1']");
    click(&mut browser, "#domains ~ ul a[href*='mail.spf.missing']");
    let finding = browser.text().expect("the finding");
    for shown in ["v=spf1", "Mailhaus GmbH", "0800 5550100", "Tresor, Umschlag 1"] {
        assert!(finding.contains(shown), "'{shown}' is not on the finding:\n{finding}");
    }
    // The entry itself, for whoever wants to know more, is the third.
    click(&mut browser, "main a[href^='/schule/1/register/']");
    let entry = browser.script("return document.querySelector('#credentials_place').value").expect("a value");
    assert_eq!(entry.as_str(), Some("Tresor, Umschlag 1"));
    let hotline = browser.script("return document.querySelector('#hotline').value").expect("a value");
    assert_eq!(hotline.as_str(), Some("0800 5550100"));
    assert!(clicks <= 3, "{clicks} clicks");
    // Whoever types the question needs one.
    browser.go(&site.at("/")).expect("the overview");
    browser.fill("#seek", "gesamtschule.example").expect("the search");
    browser.click(".seek button").expect("the button");
    let answer = browser.text().expect("the answer");
    assert!(answer.contains("0800 5550100") && answer.contains("Tresor, Umschlag 1"), "{answer}");
}

fn collector(arguments: &[&str], data: &Path) -> String {
    let told = Command::new(program("rundgang-collector"))
        .args(arguments)
        .arg("--data")
        .arg(data)
        .output()
        .expect("the collector runs");
    assert!(told.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8_lossy(&told.stdout).into_owned()
}

/// The workbook of a school: a device as it was found, one that is another, and one that is nowhere.
fn list(found: &AssetLine, other: &AssetLine) -> Vec<u8> {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let row = |cells: [&str; 5]| cells.map(str::to_owned).to_vec();
    let rows = vec![
        row(["Drucker Kopierraum", "Drucker", "K1", &text(&found.serial), ""]),
        row(["Falsch benannt", "Beamer", "A104", "", &text(&other.mac)]),
        row(["Verschwundener Wagen", "Server", "", "WEG-4711", ""]),
    ];
    let header = ["Bezeichnung", "Art", "Raum", "Seriennummer", "MAC"].map(str::to_owned).to_vec();
    workbook(&[Sheet { name: "Inventar", header, rows }]).expect("a workbook")
}

#[test]
fn a_schools_list_is_matched_with_what_was_walked() {
    let folder = tempfile::tempdir().expect("a folder");
    collector(&["try", "--once"], folder.path());
    let data = folder.path().join("collector");
    let book = Store::open(data.join("rundgang.sqlite").to_str().expect("a path")).expect("the book");
    let traeger = book.traeger(book.all_traeger().expect("a Träger")[0].id);
    let now = Timestamp::from_seconds(4_000_000_000);
    let schools = traeger.schools().expect("schools");
    let school = schools.iter().find(|school| school.entered.is_example).expect("the example").clone();
    let filter = AssetFilter { undocumented: true, unsettled_at: Some(now), ..AssetFilter::default() };
    let open = traeger.asset_lines(school.id, &filter).expect("devices");
    let kind = |line: &&AssetLine, wanted: &str| line.kind.as_deref() == Some(wanted);
    let found = open.iter().find(|line| kind(line, "printer") && line.serial.is_some()).expect("a printer");
    let is_other = |line: &&AssetLine| {
        line.mac.is_some() && line.kind.is_some() && !kind(line, "projector") && line.id != found.id
    };
    let other = open.iter().find(is_other).expect("another device");
    let before = traeger.disagreement(school.id, now).expect("numbers");
    assert_eq!(before.found, open.len());
    let file = folder.path().join("inventar.xlsx");
    std::fs::write(&file, list(found, other)).expect("written");
    let name = school.entered.name.as_str();
    let told = collector(&["import", file.to_str().expect("a path"), "--school", name], &data);
    assert!(told.contains("Entered 3 systems"), "{told}");
    let after = traeger.disagreement(school.id, now).expect("numbers");
    assert_eq!(
        (after.found, after.not_seen, after.different),
        (before.found - 2, before.not_seen + 1, before.different + 1)
    );
    let gone = traeger.not_seen_slice(school.id, "", 100).expect("not seen").lines;
    let wagon =
        gone.iter().find(|line| line.name == "Verschwundener Wagen").expect("the one that is nowhere");
    assert!(!wagon.was_looked_for, "no walk has ended since it was entered: nobody looked");
    let different = traeger.different_slice(school.id, "", 100).expect("different").lines;
    let wrong = different.iter().find(|line| line.name == "Falsch benannt").expect("the one that is another");
    assert_eq!(wrong.asset, other.id);
    let told = &wrong.differences[0];
    assert_eq!((told.field, told.person.as_str()), ("kind", "projector"));
    assert_eq!(Some(told.machine.as_str()), other.kind.as_deref(), "both values stand side by side");
    let printer = traeger.systems_of_asset(school.id, found.id).expect("its entry");
    assert_eq!(printer[0].name, "Drucker Kopierraum", "the printer is met by its serial number");
}
