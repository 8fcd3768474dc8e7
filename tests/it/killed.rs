//! kill -9 of a real `rundgang-agent run`, in mid-walk and in mid-stream, again and again: what a collector acknowledged is
//! never lost, and nothing is there twice.
//!
//! Everything stands on loopback: a real collector, an agent enrolled over real mTLS, pages for it to walk, and between the
//! two a relay that counts the octets, so that the kill comes at a chosen place in the stream.

mod relay;

use crate::{bad_input::Collector, lab::program};
use relay::Relay;
use rundgang_agent::spool::{Bounds, Spool};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead as _, BufReader},
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
};

/// Pages to walk, each on an address of its own: enough for a stream of several batches.
const HOSTS: u8 = 180;
/// The ports they may answer on, of those that a walk tries: the first that is free on this machine.
const PORTS: [u16; 2] = [8080, 80];
/// Nothing here takes longer, even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);

/// Where the agent is killed.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// In the midst of a walk, so many pages read.
    Walking(u32),
    /// Right after the walk was written to disk, before or while the first octets leave.
    Spooled,
    /// So many octets into what is sent to the collector after the start, handshake included.
    Sent(i64),
    /// The same after a walk: what is on its way is new.
    Walked(i64),
    /// The collector has everything of that, and its answer never arrives.
    Unanswered(i64),
}

const POINTS: &[Point] = &[
    Point::Walking(40),
    Point::Walked(9_000),
    Point::Sent(7_000),
    Point::Unanswered(20_000),
    Point::Sent(30_000),
    Point::Spooled,
    Point::Unanswered(12_000),
    Point::Walked(25_000),
    Point::Sent(15_000),
];

/// The pages: each tells its address and the state it is in, so that every walk sees every page changed.
struct Pages {
    state: AtomicU32,
    /// Told once for each page that was read.
    read: Sender<()>,
}

impl Pages {
    fn open(runtime: &Runtime) -> (Arc<Self>, Receiver<()>) {
        let (read, told) = mpsc::channel();
        let pages = Arc::new(Self { state: AtomicU32::new(0), read });
        let on = |port: u16| {
            let bind = |host: u8| runtime.block_on(TcpListener::bind((address(host), port)));
            (1..=HOSTS).map(bind).collect::<std::io::Result<Vec<TcpListener>>>()
        };
        let listeners = PORTS.into_iter().find_map(|port| on(port).ok()).expect("a port for the pages");
        for (host, listener) in (1..=HOSTS).zip(listeners) {
            let pages = pages.clone();
            runtime.spawn(async move {
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(pages.clone().answer(stream, host));
                }
            });
        }
        (pages, told)
    }

    async fn answer(self: Arc<Self>, mut stream: TcpStream, host: u8) {
        let mut question = [0; 2048];
        let read = stream.read(&mut question).await;
        let body =
            format!("<title>Page {host} in state {}</title>", self.state.load(Ordering::SeqCst)).into_bytes();
        let head = format!(
            "HTTP/1.1 200 OK\r\nServer: page\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        if read.is_ok() && stream.write_all(&[head.as_bytes(), &body].concat()).await.is_ok() {
            self.read.send(()).ok();
        }
    }
}

/// A page's address, in a network of loopback that no other run uses.
fn address(host: u8) -> Ipv4Addr {
    let network = u8::try_from(std::process::id() % 200).expect("an octet");
    Ipv4Addr::new(127, 2 + network, 0, host)
}

