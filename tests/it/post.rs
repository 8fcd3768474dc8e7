//! What the collector sends by itself, against a real mail server with sign-in and a real web server.

mod reminder;

use rundgang_collector::post::Post;
use rundgang_inventory::{Role, Timestamp, Zone};
use rundgang_store::{DocumentedSystem, NewAccount, NewSchool, PostSettings, Store, Traeger};
use rundgang_tests::{school::play::cannot_run, skip::skip};
use std::{
    fs,
    io::{Read, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

const SERVERS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/it/post/servers.sh");
const PROGRAMS: [&str; 6] = ["dovecot", "ip", "nginx", "openssl", "postfix", "unshare"];
/// Where the inner half finds its folder.
const FOLDER: &str = "RUNDGANG_POST_FOLDER";

/// Runs the inner half of a test beside the servers, in a place of their own; the folder with their logs, unless this is
/// that half, or nothing of it can run here.
fn beside_servers(test: &str, inside: fn(&Path)) -> Option<tempfile::TempDir> {
    if let Some(reason) = cannot_run(&PROGRAMS) {
        skip(test, &reason);
        return None;
    }
    // The test starts itself once more, in the place that it makes.
    if let Some(place) = std::env::var_os(FOLDER) {
        inside(Path::new(&place));
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("postfix may write there");
    let run = Command::new("timeout")
        .args(["120", "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL", "--uts"])
        .args(["--mount-proc", "bash", SERVERS])
        .arg(folder.path())
        .arg(std::env::current_exe().expect("this test"))
        .args(["--exact", test, "--nocapture"])
        .env(FOLDER, folder.path())
        .output()
        .expect("a namespace");
    let log = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    let told = format!(
        "{}{}\n{}\n{}",
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
        log("mail.log"),
        log("dovecot.log")
    );
    assert!(run.status.success(), "{told}");
    assert!(String::from_utf8_lossy(&run.stdout).contains("1 passed"), "{told}");
    Some(folder)
}

#[test]
fn a_letter_and_a_message_leave_once_a_week_and_encrypted() {
    let test = "post::a_letter_and_a_message_leave_once_a_week_and_encrypted";
    let Some(folder) = beside_servers(test, inside) else { return };
    let log = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_default();
    // Where the server offers no encryption nothing was said but the greeting.
    let clear = log("mail.log");
    assert!(!clear.contains("Kreide-Schwamm-Tafel"));
    let asked = log("nginx.access");
    let paths: Vec<&str> = asked.lines().filter_map(|line| line.split(' ').nth(1)).collect();
    assert_eq!(paths, ["/weiter", "/kaputt", "/gut"], "no redirect was followed: {asked}");
    assert!(asked.lines().all(|line| line.contains(" sha256=")), "{asked}");
}

/// The day of a week, Wednesday noon, so many weeks and hours later.
fn at(weeks: i64, hours: i64) -> Timestamp {
    let wednesday = Timestamp::parse_date("2026-10-07").expect("a day");
    Timestamp(wednesday.plus_days(7 * weeks).0 + (12 + hours) * 3_600_000)
}

struct Lab {
    data: PathBuf,
    store: Store,
    traeger: Traeger,
    school: i64,
}

impl Lab {
    fn new(folder: &Path) -> Self {
        let data = folder.join("collector");
        fs::create_dir_all(&data).expect("a folder");
        let store = Store::sqlite(&data.join("rundgang.sqlite")).expect("a book");
        let traeger = store.ensure_traeger("Kreis Beispiel", at(0, 0)).expect("a Träger");
        let school = NewSchool { name: "Gesamtschule".into(), ..NewSchool::default() };
        let school = traeger.ensure_school(&school, at(0, 0)).expect("a school");
        let system = DocumentedSystem {
            school,
            name: "Telefonanlage Süd".into(),
            contract_until: Some(at(2, 0).date()),
            ..DocumentedSystem::default()
        };
        traeger.save_system(&system, "K", at(0, 0)).expect("a system");
        let new = NewAccount {
            login: "k.beispiel".into(),
            name: "Karl Beispiel".into(),
            role: Role::Coordinator,
            school: Some(school),
            provider: String::new(),
        };
        let id = traeger.open_account(&new, "admin", at(0, 0)).expect("an account");
        traeger.set_weekly_mail(id, "koordination@kreis.example", "de", "K", at(0, 0)).expect("wanted");
        Self { data, store, traeger, school }
    }

    fn secret(&self, name: &str, text: &str) {
        let folder = self.data.join("secrets").join(self.traeger.id.to_string());
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), text).expect("written");
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).expect("private");
    }

    fn settle(&self, change: impl FnOnce(&mut PostSettings)) {
        let mut settings = PostSettings {
            host: "mail.kreis.example".into(),
            port: 587,
            security: "starttls".into(),
            user: "rundgang".into(),
            password_file: "mail".into(),
            from: "rundgang@kreis.example".into(),
            pages: "https://rundgang.kreis.example".into(),
            ..PostSettings::default()
        };
        change(&mut settings);
        self.traeger.set_post_settings(&settings, "admin", at(0, 0)).expect("settled");
    }

    /// One turn of a collector that was just started, and what became of what was tried last.
    fn turn(&self, now: Timestamp) -> (String, i64, String) {
        Post::new(&self.data, Zone::BERLIN).turn(&self.traeger, now).expect("a turn");
        let last = self.traeger.dispatches(1).expect("what was sent").remove(0);
        (last.state, last.tries, last.told)
    }
}

