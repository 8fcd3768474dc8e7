//! The pages of a running collector, as a person walks through them in headless Chromium.

use crate::lab::program;
use rundgang_tests::{browser, browser::Browser, skip::skip};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// The collector's web server with the example school already walked. Dropping it ends it.
struct Site {
    server: Child,
    /// Such as `http://127.0.0.1:40123`.
    address: String,
    _folder: tempfile::TempDir,
}

impl Site {
    /// Walks the recorded example school once, then serves what was kept: no test has to wait for a walk.
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let walked = Command::new(program("rundgang-collector"))
            .args(["try", "--once", "--data"])
            .arg(folder.path())
            .output()
            .expect("the collector runs");
        assert!(walked.status.success(), "{}", String::from_utf8_lossy(&walked.stderr));
        let (server, address) = serve(&folder.path().join("collector"));
        Self { server, address, _folder: folder }
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.address)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.kill().ok();
        self.server.wait().ok();
    }
}

/// Serves kept data on free ports of loopback and reads the address that it prints.
fn serve(data: &Path) -> (Child, String) {
    let mut server = Command::new(program("rundgang-collector"))
        .args(["serve", "--grpc", "127.0.0.1:0", "--web", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the collector starts");
    let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines().map_while(Result::ok);
    let address = lines.find_map(|line| {
        line.split_whitespace()
            .find(|word| word.starts_with("http://"))
            .map(|word| word.trim_end_matches('/').to_owned())
    });
    // Whatever it says later must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    (server, address.expect("the collector tells its address"))
}

/// What a script in the page returns, as text.
fn told(browser: &mut Browser, script: &str) -> String {
    let value = browser.script(&format!("return String({script})")).expect("a script's answer");
    value.as_str().unwrap_or_default().to_owned()
}

/// How many elements a selector finds.
fn count(browser: &mut Browser, selector: &str) -> usize {
    told(browser, &format!("document.querySelectorAll('{selector}').length")).parse().expect("a number")
}

#[track_caller]
fn shows(browser: &mut Browser, wanted: &[&str]) {
    let text = browser.text().expect("the page's text");
    for wanted in wanted {
        assert!(text.contains(wanted), "'{wanted}' is not on the page:\n{text}");
    }
    assert_eq!(count(browser, "script"), 0, "the pages need no script");
}

#[test]
fn a_coordinator_walks_through_the_pages() {
    if let Some(reason) = browser::cannot_browse() {
        return skip("pages::a_coordinator_walks_through_the_pages", &reason);
    }
    let site = Site::start();
    let mut wide = Browser::open(1280, 900).expect("a browser");
    let school = finds_the_school(&mut wide, &site);
    reads_a_finding(&mut wide, &school);
    answers_the_survey(&mut wide, &school);
    documents_a_device(&mut wide, &school);
    // What the machine sees has changed since; what the person answered has not.
    keeps_the_answer(&mut wide, &school);
    changes_the_language(&mut wide, &school);
    drop(wide);
    fits_a_telephone(&site, &school);
}

/// From the overview to the school's page, whose address is returned.
fn finds_the_school(browser: &mut Browser, site: &Site) -> String {
    browser.go(&site.at("/")).expect("the overview");
    shows(browser, &["Beispielschule", "Eigenes Netz", "offene Befunde"]);
    let marked = "[...document.querySelectorAll('tr')].filter(row => row.querySelector('.badge')?.innerText == 'Beispiel').map(row => row.querySelector('a').innerText)";
    assert_eq!(told(browser, marked), "Beispielschule (Gesamtschule)", "what is marked as an example");
    browser.follow("Beispielschule").expect("a link to the school");
    shows(browser, &["Beispiel: Diese Seite zeigt eine erfundene Schule", "Interaktive Tafel", "Drucker"]);
    browser.address().expect("an address")
}

/// An urgent finding says what was seen, where, and what to do.
fn reads_a_finding(browser: &mut Browser, school: &str) {
    browser.go(&format!("{school}/befunde")).expect("the findings");
    shows(browser, &["Zertifikat ist abgelaufen"]);
    browser.click("th a[href*='tls.expired']").expect("the expired certificate");
    shows(
        browser,
        &["Was zu tun ist", "Was wir gesehen haben", "Lernplattform", "10.77.0.10", "tls.expired"],
    );
    let evidence = count(browser, "[aria-labelledby=shows] dd");
    assert!(evidence > 3, "only {evidence} pieces of evidence");
}

const ROW: &str = "#q-S4-1b";
const COMMENT: &str = "Wir zählen noch den Anbau.";

/// The Gütersloh matrix suggests a level with its reasons, and a person chooses another one.
fn answers_the_survey(browser: &mut Browser, school: &str) {
    browser.go(&format!("{school}/umfrage/guetersloh-schule")).expect("the matrix");
    assert_eq!(count(browser, "article[id^=q-S]"), 13, "rows of the school's matrix");
    let suggested = count(browser, ".levels .suggested");
    assert!(suggested >= 2, "{suggested} rows have a suggested level");
    let proven = count(browser, &format!("{ROW} .chips a"));
    assert!(proven > 0, "the suggestion shows no evidence");
    let own = own_level(browser);
    browser.click(&format!("{ROW} input[value=\"{own}\"]")).expect("a level");
    browser.click(&format!("{ROW} form summary")).expect("the comment's place");
    browser.fill(&format!("{ROW} textarea"), COMMENT).expect("a comment");
    browser.click(&format!("{ROW} form button")).expect("the button");
    keeps_the_answer(browser, school);
}

/// A level that the machine does not suggest.
fn own_level(browser: &mut Browser) -> String {
    told(browser, &format!("document.querySelector('{ROW} .levels label:not(.suggested) input').value"))
}

fn keeps_the_answer(browser: &mut Browser, school: &str) {
    browser.go(&format!("{school}/umfrage/guetersloh-schule")).expect("the matrix again");
    let own = own_level(browser);
    assert_eq!(told(browser, &format!("document.querySelector('{ROW} input:checked').value")), own);
    assert_eq!(told(browser, &format!("document.querySelector('{ROW} textarea').value")), COMMENT);
    assert_eq!(count(browser, &format!("{ROW} .suggested")), 1, "the suggestion stands beside the answer");
    shows(browser, &["bestätigt"]);
}

/// One click takes a found device into the register; then its owner is entered.
fn documents_a_device(browser: &mut Browser, school: &str) {
    let undocumented = format!("{school}/geraete?undocumented=1&kind=media-receiver");
    browser.go(&undocumented).expect("the devices");
    let before = count(browser, "tbody tr");
    assert!(before > 0, "no undocumented device to take");
    browser.click("tbody tr a").expect("a device");
    let device = browser.address().expect("an address");
    shows(browser, &["Dieses Gerät steht noch nicht im Register.", "Belege"]);
    browser.click("form input[value=one] ~ button").expect("the one click");
    shows(browser, &["Im Register angelegt."]);
    browser.fill("#owner", "IT-Koordination").expect("the owner's place");
    browser.fill("#credentials_place", "Tresor Sekretariat, Umschlag 3").expect("the place's place");
    browser.click("form[action*=register] button[type=submit]").expect("the button");
    shows(browser, &["IT-Koordination"]);
    browser.go(&format!("{school}/register")).expect("the register");
    shows(browser, &["IT-Koordination"]);
    browser.go(&undocumented).expect("the devices again");
    assert_eq!(count(browser, "tbody tr"), before - 1, "the device is documented now");
    browser.go(&device).expect("the device again");
    assert_eq!(count(browser, "input[name=click]"), 0, "nothing is left to document");
}

fn changes_the_language(browser: &mut Browser, school: &str) {
    browser.go(school).expect("the school");
    for (code, words) in [("nl", "Scholen"), ("en", "Schools"), ("de", "Schulen")] {
        browser.click(&format!("a[hreflang={code}]")).expect("a language");
        assert_eq!(told(browser, "document.documentElement.lang"), code);
        assert_eq!(browser.address().expect("an address"), school, "the language keeps the place");
        shows(browser, &[words]);
    }
}

fn fits_a_telephone(site: &Site, school: &str) {
    let mut narrow = Browser::open(390, 844).expect("a narrow browser");
    let overall = ["/", "/umfragen", "/erfassung", "/nichts"].map(|path| site.at(path));
    let own = ["", "/geraete", "/geraet/1", "/befunde", "/register", "/register/neu", "/register/1"]
        .into_iter()
        .chain(["/umfragen", "/umfrage/guetersloh-schule", "/stammdaten", "/zaehler"])
        .map(|path| format!("{school}{path}"));
    for page in overall.into_iter().chain(own) {
        narrow.go(&page).expect("a page");
        narrow.keep_picture(page.trim_start_matches("http://127.0.0.1:")).expect("a picture");
        assert_eq!(told(&mut narrow, "innerWidth"), "390", "{page} is zoomed out");
        let width: u32 = told(&mut narrow, "document.scrollingElement.scrollWidth").parse().expect("a width");
        assert!(width <= 390, "{page} scrolls sideways: {width}");
    }
}
