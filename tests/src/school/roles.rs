//! Turns the roles of one host into the shell script that starts its servers with a private /run, /etc and /var.

use super::{Announced, Role, School};
use anyhow::{Context, Result};
use std::{fmt::Write as _, fs, path::Path};

/// Programs a school needs beside iproute2, as Debian names them.
pub(super) const PROGRAMS: &[&str] = &[
    "avahi-daemon",
    "bridge",
    "dbus-daemon",
    "dnsmasq",
    "dovecot",
    "ip",
    "ippeveprinter",
    "kamailio",
    "knotd",
    "lldpd",
    "nft",
    "nginx",
    "postfix",
    "smbd",
    "snmpd",
    "ss",
    "tcpdump",
    "unshare",
];

/// What a script needs to know of its host.
pub(super) struct Node<'a> {
    pub(super) school: &'a School,
    pub(super) name: &'a str,
    pub(super) hostname: Option<&'a str>,
    pub(super) folder: &'a Path,
    pub(super) responder: &'a Path,
    pub(super) arp_only: bool,
    pub(super) routes: bool,
    pub(super) is_switch: bool,
}

/// Private /run, /etc and /var let every server keep its default paths without meeting another instance.
const PREAMBLE: &str = r#"
exec 3>&1 1>&2
set -eu
mount -t tmpfs tmpfs /run
mkdir -p /run/o/eu /run/o/ew /run/o/vu /run/o/vw /run/lock
cat /etc/resolv.conf > /run/resolv.conf
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/o/eu,workdir=/run/o/ew /etc
mount -t overlay overlay -o lowerdir=/var,upperdir=/run/o/vu,workdir=/run/o/vw /var
rm -f /etc/resolv.conf; cp /run/resolv.conf /etc/resolv.conf
rm -rf /var/run /var/lock; ln -s /run /var/run; ln -s /run/lock /var/lock
# Waits until a server listens; each look is a fresh state of the kernel's socket table, bounded to ten seconds.
listening() {
  for _ in $(seq 200); do
    if [ -n "$(ss -Hln "$1" "sport = :$2")" ]; then return 0; fi
    read -r -t 0.05 <> <(:) || true
  done
  echo "nothing listens on $1 $2" >&3; exit 1
}
# A daemon has said a thing as often as it must: FILE WORDS TIMES.
said() {
  for _ in $(seq 400); do
    if [ "$(grep -cF "$2" "$1" 2>/dev/null)" -ge "$3" ]; then return 0; fi
    read -r -t 0.05 <> <(:) || true
  done
  echo "$1 does not say '$2' $3 times" >&3; exit 1
}
exists() {
  for _ in $(seq 200); do
    if [ -e "$1" ]; then return 0; fi
    read -r -t 0.05 <> <(:) || true
  done
  echo "$1 did not appear" >&3; exit 1
}
"#;

/// The whole script of one host. It prints `ready` on its standard output when every server listens.
pub(super) fn script(node: &Node<'_>, roles: &[Role]) -> Result<String> {
    let hostname = node.hostname.unwrap_or(node.name);
    let mut script = format!("{PREAMBLE}\ncd {}\nhostname {hostname}\n", node.folder.display());
    writeln!(script, "echo '127.0.0.1 localhost {hostname} {hostname}.local' > /etc/hosts")?;
    if node.arp_only {
        script.push_str("nft add table inet deaf\nnft add chain inet deaf in '{ type filter hook input priority 0; policy drop; }'\n");
    }
    if node.routes {
        script.push_str("echo 1 > /proc/sys/net/ipv4/ip_forward\n");
    }
    let agentx = roles.iter().any(|role| matches!(role, Role::Lldpd));
    // snmpd comes first: lldpd connects to it.
    for role in roles.iter().filter(|role| matches!(role, Role::Snmpd { .. })) {
        start(node, role, agentx, &mut script)?;
    }
    for role in roles.iter().filter(|role| !matches!(role, Role::Snmpd { .. })) {
        start(node, role, agentx, &mut script)?;
    }
    script.push_str("echo ready >&3\nexec 3>&-\nwait\nexec tail -f /dev/null\n");
    Ok(script)
}

