//! What stands in the forms of the master data, and what they ask the store to do.

use super::lines;
use crate::secrets;
use crate::text::Language;
use crate::{failure::Failure, web::Visit};
use axum::http::StatusCode;
use rundgang_inventory::{Timestamp, whole_number};
use rundgang_store::{
    Building, Document, Link, Room, SaidFact, SchoolChange, Site, Traeger, views::survey::keepable,
};

/// Documents that surveys and data protection ask for.
pub(super) const DOCUMENTS: [&str; 15] = [
    "medienkonzept",
    "mep",
    "finanzplan",
    "ausstattungskonzept",
    "ausstattungspaket",
    "ausbaustrategie",
    "beschluss",
    "fortbildungsplan",
    "leistungsverzeichnis",
    "verarbeitungsverzeichnis",
    "dsfa",
    "personalrat",
    "backup-test",
    "netzplan",
    "sonstiges",
];

/// What precedes the kind of a document that is not final yet.
pub(super) const DRAFT: &str = "entwurf ";
pub(super) const TECHNOLOGIES: [&str; 4] = ["fibre", "hfc", "vdsl", "radio"];
pub(super) const ROLES: [&str; 2] = ["primary", "backup"];
pub(super) const STATES: [&str; 3] = ["active", "ordered", "planned"];

/// A form in which a name may stand several times.
#[derive(Clone, Default)]
pub(super) struct Filled(pub(super) Vec<(String, String)>);

/// What was refused: the place at fault, empty for none in particular, and why.
pub(super) struct Wrong {
    pub(super) field: String,
    pub(super) why: String,
    pub(super) status: StatusCode,
}

impl Wrong {
    pub(super) fn at(language: Language, field: &str, key: &str) -> Self {
        Self::told(field, language.text(key))
    }

    pub(super) fn told(field: &str, why: String) -> Self {
        Self { field: field.to_owned(), why, status: StatusCode::UNPROCESSABLE_ENTITY }
    }

    pub(super) fn of(language: Language, failure: &Failure) -> Self {
        let field = if let Failure::Field(field, _) = failure { field.as_str() } else { "" };
        Self { status: failure.status(), ..Self::at(language, field, failure.key()) }
    }
}

impl Filled {
    pub(super) fn get(&self, name: &str) -> &str {
        self.said(name).unwrap_or_default()
    }

