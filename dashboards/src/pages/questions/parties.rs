//! Whom a question about a system can be passed on to: who the register names for it, and the contacts.

use crate::chrome::Chrome;
use crate::mailto::mailbox;
use rundgang_inventory::search::folded;
use rundgang_store::{Contact, DocumentedSystem};

/// Letters of whom a question goes to.
const LONGEST: usize = 300;

/// Somebody who may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Party {
    /// What the form calls it, with the address that was shown: `hotline support@anbieter.example`, `contact-3 `. Whoever is
    /// reached by another address meanwhile is not asked unseen.
    pub(super) key: String,
    /// In which role: "Support, erste Stufe".
    pub(super) role: String,
    /// As it is typed in the register.
    pub(super) whom: String,
    /// The mail address; empty where none is known.
    pub(super) mail: String,
    /// Whether it is a contact that bears no name of the system: one of many.
    pub(super) is_far: bool,
}

/// Everybody who may be asked about a system, the nearest first: its support, its provider, who answers for it, and the
/// contacts that bear one of these names before the others.
pub(super) fn parties(c: &Chrome, system: &DocumentedSystem, contacts: &[Contact]) -> Vec<Party> {
    let support = [
        ("first-level", &system.first_level),
        ("hotline", &system.hotline),
        ("provider", &system.provider),
        ("second-level", &system.second_level),
        ("owner", &system.owner),
        ("deputy", &system.deputy),
    ];
    // A provider is reached by the first address that is typed for it, wherever that stands.
    let of_provider = [&system.hotline, &system.first_level, &system.second_level];
    let of_provider = of_provider.into_iter().find_map(|text| mailbox(text));
    let bears = |name: &str, one: &Contact| {
        let (name, function) = (folded(name), folded(&one.function));
        !name.is_empty() && (name == function || name == folded(&one.name))
    };
    let of_contact =
        |name: &str| contacts.iter().filter(|one| bears(name, one)).find_map(|one| mailbox(&one.mail));
    let party = |key: &str, role: String, whom: &str, mail: Option<String>| {
        let mail = mail.unwrap_or_default();
        let whom = whom.trim().chars().take(LONGEST).collect();
        Party { key: format!("{key} {mail}"), role, whom, mail, is_far: false }
    };
    let mut all: Vec<Party> = support
        .into_iter()
        .filter(|(_, text)| !text.trim().is_empty())
        .map(|(key, text)| {
            let mail = mailbox(text)
                .or_else(|| of_contact(text))
                .or_else(|| of_provider.clone().filter(|_| key == "provider"));
            party(key, c.t(&format!("field-{key}")), text, mail)
        })
        .collect();
    let named = |one: &&Contact| support.iter().any(|(_, name)| bears(name, one));
    let (near, far): (Vec<&Contact>, Vec<&Contact>) = contacts.iter().partition(named);
    let shown = near.into_iter().map(|one| (one, false)).chain(far.into_iter().map(|one| (one, true)));
    all.extend(shown.map(|(one, is_far)| {
        let role = if one.purpose.is_empty() { c.t("contacts-found") } else { one.purpose.clone() };
        let whom = [one.function.as_str(), &one.name, &one.phone];
        let whom: Vec<&str> = whom.into_iter().filter(|text| !text.is_empty()).collect();
        let party = party(&format!("contact-{}", one.id), role, &whom.join(", "), mailbox(&one.mail));
        Party { is_far, ..party }
    }));
    all
}

/// Whom the form proposes: the first who can be written to, otherwise the first at all.
pub(super) fn nearest(all: &[Party]) -> String {
    let first = all.iter().find(|party| !party.mail.is_empty()).or_else(|| all.first());
    first.map_or_else(|| "other".to_owned(), |party| party.key.clone())
}
