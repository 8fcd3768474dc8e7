//! The uplink: carries the spool to a collector, and starts over at the next one when a link breaks.

mod declared;
pub mod export;
pub mod wire;
mod wish;

pub use declared::{Declared, DeclaredSegment};
pub use wish::Wish;

use crate::{
    enrol::{self, EnrolError, Enrolment},
    link::{self, LinkError, WallClock},
    spool::{Aside, SharedSpool, SpoolError},
};
use rundgang_proto::v1::{self, FromAgent, RenewRequest, collector_client::CollectorClient, from_collector};
use std::{path::PathBuf, time::Duration};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;

/// Batches on their way at once: enough to fill the line, few enough to be sent again.
const WINDOW: usize = 8;
/// Octets that a collector may tell us at once.
const MAX_MESSAGE: usize = 1 << 20;
/// How long a collector may take to answer what it must answer at once: a hello, a renewal.
const PATIENCE: Duration = Duration::from_secs(60);
/// The first pause after a broken link; it doubles with every further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// How often the spool is looked at for what has grown too old, and the certificate for its age.
const HOUSEKEEPING: Duration = Duration::from_secs(600);

/// Why the uplink ended for good.
#[derive(Debug, thiserror::Error)]
pub enum UplinkError {
    /// The spool failed: nothing can be kept, so nothing must go on.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// The collector withdrew this agent, or our certificate ran out: a person has to act.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The renewed certificate could not be kept.
    #[error(transparent)]
    Enrol(#[from] EnrolError),
}

/// The uplink of one agent.
pub struct Uplink {
    /// The state directory, for renewed certificates.
    pub state: PathBuf,
    /// What waits to be sent.
    pub spool: SharedSpool,
    /// The clock.
    pub clock: WallClock,
    /// The scope as shown to the collector with the next hello.
    pub segments: watch::Receiver<Declared>,
    /// Where wishes of the collector go.
    pub wishes: mpsc::Sender<Wish>,
}

/// Why a session ended without an error.
#[derive(Debug, PartialEq, Eq)]
enum End {
    /// Everything spooled is committed (only when asked to stop then).
    Drained,
    /// We were told to stop.
    Stopped,
    /// A new certificate, or a scope that was edited: connect again and say so.
    Renewed,
    /// The collector refused a batch after it had taken others; it was set aside.
    Refused,
}

impl Uplink {
    /// Carries batches until `stop` says so.
    ///
    /// # Errors
    /// Only what a person has to mend; everything else is tried again.
    pub async fn run(&self, stop: watch::Receiver<bool>) -> Result<(), UplinkError> {
        self.keep_going(stop, false).await
    }

    /// Carries batches until none waits, or until `stop` says so.
    ///
    /// # Errors
    /// Only what a person has to mend; everything else is tried again.
    pub async fn drain(&self, stop: watch::Receiver<bool>) -> Result<(), UplinkError> {
        self.keep_going(stop, true).await
    }

