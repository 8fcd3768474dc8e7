//! Small responders for what Debian has no server for: PJLink, SSDP, ONVIF discovery, BACnet, a raw-print port.
//!
//! Each records what it was asked, one JSON object a line, so that a test can prove what was never sent.

use anyhow::{Context, Result, bail};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The program that plays responders: the `school` binary beside the running one.
///
/// # Errors
/// Where it has not been built.
pub fn program(own: &Path) -> Result<PathBuf> {
    let folders = [own.parent(), own.parent().and_then(Path::parent)];
    for folder in folders.into_iter().flatten() {
        let candidate = folder.join("school");
        if candidate.is_file() {
            return Ok(candidate);
        }
    }
    bail!("the program 'school' is not built: cargo build -p rundgang-tests --bin school")
}

/// Runs the named responder until it is killed.
///
/// # Errors
/// Where a socket cannot be had or the name is unknown.
pub fn run(what: &str, folder: &Path, with: &[String]) -> Result<()> {
    match what {
        "pjlink" => pjlink(folder, with),
        "pjlink-search" => pjlink_search(folder, with),
        "ssdp" => ssdp(folder, with),
        "wsd" => wsd(folder, with),
        "bacnet" => sink_udp(folder, "bacnet", 47808),
        "raw-print" => raw_print(folder),
        "http" => http_page(folder, with),
        "bridge-mib" => bridge_mib(),
        _ => bail!("there is no responder '{what}'"),
    }
}

fn ready(folder: &Path, what: &str) -> Result<()> {
    fs::write(folder.join(format!("{what}.ready")), "").context("saying that the responder is ready")
}

fn record(folder: &Path, what: &str, value: &serde_json::Value) -> Result<()> {
    let path = folder.join(format!("{what}.jsonl"));
    let mut file =
        fs::OpenOptions::new().create(true).append(true).open(path).context("opening the record")?;
    writeln!(file, "{value}").context("writing the record")
}

/// PJLink class 1 (JBMIA PJLink specification): arguments are password (or empty), maker, model, name.
fn pjlink(folder: &Path, with: &[String]) -> Result<()> {
    let word = |at: usize| with.get(at).map(String::as_str).unwrap_or_default();
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 4352)).context("listening for PJLink")?;
    ready(folder, "pjlink")?;
    for stream in listener.incoming() {
        let mut stream = stream?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        let greeting = if word(0).is_empty() { "PJLINK 0\r" } else { "PJLINK 1 3a7c21f0\r" };
        if stream.write_all(greeting.as_bytes()).is_err() {
            continue;
        }
        let mut reader = BufReader::new(stream.try_clone()?);
        let mut line = Vec::new();
        while matches!(reader.read_until(b'\r', &mut line), Ok(n) if n > 0) {
            let command = String::from_utf8_lossy(&line).trim().to_owned();
            line.clear();
            record(folder, "pjlink", &serde_json::json!({ "command": command }))?;
            let answer = match command.as_str() {
                _ if !word(0).is_empty() => "PJLINK ERRA".to_owned(),
                "%1CLSS ?" => "%1CLSS=1".to_owned(),
                "%1NAME ?" => format!("%1NAME={}", word(3)),
                "%1INF1 ?" => format!("%1INF1={}", word(1)),
                "%1INF2 ?" => format!("%1INF2={}", word(2)),
                "%1INFO ?" => "%1INFO=".to_owned(),
                "%1LAMP ?" => "%1LAMP=1841 0".to_owned(),
                "%1ERST ?" => "%1ERST=000000".to_owned(),
                "%1POWR ?" => "%1POWR=0".to_owned(),
                other => format!("{}=ERR1", other.get(..6).unwrap_or("%1XXXX")),
            };
            if stream.write_all(format!("{answer}\r").as_bytes()).is_err() {
                break;
            }
        }
    }
    Ok(())
}

/// PJLink's search (class 2, section 3.2): records each datagram on UDP 4352 and sends the answers, each argument one datagram,
/// to the same port of whoever searched.
fn pjlink_search(folder: &Path, with: &[String]) -> Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 4352)).context("listening for a search")?;
    ready(folder, "pjlink-search")?;
    let mut buffer = [0_u8; 2048];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        let heard = String::from_utf8_lossy(&buffer[..length]).into_owned();
        record(folder, "pjlink-search", &serde_json::json!({ "heard": heard, "port": from.port() }))?;
        for answer in with {
            socket.send_to(format!("{answer}\r").as_bytes(), (from.ip(), 4352))?;
        }
    }
}

/// The address this host has in the school.
fn own_address() -> Result<Ipv4Addr> {
    let output =
        Command::new("ip").args(["-4", "-o", "addr", "show", "dev", "eth0"]).output().context("asking ip")?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let word =
        text.split_whitespace().skip_while(|word| *word != "inet").nth(1).context("finding an address")?;
    word.split('/').next().context("splitting an address")?.parse().context("reading an address")
}

