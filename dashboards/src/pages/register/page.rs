//! The page of one documented system: its form with what was refused, what machines see of it, and its log.

use super::Around;
use super::form::{Filled, Input, STATUSES, Shape, dashed, groups, in_words, inputs, kinds, values};
use crate::chrome::Chrome;
use crate::failure::Failure;
use crate::pages::questions::Line;
use crate::web::Visit;
use askama::Template;
use rundgang_inventory::Timestamp;
use rundgang_store::views::assets::AssetLine;
use rundgang_store::{AuditEntry, DocumentedSystem, Room};
use serde_json::Value as Json;

/// One place as it is shown.
struct Shown {
    name: &'static str,
    label: String,
    hint: Option<String>,
    value: String,
    shape: &'static str,
    /// Value, words, whether chosen.
    options: Vec<(String, String, bool)>,
    /// What stands there now, where somebody else changed it meanwhile.
    other: Option<String>,
    required: bool,
    /// Why it was refused.
    error: Option<String>,
}

pub(in crate::pages) struct ChangeShown {
    at: String,
    pub(in crate::pages) who: String,
    pub(in crate::pages) what: String,
    pub(in crate::pages) fields: Vec<(String, String, String)>,
}

#[derive(Template)]
#[template(path = "system.html")]
pub(super) struct EditPage {
    pub(super) c: Chrome,
    action: String,
    delete: Option<String>,
    /// Where a question about it is passed on; nothing for a new one.
    ask: Option<String>,
    questions: Vec<Line>,
    groups: Vec<(String, String, Vec<Shown>)>,
    hidden: Vec<(&'static str, String)>,
    seen: Option<AssetLine>,
    /// The entry that the device has already, where one was about to be made.
    pub(super) documented: Option<(i64, String)>,
    school: i64,
    log: Vec<ChangeShown>,
}

pub(super) fn edit_page(
    visit: &Visit,
    around: Around,
    filled: &Filled,
    failure: Option<&Failure>,
) -> EditPage {
    let conflict = matches!(failure, Some(Failure::Conflict));
    let school = around.school.id;
    let id = filled.get("id").and_then(|id| id.parse::<i64>().ok()).unwrap_or(0);
    // An entry keeps its name as the heading, whatever was typed into it.
    let name = around.current.as_ref().map(|current| current.name.clone());
    let name = name.or_else(|| filled.get("name").filter(|name| !name.trim().is_empty()).cloned());
    let c = Chrome::new(visit, name.unwrap_or_else(|| visit.language.text("register-new")))
        .of_school(&around.school, "register")
        .crumb(visit.language.text("register-title"), format!("/schule/{school}/register"));
    let now_there = around.current.as_ref().filter(|_| conflict).map(values);
    let groups = groups()
        .map(|(group, inputs)| {
            let shown = inputs.iter().map(|input| Shown {
                error: error_at(&c, input.name, failure),
                ..shown(&c, *input, filled, now_there.as_ref(), &around.rooms)
            });
            (c.t(&format!("group-{group}")), c.t(&format!("group-{group}-hint")), shown.collect())
        })
        .collect();
    let version = match (&around.current, conflict) {
        // Whoever saves again has seen what the other one wrote.
        (Some(current), true) => current.version.to_string(),
        _ => filled.get("version").cloned().unwrap_or_else(|| "0".to_owned()),
    };
    let base = format!("/schule/{school}/register");
    EditPage {
        action: if id == 0 { format!("{base}/neu") } else { format!("{base}/{id}") },
        delete: (id != 0).then(|| format!("{base}/{id}/loeschen")),
        ask: (id != 0).then(|| format!("{base}/{id}/frage")),
        questions: around.questions.into_iter().map(|one| Line::of(&c, one, visit.now)).collect(),
        hidden: vec![("version", version), ("asset", filled.get("asset").cloned().unwrap_or_default())],
        groups,
        documented: None,
        seen: around.seen,
        school,
        log: around.log.iter().map(|entry| change_shown(&c, &around.rooms, entry)).collect(),
        c,
    }
}

/// Why a place of the form was refused.
fn error_at(c: &Chrome, name: &str, failure: Option<&Failure>) -> Option<String> {
    match failure {
        Some(Failure::Field(field, key)) if field == name => Some(c.t(key)),
        _ => None,
    }
}

fn shown(c: &Chrome, input: Input, filled: &Filled, now_there: Option<&Filled>, rooms: &[Room]) -> Shown {
    let value = filled.get(input.name).cloned().unwrap_or_default();
    let key = format!("field-{}", dashed(input.name));
    let option = |name: &str, words: String| (name.to_owned(), words, name == value);
    let mut options: Vec<(String, String, bool)> = match input.shape {
        Shape::Kind => kinds(c, &value),
        Shape::Status => STATUSES.iter().map(|name| option(name, c.word("status", name))).collect(),
        Shape::Room => rooms.iter().map(|room| option(&room.id.to_string(), room.name.clone())).collect(),
        Shape::YesNo => vec![option("true", c.t("answer-yes")), option("false", c.t("answer-no"))],
        _ => Vec::new(),
    };
    let chooses = matches!(input.shape, Shape::Kind | Shape::Room | Shape::YesNo);
    if chooses {
        options.insert(0, (String::new(), "–".to_owned(), value.is_empty()));
    }
    // A kind of somebody's own is kept.
    if !options.is_empty() && !options.iter().any(|(_, _, chosen)| *chosen) && !value.is_empty() {
        options.push((value.clone(), value.clone(), true));
    }
    let there = now_there.and_then(|now| now.get(input.name)).filter(|there| **there != value);
    let other = there.map(|there| in_words(c, input, there, rooms));
    Shown {
        name: input.name,
        label: c.t(&key),
        hint: c.language.find(&format!("{key}-hint"), &[]),
        value,
        shape: match input.shape {
            Shape::Long => "long",
            Shape::Day => "date",
            Shape::Number => "number",
            Shape::Text => "text",
            _ => "select",
        },
        options,
        other,
        required: input.name == "name",
        error: None,
    }
}

/// An entry of the log in words; of what is no system, no more than what people said about its findings and values.
pub(in crate::pages) fn change_shown(c: &Chrome, rooms: &[Room], entry: &AuditEntry) -> ChangeShown {
    let read = |json: &str| {
        serde_json::from_str::<DocumentedSystem>(json).map(|system| values(&system)).unwrap_or_default()
    };
    let (before, after) = (read(&entry.before), read(&entry.after));
    let fields = inputs().filter_map(|input| {
        let told =
            |values: &Filled| in_words(c, input, values.get(input.name).map_or("", String::as_str), rooms);
        let (old, new) = (told(&before), told(&after));
        (old != new).then(|| (c.t(&format!("field-{}", dashed(input.name))), old, new))
    });
    let fields = said_shown(c, entry).map_or_else(|| fields.collect(), |said| vec![said]);
    // What the machine did bears nobody's name.
    let who = if entry.who.is_empty() { c.t("source-machine") } else { entry.who.clone() };
    ChangeShown { at: c.date(&entry.at), who, what: c.word("audit", &entry.what), fields }
}

/// What was said about a value that is kept or about a finding: of what, and in words before and after; nothing for another
/// entry of the log.
fn said_shown(c: &Chrome, entry: &AuditEntry) -> Option<(String, String, String)> {
    let read = |json: &str| serde_json::from_str::<Json>(json).unwrap_or_default();
    let (before, after) = (read(&entry.before), read(&entry.after));
    let of = |key: &str| after[key].as_str().or_else(|| before[key].as_str()).map(str::to_owned);
    let day = |day: &Json| day.as_str().and_then(Timestamp::parse_date).map(|day| c.date(&day));
    let text = |said: &Json, key: &str| said[key].as_str().unwrap_or_default().to_owned();
    match entry.what.as_str() {
        "keep" => {
            let label = c.t(&format!("field-{}", dashed(&of("field")?)));
            Some((label, text(&before, "reason"), text(&after, "reason")))
        }
        "ask" => {
            let day = |said: &Json| {
                let due = said["due"].as_i64().map(Timestamp);
                due.map(|due| c.s("question-due", "date", c.date(&due))).unwrap_or_default()
            };
            let told = |said: &Json| {
                let parts = [text(said, "text"), day(said), text(said, "answer")];
                parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
            };
            Some((of("whom")?, told(&before), told(&after)))
        }
        "due" => {
            let day = |said: &Json| day(&said["due"]).unwrap_or_default();
            Some((c.rule(&of("rule")?), day(&before), day(&after)))
        }
        "decide" => {
            let told = |said: &Json| {
                let state = Some(text(said, "state")).filter(|state| !state.is_empty());
                let until = day(&said["until"]).map(|day| c.s("until-date", "date", day));
                let reason = Some(text(said, "reason")).filter(|reason| !reason.is_empty());
                let parts = [state.map(|state| c.word("decision", &state)), until, reason];
                parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
            };
            Some((c.rule(&of("rule")?), told(&before), told(&after)))
        }
        _ => None,
    }
}
