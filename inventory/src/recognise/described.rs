//! UPnP device descriptions: which of the many names in them is the model.

use super::{
    Confidence,
    claims::{Claims, Strength},
    library::because,
};
use crate::{Fields, Row, Value, vocabulary::UPNP_DEVICES};

/// What the described root devices say. Embedded devices repeat their root or speak of parts of it.
pub(super) fn claim(fields: &Fields, claims: &mut Claims) {
    let Some(Value::Table(rows)) = fields.get(&UPNP_DEVICES) else { return };
    let mut seen: Vec<&str> = Vec::new();
    for row in rows.iter().take(32) {
        let location = text(row, "location").unwrap_or_default();
        if !location.is_empty() && seen.contains(&location) {
            continue;
        }
        seen.push(location);
        root(row, claims);
    }
}

fn root(row: &Row, claims: &mut Claims) {
    let maker = text(row, "manufacturer");
    if let Some(maker) = maker {
        claims.vendor(maker, Strength(Confidence::High, 50), &because("the UPnP manufacturer", maker));
    }
    if let Some((model, weight)) = model(row) {
        claims.model(model, Strength(Confidence::High, weight), &because("the UPnP description", model));
    }
    if let Some(serial) = text(row, "serial").filter(|serial| is_serial(serial)) {
        // Where one description tells a serial and another the MAC address in its place, the serial is the better key.
        let hexadecimal = serial.len() == 12 && serial.chars().all(|c| c.is_ascii_hexdigit());
        let weight = if hexadecimal { 42 } else { 50 };
        claims.serial(serial, Strength(Confidence::High, weight), &because("the UPnP serial number", serial));
    }
}

fn text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.get(name).and_then(Value::as_text).map(str::trim).filter(|text| !text.is_empty())
}

/// The model: modelName where it looks like a model, else modelNumber where that does. Makers write a sort of device
/// ("Wireless Gateway"), a protocol or a version into either.
fn model(row: &Row) -> Option<(&str, u8)> {
    // Denon and Marantz begin the name of a series with an asterisk.
    let name = text(row, "model_name").map(|name| name.trim_start_matches('*'));
    let number = text(row, "model_number");
    if let Some(name) = name.filter(|name| looks_like_model(name)) {
        return Some((name, 50));
    }
    if let Some(number) = number.filter(|number| looks_like_model(number)) {
        return Some((number, 48));
    }
    let maker = text(row, "manufacturer").unwrap_or_default();
    name.filter(|name| *name != maker && name.chars().any(|c| c.is_ascii_digit())).map(|name| (name, 30))
}

/// A word that mixes letters and digits, or a name with a number of its own; no bare version and no protocol.
fn looks_like_model(text: &str) -> bool {
    const PROTOCOLS: &[&str] = &["allshare", "dlna", "upnp", "dmr", "dms", "mint", "rev", "ver"];
    let lower = text.to_ascii_lowercase();
    if PROTOCOLS.iter().any(|word| lower.starts_with(word)) {
        return false;
    }
    let letters = text.chars().any(char::is_alphabetic);
    let is_version = lower.trim_start_matches('v').chars().all(|c| c.is_ascii_digit() || c == '.');
    letters
        && !is_version
        && text.split([' ', '/', '(']).any(|word| {
            let digits = word.chars().filter(char::is_ascii_digit).count();
            digits >= 2 || (digits == 1 && word.chars().filter(|c| c.is_alphanumeric()).count() >= 2)
        })
}

/// No made-up serial: one sign repeated, or a date that is the same in every device of a series.
fn is_serial(text: &str) -> bool {
    let mut signs = text.chars().filter(char::is_ascii_alphanumeric);
    let first = signs.next();
    let date = text.get(..8).is_some_and(|head| {
        head.chars().all(|c| c.is_ascii_digit())
            && head.starts_with("20")
            && text.len() > 8
            && text.len() < 13
            && text.get(8..).is_some_and(|tail| tail.chars().all(|c| c.is_ascii_alphabetic()))
    });
    !date && text.len() >= 4 && signs.any(|c| Some(c) != first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_found_among_the_names() {
        let check = |name: &str, number: &str, expected: Option<&str>| {
            let row = Row::from([
                ("manufacturer".to_owned(), Value::text("Sample")),
                ("model_name".to_owned(), Value::text(name)),
                ("model_number".to_owned(), Value::text(number)),
            ]);
            assert_eq!(model(&row).map(|(model, _)| model), expected, "{name} / {number}");
        };
        check("Wireless-G ADSL Home Gateway", "WZZ999G", Some("WZZ999G"));
        check("Sample", "RG-999", Some("RG-999"));
        check("UE99ZZ9999", "AllShare1.0", Some("UE99ZZ9999"));
        check("Sample PLAY:9", "S9", Some("Sample PLAY:9"));
        check("ZZ TV", "1.0", None);
        check("KDL-99Z999", "MINT9.9.0.1", Some("KDL-99Z999"));
        check("*ZZZ-X9999H", "", Some("ZZZ-X9999H"));
    }

    #[test]
    fn made_up_serials_are_left_out() {
        let check = |text: &str, expected: bool| assert_eq!(is_serial(text), expected, "{text}");
        check("20090909XYZ", false);
        check("XXXXXXXX", false);
        check("123456789", true);
        check("ACCC8E999999", true);
    }
}
