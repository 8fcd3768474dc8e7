//! A row of a list as a documented system.

use crate::{error::Result, register::DocumentedSystem};
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
