//! Messages of the DNS, also broken and hostile ones.

use super::*;
use hickory_proto::op::Edns;
use hickory_proto::rr::rdata::{A, CNAME, MX, TXT};
use std::net::Ipv4Addr;

fn reply(question: &Question, code: ResponseCode, records: Vec<(&str, RData)>) -> Vec<u8> {
    let mut message = Message::new(7, MessageType::Response, OpCode::Query);
    message.metadata.response_code = code;
    message
        .add_query(Query::query(wire_name(&question.name).unwrap(), WireType::from(question.kind.number())));
    for (name, data) in records {
        message.add_answer(Record::from_rdata(wire_name(name).unwrap(), 300, data));
    }
    message.to_vec().unwrap()
}

fn cname(target: &str) -> RData {
    RData::CNAME(CNAME(wire_name(target).unwrap()))
}

#[test]
fn questions_are_written_as_the_library_writes_them() {
    for (manner, name) in [
        (Manner::Resolve, "schule.example"),
        (Manner::Unchecked, "_25._tcp.mx.schule.example"),
        (Manner::Direct, ""),
    ] {
        let question = Question::new(name, RecordType::Tlsa);
        let mut message = Message::new(77, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = manner != Manner::Direct;
        message.metadata.authentic_data = manner == Manner::Resolve;
        message.metadata.checking_disabled = manner == Manner::Unchecked;
        message.add_query(Query::query(wire_name(name).unwrap(), WireType::TLSA));
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_SIZE);
        message.set_edns(edns);
        assert_eq!(query(77, &question, manner), message.to_vec().ok(), "{manner:?}");
    }
    for name in ["a..b", &"x".repeat(64), &"abc.".repeat(80)] {
        let question = Question { name: name.to_owned(), kind: RecordType::A };
        assert_eq!(query(1, &question, Manner::Direct), None, "{name}");
    }
}

#[test]
fn every_kind_of_nothing_is_kept_apart() {
    let question = Question::new("schule.example", RecordType::Mx);
    let check = |code, expected| {
        assert_eq!(read(&reply(&question, code, vec![]), &question).unwrap().answer.outcome, expected);
    };
    check(ResponseCode::NoError, Outcome::NoRecords);
    check(ResponseCode::NXDomain, Outcome::NoName);
    check(ResponseCode::ServFail, Outcome::ServerFailure);
    check(ResponseCode::Refused, Outcome::Refused);
    let other = Question::new("andere.example", RecordType::Mx);
    assert!(read(&reply(&question, ResponseCode::NoError, vec![]), &other).is_none());
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..600)) {
        let question = Question::new("schule.example", RecordType::Txt);
        drop(read(&bytes, &question));
        let head = query(7, &question, Manner::Resolve).unwrap();
        let mut answer = head[..30.min(head.len())].to_vec();
        answer[2] |= 0x80;
        answer[7] = bytes.first().copied().unwrap_or(1);
        answer.extend(&bytes);
        drop(read(&answer, &question));
        let _: Option<(bool, usize)> = transferred(&answer);
    }
}

/// Messages with records of every kind, some of whose octets were changed.
fn changed_message() -> impl proptest::strategy::Strategy<Value = Vec<u8>> {
    use proptest::prelude::*;
    let octets = || prop::collection::vec(any::<u8>(), 0..60);
    let data = prop_oneof![
        "[a-c]{1,3}(\\.example)?".prop_map(|name| cname(&name)),
        octets().prop_map(|text| RData::TXT(TXT::from_bytes(vec![&text[..]; 9]))),
        (any::<u16>(), prop::collection::vec(any::<u8>(), 1..60)).prop_map(|(code, octets)| {
            RData::Unknown {
                code: WireType::from(if code % 2 == 0 {
                    code
                } else {
                    [52, 257, 48, 99, 6, 15, 43][usize::from(code) % 7]
                }),
                rdata: hickory_proto::rr::rdata::NULL::with(octets),
            }
        }),
    ];
    let records = prop::collection::vec(("[a-c]{1,3}", data), 0..40);
    let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6);
    (records, changes, any::<prop::sample::Index>(), prop::bool::weighted(0.2)).prop_map(
        |(records, changes, end, is_cut)| {
            let question = Question::new("a", RecordType::Txt);
            let records = records.iter().map(|(name, data)| (name.as_str(), data.clone())).collect();
            let mut bytes = reply(&question, ResponseCode::NoError, records);
            for (at, octet) in changes {
                let at = at.index(bytes.len());
                bytes[at] = octet;
            }
            if is_cut {
                bytes.truncate(end.index(bytes.len()));
            }
            bytes
        },
    )
}

