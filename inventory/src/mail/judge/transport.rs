//! Judging the protection of mail on its way: MTA-STS, TLS reports, BIMI, DANE, and the mail exchangers' TLS.

use super::Case;
use crate::mail::evidence::{Certificate, PolicyFetch};
use crate::mail::lookup::{Outcome, RecordType};
use crate::mail::sts::{self, StsPolicy};
use crate::mail::tags::{Tags, announces};

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
            [] => self.say(
                "mta_sts.missing",
                [format!("_mta-sts.{domain} TXT: no record that begins with v=STSv1")],
            ),
            [text] => match sts::announcement(text) {
                Ok(()) => self.policy(&domain),
                Err(reason) => self.say("mta_sts.syntax", lines.chain([reason.to_owned()])),
            },
            _ => self.say("mta_sts.multiple", lines),
        }
    }

    fn policy(&mut self, domain: &str) {
        let host = format!("mta-sts.{domain}");
        if self.has_no_address(&host) {
            return self.say("mta_sts.policy-unreachable", [format!("{host}: no A and no AAAA record")]);
        }
        match &self.evidence.policy {
            Some(PolicyFetch::Failed(reason)) => {
                self.say(
                    "mta_sts.policy-unreachable",
                    [format!("https://{host}/.well-known/mta-sts.txt: {reason}")],
                );
            }
            Some(PolicyFetch::Fetched(text)) => match StsPolicy::parse(text) {
                Err(reason) => self.say("mta_sts.policy-unreachable", [format!("https://{host}: {reason}")]),
                Ok(policy) => {
                    let left_out: Vec<String> =
                        self.evidence.mail_hosts().into_iter().filter(|host| !policy.allows(host)).collect();
                    if policy.enforced && !left_out.is_empty() {
                        self.say(
                            "mta_sts.mx-not-listed",
                            left_out.iter().map(|mx| format!("{mx} is not in the policy")),
                        );
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
            [] => self.say(
                "tls_rpt.missing",
                [format!("_smtp._tls.{domain} TXT: no record that begins with v=TLSRPTv1")],
            ),
            [text] => {
                if let Err(reason) = sts::reporting(text) {
                    self.say("tls_rpt.syntax", lines.chain([reason.to_owned()]));
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
                let verdicts: Vec<Option<bool>> =
                    answer.records.iter().map(|record| associated(record, &server.chain)).collect();
                if !verdicts.contains(&Some(true)) && !verdicts.contains(&None) {
                    self.say("dane.mismatch", lines);
                }
            }
        }
        if self.facts.receives && !found && !unknown {
            self.say("dane.missing", hosts.iter().map(|host| format!("_25._tcp.{host} TLSA: no record")));
        }
    }

    pub(super) fn mail_servers(&mut self) {
        for (host, server) in &self.evidence.mail_servers {
            if server.starttls == Some(false) {
                self.say("smtp.no-starttls", [format!("{host}:25 does not offer STARTTLS")]);
            }
            if let Some(fault) = &server.certificate_fault {
                self.say("smtp.cert-invalid", [format!("{host}:25: {fault}")]);
            }
            if let Some(version) =
                server.tls_version.as_deref().filter(|v| matches!(*v, "TLSv1.0" | "TLSv1.1"))
            {
                self.say("smtp.tls-old", [format!("{host}:25: {version}")]);
            }
        }
    }
}

/// Whether a TLSA record fits the certificates shown (RFC 7672 section 3: usages 2 and 3 only); none where it cannot
/// be told from digests.
fn associated(record: &str, chain: &[Certificate]) -> Option<bool> {
    let mut parts = record.split(' ');
    let (usage, selector, matching) = (parts.next()?, parts.next()?, parts.next()?);
    let data = parts.next()?;
    let candidates = match usage {
        "3" => chain.get(..1)?,
        "2" => chain,
        _ => return Some(false),
    };
    let digest = |certificate: &Certificate| match (selector, matching) {
        ("0", "1") => Some(certificate.sha256.clone()),
        ("0", "2") => Some(certificate.sha512.clone()),
        ("1", "1") => Some(certificate.key_sha256.clone()),
        ("1", "2") => Some(certificate.key_sha512.clone()),
        _ => None,
    };
    let digests: Option<Vec<String>> = candidates.iter().map(digest).collect();
    Some(digests?.iter().any(|digest| digest.eq_ignore_ascii_case(data)))
}
