//! The registered probes, one file each. To add one: write its file and add the two lines here.

mod airplay;
mod control;
mod description;
mod evidence;
mod exchange;
mod greetings;
mod http;
mod ipp;
mod mail;
#[cfg(test)]
mod manners;
pub(crate) mod mdns;
mod pjlink;
pub(crate) mod pjlink_search;
pub(crate) mod planning;
mod sip;
mod snmp;
pub(crate) mod ssdp;
mod tls;
mod told;
#[cfg(test)]
pub(crate) mod transcript;
pub(crate) mod wsd;

use crate::probe::Probe;

/// Every probe, in the order they are listed to people.
pub static ALL: &[&Probe] = &[
    &mdns::PROBE,
    &snmp::SNMP,
    &snmp::SNMP_PUBLIC,
    &snmp::SNMP_WALK,
    &ssdp::PROBE,
    &wsd::PROBE,
    &pjlink_search::PROBE,
    &sip::PROBE,
    &http::PROBE,
    &ipp::PROBE,
    &pjlink::PROBE,
    &control::PROBE,
    &greetings::SSH,
    &greetings::FTP,
    &greetings::TELNET,
    &mail::SMTP,
    &mail::IMAP,
    &http::FOLLOW,
    &description::PROBE,
    &airplay::PROBE,
    &told::PROBE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_probe_has_a_name_of_its_own_and_says_what_it_sends() {
        let mut names = BTreeSet::new();
        for probe in ALL {
            assert!(names.insert(probe.name), "{} is listed twice", probe.name);
            assert!(probe.sends.ends_with('.'), "{} does not say in a sentence what it sends", probe.name);
        }
    }
}
