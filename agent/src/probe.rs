//! What a probe is: a conversation without a socket, planned from what is already known of a host.
//!
//! A probe never sees a socket, a clock or a random source. It says what it would like to send; the runner, which
//! alone checks scope, pace and patience, sends it and hands back what came. So the test of a probe is a transcript
//! that shows every byte we would ever send into a school.

use crate::left_alone::LeftAlone;
use rundgang_inventory::{Fields, Kind, Mac, MacProvenance};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// What the runner hands to a conversation.
#[derive(Debug)]
pub enum Input<'a> {
    /// The conversation may begin: the TCP connection stands, or the UDP socket is bound.
    Connected,
    /// Bytes came in: a piece of a TCP stream, or one whole datagram.
    Received {
        /// Who sent them.
        from: SocketAddr,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// TLS stands after [`Step::StartTls`].
    Secured(&'a TlsPeer),
    /// TLS could not be set up; the reason is a short English phrase. The connection is gone.
    NotSecured(&'a str),
    /// The peer closed the stream.
    Closed,
    /// The connection was refused, or an ICMP error said so.
    Refused,
    /// Nothing came within the runner's patience for one step.
    Silent,
}

/// What a TLS handshake told about the peer. Nothing is verified: it is recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TlsPeer {
    /// The certificate chain as sent, DER, leaf first.
    pub chain: Vec<Vec<u8>>,
    /// The protocol version agreed on, such as `TLSv1.3`.
    pub version: String,
    /// The cipher suite agreed on, by its IANA name.
    pub cipher: String,
}

/// What a conversation wants next.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// Send these bytes (one datagram over UDP), then hand in what comes.
    Send(Vec<u8>),
    /// Send one datagram to a multicast group of the segment, then hand in what comes from anyone.
    Multicast {
        /// The group and port.
        group: SocketAddr,
        /// The datagram.
        bytes: Vec<u8>,
    },
    /// Wait for more.
    Receive,
    /// Begin TLS on the standing connection, with this name as SNI where one is known.
    StartTls(Option<String>),
    /// The conversation is over; this is what it yields.
    Done(Harvest),
}

/// What a conversation yields: fields by host. Unicast conversations speak of their target only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Harvest(pub Vec<(IpAddr, Fields)>);

impl Harvest {
    /// Nothing learned.
    #[must_use]
    pub const fn nothing() -> Self {
        Self(Vec::new())
    }

    /// Fields of one host; nothing where there are none.
    #[must_use]
    pub fn of(host: IpAddr, fields: Fields) -> Self {
        if fields.is_empty() { Self::nothing() } else { Self(vec![(host, fields)]) }
    }
}

/// A conversation in progress: a state machine, driven by the runner.
pub trait Conversation: Send {
    /// Takes what happened and says what to do next. Called with [`Input::Connected`] first; after
    /// [`Step::Done`] it is not called again. It must end by itself: after [`Input::Silent`],
    /// [`Input::Closed`] or [`Input::Refused`] it may send again only within its own small bound.
    fn step(&mut self, input: Input<'_>) -> Step;

    /// Whether the next step is one more datagram whatever comes in meanwhile: the runner then waits a moment only.
    fn has_more_to_send(&self) -> bool {
        false
    }

    /// How long the protocol lets devices take to answer a question to a segment, where that is longer than the runner
    /// would wait.
    fn answers_within(&self) -> Option<Duration> {
        None
    }

    /// What has been learned so far: the runner takes it when the probe's whole budget is used up (a device that
    /// answers one byte a second, or in a loop).
    fn give_up(&mut self) -> Harvest;
}

/// How a conversation reaches its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// A TCP connection to this port.
    Tcp(u16),
    /// Datagrams to this port of the host; only answers from that host are handed in.
    Udp(u16),
    /// Multicast on a segment, from an ephemeral port; answers are handed in from any host of the scope.
    Multicast,
    /// Datagrams from and to this port, to the broadcast address of a segment that is listed as a whole and lies on our
    /// link; answers are handed in from any host of the scope. [`Step::Send`] sends there.
    Broadcast(u16),
}

impl Transport {
    /// Whether it asks a whole segment and not one host.
    #[must_use]
    pub const fn asks_segment(self) -> bool {
        matches!(self, Self::Multicast | Self::Broadcast(_))
    }
}

/// One conversation that a probe would like to hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Plan {
    /// How to reach the target.
    pub transport: Transport,
    /// What the probe needs to know besides: a path, a service name, a credential's label. Never a secret.
    pub argument: String,
}

impl Plan {
    /// A TCP conversation without argument.
    #[must_use]
    pub const fn tcp(port: u16) -> Self {
        Self { transport: Transport::Tcp(port), argument: String::new() }
    }

    /// A UDP conversation without argument.
    #[must_use]
    pub const fn udp(port: u16) -> Self {
        Self { transport: Transport::Udp(port), argument: String::new() }
    }

