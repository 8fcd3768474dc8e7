//! What an agent is told beside acknowledgements: walk now, be silent, the register's MAC addresses. Each only
//! narrows what the box allows (promises S1, P1).

use super::{Conversation, End};
use crate::hearing::{blocking, hear};
use rundgang_inventory::{Mac, Timestamp, mail::MailFacts};
use rundgang_proto::v1::{self, ConfirmedDomains, RegisterMacs, Task, from_collector, task};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio::time::Instant;

/// How often the book is asked for new orders of an agent whose stream stands.
pub(super) const LOOK: Duration = Duration::from_secs(2);
/// How often its register is read again.
const READ_REGISTER: Duration = Duration::from_secs(60);
/// MAC addresses in one message; the largest school has a fraction of it.
const MAX_MACS: usize = 50_000;
/// Domains in one message.
const MAX_DOMAINS: usize = 10_000;

/// What this agent was told on this stream.
#[derive(Default)]
pub(crate) struct Told {
    /// Whether a segment of its scope accepts the register; else its list is emptied.
    pub(super) accepts_register: bool,
    /// Whether its scope file lets confirmed domains be added.
    pub(super) accepts_domains: bool,
    /// Whether it says that it sees domains as the internet does. It is told those of other schools only where the
    /// administration made it the eyes of all schools as well: anybody who holds a box can write a Hello.
    pub(super) says_public: bool,
    is_paused: Option<bool>,
    /// When somebody asked for the walk that it was told of.
    walk_asked_at: Option<Timestamp>,
    domains: Option<BTreeMap<String, MailFacts>>,
    macs: Option<BTreeSet<Mac>>,
    read_at: Option<Instant>,
}

impl Conversation {
    /// Tells the agent what was ordered since it was last told.
    pub(super) async fn tell(&mut self) -> Result<(), End> {
        let (traeger, id) = (self.traeger.clone(), self.agent.id);
        let (agent, orders) =
            blocking(move || Ok((traeger.agent(id)?, traeger.orders(id)?))).await.map_err(Some)?;
        // An agent can be revoked while its stream stands; then it is told nothing more.
        hear(&agent).map_err(Some)?;
        let sees_all = agent.public_view && self.told.says_public;
        let is_paused = orders.paused_at.is_some();
        if self.told.is_paused != Some(is_paused) {
            self.order(task::Task::Pause(is_paused)).await?;
            self.told.is_paused = Some(is_paused);
        }
        self.tell_register(sees_all).await?;
        if orders.walk_asked_at.is_some() && orders.walk_asked_at != self.told.walk_asked_at {
            self.order(task::Task::WalkNow(true)).await?;
            self.told.walk_asked_at = orders.walk_asked_at;
        }
        Ok(())
    }

    /// The agent knows that it is to walk: nobody needs to tell it again.
    pub(super) async fn walk_was_taken(&self) -> Result<(), End> {
        let Some(asked_at) = self.told.walk_asked_at else { return Ok(()) };
        let (traeger, id) = (self.traeger.clone(), self.agent.id);
        blocking(move || traeger.walk_was_taken(id, asked_at)).await.map_err(Some)
    }

    async fn tell_register(&mut self, sees_all: bool) -> Result<(), End> {
        let now = Instant::now();
        if self.told.read_at.is_some_and(|read| now.duration_since(read) < READ_REGISTER) {
            return Ok(());
        }
        self.told.read_at = Some(now);
        let (traeger, school) = (self.traeger.clone(), self.agent.school);
        let macs = if self.told.accepts_register {
            blocking(move || traeger.register_macs(school)).await.map_err(Some)?
        } else {
            BTreeSet::new()
        };
        if self.told.macs.as_ref() != Some(&macs) {
            let list = macs.iter().take(MAX_MACS).map(|mac| mac.0.to_vec()).collect();
            self.order(task::Task::RegisterMacs(RegisterMacs { macs: list })).await?;
            self.told.macs = Some(macs);
        }
        self.tell_domains(sees_all).await
    }

    /// Domains that people confirmed, with what they know of their mail: those of the agent's own school, or of all
    /// schools for the eyes of all. An agent whose scope file does not accept them is told none.
    async fn tell_domains(&mut self, sees_all: bool) -> Result<(), End> {
        let (traeger, school) = (self.traeger.clone(), self.agent.school);
        let whose = (!sees_all).then_some(school);
        let domains = if self.told.accepts_domains {
            blocking(move || traeger.domains_to_audit(whose)).await.map_err(Some)?
        } else {
            BTreeMap::new()
        };
        if self.told.domains.as_ref() != Some(&domains) {
            self.order(task::Task::ConfirmedDomains(message(&domains))).await?;
            self.told.domains = Some(domains);
        }
        Ok(())
    }

    async fn order(&self, task: task::Task) -> Result<(), End> {
        self.say(from_collector::Message::Task(Task { task: Some(task) })).await
    }
}

/// The domains as the contract has them.
fn message(domains: &BTreeMap<String, MailFacts>) -> ConfirmedDomains {
    let told = domains.iter().take(MAX_DOMAINS);
    let facts = told.clone().filter(|(_, known)| known.names_anything());
    ConfirmedDomains {
        names: told.map(|(name, _)| name.clone()).collect(),
        facts: facts
            .map(|(name, known)| v1::MailFacts {
                domain: name.clone(),
                selectors: known.selectors.clone(),
                senders: known.terms().map(str::to_owned).collect(),
            })
            .collect(),
    }
}
