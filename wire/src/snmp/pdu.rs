//! Requests and answers (RFC 3416, section 4), the part that all versions share.

use super::{Error, Oid, Value, ber};

const GET: u8 = 0xa0;
const GET_NEXT: u8 = 0xa1;
const RESPONSE: u8 = 0xa2;
const GET_BULK: u8 = 0xa5;
const REPORT: u8 = 0xa8;

/// No more variables than this are read from one answer.
const MAX_BINDINGS: usize = 2048;

/// What can be asked. There is no request that changes anything, here or anywhere else (promise S3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The values of exactly these variables.
    Get(Vec<Oid>),
    /// For each the variable that follows it.
    GetNext(Vec<Oid>),
    /// For each up to `max_repetitions` variables that follow it (not in v1).
    GetBulk {
        /// How many variables may follow each.
        max_repetitions: u16,
        /// Where to begin.
        oids: Vec<Oid>,
    },
}

impl Request {
    /// The identifiers asked for.
    #[must_use]
    pub fn oids(&self) -> &[Oid] {
        match self {
            Self::Get(oids) | Self::GetNext(oids) | Self::GetBulk { oids, .. } => oids,
        }
    }

    pub(super) fn write(&self, request_id: i32) -> Vec<u8> {
        let (tag, second, oids) = match self {
            Self::Get(oids) => (GET, 0, oids),
            Self::GetNext(oids) => (GET_NEXT, 0, oids),
            Self::GetBulk { max_repetitions, oids } => (GET_BULK, i64::from(*max_repetitions), oids),
        };
        let bindings: Vec<Binding> =
            oids.iter().map(|oid| Binding { oid: oid.clone(), value: Value::Null }).collect();
        write_pdu(tag, request_id, (0, second), &bindings)
    }

    /// Reads a request: what a responder needs. Anything that is no Get, GetNext or GetBulk is malformed to us.
    /// Returns the request id, the number of non-repeaters (only GetBulk has them) and the request.
    pub(super) fn read(pdu: &ber::Element<'_>) -> Result<(i32, usize, Self), Error> {
        let (request_id, first, second, bindings, _) = read_pdu(pdu)?;
        let oids = bindings.into_iter().map(|binding| binding.oid).collect();
        let count = |number: i64| u16::try_from(number.max(0)).unwrap_or(u16::MAX);
        match pdu.tag {
            GET => Ok((request_id, 0, Self::Get(oids))),
            GET_NEXT => Ok((request_id, 0, Self::GetNext(oids))),
            GET_BULK => Ok((
                request_id,
                usize::from(count(first)),
                Self::GetBulk { max_repetitions: count(second), oids },
            )),
            _ => Err(Error::Malformed("no reading request")),
        }
    }
}

/// A variable and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// Its name.
    pub oid: Oid,
    /// What it holds.
    pub value: Value,
}

/// What sort of answer it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AnswerKind {
    /// The answer to a request.
    Response,
    /// An SNMPv3 engine says why it did not take the request (RFC 3412, section 7.1).
    Report,
}

/// How a device judged a request (RFC 3416, section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorStatus {
    /// `noError`.
    None,
    /// `tooBig`: the answer would not fit into a message.
    TooBig,
    /// `noSuchName`: v1's word for "no such object" and for the end of a walk.
    NoSuchName,
    /// `genErr`: something went wrong; with some agents another word for too big.
    General,
    /// `noAccess` or `authorizationError`: the credential may not read this.
    NoAccess,
    /// Another one, by number.
    Other(i64),
}

impl ErrorStatus {
    const fn from_number(number: i64) -> Self {
        match number {
            0 => Self::None,
            1 => Self::TooBig,
            2 => Self::NoSuchName,
            5 => Self::General,
            6 | 16 => Self::NoAccess,
            other => Self::Other(other),
        }
    }

