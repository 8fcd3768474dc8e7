//! Which questions the mDNS probe asks, round by round: what stays open is asked for once more, and then no more.

use super::gather::Gathering;
use rundgang_wire::dns_sd::{Labels, Wanted, queries};
use std::collections::BTreeMap;

/// Types that school infrastructure announces; asked for at once, since not every device answers the question for
/// all types (RFC 6763 section 9). The names are from the IANA registry and vendors' documents.
const KNOWN_TYPES: &[&str] = &[
    // Screens, boards, receivers, loudspeakers.
    "_airplay._tcp",
    "_raop._tcp",
    "_googlecast._tcp",
    "_display._tcp",
    "_mi-connect._udp",
    "_androidtvremote2._tcp",
    "_sonos._tcp",
    "_spotify-connect._tcp",
    "_soundtouch._tcp",
    "_heos-audio._tcp",
    "_crestron._tcp",
    "_clickshare._tcp",
    "_dante-safe._udp",
    "_viera._tcp",
    "_amzn-wplay._tcp",
    // Printing and scanning.
    "_ipp._tcp",
    "_ipps._tcp",
    "_printer._tcp",
    "_pdl-datastream._tcp",
    "_scanner._tcp",
    "_uscan._tcp",
    "_uscans._tcp",
    // Servers and storage.
    "_http._tcp",
    "_https._tcp",
    "_smb._tcp",
    "_afpovertcp._tcp",
    "_nfs._tcp",
    "_ftp._tcp",
    "_ssh._tcp",
    "_workstation._tcp",
    "_device-info._tcp",
    "_adisk._tcp",
    "_webdav._tcp",
    "_rfb._tcp",
    "_telnet._tcp",
    // Cameras, telephones, house and network.
    "_axis-video._tcp",
    "_rtsp._tcp",
    "_onvif._tcp",
    "_psia._tcp",
    "_sip._udp",
    "_sip._tcp",
    "_hap._tcp",
    "_hue._tcp",
    "_elg._tcp",
    "_matter._tcp",
    "_knx._udp",
    "_dvl-deviceapi._tcp",
    "_shelly._tcp",
    "_ubnt-disc._udp",
    // What shows that a device is somebody's own, so that it is left alone.
    "_companion-link._tcp",
    "_apple-mobdev2._tcp",
];

/// Types of which only the name is of interest: they belong to people's own devices, or hold nothing for an
/// inventory. Their instances are never asked about.
const PERSONAL_TYPES: &[&str] = &[
    "_companion-link._tcp",
    "_apple-mobdev2._tcp",
    "_apple-mobdev._tcp",
    "_rdlink._tcp",
    "_home-sharing._tcp",
    "_daap._tcp",
    "_dacp._tcp",
    "_touch-able._tcp",
    "_airdrop._tcp",
    "_presence._tcp",
    "_FC9F5ED42C8A._tcp",
    "_hscp._tcp",
    "_sleep-proxy._udp",
    "_homekit._tcp",
    "_asquic._udp",
    "_remotepairing._tcp",
];

/// Questions asked for instances, per round, at most.
const MAX_INSTANCES: usize = 60;

/// How often a question is asked that nobody has answered: radio loses multicast, and a busy host an answer.
const TRIES: u8 = 2;

/// What has been asked so far, and how often.
#[derive(Default)]
pub(super) struct Asked {
    types: BTreeMap<String, u8>,
    instances: BTreeMap<Labels, u8>,
}

impl Asked {
    /// All types of the segment, and the known ones: one datagram.
    pub(super) fn first_round(&mut self) -> Vec<Vec<u8>> {
        let mut questions = vec![all_types()];
        for service in KNOWN_TYPES {
            self.types.insert((*service).to_ascii_lowercase(), 1);
            questions.push((labels(service), Wanted::Pointers));
        }
        queries(&questions)
    }

    /// All types once more, and whatever is open.
    pub(super) fn second_round(&mut self, gathering: &Gathering) -> Vec<Vec<u8>> {
        let mut questions = vec![all_types()];
        questions.extend(self.open(gathering));
        queries(&questions)
    }