fn start(node: &Node<'_>, role: &Role, agentx: bool, script: &mut String) -> Result<()> {
    match role {
        Role::Dnsmasq { forward } => dnsmasq(node, forward, script),
        Role::Knot => knot(node, script),
        Role::Mail { hostname } => mail(node, hostname, script),
        Role::Nginx { hostname, page, valid } => nginx(node, hostname, page, valid, script),
        Role::Samba => samba(node, script),
        Role::Avahi { services } => avahi(node, services, script),
        Role::Ippeveprinter { queue, make, model } => ippeveprinter(queue, make, model, script),
        Role::Snmpd { .. } => snmpd(node, role, agentx, script),
        Role::Lldpd => lldpd(node, agentx, script),
        Role::Kamailio { server } => kamailio(node, server, script),
        Role::Respond { what, with } => {
            writeln!(
                script,
                "{} respond {what} {} {} &\nexists {}.ready",
                node.responder.display(),
                node.folder.display(),
                with.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
                node.folder.join(what).display()
            )?;
            Ok(())
        }
    }
}

fn file(node: &Node<'_>, name: &str, text: &str) -> Result<String> {
    let path = node.folder.join(name);
    fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
    Ok(path.display().to_string())
}

/// What the resolver was asked, as it writes it down.
pub(super) const QUESTIONS: &str = "questions.log";

fn dnsmasq(node: &Node<'_>, forward: &std::net::Ipv4Addr, script: &mut String) -> Result<()> {
    let base = node.school.agent.address.octets();
    let net = format!("{}.{}.{}", base[0], base[1], base[2]);
    let conf = file(
        node,
        "dnsmasq.conf",
        &format!(
            "no-resolv\nno-hosts\nserver={forward}\nlocal-service\ndhcp-range={net}.200,{net}.219,1h\nbind-interfaces\ninterface=eth0\nkeep-in-foreground\nuser=root\nlog-queries\nlog-facility={}\n",
            node.folder.join(QUESTIONS).display()
        ),
    )?;
    writeln!(script, "dnsmasq -C {conf} --pid-file &\nlistening -u 53")?;
    Ok(())
}

fn knot(node: &Node<'_>, script: &mut String) -> Result<()> {
    let mut conf = "server:\n    listen: 0.0.0.0@53\n    rundir: /run/knot\n    user: root:root\nlog:\n  - target: stderr\n    any: warning\ndatabase:\n    storage: /run/knot\nzone:\n".to_owned();
    for zone in &node.school.zone {
        let records = file(node, &format!("{}.zone", zone.name), &zone.records)?;
        writeln!(
            conf,
            "  - domain: {}\n    file: {records}\n    zonefile-sync: -1\n    journal-content: none",
            zone.name
        )?;
    }
    let conf = file(node, "knot.conf", &conf)?;
    writeln!(script, "mkdir -p /run/knot\nknotd -c {conf} &\nlistening -u 53")?;
    Ok(())
}

/// Writes a self-signed certificate and its key; returns both paths.
fn certificate(node: &Node<'_>, hostname: &str, valid: (&str, &str)) -> Result<(String, String)> {
    let day = |text: &str| {
        time::Date::parse(text, time::macros::format_description!("[year]-[month]-[day]"))
            .with_context(|| format!("reading the date '{text}'"))
            .map(|date| date.midnight().assume_utc())
    };
    let mut params = rcgen::CertificateParams::new(vec![hostname.to_owned()])?;
    params.distinguished_name.push(rcgen::DnType::CommonName, hostname);
    params.not_before = day(valid.0)?;
    params.not_after = day(valid.1)?;
    let key = rcgen::KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok((
        file(node, &format!("{hostname}.crt"), &certificate.pem())?,
        file(node, &format!("{hostname}.key"), &key.serialize_pem())?,
    ))
}

fn mail(node: &Node<'_>, hostname: &str, script: &mut String) -> Result<()> {
    let (crt, key) = certificate(node, hostname, ("2026-01-01", "2036-01-01"))?;
    let dovecot = file(
        node,
        "dovecot.conf",
        &format!(
            "protocols = imap\nbase_dir = /run/dovecot\nssl = yes\nssl_cert = <{crt}\nssl_key = <{key}\nlisten = *\nmail_location = maildir:/var/mail/%u\nservice imap-login {{\n  chroot =\n}}\nservice anvil {{\n  chroot =\n}}\npassdb {{\n  driver = passwd-file\n  args = {}\n}}\nuserdb {{\n  driver = static\n  args = uid=65534 gid=65534 home=/var/mail/%u\n}}\nlog_path = /dev/stderr\n",
            file(node, "passwd", "")?
        ),
    )?;
    write!(
        script,
        r"
postconf -e myhostname={hostname} mydestination= inet_interfaces=all inet_protocols=ipv4 smtpd_peername_lookup=no smtpd_tls_cert_file={crt} smtpd_tls_key_file={key} smtpd_tls_security_level=may maillog_file=/dev/stdout 'smtpd_banner=$myhostname ESMTP Postfix' compatibility_level=3.6
postconf -F '*/*/chroot=n'
postfix start-fg >/run/postfix.log 2>&1 &
dovecot -F -c {dovecot} &
listening -t 25
listening -t 143
"
    )?;
    Ok(())
}

