//! A row of a list as a documented system.

use crate::{
    error::{Error, Result},
    register::{DocumentedSystem, require_sound},
    secrets::refuse_secret,
};
use rundgang_inventory::lists::Entry;
use serde_json::{Map, Value as Json};

/// A row of a list, ready to be entered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListRow {
    /// The row, as a spreadsheet counts.
    pub row: usize,
    /// The system; its school says where it goes, its number and its room are of no matter.
    pub system: DocumentedSystem,
    /// The name of its room, entered where the school has none of that name.
    pub room: Option<String>,
}

impl ListRow {
    /// What an entry of a list says, at a school. A system of which the list says nothing else is in use.
    ///
    /// # Errors
    /// The entry holds a value that its field does not take.
    pub fn of(entry: &Entry, school: i64) -> Result<Self> {
        let mut map = Map::new();
        map.insert("status".to_owned(), "in-use".into());
        for (field, text) in &entry.fields {
            let value: Json = match *field {
                // The school is looked up, the room gets its number when it is entered, and maker and model stand in
                // name and notes.
                "school" | "room" | "vendor" | "model" => continue,
                "personal_data" => (text == "1").into(),
                "sla_reaction_hours" => text.parse::<i64>().ok().into(),
                _ => text.as_str().into(),
            };
            map.insert((*field).to_owned(), value);
        }
        let system: DocumentedSystem = serde_json::from_value(Json::Object(map))?;
        let room = Some(entry.get("room")).filter(|room| !room.is_empty()).map(str::to_owned);
        Ok(Self { row: entry.row, system: DocumentedSystem { school, ..system }, room })
    }
}

/// Rows that are told; who has more mends these first.
const TOLD: usize = 20;

/// Whether every row can be entered; all that cannot are told.
pub(super) fn require_sound_rows(rows: &[ListRow]) -> Result<()> {
    let sound = |row: &ListRow| {
        require_sound(&row.system)?;
        refuse_secret("room", row.room.as_deref().unwrap_or_default())
    };
    let wrong =
        rows.iter().filter_map(|row| sound(row).err().map(|error| format!("row {}: {error}", row.row)));
    let mut wrong: Vec<String> = wrong.collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let more = wrong.len().saturating_sub(TOLD);
    wrong.truncate(TOLD);
    if more > 0 {
        wrong.push(format!("... and {more} more"));
    }
    Err(Error::Refused(wrong.join("\n")))
}
