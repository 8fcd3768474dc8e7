//! Free text that looks like a secret is refused before it reaches the store (promise P9).

use crate::failure::Failure;
use rundgang_inventory::secrets::find;

/// Refuses texts of which one looks like it holds a secret.
pub(crate) fn refuse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<(), Failure> {
    if texts.into_iter().any(|text| find(text).is_some()) {
        Err(Failure::Refused("error-secret"))
    } else {
        Ok(())
    }
}
