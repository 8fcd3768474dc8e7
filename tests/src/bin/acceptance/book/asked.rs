//! Searches, lists and pages as browsers and programs ask for them.

use super::{NOW, told};
use anyhow::{Result, bail};
use rundgang_inventory::Role;
use rundgang_store::{NewApiToken, Traeger};
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};

/// What was promised of every search and list, on the server.
const GOAL: Duration = Duration::from_millis(50);
/// What is whole instead of a part, and only has to come in reasonable time.
const WHOLE: Duration = Duration::from_secs(2);
/// How often each is asked for.
const TIMES: usize = 7;

const SEARCHES: [&str; 15] = [
    "Drucker+17",
    "Beamer",
    "Tuersprechanlage",
    "Tursprechanlge+12",
    "00-26-AB-07-00-10",
    "0026ab00",
    "VNB007K00016",
    "vnb0",
    "VNB007K0016",
    "EB-L200F",
    "HP+LaserJet+R012",
    "dienst19.schule042.example",
    "10.1.0.17",
    "Waschmaschine",
    "Moodle+Schule",
];
/// Pages of all schools.
const OF_ALL: [&str; 9] = [
    "/",
    "/protokoll",
    "/protokoll?q=Beamer",
    "/umfragen",
    "/erfassung",
    "/einstellungen",
    "/auftraege",
    "/konten",
    "/kontakte",
];
/// Pages of one school, behind its address.
const OF_SCHOOL: [&str; 35] = [
    "",
    "/geraete",
    "/geraete?kind=printer",
    "/geraete?kind=-",
    "/geraete?q=vnb",
    "/geraete?q=R012",
    "/geraete?undocumented=1",
    "/befunde",
    "/befunde?all=1",
    "/befunde?rule=asset.undocumented",
    "/befunde?zustaendig=Dienstleister%203",
    "/befunde?zustaendig=-",
    "/protokoll",
    "/protokoll?wer=bench",
    "/register",
    "/register?q=Beamer",
    "/register?kind=printer",
    "/register?luecken=1",
    "/register/neu",
    "/abgleich",
    "/abgleich?kind=printer",
    "/abgleich?liste=nicht-gesehen",
    "/abgleich?liste=anders",
    "/abgleich?q=R012",
    "/raeume",
    "/zuordnung",
    "/zaehler",
    "/aufgaben",
    "/kontakte",
    "/domains",
    "/stammdaten",
    "/umfragen",
    "/einlesen",
    "/umfrage/katalog",
    "/befund?rule=asset.undocumented&subject=asset%201",
];
/// Lists that are whole.
const FILES: [&str; 4] = ["/geraete.csv", "/befunde.csv", "/register.csv", "/zaehler.csv"];
const OPERATIONS: [&str; 12] = [
    "",
    "/assets",
    "/assets?kind=printer",
    "/assets?q=vnb",
    "/systems",
    "/systems?kind=printer",
    "/findings",
    "/findings?severity=medium",
    "/surveys",
    "/tasks",
    "/contacts",
    "/offers",
];

/// A token with which a program reads everything.
pub(super) fn token(traeger: &Traeger) -> Result<String> {
    let new = NewApiToken {
        name: "bench".to_owned(),
        role: Role::Reader,
        school: None,
        provider: String::new(),
        expires_at: NOW.plus_days(300),
    };
    let mark = format!("bench{}", traeger.tokens()?.len());
    Ok(traeger.make_token(&new, (&mark, "onlyforthisbench"), "bench", NOW)?)
}

pub(super) fn pages(
    traeger: &Traeger,
    web: SocketAddr,
    (largest, last): (i64, i64),
    token: &str,
) -> Result<bool> {
    let mut fast = true;
    let mut ask = |path: &str, goal: Duration| -> Result<String> {
        let (mut took, mut page) = (Vec::new(), String::new());
        for _ in 0..TIMES {
            let begin = Instant::now();
            page = get(web, path, token)?;
            took.push(begin.elapsed());
        }
        fast &= told(path, took, page.len(), goal);
        Ok(page)
    };
    for path in OF_ALL {
        ask(path, GOAL)?;
    }
    // Fifty-one questions answered by every school.
    ask("/umfrage/katalog", WHOLE)?;
    for asked in SEARCHES {
        ask(&format!("/suche?q={asked}"), GOAL)?;
        ask(&format!("/api/v1/search?q={asked}"), GOAL)?;
    }
    ask(&format!("/suche?q=Drucker&schule={last}"), GOAL)?;
    ask("/api/v1/schools", GOAL)?;
    for school in [largest, last] {
        for path in OF_SCHOOL {
            let path = format!("/schule/{school}{path}");
            let page =
                ask(&path.replace("asset%201", &format!("asset%20{}", device(traeger, school)?)), GOAL)?;
            // The part behind the first one.
            let next = page.split("href=\"").filter_map(|rest| rest.split('"').next());
            if let Some(next) = next.into_iter().find(|to| to.contains("nach=")) {
                ask(&next.replace("&amp;", "&"), GOAL)?;
            }
        }
        let system = traeger.systems(school)?.pop().map_or(0, |system| system.id);
        ask(&format!("/schule/{school}/geraet/{}", device(traeger, school)?), GOAL)?;
        ask(&format!("/schule/{school}/register/{system}"), GOAL)?;
        for operation in OPERATIONS {
            let path = format!("/api/v1/schools/{school}{operation}");
            let answer = ask(&path, GOAL)?;
            let answer: serde_json::Value = serde_json::from_str(&answer)?;
            if let Some(next) = answer.get("next").and_then(serde_json::Value::as_str) {
                let sign = if path.contains('?') { '&' } else { '?' };
                ask(&format!("{path}{sign}after={}", escaped(next)), GOAL)?;
            }
        }
        for file in FILES {
            ask(&format!("/schule/{school}{file}"), WHOLE)?;
        }
    }
    ask("/schulen.csv", WHOLE)?;
    Ok(fast)
}

/// A text as a value in an address.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// The first device of a school.
fn device(traeger: &Traeger, school: i64) -> Result<i64> {
    let first = traeger.asset_slice(school, &rundgang_store::views::assets::AssetFilter::default(), "", 1)?;
    Ok(first.lines.first().map_or(0, |line| line.id))
}

/// Asks for a page and returns what it says.
#[expect(clippy::disallowed_methods, reason = "a browser's question to our own pages on loopback")]
fn get(web: SocketAddr, path: &str, token: &str) -> Result<String> {
    let mut stream = TcpStream::connect(web)?;
    let admitted =
        if path.starts_with("/api/") { format!("Authorization: Bearer {token}\r\n") } else { String::new() };
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {web}\r\nAccept-Language: de\r\n{admitted}Connection: close\r\n\r\n"
    )?;
    let mut page = Vec::new();
    stream.read_to_end(&mut page)?;
    if !page.starts_with(b"HTTP/1.1 200") {
        bail!("{path}: {}", String::from_utf8_lossy(&page[..page.len().min(400)]));
    }
    let page = String::from_utf8_lossy(&page).into_owned();
    Ok(page.split_once("\r\n\r\n").map_or_else(String::new, |(_, body)| body.to_owned()))
}
