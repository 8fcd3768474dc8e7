//! Printers: one IPP Get-Printer-Attributes on port 631, well formed; over TLS only where the printer announced it.

use super::evidence::{put_int, put_text, set_list, set_text};
use super::exchange::Exchange;
use super::planning::{announced_ports, announced_text, announces, is_kind, may_connect};
use super::tls;
use crate::probe::{
    Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step, Transport,
};
use rundgang_inventory::vocabulary::{
    IPP_COLOR, IPP_DEVICE_ID, IPP_DNS_SD_NAME, IPP_FIRMWARE, IPP_IMPRESSIONS, IPP_INFO, IPP_LOCATION,
    IPP_MAKE_AND_MODEL, IPP_MANUFACTURER, IPP_MODEL, IPP_MORE_INFO, IPP_NAME, IPP_NOTE, IPP_SERIAL,
    IPP_SIDES, IPP_SUPPLIES, IPP_UUID, IPP_VERSIONS,
};
use rundgang_inventory::{Field, Fields, Kind, Row, Value};
use rundgang_wire::ipp::{Answer, Value as Told, answer, device_id, post};
use std::net::IpAddr;

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "ipp",
    sends: "One IPP Get-Printer-Attributes (HTTP POST) to port 631, of printers and of hosts not yet known; over TLS \
            only where the host announced _ipps. No other operation exists in the code.",
    group: Group::Printing,
    stage: Stage::Connections,
    plan,
    start,
};

/// The path that printers share (PWG 5100.14 section 4.2).
const USUAL_PATH: &str = "/ipp/print";

fn plan(host: &Host, _: &Settings) -> Vec<Plan> {
    let (plain, secure) = (announces(host, "_ipp._tcp"), announces(host, "_ipps._tcp"));
    let likely = plain || secure || host.kind.is_none() || is_kind(host, &[Kind::Printer]);
    if !may_connect(host) || !likely {
        return Vec::new();
    }
    let service = if plain || !secure { "_ipp._tcp" } else { "_ipps._tcp" };
    let path = announced_text(host, service, "rp")
        .map_or_else(|| USUAL_PATH.to_owned(), |rp| format!("/{}", rp.trim_start_matches('/')));
    // A shared queue of somebody's computer is no printer.
    if path.starts_with("/printers/") || !path.bytes().all(|octet| (0x21..0x7f).contains(&octet)) {
        return Vec::new();
    }
    let port = announced_ports(host, service).first().copied().unwrap_or(631);
    vec![Plan::tcp(port).with(format!("{} {path}", if service == "_ipps._tcp" { "ipps" } else { "ipp" }))]
}

fn start(host: &Host, plan: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    let (scheme, path) = plan.argument.split_once(' ').unwrap_or(("ipp", USUAL_PATH));
    let port = match plan.transport {
        Transport::Tcp(port) | Transport::Udp(port) => port,
        Transport::Multicast | Transport::Broadcast(_) => 631,
    };
    let secure = scheme == "ipps";
    Box::new(Question {
        host: host.ip,
        port,
        exchange: Exchange::new(secure, post(host.ip, port, secure, path)),
    })
}

struct Question {
    host: IpAddr,
    port: u16,
    exchange: Exchange,
}

impl Conversation for Question {
    fn step(&mut self, input: Input<'_>) -> Step {
        match self.exchange.step(&input) {
            Some(step) => step,
            None => Step::Done(self.harvest()),
        }
    }

    fn give_up(&mut self) -> Harvest {
        self.exchange.conclude();
        self.harvest()
    }
}

impl Question {
    fn harvest(&self) -> Harvest {
        let mut fields = Fields::new();
        if let Some(peer) = &self.exchange.peer {
            fields.merge(tls::told(self.port, peer));
        }
        if let Some(reason) = &self.exchange.failure {
            fields.merge(tls::failed(self.port, reason));
        }
        if let Some(response) = &self.exchange.response {
            match answer(&response.body) {
                Some(answer) if response.status == 200 => fields.merge(read(&answer)),
                _ => set_text(&mut fields, &IPP_NOTE, Some(format!("HTTP status {}", response.status))),
            }
        }
        Harvest::of(self.host, fields)
    }
}

