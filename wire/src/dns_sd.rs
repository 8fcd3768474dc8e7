//! DNS-SD over multicast DNS (RFC 6762, RFC 6763): builds questions, and reads the records of answers that may be
//! half broken.

use hickory_proto::op::{Header, Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RData, Record as DnsRecord, RecordType};
use hickory_proto::serialize::binary::{BinDecodable, BinDecoder};
use std::net::IpAddr;

/// No message of more records is read further: the largest mDNS message (9,000 octets) cannot hold more.
const MAX_RECORDS: usize = 800;
/// Questions are packed into datagrams of at most about this many octets.
/// The answer to a question from an ephemeral port repeats the question and must fit into 512 octets (RFC 6762,
/// section 6.7), so few questions go into one datagram: responders stay silent where the answer does not fit.
const MAX_QUERY: usize = 200;

/// A domain name as its labels, without the root; text is UTF-8 as RFC 6763 section 4.1 has it.
pub type Labels = Vec<String>;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wanted {
    /// PTR: the instances of a type, or the types of a network.
    Pointers,
    /// SRV: host and port of an instance.
    Service,
    /// TXT: the attributes of an instance.
    Text,
}

/// One record of an answer, of the types that DNS-SD uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name the record belongs to.
    pub name: Labels,
    /// What it says.
    pub told: Told,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// PTR: another name.
    Pointer(Labels),
    /// SRV: where the instance is.
    Service {
        /// The port.
        port: u16,
        /// The host's name.
        target: Labels,
    },
    /// TXT: key and value pairs in the order told; a key without `=` has no value (RFC 6763 section 6.4).
    Text(Vec<(String, Option<String>)>),
    /// A or AAAA: an address of the host.
    Address(IpAddr),
}

/// Builds as many query datagrams as the questions need. Each question asks for a unicast answer (the QU bit,
/// RFC 6762 section 5.4), so that a walk causes no multicast storm. A name that is no domain name is left out.
#[must_use]
pub fn queries(questions: &[(Labels, Wanted)]) -> Vec<Vec<u8>> {
    let mut datagrams = Vec::new();
    // RFC 6762 section 18.1: the identifier of a multicast query is zero.
    let empty = || Message::new(0, MessageType::Query, OpCode::Query);
    let (mut message, mut size) = (empty(), 12);
    for (labels, wanted) in questions {
        let Ok(name) = Name::from_labels(labels.iter().map(String::as_bytes)) else { continue };
        // Type, class, a pointer to the rest of the name; the first two labels may stand there for the first time.
        let cost = 8
            + labels.first().map_or(0, String::len)
            + labels.get(1).filter(|l| l.len() > 4).map_or(0, String::len);
        if size + cost > MAX_QUERY {
            datagrams.extend(std::mem::replace(&mut message, empty()).to_vec().ok());
            size = 12;
        }
        size += cost;
        let mut query = Query::query(name, wanted.record_type());
        query.set_mdns_unicast_response(true);
        message.add_query(query);
    }
    if !message.queries.is_empty() {
        datagrams.extend(message.to_vec().ok());
    }
    datagrams
}

impl Wanted {
    const fn record_type(self) -> RecordType {
        match self {
            Self::Pointers => RecordType::PTR,
            Self::Service => RecordType::SRV,
            Self::Text => RecordType::TXT,
        }
    }
}

/// The records of an answer, from all sections. A query, or bytes that are no DNS message, hold none; after a
/// broken record reading goes on with the next one as long as its length can be told.
#[must_use]
pub fn records(datagram: &[u8]) -> Vec<Record> {
    let mut decoder = BinDecoder::new(datagram);
    let mut found = Vec::new();
    let Ok(header) = Header::read(&mut decoder) else { return found };
    if header.metadata.message_type != MessageType::Response {
        return found;
    }
    for _ in 0..header.counts.queries {
        if Query::read(&mut decoder).is_err() {
            return found;
        }
    }
    let counts = &header.counts;
    let total =
        usize::from(counts.answers) + usize::from(counts.authorities) + usize::from(counts.additionals);
    for _ in 0..total.min(MAX_RECORDS) {
        let Ok(start) = u16::try_from(decoder.index()) else { break };
        match DnsRecord::<RData>::read(&mut decoder) {
            Ok(record) => found.extend(told(record)),
            Err(_) => {
                let mut skipping = decoder.clone(start);
                if skip(&mut skipping).is_none() {
                    break;
                }
                decoder = skipping;
            }
        }
    }
    found
}

/// Steps over one record by its length; `None` where even that cannot be read.
fn skip(decoder: &mut BinDecoder<'_>) -> Option<()> {
    Name::read(decoder).ok()?;
    decoder.read_slice(8).ok()?;
    let length = decoder.read_u16().ok()?.unverified();
    decoder.read_slice(usize::from(length)).ok()?;
    Some(())
}

