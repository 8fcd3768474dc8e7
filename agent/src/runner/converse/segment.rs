//! Questions to a whole segment: by multicast or broadcast, with answers from any host of the scope.

use super::{Came, Carrier, Refusal, Runner, Talk, datagram};
use crate::{
    network::Datagrams,
    probe::{Harvest, Host, Input, Plan, Probe, Step, Transport},
    runner::Patience,
    scope::Segment,
};
use std::net::IpAddr;
use tokio::time::{Instant, timeout};

/// The moment between two datagrams of one round of questions.
const BETWEEN: std::time::Duration = std::time::Duration::from_millis(20);

impl Runner {
    /// Asks a whole segment one question by multicast or broadcast; what hosts outside the scope say is dropped unread.
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
        self.permit_segment(segment, probe.group)?;
        let pacer = self.pacer(segment);
        let host = Host { ip: own, mac: None, fields: rundgang_inventory::Fields::new(), kind: None };
        self.count(probe.name);
        let conversation = (probe.start)(&host, plan, &self.settings, self.fresh_seed());
        let mut talk = Talk::new(conversation, pacer, Patience::of(segment), None);
        talk.question = Some((self, segment));
        match plan.transport {
            Transport::Broadcast(port) => talk.run_broadcast(port).await,
            _ => talk.run_multicast().await,
        }
        if talk.unsent {
            self.miss(segment, probe.name);
        }
        Ok(Harvest(talk.harvest.0.into_iter().filter(|(ip, _)| self.segment_of(*ip).is_some()).collect()))
    }
}

impl Talk<'_> {
    async fn run_multicast(&mut self) {
        // The socket is bound at the first question, when the group is known.
        let budget = self.patience.conversation;
        let first = self.conversation.step(Input::Connected);
        let Step::Multicast { group, bytes } = first else {
            self.harvest = self.conversation.give_up();
            return;
        };
        let Some((runner, segment)) = self.question else { return };
        let Ok(socket) = runner.network.multicast(segment, group).await else {
            self.unsent = true;
            self.harvest = self.conversation.give_up();
            return;
        };
        let steps = self.steps_from(Step::Multicast { group, bytes }, Carrier::Multicast(socket));
        if timeout(budget, steps).await.is_err() {
            self.harvest = self.conversation.give_up();
        }
    }

    async fn run_broadcast(&mut self, port: u16) {
        let Some((runner, segment)) = self.question else { return };
        // Another program may hold the port, and not every segment has an address that reaches it all.
        let Ok((to, socket)) = runner.network.broadcast(segment, port).await else {
            self.unsent = true;
            return;
        };
        if let Some(long) = self.conversation.answers_within() {
            self.patience.multicast = long;
            self.patience.conversation = long;
        }
        self.run(Carrier::Broadcast(socket, to)).await;
    }

    /// The next datagram from a host of the scope; others are dropped before any parser sees them.
    pub(super) async fn announcement(&mut self, socket: &mut dyn Datagrams) -> Came {
        let more = self.conversation.has_more_to_send();
        let deadline = Instant::now() + if more { BETWEEN } else { self.patience.multicast };
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match datagram(socket, left).await {
                Came::Bytes(from, bytes) => {
                    let known =
                        self.question.is_some_and(|(runner, _)| runner.segment_of(from.ip()).is_some());
                    if known {
                        return Came::Bytes(from, bytes);
                    }
                }
                other => return other,
            }
        }
    }
}
