//! Control ports of displays and projectors: a connection to the one port that the maker's documents name, and no
//! byte over it. That it is open tells a signage display from a telephone of the same maker.

use super::evidence::set_list;
use super::planning::{is_kind, may_connect};
use crate::probe::{Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step};
use rundgang_inventory::recognise::oui;
use rundgang_inventory::vocabulary::CONTROL_PROTOCOLS;
use rundgang_inventory::{Fields, Kind};
use std::net::IpAddr;

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "control",
    sends: "Nothing: a connection to the control port that the maker of the host's network card documents for its \
            displays or projectors (such as 1515 for Samsung), closed at once.",
    group: Group::Projection,
    stage: Stage::Connections,
    plan,
    start,
};

/// One maker's control port.
struct Port {
    /// How the organisation that owns the MAC block begins, in lower case.
    maker: &'static str,
    port: u16,
    name: &'static str,
}

/// From the makers' public manuals of their control protocols.
static PORTS: &[Port] = &[
    Port { maker: "samsung electronics", port: 1515, name: "samsung-mdc" },
    Port { maker: "lg electronics", port: 9761, name: "lg-signage" },
    Port { maker: "nec", port: 7142, name: "nec-control" },
    Port { maker: "sharp nec", port: 7142, name: "nec-control" },
    Port { maker: "tpv", port: 5000, name: "philips-sicp" },
    Port { maker: "top victory", port: 5000, name: "philips-sicp" },
    Port { maker: "sony", port: 53595, name: "sony-adcp" },
    Port { maker: "sony", port: 20060, name: "sony-simple-ip" },
    Port { maker: "seiko epson", port: 3629, name: "escvp-net" },
    Port { maker: "panasonic", port: 1024, name: "panasonic-ntcontrol" },
    Port { maker: "viewsonic", port: 5000, name: "viewsonic-lan" },
    Port { maker: "crestron", port: 41794, name: "crestron-cip" },
    Port { maker: "christie", port: 3002, name: "christie-serial" },
    Port { maker: "smart technologies", port: 7000, name: "smart-airplay" },
    Port { maker: "viewsonic", port: 51030, name: "viewsonic-cast" },
    Port { maker: "promethean", port: 47010, name: "promethean-activcast" },
];

fn plan(host: &Host, _: &Settings) -> Vec<Plan> {
    let likely =
        host.kind.is_none() || is_kind(host, &[Kind::Display, Kind::Board, Kind::Projector, Kind::Av]);
    let maker = host.mac.and_then(|(mac, _)| oui::table().organisation(mac)).map(str::to_lowercase);
    let Some(maker) = maker.filter(|_| may_connect(host) && likely) else { return Vec::new() };
    let own = PORTS.iter().filter(|port| maker.starts_with(port.maker));
    own.map(|port| Plan::tcp(port.port).with(port.name)).collect()
}

fn start(host: &Host, plan: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    Box::new(Knock { host: host.ip, name: plan.argument.clone() })
}

struct Knock {
    host: IpAddr,
    name: String,
}

impl Conversation for Knock {
    fn step(&mut self, input: Input<'_>) -> Step {
        let mut fields = Fields::new();
        if matches!(input, Input::Connected) {
            set_list(&mut fields, &CONTROL_PROTOCOLS, [&self.name]);
        }
        Step::Done(Harvest::of(self.host, fields))
    }

    fn give_up(&mut self) -> Harvest {
        Harvest::nothing()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::{is_raw_data_port, tests::host};
    use crate::probes::transcript::{fields, lines, play};
    use rundgang_inventory::MacProvenance;

    #[test]
    fn an_open_port_is_evidence_and_nothing_is_sent() {
        let display = host(None, Fields::new());
        let plan = Plan::tcp(1515).with("samsung-mdc");
        let mut conversation = start(&display, &plan, &Settings::default(), 0);
        let got = lines(&fields(play(conversation.as_mut(), &[])));
        assert_eq!(got, ["control.protocols: [samsung-mdc]"]);
        let mut refused = start(&display, &plan, &Settings::default(), 0);
        assert_eq!(refused.step(Input::Refused), Step::Done(Harvest::nothing()));
    }

    #[test]
    fn the_maker_decides_the_port() {
        let check = |mac: &str, kind: Option<Kind>, expected: &[u16]| {
            let mac = Some((mac.parse().unwrap(), MacProvenance::OwnReply));
            let host = Host { mac, ..host(kind, Fields::new()) };
            let got = plan(&host, &Settings::default());
            let expected: Vec<_> = expected.iter().map(|&port| crate::probe::Transport::Tcp(port)).collect();
            assert_eq!(got.iter().map(|plan| plan.transport).collect::<Vec<_>>(), expected, "{host:?}");
        };
        check("84:a4:66:00:00:01", None, &[1515]);
        check("84:a4:66:00:00:01", Some(Kind::Phone), &[]);
        check("84:a4:66:00:00:01", Some(Kind::Printer), &[]);
        check("38:1a:52:00:00:01", Some(Kind::Projector), &[3629]);
        check("00:02:75:00:00:01", None, &[7000]);
        check("02:00:00:00:00:01", None, &[]);
        assert!(plan(&host(None, Fields::new()), &Settings::default()).is_empty());
    }

    #[test]
    fn no_port_prints() {
        assert!(PORTS.iter().all(|port| !is_raw_data_port(port.port)));
    }
}
