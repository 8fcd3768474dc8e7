//! Proposals for mail on its way: MTA-STS, TLS reports, DANE; and for certificates and signatures (CAA, DNSSEC).

use super::applied::signed_host;
use super::tag_list::{TagList, report_place};
use super::{Draft, PolicyFile, Proposal, ZoneRecord};
use crate::mail::evidence::{Certificate, PolicyFetch};
use crate::mail::judge::policy_url;
use crate::mail::lookup::{Outcome, RecordType};
use crate::mail::sts::StsPolicy;
use data_encoding::{BASE64, HEXUPPER};
use sha2::{Digest, Sha256};

/// Certification authorities by the organisation in their certificates, with the name that they ask for in CAA records.
const AUTHORITIES: &[(&str, &str)] = &[
    ("Let's Encrypt", "letsencrypt.org"),
    ("DigiCert", "digicert.com"),
    ("Sectigo", "sectigo.com"),
    ("ZeroSSL", "sectigo.com"),
    ("GlobalSign", "globalsign.com"),
    ("Google Trust Services", "pki.goog"),
    ("D-Trust", "d-trust.net"),
    ("Deutsche Telekom", "telesec.de"),
    ("Actalis", "actalis.it"),
    ("Buypass", "buypass.com"),
    ("HARICA", "harica.gr"),
    ("Hellenic Academic", "harica.gr"),
    ("QuoVadis", "quovadisglobal.com"),
    ("SwissSign", "swisssign.com"),
    ("Amazon", "amazon.com"),
    ("GoDaddy", "godaddy.com"),
    ("Entrust", "entrust.net"),
    ("Certum", "certum.pl"),
    ("SSL Corp", "ssl.com"),
];

impl Draft<'_> {
    /// The policy in the mode that only reports, the announcement, and whom to ask to serve it.
    pub(super) fn first_policy(&self) -> Option<Proposal> {
        let mut proposal = self.announcement()?;
        proposal.file = Some(self.policy_file("testing", &self.evidence.mail_hosts())?);
        proposal.ask = vec![self.policy_request()];
        proposal.question = Some("serves-policy");
        Some(proposal)
    }

    /// The policy file with every mail exchanger in it; what else it allowed stays.
    pub(super) fn mended_policy(&self) -> Option<Proposal> {
        let mut hosts = self.evidence.mail_hosts();
        let mut mode = "testing";
        if let Some(PolicyFetch::Fetched(text)) = &self.evidence.policy
            && let Ok(policy) = StsPolicy::parse(text)
        {
            mode = if policy.enforced { "enforce" } else { mode };
            let covered = |host: &String| policy.allows(host);
            let new: Vec<String> = hosts.iter().filter(|host| !covered(host)).cloned().collect();
            hosts = policy.exchangers.into_iter().chain(new).collect();
        }
        let file = Some(self.policy_file(mode, &hosts)?);
        // Senders fetch the policy anew only when its id changes (RFC 8461 section 3.1).
        let mut proposal = self.announcement()?;
        if self.same_announcement(&proposal) {
            proposal = Proposal::default();
        }
        Some(Proposal { file, ask: vec![self.policy_request()], ..proposal })
    }

    fn same_announcement(&self, proposal: &Proposal) -> bool {
        let texts = |records: &[ZoneRecord]| records.iter().map(|r| r.value.clone()).collect::<Vec<_>>();
        texts(&proposal.remove) == texts(&proposal.add)
    }

    fn policy_file(&self, mode: &str, hosts: &[String]) -> Option<PolicyFile> {
        let lines: String = hosts.iter().map(|host| format!("mx: {host}\n")).collect();
        let text = format!("version: STSv1\nmode: {mode}\n{lines}max_age: 604800\n");
        (!hosts.is_empty()).then(|| PolicyFile { url: policy_url(&self.evidence.domain), text })
    }

    /// The announcement of the policy with the zone's serial as its id: new whenever the zone is.
    pub(super) fn announcement(&self) -> Option<Proposal> {
        let name = format!("_mta-sts.{}", self.evidence.domain);
        let serial = self.evidence.below("", RecordType::Soa)?.serial()?;
        Some(Proposal {
            remove: self.texts(&name, "STSv1"),
            add: vec![ZoneRecord::new(&name, RecordType::Txt, format!("v=STSv1; id={serial}"))],
            ..Proposal::default()
        })
    }

    /// The record for TLS reports: the places that are fine, those of several records in one, else the Träger's.
    pub(super) fn reports(&self) -> Option<Proposal> {
        let name = format!("_smtp._tls.{}", self.evidence.domain);
        let remove = self.texts(&name, "TLSRPTv1");
        let mut lists = remove.iter().map(|record| TagList::read(&record.value, "TLSRPTv1"));
        let mut record = lists.next().unwrap_or_else(|| TagList::read("", "TLSRPTv1"));
        lists.for_each(|other| record.join(&other));
        let is_web = |place: &str| place.len() > 8 && place.to_ascii_lowercase().starts_with("https://");
        let good = |place: &&str| if is_web(place) { Some((*place).to_owned()) } else { report_place(place) };
        let mut places: Vec<String> = record.places("rua").iter().filter_map(good).collect();
        if places.is_empty() {
            places.push(format!("mailto:{}", self.report_address()?));
        }
        record.set("rua", &places.join(","));
        let add = vec![ZoneRecord::new(&name, RecordType::Txt, record.to_string())];
        Some(Proposal { remove, add, ..Proposal::default() })
    }

    /// TLSA records computed from the certificates that the mail exchangers showed, for hosts in signed zones.
    pub(super) fn associations(&self) -> Proposal {
        let mut proposal = Proposal { question: Some("own-key"), ..Proposal::default() };
        for host in self.evidence.mail_hosts() {
            let name = format!("_25._tcp.{host}");
            let shown = self.evidence.mail_servers.get(&host).and_then(|server| server.chain.first());
            // The key of a certificate that cannot be read is not known.
            let usable =
                |shown: &&Certificate| !shown.key_sha256.is_empty() && signed_host(self.evidence, &host);
            let Some(certificate) = shown.filter(usable) else { continue };
            let Some(answer) = self.evidence.certain(&name, RecordType::Tlsa) else { continue };
            let old = answer.records.iter().map(|old| ZoneRecord::new(&name, RecordType::Tlsa, old.clone()));
            proposal.remove.extend(old);
            let value = format!("3 1 1 {}", certificate.key_sha256);
            proposal.add.push(ZoneRecord::new(&name, RecordType::Tlsa, value));
        }
        proposal
    }

    /// The authority that issued the certificates seen on the domain's own hosts.
    pub(super) fn authority(&self) -> Option<Proposal> {
        let domain = &self.evidence.domain;
        let own = format!(".{domain}");
        let issuers = self
            .evidence
            .mail_servers
            .iter()
            .filter(|(host, server)| host.ends_with(&own) && server.certificate_fault.is_none());
        let mut add: Vec<ZoneRecord> = Vec::new();
        for issuer in issuers.filter_map(|(_, server)| server.issuer.as_ref()) {
            let known = AUTHORITIES.iter().find(|(name, _)| issuer.contains(name));
            let (_, id) = known?;
            let record = ZoneRecord::new(domain, RecordType::Caa, format!("0 issue \"{id}\""));
            if !add.contains(&record) {
                add.push(record);
            }
        }
        (!add.is_empty()).then(|| Proposal {
            add,
            question: Some("other-certificates"),
            ..Proposal::default()
        })
    }

    /// The DS record of the zone's key-signing keys, for the registry (RFC 4034 section 5).
    pub(super) fn delegation_signer(&self) -> Proposal {
        let domain = &self.evidence.domain;
        let keys = self.evidence.below("", RecordType::Dnskey).map(|answer| answer.records.clone());
        let add: Vec<ZoneRecord> = keys
            .unwrap_or_default()
            .iter()
            .filter_map(|key| Some(ZoneRecord::new(domain, RecordType::Ds, digest_of(domain, key)?)))
            .collect();
        let ask = add.iter().map(|record| self.signer_request(record)).collect();
        Proposal { add, ask, ..Proposal::default() }
    }

    /// Whether a DNSKEY answer is there to compute from.
    pub(super) fn is_signed(&self) -> bool {
        self.evidence
            .certain(&self.evidence.domain, RecordType::Dnskey)
            .is_some_and(|a| a.outcome == Outcome::Found)
    }
}

