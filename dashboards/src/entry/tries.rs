//! Wrong tries to sign in: after a few, a name has to wait.

use rundgang_inventory::Timestamp;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

/// Wrong tries of one name before it has to wait.
const MOST: u32 = 5;
/// Minutes after which they are forgotten.
const MINUTES: i64 = 15;
/// More names than this are never remembered; the oldest goes first.
const NAMES: usize = 10_000;

/// Counts tries that did not succeed by the name that was typed, whether or not there is such an account.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<BTreeMap<String, (u32, Timestamp)>>);

fn over(since: Timestamp) -> Timestamp {
    Timestamp(since.0 + MINUTES * 60_000)
}

impl Tries {
    /// Takes one try of a name; where none is left, how many minutes it has to wait. Trying meanwhile makes it no longer.
    pub(crate) fn take(&self, name: &str, now: Timestamp) -> Option<i64> {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.retain(|_, (_, since)| over(*since) > now);
        let name = name.to_lowercase();
        if tries.len() >= NAMES && !tries.contains_key(&name) {
            // A flood of names pushes out those of a single try, not those that have to wait.
            let least = tries.iter().min_by_key(|(_, tried)| **tried).map(|(name, _)| name.clone());
            tries.remove(&least.unwrap_or_default());
        }
        let (count, since) = tries.entry(name).or_insert((0, now));
        if *count >= MOST {
            return Some((over(*since).0 - now.0 + 59_999) / 60_000);
        }
        *count += 1;
        *since = now;
        None
    }

    /// How many minutes a name has to wait, if it has to; nothing is taken.
    pub(crate) fn waits(&self, name: &str, now: Timestamp) -> Option<i64> {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, since) = tries.get(&name.to_lowercase())?;
        (*count >= MOST && over(*since) > now).then(|| (over(*since).0 - now.0 + 59_999) / 60_000)
    }

    /// Forgets the wrong tries of somebody who got in.
    pub(crate) fn forget(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&name.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_waits_after_five_wrong_tries() {
        let (tries, start) = (Tries::default(), Timestamp::from_seconds(1_790_812_800));
        let later = |minutes: i64| Timestamp(start.0 + minutes * 60_000);
        for _ in 0..5 {
            assert_eq!(tries.take("A.Beispiel", start), None);
        }
        assert_eq!(tries.take("a.beispiel", start), Some(15));
        assert_eq!(tries.take("b.beispiel", start), None);
        assert_eq!(tries.take("A.BEISPIEL", later(14)), Some(1), "trying meanwhile makes it no longer");
        assert_eq!(tries.take("a.beispiel", later(15)), None, "the old ones are forgotten");
        for _ in 0..4 {
            tries.take("a.beispiel", later(15));
        }
        assert_eq!(tries.take("a.beispiel", later(15)), Some(15));
        tries.forget("a.beispiel");
        assert_eq!(tries.take("a.beispiel", later(15)), None);
    }

    #[test]
    fn no_flood_of_names_fills_the_memory_or_lets_a_name_off() {
        let (tries, start) = (Tries::default(), Timestamp::from_seconds(1_790_812_800));
        for _ in 0..5 {
            tries.take("a.beispiel", start);
        }
        for n in 0..(NAMES + 20) {
            tries.take(&format!("name{n}"), start);
        }
        assert_eq!(tries.0.lock().unwrap().len(), NAMES);
        assert_eq!(tries.take("a.beispiel", start), Some(15));
    }
}
