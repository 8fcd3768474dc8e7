//! What to ask next: objects by name in few Gets, and columns of a table row by row, both within bounds.

use rundgang_wire::snmp::{Answer, ErrorStatus, Oid, Request, Value};
use std::collections::{BTreeMap, VecDeque};

/// Everything a device told in one conversation.
pub(super) type Values = BTreeMap<Oid, Value>;

/// So many objects fit into one answer of ordinary size.
pub(super) const PER_GET: usize = 24;
/// So many variables at most are asked for by one GetBulk.
pub(super) const PER_BULK: usize = 40;

/// Objects still to get by name.
#[derive(Debug, Default)]
pub(super) struct Gets {
    waiting: VecDeque<Vec<Oid>>,
    asked: Vec<Oid>,
    /// An object stayed without any answer: what is known is not all there is.
    lost: bool,
}

impl Gets {
    pub(super) fn new(oids: &[Oid]) -> Self {
        Self { waiting: oids.chunks(PER_GET).map(<[Oid]>::to_vec).collect(), asked: Vec::new(), lost: false }
    }

    /// Whether some object stayed without any answer, or was not asked for any more.
    pub(super) fn is_cut(&self) -> bool {
        self.lost || !self.waiting.is_empty() || !self.asked.is_empty()
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
            _ => self.split(&asked, 2),
        }
    }

    /// The last Get stayed without answer: some devices keep silent where an answer would be too big.
    pub(super) fn unanswered(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        self.lost |= asked.len() == 1;
        // Each silence costs the device's budget, so two steps at once.
        self.split(&asked, 4);
    }

    /// Asks the same in so many parts; what cannot be parted is not asked again.
    fn split(&mut self, asked: &[Oid], parts: usize) {
        if asked.len() > 1 {
            for part in asked.chunks(asked.len().div_ceil(parts)).rev() {
                self.waiting.push_front(part.to_vec());
            }
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

/// A walk over columns, side by side: mostly of one table, or of several small ones whose rows need not match.
#[derive(Debug)]
pub(super) struct Walk {
    columns: Vec<Column>,
    rows_left: usize,
    /// So many variables are asked for at once.
    variables: usize,
    /// Fewer than at first, for the device failed at more.
    shrunk: bool,
    /// Never GetBulk: SNMPv1, or a device that fails at it.
    single: bool,
    asked: Vec<usize>,
    /// Some row came.
    began: bool,
    /// A column ended because the device failed at it, not because it was read to its end.
    broken: bool,
}

impl Walk {
    /// At most `rows` rows of these columns.
    pub(super) fn new(columns: &[Oid], rows: usize, single: bool) -> Self {
        let columns =
            columns.iter().map(|root| Column { root: root.clone(), at: root.clone(), open: true }).collect();
        Self {
            columns,
            rows_left: rows,
            variables: PER_BULK,
            shrunk: false,
            single,
            asked: Vec::new(),
            began: false,
            broken: false,
        }
    }

    /// Asks for no more variables at once than this: what the device has proved to bear elsewhere.
    pub(super) fn bear(&mut self, variables: usize) {
        self.variables = self.variables.min(variables);
    }

    /// So many variables this device bears in one answer, where it failed at more.
    pub(super) const fn borne(&self) -> usize {
        if self.shrunk { self.variables } else { PER_BULK }
    }

    /// Whether there is more of this table than was read: it grew beyond its bound, or the device failed in the middle.
    pub(super) fn is_cut(&self) -> bool {
        self.began && (self.broken || self.is_open())
    }

    /// Whether some column was not read to its end.
    pub(super) fn is_open(&self) -> bool {
        self.columns.iter().any(|column| column.open)
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
        match self.repetitions(oids.len()) {
            1 => Some(Request::GetNext(oids)),
            max_repetitions => Some(Request::GetBulk { max_repetitions, oids }),
        }
    }

    /// So many rows are asked for at once where so many columns are open.
    fn repetitions(&self, columns: usize) -> u16 {
        if self.single {
            return 1;
        }
        let rows = (self.variables / columns.max(1)).min(self.rows_left);
        u16::try_from(rows).unwrap_or(u16::MAX).max(1)
    }

    /// The last request stayed without answer: an answer of that size may get lost on its way, or be too much for the
    /// device. Says whether a smaller one is worth a try; else the table ends here.
    pub(super) fn unanswered(&mut self) -> bool {
        let asked = std::mem::take(&mut self.asked);
        let again = self.repetitions(asked.len()) > 1;
        if again {
            // Each silence costs the device's budget, so two steps at once.
            self.variables = (self.variables / 4).max(1);
            self.shrunk = true;
        } else {
            self.broken = true;
            self.close(asked);
        }
        again
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
            ErrorStatus::TooBig | ErrorStatus::General if self.repetitions(asked.len()) > 1 => {
                self.variables = (self.variables / 2).max(1);
                self.shrunk = true;
            }
            _ => {
                self.broken = true;
                self.close(asked);
            }
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
            self.began = true;
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
mod tests;
