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

/// Counts wrong tries by the name that was typed, whether or not there is such an account.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<BTreeMap<String, (u32, Timestamp)>>);

fn over(since: Timestamp) -> Timestamp {
    Timestamp(since.0 + MINUTES * 60_000)
}

impl Tries {
    /// How many minutes a name still has to wait; `None` where it may try.
    pub(crate) fn wait(&self, name: &str, now: Timestamp) -> Option<i64> {
        let tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, since) = tries.get(&name.to_lowercase())?;
        let left = over(*since).0 - now.0;
        (*count >= MOST && left > 0).then(|| (left + 59_999) / 60_000)
    }

    /// Notes a wrong try.
    pub(crate) fn count(&self, name: &str, now: Timestamp) {
        let mut tries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tries.retain(|_, (_, since)| over(*since) > now);
        if tries.len() >= NAMES
            && let Some(oldest) =
                tries.iter().min_by_key(|(_, (_, since))| *since).map(|(name, _)| name.clone())
        {
            tries.remove(&oldest);
        }
        let (count, since) = tries.entry(name.to_lowercase()).or_insert((0, now));
        *count += 1;
        *since = now;
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
        for _ in 0..4 {
            tries.count("A.Beispiel", start);
        }
        assert_eq!(tries.wait("a.beispiel", start), None);
        tries.count("a.beispiel", start);
        assert_eq!(tries.wait("A.BEISPIEL", start), Some(15));
        assert_eq!(tries.wait("b.beispiel", start), None);
        assert_eq!(tries.wait("a.beispiel", later(14)), Some(1));
        assert_eq!(tries.wait("a.beispiel", later(15)), None);
        tries.count("a.beispiel", later(15));
        assert_eq!(tries.wait("a.beispiel", later(15)), None, "the old ones are forgotten");
        tries.forget("a.beispiel");
        assert_eq!(tries.wait("a.beispiel", start), None);
    }

    #[test]
    fn no_flood_of_names_fills_the_memory() {
        let (tries, start) = (Tries::default(), Timestamp::from_seconds(1_790_812_800));
        for n in 0..(NAMES + 20) {
            tries.count(&format!("name{n}"), start);
        }
        assert_eq!(tries.0.lock().unwrap().len(), NAMES);
    }
}
