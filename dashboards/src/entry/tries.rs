//! Wrong tries to come in: after a few, whoever they were made for has to wait.

use rundgang_inventory::Timestamp;
use std::{
    collections::BTreeMap,
    hash::{BuildHasher as _, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Wrong tries of one name, holder or token before it has to wait.
const MOST: u32 = 5;
/// Minutes after which they are forgotten.
const MINUTES: i64 = 15;
/// Milliseconds after which those that are over are looked for and removed.
const SWEEP: i64 = 60_000;
/// Names without an account of which more are never remembered (some 10 MB); the one tried longest ago goes first. Each
/// try takes the hash of a password, of which a machine makes fewer than this in a quarter of an hour: so in practice
/// none goes before its time, and a name without an account waits exactly as one with an account does.
const STRANGERS: usize = 1 << 18;

/// What there is in the book, so that there are never more of them than the Träger has accounts and tokens: what a
/// stranger types can neither make one nor push one out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Known {
    /// The account with this login, at the door.
    Account(String),
    /// The password of the account of this number, on a page of its own, in a session that is open.
    Holder(i64),
    /// The code of its second factor, on the same page.
    Factor(i64),
    /// The token with this mark.
    Token(String),
}

#[derive(Clone, Copy, Debug)]
struct Tried {
    count: u32,
    last: Timestamp,
}

impl Tried {
    const fn is_over(self, now: Timestamp) -> bool {
        self.last.0 + MINUTES * 60_000 <= now.0
    }

    /// How many minutes there are to wait, if there are.
    const fn waits(self, now: Timestamp) -> Option<i64> {
        if self.count < MOST || self.is_over(now) {
            return None;
        }
        Some((self.last.0 + MINUTES * 60_000 - now.0 + 59_999) / 60_000)
    }

    fn take(&mut self, now: Timestamp) -> Option<i64> {
        let waits = self.waits(now);
        if waits.is_none() {
            self.count = if self.is_over(now) { 1 } else { self.count + 1 };
            self.last = now;
        }
        waits
    }
}

#[derive(Debug)]
struct Tables {
    known: BTreeMap<Known, Tried>,
    /// By a hash whose key nobody knows: a name may be long, and who is looked for without success is nobody's business.
    strangers: BTreeMap<u64, Tried>,
    swept: Timestamp,
}

/// Counts tries that did not succeed, in memory alone.
#[derive(Debug)]
pub(crate) struct Tries {
    key: RandomState,
    tables: Mutex<Tables>,
}

impl Default for Tries {
    fn default() -> Self {
        let tables = Tables { known: BTreeMap::new(), strangers: BTreeMap::new(), swept: Timestamp(0) };
        Self { key: RandomState::new(), tables: Mutex::new(tables) }
    }
}

impl Tries {
    /// Takes one try; where none is left, how many minutes there are to wait. Trying meanwhile makes it no longer.
    pub(crate) fn take(&self, known: Known, now: Timestamp) -> Option<i64> {
        let mut tables = self.swept(now);
        tables.known.entry(known).or_insert(Tried { count: 0, last: now }).take(now)
    }

    /// The same for a name at the door that no account has.
    pub(crate) fn take_stranger(&self, name: &str, now: Timestamp) -> Option<i64> {
        let (name, mut tables) = (self.hash(name), self.swept(now));
        let strangers = &mut tables.strangers;
        if strangers.len() >= STRANGERS && !strangers.contains_key(&name) {
            let oldest = strangers.iter().min_by_key(|(_, tried)| tried.last).map(|(name, _)| *name);
            oldest.map(|oldest| strangers.remove(&oldest));
        }
        strangers.entry(name).or_insert(Tried { count: 0, last: now }).take(now)
    }

    /// How many minutes a name at the door has to wait, if it has to, whether or not there is such an account; nothing is
    /// taken.
    pub(crate) fn name_waits(&self, name: &str, now: Timestamp) -> Option<i64> {
        let (account, stranger, tables) =
            (Known::Account(name.to_lowercase()), self.hash(name), self.locked());
        let (account, stranger) = (tables.known.get(&account), tables.strangers.get(&stranger));
        let waits = |tried: Option<&Tried>| tried.and_then(|tried| tried.waits(now));
        waits(account).max(waits(stranger))
    }

    /// How many minutes it has to wait, if it has to; nothing is taken.
    pub(crate) fn waits(&self, known: &Known, now: Timestamp) -> Option<i64> {
        self.locked().known.get(known).and_then(|tried| tried.waits(now))
    }

    /// Forgets the wrong tries of somebody who got in.
    pub(crate) fn forget(&self, known: &Known) {
        self.locked().known.remove(known);
    }

    fn hash(&self, name: &str) -> u64 {
        self.key.hash_one(name.to_lowercase())
    }

    fn locked(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The tables, at times without what is over.
    fn swept(&self, now: Timestamp) -> MutexGuard<'_, Tables> {
        let mut tables = self.locked();
        if (now.0 - tables.swept.0).abs() >= SWEEP {
            tables.known.retain(|_, tried| !tried.is_over(now));
            tables.strangers.retain(|_, tried| !tried.is_over(now));
            tables.swept = now;
        }
        tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_790_812_800);

    fn later(minutes: i64) -> Timestamp {
        Timestamp(START.0 + minutes * 60_000)
    }

    fn account() -> Known {
        Known::Account("a.beispiel".to_owned())
    }

    #[test]
    fn a_name_waits_after_five_wrong_tries_whether_it_has_an_account_or_not() {
        let check = |take: &dyn Fn(&Tries, Timestamp) -> Option<i64>| {
            let tries = Tries::default();
            for _ in 0..5 {
                assert_eq!(tries.name_waits("A.Beispiel", START), None);
                assert_eq!(take(&tries, START), None);
            }
            assert_eq!(tries.name_waits("A.BEISPIEL", START), Some(15));
            assert_eq!(take(&tries, START), Some(15));
            assert_eq!(tries.name_waits("b.beispiel", START), None);
            assert_eq!(take(&tries, later(14)), Some(1), "trying meanwhile makes it no longer");
            assert_eq!(tries.name_waits("a.beispiel", later(15)), None, "the old ones are forgotten");
            for _ in 0..5 {
                assert_eq!(take(&tries, later(15)), None);
            }
            assert_eq!(take(&tries, later(15)), Some(15));
        };
        check(&|tries, now| tries.take(account(), now));
        check(&|tries, now| tries.take_stranger("A.Beispiel", now));
    }

    #[test]
    fn who_got_in_begins_anew() {
        let tries = Tries::default();
        for _ in 0..5 {
            tries.take(account(), START);
        }
        tries.forget(&account());
        assert_eq!((tries.name_waits("a.beispiel", START), tries.take(account(), START)), (None, None));
    }

    #[test]
    fn no_flood_of_names_lets_anybody_off() {
        let tries = Tries::default();
        let waiting = [account(), Known::Holder(1), Known::Factor(1), Known::Token("m1".to_owned())];
        for _ in 0..5 {
            waiting.iter().for_each(|known| assert_eq!(tries.take(known.clone(), START), None));
            assert_eq!(tries.take_stranger("niemand", START), None);
        }
        for name in (0..10_000).map(|n| format!("name{n}")) {
            for _ in 0..5 {
                assert_eq!(tries.take_stranger(&name, START), None);
            }
            assert_eq!(tries.take_stranger(&name, START), Some(15));
        }
        for n in 0..100 {
            for known in &waiting {
                assert_eq!(tries.take(known.clone(), later(1)), Some(14), "{known:?}, round {n}");
            }
            assert_eq!(tries.name_waits("a.beispiel", later(1)), Some(14));
            assert_eq!(tries.name_waits("niemand", later(1)), Some(14), "nothing tells them apart");
            tries.take_stranger(&format!("new{n}"), later(1));
        }
    }

    #[test]
    fn no_flood_of_names_fills_the_memory() {
        let tries = Tries::default();
        for _ in 0..5 {
            tries.take(account(), START);
        }
        for n in 0..STRANGERS + 20 {
            tries.take_stranger(&format!("name{n}"), START);
        }
        let sizes = |tries: &Tries| {
            let tables = tries.locked();
            (tables.known.len(), tables.strangers.len())
        };
        assert_eq!(sizes(&tries), (1, STRANGERS));
        assert_eq!(tries.take(account(), START), Some(15));
        tries.take_stranger("niemand", later(15));
        assert_eq!(sizes(&tries), (0, 1), "what is over is removed");
    }
}
