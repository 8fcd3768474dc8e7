//! From values to the wire: inventory entries as the contract's messages.

use super::Declared;
use crate::spool::Batch;
use rundgang_inventory::{Entry, MacProvenance, Observation, Reference, Row, Subject, Value};
use rundgang_proto::v1;
use std::net::IpAddr;

/// The first message of a stream: who speaks, and what the scope declares.
pub(super) fn hello(declared: Declared, last_sequence: u64) -> v1::FromAgent {
    let segments = declared.segments.into_iter().map(|segment| v1::Segment {
        name: segment.name,
        network: segment.network,
        class: segment.class,
        purpose: segment.purpose,
        authorised_by: segment.authorised_by,
        legal_basis: segment.legal_basis,
        staff_council_date: segment.staff_council_date,
        valid_until: segment.valid_until,
        groups: segment.groups,
        accept_register: segment.accept_register,
    });
    let hello = v1::Hello {
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        last_sequence,
        segments: segments.collect(),
        accept_domains: declared.accepts_domains,
        public_view: declared.sees_public,
    };
    v1::FromAgent { message: Some(v1::from_agent::Message::Hello(hello)) }
}

/// That the agent knows of the walk it was asked for.
pub(super) const fn walk_taken() -> v1::FromAgent {
    v1::FromAgent { message: Some(v1::from_agent::Message::WalkTaken(v1::WalkTaken {})) }
}

/// A batch as a message of the stream.
pub(super) fn message(batch: Batch) -> v1::FromAgent {
    v1::FromAgent { message: Some(v1::from_agent::Message::Batch(self::batch(batch))) }
}

/// A batch.
#[must_use]
pub fn batch(batch: Batch) -> v1::Batch {
    let entries = batch.entries.into_iter().map(entry).collect();
    v1::Batch { sequence: batch.sequence, entries }
}

/// The references of a collector's question.
pub(super) fn references(unknown: &v1::Unknown) -> Vec<Reference> {
    let reference = |wire: &v1::Confirmation| Reference { sequence: wire.sequence, index: wire.index };
    unknown.references.iter().map(reference).collect()
}

fn entry(entry: Entry) -> v1::Entry {
    use v1::entry::Entry as Wire;
    let entry = match entry {
        Entry::Observation { index, observation } => Wire::Observation(self::observation(index, observation)),
        Entry::Confirmation { reference, at } => Wire::Confirmation(v1::Confirmation {
            sequence: reference.sequence,
            index: reference.index,
            at_ms: at.0,
        }),
        Entry::RoundEnd { started, ended, coverage } => Wire::RoundEnd(v1::RoundEnd {
            started_ms: started.0,
            ended_ms: ended.0,
            coverage: coverage
                .into_iter()
                .map(|coverage| v1::Coverage {
                    segment: coverage.segment,
                    network: coverage.network,
                    probes: coverage.probes,
                    complete: coverage.complete,
                })
                .collect(),
        }),
        Entry::Count(count) => Wire::Count(v1::Count {
            segment: count.segment,
            hour_ms: count.hour.0,
            kind: count.kind,
            count: count.count,
        }),
    };
    v1::Entry { entry: Some(entry) }
}

fn observation(index: u32, observation: Observation) -> v1::Observation {
    v1::Observation {
        subject: Some(subject(observation.subject)),
        segment: observation.segment,
        at_ms: observation.at.0,
        probe: observation.probe,
        fields: observation.fields.into_iter().map(|(name, held)| (name, value(held))).collect(),
        index,
    }
}

fn subject(subject: Subject) -> v1::Subject {
    use v1::subject::Subject as Wire;
    let subject = match subject {
        Subject::Domain(name) => Wire::Domain(name),
        Subject::Device { ip, mac } => {
            let ip = match ip {
                IpAddr::V4(four) => four.octets().to_vec(),
                IpAddr::V6(six) => six.octets().to_vec(),
            };
            let provenance = match mac {
                None => v1::MacProvenance::Unspecified,
                Some((_, MacProvenance::Controller)) => v1::MacProvenance::Controller,
                Some((_, MacProvenance::RouterTable)) => v1::MacProvenance::RouterTable,
                Some((_, MacProvenance::SelfReported)) => v1::MacProvenance::SelfReported,
                Some((_, MacProvenance::OwnReply)) => v1::MacProvenance::OwnReply,
            };
            let mac = mac.map(|(mac, _)| mac.0.to_vec()).unwrap_or_default();
            Wire::Device(v1::Device { ip, mac, mac_provenance: provenance.into() })
        }
    };
    v1::Subject { subject: Some(subject) }
}

fn value(value: Value) -> v1::Value {
    use v1::value::Value as Wire;
    let value = match value {
        Value::Text(text) => Wire::Text(text),
        Value::Int(number) => Wire::Integer(number),
        Value::Time(ms) => Wire::TimeMs(ms),
        Value::Bytes(bytes) => Wire::Octets(bytes),
        Value::List(items) => Wire::List(v1::TextList { items }),
        Value::Table(rows) => Wire::Table(v1::Table { rows: rows.into_iter().map(row).collect() }),
    };
    v1::Value { value: Some(value) }
}

fn row(row: Row) -> v1::Row {
    v1::Row { columns: row.into_iter().map(|(column, held)| (column, value(held))).collect() }
}
