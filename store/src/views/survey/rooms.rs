//! The room list as surveys ask for it: what people wrote, in the words of the formulas.

use super::live::Span;
use crate::{
    error::Result,
    store::{Tx, cells},
};
use rundgang_inventory::survey::{self, SurveyView};
use std::collections::{BTreeMap, HashMap};

/// Rooms; what stands there is kept as words: `wlan`, `lehrer-pc`, `dokumentenkamera`; `kein-` before a word denies it.
///
/// The names of all rooms by number are told too.
pub(super) fn rooms(
    tx: &mut Tx<'_>,
    span: Span,
    all: &mut BTreeMap<i64, SurveyView>,
) -> Result<HashMap<i64, String>> {
    let mut names = HashMap::new();
    let sql = "SELECT name, kind, sockets, equipment, school_id, id FROM room
               WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3 ORDER BY name";
    tx.each(sql, cells![span.from, span.to], |row| {
        names.insert(row.int(5)?, row.text(0)?);
        let Some(view) = all.get_mut(&row.int(4)?) else { return Ok(()) };
        let equipment = row.text_ref(3)?.to_lowercase();
        let words = || equipment.split([' ', ',', ';']).filter(|word| !word.is_empty());
        let told = |word: &str, other: &str| {
            let is = words().any(|said| said == word || said == other);
            let is_denied = words().any(|said| said.strip_prefix("kein-") == Some(word));
            match (is, is_denied) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            }
        };
        view.rooms.push(survey::Room {
            name: row.text(0)?,
            kind: room_kind(row.text_ref(1)?).to_owned(),
            wifi: told("wlan", "wifi"),
            lan: row.maybe_int(2)?.map(|sockets| sockets > 0),
            teacher_pc: told("lehrer-pc", "teacher-pc"),
            document_camera: told("dokumentenkamera", "document-camera"),
        });
        Ok(())
    })?;
    Ok(names)
}

/// The kind of room that surveys ask for, from what people write.
#[must_use]
pub fn room_kind(written: &str) -> &'static str {
    let word = written.trim().to_lowercase();
    let is = |starts: &[&str]| starts.iter().any(|start| word.starts_with(start));
    if is(&["class", "klass", "lokaal"]) {
        "class"
    } else if is(&["subject", "fach", "vak", "lab"]) {
        "subject"
    } else if is(&["office", "büro", "verwaltung", "sekretariat", "kantoor"]) {
        "office"
    } else if is(&["server", "technik", "technical", "techni"]) {
        "technical"
    } else if word.is_empty() {
        ""
    } else {
        "other"
    }
}
