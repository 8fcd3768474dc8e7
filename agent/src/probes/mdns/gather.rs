//! Puts the records of many mDNS answers together: which host announced which instances, with which attributes.

use super::super::evidence::{set_list, set_text};
use super::{
    attributes::instance_fields,
    names::{is_meta_query, is_near, lower, service_of},
};
use crate::probe::Harvest;
use rundgang_inventory::Fields;
use rundgang_inventory::vocabulary::{MDNS_HOSTNAME, MDNS_SERVICES};
use rundgang_wire::dns_sd::{Labels, Told, Wanted, records};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Hosts that are listened to in one segment.
const MAX_HOSTS: usize = 4096;
/// Instances kept of one host.
const MAX_INSTANCES: usize = 64;
/// Types kept of one host, and names of hosts that it told addresses of.
const MAX_NAMES: usize = 64;
/// Octets kept of one host's announcements; a printer with every attribute there is needs some thousand.
const MAX_OF_HOST: usize = 64 * 1024;
/// Octets kept in all: whoever makes up senders and names fills this and no more.
const MAX_IN_ALL: usize = 8 * 1024 * 1024;
/// What an entry costs besides its text: the tree's and the strings' own bookkeeping, rounded up.
const ENTRY: usize = 128;
/// Everything heard, by sender.
#[derive(Default)]
pub(crate) struct Gathering {
    senders: BTreeMap<IpAddr, Announced>,
    octets: usize,
}

/// What one sender announced. Names are compared without regard to case (RFC 6762 section 16).
#[derive(Default)]
struct Announced {
    types: BTreeSet<String>,
    instances: BTreeMap<Labels, Instance>,
    addresses: BTreeMap<Labels, Vec<IpAddr>>,
    names: BTreeMap<Labels, Labels>,
    // What all of the above costs, so far as it only grows: a text told anew is paid for anew.
    octets: usize,
}

/// One instance of a service, as far as it was told.
#[derive(Default)]
pub(super) struct Instance {
    pub(super) labels: Labels,
    pub(super) service: Option<(u16, Labels)>,
    pub(super) pairs: Option<Vec<(String, Option<String>)>>,
}

impl Gathering {
    /// Takes in one datagram.
    pub(crate) fn hear(&mut self, sender: IpAddr, datagram: &[u8]) {
        let found = records(datagram);
        if found.is_empty() || (self.senders.len() >= MAX_HOSTS && !self.senders.contains_key(&sender)) {
            return;
        }
        let announced = self.senders.entry(sender).or_default();
        let before = announced.octets;
        for record in found {
            // What is announced again costs nothing new, but nobody can tell that beforehand.
            let is_full = announced.octets >= MAX_OF_HOST
                || self.octets.saturating_add(announced.octets - before) >= MAX_IN_ALL;
            if is_full {
                break;
            }
            announced.hear(record.name, record.told);
        }
        self.octets = self.octets.saturating_add(announced.octets - before);
    }

    /// All types heard of, and whether somebody has one without having told an instance of it.
    pub(super) fn types(&self) -> BTreeMap<String, bool> {
        let mut all: BTreeMap<String, bool> = BTreeMap::new();
        for announced in self.senders.values() {
            let told: BTreeSet<String> =
                announced.instances.values().filter_map(|one| service_of(one.labels.get(1..)?)).collect();
            for service in &announced.types {
                *all.entry(service.clone()).or_default() |= !told.contains(service);
            }
        }
        all
    }

    /// Instances whose host or attributes nobody has told, with what is missing. Hosts that announce a personal
    /// type are not asked about: a device that may be somebody's own gets no further question (promise P2).
    pub(super) fn open_instances(&self, is_personal: fn(&str) -> bool) -> Vec<(Labels, Vec<Wanted>)> {
        let mut open = Vec::new();
        for announced in self.senders.values() {
            if announced.types.iter().any(|service| is_personal(service)) {
                continue;
            }
            for instance in announced.instances.values() {
                let missing: Vec<Wanted> =
                    [(instance.service.is_none(), Wanted::Service), (instance.pairs.is_none(), Wanted::Text)]
                        .into_iter()
                        .filter_map(|(is_missing, wanted)| is_missing.then_some(wanted))
                        .collect();
                if !missing.is_empty() {
                    open.push((instance.labels.clone(), missing));
                }
            }
        }
        open
    }

    /// The evidence, by host.
    pub(crate) fn harvest(&self) -> Harvest {
        let mut hosts: BTreeMap<IpAddr, Fields> = BTreeMap::new();
        for (&sender, announced) in &self.senders {
            for (host, fields) in announced.fields(sender) {
                hosts.entry(host).or_default().merge(fields);
            }
        }
        Harvest(hosts.into_iter().filter(|(_, fields)| !fields.is_empty()).collect())
    }
}

