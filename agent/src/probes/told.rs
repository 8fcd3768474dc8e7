//! Vendors' own documented read-only pages: one table says which hint leads to which page, and where in it model,
//! serial number and version stand. A new page is a new row.

use super::evidence::{set_list, set_text};
use super::exchange::Exchange;
use super::planning::{
    announced_ports, announced_text, announces, answers_search, is_kind, list, may_connect,
    may_read_announced, rows,
};
use crate::probe::{
    Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step, Transport,
};
use rundgang_inventory::vocabulary::{
    HTTP_COOKIES, MDNS_INSTANCES, TOLD_BY, TOLD_MAC, TOLD_MANUFACTURER, TOLD_MODEL, TOLD_NAME, TOLD_SERIAL,
    TOLD_VERSION,
};
use rundgang_inventory::{Field, Fields, Kind, Value};
use rundgang_wire::http::get;
use rundgang_wire::xml::elements;
use std::net::IpAddr;

/// The probe.
pub(crate) static PROBE: Probe = Probe {
    name: "told",
    sends: "One GET of a page that the vendor documents for reading (Cast, Roku, Samsung, Bose, scanners by eSCL, \
            Nextcloud), only where an announcement or a page of the host named that product.",
    group: Group::Web,
    stage: Stage::FollowUps,
    plan,
    start,
};

