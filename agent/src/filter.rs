//! The privacy filter: the only way from what was seen to what is kept (promises P1 to P4, P7).
//!
//! It decides before anything is written, sent, shown or logged. [`Kept`] has no other maker than [`Sieve`].

use crate::{
    runner::Visit,
    scope::{NetworkClass, Segment},
};
use rundgang_inventory::{
    Count, Coverage, Fields, Kind, Mac, MacProvenance, Observation, Recognition, Round, Subject, Timestamp,
    kind::Class, recognise,
};
use std::{collections::BTreeMap, net::IpAddr};

/// One device that may be kept, as shown to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Its address.
    pub address: IpAddr,
    /// Its MAC address, unless the filter removed it.
    pub mac: Option<Mac>,
    /// Its segment.
    pub segment: String,
    /// What it is, from what may be kept of it.
    pub recognition: Recognition,
}

/// What a walk may keep. Nothing else may be spooled, sent, printed or logged.
#[derive(Clone, Debug)]
pub struct Kept {
    round: Round,
    devices: Vec<Device>,
}

impl Kept {
    /// The round for the spool.
    #[must_use]
    pub const fn round(&self) -> &Round {
        &self.round
    }

    /// The round itself.
    #[must_use]
    pub fn into_round(self) -> Round {
        self.round
    }

    /// The devices, ascending by address.
    #[must_use]
    pub fn devices(&self) -> &[Device] {
        &self.devices
    }
}

/// Sorts what was seen into what is kept and what only moves a counter.
#[derive(Debug, Default)]
pub struct Sieve {
    observations: Vec<Observation>,
    devices: Vec<Device>,
    counts: BTreeMap<(String, Timestamp, &'static str), u32>,
}

/// Whether a device is a person's, as far as is known by now: then it gets no further packet (promise P2).
#[must_use]
pub(crate) fn is_personal(class: NetworkClass, visit: &Visit) -> bool {
    let fields = visit.fields();
    let recognition = recognise(visit.mac.map(|(mac, _)| mac), &fields);
    matches!(judge(class, visit.mac, &fields, &recognition), Verdict::Count(_))
        && class == NetworkClass::Personal
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Keep,
    KeepWithoutMac,
    Count(&'static str),
}

fn judge(
    class: NetworkClass,
    mac: Option<(Mac, MacProvenance)>,
    _fields: &Fields,
    recognition: &Recognition,
) -> Verdict {
    let kind = recognition.kind.as_ref().map(|told| told.value);
    let count = Verdict::Count(rundgang_inventory::batch::count_name(kind));
    let local = mac.is_some_and(|(mac, _)| mac.is_local());
    match kind.map(Kind::class) {
        _ if class == NetworkClass::Personal => count,
        Some(Class::Infrastructure) if local => Verdict::KeepWithoutMac,
        Some(Class::Infrastructure) => Verdict::Keep,
        _ if local => count,
        Some(Class::Workplace) | None if class.keeps_all() => Verdict::Keep,
        _ => count,
    }
}

impl Sieve {
    /// Takes in one visited host.
    pub(crate) fn take(&mut self, segment: &Segment, visit: Visit, at: Timestamp) {
        let fields = visit.fields();
        let recognition = recognise(visit.mac.map(|(mac, _)| mac), &fields);
        let mac = match judge(segment.class, visit.mac, &fields, &recognition) {
            Verdict::Count(kind) => return self.count(segment, at, kind, 1),
            Verdict::Keep => visit.mac,
            Verdict::KeepWithoutMac => None,
        };
        let recognition = recognise(mac.map(|(mac, _)| mac), &fields);
        self.devices.push(Device {
            address: visit.ip,
            mac: mac.map(|(mac, _)| mac),
            segment: segment.name.clone(),
            recognition,
        });
        for (probe, fields) in visit.seen {
            self.observations.push(Observation {
                subject: Subject::Device { ip: visit.ip, mac },
                segment: segment.name.clone(),
                at,
                probe: probe.to_owned(),
                fields,
            });
        }
    }

    /// Counts so many devices of a segment.
    pub(crate) fn count(&mut self, segment: &Segment, at: Timestamp, kind: &'static str, many: u32) {
        let hour = Timestamp(at.0.div_euclid(3_600_000) * 3_600_000);
        *self.counts.entry((segment.name.clone(), hour, kind)).or_default() += many;
    }

    /// What is kept of the whole walk.
    #[must_use]
    pub fn close(mut self, started: Timestamp, ended: Timestamp, coverage: Vec<Coverage>) -> Kept {
        self.devices.sort_by_key(|device| device.address);
        let counts = self
            .counts
            .into_iter()
            .map(|((segment, hour, kind), count)| Count { segment, hour, kind: kind.to_owned(), count })
            .collect();
        let round = Round { started, ended, observations: self.observations, counts, coverage };
        Kept { round, devices: self.devices }
    }
}
