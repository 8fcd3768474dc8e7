//! The glass box: what the scope says, and every kind of packet a walk would send, to whom and how fast (G3).

use crate::{
    pace::Limits,
    probe::{Host, Probe, Settings, Stage, Transport},
    register::Register,
    runner::{NEVER_CONNECT, Patience},
    scope::{Mode, Scope, Segment},
    sweep::FALLBACK_PORTS,
};
use rundgang_inventory::{Fields, Timestamp};
use std::{collections::BTreeSet, fmt::Write as _, net::IpAddr};

/// The scope, readable, with what the collector told of the register.
#[must_use]
pub fn show_scope(scope: &Scope, register: &Register, now: Timestamp) -> String {
    let mut out = String::new();
    for segment in scope.segments() {
        describe(&mut out, scope, segment, now);
    }
    let accepting: Vec<_> = scope.segments().iter().filter(|segment| segment.accept_register).collect();
    if !accepting.is_empty() {
        let names: Vec<_> = accepting.iter().map(|segment| segment.name.as_str()).collect();
        let told = match register.told_at.0 {
            0 => "the collector has told none yet".to_owned(),
            _ => format!("{} as told on {}", register.macs.len(), register.told_at.date()),
        };
        line(&mut out, &format!("MAC addresses of the register, kept in {}: {told}", names.join(", ")));
        for mac in &register.macs {
            line(&mut out, &format!("  {mac}"));
        }
    }
    for domain in &scope.domains {
        line(
            &mut out,
            &format!(
                "Domain {domain}: public look-ups only (DNS, SMTP greeting of its mail servers, MTA-STS policy)"
            ),
        );
    }
    if scope.accepts_domains {
        line(&mut out, &format!("Domains confirmed at the collector: {}", register.domains.len()));
        for domain in &register.domains {
            line(&mut out, &format!("  {domain}: public look-ups only"));
            tell_known(&mut out, domain, register, "    ");
        }
    }
    out
}

/// What people told of a domain's mail, for which further names are looked up.
fn tell_known(out: &mut String, domain: &str, register: &Register, indent: &str) {
    let Some(known) = register.known.get(domain) else { return };
    let all = |words: &BTreeSet<String>| words.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    for (what, words) in
        [("DKIM selectors told", &known.selectors), ("senders told, looked up as SPF terms", &known.senders)]
    {
        if !words.is_empty() {
            line(out, &format!("{indent}{what}: {}", all(words)));
        }
    }
}

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    writeln!(out, "{text}").ok();
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "not stated" } else { text }
}

fn describe(out: &mut String, scope: &Scope, segment: &Segment, now: Timestamp) {
    let groups: Vec<_> = segment.groups.iter().map(|group| group.name()).collect();
    line(out, &format!("{}  {}  ({})", segment.name, segment.network, segment.class.name()));
    let mode = match scope.mode(segment, now) {
        Mode::Active => "probes run".to_owned(),
        Mode::Passive(reason) | Mode::Closed(reason) => reason.to_string(),
    };
    let hours = match &segment.hours.window {
        Some(window) => window.to_string(),
        None => "always".to_owned(),
    };
    let or_nothing = |items: Vec<String>| if items.is_empty() { "none".to_owned() } else { items.join(", ") };
    let quiet = or_nothing(segment.hours.quiet.iter().map(ToString::to_string).collect());
    let opted_in = or_nothing(segment.opted_in.iter().map(ToString::to_string).collect());
    for (name, value) in [
        ("now", mode.as_str()),
        ("purpose", or_none(&segment.purpose)),
        ("groups", or_none(&groups.join(", "))),
        ("hours", &hours),
        ("quiet hours", &quiet),
        ("pace", segment.pace.name()),
        ("authorised by", or_none(&segment.authority.authorised_by)),
        ("legal basis", or_none(&segment.authority.legal_basis)),
        ("staff council", or_none(&segment.authority.staff_council)),
        (
            "valid until",
            &segment.valid_until.map_or_else(|| "no end".to_owned(), |end| end.plus_days(-1).date()),
        ),
        ("register", if segment.accept_register { "its devices may be kept" } else { "not accepted" }),
        (
            "discovery by TCP",
            if segment.tcp_discovery {
                "where nothing else is possible"
            } else {
                "no (tcp_discovery = true allows it)"
            },
        ),
        ("fragile devices opted in", &opted_in),
    ] {
        line(out, &format!("  {name:<26}{value}"));
    }
}

