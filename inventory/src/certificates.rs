//! The certificates that a device shows: each port's own, and the chain behind it.

use crate::{Fields, Row, Timestamp, Value, vocabulary as v};

/// One certificate at its place in the chain of one port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The port that shows it.
    pub port: i64,
    /// Its place: 1 is the port's own, 2 stands behind it.
    pub place: i64,
    /// Whom it names.
    pub subject: String,
    /// Who signed it; empty where it is not told.
    pub issuer: String,
    /// Type and size of its key.
    pub key: String,
    /// How it is signed.
    pub signature: String,
    /// The first moment of its validity.
    pub from: Option<Timestamp>,
    /// The last.
    pub until: Option<Timestamp>,
}

/// Every certificate that merged evidence tells of, by port and place. What names nobody is left out: the port then told
/// its version alone.
#[must_use]
pub fn shown(fields: &Fields) -> Vec<Shown> {
    let rows = |field| match fields.get(field) {
        Some(Value::Table(rows)) => rows.as_slice(),
        _ => &[],
    };
    let chains = rows(&v::TLS_CHAIN).iter();
    let mut all: Vec<Shown> = rows(&v::TLS_CERTIFICATES).iter().chain(chains).filter_map(one).collect();
    all.sort_by_key(|shown| (shown.port, shown.place));
    all
}

fn one(row: &Row) -> Option<Shown> {
    let text = |name: &str| row.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
    let number = |name: &str| row.get(name).and_then(Value::as_int);
    let subject = text("subject");
    (!subject.is_empty()).then(|| Shown {
        port: number("port").unwrap_or_default(),
        place: number("place").unwrap_or(1),
        subject,
        issuer: text("issuer"),
        key: text("key"),
        signature: text("signature"),
        from: number("not_before").map(Timestamp),
        until: number("not_after").map(Timestamp),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_stands_behind_its_port() {
        let row = |port: i64, place: Option<i64>, subject: &str| {
            let mut row = Row::from([
                ("port".to_owned(), Value::Int(port)),
                ("subject".to_owned(), Value::text(subject)),
                ("not_after".to_owned(), Value::Time(7)),
            ]);
            row.extend(place.map(|place| ("place".to_owned(), Value::Int(place))));
            row
        };
        let fields = Fields::new()
            .with(
                &v::TLS_CERTIFICATES,
                Value::Table(vec![row(8443, None, "b"), row(443, None, "a"), row(636, None, "")]),
            )
            .with(&v::TLS_CHAIN, Value::Table(vec![row(443, Some(3), "root"), row(443, Some(2), "middle")]));
        let told: Vec<_> = shown(&fields).into_iter().map(|one| (one.port, one.place, one.subject)).collect();
        let expected = [(443, 1, "a"), (443, 2, "middle"), (443, 3, "root"), (8443, 1, "b")];
        assert_eq!(told, expected.map(|(port, place, subject)| (port, place, subject.to_owned())));
        assert_eq!(shown(&fields)[0].until, Some(Timestamp(7)));
        assert!(shown(&Fields::new()).is_empty());
    }
}
