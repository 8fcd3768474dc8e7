//! Passive listening: a packet socket that the kernel lets only discovery protocols through (promise P5).
//!
//! Frames addressed to one other machine never pass: only broadcast and multicast, and of those only ARP, IPv6
//! neighbour discovery, mDNS, SSDP, WS-Discovery, LLDP, CDP and DHCP requests.
#![allow(
    clippy::disallowed_methods,
    reason = "part of the runner's own transport: the link below IP, where the segment hangs on it"
)]

use super::link::Interface;
use pnet_datalink::{Channel, ChannelType};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};
use std::{
    io::{self, ErrorKind},
    os::fd::IntoRawFd,
    time::Duration,
};
use tokio::sync::mpsc;

/// The longest frame read; longer ones are cut by the kernel.
const SNAP_LENGTH: u32 = 1600;

/// Instructions of the classic BPF machine (Linux, Documentation/networking/filter.rst).
mod op {
    /// Load a half-word at an absolute offset.
    pub(super) const HALF: u16 = 0x28;
    /// Load an octet at an absolute offset.
    pub(super) const OCTET: u16 = 0x30;
    /// Load a half-word at index register plus offset.
    pub(super) const HALF_AT_INDEX: u16 = 0x48;
    /// Load four times the low half of an octet into the index register: an IPv4 header's length.
    pub(super) const INDEX_HEADER: u16 = 0xb1;
    /// Jump if equal.
    pub(super) const EQUAL: u16 = 0x15;
    /// Jump if any bit is set.
    pub(super) const ANY: u16 = 0x45;
    /// Jump if greater or equal.
    pub(super) const AT_LEAST: u16 = 0x35;
    /// Return so many octets of the frame; none rejects it.
    pub(super) const RETURN: u16 = 0x06;
}

/// UDP ports of the discovery protocols: mDNS, SSDP, WS-Discovery.
const DISCOVERY: [u32; 3] = [5353, 1900, 3702];
const DHCP_SERVER: u32 = 67;

