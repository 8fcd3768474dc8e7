//! Judging the protection of mail on its way: MTA-STS, TLS reports, BIMI, DANE, and the mail exchangers' TLS.

use super::{Case, policy_url};
use crate::mail::evidence::{Certificate, MailServer, PolicyFetch};
use crate::mail::lookup::{Outcome, RecordType};
use crate::mail::sts::{self, StsPolicy};
use crate::mail::tags::{Tags, announces};
use crate::mail::wording::Remark;

impl Case<'_> {
    pub(super) fn transport(&mut self) {
        if self.facts.receives {
            self.mta_sts();
            self.tls_reports();
        }
        self.logo();
    }

    fn records(&self, label: &str, version: &str) -> Option<Vec<String>> {
        let answer = self.certain(label, RecordType::Txt)?;
        Some(answer.records.iter().filter(|text| announces(text, version)).cloned().collect())
    }

    fn mta_sts(&mut self) {
        let domain = self.evidence.domain.clone();
        let Some(records) = self.records("_mta-sts", "STSv1") else { return };
        let lines = records.iter().map(|text| format!("_mta-sts.{domain} TXT \"{text}\""));
        match records.as_slice() {
            [] => self.say("mta_sts.missing", [no_text(&format!("_mta-sts.{domain}"), "v=STSv1")]),
            [text] => match sts::announcement(text) {
                Ok(()) => self.policy(&domain),
                Err(reason) => {
                    let because = Remark::said("because", [("reason", reason)]);
                    self.say("mta_sts.syntax", lines.map(Remark::Shown).chain([because]));
                }
            },
            _ => self.say("mta_sts.multiple", lines),
        }
    }

    fn policy(&mut self, domain: &str) {
        let host = format!("mta-sts.{domain}");
        if self.has_no_address(&host) {
            let line = Remark::said("no-address", [("name", &*host)]);
            return self.say("mta_sts.policy-unreachable", [line]);
        }
        let url = policy_url(domain);
        let line = |reason: &str| Remark::said("policy-file", [("url", &*url), ("reason", reason)]);
        match &self.evidence.policy {
            Some(PolicyFetch::Failed(reason)) => self.say("mta_sts.policy-unreachable", [line(reason)]),
            Some(PolicyFetch::Fetched(text)) => match StsPolicy::parse(text) {
                Err(reason) => self.say("mta_sts.policy-unreachable", [line(reason)]),
                Ok(policy) => {
                    let hosts = self.evidence.mail_hosts();
                    let left_out: Vec<Remark> = hosts
                        .iter()
                        .filter(|host| !policy.allows(host))
                        .map(|host| Remark::said("not-in-policy", [("host", host)]))
                        .collect();
                    if policy.enforced && !left_out.is_empty() {
                        self.say("mta_sts.mx-not-listed", left_out);
                    }
                }
            },
            Some(PolicyFetch::NotCheckable(_)) | None => {}
        }
    }

    fn tls_reports(&mut self) {
        let domain = self.evidence.domain.clone();
        let Some(records) = self.records("_smtp._tls", "TLSRPTv1") else { return };
        let lines = records.iter().map(|text| format!("_smtp._tls.{domain} TXT \"{text}\""));
        match records.as_slice() {
            [] => self.say("tls_rpt.missing", [no_text(&format!("_smtp._tls.{domain}"), "v=TLSRPTv1")]),
            [text] => {
                if let Err(reason) = sts::reporting(text) {
                    let because = Remark::said("because", [("reason", reason)]);
                    self.say("tls_rpt.syntax", lines.map(Remark::Shown).chain([because]));
                }
            }
            _ => self.say("tls_rpt.multiple", lines),
        }
    }

    fn logo(&mut self) {
        let Some(records) = self.records("default._bimi", "BIMI1") else { return };
        let wanted = records.iter().find(|text| {
            Tags::parse(text).is_ok_and(|tags| tags.get("l").is_some_and(|place| !place.is_empty()))
        });
        let Some(text) = wanted else { return };
        if self.is_enforced() == Some(false) {
            let line = format!("default._bimi.{} TXT \"{text}\"", self.evidence.domain);
            self.say("bimi.dmarc-not-enforced", [line]);
        }
    }

    pub(super) fn dane(&mut self) {
        let hosts = self.evidence.mail_hosts();
        let mut found = false;
        let mut unknown = false;
        for host in &hosts {
            let name = format!("_25._tcp.{host}");
            let Some(answer) = self.evidence.certain(&name, RecordType::Tlsa) else {
                unknown = true;
                continue;
            };
            if answer.outcome != Outcome::Found {
                continue;
            }
            found = true;
            let lines: Vec<String> =
                answer.records.iter().map(|record| format!("{name} TLSA {record}")).collect();
            if !answer.authentic {
                if self.facts.validated {
                    self.say("dane.unsigned", lines);
                }
                continue;
            }
            let server = self.evidence.mail_servers.get(host);
            if let Some(server) = server.filter(|server| !server.chain.is_empty()) {
                // Records that senders cannot use count neither way (RFC 7672 section 2.1.3).
                let usable = answer.records.iter().filter(|record| is_usable(record));
                let verdicts: Vec<Option<bool>> =
                    usable.map(|record| associated(record, &server.chain)).collect();
                if !verdicts.is_empty() && verdicts.iter().all(|verdict| *verdict == Some(false)) {
                    self.say("dane.mismatch", lines);
                }
            }
        }
        if self.facts.receives && !found && !unknown {
            let line = |host| Remark::said("no-tlsa", [("name", &*format!("_25._tcp.{host}"))]);
            self.say("dane.missing", hosts.iter().map(line));
        }
    }

    pub(super) fn mail_servers(&mut self) {
        for (host, server) in &self.evidence.mail_servers {
            if server.starttls == Some(false) {
                self.say("smtp.no-starttls", [Remark::said("no-starttls", [("host", host)])]);
            }
            if let Some(fault) = server.certificate_fault.as_ref().filter(|_| !self.is_pinned(host, server)) {
                let with = [("host", &**host), ("reason", certificate_reason(fault))];
                self.say("smtp.cert-invalid", [Remark::said("certificate", with)]);
            }
            if let Some(version) =
                server.tls_version.as_deref().filter(|v| matches!(*v, "TLSv1.0" | "TLSv1.1"))
            {
                let with = [("host", &**host), ("version", version)];
                self.say("smtp.tls-old", [Remark::said("tls-version", with)]);
            }
        }
    }
}

