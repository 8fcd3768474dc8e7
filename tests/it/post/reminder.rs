//! The mail that reminds a school of a survey, from the button on the page to the mailbox.

use super::{Lab, at, beside_servers, letters};
use rundgang_collector::post::Post;
use rundgang_dashboards::{Config, WebState, router};
use rundgang_inventory::{Role, Zone};
use rundgang_store::NewAccount;
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
};

#[test]
fn a_reminder_of_a_survey_arrives_at_the_school() {
    beside_servers("post::reminder::a_reminder_of_a_survey_arrives_at_the_school", inside);
}

/// The pages of the collector, with the mail that it sends.
struct Pages {
    address: String,
    _runtime: tokio::runtime::Runtime,
}

impl Pages {
    fn start(lab: &Lab) -> Self {
        let config = Config {
            store: lab.store.clone(),
            traeger: lab.traeger.id,
            traeger_name: "Kreis Beispiel".to_owned(),
            clock: Arc::new(|| at(0, 0)),
            zone: Zone::BERLIN,
            hosts: Vec::new(),
            token: None,
            https: false,
            sign_in: None,
            courier: Some(Arc::new(Post::new(&lab.data, Zone::BERLIN))),
        };
        let pages = router(WebState::new(config).expect("random numbers"));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("its address").to_string();
        runtime.spawn(async move { axum::serve(listener, pages).await });
        Self { address, _runtime: runtime }
    }

    fn ask(&self, head: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let asked = format!(
            "{head} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {1}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(asked.as_bytes()).expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    }

    /// Presses the button that reminds every open school.
    fn remind(&self, run: i64) -> String {
        let page = self.ask(&format!("GET /umfragelauf/{run}"), "");
        let csrf = page.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let body = format!("csrf={}&whom=alle", csrf.expect("a form"));
        self.ask(&format!("POST /umfragelauf/{run}/erinnern"), &body)
    }
}

fn inside(folder: &Path) {
    let lab = Lab::new(folder);
    let new = NewAccount {
        login: "zweite".into(),
        name: "Zora Zweite".into(),
        role: Role::Coordinator,
        school: Some(lab.school),
        provider: String::new(),
    };
    let second = lab.traeger.open_account(&new, "admin", at(0, 0)).expect("an account");
    lab.traeger.set_weekly_mail(second, "zweite@kreis.example", "nl", "Z", at(0, 0)).expect("wanted");
    let due = Some(at(3, 0));
    let run = lab.traeger.open_run("katalog", at(0, 0), due, &[lab.school], "T", at(0, 0)).expect("a run");
    let reminded = || lab.traeger.part(run, lab.school).expect("a part").reminded;
    lab.settle(|_| {});
    let pages = Pages::start(&lab);
    // A wrong password: nothing leaves, nothing is noted, and the page says so.
    lab.secret("mail", "falsch\n");
    let told = pages.remind(run);
    assert!(told.starts_with("HTTP/1.1 502") && told.contains("Nicht gesendet und nicht vermerkt"), "{told}");
    assert!(told.contains("535"), "{told}");
    assert_eq!(reminded(), None);
    lab.secret("mail", "Kreide-Schwamm-Tafel\n");
    let told = pages.remind(run);
    assert!(told.starts_with("HTTP/1.1 200") && told.contains("2 × Schul-IT-Koordination"), "{told}");
    assert_eq!(reminded(), Some(at(0, 0)));
    let told = pages.remind(run);
    assert!(told.contains("Heute ging schon eine Mail"), "{told}");

    let arrived = letters(2);
    assert_eq!(arrived.len(), 2, "one to each mailbox, and none twice");
    let title = |code: &str| lab.traeger.run(run).expect("the run").survey.title.get(code).to_owned();
    for (own, other, code, words) in [
        ("koordination@kreis.example", "zweite@", "de", ["Antworten fehlen in", "Letzter Tag: 28.10.2026."]),
        (
            "zweite@kreis.example",
            "koordination@",
            "nl",
            ["antwoorden ontbreken in", "Laatste dag: 28-10-2026."],
        ),
    ] {
        let letter = arrived.iter().find(|letter| letter.contains(&format!("To: {own}")));
        let letter = letter.unwrap_or_else(|| panic!("nothing for {own}: {arrived:?}"));
        let (head, body) = letter
            .replace("\r\n", "\n")
            .split_once("\n\n")
            .map(|(h, b)| (h.to_owned(), b.to_owned()))
            .expect("a letter");
        let subject = subject(&head);
        assert!(subject.contains(words[0]) && subject.contains(&title(code)), "{subject}");
        assert!(head.contains("From: rundgang@kreis.example") && head.contains("Wed, 07 Oct 2026"), "{head}");
        // Quoted-printable breaks lines with an equals sign (RFC 2045 section 6.7).
        let body = body.replace("=\n", "");
        let link = format!("\nhttps://rundgang.kreis.example/schule/{}/umfragelauf/{run}\n", lab.school);
        assert!(body.contains(&link) && body.contains(words[1]) && body.contains("Gesamtschule"), "{body}");
        for foreign in [other, "Karl", "Zora"] {
            assert!(!letter.contains(foreign), "{foreign}: {letter}");
        }
    }
    let log = lab.traeger.audit_log(&format!("survey run {run}")).expect("a log");
    let reminders: Vec<&str> = log.iter().filter(|e| e.what == "remind").map(|e| e.after.as_str()).collect();
    assert_eq!(reminders, ["mail to 2 coordinator"]);
}

/// The subject of a letter, its words decoded (RFC 2047) where they are encoded.
fn subject(head: &str) -> String {
    let rest = head.split("\nSubject: ").nth(1).expect("a subject");
    let mut lines = rest.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let folded = lines.take_while(|line| line.starts_with(' ')).fold(first, |all, line| all + line);
    let decoded = |word: &str| {
        let text = word.strip_prefix("=?utf-8?b?")?.strip_suffix("?=")?;
        String::from_utf8(data_encoding::BASE64.decode(text.as_bytes()).ok()?).ok()
    };
    let mut subject = String::new();
    let mut was_encoded = true;
    for word in folded.split(' ') {
        let encoded = decoded(word);
        // White space between two encoded words is none (section 6.2).
        let is_joined = was_encoded && encoded.is_some();
        if !subject.is_empty() && !is_joined {
            subject.push(' ');
        }
        was_encoded = encoded.is_some();
        subject += &encoded.unwrap_or_else(|| word.to_owned());
    }
    subject
}