/// Attributes that are taken over as they are.
static TEXTS: &[(&str, &Field)] = &[
    ("printer-make-and-model", &IPP_MAKE_AND_MODEL),
    ("printer-device-id", &IPP_DEVICE_ID),
    ("printer-name", &IPP_NAME),
    ("printer-info", &IPP_INFO),
    ("printer-location", &IPP_LOCATION),
    ("printer-uuid", &IPP_UUID),
    ("printer-dns-sd-name", &IPP_DNS_SD_NAME),
    ("printer-more-info", &IPP_MORE_INFO),
    ("printer-serial-number", &IPP_SERIAL),
];

fn read(answer: &Answer) -> Fields {
    let mut fields = Fields::new();
    for (name, field) in TEXTS {
        set_text(&mut fields, field, texts(answer, name).next());
    }
    let firmware: Vec<String> = texts(answer, "printer-firmware-string-version")
        .map(|text| String::from_utf8_lossy(text).trim().to_owned())
        .filter(|text| !text.is_empty())
        .collect();
    set_text(&mut fields, &IPP_FIRMWARE, Some(firmware.join(", ")));
    set_list(&mut fields, &IPP_SIDES, texts(answer, "sides-supported"));
    set_list(&mut fields, &IPP_VERSIONS, texts(answer, "ipp-versions-supported"));
    if let Some(Told::Boolean(color)) = answer.values("color-supported").first() {
        fields.set(&IPP_COLOR, Value::Int((*color).into()));
    }
    if let Some(Told::Integer(sides)) = answer.values("printer-impressions-completed").first() {
        fields.set(&IPP_IMPRESSIONS, Value::Int((*sides).into()));
    }
    let supplies = supplies(answer);
    if !supplies.is_empty() {
        fields.set(&IPP_SUPPLIES, Value::Table(supplies));
    }
    read_device_id(&mut fields);
    if answer.status >= 0x0100 {
        set_text(&mut fields, &IPP_NOTE, Some(format!("refused with IPP status 0x{:04x}", answer.status)));
    } else if !answer.well_formed {
        set_text(&mut fields, &IPP_NOTE, Some("the answer breaks the rules of RFC 8010"));
    }
    fields
}

/// The keys of the device identifier, which is often more exact than the attributes beside it.
fn read_device_id(fields: &mut Fields) {
    let identifier = fields.text(&IPP_DEVICE_ID).unwrap_or_default().to_owned();
    for (key, value) in device_id(&identifier) {
        let field: &'static Field = match key.to_ascii_uppercase().as_str() {
            "MFG" | "MANUFACTURER" => &IPP_MANUFACTURER,
            "MDL" | "MODEL" => &IPP_MODEL,
            "SN" | "SERN" | "SERIALNUMBER" => &IPP_SERIAL,
            _ => continue,
        };
        if fields.get(field).is_none() {
            fields.set(field, Value::text(value));
        }
    }
}

fn texts<'a>(answer: &'a Answer, name: &str) -> impl Iterator<Item = &'a [u8]> {
    answer.values(name).iter().filter_map(|value| match value {
        Told::Text(text) => Some(text.as_slice()),
        Told::Integer(_) | Told::Boolean(_) => None,
    })
}

