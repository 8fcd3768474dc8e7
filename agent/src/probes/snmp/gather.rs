//! What to ask next: objects by name in few Gets, and columns of a table row by row, both within bounds.

use rundgang_wire::snmp::{Answer, ErrorStatus, Oid, Request, Value};
use std::collections::{BTreeMap, VecDeque};

/// Everything a device told in one conversation.
pub(super) type Values = BTreeMap<Oid, Value>;

/// So many objects fit into one answer of ordinary size.
pub(super) const PER_GET: usize = 24;
/// So many variables at most are asked for by one GetBulk.
const PER_BULK: usize = 40;

/// Objects still to get by name.
#[derive(Debug, Default)]
pub(super) struct Gets {
    waiting: VecDeque<Vec<Oid>>,
    asked: Vec<Oid>,
}

impl Gets {
    pub(super) fn new(oids: &[Oid]) -> Self {
        Self { waiting: oids.chunks(PER_GET).map(<[Oid]>::to_vec).collect(), asked: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Option<Request> {
        self.asked = self.waiting.pop_front()?;
        Some(Request::Get(self.asked.clone()))
    }

    /// Takes an answer; what it failed for is asked again without the object to blame, or in halves.
    pub(super) fn take(&mut self, answer: &Answer, values: &mut Values) {
        let mut asked = std::mem::take(&mut self.asked);
        if answer.error == ErrorStatus::None {
            let told = answer.bindings.len();
            for binding in &answer.bindings {
                if binding.value.is_present() && asked.contains(&binding.oid) {
                    values.insert(binding.oid.clone(), binding.value.clone());
                }
            }
            if answer.cut && told > 0 && told < asked.len() {
                self.waiting.push_front(asked.split_off(told));
            }
            return;
        }
        let blamed = answer.error_index.checked_sub(1).filter(|&at| at < asked.len());
        match blamed {
            // A size is nobody's fault, whatever the index says.
            Some(at) if answer.error != ErrorStatus::TooBig => {
                asked.remove(at);
                if !asked.is_empty() {
                    self.waiting.push_front(asked);
                }
            }
            _ => self.halve(asked),
        }
    }

    /// The last Get stayed without answer: some devices keep silent where an answer would be too big.
    pub(super) fn unanswered(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        self.halve(asked);
    }

    fn halve(&mut self, mut asked: Vec<Oid>) {
        if asked.len() > 1 {
            let second = asked.split_off(asked.len() / 2);
            self.waiting.push_front(second);
            self.waiting.push_front(asked);
        }
    }
}

/// A column being walked.
#[derive(Debug)]
struct Column {
    root: Oid,
    at: Oid,
    open: bool,
}

/// A walk over columns of one table, side by side.
#[derive(Debug)]
pub(super) struct Walk {
    columns: Vec<Column>,
    rows_left: usize,
    repetitions: u16,
    /// Never GetBulk: SNMPv1, or a device that fails at it.
    single: bool,
    asked: Vec<usize>,
}

impl Walk {
    /// At most `rows` rows of these columns.
    pub(super) fn new(columns: &[Oid], rows: usize, single: bool) -> Self {
        let per_row = PER_BULK / columns.len().max(1);
        let columns =
            columns.iter().map(|root| Column { root: root.clone(), at: root.clone(), open: true }).collect();
        let repetitions = u16::try_from(per_row.min(rows)).unwrap_or(1).max(1);
        Self { columns, rows_left: rows, repetitions, single, asked: Vec::new() }
    }

    pub(super) fn next(&mut self) -> Option<Request> {
        if self.rows_left == 0 {
            return None;
        }
        self.asked =
            (0..self.columns.len()).filter(|&at| self.columns.get(at).is_some_and(|c| c.open)).collect();
        let oids: Vec<Oid> = self
            .asked
            .iter()
            .filter_map(|&at| self.columns.get(at))
            .map(|column| column.at.clone())
            .collect();
        if oids.is_empty() {
            return None;
        }
        if self.single || self.repetitions == 1 {
            return Some(Request::GetNext(oids));
        }
        let rows = u16::try_from(self.rows_left).unwrap_or(u16::MAX);
        Some(Request::GetBulk { max_repetitions: self.repetitions.min(rows), oids })
    }

    pub(super) fn take(&mut self, answer: &Answer, values: &mut Values) {
        let asked = std::mem::take(&mut self.asked);
        match answer.error {
            ErrorStatus::None => self.take_rows(&asked, answer, values),
            // v1's word for the end of everything, for one column.
            ErrorStatus::NoSuchName => {
                let ended = answer.error_index.checked_sub(1).and_then(|at| asked.get(at).copied());
                self.close(ended.map_or(asked, |one| vec![one]));
            }
            ErrorStatus::TooBig | ErrorStatus::General if self.repetitions > 1 && !self.single => {
                self.repetitions /= 2;
            }
            _ => self.close(asked),
        }
    }

    /// Variables come row by row, in each row in the order of the columns asked for (RFC 3416, section 4.2.3).
    fn take_rows(&mut self, asked: &[usize], answer: &Answer, values: &mut Values) {
        if asked.is_empty() || answer.bindings.is_empty() {
            return self.close(asked.to_vec());
        }
        let mut advanced = false;
        for (place, binding) in answer.bindings.iter().enumerate() {
            let at = asked.get(place % asked.len()).copied().unwrap_or_default();
            let Some(column) = self.columns.get_mut(at).filter(|column| column.open) else { continue };
            // Beyond the column, the end of the MIB, or a device that goes in circles: the column ends here.
            if !binding.oid.is_below(&column.root) || binding.oid <= column.at || !binding.value.is_present()
            {
                column.open = false;
                continue;
            }
            column.at = binding.oid.clone();
            values.insert(binding.oid.clone(), binding.value.clone());
            advanced = true;
        }
        if !advanced {
            return self.close(asked.to_vec());
        }
        self.rows_left = self.rows_left.saturating_sub(answer.bindings.len().div_ceil(asked.len()));
    }

    fn close(&mut self, columns: Vec<usize>) {
        for at in columns {
            if let Some(column) = self.columns.get_mut(at) {
                column.open = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
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
}