impl Case<'_> {
    /// Whether a signed TLSA record names the very certificate that the server showed: then its name, its issuer and
    /// its expiry do not matter (RFC 7672 section 3.1.1).
    fn is_pinned(&self, host: &str, server: &MailServer) -> bool {
        let signed = self.evidence.certain(&format!("_25._tcp.{host}"), RecordType::Tlsa);
        let mut records =
            signed.filter(|answer| answer.authentic).into_iter().flat_map(|answer| &answer.records);
        records.any(|record| record.starts_with("3 ") && associated(record, &server.chain) == Some(true))
    }
}

fn no_text(name: &str, begins: &str) -> Remark {
    Remark::said("no-record-begins", [("name", name), ("begins", begins)])
}

/// What is wrong with a certificate, in the words of the catalogue where the TLS library's are known.
pub(in crate::mail) fn certificate_reason(fault: &str) -> &str {
    if fault.contains("Expired") || fault.contains("expired") {
        "the certificate has expired"
    } else if fault.contains("NotValidForName") || fault.contains("not valid for name") {
        "the certificate is for another name"
    } else if fault.contains("UnknownIssuer") {
        "nobody known vouches for the certificate"
    } else {
        fault
    }
}

/// Whether senders can use a TLSA record: usages 0 and 1 rest on authorities, of which mail knows none (RFC 7672
/// section 3.1.3), and other numbers than these have no meaning (RFC 6698 section 2.1).
fn is_usable(record: &str) -> bool {
    let mut parts = record.split(' ');
    matches!(
        (parts.next(), parts.next(), parts.next()),
        (Some("2" | "3"), Some("0" | "1"), Some("0" | "1" | "2"))
    )
}