/// Everything a walk over this scope would send.
#[must_use]
pub fn explain(
    scope: &Scope,
    register: &Register,
    settings: &Settings,
    probes: &[&Probe],
    now: Timestamp,
) -> String {
    let mut out = String::new();
    for segment in scope.segments() {
        line(&mut out, &format!("{}  {}  ({})", segment.name, segment.network, segment.class.name()));
        match scope.mode(segment, now) {
            Mode::Active => explain_segment(&mut out, segment, settings, probes),
            Mode::Passive(reason) => line(&mut out, &format!("  No packet. {reason}.")),
            Mode::Closed(reason) => line(&mut out, &format!("  No packet, not even listening: {reason}.")),
        }
    }
    explain_credentials(&mut out, settings);
    explain_domains(&mut out, scope, register);
    let hours = crate::runner::budget(scope).as_secs().div_ceil(3600);
    line(&mut out, &format!("The walk ends after {hours} hours at the latest, whatever answers."));
    line(&mut out, "Never, to any host");
    let ports: Vec<_> = NEVER_CONNECT
        .iter()
        .map(|range| match (range.start(), range.end()) {
            (start, end) if start == end => start.to_string(),
            (start, end) => format!("{start}-{end}"),
        })
        .collect();
    line(
        &mut out,
        &format!("  No connection to TCP {}: printers print what they receive there.", ports.join(", ")),
    );
    line(
        &mut out,
        "  No password, no login, no form, no write, no share listing, no picture, no malformed packet.",
    );
    line(&mut out, "  No packet to a device that is a person's, and none outside the networks above.");
    out
}

/// Which SNMP credentials go where, by their labels, and whether the community `public` is tried (promises S3, S7).
fn explain_credentials(out: &mut String, settings: &Settings) {
    if settings.snmp.is_empty() {
        line(out, "SNMP credentials: none.");
    }
    for credential in &settings.snmp {
        let networks = credential.networks.iter().map(|(address, length)| format!("{address}/{length}"));
        let networks: Vec<String> = networks.collect();
        line(out, &format!("SNMP credential '{}': only to {}.", credential.label, networks.join(", ")));
    }
    let public =
        if settings.check_public_community { "tried, by one Get for each device" } else { "not tried" };
    line(out, &format!("The community public: {public}."));
}

/// Domains of the scope file, and those confirmed at the collector where the file accepts them.
fn explain_domains(out: &mut String, scope: &Scope, register: &Register) {
    let told = register.domains.iter().filter(|_| scope.accepts_domains);
    let domains: BTreeSet<&String> = scope.domains.iter().chain(told).collect();
    if domains.is_empty() {
        return;
    }
    for domain in domains {
        line(out, &format!("Domain {domain}"));
        if scope.accepts_domains {
            tell_known(out, domain, register, "  ");
        }
    }
    for sent in [
        "  DNS questions to the box's resolver, ten a second at most where it stands in the school, and to the name servers of",
        "  the domain; to each of these one question for www.iana.org (does it answer everybody?), to one of them one bounded",
        "  attempt at a zone transfer; reverse names of its mail servers,",
        "  EHLO, STARTTLS and QUIT with its mail servers, one GET of its MTA-STS policy (from the next of at most four addresses",
        "  where one does not answer). No redirect is followed.",
    ] {
        line(out, sent);
    }
}

fn explain_segment(out: &mut String, segment: &Segment, settings: &Settings, probes: &[&Probe]) {
    let limits = segment.pace.limits();
    if segment.is_loopback() {
        line(out, "  This machine itself: addresses that something listens on, without a limit of pace.");
    } else {
        explain_pace(out, &limits, segment);
        let count = segment.network.targets().count();
        let ports: Vec<_> = FALLBACK_PORTS.iter().map(ToString::to_string).collect();
        line(out, "  sweep");
        if count > 0 {
            line(
                out,
                &format!(
                    "    To each of {count} addresses up to three ARP questions; network and broadcast addresses are left out."
                ),
            );
            line(
                out,
                &if segment.tcp_discovery {
                    format!(
                        "    Where ARP is not possible: one echo request, else connections to TCP {}.",
                        ports.join(", ")
                    )
                } else {
                    "    Where ARP is not possible: one echo request, and no connection.".to_owned()
                },
            );
        }
        line(
            out,
            "    One echo request to all IPv6 nodes of the link, unless there are so many that their questions back were too much at once; who answers is visited like the others. No prefix is enumerated.",
        );
    }
    let any = Host { ip: segment.network.first(), mac: None, fields: Fields::new(), kind: None };
    let mut probes: Vec<_> = probes.iter().collect();
    probes.sort_by_key(|probe| probe.stage);
    for probe in probes {
        if segment.groups.contains(&probe.group) {
            let plans = (probe.plan)(&any, settings);
            let by_broadcast = plans.iter().any(|plan| matches!(plan.transport, Transport::Broadcast(_)));
            let whom = if by_broadcast { "to the segment, by broadcast" } else { to_whom(probe.stage) };
            line(out, &format!("  {}  ({whom})", probe.name));
            line(out, &format!("    {}", probe.sends));
            let ports = ports(probe, &any, settings);
            if !ports.is_empty() {
                line(out, &format!("    To {ports} of a host of which nothing more is known."));
            }
        } else {
            line(out, &format!("  {}  not allowed: group {}", probe.name, probe.group.name()));
        }
    }
}