/// A real agent process and what it says.
struct Agent {
    child: Child,
    said: Receiver<String>,
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Agent {
    fn hear(&self, words: &str) {
        loop {
            let line = self.said.recv_timeout(PATIENCE);
            if line.unwrap_or_else(|_| panic!("the agent never said '{words}'")).contains(words) {
                return;
            }
        }
    }
}

struct Stand {
    folder: PathBuf,
    relay: Relay,
    pages: Arc<Pages>,
    read: Receiver<()>,
}

impl Stand {
    fn agent(&self, more: &[&str]) -> Agent {
        let file = |name: &str| self.folder.join(name);
        let mut child = Command::new(program("rundgang-agent"))
            .args(["run", "--state"])
            .arg(file("state"))
            .arg("--scope-file")
            .arg(file("scope.toml"))
            .arg("--credentials")
            .arg(file("none"))
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the agent");
        let (tell, said) = mpsc::channel();
        let lines = BufReader::new(child.stderr.take().expect("its words")).lines();
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(|line| drop(tell.send(line))));
        Agent { child, said }
    }

    fn said(&self, arguments: &[&str]) -> String {
        let mut command = Command::new(program("rundgang-collector"));
        let output = command.args(arguments).arg("--data").arg(self.folder.join("data")).output();
        let output = output.expect("the collector's command");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Starts the agent with every page changed, kills it at a point, and looks at both sides.
    fn kill_at(&self, point: Point) {
        self.pages.state.fetch_add(1, Ordering::SeqCst);
        while self.read.try_recv().is_ok() {}
        self.said(&["walk-now", "1"]);
        match point {
            Point::Sent(octets) => self.relay.allow(octets, false),
            _ => self.relay.allow(i64::MAX, false),
        }
        let agent = self.agent(&[]);
        if matches!(point, Point::Walked(_) | Point::Unanswered(_)) {
            // Else a quick agent has sent all of the walk before anybody counts.
            self.read.recv_timeout(PATIENCE).expect("a walk that has begun");
            self.relay.hold();
        }
        if matches!(point, Point::Spooled | Point::Walked(_) | Point::Unanswered(_)) {
            agent.hear("a walk has ended and is on disk");
        }
        match point {
            Point::Walking(pages) => {
                (0..pages).for_each(|_| self.read.recv_timeout(PATIENCE).expect("a page that is read"));
            }
            Point::Spooled => {}
            Point::Sent(_) => self.enough(point),
            Point::Walked(octets) | Point::Unanswered(octets) => {
                self.relay.allow(octets, matches!(point, Point::Unanswered(_)));
                self.enough(point);
            }
        }
        drop(agent);
        let waiting = Spool::open(&self.folder.join("state"), Bounds::default())
            .and_then(|spool| Ok((spool.next_after(0)?.map(|batch| batch.sequence), spool.last_sequence()?)));
        let (first_waiting, last) = waiting.expect("a sound spool");
        let committed = self.committed();
        assert!(
            first_waiting.unwrap_or(last + 1) <= committed + 1,
            "{point:?}: acknowledged before commit: spooled to {last}, committed to {committed}, first waiting {first_waiting:?}"
        );
    }

    fn enough(&self, point: Point) {
        self.relay.enough.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{point:?} was never reached"));
    }

    fn book(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.join("data/rundgang.sqlite")).expect("the book")
    }

    /// The last batch that the collector has.
    fn committed(&self) -> u64 {
        let sql = "SELECT coalesce(max(sequence), 0) FROM batch";
        self.book().query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number").unsigned_abs()
    }

    /// Every statement in the book: its place in the agent's sequence, whom it is about, and what it says.
    fn statements(&self) -> BTreeMap<(i64, i64), [String; 3]> {
        let book = self.book();
        let sql = "SELECT sequence, position, ip, probe, fields FROM observation";
        let mut rows = book.prepare(sql).expect("statements");
        let row = |row: &rusqlite::Row<'_>| {
            Ok(((row.get(0)?, row.get(1)?), [row.get(2)?, row.get(3)?, row.get(4)?]))
        };
        rows.query_map([], row).and_then(Iterator::collect).expect("statements")
    }
}

