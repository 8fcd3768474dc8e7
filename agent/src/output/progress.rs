//! What a person sees while a walk goes on: one line on a terminal, nothing elsewhere.

use crate::{scope::Segment, walk::Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rundgang_inventory::batch::counter;
use std::{
    io::IsTerminal,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// What the line shows. The hosts are people's devices too, so that nobody can be counted out (promise P3) neither a number
/// nor the steps of the bar are exact.
const TEMPLATE: &str = "{spinner} {msg}  {wide_bar}  {elapsed}";

/// A progress line on standard error; hidden where that is no terminal.
pub struct Line {
    bar: ProgressBar,
    hosts: Mutex<Hosts>,
}

/// So many hosts were visited, of so many. Never shown as they are.
#[derive(Clone, Copy, Debug, Default)]
struct Hosts {
    visited: u64,
    all: u64,
}

impl Hosts {
    /// Where the bar stands and how long it is: whole tens, and full only at the end.
    const fn tens(self) -> (u64, u64) {
        let all = self.all.div_ceil(10);
        (if self.visited >= self.all { all } else { self.visited / 10 }, all)
    }
}

impl Line {
    /// A new line, not yet drawn.
    #[must_use]
    pub fn new() -> Self {
        let target = if std::io::stderr().is_terminal() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        // The template is fixed; were it wrong, the crate's own would be shown.
        let style = ProgressStyle::with_template(TEMPLATE);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self { bar, hosts: Mutex::default() }
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }

    fn count(&self, change: impl FnOnce(&mut Hosts)) -> Hosts {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut hosts);
        let (position, length) = hosts.tens();
        self.bar.set_length(length);
        self.bar.set_position(position);
        *hosts
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Line {
    fn sweeping(&self, segment: &Segment) {
        self.bar.set_message(format!("asking {} who is there", segment.network));
    }

    fn visiting(&self, segment: &Segment, hosts: usize) {
        let now = self.count(|counted| counted.all += u64::try_from(hosts).unwrap_or(0));
        self.bar.set_message(format!("visiting {} ({} hosts so far)", segment.network, counter(now.all)));
    }

    fn visited(&self) {
        self.count(|counted| counted.visited += 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_be_counted_out() {
        let check = |visited: u64, all: u64, expected: (u64, u64)| {
            assert_eq!(Hosts { visited, all }.tens(), expected, "{visited} of {all}");
        };
        check(0, 7, (0, 1));
        check(6, 7, (0, 1));
        check(7, 7, (1, 1));
        check(19, 34, (1, 4));
        check(33, 34, (3, 4));
        check(34, 34, (4, 4));
        for exact in ["pos", "len", "per_sec", "percent", "eta"] {
            assert!(!TEMPLATE.contains(exact), "{exact} tells how many there are");
        }
        // What is drawn follows the tens alone.
        let line = Line::new();
        line.count(|counted| *counted = Hosts { visited: 13, all: 27 });
        assert_eq!((line.bar.position(), line.bar.length()), (1, Some(3)));
    }
}
