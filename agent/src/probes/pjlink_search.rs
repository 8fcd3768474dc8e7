//! PJLink's search: one datagram to everybody on a link, which projectors of class 2 answer before any of them was
//! connected to.
//!
//! It reaches fragile devices, too, before their kind is known (promise S5): nothing but a projector takes it, and it opens
//! nothing there. A walk waits ten and a half seconds for the answers, beside everything else it does.

use crate::probe::{
    Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step, Transport,
};
use rundgang_inventory::vocabulary::PJLINK_SEARCH;
use rundgang_inventory::{Fields, Mac, Value};
use rundgang_wire::pjlink::{PORT, SEARCH, acknowledged};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    time::Duration,
};

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "pjlink-search",
    sends: "One PJLink SRCH datagram from UDP port 4352 to port 4352 of the broadcast address, only where the network is \
            listed as a whole and lies on the agent's own link. Projectors of class 2 answer within ten seconds, and the walk \
            lasts so long at least; other hosts drop it unread. Who answers and was not found otherwise is asked for by ARP, up \
            to three times.",
    group: Group::Projection,
    stage: Stage::Announcements,
    plan,
    start,
};

/// Devices answer after a random time of up to ten seconds (class 2 specification, section 3.2).
const ANSWERS: Duration = Duration::from_millis(10_500);
/// Answers that are remembered: more than the runner hands on before it ends the search and says so.
const MAX_ANSWERS: usize = 8192;

fn plan(_: &Host, _: &Settings) -> Vec<Plan> {
    vec![Plan { transport: Transport::Broadcast(PORT), argument: String::new() }]
}

fn start(_: &Host, _: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    Box::new(Search { found: BTreeSet::new() })
}

struct Search {
    // Each host with the address that it says is its own.
    found: BTreeSet<(IpAddr, Mac)>,
}

impl Conversation for Search {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected => Step::Send(SEARCH.to_vec()),
            Input::Received { from, bytes } => {
                if let Some(mac) = acknowledged(bytes).filter(|_| self.found.len() < MAX_ANSWERS) {
                    self.found.insert((from.ip(), Mac(mac)));
                }
                Step::Receive
            }
            _ => Step::Done(self.give_up()),
        }
    }

    fn answers_within(&self) -> Option<Duration> {
        Some(ANSWERS)
    }

    fn give_up(&mut self) -> Harvest {
        let mut told: BTreeMap<IpAddr, Vec<String>> = BTreeMap::new();
        for (host, mac) in std::mem::take(&mut self.found) {
            told.entry(host).or_default().push(mac.to_string());
        }
        let claimed = |macs| Fields::new().with(&PJLINK_SEARCH, Value::List(macs));
        Harvest(told.into_iter().map(|(host, macs)| (host, claimed(macs))).collect())
    }
}

/// What a host's answers are worth once the link has told its MAC address: that it answered, where one of them tells the same
/// address; nothing else, since anybody can write a sender's address on a datagram. The address is compared and goes no
/// further.
pub(crate) fn confirmed(mut claimed: Fields, mac: Mac) -> Fields {
    let same = |own: &String| own.parse::<Mac>().is_ok_and(|own| own == mac);
    match claimed.remove(PJLINK_SEARCH.name) {
        Some(Value::List(macs)) if macs.iter().any(same) => {
            claimed.with(&PJLINK_SEARCH, Value::text("answered"))
        }
        _ => claimed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::host;
    use crate::probes::transcript::{Line, lines, play};

    fn search(transcript: &[Line<'_>]) -> Vec<(String, Vec<String>)> {
        let segment = host(None, Fields::new());
        let plan = &plan(&segment, &Settings::default())[0];
        let mut conversation = start(&segment, plan, &Settings::default(), 0);
        let harvest = play(conversation.as_mut(), transcript);
        harvest.0.iter().map(|(host, fields)| (host.to_string(), lines(fields))).collect()
    }

    #[test]
    fn one_question_whoever_answers() {
        let found = search(&[
            Line::Sends(b"%2SRCH\r"),
            Line::HearsFrom("192.0.2.9", b"%2ACKN=00:26:ab:12:34:56\r".to_vec()),
            Line::HearsFrom("192.0.2.12", b"%2ackn=00:26:AB:12:34:57".to_vec()),
            // Once is enough.
            Line::HearsFrom("192.0.2.9", b"%2ACKN=00:26:ab:12:34:56\r".to_vec()),
            Line::Silent,
        ]);
        let hosts: Vec<&str> = found.iter().map(|(host, _)| host.as_str()).collect();
        assert_eq!(hosts, ["192.0.2.9", "192.0.2.12"]);
        assert!(search(&[Line::Sends(b"%2SRCH\r"), Line::Silent]).is_empty());
    }

    #[test]
    fn an_answer_counts_for_the_address_that_the_link_tells() {
        let mut search = Search { found: BTreeSet::new() };
        for bytes in [b"%2ACKN=00:26:ab:12:34:57\r", b"%2ACKN=00:26:AB:12:34:56\r"] {
            let from = "192.0.2.9:4352".parse().unwrap();
            assert_eq!(search.step(Input::Received { from, bytes }), Step::Receive);
        }
        let claimed = search.give_up().0.remove(0).1;
        let told = |mac: &str| lines(&confirmed(claimed.clone(), mac.parse().unwrap()));
        // Not even then is the address that it told kept.
        assert_eq!(told("00:26:ab:12:34:56"), ["pjlink.search: answered"]);
        assert_eq!(told("00:26:ab:12:34:57"), ["pjlink.search: answered"]);
        assert!(told("00:26:ab:12:34:58").is_empty());
    }

    #[test]
    fn what_is_no_acknowledgement_makes_no_projector() {
        let said: [&[u8]; 7] = [
            b"%2SRCH\r",
            b"%2LKUP=00:26:ab:12:34:56\r",
            b"%2ACKN=ff:ff:ff:ff:ff:ff\r",
            b"%2ACKN=",
            b"%1ACKN=00:26:ab:12:34:56\r",
            &[b'%'; 60_000],
            b"",
        ];
        let mut transcript = vec![Line::Sends(b"%2SRCH\r")];
        transcript.extend(said.iter().map(|bytes| Line::HearsFrom("192.0.2.9", bytes.to_vec())));
        transcript.push(Line::Silent);
        assert!(search(&transcript).is_empty());
    }

    #[test]
    fn made_up_senders_are_bounded() {
        let mut search = Search { found: BTreeSet::new() };
        for number in 0..10_000_u32 {
            let from =
                std::net::SocketAddr::from((std::net::Ipv4Addr::from_bits(0x0a00_0000 + number), PORT));
            let bytes = b"%2ACKN=00:26:ab:12:34:56\r";
            assert_eq!(search.step(Input::Received { from, bytes }), Step::Receive);
        }
        assert_eq!(search.give_up().0.len(), MAX_ANSWERS);
    }
}
