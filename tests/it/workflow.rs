//! A survey through three schools in headless Chromium: the Träger opens it, coordinators hand in, the Träger submits
//! and takes the files home. One school's agent is offline; its answers say "unknown" and why.

#[path = "../../dashboards/tests/sample/mod.rs"]
mod sample;

use rundgang_dashboards::{
    Config, WebState,
    lists::{grid, sheets},
    router,
};
use rundgang_inventory::Zone;
use rundgang_store::Store;
use rundgang_tests::{browser, browser::Browser, skip::skip};
use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::Arc,
};

/// The pages over three invented schools, at the moment for which these were made.
pub(crate) struct Site {
    /// Such as `127.0.0.1:40123`.
    address: String,
    store: Store,
    traeger: i64,
    _runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

impl Site {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (store, traeger) = sample::store(folder.path()).expect("three schools");
        let config = Config {
            store: store.clone(),
            traeger,
            traeger_name: "Kreis Musterland".to_owned(),
            clock: Arc::new(|| sample::NOW),
            zone: Zone::BERLIN,
            hosts: Vec::new(),
            token: None,
            https: false,
            sign_in: None,
            courier: None,
        };
        let pages = router(WebState::new(config).expect("random numbers"));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("its address").to_string();
        runtime.spawn(async move { axum::serve(listener, pages).await });
        Self { address, store, traeger, _runtime: runtime, _folder: folder }
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The octets of a file.
    fn file(&self, path: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect(&self.address).expect("a connection");
        let asked = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(asked.as_bytes()).expect("asked");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        let head = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..head]));
        answer.split_off(head + 4)
    }
}

/// Checks what stands on the page; keeps a picture of it in the folder that `RUNDGANG_PICTURES` names, if any.
fn see(browser: &mut Browser, name: &str, wanted: &[&str]) {
    let text = browser.text().expect("the page's text");
    for wanted in wanted {
        assert!(text.contains(wanted), "{name}: '{wanted}' is not on the page:\n{text}");
    }
    browser.keep_picture(name).expect("a picture");
    let scripts = browser.script("return String(document.scripts.length)").expect("a count");
    assert_eq!(scripts.as_str(), Some("0"), "{name} needs a script");
}

#[test]
fn a_survey_goes_from_opening_to_paper() {
    if let Some(reason) = browser::cannot_browse() {
        return skip("workflow::a_survey_goes_from_opening_to_paper", &reason);
    }
    let site = Site::start();
    let mut browser = Browser::open(1280, 900).expect("a browser");
    let run = opens(&mut browser, &site);
    for school in [1, 2, 3] {
        hands_in(&mut browser, &site, school, &run);
    }
    returned_and_handed_in_again(&mut browser, &site, &run);
    submits(&mut browser, &site, &run);
    exports(&site, &run);
    fits_a_telephone(&site, &run);
}

/// The Träger opens the survey for all three; returns the run's number.
fn opens(browser: &mut Browser, site: &Site) -> String {
    browser.go(&site.at("/umfragen")).expect("the surveys");
    browser.click("a[href='/umfrage/guetersloh-schule/eroeffnen']").expect("the button");
    see(browser, "opening", &["Umfrage für Schulen eröffnen", "Gymnasium Nord"]);
    // The invented school is not chosen by itself.
    browser.click("input[name=school][value='1']").expect("the third school");
    browser.click("main form button[type=submit]").expect("the button");
    see(
        browser,
        "run",
        &["Eröffnet.", "Grundschule am Wald", "still", "3 Schulen haben noch nicht abgegeben"],
    );
    let address = browser.address().expect("an address");
    let run = address.split("/umfragelauf/").nth(1).and_then(|rest| rest.split('?').next());
    run.expect("a run's page").to_owned()
}

/// A coordinator answers the open questions and hands in.
fn hands_in(browser: &mut Browser, site: &Site, school: u8, run: &str) {
    browser.go(&site.at(&format!("/schule/{school}/umfragen"))).expect("the school's surveys");
    see(browser, "surveys", &["Vom Träger eröffnet"]);
    browser.click(&format!("a.button[href='/schule/{school}/umfragelauf/{run}']")).expect("the survey");
    see(browser, "part", &["Offene Fragen", "Speichern und abgeben"]);
    if school == 2 {
        see(browser, "silent", &["unbekannt", "Der Agent „box-wald“ ist still"]);
    }
    browser.click("input[name='v.S1'][value='3']").expect("a level");
    browser.click("#q-S2 input[value='2']").expect("another level");
    browser.click("#q-S1 details:has(textarea) summary").expect("the comment's place");
    browser.fill("#c-S1", "Stand der Schulkonferenz").expect("a comment");
    browser.click("button[value=hand-in]").expect("the button");
    see(browser, "handed in", &["Abgegeben. Vielen Dank!", "Stand der Schulkonferenz"]);
}

