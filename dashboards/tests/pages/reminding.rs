//! Reminding schools of a survey by mail: who gets it, what is noted, and what is said where nothing left.

use crate::accounts::open as open_account;
use crate::runs::opened;
use crate::sample;
use crate::site::{Answer, Site, plain, sending, site};
use axum::http::StatusCode;
use rundgang_dashboards::{digest::Letter, reminder::Courier};
use rundgang_inventory::{Role, Timestamp};
use rundgang_store::{PostSettings, Sent, State};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

const DAY: i64 = 86_400_000;

/// A mail server that keeps what it is given, and answers as it is told to.
#[derive(Default)]
struct Server {
    taken: Mutex<Vec<(String, Letter)>>,
    answers: Mutex<BTreeMap<String, Sent>>,
    /// The clock of the whole site, in milliseconds from the sample's moment, and how long one letter takes.
    clock: AtomicI64,
    takes: AtomicI64,
}

impl Courier for Server {
    fn carry(
        &self,
        settings: &PostSettings,
        traeger: i64,
        to: &str,
        letter: &Letter,
        id: &str,
        _now: Timestamp,
    ) -> Sent {
        assert_eq!(settings.host, "mail.kreis.example");
        assert!(id.starts_with(&format!("rundgang-{traeger}-run-")), "{id}");
        self.clock.fetch_add(self.takes.load(Ordering::SeqCst), Ordering::SeqCst);
        let answer = self.answers.lock().expect("a lock").get(to).cloned().unwrap_or(Sent::Taken);
        self.taken.lock().expect("a lock").push((to.to_owned(), letter.clone()));
        answer
    }
}

impl Server {
    fn answers(&self, to: &str, sent: Sent) {
        self.answers.lock().expect("a lock").insert(to.to_owned(), sent);
    }

    /// What was brought since the last look.
    fn brought(&self) -> Vec<(String, Letter)> {
        std::mem::take(&mut *self.taken.lock().expect("a lock"))
    }
}

struct Lab {
    site: Site,
    server: Arc<Server>,
    csrf: String,
    run: i64,
}

impl Lab {
    /// A survey opened for the first two schools, and a mail server.
    async fn new() -> Self {
        let server = Arc::new(Server::default());
        let clock = Arc::clone(&server);
        let now = move || Timestamp(sample::NOW.0 + clock.clock.load(Ordering::SeqCst));
        let courier: Arc<dyn Courier> = server.clone();
        let site = sending(courier, Arc::new(now));
        let settings = PostSettings {
            host: "mail.kreis.example".into(),
            port: 587,
            security: "starttls".into(),
            from: "rundgang@kreis.example".into(),
            pages: "https://rundgang.kreis.example/".into(),
            ..PostSettings::default()
        };
        let traeger = site.store.traeger(site.traeger);
        traeger.set_post_settings(&settings, "admin", sample::NOW).expect("settled");
        let (csrf, run) = (site.csrf().await, opened(&site));
        Self { site, server, csrf, run }
    }

    /// An account with a mailbox `LOGIN@schule.example`.
    fn account(&self, login: &str, role: Role, school: Option<i64>, language: &str) -> i64 {
        let id = open_account(&self.site, login, role, school, "");
        self.mailbox(id, &format!("{login}@schule.example"), language);
        id
    }

    fn mailbox(&self, account: i64, address: &str, language: &str) {
        let traeger = self.site.store.traeger(self.site.traeger);
        traeger.set_weekly_mail(account, address, language, "K", sample::NOW).expect("wanted");
    }

    async fn remind(&self, whom: &str) -> Answer {
        let form = [("csrf", self.csrf.as_str()), ("whom", whom)];
        let mut answer = self.site.post(&format!("/umfragelauf/{}/erinnern", self.run), &form).await;
        answer.text = plain(&answer.text);
        answer
    }

    async fn page(&self) -> String {
        plain(&self.site.get(&format!("/umfragelauf/{}", self.run)).await.text)
    }

    fn reminded(&self, school: i64) -> Option<Timestamp> {
        self.site.store.traeger(self.site.traeger).part(self.run, school).expect("a part").reminded
    }

    /// What the audit log says of reminders.
    fn log(&self) -> Vec<String> {
        let log = self.site.store.traeger(self.site.traeger).audit_log(&format!("survey run {}", self.run));
        let all = log.expect("a log").into_iter().filter(|entry| entry.what == "remind");
        all.map(|entry| entry.after).collect()
    }
}

