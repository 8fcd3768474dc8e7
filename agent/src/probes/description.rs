//! UPnP device descriptions: one GET of each document that the host itself told of by SSDP, or that its vendor
//! documents, and only where it stands on the same host.

use super::evidence::{put_text, set_list, set_text};
use super::exchange::{Exchange, asked};
use super::planning::{announces, answers_search, is_raw_data_port, list, may_read_announced};
use super::tls;
use crate::probe::{Conversation, Group, Harvest, Host, Plan, Probe, Settings, Stage, Transport};
use rundgang_inventory::vocabulary::{
    DIAL_APPLICATION_URL, HTTP_TITLE, SSDP_LOCATION, UPNP_DEVICE_TYPE, UPNP_DEVICES, UPNP_FRIENDLY_NAME,
    UPNP_MANUFACTURER, UPNP_MODEL_DESCRIPTION, UPNP_MODEL_NAME, UPNP_MODEL_NUMBER, UPNP_SERIAL,
    UPNP_SOFTWARE_VERSION, UPNP_UDN,
};
use rundgang_inventory::{Field, Fields, Row, Value};
use rundgang_wire::http::{get, place};
use rundgang_wire::upnp::{Device, description};
use std::net::IpAddr;

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "upnp",
    sends: "One GET of each UPnP device description on the same host: those that the host told by SSDP, and those \
            that vendors document (FRITZ!Box port 49000, Sonos port 1400) where the host showed itself as theirs.",
    group: Group::Web,
    stage: Stage::FollowUps,
    plan,
    start,
};

/// Descriptions of one host that are read.
const MAX_DOCUMENTS: usize = 4;

/// A document that needs no announcement of its own: the vendor says where it stands.
struct Documented {
    /// Whether the host showed itself as this vendor's.
    hint: fn(&Host) -> bool,
    port: u16,
    path: &'static str,
}

static DOCUMENTED: &[Documented] = &[
    // AVM, "TR-064 Support".
    Documented { hint: is_fritz, port: 49000, path: "/tr64desc.xml" },
    // Sonos, description of its players.
    Documented {
        hint: |host| announces(host, "_sonos._tcp"),
        port: 1400,
        path: "/xml/device_description.xml",
    },
];

fn is_fritz(host: &Host) -> bool {
    list(host, &HTTP_TITLE).any(|title| title.starts_with("FRITZ!"))
        || answers_search(host, "urn:schemas-upnp-org:device:avmnexus")
        || answers_search(host, "urn:schemas-upnp-org:device:fritzbox")
}

fn plan(host: &Host, _: &Settings) -> Vec<Plan> {
    if !may_read_announced(host) {
        return Vec::new();
    }
    let told =
        list(host, &SSDP_LOCATION).filter_map(|location| place(location, false, 80)).filter_map(|place| {
            let same = place.host.parse::<IpAddr>().is_ok_and(|address| address == host.ip);
            let scheme = if place.secure { "https" } else { "http" };
            (same && !is_raw_data_port(place.port))
                .then(|| Plan::tcp(place.port).with(format!("{scheme} {}", place.path)))
        });
    let documented = DOCUMENTED
        .iter()
        .filter(|document| (document.hint)(host))
        .map(|document| Plan::tcp(document.port).with(format!("http {}", document.path)));
    let mut plans: Vec<Plan> = Vec::new();
    for plan in documented.chain(told) {
        if !plans.contains(&plan) && plans.len() < MAX_DOCUMENTS {
            plans.push(plan);
        }
    }
    plans
}

fn start(host: &Host, plan: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    let (scheme, path) = plan.argument.split_once(' ').unwrap_or(("http", "/"));
    let port = match plan.transport {
        Transport::Tcp(port) | Transport::Udp(port) => port,
        Transport::Multicast | Transport::Broadcast(_) => 80,
    };
    let secure = scheme == "https";
    let exchange = get(host.ip, port, secure, path).map(|request| Exchange::new(secure, request));
    let reading = Reading { host: host.ip, port, path: path.to_owned() };
    asked(exchange, move |exchange| reading.harvest(exchange))
}

struct Reading {
    host: IpAddr,
    port: u16,
    path: String,
}

impl Reading {
    fn harvest(&self, exchange: &Exchange) -> Harvest {
        let mut fields = Fields::new();
        if let Some(peer) = &exchange.peer {
            fields.merge(tls::told(self.port, peer));
        }
        if let Some(response) = exchange.response.as_ref().filter(|response| response.status == 200) {
            let devices = description(&response.body);
            fields.merge(told(&devices, &format!("{}{}", self.port, self.path)));
            if !devices.is_empty() {
                set_text(&mut fields, &DIAL_APPLICATION_URL, response.header("application-url"));
            }
        }
        Harvest::of(self.host, fields)
    }
}

