//! One web request and its answer, over TLS or not: the part that all web probes share.

use crate::probe::{Conversation, Harvest, Input, Step, TlsPeer};
use rundgang_wire::http::{MAX_RESPONSE, Progress, Response, response};

/// A request on its way. Exactly these bytes are sent, once; nothing is sent in reaction to the answer.
pub(crate) struct Exchange {
    secure: bool,
    request: Vec<u8>,
    stream: Vec<u8>,
    /// What the TLS handshake told.
    pub(crate) peer: Option<TlsPeer>,
    /// Why the TLS handshake failed.
    pub(crate) failure: Option<String>,
    /// The answer, whole or as far as it came.
    pub(crate) response: Option<Response>,
}

impl Exchange {
    /// Prepares a request.
    pub(crate) const fn new(secure: bool, request: Vec<u8>) -> Self {
        Self { secure, request, stream: Vec::new(), peer: None, failure: None, response: None }
    }

    /// Takes what happened; `None` when the exchange is over.
    pub(crate) fn step(&mut self, input: &Input<'_>) -> Option<Step> {
        match input {
            Input::Connected if self.secure => Some(Step::StartTls(None)),
            Input::Connected => Some(Step::Send(std::mem::take(&mut self.request))),
            Input::Secured(peer) => {
                self.peer = Some((*peer).clone());
                Some(Step::Send(std::mem::take(&mut self.request)))
            }
            Input::NotSecured(reason) => {
                self.failure = Some((*reason).to_owned());
                None
            }
            Input::Received { bytes, .. } => self.receive(bytes),
            Input::Closed | Input::Refused | Input::Silent => {
                self.conclude();
                None
            }
        }
    }

    fn receive(&mut self, bytes: &[u8]) -> Option<Step> {
        let room = MAX_RESPONSE.saturating_sub(self.stream.len());
        self.stream.extend_from_slice(&bytes[..bytes.len().min(room)]);
        match response(&self.stream, false) {
            Progress::Incomplete(_) => return Some(Step::Receive),
            Progress::Complete(response) => self.response = Some(response),
            Progress::Malformed => {}
        }
        None
    }

    /// Makes do with what has come.
    pub(crate) fn conclude(&mut self) {
        if self.response.is_none()
            && let Progress::Complete(response) = response(&self.stream, true)
        {
            self.response = Some(response);
        }
    }
}

/// The conversation that is one exchange and no more. `harvest` reads what the exchange told, also where it was given up
/// half-way; without an exchange, because no request could be written, nothing is sent and nothing learned.
pub(crate) fn asked(
    exchange: Option<Exchange>,
    harvest: impl FnMut(&Exchange) -> Harvest + Send + 'static,
) -> Box<dyn Conversation> {
    Box::new(Asked { exchange, harvest })
}

struct Asked<F> {
    exchange: Option<Exchange>,
    harvest: F,
}

impl<F: FnMut(&Exchange) -> Harvest + Send> Asked<F> {
    fn harvest(&mut self) -> Harvest {
        self.exchange.as_ref().map_or_else(Harvest::nothing, &mut self.harvest)
    }
}

impl<F: FnMut(&Exchange) -> Harvest + Send> Conversation for Asked<F> {
    fn step(&mut self, input: Input<'_>) -> Step {
        match self.exchange.as_mut().and_then(|exchange| exchange.step(&input)) {
            Some(step) => step,
            None => Step::Done(self.harvest()),
        }
    }

    fn give_up(&mut self) -> Harvest {
        if let Some(exchange) = &mut self.exchange {
            exchange.conclude();
        }
        self.harvest()
    }
}
