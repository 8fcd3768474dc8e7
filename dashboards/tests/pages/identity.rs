//! Which device is which, decided on its page and taken back there.

use crate::site::{Site, between, location, plain, site};
use axum::http::StatusCode;
use rundgang_store::views::assets::{AssetFilter, AssetLine};

fn devices(site: &Site) -> Vec<AssetLine> {
    site.store.traeger(site.traeger).asset_lines(1, &AssetFilter::default()).expect("devices")
}

fn at(site: &Site, ip: &str) -> i64 {
    devices(site).iter().find(|line| line.ip == ip).expect("a device there").id
}

#[tokio::test]
async fn two_entries_become_one_device_and_two_again() {
    let site = site(None);
    let csrf = site.csrf().await;
    let (before, into, from) = (devices(&site).len(), at(&site, "10.1.0.5"), at(&site, "10.1.0.6"));
    let doubt = site.get(&format!("/schule/1/geraet/{into}")).await.text;
    let path = format!("/schule/1/zuordnung?geraet={into}");
    assert!(doubt.contains(&format!("href=\"{path}\"")), "the device's page leads there: {doubt}");
    let found = site.get(&format!("{path}&q=ap-b204")).await.text;
    assert!(found.contains(&format!("name=\"from\" value=\"{from}\"")), "{found}");
    assert!(!found.contains(&format!("name=\"from\" value=\"{into}\"")), "not the device itself");
    let (into, from) = (into.to_string(), from.to_string());
    let merge = [("csrf", csrf.as_str()), ("act", "merge"), ("into", &into), ("from", &from)];
    let merged = site.post("/schule/1/zuordnung", &merge).await;
    assert_eq!(merged.status, StatusCode::SEE_OTHER, "{}", merged.text);
    assert_eq!(devices(&site).len(), before - 1);
    let page = plain(&site.get(location(&merged)).await.text);
    assert!(
        page.contains("Gespeichert. Die Entscheidung steht unten") && page.contains("zusammengelegt"),
        "{page}"
    );

    let event = between(&page, "name=\"event\" value=\"", "\"");
    let undo = [("csrf", csrf.as_str()), ("act", "undo"), ("event", event.as_str())];
    let undone = site.post("/schule/1/zuordnung", &undo).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.text);
    assert_eq!(devices(&site).len(), before);
    let page = site.get("/schule/1/zuordnung").await.text;
    assert!(page.contains("zurückgenommen") && !page.contains("name=\"event\""), "taken back once: {page}");
    let again = site.post("/schule/1/zuordnung", &undo).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", again.text);
}

#[tokio::test]
async fn one_entry_becomes_two_devices_by_what_is_chosen() {
    let site = site(None);
    let csrf = site.csrf().await;
    let (before, asset) = (devices(&site).len(), at(&site, "10.1.0.31").to_string());
    let page = site.get(&format!("/schule/1/zuordnung?geraet={asset}")).await.text;
    let keys: Vec<&str> =
        page.split("name=\"key-").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(keys.len() > 1 && page.contains("Seriennummer: "), "{page}");
    let split = async |keys: &[&str]| {
        let names: Vec<String> = keys.iter().map(|key| format!("key-{key}")).collect();
        let chosen = names.iter().map(|name| (name.as_str(), "1"));
        let form = [("csrf", csrf.as_str()), ("act", "split"), ("asset", &asset)];
        let form: Vec<(&str, &str)> = form.into_iter().chain(chosen).collect();
        site.post("/schule/1/zuordnung", &form).await.status
    };
    // Nothing, everything, and what is somebody else's.
    assert_eq!(split(&[]).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(split(&keys).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(split(&["999999"]).await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(devices(&site).len(), before);
    assert_eq!(split(&keys[..1]).await, StatusCode::SEE_OTHER);
    let page = site.get("/schule/1/zuordnung").await.text;
    assert!(page.contains("abgetrennt") && page.contains("name=\"event\""), "{page}");
}

#[tokio::test]
async fn decisions_about_identity_are_ours_and_of_this_school() {
    let site = site(None);
    let csrf = site.csrf().await;
    let (into, from) = (at(&site, "10.1.0.5").to_string(), at(&site, "10.1.0.6").to_string());
    let before = devices(&site).len();
    let send = async |path: &str, csrf: &str, act: &str| {
        let form = [("csrf", csrf), ("act", act), ("into", into.as_str()), ("from", from.as_str())];
        site.post(path, &form).await.status
    };
    assert_eq!(send("/schule/1/zuordnung", "forged", "merge").await, StatusCode::FORBIDDEN);
    assert_eq!(send("/schule/2/zuordnung", &csrf, "merge").await, StatusCode::NOT_FOUND);
    assert_eq!(send("/schule/1/zuordnung", &csrf, "forget").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(send("/schule/1/zuordnung", &csrf, "undo").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(site.get("/schule/2/zuordnung?geraet=1").await.status, StatusCode::NOT_FOUND);
    assert_eq!(devices(&site).len(), before);
}