    /// The same with an argument.
    #[must_use]
    pub fn with(mut self, argument: impl Into<String>) -> Self {
        self.argument = argument.into();
        self
    }
}

/// What is known of a host when a probe plans: everything earlier probes of this walk yielded.
#[derive(Clone, Debug)]
pub struct Host {
    /// Its address.
    pub ip: IpAddr,
    /// Its MAC address with provenance, where known.
    pub mac: Option<(Mac, MacProvenance)>,
    /// Merged evidence of this walk.
    pub fields: Fields,
    /// What it is, as far as recognition can tell by now.
    pub kind: Option<Kind>,
}

/// Settings a probe may need: credentials stay inside the runner's process and go only to the addresses they are
/// bound to (promise S7).
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// SNMP credentials in the order to try them (SNMPv3 first).
    pub snmp: Vec<SnmpCredential>,
    /// Whether the one-Get check for the community `public` was agreed to (promise S3).
    pub check_public_community: bool,
    /// MAC addresses of the register: kept in networks whose scope line accepts it (promise P1).
    pub registered: std::collections::BTreeSet<Mac>,
    /// Devices that fell silent after a probe, remembered across walks (promise S5).
    pub left_alone: std::sync::Arc<LeftAlone>,
}

/// One SNMP credential and where it may go.
#[derive(Clone)]
pub struct SnmpCredential {
    /// The label that plans and logs name it by.
    pub label: String,
    /// The networks it is bound to; empty means the whole scope.
    pub networks: Vec<(IpAddr, u8)>,
    /// The secret part.
    pub secret: SnmpSecret,
}

/// The secret part of an SNMP credential.
#[derive(Clone)]
pub enum SnmpSecret {
    /// SNMPv1 community.
    V1(String),
    /// SNMPv2c community.
    V2c(String),
    /// SNMPv3 user (RFC 3414); the probe's module defines the protocols' names.
    V3 {
        /// User name.
        user: String,
        /// Authentication protocol and pass phrase, if any: `sha1`, `sha256`, `sha384`, `sha512`, `md5`.
        auth: Option<(String, String)>,
        /// Privacy protocol and pass phrase, if any: `aes128`, `aes192`, `aes256`.
        privacy: Option<(String, String)>,
    },
}

impl std::fmt::Debug for SnmpCredential {
    /// Shows the label, never the secret (promise S7).
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SnmpCredential").field("label", &self.label).finish_non_exhaustive()
    }
}

/// When a probe has its turn (promise S5: announcements, then SNMP, then TCP).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Multicast questions to the segment.
    Announcements,
    /// The single datagrams that even gentle kinds get: SNMP, SIP OPTIONS.
    Gentle,
    /// Everything over TCP, and UDP that only normal kinds get.
    Connections,
    /// Follow-ups that earlier connections made known (a description's address, a page's path).
    FollowUps,
}

/// The groups that a scope file allows or forbids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// mDNS, SSDP, WS-Discovery.
    Announcements,
    /// SNMP.
    Snmp,
    /// HTTP heads and descriptions, TLS certificates.
    Web,
    /// SSH, FTP and telnet greetings.
    Greetings,
    /// IPP Get-Printer-Attributes.
    Printing,
    /// PJLink.
    Projection,
    /// SIP OPTIONS.
    Telephony,
    /// SMTP and IMAP greetings.
    Mail,
}

impl Group {
    /// Every group, in the order shown.
    pub const ALL: &'static [Self] = &[
        Self::Announcements,
        Self::Snmp,
        Self::Web,
        Self::Greetings,
        Self::Printing,
        Self::Projection,
        Self::Telephony,
        Self::Mail,
    ];

    /// The name in scope files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Announcements => "announcements",
            Self::Snmp => "snmp",
            Self::Web => "web",
            Self::Greetings => "greetings",
            Self::Printing => "printing",
            Self::Projection => "projection",
            Self::Telephony => "telephony",
            Self::Mail => "mail",
        }
    }
}

/// A registered probe. What its conversations with one host yield in one walk is one observation, put together by
/// [`Fields::merge`].
pub struct Probe {
    /// Its name in outputs, logs and `probe NAME TARGET`.
    pub name: &'static str,
    /// One sentence for `explain`: what is sent, and that nothing else is.
    pub sends: &'static str,
    /// The scope group that allows it.
    pub group: Group,
    /// When it has its turn.
    pub stage: Stage,
    /// The conversations it wants with this host, given what is known. For [`Transport::Multicast`] probes the
    /// host is the segment itself: it is asked once with the agent's own address and empty fields.
    pub plan: fn(&Host, &Settings) -> Vec<Plan>,
    /// Begins a conversation. `seed` is fresh randomness for identifiers the protocol needs.
    pub start: fn(&Host, &Plan, &Settings, seed: u64) -> Box<dyn Conversation>,
}
