//! Rooms as somebody pastes them, one a line: `A101; Klassenraum; 2; wlan lehrer-pc; Gebäude: Haus A`.

use super::form::Wrong;
use crate::failure::Failure;
use crate::secrets;
use crate::text::Language;
use rundgang_inventory::whole_number;
use rundgang_store::SaidRoom;

/// Lines that are taken at once.
const MOST: usize = 1000;

/// Letters of a line that are told when it is refused.
const TOLD: usize = 60;

/// Rooms of a pasted list, one a line; what a line does not say stays as it is.
pub(super) fn rooms(text: &str, language: Language) -> Result<Vec<SaidRoom>, Wrong> {
    let lines: Vec<(usize, &str)> =
        (1..).zip(text.lines().map(str::trim)).filter(|(_, line)| !line.is_empty()).collect();
    if lines.len() > MOST {
        let counts = [("count", lines.len().into()), ("most", MOST.into())];
        return Err(Wrong::told("rooms", language.with("error-rooms-many", &counts)));
    }
    let read = |(nth, line): (usize, &str)| {
        room(line, language).map_err(|why| {
            let shown: String = line.chars().take(TOLD).collect();
            // A secret is not told again.
            let shown = if secrets::refuse([line]).is_err() { String::from("…") } else { shown };
            let told = [("line", nth.to_string().into()), ("text", shown.into()), ("why", why.into())];
            Wrong::told("rooms", language.with("error-room-line", &told))
        })
    };
    lines.into_iter().map(read).collect()
}

/// One line; or why it cannot be read.
fn room(line: &str, language: Language) -> Result<SaidRoom, String> {
    if secrets::refuse([line]).is_err() {
        return Err(language.text("error-secret"));
    }
    let (buildings, parts): (Vec<&str>, Vec<&str>) =
        line.split([';', '\t']).map(str::trim).partition(|part| building(part).is_some());
    let mut parts = parts.into_iter();
    let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let name = parts.next().unwrap_or_default().to_owned();
    let kind = parts.next().and_then(said);
    let sockets = match parts.next().unwrap_or_default() {
        "" => None,
        text => Some(whole_number(text).ok_or_else(|| language.text("error-sockets"))?),
    };
    let equipment = said(parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ").as_str());
    let building = buildings.first().and_then(|part| building(part)).map(str::to_owned);
    let room = SaidRoom { name, kind, sockets, equipment, building };
    match room.require_sound() {
        Ok(()) => Ok(room),
        Err(error) => Err(match Failure::from(error) {
            Failure::Field(field, _) if field == "name" && room.name.is_empty() => {
                language.text("error-room-name")
            }
            Failure::Field(field, _) if field == "sockets" => language.text("error-sockets"),
            failure => language.text(failure.key()),
        }),
    }
}

/// The building that a part of a line names: `Gebäude: Haus A`, in any language of the pages.
fn building(part: &str) -> Option<&str> {
    let (word, name) = part.split_once([':', '='])?;
    let word = word.trim().to_lowercase();
    Language::ALL
        .iter()
        .any(|language| language.text("column-building").to_lowercase() == word)
        .then(|| name.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<SaidRoom> {
        rooms(text, Language::De).unwrap_or_else(|wrong| panic!("{text}: {}", wrong.why))
    }

    #[test]
    fn rooms_are_read_line_by_line() {
        let text = "A101; Klassenraum; 2; wlan lehrer-pc\n\n B2 ;Fachraum\nAula\nC1;;1.000\nD1\t\t\twlan\tGebäude: Haus D";
        let shown: Vec<_> = read(text)
            .into_iter()
            .map(|r| (r.name, r.kind.unwrap_or_default(), r.sockets, r.equipment, r.building))
            .collect();
        let line = |name: &str, kind: &str, sockets, equipment: &str, building: &str| {
            let said = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            (name.to_owned(), kind.to_owned(), sockets, said(equipment), said(building))
        };
        let expected = [
            line("A101", "Klassenraum", Some(2), "wlan lehrer-pc", ""),
            line("B2", "Fachraum", None, "", ""),
            line("Aula", "", None, "", ""),
            line("C1", "", Some(1000), "", ""),
            line("D1", "", None, "wlan", "Haus D"),
        ];
        assert_eq!(shown, expected);
        assert_eq!(read("A1; building: West")[0].building.as_deref(), Some("West"));
        assert_eq!(read("gebouw = Oost; A1")[0].name, "A1");
    }

    #[test]
    fn a_line_that_does_not_fit_is_named_with_the_reason() {
        let refused = |text: &str, expected: &str| {
            let why = rooms(text, Language::De).map(|_| ()).expect_err(text).why;
            let why = why.replace(['\u{2068}', '\u{2069}'], "");
            assert!(why.contains(expected), "'{expected}' is not in {why}");
        };
        refused("A1\n\nA104;x;-3", "Zeile 3 („A104;x;-3“): Dosen sind eine ganze Zahl");
        refused("A1; Klassenraum; viele", "Zeile 1 („A1; Klassenraum; viele“): Dosen");
        refused("; Klassenraum", "Zeile 1 („; Klassenraum“): Am Anfang steht der Name");
        refused(&"x".repeat(61), "zu lang");
        refused("A1;;;Passwort: Sommer2026", "Zeile 1 („…“)");
        let many: Vec<String> = (0..1001).map(|n| format!("R{n}")).collect();
        refused(&many.join("\n"), "1001");
        assert_eq!(read(&many[..1000].join("\n")).len(), 1000);
    }
}
