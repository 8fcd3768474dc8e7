//! The other end, for tests and for playing recorded devices: answers v1 and v2c requests from a table.

use super::{Answer, AnswerKind, Binding, Community, ErrorStatus, Oid, Request, Value, Version};
use std::collections::BTreeMap;
use std::ops::Bound;

/// What a played device knows.
pub type Table = BTreeMap<Oid, Value>;

/// GetBulk answers stop growing here (octets of variables), as those of devices on Ethernet do.
const MAX_BULK: usize = 1380;
/// No GetBulk is answered with more repetitions than this.
const MAX_REPETITIONS: u16 = 100;

/// The datagram that answers `request` from `table`, or `None` where a device would keep silent: another community,
/// another version, or no reading request.
#[must_use]
pub fn respond(request: &[u8], community: &[u8], table: &Table) -> Option<Vec<u8>> {
    let (asked, pdu) = Community::unwrap(request).ok()?;
    if asked.name != community {
        return None;
    }
    let (request_id, non_repeaters, request) = Request::read(&pdu).ok()?;
    let found = match &request {
        Request::Get(oids) => oids.iter().map(|oid| get(table, oid)).collect(),
        Request::GetNext(oids) => oids.iter().map(|oid| next(table, oid)).collect(),
        // SNMPv1 has no GetBulk.
        Request::GetBulk { .. } if asked.version == Version::V1 => return None,
        Request::GetBulk { max_repetitions, oids } => bulk(table, oids, non_repeaters, *max_repetitions),
    };
    let mut answer = Answer {
        kind: AnswerKind::Response,
        request_id,
        error: ErrorStatus::None,
        error_index: 0,
        bindings: found,
        cut: false,
    };
    if asked.version == Version::V1 {
        // SNMPv1 knows no exceptions: one missing variable spoils the whole answer (RFC 1157, section 4.1.2).
        if let Some(missing) = answer.bindings.iter().position(|binding| !binding.value.is_present()) {
            answer.error = ErrorStatus::NoSuchName;
            answer.error_index = missing + 1;
            answer.bindings =
                request.oids().iter().map(|oid| Binding { oid: oid.clone(), value: Value::Null }).collect();
        }
    }
    Some(asked.answer(&answer))
}

fn get(table: &Table, oid: &Oid) -> Binding {
    let value = table.get(oid).cloned().unwrap_or_else(|| {
        // The object exists where another instance of it does; its last arc is taken as the instance.
        let object = oid.arcs().split_last().map(|(_, object)| Oid::new(object)).unwrap_or_default();
        let sibling = table.range(object.clone()..).next().is_some_and(|(found, _)| found.is_below(&object));
        if sibling { Value::NoSuchInstance } else { Value::NoSuchObject }
    });
    Binding { oid: oid.clone(), value }
}

fn next(table: &Table, oid: &Oid) -> Binding {
    let found = table.range((Bound::Excluded(oid), Bound::Unbounded)).next();
    found.map_or_else(
        || Binding { oid: oid.clone(), value: Value::EndOfMibView },
        |(oid, value)| Binding { oid: oid.clone(), value: value.clone() },
    )
}

fn bulk(table: &Table, oids: &[Oid], non_repeaters: usize, max_repetitions: u16) -> Vec<Binding> {
    let (once, repeated) = oids.split_at(non_repeaters.min(oids.len()));
    let mut found: Vec<Binding> = once.iter().map(|oid| next(table, oid)).collect();
    let mut at: Vec<Oid> = repeated.to_vec();
    let mut size = 0;
    for _ in 0..max_repetitions.min(MAX_REPETITIONS) {
        let row: Vec<Binding> = at.iter().map(|oid| next(table, oid)).collect();
        if row.iter().all(|binding| binding.value == Value::EndOfMibView) {
            found.extend(row);
            break;
        }
        at = row.iter().map(|binding| binding.oid.clone()).collect();
        for binding in row {
            size += binding.value.write().len() + binding.oid.arcs().len() + 6;
            if size > MAX_BULK && !found.is_empty() {
                return found;
            }
            found.push(binding);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oid(text: &str) -> Oid {
        text.parse().unwrap()
    }

    fn table() -> Table {
        ["1.3.1.0", "1.3.2.1", "1.3.2.2", "1.3.9.0"]
            .into_iter()
            .enumerate()
            .map(|(number, name)| (oid(name), Value::Integer(i64::try_from(number).unwrap())))
            .collect()
    }

    /// What an asker of this version reads back: status, index, and `name=value` by name.
    fn ask(version: Version, request: &Request) -> Option<(ErrorStatus, usize, Vec<String>)> {
        let community = Community { version, name: b"secret" };
        let bytes = respond(&community.request(5, request), b"secret", &table())?;
        let (_, answer) = Community::read_answer(&bytes).unwrap();
        assert_eq!(answer.request_id, 5);
        let shown = answer.bindings.iter().map(|b| format!("{}={:?}", b.oid, b.value)).collect();
        Some((answer.error, answer.error_index, shown))
    }

    #[test]
    fn answers() {
        let check = |version, request: Request, error, index, expected: &[&str]| {
            let expected: Vec<String> = expected.iter().map(|&text| text.to_owned()).collect();
            assert_eq!(ask(version, &request), Some((error, index, expected)), "{request:?}");
        };
        let none = ErrorStatus::None;
        let both = vec![oid("1.3.2.1"), oid("1.3.2.7"), oid("1.3.7.7")];
        check(
            Version::V2c,
            Request::Get(both.clone()),
            none,
            0,
            &["1.3.2.1=Integer(1)", "1.3.2.7=NoSuchInstance", "1.3.7.7=NoSuchObject"],
        );
        check(
            Version::V1,
            Request::Get(both),
            ErrorStatus::NoSuchName,
            2,
            &["1.3.2.1=Null", "1.3.2.7=Null", "1.3.7.7=Null"],
        );
        check(
            Version::V2c,
            Request::GetNext(vec![oid("1.3.2"), oid("1.3.9.0")]),
            none,
            0,
            &["1.3.2.1=Integer(1)", "1.3.9.0=EndOfMibView"],
        );
        check(
            Version::V2c,
            Request::GetBulk { max_repetitions: 2, oids: vec![oid("1.3.1"), oid("1.3.2.2")] },
            none,
            0,
            &["1.3.1.0=Integer(0)", "1.3.9.0=Integer(3)", "1.3.2.1=Integer(1)", "1.3.9.0=EndOfMibView"],
        );
    }

    #[test]
    fn silence() {
        let request = Request::Get(vec![oid("1.3.1.0")]);
        let wrong = Community { version: Version::V2c, name: b"public" };
        assert_eq!(respond(&wrong.request(1, &request), b"secret", &table()), None);
        assert_eq!(ask(Version::V1, &Request::GetBulk { max_repetitions: 1, oids: vec![] }), None);
        assert_eq!(respond(b"junk", b"secret", &table()), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            drop(respond(&bytes, b"secret", &table()));
        }
    }
}
