//! What a screen reader says of the buttons: each names what it acts on.

use crate::sample;
use crate::site::{Site, site};
use rundgang_store::DocumentedSystem;
use std::collections::BTreeSet;

/// The words of every button, those for the ear included.
fn buttons(page: &str) -> Vec<String> {
    let words = |rest: &str| {
        let inner = rest.split_once('>')?.1.split("</button>").next()?;
        let text: String =
            inner.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect();
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    page.split("<button").skip(1).filter_map(words).collect()
}

async fn each_is_its_own(site: &Site, path: &str, at_least: usize) {
    let page = site.get(path).await.text;
    let all = buttons(&page);
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert!(distinct.len() == all.len() && all.len() >= at_least, "{path}: {all:?}");
}

#[tokio::test]
async fn no_two_buttons_of_a_list_sound_alike() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let system = |name: &str, kind: &str| DocumentedSystem {
        school: 1,
        name: name.to_owned(),
        kind: kind.to_owned(),
        status: "in-use".to_owned(),
        ..DocumentedSystem::default()
    };
    let lines = traeger.asset_lines(1, &Default::default()).expect("the devices");
    let printer = lines.iter().find(|line| line.kind.as_deref() == Some("printer") && line.serial.is_some());
    let wrong = DocumentedSystem {
        serial: "VERTIPPT-1".to_owned(),
        asset: printer.map(|line| line.id),
        ..system("Drucker im Lehrerzimmer", "projector")
    };
    // Two that the network has not shown, with found devices of their kind to choose from.
    let gone = |name: &str, serial: &str| DocumentedSystem {
        serial: serial.to_owned(),
        ..system(name, "projector")
    };
    let entries = [
        system("Beamer 22", "projector"),
        gone("Beamer Aula", "WEG-7"),
        gone("Beamer Foyer", "WEG-8"),
        wrong,
    ];
    for entry in entries {
        traeger.save_system(&entry, "K", sample::NOW).expect("an entry");
    }
    for (path, part, name, values) in [
        ("/kontakte", "contact", "function", ["Hotline", "Datenschutz"]),
        ("/schule/1/kontakte", "contact", "function", ["Hausmeister", "IT-Koordination"]),
        ("/kontakte", "offer", "name", ["Glasfaser", "Lernplattform"]),
    ] {
        for value in values {
            let sent = site.post(path, &[("csrf", &csrf), ("part", part), (name, value)]).await;
            assert!(sent.status.is_redirection(), "{}", sent.text);
        }
    }
    each_is_its_own(&site, "/kontakte", 10).await;
    each_is_its_own(&site, "/schule/1/kontakte", 8).await;
    each_is_its_own(&site, "/schule/1/abgleich", 6).await;
    each_is_its_own(&site, "/schule/1/abgleich?liste=nicht-gesehen", 3).await;
    each_is_its_own(&site, "/schule/1/abgleich?liste=anders", 4).await;
}
