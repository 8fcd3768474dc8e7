//! What pages show: soundness in every language, examples marked, nothing that must not be seen.

use crate::site::{PAGES, site};
use axum::http::StatusCode;
use rundgang_store::Retention;

#[tokio::test]
async fn schools_are_found_and_ordered_by_the_address() {
    let site = site(None);
    let names = async |path: &str| {
        let page = site.get(path).await.text;
        let table = page.split("<tbody>").nth(1).unwrap_or_default().to_owned();
        let mut at: Vec<(usize, &str)> =
            ["Gesamtschule Beispielstadt", "Grundschule am Wald", "Gymnasium Nord"]
                .into_iter()
                .filter_map(|name| Some((table.split("</table>").next()?.find(name)?, name)))
                .collect();
        at.sort_unstable();
        at.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
    };
    let (full, silent, new) = ("Gesamtschule Beispielstadt", "Grundschule am Wald", "Gymnasium Nord");
    assert_eq!(names("/").await, [full, silent, new]);
    assert_eq!(names("/?q=wald").await, [silent]);
    assert_eq!(names("/?q=GYMNASIUM").await, [new]);
    assert_eq!(names("/?sort=silent").await, [silent, full, new]);
    assert_eq!(names("/?sort=walk").await, [new, silent, full]);
    assert_eq!(names("/?q=nichts").await, [""; 0]);
    // Of those who have nothing of it the names decide.
    assert_eq!(names("/?sort=findings").await.first(), Some(&full));
    let undocumented = counted(&site.get("/schulen.csv?sort=undocumented").await.text, "Nicht im Register");
    assert!(
        undocumented.is_sorted_by(|a, b| a >= b) && undocumented[0] > undocumented[2],
        "{undocumented:?}"
    );
    // What is taken away is what was looked for, in that order.
    let some = site.get("/?q=wald&sort=walk").await.text;
    assert!(some.contains("1 von 3 Schulen") && some.contains("/schulen.csv?q=wald&amp;sort=walk"), "{some}");
    let table = site.get("/schulen.csv?q=wald&sort=walk").await.text;
    assert!(table.lines().count() == 2 && table.contains(silent), "{table}");
    // The gravest gap comes first, what is merely undocumented is a number.
    let page = site.get("/").await.text;
    let gaps = page.split("id=\"gaps\"").nth(1).unwrap_or_default();
    let at = |text: &str| gaps.find(text).unwrap_or_else(|| panic!("{text} is not in {gaps}"));
    assert!(at("badge high") < at("badge medium") && at("badge medium") < at("badge low"), "{gaps}");
    let many = at("Gerät steht nicht im Register");
    assert!(gaps.rfind("<li").is_some_and(|last| last < many), "{gaps}");
    // Headings bear no full stop, also where the audit of mail speaks in sentences.
    assert!(gaps.contains("DMARC") && !gaps.contains(". <small>"), "{gaps}");
}

#[tokio::test]
async fn a_device_shows_its_certificates_with_the_chain_behind_them() {
    let site = site(None);
    let list = site.get("/schule/1/geraete?q=10.1.0.40").await.text;
    let path = list.split("href=\"/schule/1/geraet/").nth(1).and_then(|rest| rest.split('"').next());
    let page = site.get(&format!("/schule/1/geraet/{}", path.expect("a device"))).await.text;
    let card = page.split("id=\"certificates\"").nth(1).and_then(|rest| rest.split("</section>").next());
    let card = card.unwrap_or_else(|| panic!("no certificates in {page}"));
    for told in ["CN=moodle.gesamtschule.example", "Platz 2 der Kette", "CN=Beispiel-Wurzel", "RSA 4096"] {
        assert!(card.contains(told), "{told} is not in {card}");
    }
}

/// The numbers of one column of a table, in the order of its rows.
fn counted(table: &str, column: &str) -> Vec<u32> {
    let mut lines = table.trim_start_matches('\u{feff}').lines();
    let names = lines.next().expect("a header");
    let nth = names.split(';').position(|name| name.trim_matches('"') == column);
    let nth = nth.expect("the column");
    let number = |line: &str| line.split(';').nth(nth).and_then(|cell| cell.trim_matches('"').parse().ok());
    lines.map(|line| number(line).expect("a number")).collect()
}

