//! One agent's stream: batches come up, go through the store, and only then an acknowledgement goes down.

mod orders;
mod share;

pub(crate) use orders::Told;
pub use share::Share;

use crate::{
    Clock,
    hearing::{blocking, hear},
    ingest::{self, Accepted},
};
use rundgang_inventory::Reference;
use rundgang_proto::{
    Message as _,
    v1::{
        Acknowledge, Batch, Confirmation, FromAgent, FromCollector, Hello, Segment, Unknown, from_agent,
        from_collector,
    },
};
use rundgang_store::{Agent, Traeger};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tonic::{Status, Streaming};

/// How long an agent may take until it says hello.
const HELLO_PATIENCE: Duration = Duration::from_secs(30);
/// Segments an agent may declare.
const MAX_SEGMENTS: usize = 1024;

const DISPLACED: &str = "this agent has begun another stream";
const STOPPED: &str = "the collector is being stopped";
const SENT_TOO_MUCH: &str =
    "this box has sent more today than any walk finds; the collector hears it again tomorrow";

/// The streams that stand: one for each agent, the newest wins; and what each agent may still send, on whichever stream.
#[derive(Default)]
pub struct Streams(Mutex<HashMap<i64, Stream>>);

/// What is kept of an agent's stream: what closes it, and what the agent may still send.
type Stream = (watch::Sender<()>, Arc<Mutex<Share>>);

impl Streams {
    /// Takes the place of an agent's stream; an older one learns of it through its own receiver, which closes. What the
    /// agent may still send goes on from the older one.
    #[must_use]
    pub fn take_over(&self, agent: i64, now: Instant) -> (watch::Receiver<()>, Arc<Mutex<Share>>) {
        let (sender, receiver) = watch::channel(());
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let share = match streams.get(&agent) {
            Some((_, share)) => share.clone(),
            None => Arc::new(Mutex::new(Share::full(now))),
        };
        streams.insert(agent, (sender, share.clone()));
        (receiver, share)
    }
}

/// The conversation with one agent.
pub struct Conversation {
    /// Its Träger's rows.
    pub traeger: Traeger,
    /// The agent, as its certificate says.
    pub agent: Agent,
    /// The clock.
    pub clock: Clock,
    /// Closes when the same agent has begun another stream.
    pub displaced: watch::Receiver<()>,
    /// What the agent may still send.
    pub share: Arc<Mutex<Share>>,
    /// Says when the collector ends.
    pub stop: watch::Receiver<bool>,
    /// Messages to the agent.
    pub down: mpsc::Sender<Result<FromCollector, Status>>,
    /// What it was told on this stream.
    pub(crate) told: Told,
}

/// Why a conversation ended; `None` where there is nothing to tell the agent.
pub(crate) type End = Option<Status>;

impl Conversation {
    /// Holds the conversation until either side ends it.
    pub async fn run(mut self, mut up: Streaming<FromAgent>) {
        let end = self.converse(&mut up).await;
        if let Err(Some(status)) = end {
            tracing::info!(agent = self.agent.id, status = status.message(), "a stream was ended");
            // The agent may be gone already; then there is nobody to tell.
            drop(self.down.send(Err(status)).await);
        }
    }

    async fn converse(&mut self, up: &mut Streaming<FromAgent>) -> Result<(), End> {
        let hello = tokio::select! {
            biased;
            // Before anything is read: of all streams of one agent, one at a time has a message in memory.
            _ = self.displaced.changed() => return Err(Some(Status::aborted(DISPLACED))),
            hello = tokio::time::timeout(HELLO_PATIENCE, up.message()) => hello,
        };
        let hello = hello.map_err(|_| Some(Status::deadline_exceeded("no hello came")))?;
        match hello.map_err(|_| None)?.and_then(|message| message.message) {
            Some(from_agent::Message::Hello(hello)) => self.greet(hello).await?,
            Some(from_agent::Message::Batch(_) | from_agent::Message::WalkTaken(_)) => {
                return Err(Some(Status::invalid_argument("a stream begins with a hello")));
            }
            None => return Err(None),
        }
        self.tell().await?;
        let mut look = tokio::time::interval(orders::LOOK);
        loop {
            let message = tokio::select! {
                biased;
                _ = self.displaced.changed() => return Err(Some(Status::aborted(DISPLACED))),
                _ = self.stop.wait_for(|stop| *stop) => {
                    return Err(Some(Status::unavailable(STOPPED)));
                }
                // Before messages, of which an agent that catches up always has one more: it hears a pause all the same.
                _ = look.tick() => None,
                message = up.message() => Some(message.map_err(|status| unreadable(&status))?),
            };
            let Some(message) = message else {
                self.tell().await?;
                continue;
            };
            match message.ok_or(None)?.message {
                Some(from_agent::Message::Batch(batch)) => {
                    let turn = self.turn(&batch)?;
                    // What waits is what was checked: of a refused batch nothing stays in memory.
                    let accepted = self.checked(batch)?;
                    self.wait(turn).await?;
                    self.take_in(accepted).await?;
                }
                Some(from_agent::Message::WalkTaken(_)) => self.walk_was_taken().await?,
                Some(from_agent::Message::Hello(_)) => {
                    return Err(Some(Status::invalid_argument("a second hello in one stream")));
                }
                None => return Err(Some(Status::invalid_argument("an empty message"))),
            }
        }
    }

