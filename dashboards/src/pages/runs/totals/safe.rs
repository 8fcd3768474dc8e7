//! Which sums may stand beside each other so that nobody reckons a single school, or two, out of them.
//!
//! Each sum says how much its schools have together: one linear equation. Several of them may be added and subtracted.
//! Schools that stand in exactly the same sums cannot be told apart and are taken together as one part of them. A part
//! of one or two schools is known as soon as some combination of sums leaves nothing but it; two parts of one school each
//! must not be left alone together either. Both are seen at the equations' null space: what is known does not move in it.

use std::collections::{BTreeMap, BTreeSet};

/// A sum of fewer schools tells what a single one says.
pub(super) const FEWEST: usize = 3;

/// The nth of these sums may be shown; each is the set of its schools. The first ones come first: a later one is left out
/// where it would, together with them, tell of fewer than three schools.
pub(super) fn safe(sums: &[BTreeSet<usize>]) -> Vec<bool> {
    let mut shown: Vec<&BTreeSet<usize>> = Vec::new();
    sums.iter()
        .map(|sum| {
            // A sum of nobody tells nothing.
            if sum.is_empty() {
                return true;
            }
            if sum.len() < FEWEST {
                return false;
            }
            shown.push(sum);
            let is_safe = tells_of_none(&shown);
            if !is_safe {
                shown.pop();
            }
            is_safe
        })
        .collect()
}

/// Whether no combination of these sums tells of fewer than three schools.
fn tells_of_none(sums: &[&BTreeSet<usize>]) -> bool {
    let parts = parts(sums);
    let rows: Vec<Vec<u64>> = (0..sums.len())
        .map(|at| parts.keys().map(|within| u64::from(within.contains(&at))).collect())
        .collect();
    let free = null_space(rows, parts.len());
    let mut alone = BTreeSet::new();
    for (at, size) in parts.values().enumerate() {
        let moves: Vec<u64> = free.iter().map(|vector| vector[at]).collect();
        let is_known = moves.iter().all(|entry| *entry == 0);
        if *size < FEWEST && is_known {
            return false;
        }
        // Two single schools that only move together: some combination leaves just the two of them.
        if *size == 1 && !alone.insert(direction(&moves)) {
            return false;
        }
    }
    true
}

/// The schools that stand in the same sums: the sums' numbers, and how many schools.
fn parts(sums: &[&BTreeSet<usize>]) -> BTreeMap<BTreeSet<usize>, usize> {
    let all: BTreeSet<usize> = sums.iter().flat_map(|sum| sum.iter().copied()).collect();
    let mut parts = BTreeMap::new();
    for school in all {
        let within = (0..sums.len()).filter(|at| sums[*at].contains(&school)).collect();
        *parts.entry(within).or_insert(0) += 1;
    }
    parts
}

/// Numbers are reckoned modulo this prime: exact, and for sums of ones and zeros as good as fractions.
const PRIME: u64 = (1 << 61) - 1;

fn times(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b) % u128::from(PRIME);
    u64::try_from(product).unwrap_or_default()
}

/// The number that makes one when multiplied (Fermat's little theorem).
fn inverse(number: u64) -> u64 {
    let (mut base, mut power, mut result) = (number, PRIME - 2, 1);
    while power > 0 {
        if power & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        power >>= 1;
    }
    result
}

/// A vector without its length: multiples of one another become the same.
fn direction(vector: &[u64]) -> Vec<u64> {
    let first = vector.iter().copied().find(|entry| *entry != 0).map_or(1, inverse);
    vector.iter().map(|entry| times(*entry, first)).collect()
}

