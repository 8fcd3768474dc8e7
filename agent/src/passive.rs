//! What frames that pass the kernel's filter tell of who sent them. Nothing is kept here: the filter decides.

use crate::probes::{mdns, ssdp, wsd};
use rundgang_inventory::{
    Fields, Mac, MacProvenance, Value,
    vocabulary::{
        CDP_DEVICE, CDP_PLATFORM, CDP_PORT, CDP_SOFTWARE, DHCP_PARAMETERS, DHCP_VENDOR_CLASS,
        LLDP_CAPABILITIES, LLDP_DESCR, LLDP_MANUFACTURER, LLDP_MODEL, LLDP_NAME, LLDP_PORT, LLDP_SERIAL,
        LLDP_SOFTWARE, NDP_ROUTER,
    },
};
use rundgang_wire::{arp, cdp, dhcp, lldp, ssdp::Sort};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
};
use tokio::sync::mpsc::Receiver;

/// No more senders than this are remembered at once, so that a flood of made-up addresses costs no memory.
const MAX_SENDERS: usize = 4096;

/// The name under which listening reports.
pub(crate) const LISTEN: &str = "listen";

/// Does something and listens meanwhile; hears nothing where there is no ear.
pub(crate) async fn listen_during<T>(
    ear: Option<Receiver<Vec<u8>>>,
    doing: impl Future<Output = T>,
) -> (T, Vec<Heard>) {
    let Some(mut ear) = ear else { return (doing.await, Vec::new()) };
    let mut listening = Listening::default();
    let mut doing = std::pin::pin!(doing);
    let done = loop {
        tokio::select! {
            done = &mut doing => break done,
            Some(frame) = ear.recv() => listening.take(&frame),
        }
    };
    (done, listening.finish())
}

/// Everything heard while listening, by sender.
#[derive(Default)]
pub(crate) struct Listening {
    senders: BTreeMap<Mac, Heard>,
    services: mdns::Gathering,
    notices: ssdp::Gathering,
    targets: wsd::Gathering,
    /// Who announced from an address first, and from which several did: nobody knows whose words those are.
    speakers: BTreeMap<IpAddr, Mac>,
    disputed: BTreeSet<IpAddr>,
}

impl Listening {
    /// Takes in one frame.
    pub(crate) fn take(&mut self, frame: &[u8]) {
        let Some((heard, announcement)) = hear(frame) else { return };
        let known = self.speakers.len();
        if let (Some(from), Some((port, datagram))) = (heard.ip, announcement)
            && (known < MAX_SENDERS || self.speakers.contains_key(&from))
        {
            if *self.speakers.entry(from).or_insert(heard.mac.0) != heard.mac.0 {
                self.disputed.insert(from);
            }
            match port {
                MDNS => self.services.hear(from, datagram),
                SSDP => self.notices.hear(from, datagram, Sort::Notice),
                _ => self.targets.hear(from, datagram),
            }
        }
        let is_known = self.senders.contains_key(&heard.mac.0);
        if is_known || self.senders.len() < MAX_SENDERS {
            let known =
                self.senders.entry(heard.mac.0).or_insert_with(|| Heard { ip: None, ..heard.clone() });
            known.ip = known.ip.or(heard.ip);
            known.fields.merge(heard.fields);
        }
    }

    /// What was heard, ascending by MAC address. Services stand with the sender whose address announced them.
    pub(crate) fn finish(self) -> Vec<Heard> {
        let mut announced: BTreeMap<IpAddr, Fields> = BTreeMap::new();
        for harvest in [self.services.harvest(), self.notices.harvest(), self.targets.harvest()] {
            for (host, fields) in harvest.0 {
                announced.entry(host).or_default().merge(fields);
            }
        }
        let mut heard: Vec<Heard> = self.senders.into_values().collect();
        for sender in &mut heard {
            let own =
                |ip: &IpAddr| self.speakers.get(ip) == Some(&sender.mac.0) && !self.disputed.contains(ip);
            if let Some(fields) = sender.ip.filter(own).and_then(|ip| announced.remove(&ip)) {
                sender.fields.merge(fields);
            }
        }
        heard
    }
}

