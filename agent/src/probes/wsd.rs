//! WS-Discovery: two Probe datagrams to the segment; cameras, printers and scanners answer with types and scopes.
//! Nothing more is asked of them: the services behind the addresses take POST requests, which are not read-only.

use super::evidence::{set_list, set_text};
use crate::probe::{
    Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step, Transport,
};
use rundgang_inventory::Fields;
use rundgang_inventory::vocabulary::{
    WSD_ADDRESS, WSD_HARDWARE, WSD_LOCATION, WSD_NAME, WSD_SCOPES, WSD_TYPES, WSD_XADDRS,
};
use rundgang_wire::wsd::{Target, onvif_scope, probe, targets};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "wsd",
    sends: "Two WS-Discovery Probe datagrams to 239.255.255.250 or ff02::c, port 3702: for all types, and for ONVIF \
            video.",
    group: Group::Announcements,
    stage: Stage::Announcements,
    plan,
    start,
};

/// Hosts that are listened to in one segment.
const MAX_HOSTS: usize = 4096;
/// Octets of answers read in one segment; made-up senders fill this and no more.
const MAX_OCTETS: usize = 4 * 1024 * 1024;

fn plan(_: &Host, _: &Settings) -> Vec<Plan> {
    vec![Plan { transport: Transport::Multicast, argument: String::new() }]
}

fn start(segment: &Host, _: &Plan, _: &Settings, seed: u64) -> Box<dyn Conversation> {
    let address = match segment.ip {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::new(239, 255, 255, 250)),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x0c)),
    };
    Box::new(Discovery { group: SocketAddr::new(address, 3702), seed, asked: 0, found: Gathering::default() })
}

struct Discovery {
    group: SocketAddr,
    seed: u64,
    asked: u8,
    found: Gathering,
}

impl Conversation for Discovery {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Received { from, bytes } => {
                self.found.hear(from.ip(), bytes);
                // The first answer shows that the first question is out; the second need not wait for silence.
                self.ask().unwrap_or(Step::Receive)
            }
            Input::Connected | Input::Silent => {
                self.ask().unwrap_or_else(|| Step::Done(self.found.harvest()))
            }
            _ => Step::Done(self.found.harvest()),
        }
    }

    fn give_up(&mut self) -> Harvest {
        self.found.harvest()
    }
}

impl Discovery {
    /// The next question, if there is one: for all types, then for video.
    fn ask(&mut self) -> Option<Step> {
        if self.asked == 2 {
            return None;
        }
        self.asked += 1;
        // Each message needs an identifier of its own.
        let number = (u128::from(self.seed) << 64) | u128::from(self.seed ^ u64::from(self.asked));
        Some(Step::Multicast { group: self.group, bytes: probe(number, self.asked == 2) })
    }
}

/// Targets that answered or announced themselves, by sender.
#[derive(Default)]
pub(crate) struct Gathering {
    hosts: BTreeMap<IpAddr, Target>,
    octets: usize,
}

impl Gathering {
    /// Takes in one datagram; a question, a farewell and anything else tell nothing.
    pub(crate) fn hear(&mut self, from: IpAddr, bytes: &[u8]) {
        let is_full = self.hosts.len() >= MAX_HOSTS && !self.hosts.contains_key(&from);
        if is_full || self.octets >= MAX_OCTETS {
            return;
        }
        self.octets += bytes.len();
        for target in targets(bytes) {
            let known = self.hosts.entry(from).or_default();
            if known.address.is_empty() {
                known.address = target.address;
            }
            known.types.extend(target.types);
            known.scopes.extend(target.scopes);
            known.xaddrs.extend(target.xaddrs);
            for list in [&mut known.types, &mut known.scopes, &mut known.xaddrs] {
                list.sort_unstable();
                list.dedup();
                list.truncate(128);
            }
        }
    }

    /// The evidence, by host.
    pub(crate) fn harvest(&self) -> Harvest {
        let hosts = self.hosts.iter().map(|(&host, target)| (host, told(target)));
        Harvest(hosts.filter(|(_, fields)| !fields.is_empty()).collect())
    }
}

fn told(target: &Target) -> Fields {
    let mut fields = Fields::new();
    set_text(&mut fields, &WSD_ADDRESS, Some(&target.address));
    set_list(&mut fields, &WSD_TYPES, &target.types);
    set_list(&mut fields, &WSD_SCOPES, &target.scopes);
    set_list(&mut fields, &WSD_XADDRS, &target.xaddrs);
    for (kind, field) in [("name", &WSD_NAME), ("hardware", &WSD_HARDWARE), ("location", &WSD_LOCATION)] {
        let found: Vec<String> = target.scopes.iter().filter_map(|scope| onvif_scope(scope, kind)).collect();
        set_text(&mut fields, field, Some(found.join(", ")));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::host;
    use crate::probes::transcript::{Line, lines, play};

    const GROUP: &str = "239.255.255.250:3702";

    #[test]
    fn a_camera() {
        let segment = host(None, Fields::new());
        let mut conversation =
            start(&segment, &plan(&segment, &Settings::default())[0], &Settings::default(), 5);
        let answer = b"<E><Body><ProbeMatches><ProbeMatch><EndpointReference><Address>urn:uuid:1</Address></EndpointReference><Types>dn:NetworkVideoTransmitter</Types><Scopes>onvif://www.onvif.org/hardware/X-1 onvif://www.onvif.org/name/Example%20X-1</Scopes><XAddrs>http://192.0.2.9/onvif</XAddrs></ProbeMatch></ProbeMatches></Body></E>";
        let harvest = play(
            conversation.as_mut(),
            &[
                Line::Asks(GROUP, probe((5 << 64) | 4, false)),
                Line::HearsFrom("192.0.2.9", answer.to_vec()),
                Line::Asks(GROUP, probe((5 << 64) | 7, true)),
                Line::HearsFrom("192.0.2.9", answer.to_vec()),
                Line::Silent,
            ],
        );
        assert_eq!(harvest.0.len(), 1);
        assert_eq!(
            lines(&harvest.0[0].1),
            [
                "wsd.address: urn:uuid:1",
                "wsd.hardware: X-1",
                "wsd.name: Example X-1",
                "wsd.scopes: [onvif://www.onvif.org/hardware/X-1 | onvif://www.onvif.org/name/Example%20X-1]",
                "wsd.types: [NetworkVideoTransmitter]",
                "wsd.xaddrs: [http://192.0.2.9/onvif]",
            ]
        );
    }
}