/// A collector, an agent enrolled with it through the relay, and a scope of the pages alone.
fn set_up(runtime: &Runtime, folder: &Path) -> (Collector, Stand) {
    let collector = crate::bad_input::serve(&folder.join("data"));
    let relay = Relay::open(runtime, collector.port());
    let (pages, read) = Pages::open(runtime);
    let stand = Stand { folder: folder.to_owned(), relay, pages, read };
    let through = format!("localhost:{}", stand.relay.port);
    let invitation = stand.said(&["invite", "--school", "Schule", "--collector", &through]);
    let token = invitation.split_whitespace().skip_while(|word| *word != "--token").nth(1).expect("a token");
    let enrolled = Command::new(program("rundgang-agent"))
        .args(["enrol", "--collector", &through, "--token", token, "--state"])
        .arg(folder.join("state"))
        .output()
        .expect("the agent");
    assert!(enrolled.status.success(), "{}", String::from_utf8_lossy(&enrolled.stderr));
    let network = address(0);
    let scope = format!(
        "[[network]]\nname = \"Schleife\"\nnetwork = \"{network}/24\"\nclass = \"infrastructure\"\npace = \"max\"\nauthorised_by = \"Test\"\nlegal_basis = \"Test\"\nstaff_council = \"2026-01-01\"\n"
    );
    fs::write(folder.join("scope.toml"), scope).expect("a scope file");
    (collector, stand)
}

#[test]
fn nothing_acknowledged_is_lost_and_nothing_is_doubled() {
    let runtime = Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let (_collector, stand) = set_up(&runtime, folder.path());
    // The long run asks for more.
    let kills = std::env::var("RUNDGANG_KILLS").ok().and_then(|number| number.parse().ok());
    let mut kept = BTreeMap::new();
    for point in POINTS.iter().cycle().take(kills.unwrap_or(POINTS.len())) {
        stand.kill_at(*point);
        let now = stand.statements();
        for (place, said) in &kept {
            assert_eq!(now.get(place), Some(said), "{point:?}: lost or changed after it was taken in");
        }
        kept = now;
    }
    // In peace at last: one walk, everything delivered.
    stand.relay.allow(i64::MAX, false);
    stand.pages.state.fetch_add(1, Ordering::SeqCst);
    let mut last = stand.agent(&["--once"]);
    assert!(last.child.wait().expect("its end").success(), "{:?}", last.said.iter().collect::<Vec<_>>());
    everything_is_there_once(&stand, &kept);
}

fn everything_is_there_once(stand: &Stand, kept: &BTreeMap<(i64, i64), [String; 3]>) {
    let state = stand.pages.state.load(Ordering::SeqCst);
    let statements = stand.statements();
    assert!(kept.iter().all(|(place, said)| statements.get(place) == Some(said)), "lost at the end");
    // In the order of the agent's sequence nothing is said twice of the same host: that would be a doubled delivery.
    let mut latest: BTreeMap<[&String; 2], &String> = BTreeMap::new();
    for ((sequence, position), [ip, probe, fields]) in &statements {
        let before = latest.insert([ip, probe], fields);
        assert_ne!(before, Some(fields), "{ip} {probe} is doubled at {sequence}/{position}");
    }
    let stale: Vec<&String> = latest
        .iter()
        .filter(|([_, probe], fields)| *probe == "http" && !fields.contains(&format!("in state {state}<")))
        .filter(|(_, fields)| !fields.contains(&format!("in state {state}\"")))
        .map(|([ip, _], _)| *ip)
        .collect();
    assert!(stale.is_empty(), "not in their last state: {stale:?}");
    let walked: BTreeSet<String> = (1..=HOSTS).map(|host| address(host).to_string()).collect();
    let told: BTreeSet<String> =
        latest.keys().filter(|[_, probe]| *probe == "http").map(|[ip, _]| (*ip).clone()).collect();
    assert_eq!(told, walked, "pages in the book");
    let assets: Vec<serde_json::Value> = stand
        .said(&["assets", "--json"])
        .lines()
        .map(|line| serde_json::from_str(line).expect("a JSON line"))
        .collect();
    let addresses: BTreeSet<&str> = assets.iter().filter_map(|asset| asset["address"].as_str()).collect();
    assert_eq!((assets.len(), addresses.len()), (walked.len(), walked.len()), "each device once");
}
