//! Lists that somebody sent and did not enter yet: kept in memory alone, for half an hour, and for nobody else to see.

use rundgang_inventory::{Timestamp, lists::Mapping};
use std::{collections::BTreeMap, sync::Arc};

/// Minutes for which a list waits to be entered.
const MINUTES: i64 = 30;
/// Octets that all waiting lists have together; the oldest go first.
const MOST_OCTETS: usize = 64 << 20;

/// A list that waits.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub(crate) school: i64,
    /// Who sent it: account, or the name of whoever has none.
    pub(crate) owner: (Option<i64>, String),
    /// The name of its file.
    pub(crate) file: String,
    pub(crate) bytes: Arc<Vec<u8>>,
    /// The sheet that was chosen.
    pub(crate) sheet: Option<String>,
    /// What was said about its headings.
    pub(crate) said: Mapping,
    pub(crate) until: Timestamp,
}

/// The lists that wait, by a name that nobody can guess.
#[derive(Debug, Default)]
pub(crate) struct Drafts(BTreeMap<String, Draft>);

impl Drafts {
    /// Keeps a list, and lets go of what waited too long or is too much.
    pub(crate) fn keep(&mut self, id: &str, draft: Draft, now: Timestamp) {
        self.0.retain(|_, draft| draft.until > now);
        self.0.insert(id.to_owned(), Draft { until: Timestamp(now.0 + MINUTES * 60_000), ..draft });
        let octets = |all: &Self| all.0.values().map(|draft| draft.bytes.len()).sum::<usize>();
        while octets(self) > MOST_OCTETS {
            let others = self.0.iter().filter(|(other, _)| *other != id);
            let Some(oldest) = others.min_by_key(|(_, draft)| draft.until).map(|(id, _)| id.clone()) else {
                return;
            };
            self.0.remove(&oldest);
        }
    }

    /// A list of somebody for a school.
    pub(crate) fn get(
        &self,
        id: &str,
        school: i64,
        owner: &(Option<i64>, String),
        now: Timestamp,
    ) -> Option<Draft> {
        let is_theirs = |draft: &&Draft| draft.until > now && draft.school == school && draft.owner == *owner;
        self.0.get(id).filter(is_theirs).cloned()
    }

    pub(crate) fn forget(&mut self, id: &str) {
        self.0.remove(id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);

    fn draft(octets: usize) -> Draft {
        Draft {
            school: 1,
            owner: (Some(7), "A".to_owned()),
            file: "a.csv".to_owned(),
            bytes: Arc::new(vec![0; octets]),
            sheet: None,
            said: Mapping::default(),
            until: NOW,
        }
    }

    #[test]
    fn a_list_waits_half_an_hour_for_whoever_sent_it() {
        let mut drafts = Drafts::default();
        drafts.keep("x", draft(10), NOW);
        let owner = (Some(7), "A".to_owned());
        let later = |minutes: i64| Timestamp(NOW.0 + minutes * 60_000);
        assert!(drafts.get("x", 1, &owner, later(29)).is_some());
        assert!(drafts.get("x", 1, &owner, later(30)).is_none());
        assert!(drafts.get("x", 2, &owner, NOW).is_none(), "another school");
        assert!(drafts.get("x", 1, &(Some(8), "A".to_owned()), NOW).is_none(), "somebody else");
        drafts.keep("y", draft(10), later(31));
        assert_eq!(drafts.0.len(), 1, "what waited too long is let go");
    }

    #[test]
    fn too_much_lets_the_oldest_go() {
        let mut drafts = Drafts::default();
        for nth in 0..5 {
            drafts.keep(&nth.to_string(), draft(20 << 20), Timestamp(NOW.0 + nth));
        }
        assert_eq!(drafts.0.keys().collect::<Vec<_>>(), ["2", "3", "4"]);
    }
}
