//! What people do on the pages: document, change, decide, answer, enter.

use crate::sample;
use crate::site::{between, site};
use axum::http::StatusCode;
use rundgang_store::views::assets::AssetFilter;

#[tokio::test]
async fn a_found_device_is_documented_by_one_click_and_completed() {
    let site = site(None);
    let csrf = site.csrf().await;
    let list = site.get("/schule/1/geraete?undocumented=1&kind=printer").await.text;
    let asset = between(&list, "name=\"asset\" value=\"", "\"");
    let click = [("csrf", csrf.as_str()), ("asset", asset.as_str()), ("click", "one")];
    let created = site.post("/schule/1/register/neu", &click).await;
    assert_eq!(created.status, StatusCode::SEE_OTHER, "{}", created.text);
    let to = created.headers.get("location").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let page = site.get(&to).await.text;
    assert!(page.contains("Im Register angelegt") && page.contains("Die Maschine sieht"), "{page}");
    // A second click does not make a second entry.
    let again = site.post("/schule/1/register/neu", &click).await;
    let target = again.headers.get("location").and_then(|v| v.to_str().ok()).unwrap_or_default();
    assert_eq!(to.split('?').next(), Some(target));
    let still = site.get("/schule/1/geraete?undocumented=1").await.text;
    assert!(!still.contains(&format!("name=\"asset\" value=\"{asset}\"")), "it is still undocumented");
}

#[tokio::test]
async fn a_device_that_the_register_has_is_not_entered_twice() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let lines = traeger.asset_lines(1, &AssetFilter::default()).expect("devices");
    let known = lines.iter().find(|line| line.ip == "10.1.0.4").expect("the NAS, known by its sticker");
    let (entry, _) = known.system.clone().expect("its entry");
    let noted = traeger.system(entry).expect("the entry");
    let before = traeger.systems(1).expect("systems").len();
    let refused = async |form: &[(&str, &str)], shown: &str| {
        let common =
            [("csrf", csrf.as_str()), ("kind", "nas"), ("status", "in-use"), ("name", "Zweiter Eintrag")];
        let page = site.post("/schule/1/register/neu", &[&common[..], form].concat()).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{form:?}");
        assert!(page.text.contains("steht schon im Register"), "{}", page.text);
        assert!(page.text.contains("value=\"Zweiter Eintrag\""), "what was typed is kept");
        assert!(page.text.contains(shown), "{shown} is not on {}", page.text);
        assert_eq!(traeger.systems(1).expect("systems").len(), before, "{form:?}");
    };
    let (asset, to) = (known.id.to_string(), format!("/schule/1/register/{entry}\">"));
    refused(&[("asset", &asset)], &to).await;
    let (mac, serial) = (noted.mac.replace([':', '-'], "").to_uppercase(), noted.serial.to_lowercase());
    assert!(!mac.is_empty() || !serial.is_empty(), "the sticker says something");
    for (field, value) in [("mac", &mac), ("serial", &serial)].into_iter().filter(|(_, v)| !v.is_empty()) {
        refused(&[(field, value)], &format!("id=\"{field}-error\"")).await;
        refused(&[(field, value)], &to).await;
    }
    // A service on the device is an entry of its own.
    let service = [
        ("csrf", csrf.as_str()),
        ("name", "Dateiablage"),
        ("kind", "cloud"),
        ("status", "in-use"),
        ("mac", noted.mac.as_str()),
        ("serial", noted.serial.as_str()),
    ];
    assert_eq!(site.post("/schule/1/register/neu", &service).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn two_people_do_not_overwrite_each_other() {
    let site = site(None);
    let csrf = site.csrf().await;
    let page = site.get("/schule/1/register/1").await.text;
    let version = between(&page, "name=\"version\" value=\"", "\"");
    let form = |provider: &'static str| {
        vec![
            ("csrf".to_owned(), csrf.clone()),
            ("version".to_owned(), version.clone()),
            ("name".to_owned(), "Switch Obergeschoss".to_owned()),
            ("kind".to_owned(), "switch".to_owned()),
            ("status".to_owned(), "in-use".to_owned()),
            ("provider".to_owned(), provider.to_owned()),
        ]
    };
    let send = async |form: Vec<(String, String)>| {
        let pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        site.post("/schule/1/register/1", &pairs).await
    };
    assert_eq!(send(form("Erste GmbH")).await.status, StatusCode::SEE_OTHER);
    let second = send(form("Zweite GmbH")).await;
    assert_eq!(second.status, StatusCode::CONFLICT);
    assert!(
        second.text.contains("Gespeichert ist jetzt: Erste GmbH")
            && second.text.contains("value=\"Zweite GmbH\"")
    );
    let log = site.get("/schule/1/register/1").await.text;
    assert!(log.contains("Erste GmbH") && log.contains("geändert") && !log.contains("Zweite GmbH"));
}

