//! The uplink: carries the spool to a collector, and starts over at the next one when a link breaks.

mod declared;
pub mod export;
mod stream;
mod turns;
pub mod wire;
mod wish;

pub use declared::{Declared, DeclaredSegment};
pub use wish::Wish;

use crate::{
    enrol::{self, EnrolError, Enrolment},
    link::{self, LinkError, WallClock},
    spool::{SharedSpool, SpoolError},
};
use rundgang_proto::v1::{self, FromAgent, RenewRequest, collector_client::CollectorClient};
use std::{path::PathBuf, time::Duration};
use stream::Sending;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Streaming, transport::Channel};
use turns::{FIRST_PAUSE, Turns};

/// Batches on their way at once: enough to fill the line, few enough to be sent again.
const WINDOW: usize = 8;
/// Octets that a collector may tell us at once.
const MAX_MESSAGE: usize = 1 << 20;
/// How often the spool is looked at for what has grown too old, and the certificate for its age.
const HOUSEKEEPING: Duration = Duration::from_secs(600);
/// How long whoever delivers once waits for a word of a collector that has batches of ours and says nothing.
const LONGEST_SILENCE: Duration = Duration::from_secs(300);

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
    /// Told to stop while something still waited, and asked to deliver everything.
    #[error("interrupted before everything was delivered")]
    Interrupted,
}