#[tokio::test]
async fn a_mail_leaves_for_those_who_may_answer_once_a_day() {
    let lab = Lab::new().await;
    lab.account("erste", Role::Coordinator, Some(2), "de");
    lab.account("zweite", Role::Coordinator, Some(2), "nl");
    lab.account("leitung", Role::Head, Some(2), "de");
    lab.account("fremde", Role::Coordinator, Some(1), "de");
    lab.account("amt", Role::Administrator, None, "de");
    open_account(&lab.site, "ohne", Role::Coordinator, Some(2), "");
    let gone = lab.account("fort", Role::Coordinator, Some(2), "de");
    let traeger = lab.site.store.traeger(lab.site.traeger);
    traeger.close_account(gone, true, "admin", sample::NOW).expect("closed");
    let before = lab.page().await;
    assert!(before.contains("an 2 × Schul-IT-Koordination") && !before.contains("mailto:"), "{before}");
    let told = lab.remind("2").await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.text);
    assert!(told.text.contains("Gesendet an 2 × Schul-IT-Koordination."), "{}", told.text);
    assert!(!told.text.contains("schule.example"), "no address is on the page: {}", told.text);
    let brought = lab.server.brought();
    let to: Vec<&str> = brought.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(to, ["erste@schule.example", "zweite@schule.example"]);
    let link = format!("https://rundgang.kreis.example/schule/2/umfragelauf/{}\n", lab.run);
    for ((_, letter), (subject, text)) in brought
        .iter()
        .zip([("Antworten fehlen in", "für Grundschule am Wald"), ("antwoorden ontbreken", "ontbreken nog")])
    {
        assert!(letter.subject.contains(subject), "{}", letter.subject);
        assert!(letter.text.contains(text) && letter.text.contains(&link), "{}", letter.text);
        assert!(!letter.text.contains('@') && !letter.text.contains("Name von"), "{}", letter.text);
    }
    assert_eq!(lab.reminded(2), Some(sample::NOW));
    assert_eq!(lab.log(), ["mail to 2 coordinator"]);
    // The same day nothing more leaves; the next day one may.
    let again = lab.remind("2").await;
    assert!(again.text.contains("Heute ging schon eine Mail"), "{}", again.text);
    assert!(lab.server.brought().is_empty() && lab.log().len() == 1);
    lab.server.clock.store(DAY, Ordering::SeqCst);
    assert!(lab.remind("2").await.text.contains("Gesendet an 2"));
    assert_eq!((lab.server.brought().len(), lab.reminded(2)), (2, Some(sample::NOW.plus_days(1))));
    assert_eq!(lab.reminded(1), None, "nobody asked for the other school");
}

#[tokio::test]
async fn what_did_not_leave_is_not_noted() {
    let lab = Lab::new().await;
    lab.account("erste", Role::Coordinator, Some(2), "de");
    let address = "erste@schule.example";
    for sent in
        [Sent::Later(format!("450 <{address}> busy")), Sent::Refused(format!("550 <{address}> unknown"))]
    {
        lab.server.answers(address, sent);
        let told = lab.remind("2").await;
        assert_eq!(told.status, StatusCode::BAD_GATEWAY);
        assert!(
            told.text.contains("Nicht gesendet und nicht vermerkt: ") && told.text.contains("<…>"),
            "{}",
            told.text
        );
        assert_eq!((lab.server.brought().len(), lab.reminded(2), lab.log().len()), (1, None, 0));
    }
    let listed = plain(&lab.site.get("/einstellungen").await.text);
    assert!(listed.contains("Erinnerung") && !listed.contains(address), "{listed}");
    // What may have arrived is not sent twice that day, and not noted either.
    lab.server.answers(address, Sent::Unknown("connection reset".into()));
    assert!(lab.remind("2").await.text.contains("Ungewiss, ob die Mail ankam"));
    lab.server.answers(address, Sent::Taken);
    assert!(lab.remind("2").await.text.contains("heute geht keine zweite"));
    assert_eq!((lab.server.brought().len(), lab.reminded(2), lab.log().len()), (1, None, 0));
    // Where one of two got it the school was reminded, and the page tells of the other.
    lab.server.clock.store(DAY, Ordering::SeqCst);
    lab.account("zweite", Role::Coordinator, Some(2), "de");
    lab.server.answers("zweite@schule.example", Sent::Refused("550 unknown".into()));
    let told = lab.remind("2").await;
    assert_eq!(told.status, StatusCode::OK);
    assert!(told.text.contains("An ein Konto nicht: 550 unknown"), "{}", told.text);
    assert_eq!(lab.log(), ["mail to 1 coordinator"]);
}

