//! What the filter keeps, counts and removes.

use super::*;
use crate::{
    output,
    runner::SWEEP,
    scope::{Act, Flags, Scope},
};
use rundgang_inventory::{MacProvenance, Value, vocabulary};

fn segment(class: NetworkClass) -> Segment {
    let flags = Flags { networks: vec!["10.0.0.0/24".into()], class, ..Flags::default() };
    flags.scope().unwrap().segments()[0].clone()
}

/// A visited host: its MAC address and what it announced.
fn host(mac: &str, fields: Fields) -> Visit {
    let mac = (!mac.is_empty()).then(|| (mac.parse().unwrap(), MacProvenance::OwnReply));
    let mut visit = Visit::new([10, 0, 0, 7].into(), mac, true, true);
    visit.add("mdns", fields);
    visit
}

fn named(name: &str) -> Fields {
    Fields::new().with(&vocabulary::MDNS_HOSTNAME, Value::text(name))
}

fn services(types: &[&str], txt: &[&str]) -> Fields {
    let list = |items: &[&str]| Value::List(items.iter().map(ToString::to_string).collect());
    Fields::new().with(&vocabulary::MDNS_SERVICES, list(types)).with(&vocabulary::MDNS_TXT, list(txt))
}

fn sieve(segment: &Segment, visit: Visit) -> Kept {
    let mut sieve = Sieve::new(BTreeSet::from(["a8:bb:cf:00:00:aa".parse().unwrap()]));
    sieve.take(segment, visit, Timestamp(3_600_000 * 5 + 7));
    sieve.close(Timestamp(0), Timestamp(1), Vec::new())
}

#[test]
fn who_is_kept_where() {
    use NetworkClass::{Infrastructure, Managed, Mixed, Personal};
    let check = |what: &str, mac: &str, fields: &Fields, kept_in: &[NetworkClass]| {
        for class in [Infrastructure, Managed, Mixed, Personal] {
            let kept = sieve(&segment(class), host(mac, fields.clone()));
            let expected = kept_in.contains(&class);
            assert_eq!(kept.devices().len() == 1, expected, "{what} in {}", class.name());
            let counted: u32 = kept.round().counts.iter().map(|count| count.count).sum();
            assert_eq!(counted, u32::from(!expected), "{what} in {}", class.name());
        }
    };
    let nothing = Fields::new();
    check("a SMART board by its block", "00:02:75:00:00:01", &nothing, &[Infrastructure, Managed, Mixed]);
    check("an unknown maker", "00:ff:fe:00:00:01", &nothing, &[Infrastructure, Managed]);
    check("a random address", "d2:77:1c:04:1c:5d", &nothing, &[]);
    check("a virtual machine", "52:54:00:00:00:01", &nothing, &[Infrastructure, Managed]);
    check("an Apple device that says nothing", "a8:bb:cf:09:9b:bc", &nothing, &[Infrastructure, Managed]);
    check("a MacBook", "00:23:6c:34:56:78", &named("Patriks-MacBook"), &[Infrastructure, Managed]);
    let mac = services(&["_airplay._tcp"], &["_airplay._tcp model=Mac16,9"]);
    check("a Mac that receives AirPlay", "a8:8f:d9:fb:f6:3c", &mac, &[Infrastructure, Managed]);
    let greeting = |text: &str| Fields::new().with(&vocabulary::SSH_BANNER, Value::text(text));
    let notebook = greeting("SSH-2.0-OpenSSH_9.9p1 Debian-99");
    check("a Linux computer with SSH", "f0:de:f1:00:00:02", &notebook, &[Infrastructure, Managed]);
    // Anybody runs virtual machines; a hypervisor tells more of itself than that.
    let mut machines = services(&["_libvirt._tcp", "_ssh._tcp"], &[]);
    check("a computer with libvirt", "f0:de:f1:00:00:02", &machines, &[Infrastructure, Managed]);
    machines.merge(notebook);
    check("a computer with libvirt and SSH", "f0:de:f1:00:00:02", &machines, &[Infrastructure, Managed]);
    let page = |title: &str| Fields::new().with(&vocabulary::HTTP_TITLE, Value::List(vec![title.to_owned()]));
    let all = [Infrastructure, Managed, Mixed];
    check("ESXi", "f0:de:f1:00:00:02", &page("\" + ID_EESX_Welcome + \""), &all);
    let mut hypervisor = machines.clone();
    hypervisor.merge(page("pve1 - Proxmox Virtual Environment"));
    check("a hypervisor with libvirt", "f0:de:f1:00:00:02", &hypervisor, &all);
    let linux = "Linux vmhost1 6.1.0-9-amd64 #1 SMP x86_64";
    machines.merge(Fields::new().with(&vocabulary::SNMP_SYS_DESCR, Value::text(linux)));
    check("a server with libvirt that is managed", "f0:de:f1:00:00:02", &machines, &all);
    let list = |items: &[&str]| Value::List(items.iter().map(ToString::to_string).collect());
    let forwards = Fields::new()
        .with(&vocabulary::LLDP_CAPABILITIES, list(&["bridge", "access-point", "router", "station"]))
        .with(&vocabulary::LLDP_DESCR, Value::text("Ubuntu 24.04.1 LTS Linux 6.8.0-40-generic x86_64"))
        .with(&vocabulary::NDP_ROUTER, Value::Int(1800));
    check(
        "a notebook that shares its connection",
        "f0:de:f1:00:00:02",
        &forwards,
        &[Infrastructure, Managed],
    );
    let desk = Fields::new()
        .with(&vocabulary::LLDP_CAPABILITIES, list(&["bridge", "telephone"]))
        .with(&vocabulary::LLDP_MODEL, Value::text("T99G"));
    check("a desk telephone by LLDP", "00:ff:fe:00:00:01", &desk, &all);
    let tablet = services(&["_companion-link._tcp"], &["_companion-link._tcp rpMd=iPad8,1"]);
    check("a tablet", "96:4d:0e:30:c9:a9", &tablet, &[]);
}

