//! SSH: the identification line, and of servers behind a router the host key, without a login.

use super::{SSH_KINDS, plan, ssh_line};
use crate::probe::{Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step};
use rundgang_inventory::vocabulary::{SSH_BANNER, SSH_HOST_KEY};
use rundgang_inventory::{Fields, Kind, MacProvenance, Value};
use rundgang_wire::ssh::{self, Said};
use std::net::IpAddr;

/// The probe.
pub(crate) static SSH: Probe = Probe {
    name: "ssh",
    sends: "A connection to port 22, and its identification line is read. Of servers behind a router that call themselves \
            OpenSSH also the host key: our line, our algorithms and one half of a key exchange (RFC 4253); then we hang \
            up. No login, no name, no password.",
    group: Group::Greetings,
    stage: Stage::Connections,
    plan: |host, _| plan(host, 22, SSH_KINDS),
    start,
};

/// No server says more before its key.
const MAX_STREAM: usize = 16 << 10;

/// Whether the host key is needed and may be asked for: nothing else names a server whose MAC address we cannot hear
/// ourselves, and gear whose SSH is weak on its feet, or that may be such gear, is not bothered with a key exchange.
fn wants_key(host: &Host) -> bool {
    let own_mac = matches!(host.mac, Some((_, MacProvenance::OwnReply)));
    !own_mac && matches!(host.kind, Some(Kind::Server | Kind::Nas | Kind::ManagementController))
}

fn start(host: &Host, _: &Plan, _: &Settings, seed: u64) -> Box<dyn Conversation> {
    Box::new(Listener {
        host: host.ip,
        wants_key: wants_key(host),
        seed,
        sent: Sent::Nothing,
        stream: Vec::new(),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Nothing,
    Opening,
    Half,
}

struct Listener {
    host: IpAddr,
    wants_key: bool,
    seed: u64,
    sent: Sent,
    stream: Vec<u8>,
}

impl Conversation for Listener {
    fn step(&mut self, input: Input<'_>) -> Step {
        match input {
            Input::Connected => return Step::Receive,
            Input::Received { bytes, .. } => {
                let room = MAX_STREAM.saturating_sub(self.stream.len());
                self.stream.extend_from_slice(&bytes[..bytes.len().min(room)]);
                if let Some(step) = self.go_on() {
                    return step;
                }
            }
            _ => {}
        }
        Step::Done(self.give_up())
    }

    fn give_up(&mut self) -> Harvest {
        let mut fields = Fields::new().with(&SSH_BANNER, Value::text(ssh_line(&self.stream).0));
        let behind = ssh::behind_identification(&self.stream).unwrap_or_default();
        if self.sent == Sent::Half
            && let Said::Key(key) = ssh::read(behind, true)
        {
            fields.set(&SSH_HOST_KEY, Value::Text(format!("{} {}", key.kind, key.fingerprint)));
        }
        Harvest::of(self.host, fields)
    }
}

impl Listener {
    /// What comes next; nothing where all that is wanted is there, or will not come.
    fn go_on(&mut self) -> Option<Step> {
        if self.stream.len() >= MAX_STREAM {
            return None;
        }
        let (line, is_whole) = ssh_line(&self.stream);
        if !is_whole {
            return Some(Step::Receive);
        }
        if !self.wants_key || !line.starts_with(b"SSH-2.0-OpenSSH") {
            return None;
        }
        let behind = ssh::behind_identification(&self.stream).unwrap_or_default();
        match (self.sent, ssh::read(behind, self.sent == Sent::Half)) {
            (Sent::Nothing, _) => {
                self.sent = Sent::Opening;
                Some(Step::Send(ssh::opening(self.seed)))
            }
            (Sent::Opening, Said::Ready) => {
                self.sent = Sent::Half;
                Some(Step::Send(ssh::half()))
            }
            (_, Said::Incomplete) => Some(Step::Receive),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::host;
    use crate::probes::transcript::{Line, fields, lines, play};

    /// Plays a conversation with a host.
    fn hear(host: &Host, transcript: &[Line<'_>]) -> Vec<String> {
        let plans = (SSH.plan)(host, &Settings::default());
        assert_eq!(plans.len(), 1);
        let mut conversation = (SSH.start)(host, &plans[0], &Settings::default(), 7);
        lines(&fields(play(conversation.as_mut(), transcript)))
    }

    fn unknown() -> Host {
        host(None, Fields::new())
    }

    fn server() -> Host {
        host(Some(Kind::Server), Fields::new())
    }

    #[test]
    fn ssh_says_what_it_is() {
        let got =
            hear(&unknown(), &[Line::Hears(b"Welcome\r\nSSH-2.0-drop"), Line::Hears(b"bear_2022.83\r\n")]);
        assert_eq!(got, ["ssh.banner: SSH-2.0-dropbear_2022.83"]);
        assert_eq!(hear(&unknown(), &[Line::Hears(b"SSH-1.99-x"), Line::Closed]), ["ssh.banner: SSH-1.99-x"]);
        assert!(hear(&unknown(), &[Line::Hears(b"HTTP/1.1 400\r\n"), Line::Silent]).is_empty());
        assert!(hear(&unknown(), &[Line::Silent]).is_empty());
        assert!(
            hear(&unknown(), &[Line::Hears(&vec![b'x'; 20_000])]).is_empty(),
            "a line without end is cut"
        );
    }

    #[test]
    fn a_server_behind_a_router_shows_its_host_key_and_nobody_logs_in() {
        let [first, second] = ssh::played("SSH-2.0-OpenSSH_9.2p1 Debian-2", "curve25519-sha256", &[5; 32]);
        let (opening, half) = (ssh::opening(7), ssh::half());
        let (line, algorithms) = first.split_at(32);
        let got = hear(
            &server(),
            &[
                Line::Hears(line),
                Line::Sends(&opening),
                Line::Hears(algorithms),
                Line::Sends(&half),
                Line::Hears(&second[..20]),
                Line::Hears(&second[20..]),
            ],
        );
        assert_eq!(got[0], "ssh.banner: SSH-2.0-OpenSSH_9.2p1 Debian-2");
        assert!(got[1].starts_with("ssh.host_key: ssh-ed25519 ") && got[1].len() == 26 + 64, "{got:?}");
        // An old server has no exchange in common, and one that hangs up has told its line.
        let [old, _] = ssh::played("SSH-2.0-OpenSSH_5.3", "diffie-hellman-group14-sha1", &[5; 32]);
        let got = hear(&server(), &[Line::Hears(&old), Line::Sends(&opening), Line::Hears(b"")]);
        assert_eq!(got, ["ssh.banner: SSH-2.0-OpenSSH_5.3"]);
    }

    #[test]
    fn who_is_known_otherwise_gets_no_byte() {
        let heard = Line::Hears(b"SSH-2.0-OpenSSH_9.2p1\r\n");
        let near =
            Host { mac: Some(("00:11:32:5e:44:96".parse().unwrap(), MacProvenance::OwnReply)), ..server() };
        for host in [near, host(Some(Kind::Switch), Fields::new()), unknown()] {
            // The transcript has no line that the conversation sends: it could not be played if it sent one.
            assert_eq!(hear(&host, std::slice::from_ref(&heard)), ["ssh.banner: SSH-2.0-OpenSSH_9.2p1"]);
        }
    }
}
