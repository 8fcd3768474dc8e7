//! Refusing secrets in free text: the register holds where credentials are kept, never the credentials (promise P9).

use crate::error::{Error, Problem, Result};
use rundgang_inventory::secrets::{Secret, find};

/// Refuses text that looks like a secret, with the reason and what to write instead.
pub(crate) fn refuse_secret(field: &str, text: &str) -> Result<()> {
    let Some(secret) = find(text) else { return Ok(()) };
    let why = match secret {
        Secret::Key => "this is a private key".to_owned(),
        Secret::Address => "this address holds a password".to_owned(),
        Secret::Announced(word) => format!("'{word}' is followed by what looks like a secret"),
        Secret::Generated => "one word looks like a generated password".to_owned(),
    };
    Err(Error::Refused(format!(
        "{field}: {why}. Secrets do not belong into the register; write where it is kept \
         (safe, password manager and entry), who has it and when it was last checked"
    )))
}

/// Refuses text of more letters than its place holds.
pub(crate) fn refuse_long(field: &'static str, text: &str, most: usize) -> Result<()> {
    if text.chars().count() > most {
        return Err(Error::Unfit { field, problem: Problem::Long });
    }
    Ok(())
}

/// Refuses the first of these texts, each with the place it stands in, that is longer than so many letters or looks like a
/// secret.
pub(crate) fn refuse_texts<'t>(
    texts: impl IntoIterator<Item = (&'static str, &'t String)>,
    most: usize,
) -> Result<()> {
    texts.into_iter().try_for_each(|(field, text)| {
        refuse_long(field, text, most)?;
        refuse_secret(field, text)
    })
}

/// Whether a text may be the name of a file in the folder of secrets: none that leads out of it. Empty is none at all.
pub(crate) fn is_file_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    name.len() <= 60 && !name.starts_with('.') && name.chars().all(fits)
}