/// One thing heard: who said it, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heard {
    /// The sender's address, where the frame carries one.
    pub(crate) ip: Option<IpAddr>,
    /// The sender's MAC address.
    pub(crate) mac: (Mac, MacProvenance),
    /// What it said; empty for a bare sign of life.
    pub(crate) fields: Fields,
}

/// UDP ports of announcements.
const MDNS: u16 = 5353;
const SSDP: u16 = 1900;
const WS_DISCOVERY: u16 = 3702;

/// A datagram that announces something, and the port it went to.
type Announcement<'a> = Option<(u16, &'a [u8])>;

/// Reads one frame: who sent it, what it says, and the announcement it carries, if any; `None` where it tells nothing.
fn hear(frame: &[u8]) -> Option<(Heard, Announcement<'_>)> {
    let source = Mac(frame.get(6..12)?.try_into().ok()?);
    if source.is_group() || source.0 == [0; 6] {
        return None;
    }
    let mac = (source, MacProvenance::OwnReply);
    let said = |ip: Option<IpAddr>, fields: Fields| Some((Heard { ip, mac, fields }, None));
    match frame.get(12..14)? {
        [0x08, 0x06] => arp::sender(frame).and_then(|told| said(Some(told.ip.into()), Fields::new())),
        [0x88, 0xcc] => lldp::parse(frame).and_then(|told| said(told.management, lldp_fields(&told))),
        [0x08, 0x00] => ipv4(frame, mac),
        [0x86, 0xdd] => ipv6(frame, mac),
        _ => cdp::parse(frame).and_then(|told| said(told.address, cdp_fields(&told))),
    }
}

fn ipv4(frame: &[u8], mac: (Mac, MacProvenance)) -> Option<(Heard, Announcement<'_>)> {
    let from: [u8; 4] = frame.get(26..30)?.try_into().ok()?;
    let header = usize::from(frame.get(14)? & 15) * 4;
    let udp = frame.get(14 + header..)?;
    datagram(Ipv4Addr::from(from).into(), udp, mac)
}

fn ipv6(frame: &[u8], mac: (Mac, MacProvenance)) -> Option<(Heard, Announcement<'_>)> {
    let from: [u8; 16] = frame.get(22..38)?.try_into().ok()?;
    let from = Ipv6Addr::from(from);
    if from.is_unspecified() {
        return None;
    }
    let payload = frame.get(54..)?;
    match frame.get(20)? {
        58 => {
            let mut fields = Fields::new();
            if let [134, _, _, _, _, _, high, low, ..] = payload {
                fields.set(&NDP_ROUTER, Value::Int(i64::from(u16::from_be_bytes([*high, *low]))));
            }
            Some((Heard { ip: Some(from.into()), mac, fields }, None))
        }
        17 => datagram(from.into(), payload, mac),
        _ => None,
    }
}

fn datagram(from: IpAddr, udp: &[u8], mac: (Mac, MacProvenance)) -> Option<(Heard, Announcement<'_>)> {
    let port = u16::from_be_bytes([*udp.get(2)?, *udp.get(3)?]);
    let payload = udp.get(8..)?;
    let ip = (!from.is_unspecified()).then_some(from);
    let fields = match port {
        67 => dhcp_fields(&dhcp::request(payload)?),
        _ => Fields::new(),
    };
    let announces = matches!(port, MDNS | SSDP | WS_DISCOVERY);
    Some((Heard { ip, mac, fields }, announces.then_some((port, payload))))
}

fn dhcp_fields(told: &dhcp::Request) -> Fields {
    let parameters: Vec<String> = told.parameters.iter().map(ToString::to_string).collect();
    let mut fields = Fields::new();
    fields.set(&DHCP_PARAMETERS, Value::text(parameters.join(",")));
    if let Some(class) = &told.vendor_class {
        fields.set(&DHCP_VENDOR_CLASS, Value::text(class));
    }
    fields
}

