//! One contact or offer as a form, and what stands in a form as one.

use crate::chrome::Chrome;
use crate::pages::item::{Item, Refused, Spec, Stands, Typed, or_none};
use crate::pages::register;
use rundgang_store::{Contact, Offer};
use std::collections::BTreeMap;

/// What was filled in, by place.
pub(super) type Filled = BTreeMap<String, String>;

/// The places of a form, the one that must be filled in first.
pub(super) const fn names(part_is_offer: bool) -> [&'static str; 5] {
    if part_is_offer {
        ["name", "kind", "provider", "description", "ask"]
    } else {
        ["function", "name", "phone", "mail", "purpose"]
    }
}

/// A contact or an offer as a form, from what stands there, and what somebody filled in and could not be kept: with the
/// place at fault and why.
pub(super) fn item(
    c: &Chrome,
    part: &str,
    (id, version): (i64, i64),
    stands: &Filled,
    given: Option<(&Filled, &str, &str)>,
) -> Item {
    let get = |from: &Filled, name: &str| from.get(name).cloned().unwrap_or_default();
    let names = names(part == "offer");
    let spec = |name: &'static str| Spec {
        name,
        label: c.t(&format!("{part}-{name}")),
        typed: Typed::Text,
        choices: if name == "kind" { kinds(c) } else { Vec::new() },
        is_required: name == names[0],
    };
    let said = |name: &&str| {
        let text = get(stands, name);
        let words = match *name {
            "kind" => c.word("kind", &text),
            "ask" => c.s("offer-ask-whom", "whom", text.clone()),
            _ => text.clone(),
        };
        (!text.is_empty()).then_some(words)
    };
    let rest: Vec<String> = names[1..].iter().filter_map(said).collect();
    let standing = Stands {
        part,
        id,
        version,
        title: if id == 0 { c.t(&format!("{part}-new")) } else { get(stands, names[0]) },
        line: rest.join(" · "),
        values: names.iter().map(|name| (*name, get(stands, name))).collect(),
    };
    let specs = names.into_iter().map(spec).collect();
    let Some((filled, field, why)) = given else { return Item::of(standing, specs, None) };
    Item::of(standing, specs, Some(&Refused { get: &|name| get(filled, name), field, why }))
}

fn kinds(c: &Chrome) -> Vec<(String, String)> {
    or_none(register::kinds(c, "").into_iter().map(|(value, words, _)| (value, words)))
}

fn text(filled: &Filled, name: &str) -> String {
    filled.get(name).map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn number(filled: &Filled, name: &str) -> i64 {
    text(filled, name).parse().unwrap_or(0)
}

pub(super) fn contact_of(filled: &Filled, school: Option<i64>) -> Contact {
    Contact {
        id: number(filled, "id"),
        school,
        version: number(filled, "version"),
        function: text(filled, "function"),
        name: text(filled, "name"),
        phone: text(filled, "phone"),
        mail: text(filled, "mail"),
        purpose: text(filled, "purpose"),
    }
}

pub(super) fn contact_values(one: &Contact) -> Filled {
    let values = [&one.function, &one.name, &one.phone, &one.mail, &one.purpose];
    names(false).into_iter().map(str::to_owned).zip(values.into_iter().cloned()).collect()
}

pub(super) fn offer_of(filled: &Filled) -> Offer {
    Offer {
        id: number(filled, "id"),
        version: number(filled, "version"),
        name: text(filled, "name"),
        kind: text(filled, "kind"),
        provider: text(filled, "provider"),
        description: text(filled, "description"),
        ask: text(filled, "ask"),
    }
}

pub(super) fn offer_values(one: &Offer) -> Filled {
    let values = [&one.name, &one.kind, &one.provider, &one.description, &one.ask];
    names(true).into_iter().map(str::to_owned).zip(values.into_iter().cloned()).collect()
}
