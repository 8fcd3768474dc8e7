//! DNS messages: a question to bytes, bytes to an answer. No socket, no clock.

mod records;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType as WireType};
use records::{text, text_name};
use rundgang_inventory::mail::lookup::{Answer, Outcome, Question, RecordType};
use std::collections::BTreeMap;

/// UDP answers up to this size are welcome: it fits every path without fragments (DNS Flag Day 2020).
const UDP_SIZE: u16 = 1232;
/// No longer chain of aliases is followed within one answer.
const MOST_ALIASES: usize = 16;
/// No more records of one answer are kept.
const MOST_RECORDS: usize = 100;

/// How a question is to be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// A resolver: look it up and validate it.
    Resolve,
    /// A resolver: look it up, whatever its signatures say (CD, RFC 4035 section 3.2.2).
    Unchecked,
    /// A server of the zone: what it knows itself.
    Direct,
}

/// An answer as one server gave it.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// The answer in the terms of evidence.
    pub(crate) answer: Answer,
    /// Whether the server answers with authority (AA).
    pub(crate) authoritative: bool,
    /// Whether the server looks up names of strangers (RA).
    pub(crate) recursive: bool,
    /// Whether the answer was cut off and must be fetched over TCP.
    pub(crate) truncated: bool,
    /// The response code by name.
    pub(crate) code: String,
}

/// A name as labels of any octets; none where it is no name.
fn wire_name(name: &str) -> Option<Name> {
    if name.is_empty() {
        return Some(Name::root());
    }
    let mut wire = Name::from_labels(name.split('.').map(str::as_bytes)).ok()?;
    wire.set_fqdn(true);
    Some(wire)
}

/// The bytes of a question; none where its name cannot be one. Written by hand: an audit asks two hundred of them.
pub(crate) fn query(id: u16, question: &Question, manner: Manner) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(question.name.len() + 29);
    bytes.extend(id.to_be_bytes());
    bytes.push(u8::from(manner != Manner::Direct));
    // AD in a question asks the resolver to say whether it validated (RFC 6840 section 5.7).
    bytes.push(match manner {
        Manner::Resolve => 0x20,
        Manner::Unchecked => 0x10,
        Manner::Direct => 0,
    });
    bytes.extend([0, 1, 0, 0, 0, 0, 0, 1]);
    for label in question.name.split('.').filter(|_| !question.name.is_empty()) {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length))?;
        bytes.push(length);
        bytes.extend(label.bytes());
    }
    bytes.push(0);
    if bytes.len() > 12 + 255 {
        return None;
    }
    bytes.extend(question.kind.number().to_be_bytes());
    bytes.extend([0, 1]);
    // The EDNS record (RFC 6891): the root, type 41, the size of answers that are welcome.
    bytes.extend([0, 0, 41]);
    bytes.extend(UDP_SIZE.to_be_bytes());
    bytes.extend([0; 6]);
    Some(bytes)
}

/// The bytes of a request for a whole zone (RFC 5936).
pub(crate) fn transfer(id: u16, zone: &str) -> Option<Vec<u8>> {
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.metadata.recursion_desired = false;
    message.add_query(Query::query(wire_name(zone)?, WireType::AXFR));
    message.to_vec().ok()
}

/// The identifier of a message, if it is long enough to have one.
pub(crate) fn id_of(bytes: &[u8]) -> Option<u16> {
    Some(u16::from_be_bytes([*bytes.first()?, *bytes.get(1)?]))
}

/// Reads a reply. None where it is no reply to this question: a stray or forged one, to be ignored.
pub(crate) fn read(bytes: &[u8], question: &Question) -> Option<Reply> {
    if let Some(reply) = empty(bytes, question) {
        return Some(reply);
    }
    let Ok(message) = Message::from_vec(bytes) else {
        // Good enough to be ours, but not readable: say so instead of waiting for more.
        return (bytes.len() > 12 && bytes[2] & 0x80 != 0).then(unreadable);
    };
    if message.metadata.message_type != MessageType::Response {
        return None;
    }
    if let Some(asked) = message.queries.first() {
        let same = u16::from(asked.query_type()) == question.kind.number()
            && text_name(asked.name()) == question.name;
        if !same {
            return None;
        }
    }
    let code = message.metadata.response_code;
    let (aliases, records) = follow(&message.answers, question);
    let outcome = match code {
        ResponseCode::NoError if records.is_empty() => Outcome::NoRecords,
        ResponseCode::NoError => Outcome::Found,
        ResponseCode::NXDomain => Outcome::NoName,
        ResponseCode::ServFail => Outcome::ServerFailure,
        _ => Outcome::Refused,
    };
    Some(Reply {
        answer: Answer { outcome, authentic: message.metadata.authentic_data, aliases, records },
        authoritative: message.metadata.authoritative,
        recursive: message.metadata.recursion_available,
        truncated: message.metadata.truncation,
        code: code_name(code),
    })
}

