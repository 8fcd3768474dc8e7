//! The form of a recording: hosts with what they answer, written as TOML.

use rundgang_inventory::Mac;
use rundgang_wire::snmp::{Oid, Value};
use serde::Deserialize;
use std::{collections::BTreeMap, net::IpAddr};

/// A recorded school.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// Its hosts.
    #[serde(default)]
    pub host: Vec<Host>,
    /// Frames that are heard while the link is listened to, as they are.
    #[serde(default)]
    pub frame: Vec<Bytes>,
    /// The agent's own addresses on the link; where none is listed it has one in every network.
    #[serde(default)]
    pub own: Vec<IpAddr>,
}

/// One recorded host.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Its address.
    pub ip: IpAddr,
    /// Its MAC address, as ARP or NDP would tell it; absent behind a router.
    pub mac: Option<Mac>,
    /// So many ARP questions for it get lost, as over a bad WLAN.
    #[serde(default)]
    pub unheard: usize,
    /// Whether it answers echo requests.
    #[serde(default)]
    pub echo: bool,
    /// Its SNMP community, where it answers SNMP.
    #[serde(default = "public")]
    pub community: String,
    /// Its SNMP variables by object identifier.
    #[serde(default)]
    pub snmp: BTreeMap<String, Variable>,
    /// Its TCP ports; every other one refuses.
    #[serde(default)]
    pub tcp: Vec<Tcp>,
    /// After so many connections and datagrams it answers nothing any more, as a device does that a probe has brought down.
    pub silent_after: Option<usize>,
    /// Its UDP ports; every other one refuses.
    #[serde(default)]
    pub udp: Vec<Udp>,
}

fn public() -> String {
    "public".to_owned()
}

/// One SNMP variable.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Variable {
    /// An octet string of text.
    Text(String),
    /// An octet string in hexadecimal digits.
    Hex(String),
    /// An integer.
    Integer(i64),
    /// An object identifier.
    Oid(String),
    /// An IPv4 address.
    Address(std::net::Ipv4Addr),
    /// A Counter32.
    Counter(u32),
    /// A Gauge32.
    Gauge(u32),
    /// TimeTicks.
    Ticks(u32),
}

impl Variable {
    /// The value on the wire; `None` for digits that are none.
    pub(super) fn value(&self) -> Option<Value> {
        Some(match self {
            Self::Text(text) => Value::Octets(text.clone().into_bytes()),
            Self::Hex(digits) => {
                Value::Octets(data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?)
            }
            Self::Integer(number) => Value::Integer(*number),
            Self::Oid(oid) => Value::Oid(oid.parse::<Oid>().ok()?),
            Self::Address(address) => Value::IpAddress(address.octets()),
            Self::Counter(number) => Value::Counter32(*number),
            Self::Gauge(number) => Value::Gauge32(*number),
            Self::Ticks(number) => Value::TimeTicks(*number),
        })
    }
}

/// One TCP port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tcp {
    /// The port.
    pub port: u16,
    /// What it says as soon as a connection stands.
    #[serde(default)]
    pub greeting: Bytes,
    /// What it answers.
    #[serde(default)]
    pub exchange: Vec<Exchange>,
    /// TLS, where it speaks it.
    pub tls: Option<Tls>,
}

/// One UDP port.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Udp {
    /// The port.
    pub port: u16,
    /// The multicast group or broadcast address whose questions it hears, where it hears any; it answers them from its own
    /// address.
    pub group: Option<IpAddr>,
    /// What it answers.
    pub exchange: Vec<Exchange>,
}

/// An answer to whatever begins in a certain way.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// How the question begins; empty for any.
    #[serde(default)]
    pub expect: Bytes,
    /// The answer. In text, `{Name}` stands for the value of the question's header field of that name.
    pub answer: Bytes,
    /// Octets to take over from the question: (from, to, how many), for identifiers in binary formats. Positions
    /// count from the end of the header where both have one.
    #[serde(default)]
    pub copy: Vec<(usize, usize, usize)>,
    /// Whether the connection is closed afterwards.
    #[serde(default)]
    pub close: bool,
}

/// What a TLS handshake shows.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// The chain, leaf first, each certificate as DER in base64.
    pub chain: Vec<String>,
    /// The version.
    #[serde(default)]
    pub version: String,
    /// The cipher suite.
    #[serde(default)]
    pub cipher: String,
}

/// Bytes as text, or as `{ hex = "..." }`, or as `{ base64 = "..." }`.
#[derive(Clone, Debug, Default)]
pub struct Bytes(pub Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Text(String),
            Hex { hex: String },
            Base64 { base64: String },
        }
        let wrong = serde::de::Error::custom;
        match Form::deserialize(deserializer)? {
            Form::Text(text) => Ok(Self(text.into_bytes())),
            Form::Hex { hex } => {
                let digits: String = hex.split_whitespace().collect();
                data_encoding::HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).map(Self).map_err(wrong)
            }
            Form::Base64 { base64 } => {
                let digits: String = base64.split_whitespace().collect();
                data_encoding::BASE64.decode(digits.as_bytes()).map(Self).map_err(wrong)
            }
        }
    }
}

impl Exchange {
    /// The answer to this question, where the exchange is about it.
    pub(super) fn answer(&self, question: &[u8]) -> Option<Vec<u8>> {
        if !question.starts_with(&self.expect.0) {
            return None;
        }
        let mut answer = fill(&self.answer.0, question);
        let (from_body, to_body) = (body(question), body(&answer));
        for &(from, to, length) in &self.copy {
            let source = question.get(from_body + from..from_body + from + length)?.to_vec();
            answer.get_mut(to_body + to..to_body + to + length)?.copy_from_slice(&source);
        }
        Some(answer)
    }
}

/// Where the body of an HTTP-like message begins; 0 where there is no header.
fn body(message: &[u8]) -> usize {
    message.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4)
}

fn fill(answer: &[u8], question: &[u8]) -> Vec<u8> {
    let (Ok(answer_text), Ok(question)) = (std::str::from_utf8(answer), std::str::from_utf8(question)) else {
        return answer.to_vec();
    };
    let mut out = answer_text.to_owned();
    for line in question.split("\r\n") {
        if let Some((name, value)) = line.split_once(':') {
            out = out.replace(&format!("{{{name}}}"), value.trim());
        }
    }
    out.into_bytes()
}
