//! Requests that are ready to be sent, for what no record of the zone can mend alone.

use super::masked::changes;
use super::providers::provider;
use super::{Draft, Proposal, ZoneRecord};
use crate::mail::judge::{certificate_reason, policy_url};
use crate::mail::lookup::{Outcome, Question, RecordType};
use crate::mail::wording::Request;
use crate::privacy::MASK;
use std::net::IpAddr;

impl Draft<'_> {
    /// What to ask whom about the finding.
    pub(super) fn request(&self) -> Option<Proposal> {
        let id = self.finding.id;
        let ask = match id {
            "mx.null" => return Some(Proposal { question: Some("no-mail"), ..Proposal::default() }),
            "mx.missing" | "mx.ip-literal" | "mx.null-with-others" => vec![self.to_mail("mx-name", "")],
            "mx.unresolvable" => self.hosts(|host| self.has_no_address(host), "mx-address"),
            "mx.private-address" => self.hosts(|host| self.is_internal(host), "mx-address"),
            "mx.cname" | "mx.no-ipv6" => self.hosts(|_| true, "mx-ipv6"),
            id if id.starts_with("dkim.") => return Some(self.key_request()),
            id if id.starts_with("spf.") && self.has_unseen_sender() => return Some(self.unseen_senders()),
            id if id.starts_with("spf.") => vec![self.sender_request()],
            id if id.starts_with("dmarc.") || id == "bimi.dmarc-not-enforced" => {
                return self.report_request();
            }
            "mta_sts.policy-unreachable" | "mta_sts.mx-not-listed" | "mta_sts.missing" => {
                vec![self.policy_request()]
            }
            "tls_rpt.missing" | "tls_rpt.syntax" | "tls_rpt.multiple" => vec![self.address_request()],
            // Where no name of a mail server is known, that comes first.
            "dane.missing" if self.evidence.mail_hosts().is_empty() => vec![self.to_mail("mx-name", "")],
            "dane.missing" | "dane.mismatch" => self.hosts(|_| true, "dane"),
            "dane.unsigned" => self.hosts(|host| self.has_association(host), "dane-sign"),
            "caa.missing" => vec![self.to_dns("caa-which", "")],
            "dnssec.unsigned" | "dnssec.no-ds" => vec![self.to_dns("dnssec-sign", "")],
            "dnssec.bogus" => vec![self.to_dns("dnssec-broken", "")],
            "ns.single" => vec![self.to_dns("ns-second", &self.evidence.name_servers().join(", "))],
            "ns.same-network" => vec![self.to_dns("ns-network", &self.evidence.name_servers().join(", "))],
            "ns.lame" => vec![self.to_dns("ns-lame", &self.servers(|s| s.authoritative == Some(false)))],
            "ns.unresolvable" => vec![self.to_dns("ns-lame", &self.without_address())],
            "ns.serial-mismatch" => vec![self.to_dns("ns-serial", &self.serials())],
            "ns.axfr-open" => vec![self.to_dns("ns-transfer", &self.servers(|s| s.transfer == Some(true)))],
            "ns.open-recursion" => {
                vec![self.to_dns("ns-recursion", &self.servers(|s| s.recursion == Some(true)))]
            }
            "domain.nxdomain" => vec![self.about("registrar", "domain-renew", "")],
            "domain.unresolvable" => vec![self.to_dns("domain-servers", "")],
            "smtp.no-starttls" => {
                self.hosts(|host| self.server_is(host, |s| s.starttls == Some(false)), "starttls")
            }
            "smtp.tls-old" => self.hosts(|host| self.server_is(host, |s| s.tls_version.is_some()), "tls-old"),
            "smtp.cert-invalid" => self.certificates(),
            _ => return None,
        };
        (!ask.is_empty()).then(|| Proposal { ask, ..Proposal::default() })
    }

    fn about(&self, party: &'static str, asks: &'static str, servers: &str) -> Request {
        Request::new(party, asks, [("domain", &*self.evidence.domain), ("servers", servers)])
    }

    fn to_dns(&self, asks: &'static str, servers: &str) -> Request {
        self.about("dns-provider", asks, servers)
    }

    fn to_mail(&self, asks: &'static str, host: &str) -> Request {
        Request::new("mail-provider", asks, [("domain", &*self.evidence.domain), ("host", host)])
    }

    /// One request for each mail exchanger that it is about.
    fn hosts(&self, about: impl Fn(&str) -> bool, asks: &'static str) -> Vec<Request> {
        let hosts = self.evidence.mail_hosts();
        hosts.iter().filter(|host| about(host)).map(|host| self.to_mail(asks, host)).collect()
    }

    fn server_is(&self, host: &str, wanted: impl Fn(&crate::mail::MailServer) -> bool) -> bool {
        self.evidence.mail_servers.get(host).is_some_and(wanted)
    }

    fn has_association(&self, host: &str) -> bool {
        let question = Question::new(&format!("_25._tcp.{host}"), RecordType::Tlsa);
        self.evidence.lookups.get(&question).is_some_and(|answer| answer.outcome == Outcome::Found)
    }

    fn certificates(&self) -> Vec<Request> {
        let faulty = self.evidence.mail_servers.iter().filter_map(|(host, server)| {
            let reason = certificate_reason(server.certificate_fault.as_ref()?);
            let with = [("domain", &*self.evidence.domain), ("host", host), ("reason", reason)];
            Some(Request::new("mail-provider", "certificate", with))
        });
        faulty.collect()
    }

    /// The name servers of which something is true, by address.
    fn servers(&self, about: impl Fn(&crate::mail::NameServer) -> bool) -> String {
        let known = self.evidence.servers.iter().filter(|(_, server)| about(server));
        known.map(|(ip, _)| self.server_name(*ip)).collect::<Vec<_>>().join(", ")
    }

    fn server_name(&self, ip: IpAddr) -> String {
        let hosts = self.evidence.name_servers();
        let host = hosts.into_iter().find(|host| self.evidence.addresses(host).contains(&ip));
        host.map_or_else(|| ip.to_string(), |host| format!("{host} ({ip})"))
    }

    fn serials(&self) -> String {
        let known = self
            .evidence
            .servers
            .iter()
            .filter_map(|(ip, server)| Some(format!("{}: {}", self.server_name(*ip), server.serial?)));
        known.collect::<Vec<_>>().join(", ")
    }

    fn without_address(&self) -> String {
        let hosts = self.evidence.name_servers();
        hosts.into_iter().filter(|host| self.has_no_address(host)).collect::<Vec<_>>().join(", ")
    }

    pub(super) fn pointer_request(&self, ip: IpAddr, host: &str) -> Request {
        Request::new("mail-provider", "ptr", [("ip", &*ip.to_string()), ("host", host)])
    }

    pub(super) fn policy_request(&self) -> Request {
        let domain = &self.evidence.domain;
        Request::new("web-host", "policy-host", [("domain", &**domain), ("url", &policy_url(domain))])
    }

    pub(super) fn signer_request(&self, record: &ZoneRecord) -> Request {
        let with = [("domain", &*self.evidence.domain), ("record", &record.to_string())];
        Request::new("registrar", "dnssec-ds", with)
    }

    pub(super) fn address_request(&self) -> Request {
        Request::new("school", "report-address", [("domain", &*self.evidence.domain)])
    }

    /// Whether a sender that people named cannot be judged: not looked up yet, or its name leads nowhere.
    fn has_unseen_sender(&self) -> bool {
        self.context.known_senders.iter().any(|term| self.known_networks(term).is_none())
    }

    /// What to do about senders without which no record is offered.
    fn unseen_senders(&self) -> Proposal {
        let broken = self.broken_senders().join(", ");
        if broken.is_empty() {
            return Proposal { question: Some("senders-unseen"), ..Proposal::default() };
        }
        let with = [("domain", &*self.evidence.domain), ("names", &*broken)];
        Proposal { ask: vec![Request::new("school", "sender-broken", with)], ..Proposal::default() }
    }

    fn sender_request(&self) -> Request {
        let domain = &*self.evidence.domain;
        let lines: Vec<String> = self.finding.evidence.iter().map(ToString::to_string).collect();
        match self.finding.id {
            "spf.permissive-all" | "spf.overbroad" => Request::new(
                "mail-provider",
                "open-include",
                [("domain", domain), ("names", &lines.join("; "))],
            ),
            "spf.too-many-lookups" => {
                let terms =
                    lines.iter().skip(1).map(|line| line.split_once(": ").map_or(&**line, |(_, t)| t));
                let own: Vec<&str> = terms.collect();
                Request::new("school", "spf-shorten", [("domain", domain), ("names", &own.join(", "))])
            }
            _ => {
                let why = format!("{}.", lines.join("; "));
                Request::new("mail-provider", "spf-provider", [("domain", domain), ("reason", &why)])
            }
        }
    }

    /// Where the DMARC record is an alias, it belongs to whoever the alias leads to.
    fn report_request(&self) -> Option<Proposal> {
        let name = format!("_dmarc.{}", self.evidence.domain);
        let target = self.evidence.certain(&name, RecordType::Txt).and_then(|answer| answer.aliases.last());
        let ask = match target {
            Some(target) => {
                let (texts, record) = self.better_dmarc()?;
                if record.places("rua").is_empty() && self.finding.id.starts_with("dmarc.rua") {
                    return Some(Proposal { ask: vec![self.address_request()], ..Proposal::default() });
                }
                let whole = record.to_string();
                let told = match texts.as_slice() {
                    // A record with a masked mailbox is told by what changes.
                    [text] if whole.contains(MASK) => changes(text, &record)?,
                    _ if whole.contains(MASK) => return None,
                    _ => whole,
                };
                let with = [("name", &*name), ("target", target), ("record", &*told)];
                let asks = if told == record.to_string() { "alias-record" } else { "alias-tags" };
                Request::new("mail-provider", asks, with)
            }
            None if self.finding.id == "dmarc.inherited" => return None,
            None => self.address_request(),
        };
        Some(Proposal { ask: vec![ask], ..Proposal::default() })
    }

    /// The name of the mail provider, for requests to it.
    pub(super) fn provider_name(&self) -> Option<&'static str> {
        provider(self.evidence).map(|known| known.name)
    }
}
