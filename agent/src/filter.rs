//! The privacy filter: the only way from what was seen to what is kept (promises P1 to P4, P7).
//!
//! It decides before anything is written, sent, shown or logged. [`Kept`] has no other maker than [`Sieve`], and a
//! [`Visit`] can be read by nothing outside the walk.

mod hints;
mod tables;

use crate::{
    runner::Visit,
    scope::{NetworkClass, Segment},
};
use rundgang_inventory::{
    Count, Coverage, Fields, Kind, Mac, Observation, Recognition, Round, Subject, Timestamp,
    batch::count_name, kind::Class, privacy, recognise, vocabulary::PJLINK_SEARCH,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};
use tables::Known;

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
#[derive(Default)]
pub struct Sieve {
    registered: BTreeSet<Mac>,
    kept: Vec<Passed>,
    counts: BTreeMap<(String, Timestamp, &'static str), u32>,
}

struct Passed {
    segment: String,
    /// Whether the register counts in that segment.
    accepts_register: bool,
    visit: Visit,
    day: Timestamp,
}

/// What becomes of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Keep,
    /// Kept, identified by what it announces; its random MAC address is not.
    KeepWithoutMac,
    /// Personal for certain: it gets no further packet.
    Personal(&'static str),
    /// Not known to be infrastructure: it may be asked further, and is counted if that brings nothing.
    Doubtful(&'static str),
}

/// Whether a device is a person's, as far as is known by now: then it gets no further packet (promise P2).
#[must_use]
pub(crate) fn is_personal(segment: &Segment, registered: &BTreeSet<Mac>, visit: &Visit) -> bool {
    matches!(so_far(segment, registered, visit), Verdict::Personal(_))
}

/// Whether a device is kept, as far as is known by now.
#[must_use]
pub(crate) fn is_kept(segment: &Segment, registered: &BTreeSet<Mac>, visit: &Visit) -> bool {
    matches!(so_far(segment, registered, visit), Verdict::Keep | Verdict::KeepWithoutMac)
}

fn so_far(segment: &Segment, registered: &BTreeSet<Mac>, visit: &Visit) -> Verdict {
    let mac = visit.mac.map(|(mac, _)| mac);
    let fields = hints::believed(mac, visit.fields());
    let recognition = recognise(mac, &fields);
    judge(segment, registered, visit, &fields, &recognition)
}

fn judge(
    segment: &Segment,
    registered: &BTreeSet<Mac>,
    visit: &Visit,
    fields: &Fields,
    recognition: &Recognition,
) -> Verdict {
    let mac = visit.mac.map(|(mac, _)| mac);
    let kind = recognition.kind.as_ref().map(|told| told.value);
    let name = count_name(kind);
    if segment.class == NetworkClass::Personal {
        return Verdict::Personal(name);
    }
    if segment.accept_register && mac.is_some_and(|mac| registered.contains(&mac)) {
        return Verdict::Keep;
    }
    let keeps_all = segment.class.keeps_all();
    let class = kind.filter(|_| !hints::is_anybodys(recognition)).map(Kind::class);
    if class == Some(Class::Personal) || (hints::is_personal(fields, recognition) && !keeps_all) {
        return Verdict::Personal(name);
    }
    let computer = hints::says_computer(fields);
    if computer && !keeps_all && class != Some(Class::Infrastructure) {
        // A person's own, unless somebody made it who builds nothing that people carry: that one may be asked further.
        let storage = mac.is_some_and(hints::is_makers_of_storage);
        return if storage { Verdict::Doubtful(name) } else { Verdict::Personal(name) };
    }
    let random = mac.is_some_and(|mac| mac.is_local() && !(keeps_all && hints::is_virtual(mac)));
    match class {
        Some(Class::Infrastructure) if !random => Verdict::Keep,
        _ if random => match hints::announced_kind(fields).map(Kind::class) {
            Some(Class::Infrastructure) if !computer => Verdict::KeepWithoutMac,
            _ => Verdict::Personal(name),
        },
        _ if keeps_all => Verdict::Keep,
        Some(Class::Workplace) => Verdict::Personal(name),
        // It cannot be asked now, and turned out to be infrastructure when it could.
        _ if visit.was_kept => Verdict::Keep,
        _ if hints::is_makers_of_personal_devices(recognition) => Verdict::Personal(name),
        _ => Verdict::Doubtful(name),
    }
}

impl Sieve {
    /// A sieve that lets through devices of the register in networks that accept it (promise P1).
    #[must_use]
    pub(crate) fn new(registered: BTreeSet<Mac>) -> Self {
        Self { registered, ..Self::default() }
    }

    /// Takes in one visited host.
    pub(crate) fn take(&mut self, segment: &Segment, mut visit: Visit, at: Timestamp) {
        let mac = visit.mac.map(|(mac, _)| mac);
        let fields = hints::believed(mac, visit.fields());
        if fields.get(&PJLINK_SEARCH).is_none() {
            visit.seen.values_mut().for_each(|said| drop(said.remove(PJLINK_SEARCH.name)));
        }
        let recognition = recognise(mac, &fields);
        match judge(segment, &self.registered, &visit, &fields, &recognition) {
            Verdict::Personal(kind) | Verdict::Doubtful(kind) => return self.count(segment, at, kind, 1),
            Verdict::Keep => {}
            Verdict::KeepWithoutMac => forget_mac(&mut visit),
        }
        let accepts_register = segment.accept_register;
        // When a device was seen is a date, here already: it says nothing about anybody's hours (promise P6).
        self.kept.push(Passed { segment: segment.name.clone(), accepts_register, visit, day: at.day() });
    }

    /// Counts so many devices of a segment.
    pub(crate) fn count(&mut self, segment: &Segment, at: Timestamp, kind: &'static str, many: u32) {
        let hour = Timestamp(at.0.div_euclid(3_600_000) * 3_600_000);
        *self.counts.entry((segment.name.clone(), hour, kind)).or_default() += many;
    }

    /// What is kept of the whole walk.
    #[must_use]
    pub(crate) fn close(self, started: Timestamp, ended: Timestamp, coverage: Vec<Coverage>) -> Kept {
        let own = |passed: &Passed| passed.visit.mac.map(|(mac, _)| mac);
        let macs: BTreeSet<Mac> = self.kept.iter().filter_map(own).collect();
        let at = tables::at(self.kept.iter().filter_map(|passed| Some((passed.visit.ip, own(passed)?))));
        let with_register = Known { macs: macs.union(&self.registered).copied().collect(), at: at.clone() };
        let known = Known { macs, at };
        let mut devices = Vec::new();
        let mut observations = Vec::new();
        for Passed { segment, accepts_register, visit, day } in self.kept {
            let known = if accepts_register { &with_register } else { &known };
            let mut merged = Fields::new();
            for (probe, fields) in visit.seen {
                // Masking can lengthen a text, so what a device says is cut to size behind it.
                let (fields, cut) = tables::bound(privacy::mask_fields(tables::sift(fields, known)));
                if cut > 0 {
                    tracing::debug!(probe, cut, "a kept device says more than may be kept");
                }
                merged.merge(fields.clone());
                let subject = Subject::Device { ip: visit.ip, mac: visit.mac };
                observations.push(Observation {
                    subject,
                    segment: segment.clone(),
                    at: day,
                    probe: probe.to_owned(),
                    fields,
                });
            }
            let mac = visit.mac.map(|(mac, _)| mac);
            devices.push(Device { address: visit.ip, mac, segment, recognition: recognise(mac, &merged) });
        }
        devices.sort_by_key(|device| device.address);
        let counts = self
            .counts
            .into_iter()
            .map(|((segment, hour, kind), count)| Count { segment, hour, kind: kind.to_owned(), count })
            .collect();
        Kept { round: Round { started, ended, observations, counts, coverage }, devices }
    }
}

/// Removes a MAC address from a visit, the device's own words about it included.
fn forget_mac(visit: &mut Visit) {
    if let Some((mac, _)) = visit.mac.take() {
        for fields in visit.seen.values_mut() {
            *fields = privacy::without_mac(std::mem::take(fields), mac);
        }
    }
}

#[cfg(test)]
mod tests;
