//! Fields of IPP Get-Printer-Attributes (RFC 8011, PWG 5100.13, PWG 5107.2).

use super::Field;

/// The model.
pub static IPP_MAKE_AND_MODEL: Field =
    Field::plain("ipp.make_and_model", "printer-make-and-model (RFC 8011 section 5.4.9)");
/// The IEEE 1284 device identifier.
pub static IPP_DEVICE_ID: Field =
    Field::plain("ipp.device_id", "printer-device-id: IEEE 1284 keys MFG, MDL, SN … (PWG 5107.2)");
/// The manufacturer out of the device identifier.
pub static IPP_MANUFACTURER: Field =
    Field::plain("ipp.manufacturer", "Key MFG or MANUFACTURER of printer-device-id (PWG 5107.2)");
/// The model out of the device identifier.
pub static IPP_MODEL: Field = Field::plain("ipp.model", "Key MDL or MODEL of printer-device-id (PWG 5107.2)");
/// The serial number.
pub static IPP_SERIAL: Field = Field::plain(
    "ipp.serial",
    "printer-serial-number (PWG 5100.13), else key SN, SERN or SERIALNUMBER of printer-device-id",
);
/// The firmware.
pub static IPP_FIRMWARE: Field =
    Field::plain("ipp.firmware", "printer-firmware-string-version, all parts joined by ', ' (PWG 5100.13)");
/// The name given by somebody.
pub static IPP_NAME: Field = Field::name("ipp.name", "printer-name (RFC 8011 section 5.4.4)");
/// The description given by somebody.
pub static IPP_INFO: Field = Field::name("ipp.info", "printer-info (RFC 8011 section 5.4.6)");
/// The place given by somebody.
pub static IPP_LOCATION: Field = Field::name("ipp.location", "printer-location (RFC 8011 section 5.4.5)");
/// The UUID.
pub static IPP_UUID: Field = Field::plain("ipp.uuid", "printer-uuid (PWG 5100.13)");
/// The announced name.
pub static IPP_DNS_SD_NAME: Field = Field::name("ipp.dns_sd_name", "printer-dns-sd-name (PWG 5100.13)");
/// The administration page.
pub static IPP_MORE_INFO: Field =
    Field::name("ipp.more_info", "printer-more-info: address of its own web page");
/// Whether it prints in colour.
pub static IPP_COLOR: Field = Field::plain("ipp.color", "color-supported: 1 or 0 (RFC 8011 section 5.4.26)");
/// Duplex.
pub static IPP_SIDES: Field = Field::plain("ipp.sides", "sides-supported as a list (RFC 8011 section 5.2.8)");
/// The versions of IPP.
pub static IPP_VERSIONS: Field = Field::plain("ipp.versions", "ipp-versions-supported as a list");
/// The supplies.
pub static IPP_SUPPLIES: Field = Field::plain(
    "ipp.supplies",
    "Supplies as a table: name, type, color (texts), level (number, percent; negative where unknown) (PWG 5107.2)",
)
.slow();
/// The counter.
pub static IPP_IMPRESSIONS: Field =
    Field::plain("ipp.impressions", "printer-impressions-completed: sides printed in its life (PWG 5100.13)")
        .slow();
/// A note on the answer.
pub static IPP_NOTE: Field =
    Field::plain("ipp.note", "Set where the answer was refused or broke the rules, with the reason");

pub(super) static ALL: &[&Field] = &[
    &IPP_COLOR,
    &IPP_DEVICE_ID,
    &IPP_DNS_SD_NAME,
    &IPP_FIRMWARE,
    &IPP_IMPRESSIONS,
    &IPP_INFO,
    &IPP_LOCATION,
    &IPP_MAKE_AND_MODEL,
    &IPP_MANUFACTURER,
    &IPP_MODEL,
    &IPP_MORE_INFO,
    &IPP_NAME,
    &IPP_NOTE,
    &IPP_SERIAL,
    &IPP_SIDES,
    &IPP_SUPPLIES,
    &IPP_UUID,
    &IPP_VERSIONS,
];
