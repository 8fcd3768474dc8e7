//! Judging the name servers one by one.

use super::{Case, is_intercepted};
use crate::mail::lookup::{Outcome, Question, RecordType};
use crate::mail::wording::Remark;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

impl Case<'_> {
    pub(super) fn name_servers(&mut self) {
        let domain = self.evidence.domain.clone();
        if self.certain("", RecordType::Ns).is_none_or(|answer| answer.outcome != Outcome::Found) {
            // The domain lies inside somebody else's zone: its name servers are theirs.
            return;
        }
        let hosts = self.evidence.name_servers();
        if let [only] = hosts.as_slice() {
            let with = [("domain", &*domain), ("host", only)];
            self.say("ns.single", [Remark::said("only-server", with)]);
        }
        for host in &hosts {
            let alias = self
                .evidence
                .lookups
                .get(&Question::new(host, RecordType::A))
                .and_then(|answer| answer.aliases.first().cloned());
            if let Some(target) = alias {
                self.say("ns.cname", [format!("{domain} NS {host}, {host} CNAME {target}")]);
            }
            if self.has_no_address(host) {
                self.say("ns.unresolvable", [Remark::said("no-address", [("name", host)])]);
            }
        }
        self.same_network(&domain, &hosts);
        self.copies(&domain);
    }

    /// All of them in one network of each family that they have, at least two of them in the same.
    fn same_network(&mut self, domain: &str, hosts: &[String]) {
        let mut networks = BTreeMap::<_, BTreeSet<&String>>::new();
        let mut resolved = 0;
        for host in hosts {
            let addresses = self.evidence.addresses(host);
            resolved += usize::from(!addresses.is_empty());
            for ip in addresses {
                networks.entry(network(ip)).or_default().insert(host);
            }
        }
        let one_each = networks.keys().filter(|(v4, _)| *v4).count() <= 1
            && networks.keys().filter(|(v4, _)| !v4).count() <= 1;
        let is_shared = networks.values().any(|hosts| hosts.len() > 1);
        if resolved > 1 && one_each && is_shared {
            let lines = hosts.iter().flat_map(|host| {
                self.evidence.addresses(host).into_iter().map(move |ip| format!("{domain} NS {host} {ip}"))
            });
            let lines: Vec<String> = lines.collect();
            self.say("ns.same-network", lines);
        }
    }

    /// What the servers themselves said.
    fn copies(&mut self, domain: &str) {
        let mut serials = BTreeSet::new();
        let mut lines = Vec::new();
        for (address, server) in &self.evidence.servers {
            if is_intercepted(self.evidence, *address) {
                continue;
            }
            let ip = address.to_string();
            if server.authoritative == Some(false) {
                let with = [("ip", &*ip), ("domain", domain), ("said", &server.said)];
                self.say("ns.lame", [Remark::said("lame", with)]);
            }
            if let Some(serial) = server.serial.filter(|_| server.authoritative == Some(true)) {
                serials.insert(serial);
                lines.push(Remark::said("serial", [("ip", &*ip), ("serial", &serial.to_string())]));
            }
            if server.transfer == Some(true) {
                self.say("ns.axfr-open", [Remark::said("transfers", [("ip", &*ip), ("domain", domain)])]);
            }
            if server.recursion == Some(true) {
                self.say("ns.open-recursion", [Remark::said("recursion", [("ip", &*ip)])]);
            }
        }
        if serials.len() > 1 {
            self.say("ns.serial-mismatch", lines);
        }
    }
}

/// The network that shares the fate of an address: /24 and /48 (RFC 2182 section 3.1 asks for different ones).
fn network(ip: IpAddr) -> (bool, u128) {
    match ip {
        IpAddr::V4(v4) => (true, u128::from(u32::from(v4) >> 8)),
        IpAddr::V6(v6) => (false, u128::from(v6) >> 80),
    }
}