    /// What stands in a place; nothing where the form has none of that name.
    pub(super) fn said(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    fn has(&self, name: &str, value: &str) -> bool {
        self.0.iter().any(|(known, said)| known == name && said == value)
    }

    fn text(&self, name: &str) -> String {
        self.get(name).to_owned()
    }

    /// A number that the page itself wrote.
    fn own(&self, name: &str) -> i64 {
        self.get(name).parse().unwrap_or(0)
    }

    /// What was chosen of what is numbered; nothing for nothing.
    fn chosen(&self, name: &str) -> Option<i64> {
        self.get(name).parse().ok()
    }

    fn number(&self, language: Language, name: &str) -> Result<Option<i64>, Wrong> {
        match self.get(name) {
            "" => Ok(None),
            text => match whole_number(text) {
                Some(number) => Ok(Some(number)),
                None => Err(Wrong::at(language, name, "error-number")),
            },
        }
    }

    /// One of some words.
    fn choice(&self, language: Language, name: &str, known: &[&str]) -> Result<String, Wrong> {
        let said = self.get(name);
        if known.contains(&said) {
            return Ok(said.to_owned());
        }
        Err(Wrong::at(language, name, "error-unfit"))
    }

    /// Whether a form changes what its writer saw of a fact. One that does not say what was seen changes every fact it
    /// names.
    pub(super) fn touches(&self, fact: &str) -> bool {
        self.get("part") == "facts"
            && self.said(fact).is_some_and(|said| self.said(&format!("seen-{fact}")) != Some(said))
    }

    /// The version of a fact that its writer saw.
    pub(super) fn seen(&self, fact: &str) -> i64 {
        self.own(&format!("version-{fact}"))
    }
}

/// What a form asks the store to do.
pub(super) type Work = Box<dyn FnOnce(&Traeger) -> rundgang_store::Result<()> + Send>;

/// What a filled form asks for.
pub(super) fn work(form: &Filled, school: i64, visit: &Visit) -> Result<Work, Wrong> {
    let (who, now, language) = (visit.author(), visit.now, visit.language);
    let part = form.get("part");
    if part != "rooms" {
        for (name, value) in form.0.iter().filter(|(name, _)| name != "csrf") {
            // What was seen stands there already.
            if !name.starts_with("seen") && secrets::refuse([value.as_str()]).is_err() {
                return Err(Wrong::at(language, name, "error-secret"));
            }
        }
    }
    if form.get("do") == "delete" {
        return removal(form, school, (who, now), language);
    }
    let given = form.clone();
    Ok(match part {
        "facts" => Box::new(move |traeger| save_facts(traeger, school, &given, (&who, now))),
        "school" => {
            let change = about(form);
            Box::new(move |traeger| traeger.change_school(school, &change, (&who, now)))
        }
        "kept" => Box::new(move |traeger| save_kept(traeger, school, &given, (&who, now))),
        "rooms" => {
            let rooms = lines::rooms(form.get("rooms"), language)?;
            Box::new(move |traeger| traeger.enter_rooms(school, &rooms, (&who, now)))
        }
        "site" => {
            let site = site(form, language)?;
            Box::new(move |traeger| traeger.save_site(school, &site, (&who, now)).map(drop))
        }
        "building" => {
            let building = building(form);
            Box::new(move |traeger| traeger.save_building(school, &building, (&who, now)).map(drop))
        }
        "room" => {
            let room = room(form, language)?;
            Box::new(move |traeger| traeger.save_room(school, &room, (&who, now)).map(drop))
        }
        "link" => {
            let link = link(form, language)?;
            Box::new(move |traeger| traeger.save_link(school, &link, (&who, now)).map(drop))
        }
        "document" => {
            let document = document(form, language)?;
            Box::new(move |traeger| traeger.save_document(school, &document, (&who, now)).map(drop))
        }
        _ => return Err(Wrong::at(language, "", "error-unfit")),
    })
}

fn removal(
    form: &Filled,
    school: i64,
    (who, now): (String, Timestamp),
    language: Language,
) -> Result<Work, Wrong> {
    let (id, version) = (form.own("id"), form.own("version"));
    Ok(match form.get("part") {
        "site" => Box::new(move |traeger| traeger.remove_site(school, id, version, (&who, now))),
        "building" => Box::new(move |traeger| traeger.remove_building(school, id, version, (&who, now))),
        "room" => Box::new(move |traeger| traeger.remove_room(school, id, version, (&who, now))),
        "link" => Box::new(move |traeger| traeger.remove_link(school, id, version, (&who, now))),
        "document" => Box::new(move |traeger| traeger.remove_document(school, id, version, (&who, now))),
        _ => return Err(Wrong::at(language, "", "error-unfit")),
    })
}

fn save_facts(
    traeger: &Traeger,
    school: i64,
    form: &Filled,
    by: (&str, Timestamp),
) -> rundgang_store::Result<()> {
    // A fact that the form does not change stays as it is, whatever somebody else wrote there meanwhile.
    let touched = super::facts().filter(|name| form.touches(name));
    let said = touched.map(|name| SaidFact {
        name: name.to_owned(),
        value: form.text(name),
        version: form.seen(name),
    });
    traeger.enter_facts(school, &said.collect::<Vec<_>>(), by).map(drop)
}

/// What the school is, as sums of surveys are told by it.
fn about(form: &Filled) -> SchoolChange {
    let text = |name: &str| form.said(name).map(str::to_owned);
    SchoolChange {
        version: Some(form.own("version")),
        kind: text("kind"),
        commune: text("commune"),
        official_number: text("official_number"),
        ..SchoolChange::default()
    }
}

/// Only the lists that were ticked or unticked: whoever ticks one reverts no other.
fn save_kept(
    traeger: &Traeger,
    school: i64,
    form: &Filled,
    by: (&str, Timestamp),
) -> rundgang_store::Result<()> {
    let all = keepable();
    let lists = all.iter().map(|list| (list.as_str(), form.has("kept", list)));
    let touched: Vec<(&str, bool)> = lists.filter(|(list, kept)| form.has("seen", list) != *kept).collect();
    traeger.keep_lists(Some(school), &touched, by)
}

fn site(form: &Filled, language: Language) -> Result<Site, Wrong> {
    Ok(Site {
        id: form.own("id"),
        version: form.own("version"),
        name: form.text("name"),
        address: form.text("address"),
        is_main: form.choice(language, "role", &["main", "branch"])? == "main",
    })
}

fn building(form: &Filled) -> Building {
    Building {
        id: form.own("id"),
        version: form.own("version"),
        site: form.chosen("site"),
        name: form.text("name"),
    }
}

fn room(form: &Filled, language: Language) -> Result<Room, Wrong> {
    Ok(Room {
        id: form.own("id"),
        version: form.own("version"),
        building: form.chosen("building"),
        name: form.text("name"),
        kind: form.text("kind"),
        sockets: form.number(language, "sockets")?,
        equipment: form.text("equipment"),
    })
}

fn link(form: &Filled, language: Language) -> Result<Link, Wrong> {
    Ok(Link {
        id: form.own("id"),
        version: form.own("version"),
        site: form.chosen("site"),
        technology: form.choice(language, "technology", &TECHNOLOGIES)?,
        down_mbit: form.number(language, "down")?,
        up_mbit: form.number(language, "up")?,
        status: form.choice(language, "status", &STATES)?,
        role: form.choice(language, "role", &ROLES)?,
        provider: form.text("provider"),
    })
}

fn document(form: &Filled, language: Language) -> Result<Document, Wrong> {
    let kind = form.choice(language, "kind", &DOCUMENTS)?;
    let dated = form.get("dated");
    if !dated.is_empty() && Timestamp::parse_date(dated).is_none() {
        return Err(Wrong::at(language, "dated", "error-date"));
    }
    let name = form.get("name");
    Ok(Document {
        id: form.own("id"),
        version: form.own("version"),
        name: if name.is_empty() { kind.clone() } else { name.to_owned() },
        kind: if form.get("state") == "draft" { format!("{DRAFT}{kind}") } else { kind },
        dated: (!dated.is_empty()).then(|| dated.to_owned()),
        place: form.text("place"),
    })
}