fn multicast(port: u16, group: Ipv4Addr) -> Result<UdpSocket> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).context("binding a multicast port")?;
    socket.join_multicast_v4(&group, &own_address()?).context("joining a multicast group")?;
    Ok(socket)
}

/// SSDP (UPnP Device Architecture 1.1, section 1) with a description over HTTP: maker, model, friendly name, serial.
fn ssdp(folder: &Path, with: &[String]) -> Result<()> {
    let word = |at: usize| with.get(at).map(String::as_str).unwrap_or_default();
    let address = own_address()?;
    let description = format!(
        "<?xml version=\"1.0\"?><root xmlns=\"urn:schemas-upnp-org:device-1-0\"><device><deviceType>urn:schemas-upnp-org:device:MediaRenderer:1</deviceType><friendlyName>{}</friendlyName><manufacturer>{}</manufacturer><modelName>{}</modelName><serialNumber>{}</serialNumber><UDN>uuid:2f402f80-da50-11e1-9b23-001788255acc</UDN></device></root>",
        word(2),
        word(0),
        word(1),
        word(3)
    );
    let socket = multicast(1900, Ipv4Addr::new(239, 255, 255, 250))?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 8060)).context("listening for descriptions")?;
    let log = folder.to_owned();
    std::thread::spawn(move || serve_http(&listener, &log, "ssdp", "text/xml", &description));
    ready(folder, "ssdp")?;
    let mut buffer = [0_u8; 2048];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        record(folder, "ssdp", &serde_json::json!({ "search": text }))?;
        if text.starts_with("M-SEARCH") {
            let answer = format!(
                "HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\nLOCATION: http://{address}:8060/dd.xml\r\nSERVER: Linux/4.9 UPnP/1.0 Board/1.0\r\nST: upnp:rootdevice\r\nUSN: uuid:2f402f80-da50-11e1-9b23-001788255acc::upnp:rootdevice\r\n\r\n"
            );
            socket.send_to(answer.as_bytes(), from)?;
        }
    }
}

fn serve_http(listener: &TcpListener, folder: &Path, what: &str, kind: &str, body: &str) -> Result<()> {
    for stream in listener.incoming() {
        let mut stream: TcpStream = stream?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut head = Vec::new();
        let mut piece = [0_u8; 1024];
        while !head.windows(4).any(|w| w == b"\r\n\r\n") {
            match stream.read(&mut piece) {
                Ok(n) if n > 0 => head.extend_from_slice(&piece[..n]),
                _ => break,
            }
        }
        let request = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
        record(folder, what, &serde_json::json!({ "http": request }))?;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nServer: embedded\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        // A client that hung up early is its own affair.
        stream.write_all(answer.as_bytes()).ok();
    }
    Ok(())
}

/// One page on port 80 with the given title.
fn http_page(folder: &Path, with: &[String]) -> Result<()> {
    let title = with.first().map(String::as_str).unwrap_or_default();
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 80)).context("listening for HTTP")?;
    ready(folder, "http")?;
    let page = format!("<html><head><title>{title}</title></head><body></body></html>");
    serve_http(&listener, folder, "http", "text/html", &page)
}

/// WS-Discovery (OASIS WS-Discovery 1.1) as an ONVIF camera answers it: maker, model, location.
fn wsd(folder: &Path, with: &[String]) -> Result<()> {
    let word = |at: usize| with.get(at).map(String::as_str).unwrap_or_default();
    let address = own_address()?;
    let socket = multicast(3702, Ipv4Addr::new(239, 255, 255, 250))?;
    ready(folder, "wsd")?;
    let mut buffer = [0_u8; 8192];
    loop {
        let (length, from): (usize, SocketAddr) = socket.recv_from(&mut buffer)?;
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        record(folder, "wsd", &serde_json::json!({ "probe": text }))?;
        let id = text
            .split("MessageID")
            .nth(1)
            .and_then(|rest| rest.split('>').nth(1))
            .and_then(|rest| rest.split('<').next());
        let (Some(id), true) = (id, text.contains("Probe")) else { continue };
        let answer = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\" xmlns:dn=\"http://www.onvif.org/ver10/network/wsdl\"><s:Header><a:MessageID>uuid:5f5a69c2-e0ae-504f-829b-00408c18c4a1</a:MessageID><a:RelatesTo>{id}</a:RelatesTo><a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</a:Action></s:Header><s:Body><d:ProbeMatches><d:ProbeMatch><a:EndpointReference><a:Address>urn:uuid:5f5a69c2-e0ae-504f-829b-00408c18c4a1</a:Address></a:EndpointReference><d:Types>dn:NetworkVideoTransmitter</d:Types><d:Scopes>onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/hardware/{1} onvif://www.onvif.org/name/{0}%20{1} onvif://www.onvif.org/location/{2}</d:Scopes><d:XAddrs>http://{address}/onvif/device_service</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion></d:ProbeMatch></d:ProbeMatches></s:Body></s:Envelope>",
            word(0),
            word(1),
            word(2)
        );
        socket.send_to(answer.as_bytes(), from)?;
    }
}

