//! The surveys that come with the product.

use super::file::Survey;
use std::sync::LazyLock;

pub(super) const FILES: [(&str, &str); 4] = [
    ("digitales-klassenzimmer.toml", include_str!("../../surveys/digitales-klassenzimmer.toml")),
    ("guetersloh-schule.toml", include_str!("../../surveys/guetersloh-schule.toml")),
    ("guetersloh-traeger.toml", include_str!("../../surveys/guetersloh-traeger.toml")),
    ("katalog.toml", include_str!("../../surveys/katalog.toml")),
];

static SHIPPED: LazyLock<Vec<Survey>> = LazyLock::new(|| {
    // The tests below refuse a release in which one of them does not load.
    FILES.iter().filter_map(|(_, text)| Survey::parse(text).ok()).collect()
});

/// Every shipped survey.
#[must_use]
pub fn shipped() -> &'static [Survey] {
    &SHIPPED
}

/// The text of a shipped survey's file.
#[must_use]
pub fn shipped_text(id: &str) -> Option<&'static str> {
    let texts = FILES.iter().map(|(_, text)| *text);
    texts.into_iter().find(|text| Survey::parse(text).is_ok_and(|survey| survey.id == id))
}

/// The shipped survey of that identifier.
#[must_use]
pub fn survey(id: &str) -> Option<&'static Survey> {
    shipped().iter().find(|survey| survey.id == id)
}