impl Announced {
    fn hear(&mut self, name: Labels, told: Told) {
        match told {
            Told::Pointer(target) => {
                if is_meta_query(&name) {
                    service_of(&target).into_iter().for_each(|service| self.add_type(service));
                } else if let Some(service) = service_of(&name) {
                    self.add_type(service);
                    self.instance(target);
                }
            }
            Told::Service { port, target } => {
                let cost = cost(&target);
                let told = Some((port, target));
                if let Some(instance) = self.instance(name).filter(|instance| instance.service != told) {
                    instance.service = told;
                    self.octets += cost;
                }
            }
            Told::Text(pairs) => {
                let cost = pairs
                    .iter()
                    .map(|(key, value)| ENTRY + key.len() + value.as_ref().map_or(0, String::len))
                    .sum::<usize>();
                let told = Some(pairs);
                if let Some(instance) = self.instance(name).filter(|instance| instance.pairs != told) {
                    instance.pairs = told;
                    self.octets += cost;
                }
            }
            Told::Address(address) => {
                let key = lower(&name);
                if !self.names.contains_key(&key) {
                    if self.names.len() >= MAX_NAMES {
                        return;
                    }
                    self.octets += 3 * cost(&key) + ENTRY;
                }
                self.names.entry(key.clone()).or_insert(name);
                let addresses = self.addresses.entry(key).or_default();
                if !addresses.contains(&address) && addresses.len() < 16 {
                    addresses.push(address);
                }
            }
        }
    }

    fn add_type(&mut self, service: String) {
        if self.types.len() < MAX_NAMES && !self.types.contains(&service) {
            self.octets += ENTRY + service.len();
            self.types.insert(service);
        }
    }

    /// The instance of that name; `None` where the name is none, or too many are known.
    fn instance(&mut self, labels: Labels) -> Option<&mut Instance> {
        let service = service_of(labels.get(1..)?)?;
        let key = lower(&labels);
        if self.instances.len() >= MAX_INSTANCES && !self.instances.contains_key(&key) {
            return None;
        }
        self.add_type(service);
        if !self.instances.contains_key(&key) {
            self.octets += 2 * cost(&key) + ENTRY;
        }
        Some(self.instances.entry(key).or_insert_with(|| Instance { labels, ..Instance::default() }))
    }

    /// What was announced, by the host it belongs to: the sender, or the host that the records name.
    fn fields(&self, sender: IpAddr) -> BTreeMap<IpAddr, Fields> {
        let mut hosts: BTreeMap<IpAddr, Vec<&Instance>> = BTreeMap::new();
        for instance in self.instances.values() {
            let owner = instance.service.as_ref().map_or(sender, |(_, target)| self.owner(sender, target));
            hosts.entry(owner).or_default().push(instance);
        }
        let has_own = hosts.contains_key(&sender) || self.hostname(sender).is_some();
        if has_own || hosts.is_empty() {
            hosts.entry(sender).or_default();
        }
        let mut told = BTreeMap::new();
        for (host, instances) in hosts {
            let mut services: BTreeSet<String> =
                instances.iter().filter_map(|i| service_of(&i.labels[1..])).collect();
            // Types without an instance say nothing of their host but that the sender knows of them.
            if host == sender
                && self.instances.values().all(|i| instances.iter().any(|own| own.labels == i.labels))
            {
                services.extend(self.types.iter().cloned());
            }
            let mut fields = instance_fields(&instances);
            set_list(&mut fields, &MDNS_SERVICES, services);
            let named = instances.iter().find_map(|i| i.service.as_ref()?.1.first().cloned());
            set_text(&mut fields, &MDNS_HOSTNAME, named.or_else(|| self.hostname(host)));
            told.insert(host, fields);
        }
        told
    }

    /// The host that an SRV record's target means: the sender where it claims the name or nobody says otherwise;
    /// else the address told for it, if that lies near the sender (a reflector or a sleep proxy speaks for others).
    fn owner(&self, sender: IpAddr, target: &Labels) -> IpAddr {
        let addresses = self.addresses.get(&lower(target)).map_or(&[][..], Vec::as_slice);
        if addresses.contains(&sender) {
            return sender;
        }
        addresses.iter().copied().find(|&address| is_near(sender, address)).unwrap_or(sender)
    }

    /// The name that address records give to a host.
    fn hostname(&self, host: IpAddr) -> Option<String> {
        let (key, _) = self.addresses.iter().find(|(_, addresses)| addresses.contains(&host))?;
        self.names.get(key)?.first().cloned()
    }
}