/// Records datagrams and answers none.
fn sink_udp(folder: &Path, what: &str, port: u16) -> Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port)).context("binding a silent port")?;
    ready(folder, what)?;
    let mut buffer = [0_u8; 2048];
    loop {
        let (length, _) = socket.recv_from(&mut buffer)?;
        record(folder, what, &serde_json::json!({ "bytes": length }))?;
    }
}

/// A raw-print port: every connection and every byte is a page of paper.
fn raw_print(folder: &Path) -> Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, 9100)).context("listening for raw print")?;
    ready(folder, "raw-print")?;
    for stream in listener.incoming() {
        let mut stream = stream?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).ok();
        record(folder, "raw-print", &serde_json::json!({ "bytes": bytes.len() }))?;
    }
    Ok(())
}

/// Serves BRIDGE-MIB (RFC 4188) from the kernel's real forwarding table over net-snmp's pass_persist protocol.
fn bridge_mib() -> Result<()> {
    let stdin = std::io::stdin();
    let mut out = std::io::stdout();
    let mut lines = stdin.lock().lines();
    while let Some(line) = lines.next().transpose()? {
        let verb = line.trim().to_lowercase();
        let answer = match verb.as_str() {
            "ping" => Some("PONG\n".to_owned()),
            "get" | "getnext" => {
                let oid = lines.next().transpose()?.unwrap_or_default();
                let oid = numbers(&oid);
                let table = bridge_table()?;
                let hit = if verb == "get" {
                    table.into_iter().find(|(key, _)| *key == oid)
                } else {
                    table.into_iter().find(|(key, _)| *key > oid)
                };
                Some(hit.map_or_else(
                    || "NONE\n".to_owned(),
                    |(key, value)| {
                        let text = key.iter().fold(String::new(), |text, part| text + &format!(".{part}"));
                        format!("{text}\n{value}\n")
                    },
                ))
            }
            "" => None,
            _ => Some("not-writable\n".to_owned()),
        };
        let Some(answer) = answer else { break };
        out.write_all(answer.as_bytes())?;
        out.flush()?;
    }
    Ok(())
}

fn numbers(text: &str) -> Vec<u32> {
    text.split('.').filter_map(|part| part.trim().parse().ok()).collect()
}

/// dot1dBasePortIfIndex and the dot1dTpFdb columns, in the order of their identifiers.
fn bridge_table() -> Result<Vec<(Vec<u32>, String)>> {
    let links = json(Command::new("ip").args(["-j", "link", "show", "master", "br0"]))?;
    let mut table = Vec::new();
    let mut ports: Vec<(String, u32)> = Vec::new();
    for link in links.as_array().into_iter().flatten() {
        let (Some(name), Some(index)) = (link["ifname"].as_str(), link["ifindex"].as_u64()) else { continue };
        let index = u32::try_from(index)?;
        ports.push((name.to_owned(), index));
        table.push((base(&[1, 4, 1, 2, index]), format!("integer\n{index}")));
    }
    let fdb = json(Command::new("bridge").args(["-j", "fdb", "show", "br", "br0"]))?;
    for entry in fdb.as_array().into_iter().flatten() {
        let (Some(mac), Some(port)) = (entry["mac"].as_str(), entry["ifname"].as_str()) else { continue };
        let own = entry["state"].as_str() == Some("permanent");
        let Some((_, index)) = ports.iter().find(|(name, _)| name == port) else { continue };
        let octets: Vec<u32> = mac.split(':').filter_map(|o| u32::from_str_radix(o, 16).ok()).collect();
        if own || octets.len() != 6 {
            continue;
        }
        let at = |column: u32| {
            let mut key = base(&[4, 3, 1, column]);
            key.extend(&octets);
            key
        };
        let spaced = mac.replace(':', " ");
        table.push((at(1), format!("octet\n{spaced}")));
        table.push((at(2), format!("integer\n{index}")));
        table.push((at(3), "integer\n3".to_owned()));
    }
    table.sort();
    table.dedup_by(|a, b| a.0 == b.0);
    Ok(table)
}

fn base(rest: &[u32]) -> Vec<u32> {
    [1, 3, 6, 1, 2, 1, 17].iter().chain(rest).copied().collect()
}

fn json(command: &mut Command) -> Result<serde_json::Value> {
    let output = command.output().context("asking the kernel")?;
    serde_json::from_slice(&output.stdout).context("reading the kernel's answer")
}