    /// When a batch may be taken in, counted against what the agent may send.
    fn turn(&self, batch: &Batch) -> Result<Instant, End> {
        let mut share = self.share.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = share.take(batch.entries.len(), batch.encoded_len(), (self.clock)(), Instant::now());
        turn.ok_or_else(|| {
            tracing::error!(agent = self.agent.id, "this agent has sent more than a box may in one day");
            Some(Status::resource_exhausted(SENT_TOO_MUCH))
        })
    }

    /// A batch whose structure makes sense.
    fn checked(&self, batch: Batch) -> Result<Accepted, End> {
        let accepted = ingest::entries(batch).map_err(|refused| {
            tracing::error!(agent = self.agent.id, %refused, "a batch was refused");
            Some(Status::invalid_argument(format!("the batch was refused: {refused}")))
        })?;
        accepted.tell(self.agent.id);
        Ok(accepted)
    }

    /// Waits for the turn of a batch, unless this stream ends before.
    async fn wait(&mut self, turn: Instant) -> Result<(), End> {
        tokio::select! {
            biased;
            _ = self.displaced.changed() => Err(Some(Status::aborted(DISPLACED))),
            _ = self.stop.wait_for(|stop| *stop) => Err(Some(Status::unavailable(STOPPED))),
            () = tokio::time::sleep_until(turn) => Ok(()),
        }
    }

    /// Notes what the agent declared, and tells it what is committed already.
    async fn greet(&mut self, hello: Hello) -> Result<(), End> {
        if hello.segments.len() > MAX_SEGMENTS {
            return Err(Some(Status::invalid_argument("too many segments in the scope")));
        }
        if hello.last_sequence < self.agent.last_sequence {
            tracing::warn!(agent = self.agent.id, "the agent's spool is a new or a restored one");
        }
        self.told.accepts_domains = hello.accept_domains;
        self.told.says_public = hello.public_view;
        self.told.accepts_register = hello.segments.iter().any(|segment| segment.accept_register);
        let segments: Vec<_> = hello.segments.iter().map(declared).collect();
        let scope = serde_json::Value::from(segments).to_string();
        let version: String = hello.agent_version.chars().filter(|c| !c.is_control()).take(40).collect();
        let (traeger, id, now) = (self.traeger.clone(), self.agent.id, (self.clock)());
        let agent = blocking(move || {
            traeger.agent_contact(id, &version, &scope, now)?;
            traeger.agent(id)
        });
        let last = agent.await.map_err(Some)?.last_sequence;
        self.say(from_collector::Message::Acknowledge(Acknowledge { sequence: last })).await
    }

    /// One batch: committed, then acknowledged. References that are not known are asked for before the
    /// acknowledgement, so that the agent has them on disk when it forgets the batch.
    async fn take_in(&mut self, accepted: Accepted) -> Result<(), End> {
        let Accepted { sequence, entries, .. } = accepted;
        let (traeger, id, now) = (self.traeger.clone(), self.agent.id, (self.clock)());
        let school = self.agent.school;
        // An agent can be revoked while its stream stands.
        let agent = blocking({
            let traeger = traeger.clone();
            move || traeger.agent(id)
        });
        hear(&agent.await.map_err(Some)?).map_err(Some)?;
        let outcome = blocking(move || traeger.append_batch(school, id, sequence, &entries, now))
            .await
            .map_err(Some)?;
        if outcome.has_wrong_clock {
            tracing::warn!(agent = id, "{}", ingest::WRONG_CLOCK);
        }
        if !outcome.unknown_references.is_empty() {
            let references = outcome.unknown_references.iter().map(question).collect();
            self.say(from_collector::Message::Unknown(Unknown { references })).await?;
        }
        self.say(from_collector::Message::Acknowledge(Acknowledge { sequence })).await
    }

    pub(crate) async fn say(&self, message: from_collector::Message) -> Result<(), End> {
        self.down.send(Ok(FromCollector { message: Some(message) })).await.map_err(|_| None)
    }
}

/// Why a message could not be read: what the agent must hear lest it send the same again, else a broken link.
fn unreadable(status: &Status) -> End {
    (status.code() == tonic::Code::OutOfRange)
        .then(|| Status::invalid_argument(format!("the batch was refused: {}", status.message())))
}

fn question(reference: &Reference) -> Confirmation {
    Confirmation { sequence: reference.sequence, index: reference.index, at_ms: 0 }
}

/// A declared segment as JSON, each text cut to what a page can show.
fn declared(segment: &Segment) -> serde_json::Value {
    let cut = |text: &String| text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    serde_json::json!({
        "name": cut(&segment.name),
        "network": cut(&segment.network),
        "class": cut(&segment.class),
        "purpose": cut(&segment.purpose),
        "authorised_by": cut(&segment.authorised_by),
        "legal_basis": cut(&segment.legal_basis),
        "staff_council_date": cut(&segment.staff_council_date),
        "valid_until": cut(&segment.valid_until),
        "accept_register": segment.accept_register,
        "groups": segment.groups.iter().take(32).map(cut).collect::<Vec<_>>(),
    })
}