/// Whether the text of a record is as [`Answer::records`] promises.
fn has_form(record: &str, kind: RecordType) -> bool {
    let words: Vec<&str> = record.split(' ').collect();
    let numbers = |words: &[&str]| words.iter().all(|word| word.parse::<u32>().is_ok());
    let hex = |word: &str| word.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    match kind {
        RecordType::Tlsa => words.len() == 4 && numbers(&words[..3]) && hex(words[3]),
        RecordType::Caa => words.len() > 2 && matches!(words[0], "0" | "128") && record.ends_with('"'),
        RecordType::Soa => words.len() > 6 && numbers(&words[words.len() - 5..]),
        RecordType::Mx => words.len() > 1 && numbers(&words[..1]),
        RecordType::Dnskey => words.len() > 2 && numbers(&words[..3]),
        RecordType::A => record.parse::<Ipv4Addr>().is_ok(),
        _ => true,
    }
}

proptest::proptest! {
    #[test]
    fn changed_messages_are_read(bytes in changed_message(), kind in 0..RecordType::ALL.len()) {
        let question = Question::new("a", RecordType::ALL[kind]);
        if let Some(reply) = read(&bytes, &question) {
            proptest::prop_assert!(reply.answer.aliases.len() <= MOST_ALIASES);
            proptest::prop_assert!(reply.answer.records.len() <= MOST_RECORDS);
            for record in &reply.answer.records {
                proptest::prop_assert!(has_form(record, question.kind), "{}: {record}", question.kind.name());
            }
        }
        let _: Option<(bool, usize)> = transferred(&bytes);
    }
}

#[test]
fn aliases_are_followed_and_loops_end() {
    let question = Question::new("a.example", RecordType::A);
    let ip = RData::A(A(Ipv4Addr::new(192, 0, 2, 1)));
    let bytes = reply(
        &question,
        ResponseCode::NoError,
        vec![("c.example", ip), ("a.example", cname("b.example")), ("b.example", cname("c.example"))],
    );
    let answer = read(&bytes, &question).unwrap().answer;
    assert_eq!(answer.aliases, ["b.example", "c.example"]);
    assert_eq!(answer.records, ["192.0.2.1"]);
    let bytes = reply(
        &question,
        ResponseCode::NoError,
        vec![("a.example", cname("b.example")), ("b.example", cname("a.example"))],
    );
    assert_eq!(read(&bytes, &question).unwrap().answer.outcome, Outcome::NoRecords);
}

#[test]
fn records_become_text() {
    let question = Question::new("schule.example", RecordType::Mx);
    let mx = RData::MX(MX::new(0, Name::root()));
    let answer = read(&reply(&question, ResponseCode::NoError, vec![("schule.example", mx)]), &question);
    assert_eq!(answer.unwrap().answer.records, ["0 ."]);
    let question = Question::new("schule.example", RecordType::Txt);
    let txt = RData::TXT(TXT::from_bytes(vec![b"v=spf1 ip4:", b"192.0.2.1 -all\xfc"]));
    let answer = read(&reply(&question, ResponseCode::NoError, vec![("schule.example", txt)]), &question);
    assert_eq!(answer.unwrap().answer.records, ["v=spf1 ip4:192.0.2.1 -allü"]);
}