fn lldp_fields(told: &lldp::Neighbour) -> Fields {
    let mut fields = Fields::new();
    let [_, _, software, serial, manufacturer, model, _] = &told.inventory;
    for (field, value) in [
        (&LLDP_NAME, &told.system_name),
        (&LLDP_DESCR, &told.system_description),
        (&LLDP_SOFTWARE, software),
        (&LLDP_SERIAL, serial),
        (&LLDP_MANUFACTURER, manufacturer),
        (&LLDP_MODEL, model),
    ] {
        if let Some(value) = value {
            fields.set(field, Value::text(value));
        }
    }
    let port =
        [&told.port, &told.port_description].into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
    fields.set(&LLDP_PORT, Value::text(port.join(" ")));
    if !told.capabilities.is_empty() {
        let names = told.capabilities.iter().map(|&name| name.to_owned()).collect();
        fields.set(&LLDP_CAPABILITIES, Value::List(names));
    }
    fields
}

fn cdp_fields(told: &cdp::Neighbour) -> Fields {
    let mut fields = Fields::new();
    for (field, value) in [
        (&CDP_DEVICE, &told.device),
        (&CDP_PLATFORM, &told.platform),
        (&CDP_SOFTWARE, &told.software),
        (&CDP_PORT, &told.port),
    ] {
        if let Some(value) = value {
            fields.set(field, Value::text(value));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::transcript::lines;
    use proptest::prelude::*;
    use rundgang_inventory::{Kind, recognise};

    fn listened(frames: &[Vec<u8>]) -> Vec<Heard> {
        let mut listening = Listening::default();
        for frame in frames {
            listening.take(frame);
        }
        listening.finish()
    }

    #[test]
    fn an_arp_question_is_a_sign_of_life() {
        let mac = [0x00, 0x26, 0xab, 1, 2, 3];
        let frame = arp::request(mac, Ipv4Addr::new(10, 0, 0, 7), Ipv4Addr::new(10, 0, 0, 1));
        let heard = listened(&[frame]).remove(0);
        assert_eq!(heard.ip, Some("10.0.0.7".parse().unwrap()));
        assert_eq!(heard.mac.0, Mac(mac));
        assert!(heard.fields.is_empty());
    }

    #[test]
    fn a_dhcp_request_tells_its_kind() {
        let mut payload = vec![0; 236];
        payload[..3].copy_from_slice(&[1, 1, 6]);
        payload.extend([99, 130, 83, 99, 55, 2, 1, 3, 255]);
        let mut frame = vec![0xff; 6];
        frame.extend([0x00, 0x26, 0xab, 1, 2, 3, 0x08, 0x00, 0x45]);
        frame.resize(34, 0);
        frame.extend([0, 68, 0, 67, 0, 0, 0, 0]);
        frame.extend(payload);
        let heard = listened(&[frame]).remove(0);
        assert_eq!(heard.ip, None, "a client without an address");
        assert_eq!(heard.fields.text(&DHCP_PARAMETERS), Some("1,3"));
    }

    /// A datagram from 10.0.0.7 to a group, as the wire carries it.
    fn announced(port: u16, payload: &[u8]) -> Vec<u8> {
        let mut frame = vec![0x01, 0, 0x5e, 0x7f, 0xff, 0xfa, 0x00, 0x26, 0xab, 1, 2, 3, 0x08, 0x00, 0x45];
        frame.resize(34, 0);
        frame[23] = 17;
        frame[26..30].copy_from_slice(&[10, 0, 0, 7]);
        frame.extend(49_152_u16.to_be_bytes().into_iter().chain(port.to_be_bytes()));
        frame.extend([0; 4]);
        frame.extend(payload);
        frame
    }

    #[test]
    fn a_notice_tells_what_an_answer_to_a_search_would_have_told() {
        let notice = |nt: &str, nts: &str| {
            let text = format!(
                "NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nNT: {nt}\r\nNTS: {nts}\r\nUSN: uuid:1::{nt}\r\n\
                 LOCATION: http://10.0.0.7:49152/d.xml\r\nSERVER: Linux UPnP/1.0 X\r\n\r\n"
            );
            announced(1900, text.as_bytes())
        };
        let search = b"M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\nST: urn:c:3\r\n\r\n";
        let heard = listened(&[
            notice("urn:b:2", "ssdp:alive"),
            notice("upnp:rootdevice", "ssdp:alive"),
            notice("urn:b:2", "ssdp:alive"),
            announced(1900, search),
        ]);
        assert_eq!(
            lines(&heard[0].fields),
            [
                "ssdp.heard_location: [http://10.0.0.7:49152/d.xml]",
                "ssdp.server: [Linux UPnP/1.0 X]",
                "ssdp.st: [urn:b:2]",
                "ssdp.usn: [uuid:1]",
            ]
        );
        let gone = listened(&[notice("urn:b:2", "ssdp:byebye")]).remove(0);
        assert!(gone.fields.is_empty(), "who takes leave is a sign of life and nothing more");
    }

    #[test]
    fn what_two_announce_from_one_address_is_nobodys() {
        let text = b"NOTIFY * HTTP/1.1\r\nNT: urn:b:2\r\nNTS: ssdp:alive\r\nUSN: uuid:1::urn:b:2\r\n\r\n";
        let own = announced(1900, text);
        let mut forged = own.clone();
        forged[11] = 9;
        assert!(!listened(std::slice::from_ref(&own))[0].fields.is_empty());
        assert!(listened(&[forged, own]).iter().all(|heard| heard.fields.is_empty()));
    }

    #[test]
    fn who_says_hello_is_known_as_who_answers_a_probe() {
        let message = |sort: &str, types: &str| {
            let text = format!(
                "<E><Body><{sort}><EndpointReference><Address>urn:uuid:1</Address></EndpointReference>\
                 <Types>{types}</Types><Scopes>onvif://www.onvif.org/hardware/X-1</Scopes></{sort}></Body></E>"
            );
            announced(3702, text.as_bytes())
        };
        let camera = listened(&[message("Hello", "dn:NetworkVideoTransmitter")]).remove(0);
        assert_eq!(
            lines(&camera.fields),
            [
                "wsd.address: urn:uuid:1",
                "wsd.hardware: X-1",
                "wsd.scopes: [onvif://www.onvif.org/hardware/X-1]",
                "wsd.types: [NetworkVideoTransmitter]",
            ]
        );
        for question in ["Probe", "Resolve", "Bye"] {
            let asking = listened(&[message(question, "dn:NetworkVideoTransmitter")]).remove(0);
            assert!(asking.fields.is_empty(), "{question}");
        }
    }

    /// Who calls itself a computer is a person's own, asked or not (promise P2).
    #[test]
    fn what_is_heard_of_a_private_computer_counts_as_what_it_answers() {
        let hello = b"<E><Body><Hello><EndpointReference><Address>urn:uuid:1</Address></EndpointReference>\
                      <Types>wsdp:Device pub:Computer</Types></Hello></Body></E>";
        let told = recognise(None, &listened(&[announced(3702, hello)]).remove(0).fields);
        assert_eq!(told.kind.map(|told| told.value), Some(Kind::Workstation));
    }

    #[test]
    fn a_router_advertisement_tells_the_router_and_for_how_long() {
        let advertised = |kind: u8, lifetime: [u8; 2]| {
            let mut frame = vec![
                0x33, 0x33, 0, 0, 0, 1, 0x3c, 0xa6, 0x2f, 1, 2, 3, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 16, 58, 255,
            ];
            frame.extend("fe80::1".parse::<Ipv6Addr>().unwrap().octets());
            frame.extend("ff02::1".parse::<Ipv6Addr>().unwrap().octets());
            // RFC 4861 section 4.2: hop limit, flags, router lifetime, reachable time, retransmission timer.
            frame.extend([kind, 0, 0, 0, 64, 0, lifetime[0], lifetime[1], 0, 0, 0, 0, 0, 0, 0, 0]);
            listened(&[frame])
        };
        let heard = advertised(134, [0x07, 0x08]).remove(0);
        assert_eq!(heard.ip, Some("fe80::1".parse().unwrap()));
        assert_eq!(heard.mac, (Mac([0x3c, 0xa6, 0x2f, 1, 2, 3]), MacProvenance::OwnReply));
        assert_eq!(heard.fields.int(&NDP_ROUTER), Some(1800));
        // It advertises that it routes no longer.
        assert_eq!(advertised(134, [0, 0]).remove(0).fields.int(&NDP_ROUTER), Some(0));
        // A neighbour's question is a sign of life and no router's.
        assert!(advertised(135, [0x07, 0x08]).remove(0).fields.is_empty());
    }

    proptest! {
        #[test]
        fn no_frame_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            listened(&[bytes]);
        }
    }
}
