//! Devices that fell silent after a probe: remembered across walks, and left alone for some days (promise S5).

use crate::runner::{SWEEP, Visit};
use rundgang_inventory::{
    Fields, Mac, MacProvenance, Observation, Subject, Timestamp, Value,
    vocabulary::{HOST_FELL_SILENT, HOST_LEFT_ALONE_UNTIL},
};
use std::{
    collections::BTreeMap,
    fmt,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// So many days after it fell silent a device gets ARP and echo requests only. What was seen of it before is kept for
/// longer, so that it is not forgotten meanwhile.
pub const LEFT_ALONE_DAYS: i64 = 14;

/// So many devices are remembered at most; those that would be asked again soonest go first.
const MOST: usize = 10_000;

/// How a device is known again: by its MAC address, else by its address in its segment. It has no words for a log: it
/// may be a person's (promise P2).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
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

/// What is known of a host that is left alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Memory {
    /// What was remembered under its name.
    pub(crate) silence: Silence,
    /// Whether it is the device that was kept, so that the silence may vouch for it (promise P2).
    pub(crate) vouches: bool,
    /// Whether the silence is reported of it.
    pub(crate) is_told: bool,
}

/// The devices that are left alone.
#[derive(Default)]
pub struct LeftAlone(Mutex<BTreeMap<Known, Silence>>);

impl fmt::Debug for LeftAlone {
    /// The number alone: people's devices are among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LeftAlone({})", self.devices().len())
    }
}

impl LeftAlone {
    /// Remembers that a device fell silent.
    pub(crate) fn remember(&self, segment: &str, visit: &Visit, silence: Silence, now: Timestamp) {
        self.devices().retain(|_, silence| now < silence.until);
        self.insert(known(segment, visit.ip, visit.mac), silence);
    }

    /// Forgets that a device fell silent, because it was not the device.
    pub(crate) fn forget(&self, segment: &str, visit: &Visit) {
        self.devices().remove(&known(segment, visit.ip, visit.mac));
    }

    /// Remembers what an earlier walk reported, such as after a restart of the agent.
    pub fn recall(&self, seen: &Observation) {
        let (Subject::Device { ip, mac }, SWEEP) = (&seen.subject, seen.probe.as_str()) else { return };
        let after = seen.fields.text(&HOST_FELL_SILENT);
        let until = seen.fields.get(&HOST_LEFT_ALONE_UNTIL);
        if let (Some(after), Some(Value::Time(until))) = (after, until) {
            let silence = Silence { after: after.to_owned(), until: Timestamp(*until), was_kept: true };
            self.insert(known(&seen.segment, *ip, *mac), silence);
        }
    }

    fn insert(&self, device: Known, silence: Silence) {
        let mut devices = self.devices();
        devices.insert(device, silence);
        if devices.len() > MOST {
            let first =
                devices.iter().min_by_key(|(_, silence)| silence.until).map(|(device, _)| device.clone());
            first.map(|device| devices.remove(&device));
        }
    }

    /// Whether a host is left alone now, and since what. A MAC address of its own says that it is the same device. An
    /// address may have another holder by now, perhaps a person's device: it keeps hands off and vouches for nobody.
    pub(crate) fn find(&self, segment: &str, visit: &Visit, now: Timestamp) -> Option<Memory> {
        let devices = self.devices();
        let lasting = |device: &Known| devices.get(device).filter(|silence| now < silence.until).cloned();
        let own = visit.mac.filter(|(_, provenance)| *provenance == MacProvenance::OwnReply);
        if let Some(silence) = own.and_then(|(mac, _)| lasting(&Known::Mac(mac))) {
            return Some(Memory { vouches: silence.was_kept, is_told: silence.was_kept, silence });
        }
        let silence = lasting(&known(segment, visit.ip, None))?;
        // Behind a router, or with a random MAC address that is not kept, a device has no other name than its address.
        let is_nameless = own.is_none_or(|(mac, _)| mac.is_local());
        Some(Memory { vouches: false, is_told: silence.was_kept && is_nameless, silence })
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

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Timestamp = Timestamp(0);

    fn visit(last: u8, mac: Option<&str>) -> Visit {
        let mac = mac.map(|mac| (mac.parse().unwrap(), MacProvenance::OwnReply));
        Visit::new([10, 0, 0, last].into(), mac, true, true)
    }

    #[test]
    fn an_address_keeps_hands_off_and_vouches_for_nobody() {
        let left_alone = LeftAlone::default();
        let board = Some("00:02:75:00:00:01");
        left_alone.remember("S", &visit(1, board), Silence::from(DAY, "http", true), DAY);
        left_alone.remember("S", &visit(2, None), Silence::from(DAY, "http", true), DAY);
        let check = |last, mac, expected: Option<(bool, bool)>| {
            let found = left_alone.find("S", &visit(last, mac), DAY);
            assert_eq!(found.map(|found| (found.vouches, found.is_told)), expected, "10.0.0.{last} {mac:?}");
        };
        check(1, board, Some((true, true)));
        check(9, board, Some((true, true)));
        check(1, Some("a8:bb:cf:09:9b:bc"), None);
        check(2, None, Some((false, true)));
        check(2, Some("a8:bb:cf:09:9b:bc"), Some((false, false)));
        assert_eq!(left_alone.find("S", &visit(1, board), DAY.plus_days(LEFT_ALONE_DAYS)), None);
        assert_eq!(left_alone.find("T", &visit(2, None), DAY), None);
    }

    #[test]
    fn the_memory_is_bounded_and_tells_a_log_no_device() {
        let left_alone = LeftAlone::default();
        for number in 0..=MOST {
            let [.., a, b, c] = number.to_be_bytes();
            let mac = format!("a8:bb:cf:{a:02x}:{b:02x}:{c:02x}");
            // The first of them would be asked again first.
            let from = DAY.plus_days(i64::from(number > 0));
            left_alone.remember("S", &visit(1, Some(&mac)), Silence::from(from, "http", false), DAY);
        }
        assert_eq!(format!("{left_alone:?}"), format!("LeftAlone({MOST})"));
        let found = |mac| left_alone.find("S", &visit(1, Some(mac)), DAY).is_some();
        assert!(!found("a8:bb:cf:00:00:00") && found("a8:bb:cf:00:00:01"));
        // What is over makes room.
        let later = DAY.plus_days(LEFT_ALONE_DAYS + 1);
        left_alone.remember("S", &visit(1, None), Silence::from(later, "http", false), later);
        assert_eq!(format!("{left_alone:?}"), "LeftAlone(1)");
    }
}