/// Servers, network storage and private notebooks all say "computer" by WS-Discovery: only what no private computer says
/// makes one of the first two of it (promises P1 and P2).
#[test]
fn a_computer_is_kept_only_where_it_shows_to_be_a_server_or_a_storage() {
    use NetworkClass::{Infrastructure, Managed, Mixed, Personal};
    const NOTEBOOK: &str = "f0:de:f1:00:00:01";
    const STORAGE: &str = "00:11:32:00:00:01";
    const RANDOM: &str = "d2:77:1c:04:1c:5d";
    let list = |items: &[&str]| Value::List(items.iter().map(ToString::to_string).collect());
    let computer = || Fields::new().with(&vocabulary::WSD_TYPES, list(&["Device", "Computer"]));
    let check = |mac: &str, more: Fields, kept_in: &[NetworkClass], kind: Kind| {
        let mut fields = computer();
        fields.merge(more);
        for class in [Infrastructure, Managed, Mixed, Personal] {
            let kept = sieve(&segment(class), host(mac, fields.clone()));
            let kinds: Vec<_> = kept.devices().iter().map(|device| device.recognition.kind.clone()).collect();
            let kinds: Vec<_> = kinds.into_iter().flatten().map(|told| told.value).collect();
            let expected = if kept_in.contains(&class) { vec![kind] } else { Vec::new() };
            assert_eq!(kinds, expected, "{mac} in {}: {fields:?}", class.name());
        }
    };
    let (own, all) = ([Infrastructure, Managed], [Infrastructure, Managed, Mixed]);
    let synology = || services(&["_http._tcp"], &["_http._tcp vendor=Synology", "_http._tcp model=DS999+"]);
    let text = |field, text: &str| Fields::new().with(field, Value::text(text));
    let title = |text: &str| Fields::new().with(&vocabulary::HTTP_TITLE, list(&[text]));
    check(NOTEBOOK, Fields::new(), &own, Kind::Workstation);
    check(NOTEBOOK, synology(), &all, Kind::Nas);
    check(NOTEBOOK, services(&["_readynas._tcp"], &[]), &all, Kind::Nas);
    check(NOTEBOOK, text(&vocabulary::SNMP_SYS_OBJECT_ID, "1.3.6.1.4.1.311.1.1.3.1.3"), &all, Kind::Server);
    check(
        NOTEBOOK,
        text(&vocabulary::SNMP_SYS_OBJECT_ID, "1.3.6.1.4.1.311.1.1.3.1.1"),
        &own,
        Kind::Workstation,
    );
    check(NOTEBOOK, title("IServ - Anmelden"), &all, Kind::Server);
    check(NOTEBOOK, title("TrueNAS"), &all, Kind::Nas);
    // What anybody can run on a notebook.
    check(NOTEBOOK, title("phpMyAdmin"), &own, Kind::Workstation);
    check(NOTEBOOK, title("IIS Windows"), &own, Kind::Workstation);
    check(
        NOTEBOOK,
        text(&vocabulary::UPNP_DEVICE_TYPE, "urn:schemas-upnp-org:device:MediaServer:1"),
        &own,
        Kind::Workstation,
    );
    let shared = services(&["_ipp._tcp", "_adisk._tcp"], &["_ipp._tcp ty=Sample LaserJet 9999"]);
    check(NOTEBOOK, shared, &own, Kind::Workstation);
    // The block of a maker of storage alone is a hint: it may be asked, and is counted if that brings nothing.
    check(STORAGE, Fields::new(), &own, Kind::Workstation);
    let asked = |mac: &str| {
        let segment = segment(Mixed);
        !is_personal(&segment, &BTreeSet::new(), &host(mac, computer()))
    };
    assert!(asked(STORAGE) && !asked(NOTEBOOK) && !asked(RANDOM));
    check(RANDOM, Fields::new(), &[], Kind::Workstation);
    check(RANDOM, synology(), &[], Kind::Nas);
    // Whoever knows its addresses can answer a search in its name.
    check(NOTEBOOK, text(&vocabulary::PJLINK_SEARCH, "answered"), &own, Kind::Workstation);
    // Its owner's name for it counts whatever else it says.
    let mut named_so = named("Annas-MacBook");
    named_so.merge(synology());
    check(NOTEBOOK, named_so, &own, Kind::Nas);
}