/// The letters that arrived, once there are so many: each look is a fresh state of the folder, bounded to ten seconds.
fn letters(count: usize) -> Vec<String> {
    let look = format!(
        "for _ in $(seq 200); do [ $(ls /run/lab/mail/new 2>/dev/null | wc -l) -lt {count} ] || exit 0; read -r -t 0.05 <> <(:) || true; done; exit 1"
    );
    let arrived = Command::new("bash").args(["-c", &look]).status().expect("bash");
    assert!(arrived.success(), "{count} letters");
    let mut files: Vec<_> = fs::read_dir("/run/lab/mail/new").expect("mail").flatten().collect();
    files.sort_by_key(fs::DirEntry::file_name);
    files.iter().map(|file| fs::read_to_string(file.path()).expect("a letter")).collect()
}

fn inside(folder: &Path) {
    let lab = Lab::new(folder);
    mail(&lab);
    message(&lab);
}

fn mail(lab: &Lab) {
    let check = |told: (String, i64, String), state: &str, tries: i64, what: &str| {
        assert_eq!((told.0.as_str(), told.1), (state, tries), "{}", told.2);
        assert!(told.2.to_lowercase().contains(what), "'{what}' is not in '{}'", told.2);
    };
    // Nobody is who they say without a certificate of that name; nothing leaves where nothing is encrypted.
    lab.secret("mail", "falsch\n");
    lab.settle(|settings| settings.host = "andere.kreis.example".into());
    check(lab.turn(at(0, 0)), "later", 1, "certificate");
    lab.settle(|settings| (settings.host, settings.port) = ("klar.kreis.example".into(), 2525));
    check(lab.turn(at(0, 1)), "later", 2, "starttls");
    lab.settle(|_| {});
    check(lab.turn(at(0, 2)), "later", 3, "535");
    lab.secret("mail", "Kreide-Schwamm-Tafel\n");
    check(lab.turn(at(0, 3)), "taken", 4, "");
    check(lab.turn(at(0, 4)), "taken", 4, "");
    check(lab.turn(at(0, 30)), "taken", 4, "");
    let arrived = letters(1);
    assert_eq!(arrived.len(), 1, "once a week, whoever turns");
    let letter = &arrived[0];
    for part in [
        "From: rundgang@kreis.example",
        "To: koordination@kreis.example",
        "Vertrag endet",
        "https://rundgang.kreis.example/schule/",
        "Date: Wed, 07 Oct 2026",
        "rundgang-1-1-2026-10-05@kreis.example",
    ] {
        assert!(letter.contains(part), "{part}: {letter}");
    }
    assert!(!letter.contains("Karl"), "{letter}");
    // A week later over TLS from the first byte; and a file that others may read is no place for a password.
    lab.settle(|settings| (settings.port, settings.security) = (465, "tls".into()));
    let file = lab.data.join("secrets").join(lab.traeger.id.to_string()).join("mail");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).expect("open to all");
    check(lab.turn(at(1, 0)), "later", 1, "others may read it");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("private");
    check(lab.turn(at(1, 1)), "taken", 2, "");
    assert_eq!(letters(2).len(), 2);
    // Whoever wants no mail gets none; a mailbox that the server refuses is not asked for again this week.
    lab.traeger.set_weekly_mail(1, "", "de", "K", at(1, 2)).expect("ended");
}

