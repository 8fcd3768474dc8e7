//! Judging the mail exchangers: are they there, do they resolve, do their addresses have names.

use super::Case;
use crate::mail::evidence::literal;
use crate::mail::lookup::{Outcome, Question, RecordType, is_private, reverse_name};
use crate::mail::wording::Remark;
use std::net::IpAddr;

impl Case<'_> {
    pub(super) fn exchangers(&mut self) {
        let domain = &self.evidence.domain;
        let Some(answer) = self.certain("", RecordType::Mx) else { return };
        let listed = self.evidence.exchangers();
        let lines: Vec<String> =
            answer.records.iter().map(|record| format!("{domain} MX {record}")).collect();
        if listed.is_empty() {
            let with = [("name", &**domain), ("kind", "MX")];
            return self.say("mx.missing", [Remark::said("no-record", with)]);
        }
        if self.facts.null_mx {
            return self.say("mx.null", lines);
        }
        if listed.iter().any(|(_, host)| host.is_empty()) {
            self.say("mx.null-with-others", lines);
        }
        for (_, host) in &listed {
            if literal(host, domain).is_some() {
                self.say("mx.ip-literal", [format!("{domain} MX {host}")]);
            }
        }
        let hosts = self.evidence.mail_hosts();
        for host in &hosts {
            self.exchanger(host);
        }
        let without = |host: &String| {
            self.evidence
                .certain(host, RecordType::Aaaa)
                .is_some_and(|answer| answer.outcome != Outcome::Found)
        };
        if !hosts.is_empty() && hosts.iter().all(without) {
            let line = |host: &String| Remark::said("no-record", [("name", &**host), ("kind", "AAAA")]);
            self.say("mx.no-ipv6", hosts.iter().map(line));
        }
    }

    fn exchanger(&mut self, host: &str) {
        let domain = self.evidence.domain.clone();
        let alias = [RecordType::A, RecordType::Aaaa]
            .into_iter()
            .find_map(|kind| self.evidence.lookups.get(&Question::new(host, kind))?.aliases.first().cloned());
        if let Some(target) = alias {
            self.say("mx.cname", [format!("{domain} MX {host}, {host} CNAME {target}")]);
        }
        // Of an address that was written as a name this is no news.
        if self.has_no_address(host) && literal(host, &domain).is_none() {
            self.say("mx.unresolvable", [Remark::said("no-address", [("name", host)])]);
        }
        for ip in self.evidence.addresses(host) {
            if is_private(ip) {
                self.say("mx.private-address", [format!("{domain} MX {host}, {host} A {ip}")]);
            } else {
                self.reverse(host, ip);
            }
        }
    }

    fn reverse(&mut self, host: &str, ip: IpAddr) {
        let name = reverse_name(ip);
        let Some(answer) = self.evidence.certain(&name, RecordType::Ptr) else { return };
        if answer.outcome != Outcome::Found {
            let with = [("host", host), ("ip", &*ip.to_string()), ("name", &name)];
            return self.say("mx.ptr-missing", [Remark::said("no-ptr", with)]);
        }
        let kind = if ip.is_ipv4() { RecordType::A } else { RecordType::Aaaa };
        let mut unknown = false;
        for name in &answer.records {
            match self.evidence.certain(name, kind) {
                Some(forward) if forward.addresses().any(|found| found == ip) => return,
                Some(_) => {}
                None => unknown = true,
            }
        }
        if !unknown {
            let names = answer.records.join(", ");
            let with = [("host", host), ("ip", &*ip.to_string()), ("names", &names)];
            self.say("mx.fcrdns-mismatch", [Remark::said("ptr-elsewhere", with)]);
        }
    }
}
