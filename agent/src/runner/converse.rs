//! One conversation, driven: its steps become packets, what comes becomes its input, and its time is bounded.

mod segment;

use super::{Patience, Refusal, Runner};
use crate::{
    network::{Datagrams, Ended, Stream, Unreached},
    pace::{Begin, Ending, Pacer},
    probe::{Conversation, Harvest, Host, Input, Plan, Probe, Step, Transport},
    probes::planning::announces,
};
use segment::Question;
use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, timeout};

/// How a conversation went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// Something was received.
    Answered,
    /// A connection stood, but nothing came over it.
    Connected,
    /// Refused.
    Refused,
    /// Nothing at all.
    Silent,
}

/// What a conversation yielded and how it went.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) harvest: Harvest,
    pub(super) how: How,
    /// When the first question to it left.
    pub(super) asked: Option<Instant>,
    /// When the host was heard last.
    pub(super) heard: Option<Instant>,
}

/// No conversation takes more steps, whatever its peer does.
const MAX_STEPS: usize = 5000;
/// Nor more bytes from its peer.
const MAX_BYTES: usize = 4 << 20;
/// So many frames of ours a piece of a stream costs: acknowledgements, and the window announced again.
const PIECE_FRAMES: u32 = 4;
/// A full Ethernet frame carries about so many bytes of a stream.
const SEGMENT: usize = 1448;

enum Carrier {
    Tcp(Option<Box<dyn Stream>>),
    Udp(Box<dyn Datagrams>, SocketAddr),
    Multicast(Box<dyn Datagrams>),
    Broadcast(Box<dyn Datagrams>, SocketAddr),
}

enum Came {
    Bytes(SocketAddr, Vec<u8>),
    Closed,
    Refused,
    Silent,
}

impl Runner {
    /// Holds one conversation with one host.
    ///
    /// # Errors
    /// A refusal, before anything was sent.
    pub(super) async fn converse(
        &self,
        host: &Host,
        probe: &'static Probe,
        plan: &Plan,
    ) -> Result<Outcome, Refusal> {
        let (Transport::Tcp(port) | Transport::Udp(port)) = plan.transport else {
            return Ok(Outcome { harvest: Harvest::nothing(), how: How::Silent, asked: None, heard: None });
        };
        let to = SocketAddr::new(host.ip, port);
        let segment = self.permit(to, plan.transport, probe.group)?;
        let to = self.socket(segment, host.ip, port);
        let pacer = self.pacer(segment);
        let patience = Patience::of(segment);
        let conversation = (probe.start)(host, plan, &self.settings, self.fresh_seed());
        let mut talk = Talk::new(conversation, pacer.clone(), patience, Some(host.ip));
        talk.may_secure = port != super::IPP_PORT || announces(host, "_ipps._tcp");
        if matches!(plan.transport, Transport::Udp(_)) {
            if let Ok(socket) = self.network.datagrams(to).await {
                self.count(probe.name);
                talk.run(Carrier::Udp(socket, to)).await;
            }
        } else {
            let _place = pacer.place(host.ip).await;
            self.count(probe.name);
            let turn = pacer.begin(Some(host.ip), Begin::Connection).await;
            talk.asked = Some(Instant::now());
            match turn.send(self.network.connect(to, patience.connect)).await {
                Ok(stream) => {
                    talk.hear(How::Connected);
                    // The kernel's part: the handshake's acknowledgement now, FIN and its acknowledgement later.
                    drop(pacer.begin(Some(host.ip), Begin::Frames(3)).await);
                    talk.run(Carrier::Tcp(Some(stream))).await;
                }
                Err(Unreached::Refused) => talk.unreached(How::Refused),
                Err(Unreached::Silent) => talk.unreached(How::Silent),
            }
        }
        pacer.ended(host.ip, talk.ending());
        let only_itself = |(ip, _): &(IpAddr, _)| *ip == host.ip;
        Ok(Outcome {
            harvest: Harvest(talk.harvest.0.into_iter().filter(only_itself).collect()),
            how: talk.how,
            asked: talk.asked,
            heard: talk.heard,
        })
    }
}

