//! Every command of the collector, run as a person types it, over a book with something in it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod people;
mod surveys;
mod tables;
mod world;

use clap::CommandFactory as _;
use rundgang_agent::{
    spool::{Bounds, Spool},
    uplink::export::{ExportArgs, export},
};
use rundgang_collector::cli::Cli;
use rundgang_inventory::{
    Coverage, Fields, Mac, MacProvenance, Observation, Round, Subject, Value, vocabulary as v,
};
use rundgang_store::{DocumentedSystem, NewSchool};
use serde_json::json;
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};
use world::{NOW, World};

/// Commands that run until they are ended, and where each is run by a test.
const ELSEWHERE: [(&str, &str); 2] =
    [("try", "tests/it/whole.rs"), ("try-agent", "tests/it/whole.rs, started by try")];

/// A collector's program with the book of a world.
struct Scene {
    world: World,
    state: tempfile::TempDir,
    run: BTreeSet<String>,
}

impl Scene {
    /// A school with three boards of one maker, a domain that was seen, and a second school.
    async fn new() -> Self {
        let world = World::new().await;
        let state = tempfile::tempdir().unwrap();
        world.enrol(state.path()).await;
        let round = Round {
            started: NOW,
            ended: NOW,
            observations: (1..=3).flat_map(|host| [board(host), mail_domain()]).collect(),
            counts: Vec::new(),
            coverage: vec![Coverage::whole("Unterricht", "10.0.0.0/24", &["mdns", "sweep"])],
        };
        Spool::open(state.path(), Bounds::default()).unwrap().append(&round, NOW).unwrap();
        let other = NewSchool { name: "Grundschule".to_owned(), ..NewSchool::default() };
        world.traeger.ensure_school(&other, NOW).unwrap();
        Self { world, state, run: BTreeSet::new() }
    }

    /// Runs one command and returns what it printed; the words that name it are noted.
    fn ends(&mut self, arguments: &[&str], well: bool) -> String {
        let mut named = Vec::new();
        let mut command = &Cli::command();
        while let Some(next) = arguments.get(named.len()).and_then(|word| command.find_subcommand(word)) {
            named.push(next.get_name().to_owned());
            command = next;
        }
        self.run.insert(named.join(" "));
        let mut program = Command::new(env!("CARGO_BIN_EXE_rundgang-collector"));
        program.args(arguments);
        if command.get_arguments().any(|argument| argument.get_id() == "data") {
            program.arg("--data").arg(self.world.data.path());
        }
        let output = program.output().expect("the collector");
        let told = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        assert_eq!(output.status.success(), well, "{arguments:?}: {}", told(&output.stderr));
        told(if well { &output.stdout } else { &output.stderr })
    }

    fn says(&mut self, arguments: &[&str], expected: &[&str]) {
        let printed = self.ends(arguments, true);
        for words in expected {
            assert!(printed.contains(words), "{arguments:?} does not say {words:?}: {printed}");
        }
    }

    fn refuses(&mut self, arguments: &[&str], expected: &str) {
        self.refuses_in_lines(arguments, &[expected]);
    }

    /// A refusal of several lines, each with its words.
    fn refuses_in_lines(&mut self, arguments: &[&str], expected: &[&str]) {
        let printed = self.ends(arguments, false);
        assert_eq!(printed.lines().count(), expected.len(), "{printed}");
        for (line, words) in printed.lines().zip(expected) {
            assert!(line.contains(words), "{arguments:?}: {printed}");
        }
    }
}

/// A board that says no more than a receiver does.
fn board(host: u8) -> Observation {
    let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
    let services = list(&["_airplay._tcp", "_googlecast._tcp", "_raop._tcp"]);
    let txt = list(&[&format!("_googlecast._tcp id=a{host}"), "_googlecast._tcp md=ZX75"]);
    Observation {
        subject: Subject::Device {
            ip: [10, 0, 0, host].into(),
            mac: Some((Mac([0xb0, 0xf1, 0xec, 0, 0, host]), MacProvenance::OwnReply)),
        },
        segment: "Unterricht".to_owned(),
        at: NOW,
        probe: "mdns".to_owned(),
        fields: Fields::new().with(&v::MDNS_SERVICES, services).with(&v::MDNS_TXT, txt),
    }
}

