//! What a role is bound to: the same for the account of a person and for the token of a program.

use crate::{
    error::{Error, Problem, Result},
    schools::require_school,
    store::Tx,
};
use rundgang_inventory::Role;

/// The school or the provider that a role needs, and nothing that it does not.
pub(crate) fn bound(
    tx: &mut Tx<'_>,
    role: Role,
    school: Option<i64>,
    provider: &str,
) -> Result<(Option<i64>, String)> {
    let school = if role.has_school() { school } else { None };
    match school {
        Some(school) => require_school(tx, school)?,
        None if role.has_school() => {
            return Err(Error::Unfit { field: "school", problem: Problem::Empty });
        }
        None => {}
    }
    let provider = if role == Role::Provider { one_line(provider) } else { String::new() };
    if role == Role::Provider && provider.is_empty() {
        return Err(Error::Unfit { field: "provider", problem: Problem::Empty });
    }
    Ok((school, provider))
}

/// A text as one line.
pub(crate) fn one_line(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).collect()
}