/// What must be known of a host before its page is asked for.
enum Hint {
    /// It announced this DNS-SD type.
    Service(&'static str),
    /// It answered a search for an SSDP target that begins so.
    Search(&'static str),
    /// A page of it set this cookie.
    Cookie(&'static str),
    /// It announced an instance of this type whose name begins so, in lower case.
    Instance(&'static str, &'static str),
    /// It is a printer, or announced itself as one, not as a computer that shares one.
    Printer,
}

/// Which port the page stands on.
enum Port {
    Fixed(u16),
    /// The first port that the host announced for this type.
    Announced(&'static str),
}

/// How the page is read: where what stands. Of several places for one field the first that is filled counts.
enum Reading {
    /// JSON pointers (RFC 6901).
    Json(&'static [(&'static str, &'static Field)]),
    /// Names of XML elements, wherever they stand.
    Xml(&'static [(&'static str, &'static Field)]),
}

struct Page {
    name: &'static str,
    hint: Hint,
    port: Port,
    secure: bool,
    path: &'static str,
    reading: Reading,
}

/// eSCL 2.97 (Mopria Alliance), section ScannerCapabilities.
const ESCL: Reading = Reading::Xml(&[
    ("MakeAndModel", &TOLD_MODEL),
    ("SerialNumber", &TOLD_SERIAL),
    ("Manufacturer", &TOLD_MANUFACTURER),
]);

/// Samsung's "Smart View SDK", device description of the receiver.
const SAMSUNG: Reading = Reading::Json(&[
    ("/device/modelName", &TOLD_MODEL),
    ("/device/model", &TOLD_MODEL),
    ("/device/firmwareVersion", &TOLD_VERSION),
    ("/device/name", &TOLD_NAME),
    ("/device/wifiMac", &TOLD_MAC),
]);

static PAGES: &[Page] = &[
    // The setup page that Google's own Home application reads.
    Page {
        name: "cast",
        hint: Hint::Service("_googlecast._tcp"),
        port: Port::Fixed(8008),
        secure: false,
        path: "/setup/eureka_info?params=name,build_info,detail,device_info",
        reading: Reading::Json(&[
            ("/device_info/manufacturer", &TOLD_MANUFACTURER),
            ("/detail/manufacturer", &TOLD_MANUFACTURER),
            ("/device_info/product_name", &TOLD_MODEL),
            ("/device_info/model_name", &TOLD_MODEL),
            ("/detail/model_name", &TOLD_MODEL),
            ("/build_info/cast_build_revision", &TOLD_VERSION),
            ("/cast_build_revision", &TOLD_VERSION),
            ("/device_info/mac_address", &TOLD_MAC),
            ("/mac_address", &TOLD_MAC),
            ("/name", &TOLD_NAME),
        ]),
    },
    // Roku, "External Control Protocol", query/device-info.
    Page {
        name: "roku",
        hint: Hint::Search("roku:ecp"),
        port: Port::Fixed(8060),
        secure: false,
        path: "/query/device-info",
        reading: Reading::Xml(&[
            ("vendor-name", &TOLD_MANUFACTURER),
            ("model-name", &TOLD_MODEL),
            ("model-number", &TOLD_MODEL),
            ("serial-number", &TOLD_SERIAL),
            ("software-version", &TOLD_VERSION),
            ("user-device-name", &TOLD_NAME),
            ("ethernet-mac", &TOLD_MAC),
        ]),
    },
    Page {
        name: "samsung",
        hint: Hint::Search("urn:samsung.com:"),
        port: Port::Fixed(8001),
        secure: false,
        path: "/api/v2/",
        reading: SAMSUNG,
    },
    Page {
        name: "samsung",
        hint: Hint::Service("_samsungmsf._tcp"),
        port: Port::Fixed(8001),
        secure: false,
        path: "/api/v2/",
        reading: SAMSUNG,
    },
    // Bose, "SoundTouch Web API", /info.
    Page {
        name: "soundtouch",
        hint: Hint::Service("_soundtouch._tcp"),
        port: Port::Announced("_soundtouch._tcp"),
        secure: false,
        path: "/info",
        reading: Reading::Xml(&[
            ("type", &TOLD_MODEL),
            ("serialNumber", &TOLD_SERIAL),
            ("softwareVersion", &TOLD_VERSION),
            ("name", &TOLD_NAME),
        ]),
    },
    Page {
        name: "escl",
        hint: Hint::Service("_uscan._tcp"),
        port: Port::Announced("_uscan._tcp"),
        secure: false,
        path: "/eSCL/ScannerCapabilities",
        reading: ESCL,
    },
    Page {
        name: "escl",
        hint: Hint::Printer,
        port: Port::Fixed(80),
        secure: false,
        path: "/eSCL/ScannerCapabilities",
        reading: ESCL,
    },
    // Shelly, "Gen2+ Device API": device information, readable without login.
    Page {
        name: "shelly",
        hint: Hint::Instance("_http._tcp", "shelly"),
        port: Port::Announced("_http._tcp"),
        secure: false,
        path: "/shelly",
        reading: Reading::Json(&[
            ("/app", &TOLD_MODEL),
            ("/model", &TOLD_MODEL),
            ("/type", &TOLD_MODEL),
            ("/ver", &TOLD_VERSION),
            ("/fw", &TOLD_VERSION),
            ("/mac", &TOLD_MAC),
            ("/name", &TOLD_NAME),
        ]),
    },
    // Nextcloud, "Server monitoring": the status page needs no login.
    Page {
        name: "nextcloud",
        hint: Hint::Cookie("nc_sameSiteCookielax"),
        port: Port::Fixed(443),
        secure: true,
        path: "/status.php",
        reading: Reading::Json(&[("/productname", &TOLD_MODEL), ("/versionstring", &TOLD_VERSION)]),
    },
];

impl Hint {
    fn holds(&self, host: &Host) -> bool {
        match self {
            Self::Service(service) => announces(host, service),
            Self::Search(target) => answers_search(host, target),
            Self::Cookie(name) => list(host, &HTTP_COOKIES).any(|cookie| cookie == *name),
            Self::Instance(service, start) => rows(host, &MDNS_INSTANCES).any(|row| {
                let text = |column: &str| row.get(column).and_then(Value::as_text).unwrap_or_default();
                text("type") == *service && text("instance").to_ascii_lowercase().starts_with(start)
            }),
            Self::Printer => {
                let shared =
                    announced_text(host, "_ipp._tcp", "rp").is_some_and(|path| path.starts_with("printers/"));
                !shared && (is_kind(host, &[Kind::Printer, Kind::Scanner]) || announces(host, "_ipp._tcp"))
            }
        }
    }
}

fn plan(host: &Host, _: &Settings) -> Vec<Plan> {
    if !may_read_announced(host) {
        return Vec::new();
    }
    let announced_only = !may_connect(host);
    let mut plans: Vec<Plan> = Vec::new();
    for (index, page) in PAGES.iter().enumerate().filter(|(_, page)| page.hint.holds(host)) {
        let port = match page.port {
            Port::Fixed(_) if announced_only => None,
            Port::Fixed(port) => Some(port),
            Port::Announced(service) => announced_ports(host, service).first().copied(),
        };
        let Some(port) = port else { continue };
        // One page of a name is enough, whichever hint led to it.
        let asked = plans.iter().any(|plan| row(plan).is_some_and(|other| other.name == page.name));
        if !asked {
            plans.push(Plan::tcp(port).with(format!("{} {index}", page.name)));
        }
    }
    plans
}

/// The row that a plan's argument names.
fn row(plan: &Plan) -> Option<&'static Page> {
    PAGES.get(plan.argument.rsplit(' ').next()?.parse::<usize>().ok()?)
}

fn start(host: &Host, plan: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    let port = match plan.transport {
        Transport::Tcp(port) | Transport::Udp(port) => port,
        Transport::Multicast | Transport::Broadcast(_) => 80,
    };
    let visit = row(plan).and_then(|page| {
        let request = get(host.ip, port, page.secure, page.path)?;
        Some((page, Exchange::new(page.secure, request)))
    });
    Box::new(Visit { host: host.ip, visit })
}

struct Visit {
    host: IpAddr,
    visit: Option<(&'static Page, Exchange)>,
}

impl Conversation for Visit {
    fn step(&mut self, input: Input<'_>) -> Step {
        match self.visit.as_mut().and_then(|(_, exchange)| exchange.step(&input)) {
            Some(step) => step,
            None => Step::Done(self.harvest()),
        }
    }

    fn give_up(&mut self) -> Harvest {
        if let Some((_, exchange)) = &mut self.visit {
            exchange.conclude();
        }
        self.harvest()
    }
}

impl Visit {
    fn harvest(&self) -> Harvest {
        let Some((page, exchange)) = &self.visit else { return Harvest::nothing() };
        let Some(response) = exchange.response.as_ref().filter(|response| response.status == 200) else {
            return Harvest::nothing();
        };
        let mut fields = read(&page.reading, &response.body);
        if !fields.is_empty() {
            set_list(&mut fields, &TOLD_BY, [page.name]);
        }
        Harvest::of(self.host, fields)
    }
}

fn read(reading: &Reading, body: &[u8]) -> Fields {
    let mut fields = Fields::new();
    let mut set = |field: &'static Field, text: Option<String>| {
        if fields.get(field).is_none() {
            set_text(&mut fields, field, text);
        }
    };
    match reading {
        Reading::Json(places) => {
            let document: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
            for (pointer, field) in *places {
                set(field, document.pointer(pointer).and_then(|value| value.as_str()).map(str::to_owned));
            }
        }
        Reading::Xml(places) => {
            let document = elements(body);
            for (name, field) in *places {
                let found =
                    document.iter().find(|element| element.name() == *name && !element.text.is_empty());
                set(field, found.map(|element| element.text.clone()));
            }
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::{announcing, host};
    use crate::probes::transcript::{Line, fields, lines, play};
    use rundgang_inventory::vocabulary::SSDP_ST;

    fn ask(host: &Host, path: &str, body: &str) -> Vec<String> {
        let plans = plan(host, &Settings::default());
        assert_eq!(plans.len(), 1, "{plans:?}");
        let Transport::Tcp(port) = plans[0].transport else { panic!("not over TCP") };
        let request = get(host.ip, port, false, path).unwrap();
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        let mut conversation = start(host, &plans[0], &Settings::default(), 0);
        let harvest = play(conversation.as_mut(), &[Line::Sends(&request), Line::Hears(answer.as_bytes())]);
        lines(&fields(harvest))
    }

    #[test]
    fn a_cast_receiver() {
        let path = "/setup/eureka_info?params=name,build_info,detail,device_info";
        let body = r#"{"name":"Raum 12","build_info":{"cast_build_revision":"1.56"},"detail":{"model_name":"C1"},"device_info":{"manufacturer":"Example"}}"#;
        assert_eq!(
            ask(&announcing("_googlecast._tcp", 8009, &[]), path, body),
            [
                "told.by: [cast]",
                "told.manufacturer: Example",
                "told.model: C1",
                "told.name: Raum 12",
                "told.version: 1.56",
            ]
        );
        assert!(ask(&announcing("_googlecast._tcp", 8009, &[]), path, "no json").is_empty());
    }

    #[test]
    fn a_television_and_a_scanner() {
        let searched = Fields::new().with(&SSDP_ST, Value::List(vec!["roku:ecp".to_owned()]));
        let body = "<device-info><vendor-name>Example</vendor-name><model-name>55X</model-name><serial-number>S1</serial-number></device-info>";
        assert_eq!(
            ask(&host(None, searched), "/query/device-info", body),
            ["told.by: [roku]", "told.manufacturer: Example", "told.model: 55X", "told.serial: S1",]
        );
        let body = "<scan:ScannerCapabilities><pwg:MakeAndModel>Example M1</pwg:MakeAndModel><pwg:SerialNumber>S2</pwg:SerialNumber>";
        assert_eq!(
            ask(&announcing("_uscan._tcp", 8080, &[]), "/eSCL/ScannerCapabilities", body),
            ["told.by: [escl]", "told.model: Example M1", "told.serial: S2",]
        );
    }

    #[test]
    fn without_a_hint_nothing_is_asked() {
        let check = |host: &Host, expected: usize| {
            assert_eq!(plan(host, &Settings::default()).len(), expected, "{host:?}");
        };
        check(&host(None, Fields::new()), 0);
        check(&host(Some(Kind::Display), Fields::new()), 0);
        check(&host(Some(Kind::Printer), Fields::new()), 1);
        check(&announcing("_ipp._tcp", 631, &["rp=printers/Office"]), 0);
        let phone = Host { kind: Some(Kind::Phone), ..announcing("_googlecast._tcp", 8009, &[]) };
        check(&phone, 0);
    }
}
