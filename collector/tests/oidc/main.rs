//! Signing in by OpenID Connect, over real TLS on loopback, at a provider that signs with real keys and also lies.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

mod provider;

use provider::{CLIENT, Grant, Lie, Provider, SECRET};
use rundgang_collector::serve::{self, Running, Settings};
use rundgang_inventory::{Role, Timestamp};
use rundgang_store::{NewAccount, NewSchool, SignInSettings};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use tempfile::TempDir;

const NOW: Timestamp = Timestamp(1_790_000_000_000);
/// Where the inner half finds the authority's certificate, and the provider's own with its key.
const FOLDER: &str = "RUNDGANG_OIDC_FOLDER";

/// What a browser is answered.
struct Answer {
    status: u16,
    location: String,
    cookies: Vec<String>,
    text: String,
}

struct World {
    _data: TempDir,
    collector: Running,
    provider: Provider,
    clock: Arc<AtomicI64>,
    /// The accounts: one is linked, one awaits a mail address, one is linked and closed.
    accounts: [i64; 3],
}

impl World {
    async fn new(folder: &Path) -> Self {
        let data = tempfile::tempdir().unwrap();
        let token = data.path().join("token");
        fs::write(&token, "a long enough token here\n").unwrap();
        let clock = Arc::new(AtomicI64::new(NOW.0));
        let (told, at) = (clock.clone(), clock.clone());
        let settings = Settings {
            traeger: Some("Kreis Beispiel".to_owned()),
            web_token_file: Some(token),
            ..Settings::on_loopback(data.path().join("book"))
        };
        let collector =
            serve::start(&settings, Arc::new(move || Timestamp(told.load(Ordering::SeqCst)))).await.unwrap();
        let traeger = &collector.traeger;
        let school = NewSchool { name: "Gesamtschule".to_owned(), ..NewSchool::default() };
        let school = traeger.ensure_school(&school, NOW).unwrap();
        let secrets = data.path().join("book/secrets").join(traeger.id.to_string());
        fs::create_dir_all(&secrets).unwrap();
        fs::write(secrets.join("konto"), SECRET).unwrap();
        fs::set_permissions(secrets.join("konto"), fs::Permissions::from_mode(0o600)).unwrap();
        let accounts = ["verbunden", "erwartet", "gesperrt"].map(|login| {
            let new = NewAccount {
                login: login.to_owned(),
                name: format!("Name von {login}"),
                role: Role::Head,
                school: Some(school),
                provider: String::new(),
            };
            traeger.open_account(&new, "T", NOW).unwrap()
        });
        let provider = Provider::start(folder, at);
        Self { _data: data, collector, provider, clock, accounts }
    }

    fn settle(&self) {
        let settings = SignInSettings {
            issuer: self.provider.issuer.clone(),
            client: CLIENT.to_owned(),
            secret_file: "konto".to_owned(),
            name: "Kreiskonto".to_owned(),
        };
        let traeger = &self.collector.traeger;
        traeger.set_sign_in_settings(&settings, "T", NOW).unwrap();
        traeger.link_identity(self.accounts[0], "4711", "T", NOW).unwrap();
        traeger.await_identity(self.accounts[1], "E.Beispiel@kreis.example", "T", NOW).unwrap();
        traeger.link_identity(self.accounts[2], "4713", "T", NOW).unwrap();
        traeger.close_account(self.accounts[2], true, "T", NOW).unwrap();
    }

    #[allow(clippy::disallowed_methods, reason = "the test plays a browser on loopback")]
    fn get(&self, path: &str, cookie: &str) -> Answer {
        let mut stream = TcpStream::connect(self.collector.web).unwrap();
        let host = format!("localhost:{}", self.collector.web.port());
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let field = |name: &str| {
            let head = text.split("\r\n\r\n").next().unwrap_or_default();
            let is_it = |line: &str| line.to_lowercase().starts_with(&format!("{name}: "));
            let lines = head.lines().filter(|line| is_it(line));
            lines.map(|line| line[name.len() + 2..].to_owned()).collect::<Vec<_>>()
        };
        Answer {
            status: text.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default(),
            location: field("location").pop().unwrap_or_default(),
            cookies: field("set-cookie"),
            text,
        }
    }