fn told(record: DnsRecord) -> Option<Record> {
    let told = match record.data {
        RData::PTR(pointer) => Told::Pointer(labels(&pointer.0)),
        RData::SRV(service) => Told::Service { port: service.port, target: labels(&service.target) },
        RData::TXT(text) => Told::Text(text.txt_data.iter().filter_map(|pair| attribute(pair)).collect()),
        RData::A(address) => Told::Address(IpAddr::V4(address.0)),
        RData::AAAA(address) => Told::Address(IpAddr::V6(address.0)),
        _ => return None,
    };
    Some(Record { name: labels(&record.name), told })
}

fn labels(name: &Name) -> Labels {
    name.iter().map(|label| String::from_utf8_lossy(label).into_owned()).collect()
}

/// RFC 6763 section 6.4: strings without a key are ignored; keys are ASCII.
fn attribute(pair: &[u8]) -> Option<(String, Option<String>)> {
    let (key, value) = match pair.iter().position(|&octet| octet == b'=') {
        Some(at) => (&pair[..at], Some(&pair[at + 1..])),
        None => (pair, None),
    };
    if key.is_empty() || !key.iter().all(|octet| (0x20..0x7f).contains(octet)) {
        return None;
    }
    Some((
        String::from_utf8_lossy(key).into_owned(),
        value.map(|value| String::from_utf8_lossy(value).into_owned()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::rr::rdata::{A, PTR, SRV, TXT};
    use proptest::prelude::*;

    fn name(text: &str) -> Labels {
        text.split('/').map(str::to_owned).collect()
    }

    fn dns(text: &str) -> Name {
        Name::from_labels(text.split('/').map(str::as_bytes)).unwrap()
    }

    fn answer() -> Vec<u8> {
        let mut message = Message::new(0, MessageType::Response, OpCode::Query);
        let instance = dns("Board 3/_airplay/_tcp/local");
        message.add_answer(DnsRecord::from_rdata(
            dns("_airplay/_tcp/local"),
            120,
            RData::PTR(PTR(instance.clone())),
        ));
        message.add_additional(DnsRecord::from_rdata(
            instance.clone(),
            120,
            RData::SRV(SRV::new(0, 0, 7000, dns("board-3/local"))),
        ));
        message.add_additional(DnsRecord::from_rdata(
            instance,
            120,
            RData::TXT(TXT::from_bytes(vec![b"model=X1", b"flag", b"=no", b""])),
        ));
        message.add_additional(DnsRecord::from_rdata(
            dns("board-3/local"),
            120,
            RData::A(A::new(192, 0, 2, 3)),
        ));
        message.to_vec().unwrap()
    }

    #[test]
    fn a_question_is_these_bytes() {
        let datagrams = queries(&[(name("_ipp/_tcp/local"), Wanted::Pointers)]);
        let expected = b"\0\0\0\0\0\x01\0\0\0\0\0\0\x04_ipp\x04_tcp\x05local\0\0\x0c\x80\x01";
        assert_eq!(datagrams, [expected.to_vec()]);
    }

    #[test]
    fn many_questions_are_several_datagrams() {
        let many: Vec<_> = (0..100).map(|n| (name(&format!("_type{n}/_tcp/local")), Wanted::Text)).collect();
        let datagrams = queries(&many);
        assert!(datagrams.len() > 1);
        assert!(datagrams.iter().all(|datagram| datagram.len() <= MAX_QUERY + 12));
        assert!(queries(&[]).is_empty());
    }

    #[test]
    fn answers_are_read() {
        let found = records(&answer());
        assert_eq!(found.len(), 4);
        assert_eq!(found[0].told, Told::Pointer(name("Board 3/_airplay/_tcp/local")));
        assert_eq!(found[1].told, Told::Service { port: 7000, target: name("board-3/local") });
        let pairs = vec![("model".to_owned(), Some("X1".to_owned())), ("flag".to_owned(), None)];
        assert_eq!(found[2].told, Told::Text(pairs));
    }

    #[test]
    fn a_broken_record_does_not_hide_the_next() {
        // An A record of three octets, then a good PTR.
        let mut bytes =
            b"\0\0\x84\0\0\0\0\x02\0\0\0\0\x01x\0\0\x01\0\x01\0\0\0\x78\0\x03\x01\x02\x03".to_vec();
        bytes.extend(b"\x01y\0\0\x0c\x80\x01\0\0\0\x78\0\x03\x01z\0");
        let found = records(&bytes);
        assert_eq!(found, [Record { name: name("y"), told: Told::Pointer(name("z")) }]);
    }

    #[test]
    fn our_own_question_is_no_answer() {
        assert!(records(&queries(&[(name("_ipp/_tcp/local"), Wanted::Pointers)])[0]).is_empty());
    }

    proptest! {
        #[test]
        fn no_input_panics(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            assert!(records(&bytes).len() <= MAX_RECORDS);
        }

        #[test]
        fn damaged_answers_do_not_panic(at in 0..160usize, octet: u8, cut in 0..160usize) {
            let mut bytes = answer();
            let length = bytes.len();
            bytes[at % length] = octet;
            bytes.truncate(length - cut % length);
            assert!(records(&bytes).len() <= MAX_RECORDS);
        }
    }
}
