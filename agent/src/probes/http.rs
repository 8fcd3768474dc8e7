//! Web interfaces: one GET of the start page, over TLS on the ports that speak it; certificate, head, title and
//! generator are read, nothing is followed by itself.

use super::evidence::{put_int, put_text, set_list};
use super::exchange::{Exchange, asked};
use super::planning::{announced_ports, is_kind, may_connect, rows};
use super::tls;
use crate::probe::{Conversation, Group, Harvest, Host, Plan, Probe, Settings, Stage, Transport};
use rundgang_inventory::vocabulary::{
    HTTP_COOKIES, HTTP_GENERATOR, HTTP_LOCATION, HTTP_PAGES, HTTP_POWERED_BY, HTTP_REALM, HTTP_SERVER,
    HTTP_STATUS, HTTP_TITLE, MDNS_HOSTNAME,
};
use rundgang_inventory::{Fields, Kind, Row, Value};
use rundgang_wire::html::{Page, page};
use rundgang_wire::http::{Response, cookie_name, get, place, realm};
use std::net::IpAddr;

/// The start pages.
pub(crate) static PROBE: Probe = Probe {
    name: "http",
    sends: "One GET / to the web ports of the host (80, 443, 8080, 8443, and ports it announced for web pages); \
            over TLS where the port speaks it.",
    group: Group::Web,
    stage: Stage::Connections,
    plan,
    start,
};

/// The page that a start page sends a browser to.
pub(crate) static FOLLOW: Probe = Probe {
    name: "http-follow",
    sends: "One GET of the page on the same host that its start page sends a browser to; at most three.",
    group: Group::Web,
    stage: Stage::FollowUps,
    plan: plan_follow,
    start,
};

/// Pages that are followed on one host.
const MAX_FOLLOWED: usize = 3;

/// The argument says how to speak: `http PATH` or `https PATH`.
fn planned(port: u16, secure: bool, path: &str) -> Plan {
    Plan::tcp(port).with(format!("{} {path}", if secure { "https" } else { "http" }))
}

fn plan(host: &Host, _: &Settings) -> Vec<Plan> {
    if !may_connect(host) {
        return Vec::new();
    }
    let mut ports = vec![(80, false), (443, true)];
    if !is_kind(host, &[Kind::Printer, Kind::Scanner]) {
        ports.extend([(8080, false), (8443, true)]);
    }
    if is_kind(host, &[Kind::Nas]) {
        // The administration pages of the two brands that schools have most.
        ports.extend([(5000, false), (5001, true)]);
    }
    ports.extend(announced_ports(host, "_http._tcp").into_iter().map(|port| (port, false)));
    ports.extend(announced_ports(host, "_https._tcp").into_iter().map(|port| (port, true)));
    let mut seen = Vec::new();
    ports.retain(|(port, _)| {
        !seen.contains(port) && {
            seen.push(*port);
            true
        }
    });
    ports.into_iter().take(8).map(|(port, secure)| planned(port, secure, "/")).collect()
}

fn plan_follow(host: &Host, _: &Settings) -> Vec<Plan> {
    if !may_connect(host) {
        return Vec::new();
    }
    let read: Vec<(u16, String)> =
        rows(host, &HTTP_PAGES).filter_map(|row| Some((port(row)?, text(row, "path")?))).collect();
    let mut plans = Vec::new();
    for row in rows(host, &HTTP_PAGES) {
        let (Some(port), Some(location)) = (port(row), text(row, "location")) else { continue };
        let secure = row.get("tls").and_then(Value::as_int) == Some(1);
        let Some(target) = place(&location, secure, port) else { continue };
        let known = read.contains(&(target.port, target.path.clone()));
        // A port that nobody read is no page of the web ports: it might be anything.
        let web = read.iter().any(|(port, _)| *port == target.port);
        let plan = planned(target.port, target.secure, &target.path);
        if !known
            && web
            && is_same(host, &target.host)
            && !plans.contains(&plan)
            && plans.len() < MAX_FOLLOWED
        {
            plans.push(plan);
        }
    }
    plans
}

fn port(row: &Row) -> Option<u16> {
    u16::try_from(row.get("port")?.as_int()?).ok()
}

fn text(row: &Row, column: &str) -> Option<String> {
    row.get(column)?.as_text().map(str::to_owned)
}