/// A conversation with everything that bounds it.
struct Talk<'a> {
    conversation: Box<dyn Conversation>,
    pacer: Arc<Pacer>,
    patience: Patience,
    host: Option<IpAddr>,
    question: Option<Question<'a>>,
    harvest: Harvest,
    how: How,
    asked: Option<Instant>,
    heard: Option<Instant>,
    reset: bool,
    // TLS to the port of printing only where the printer itself announced it (promise S2).
    may_secure: bool,
    // A question to many did not leave as a whole, or more came back than is heard out.
    unfinished: bool,
    // Frames of ours already paid for with the pacer.
    paid: u32,
}

impl<'a> Talk<'a> {
    fn new(
        conversation: Box<dyn Conversation>,
        pacer: Arc<Pacer>,
        patience: Patience,
        host: Option<IpAddr>,
    ) -> Self {
        let harvest = Harvest::nothing();
        Self {
            conversation,
            pacer,
            patience,
            host,
            question: None,
            harvest,
            how: How::Silent,
            asked: None,
            heard: None,
            reset: false,
            may_secure: true,
            unfinished: false,
            paid: 0,
        }
    }

    /// Takes note of a sign of the host.
    fn hear(&mut self, how: How) {
        self.how = how;
        self.heard = Some(Instant::now());
    }

    const fn ending(&self) -> Ending {
        match self.how {
            _ if self.reset => Ending::Reset,
            How::Silent => Ending::Lost,
            How::Answered | How::Connected | How::Refused => Ending::Answered,
        }
    }

    /// Tells the conversation that its connection does not stand.
    fn unreached(&mut self, how: How) {
        if how == How::Refused {
            self.hear(how);
        }
        let input = if how == How::Refused { Input::Refused } else { Input::Silent };
        match self.conversation.step(input) {
            Step::Done(harvest) => self.harvest = harvest,
            // Without a connection there is nothing left to do.
            _ => self.harvest = self.conversation.give_up(),
        }
    }

    async fn run(&mut self, carrier: Carrier) {
        let budget = self.patience.conversation;
        if timeout(budget, self.steps(carrier)).await.is_err() {
            self.harvest = self.conversation.give_up();
        }
    }

    async fn steps(&mut self, carrier: Carrier) {
        let first = self.conversation.step(Input::Connected);
        self.steps_from(first, carrier).await;
    }

    async fn steps_from(&mut self, first: Step, mut carrier: Carrier) {
        let mut step = first;
        let mut received = 0;
        for _ in 0..MAX_STEPS {
            let came = match step {
                Step::Done(harvest) => {
                    self.harvest = harvest;
                    return;
                }
                Step::Send(bytes) => self.send(&mut carrier, None, &bytes).await,
                Step::Multicast { group, bytes } => self.send(&mut carrier, Some(group), &bytes).await,
                Step::Receive => None,
                Step::StartTls(name) => {
                    step = self.secure(&mut carrier, name).await;
                    continue;
                }
            };
            let came = match came {
                Some(came) => came,
                None => self.receive(&mut carrier).await,
            };
            step = match came {
                Came::Bytes(from, bytes) => {
                    self.hear(How::Answered);
                    received += bytes.len();
                    if received > MAX_BYTES {
                        break;
                    }
                    self.conversation.step(Input::Received { from, bytes: &bytes })
                }
                Came::Closed => self.conversation.step(Input::Closed),
                Came::Refused => {
                    self.reset = matches!(carrier, Carrier::Tcp(_));
                    if self.how == How::Silent {
                        self.hear(How::Refused);
                    }
                    self.conversation.step(Input::Refused)
                }
                Came::Silent => self.conversation.step(Input::Silent),
            };
        }
        // Of many, one alone may have said all that was heard.
        self.unfinished |= self.question.is_some();
        self.harvest = self.conversation.give_up();
    }

