//! Small steps from what a device said to values of evidence.

use rundgang_inventory::value::clean_text;
use rundgang_inventory::{Field, Fields, Row, Value};

/// No list of evidence holds more items than this.
const MAX_ITEMS: usize = 128;

/// Sets a list of texts: cleaned, each once, in the order told; no field where nothing is left.
pub(crate) fn set_list<T: AsRef<[u8]>>(
    fields: &mut Fields,
    field: &'static Field,
    items: impl IntoIterator<Item = T>,
) {
    let mut list: Vec<String> = Vec::new();
    for item in items {
        let text = clean_text(item.as_ref());
        if !text.is_empty() && !list.contains(&text) && list.len() < MAX_ITEMS {
            list.push(text);
        }
    }
    if !list.is_empty() {
        fields.set(field, Value::List(list));
    }
}

/// Sets a text where there is one.
pub(crate) fn set_text(fields: &mut Fields, field: &'static Field, text: Option<impl AsRef<[u8]>>) {
    if let Some(text) = text {
        fields.set(field, Value::text(text));
    }
}

/// Adds a text column to a row where there is one.
pub(crate) fn put_text(row: &mut Row, column: &str, text: Option<impl AsRef<[u8]>>) {
    let text = text.map(|text| clean_text(text.as_ref())).unwrap_or_default();
    if !text.is_empty() {
        row.insert(column.to_owned(), Value::Text(text));
    }
}

/// Adds a number column to a row.
pub(crate) fn put_int(row: &mut Row, column: &str, number: impl Into<i64>) {
    row.insert(column.to_owned(), Value::Int(number.into()));
}
