//! Whole numbers as people type them.

/// Signs that people put between thousands: a point, a comma, an apostrophe, and blanks of four widths.
const BETWEEN: [char; 8] = ['.', ',', '\'', '\u{2019}', ' ', '\u{a0}', '\u{202f}', '\u{2009}'];

/// A whole number from 0 on, with or without signs between its thousands: `1050`, `1.050`, `1 050`. Nothing where it is
/// none: `1,5` is no count, and neither is `10.50`.
#[must_use]
pub fn whole_number(text: &str) -> Option<i64> {
    let text = text.trim();
    let groups: Vec<&str> = match text.chars().find(|c| BETWEEN.contains(c)) {
        Some(sign) => text.split(sign).collect(),
        None => vec![text],
    };
    let is_sound = |(nth, group): (usize, &&str)| {
        let fits = match nth {
            0 if groups.len() > 1 => (1..=3).contains(&group.len()),
            0 => !group.is_empty(),
            _ => group.len() == 3,
        };
        fits && group.bytes().all(|byte| byte.is_ascii_digit())
    };
    // More than fifteen digits are no count of anything in a school.
    let digits: String = groups.concat();
    (groups.iter().enumerate().all(is_sound) && digits.len() <= 15).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::whole_number;

    #[test]
    fn whole_numbers_are_read_as_people_type_them() {
        for (text, expected) in [
            ("0", Some(0)),
            (" 1050 ", Some(1050)),
            ("1.050", Some(1050)),
            ("1,050", Some(1050)),
            ("1 050", Some(1050)),
            ("1\u{a0}050", Some(1050)),
            ("1\u{202f}050", Some(1050)),
            ("1'050", Some(1050)),
            ("1.050.000", Some(1_050_000)),
            ("", None),
            ("-3", None),
            ("+3", None),
            ("1,5", None),
            ("10.50", None),
            ("1.050,5", None),
            ("1.050 000", None),
            (".050", None),
            ("1050.", None),
            ("1050.000", None),
            ("viele", None),
            ("ca. 800", None),
            ("1234567890123456", None),
        ] {
            assert_eq!(whole_number(text), expected, "{text}");
        }
    }
}
