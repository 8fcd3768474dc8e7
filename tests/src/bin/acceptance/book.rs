//! How fast the book of a whole Kreis is, in SQLite or in PostgreSQL: 122 schools, 100,000 devices, 20,000 documented
//! systems; what is asked of it by real pages of a running collector, and what is written into it.

mod asked;
mod written;

use anyhow::{Context as _, Result};
use rundgang_collector::serve::{self, Settings};
use rundgang_inventory::{
    Coverage, Entry, Fields, Mac, MacProvenance, Observation, Subject, Timestamp, Value, lists::Mapping,
    vocabulary as v,
};
use rundgang_store::{
    AgentDetails, Contact, DocumentedSystem, ListRow, NewInvitation, NewSchool, Store, Traeger,
};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// When it all happens.
pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);
/// Entries of a batch, as an agent sends them.
const BATCH: usize = 256;

/// How large the book is.
#[derive(Clone, Copy)]
pub(crate) struct Size {
    pub(crate) schools: usize,
    pub(crate) devices: usize,
    pub(crate) systems: usize,
}

/// Builds the book where there is none, then measures; true where every answer is fast enough.
#[expect(clippy::print_stdout, reason = "the figures are the output")]
pub(crate) fn run(folder: &Path, size: Size, in_postgres: bool) -> Result<bool> {
    std::fs::create_dir_all(folder)?;
    let database = if in_postgres {
        Some(url(&crate::server::new_database().map_err(anyhow::Error::msg)?)?)
    } else {
        None
    };
    let file = folder.join("rundgang.sqlite");
    let store = match &database {
        Some(url) => Store::open(url)?,
        None => Store::sqlite(&file)?,
    };
    let traeger = store.ensure_traeger("Kreis Beispiel", NOW)?;
    if traeger.schools()?.is_empty() {
        let begin = Instant::now();
        build(&store, &traeger, size)?;
        println!("built in {:.0} s", begin.elapsed().as_secs_f64());
    }
    let schools = traeger.schools()?;
    let largest = schools.first().context("a school")?.id;
    let last = schools.last().context("a school")?.id;
    let mut fast = written::saving(&traeger, largest)?;
    fast &= written::lists(&traeger, last)?;
    fast &= written::batches(&store, &traeger, largest)?;
    fast &= written::forgetting(&traeger, last)?;
    let token = asked::token(&traeger)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let settings = Settings { database, ..Settings::on_loopback(folder.to_owned()) };
    let running = runtime.block_on(serve::start(&settings, Arc::new(|| NOW.plus_days(1))))?;
    fast &= asked::pages(&traeger, running.web, (largest, last), &token)?;
    runtime.block_on(running.stop());
    Ok(fast)
}

/// The address of a database as the collector is given it.
fn url(address: &str) -> Result<String> {
    let part = |name: &str| {
        let of = |word: &str| word.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
        address.split(' ').find_map(of).with_context(|| format!("no {name} in {address}"))
    };
    Ok(format!("postgresql:///{}?host={}&user={}", part("dbname")?, part("host")?, part("user")?))
}

fn build(store: &Store, traeger: &Traeger, size: Size) -> Result<()> {
    for nth in 0..size.schools {
        let name = format!("Schule {nth:03}");
        let school = traeger.ensure_school(&NewSchool { name, ..NewSchool::default() }, NOW)?;
        // The first is a vocational school, four times as large as the others.
        let share = |all: usize| if nth == 0 { all * 4 } else { all } / (size.schools + 3);
        walk(store, traeger, school, nth, share(size.devices))?;
        document(traeger, school, nth, share(size.systems))?;
    }
    Ok(())
}

fn mac(school: usize, device: usize) -> Mac {
    let low = |number: usize| u8::try_from(number & 0xff).unwrap_or_default();
    Mac([0x00, 0x26, 0xab, low(school), low(device >> 8), low(device)])
}

fn serial(school: usize, device: usize) -> String {
    format!("{}{school:03}K{device:05}", ["VNB", "X5TY", "CN0", "PF"][device % 4])
}

