//! A turn to send: what it costs is booked when the frame has left, so that a stall between the two makes no burst.

use super::{Begin, Global, HostBuckets};
use std::{future::Future, pin::pin, task::Poll, time::Duration};
use tokio::{sync::OwnedMutexGuard, time::Instant};

/// Somebody's turn to send. Nobody else gets one before it ends; hold it until the frame has left.
#[derive(Debug)]
#[must_use = "it ends when it is dropped: hold it until the frame has left"]
pub struct Turn(
    #[allow(dead_code, reason = "what it holds acts when it is dropped")] pub(super) Option<Held>,
);

/// What a turn holds, and what it books at its end.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) what: Begin,
    pub(super) global: OwnedMutexGuard<Global>,
    pub(super) stretch: u32,
    pub(super) host: Option<HeldHost>,
}

#[derive(Debug)]
pub(super) struct HeldHost {
    pub(super) buckets: OwnedMutexGuard<HostBuckets>,
    pub(super) stretch: u32,
    /// The least time from this connection to the next; `None` where no connection begins.
    pub(super) gap: Option<Duration>,
}

impl Turn {
    /// Does something whose first step sends: the turn ends after that step, and not when all of it is done.
    pub async fn send<F: Future>(self, sending: F) -> F::Output {
        let mut sending = pin!(sending);
        let mut turn = Some(self);
        std::future::poll_fn(move |context| -> Poll<F::Output> {
            let polled = sending.as_mut().poll(context);
            drop(turn.take());
            polled
        })
        .await
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // The clock of what really left: a machine that stood still meanwhile pays from now on, not from before.
        let now = Instant::now();
        self.global.take(self.what, self.stretch, now);
        if let Some(host) = &mut self.host {
            host.buckets.take(self.what, host.stretch, now);
            if let Some(gap) = host.gap {
                host.buckets.next_connection = now + gap;
            }
        }
    }
}
