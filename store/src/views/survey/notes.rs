//! The notes from which answers "as of 1 October" are computed: every element that surveys ask for, from when to when
//! it was so, and when the book knew it. Devices are noted by the day (promise P6).

use super::live::{Span, documents_of, views};
use crate::{
    error::{Doing, Error, Result},
    store::{Traeger, Tx, cells},
    views::FRESH_DAYS,
};
use rundgang_inventory::{
    Timestamp,
    survey::{Asked, Fact, Survey, SurveyAsset, SurveyView, Told, Walked, Wants},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// A reference date, and the day whose knowledge counts. Both days count wholly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AsOf {
    /// The day the answers are for.
    pub valid: Timestamp,
    /// The last day on which something may have been learned.
    pub known: Timestamp,
}

impl AsOf {
    /// A past day with what is known today.
    #[must_use]
    pub const fn known_today(valid: Timestamp, now: Timestamp) -> Self {
        Self { valid, known: now }
    }

    /// A past day with what was known on it.
    #[must_use]
    pub const fn known_then(valid: Timestamp) -> Self {
        Self { valid, known: valid }
    }

    fn ends(self) -> (Timestamp, Timestamp) {
        let last = |day: Timestamp| Timestamp(day.day().plus_days(1).0 - 1);
        (last(self.valid), last(self.known))
    }
}

/// What stands in one note.
struct Note {
    id: i64,
    value: String,
    valid_from: Timestamp,
}

/// One element as it is at present, and since when.
struct Element {
    value: String,
    since: Option<Timestamp>,
    /// What it was before `since`, back to an earlier day.
    before: Option<(Timestamp, String)>,
}

/// Noun and name: `asset 7`, `room R101`, `fact pupils`.
type Key = (String, String);

impl Traeger {
    /// Notes how a school stands, as far as it changed. Whoever answers a survey notes first, so that each answer can
    /// be given again later; a timer notes in between.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn note_survey(&self, school: i64, now: Timestamp) -> Result<SurveyView> {
        let view = self.survey_view(school, now)?;
        let fresh = self.read(|tx| differs(tx, school, &view))?;
        if fresh {
            self.write(|tx| {
                tx.lock_school(school)?;
                let again = views(tx, Span::one(school), &Wants::everything(), now)?.remove(&school);
                again.map_or(Ok(()), |view| note(tx, school, &view, now))
            })
            .doing(|| format!("note how school {school} stands"))?;
        }
        Ok(view)
    }

    /// Notes how the Träger itself and each of its schools stands.
    ///
    /// # Errors
    /// The database failed.
    pub fn note_surveys(&self, now: Timestamp) -> Result<()> {
        for school in self.surveyed_schools()? {
            self.note_survey(school, now)?;
        }
        let own = self.own_survey_view(now)?;
        if self.read(|tx| differs(tx, 0, &own))? {
            self.write(|tx| note(tx, 0, &own, now)).doing(|| "note how the Träger stands".to_owned())?;
        }
        Ok(())
    }

    /// What was known of one school.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn survey_view_as_of(&self, school: i64, as_of: AsOf) -> Result<SurveyView> {
        let name = self.school(school)?.entered.name;
        let mut view =
            self.read(|tx| past(tx, Span::one(school), as_of))?.remove(&school).unwrap_or_default();
        (view.school, view.name, view.as_of) = (school.to_string(), name, as_of.valid.day());
        Ok(view)
    }

    /// What was known of the Träger itself.
    ///
    /// # Errors
    /// The database failed.
    pub fn own_survey_view_as_of(&self, as_of: AsOf) -> Result<SurveyView> {
        let mut own = self.read(|tx| past(tx, Span::one(0), as_of))?.remove(&0).unwrap_or_default();
        own.as_of = as_of.valid.day();
        own.documents = documents_of(&own.facts);
        Ok(own)
    }

    /// What the schools said to a survey on that day, and the Träger's own view.
    ///
    /// # Errors
    /// The database failed.
    pub fn survey_told_as_of(&self, survey: &Survey, as_of: AsOf) -> Result<(SurveyView, Vec<Told>)> {
        let asked = Asked::of(survey);
        let mut told = Vec::new();
        for school in self.surveyed_schools()? {
            told.push(Told::by(&self.survey_view_as_of(school, as_of)?, survey, &asked));
        }
        Ok((self.own_survey_view_as_of(as_of)?, told))
    }
}

const OPEN: &str = "SELECT noun, name, id, value, valid_from FROM survey_note
                    WHERE traeger_id = $1 AND school_id = $2 AND valid_to IS NULL AND replaced_at IS NULL";

fn open_notes(tx: &mut Tx<'_>, school: i64) -> Result<BTreeMap<Key, Note>> {
    let rows = tx.list(OPEN, cells![school], |row| {
        let note = Note { id: row.int(2)?, value: row.text(3)?, valid_from: row.moment(4)? };
        Ok(((row.text(0)?, row.text(1)?), note))
    })?;
    Ok(rows.into_iter().collect())
}

