//! An example store: three invented schools, filled the way agents and people fill it.

use rundgang_inventory::{
    Count, Coverage, Entry, Field, Fields, Mac, MacProvenance, Observation, Subject, Timestamp, Value,
    vocabulary,
};
use rundgang_store::{
    AgentDetails, Document, DocumentedSystem, Link, NewInvitation, NewSchool, Result, Room, Site, Store,
    Traeger,
};
use std::path::Path;

/// The moment at which the pages are looked at.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800 + 36_000);

/// A store with three schools, and the number of its Träger.
///
/// # Errors
/// The store failed.
pub(crate) fn store(folder: &Path) -> Result<(Store, i64)> {
    let store = Store::sqlite(&folder.join("rundgang.db"))?;
    let traeger = store.ensure_traeger("Kreis Musterland", NOW.plus_days(-200))?;
    traeger.set_report_address("berichte@musterland.example", "IT", NOW.plus_days(-200))?;
    let full = school(&traeger, "Gesamtschule Beispielstadt", "Gesamtschule", 812, 61, true)?;
    walked(&store, &traeger, full, "box-gesamtschule", NOW)?;
    people(&traeger, full)?;
    let silent = school(&traeger, "Grundschule am Wald", "Grundschule", 194, 14, false)?;
    walked(&store, &traeger, silent, "box-wald", NOW.plus_days(-12))?;
    school(&traeger, "Gymnasium Nord", "Gymnasium", 1044, 83, false)?;
    // Time has passed since people entered something: a certificate ended without an observation.
    traeger.check_all_rules(NOW)?;
    Ok((store, traeger.id))
}

fn school(
    traeger: &Traeger,
    name: &str,
    kind: &str,
    pupils: i64,
    teachers: i64,
    example: bool,
) -> Result<i64> {
    let new = NewSchool {
        name: name.to_owned(),
        kind: kind.to_owned(),
        pupils: Some(pupils),
        teachers: Some(teachers),
        is_example: example,
        ..NewSchool::default()
    };
    traeger.ensure_school(&new, NOW.plus_days(-200))
}

/// An agent of the school that walked it at that moment.
fn walked(store: &Store, traeger: &Traeger, school: i64, name: &str, at: Timestamp) -> Result<()> {
    let invitation = NewInvitation {
        school,
        token_hash: name,
        note: "",
        needs_approval: false,
        expires_at: at.plus_days(1),
    };
    traeger.invite(&invitation, ("K", at))?;
    let details =
        AgentDetails { name, version: "0.1.0", fingerprint: name, certificate_until: at.plus_days(90) };
    let agent = store.redeem_invitation(name, &details, at, |_| Ok(name.to_owned()))?.agent;
    let scope = r#"[{"name":"unterricht","network":"10.1.0.0/24","class":"mixed","purpose":"Unterrichtsnetz",
        "authorised_by":"Schulamt","legal_basis":"Art. 6 Abs. 1 e DSGVO","staff_council_date":"2026-05-04","valid_until":"2027-07-31"},
        {"name":"verwaltung","network":"10.2.0.0/24","class":"infrastructure","purpose":"Verwaltungsnetz",
        "authorised_by":"Schulamt","legal_basis":"Art. 6 Abs. 1 e DSGVO","staff_council_date":"2026-05-04","valid_until":"2027-07-31"}]"#;
    traeger.append_batch(school, agent, 1, &round(at), at)?;
    traeger.agent_contact(agent, "0.1.0", scope, at)
}