/// A domain that the resolver of the box searches in.
fn mail_domain() -> Observation {
    Observation {
        subject: Subject::Domain("schule.example".to_owned()),
        segment: "Unterricht".to_owned(),
        at: NOW,
        probe: "dns".to_owned(),
        fields: Fields::new().with(&v::DNS_SEARCH, Value::text("resolv.conf")),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_does_what_it_says() {
    let mut scene = Scene::new().await;
    let folder = tempfile::tempdir().unwrap();
    carries_an_export(&mut scene, folder.path());
    speaks_of_devices(&mut scene);
    teaches(&mut scene);
    tells_which_device_is_which(&mut scene);
    surveys::are_taken_through(&mut scene, folder.path());
    tables::are_taken_in(&mut scene, folder.path());
    keeps_the_book(&mut scene, folder.path());
    says_how_mail_leaves(&mut scene);
    names_the_schools(&mut scene, folder.path());
    orders_agents(&mut scene);
    people::are_let_in(&mut scene);
    people::are_proven_elsewhere(&mut scene);
    people::leave_with_their_school(&mut scene, folder.path());
    serves(&mut scene, folder.path());
    every_command_was_run(&scene.run);
}

/// The round reaches the book as a file.
fn carries_an_export(scene: &mut Scene, folder: &Path) {
    let file = folder.join("walk.rundgang");
    let args = ExportArgs { file: file.clone(), state: scene.state.path().to_owned(), all: false };
    export(&args, scene.world.there.clock()()).unwrap();
    // The program goes by the machine's clock, by which this export may have expired; what it refuses by any clock is a
    // file that is none. Everything else about it is in carried.rs.
    let torn = folder.join("torn.rundgang");
    fs::write(&torn, "not an export").unwrap();
    scene.refuses(&["import", torn.to_str().unwrap()], "no export");
    // Whatever it is called: an export is taken in whole, so that a look at it would write.
    let renamed = folder.join("walk.csv");
    fs::copy(&file, &renamed).unwrap();
    for file in [&file, &renamed] {
        scene.refuses(&["import", file.to_str().unwrap(), "--dry-run"], "--dry-run is for lists");
    }
    rundgang_collector::ingest::carried::import(
        &file,
        &scene.world.collector.store,
        &scene.world.collector.authority,
        &scene.world.here.clock(),
    )
    .unwrap();
}

fn speaks_of_devices(scene: &mut Scene) {
    scene.says(&["assets", "--json"], &["\"address\":\"10.0.0.1\"", "b0:f1:ec:00:00:01"]);
    scene.says(&["findings", "--json", "--school", "Gesamtschule"], &["asset.undocumented"]);
    scene.refuses(&["findings", "--school", "Realschule"], "there is no school 'Realschule'");
    scene.says(&["rebuild"], &["3 assets from "]);
    scene.says(&["domains"], &["schule.example"]);
    scene.refuses(&["domains", "--confirm", "schule.example"], "say which with --school");
    let confirm = ["domains", "--school", "Gesamtschule", "--confirm", "schule.example"];
    scene.says(&confirm, &["confirmed", "schule.example"]);
    scene.says(&["domains", "--json"], &["\"name\":\"schule.example\"", "confirmed"]);
    scene.says(&["data-subject", "00:11:22:33:44:55"], &["not stored"]);
    scene.says(&["data-subject", "B0-F1-EC-00-00-03"], &["stored", "last seen", "--forget"]);
    scene.says(&["data-subject", "b0f1.ec00.0003", "--forget"], &["deleted (1 devices"]);
    scene.says(&["data-subject", "b0:f1:ec:00:00:03"], &["not stored"]);
    scene.refuses(&["data-subject", "Beamer"], "is no MAC address");
}

fn teaches(scene: &mut Scene) {
    let system = DocumentedSystem {
        school: scene.world.school,
        name: "Prowise Touchscreen".to_owned(),
        kind: "board".to_owned(),
        mac: "b0:f1:ec:00:00:01".to_owned(),
        ..DocumentedSystem::default()
    };
    let system = scene.world.traeger.save_system(&system, "K", NOW).unwrap().to_string();
    scene.says(&["lessons"], &["\"type\":\"proposed\"", "\"vendor\":\"Prowise\""]);
    scene.refuses(&["lessons", "--accept", "999"], "a lesson of system 999");
    scene.says(&["lessons", "--accept", &system, "--who", "Koordination"], &["\"type\":\"accepted\""]);
    scene.says(&["lessons", "--withdraw", "1"], &["\"type\":\"proposed\""]);
}

fn tells_which_device_is_which(scene: &mut Scene) {
    let assets = scene.world.traeger.assets(Some(scene.world.school), 0, 10).unwrap();
    let [first, second, ..] = &assets[..] else { panic!("{assets:?}") };
    let (into, from) = (first.id.to_string(), second.id.to_string());
    let merge = ["identity", "--merge", &into, &from, "--who", "Koordination", "--reason", "zwei Karten"];
    let merged = newest(&scene.ends(&merge, true), "decision");
    assert_eq!((&merged["kind"], &merged["by"]), (&json!("merge"), &json!("Koordination")), "{merged}");
    assert_eq!(merged["because"], "zwei Karten");
    let undo = merged["decision"].to_string();
    scene.says(&["identity", "--undo", &undo], &[&format!("\"takes_back\":{undo}")]);
    scene.refuses(&["identity", "--undo", &undo], "taken back before");
    scene.refuses(&["identity", "--undo", "999"], "decision 999");
    scene.refuses(&["identity", "--answer", "999", &into], "open question 999");
    let key = newest(&scene.ends(&["identity", "--keys", &into], true), "key")["key"].to_string();
    scene.says(&["identity", "--split", &into, &key], &["\"kind\":\"split\""]);
}

/// The last line of one type.
fn newest(printed: &str, kind: &str) -> serde_json::Value {
    let lines = printed.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.rev().find(|line| line["type"] == kind).unwrap_or_else(|| panic!("no {kind}: {printed}"))
}

/// Kind and commune of schools are said one by one, taken in from a list, and come back from an export.
fn names_the_schools(scene: &mut Scene, folder: &Path) {
    let one = [
        "schools",
        "--school",
        "Gesamtschule",
        "--kind",
        "Gesamtschule",
        "--commune",
        "Halle",
        "--pupils",
        "812",
    ];
    scene.says(&one, &["Gesamtschule: entered."]);
    scene.refuses(&["schools", "--school", "Keine", "--kind", "X"], "there is no school 'Keine'; there are");
    let file = folder.join("schulen.csv");
    let list = file.to_str().unwrap().to_owned();
    let from = ["schools", "--from", list.as_str()];
    fs::write(&file, "Name;Ort\nA;B\n").unwrap();
    scene.refuses(&from, "no row has a column 'Schule'");
    fs::write(
        &file,
        "Stand Oktober\nSchule;Gemeinde;Schulform;Lehrkräfte\ngrundschule;Werther;Grundschule;vierzehn\n",
    )
    .unwrap();
    scene.refuses_in_lines(
        &from,
        &["nothing was entered: 1 rows do not fit", "row 3: 'vierzehn' is no number"],
    );
    let secret = "Schule;Gemeinde\nGesamtschule;Werther\nGrundschule;Passwort: Sommer2026\n";
    fs::write(&file, secret).unwrap();
    scene.refuses_in_lines(&from, &["nothing was entered: 1 rows do not fit", "row 3: commune: "]);
    fs::write(&file, "Schule;Gemeinde;Schulform;Lehrkräfte\ngrundschule;Werther;Grundschule;14\nGymnasium;Halle;Gymnasium;\n").unwrap();
    scene.says(&from, &["2 schools are entered, 1 of them new"]);
    let all = [
        "Gesamtschule: Gesamtschule, Halle, 812 pupils",
        "Grundschule: Grundschule, Werther, 14 teachers",
        "Gymnasium: Gymnasium, Halle\n",
    ];
    scene.says(&["schools"], &all);
    let out = folder.join("schulbuch");
    scene.says(&["export", "--format", "csv", "--out", out.to_str().unwrap()], &["schools.csv"]);
    let exported = out.join("schools.csv");
    assert!(fs::read_to_string(&exported).unwrap().contains("Grundschule;;Grundschule;Werther;;14"));
    scene.says(&["schools", "--from", exported.to_str().unwrap()], &["3 schools are entered, 0 of them new"]);
    scene.says(&["schools"], &all);
}

fn keeps_the_book(scene: &mut Scene, folder: &Path) {
    scene.says(&["retention"], &["observations=30\n", "audit=365\n"]);
    scene.says(&["retention", "observations=14"], &["observations=14\n", "audit=365\n"]);
    scene.refuses(&["retention", "observations=31"], "never lengthened");
    let out = folder.join("papiere");
    let out = out.to_str().unwrap();
    scene.says(&["papers", "--out", out], &["1-verzeichnis-art-30.md", "5-strukturanalyse.csv"]);
    let sheet = fs::read_to_string(Path::new(out).join("4-personalrat.md")).unwrap();
    assert!(sheet.contains("Kreis Beispiel") && sheet.contains("14 Tage"), "{sheet}");
    scene.says(&["traeger"], &["Kreis Beispiel\n"]);
    scene.says(&["traeger", "--rename", "Kreis Muster"], &["'Kreis Beispiel' is called 'Kreis Muster' now"]);
    scene.says(&["traeger", "--traeger", "Kreis Muster"], &["Kreis Muster\n"]);
    scene.refuses(&["traeger", "--rename", "  "], "name");
    let reports = "Kreis Muster\n  reports on mail go to dmarc@muster.example\n";
    scene.says(&["traeger", "--report-address", "dmarc@Muster.example"], &[reports]);
    scene.says(&["traeger"], &[reports]);
    scene.refuses(&["traeger", "--report-address", "dmarc@muster.example; p=none"], "report address");
    scene.says(&["traeger", "--report-address", ""], &["Kreis Muster\n"]);
    assert_eq!(scene.world.collector.store.all_traeger().unwrap().len(), 1, "no second Träger");
}

/// What leaves over real servers is tested with these, in the tests of the whole.
fn says_how_mail_leaves(scene: &mut Scene) {
    let none = "Mail:     none leaves; --host";
    scene.says(&["post"], &[none, "Message:  none leaves", "Secrets:  files in "]);
    let told = ["post", "--host", "mail.muster.example", "--port", "587", "--security", "starttls", "--from"];
    let server = ["Mail:     by mail.muster.example, port 587, starttls, from rundgang@muster.example\n"];
    scene.says(&[&told[..], &["rundgang@muster.example"]].concat(), &server);
    scene.says(&["post"], &server);
    scene.refuses(&["post", "--security", "none"], "security");
    scene.says(&["post"], &server);
    scene.says(&["post", "--host", ""], &[none]);
}

fn orders_agents(scene: &mut Scene) {
    scene.says(&["public-view", "1"], &["is told every school's domains", "accept_confirmed_domains"]);
    scene.says(&["agents"], &["(all schools' domains)"]);
    scene.says(&["public-view", "1", "--off"], &["the domains of its own school alone"]);
    scene.refuses(&["public-view", "4711"], "agent 4711");
    scene.says(
        &["invite", "--school", "Grundschule", "--collector", "book.example:7443"],
        &["as the agent's own user", "rundgang-agent enrol --collector book.example:7443 --token "],
    );
    scene.says(&["agents"], &["NUMBER", "heard"]);
    scene.says(&["approve", "1"], &["Agent 1 is heard already"]);
    scene.says(&["walk-now", "1"], &["Agent 1 is asked to walk"]);
    scene.says(&["pause", "1"], &["Agent 1 is silent as soon as it is in touch"]);
    scene.says(&["agents"], &["paused"]);
    scene.says(&["resume", "1"], &["Agent 1 may walk again"]);
    scene.says(&["revoke", "1"], &["Agent 1 is withdrawn"]);
    scene.says(&["agents"], &["withdrawn"]);
    scene.refuses(&["approve", "1"], "withdrawn for good");
}

/// Starts, says where it is, and ends; a folder of its own, since a book has one collector.
fn serves(scene: &mut Scene, folder: &Path) {
    scene
        .refuses(&["serve", "--grpc", "127.0.0.1:0", "--web", "127.0.0.1:0"], "another collector is running");
    let mut serve = Command::new(env!("CARGO_BIN_EXE_rundgang-collector"))
        .args(["serve", "--grpc", "127.0.0.1:0", "--web", "127.0.0.1:0", "--data"])
        .arg(folder.join("collector"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(serve.stdout.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    serve.kill().unwrap();
    serve.wait().unwrap();
    assert!(first.starts_with("Pages:  http://127.0.0.1:"), "{first}");
}

/// A new command without a test is found here.
fn every_command_was_run(run: &BTreeSet<String>) {
    fn leaves(command: &clap::Command, path: &[&str], all: &mut BTreeSet<String>) {
        for inner in command.get_subcommands() {
            let path = [path, &[inner.get_name()]].concat();
            if inner.has_subcommands() {
                leaves(inner, &path, all);
            } else {
                all.insert(path.join(" "));
            }
        }
    }
    let mut all = BTreeSet::new();
    leaves(&Cli::command(), &[], &mut all);
    for (command, _) in ELSEWHERE {
        assert!(all.remove(command), "there is no {command}");
    }
    assert_eq!(&all, run, "a command without a test");
}