/// Whether a name in a redirection means the host itself.
pub(crate) fn is_same(host: &Host, name: &str) -> bool {
    let own = host.fields.text(&MDNS_HOSTNAME).unwrap_or_default();
    name.is_empty()
        || name.parse::<IpAddr>().is_ok_and(|address| address == host.ip)
        || (!own.is_empty() && name.strip_suffix(".local").unwrap_or(name).eq_ignore_ascii_case(own))
}

fn start(host: &Host, plan: &Plan, _: &Settings, _: u64) -> Box<dyn Conversation> {
    let (scheme, path) = plan.argument.split_once(' ').unwrap_or(("http", "/"));
    let port = match plan.transport {
        Transport::Tcp(port) | Transport::Udp(port) => port,
        Transport::Multicast | Transport::Broadcast(_) => 80,
    };
    let secure = scheme == "https";
    let exchange = get(host.ip, port, secure, path).map(|request| Exchange::new(secure, request));
    let visit = Visit { host: host.ip, port, secure, path: path.to_owned() };
    asked(exchange, move |exchange| visit.harvest(exchange))
}

struct Visit {
    host: IpAddr,
    port: u16,
    secure: bool,
    path: String,
}

impl Visit {
    fn harvest(&self, exchange: &Exchange) -> Harvest {
        let mut fields = Fields::new();
        if let Some(peer) = &exchange.peer {
            fields.merge(tls::told(self.port, peer));
        }
        if let Some(reason) = &exchange.failure {
            fields.merge(tls::failed(self.port, reason));
        }
        if let Some(response) = &exchange.response {
            fields.merge(self.read(response));
        }
        Harvest::of(self.host, fields)
    }

    fn read(&self, response: &Response) -> Fields {
        let Page { title, generator, refresh } = page(&response.body);
        let location = response.header("location").map(str::to_owned).or(refresh);
        let realm = response.all("www-authenticate").find_map(challenge);
        let powered_by = response.header("x-powered-by");
        let generator = generator.as_deref().or(response.header("x-generator"));

        let mut row = Row::new();
        put_int(&mut row, "port", self.port);
        put_int(&mut row, "tls", self.secure);
        put_int(&mut row, "status", response.status);
        put_text(&mut row, "path", Some(&self.path));
        put_text(&mut row, "server", response.header("server"));
        put_text(&mut row, "title", title.as_ref());
        put_text(&mut row, "realm", realm);
        put_text(&mut row, "location", location.as_ref().map(|location| without_query(location)));
        put_text(&mut row, "generator", generator);
        put_text(&mut row, "powered_by", powered_by);

        let mut fields = Fields::new().with(&HTTP_PAGES, Value::Table(vec![row]));
        set_list(&mut fields, &HTTP_STATUS, [response.status.to_string()]);
        set_list(&mut fields, &HTTP_SERVER, response.header("server"));
        set_list(&mut fields, &HTTP_TITLE, title);
        set_list(&mut fields, &HTTP_COOKIES, response.all("set-cookie").filter_map(cookie_name));
        set_list(&mut fields, &HTTP_REALM, realm);
        set_list(&mut fields, &HTTP_LOCATION, location.as_ref().map(|location| without_query(location)));
        set_list(&mut fields, &HTTP_GENERATOR, generator);
        set_list(&mut fields, &HTTP_POWERED_BY, powered_by);
        fields
    }
}

/// The realm of a challenge; old firewalls write their name where the scheme belongs, without any realm.
fn challenge(challenge: &str) -> Option<&str> {
    const SCHEMES: &[&str] = &["basic", "digest", "ntlm", "negotiate", "bearer"];
    let scheme = challenge.split([' ', ',']).next().unwrap_or_default().to_ascii_lowercase();
    realm(challenge).or_else(|| Some(challenge).filter(|_| !SCHEMES.contains(&scheme.as_str())))
}