fn explain_pace(out: &mut String, limits: &Limits, segment: &Segment) {
    let patience = Patience::of(segment);
    line(
        out,
        &format!(
            "  Pace {}: at most {} ARP questions and {} packets begun a second in all, {} a second to one host,",
            segment.pace, limits.arp, limits.overall, limits.host
        ),
    );
    line(
        out,
        &format!(
            "  {} connections open to one host and {} in all, {} ms between two to one host; on the wire {} frames a second in all, {} to one host.",
            limits.connections,
            limits.connections_in_all(),
            limits.gap.as_millis(),
            limits.frames,
            limits.host_frames
        ),
    );
    line(
        out,
        &format!(
            "  A connection is awaited {} ms, an answer {} ms, a whole conversation {} s. One retry at most.",
            patience.connect.as_millis(),
            patience.step.as_millis(),
            patience.conversation.as_secs()
        ),
    );
}

const fn to_whom(stage: Stage) -> &'static str {
    match stage {
        Stage::Announcements => "to the segment, by multicast",
        Stage::Gentle => "to each host, building control and the like left out",
        Stage::Connections => "to each host that is neither fragile nor personal",
        Stage::FollowUps => "to hosts that pointed there themselves",
    }
}

fn ports(probe: &Probe, any: &Host, settings: &Settings) -> String {
    let mut ports: Vec<String> = (probe.plan)(any, settings)
        .iter()
        .filter_map(|plan| match plan.transport {
            Transport::Tcp(port) => Some(format!("TCP {port}")),
            Transport::Udp(port) => Some(format!("UDP {port}")),
            Transport::Multicast | Transport::Broadcast(_) => None,
        })
        .collect();
    ports.dedup();
    ports.join(", ")
}

/// One host as `probe NAME TARGET` names it.
#[must_use]
pub fn bare_host(ip: IpAddr) -> Host {
    Host { ip, mac: None, fields: Fields::new(), kind: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::Known;

    /// What an owner reads before a packet leaves: also what goes to nobody's address in particular (promise G3).
    #[test]
    fn what_is_sent_beside_the_probes_is_told() {
        let text = |accepts: bool| {
            let scope = format!(
                "confirmed_domains = [\"schule.example\"]\naccept_confirmed_domains = {accepts}\n[[network]]\n\
                 name = \"A\"\nnetwork = \"10.1.0.0/24\"\nclass = \"mixed\"\npurpose = \"Inventar\"\n\
                 authorised_by = \"T\"\nlegal_basis = \"G\"\nstaff_council = \"2026-09-01\"\n"
            );
            let known =
                Known { selectors: ["rz2024b".into()].into(), senders: ["ip4:93.184.1.1".into()].into() };
            let register = Register {
                domains: BTreeSet::from(["told.example".to_owned()]),
                known: [("told.example".to_owned(), known.clone()), ("schule.example".to_owned(), known)]
                    .into(),
                ..Register::default()
            };
            let scope = crate::scope::read(&scope).expect("a scope");
            let now = Timestamp::parse_date("2026-11-02").expect("a day");
            explain(&scope, &register, &Settings::default(), crate::probes::ALL, now)
        };
        let told = text(false);
        for words in
            ["three ARP questions", "to all IPv6 nodes", "Domain schule.example", "resolver", "www.iana.org"]
        {
            assert!(told.contains(words), "{words} is missing from {told}");
        }
        for probe in crate::probes::ALL {
            assert!(told.contains(probe.name) && told.contains(probe.sends), "{} is missing", probe.name);
        }
        let polite = "2 connections open to one host and 10 in all";
        assert!(told.contains(polite), "{polite} is missing from {told}");
        for word in ["told.example", "rz2024b", "93.184.1.1"] {
            assert!(
                !told.contains(word),
                "{word} is not looked up, for the scope does not accept it: {told}"
            );
        }
        let accepted = text(true);
        for domain in ["schule.example", "told.example"] {
            let known =
                "  DKIM selectors told: rz2024b\n  senders told, looked up as SPF terms: ip4:93.184.1.1\n";
            assert!(accepted.contains(&format!("Domain {domain}\n{known}")), "{accepted}");
        }
    }
}
