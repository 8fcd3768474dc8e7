//! Turns through the list of collectors: how long to pause between sessions, and when whoever delivers once has tried enough.

use crate::link::LinkError;
use std::time::Duration;

/// The first pause after a broken link; it doubles with every further turn through the list.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// A link that stood so long works, also where nothing waited for it.
const WORKS: Duration = Duration::from_secs(60);
/// So many whole turns that brought nothing are enough for whoever delivers once.
const ENOUGH: u32 = 3;

/// What a session came to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Went {
    /// Something was acknowledged.
    pub(super) moved: bool,
    /// A refused batch was set aside: the ones behind it come nearer.
    pub(super) set_aside: bool,
    /// How long the collector was in touch, from its greeting on.
    pub(super) stood: Duration,
}

/// Where we are in the list, and what came of it.
#[derive(Debug)]
pub(super) struct Turns {
    place: usize,
    pause: Duration,
    fruitless: u32,
    is_fruitful: bool,
    failures: Vec<LinkError>,
    // The failures of the turn that has just come to its end.
    ended: Vec<LinkError>,
}

impl Default for Turns {
    fn default() -> Self {
        Self {
            place: 0,
            pause: FIRST_PAUSE,
            fruitless: 0,
            is_fruitful: false,
            failures: Vec::new(),
            ended: Vec::new(),
        }
    }
}

impl Turns {
    /// Whose turn it is in a list of so many.
    pub(super) const fn place(&self, count: usize) -> usize {
        if self.place < count { self.place } else { 0 }
    }

    /// Takes the end of a session with one of so many collectors, and says how long to pause before the next one.
    pub(super) fn ended(&mut self, went: Went, failure: Option<LinkError>, count: usize) -> Duration {
        // Only a link that worked starts the pauses over: one that breaks as soon as it stands would be asked every second.
        if went.moved || went.stood >= WORKS {
            self.pause = FIRST_PAUSE;
        }
        self.is_fruitful |= went.moved || went.set_aside;
        self.failures.extend(failure);
        self.ended.clear();
        self.place += 1;
        let pause = self.pause;
        if self.place >= count {
            self.place = 0;
            self.fruitless = if self.is_fruitful { 0 } else { self.fruitless + 1 };
            self.is_fruitful = false;
            self.ended = std::mem::take(&mut self.failures);
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        }
        pause
    }

    /// Why whoever delivers once need not try again: the most telling failure, where a whole turn has just shown that only
    /// a person can help, or enough of them brought nothing. Never within a turn: the next collector may be well.
    pub(super) fn give_up(&mut self) -> Option<LinkError> {
        let is_enough = self.fruitless >= ENOUGH;
        let is_hopeless = self.fruitless > 0 && self.ended.iter().all(needs_a_person);
        if !is_enough && !is_hopeless {
            return None;
        }
        // Of several that tell as much the first one of the list.
        std::mem::take(&mut self.ended).into_iter().rev().max_by_key(how_telling)
    }
}

/// Whether a person has to look before trying again can help, at this box or at the collector. What was seen waits.
const fn needs_a_person(error: &LinkError) -> bool {
    matches!(error, LinkError::WrongAuthority(_) | LinkError::WrongName(..) | LinkError::WrongClock { .. })
}

const fn how_telling(error: &LinkError) -> u8 {
    match error {
        _ if needs_a_person(error) => 2,
        LinkError::Refused(_) | LinkError::NotACollector { .. } => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(collector: &str) -> LinkError {
        LinkError::Broken { collector: collector.to_owned(), reason: "it closed".to_owned() }
    }

    fn foreign(collector: &str) -> LinkError {
        LinkError::WrongAuthority(collector.to_owned())
    }

    /// The seconds of pause after each of these sessions with the only collector.
    fn pauses(sessions: &[Went]) -> Vec<u64> {
        let mut turns = Turns::default();
        sessions.iter().map(|&went| turns.ended(went, Some(broken("a")), 1).as_secs()).collect()
    }

    #[test]
    fn only_a_link_that_worked_starts_the_pauses_over() {
        let none = Went::default();
        let short = Went { stood: Duration::from_secs(59), ..none };
        let long = Went { stood: Duration::from_secs(60), ..none };
        let moved = Went { moved: true, ..none };
        assert_eq!(pauses(&[none; 11]), [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
        assert_eq!(pauses(&[short, short, short, long, short]), [1, 2, 4, 1, 2]);
        assert_eq!(pauses(&[none, none, moved, none]), [1, 2, 1, 2]);
        // A collector that refuses everything is asked ever more seldom.
        assert_eq!(pauses(&[Went { set_aside: true, ..none }; 3]), [1, 2, 4]);
    }

    #[test]
    fn a_whole_turn_makes_the_pauses_longer() {
        let mut turns = Turns::default();
        let mut pause = || turns.ended(Went::default(), Some(broken("a")), 3).as_secs();
        assert_eq!([pause(), pause(), pause(), pause(), pause(), pause(), pause()], [1, 1, 1, 2, 2, 2, 4]);
    }

    /// After which of these sessions whoever delivers once gives up, and with which words.
    fn given_up(count: usize, sessions: Vec<(Went, Option<LinkError>)>) -> Option<(usize, String)> {
        let mut turns = Turns::default();
        sessions.into_iter().enumerate().find_map(|(number, (went, failure))| {
            assert_eq!(turns.place(count), number % count, "each in its turn");
            turns.ended(went, failure, count);
            turns.give_up().map(|error| (number + 1, error.to_string()))
        })
    }

    #[test]
    fn whoever_delivers_once_gives_up_after_whole_turns_and_says_the_most_telling_reason() {
        let none = Went::default();
        let dead = || (none, Some(broken("dead")));
        let other = || (none, Some(foreign("other")));
        let check = |count, sessions, expected: Option<(usize, &str)>| {
            let told = given_up(count, sessions);
            let fits = |&(number, ref words): &(usize, String), expected: (usize, &str)| {
                number == expected.0 && words.contains(expected.1)
            };
            match (&told, expected) {
                (Some(told), Some(expected)) => assert!(fits(told, expected), "{told:?}, not {expected:?}"),
                (told, expected) => assert_eq!(told.is_some(), expected.is_some(), "{told:?}"),
            }
        };
        check(1, vec![dead(), dead(), dead()], Some((3, "it closed")));
        check(2, vec![dead(), dead(), dead(), dead(), dead()], None);
        // Only a person can help with the first, and the second may be well again: the reason of the first is told.
        check(
            2,
            vec![other(), dead(), other(), dead(), other(), dead()],
            Some((6, "other is not the collector")),
        );
        check(
            2,
            vec![dead(), other(), dead(), other(), dead(), other()],
            Some((6, "other is not the collector")),
        );
        // Where nobody but a person can help, once is enough, after everyone was asked.
        check(1, vec![other()], Some((1, "other is not the collector")));
        check(2, vec![other(), other()], Some((2, "other is not the collector")));
        // Progress starts the count over, also a batch that was set aside.
        for went in [Went { moved: true, ..none }, Went { set_aside: true, ..none }] {
            let progress = || (went, Some(broken("slow")));
            check(1, vec![dead(), dead(), progress(), dead(), dead()], None);
            check(1, vec![dead(), dead(), progress(), dead(), dead(), dead()], Some((6, "it closed")));
        }
    }
}