/// What a name costs to keep.
fn cost(labels: &[String]) -> usize {
    labels.iter().map(|label| ENTRY / 4 + label.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::transcript::lines;

    fn labels(text: &str) -> Labels {
        text.split('/').map(str::to_owned).collect()
    }

    fn gathered(sender: &str, records: &[(&str, Told)]) -> Vec<(String, Vec<String>)> {
        let mut gathering = Gathering::default();
        let announced = gathering.senders.entry(sender.parse().unwrap()).or_default();
        for (name, told) in records {
            announced.hear(labels(name), told.clone());
        }
        gathering.harvest().0.into_iter().map(|(host, fields)| (host.to_string(), lines(&fields))).collect()
    }

    fn srv(port: u16, target: &str) -> Told {
        Told::Service { port, target: labels(target) }
    }

    fn txt(pairs: &[(&str, &str)]) -> Told {
        Told::Text(pairs.iter().map(|&(key, value)| (key.to_owned(), Some(value.to_owned()))).collect())
    }

    #[test]
    fn what_somebody_is_doing_is_left_out() {
        let cast = "Raum 12/_googlecast/_tcp/local";
        let got = gathered(
            "192.0.2.9",
            &[
                ("_googlecast/_tcp/local", Told::Pointer(labels(cast))),
                (cast, srv(8009, "cast-1/local")),
                (
                    cast,
                    txt(&[
                        ("md", "Chromecast"),
                        ("rs", "YouTube"),
                        ("st", "1"),
                        ("id", "abc"),
                        ("empty", ""),
                    ]),
                ),
            ],
        );
        assert_eq!(got[0].1[3], "mdns.txt: [_googlecast._tcp id=abc | _googlecast._tcp md=Chromecast]");
        assert!(!format!("{got:?}").contains("YouTube"));
    }

    #[test]
    fn who_owns_an_instance() {
        let name = "P/_ipp/_tcp/local";
        let check = |records: &[(&str, Told)], expected: &str| {
            let hosts: Vec<String> =
                gathered("192.0.2.9", records).into_iter().map(|(host, _)| host).collect();
            assert_eq!(hosts, [expected], "{records:?}");
        };
        let address = |text: &str| Told::Address(text.parse().unwrap());
        check(&[(name, srv(631, "p/local"))], "192.0.2.9");
        check(&[(name, srv(631, "p/local")), ("P/local", address("192.0.2.20"))], "192.0.2.20");
        check(&[(name, srv(631, "p/local")), ("p/local", address("172.17.0.1"))], "192.0.2.9");
        let both = [
            (name, srv(631, "p/local")),
            ("p/local", address("192.0.2.20")),
            ("p/local", address("192.0.2.9")),
        ];
        check(&both, "192.0.2.9");
    }

    #[test]
    fn a_host_that_only_has_a_name() {
        let got = gathered("192.0.2.9", &[("Switch-4/local", Told::Address("192.0.2.9".parse().unwrap()))]);
        assert_eq!(got, [("192.0.2.9".to_owned(), vec!["mdns.hostname: Switch-4".to_owned()])]);
    }

    #[test]
    fn one_host_cannot_fill_the_memory() {
        let mut announced = Announced::default();
        for number in 0..10_000 {
            announced.hear(labels(&format!("i{number}/_ipp/_tcp/local")), srv(631, "x/local"));
        }
        assert_eq!(announced.instances.len(), MAX_INSTANCES);
    }

    /// 100,000 distinct records of every type, from ever new senders, leave a bounded heap of them.
    #[test]
    fn a_flood_of_made_up_names_is_bounded() {
        use hickory_proto::op::{Message, MessageType, OpCode};
        use hickory_proto::rr::rdata::{A, PTR, TXT};
        use hickory_proto::rr::{Name, RData, Record};
        let name = |text: String| Name::from_labels(text.split('/').map(str::as_bytes)).unwrap();
        let mut gathering = Gathering::default();
        for datagram in 0..2_000_u32 {
            let mut message = Message::new(0, MessageType::Response, OpCode::Query);
            for number in 0..10 {
                let one = format!("x{datagram}-{number}-{}", "y".repeat(40));
                let short = format!("_{datagram}-{number}");
                let mut add = |owner: String, data| {
                    message.add_answer(Record::from_rdata(name(owner), 120, data));
                };
                add(format!("{one}/local"), RData::A(A::new(10, 0, 0, 1)));
                add(
                    "_services/_dns-sd/_udp/local".to_owned(),
                    RData::PTR(PTR(name(format!("{short}/_tcp/local")))),
                );
                add(
                    format!("{short}/_tcp/local"),
                    RData::PTR(PTR(name(format!("{one}/{short}/_tcp/local")))),
                );
                let text = vec![[b'z'; 250].as_slice(), &[b'q'; 250]];
                add(format!("{one}/{short}/_tcp/local"), RData::TXT(TXT::from_bytes(text)));
                let same = format!("{datagram}-{number}");
                add("i/_ipp/_tcp/local".to_owned(), RData::TXT(TXT::from_bytes(vec![same.as_bytes()])));
            }
            let bytes = message.to_vec().unwrap();
            // One sender that never stops, and one more with every datagram.
            gathering.hear("10.0.0.1".parse().unwrap(), &bytes);
            gathering.hear(IpAddr::V4((0x0a01_0000 + datagram).into()), &bytes);
        }
        assert!(gathering.octets <= MAX_IN_ALL + MAX_OF_HOST, "{}", gathering.octets);
        for announced in gathering.senders.values() {
            assert!(announced.types.len() <= MAX_NAMES && announced.names.len() <= MAX_NAMES);
            assert!(announced.addresses.len() <= MAX_NAMES, "{}", announced.addresses.len());
        }
        let first = gathering.senders[&IpAddr::from([10, 0, 0, 1])].octets;
        assert!(first <= MAX_OF_HOST + 64 * 1024, "{first}");
        assert!(gathering.senders.len() > 1_000, "a flood of one sender silences no other");
    }
}
