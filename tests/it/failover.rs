//! Two real collectors over one PostgreSQL: when one dies, the agent goes on at the other, and nothing is lost or doubled.

use crate::{lab::program, postgres_server};
use rundgang_agent::{
    enrol::{EnrolArgs, Enrolment, enrol},
    link::WallClock,
    spool::{Bounds, SharedSpool, Spool},
    uplink::Uplink,
};
use rundgang_inventory::{
    Coverage, Fields, Mac, MacProvenance, Observation, Round, Subject, Timestamp, Value,
    vocabulary::HOST_FOUND_BY,
};
use rundgang_store::{Store, Traeger};
use std::{
    io::{BufRead, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::sync::{mpsc, watch};

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
    Timestamp(i64::try_from(since.as_millis()).expect("a date"))
}

fn clock() -> WallClock {
    Arc::new(now)
}

/// A collector of its own data directory, killed when it goes out of scope.
struct Collector(Child);

impl Drop for Collector {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Two collectors' addresses and folders, and their one database.
struct Pair {
    folder: tempfile::TempDir,
    ports: [u16; 2],
    database: String,
}

impl Pair {
    fn start(&self, which: usize) -> Collector {
        let data = self.folder.path().join(which.to_string());
        let [own, other] = if which == 0 { self.ports } else { [self.ports[1], self.ports[0]] };
        let log = std::fs::File::create(self.folder.path().join(format!("{which}.log"))).expect("a log");
        let mut child = Command::new(program("rundgang-collector"))
            .args(["serve", "--web", "127.0.0.1:0", "--name", "localhost", "--database", &self.database])
            .args(["--grpc", &format!("127.0.0.1:{own}"), "--other", &format!("localhost:{other}")])
            .arg("--data")
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("a collector");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let collector = Collector(child);
        let mut told = lines.map_while(Result::ok).take_while(|line| !line.starts_with("Next:"));
        let pages = told.find_map(|line| line.split_once("http://").map(|(_, pages)| pages.to_owned()));
        let started = pages.is_some_and(|pages| told.count() == 1 && shows_pages(&pages));
        let log = || std::fs::read_to_string(self.folder.path().join(format!("{which}.log")));
        assert!(started, "collector {which} did not start: {}", log().unwrap_or_default());
        collector
    }

    fn said(&self, arguments: &[&str]) -> String {
        let output = Command::new(program("rundgang-collector"))
            .args(arguments)
            .args(["--database", &self.database, "--data"])
            .arg(self.folder.path().join("0"))
            .output()
            .expect("the collector's command");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }
}

/// Whether the overview can be read.
fn shows_pages(address: &str) -> bool {
    let host = address.trim_end_matches('/');
    let mut stream = std::net::TcpStream::connect(host).expect("the pages");
    write!(stream, "GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("a question");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("a page");
    answer.starts_with("HTTP/1.1 200") && answer.contains("</html>")
}

/// A walk that saw these hosts.
fn spool_round(spool: &mut Spool, hosts: std::ops::RangeInclusive<u8>) {
    let at = now();
    let observation = |host: u8| Observation {
        subject: Subject::Device {
            ip: [10, 0, 0, host].into(),
            mac: Some((Mac([0x00, 0x25, 0x90, 0, 0, host]), MacProvenance::OwnReply)),
        },
        segment: "Verwaltung".to_owned(),
        at,
        probe: "sweep".to_owned(),
        fields: Fields::new().with(&HOST_FOUND_BY, Value::text("arp")),
    };
    let coverage = Coverage::whole("Verwaltung", "10.0.0.0/24", &["sweep"]);
    let observations = hosts.map(observation).collect();
    let round = Round { started: at, ended: at, observations, counts: Vec::new(), coverage: vec![coverage] };
    spool.append(&round, at).expect("a spooled round");
}

/// Delivers until nothing waits, over whichever collector answers.
async fn deliver(state: &Path) {
    let spool = SharedSpool::new(Spool::open(state, Bounds::default()).expect("a spool"));
    let (wishes, _wished) = mpsc::channel(8);
    let (_declare, segments) = watch::channel(rundgang_agent::uplink::Declared::default());
    let (_stop, stopped) = watch::channel(false);
    let uplink = Uplink { state: state.to_owned(), spool: spool.clone(), clock: clock(), segments, wishes };
    tokio::time::timeout(Duration::from_secs(60), uplink.drain(stopped))
        .await
        .expect("delivered within a minute")
        .expect("an uplink");
    assert_eq!(spool.with(|spool| spool.waiting()).await.expect("a spool"), 0);
}

/// Every device is there once, and so is every observation.
fn check_book(traeger: &Traeger, devices: usize) {
    let school = traeger.schools().expect("schools")[0].id;
    let assets = traeger.assets(Some(school), 0, 1000).expect("assets");
    assert_eq!(assets.len(), devices);
    let rebuilt = traeger.rebuild(school, now()).expect("a rebuild");
    assert_eq!((rebuilt.assets, rebuilt.observations), (devices, devices), "lost or doubled");
}

#[test]
fn the_other_collector_takes_over() {
    let database = match postgres_server::new_database() {
        // The rig names a socket's folder; the product wants a URL.
        Ok(address) => {
            let part = |name: &str| {
                address.split(' ').find_map(|word| word.strip_prefix(name)).unwrap_or_default().to_owned()
            };
            format!("postgres://{}@/{}?host={}", part("user="), part("dbname="), part("host="))
        }
        Err(reason) => return postgres_server::skip("failover::the_other_collector_takes_over", &reason),
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let free = || std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let (one, two) = (free(), free());
    let port = |listener: &std::net::TcpListener| listener.local_addr().expect("an address").port();
    let pair = Pair {
        folder: tempfile::tempdir().expect("a folder"),
        ports: [port(&one), port(&two)],
        database: database.clone(),
    };
    drop((one, two));

    let first = pair.start(0);
    // Collectors that share a database share the authority.
    std::fs::create_dir(pair.folder.path().join("1")).expect("a folder");
    std::fs::copy(pair.folder.path().join("0/authority.pem"), pair.folder.path().join("1/authority.pem"))
        .expect("the authority");
    let invitation = pair.said(&["invite", "--school", "Gesamtschule"]);
    let token = invitation.split_whitespace().skip_while(|word| *word != "--token").nth(1).expect("a token");
    let state = tempfile::tempdir().expect("a folder");
    let args = EnrolArgs {
        collector: format!("localhost:{}", pair.ports[0]),
        token: token.to_owned(),
        state: state.path().to_owned(),
        again: false,
    };
    runtime.block_on(enrol(&args, &clock())).expect("enrolled");
    let listed = Enrolment::load(state.path()).expect("an enrolment").collectors;
    assert_eq!(listed, pair.ports.map(|port| format!("localhost:{port}")), "the agent is told of both");

    let store = Store::open(&database).expect("the database");
    let traeger = store.traeger(store.all_traeger().expect("one")[0].id);
    let walked =
        |hosts| spool_round(&mut Spool::open(state.path(), Bounds::default()).expect("a spool"), hosts);
    let book = |devices| check_book(&traeger, devices);
    walked(1..=10);
    runtime.block_on(deliver(state.path()));
    book(10);

    // The first dies; what is spooled meanwhile goes to the second, confirmations of what the first took in included.
    drop(first);
    walked(1..=15);
    walked(5..=20);
    let second = pair.start(1);
    runtime.block_on(deliver(state.path()));
    book(20);

    // And back again.
    drop(second);
    let mut first = pair.start(0);
    walked(1..=25);
    runtime.block_on(deliver(state.path()));
    book(25);
    let agent = traeger.agents().expect("agents").remove(0);
    assert_eq!(agent.last_sequence, 4, "each walk is one batch, taken in once");
    let json = pair.said(&["assets", "--json"]);
    assert_eq!(json.lines().count(), 25);
    // It also ends in good order when told to.
    Command::new("kill").arg(first.0.id().to_string()).status().expect("kill");
    assert!(first.0.wait().expect("its end").success());
    let log = std::fs::read_to_string(pair.folder.path().join("0.log")).expect("its log");
    assert!(!log.contains("internal error"), "{log}");
}
