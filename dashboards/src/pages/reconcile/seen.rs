//! The devices that a page spoke of as "all that the filter shows": what was found since then is nobody's decision yet.

use std::fmt;

/// Numbers of devices, as ranges from and to, in order. A school's devices were mostly found one after the other, so that a
/// form carries even thousands of them in a line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen(Vec<(i64, i64)>);

impl Seen {
    /// Of numbers in order.
    pub(super) fn of(ids: &[i64]) -> Self {
        let mut ranges: Vec<(i64, i64)> = Vec::new();
        for id in ids {
            match ranges.last_mut() {
                Some((_, to)) if *id == *to + 1 => *to = *id,
                _ => ranges.push((*id, *id)),
            }
        }
        Self(ranges)
    }

    /// As a form carries it; what is no range names no device.
    pub(super) fn read(text: &str) -> Self {
        let range = |part: &str| {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            Some((from.parse().ok()?, to.parse().ok()?)).filter(|(from, to): &(i64, i64)| from <= to)
        };
        let mut ranges: Vec<(i64, i64)> = text.split(',').filter_map(range).collect();
        ranges.sort_unstable();
        Self(ranges)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn holds(&self, id: i64) -> bool {
        let behind = self.0.partition_point(|(from, _)| *from <= id);
        behind.checked_sub(1).is_some_and(|at| self.0[at].1 >= id)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (from, to)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            if from == to {
                write!(f, "{comma}{from}")?;
            } else {
                write!(f, "{comma}{from}-{to}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_showed_is_read_back_as_it_was() {
        let ids = [3, 5, 6, 7, 9, 20, 21];
        let seen = Seen::of(&ids);
        assert_eq!(seen.to_string(), "3,5-7,9,20-21");
        assert_eq!(Seen::read(&seen.to_string()), seen);
        let held: Vec<i64> = (0..30).filter(|id| seen.holds(*id)).collect();
        assert_eq!(held, ids);
        for nonsense in ["", "x", "7-3", "-", "1-x"] {
            assert!(Seen::read(nonsense).is_empty(), "{nonsense}");
        }
        assert!(Seen::of(&[]).is_empty());
    }
}
