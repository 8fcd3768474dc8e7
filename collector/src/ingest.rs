//! From the wire to values: what an agent sent becomes inventory entries, or is refused with a reason.
//!
//! The contract's generated types stop here. Nothing of a message is trusted. A value that is too large is cut and a
//! field that stands in no vocabulary is left out, for one odd device must not hold up a school; only a batch whose
//! structure makes no sense is refused.

pub mod carried;

use rundgang_inventory::{
    Count, Coverage, Entry, Fields, Mac, MacProvenance, Observation, Reference, Row, Subject, Timestamp,
    Value, limits, vocabulary,
};
use rundgang_proto::v1;
use std::{collections::BTreeSet, net::IpAddr};

/// Entries in one batch.
pub const MAX_ENTRIES: usize = 1000;
/// Octets of one message, as the gRPC decoder is told. An agent's batch has about one million; decoded, hostile octets
/// take a hundred times their room.
pub const MAX_MESSAGE: usize = 2 << 20;
/// Octets of a domain name (RFC 1035, section 2.3.4).
const MAX_DOMAIN: usize = 253;
/// Probes and segments in one coverage list.
const MAX_COVERAGE: usize = 1024;
/// Segments and probes of all rounds of one batch together: each becomes a row that every later round is compared with.
const MAX_COVERED: usize = 20_000;

/// What stands in the log when an agent's times cannot be.
pub const WRONG_CLOCK: &str = "the clock of this agent's box is more than a day off; set it (NTP): the time of receiving counts until then";

/// Why a batch is refused. The agent's spool never makes such a batch; a broken or hostile one might.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Something is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Something is larger than allowed.
    #[error("{what} is too large: at most {most}")]
    TooLarge {
        /// What.
        what: &'static str,
        /// The bound.
        most: usize,
    },
    /// Something has no meaning.
    #[error("{what} makes no sense: '{value}'")]
    Nonsense {
        /// What.
        what: &'static str,
        /// As it came, cut.
        value: String,
    },
    /// Two observations of one batch claim the same position.
    #[error("position {0} is used twice in one batch")]
    PositionTwice(u32),
}

fn bounded(what: &'static str, size: usize, most: usize) -> Result<(), Refused> {
    if size > most { Err(Refused::TooLarge { what, most }) } else { Ok(()) }
}

fn nonsense(what: &'static str, value: impl std::fmt::Display) -> Refused {
    Refused::Nonsense { what, value: format!("{value}").chars().take(60).collect() }
}

/// A moment between 2000 and 2200: everything else is a broken clock.
fn moment(what: &'static str, ms: i64) -> Result<Timestamp, Refused> {
    if (946_684_800_000..7_258_118_400_000).contains(&ms) {
        Ok(Timestamp(ms))
    } else {
        Err(nonsense(what, ms))
    }
}

/// A batch that may be taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// Its sequence.
    pub sequence: u64,
    /// Its entries.
    pub entries: Vec<Entry>,
    /// Values that were cut or left out because they are too large.
    pub cut: usize,
    /// Fields that stand in no vocabulary and were left out; the agent is newer than this collector then.
    pub unknown: BTreeSet<String>,
}

impl Accepted {
    /// Says in the log what was not taken over as it came.
    pub fn tell(&self, agent: i64) {
        if self.cut > 0 {
            tracing::warn!(agent, sequence = self.sequence, cut = self.cut, "values too large were cut");
        }
        if !self.unknown.is_empty() {
            tracing::error!(
                agent,
                fields = ?self.unknown,
                "fields that stand in no vocabulary were left out: update the collectors before the agents"
            );
        }
    }
}

/// The entries of a batch, checked. The sequence must be positive and no position may occur twice.
///
/// # Errors
/// The first thing of its structure that is not acceptable; the whole batch is refused then.
pub fn entries(batch: v1::Batch) -> Result<Accepted, Refused> {
    if batch.sequence == 0 || i64::try_from(batch.sequence).is_err() {
        return Err(nonsense("the sequence", batch.sequence));
    }
    bounded("the batch", batch.entries.len(), MAX_ENTRIES)?;
    bounded("what the rounds covered", batch.entries.iter().map(covered).sum(), MAX_COVERED)?;
    let mut accepted =
        Accepted { sequence: batch.sequence, entries: Vec::new(), cut: 0, unknown: BTreeSet::new() };
    let mut positions = BTreeSet::new();
    for wire in batch.entries {
        let entry = accepted.entry(wire)?;
        if let Entry::Observation { index, .. } = &entry
            && !positions.insert(*index)
        {
            return Err(Refused::PositionTwice(*index));
        }
        accepted.entries.push(entry);
    }
    Ok(accepted)
}

/// Segments and probes that an entry names as covered.
fn covered(entry: &v1::Entry) -> usize {
    match &entry.entry {
        Some(v1::entry::Entry::RoundEnd(round)) => {
            round.coverage.iter().map(|one| 1 + one.probes.len()).sum()
        }
        _ => 0,
    }
}

