//! Fields of SSDP and of the UPnP device descriptions it leads to (UPnP Device Architecture 2.0). A host may have
//! several descriptions: the fields are lists over all of them, and one table tells which belong together.

use super::Field;

/// `SERVER` header fields.
pub static SSDP_SERVER: Field = Field::plain(
    "ssdp.server",
    "SERVER header fields of search answers and notices, as a list (UPnP sections 1.2.2 and 1.3.3)",
);
/// Search targets.
pub static SSDP_ST: Field = Field::plain(
    "ssdp.st",
    "Search targets answered or announced: device and service types, as a list (UPnP sections 1.2.2 and 1.3.3)",
);
/// Unique service names.
pub static SSDP_USN: Field = Field::plain("ssdp.usn", "Unique device names (uuid:…) answered, as a list");
/// Description addresses.
pub static SSDP_LOCATION: Field =
    Field::name("ssdp.location", "Addresses of device descriptions, as a list (UPnP section 1.3.3)");
/// Description addresses that nobody asked for.
pub static SSDP_HEARD_LOCATION: Field = Field::name(
    "ssdp.heard_location",
    "Addresses of device descriptions announced unasked, as a list; nothing is fetched from them (UPnP section 1.2.2)",
);
/// Other header fields.
pub static SSDP_HEADERS: Field = Field::name(
    "ssdp.headers",
    "Vendors' own header fields of search answers, as a list of 'name: value', names in lower case",
);
/// Every described device.
pub static UPNP_DEVICES: Field = Field::name(
    "upnp.devices",
    "Described devices, root and embedded, as a table of texts: location, device_type, friendly_name, manufacturer, \
     model_name, model_number, model_description, serial, udn, software_version, and vendors' own elements \
     as 'x.NAME' (UPnP section 2.3)",
);
/// Manufacturers.
pub static UPNP_MANUFACTURER: Field =
    Field::plain("upnp.manufacturer", "manufacturer of the root devices, as a list");
/// Model names.
pub static UPNP_MODEL_NAME: Field =
    Field::plain("upnp.model_name", "modelName of the root devices, as a list");
/// Model numbers.
pub static UPNP_MODEL_NUMBER: Field =
    Field::plain("upnp.model_number", "modelNumber of the root devices, as a list");
/// Model descriptions.
pub static UPNP_MODEL_DESCRIPTION: Field =
    Field::plain("upnp.model_description", "modelDescription of the root devices, as a list");
/// Serial numbers.
pub static UPNP_SERIAL: Field =
    Field::plain("upnp.serial", "serialNumber (or serialNum) of the root devices, as a list");
/// Names given by somebody.
pub static UPNP_FRIENDLY_NAME: Field =
    Field::name("upnp.friendly_name", "friendlyName of the root devices, as a list");
/// Device types.
pub static UPNP_DEVICE_TYPE: Field =
    Field::plain("upnp.device_type", "deviceType of root and embedded devices, as a list");
/// Unique device names.
pub static UPNP_UDN: Field = Field::plain("upnp.udn", "UDN (uuid:…) of the root devices, as a list");
/// Software versions.
pub static UPNP_SOFTWARE_VERSION: Field = Field::plain(
    "upnp.software_version",
    "softwareVersion of the root devices, as a list (not in the standard)",
);
/// DIAL.
pub static DIAL_APPLICATION_URL: Field = Field::plain(
    "dial.application_url",
    "Set where the description's answer carries Application-URL: the device is a DIAL receiver (DIAL section 5.4)",
);

pub(super) static ALL: &[&Field] = &[
    &DIAL_APPLICATION_URL,
    &SSDP_HEADERS,
    &SSDP_HEARD_LOCATION,
    &SSDP_LOCATION,
    &SSDP_SERVER,
    &SSDP_ST,
    &SSDP_USN,
    &UPNP_DEVICES,
    &UPNP_DEVICE_TYPE,
    &UPNP_FRIENDLY_NAME,
    &UPNP_MANUFACTURER,
    &UPNP_MODEL_DESCRIPTION,
    &UPNP_MODEL_NAME,
    &UPNP_MODEL_NUMBER,
    &UPNP_SERIAL,
    &UPNP_SOFTWARE_VERSION,
    &UPNP_UDN,
];
