//! What a person sees while a walk goes on: one line on a terminal, nothing elsewhere.

use crate::{scope::Segment, walk::Progress};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{io::IsTerminal, time::Duration};

/// A progress line on standard error; hidden where that is no terminal.
pub struct Line(ProgressBar);

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
        let style = ProgressStyle::with_template("{spinner} {msg}  {wide_bar} {pos}/{len}  {elapsed}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress for Line {
    fn sweeping(&self, segment: &Segment) {
        self.0.set_message(format!("asking {} who is there", segment.network));
    }

    fn visiting(&self, segment: &Segment, hosts: usize) {
        self.0.inc_length(u64::try_from(hosts).unwrap_or(0));
        self.0.set_message(format!("visiting {}", segment.network));
    }

    fn visited(&self) {
        self.0.inc(1);
    }
}