/// DHCP has given the address of a server that is left alone to a laptop: it is counted as ever (promise P2).
#[tokio::test(start_paused = true)]
async fn another_holder_of_an_address_is_no_infrastructure() {
    use crate::{
        clock::FixedClock,
        left_alone::{LeftAlone, Silence},
        network::replay::Replay,
        probe::Settings,
    };
    let now = Timestamp::from_seconds(1_790_000_000);
    let segment = segment(NetworkClass::Mixed);
    let holder = |mac| {
        let mut visit = host(mac, Fields::new());
        visit.add(SWEEP, Fields::new().with(&vocabulary::HOST_FOUND_BY, Value::text("arp")));
        visit
    };
    for (before, after, expected) in [
        ("", "a8:bb:cf:09:9b:bc", 0),
        ("", "00:ff:fe:00:00:01", 0),
        ("00:11:32:00:00:01", "00:ff:fe:00:00:01", 0),
        ("00:ff:fe:00:00:01", "00:ff:fe:00:00:01", 1),
    ] {
        let left_alone = std::sync::Arc::new(LeftAlone::default());
        left_alone.remember(&segment.name, &holder(before), Silence::from(now, "http", true), now);
        let settings = Settings { left_alone, ..Settings::default() };
        let flags = Flags { networks: vec!["10.0.0.0/24".into()], ..Flags::default() };
        let (scope, replay) = (flags.scope().unwrap(), Replay::read("").unwrap());
        let (scope, settings, replay) = (scope.into(), settings.into(), std::sync::Arc::new(replay));
        let clock = std::sync::Arc::new(FixedClock(now));
        let runner = crate::runner::Runner::with_probes(scope, settings, replay, clock, 1, &[]);
        let visited = std::sync::Arc::new(runner).visit(holder(after)).await;
        let mut sieve = Sieve::default();
        sieve.take(&segment, visited, now);
        let kept = sieve.close(now, now, Vec::new());
        assert_eq!(kept.devices().len(), expected, "first '{before}', then '{after}'");
        let told = format!("{kept:?}").contains("fell_silent");
        assert_eq!(told, expected > 0, "no false finding of another's silence");
    }
}

