//! Times the search over a large book: `cargo run --release -p rundgang-store --example search_speed [SCHOOLS] [DEVICES]`.

#![allow(clippy::print_stdout, reason = "it prints figures")]

use rundgang_inventory::{
    Entry, Fields, Mac, MacProvenance, Observation, Subject, Timestamp, Value, vocabulary as v,
};
use rundgang_store::{AgentDetails, DocumentedSystem, NewInvitation, NewSchool, Store};
use std::{error::Error, time::Instant};

const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);
const PRODUCTS: [&str; 6] = [
    "EPSON EB-L200F",
    "HP LaserJet M507",
    "KYOCERA ECOSYS M2540dn",
    "Aruba 515",
    "Synology DS220",
    "Cisco C2960X",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u32>());
    let schools = arguments.next().unwrap_or(Ok(122))?;
    let devices = arguments.next().unwrap_or(Ok(820))?;
    let folder = tempfile::tempdir()?;
    let store = match std::env::var("RUNDGANG_DATABASE") {
        Ok(address) => Store::postgres(&address)?,
        Err(_) => Store::sqlite(&folder.path().join("book.db"))?,
    };
    let traeger = store.ensure_traeger("Kreis", NOW)?;
    let begin = Instant::now();
    for school in 0..schools {
        let new = NewSchool { name: format!("Schule {school}"), ..NewSchool::default() };
        let id = traeger.ensure_school(&new, NOW)?;
        let token = format!("token-{school}");
        let invitation = NewInvitation {
            school: id,
            token_hash: &token,
            note: "",
            needs_approval: false,
            expires_at: NOW.plus_days(1),
        };
        traeger.invite(&invitation, ("K", NOW))?;
        let details = AgentDetails {
            name: "box",
            version: "1",
            fingerprint: &token,
            certificate_until: NOW.plus_days(30),
        };
        let agent = store.redeem_invitation(&token, &details, NOW, |_| Ok(token.clone()))?.agent;
        let all: Vec<u32> = (0..devices).collect();
        for (sequence, chunk) in (1_u64..).zip(all.chunks(256)) {
            let entries: Vec<Entry> = (0..).zip(chunk).map(|(index, n)| seen(index, school, *n)).collect();
            traeger.append_batch(id, agent, sequence, &entries, NOW)?;
        }
        for n in (0..devices).step_by(5) {
            let system = DocumentedSystem {
                school: id,
                name: format!("Beamer {n}"),
                kind: "projector".into(),
                provider: format!("Firma {}", n % 40),
                mac: mac(school, n).to_string(),
                ..DocumentedSystem::default()
            };
            traeger.save_system(&system, "K", NOW)?;
        }
    }
    println!("{schools} schools of {devices} devices: {} s to fill", begin.elapsed().as_secs());
    store.tidy()?;
    for question in [
        "Beamer 105",
        "beemer 105",
        "epson",
        "laserjet m507",
        "VNB0070000105",
        "Drucker",
        &mac(70, 3).to_string(),
        "Firma 7 Beamer",
    ] {
        let mut times: Vec<u128> = Vec::new();
        let mut hits = 0;
        for _ in 0..5 {
            let begin = Instant::now();
            hits = traeger.search(None, question, 20)?.len();
            times.push(begin.elapsed().as_micros());
        }
        times.sort_unstable();
        println!("{question:24} {hits:3} answers, median {} us, slowest {} us", times[2], times[4]);
    }
    Ok(())
}

fn mac(school: u32, n: u32) -> Mac {
    let [_, high, _, low] = (school << 16 | n >> 8).to_be_bytes();
    Mac([0x00, 0x26, 0xab, high, low, n.to_be_bytes()[3]])
}

fn seen(index: u32, school: u32, n: u32) -> Entry {
    let product = PRODUCTS[n as usize % PRODUCTS.len()];
    let mut fields = Fields::new();
    fields.set(&v::IPP_MAKE_AND_MODEL, Value::text(product));
    fields.set(&v::IPP_SERIAL, Value::text(format!("VNB{school:04}{n:06}")));
    let [_, _, high, low] = n.to_be_bytes();
    let subject = Subject::Device {
        ip: [10, 1, high, low].into(),
        mac: Some((mac(school, n), MacProvenance::OwnReply)),
    };
    let observation =
        Observation { subject, segment: "unterricht".to_owned(), at: NOW, probe: "ipp".to_owned(), fields };
    Entry::Observation { index, observation }
}
