//! Fields of the page that a receiver for AirPlay tells about itself; its name and its owner's are not taken.

use super::Field;

/// The manufacturer.
pub static AIRPLAY_MANUFACTURER: Field =
    Field::plain("airplay.manufacturer", "manufacturer in a receiver's answer to GET /info");
/// The model.
pub static AIRPLAY_MODEL: Field =
    Field::plain("airplay.model", "model in a receiver's answer to GET /info, often an internal one");
/// The serial number.
pub static AIRPLAY_SERIAL: Field =
    Field::plain("airplay.serial", "serialNumber in a receiver's answer to GET /info");
/// The firmware.
pub static AIRPLAY_FIRMWARE: Field =
    Field::plain("airplay.firmware", "firmwareRevision in a receiver's answer to GET /info");

pub(super) static ALL: &[&Field] =
    &[&AIRPLAY_FIRMWARE, &AIRPLAY_MANUFACTURER, &AIRPLAY_MODEL, &AIRPLAY_SERIAL];
