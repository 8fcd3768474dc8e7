//! A school made up for the tests: what is there, and what of it people and machines know.

use super::super::*;
use crate::{Confidence, Kind, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeSet;

pub(super) const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);
const ROOMS: u8 = 6;

/// What stays hidden of a device that is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Hidden {
    Nothing,
    /// It stands in a part of the network, or is of a kind, that nobody has listed to the end.
    Whole,
    /// It was not seen, in a network that was not walked to the end.
    Unseen,
    /// What it is, is only guessed.
    Kind,
    /// Nobody can say what it is.
    Unknown,
    /// Nobody said where it stands.
    Room,
}

/// How a part of the network, or a list, is open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Open {
    Segment,
    Agent,
    Never,
    Stale,
}

#[derive(Clone, Debug)]
pub(super) struct Thing {
    pub(super) kind: Kind,
    room: u8,
    hidden: Hidden,
    documented: bool,
    years: i64,
}

pub(super) const KINDS: [Kind; 16] = [
    Kind::AccessPoint,
    Kind::WlanController,
    Kind::Board,
    Kind::Display,
    Kind::Projector,
    Kind::DocumentCamera,
    Kind::Switch,
    Kind::Router,
    Kind::Firewall,
    Kind::Server,
    Kind::Printer,
    Kind::Telephony,
    Kind::Bell,
    Kind::BuildingControl,
    Kind::Camera,
    Kind::MediaReceiver,
];

pub(super) fn thing() -> impl Strategy<Value = Thing> {
    let hidden = prop_oneof![
        3 => Just(Hidden::Nothing),
        1 => Just(Hidden::Whole),
        1 => Just(Hidden::Unseen),
        1 => Just(Hidden::Kind),
        1 => Just(Hidden::Unknown),
        1 => Just(Hidden::Room),
    ];
    let open = (proptest::sample::select(KINDS.to_vec()), 0..ROOMS, hidden, any::<bool>(), 0..9_i64);
    open.prop_map(|(kind, room, hidden, documented, years)| Thing { kind, room, hidden, documented, years })
}

pub(super) fn open() -> impl Strategy<Value = Open> {
    proptest::sample::select(vec![Open::Segment, Open::Agent, Open::Never, Open::Stale])
}

/// Whether it hangs on the network. Of what nobody has listed, some stands beside it: only that can be missing from a
/// network that was walked to the end.
fn is_networked(thing: &Thing) -> bool {
    view::is_always_networked(thing.kind) || thing.hidden != Hidden::Whole || thing.years % 2 == 0
}

fn asset(id: usize, thing: &Thing) -> SurveyAsset {
    SurveyAsset {
        kind: Some(thing.kind),
        room: Some(format!("R{}", thing.room)),
        vendor: Some("Muster".to_owned()),
        model: Some(format!("M{}", thing.years)),
        documented: thing.documented,
        networked: is_networked(thing),
        bought: Some(NOW.plus_days(-365 * thing.years - 40)),
        first_seen: Some(NOW.plus_days(-20)),
        managed: Some(thing.years % 2 == 0),
        poe: Some(thing.years % 3 == 0),
        supported: Some(thing.years < 7),
        plaintext: Some(thing.years == 5),
        generation: (thing.kind == Kind::AccessPoint)
            .then(|| if thing.years < 3 { "wifi-6" } else { "wifi-5" }.to_owned()),
        services: if thing.years == 1 { vec!["moodle".to_owned()] } else { Vec::new() },
        ..SurveyAsset::called(&id.to_string(), &format!("{} {id}", thing.kind))
    }
}

/// Something that people entered or the agent reported, beside the devices.
#[derive(Clone, Debug)]
struct Listed {
    /// Which of the words of its list.
    what: usize,
    /// What stands in its fields, a bit each.
    marks: u8,
    /// Whether it, or what stands in its fields, stays hidden.
    is_hidden: bool,
}

impl Listed {
    fn is(&self, bit: u8) -> bool {
        self.marks & (1 << bit) != 0
    }

    fn word(&self, words: &[&str]) -> String {
        words[self.what % words.len()].to_owned()
    }
}

/// What there is beside the devices, a list for every noun.
#[derive(Clone, Debug, Default)]
pub(super) struct Rest {
    systems: Vec<Listed>,
    documents: Vec<Listed>,
    findings: Vec<Listed>,
    domains: Vec<Listed>,
    links: Vec<Listed>,
    sites: Vec<Listed>,
    /// Lists of which nobody entered anything.
    unlisted: BTreeSet<Noun>,
    /// Rooms and facts of which nothing is known, a bit each.
    blank_rooms: u8,
    blank_facts: u16,
    /// Devices of people, which are counted and not described, and how many of them no count met.
    counted: u32,
    uncounted: u32,
}