    /// A browser that goes to the provider: what it holds then, and its way back with the code of a grant.
    fn there(&self, subject: &str, email: Option<(&str, bool)>, lie: Lie) -> (String, String) {
        let left = self.get("/anmelden/anbieter?weiter=%2Fkonto", "");
        assert_eq!(left.status, 303, "{}", left.text);
        let cookie = left.cookies[0].split(';').next().unwrap().to_owned();
        assert!(left.cookies[0].contains("HttpOnly; SameSite=Lax"), "{}", left.cookies[0]);
        let (place, query) = left.location.split_once('?').unwrap();
        assert_eq!(place, format!("{}/auth", self.provider.issuer));
        let asked = |name: &str| {
            let found = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")));
            found.unwrap_or_else(|| panic!("{name} in {query}")).to_owned()
        };
        assert_eq!((asked("response_type"), asked("code_challenge_method")), ("code".into(), "S256".into()));
        assert!(asked("scope").contains("openid") && asked("client_id") == CLIENT);
        let grant = Grant {
            challenge: asked("code_challenge"),
            nonce: asked("nonce"),
            subject: subject.to_owned(),
            email: email.map(|(address, verified)| (address.to_owned(), verified)),
            lie,
        };
        let code = self.provider.grant(grant);
        (cookie, format!("/anmelden/zurueck?code={code}&state={}", asked("state")))
    }

    fn signed_in(&self, subject: &str, email: Option<(&str, bool)>, lie: Lie) -> Answer {
        let (cookie, back) = self.there(subject, email, lie);
        self.get(&back, &cookie)
    }
}

/// The cookie of a session, where one was opened.
fn session(answer: &Answer) -> Option<String> {
    let cookie = answer.cookies.iter().find(|cookie| cookie.starts_with("rundgang="))?;
    cookie.split(';').next().map(str::to_owned)
}

#[test]
fn whoever_the_provider_proves_is_let_in_and_nobody_else() {
    // The authority of the provider is known to a process by its environment: this test starts itself once more.
    if let Some(folder) = std::env::var_os(FOLDER) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return runtime.block_on(inside(Path::new(&folder)));
    }
    let folder = tempfile::tempdir().unwrap();
    provider::certify(folder.path());
    let run = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "whoever_the_provider_proves_is_let_in_and_nobody_else", "--nocapture"])
        .env(FOLDER, folder.path())
        .env("SSL_CERT_FILE", folder.path().join("authority.pem"))
        .output()
        .unwrap();
    let told = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && told.contains("1 passed"), "{told}");
    // The log says why nobody is linked, and not who it was.
    for why in [
        "does not say that it verified their mail address",
        "no open account awaits their verified mail address",
        "the provider tells no mail address",
        "the account that is linked to them is closed",
    ] {
        assert!(told.contains(why), "{why} is not in {told}");
    }
    assert!(!told.contains("nobody-here") && !told.contains("x@kreis.example"), "{told}");
}

async fn inside(folder: &Path) {
    tracing_subscriber::fmt().with_writer(std::io::stderr).init();
    let world = World::new(folder).await;
    tokio::task::spawn_blocking(move || {
        nothing_is_offered_before_a_provider_is_named(&world);
        world.settle();
        people_are_let_in(&world);
        lies_let_nobody_in(&world);
        what_does_not_belong_together_lets_nobody_in(&world);
        keys_may_change(&world);
        forged_tokens_ask_for_new_keys_once_a_minute(&world);
    })
    .await
    .unwrap();
}

fn nothing_is_offered_before_a_provider_is_named(world: &World) {
    assert!(!world.get("/anmelden", "").text.contains("/anmelden/anbieter"));
    assert_eq!(world.get("/anmelden/anbieter", "").status, 404);
    assert_eq!(world.get("/anmelden/zurueck?code=a&state=b", "").status, 404);
    assert_eq!(world.provider.asked(), 0);
}

