//! Tables walked to their end, within their bounds, and round what a device cannot do.

use super::*;
use rundgang_wire::snmp::{Community, Version, responder};

fn oid(text: &str) -> Oid {
    text.parse().unwrap()
}

fn table(rows: u32) -> Values {
    let columns = (1..=3).flat_map(|column| (1..=rows).map(move |row| (column, row)));
    let mut table: Values = columns
        .map(|(column, row)| (Oid::new(&[1, 3, 5, 1, column, row]), Value::Gauge32(column * 1000 + row)))
        .collect();
    table.insert(oid("1.3.6.1.0"), Value::Integer(1));
    table
}

/// Walks a played device to the end and counts the requests.
fn walk(mut walk: Walk, version: Version, table: &Values) -> (Values, usize) {
    let community = Community { version, name: b"x" };
    let mut values = Values::new();
    let mut requests = 0;
    while let Some(request) = walk.next() {
        requests += 1;
        assert!(requests < 1000, "the walk does not end");
        let bytes = responder::respond(&community.request(1, &request), b"x", table).unwrap();
        walk.take(&Community::read_answer(&bytes).unwrap().1, &mut values);
    }
    (values, requests)
}

#[test]
fn walks_read_whole_tables_and_no_more() {
    let check = |rows: u32, cap: usize, version: Version, found: usize, requests: usize| {
        let columns = [oid("1.3.5.1.1"), oid("1.3.5.1.3")];
        let single = version == Version::V1;
        let (values, asked) = walk(Walk::new(&columns, cap, single), version, &table(rows));
        assert_eq!((values.len(), asked), (found, requests), "{rows} rows, at most {cap}, {version:?}");
        assert!(values.keys().all(|oid| columns.iter().any(|column| oid.is_below(column))));
    };
    check(5, 100, Version::V2c, 10, 1);
    check(50, 100, Version::V2c, 100, 3);
    check(50, 20, Version::V2c, 40, 1);
    check(5, 100, Version::V1, 10, 6);
    check(0, 100, Version::V2c, 0, 1);
}

#[test]
fn walks_end_with_devices_that_go_in_circles() {
    let mut walk = Walk::new(&[oid("1.3.5")], 1000, false);
    let mut values = Values::new();
    let mut answer = |names: &[&str], walk: &mut Walk| {
        let bindings = names
            .iter()
            .map(|name| rundgang_wire::snmp::Binding { oid: oid(name), value: Value::Integer(1) })
            .collect();
        walk.take(
            &Answer {
                kind: rundgang_wire::snmp::AnswerKind::Response,
                request_id: 1,
                error: ErrorStatus::None,
                error_index: 0,
                bindings,
                cut: false,
            },
            &mut values,
        );
    };
    assert!(walk.next().is_some());
    answer(&["1.3.5.1", "1.3.5.2"], &mut walk);
    assert!(walk.next().is_some());
    answer(&["1.3.5.1"], &mut walk);
    assert_eq!(walk.next(), None);
}

#[test]
fn errors_shrink_the_question() {
    let error = |error, error_index| Answer {
        kind: rundgang_wire::snmp::AnswerKind::Response,
        request_id: 1,
        error,
        error_index,
        bindings: vec![],
        cut: false,
    };
    let mut values = Values::new();
    let mut walk = Walk::new(&[oid("1.3.5")], 100, false);
    let mut sizes = Vec::new();
    while let Some(request) = walk.next() {
        sizes.push(match request {
            Request::GetBulk { max_repetitions, .. } => max_repetitions,
            _ => 1,
        });
        walk.take(&error(ErrorStatus::General, 0), &mut values);
    }
    assert_eq!(sizes, [40, 20, 10, 5, 2, 1]);

    let names = [oid("1.3.1"), oid("1.3.2"), oid("1.3.3"), oid("1.3.4")];
    let mut gets = Gets::new(&names);
    assert_eq!(gets.next(), Some(Request::Get(names.to_vec())));
    gets.take(&error(ErrorStatus::TooBig, 1), &mut values);
    assert_eq!(gets.next(), Some(Request::Get(names[..2].to_vec())));
    gets.take(&error(ErrorStatus::NoSuchName, 1), &mut values);
    assert_eq!(gets.next(), Some(Request::Get(names[1..2].to_vec())));
    gets.take(&error(ErrorStatus::General, 0), &mut values);
    assert_eq!(gets.next(), Some(Request::Get(names[2..].to_vec())));
    gets.unanswered();
    assert_eq!(gets.next(), Some(Request::Get(names[2..3].to_vec())));
    gets.unanswered();
    assert_eq!(gets.next(), Some(Request::Get(names[3..].to_vec())));
    gets.take(&error(ErrorStatus::NoSuchName, 1), &mut values);
    assert_eq!(gets.next(), None);
}

#[test]
fn silence_makes_the_question_smaller_and_then_ends_the_table() {
    let community = Community { version: Version::V2c, name: b"x" };
    let (table, mut values) = (table(50), Values::new());
    let mut walk = Walk::new(&[oid("1.3.5.1.1"), oid("1.3.5.1.3")], 100, false);
    let mut rows = Vec::new();
    while let Some(request) = walk.next() {
        let many = match &request {
            Request::GetBulk { max_repetitions, .. } => *max_repetitions,
            _ => 1,
        };
        rows.push(many);
        // Answers of more than twelve variables never arrive.
        if many > 6 {
            assert!(walk.unanswered());
            continue;
        }
        let bytes = responder::respond(&community.request(1, &request), b"x", &table).unwrap();
        walk.take(&Community::read_answer(&bytes).unwrap().1, &mut values);
    }
    assert_eq!((rows.len(), &rows[..3], values.len()), (12, &[20, 5, 5][..], 100));
    assert!(!walk.is_cut(), "all of it was read");

    let mut walk = Walk::new(&[oid("1.3.5.1.1")], 100, false);
    let mut tries = 0;
    while walk.next().is_some() {
        tries += 1;
        walk.unanswered();
    }
    assert_eq!(tries, 4, "40, 10, 2 and one row");
    assert!(!walk.is_cut(), "nothing is known to be there");
}

#[test]
fn a_table_that_is_longer_than_its_bound_says_so() {
    let check = |cap: usize, cut: bool| {
        let community = Community { version: Version::V2c, name: b"x" };
        let (table, mut values) = (table(50), Values::new());
        let mut walk = Walk::new(&[oid("1.3.5.1.1")], cap, false);
        while let Some(request) = walk.next() {
            let bytes = responder::respond(&community.request(1, &request), b"x", &table).unwrap();
            walk.take(&Community::read_answer(&bytes).unwrap().1, &mut values);
        }
        assert_eq!(walk.is_cut(), cut, "at most {cap}");
    };
    check(20, true);
    check(100, false);
}
