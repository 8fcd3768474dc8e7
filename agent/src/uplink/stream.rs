//! One stream to a collector: what is on its way up, what its messages mean, and what is done with a batch it refuses.

use super::{End, Uplink, UplinkError, WINDOW, Wish, turns::Went, wire, wish};
use crate::{
    link::{self, LinkError},
    spool::Aside,
};
use rundgang_proto::v1::{self, FromAgent, from_collector};
use tokio::{sync::mpsc, time::Instant};

/// What is on its way.
#[derive(Default)]
pub(super) struct Sending {
    pub(super) greeted: bool,
    /// Since when the collector is in touch.
    pub(super) since: Option<Instant>,
    /// Whether a refused batch was set aside.
    pub(super) set_aside: bool,
    /// Whether the collector waits to hear that we know of the walk it asked for.
    pub(super) walk_taken: bool,
    /// Whether anything was acknowledged on this stream.
    pub(super) moved: bool,
    pub(super) sent: u64,
    pub(super) in_flight: Vec<u64>,
}

impl Sending {
    /// What the session came to so far.
    pub(super) fn went(&self) -> Went {
        let stood = self.since.map(|since| since.elapsed()).unwrap_or_default();
        Went { moved: self.moved, set_aside: self.set_aside, stood }
    }
}

impl Uplink {
    /// Says that we know of a walk, and sends what the window has room for. An error without content means that the stream
    /// is gone.
    pub(super) async fn fill(
        &self,
        up: &mpsc::Sender<FromAgent>,
        state: &mut Sending,
    ) -> Result<(), Option<UplinkError>> {
        if std::mem::take(&mut state.walk_taken) {
            up.send(wire::walk_taken()).await.map_err(|_| None)?;
        }
        while state.in_flight.len() < WINDOW {
            let after = state.sent;
            let next = self.spool.with(move |spool| spool.next_after(after)).await;
            let Some(batch) = next.map_err(|error| Some(error.into()))? else { break };
            state.sent = batch.sequence;
            state.in_flight.push(batch.sequence);
            up.send(wire::message(batch)).await.map_err(|_| None)?;
        }
        Ok(())
    }

    /// Takes one message of the collector.
    pub(super) async fn take(
        &self,
        collector: &str,
        message: Result<Option<v1::FromCollector>, tonic::Status>,
        state: &mut Sending,
    ) -> Result<(), UplinkError> {
        let message = message.map_err(|status| link::status(collector, &status))?;
        let closed = || LinkError::Broken {
            collector: collector.to_owned(),
            reason: "it closed the stream".to_owned(),
        };
        match message.ok_or_else(closed)?.message {
            Some(from_collector::Message::Acknowledge(acknowledged)) => {
                let sequence = acknowledged.sequence;
                if state.greeted {
                    // A collector can have committed only what was sent to it: the rest stays.
                    let sequence = sequence.min(state.sent);
                    state.moved = true;
                    state.in_flight.retain(|&sent| sent > sequence);
                    self.spool.with(move |spool| spool.acknowledge(sequence)).await?;
                } else {
                    state.greeted = true;
                    // A spool that is newer than the collector's memory must not throw away what it never sent.
                    let greet = self.spool.with(move |spool| {
                        let known = sequence <= spool.last_sequence()?;
                        spool.meet(sequence)?;
                        if known { spool.acknowledge(sequence) } else { Ok(()) }
                    });
                    greet.await?;
                }
            }
            Some(from_collector::Message::Unknown(unknown)) => {
                let (references, now) = (wire::references(&unknown), (self.clock)());
                self.spool.with(move |spool| spool.resend(&references, now)).await?;
            }
            Some(from_collector::Message::Task(task)) => state.walk_taken |= self.pass_on(task),
            None => tracing::debug!("the collector said something that this agent is too old for"),
        }
        Ok(())
    }

    /// The collector refuses what it was sent. It takes batches in their order and acknowledges each, so it means the
    /// first that is on its way: that one is set aside, and the others go on.
    pub(super) async fn set_aside(
        &self,
        collector: &str,
        status: &tonic::Status,
        state: &mut Sending,
    ) -> Result<End, UplinkError> {
        let refused = || link::status(collector, status);
        let Some(&sequence) = state.in_flight.first() else { return Err(refused().into()) };
        let aside = self.spool.with(move |spool| spool.set_aside(sequence)).await?;
        let reason = status.message();
        match aside {
            Aside::Dropped(in_all) => {
                tracing::error!(sequence, in_all, reason, "the collector refused an entry; it was dropped");
            }
            Aside::Halved | Aside::Gone => {
                tracing::warn!(sequence, reason, "the collector refused a batch; its halves are tried again");
            }
        }
        state.set_aside = true;
        // A collector that refuses everything is asked ever more seldom.
        if state.moved { Ok(End::Refused) } else { Err(refused().into()) }
    }

    /// Passes a wish on; says whether it was for a walk that will be known of. A wish that finds no room is dropped: it is only
    /// a wish.
    fn pass_on(&self, task: v1::Task) -> bool {
        let Some(wish) = wish::read(task) else { return false };
        let is_walk = wish == Wish::WalkNow;
        let is_taken = self.wishes.try_send(wish).is_ok();
        if !is_taken {
            tracing::debug!("a wish of the collector found no room");
        }
        is_walk && is_taken
    }
}
