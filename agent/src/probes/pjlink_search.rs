//! PJLink's search: one datagram to everybody on a link, which projectors of class 2 answer before any of them was
//! connected to.
//!
//! It reaches fragile devices, too, before their kind is known (promise S5): nothing but a projector takes it, and it opens
//! nothing there. A walk waits ten and a half seconds for the answers, beside everything else it does.

use crate::probe::{
    Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step, Transport,
};
use rundgang_inventory::vocabulary::PJLINK_SEARCH;
use rundgang_inventory::{Fields, Value};
use rundgang_wire::pjlink::{PORT, SEARCH, acknowledges};
use std::{collections::BTreeSet, net::IpAddr, time::Duration};

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "pjlink-search",
    sends: "One PJLink SRCH datagram from UDP port 4352 to port 4352 of the broadcast address, only where the network is \
            listed as a whole and lies on the agent's own link. Projectors of class 2 answer within ten seconds, and the walk \
            lasts so long at least; other hosts drop it unread.",
    group: Group::Projection,
    stage: Stage::Announcements,
    plan,
    start,
};

/// Devices answer after a random time of up to ten seconds (class 2 specification, section 3.2).
const ANSWERS: Duration = Duration::from_millis(10_500);
/// Hosts that are listened to in one segment.
const MAX_HOSTS: usize = 4096;

fn plan(_: &Host, _: &Settings) -> Vec<Plan> {
    vec![Plan { transport: Transport::Broadcast(PORT), argument: String::new() }]
}

fn start(_: &Host, _: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    Box::new(Search { found: BTreeSet::new() })
}

struct Search {
    found: BTreeSet<IpAddr>,
}

impl Conversation for Search {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected => Step::Send(SEARCH.to_vec()),
            Input::Received { from, bytes } => {
                if self.found.len() < MAX_HOSTS && acknowledges(bytes) {
                    self.found.insert(from.ip());
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
        let answered = || Fields::new().with(&PJLINK_SEARCH, Value::text("answered"));
        Harvest(std::mem::take(&mut self.found).into_iter().map(|host| (host, answered())).collect())
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
        // Not even the address that a device tells of itself is kept.
        let answered = vec!["pjlink.search: answered".to_owned()];
        assert_eq!(found, [("192.0.2.9".to_owned(), answered.clone()), ("192.0.2.12".to_owned(), answered)]);
        assert!(search(&[Line::Sends(b"%2SRCH\r"), Line::Silent]).is_empty());
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
        assert_eq!(search.give_up().0.len(), MAX_HOSTS);
    }
}