/// The Träger checks, gives one back with a note; the school reads it and hands in again.
fn returned_and_handed_in_again(browser: &mut Browser, site: &Site, run: &str) {
    browser.go(&site.at(&format!("/umfragelauf/{run}"))).expect("the run");
    see(browser, "all handed in", &["3 abgegeben", "Einreichen und einfrieren"]);
    browser.click("#s-2 + tr summary").expect("the second school's return");
    browser.fill("#note-2", "Bitte die Räume ergänzen").expect("a note");
    browser.click("#s-2 + tr form button").expect("the button");
    see(browser, "returned", &["An die Schule zurückgegeben.", "Eine Schule hat noch nicht abgegeben"]);
    browser.go(&site.at(&format!("/schule/2/umfragelauf/{run}"))).expect("the school's page");
    see(browser, "the note", &["Vom Träger zurückgegeben", "Bitte die Räume ergänzen"]);
    browser.click("button[value=hand-in]").expect("the button");
}

fn submits(browser: &mut Browser, site: &Site, run: &str) {
    browser.go(&site.at(&format!("/umfragelauf/{run}"))).expect("the run");
    browser.click("form[action$=einreichen] button").expect("the button");
    see(browser, "submitted", &["Eingereicht und eingefroren.", "eingereicht"]);
    browser.go(&site.at(&format!("/schule/2/umfragelauf/{run}"))).expect("what was submitted");
    see(browser, "frozen", &["unversehrt", "unbekannt", "Der Agent „box-wald“ ist still"]);
    let fields =
        browser.script("return String(document.querySelectorAll('main input, main textarea').length)");
    assert_eq!(fields.expect("a count").as_str(), Some("0"), "nothing of it can be changed");
}

/// The files hold what was submitted, the offline school with its reason.
fn exports(site: &Site, run: &str) {
    workbook(&site.file(&format!("/umfragelauf/{run}/datei/xlsx")));
    paper(&site.file(&format!("/umfragelauf/{run}/datei/pdf")));
    let seal =
        site.store.traeger(site.traeger).frozen_of_run(run.parse().expect("a number")).expect("frozen");
    assert!(seal.len() == 3 && seal.iter().all(|frozen| frozen.is_whole));
}

const SILENT: &str = "Grundschule am Wald";
const SCHOOLS: [&str; 3] = ["Gesamtschule Beispielstadt", SILENT, "Gymnasium Nord"];
const REASON: &str = "Der Agent „box-wald“ ist still";

/// The cells of the workbook: a sheet for each school, and one that sets them side by side.
fn workbook(book: &[u8]) {
    let names = sheets(book);
    for name in SCHOOLS.into_iter().chain(["Übersicht"]) {
        assert!(names.iter().any(|known| known == name), "no sheet {name}: {names:?}");
    }
    for school in SCHOOLS {
        let rows = grid(book, Some(school)).expect("a sheet").rows;
        let head = rows.iter().position(|row| row.first().is_some_and(|cell| cell == "Frage"));
        let head = head.unwrap_or_else(|| panic!("no row of headings in {rows:?}"));
        let cell = |question: &str, heading: &str| {
            let column = rows[head].iter().position(|cell| cell == heading).expect("a heading");
            let row =
                rows.iter().find(|row| row.first().is_some_and(|cell| cell == question)).expect("a question");
            row.get(column).cloned().unwrap_or_default()
        };
        assert!(
            rows.iter().flatten().any(|cell| cell.contains("Siegel (SHA-256)")),
            "{school} bears no seal"
        );
        // What the coordinator said, with comment and name.
        assert!(cell("S1", "Eigene Angabe").starts_with('3'), "{}", cell("S1", "Eigene Angabe"));
        assert_eq!(cell("S1", "Kommentar"), "Stand der Schulkonferenz", "{school}");
        assert!(cell("S2", "Eigene Angabe").starts_with('2'), "{}", cell("S2", "Eigene Angabe"));
        assert!(!cell("S1", "Wer").is_empty(), "{school}: nobody said it");
        // Where the agent is silent the machine says neither a level nor nothing, and why.
        let (said, why) = (cell("S4.1b", "Aus Inventar und Register"), cell("S4.1b", "Gründe"));
        assert_eq!(said == "unbekannt" && why.contains(REASON), school == SILENT, "{school}: {said}; {why}");
    }
    let rows = grid(book, Some("Übersicht")).expect("a sheet").rows;
    let column = rows.iter().flatten().position(|_| true).map(|_| {
        let head =
            rows.iter().find(|row| row.iter().any(|cell| cell.starts_with("S4.1b "))).expect("questions");
        head.iter().position(|cell| cell.starts_with("S4.1b ")).expect("the question")
    });
    let row = rows.iter().find(|row| row.first().is_some_and(|cell| cell == SILENT)).expect("the school");
    assert_eq!(column.map(|column| row[column].as_str()), Some("unbekannt"));
}