/// One line of the filter: jumps name lines, so that nobody has to count.
enum Line {
    Do(u16, u32),
    If(u16, u32, &'static str, &'static str),
    Label(&'static str),
}

/// The filter as readable lines.
fn lines() -> Vec<Line> {
    use Line::{Do, Label};
    let verdicts = [Label("reject"), Do(op::RETURN, 0), Label("accept"), Do(op::RETURN, SNAP_LENGTH)];
    [of_link(), of_ipv6(), of_ipv4(), verdicts.into()].into_iter().flatten().collect()
}

/// Groups alone, and of them ARP, LLDP and CDP; IP goes on below.
fn of_link() -> Vec<Line> {
    use Line::{Do, If, Label};
    vec![
        Do(op::OCTET, 0),
        If(op::ANY, 1, "group", "reject"),
        Label("group"),
        Do(op::HALF, 12),
        If(op::EQUAL, 0x0806, "accept", "not arp"),
        Label("not arp"),
        If(op::EQUAL, 0x88cc, "accept", "not lldp"),
        Label("not lldp"),
        If(op::EQUAL, 0x86dd, "ipv6", "not ipv6"),
        Label("not ipv6"),
        If(op::EQUAL, 0x0800, "ipv4", "not ipv4"),
        // CDP comes with a length where others have a type, then LLC, SNAP and Cisco's protocol number.
        Label("not ipv4"),
        If(op::AT_LEAST, 1501, "reject", "llc"),
        Label("llc"),
        Do(op::HALF, 14),
        If(op::EQUAL, 0xaaaa, "snap", "reject"),
        Label("snap"),
        Do(op::HALF, 20),
        If(op::EQUAL, 0x2000, "cdp address", "reject"),
        Label("cdp address"),
        Do(op::HALF, 4),
        If(op::EQUAL, 0xcccc, "accept", "reject"),
    ]
}

/// Of IPv6: neighbour discovery, and the ports of discovery.
fn of_ipv6() -> Vec<Line> {
    use Line::{Do, If, Label};
    vec![
        Label("ipv6"),
        Do(op::OCTET, 20),
        If(op::EQUAL, 58, "icmpv6", "not icmpv6"),
        Label("icmpv6"),
        Do(op::OCTET, 54),
        If(op::AT_LEAST, 133, "ndp", "reject"),
        Label("ndp"),
        If(op::AT_LEAST, 138, "reject", "accept"),
        Label("not icmpv6"),
        If(op::EQUAL, 17, "udp6", "reject"),
        Label("udp6"),
        Do(op::HALF, 56),
        If(op::EQUAL, DISCOVERY[0], "accept", "u1"),
        Label("u1"),
        If(op::EQUAL, DISCOVERY[1], "accept", "u2"),
        Label("u2"),
        If(op::EQUAL, DISCOVERY[2], "accept", "reject"),
    ]
}

/// Of IPv4: the ports of discovery, and requests to DHCP servers.
fn of_ipv4() -> Vec<Line> {
    use Line::{Do, If, Label};
    vec![
        Label("ipv4"),
        Do(op::OCTET, 23),
        If(op::EQUAL, 17, "udp", "reject"),
        Label("udp"),
        // A later fragment has no ports.
        Do(op::HALF, 20),
        If(op::ANY, 0x1fff, "reject", "first"),
        Label("first"),
        Do(op::INDEX_HEADER, 14),
        Do(op::HALF_AT_INDEX, 16),
        If(op::EQUAL, DISCOVERY[0], "accept", "v1"),
        Label("v1"),
        If(op::EQUAL, DISCOVERY[1], "accept", "v2"),
        Label("v2"),
        If(op::EQUAL, DISCOVERY[2], "accept", "v3"),
        Label("v3"),
        If(op::EQUAL, DHCP_SERVER, "accept", "reject"),
    ]
}

/// The filter as the kernel takes it.
fn program() -> Vec<SockFilter> {
    let lines = lines();
    let place = |name: &str| {
        let mut at = 0_u8;
        for line in &lines {
            match line {
                Line::Label(label) if *label == name => return at,
                Line::Label(_) => {}
                _ => at += 1,
            }
        }
        at
    };
    let mut program = Vec::new();
    let mut at = 0_u8;
    for line in &lines {
        let (code, then, otherwise, value) = match *line {
            Line::Label(_) => continue,
            Line::Do(code, value) => (code, 0, 0, value),
            // Jumps count from the next instruction.
            Line::If(code, value, then, otherwise) => {
                (code, place(then) - at - 1, place(otherwise) - at - 1, value)
            }
        };
        program.push(SockFilter::new(code, then, otherwise, value));
        at += 1;
    }
    program
}

/// Listens on an interface until the receiver is dropped; needs CAP_NET_RAW.
///
/// # Errors
/// Without that capability, or where the interface is no Ethernet.
pub(crate) fn open(interface: &Interface) -> io::Result<mpsc::Receiver<Vec<u8>>> {
    // The socket is bound to no protocol until the filter stands, so that nothing else ever reaches it.
    let socket = Socket::new(Domain::PACKET, Type::RAW, Some(Protocol::from(0)))?;
    socket.attach_filter(&program())?;
    let config = pnet_datalink::Config {
        // LLDP and CDP go to groups that network cards drop unless asked for.
        promiscuous: true,
        read_timeout: Some(Duration::from_millis(100)),
        channel_type: ChannelType::Layer2,
        socket_fd: Some(socket.into_raw_fd()),
        ..pnet_datalink::Config::default()
    };
    let Channel::Ethernet(_, mut receiver) = pnet_datalink::channel(interface.device(), config)? else {
        return Err(io::Error::from(ErrorKind::Unsupported));
    };
    let own = interface.mac.map_or([0; 6], |mac| mac.0);
    let (heard_by, heard) = mpsc::channel(1024);
    std::thread::Builder::new().name("ear".to_owned()).spawn(move || {
        while !heard_by.is_closed() {
            match receiver.next() {
                // A packet socket hears its own machine too.
                Ok(frame) if frame.get(6..12) == Some(&own) => {}
                Ok(frame) => {
                    // A full queue drops what will be announced again.
                    heard_by.try_send(frame.to_vec()).ok();
                }
                Err(error)
                    if matches!(
                        error.kind(),
                        ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted
                    ) => {}
                Err(_) => break,
            }
        }
    })?;
    Ok(heard)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A classic BPF machine for the instructions used above: the kernel's verdict without the kernel.
    fn passes(frame: &[u8]) -> bool {
        let half = |at: usize| frame.get(at..at + 2).map(|b| u32::from(u16::from_be_bytes([b[0], b[1]])));
        let lines = lines();
        let find = |name: &str| {
            lines.iter().position(|l| matches!(l, Line::Label(label) if *label == name)).unwrap()
        };
        let (mut at, mut accumulator, mut index) = (0, 0_u32, 0_usize);
        loop {
            match lines[at] {
                Line::Label(_) => at += 1,
                Line::Do(op::RETURN, value) => return value > 0,
                Line::Do(code, value) => {
                    let offset = usize::try_from(value).unwrap();
                    let loaded = match code {
                        op::HALF => half(offset),
                        op::HALF_AT_INDEX => half(index + offset),
                        op::INDEX_HEADER => {
                            index = frame.get(offset).map_or(0, |octet| usize::from(octet & 15) * 4);
                            Some(accumulator)
                        }
                        _ => frame.get(offset).map(|octet| u32::from(*octet)),
                    };
                    // Reading past the end rejects the frame.
                    let Some(loaded) = loaded else { return false };
                    accumulator = loaded;
                    at += 1;
                }
                Line::If(code, value, then, otherwise) => {
                    let holds = match code {
                        op::EQUAL => accumulator == value,
                        op::ANY => accumulator & value != 0,
                        _ => accumulator >= value,
                    };
                    at = find(if holds { then } else { otherwise });
                }
            }
        }
    }

    fn ipv4(destination: u8, protocol: u8, port: u16) -> Vec<u8> {
        let mut frame = vec![destination, 0, 0x5e, 0, 0, 0xfb, 0, 1, 2, 3, 4, 5, 0x08, 0x00, 0x45];
        frame.resize(60, 0);
        frame[23] = protocol;
        frame[36..38].copy_from_slice(&port.to_be_bytes());
        frame
    }

    #[test]
    fn only_discovery_passes() {
        let check =
            |what: &str, frame: Vec<u8>, expected: bool| assert_eq!(passes(&frame), expected, "{what}");
        check("mDNS", ipv4(1, 17, 5353), true);
        check("SSDP", ipv4(1, 17, 1900), true);
        check("DHCP", ipv4(0xff, 17, 67), true);
        check("DHCP answer", ipv4(0xff, 17, 68), false);
        check("mDNS to one other machine", ipv4(0, 17, 5353), false);
        check("a page", ipv4(0, 6, 443), false);
        check("NetBIOS", ipv4(0xff, 17, 137), false);
        let mut fragment = ipv4(1, 17, 5353);
        fragment[21] = 1;
        check("a later fragment", fragment, false);
        check("nothing", Vec::new(), false);
        let mut lldp = ipv4(1, 0, 0);
        lldp[12..14].copy_from_slice(&[0x88, 0xcc]);
        check("LLDP", lldp, true);
        let mut cdp = vec![1, 0, 0x0c, 0xcc, 0xcc, 0xcc, 0, 1, 2, 3, 4, 5, 0, 100];
        cdp.extend([0xaa, 0xaa, 3, 0, 0, 0x0c, 0x20, 0]);
        cdp.resize(120, 0);
        check("CDP", cdp.clone(), true);
        cdp[20] = 0x21;
        check("another SNAP protocol", cdp, false);
        let mut ndp = vec![0x33, 0x33, 0, 0, 0, 1, 0, 1, 2, 3, 4, 5, 0x86, 0xdd];
        ndp.resize(90, 0);
        ndp[20] = 58;
        ndp[54] = 134;
        check("a router advertisement", ndp.clone(), true);
        ndp[54] = 128;
        check("an echo request", ndp, false);
    }

    #[test]
    fn every_jump_fits() {
        // `place(..) - at - 1` would overflow on a backward jump; building the program proves there is none.
        assert!(program().len() > 20);
    }
}