fn nginx(
    node: &Node<'_>,
    hostname: &str,
    page: &str,
    valid: &(String, String),
    script: &mut String,
) -> Result<()> {
    let (crt, key) = certificate(node, hostname, (&valid.0, &valid.1))?;
    let (title, cookie, body) = if page == "moodle" {
        (
            "Startseite | Lernplattform",
            "add_header Set-Cookie \"MoodleSession=8f3k2j1; path=/\";",
            "<meta name=\"keywords\" content=\"moodle, Lernplattform\"><link rel=\"stylesheet\" href=\"/theme/styles.php/boost/1/all\">",
        )
    } else {
        (page, "", "")
    };
    let html = format!(
        "<!doctype html><html><head><title>{title}</title>{body}</head><body><h1>{title}</h1></body></html>\n"
    );
    let web = node.folder.join("web");
    fs::create_dir_all(&web).context("making the web root")?;
    fs::write(web.join("index.html"), html).context("writing the page")?;
    let conf = file(
        node,
        "nginx.conf",
        &format!(
            "worker_processes 1;\nuser root;\npid /run/nginx.pid;\nerror_log stderr warn;\nevents {{ worker_connections 64; }}\nhttp {{\n access_log {0}/nginx.access;\n server_tokens on;\n server {{ listen 80; listen 443 ssl; server_name {hostname}; ssl_certificate {crt}; ssl_certificate_key {key}; root {0}/web; {cookie} }}\n}}\n",
            node.folder.display()
        ),
    )?;
    writeln!(
        script,
        "chmod 755 {0} {0}/web\nnginx -c {conf} -g 'daemon off;' &\nlistening -t 443",
        node.folder.display()
    )?;
    Ok(())
}

fn samba(node: &Node<'_>, script: &mut String) -> Result<()> {
    let conf = file(
        node,
        "smb.conf",
        "[global]\nworkgroup = SCHULE\nserver role = standalone server\nmap to guest = never\nlog level = 0\nbind interfaces only = no\nload printers = no\ndisable spoolss = yes\n",
    )?;
    writeln!(
        script,
        "mkdir -p /run/samba /var/lib/samba/private /var/log/samba\nsmbd -F --no-process-group -s {conf} &\nlistening -t 445"
    )?;
    Ok(())
}

const AVAHI: &str = "[server]\nuse-ipv4=yes\nuse-ipv6=yes\nratelimit-interval-usec=1000000\nratelimit-burst=1000\n[publish]\npublish-hinfo=no\npublish-workstation=no\n";

