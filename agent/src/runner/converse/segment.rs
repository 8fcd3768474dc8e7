//! Questions to many at once: to a whole segment by multicast, to a whole link by broadcast, with answers from any host there.

use super::{Came, Carrier, Refusal, Runner, Talk, datagram};
use crate::{
    network::{Datagrams, WholeLink},
    probe::{Harvest, Host, Input, Plan, Probe, Step, Transport},
    runner::Patience,
    scope::Segment,
};
use std::net::{IpAddr, SocketAddr};
use tokio::time::{Instant, timeout};

/// The moment between two datagrams of one round of questions.
const BETWEEN: std::time::Duration = std::time::Duration::from_millis(20);

/// Who was asked, and so whose answers count.
#[derive(Clone, Copy)]
pub(super) struct Question<'a> {
    runner: &'a Runner,
    segment: &'a Segment,
    probe: &'static Probe,
    // Set where one link alone was asked.
    link: Option<&'a WholeLink>,
}

impl Question<'_> {
    /// Whether an answer from there can be one: from the scope, and from the link where only one was asked. Others can send
    /// datagrams here, too.
    fn is_answered_by(&self, ip: IpAddr) -> bool {
        let of = self.runner.segment_of(ip);
        match self.link {
            None => of.is_some(),
            Some(link) => link.network.is_target(ip) && of.is_some_and(|of| of.name == self.segment.name),
        }
    }
}

impl Runner {
    /// Asks a whole segment one question by multicast; what hosts outside the scope say is dropped unread.
    ///
    /// # Errors
    /// A refusal, before anything was sent.
    pub(crate) async fn ask_segment(
        &self,
        segment: &Segment,
        probe: &'static Probe,
        plan: &Plan,
        own: IpAddr,
    ) -> Result<Harvest, Refusal> {
        self.ask_many(Question { runner: self, segment, probe, link: None }, plan, own).await
    }

    /// Asks one link one question by broadcast; what anybody else says than hosts of the segment on that link is dropped
    /// unread.
    ///
    /// # Errors
    /// A refusal, before anything was sent.
    pub(crate) async fn search_link(
        &self,
        segment: &Segment,
        probe: &'static Probe,
        plan: &Plan,
        link: &WholeLink,
    ) -> Result<Harvest, Refusal> {
        let question = Question { runner: self, segment, probe, link: Some(link) };
        self.ask_many(question, plan, link.own.into()).await
    }

    async fn ask_many(&self, question: Question<'_>, plan: &Plan, own: IpAddr) -> Result<Harvest, Refusal> {
        let Question { segment, probe, .. } = question;
        self.permit_segment(segment, probe.group).inspect_err(|_| self.miss(segment, probe.name))?;
        let pacer = self.pacer(segment);
        let host = Host { ip: own, mac: None, fields: rundgang_inventory::Fields::new(), kind: None };
        let conversation = (probe.start)(&host, plan, &self.settings, self.fresh_seed());
        let mut talk = Talk::new(conversation, pacer, Patience::of(segment), None);
        talk.question = Some(question);
        match (plan.transport, question.link) {
            (Transport::Broadcast(port), Some(link)) => talk.run_broadcast(link, port).await,
            _ => talk.run_multicast().await,
        }
        if talk.unfinished || talk.asked.is_none() {
            self.miss(segment, probe.name);
        }
        let mut harvest = talk.harvest;
        harvest.0.retain(|(ip, _)| question.is_answered_by(*ip));
        Ok(harvest)
    }
}

impl Talk<'_> {
    async fn run_multicast(&mut self) {
        // The socket is bound at the first question, when the group is known.
        let first = self.conversation.step(Input::Connected);
        let Step::Multicast { group, bytes } = first else {
            self.harvest = self.conversation.give_up();
            return;
        };
        let Some(Question { runner, segment, .. }) = self.question else { return };
        let Ok(socket) = runner.network.multicast(segment, group).await else {
            self.harvest = self.conversation.give_up();
            return;
        };
        self.ask_and_hear(Some(group), &bytes, Carrier::Multicast(socket)).await;
    }

    /// Asks the first question and hears the answers. The time for them begins when it was asked: in a busy walk the pacer lets
    /// it wait longer than that.
    async fn ask_and_hear(&mut self, group: Option<SocketAddr>, bytes: &[u8], mut carrier: Carrier) {
        if let Some(Question { runner, probe, .. }) = self.question {
            runner.count(probe.name);
        }
        let next = match self.send(&mut carrier, group, bytes).await {
            None => Step::Receive,
            Some(_) => self.conversation.step(Input::Silent),
        };
        if timeout(self.patience.conversation, self.steps_from(next, carrier)).await.is_err() {
            self.unfinished |= self.conversation.has_more_to_send();
            self.harvest = self.conversation.give_up();
        }
    }

    async fn run_broadcast(&mut self, link: &WholeLink, port: u16) {
        let Some(Question { runner, segment, .. }) = self.question else { return };
        let socket = match runner.network.broadcast(link, port).await {
            Ok(socket) => socket,
            Err(error) => {
                let (segment, link) = (&segment.name, link.network.to_string());
                tracing::warn!(segment, link, port, "not searched, no socket can be had: {error}");
                return;
            }
        };
        let Step::Send(bytes) = self.conversation.step(Input::Connected) else {
            self.harvest = self.conversation.give_up();
            return;
        };
        if let Some(long) = self.conversation.answers_within() {
            self.patience.multicast = long;
            self.patience.conversation = long;
        }
        self.ask_and_hear(None, &bytes, Carrier::Broadcast(socket, link.everybody(port))).await;
    }

    /// The next datagram from a host that was asked; others are dropped before any parser sees them.
    pub(super) async fn announcement(&mut self, socket: &mut dyn Datagrams) -> Came {
        let more = self.conversation.has_more_to_send();
        let deadline = Instant::now() + if more { BETWEEN } else { self.patience.multicast };
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match datagram(socket, left).await {
                Came::Bytes(from, bytes) => {
                    if self.question.is_some_and(|question| question.is_answered_by(from.ip())) {
                        return Came::Bytes(from, bytes);
                    }
                }
                other => return other,
            }
        }
    }
}