#[test]
fn a_computer_that_shares_its_printer_is_no_printer() {
    let share = services(
        &["_companion-link._tcp", "_ipp._tcp"],
        &["_ipp._tcp note=Ryan’s MacBook Pro", "_ipp._tcp ty=EPSON ET-3700 Series"],
    );
    let kept = sieve(&segment(NetworkClass::Mixed), host("ea:6b:f4:13:d6:f8", share));
    assert!(kept.devices().is_empty() && kept.round().observations.is_empty());
}

#[test]
fn the_register_keeps_a_device_only_where_it_is_accepted() {
    let mut segment = segment(NetworkClass::Mixed);
    let visit = || host("a8:bb:cf:00:00:aa", Fields::new());
    assert!(sieve(&segment, visit()).devices().is_empty());
    segment.accept_register = true;
    assert_eq!(sieve(&segment, visit()).devices().len(), 1);
}

#[test]
fn nothing_of_a_personal_device_gets_through() {
    let mut fields = named("Annas-MacBook");
    fields.merge(services(&["_companion-link._tcp"], &["_companion-link._tcp rpMd=MacBookPro"]));
    for class in [NetworkClass::Mixed, NetworkClass::Personal] {
        let kept = sieve(&segment(class), host("d2:77:1c:04:1c:5d", fields.clone()));
        let everything = format!("{kept:?}{}{}", output::json(&kept), output::table(&kept)).to_lowercase();
        for secret in ["anna", "macbook", "d2:77", "d2771c", "10.0.0.7"] {
            assert!(!everything.contains(secret), "{secret} in {everything}");
        }
        assert_eq!(kept.round().counts[0].hour, Timestamp(3_600_000 * 5), "the hour, not the moment");
    }
}

#[test]
fn when_a_device_was_seen_is_a_date() {
    let visit =
        host("00:02:75:00:00:01", Fields::new().with(&vocabulary::HTTP_TITLE, Value::List(Vec::new())));
    let kept = sieve(&segment(NetworkClass::Managed), visit);
    assert_eq!(kept.round().observations[0].at, Timestamp(0), "the day, not the moment");
}

#[test]
fn names_of_kept_devices_are_masked_everywhere() {
    let mut visit = host("00:02:75:00:00:01", named("Board-Frau-Yilmaz"));
    let contact = Fields::new()
        .with(&vocabulary::SNMP_SYS_CONTACT, Value::text("Hans Meier, Tel. 05241 123456"))
        .with(&vocabulary::SNMP_SYS_LOCATION, Value::text("Büro Frau Müller"));
    visit.add("snmp", contact);
    let kept = sieve(&segment(NetworkClass::Mixed), visit);
    let everything = format!("{kept:?}{}{}", output::json(&kept), output::table(&kept));
    assert_eq!(kept.devices().len(), 1);
    for secret in ["Yilmaz", "Meier", "Hans", "Müller", "123456"] {
        assert!(!everything.contains(secret), "{secret} in {everything}");
    }
    assert!(everything.contains("Büro Frau ***"));
}

