//! Fields of WS-Discovery (OASIS WS-Discovery 1.1, ONVIF Core section 7, Microsoft's devices profile).

use super::Field;

/// Types.
pub static WSD_TYPES: Field = Field::plain(
    "wsd.types",
    "Types answered, without prefix, such as NetworkVideoTransmitter or PrintDeviceType, as a list",
);
/// Scopes.
pub static WSD_SCOPES: Field =
    Field::name("wsd.scopes", "Scopes answered, such as onvif://www.onvif.org/hardware/…, as a list");
/// The name.
pub static WSD_NAME: Field = Field::name("wsd.name", "ONVIF scope 'name', decoded");
/// The hardware.
pub static WSD_HARDWARE: Field = Field::plain("wsd.hardware", "ONVIF scope 'hardware': the model, decoded");
/// The location.
pub static WSD_LOCATION: Field = Field::name("wsd.location", "ONVIF scope 'location', decoded");
/// Transport addresses.
pub static WSD_XADDRS: Field = Field::name("wsd.xaddrs", "Transport addresses, as a list");
/// The endpoint's name.
pub static WSD_ADDRESS: Field = Field::plain("wsd.address", "Endpoint reference, usually urn:uuid:…");

pub(super) static ALL: &[&Field] =
    &[&WSD_ADDRESS, &WSD_HARDWARE, &WSD_LOCATION, &WSD_NAME, &WSD_SCOPES, &WSD_TYPES, &WSD_XADDRS];