/// Queries carry session numbers, which change with every visit and are nobody's business.
fn without_query(location: &str) -> &str {
    location.split(['?', ';']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::planning::tests::{announcing, host};
    use crate::probes::transcript::{Line, fields, lines, play};

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: 192.0.2.7\r\nUser-Agent: Rundgang (network inventory, read only)\r\nAccept: */*\r\nConnection: close\r\n\r\n";

    fn visit(port: u16, argument: &str, transcript: &[Line<'_>]) -> Vec<String> {
        let host = host(None, Fields::new());
        let plan = Plan::tcp(port).with(argument);
        let mut conversation = start(&host, &plan, &Settings::default(), 0);
        lines(&fields(play(conversation.as_mut(), transcript)))
    }

    #[test]
    fn a_start_page() {
        let answer = b"HTTP/1.1 302 Found\r\nServer: nginx/1.22.1\r\nSet-Cookie: MoodleSession=secret; path=/\r\nLocation: /login/index.php?sid=1\r\nX-Powered-By: PHP/8.2\r\n\r\n<title>Moodle</title><meta name=generator content=Moodle>";
        let got = visit(
            80,
            "http /",
            &[Line::Sends(REQUEST), Line::Hears(&answer[..40]), Line::Hears(&answer[40..]), Line::Closed],
        );
        assert_eq!(
            got,
            [
                "http.cookies: [MoodleSession]",
                "http.generator: [Moodle]",
                "http.location: [/login/index.php]",
                "http.pages: [generator=Moodle, location=/login/index.php, path=/, port=80, powered_by=PHP/8.2, server=nginx/1.22.1, status=302, title=Moodle, tls=0]",
                "http.powered_by: [PHP/8.2]",
                "http.server: [nginx/1.22.1]",
                "http.status: [302]",
                "http.title: [Moodle]",
            ]
        );
    }

    #[test]
    fn tls_and_page_over_one_connection() {
        let answer = b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"Switch\"\r\nContent-Length: 0\r\n\r\n";
        let got = visit(
            443,
            "https /",
            &[
                Line::StartsTls,
                Line::Secured(crate::probes::tls::tests::peer()),
                Line::Sends(REQUEST),
                Line::Hears(answer),
            ],
        );
        assert!(got.contains(&"tls.subject: CN=box".to_owned()));
        assert!(got.contains(&"http.realm: [Switch]".to_owned()));
    }

    #[test]
    fn challenges() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(challenge(text), expected, "{text}");
        check("Basic realm=\"Switch\"", Some("Switch"));
        check("Negotiate", None);
        check("NTLM TlRMTVNTUAAC", None);
        check("WALL-7. Reason: no user", Some("WALL-7. Reason: no user"));
    }

    #[test]
    fn failures_are_answers() {
        assert_eq!(
            visit(443, "https /", &[Line::StartsTls, Line::NotSecured("protocol version")]),
            ["tls.error: [443: protocol version]"]
        );
        assert!(visit(80, "http /", &[Line::Sends(REQUEST), Line::Hears(b"SSH-2.0-x\r\n")]).is_empty());
        assert!(visit(80, "http /", &[Line::Sends(REQUEST), Line::Closed]).is_empty());
        assert!(visit(80, "http /", &[Line::Sends(REQUEST), Line::Silent]).is_empty());
    }

    #[test]
    fn plans() {
        let check = |host: &Host, expected: &[u16]| {
            let got: Vec<Transport> =
                plan(host, &Settings::default()).into_iter().map(|plan| plan.transport).collect();
            assert_eq!(got, expected.iter().map(|&port| Transport::Tcp(port)).collect::<Vec<_>>());
        };
        check(&host(None, Fields::new()), &[80, 443, 8080, 8443]);
        check(&host(Some(Kind::Printer), Fields::new()), &[80, 443]);
        check(&host(Some(Kind::Telephony), Fields::new()), &[]);
        check(&announcing("_http._tcp", 5000, &[]), &[80, 443, 8080, 8443, 5000]);
        check(&announcing("_http._tcp", 9100, &[]), &[80, 443, 8080, 8443]);
    }

    #[test]
    fn only_pages_of_the_same_host_are_followed() {
        let check = |location: &str, expected: &[Plan]| {
            let mut row = Row::from([("port".to_owned(), Value::Int(80)), ("tls".to_owned(), Value::Int(0))]);
            put_text(&mut row, "path", Some("/"));
            put_text(&mut row, "location", Some(location));
            let fields = Fields::new()
                .with(&HTTP_PAGES, Value::Table(vec![row]))
                .with(&MDNS_HOSTNAME, Value::text("box"));
            assert_eq!(plan_follow(&host(None, fields), &Settings::default()), expected, "{location}");
        };
        check("/iserv/", &[planned(80, false, "/iserv/")]);
        check("http://192.0.2.7/web/index.html", &[planned(80, false, "/web/index.html")]);
        check("http://box.local/x", &[planned(80, false, "/x")]);
        check("/", &[]);
        check("http://192.0.2.8/x", &[]);
        check("http://elsewhere.example/x", &[]);
        check("http://192.0.2.7:9100/x", &[]);
        check("https://192.0.2.7/x", &[]);
    }
}