/// Whether a TLSA record fits the certificates shown; none where it cannot be told from digests, or senders cannot use
/// it.
fn associated(record: &str, chain: &[Certificate]) -> Option<bool> {
    let mut parts = record.split(' ');
    let (usage, selector, matching) = (parts.next()?, parts.next()?, parts.next()?);
    let data = parts.next()?;
    let candidates = match usage {
        "3" => chain.get(..1)?,
        "2" => chain,
        _ => return None,
    };
    let digest = |certificate: &Certificate| match (selector, matching) {
        ("0", "1") => Some(certificate.sha256.clone()),
        ("0", "2") => Some(certificate.sha512.clone()),
        ("1", "1") => Some(certificate.key_sha256.clone()),
        ("1", "2") => Some(certificate.key_sha512.clone()),
        _ => None,
    };
    // A certificate that cannot be read has a digest of its own, but none of its key.
    let known = |certificate| digest(certificate).filter(|digest| !digest.is_empty());
    let digests: Vec<Option<String>> = candidates.iter().map(known).collect();
    if digests.iter().flatten().any(|digest| digest.eq_ignore_ascii_case(data)) {
        return Some(true);
    }
    (!digests.contains(&None)).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(digit: &str) -> Certificate {
        let of = |mark: &str, length| format!("{mark}{digit}").repeat(length);
        Certificate {
            sha256: of("a", 32),
            sha512: of("b", 64),
            key_sha256: of("c", 32),
            key_sha512: of("d", 64),
        }
    }

    #[test]
    fn an_unreadable_certificate_fits_no_key_and_contradicts_none() {
        let unreadable = Certificate { key_sha256: String::new(), key_sha512: String::new(), ..shown("1") };
        let check = |record: &str, expected| {
            assert_eq!(associated(record, std::slice::from_ref(&unreadable)), expected, "{record}");
        };
        check("3 1 1 ", None);
        check(&format!("3 1 1 {}", shown("1").key_sha256), None);
        check(&format!("3 0 1 {}", shown("1").sha256), Some(true));
        check(&format!("3 0 1 {}", shown("2").sha256), Some(false));
    }

    proptest! {
        #[test]
        fn any_association_is_read(
            record in "([0-9]{0,3} ){0,4}[0-9a-fA-F]{0,130}( [0-9a-f]{0,9})?|\\PC{0,40}",
            certificates in 0..4_usize,
        ) {
            let chain: Vec<_> = (0..certificates).map(|number| shown(&number.to_string())).collect();
            let fits = associated(&record, &chain);
            prop_assert!(fits != Some(true), "made-up digests fit nothing: {record}");
        }

        #[test]
        fn what_was_shown_fits_and_nothing_near_it(
            usage in 0..5_u8,
            selector in 0..3_u8,
            matching in 0..4_u8,
            at in 0..3_usize,
            cut in 0..3_usize,
        ) {
            let chain = ["1", "2", "3"].map(shown);
            let of = &chain[at];
            let (data, is_digest) = match (selector, matching) {
                (0, 1) => (&of.sha256, true),
                (0, 2) => (&of.sha512, true),
                (1, 1) => (&of.key_sha256, true),
                (1, 2) => (&of.key_sha512, true),
                _ => (&of.sha256, false),
            };
            let record = format!("{usage} {selector} {matching} {}", &data[cut..]);
            let counts = usage == 2 || (usage == 3 && at == 0);
            let expected = match usage {
                2 | 3 if is_digest => Some(counts && cut == 0),
                _ => None,
            };
            let known = usage == 2 || usage == 3;
            prop_assert_eq!(is_usable(&record), known && selector < 2 && matching < 3, "{}", record);
            prop_assert_eq!(associated(&record, &chain), expected, "{}", record);
        }
    }
}
