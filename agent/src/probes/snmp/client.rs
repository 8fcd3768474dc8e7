//! One SNMP asker without a socket: credentials in order, one retry, SNMPv3 discovery, refusals told from silence.

use super::credential::{Credential, Login};
use crate::probe::{Input, Step};
use rundgang_wire::snmp::{
    Answer, AnswerKind, Community, Error, Request,
    usm::{Keys, User},
    v3::{self, Asking, Engine, Message, Refusal},
};
use std::collections::VecDeque;

/// Datagrams that answer nothing we asked; after this many we take the device for silent.
const MAX_STRAY: u8 = 8;
/// Reports that are met by asking again (discovery, time) within one request.
const MAX_RESYNC: u8 = 2;

/// What came of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nothing yet: do this and come back.
    Do(Step),
    /// The answer.
    Answered(Answer),
    /// No answer, also not to the retry.
    Silent,
    /// The port is closed.
    Refused,
    /// SNMPv3 is answered, but this credential is not taken.
    Rejected(&'static str),
}

/// What is waiting for an answer.
struct Pending {
    request: Request,
    request_id: i32,
    /// The datagram on its way, kept for the retry.
    datagram: Vec<u8>,
    discovering: bool,
    retried: bool,
    resyncs: u8,
    strays: u8,
}

/// An asker: one request at a time.
pub(super) struct Client {
    credentials: VecDeque<Credential>,
    engine: Option<Engine>,
    /// Keys of the current credential for the engine.
    keys: Keys,
    next_id: i32,
    salt: u64,
    pending: Option<Pending>,
}

impl Client {
    pub(super) fn new(credentials: Vec<Credential>, seed: u64) -> Self {
        // Request ids are positive 31-bit numbers; some devices mistreat the sign.
        let next_id = i32::try_from(seed >> 33).unwrap_or(1).max(1);
        Self {
            credentials: credentials.into(),
            engine: None,
            keys: Keys::default(),
            next_id,
            salt: seed,
            pending: None,
        }
    }

    /// The credential in use.
    pub(super) fn credential(&self) -> Option<&Credential> {
        self.credentials.front()
    }

    /// The engine, once SNMPv3 discovery was answered.
    pub(super) const fn engine(&self) -> Option<&Engine> {
        self.engine.as_ref()
    }

    /// Goes on to the next credential; where the device answered no discovery, past all SNMPv3 users. Where it did, it
    /// speaks SNMPv3 and took this user for a stranger: nothing that could be overheard follows (promise S7).
    pub(super) fn next_credential(&mut self) -> bool {
        let was_user = matches!(self.credential().map(|c| &c.login), Some(Login::User(_)));
        self.credentials.pop_front();
        if was_user && self.engine.is_none() {
            self.credentials.retain(|credential| !matches!(credential.login, Login::User(_)));
        } else if was_user {
            let is_protected = |credential: &Credential| matches!(&credential.login, Login::User(user) if user.authentication.is_some());
            self.credentials.retain(is_protected);
        }
        self.rekey();
        !self.credentials.is_empty()
    }

    /// The first datagram of a request.
    pub(super) fn ask(&mut self, request: Request) -> Turn {
        self.pending = Some(Pending {
            request,
            request_id: 0,
            datagram: Vec::new(),
            discovering: false,
            retried: false,
            resyncs: 0,
            strays: 0,
        });
        self.send()
    }

    /// Builds and sends the pending request, or the discovery it needs first.
    fn send(&mut self) -> Turn {
        let id = self.next_id;
        self.next_id = self.next_id.checked_add(1).unwrap_or(1);
        self.salt = self.salt.wrapping_add(1);
        let (Some(pending), Some(credential)) = (&mut self.pending, self.credentials.front()) else {
            return Turn::Silent;
        };
        pending.request_id = id;
        pending.discovering = false;
        pending.datagram = match (&credential.login, &self.engine) {
            (Login::Community { version, name }, _) => {
                Community { version: *version, name }.request(id, &pending.request)
            }
            (Login::User(_), None) => {
                pending.discovering = true;
                v3::discovery(id)
            }
            (Login::User(user), Some(engine)) => {
                let asking =
                    Asking { message_id: id, engine, user: &user.name, keys: &self.keys, salt: self.salt };
                match v3::request(&asking, id, &pending.request) {
                    Ok(datagram) => datagram,
                    Err(_) => return self.end(Turn::Rejected("its protocols do not fit")),
                }
            }
        };
        Turn::Do(Step::Send(pending.datagram.clone()))
    }