pub(super) fn seen(school: usize, device: usize) -> Observation {
    let text = Value::text;
    let (probe, fields) = match device % 4 {
        0 => (
            "ipp",
            Fields::new()
                .with(&v::IPP_MAKE_AND_MODEL, text("HP LaserJet M507"))
                .with(&v::IPP_SERIAL, text(&serial(school, device))),
        ),
        1 => (
            "pjlink",
            Fields::new()
                .with(&v::PJLINK_MANUFACTURER, text("EPSON"))
                .with(&v::PJLINK_MODEL, text("EB-L200F"))
                .with(&v::PJLINK_SERIAL, text(&serial(school, device))),
        ),
        2 => ("snmp", Fields::new().with(&v::SNMP_SYS_DESCR, text("HP J9775A 2530-48G Switch"))),
        _ => ("sweep", Fields::new().with(&v::HOST_FOUND_BY, text("arp"))),
    };
    let ip = [10, 1, u8::try_from(device >> 8).unwrap_or(255), u8::try_from(device & 0xff).unwrap_or(0)];
    Observation {
        subject: Subject::Device { ip: ip.into(), mac: Some((mac(school, device), MacProvenance::OwnReply)) },
        segment: "Unterricht".to_owned(),
        at: NOW,
        probe: probe.to_owned(),
        fields,
    }
}

pub(super) fn walk(store: &Store, traeger: &Traeger, school: i64, nth: usize, devices: usize) -> Result<()> {
    let token = format!("token {nth}");
    let invitation = NewInvitation {
        school,
        token_hash: &token,
        note: "",
        needs_approval: false,
        expires_at: NOW.plus_days(1),
    };
    traeger.invite(&invitation, ("K", NOW))?;
    let details =
        AgentDetails { name: "box", version: "1", fingerprint: "", certificate_until: NOW.plus_days(30) };
    let agent = store.redeem_invitation(&token, &details, NOW, |_| Ok(format!("fingerprint {nth}")))?.agent;
    let all: Vec<Observation> = (0..devices).map(|device| seen(nth, device)).collect();
    let mut sequence = 0;
    for some in all.chunks(BATCH) {
        sequence += 1;
        let entries: Vec<Entry> = (0..)
            .zip(some)
            .map(|(index, observation)| Entry::Observation { index, observation: observation.clone() })
            .collect();
        traeger.append_batch(school, agent, sequence, &entries, NOW)?;
    }
    let coverage = vec![Coverage::whole("Unterricht", "10.1.0.0/16", &["sweep", "snmp", "ipp", "pjlink"])];
    let end = Entry::RoundEnd { started: NOW, ended: NOW, coverage };
    traeger.append_batch(school, agent, sequence + 1, &[end], NOW)?;
    Ok(())
}

/// Every other device is documented until there are enough systems; a tenth are services that no network shows, and one
/// entry in thirteen names no device, so that it waits to be bound.
pub(super) fn document(traeger: &Traeger, school: i64, nth: usize, systems: usize) -> Result<()> {
    let row = |number: usize| {
        let device = number * 2;
        let is_service = number % 10 == 9;
        let system = DocumentedSystem {
            school,
            name: format!(
                "{} {number}",
                ["Drucker", "Beamer", "Switch", "Moodle", "Türsprechanlage"][number % 5]
            ),
            kind: if is_service { "service" } else { "printer" }.to_owned(),
            mac: if is_service || number % 13 == 7 { String::new() } else { mac(nth, device).to_string() },
            domain: if is_service { format!("dienst{number}.schule{nth:03}.example") } else { String::new() },
            provider: format!("Dienstleister {}", number % 7),
            status: "in-use".to_owned(),
            ..DocumentedSystem::default()
        };
        ListRow { row: number, system, room: Some(format!("R{:03}", number % 60)) }
    };
    let rows: Vec<ListRow> = (0..systems).map(row).collect();
    traeger.enter_list("bench.csv", &rows, &Mapping::default(), ("bench", NOW))?;
    for function in ["IT-Koordination", "Schulleitung", "Sekretariat", "Hausmeister", "Systembetreuung"] {
        let contact = Contact {
            school: Some(school),
            function: function.to_owned(),
            purpose: format!("Schule {nth}"),
            ..Contact::default()
        };
        traeger.save_contact(&contact, ("bench", NOW))?;
    }
    Ok(())
}

/// One measure: the slowest time but one of several counts, so that one hiccup of the machine does not.
#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn told(what: &str, mut took: Vec<Duration>, octets: usize, goal: Duration) -> bool {
    took.sort();
    let (middle, most) = (took[took.len() / 2], took[took.len().saturating_sub(2)]);
    let reached = most < goal;
    println!(
        "  {what:<52} {:>7.1} ms, most {:>7.1} ms of {:>5} {octets:>9} octets {}",
        middle.as_secs_f64() * 1000.0,
        most.as_secs_f64() * 1000.0,
        goal.as_millis(),
        if reached { "reached" } else { "MISSED" }
    );
    reached
}