#[tokio::test]
async fn a_page_tells_of_a_printers_and_an_access_points_work() {
    let site = site(None);
    let lines = site.store.traeger(site.traeger).assets(Some(1), 0, 100).expect("assets");
    let page = async |ip: &str| {
        let asset = lines.iter().find(|asset| asset.ip == ip).expect(ip).id;
        site.get(&format!("/schule/1/geraet/{asset}")).await.text
    };
    let copier = page("10.1.0.3").await;
    let printing = copier
        .split("id=\"printing\"")
        .nth(1)
        .and_then(|text| text.split("</section>").next())
        .expect("printing");
    for words in [
        "<dd>184233</dd>",
        "Black Toner TK-8365K</span><span class=\"badge warn\">6 %<",
        "Cyan Toner TK-8365C</span><span class=\"badge\">70 %<",
        "Waste Toner</span><span class=\"badge\">noch etwas da<",
    ] {
        assert!(printing.contains(words), "{words}: {printing}");
    }
    assert!(!copier.contains("id=\"wlan\""), "{copier}");
    let access_point = page("10.1.0.5").await;
    let wlan = access_point
        .split("id=\"wlan\"")
        .nth(1)
        .and_then(|text| text.split("</section>").next())
        .expect("wlan");
    for words in ["Wi-Fi 6<", "<li><span>Gast</span></li><li><span>Schule</span></li>", "<dd>30 <small>"] {
        assert!(wlan.contains(words), "{words}: {wlan}");
    }
}

#[tokio::test]
async fn a_shortened_retention_is_what_people_read() {
    let site = site(None);
    assert!(site.get("/erfassung").await.text.contains("30 Tage nach der letzten"));
    let shorter = Retention::default().with("observations", 14).expect("shorter");
    site.store.traeger(site.traeger).choose_retention(shorter, "A", crate::sample::NOW).expect("chosen");
    let page = site.get("/erfassung").await.text;
    assert!(page.contains("14 Tage (vom Träger verkürzt)") && !page.contains("30 Tage nach"), "{page}");
}

#[tokio::test]
async fn every_page_is_sound_in_every_language() {
    let site = site(None);
    let (traeger, now) = (site.store.traeger(site.traeger), crate::sample::NOW);
    let run = traeger.open_run("guetersloh-schule", now, Some(now), &[1, 2], "T", now).expect("a run");
    let of_run = [
        "/umfragen".to_owned(),
        "/umfrage/guetersloh-schule/eroeffnen".to_owned(),
        format!("/umfragelauf/{run}"),
        format!("/umfragelauf/{run}/summen"),
        format!("/schule/1/umfragelauf/{run}"),
    ];
    for language in ["de", "nl", "en"] {
        for path in PAGES.into_iter().chain(of_run.iter().map(String::as_str)) {
            let answer = site.get_as(path, &format!("rundgang_sprache={language}")).await;
            assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text);
            assert!(answer.text.contains(&format!("<html lang=\"{language}\">")), "{path}");
            for needed in ["<main id=\"content\"", "class=\"skip\"", "<h1>", "name=\"viewport\""] {
                assert!(answer.text.contains(needed), "{path} lacks {needed}");
            }
            for banned in ["<script", " style=", " onclick", "http://", "https://"] {
                let text = answer.text.replace("http://www.w3.org", "");
                assert!(!text.contains(banned), "{path} holds {banned}");
            }
            // Every label belongs to a field that exists.
            for id in answer.text.split(" for=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(answer.text.contains(&format!(" id=\"{id}\"")), "{path}: no field {id}");
            }
            // So does every jump within a page.
            for id in answer.text.split(" href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(answer.text.contains(&format!(" id=\"{id}\"")), "{path}: nothing called {id}");
            }
            let ids: Vec<&str> =
                answer.text.split(" id=\"").skip(1).filter_map(|r| r.split('"').next()).collect();
            let unique: std::collections::BTreeSet<&&str> = ids.iter().collect();
            assert_eq!(ids.len(), unique.len(), "{path} has an id twice: {ids:?}");
        }
    }
}

/// Pages that are long on a phone begin with a list of their parts; on paper it is left out.
#[tokio::test]
async fn long_pages_begin_with_a_list_of_their_parts() {
    let site = site(None);
    for (path, part) in [
        ("/schule/1", "#rounds"),
        ("/schule/1/stammdaten", "#documents"),
        ("/schule/1/umfrage/guetersloh-schule", "#block-2"),
        ("/erfassung", "#fields"),
    ] {
        let text = site.get(path).await.text;
        let jumps = text.split("<nav class=\"jumps").nth(1).and_then(|rest| rest.split("</nav>").next());
        let jumps = jumps.unwrap_or_else(|| panic!("{path} has no jump list"));
        assert!(jumps.contains("no-print") && jumps.contains("Auf dieser Seite"), "{path}: {jumps}");
        assert!(jumps.contains(&format!("href=\"{part}\"")), "{path}: {jumps}");
    }
}