    /// Takes what happened and says what came of it.
    pub(super) fn take(&mut self, input: &Input<'_>) -> Turn {
        match input {
            Input::Received { bytes, .. } => self.received(bytes),
            Input::Silent => match &mut self.pending {
                Some(pending) if !pending.retried => {
                    pending.retried = true;
                    Turn::Do(Step::Send(pending.datagram.clone()))
                }
                _ => self.end(Turn::Silent),
            },
            Input::Connected => Turn::Do(Step::Receive),
            Input::Refused | Input::Closed | Input::Secured(_) | Input::NotSecured(_) => {
                self.end(Turn::Refused)
            }
        }
    }

    fn received(&mut self, bytes: &[u8]) -> Turn {
        let Some(Login::Community { version, name }) = self.credentials.front().map(|c| &c.login) else {
            return self.received_v3(bytes);
        };
        let id = self.pending.as_ref().map(|pending| pending.request_id);
        match Community::read_answer(bytes) {
            Ok((community, answer))
                if community.name == name.as_slice()
                    && community.version == *version
                    && answer.kind == AnswerKind::Response
                    && Some(answer.request_id) == id =>
            {
                self.end(Turn::Answered(answer))
            }
            _ => self.stray(),
        }
    }

    fn received_v3(&mut self, bytes: &[u8]) -> Turn {
        let Some(pending) = &self.pending else { return Turn::Silent };
        let (id, discovering) = (pending.request_id, pending.discovering);
        let message = match v3::read(bytes, &self.keys) {
            Ok(message) if message.message_id == id => message,
            // Encrypted or signed in a way that our keys do not open: said by the right device, but not to us.
            Err(Error::WrongDigest | Error::Undecryptable) if !discovering => {
                return self.end(Turn::Rejected("the device's answer does not fit the pass phrases"));
            }
            _ => return self.stray(),
        };
        match message.refusal {
            Some(refusal) => self.refused(refusal, message.engine),
            None if discovering || (self.keys != Keys::default() && !message.authenticated) => self.stray(),
            None => self.answered_v3(message),
        }
    }

    fn answered_v3(&mut self, message: Message) -> Turn {
        if let Some(engine) = &mut self.engine
            && message.engine.id == engine.id
        {
            engine.boots = message.engine.boots;
            engine.time = message.engine.time;
        }
        self.end(Turn::Answered(message.answer))
    }

    /// A report: discovery and wrong time are met by asking again, the rest says what is wrong with the credential.
    fn refused(&mut self, refusal: Refusal, engine: Engine) -> Turn {
        let discovering = self.pending.as_ref().is_some_and(|pending| pending.discovering);
        let again = discovering || matches!(refusal, Refusal::NotInTimeWindow | Refusal::UnknownEngine);
        if again && !engine.id.is_empty() {
            let Some(pending) = &mut self.pending else { return Turn::Silent };
            if pending.resyncs >= MAX_RESYNC {
                return self.end(Turn::Rejected("not in time window"));
            }
            pending.resyncs += 1;
            pending.retried = false;
            self.engine = Some(engine);
            self.rekey();
            return self.send();
        }
        self.end(Turn::Rejected(match refusal {
            Refusal::UnsupportedSecurityLevel => "unsupported security level",
            Refusal::NotInTimeWindow => "not in time window",
            Refusal::UnknownUserName => "unknown user name",
            Refusal::UnknownEngine => "unknown engine",
            Refusal::WrongDigest => "wrong digest",
            Refusal::Decryption => "decryption error",
            Refusal::Other => "refused for another reason",
        }))
    }

    /// Makes the current user's keys for the engine.
    fn rekey(&mut self) {
        self.keys = match (self.credentials.front().map(|c| &c.login), &self.engine) {
            (Some(Login::User(user)), Some(engine)) => User::keys(user, &engine.id),
            _ => Keys::default(),
        };
    }

    fn stray(&mut self) -> Turn {
        match &mut self.pending {
            Some(pending) if pending.strays < MAX_STRAY => {
                pending.strays += 1;
                Turn::Do(Step::Receive)
            }
            _ => self.end(Turn::Silent),
        }
    }

    fn end(&mut self, turn: Turn) -> Turn {
        self.pending = None;
        turn
    }
}