fn message(lab: &Lab) {
    lab.secret("key", "ein-langer-schluessel\n");
    let address = |address: &str| {
        lab.settle(|settings| {
            settings.host = String::new();
            settings.webhook = address.to_owned();
            settings.webhook_key_file = "key".into();
        });
    };
    address("https://hook.kreis.example/weiter");
    let (state, tries, told) = lab.turn(at(2, 0));
    assert_eq!((state.as_str(), tries), ("refused", 1), "{told}");
    assert!(told.contains("redirect"), "{told}");
    assert_eq!(lab.turn(at(2, 1)).1, 1, "a refusal is no reason to try again");
    address("https://hook.kreis.example/kaputt");
    assert_eq!(lab.turn(at(3, 0)).0, "later");
    address("https://andere.kreis.example/gut");
    let (state, _, told) = lab.turn(at(3, 1));
    assert_eq!(state, "later", "a certificate of another name: {told}");
    address("https://hook.kreis.example/gut");
    assert_eq!(lab.turn(at(3, 2)).0, "taken");
    assert_eq!(lab.turn(at(3, 3)).1, 3, "once a week");

    // What it says, and that its signature is that of any other program: to a server of this machine.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    address(&format!("http://{}/rundgang?x=1", listener.local_addr().expect("its address")));
    let heard = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut heard = String::new();
        let mut bytes = [0u8; 4096];
        // The sender closes after the answer, so the end of the body is told by its length.
        while !is_whole(&heard) {
            let count = stream.read(&mut bytes).expect("a message");
            assert!(count > 0, "{heard}");
            heard.push_str(std::str::from_utf8(&bytes[..count]).expect("text"));
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").expect("answered");
        heard
    });
    assert_eq!(lab.turn(at(4, 0)).0, "taken");
    let heard = heard.join().expect("heard");
    let (head, body) = heard.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("POST /rundgang?x=1 HTTP/1.1\r\n"), "{head}");
    let header = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        line.trim_start_matches(": ").to_owned()
    };
    let message: serde_json::Value = serde_json::from_str(body).expect("JSON");
    assert_eq!((&message["event"], &message["traeger"]), (&"weekly".into(), &"Kreis Beispiel".into()));
    assert_eq!(message["schools"][0]["name"], "Gesamtschule");
    assert!(!body.contains("Karl") && !body.contains("koordination"), "{body}");
    let signed = folder_file(lab, &format!("{}.{body}", header("X-Rundgang-Time")));
    let told = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", "ein-langer-schluessel", "-r"])
        .arg(signed)
        .output()
        .expect("openssl");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert_eq!(Some(header("X-Rundgang-Signature").trim_start_matches("sha256=")), told.split(' ').next());
}

fn folder_file(lab: &Lab, text: &str) -> PathBuf {
    let path = lab.data.join("signed");
    fs::write(&path, text).expect("written");
    path
}

fn is_whole(heard: &str) -> bool {
    let Some((head, body)) = heard.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("Content-Length: "));
    length.and_then(|length| length.parse().ok()).is_some_and(|length: usize| body.len() >= length)
}