    /// Sends, and says what came of it where that is already known.
    async fn send(&mut self, carrier: &mut Carrier, group: Option<SocketAddr>, bytes: &[u8]) -> Option<Came> {
        let turn = self.pacer.begin(self.host, Begin::Datagram).await;
        self.asked.get_or_insert_with(Instant::now);
        match (carrier, group) {
            (Carrier::Tcp(Some(stream)), None) => {
                let more = u32::try_from(bytes.len() / SEGMENT).unwrap_or(u32::MAX);
                // The answer's first pieces are acknowledged before anybody reads them: paid for in advance.
                drop(turn);
                let turn = self.pacer.begin(self.host, Begin::Frames(more + PIECE_FRAMES)).await;
                self.paid = PIECE_FRAMES;
                match turn.send(timeout(self.patience.step, stream.send(bytes))).await {
                    Ok(Ok(())) => None,
                    Ok(Err(Ended::Closed)) => Some(Came::Closed),
                    Ok(Err(Ended::Refused)) => Some(Came::Refused),
                    Err(_) => Some(Came::Silent),
                }
            }
            (Carrier::Tcp(None), None) => Some(Came::Closed),
            (Carrier::Udp(socket, peer), None) => {
                turn.send(socket.send(*peer, bytes)).await.err().map(|_| Came::Refused)
            }
            (Carrier::Multicast(socket), Some(group)) => {
                let failed = turn.send(socket.send(group, bytes)).await.is_err();
                self.unfinished |= failed;
                failed.then_some(Came::Silent)
            }
            (Carrier::Broadcast(socket, to), None) => {
                let failed = turn.send(socket.send(*to, bytes)).await.is_err();
                self.unfinished |= failed;
                failed.then_some(Came::Silent)
            }
            // A unicast step on a multicast socket, or the reverse, is not sent: the plan promised otherwise.
            _ => Some(Came::Closed),
        }
    }

    async fn receive(&mut self, carrier: &mut Carrier) -> Came {
        match carrier {
            Carrier::Tcp(None) => Came::Closed,
            Carrier::Tcp(Some(stream)) => match timeout(self.patience.step, stream.receive()).await {
                Ok(Ok(bytes)) => {
                    // Reading makes room for as much again, which the kernel acknowledges when it comes.
                    if self.paid == 0 {
                        drop(self.pacer.begin(self.host, Begin::Frames(PIECE_FRAMES)).await);
                    }
                    self.paid = 0;
                    let from = SocketAddr::new(self.host.unwrap_or(IpAddr::from([0, 0, 0, 0])), 0);
                    Came::Bytes(from, bytes)
                }
                Ok(Err(Ended::Closed)) => Came::Closed,
                Ok(Err(Ended::Refused)) => Came::Refused,
                Err(_) => Came::Silent,
            },
            Carrier::Udp(socket, _) => datagram(socket.as_mut(), self.patience.step).await,
            Carrier::Multicast(socket) | Carrier::Broadcast(socket, _) => {
                self.announcement(socket.as_mut()).await
            }
        }
    }

    async fn secure(&mut self, carrier: &mut Carrier, name: Option<String>) -> Step {
        let Carrier::Tcp(slot) = carrier else {
            return self.conversation.step(Input::NotSecured("TLS needs a connection"));
        };
        if !self.may_secure {
            *slot = None;
            return self.conversation.step(Input::NotSecured("this printer announces no TLS"));
        }
        let Some(stream) = slot.take() else {
            return self.conversation.step(Input::NotSecured("the connection is gone"));
        };
        // A handshake takes two flights of ours with their acknowledgements.
        let turn = self.pacer.begin(self.host, Begin::Frames(6)).await;
        match turn.send(timeout(self.patience.step * 2, stream.secure(name))).await {
            Ok(Ok((stream, peer))) => {
                self.hear(How::Answered);
                *slot = Some(stream);
                self.conversation.step(Input::Secured(&peer))
            }
            Ok(Err(reason)) => self.conversation.step(Input::NotSecured(&reason)),
            Err(_) => self.conversation.step(Input::NotSecured("no answer within patience")),
        }
    }
}

async fn datagram(socket: &mut dyn Datagrams, patience: Duration) -> Came {
    match timeout(patience, socket.receive()).await {
        Ok(Ok((from, bytes))) => Came::Bytes(from, bytes),
        Ok(Err(_)) => Came::Refused,
        Err(_) => Came::Silent,
    }
}