pub(super) fn rest() -> impl Strategy<Value = Rest> {
    let listed = || {
        let one = (0..20_usize, any::<u8>(), proptest::bool::weighted(0.2));
        let one = one.prop_map(|(what, marks, is_hidden)| Listed { what, marks, is_hidden });
        proptest::collection::vec(one, 0..5)
    };
    let lists = (listed(), listed(), listed(), listed(), listed(), listed());
    let unlisted =
        proptest::sample::subsequence(vec![Noun::Room, Noun::Link, Noun::Domain, Noun::Site], 0..2);
    // Half of the time every room and every fact is known.
    let (blank_rooms, blank_facts) = (prop_oneof![Just(0), any::<u8>()], prop_oneof![Just(0), any::<u16>()]);
    (lists, unlisted, blank_rooms, blank_facts, 0..40_u32, 0..9_u32).prop_map(
        |(lists, unlisted, blank_rooms, blank_facts, counted, uncounted)| {
            let (systems, documents, findings, domains, links, sites) = lists;
            let unlisted = unlisted.into_iter().collect();
            Rest {
                systems,
                documents,
                findings,
                domains,
                links,
                sites,
                unlisted,
                blank_rooms,
                blank_facts,
                counted,
                uncounted,
            }
        },
    )
}

const SYSTEMS: [&str; 12] = [
    "lms",
    "mail",
    "cloud",
    "video",
    "idm",
    "firewall",
    "filter",
    "mdm",
    "school-server",
    "wlan-controller",
    "bell",
    "telephony",
];
const DOCUMENTS: [&str; 11] = [
    "medienkonzept",
    "mep",
    "finanzplan",
    "netzplan",
    "verarbeitungsverzeichnis",
    "personalrat",
    "leistungsverzeichnis",
    "ausstattungskonzept",
    "ausstattungspaket",
    "backup-test",
    "beschluss",
];
const RULES: [&str; 3] = ["tls.expired", "tls.expiring", "asset.undocumented"];
const FACTS: [(&str, &str); 9] = [
    ("pupils", "600"),
    ("teachers", "50"),
    ("devices.pupil", "300"),
    ("support.first", "Frau A"),
    ("support.second", "Kreis"),
    ("support.reaction_hours", "8"),
    ("devices.teacher", "40"),
    ("coordinator.hours", "4"),
    ("spend", "40600"),
];

fn system(n: usize, listed: &Listed) -> System {
    let there = |bit, text: &str| listed.is(bit).then(|| text.to_owned());
    System {
        id: n.to_string(),
        name: format!("System {n}"),
        kind: listed.word(&SYSTEMS),
        product: Some(format!("Produkt {n}")),
        owner: there(0, "A"),
        deputy: there(1, "B"),
        provider: there(2, "C"),
        credentials: there(3, "Tresor"),
        contract: there(4, "V"),
        // One of an agreed time is as good as any.
        reaction_hours: Some(if listed.is(5) { 8.0 } else { 24.0 }),
        ..System::default()
    }
}

fn document(n: usize, listed: &Listed) -> Document {
    Document {
        id: n.to_string(),
        kind: listed.word(&DOCUMENTS),
        title: format!("Dokument {n}"),
        status: if listed.is(0) { "final" } else { "draft" }.to_owned(),
        date: Some(NOW.plus_days(-i64::from(listed.marks))),
    }
}

fn finding(n: usize, listed: &Listed) -> OpenFinding {
    OpenFinding { id: n.to_string(), rule: listed.word(&RULES), subject: format!("Server {n}") }
}

fn domain(n: usize, listed: &Listed, is_known: bool) -> Domain {
    let told = |bit| is_known.then(|| listed.is(bit));
    Domain {
        name: format!("schule-{n}.example"),
        checked: is_known,
        spf: told(0),
        dkim: told(1),
        dmarc: told(2),
        mail_host: is_known.then(|| format!("anbieter-{}.example", listed.what % 3)),
    }
}

fn link(n: usize, listed: &Listed, is_known: bool) -> Link {
    let word = |bit, yes: &str, no: &str| if listed.is(bit) { yes } else { no }.to_owned();
    Link {
        id: format!("L{n}"),
        technology: is_known.then(|| word(0, "fibre", "vdsl")),
        down: is_known.then(|| if listed.is(1) { 1000.0 } else { 50.0 }),
        up: is_known.then_some(40.0),
        role: word(2, "primary", "backup"),
        status: word(3, "active", "planned"),
    }
}

fn site(n: usize, listed: &Listed) -> Site {
    let role = if listed.is(0) { "main" } else { "branch" }.to_owned();
    Site { name: format!("Haus {n}"), role, agent: listed.is(1) }
}

fn room(n: u8) -> Room {
    Room {
        name: format!("R{n}"),
        kind: if n < 4 { "class" } else { "subject" }.to_owned(),
        wifi: Some(n.is_multiple_of(2)),
        lan: Some(true),
        teacher_pc: Some(n != 3),
        document_camera: Some(n == 1),
    }
}

