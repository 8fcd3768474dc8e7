//! Fields of PJLink, the control protocol of projectors and displays (PJLink class 1 and 2, JBMIA).

use super::Field;

/// Whether a password is set.
pub static PJLINK_PASSWORD: Field = Field::plain(
    "pjlink.password",
    "'yes' where the greeting asks for a password (then nothing more is asked), 'no' where control is open",
);
/// The class.
pub static PJLINK_CLASS: Field = Field::plain("pjlink.class", "CLSS: PJLink class, 1 or 2");
/// The name given by somebody.
pub static PJLINK_NAME: Field = Field::name("pjlink.name", "NAME: the projector's name as set by somebody");
/// The manufacturer.
pub static PJLINK_MANUFACTURER: Field = Field::plain("pjlink.manufacturer", "INF1: name of the manufacturer");
/// The model.
pub static PJLINK_MODEL: Field = Field::plain("pjlink.model", "INF2: name of the product");
/// Anything else.
pub static PJLINK_OTHER: Field =
    Field::plain("pjlink.other", "INFO: other information, often a firmware version");
/// Lamp hours.
pub static PJLINK_LAMP_HOURS: Field =
    Field::plain("pjlink.lamp_hours", "LAMP: cumulative hours of each lamp, as a list of decimal numbers")
        .slow();
/// Errors.
pub static PJLINK_ERRORS: Field = Field::plain(
    "pjlink.errors",
    "ERST: fan, lamp, temperature, cover, filter, other; one digit each: 0 none, 1 warning, 2 error",
)
.slow();
/// The serial number.
pub static PJLINK_SERIAL: Field = Field::plain("pjlink.serial", "SNUM: serial number (class 2)");
/// The software version.
pub static PJLINK_VERSION: Field = Field::plain("pjlink.version", "SVER: software version (class 2)");

/// An answer to the search of class 2.
pub static PJLINK_SEARCH: Field = Field::plain(
    "pjlink.search",
    "'answered' where it acknowledged the search of class 2 (SRCH and ACKN, class 2 specification, section 3.2)",
);

pub(super) static ALL: &[&Field] = &[
    &PJLINK_CLASS,
    &PJLINK_ERRORS,
    &PJLINK_LAMP_HOURS,
    &PJLINK_MANUFACTURER,
    &PJLINK_MODEL,
    &PJLINK_NAME,
    &PJLINK_OTHER,
    &PJLINK_PASSWORD,
    &PJLINK_SEARCH,
    &PJLINK_SERIAL,
    &PJLINK_VERSION,
];
