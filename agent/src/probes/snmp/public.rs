//! The probe `snmp-public`: one Get that finds out whether the community `public` is answered.

use super::{PORT, tables};
use crate::probe::{Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step};
use rundgang_inventory::{Fields, Value, vocabulary as v};
use rundgang_wire::snmp::{Community, Oid, Request, Version};
use std::net::IpAddr;

/// The probe.
pub(crate) static SNMP_PUBLIC: Probe = Probe {
    name: "snmp-public",
    sends: "to UDP port 161, only where the school agreed: one SNMP Get of sysObjectID with the community public.",
    group: Group::Snmp,
    stage: Stage::Gentle,
    plan,
    start,
};

fn plan(_: &Host, settings: &Settings) -> Vec<Plan> {
    if settings.check_public_community { vec![Plan::udp(PORT)] } else { Vec::new() }
}

fn start(host: &Host, _: &Plan, _: &Settings, seed: u64) -> Box<dyn Conversation> {
    Box::new(Public { host: host.ip, request_id: i32::try_from(seed >> 33).unwrap_or(1), strays: 0 })
}

const PUBLIC: Community<'static> = Community { version: Version::V2c, name: b"public" };
/// Datagrams that answer something else, before the device counts as silent.
const MAX_STRAY: u8 = 4;

struct Public {
    host: IpAddr,
    request_id: i32,
    strays: u8,
}

impl Conversation for Public {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected => {
                let request = Request::Get(vec![Oid::new(tables::SYS_OBJECT_ID)]);
                Step::Send(PUBLIC.request(self.request_id, &request))
            }
            // Any answer counts, even one that says the object may not be read: the community was accepted.
            Input::Received { bytes, .. } => match Community::read_answer(bytes) {
                Ok((_, answer)) if answer.request_id == self.request_id => self.done(1),
                _ if self.strays < MAX_STRAY => {
                    self.strays += 1;
                    Step::Receive
                }
                _ => self.done(0),
            },
            _ => self.done(0),
        }
    }

    fn give_up(&mut self) -> Harvest {
        Harvest::nothing()
    }
}

impl Public {
    fn done(&self, answers: i64) -> Step {
        Step::Done(Harvest::of(self.host, Fields::new().with(&v::SNMP_PUBLIC_ANSWERS, Value::Int(answers))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_get_and_no_more() {
        let host = Host { ip: "127.0.0.1".parse().unwrap(), mac: None, fields: Fields::new(), kind: None };
        let mut settings = Settings::default();
        assert_eq!(plan(&host, &settings), [], "off until the school agrees");
        settings.check_public_community = true;
        assert_eq!(plan(&host, &settings), [Plan::udp(161)]);

        let check = |answer: &dyn Fn(&[u8]) -> Vec<u8>, expected: Option<i64>| {
            let mut probe = start(&host, &Plan::udp(161), &settings, 7 << 33);
            let Step::Send(bytes) = probe.step(Input::Connected) else { panic!("nothing was sent") };
            // SNMPv2c, public, Get with request id 7, sysObjectID.0.
            let expected_bytes =
                b"\x30\x26\x02\x01\x01\x04\x06public\xa0\x19\x02\x01\x07\x02\x01\x00\x02\x01\x00\x30\x0e\x30\x0c\x06\x08\x2b\x06\x01\x02\x01\x01\x02\x00\x05\x00";
            assert_eq!(bytes, expected_bytes);
            let from = "127.0.0.1:161".parse().unwrap();
            let answer = answer(&bytes);
            let step = match answer.as_slice() {
                [] => probe.step(Input::Silent),
                bytes => probe.step(Input::Received { from, bytes }),
            };
            let told = match step {
                Step::Done(harvest) => harvest.0.first().and_then(|(_, f)| f.int(&v::SNMP_PUBLIC_ANSWERS)),
                _ => None,
            };
            assert_eq!(told, expected);
        };
        let table = [(Oid::new(tables::SYS_OBJECT_ID), rundgang_wire::snmp::Value::Null)].into();
        let respond =
            |request: &[u8]| rundgang_wire::snmp::responder::respond(request, b"public", &table).unwrap();
        check(&respond, Some(1));
        check(&|_| Vec::new(), Some(0));
        // Noise is no answer: the probe waits on.
        check(&|_| b"noise".to_vec(), None);
    }
}