fn people_are_let_in(world: &World) {
    assert!(world.get("/anmelden", "").text.contains("Mit Kreiskonto anmelden"));
    let linked = world.signed_in("4711", None, Lie::None);
    assert_eq!((linked.status, linked.location.as_str()), (303, "/konto"), "{}", linked.text);
    let cookie = session(&linked).expect("a session");
    assert!(world.get("/konto", &cookie).text.contains("Name von verbunden"));
    // What somebody may do stands here, whatever the provider says.
    assert_eq!(world.get("/konten", &cookie).status, 403);
    let traeger = &world.collector.traeger;
    assert!(
        session(&world.signed_in("4712", Some(("e.beispiel@kreis.example", false)), Lie::None)).is_none()
    );
    assert!(session(&world.signed_in("4712", Some(("E.Beispiel@Kreis.example", true)), Lie::None)).is_some());
    assert_eq!(traeger.identities().unwrap()[&world.accounts[1]].email, "", "the address is forgotten");
    assert!(session(&world.signed_in("4712", None, Lie::None)).is_some(), "the subject counts from now on");
    // Another one with the same address later is another one.
    assert!(session(&world.signed_in("9", Some(("e.beispiel@kreis.example", true)), Lie::None)).is_none());
    let unknown = world.signed_in("nobody-here", Some(("x@kreis.example", true)), Lie::None);
    assert_eq!((unknown.status, session(&unknown)), (403, None));
    assert!(unknown.text.contains("hier gibt es kein Konto"), "{}", unknown.text);
    assert!(unknown.text.contains("nobody-here"), "they are told how the provider calls them");
    assert!(session(&world.signed_in("nobody-here", None, Lie::None)).is_none());
    assert!(session(&world.signed_in("4713", None, Lie::None)).is_none(), "a closed account stays closed");
    assert_eq!(traeger.accounts().unwrap().len(), 3, "nobody gets an account by signing in");
    // An administrator undoes the link, and whoever is in is out.
    world.clock.fetch_add(1000, Ordering::SeqCst);
    let now = Timestamp(world.clock.load(Ordering::SeqCst));
    traeger.await_identity(world.accounts[0], "", "T", now).unwrap();
    assert_eq!(world.get("/konto", &cookie).status, 303);
    assert!(session(&world.signed_in("4711", None, Lie::None)).is_none());
    traeger.link_identity(world.accounts[0], "4711", "T", now).unwrap();
}

fn lies_let_nobody_in(world: &World) {
    for lie in Lie::ALL {
        let answer = world.signed_in("4711", None, lie);
        assert_eq!((answer.status, session(&answer)), (403, None), "{lie:?}: {}", answer.text);
        assert!(answer.text.contains("nicht gelungen"), "{lie:?}");
    }
    assert!(session(&world.signed_in("4711", None, Lie::None)).is_some(), "and the truth still does");
}

fn what_does_not_belong_together_lets_nobody_in(world: &World) {
    let refused = |path: &str, cookie: &str, why: &str| {
        let asked = world.provider.asked();
        let answer = world.get(path, cookie);
        assert_eq!((answer.status, session(&answer)), (403, None), "{why}: {}", answer.text);
        assert_eq!(world.provider.asked(), asked, "{why}: the provider is not even asked");
    };
    let (cookie, back) = world.there("4711", None, Lie::None);
    refused(&back, "", "another browser");
    refused(&back, "rundgang_weg=AAAA", "another browser's cookie");
    let (other, _) = world.there("4711", None, Lie::None);
    refused(&back, &other, "the cookie of another sign-in");
    assert!(session(&world.get(&back, &cookie)).is_some());
    refused(&back, &cookie, "a state that came back already");
    refused("/anmelden/zurueck?code=a&state=nobody", &cookie, "a state of nobody");
    let (cookie, back) = world.there("4711", None, Lie::None);
    let state = back.split("state=").nth(1).unwrap();
    refused(&format!("/anmelden/zurueck?error=access_denied&state={state}"), &cookie, "the person said no");
    let (cookie, back) = world.there("4711", None, Lie::None);
    refused(&format!("{back}&iss=https%3A%2F%2Fevil.example"), &cookie, "another issuer (RFC 9207)");
    let (cookie, back) = world.there("4711", None, Lie::None);
    world.clock.fetch_add(11 * 60_000, Ordering::SeqCst);
    refused(&back, &cookie, "too late");
}

fn keys_may_change(world: &World) {
    for is_renamed in [true, false] {
        world.provider.change_keys(is_renamed);
        world.clock.fetch_add(2 * 60_000, Ordering::SeqCst);
        assert!(session(&world.signed_in("4711", None, Lie::None)).is_some(), "new keys are asked for");
    }
}

fn forged_tokens_ask_for_new_keys_once_a_minute(world: &World) {
    world.clock.fetch_add(2 * 60_000, Ordering::SeqCst);
    let asked = world.provider.asked();
    for _ in 0..5 {
        assert!(session(&world.signed_in("4711", None, Lie::Forged)).is_none());
    }
    // Each exchanges its code; what the provider says of itself and its keys are asked for once more.
    assert_eq!(world.provider.asked() - asked, 5 + 2);
}