/// Reads a reply without answers from its header alone: most questions of an audit end so.
fn empty(bytes: &[u8], question: &Question) -> Option<Reply> {
    let (&[_, _, high, low, 0, 1, 0, 0, ..], rest) = bytes.split_first_chunk::<12>()? else { return None };
    let mut rest = rest;
    for label in question.name.split('.').filter(|label| !label.is_empty()) {
        let (&length, after) = rest.split_first()?;
        let (found, after) = after.split_at_checked(usize::from(length))?;
        if !found.eq_ignore_ascii_case(label.as_bytes()) {
            return None;
        }
        rest = after;
    }
    let &[0, kind_high, kind_low, 0, 1, ..] = rest else { return None };
    if high & 0x80 == 0 || u16::from_be_bytes([kind_high, kind_low]) != question.kind.number() {
        return None;
    }
    let code = ResponseCode::from(0, low & 0x0f);
    let outcome = match code {
        ResponseCode::NoError => Outcome::NoRecords,
        ResponseCode::NXDomain => Outcome::NoName,
        _ => return None,
    };
    Some(Reply {
        answer: Answer { authentic: low & 0x20 != 0, ..Answer::nothing(outcome) },
        authoritative: high & 0x04 != 0,
        recursive: low & 0x80 != 0,
        truncated: high & 0x02 != 0,
        code: code_name(code),
    })
}

fn unreadable() -> Reply {
    Reply {
        answer: Answer::nothing(Outcome::Unreadable),
        authoritative: false,
        recursive: false,
        truncated: false,
        code: "unreadable".to_owned(),
    }
}

fn code_name(code: ResponseCode) -> String {
    match code {
        ResponseCode::NoError => "NOERROR".to_owned(),
        ResponseCode::NXDomain => "NXDOMAIN".to_owned(),
        ResponseCode::ServFail => "SERVFAIL".to_owned(),
        ResponseCode::Refused => "REFUSED".to_owned(),
        ResponseCode::NotAuth => "NOTAUTH".to_owned(),
        other => format!("code {}", u16::from(other)),
    }
}

/// The first record of a transfer's message is the zone's SOA; how many records the message holds. None where the
/// server does not hand out the zone.
pub(crate) fn transferred(bytes: &[u8]) -> Option<(bool, usize)> {
    let message = Message::from_vec(bytes).ok()?;
    if message.metadata.response_code != ResponseCode::NoError {
        return None;
    }
    let first = message.answers.first()?;
    Some((first.record_type() == WireType::SOA, message.answers.len()))
}

/// Follows the aliases of an answer section from the name asked for to the records of the type asked for.
fn follow(answers: &[Record], question: &Question) -> (Vec<String>, Vec<String>) {
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    for record in answers {
        if let RData::CNAME(target) = &record.data {
            targets.insert(text_name(&record.name), text_name(&target.0));
        }
    }
    let mut owner = question.name.clone();
    let mut aliases = Vec::new();
    while let Some(target) = targets.get(&owner).filter(|_| question.kind != RecordType::Cname) {
        if aliases.len() >= MOST_ALIASES || aliases.contains(target) {
            break;
        }
        aliases.push(target.clone());
        owner.clone_from(target);
    }
    let records = answers
        .iter()
        .filter(|record| {
            u16::from(record.record_type()) == question.kind.number() && text_name(&record.name) == owner
        })
        .filter_map(|record| text(&record.data, question.kind))
        .take(MOST_RECORDS)
        .collect();
    (aliases, records)
}

#[cfg(test)]
mod tests;
