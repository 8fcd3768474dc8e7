//! For tests: plays a transcript against a conversation and insists on every byte that it sends.

use crate::probe::{Conversation, Harvest, Input, Step, TlsPeer};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The host that every transcript talks to.
pub(crate) const HOST: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

/// One line of a transcript.
#[derive(Debug)]
pub(crate) enum Line<'a> {
    /// The conversation sends exactly this.
    Sends(&'a [u8]),
    /// The conversation sends this to the group.
    Asks(&'a str, Vec<u8>),
    /// The conversation begins TLS without a name.
    StartsTls,
    /// These bytes come from the host.
    Hears(&'a [u8]),
    /// These bytes come from this host.
    HearsFrom(&'a str, Vec<u8>),
    /// TLS stands.
    Secured(TlsPeer),
    /// TLS failed.
    NotSecured(&'a str),
    /// The host closes.
    Closed,
    /// The host refuses.
    Refused,
    /// Nothing comes.
    Silent,
}

/// Plays the lines, which must lead to the end of the conversation, and returns what it yields.
pub(crate) fn play(conversation: &mut dyn Conversation, lines: &[Line<'_>]) -> Harvest {
    // What the conversation wants, until a line has accounted for it.
    let mut wants = Some(conversation.step(Input::Connected));
    for line in lines {
        if wants == Some(Step::Receive) {
            wants = None;
        }
        match line {
            Line::Sends(bytes) => match wants.take() {
                Some(Step::Send(sent)) => {
                    assert_eq!(String::from_utf8_lossy(&sent), String::from_utf8_lossy(bytes));
                    assert_eq!(sent, *bytes);
                }
                other => panic!("at {line:?} it wants {other:?}"),
            },
            Line::Asks(group, bytes) => {
                let expected = Step::Multicast { group: group.parse().unwrap(), bytes: bytes.clone() };
                assert_eq!(wants.take(), Some(expected), "at {line:?}");
            }
            Line::StartsTls => assert_eq!(wants.take(), Some(Step::StartTls(None))),
            input => {
                assert!(wants.is_none(), "at {line:?} it wants {wants:?}");
                wants = Some(give(conversation, input));
            }
        }
    }
    match wants {
        Some(Step::Done(harvest)) => harvest,
        other => panic!("the transcript is over, but it wants {other:?}"),
    }
}

fn give(conversation: &mut dyn Conversation, line: &Line<'_>) -> Step {
    let from = SocketAddr::new(HOST, 9);
    match line {
        Line::Hears(bytes) => conversation.step(Input::Received { from, bytes }),
        Line::HearsFrom(host, bytes) => {
            conversation.step(Input::Received { from: SocketAddr::new(host.parse().unwrap(), 9), bytes })
        }
        Line::Secured(peer) => conversation.step(Input::Secured(peer)),
        Line::NotSecured(reason) => conversation.step(Input::NotSecured(reason)),
        Line::Closed => conversation.step(Input::Closed),
        Line::Refused => conversation.step(Input::Refused),
        Line::Silent => conversation.step(Input::Silent),
        Line::Sends(_) | Line::Asks(..) | Line::StartsTls => unreachable!("not an input"),
    }
}

/// The fields of the one host that a unicast conversation yields; no fields where it yields nothing.
pub(crate) fn fields(harvest: Harvest) -> rundgang_inventory::Fields {
    assert!(harvest.0.iter().all(|(host, _)| *host == HOST));
    harvest.0.into_iter().next().map(|(_, fields)| fields).unwrap_or_default()
}

/// All fields as text lines, `name: value`, for comparing with what a test expects.
pub(crate) fn lines(fields: &rundgang_inventory::Fields) -> Vec<String> {
    fields.iter().map(|(name, value)| format!("{name}: {}", show(value))).collect()
}

fn show(value: &rundgang_inventory::Value) -> String {
    use rundgang_inventory::Value;
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) | Value::Time(number) => number.to_string(),
        Value::Bytes(bytes) => format!("{bytes:02x?}"),
        Value::List(items) => format!("[{}]", items.join(" | ")),
        Value::Table(rows) => {
            let row = |row: &rundgang_inventory::Row| {
                row.iter().map(|(key, value)| format!("{key}={}", show(value))).collect::<Vec<_>>().join(", ")
            };
            format!("[{}]", rows.iter().map(row).collect::<Vec<_>>().join(" | "))
        }
    }
}
