//! SIP: one OPTIONS datagram; telephones and telephone systems answer with product and version.

use super::evidence::{set_list, set_text};
use super::planning::is_kind;
use crate::probe::{Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step};
use rundgang_inventory::vocabulary::{SIP_ALLOW, SIP_SERVER, SIP_STATUS, SIP_USER_AGENT};
use rundgang_inventory::{Fields, Kind, Value};
use rundgang_wire::sip::{answer, options};
use std::net::IpAddr;

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "sip",
    sends: "One SIP OPTIONS datagram to port 5060 of hosts not yet known, telephones and routers; never INVITE or \
            REGISTER.",
    group: Group::Telephony,
    stage: Stage::Gentle,
    plan,
    start,
};

fn plan(host: &Host, _: &Settings) -> Vec<Plan> {
    let likely = host.kind.is_none() || is_kind(host, &[Kind::Telephony, Kind::Router]);
    if likely { vec![Plan::udp(5060)] } else { Vec::new() }
}

fn start(host: &Host, _: &Plan, _: &Settings, seed: u64) -> Box<dyn Conversation> {
    Box::new(Question { host: host.ip, seed })
}

struct Question {
    host: IpAddr,
    seed: u64,
}

impl Conversation for Question {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected => Step::Send(options(self.host, self.seed)),
            Input::Received { bytes, .. } => match told(bytes) {
                Some(fields) => Step::Done(Harvest::of(self.host, fields)),
                // Provisional answers, or something else altogether.
                None => Step::Receive,
            },
            _ => Step::Done(Harvest::nothing()),
        }
    }

    fn give_up(&mut self) -> Harvest {
        Harvest::nothing()
    }
}

fn told(datagram: &[u8]) -> Option<Fields> {
    let answer = answer(datagram).filter(|answer| answer.status >= 200)?;
    let mut fields = Fields::new();
    fields.set(&SIP_STATUS, Value::Int(answer.status.into()));
    set_text(&mut fields, &SIP_USER_AGENT, answer.header("user-agent"));
    set_text(&mut fields, &SIP_SERVER, answer.header("server"));
    let methods = answer.header("allow").unwrap_or_default().split(',').map(str::trim);
    set_list(&mut fields, &SIP_ALLOW, methods);
    Some(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::host;
    use crate::probes::transcript::{HOST, Line, fields, lines, play};

    #[test]
    fn one_datagram() {
        let phone = host(Some(Kind::Telephony), Fields::new());
        assert_eq!(plan(&phone, &Settings::default()), [Plan::udp(5060)]);
        assert!(plan(&host(Some(Kind::Printer), Fields::new()), &Settings::default()).is_empty());
        let ask = |transcript: &[Line<'_>]| {
            let mut conversation = start(&phone, &Plan::udp(5060), &Settings::default(), 7);
            lines(&fields(play(conversation.as_mut(), transcript)))
        };
        let request = options(HOST, 7);
        let got = ask(&[
            Line::Sends(&request),
            Line::Hears(b"SIP/2.0 100 Trying\r\n\r\n"),
            Line::Hears(b"SIP/2.0 200 OK\r\nUser-Agent: Example T1 1.2\r\nAllow: INVITE, OPTIONS\r\n\r\n"),
        ]);
        assert_eq!(
            got,
            ["sip.allow: [INVITE | OPTIONS]", "sip.status: 200", "sip.user_agent: Example T1 1.2"]
        );
        assert!(ask(&[Line::Sends(&request), Line::Silent]).is_empty());
        assert!(ask(&[Line::Sends(&request), Line::Refused]).is_empty());
    }
}
