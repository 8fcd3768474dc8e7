//! The vocabulary of device kinds, and what each kind means for safety and privacy.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

macro_rules! kinds {
    ($($variant:ident $name:literal $caution:ident $class:ident $meaning:literal,)*) => {
        /// What a device is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Kind { $(#[doc = $meaning] $variant,)* }

        impl Kind {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name used in every output, file and table.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How gently it must be treated (promise S5).
            #[must_use]
            pub const fn caution(self) -> Caution {
                match self { $(Self::$variant => Caution::$caution,)* }
            }

            /// Whether it belongs to the school's infrastructure or to a person (promise P1).
            #[must_use]
            pub const fn class(self) -> Class {
                match self { $(Self::$variant => Class::$class,)* }
            }
        }
    };
}

/// How gently a kind must be treated (promise S5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caution {
    /// ARP, ICMP and passive listening only, unless opted in by address.
    HandsOff,
    /// In addition SNMP Get of named objects and one SIP OPTIONS, one request in flight, no TCP.
    Gentle,
    /// As gentle, and in addition the one documented page behind a service that it announces by itself.
    Announced,
    /// Every probe its scope allows.
    Normal,
}

/// Whose device a kind is (promise P1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The school's infrastructure: kept as itself.
    Infrastructure,
    /// A device people work at: kept only in networks declared managed, else counted.
    Workplace,
    /// A device a person carries: counted only.
    Personal,
}

kinds! {
    Board "board" Normal Infrastructure "An interactive board or interactive flat panel.",
    Display "display" Normal Infrastructure "A display or television without touch.",
    Projector "projector" Normal Infrastructure "A projector.",
    DocumentCamera "document-camera" Normal Infrastructure "A document camera (visualiser).",
    MediaReceiver "media-receiver" Normal Infrastructure "A receiver for wireless presentation or streaming (AirPlay, Cast, Miracast).",
    Av "av" Normal Infrastructure "Audio and video equipment of another sort: switchers, encoders, conference systems, signage players.",
    Speaker "speaker" Normal Infrastructure "A loudspeaker or amplifier in the network.",
    Printer "printer" Normal Infrastructure "A printer, copier or multifunction device.",
    Scanner "scanner" Normal Infrastructure "A scanner.",
    AccessPoint "access-point" Normal Infrastructure "A WLAN access point.",
    WlanController "wlan-controller" Normal Infrastructure "A WLAN controller.",
    Switch "switch" Normal Infrastructure "A switch.",
    Router "router" Normal Infrastructure "A router, including home routers.",
    Firewall "firewall" Normal Infrastructure "A firewall or filter.",
    Server "server" Normal Infrastructure "A server, hypervisor or appliance.",
    ManagementController "management-controller" Normal Infrastructure "A server's remote management (iLO, iDRAC, BMC) or a KVM switch.",
    Nas "nas" Normal Infrastructure "Network storage.",
    Ups "ups" Gentle Infrastructure "An uninterruptible power supply.",
    Pdu "pdu" Gentle Infrastructure "A power distribution unit or network socket.",
    Camera "camera" Normal Infrastructure "A network camera or video recorder.",
    Telephony "telephony" Gentle Infrastructure "A telephone system, telephone or gateway.",
    BuildingControl "building-control" HandsOff Infrastructure "Building control: heating, light, doors, alarm.",
    Bell "bell" HandsOff Infrastructure "A bell, clock, intercom or public address system; by its sort a speaker, but one that is left alone.",
    Lighting "lighting" Announced Infrastructure "A lamp or lighting controller in the network.",
    SmartPlug "smart-plug" Announced Infrastructure "A switched socket in the network.",
    EnvironmentSensor "environment-sensor" Gentle Infrastructure "A sensor of temperature, humidity, smoke or water.",
    DeviceServer "device-server" Normal Infrastructure "A serial or USB device server, dongle or terminal server, industrial gateway.",
    Workstation "workstation" Normal Workplace "A computer people work at.",
    Phone "phone" Normal Personal "A mobile telephone.",
    Tablet "tablet" Normal Personal "A tablet.",
}

impl Kind {
    /// Whether this kind says the same as the other, only more exactly: a board is a display with a receiver built in,
    /// and announces itself as either. So its weaker word settles what the stronger, general one left open.
    #[must_use]
    pub const fn refines(self, other: Self) -> bool {
        matches!((self, other), (Self::Board, Self::Display | Self::MediaReceiver))
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A text that names no kind.
#[derive(Debug, thiserror::Error)]
#[error("'{0}' is no kind of device")]
pub struct NotAKind(String);

impl FromStr for Kind {
    type Err = NotAKind;
    fn from_str(text: &str) -> Result<Self, NotAKind> {
        // The name that bells had before 0.1.0 may stand in registers and files.
        let text = if text == "public-address" { "bell" } else { text };
        Self::ALL.iter().copied().find(|kind| kind.name() == text).ok_or_else(|| NotAKind(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back() {
        for &kind in Kind::ALL {
            assert_eq!(kind.name().parse::<Kind>().ok(), Some(kind));
        }
        assert!("toaster".parse::<Kind>().is_err());
    }
}