#[test]
fn a_random_address_is_not_kept_with_the_device_that_names_itself() {
    let segment = segment(NetworkClass::Mixed);
    let cast = services(
        &["_googlecast._tcp"],
        &["_googlecast._tcp md=Chromecast", "_googlecast._tcp id=d2771c041c5d"],
    );
    let visit = host("d2:77:1c:04:1c:5d", cast);
    let fields = visit.fields();
    let recognition = recognise(None, &fields);
    let is_infrastructure =
        recognition.kind.as_ref().is_some_and(|kind| kind.value.class() == Class::Infrastructure);
    let kept = sieve(&segment, visit);
    assert_eq!(kept.devices().len(), usize::from(is_infrastructure));
    let everything = format!("{kept:?}").to_lowercase();
    assert!(!everything.contains("d2:77") && !everything.contains("d2771c041c5d"), "{everything}");
}

#[test]
fn rows_about_people_become_counts() {
    let row = |mac: &str| {
        rundgang_inventory::Row::from([
            ("mac".to_owned(), Value::text(mac)),
            ("port".to_owned(), Value::Int(4)),
        ])
    };
    let table =
        Value::Table(vec![row("00:02:75:00:00:01"), row("a8:bb:cf:09:9b:bc"), row("3e:c6:81:80:b8:f5")]);
    let mut visit = host("00:02:75:00:00:01", Fields::new());
    visit.add("snmp", Fields::new().with(&vocabulary::SNMP_FDB, table));
    let kept = sieve(&segment(NetworkClass::Mixed), visit);
    let seen = kept.round().observations.iter().find_map(|seen| seen.fields.get(&vocabulary::SNMP_FDB));
    let count = rundgang_inventory::Row::from([
        ("count".to_owned(), Value::Int(2)),
        ("port".to_owned(), Value::Int(4)),
    ]);
    assert_eq!(seen, Some(&Value::Table(vec![row("00:02:75:00:00:01"), count])));
}

#[test]
fn every_network_of_a_scope_has_its_own_class() {
    let networks = [("10.0.0.0/24", NetworkClass::Managed), ("10.0.1.0/24", NetworkClass::Mixed)];
    let segments = networks.map(|(network, class)| {
        let flags = Flags { networks: vec![network.into()], class, ..Flags::default() };
        flags.scope().unwrap().segments()[0].clone()
    });
    let scope = Scope::new(segments.to_vec(), &[], &[], Act::Person).unwrap();
    let mut sieve = Sieve::default();
    for ip in [[10, 0, 0, 9], [10, 0, 1, 9]] {
        let mut visit = Visit::new(ip.into(), None, true, true);
        visit.add(SWEEP, Fields::new().with(&vocabulary::HOST_FOUND_BY, Value::text("arp")));
        sieve.take(scope.segment_of(ip.into()).unwrap(), visit, Timestamp(0));
    }
    let kept = sieve.close(Timestamp(0), Timestamp(1), Vec::new());
    let addresses: Vec<_> = kept.devices().iter().map(|device| device.address.to_string()).collect();
    assert_eq!(addresses, ["10.0.0.9"]);
    assert_eq!(kept.round().counts[0].segment, "10.0.1.0/24");
}

#[test]
fn what_a_kept_device_says_is_cut_to_size_behind_the_mask() {
    // Masking makes `a@b` longer: the text fits before it and does not behind it.
    let told = Fields::new().with(&vocabulary::HTTP_TITLE, Value::List(vec!["a@b ".repeat(1024)]));
    let kept = sieve(&segment(NetworkClass::Managed), host("00:02:75:00:00:01", told));
    let [observation] = kept.round().observations.as_slice() else { panic!("one observation") };
    let Some(Value::List(titles)) = observation.fields.get(&vocabulary::HTTP_TITLE) else {
        panic!("a title")
    };
    assert!(titles[0].starts_with("***@b ***@b"));
    assert_eq!(titles[0].len(), rundgang_inventory::limits::MAX_TEXT);
}