/// The marker attributes are parallel lists (PWG 5107.2 section 3).
fn supplies(answer: &Answer) -> Vec<Row> {
    let columns = [("name", "marker-names"), ("type", "marker-types"), ("color", "marker-colors")]
        .map(|(column, name)| (column, texts(answer, name).collect::<Vec<_>>()));
    let levels = answer.values("marker-levels");
    let count = columns.iter().map(|(_, list)| list.len()).max().unwrap_or(0).max(levels.len()).min(32);
    let row = |index: usize| {
        let mut row = Row::new();
        for (column, list) in &columns {
            put_text(&mut row, column, list.get(index));
        }
        if let Some(Told::Integer(level)) = levels.get(index) {
            put_int(&mut row, "level", *level);
        }
        row
    };
    (0..count).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::{announcing, host};
    use crate::probes::transcript::{HOST, Line, fields, lines, play};

    fn attribute(tag: u8, name: &str, value: &[u8]) -> Vec<u8> {
        let mut bytes = vec![tag];
        for part in [name.as_bytes(), value] {
            bytes.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend(part);
        }
        bytes
    }

    fn http(body: &[u8]) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend(body);
        bytes
    }

    fn ask(answer: &[u8]) -> Vec<String> {
        let printer = announcing("_ipp._tcp", 631, &["rp=ipp/print"]);
        let plans = plan(&printer, &Settings::default());
        assert_eq!(plans, [Plan::tcp(631).with("ipp /ipp/print")]);
        let mut conversation = start(&printer, &plans[0], &Settings::default(), 0);
        let request = post(HOST, 631, false, "/ipp/print");
        lines(&fields(play(conversation.as_mut(), &[Line::Sends(&request), Line::Hears(answer)])))
    }

    #[test]
    fn a_printer_answers() {
        let mut body = vec![1, 1, 0, 0, 0, 0, 0, 1, 0x04];
        body.extend(attribute(0x41, "printer-make-and-model", b"Example C300"));
        body.extend(attribute(0x41, "printer-device-id", b"MFG:Example;MDL:C300;SN:AB12;"));
        body.extend(attribute(0x41, "printer-firmware-string-version", b"1.2"));
        body.extend(attribute(0x41, "", b"3.4"));
        body.extend(attribute(0x42, "marker-names", b"Black"));
        body.extend(attribute(0x42, "", b"Cyan"));
        body.extend(attribute(0x21, "marker-levels", &[0, 0, 0, 40]));
        body.extend(attribute(0x21, "", &[255, 255, 255, 254]));
        body.extend(attribute(0x21, "printer-impressions-completed", &[0, 0, 1, 0]));
        body.extend(attribute(0x22, "color-supported", &[1]));
        body.push(0x03);
        assert_eq!(
            ask(&http(&body)),
            [
                "ipp.color: 1",
                "ipp.device_id: MFG:Example;MDL:C300;SN:AB12;",
                "ipp.firmware: 1.2, 3.4",
                "ipp.impressions: 256",
                "ipp.make_and_model: Example C300",
                "ipp.manufacturer: Example",
                "ipp.model: C300",
                "ipp.serial: AB12",
                "ipp.supplies: [level=40, name=Black | level=-2, name=Cyan]",
            ]
        );
    }

    #[test]
    fn half_an_answer_and_none() {
        let mut body = vec![1, 1, 0, 0, 0, 0, 0, 1, 0x04];
        body.extend(attribute(0x41, "printer-make-and-model", b"Example C300"));
        body.extend([0x41, 0, 200]);
        assert_eq!(
            ask(&http(&body)),
            ["ipp.make_and_model: Example C300", "ipp.note: the answer breaks the rules of RFC 8010"]
        );
        assert_eq!(
            ask(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
            ["ipp.note: HTTP status 404"]
        );
    }

    #[test]
    fn plans() {
        let check = |host: &Host, expected: &[Plan]| assert_eq!(plan(host, &Settings::default()), expected);
        check(&host(None, Fields::new()), &[Plan::tcp(631).with("ipp /ipp/print")]);
        check(&host(Some(Kind::Printer), Fields::new()), &[Plan::tcp(631).with("ipp /ipp/print")]);
        check(&host(Some(Kind::Switch), Fields::new()), &[]);
        check(&announcing("_ipps._tcp", 443, &[]), &[Plan::tcp(443).with("ipps /ipp/print")]);
        check(&announcing("_ipp._tcp", 631, &["rp=printers/Office"]), &[]);
        check(&announcing("_ipp._tcp", 9100, &[]), &[Plan::tcp(631).with("ipp /ipp/print")]);
    }
}