/// The value of the DS record of a key-signing key, given as `257 3 13 BASE64`; none for other keys.
fn digest_of(domain: &str, key: &str) -> Option<String> {
    let mut parts = key.split(' ');
    let (flags, protocol, algorithm) = (parts.next()?, parts.next()?, parts.next()?);
    let public = BASE64.decode(parts.next()?.as_bytes()).ok()?;
    if flags != "257" {
        return None;
    }
    let algorithm: u8 = algorithm.parse().ok()?;
    let mut rdata = 257_u16.to_be_bytes().to_vec();
    rdata.extend([protocol.parse().ok()?, algorithm]);
    rdata.extend(&public);
    let mut wire = Vec::new();
    for label in domain.split('.') {
        wire.push(u8::try_from(label.len()).ok()?);
        wire.extend(label.bytes());
    }
    wire.push(0);
    let digest = Sha256::digest([wire, rdata.clone()].concat());
    Some(format!("{} {algorithm} 2 {}", key_tag(&rdata), HEXUPPER.encode(&digest)))
}

/// The key tag of a DNSKEY record (RFC 4034 appendix B).
fn key_tag(rdata: &[u8]) -> u16 {
    let sum: u32 = rdata
        .iter()
        .enumerate()
        .map(|(at, &byte)| if at % 2 == 0 { u32::from(byte) << 8 } else { u32::from(byte) })
        .sum();
    let folded = (sum + (sum >> 16 & 0xffff)) & 0xffff;
    u16::try_from(folded).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegation_signer_is_computed_as_the_standard_shows() {
        // RFC 4509 section 2.3 and RFC 4034 section 5.4: dskey.example.com, with the flags of a zone-signing key there.
        let key = "AQOeiiR0GOMYkDshWoSKz9XzfwJr1AYtsmx3TGkJaNXVbfi/2pHm822aJ5iI9BMzNXxeYCmZDRD99WYwYqUSdjMmmAphXdvxegXd/M5+X7OrzKBaMbCVdFLUUh6DhweJBjEVv5f2wwjM9XzcnOf+EPbtG9DMBmADjFDc2w/rljwvFw==";
        let mut rdata = vec![1, 0, 3, 5];
        rdata.extend(BASE64.decode(key.as_bytes()).unwrap());
        assert_eq!(key_tag(&rdata), 60485);
        assert_eq!(digest_of("dskey.example.com", &format!("256 3 5 {key}")), None);
        let ds = digest_of("dskey.example.com", &format!("257 3 5 {key}")).unwrap();
        assert!(ds.starts_with("60486 5 2 ") && ds.len() == 10 + 64, "{ds}");
    }
}