fn avahi(node: &Node<'_>, services: &[Announced], script: &mut String) -> Result<()> {
    let hostname = node.hostname.unwrap_or(node.name);
    let conf = file(
        node,
        "avahi.conf",
        &AVAHI.replace("[server]\n", &format!("[server]\nenable-dbus=no\nhost-name={hostname}\n")),
    )?;
    script.push_str("rm -rf /etc/avahi/services; mkdir -p /etc/avahi/services /run/avahi-daemon\n");
    for (number, service) in services.iter().enumerate() {
        let txt = service
            .txt
            .iter()
            .fold(String::new(), |text, pair| text + &format!("<txt-record>{}</txt-record>", xml(pair)));
        let xml = format!(
            "<?xml version=\"1.0\"?><!DOCTYPE service-group SYSTEM \"avahi-service.dtd\"><service-group><name>{}</name><service><type>{}</type><port>{}</port>{txt}</service></service-group>",
            xml(&service.name),
            service.service,
            service.port
        );
        let path = file(node, &format!("service{number}.service"), &xml)?;
        writeln!(script, "cp {path} /etc/avahi/services/")?;
    }
    // It listens at once, but says nothing of its services before it has made sure that nobody else has their names.
    writeln!(
        script,
        "avahi-daemon -f {conf} --no-drop-root --no-rlimits --no-chroot 2>avahi.log &\n\
         said avahi.log 'Server startup complete' 1\n\
         said avahi.log 'successfully established' {}",
        services.len()
    )?;
    Ok(())
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn ippeveprinter(queue: &str, make: &str, model: &str, script: &mut String) -> Result<()> {
    write!(
        script,
        r#"
mkdir -p /run/dbus /run/avahi-daemon /run/spool
dbus-daemon --system --nofork --nopidfile &
exists /run/dbus/system_bus_socket
rm -rf /etc/avahi/services
printf '{AVAHI}' > /run/avahi.conf
avahi-daemon -f /run/avahi.conf --no-drop-root --no-rlimits --no-chroot &
listening -u 5353
exists /run/avahi-daemon/socket
ippeveprinter -p 631 -d /run/spool -M '{make}' -m '{model}' '{queue}' &
listening -t 631
"#
    )?;
    Ok(())
}

/// Host modules would tell of this machine's disks and processors instead of the simulated device's.
const NO_HOST_MODULES: &str = "-smux,mta_sendmail,diskio,lmsensorsMib,hrh_storage,hrh_filesys,hrSWInstalledTable,hrSWRunTable,hrSWRunPerfTable,hr_system,hr_device,hr_other,hr_proc,hr_network,hr_print,hr_disk,hr_partition,loadave,memory,vmstat,disk_hw,proc,notification_log";

fn snmpd(node: &Node<'_>, role: &Role, agentx: bool, script: &mut String) -> Result<()> {
    let Role::Snmpd { descr, object_id, name, location, public, objects } = role else { return Ok(()) };
    let mut conf = format!(
        "agentaddress udp:161,udp6:161\nrocommunity {0}\nrocommunity6 {0}\nsysdescr {descr}\nsysobjectid {object_id}\nsysname {1}\nsyslocation {location}\nsyscontact technik\n",
        node.school.community,
        name.as_deref().or(node.hostname).unwrap_or(node.name),
    );
    if *public {
        conf.push_str("rocommunity public\n");
    }
    if agentx {
        conf.push_str("master agentx\nagentXSocket tcp:127.0.0.1:705\n");
    }
    for (oid, kind, value) in objects {
        // net-snmp takes one word, or a quoted text.
        let value = if kind == "octet_str" { format!("\"{value}\"") } else { value.clone() };
        writeln!(conf, "override {oid} {kind} {value}")?;
    }
    if node.is_switch {
        writeln!(
            conf,
            "pass_persist .1.3.6.1.2.1.17 {} respond bridge-mib {}",
            node.responder.display(),
            node.folder.display()
        )?;
    }
    let conf = file(node, "snmpd.conf", &conf)?;
    writeln!(
        script,
        "mkdir -p /var/lib/snmp /run/snmp\nMIBS= MIBDIRS=/nonexistent snmpd -f -C -c {conf} -LE 4 -I {NO_HOST_MODULES} &\nlistening -u 161"
    )?;
    Ok(())
}

fn lldpd(node: &Node<'_>, agentx: bool, script: &mut String) -> Result<()> {
    // The wire between two switches carries the switch's own MAC on both ends; that becomes the chassis id.
    let port = if node.is_switch { "'up0,d-*'" } else { "eth0" };
    let subagent = if agentx { "-x -X tcp:127.0.0.1:705" } else { "" };
    writeln!(
        script,
        "mkdir -p /run/lldpd\necho 'configure lldp tx-interval 1' > /etc/lldpd.conf\nlldpd -d {subagent} -u /run/lldpd.socket -C {port} &\nexists /run/lldpd.socket"
    )?;
    Ok(())
}

fn kamailio(node: &Node<'_>, server: &str, script: &mut String) -> Result<()> {
    let conf = file(
        node,
        "kamailio.cfg",
        &format!(
            "#!KAMAILIO\ndebug=1\nlog_stderror=yes\nchildren=1\ndisable_tcp=yes\nauto_aliases=no\nlisten=udp:0.0.0.0:5060\nserver_header=\"Server: {server}\"\nloadmodule \"sl.so\"\nloadmodule \"textops.so\"\nrequest_route {{\n  if (method == \"OPTIONS\") {{ sl_send_reply(\"200\", \"OK\"); exit; }}\n  sl_send_reply(\"405\", \"Method Not Allowed\");\n}}\n"
        ),
    )?;
    writeln!(
        script,
        "mkdir -p /run/kamailio\nkamailio -DD -E -m 16 -M 4 -f {conf} -Y /run/kamailio &\nlistening -u 5060"
    )?;
    Ok(())
}
