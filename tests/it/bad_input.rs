//! Bad input, point by point: one line on standard error that says what to do, an exit status that is not zero, and
//! nothing lost.

use crate::lab::program;
use rundgang_collector::{
    Clock,
    serve::{Running, Settings},
};
use rundgang_inventory::Timestamp;
use rundgang_tests::{school::play, skip::skip};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

/// A program with its arguments.
fn run(name: &str, arguments: &[&str]) -> Output {
    Command::new(program(name)).args(arguments).output().expect("the program runs")
}

/// The one line that a refusal consists of.
fn refused(what: &str, output: &Output, expected: &str) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    // What the log tells on the way is no part of the error; each of its lines begins with the time.
    let is_logged = |line: &&str| line.trim_start_matches("\u{1b}[2m").starts_with("20");
    let lines: Vec<&str> = text.lines().filter(|line| !is_logged(line)).collect();
    assert!(!output.status.success(), "{what} was taken: {text}");
    assert_eq!(lines.len(), 1, "{what}: one line, not: {text}");
    assert!(lines[0].contains(expected), "{what}: {} does not say '{expected}'", lines[0]);
    assert!(output.stdout.is_empty(), "{what} printed something");
}

const NETWORK: &str = "[[network]]\nname = \"A\"\nnetwork = \"10.0.0.0/24\"\n";

#[test]
fn scope_files_and_flags() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scope.toml");
    let path = file.display().to_string();
    let check = |text: &str, expected: &str| {
        fs::write(&file, text).expect("a scope file");
        for command in ["show-scope", "explain"] {
            refused(text, &run("rundgang-agent", &[command, "--file", &path]), expected);
        }
    };
    check(&format!("{NETWORK}netwrok = 1\n"), "netwrok");
    check("[[netzwerk]]\nname = \"A\"\n", "netzwerk");
    check("no toml at all", "line 1");
    check("", "no network is in scope");
    check(&format!("{NETWORK}class = \"guest\"\n"), "guest");
    check(&format!("{NETWORK}groups = [\"telnet-login\"]\n"), "telnet-login");
    check(&format!("{NETWORK}window = \"evening\"\n"), "evening");
    check(&format!("{NETWORK}staff_council = \"soon\"\n"), "soon");
    check(&format!("{NETWORK}pace = \"max\"\n"), "authorised_by");
    let other = "[[network]]\nname = \"B\"\nnetwork = \"10.0.0.128/25\"\n";
    check(&format!("{NETWORK}{other}"), "10.0.0.128/25");
    check(&format!("{NETWORK}{}", other.replace("\"B\"", "\"A\"").replace("0.128", "9.128")), "'A'");
    for (network, expected) in [
        ("10.0.0.0/8", "wider than /16"),
        ("0.0.0.0/0", "wider than /16"),
        ("::/0", "wider than /48"),
        ("224.0.0.0/24", "no addresses of hosts"),
        ("8.8.8.0/24", "public"),
        ("fe80::/64", "interface"),
        ("10.0.0.0/33", "10.0.0.0/33"),
        ("school", "school"),
    ] {
        refused(network, &run("rundgang-agent", &["walk", "--scope", network]), expected);
    }
    let missing = folder.path().join("none.toml").display().to_string();
    refused("no file", &run("rundgang-agent", &["show-scope", "--file", &missing]), "none.toml");
    let overlapping = ["walk", "--scope", "10.0.0.0/24", "10.0.0.0/25"];
    refused("overlapping flags", &run("rundgang-agent", &overlapping), "10.0.0.0/25");
    refused("an absurd domain", &run("rundgang-agent", &["walk", "--domain", "no domain"]), "no domain");
}

/// A collector of its own on loopback, ended with the test.
pub(crate) struct Collector {
    child: Child,
    grpc: String,
}