/// A school of which everything is known.
pub(super) fn whole(things: &[Thing], rest: &Rest) -> SurveyView {
    let fact = |value: &str| Fact { value: value.to_owned(), at: NOW, by: "A".to_owned() };
    let each = |all: &[Listed]| all.iter().cloned().enumerate().collect::<Vec<_>>();
    SurveyView {
        as_of: NOW,
        school: "1".to_owned(),
        name: "Schule".to_owned(),
        assets: things.iter().enumerate().map(|(id, thing)| asset(id, thing)).collect(),
        rooms: (0..ROOMS).map(room).collect(),
        systems: each(&rest.systems).iter().map(|(n, one)| system(*n, one)).collect(),
        documents: each(&rest.documents).iter().map(|(n, one)| document(*n, one)).collect(),
        findings: each(&rest.findings).iter().map(|(n, one)| finding(*n, one)).collect(),
        domains: each(&rest.domains).iter().map(|(n, one)| domain(*n, one, true)).collect(),
        links: each(&rest.links).iter().map(|(n, one)| link(*n, one, true)).collect(),
        sites: each(&rest.sites).iter().map(|(n, one)| site(*n, one)).collect(),
        facts: FACTS.map(|(name, value)| (name.to_owned(), fact(value))).into(),
        counters: [("personal".to_owned(), rest.counted + rest.uncounted)].into(),
        kept: Kind::ALL
            .iter()
            .map(|kind| kind.name())
            .chain(["system", "document"])
            .map(str::to_owned)
            .collect(),
        walked: Walked { expected: 3, covered: 3, silent: Vec::new(), last_round: Some(NOW.plus_days(-1)) },
    }
}

/// What is known of that school where parts of it stay hidden.
pub(super) fn known(things: &[Thing], rest: &Rest, how: Open) -> SurveyView {
    let mut view = whole(things, rest);
    hide_devices(&mut view, things, how, rest.findings.iter().any(|finding| finding.is_hidden));
    hide_rest(&mut view, rest);
    view
}

fn hide_devices(view: &mut SurveyView, things: &[Thing], how: Open, lacks_findings: bool) {
    let is_absent = |thing: &Thing| thing.hidden == Hidden::Whole;
    view.assets = std::mem::take(&mut view.assets)
        .into_iter()
        .zip(things)
        .filter(|(_, thing)| !is_absent(thing))
        .map(|(asset, thing)| match thing.hidden {
            Hidden::Unseen => SurveyAsset { seen: false, ..asset },
            Hidden::Kind => SurveyAsset { confidence: Confidence::Low, ..asset },
            Hidden::Unknown => SurveyAsset { kind: None, confidence: Confidence::Low, ..asset },
            Hidden::Room => SurveyAsset { room: None, ..asset },
            Hidden::Nothing | Hidden::Whole => asset,
        })
        .collect();
    let absent: Vec<Kind> = things.iter().filter(|thing| is_absent(thing)).map(|thing| thing.kind).collect();
    let is_unwalked = lacks_findings
        || things
            .iter()
            .any(|thing| thing.hidden == Hidden::Unseen || (is_absent(thing) && is_networked(thing)));
    if is_unwalked || (!absent.is_empty() && how != Open::Stale) {
        match how {
            Open::Segment | Open::Stale => view.walked.covered = 2,
            Open::Agent => view.walked.silent = vec!["box".to_owned()],
            Open::Never => view.walked = Walked::default(),
        }
    }
    for kind in absent {
        view.kept.remove(kind.name());
    }
}

/// What nobody entered or counted. A list of which something is missing is not kept complete; rooms, lines, domains and
/// sites are complete once they are entered, so that these are missing as a whole or in what stands in their fields.
fn hide_rest(view: &mut SurveyView, rest: &Rest) {
    for (listed, list) in [(&rest.systems, "system"), (&rest.documents, "document")] {
        if listed.iter().any(|one| one.is_hidden) {
            view.kept.remove(list);
        }
    }
    let is_there = |listed: &[Listed], id: &str| !listed[id.parse::<usize>().expect("a number")].is_hidden;
    view.systems.retain(|system| is_there(&rest.systems, &system.id));
    view.documents.retain(|document| is_there(&rest.documents, &document.id));
    view.findings.retain(|finding| is_there(&rest.findings, &finding.id));
    let blank = |bits: u16, n: usize| bits & (1 << n) != 0;
    for (n, room) in view.rooms.iter_mut().enumerate().filter(|(n, _)| blank(rest.blank_rooms.into(), *n)) {
        *room = Room { name: format!("R{n}"), kind: room.kind.clone(), ..Room::default() };
    }
    for (_, (name, _)) in FACTS.iter().enumerate().filter(|(n, _)| blank(rest.blank_facts, *n)) {
        view.facts.remove(*name);
    }
    for (n, one) in rest.domains.iter().enumerate().filter(|(_, one)| one.is_hidden) {
        view.domains[n] = domain(n, one, false);
    }
    for (n, one) in rest.links.iter().enumerate().filter(|(_, one)| one.is_hidden) {
        view.links[n] = link(n, one, false);
    }
    for noun in &rest.unlisted {
        match noun {
            Noun::Room => view.rooms.clear(),
            Noun::Link => view.links.clear(),
            Noun::Domain => view.domains.clear(),
            Noun::Site => view.sites.clear(),
            Noun::Asset | Noun::System | Noun::Document | Noun::Finding => {}
        }
    }
    view.counters.insert("personal".to_owned(), rest.counted);
}
