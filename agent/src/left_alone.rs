//! Devices that fell silent after a probe: remembered across walks, and left alone for some days (promise S5).

use crate::runner::{SWEEP, Visit};
use rundgang_inventory::{
    Fields, Mac, MacProvenance, Observation, Subject, Timestamp, Value,
    vocabulary::{HOST_FELL_SILENT, HOST_LEFT_ALONE_UNTIL},
};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// So many days after it fell silent a device gets ARP and echo requests only. What was seen of it before is kept for
/// longer, so that it is not forgotten meanwhile.
pub const LEFT_ALONE_DAYS: i64 = 14;

/// How a device is known again: by its MAC address, else by its address in its segment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
    Mac(Mac),
    Address(String, IpAddr),
}

/// That a device fell silent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Silence {
    /// The probe after which it did.
    pub(crate) after: String,
    /// The day until which it is left alone.
    pub(crate) until: Timestamp,
    /// Whether the privacy filter kept the device. A device that it only counts is left alone as well, but that is
    /// remembered in the memory of the process and nowhere else (promise P2).
    pub(crate) was_kept: bool,
}

impl Silence {
    /// A silence that begins now.
    pub(crate) fn from(now: Timestamp, after: &str, was_kept: bool) -> Self {
        Self { after: after.to_owned(), until: now.day().plus_days(LEFT_ALONE_DAYS), was_kept }
    }

    /// How it is reported: under the name of host discovery, with every walk for as long as it lasts.
    pub(crate) fn fields(&self) -> Fields {
        Fields::new()
            .with(&HOST_FELL_SILENT, Value::text(&self.after))
            .with(&HOST_LEFT_ALONE_UNTIL, Value::Time(self.until.0))
    }
}

/// The devices that are left alone.
#[derive(Debug, Default)]
pub struct LeftAlone(Mutex<BTreeMap<Known, Silence>>);

impl LeftAlone {
    /// Remembers that a device fell silent.
    pub(crate) fn remember(&self, segment: &str, visit: &Visit, silence: Silence) {
        self.devices().insert(known(segment, visit.ip, visit.mac), silence);
    }

    /// Remembers what an earlier walk reported, such as after a restart of the agent.
    pub fn recall(&self, seen: &Observation) {
        let (Subject::Device { ip, mac }, SWEEP) = (&seen.subject, seen.probe.as_str()) else { return };
        let after = seen.fields.text(&HOST_FELL_SILENT);
        let until = seen.fields.get(&HOST_LEFT_ALONE_UNTIL);
        if let (Some(after), Some(Value::Time(until))) = (after, until) {
            let silence = Silence { after: after.to_owned(), until: Timestamp(*until), was_kept: true };
            self.devices().insert(known(&seen.segment, *ip, *mac), silence);
        }
    }

    /// Whether a host is left alone now, and since what.
    pub(crate) fn find(&self, segment: &str, visit: &Visit, now: Timestamp) -> Option<Silence> {
        let mut devices = self.devices();
        devices.retain(|_, silence| now < silence.until);
        // What the filter keeps without its random MAC address is known by its address alone.
        let by_mac = devices.get(&known(segment, visit.ip, visit.mac));
        by_mac.or_else(|| devices.get(&known(segment, visit.ip, None))).cloned()
    }

    fn devices(&self) -> MutexGuard<'_, BTreeMap<Known, Silence>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A router's word about a MAC address comes after the visit: only what a device itself answered names it.
fn known(segment: &str, ip: IpAddr, mac: Option<(Mac, MacProvenance)>) -> Known {
    match mac {
        Some((mac, MacProvenance::OwnReply)) => Known::Mac(mac),
        _ => Known::Address(segment.to_owned(), ip),
    }
}