#[tokio::test]
async fn all_open_schools_are_reminded_and_each_mailbox_once() {
    let lab = Lab::new().await;
    lab.account("eins", Role::Coordinator, Some(1), "de");
    for login in ["zwei", "drei"] {
        let id = open_account(&lab.site, login, Role::Coordinator, Some(2), "");
        lab.mailbox(id, if login == "zwei" { "IT@schule.example" } else { "it@schule.example" }, "de");
    }
    assert!(lab.page().await.contains("Alle 2 offenen Schulen mit Mailadresse erinnern"));
    // A slow server: the second school has not its turn, and says so.
    lab.server.takes.store(60_000, Ordering::SeqCst);
    let slow = lab.remind("alle").await;
    assert!(slow.text.contains("Der Mailserver ist langsam"), "{}", slow.text);
    let first = lab.server.brought();
    assert_eq!(first.len(), 1);
    lab.server.takes.store(0, Ordering::SeqCst);
    let rest = lab.remind("alle").await;
    assert!(
        rest.text.contains("Heute ging schon eine Mail") && rest.text.contains("Gesendet an"),
        "{}",
        rest.text
    );
    let second = lab.server.brought();
    assert_eq!(second.len(), 1);
    let mut all: Vec<String> = first.into_iter().chain(second).map(|(to, _)| to.to_lowercase()).collect();
    all.sort();
    assert_eq!(all, ["eins@schule.example", "it@schule.example"], "one mail for two accounts of one mailbox");
    assert!(lab.log().contains(&"mail to 2 coordinator".to_owned()), "{:?}", lab.log());
    // Whoever has handed in is left alone.
    lab.server.clock.store(DAY, Ordering::SeqCst);
    let traeger = lab.site.store.traeger(lab.site.traeger);
    traeger.move_part(lab.run, 1, State::Confirmed, "", "K", sample::NOW).expect("handed in");
    lab.remind("alle").await;
    assert_eq!(lab.server.brought().len(), 1);
    lab.remind("1").await;
    assert!(lab.server.brought().is_empty());
    for whom in ["3", "99", "niemand", ""] {
        let told = lab.remind(whom).await;
        assert!(told.status.is_client_error(), "{whom}: {}", told.status);
    }
}

#[tokio::test]
async fn without_a_server_or_a_mailbox_the_prepared_mail_stays() {
    let lab = Lab::new().await;
    let page = lab.page().await;
    assert!(
        page.contains("href=\"mailto:") && page.contains("2 offene Schulen haben kein solches Konto"),
        "{page}"
    );
    assert!(!page.contains("/erinnern\""), "nothing to send: {page}");
    assert!(lab.remind("2").await.text.contains("Nichts gesendet"));
    lab.account("erste", Role::Coordinator, Some(2), "de");
    for (language, shown) in [("de", "Erinnern"), ("nl", "Herinneren"), ("en", "Remind")] {
        let path = format!("/umfragelauf/{}", lab.run);
        let page = lab.site.get_as(&path, &format!("rundgang_sprache={language}")).await.text;
        assert!(page.contains(shown) && !page.contains(">reminder-"), "{language}: {page}");
        assert_eq!(page.matches("href=\"mailto:").count(), 1, "for the other school");
    }
    let traeger = lab.site.store.traeger(lab.site.traeger);
    traeger.set_post_settings(&PostSettings::default(), "admin", sample::NOW).expect("settled");
    assert_eq!(lab.page().await.matches("href=\"mailto:").count(), 2);
    let told = lab.remind("alle").await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told.text.contains("kein Mailserver eingetragen"), "{}", told.text);
    assert!(lab.server.brought().is_empty() && lab.log().is_empty());
    // A program that serves pages alone carries no mail.
    let bare = site(None);
    let (csrf, run) = (bare.csrf().await, opened(&bare));
    let form = [("csrf", csrf.as_str()), ("whom", "alle")];
    let told = bare.post(&format!("/umfragelauf/{run}/erinnern"), &form).await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
}
