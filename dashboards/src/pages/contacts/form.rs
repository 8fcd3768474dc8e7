//! One contact or offer as a form, and what stands in a form as one.

use crate::chrome::Chrome;
use crate::pages::register;
use rundgang_store::{Contact, Offer};
use std::collections::BTreeMap;

/// What was filled in, by place.
pub(super) type Filled = BTreeMap<String, String>;

/// One place of a form.
pub(super) struct Place {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) value: String,
    /// Value, words, whether chosen; none for a place to type into.
    pub(super) options: Vec<(String, String, bool)>,
    /// What stands there now, where somebody else changed it meanwhile.
    pub(super) other: Option<String>,
    /// Why it was refused.
    pub(super) error: Option<String>,
    pub(super) is_required: bool,
}

/// A contact or an offer as a form; number 0 for a new one.
pub(super) struct Item {
    pub(super) part: String,
    pub(super) id: i64,
    pub(super) version: i64,
    /// Its heading.
    pub(super) title: String,
    /// What is said of it in one line.
    pub(super) line: String,
    pub(super) places: Vec<Place>,
    pub(super) is_open: bool,
}

/// The places of a form, the one that must be filled in first.
pub(super) const fn names(part_is_offer: bool) -> [&'static str; 5] {
    if part_is_offer {
        ["name", "kind", "provider", "description", "ask"]
    } else {
        ["function", "name", "phone", "mail", "purpose"]
    }
}

impl Item {
    /// From what stands there, and what somebody filled in and could not be kept: with the place at fault and why.
    pub(super) fn of(
        c: &Chrome,
        part: &str,
        id: i64,
        version: i64,
        stands: &Filled,
        given: Option<(&Filled, &str, &str)>,
    ) -> Self {
        let get = |from: &Filled, name: &str| from.get(name).cloned().unwrap_or_default();
        // Whoever saves again has seen what the other one wrote.
        let is_stale = given.is_some_and(|(filled, ..)| get(filled, "version") != version.to_string());
        let names = names(part == "offer");
        let place = |name: &'static str| {
            let now = get(stands, name);
            let value = given.map_or_else(|| now.clone(), |(filled, ..)| get(filled, name));
            let label = c.t(&format!("{part}-{name}"));
            let options = if name == "kind" { kinds(c, &value) } else { Vec::new() };
            let words = if name == "kind" { c.word("kind", &now) } else { now.clone() };
            Place {
                name,
                label,
                options,
                other: (is_stale && id != 0 && value != now).then_some(words),
                error: given.filter(|(_, at, _)| *at == name).map(|(_, _, why)| why.to_owned()),
                is_required: name == names[0],
                value,
            }
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
        Self {
            part: part.to_owned(),
            id,
            version,
            title: if id == 0 { c.t(&format!("{part}-new")) } else { get(stands, names[0]) },
            line: rest.join(" · "),
            places: names.map(place).into(),
            is_open: given.is_some(),
        }
    }
}

fn kinds(c: &Chrome, value: &str) -> Vec<(String, String, bool)> {
    let mut all = register::kinds(c, value);
    all.insert(0, (String::new(), "–".to_owned(), value.is_empty()));
    if !all.iter().any(|(_, _, chosen)| *chosen) {
        all.push((value.to_owned(), value.to_owned(), true));
    }
    all
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
