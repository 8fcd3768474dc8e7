//! How fast the book of a whole Kreis answers: 122 schools, 100,000 devices, 20,000 documented systems; searches and
//! lists as a browser asks for them, by real pages of a running collector.

use anyhow::{Context as _, Result, bail};
use rundgang_collector::serve::{self, Settings};
use rundgang_inventory::{
    Coverage, Entry, Fields, Mac, MacProvenance, Observation, Subject, Timestamp, Value, lists::Mapping,
    vocabulary as v,
};
use rundgang_store::{AgentDetails, DocumentedSystem, ListRow, NewInvitation, NewSchool, Store, Traeger};
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// What was promised of every search and list, on the server.
const GOAL: Duration = Duration::from_millis(50);
/// How often each page is asked for; the slowest but one counts, so that one hiccup of the machine does not.
const TIMES: usize = 7;
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

/// Builds the book where the folder has none, then measures; true where every answer is fast enough.
#[expect(clippy::print_stdout, reason = "the figures are the output")]
pub(crate) fn run(folder: &Path, size: Size) -> Result<bool> {
    std::fs::create_dir_all(folder)?;
    let store = Store::sqlite(&folder.join("rundgang.sqlite"))?;
    let traeger = store.ensure_traeger("Kreis Beispiel", NOW)?;
    if traeger.schools()?.is_empty() {
        let begin = Instant::now();
        build(&store, &traeger, size)?;
        println!("built in {:.0} s", begin.elapsed().as_secs_f64());
    }
    let schools = traeger.schools()?;
    let largest = schools.first().context("a school")?.id;
    let fast = saving(&traeger, largest)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let settings = Settings::on_loopback(folder.to_owned());
    let running = runtime.block_on(serve::start(&settings, Arc::new(|| NOW.plus_days(1))))?;
    let fast = pages(running.web, largest, schools.last().context("a school")?.id)? && fast;
    runtime.block_on(running.stop());
    Ok(fast)
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

fn seen(school: usize, device: usize) -> Observation {
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
    traeger.invite(&invitation, NOW)?;
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

/// Every other device is documented until there are enough systems; a tenth are services that no network shows.
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
            mac: if is_service { String::new() } else { mac(nth, device).to_string() },
            domain: if is_service { format!("dienst{number}.schule{nth:03}.example") } else { String::new() },
            provider: format!("Dienstleister {}", number % 7),
            status: "in-use".to_owned(),
            ..DocumentedSystem::default()
        };
        ListRow { row: number, system, room: Some(format!("R{:03}", number % 60)) }
    };
    let rows: Vec<ListRow> = (0..systems).map(row).collect();
    traeger.enter_list("bench.csv", &rows, &Mapping::default(), ("bench", NOW))?;
    Ok(())
}

/// Saving one system of the largest school, with the rules that run over it.
fn saving(traeger: &Traeger, school: i64) -> Result<bool> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let mut system = traeger.systems(school)?.pop().context("a system")?;
        system.owner = format!("IT-Koordination {}", system.version);
        let begin = Instant::now();
        traeger.save_system(&system, "bench", NOW)?;
        took.push(begin.elapsed());
    }
    Ok(told("save a system", took, 0))
}

fn pages(web: SocketAddr, largest: i64, last: i64) -> Result<bool> {
    let lists = |school: i64| {
        ["geraete", "geraete?art=printer", "befunde", "register", "zaehler", "domains"]
            .map(|page| format!("/schule/{school}/{page}"))
    };
    let mut all: Vec<String> = vec!["/".to_owned()];
    for asked in [
        "Drucker+17",
        "Beamer",
        "Tuersprechanlage",
        "Tursprechanlge+12",
        "00-26-AB-07-00-10",
        "0026ab00",
        "VNB007K00016",
        "vnb0",
        "VNB007K0016",
        "EB-L200F",
        "HP+LaserJet+R012",
        "dienst19.schule042.example",
        "10.1.0.17",
        "Waschmaschine",
        "Moodle+Schule",
    ] {
        all.push(format!("/suche?q={asked}"));
    }
    for school in [largest, last] {
        all.push(format!("/schule/{school}"));
        all.extend(lists(school));
    }
    all.push(format!("/suche?q=Drucker&schule={last}"));
    all.push(format!("/schule/{largest}/geraet/1"));
    let mut fast = true;
    for path in all {
        let mut took = Vec::new();
        let mut size = 0;
        for _ in 0..TIMES {
            let begin = Instant::now();
            size = get(web, &path)?;
            took.push(begin.elapsed());
        }
        fast &= told(&path, took, size);
    }
    Ok(fast)
}

/// Asks for a page and returns its octets.
#[expect(clippy::disallowed_methods, reason = "a browser's question to our own pages on loopback")]
fn get(web: SocketAddr, path: &str) -> Result<usize> {
    let mut stream = TcpStream::connect(web)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {web}\r\nAccept-Language: de\r\nConnection: close\r\n\r\n")?;
    let mut page = Vec::new();
    stream.read_to_end(&mut page)?;
    if !page.starts_with(b"HTTP/1.1 200") {
        bail!("{path}: {}", String::from_utf8_lossy(&page[..page.len().min(200)]));
    }
    Ok(page.len())
}

#[expect(clippy::print_stdout, reason = "the figures are the output")]
fn told(what: &str, mut took: Vec<Duration>, size: usize) -> bool {
    took.sort();
    let (middle, most) = (took[took.len() / 2], took[took.len().saturating_sub(2)]);
    let reached = most < GOAL;
    println!(
        "  {what:<40} {:>7.1} ms, most {:>7.1} ms {:>9} octets {}",
        middle.as_secs_f64() * 1000.0,
        most.as_secs_f64() * 1000.0,
        size,
        if reached { "reached" } else { "MISSED" }
    );
    reached
}
