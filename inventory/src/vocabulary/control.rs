//! Fields of control ports: which vendor's control protocol a device offers, known from the open port alone.

use super::Field;

/// Control protocols.
pub static CONTROL_PROTOCOLS: Field = Field::plain(
    "control.protocols",
    "Vendors' documented control ports that accepted a connection, by name, as a list: samsung-mdc, lg-signage, \
     nec-control, philips-sicp, sony-adcp, sony-simple-ip, escvp-net, panasonic-ntcontrol, viewsonic-lan, viewsonic-cast, \
     crestron-cip, christie-serial, smart-airplay, promethean-activcast",
);

pub(super) static ALL: &[&Field] = &[&CONTROL_PROTOCOLS];
