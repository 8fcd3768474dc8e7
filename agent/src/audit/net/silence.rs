//! Whether a server has fallen silent: what answered none of several questions in a row is left alone for a while, so that
//! a hundred domains on a dead server wait for it once and not a hundred times.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Questions in a row without an answer (each asked twice) after which a server counts as silent.
const IN_VAIN: u32 = 3;
/// How long a silent server is left alone. After that one question may wake it.
const REST: Duration = Duration::from_secs(60);

/// What is known of one server's silence.
#[derive(Default)]
pub(super) struct Silence(Mutex<State>);

#[derive(Default)]
struct State {
    in_vain: u32,
    until: Option<Instant>,
}

impl Silence {
    /// Whether the server may be asked. After its rest one caller is let through; the others wait for what comes of it.
    pub(super) fn grants(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let grants = state.until.is_none_or(|until| now >= until);
        if grants && state.until.is_some() {
            state.until = Some(now + REST);
        }
        grants
    }

    /// Takes note of an answer, or of a question that stayed without one.
    pub(super) fn note(&self, answered: bool, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answered {
            *state = State::default();
            return;
        }
        state.in_vain = state.in_vain.saturating_add(1);
        if state.in_vain >= IN_VAIN {
            state.until = Some(now + REST);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_counts_as_silent_after_several_questions_and_only_for_a_while() {
        let start = Instant::now();
        let silence = Silence::default();
        for _ in 1..IN_VAIN {
            silence.note(false, start);
        }
        assert!(silence.grants(start), "a loss now and then is no silence");
        silence.note(true, start);
        for _ in 1..IN_VAIN {
            silence.note(false, start);
        }
        assert!(silence.grants(start), "an answer in between counts");
        silence.note(false, start);
        assert!(!silence.grants(start + REST / 2));
        assert!(silence.grants(start + REST), "after the rest it may be asked again");
        assert!(!silence.grants(start + REST), "by one caller alone");
        silence.note(false, start + REST);
        assert!(!silence.grants(start + REST), "and rests again where it says nothing");
        assert!(silence.grants(start + REST * 2));
        silence.note(true, start + REST * 2);
        assert!(silence.grants(start + REST * 2) && silence.grants(start + REST * 2));
    }
}
