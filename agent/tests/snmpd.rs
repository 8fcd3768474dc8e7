//! The SNMP probes against a real net-snmp agent on loopback: v2c, v3 with two sets of protocols, and refusals.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that fails loudly and says why it skips"
)]

use rundgang_agent::{
    probe::{Host, Input, Probe, Settings, SnmpCredential, SnmpSecret, Step},
    probes,
};
use rundgang_inventory::{Fields, Kind, Value, vocabulary as v};
use std::{
    net::{SocketAddr, UdpSocket},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

const SNMPD: &str = "/usr/sbin/snmpd";
/// What the agent under test is told; `createUser` must stand in this file, since -C ignores the persistent one.
const CONFIGURATION: &str = "\
rocommunity walk-only 127.0.0.1
sysName sw-keller
sysLocation Keller, Raum 0.03
sysContact it@schule.example
sysObjectID 1.3.6.1.4.1.2356.11.8.1
createUser old SHA correct-horse AES battery-staple
createUser new SHA-256 correct-horse AES-256 battery-staple
createUser plain SHA-512 correct-horse
rouser old authpriv
rouser new authpriv
rouser plain authnopriv
";

/// A running snmpd; it ends with the test.
struct Snmpd {
    process: Child,
    address: SocketAddr,
    _directory: tempfile::TempDir,
}

impl Drop for Snmpd {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

/// A socket of the test itself, on loopback and with a bounded patience.
#[allow(clippy::disallowed_methods, reason = "the test plays the runner towards its own daemon on loopback")]
fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_read_timeout(Some(Duration::from_millis(600))).unwrap();
    socket
}

/// Says that a test is skipped and why; `tests/run` collects and counts these lines.
fn skip(test: &str, reason: &str) {
    use std::io::Write as _;
    println!("skipped {test}: {reason}");
    if let Some(list) = std::env::var_os("RUNDGANG_SKIPPED") {
        let mut list = std::fs::OpenOptions::new().create(true).append(true).open(list).unwrap();
        writeln!(list, "skipped {test}: {reason}").unwrap();
    }
}

fn start() -> Option<Snmpd> {
    if !Path::new(SNMPD).exists() {
        skip(
            "a_real_agent_is_read_and_its_refusals_are_told",
            "snmpd is not installed (Debian package snmpd)",
        );
        return None;
    }
    // snmpd cannot say which port it got, so a free one is chosen for it.
    let address = socket().local_addr().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("snmpd.conf");
    std::fs::write(&file, CONFIGURATION).unwrap();
    let process = Command::new(SNMPD)
        .args(["-f", "-Lf", "/dev/null", "-C", "-c"])
        .arg(&file)
        .arg("-p")
        .arg(directory.path().join("pid"))
        .arg(format!("udp:{address}"))
        .env("MIBS", "")
        .env("MIBDIRS", "/nonexistent")
        .env("SNMP_PERSISTENT_DIR", directory.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    Some(Snmpd { process, address, _directory: directory })
}

impl Snmpd {
    /// Waits until the daemon answers: asks with each time-out of the socket, a bounded number of times.
    fn ready(&self) {
        let secret = SnmpSecret::V2c("walk-only".to_owned());
        let answered = (0..40).any(|_| !self.walk("snmp", &host(Fields::new()), secret.clone()).is_empty());
        assert!(answered, "snmpd does not answer on {}", self.address);
    }

    /// Runs one conversation with this one credential.
    fn walk(&self, probe: &str, host: &Host, secret: SnmpSecret) -> Fields {
        let probe: &Probe = probes::ALL.iter().find(|known| known.name == probe).unwrap();
        let credential = SnmpCredential { label: "school".to_owned(), networks: vec![], secret };
        let settings = Settings { snmp: vec![credential], ..Settings::default() };
        let plans = (probe.plan)(host, &settings);
        let mut conversation = (probe.start)(host, &plans[0], &settings, 0x0123_4567_89ab_cdef);
        let socket = socket();
        let mut buffer = vec![0; 65_535];
        let mut step = conversation.step(Input::Connected);
        loop {
            match step {
                Step::Send(bytes) => drop(socket.send_to(&bytes, self.address).unwrap()),
                Step::Receive => {}
                Step::Done(harvest) => {
                    return harvest.0.into_iter().next().map(|(_, f)| f).unwrap_or_default();
                }
                other => panic!("an SNMP probe does not do {other:?}"),
            }
            step = match socket.recv_from(&mut buffer) {
                Ok((length, from)) => conversation.step(Input::Received { from, bytes: &buffer[..length] }),
                Err(_) => conversation.step(Input::Silent),
            };
        }
    }
}

fn host(fields: Fields) -> Host {
    Host { ip: "127.0.0.1".parse().unwrap(), mac: None, fields, kind: Some(Kind::Server) }
}

fn user(name: &str, auth: Option<(&str, &str)>, privacy: Option<(&str, &str)>) -> SnmpSecret {
    let own = |(protocol, phrase): (&str, &str)| (protocol.to_owned(), phrase.to_owned());
    SnmpSecret::V3 { user: name.to_owned(), auth: auth.map(own), privacy: privacy.map(own) }
}

#[test]
fn a_real_agent_is_read_and_its_refusals_are_told() {
    let Some(snmpd) = start() else { return };
    snmpd.ready();

    let read = [
        ("v2c", SnmpSecret::V2c("walk-only".to_owned())),
        ("v1", SnmpSecret::V1("walk-only".to_owned())),
        ("v3", user("old", Some(("sha1", "correct-horse")), Some(("aes128", "battery-staple")))),
        ("v3", user("new", Some(("sha256", "correct-horse")), Some(("aes256", "battery-staple")))),
        ("v3", user("plain", Some(("sha512", "correct-horse")), None)),
    ];
    for (version, secret) in read {
        let fields = snmpd.walk("snmp", &host(Fields::new()), secret.clone());
        assert_eq!(fields.text(&v::SNMP_VERSION), Some(version), "{fields:?}");
        assert_eq!(fields.text(&v::SNMP_SYS_NAME), Some("sw-keller"), "{version}");
        assert_eq!(fields.text(&v::SNMP_SYS_LOCATION), Some("Keller, Raum 0.03"), "{version}");
        assert_eq!(fields.text(&v::SNMP_SYS_OBJECT_ID), Some("1.3.6.1.4.1.2356.11.8.1"), "{version}");
        assert_eq!(fields.get(&v::SNMP_ENGINE_ID).is_some(), version == "v3", "{version}");
        assert_eq!(fields.get(&v::SNMP_CREDENTIAL_ERROR), None, "{version}");

        let walked = snmpd.walk("snmp-walk", &host(fields), secret);
        let Some(Value::Table(rows)) = walked.get(&v::SNMP_INTERFACES) else {
            panic!("{version}: no interfaces in {walked:?}");
        };
        let loopback = rows.iter().any(|row| row.get("descr") == Some(&Value::text("lo")));
        assert!(loopback, "{version}: {rows:?}");
    }

    let refused = [
        (user("nobody", Some(("sha1", "correct-horse")), None), "school: unknown user name"),
        (user("plain", Some(("sha512", "wrong-horse-123")), None), "school: wrong digest"),
        (user("plain", Some(("sha256", "correct-horse")), None), "school: wrong digest"),
        (
            user("plain", Some(("sha512", "correct-horse")), Some(("aes128", "battery-staple"))),
            "school: unsupported security level",
        ),
        (user("old", Some(("sha1", "correct-horse")), None), "school: authorization error"),
    ];
    for (secret, why) in refused {
        let fields = snmpd.walk("snmp", &host(Fields::new()), secret);
        assert_eq!(fields.text(&v::SNMP_CREDENTIAL_ERROR), Some(why), "{fields:?}");
        assert!(fields.get(&v::SNMP_ENGINE_ID).is_some(), "the device is there and says who it is");
        assert_eq!(fields.get(&v::SNMP_VERSION), None);
    }

    let wrong_privacy = user("old", Some(("sha1", "correct-horse")), Some(("aes128", "wrong-staple-123")));
    let fields = snmpd.walk("snmp", &host(Fields::new()), wrong_privacy);
    let why = fields.text(&v::SNMP_CREDENTIAL_ERROR).unwrap_or_default();
    assert!(why.starts_with("school: "), "{fields:?}");

    let community = SnmpSecret::V2c("not-this-one".to_owned());
    assert!(
        snmpd.walk("snmp", &host(Fields::new()), community).is_empty(),
        "silence is all a wrong community gets"
    );
}