    /// Only what is open.
    pub(super) fn further_round(&mut self, gathering: &Gathering) -> Vec<Vec<u8>> {
        queries(&self.open(gathering))
    }

    /// Types never asked for, and those of which somebody has told no instance; then instances without host or
    /// attributes.
    fn open(&mut self, gathering: &Gathering) -> Vec<(Labels, Wanted)> {
        let mut questions = Vec::new();
        for (service, is_open) in gathering.types() {
            let tries = if is_open { TRIES } else { 1 };
            if !is_personal(&service) && may_ask(&mut self.types, service.to_ascii_lowercase(), tries) {
                questions.push((labels(&service), Wanted::Pointers));
            }
        }
        // What has been asked often enough takes nobody's place.
        let open = gathering.open_instances(is_personal).into_iter();
        let askable = open.filter(|(instance, _)| may_ask(&mut self.instances, instance.clone(), TRIES));
        for (instance, missing) in askable.take(MAX_INSTANCES) {
            questions.extend(missing.into_iter().map(|wanted| (instance.clone(), wanted)));
        }
        questions
    }
}

/// Whether this may be asked (once more), which then counts as asked.
fn may_ask<K: Ord>(asked: &mut BTreeMap<K, u8>, what: K, tries: u8) -> bool {
    let times = asked.entry(what).or_default();
    let may = *times < tries;
    *times += u8::from(may);
    may
}

/// The meta-query of RFC 6763 section 9.
fn all_types() -> (Labels, Wanted) {
    (["_services", "_dns-sd", "_udp", "local"].map(str::to_owned).to_vec(), Wanted::Pointers)
}

fn labels(service: &str) -> Labels {
    service.split('.').chain(["local"]).map(str::to_owned).collect()
}

fn is_personal(service: &str) -> bool {
    PERSONAL_TYPES.iter().any(|personal| personal.eq_ignore_ascii_case(service))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_known_types_are_types() {
        let distinct: BTreeSet<_> = KNOWN_TYPES.iter().collect();
        assert_eq!(distinct.len(), KNOWN_TYPES.len());
        for service in KNOWN_TYPES.iter().chain(PERSONAL_TYPES) {
            let (name, transport) = service.split_once('.').unwrap();
            assert!(
                name.starts_with('_') && name.len() <= 18 && matches!(transport, "_tcp" | "_udp"),
                "{service}"
            );
        }
    }

    /// An answer that names so many instances and tells nothing more of them.
    fn instances(host: u8, many: u8) -> Vec<u8> {
        let name = |labels: &[&str]| {
            let mut bytes: Vec<u8> = Vec::new();
            for label in labels.iter().chain(&["_http", "_tcp", "local"]) {
                bytes.push(u8::try_from(label.len()).unwrap());
                bytes.extend(label.bytes());
            }
            bytes.push(0);
            bytes
        };
        let mut bytes = vec![0, 0, 0x84, 0, 0, 0, 0, many, 0, 0, 0, 0];
        for number in 0..many {
            let target = name(&[&format!("h{host}-{number}")]);
            bytes.extend(name(&[]));
            bytes.extend([0, 12, 0, 1, 0, 0, 0, 120, 0, u8::try_from(target.len()).unwrap()]);
            bytes.extend(target);
        }
        bytes
    }

    #[test]
    fn instances_that_nobody_tells_more_of_take_nobodys_place() {
        let mut gathering = Gathering::default();
        for host in [1, 2] {
            gathering.hear([10, 0, 0, host].into(), &instances(host, 40));
        }
        let mut asked = Asked::default();
        let mut named = BTreeSet::new();
        let rounds = [(); 3].map(|()| {
            let questions = asked.open(&gathering).into_iter().map(|(name, _)| name);
            let of_instances: BTreeSet<_> = questions.filter(|name| name.len() > 3).collect();
            named.extend(of_instances.iter().cloned());
            of_instances.len()
        });
        assert_eq!((rounds, named.len()), ([MAX_INSTANCES, MAX_INSTANCES, 20], 80));
    }
}