/// The words on the paper, each school's own.
fn paper(pdf: &[u8]) {
    assert!(pdf.starts_with(b"%PDF-"), "no paper");
    let folder = tempfile::tempdir().expect("a folder");
    let kept = std::env::var_os("RUNDGANG_PICTURES").map(std::path::PathBuf::from);
    let paper = kept.as_deref().unwrap_or(folder.path()).join("umfrage.pdf");
    std::fs::write(&paper, pdf).expect("written");
    let told = match std::process::Command::new("pdftotext").arg("-layout").arg(&paper).arg("-").output() {
        Err(error) => return skip("workflow: the words on the paper", &error.to_string()),
        Ok(told) => told,
    };
    let text = String::from_utf8_lossy(&told.stdout).replace('\u{ad}', "");
    // Who answers stands at the head of the first page of each; the appendix comes behind.
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    for wanted in ["Siegel (SHA-256)", "Nach Art: Beamer 3"] {
        assert!(words.contains(wanted), "'{wanted}' is not on the paper:\n{text}");
    }
    let chapter = |school: &str| {
        let from = words.split(&format!("{school} · Kreis Gütersloh")).nth(1).expect("a chapter");
        from.split(" · Kreis Gütersloh").next().unwrap_or_default().to_owned()
    };
    for school in SCHOOLS {
        let chapter = chapter(school);
        assert!(chapter.contains("Kommentar: Stand der Schulkonferenz"), "{school}: {chapter}");
        let question = chapter.split("S4.1b ").nth(1).and_then(|rest| rest.split("S4.1c ").next());
        let question = question.expect("the question").replace(" • ", " ");
        let is_unknown = question.contains("Aus Inventar und Register: unbekannt");
        assert_eq!(is_unknown && question.contains(REASON), school == SILENT, "{school}: {question}");
    }
    // A page of several schools bears the name of none of them at its foot.
    let feet = words.matches("Checkliste für Schulen (Kreis Gütersloh) – Gesamtschule").count();
    assert_eq!(feet, 0, "{text}");
}

fn fits_a_telephone(site: &Site, run: &str) {
    let mut narrow = Browser::open(390, 844).expect("a narrow browser");
    let own = [format!("/umfragelauf/{run}"), format!("/schule/2/umfragelauf/{run}")];
    let all = [
        "/umfragen",
        "/umfragen/einlesen",
        "/umfrage/guetersloh-schule",
        "/umfrage/guetersloh-schule/eroeffnen",
        "/schule/2/umfragen",
    ];
    for path in all.into_iter().map(str::to_owned).chain(own) {
        narrow.go(&site.at(&path)).expect("a page");
        narrow.keep_picture(&format!("narrow{path}")).expect("a picture");
        let width = narrow.script("return String(document.scrollingElement.scrollWidth)").expect("a width");
        let width: u32 = width.as_str().unwrap_or_default().parse().expect("a number");
        assert!(width <= 390, "{path} scrolls sideways: {width}");
    }
    nothing_touches_the_day(site);
}

/// The button that shows another reference date has room around it, so that a finger meets no link below.
fn nothing_touches_the_day(site: &Site) {
    let mut narrow = Browser::open(360, 800).expect("a narrow browser");
    narrow.go(&site.at("/schule/2/umfrage/guetersloh-schule")).expect("a page");
    narrow.keep_picture("narrow survey").expect("a picture");
    let gap = narrow.script(
        "const day = document.querySelector('form[method=get] button[type=submit]').getBoundingClientRect();
         const links = [...document.querySelectorAll('main a')].map(link => link.getBoundingClientRect());
         const gaps = links.filter(link => link.top > day.top).map(link => link.top - day.bottom);
         return String(Math.round(Math.min(...gaps)))",
    );
    let gap: i32 = gap.expect("a gap").as_str().unwrap_or_default().parse().expect("a number");
    assert!(gap >= 8, "{gap} px between the button and the link below it");
}
