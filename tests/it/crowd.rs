//! A segment with more than a hundred hosts that all speak IPv6: before they answer, each of them asks our kernel where we
//! are, all within a moment. The frames on the wire are counted.

use crate::lab::{program, turn};
use rundgang_tests::{
    school::{
        capture::{Busiest, Capture, Frame},
        play,
    },
    skip::skip,
};
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    io::Write as _,
    net::IpAddr,
    process::{Command, Stdio},
};

/// Two namespaces of this run with a wire between them. They end with it.
struct Crowd {
    names: [String; 2],
    folder: tempfile::TempDir,
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for name in &self.names {
            Command::new("ip").args(["netns", "delete", name]).status().ok();
        }
    }
}

/// Hands lines to the program ip, here or in a namespace.
fn batch(ip: &mut Command, lines: &str) {
    let mut child =
        ip.args(["-batch", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("the program ip");
    child.stdin.take().expect("its input").write_all(lines.as_bytes()).expect("lines");
    assert!(child.wait().expect("its end").success(), "{lines}");
}

impl Crowd {
    /// So many hosts, each an interface with a MAC address, an IPv4 and a link-local address of its own.
    fn of(hosts: u8) -> Self {
        let id = format!("{}{hosts}", std::process::id());
        let names = ["box", "many"].map(|part| format!("rg{id}-{part}"));
        let folder = tempfile::tempdir().expect("a folder");
        let [agent, many] = &names;
        let wire = format!(
            "netns add {agent}\nnetns add {many}\nlink add wire netns {agent} type veth peer name wire netns {many}\n"
        );
        batch(&mut Command::new("ip"), &wire);
        let crowd = Self { names: names.clone(), folder };
        // Each interface answers for its own address alone, and at once.
        for set in ["net.ipv4.conf.all.arp_ignore=1", "net.ipv6.conf.default.accept_dad=0"] {
            assert!(crowd.inside(1, "sysctl").args(["-q", "-w", set]).status().expect("sysctl").success());
        }
        let mut inside = String::new();
        for host in 1..=hosts {
            // Some are a maker's, so that they are visited; the others are people's by their random MAC addresses.
            let mac =
                if host % 3 == 0 { format!("address 00:11:32:40:00:{host:02x} ") } else { String::new() };
            writeln!(inside, "link add link wire name h{host} {mac}type macvlan mode bridge").expect("text");
            writeln!(inside, "addr add 10.40.0.{host}/24 dev h{host}\nlink set h{host} up").expect("text");
        }
        batch(&mut crowd.inside(1, "ip"), &format!("link set lo up\nlink set wire up\n{inside}"));
        batch(
            &mut crowd.inside(0, "ip"),
            "link set lo up\naddr add 10.40.0.250/24 dev wire\nlink set wire up\n",
        );
        // The kernel says a moment later that the wire is there.
        let there = "until ip -br link show wire | grep -q ' UP '; do sleep 0.1; done";
        let status = crowd.inside(0, "timeout").args(["20", "sh", "-c", there]).status();
        assert!(status.expect("a shell").success(), "no wire");
        crowd
    }

    fn inside(&self, which: usize, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.names[which]]).arg(program);
        command
    }

    fn walk(&self) -> (Vec<Frame>, String) {
        let file = self.folder.path().join("wire.pcap");
        let capture = Capture::of(self.inside(1, "tcpdump"), "wire", file).expect("a capture");
        let mut walk = self.inside(0, program("rundgang-agent"));
        let walk = walk
            .args(["walk", "--json", "--scope", "10.40.0.0/24", "--log"])
            .arg(self.folder.path().join("log"));
        let output = walk.output().expect("the agent runs");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        (capture.end().expect("what was captured"), said)
    }
}

#[test]
fn a_crowd_that_asks_back_at_once_keeps_the_pace() {
    if let Some(reason) = play::cannot_run(&["ip", "sysctl", "tcpdump"]) {
        return skip("crowd::a_crowd_that_asks_back_at_once", &reason);
    }
    let _turn = turn();
    // So many may ask back at once; of more nobody is asked.
    for (hosts, asked) in [(115, true), (180, false)] {
        let crowd = Crowd::of(hosts);
        let (frames, said) = crowd.walk();
        let wire = Busiest::of(&frames);
        println!("{hosts} hosts: {wire}");
        assert!(said.contains("\"personal\""), "nobody was counted: {said}");
        let told: BTreeSet<IpAddr> =
            frames.iter().filter_map(|frame| frame.what.host()).filter(IpAddr::is_ipv6).collect();
        assert_eq!(
            told.len() >= usize::from(hosts) * 9 / 10,
            asked,
            "{hosts} hosts: {} were told",
            told.len()
        );
        assert!(wire.arp_second > 0 && wire.arp_second <= 50, "{hosts} hosts: {wire}");
        assert!(wire.second <= 200, "{hosts} hosts: {wire}");
    }
}
