//! The words, numbers and signs that a formula is made of.

const SIGNS: [&str; 12] = ["<=", ">=", "<", ">", "=", "(", ")", ",", "+", "-", "*", "/"];

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Word(String),
    Number(f64),
    Threshold(String),
    Sign(&'static str),
}

/// The token a text begins with, and how many octets it takes.
pub(super) fn token(text: &str) -> Option<(Token, usize)> {
    let first = text.chars().next()?;
    if first.is_ascii_digit() {
        let length = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
        return Some((Token::Number(text[..length].parse().ok()?), length));
    }
    if first == '$' {
        let length = 1 + word_length(&text[1..]);
        return (length > 1).then(|| (Token::Threshold(text[1..length].to_owned()), length));
    }
    if first.is_alphabetic() {
        let length = word_length(text);
        return Some((Token::Word(text[..length].to_owned()), length));
    }
    SIGNS.into_iter().find(|sign| text.starts_with(sign)).map(|sign| (Token::Sign(sign), sign.len()))
}

/// A word holds letters, digits, `_`, `-` and `.`; after a dot a `*` may end it.
fn word_length(text: &str) -> usize {
    let plain =
        text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.')).unwrap_or(text.len());
    plain + usize::from(text[..plain].ends_with('.') && text[plain..].starts_with('*'))
}