#[tokio::test]
async fn examples_are_marked_on_every_page_and_real_schools_are_not() {
    let site = site(None);
    for path in PAGES {
        let answer = site.get(path).await;
        // A survey of the Träger counts no invented school beside real ones; its settings and contacts show none at all.
        let of_traeger = path.starts_with("/umfrage") || ["/einstellungen", "/kontakte"].contains(&path);
        let real = of_traeger || path.starts_with("/schule/2") || path.starts_with("/schule/3");
        assert_eq!(answer.text.contains("class=\"example\""), !real, "{path}");
    }
}

#[tokio::test]
async fn the_overview_tells_gaps_silence_and_coverage() {
    let text = site(None).get("/").await.text;
    for shown in [
        "Gesamtschule Beispielstadt",
        "2 von 2",
        "box-wald still",
        "unbekannt",
        "Gerät steht nicht im Register",
    ] {
        assert!(text.contains(shown), "{shown} is missing");
    }
}

#[tokio::test]
async fn no_page_shows_the_time_of_day_of_a_device() {
    let site = site(None);
    for path in ["/schule/1/geraete", "/schule/1/geraet/1", "/schule/1/register"] {
        let text = site.get(path).await.text;
        let body = text.split("<footer").next().unwrap_or_default();
        assert!(!body.contains("12:00") && !body.contains("10:00"), "{path} shows a time of day");
        assert!(!body.contains(" UTC"), "{path} shows a time of day");
    }
}

#[tokio::test]
async fn agents_and_rounds_are_timed_by_the_schools_clocks() {
    // The sample is looked at on 1 October at 10:00 UTC.
    let site = site(None);
    for (code, shown) in [("de", "01.10.2026,\u{a0}12:00"), ("nl", "1-10-2026,\u{a0}12:00")] {
        for path in ["/", "/schule/1"] {
            let text = site.get_as(path, &format!("rundgang_sprache={code}")).await.text;
            let body = text.split("<footer").next().unwrap_or_default();
            assert!(body.contains(shown) && !text.contains("UTC"), "{path} lacks {shown}");
        }
    }
}

#[tokio::test]
async fn counters_are_rounded_everywhere() {
    let site = site(None);
    for path in [
        "/schule/1/zaehler",
        "/schule/1/zaehler.csv",
        "/schule/1/umfrage/katalog",
        "/schule/1/umfrage/katalog/csv",
    ] {
        let text = site.get(path).await.text;
        assert!(!text.contains("347") && !text.contains("354"), "{path} shows an exact count");
        assert!(text.contains("350"), "{path} lacks the rounded count");
    }
    let text = site.get("/schule/1/zaehler").await.text;
    assert!(text.contains("&lt;10") || text.contains("&#60;10"), "{text}");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let site = site(None);
    for path in ["/", "/static/rundgang.css", "/nowhere", "/schule/99", "/schule/1/geraete.csv"] {
        let answer = site.get(path).await;
        let header = |name: &str| answer.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
        assert!(
            header("content-security-policy").starts_with("default-src 'none'; style-src 'self'"),
            "{path}"
        );
        assert!(!header("content-security-policy").contains("unsafe"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("x-frame-options"), "DENY", "{path}");
        assert!(!header("cache-control").is_empty(), "{path}");
    }
    assert_eq!(site.get("/schule/99").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get("/schule/nix").await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_silent_agent_makes_unknown_and_not_zero() {
    let site = site(None);
    let text = site.get("/schule/2/umfrage/katalog").await.text;
    let access_points = text.split("id=\"q-C03\"").nth(1).unwrap_or_default();
    let answer = access_points.split("</article>").next().unwrap_or_default();
    assert!(answer.contains("nach oben offen") && answer.contains("box-wald"), "{answer}");
    let none = site.get("/schule/3/umfrage/katalog").await.text;
    let access_points = none.split("id=\"q-C03\"").nth(1).unwrap_or_default();
    assert!(access_points.contains("unbekannt"), "a school without an agent has an unknown number");
}

#[tokio::test]
async fn tables_can_be_taken_away() {
    let site = site(None);
    for path in [
        "/schulen.csv",
        "/schule/1/geraete.csv",
        "/schule/1/befunde.csv",
        "/schule/1/register.csv",
        "/schule/1/zaehler.csv",
        "/schule/1/umfrage/guetersloh-schule/csv",
        "/umfrage/guetersloh-traeger/csv",
    ] {
        let answer = site.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        assert!(
            answer.text.starts_with('\u{feff}') && answer.text.lines().count() > 1,
            "{path}: {}",
            answer.text
        );
        let kind = answer.headers.get("content-type").and_then(|v| v.to_str().ok());
        assert_eq!(kind, Some("text/csv; charset=utf-8"), "{path}");
    }
}
