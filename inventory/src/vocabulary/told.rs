//! Fields of vendors' own read-only pages (a Cast receiver's, a Roku's, a scanner's): one set of names for all.

use super::Field;

/// Which page told it.
pub static TOLD_BY: Field = Field::plain(
    "told.by",
    "Vendors' documented pages that answered, by their names in the agent's table, as a list (cast, roku, escl …)",
);
/// The manufacturer.
pub static TOLD_MANUFACTURER: Field = Field::plain("told.manufacturer", "Manufacturer as the page tells it");
/// The model.
pub static TOLD_MODEL: Field = Field::plain("told.model", "Model as the page tells it");
/// The serial number.
pub static TOLD_SERIAL: Field = Field::plain("told.serial", "Serial number as the page tells it");
/// The version.
pub static TOLD_VERSION: Field =
    Field::plain("told.version", "Version of firmware or software as the page tells it");
/// The name given by somebody.
pub static TOLD_NAME: Field = Field::name("told.name", "Name given by somebody as the page tells it");
/// The MAC address.
pub static TOLD_MAC: Field = Field::plain("told.mac", "MAC address as the page tells it");

pub(super) static ALL: &[&Field] =
    &[&TOLD_BY, &TOLD_MAC, &TOLD_MANUFACTURER, &TOLD_MODEL, &TOLD_NAME, &TOLD_SERIAL, &TOLD_VERSION];