impl Accepted {
    fn entry(&mut self, entry: v1::Entry) -> Result<Entry, Refused> {
        use v1::entry::Entry as Wire;
        match entry.entry.ok_or(Refused::Missing("an entry's content"))? {
            Wire::Observation(wire) => {
                let index = wire.index;
                Ok(Entry::Observation { index, observation: self.observation(wire)? })
            }
            Wire::Confirmation(wire) => Ok(Entry::Confirmation {
                reference: Reference { sequence: wire.sequence, index: wire.index },
                at: moment("a confirmation's time", wire.at_ms)?,
            }),
            Wire::RoundEnd(wire) => {
                bounded("the coverage", wire.coverage.len(), MAX_COVERAGE)?;
                Ok(Entry::RoundEnd {
                    started: moment("the round's beginning", wire.started_ms)?,
                    ended: moment("the round's end", wire.ended_ms)?,
                    coverage: wire.coverage.iter().map(coverage).collect::<Result<_, _>>()?,
                })
            }
            Wire::Count(wire) => Ok(Entry::Count(Count {
                segment: limits::name(&wire.segment),
                hour: moment("a count's hour", wire.hour_ms)?,
                kind: limits::name(&wire.kind),
                count: wire.count,
            })),
        }
    }

    fn observation(&mut self, wire: v1::Observation) -> Result<Observation, Refused> {
        let mut fields = Fields::new();
        for (name, value) in wire.fields {
            if vocabulary::field(&name).is_none() {
                self.unknown.insert(limits::name(&name));
                continue;
            }
            fields.set_named(name, self::value(value, true)?);
        }
        let (fields, cut) = limits::bound(fields);
        self.cut += cut;
        Ok(Observation {
            subject: subject(wire.subject)?,
            segment: limits::name(&wire.segment),
            at: moment("an observation's time", wire.at_ms)?,
            probe: limits::name(&wire.probe),
            fields,
        })
    }
}

fn coverage(wire: &v1::Coverage) -> Result<Coverage, Refused> {
    bounded("the list of probes", wire.probes.len(), MAX_COVERAGE)?;
    Ok(Coverage {
        segment: limits::name(&wire.segment),
        network: limits::name(&wire.network),
        probes: wire.probes.iter().map(|probe| limits::name(probe)).collect(),
        complete: wire.complete,
    })
}

fn subject(wire: Option<v1::Subject>) -> Result<Subject, Refused> {
    use v1::subject::Subject as Wire;
    match wire.and_then(|subject| subject.subject).ok_or(Refused::Missing("an observation's subject"))? {
        Wire::Domain(domain) => {
            bounded("a domain", domain.len(), MAX_DOMAIN)?;
            let plain =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | '_');
            if domain.is_empty() || !domain.chars().all(plain) {
                return Err(nonsense("a domain", domain.escape_debug()));
            }
            Ok(Subject::Domain(domain))
        }
        Wire::Device(device) => Ok(Subject::Device { ip: address(&device.ip)?, mac: mac(&device)? }),
    }
}

fn address(octets: &[u8]) -> Result<IpAddr, Refused> {
    if let Ok(four) = <[u8; 4]>::try_from(octets) {
        Ok(four.into())
    } else if let Ok(sixteen) = <[u8; 16]>::try_from(octets) {
        Ok(sixteen.into())
    } else {
        Err(nonsense("an address", format!("{} octets", octets.len())))
    }
}

fn mac(device: &v1::Device) -> Result<Option<(Mac, MacProvenance)>, Refused> {
    if device.mac.is_empty() {
        return Ok(None);
    }
    let octets = <[u8; 6]>::try_from(device.mac.as_slice())
        .map_err(|_| nonsense("a MAC address", format!("{} octets", device.mac.len())))?;
    let provenance = match device.mac_provenance() {
        v1::MacProvenance::Controller => MacProvenance::Controller,
        v1::MacProvenance::RouterTable => MacProvenance::RouterTable,
        v1::MacProvenance::SelfReported => MacProvenance::SelfReported,
        v1::MacProvenance::OwnReply => MacProvenance::OwnReply,
        v1::MacProvenance::Unspecified => return Err(Refused::Missing("the provenance of a MAC address")),
    };
    Ok(Some((Mac(octets), provenance)))
}

/// A value; tables hold plain values only, so nothing nests deeper than one level.
fn value(wire: v1::Value, tables: bool) -> Result<Value, Refused> {
    use v1::value::Value as Wire;
    Ok(match wire.value.ok_or(Refused::Missing("a value"))? {
        Wire::Text(text) => Value::Text(text),
        Wire::Integer(number) => Value::Int(number),
        Wire::TimeMs(ms) => Value::Time(ms),
        Wire::Octets(bytes) => Value::Bytes(bytes),
        Wire::List(list) => Value::List(list.items),
        Wire::Table(table) if tables => {
            Value::Table(table.rows.into_iter().map(row).collect::<Result<_, _>>()?)
        }
        Wire::Table(_) => return Err(nonsense("a value", "a table within a table")),
    })
}

fn row(wire: v1::Row) -> Result<Row, Refused> {
    wire.columns.into_iter().map(|(column, held)| Ok((column, value(held, false)?))).collect()
}

#[cfg(test)]
mod tests;