impl Collector {
    /// The port for agents.
    pub(crate) fn port(&self) -> u16 {
        self.grpc.rsplit(':').next().and_then(|port| port.parse().ok()).expect("its port")
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(crate) fn serve(data: &Path) -> Collector {
    use std::io::BufRead as _;
    let mut child = Command::new(program("rundgang-collector"))
        .args(["serve", "--grpc", "127.0.0.1:0", "--web", "127.0.0.1:0", "--name", "localhost", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a collector");
    let out = std::io::BufReader::new(child.stdout.take().expect("its output"));
    let mut lines = out.lines().map_while(Result::ok);
    let line = lines.find(|line| line.starts_with("Agents:")).expect("a collector that starts");
    let port = line.split([':', ' ']).find_map(|word| word.parse::<u16>().ok()).expect("its port");
    Collector { child, grpc: format!("localhost:{port}") }
}

fn token(data: &Path) -> String {
    let data = data.display().to_string();
    let output = run("rundgang-collector", &["invite", "--school", "Schule", "--data", &data]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.split_whitespace().skip_while(|word| *word != "--token").nth(1).expect("a token").to_owned()
}

#[test]
fn tokens_and_authorities() {
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, other) = (folder.path().join("ours"), folder.path().join("other"));
    let (collector, foreign) = (serve(&ours), serve(&other));
    let state = folder.path().join("agent").display().to_string();
    let second = folder.path().join("second").display().to_string();
    let enrol = |collector: &str, token: &str, state: &str| {
        run("rundgang-agent", &["enrol", "--collector", collector, "--token", token, "--state", state])
    };
    let good = token(&ours);
    refused("no token", &enrol(&collector.grpc, "rdg1.nonsense", &state), "invitation token");
    refused("another collector", &enrol(&foreign.grpc, &good, &state), "is not the collector that this box");
    refused("no collector", &enrol("127.0.0.1:1", &good, &state), "cannot be reached");
    refused("no address", &enrol("collector", &good, &state), "write HOST:PORT");
    assert!(enrol(&collector.grpc, &good, &state).status.success(), "nothing of that used up the token");
    let late = token(&ours);
    let book = rusqlite::Connection::open(ours.join("rundgang.sqlite")).expect("the book");
    let age = "UPDATE invitation SET expires_at = created_at - 1 WHERE used_at IS NULL";
    assert_eq!(book.execute(age, []).expect("an older invitation"), 1);
    let said = enrol(&collector.grpc, &late, &second);
    refused("an expired token", &said, "expired at");
    refused("an expired token", &said, "make a new invitation");
    refused("a used token", &enrol(&collector.grpc, &good, &second), "used before");
    refused("enrolled already", &enrol(&collector.grpc, &token(&ours), &state), "enrolled already");
    // Nor does an agent that is not enrolled run, pause or export.
    let nowhere = folder.path().join("nowhere").display().to_string();
    refused("no enrolment", &run("rundgang-agent", &["export", "x", "--state", &second]), "not enrolled yet");
    refused("no state", &run("rundgang-agent", &["resume", "--state", &nowhere]), "--state DIR");
    let credentials = folder.path().join("credentials.toml");
    fs::write(&credentials, "[[snmp]]\nlabel = \"A\"\nnetworks = [\"10.0.0.0/24\"]\npasswort = \"x\"\n")
        .expect("a file");
    let credentials = credentials.display().to_string();
    let output = run("rundgang-agent", &["run", "--once", "--state", &state, "--credentials", &credentials]);
    refused("an unknown key in the credentials", &output, "credentials.toml");
}

/// A collector of the library, on a chosen port and with a clock that goes wrong by so many years.
fn with_clock(runtime: &tokio::runtime::Runtime, data: &Path, port: u16, years: i64) -> Running {
    let clock: Clock = std::sync::Arc::new(move || {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
        Timestamp(i64::try_from(since.as_millis()).expect("a date")).plus_days(years * 366)
    });
    let grpc = std::net::SocketAddr::from(([127, 0, 0, 1], port));
    let settings = Settings { grpc, ..Settings::on_loopback(data.to_owned()) };
    runtime.block_on(rundgang_collector::serve::start(&settings, clock)).expect("a collector")
}

/// An agent that is enrolled meets nobody, a collector of another authority, a wrong clock and a spool of a newer agent. What it has
/// seen waits, and arrives when the fault is mended.
#[test]
fn an_enrolled_agent_says_what_to_mend_and_loses_nothing() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str| folder.path().join(name).display().to_string();
    let (ours, other) = (folder.path().join("ours"), folder.path().join("other"));
    let collector = serve(&ours);
    let (port, state) = (collector.port(), file("state"));
    let enrol = ["enrol", "--collector", &collector.grpc, "--token", &token(&ours), "--state", &state];
    assert!(run("rundgang-agent", &enrol).status.success());
    let scope = "[[network]]\nname = \"A\"\nnetwork = \"127.0.0.1/32\"\nclass = \"infrastructure\"\nauthorised_by = \"A\"\nlegal_basis = \"B\"\nstaff_council = \"2026-01-01\"\n";
    fs::write(folder.path().join("scope.toml"), scope).expect("a scope file");
    let (scope, none) = (file("scope.toml"), file("none"));
    let once = ["run", "--once", "--state", &state, "--scope-file", &scope, "--credentials", &none];

    drop(collector);
    let said = run("rundgang-agent", &once);
    refused("nobody there", &said, "cannot be reached");
    refused("nobody there", &said, "the walk is on disk, 1 batch waits for a collector: `run` or `export`");
    assert_eq!(said.status.code(), Some(4), "scripts tell it from a walk that failed");
    let foreign = with_clock(&runtime, &other, port, 0);
    refused("another authority", &run("rundgang-agent", &once), "its authority is another one");
    runtime.block_on(foreign.stop());
    let early = with_clock(&runtime, &ours, port, 20);
    let said = run("rundgang-agent", &once);
    refused("a wrong clock", &said, "the clock of this box");
    refused("a wrong clock", &said, "set the clock (NTP)");
    let fresh = file("fresh");
    let enrol =
        ["enrol", "--collector", &format!("localhost:{port}"), "--token", &token(&ours), "--state", &fresh];
    refused("a wrong clock at first", &run("rundgang-agent", &enrol), "set the clock (NTP)");
    runtime.block_on(early.stop());

    let spool = folder.path().join("state/spool.sqlite");
    let version = |version: i64| {
        let spool = rusqlite::Connection::open(&spool).expect("the spool");
        let before = spool.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
        spool.pragma_update(None, "user_version", version).expect("another version");
        before.expect("a version")
    };
    let known = version(9999);
    let carried = file("carried");
    for command in [&once[..], &["export", &carried, "--state", &state]] {
        refused("a newer spool", &run("rundgang-agent", command), "by a newer agent (version 9999");
    }
    version(known);

    // The three walks that could not be delivered arrive with the fourth.
    let mended = with_clock(&runtime, &ours, port, 0);
    let last = run("rundgang-agent", &once);
    assert!(last.status.success(), "{}", String::from_utf8_lossy(&last.stderr));
    let book = rusqlite::Connection::open(ours.join("rundgang.sqlite")).expect("the book");
    let count = |sql: &str| book.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("a number");
    assert_eq!(count("SELECT count(*) FROM batch"), 4, "walks that arrived");
    assert_eq!(count("SELECT count(*) FROM coverage"), 4, "rounds that arrived");
    runtime.block_on(mended.stop());
}

#[test]
fn ports_directories_and_databases() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let shown = data.display().to_string();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").to_string();
    let serve_with = |more: &[&str]| {
        run("rundgang-collector", &[&["serve", "--data", &shown, "--name", "localhost"], more].concat())
    };
    refused("a port in use", &serve_with(&["--grpc", &port, "--web", "127.0.0.1:0"]), "the port is in use");
    refused("the other one", &serve_with(&["--grpc", "127.0.0.1:0", "--web", &port]), "choose another --web");
    refused("open pages", &serve_with(&["--web", "0.0.0.0:0"]), "--web-token-file");
    refused("no URL", &serve_with(&["--database", "host=db.example"]), "postgres://");
    let remote = "postgres://rundgang@db.example/rundgang";
    refused("another machine without TLS", &serve_with(&["--database", remote]), "sslrootcert=FILE");
    fs::write(folder.path().join("file"), "").expect("a file");
    let file = folder.path().join("file/data").display().to_string();
    refused("no directory", &run("rundgang-collector", &["serve", "--data", &file]), "the data directory");

    // A database of a newer version is left as it is.
    run("rundgang-collector", &["agents", "--data", &shown]);
    let book = data.join("rundgang.sqlite");
    let raise = "INSERT INTO schema_version (version, name) VALUES (9999, 'tomorrow')";
    rusqlite::Connection::open(&book).expect("the book").execute(raise, []).expect("a higher version");
    let local = ["--grpc", "127.0.0.1:0", "--web", "127.0.0.1:0"];
    refused("a newer database", &serve_with(&local), "schema version 9999");
    fs::write(
        &book,
        b"this is no database, and it is longer than a header of one hundred octets. ".repeat(9),
    )
    .expect("a broken book");
    for ending in ["-wal", "-shm"] {
        fs::remove_file(data.join(format!("rundgang.sqlite{ending}"))).ok();
    }
    refused("a broken database", &serve_with(&local), "rundgang.sqlite");
}

/// A real small disk, in a mount namespace of its own, filled to its last block.
#[test]
fn a_full_disk() {
    if let Some(reason) = play::cannot_play() {
        return skip("bad_input::a_full_disk", &reason);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let small = folder.path().join("small");
    fs::create_dir(&small).expect("a folder");
    let on_small = |script: &str| {
        let output = Command::new("unshare")
            .args(["--mount", "--net", "timeout", "120", "sh", "-c"])
            .arg(format!(
                "ip link set lo up; mount -t tmpfs -o size=2m none {0} && cd {0} && {script}",
                small.display()
            ))
            .env("AGENT", program("rundgang-agent"))
            .env("COLLECTOR", program("rundgang-collector"))
            .output();
        output.expect("a namespace")
    };
    let fill = "(dd if=/dev/zero of=filler bs=1k 2>/dev/null; true)";
    let serve = "$COLLECTOR serve --name localhost --data data --grpc 127.0.0.1:0 --web 127.0.0.1:0";
    refused("a collector's full disk", &on_small(&format!("{fill} && {serve}")), "full");
    // The book stays whole, and goes on when there is room again.
    let afterwards = on_small(&format!(
        "mkfifo said && {{ {serve} >said & }} && head -n 1 said >/dev/null && kill $! && {{ wait; true; }} &&
         $COLLECTOR invite --school A --collector x:1 --data data >/dev/null && {fill} &&
         ($COLLECTOR invite --school B --collector x:1 --data data >/dev/null 2>{why}; test $? -ne 0) &&
         rm filler && test $(wc -l <{why}) = 1 && grep -q full {why} &&
         $COLLECTOR invite --school C --collector x:1 --data data && $COLLECTOR agents --data data",
        why = folder.path().join("why").display()
    ));
    let said = String::from_utf8_lossy(&afterwards.stdout).into_owned()
        + &String::from_utf8_lossy(&afterwards.stderr);
    let why = fs::read_to_string(folder.path().join("why")).unwrap_or_default();
    assert!(afterwards.status.success() && said.contains("NUMBER"), "{said}{why}");

    // The agent: what is spooled stays, the walk that found no room says so, and the next one is kept.
    let scope = "[[network]]\nname = \"A\"\nnetwork = \"127.0.0.1/32\"\nclass = \"infrastructure\"\nauthorised_by = \"A\"\nlegal_basis = \"B\"\nstaff_council = \"2026-01-01\"\n";
    fs::write(folder.path().join("scope.toml"), scope).expect("a scope file");
    let agent = on_small(&format!(
        "mkdir {out} && mkfifo {out}/said &&
         ($COLLECTOR serve --data {out} --grpc 127.0.0.1:7443 --web 127.0.0.1:0 --name localhost >{out}/said 2>/dev/null & echo $! >{out}/pid) &&
         head -n 1 {out}/said >/dev/null &&
         token=$($COLLECTOR invite --school A --data {out} | grep -o 'rdg1[^ ]*') &&
         ({fill}; $AGENT enrol --collector localhost:7443 --token $token --state state 2>why; test $? -ne 0) &&
         test $(wc -l <why || echo 1) -le 1 && rm -rf filler state why &&
         $AGENT enrol --collector localhost:7443 --token $token --state state >/dev/null &&
         $AGENT run --once --state state --scope-file {scope} --credentials none 2>/dev/null &&
         {fill} &&
         ($AGENT run --once --state state --scope-file {scope} --credentials none 2>{out}/why; test $? -ne 0) &&
         grep -c 'rundgang-agent: ' {out}/why && grep -q 'disk.*full' {out}/why && rm filler &&
         $AGENT run --once --state state --scope-file {scope} --credentials none 2>/dev/null &&
         kill $(cat {out}/pid) && $COLLECTOR assets --json --data {out}",
        out = folder.path().join("out").display(),
        scope = folder.path().join("scope.toml").display(),
    ));
    let said = String::from_utf8_lossy(&agent.stdout).into_owned();
    let why = fs::read_to_string(folder.path().join("out/why")).unwrap_or_default();
    assert!(agent.status.success(), "{said}{}{why}", String::from_utf8_lossy(&agent.stderr));
    assert!(said.starts_with("1\n"), "one line that says why: {why}");
}