impl UplinkError {
    /// Whether a later try may deliver what waits, once the way there is free again.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Interrupted => true,
            Self::Link(LinkError::Waiting(_)) => false,
            Self::Link(error) => is_temporary(error),
            Self::Spool(_) | Self::Enrol(_) => false,
        }
    }
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

    /// Carries batches until none waits.
    ///
    /// # Errors
    /// What a person has to mend, `stop` while something waits, or that no collector of the list took anything in
    /// several whole turns: then the most telling reason among theirs.
    pub async fn drain(&self, stop: watch::Receiver<bool>) -> Result<(), UplinkError> {
        self.keep_going(stop, true).await
    }

    async fn keep_going(&self, mut stop: watch::Receiver<bool>, drain: bool) -> Result<(), UplinkError> {
        let mut turns = Turns::default();
        let mut is_told_to_wait = false;
        while !*stop.borrow() {
            // Also without a link nothing is kept longer than promised (P8).
            let now = (self.clock)();
            self.spool.with(move |spool| spool.expire(now)).await?;
            let enrolment = Enrolment::load(&self.state)?;
            let count = enrolment.collectors.len().max(1);
            let collector = enrolment.collectors.get(turns.place(count)).cloned().unwrap_or_default();
            let mut state = Sending::default();
            let ended = self.session(&enrolment, &collector, &mut state, &mut stop, drain).await;
            let failure = match ended {
                Ok(End::Drained) => return Ok(()),
                Ok(End::Stopped) => break,
                Ok(End::Renewed) => {
                    // Never at once: what made it necessary may still be so.
                    if paused(FIRST_PAUSE, &mut stop).await {
                        break;
                    }
                    continue;
                }
                Ok(End::Refused) => None,
                // Only a person can end this wait: whoever walks once is not kept.
                Err(UplinkError::Link(error @ LinkError::Waiting(_))) if drain => return Err(error.into()),
                Err(UplinkError::Link(error)) if is_temporary(&error) => Some(error),
                Err(error) => return Err(error),
            };
            if let Some(error) = &failure {
                tell(error, &mut is_told_to_wait);
            }
            let pause = turns.ended(state.went(), failure, count);
            if drain && let Some(error) = turns.give_up() {
                return Err(error.into());
            }
            if paused(pause, &mut stop).await {
                break;
            }
        }
        let waits = drain && self.spool.with(|spool| spool.waiting()).await? > 0;
        if waits { Err(UplinkError::Interrupted) } else { Ok(()) }
    }

    /// One connection, from the handshake to its end.
    async fn session(
        &self,
        enrolment: &Enrolment,
        collector: &str,
        state: &mut Sending,
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
        if enrolment.renewal_due((self.clock)())? && self.renewed(enrolment, collector, &mut client).await? {
            return Ok(End::Renewed);
        }
        let mut segments = self.segments.clone();
        segments.mark_unchanged();
        let (up, mut down) = self.greet(collector, &mut client, state).await?;
        let began = Instant::now();
        state.since = Some(began);
        self.keep_house().await?;
        let mut housekeeping = tokio::time::interval_at(began + HOUSEKEEPING, HOUSEKEEPING);
        loop {
            self.fill(&up, state).await.map_err(|error| error.unwrap_or_else(|| gone(collector).into()))?;
            if drain && state.in_flight.is_empty() {
                return Ok(End::Drained);
            }
            tokio::select! {
                // Only the wait for a message may be cut short by the other branches, never its work.
                message = down.message() => match message {
                    Err(status) if status.code() == tonic::Code::InvalidArgument => {
                        return self.set_aside(collector, &status, state).await;
                    }
                    message => self.take(collector, message, state).await?,
                },
                () = self.spool.changed() => {}
                Ok(()) = segments.changed(), if !drain => return Ok(End::Renewed),
                () = tokio::time::sleep(LONGEST_SILENCE), if drain => {
                    return Err(link::silent(collector).into());
                }
                _ = housekeeping.tick() => {
                    self.keep_house().await?;
                    if enrolment.renewal_due((self.clock)())? {
                        return Ok(End::Renewed);
                    }
                }
                () = stopped(stop) => return Ok(End::Stopped),
            }
        }
    }

    /// Lets go of what has grown too old, and has the state sent afresh where that left a gap.
    async fn keep_house(&self) -> Result<bool, SpoolError> {
        let now = (self.clock)();
        self.spool.with(move |spool| spool.expire(now).and_then(|_| spool.mend_gap(now))).await
    }

    /// Says hello, and takes what the collector greets with: what it has, before anything is sent.
    async fn greet(
        &self,
        collector: &str,
        client: &mut CollectorClient<Channel>,
        state: &mut Sending,
    ) -> Result<(mpsc::Sender<FromAgent>, Streaming<v1::FromCollector>), UplinkError> {
        let (up, messages) = mpsc::channel(WINDOW + 2);
        up.send(self.hello().await?).await.map_err(|_| gone(collector))?;
        let mut down = link::answer(collector, client.converse(ReceiverStream::new(messages))).await?;
        let greeting = tokio::time::timeout(link::ANSWER, down.message()).await;
        self.take(collector, greeting.map_err(|_| link::silent(collector))?, state).await?;
        Ok((up, down))
    }

    async fn hello(&self) -> Result<FromAgent, SpoolError> {
        let last_sequence = self.spool.with(|spool| spool.last_sequence()).await?;
        let declared = self.segments.borrow().clone();
        Ok(wire::hello(declared, last_sequence))
    }

    /// Renews the certificate; says whether it did. Where the collector cannot just now, the present one still holds:
    /// carry on with it and try again later.
    async fn renewed(
        &self,
        enrolment: &Enrolment,
        collector: &str,
        client: &mut CollectorClient<Channel>,
    ) -> Result<bool, UplinkError> {
        match self.renew(enrolment, collector, client).await {
            Ok(()) => Ok(true),
            Err(UplinkError::Link(error))
                if is_temporary(&error) && !matches!(error, LinkError::WrongClock { .. }) =>
            {
                tracing::warn!(%error, "the certificate could not be renewed yet");
                Ok(false)
            }
            Err(error) => Err(error),
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
        let answer = link::answer(collector, client.renew(RenewRequest { certificate_request })).await?;
        let renewed = enrolment.renewed(answer, &key)?;
        renewed.save(&self.state)?;
        let now = (self.clock)();
        if renewed.renewal_due(now)? {
            // Brand new, and already old by our clock: renewing again would never end.
            return Err(LinkError::WrongClock { now }.into());
        }
        tracing::info!("the agent's certificate has been renewed");
        Ok(())
    }
}

/// Waits until we are told to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

/// Waits so long, give or take; says whether we were told to stop meanwhile.
async fn paused(pause: Duration, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = tokio::time::sleep(jittered(pause)) => false,
        () = stopped(stop) => true,
    }
}

/// Says why there is no link. The wait for a person's approval is told once.
fn tell(error: &LinkError, is_told_to_wait: &mut bool) {
    if !matches!(error, LinkError::Waiting(_)) {
        tracing::warn!(%error, "no link; trying again");
    } else if !std::mem::replace(is_told_to_wait, true) {
        tracing::warn!("{error}");
    }
}

/// A collector that went away.
fn gone(collector: &str) -> LinkError {
    LinkError::Broken { collector: collector.to_owned(), reason: "it closed".to_owned() }
}

/// Whether trying again may help without anybody doing anything at this box.
fn is_temporary(error: &LinkError) -> bool {
    !matches!(
        error,
        LinkError::Revoked(_) | LinkError::Expired(_) | LinkError::OwnKey(_) | LinkError::Address(_)
    )
}

/// The pause, between half and whole of it, so that a hundred agents do not come back at the same moment.
fn jittered(pause: Duration) -> Duration {
    let share = getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX));
    pause.mul_f64(0.5 + share / 2.0)
}

#[cfg(test)]
mod tests;
