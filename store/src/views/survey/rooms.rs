//! The room list as surveys ask for it: what people wrote, in the words of the formulas.

use super::live::Span;
use crate::{
    error::Result,
    store::{Tx, cells},
};
use rundgang_inventory::survey;
use std::collections::BTreeSet;

/// Rooms; what stands there is kept as words: `wlan`, `lehrer-pc`, `dokumentenkamera`; `kein-` before a word denies it.
pub(super) fn rooms(tx: &mut Tx<'_>, span: Span) -> Result<Vec<(i64, survey::Room)>> {
    let sql = "SELECT name, kind, sockets, equipment, school_id FROM room
               WHERE traeger_id = $1 AND school_id BETWEEN $2 AND $3 ORDER BY name";
    tx.list(sql, cells![span.from, span.to], |row| {
        let equipment = row.text(3)?.to_lowercase();
        let words: BTreeSet<&str> =
            equipment.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
        let told = |word: &str, other: &str| {
            let denied = format!("kein-{word}");
            match (words.contains(word) || words.contains(other), words.contains(denied.as_str())) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            }
        };
        let room = survey::Room {
            name: row.text(0)?,
            kind: room_kind(&row.text(1)?).to_owned(),
            wifi: told("wlan", "wifi"),
            lan: row.maybe_int(2)?.map(|sockets| sockets > 0),
            teacher_pc: told("lehrer-pc", "teacher-pc"),
            document_camera: told("dokumentenkamera", "document-camera"),
        };
        Ok((row.int(4)?, room))
    })
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