/// A basis of everything that the equations leave open (Gauss and Jordan).
fn null_space(mut rows: Vec<Vec<u64>>, width: usize) -> Vec<Vec<u64>> {
    let mut pivots: Vec<usize> = Vec::new();
    for column in 0..width {
        let Some(found) = (pivots.len()..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        let at = pivots.len();
        rows.swap(at, found);
        let factor = inverse(rows[at][column]);
        rows[at].iter_mut().for_each(|entry| *entry = times(*entry, factor));
        let pivot = rows[at].clone();
        for (nth, row) in rows.iter_mut().enumerate().filter(|(nth, row)| *nth != at && row[column] != 0) {
            debug_assert_ne!(nth, at);
            let factor = PRIME - row[column];
            for (entry, own) in row.iter_mut().zip(&pivot) {
                *entry = (*entry + times(factor, *own)) % PRIME;
            }
        }
        pivots.push(column);
    }
    let free = (0..width).filter(|column| !pivots.contains(column));
    free.map(|column| {
        let mut vector = vec![0; width];
        vector[column] = 1;
        for (row, pivot) in rows.iter().zip(&pivots) {
            vector[*pivot] = (PRIME - row[column]) % PRIME;
        }
        vector
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The groups that are shown beside the sum of all schools, the largest first.
    fn shown(groups: &[&[usize]]) -> Vec<bool> {
        let all: BTreeSet<usize> = groups.iter().flat_map(|group| group.iter().copied()).collect();
        let groups = groups.iter().map(|group| group.iter().copied().collect());
        safe(&std::iter::once(all).chain(groups).collect::<Vec<_>>())[1..].to_vec()
    }

    #[test]
    fn no_group_follows_from_the_rest() {
        let check = |sizes: &[usize], expected: &[bool]| {
            let mut next = 0;
            let groups: Vec<Vec<usize>> = sizes
                .iter()
                .map(|size| {
                    next += size;
                    (next - size..next).collect()
                })
                .collect();
            let groups: Vec<&[usize]> = groups.iter().map(Vec::as_slice).collect();
            assert_eq!(shown(&groups), expected, "{sizes:?}");
        };
        check(&[3], &[true]);
        check(&[4, 3], &[true, true]);
        check(&[2, 1], &[false, false]);
        check(&[4, 1], &[false, false]);
        check(&[9, 4, 1], &[true, false, false]);
        check(&[9, 4, 1, 1], &[true, false, false, false]);
        check(&[4, 2, 1], &[true, false, false]);
    }

    #[test]
    fn kinds_and_communes_together_tell_of_no_school() {
        // The commune has the three schools of a kind and one more: the difference would be that one.
        assert_eq!(shown(&[&[0, 1, 2], &[3, 4, 5, 6], &[0, 1, 2, 3]]), [true, true, false]);
        // Two more in the commune: the difference is these two.
        assert_eq!(shown(&[&[0, 1, 2], &[3, 4, 5, 6, 7], &[0, 1, 2, 3, 4]]), [true, true, false]);
        assert_eq!(shown(&[&[0, 1, 2], &[3, 4, 5, 6, 7, 8], &[0, 1, 2, 3, 4, 5]]), [true, true, true]);
        // Crossing groups that only overlap in one school tell nothing of it.
        assert_eq!(
            shown(&[&[0, 1, 2, 3], &[4, 5, 6, 7], &[0, 4, 5, 1], &[2, 3, 6, 7]]),
            [true, true, true, true]
        );
        // The kind less the commune: school 0 less school 4.
        assert_eq!(shown(&[&[0, 1, 2, 3], &[4, 5, 6, 7, 8], &[4, 1, 2, 3]]), [true, true, false]);
    }

    /// Every combination of the shown sums with small whole numbers leaves three schools or none.
    #[test]
    fn what_is_shown_withstands_adding_and_subtracting() {
        let mut random = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = move |below: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            usize::try_from(random % below).unwrap_or_default()
        };
        let mut several = 0;
        for _ in 0..300 {
            let schools: Vec<(usize, usize)> = (0..6 + next(9)).map(|_| (next(3), next(3))).collect();
            let of = |fits: &dyn Fn(&(usize, usize)) -> bool| -> BTreeSet<usize> {
                (0..schools.len()).filter(|at| fits(&schools[*at])).collect()
            };
            let mut sums = vec![of(&|_| true)];
            sums.extend((0..3).map(|kind| of(&|school| school.0 == kind)));
            sums.extend((0..3).map(|commune| of(&|school| school.1 == commune)));
            let shown: Vec<&BTreeSet<usize>> = sums
                .iter()
                .zip(safe(&sums))
                .filter(|(sum, is)| *is && !sum.is_empty())
                .map(|(sum, _)| sum)
                .collect();
            several += usize::from(shown.len() > 3);
            let combinations = 5_usize.pow(u32::try_from(shown.len()).unwrap_or_default());
            for combination in 0..combinations {
                let mut rest = combination;
                let mut total = vec![0_i32; schools.len()];
                for sum in &shown {
                    let factor = i32::try_from(rest % 5).unwrap_or_default() - 2;
                    rest /= 5;
                    sum.iter().for_each(|school| total[*school] += factor);
                }
                let left = total.iter().filter(|entry| **entry != 0).count();
                assert!(left == 0 || left >= FEWEST, "{schools:?} {shown:?} leave {total:?}");
            }
        }
        assert!(several > 20, "the rule shows something: {several}");
    }
}