fn differs(tx: &mut Tx<'_>, school: i64, view: &SurveyView) -> Result<bool> {
    let open = open_notes(tx, school)?;
    let elements = elements(view, &BTreeMap::new())?;
    Ok(open.len() != elements.len()
        || elements.iter().any(|(key, element)| open.get(key).is_none_or(|note| note.value != element.value)))
}

/// Writes the difference between the notes and what is so now.
fn note(tx: &mut Tx<'_>, school: i64, view: &SurveyView, now: Timestamp) -> Result<()> {
    let mut open = open_notes(tx, school)?;
    let begun = beginning(tx, school, now)?;
    let is_first = open.is_empty();
    let systems = system_days(tx, school)?;
    for (key, element) in elements(view, &systems)? {
        let by_day = key.0 == "asset";
        let now = if by_day { now.day() } else { now };
        let writer = Writer { school, key: &key, now };
        match open.remove(&key) {
            Some(note) if note.value == element.value => {}
            Some(note) => {
                let from = element.since.filter(|since| *since > note.valid_from).unwrap_or(now);
                writer.close(tx, &note, from)?;
                writer.insert(tx, &element.value, from, None)?;
            }
            None => {
                // What is noted first, and of which nobody said since when, was so since the book was begun.
                let from = element.since.unwrap_or(if is_first { begun } else { now });
                if let Some((earlier, value)) = &element.before {
                    writer.insert(tx, value, *earlier, Some(from))?;
                }
                writer.insert(tx, &element.value, from, None)?;
            }
        }
    }
    for (key, note) in open {
        let now = if key.0 == "asset" { now.day() } else { now };
        Writer { school, key: &key, now }.close(tx, &note, now)?;
    }
    Ok(())
}

struct Writer<'w> {
    school: i64,
    key: &'w Key,
    now: Timestamp,
}

impl Writer<'_> {
    /// The note is replaced by one that ends; what the book said before can still be read.
    fn close(&self, tx: &mut Tx<'_>, note: &Note, until: Timestamp) -> Result<()> {
        let sql = "UPDATE survey_note SET replaced_at = $3 WHERE traeger_id = $1 AND id = $2";
        tx.execute(sql, cells![note.id, self.now])?;
        if note.valid_from < until {
            self.insert(tx, &note.value, note.valid_from, Some(until))?;
        }
        Ok(())
    }

    fn insert(&self, tx: &mut Tx<'_>, value: &str, from: Timestamp, until: Option<Timestamp>) -> Result<()> {
        let sql = "INSERT INTO survey_note (traeger_id, school_id, noun, name, subject, value, valid_from, valid_to,
                     recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let (noun, name) = self.key;
        let row = cells![self.school, noun, name, subject(noun, name), value, from, until, self.now];
        tx.execute(sql, row).map(drop)
    }
}

/// The device a note is about, so that it is forgotten with the device.
fn subject(noun: &str, name: &str) -> String {
    match noun {
        "asset" if !name.starts_with("system ") => format!("asset {name}"),
        "finding" => name.split_once('|').map(|(_, subject)| subject.to_owned()).unwrap_or_default(),
        _ => String::new(),
    }
}

fn beginning(tx: &mut Tx<'_>, school: i64, now: Timestamp) -> Result<Timestamp> {
    let sql = "SELECT created_at FROM school WHERE traeger_id = $1 AND id = $2";
    Ok(tx.first(sql, cells![school], |row| row.moment(0))?.unwrap_or(now))
}

/// When each documented system was entered and last changed, under its own number and that of its device.
fn system_days(tx: &mut Tx<'_>, school: i64) -> Result<BTreeMap<String, (Timestamp, Timestamp)>> {
    let sql = "SELECT s.id, f.asset_id, s.created_at, s.changed_at FROM documented_system s
               LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
               WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL";
    let mut days = BTreeMap::new();
    for (id, asset, created, changed) in tx.list(sql, cells![school], |row| {
        Ok((row.int(0)?, row.maybe_int(1)?, row.moment(2)?, row.moment(3)?))
    })? {
        days.insert(format!("system {id}"), (created, changed));
        if let Some(asset) = asset {
            days.insert(format!("asset {asset}"), (created, changed));
        }
    }
    Ok(days)
}