    const fn number(self) -> i64 {
        match self {
            Self::None => 0,
            Self::TooBig => 1,
            Self::NoSuchName => 2,
            Self::General => 5,
            Self::NoAccess => 16,
            Self::Other(other) => other,
        }
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What sort of answer it is.
    pub kind: AnswerKind,
    /// Which request it answers.
    pub request_id: i32,
    /// Whether the request was taken.
    pub error: ErrorStatus,
    /// Which of the variables asked for is to blame, counted from 1; 0 where none is named.
    pub error_index: usize,
    /// The variables.
    pub bindings: Vec<Binding>,
    /// Part of the answer was missing or could not be read; `bindings` holds what came before.
    pub cut: bool,
}

impl Answer {
    /// The value of a variable, where it was answered and present.
    #[must_use]
    pub fn value(&self, oid: &Oid) -> Option<&Value> {
        self.bindings
            .iter()
            .find(|binding| binding.oid == *oid && binding.value.is_present())
            .map(|b| &b.value)
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let tag = match self.kind {
            AnswerKind::Response => RESPONSE,
            AnswerKind::Report => REPORT,
        };
        let index = i64::try_from(self.error_index).unwrap_or(0);
        write_pdu(tag, self.request_id, (self.error.number(), index), &self.bindings)
    }

    pub(super) fn read(pdu: &ber::Element<'_>) -> Result<Self, Error> {
        let kind = match pdu.tag {
            RESPONSE => AnswerKind::Response,
            REPORT => AnswerKind::Report,
            _ => return Err(Error::Malformed("neither a response nor a report")),
        };
        let (request_id, error, index, bindings, cut) = read_pdu(pdu)?;
        let error = ErrorStatus::from_number(error);
        let error_index = usize::try_from(index).unwrap_or(0);
        Ok(Self { kind, request_id, error, error_index, bindings, cut })
    }
}

fn write_pdu(tag: u8, request_id: i32, (first, second): (i64, i64), bindings: &[Binding]) -> Vec<u8> {
    let list: Vec<Vec<u8>> = bindings
        .iter()
        .map(|binding| {
            ber::constructed(ber::SEQUENCE, &[ber::write_oid(&binding.oid), binding.value.write()])
        })
        .collect();
    ber::constructed(
        tag,
        &[
            ber::write_signed(ber::INTEGER, i64::from(request_id)),
            ber::write_signed(ber::INTEGER, first),
            ber::write_signed(ber::INTEGER, second),
            ber::constructed(ber::SEQUENCE, &list),
        ],
    )
}

type PduParts = (i32, i64, i64, Vec<Binding>, bool);

fn read_pdu(pdu: &ber::Element<'_>) -> Result<PduParts, Error> {
    let mut reader = pdu.open();
    let request_id = reader.integer("the request id is no integer")?;
    // Some devices answer with the low 32 bits as an unsigned number.
    let request_id = i32::try_from(request_id)
        .or_else(|_| u32::try_from(request_id).map(u32::cast_signed))
        .map_err(|_| Error::Malformed("the request id is no 32-bit number"))?;
    let first = reader.integer("the error status is no integer")?;
    let second = reader.integer("the error index is no integer")?;
    let (bindings, cut) = match reader.element() {
        Ok(list) => {
            let (bindings, broken) = read_bindings(&list);
            (bindings, broken || list.cut || pdu.cut)
        }
        Err(_) => (Vec::new(), true),
    };
    Ok((request_id, first, second, bindings, cut))
}

/// Reads variables until the end or the first that cannot be read; says whether it came to the end.
fn read_bindings(list: &ber::Element<'_>) -> (Vec<Binding>, bool) {
    let mut reader = list.open();
    let mut bindings = Vec::new();
    while !reader.is_empty() {
        if bindings.len() >= MAX_BINDINGS {
            return (bindings, true);
        }
        let Ok(pair) = reader.element() else { return (bindings, true) };
        let Some(binding) = read_binding(&pair) else { return (bindings, true) };
        bindings.push(binding);
    }
    (bindings, false)
}

fn read_binding(pair: &ber::Element<'_>) -> Option<Binding> {
    let mut reader = pair.open();
    let name = reader.expect(ber::OBJECT_IDENTIFIER, "a variable without a name").ok()?;
    let value = reader.element().ok()?;
    if name.cut || value.cut {
        return None;
    }
    Some(Binding { oid: ber::object_identifier(name.body)?, value: Value::read(value.tag, value.body) })
}
