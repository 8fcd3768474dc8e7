//! Refusing secrets in free text: the register holds where credentials are kept, never the credentials (promise P9).

use crate::error::{Error, Problem, Result};
use rundgang_inventory::secrets::{Secret, find, is_no_place};

/// Refuses text that looks like a secret, with its place and the reason.
pub(crate) fn refuse_secret(field: &'static str, text: &str) -> Result<()> {
    match find(text) {
        Some(secret) => Err(Error::Unfit { field, problem: Problem::Secret(secret) }),
        None => Ok(()),
    }
}

/// Refuses a bare word where the place of a secret is asked for: it is the secret itself.
pub(crate) fn refuse_no_place(field: &'static str, text: &str) -> Result<()> {
    let problem = Problem::Secret(Secret::Bare);
    if is_no_place(text.trim()) { Err(Error::Unfit { field, problem }) } else { Ok(()) }
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