#[tokio::test]
async fn a_decision_needs_a_reason_and_rests_the_finding() {
    let site = site(None);
    let csrf = site.csrf().await;
    let lines = site.store.traeger(site.traeger).findings_page(1, sample::NOW).expect("findings");
    let finding = lines.iter().find(|line| line.rule == "projector.no-password").expect("the finding");
    let form = |state: &'static str, reason: &'static str| {
        [("csrf", csrf.clone()), ("rule", finding.rule.clone()), ("subject", finding.subject.clone())]
            .into_iter()
            .chain([
                ("state", state.to_owned()),
                ("reason", reason.to_owned()),
                ("until", "2027-01-31".to_owned()),
            ])
            .collect::<Vec<_>>()
    };
    let send = async |form: Vec<(&str, String)>| {
        let pairs: Vec<(&str, &str)> = form.iter().map(|(n, v)| (*n, v.as_str())).collect();
        site.post("/schule/1/befund", &pairs).await
    };
    assert_eq!(send(form("accepted", "")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let decided = send(form("accepted", "Eigenes Netz, Austausch im Januar")).await;
    assert_eq!(decided.status, StatusCode::SEE_OTHER, "{}", decided.text);
    let to = decided.headers.get("location").and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned();
    let page = site.get(&to).await.text;
    assert!(
        page.contains("Austausch im Januar")
            && page.contains("31.01.2027")
            && page.contains("Risiko akzeptiert")
    );
    let open = |text: &str| between(text, "<p class=\"muted\">", " ").parse::<usize>().unwrap_or(0);
    let after = site.get("/schule/1/befunde").await.text;
    let still: Vec<_> = lines.iter().filter(|line| line.is_gap(sample::NOW)).collect();
    assert_eq!(open(&after), still.len() - 1);
}

#[tokio::test]
async fn what_somebody_deals_with_is_counted_apart_and_stays_open() {
    let site = site(None);
    let csrf = site.csrf().await;
    let traeger = site.store.traeger(site.traeger);
    let grave = traeger.school_page(1, sample::NOW).expect("the school").grave;
    let lines = traeger.findings_page(1, sample::NOW).expect("findings");
    let finding =
        lines.iter().find(|line| line.is_open(sample::NOW) && line.rank() <= 1).expect("a grave one");
    for path in ["/", "/schule/1", "/schule/1/befunde"] {
        assert!(!site.get(path).await.text.contains("in Bearbeitung"), "{path}");
    }
    let form = [
        ("csrf", csrf.as_str()),
        ("rule", finding.rule.as_str()),
        ("subject", finding.subject.as_str()),
        ("state", "acknowledged"),
    ];
    assert_eq!(site.post("/schule/1/befund", &form).await.status, StatusCode::SEE_OTHER);
    for path in ["/", "/schule/1", "/schule/1/befunde"] {
        assert!(site.get(path).await.text.contains("davon 1 in Bearbeitung"), "{path}");
    }
    let after = traeger.school_page(1, sample::NOW).expect("the school");
    assert_eq!((after.grave, after.acknowledged), (grave - 1, 1), "it waits for nobody any more");
    let still = traeger.findings_page(1, sample::NOW).expect("findings");
    assert_eq!(
        still.iter().filter(|line| line.is_open(sample::NOW)).count(),
        lines.iter().filter(|line| line.is_open(sample::NOW)).count(),
        "and is open still"
    );
}

#[tokio::test]
async fn a_persons_answer_stands_beside_the_machines_and_shows_drift() {
    let site = site(None);
    let csrf = site.csrf().await;
    let path = "/schule/1/umfrage/guetersloh-schule";
    let before = site.get(path).await.text;
    assert!(
        before.contains("id=\"q-S4-1a\"") && before.contains("Stufe 3"),
        "the line is active with 1000 Mbit/s"
    );
    let form =
        [("csrf", csrf.as_str()), ("question", "S4.1a"), ("value", "2"), ("comment", "Abends langsam")];
    let saved = site.post(&format!("{path}/antwort"), &form).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text);
    let traeger = site.store.traeger(site.traeger);
    let mut link = traeger.links(1).expect("links").remove(0);
    link.down_mbit = Some(16);
    traeger.save_link(1, &link, ("K", sample::NOW)).expect("a slower line");
    let after = site.get(path).await.text;
    assert!(
        after.contains("Abends langsam") && after.contains("Ihre Angabe bleibt stehen"),
        "the drift is shown"
    );
    let unknown = [("csrf", csrf.as_str()), ("question", "S4.1a"), ("value", "9")];
    assert_eq!(
        site.post(&format!("{path}/antwort"), &unknown).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn what_the_master_data_cannot_keep_stays_in_its_form() {
    let site = site(None);
    let csrf = site.csrf().await;
    let refused = async |form: &[(&str, &str)], kept: &str| {
        let page = site.post("/schule/1/stammdaten", &[&[("csrf", csrf.as_str())], form].concat()).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        assert!(page.text.contains(kept), "'{kept}' is lost: {}", page.text);
        assert!(page.text.contains("class=\"error\""), "no reason beside the form: {form:?}");
    };
    refused(&[("part", "rooms"), ("rooms", "R1; Klassenraum; viele")], ">R1; Klassenraum; viele</textarea>")
        .await;
    let line = [("part", "link"), ("technology", "vdsl"), ("down", "schnell"), ("provider", "Stadtnetz Ost")];
    refused(&line, "value=\"Stadtnetz Ost\"").await;
    refused(&line, "<option value=\"vdsl\" selected>").await;
    let paper = [("part", "document"), ("kind", "mep"), ("name", "MEP 2027"), ("dated", "31.12.2027")];
    refused(&paper, "value=\"MEP 2027\"").await;
    refused(&paper, "<option value=\"mep\" selected>").await;
    let fact = [("part", "facts"), ("pupils", "700"), ("support.first", "Kennwort: geheim12")];
    refused(&fact, "value=\"700\"").await;
    let traeger = site.store.traeger(site.traeger);
    assert_eq!(traeger.school(1).expect("a school").entered.pupils, Some(812), "nothing was kept");
}

#[tokio::test]
async fn rooms_facts_and_lists_are_entered_and_used() {
    let site = site(None);
    let csrf = site.csrf().await;
    let path = "/schule/3/stammdaten";
    let rooms =
        [("csrf", csrf.as_str()), ("part", "rooms"), ("rooms", "R1; Klassenraum; 2; wlan\nR2; Klassenraum")];
    assert_eq!(site.post(path, &rooms).await.status, StatusCode::SEE_OTHER);
    let facts = [("csrf", csrf.as_str()), ("part", "facts"), ("pupils", "1050"), ("support.first", "Herr B")];
    assert_eq!(site.post(path, &facts).await.status, StatusCode::SEE_OTHER);
    let kept = [("csrf", csrf.as_str()), ("part", "kept"), ("kept", "board"), ("kept", "projector")];
    assert_eq!(site.post(path, &kept).await.status, StatusCode::SEE_OTHER);
    let text = site.get(path).await.text;
    assert!(
        text.contains("value=\"1050\"") && text.contains("value=\"board\" checked") && text.contains(">R2<")
    );
    let survey = site.get("/schule/3/umfrage/katalog").await.text;
    let share = survey.split("id=\"q-C02\"").nth(1).unwrap_or_default();
    assert!(share.contains("50\u{a0}%"), "one of two rooms has WLAN");
    let view = site.store.traeger(site.traeger).survey_view(3, sample::NOW).expect("a view");
    assert!(view.kept.contains("board") && view.facts.contains_key("support.first"));
}
