//! What is documented is the same number wherever it is shown.

use crate::sample;
use crate::site::{between, site};
use rundgang_store::views::assets::AssetFilter;

/// The number in a tile of the school's page that leads to `path`.
fn tile(page: &str, path: &str) -> usize {
    let number = between(page, &format!("<a href=\"{path}\"><b>"), "</b>");
    number.parse().expect("a number in the tile")
}

#[tokio::test]
async fn every_page_counts_the_same_devices_as_documented() {
    let site = site(None);
    let traeger = site.store.traeger(site.traeger);
    let lines = traeger.asset_lines(1, &AssetFilter::default()).expect("devices");
    let nas = lines.iter().find(|line| line.ip == "10.1.0.4").expect("the NAS");
    assert_eq!(nas.system.as_ref().map(|(_, name)| name.as_str()), Some("Mensa-NAS"), "known by its sticker");
    let documented = traeger.documented_assets(Some(1)).expect("ids");
    let undocumented = lines.len() - documented.len();
    assert!(documented.contains(&nas.id) && undocumented > 0);
    let school = site.get("/schule/1").await.text;
    assert_eq!(tile(&school, "/schule/1/geraete"), lines.len());
    assert_eq!(tile(&school, "/schule/1/geraete?undocumented=1"), undocumented);
    let list = site.get("/schule/1/geraete?undocumented=1").await.text;
    assert_eq!(list.matches("name=\"asset\" value=").count(), undocumented, "the list of devices");
    let findings = traeger.findings_page(1, sample::NOW).expect("findings");
    let open = findings.iter().filter(|f| f.rule == "asset.undocumented" && f.is_open(sample::NOW)).count();
    assert_eq!(open, undocumented, "the findings");
    let register = site.get("/schule/1/register").await.text;
    assert!(register.contains(&format!("/schule/1/geraet/{}\"", nas.id)), "the register leads to the NAS");
    let edit = nas.system.as_ref().map(|(id, _)| format!("/schule/1/register/{id}")).expect("a system");
    assert!(site.get(&edit).await.text.contains("10.1.0.4"), "the entry shows what the machine sees");
}
