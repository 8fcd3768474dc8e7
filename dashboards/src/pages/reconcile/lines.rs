//! The list that is shown, and what each of its lines may be bound to.

use super::{Asked, seen::Seen};
use crate::chrome::Chrome;
use rundgang_inventory::Timestamp;
use rundgang_store::views::assets::AssetLine;
use rundgang_store::views::reconcile::proposals::{Choice, Proposal};
use rundgang_store::views::reconcile::{DifferentLine, NotSeenLine};
use rundgang_store::views::slices::PART;
use rundgang_store::{KeptValue, Result, Traeger};
use std::collections::{BTreeMap, BTreeSet};

/// The list that is shown.
pub(super) enum List {
    Found {
        lines: Vec<AssetLine>,
        count: usize,
        /// Which devices are counted.
        seen: Seen,
    },
    NotSeen(Vec<NotSeenLine>),
    /// Of the values that are kept the first ones, and how many there are.
    Different {
        lines: Vec<DifferentLine>,
        kept: Vec<KeptValue>,
        kept_count: usize,
    },
}

impl List {
    /// The part that is asked for, and where the next one begins.
    pub(super) fn read(
        traeger: &Traeger,
        school: i64,
        asked: &Asked,
        now: Timestamp,
    ) -> Result<(Self, Option<String>)> {
        Ok(match asked.liste.as_str() {
            "nicht-gesehen" => {
                let slice = traeger.not_seen_slice(school, &asked.nach, PART)?;
                (Self::NotSeen(slice.lines), slice.next)
            }
            "anders" => {
                let slice = traeger.different_slice(school, &asked.nach, PART)?;
                let (kept, kept_count) = traeger.kept_values(school, PART)?;
                (Self::Different { lines: slice.lines, kept, kept_count }, slice.next)
            }
            _ => {
                let filter = asked.filter(now);
                let slice = traeger.asset_slice(school, &filter, &asked.nach, PART)?;
                let counted = traeger.asset_ids(school, &filter)?;
                let (count, seen) = (counted.len(), Seen::of(&counted));
                (Self::Found { lines: slice.lines, count, seen }, slice.next)
            }
        })
    }

    /// What each of its lines may be bound to.
    pub(super) fn choices(
        &self,
        traeger: &Traeger,
        school: i64,
        now: Timestamp,
    ) -> Result<BTreeMap<i64, Choice>> {
        match self {
            Self::Found { lines, .. } => {
                let wanted: BTreeSet<i64> = lines.iter().map(|line| line.id).collect();
                traeger.entries_for(school, &wanted, now)
            }
            Self::NotSeen(lines) => {
                let wanted: BTreeSet<i64> = lines.iter().map(|line| line.id).collect();
                traeger.devices_for(school, &wanted, now)
            }
            Self::Different { .. } => Ok(BTreeMap::new()),
        }
    }
}

/// What one line may be bound to, as buttons of a form; a pair is a system and a device.
pub(super) struct Binding {
    /// Pair, words and reasons.
    pub(super) proposals: Vec<(String, String, String)>,
    /// Pair and words.
    pub(super) others: Vec<(String, String)>,
    /// The name of the choice among the others.
    pub(super) name: String,
}

impl Binding {
    /// `turn` where the line is an entry of the register, and not a device.
    pub(super) fn of(c: &Chrome, line: i64, choice: &Choice, turn: bool) -> Self {
        let pair = |id: i64| if turn { format!("{line} {id}") } else { format!("{id} {line}") };
        let proposal = |one: &Proposal| {
            let words = match &one.room {
                Some(room) => format!("{} ({room})", one.label),
                None => one.label.clone(),
            };
            let reasons = one.likeness.iter().map(|likeness| c.word("alike", likeness.name()));
            (pair(one.id), words, reasons.collect::<Vec<_>>().join(", "))
        };
        Self {
            proposals: choice.proposals.iter().map(proposal).collect(),
            others: choice.others.iter().map(|(id, words)| (pair(*id), words.clone())).collect(),
            name: format!("choice-{line}"),
        }
    }
}