fn seen(index: u32, host: u8, at: Timestamp, probe: &str, pairs: &[(&'static Field, Value)]) -> Entry {
    let mut fields = Fields::new();
    for (field, value) in pairs {
        fields.set(field, value.clone());
    }
    let mac = Mac([0x00, 0x26, 0xab, 0x11, 0x22, host]);
    let subject = Subject::Device { ip: [10, 1, 0, host].into(), mac: Some((mac, MacProvenance::OwnReply)) };
    let observation =
        Observation { subject, segment: "unterricht".to_owned(), at, probe: probe.to_owned(), fields };
    Entry::Observation { index, observation }
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

/// The public records of the school's domain: it receives mail, names no senders, and its DMARC policy asks nothing.
fn mail(at: Timestamp) -> Observation {
    use rundgang_inventory::mail::{
        DomainEvidence,
        lookup::{Answer, Outcome, Question, RecordType},
    };
    let mut evidence = DomainEvidence::new("gesamtschule.example", "canary");
    let mut answer = |name: &str, kind, records: &[&str]| {
        let outcome = if records.is_empty() { Outcome::NoRecords } else { Outcome::Found };
        let records = records.iter().map(|record| (*record).to_owned()).collect();
        evidence.lookups.insert(Question::new(name, kind), Answer { records, ..Answer::nothing(outcome) });
    };
    answer("gesamtschule.example", RecordType::Soa, &["ns.example host.example 1 7200 3600 1209600 3600"]);
    answer("gesamtschule.example", RecordType::Ns, &["ns.example"]);
    answer("gesamtschule.example", RecordType::Mx, &["10 mail.gesamtschule.example"]);
    answer("mail.gesamtschule.example", RecordType::A, &["93.184.4.1"]);
    answer("gesamtschule.example", RecordType::Txt, &[]);
    answer("gesamtschule.example", RecordType::Caa, &[]);
    answer("example", RecordType::Caa, &[]);
    answer("_mta-sts.gesamtschule.example", RecordType::Txt, &[]);
    answer("_smtp._tls.gesamtschule.example", RecordType::Txt, &[]);
    answer("_dmarc.gesamtschule.example", RecordType::Txt, &["v=DMARC1; p=none"]);
    let subject = Subject::Domain("gesamtschule.example".to_owned());
    let fields = evidence.to_fields();
    Observation { subject, segment: String::new(), at, probe: "mail".to_owned(), fields }
}

/// One walk: what real devices say of themselves, people's devices as a number, and what was covered.
fn round(at: Timestamp) -> Vec<Entry> {
    use vocabulary as v;
    let snmp = |index, host, descr: &str, name: &str, oid: &str| {
        let pairs = [
            (&v::SNMP_SYS_DESCR, text(descr)),
            (&v::SNMP_SYS_NAME, text(name)),
            (&v::SNMP_SYS_OBJECT_ID, text(oid)),
            (&v::SNMP_PUBLIC_ANSWERS, Value::Int(i64::from(host == 2))),
        ];
        seen(index, host, at, "snmp", &pairs)
    };
    let mut entries = vec![
        snmp(
            0,
            2,
            "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E3",
            "sw-og1",
            "1.3.6.1.4.1.9.1.1208",
        ),
        snmp(1, 3, "KYOCERA Document Solutions Printing System", "kopierer-lz", "1.3.6.1.4.1.1347.41"),
        snmp(2, 4, "Linux synology 4.4.302 #69057 SMP x86_64", "nas-mensa", "1.3.6.1.4.1.6574.1"),
        snmp(3, 5, "ArubaOS (MODEL: 515), Version 8.10.0.6", "ap-a101", "1.3.6.1.4.1.14823.1.2.111"),
        snmp(4, 6, "ArubaOS (MODEL: 515), Version 8.10.0.6", "ap-b204", "1.3.6.1.4.1.14823.1.2.111"),
    ];
    for (index, host) in (5u32..).zip([21u8, 22, 23]) {
        let pairs = [
            (&v::PJLINK_MANUFACTURER, text("EPSON")),
            (&v::PJLINK_MODEL, text("EPSON EB-L200F")),
            (&v::PJLINK_NAME, text(&format!("Beamer {host}"))),
            (&v::PJLINK_PASSWORD, text("no")),
            (&v::PJLINK_CLASS, Value::Int(2)),
        ];
        entries.push(seen(index, host, at, "pjlink", &pairs));
    }
    let ipp = [(&v::IPP_MAKE_AND_MODEL, text("HP LaserJet M507")), (&v::IPP_SERIAL, text("VNB3K12345"))];
    entries.push(seen(8, 31, at, "ipp", &ipp));
    let moodle = [
        (&v::HTTP_TITLE, Value::List(vec!["Moodle der Gesamtschule".to_owned()])),
        (&v::HTTP_COOKIES, Value::List(vec!["MoodleSession".to_owned()])),
        (&v::HTTP_SERVER, Value::List(vec!["nginx".to_owned()])),
    ];
    entries.push(seen(9, 40, at, "http", &moodle));
    let certificate = [
        ("port".to_owned(), Value::Int(443)),
        ("subject".to_owned(), text("CN=moodle.gesamtschule.example")),
        ("not_after".to_owned(), Value::Time(at.plus_days(-9).0)),
    ];
    let authority = [
        ("port".to_owned(), Value::Int(443)),
        ("place".to_owned(), Value::Int(2)),
        ("subject".to_owned(), text("CN=Beispiel-CA 7")),
        ("issuer".to_owned(), text("CN=Beispiel-Wurzel")),
        ("key".to_owned(), text("RSA 4096")),
        ("signature".to_owned(), text("sha256WithRSAEncryption")),
        ("not_before".to_owned(), Value::Time(at.plus_days(-900).0)),
        ("not_after".to_owned(), Value::Time(at.plus_days(900).0)),
    ];
    let table = |row: &[(String, Value)]| Value::Table(vec![row.iter().cloned().collect()]);
    let tls = [(&v::TLS_CERTIFICATES, table(&certificate)), (&v::TLS_CHAIN, table(&authority))];
    entries.push(seen(11, 40, at, "tls", &tls));
    entries.extend(work(13, at));
    entries.push(seen(10, 77, at, "sweep", &[(&v::HOST_FOUND_BY, text("arp"))]));
    entries.push(Entry::Observation { index: 12, observation: mail(at) });
    let count = |kind: &str, count| {
        Entry::Count(Count { segment: "unterricht".to_owned(), hour: at, kind: kind.to_owned(), count })
    };
    entries.extend([count("personal", 347), count("workstation", 7)]);
    let probes = ["sweep", "snmp", "pjlink", "ipp", "http", "tls", "mail"].map(str::to_owned).to_vec();
    let coverage = ["unterricht 10.1.0.0/24", "verwaltung 10.2.0.0/24"]
        .iter()
        .filter_map(|line| line.split_once(' '))
        .map(|(segment, network)| Coverage {
            segment: segment.to_owned(),
            network: network.to_owned(),
            probes: probes.clone(),
            complete: true,
        })
        .collect();
    entries.push(Entry::RoundEnd { started: at, ended: at, coverage });
    entries
}

/// What a copier and an access point tell of their work.
fn work(index: u32, at: Timestamp) -> [Entry; 2] {
    use vocabulary as v;
    let supply = |(index, name, level): (i64, &str, i64)| {
        let numbers = [("index", index), ("max", 20_000), ("level", level)];
        let numbers = numbers.map(|(name, number)| (name.to_owned(), Value::Int(number)));
        numbers.into_iter().chain([("descr".to_owned(), text(name))]).collect()
    };
    let supplies =
        [(1, "Black Toner TK-8365K", 1_200), (2, "Cyan Toner TK-8365C", 14_000), (3, "Waste Toner", -3)];
    let copier = [
        (&v::SNMP_PAGE_COUNT, Value::Int(184_233)),
        (&v::SNMP_SUPPLIES, Value::Table(supplies.into_iter().map(supply).collect())),
    ];
    let networks = Value::List(vec!["Schule".to_owned(), "Gast".to_owned()]);
    let access_point = [(&v::SNMP_WLAN_NETWORKS, networks), (&v::SNMP_WLAN_CLIENTS, text("30"))];
    [seen(index, 3, at, "snmp-walk", &copier), seen(index + 1, 5, at, "snmp-walk", &access_point)]
}

/// What people entered: rooms, a line, documents, systems.
fn people(traeger: &Traeger, school: i64) -> Result<()> {
    let by = ("IT-Koordination", NOW.plus_days(-20));
    for (name, kind, equipment) in [
        ("A101", "Klassenraum", "wlan lehrer-pc dokumentenkamera"),
        ("A102", "Klassenraum", "wlan lehrer-pc"),
        ("A103", "Klassenraum", ""),
        ("B204", "Fachraum Physik", "lehrer-pc"),
        ("Server", "Technik", ""),
    ] {
        let room = Room {
            name: name.to_owned(),
            kind: kind.to_owned(),
            sockets: Some(2),
            equipment: equipment.to_owned(),
            ..Room::default()
        };
        traeger.save_room(school, &room, by)?;
    }
    let rooms = traeger.rooms(school)?;
    let room = |name: &str| rooms.iter().find(|room| room.name == name).map(|room| room.id);
    let (name, address) = ("Hauptgebäude".to_owned(), "Schulstraße 1".to_owned());
    traeger.save_site(school, &Site { name, address, is_main: true, ..Site::default() }, by)?;
    let link = Link {
        technology: "fibre".to_owned(),
        down_mbit: Some(1000),
        up_mbit: Some(200),
        status: "active".to_owned(),
        role: "primary".to_owned(),
        provider: "Stadtnetz".to_owned(),
        ..Link::default()
    };
    traeger.save_link(school, &link, by)?;
    let document = Document {
        kind: "medienkonzept".to_owned(),
        name: "Medienkonzept 2025".to_owned(),
        dated: Some("2025-11-20".to_owned()),
        place: "Sekretariat".to_owned(),
        ..Document::default()
    };
    traeger.save_document(school, &document, by)?;
    traeger.enter_fact(
        Some(school),
        "support.first",
        "Frau Beispiel",
        "IT-Koordination",
        NOW.plus_days(-20),
    )?;
    traeger.enter_fact(Some(school), "devices.pupil", "260", "IT-Koordination", NOW.plus_days(-20))?;
    let assets = traeger.asset_lines(school, &Default::default())?;
    let asset = |ip: &str| assets.iter().find(|line| line.ip == ip).map(|line| line.id);
    let systems = [
        ("Switch Obergeschoss", "switch", asset("10.1.0.2"), room("Server"), "IT-Koordination", "Netz GmbH"),
        ("Beamer A101", "projector", asset("10.1.0.21"), room("A101"), "Hausmeister", ""),
        ("Access Point A101", "access-point", asset("10.1.0.5"), room("A101"), "", "Kreis"),
        ("Moodle", "lms", asset("10.1.0.40"), None, "IT-Koordination", "Kreis"),
    ];
    for (name, kind, asset, room, owner, provider) in systems {
        let system = DocumentedSystem {
            school,
            name: name.to_owned(),
            kind: kind.to_owned(),
            asset,
            room,
            owner: owner.to_owned(),
            provider: provider.to_owned(),
            credentials_place: if name == "Moodle" { "Tresor, Umschlag 3".to_owned() } else { String::new() },
            ..DocumentedSystem::default()
        };
        traeger.save_system(&system, "IT-Koordination", NOW.plus_days(-10))?;
    }
    // Nobody bound these: one names its MAC address as the sticker has it, one the domain it stands for.
    let by_sticker = DocumentedSystem {
        school,
        name: "Mensa-NAS".to_owned(),
        kind: "nas".to_owned(),
        mac: "00-26-AB-11-22-04".to_owned(),
        owner: "IT-Koordination".to_owned(),
        provider: "Netz GmbH".to_owned(),
        credentials_place: "Tresor, Umschlag 2".to_owned(),
        ..DocumentedSystem::default()
    };
    traeger.save_system(&by_sticker, "IT-Koordination", NOW.plus_days(-10))?;
    let domain = DocumentedSystem {
        school,
        name: "Domain und Mail".to_owned(),
        kind: "service".to_owned(),
        domain: "gesamtschule.example".to_owned(),
        owner: "Schulleitung".to_owned(),
        provider: "Mailhaus GmbH".to_owned(),
        hotline: "0800 5550100".to_owned(),
        credentials_place: "Tresor, Umschlag 1".to_owned(),
        ..DocumentedSystem::default()
    };
    traeger.save_system(&domain, "IT-Koordination", NOW.plus_days(-10))?;
    Ok(())
}