/// Every element of a view under its noun and name.
fn elements(
    view: &SurveyView,
    systems: &BTreeMap<String, (Timestamp, Timestamp)>,
) -> Result<BTreeMap<Key, Element>> {
    let mut all = BTreeMap::new();
    let mut put = |noun: &str, name: &str, value: String, since: Option<Timestamp>| {
        let element = Element { value, since, before: None };
        all.insert((noun.to_owned(), name.to_owned()), element);
    };
    for room in &view.rooms {
        put("room", &room.name, serde_json::to_string(room)?, None);
    }
    for system in &view.systems {
        let since = systems.get(&format!("system {}", system.id)).map(|(_, changed)| *changed);
        put("system", &system.id, serde_json::to_string(system)?, since);
    }
    for link in &view.links {
        put("link", &link.id, serde_json::to_string(link)?, None);
    }
    // The Träger's own documents are facts, and noted as such.
    for document in view.documents.iter().filter(|_| !view.school.is_empty()) {
        put("document", &document.id, serde_json::to_string(document)?, None);
    }
    for finding in &view.findings {
        put("finding", &finding.id, serde_json::to_string(finding)?, None);
    }
    for domain in &view.domains {
        put("domain", &domain.name, serde_json::to_string(domain)?, None);
    }
    for site in &view.sites {
        put("site", &site.name, serde_json::to_string(site)?, None);
    }
    for (name, fact) in &view.facts {
        // A number of the school's own sheet was entered by nobody in particular, and is as old as the answer.
        let said = !fact.by.is_empty();
        let fact = Fact { at: if said { fact.at } else { Timestamp::default() }, ..fact.clone() };
        put("fact", name, serde_json::to_string(&fact)?, said.then_some(fact.at));
    }
    for (name, peak) in &view.counters {
        put("counter", name, serde_json::to_string(peak)?, None);
    }
    for list in &view.kept {
        put("kept", list, "true".to_owned(), None);
    }
    put("walked", "", serde_json::to_string(&view.walked)?, view.walked.last_round);
    for asset in &view.assets {
        all.insert(("asset".to_owned(), asset.id.clone()), device(asset, systems)?);
    }
    Ok(all)
}

/// A device counts since it was first seen, its documentation since it was entered.
fn device(asset: &SurveyAsset, systems: &BTreeMap<String, (Timestamp, Timestamp)>) -> Result<Element> {
    let value = serde_json::to_string(asset)?;
    let name = if asset.id.starts_with("system ") { asset.id.clone() } else { format!("asset {}", asset.id) };
    let entered = systems.get(&name).map(|(created, _)| created.day());
    let seen = asset.first_seen.map(Timestamp::day);
    let before = match (seen, entered) {
        (Some(seen), Some(entered)) if seen < entered => {
            let bare = SurveyAsset { documented: false, room: None, bought: None, ..asset.clone() };
            Some((seen, serde_json::to_string(&bare)?))
        }
        _ => None,
    };
    Ok(Element { value, since: entered.max(seen), before })
}

/// The views as the notes tell them.
fn past(tx: &mut Tx<'_>, span: Span, as_of: AsOf) -> Result<BTreeMap<i64, SurveyView>> {
    let (valid, known) = as_of.ends();
    let sql = "SELECT school_id, noun, name, value FROM survey_note
               WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3
                 AND valid_from <= $4 AND (valid_to IS NULL OR valid_to > $4)
                 AND recorded_at <= $5 AND (replaced_at IS NULL OR replaced_at > $5)
               ORDER BY school_id, noun, name, id";
    let mut all: BTreeMap<i64, SurveyView> = BTreeMap::new();
    for row in tx.query(sql, cells![span.from, span.to, valid, known])? {
        let view = all.entry(row.int(0)?).or_default();
        read_note(view, row.text_ref(1)?, row.text_ref(2)?, row.text_ref(3)?, as_of)?;
    }
    for view in all.values_mut() {
        settle(view, as_of);
    }
    Ok(all)
}

fn read_note(view: &mut SurveyView, noun: &str, name: &str, value: &str, as_of: AsOf) -> Result<()> {
    match noun {
        "asset" => view.assets.push(read(value)?),
        "room" => view.rooms.push(read(value)?),
        "system" => view.systems.push(read(value)?),
        "link" => view.links.push(read(value)?),
        "document" => view.documents.push(read(value)?),
        "finding" => view.findings.push(read(value)?),
        "domain" => view.domains.push(read(value)?),
        "site" => view.sites.push(read(value)?),
        "fact" => {
            let mut fact: Fact = read(value)?;
            if fact.by.is_empty() {
                fact.at = as_of.valid.day();
            }
            view.facts.insert(name.to_owned(), fact);
        }
        "counter" => drop(view.counters.insert(name.to_owned(), read(value)?)),
        "kept" => drop(view.kept.insert(name.to_owned())),
        "walked" => view.walked = read(value)?,
        _ => return Err(Error::Corrupt(format!("a note of the unknown noun {noun}"))),
    }
    Ok(())
}

fn read<T: DeserializeOwned>(value: &str) -> Result<T> {
    Ok(serde_json::from_str(value)?)
}

/// The order of the live view, and no round that was too old on that day.
fn settle(view: &mut SurveyView, as_of: AsOf) {
    let number = |id: &str| id.parse::<i64>().map_or((1, 0), |id| (0, id));
    view.assets.sort_by(|a, b| (number(&a.id), &a.id).cmp(&(number(&b.id), &b.id)));
    view.systems.sort_by_key(|system| number(&system.id));
    view.documents.sort_by_key(|document| number(&document.id));
    let Walked { last_round, covered, .. } = &mut view.walked;
    if last_round.is_some_and(|ended| ended.plus_days(FRESH_DAYS).day() < as_of.valid.day()) {
        *covered = 0;
    }
}