/// The root device's own fields, and every device as a row.
fn told(devices: &[Device], location: &str) -> Fields {
    let mut fields = Fields::new();
    let Some(root) = devices.first() else { return fields };
    let lists: [(&'static Field, &str); 9] = [
        (&UPNP_MANUFACTURER, &root.manufacturer),
        (&UPNP_MODEL_NAME, &root.model_name),
        (&UPNP_MODEL_NUMBER, &root.model_number),
        (&UPNP_MODEL_DESCRIPTION, &root.model_description),
        (&UPNP_SERIAL, &root.serial),
        (&UPNP_FRIENDLY_NAME, &root.friendly_name),
        (&UPNP_UDN, &root.udn),
        (&UPNP_SOFTWARE_VERSION, &root.software_version),
        (&UPNP_DEVICE_TYPE, &root.device_type),
    ];
    for (field, text) in lists {
        set_list(&mut fields, field, [text]);
    }
    set_list(&mut fields, &UPNP_DEVICE_TYPE, devices.iter().map(|device| &device.device_type));
    fields.set(&UPNP_DEVICES, Value::Table(devices.iter().map(|device| row(device, location)).collect()));
    fields
}

fn row(device: &Device, location: &str) -> Row {
    let mut row = Row::new();
    let columns = [
        ("location", location),
        ("device_type", &device.device_type),
        ("friendly_name", &device.friendly_name),
        ("manufacturer", &device.manufacturer),
        ("model_name", &device.model_name),
        ("model_number", &device.model_number),
        ("model_description", &device.model_description),
        ("serial", &device.serial),
        ("udn", &device.udn),
        ("software_version", &device.software_version),
    ];
    for (column, text) in columns {
        put_text(&mut row, column, Some(text));
    }
    for (name, text) in &device.extensions {
        put_text(&mut row, &format!("x.{name}"), Some(text));
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::{announcing, host};
    use crate::probes::transcript::{Line, fields, lines, play};

    fn located(locations: &[&str]) -> Host {
        let list = locations.iter().map(|&location| location.to_owned()).collect();
        host(None, Fields::new().with(&SSDP_LOCATION, Value::List(list)))
    }

    #[test]
    fn only_documents_of_the_same_host_are_read() {
        let check = |locations: &[&str], expected: &[Plan]| {
            assert_eq!(plan(&located(locations), &Settings::default()), expected, "{locations:?}");
        };
        check(&["http://192.0.2.7:49152/d.xml"], &[Plan::tcp(49152).with("http /d.xml")]);
        check(&["http://192.0.2.8:49152/d.xml"], &[]);
        check(&["http://router.example/d.xml"], &[]);
        check(&["http://192.0.2.7:9100/d.xml"], &[]);
        check(&["/d.xml"], &[]);
        let sonos = announcing("_sonos._tcp", 1443, &[]);
        let expected = [Plan::tcp(1400).with("http /xml/device_description.xml")];
        assert_eq!(plan(&sonos, &Settings::default()), expected);
        let fritz = host(None, Fields::new().with(&HTTP_TITLE, Value::List(vec!["FRITZ!Box".to_owned()])));
        assert_eq!(plan(&fritz, &Settings::default()), [Plan::tcp(49000).with("http /tr64desc.xml")]);
    }

    #[test]
    fn a_description() {
        let tv = located(&["http://192.0.2.7:49152/d.xml"]);
        let request = b"GET /d.xml HTTP/1.1\r\nHost: 192.0.2.7:49152\r\nUser-Agent: Rundgang (network inventory, read only)\r\nAccept: */*\r\nConnection: close\r\n\r\n";
        let answer = b"HTTP/1.1 200 OK\r\nApplication-URL: http://192.0.2.7:8060/apps/\r\n\r\n<root><device><deviceType>urn:x</deviceType><friendlyName>Aula</friendlyName><manufacturer>Example</manufacturer><modelName>TV 1</modelName><serialNumber>S1</serialNumber><v:Cap xmlns:v='v'>Y2018</v:Cap></device></root>";
        let mut conversation = start(&tv, &plan(&tv, &Settings::default())[0], &Settings::default(), 0);
        let got = play(conversation.as_mut(), &[Line::Sends(request), Line::Hears(answer), Line::Closed]);
        assert_eq!(
            lines(&fields(got)),
            [
                "dial.application_url: http://192.0.2.7:8060/apps/",
                "upnp.device_type: [urn:x]",
                "upnp.devices: [device_type=urn:x, friendly_name=Aula, location=49152/d.xml, manufacturer=Example, model_name=TV 1, serial=S1, x.Cap=Y2018]",
                "upnp.friendly_name: [Aula]",
                "upnp.manufacturer: [Example]",
                "upnp.model_name: [TV 1]",
                "upnp.serial: [S1]",
            ]
        );
    }
}