    async fn keep_going(&self, mut stop: watch::Receiver<bool>, drain: bool) -> Result<(), UplinkError> {
        let mut pause = FIRST_PAUSE;
        let mut turn = 0_usize;
        let mut is_told_to_wait = false;
        loop {
            if *stop.borrow() {
                return Ok(());
            }
            // Also without a link nothing is kept longer than promised (P8).
            let now = (self.clock)();
            self.spool.with(move |spool| spool.expire(now)).await?;
            let enrolment = Enrolment::load(&self.state)?;
            let count = enrolment.collectors.len().max(1);
            let collector = enrolment.collectors.get(turn % count).cloned().unwrap_or_default();
            match self.session(&enrolment, &collector, &mut stop, drain).await {
                Ok(End::Renewed) => continue,
                Ok(End::Drained | End::Stopped) => return Ok(()),
                Ok(End::Refused) => pause = FIRST_PAUSE,
                // Only a person can end this wait: it is told once, and whoever walks once is not kept.
                Err(UplinkError::Link(error @ LinkError::Waiting(_))) => {
                    if drain {
                        return Err(error.into());
                    }
                    if !std::mem::replace(&mut is_told_to_wait, true) {
                        tracing::warn!("{error}");
                    }
                }
                // Whoever walks once is told what only a person can mend, once every collector was tried.
                Err(UplinkError::Link(error))
                    if drain && needs_a_person(&error) && (turn + 1).is_multiple_of(count) =>
                {
                    return Err(error.into());
                }
                Err(UplinkError::Link(error)) if is_temporary(&error) => {
                    tracing::warn!(%error, "no link; trying again");
                    // A link that worked for a while starts the pauses over.
                    if matches!(error, LinkError::Broken { .. }) {
                        pause = FIRST_PAUSE;
                    }
                }
                Err(error) => return Err(error),
            }
            turn = turn.wrapping_add(1);
            tokio::select! {
                () = tokio::time::sleep(jittered(pause)) => {}
                () = stopped(&mut stop) => return Ok(()),
            }
            // Only a whole turn through the list without success makes the pauses longer.
            if turn.is_multiple_of(count) {
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }

    /// One connection, from the handshake to its end.
    async fn session(
        &self,
        enrolment: &Enrolment,
        collector: &str,
        stop: &mut watch::Receiver<bool>,
        drain: bool,
    ) -> Result<End, UplinkError> {
        let (_, end) = enrolment.validity()?;
        if (self.clock)() >= end {
            return Err(LinkError::Expired(end.date()).into());
        }
        let channel = tokio::select! {
            channel = link::connect(collector, enrolment.trust(), &self.clock) => channel?,
            () = stopped(stop) => return Ok(End::Stopped),
        };
        let mut client = CollectorClient::new(channel).max_decoding_message_size(MAX_MESSAGE);
        if enrolment.renewal_due((self.clock)())? {
            match self.renew(enrolment, collector, &mut client).await {
                Ok(()) => return Ok(End::Renewed),
                // The present certificate still holds: carry on with it and try again later.
                Err(UplinkError::Link(error)) if is_temporary(&error) => {
                    tracing::warn!(%error, "the certificate could not be renewed yet");
                }
                Err(error) => return Err(error),
            }
        }
        let (up, messages) = mpsc::channel(WINDOW + 2);
        let mut segments = self.segments.clone();
        segments.mark_unchanged();
        let hello = self.hello().await?;
        let gone = || LinkError::Broken { collector: collector.to_owned(), reason: "it closed".to_owned() };
        up.send(hello).await.map_err(|_| gone())?;
        let beginning = tokio::time::timeout(PATIENCE, client.converse(ReceiverStream::new(messages)));
        let mut down = beginning
            .await
            .map_err(|_| silent(collector))?
            .map_err(|status| link::status(collector, &status))?
            .into_inner();
        // The collector greets with what it has, before anything is sent.
        let mut state = Sending::default();
        let greeting = tokio::time::timeout(PATIENCE, down.message()).await.map_err(|_| silent(collector))?;
        self.take(collector, greeting, &mut state).await?;
        let now = (self.clock)();
        self.spool.with(move |spool| spool.expire(now).and_then(|_| spool.mend_gap(now))).await?;
        let mut housekeeping = tokio::time::interval(HOUSEKEEPING);
        loop {
            self.fill(&up, &mut state).await.map_err(|error| error.unwrap_or_else(|| gone().into()))?;
            if drain && state.in_flight.is_empty() {
                return Ok(End::Drained);
            }
            tokio::select! {
                // Only the wait for a message may be cut short by the other branches, never its work.
                message = down.message() => match message {
                    Err(status) if status.code() == tonic::Code::InvalidArgument => {
                        return self.set_aside(collector, &status, &state).await;
                    }
                    message => self.take(collector, message, &mut state).await?,
                },
                () = self.spool.changed() => {}
                Ok(()) = segments.changed(), if !drain => return Ok(End::Renewed),
                _ = housekeeping.tick() => {
                    let now = (self.clock)();
                    self.spool.with(move |spool| spool.expire(now).and_then(|_| spool.mend_gap(now))).await?;
                    if enrolment.renewal_due(now)? {
                        return Ok(End::Renewed);
                    }
                }
                () = stopped(stop) => return Ok(End::Stopped),
            }
        }
    }

    async fn hello(&self) -> Result<FromAgent, SpoolError> {
        let last_sequence = self.spool.with(|spool| spool.last_sequence()).await?;
        let declared = self.segments.borrow().clone();
        Ok(wire::hello(declared, last_sequence))
    }

    /// Sends what the window has room for. An error without content means that the stream is gone.
    async fn fill(
        &self,
        up: &mpsc::Sender<FromAgent>,
        state: &mut Sending,
    ) -> Result<(), Option<UplinkError>> {
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
    async fn take(
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
            Some(from_collector::Message::Task(task)) => self.pass_on(task),
            None => tracing::debug!("the collector said something that this agent is too old for"),
        }
        Ok(())
    }

    /// The collector refuses what it was sent. It takes batches in their order and acknowledges each, so it means the
    /// first that is on its way: that one is set aside, and the others go on.
    async fn set_aside(
        &self,
        collector: &str,
        status: &tonic::Status,
        state: &Sending,
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
        // A collector that refuses everything is asked ever more seldom.
        if state.moved { Ok(End::Refused) } else { Err(refused().into()) }
    }

    /// Passes a wish on. A wish that finds no room is dropped: it is only a wish.
    fn pass_on(&self, task: v1::Task) {
        if wish::read(task).is_some_and(|wish| self.wishes.try_send(wish).is_err()) {
            tracing::debug!("a wish of the collector found no room");
        }
    }

    /// A new key and a new certificate for it.
    async fn renew(
        &self,
        enrolment: &Enrolment,
        collector: &str,
        client: &mut CollectorClient<Channel>,
    ) -> Result<(), UplinkError> {
        let (key, certificate_request) = enrol::new_request()?;
        let answer = tokio::time::timeout(PATIENCE, client.renew(RenewRequest { certificate_request }))
            .await
            .map_err(|_| silent(collector))?
            .map_err(|status| link::status(collector, &status))?
            .into_inner();
        enrolment.renewed(answer, &key)?.save(&self.state)?;
        tracing::info!("the agent's certificate has been renewed");
        Ok(())
    }
}

/// Waits until we are told to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// What is on its way.
#[derive(Default)]
struct Sending {
    greeted: bool,
    /// Whether anything was acknowledged on this stream.
    moved: bool,
    sent: u64,
    in_flight: Vec<u64>,
}

/// A collector that keeps the connection but does not answer.
fn silent(collector: &str) -> LinkError {
    LinkError::Broken { collector: collector.to_owned(), reason: "it does not answer".to_owned() }
}

/// Whether trying again may help without anybody doing anything at this box.
fn is_temporary(error: &LinkError) -> bool {
    !matches!(
        error,
        LinkError::Revoked(_) | LinkError::Expired(_) | LinkError::OwnKey(_) | LinkError::Address(_)
    )
}

/// Whether a person has to look before trying again can help, at this box or at the collector. What was seen waits.
fn needs_a_person(error: &LinkError) -> bool {
    matches!(error, LinkError::WrongAuthority(_) | LinkError::WrongName(..) | LinkError::WrongClock { .. })
}

/// The pause, between half and whole of it, so that a hundred agents do not come back at the same moment.
fn jittered(pause: Duration) -> Duration {
    let share = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
    pause.mul_f64(0.5 + share / 2.0)
}

#[cfg(test)]
mod tests;
