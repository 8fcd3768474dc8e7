//! Mail providers that are known by the names of their servers, with what their public documentation asks customers to
//! write into the DNS. A documented name is offered as a record only where the provider really holds a key there.

use crate::mail::dkim::{Key, KeyRecord};
use crate::mail::evidence::DomainEvidence;
use crate::mail::lookup::{Outcome, Question, RecordType};

/// One provider.
pub(in crate::mail) struct Provider {
    pub(in crate::mail) name: &'static str,
    /// The ends of the names of its mail exchangers.
    hosts: &'static [&'static str],
    /// What it asks its customers to write into their SPF record.
    pub(super) term: &'static str,
    /// Its mail exchangers, where they are the same for every customer.
    pub(super) exchangers: &'static [(u16, &'static str)],
    /// Its DKIM selectors, each with the name it leads to; `{domain}` stands for the customer's domain. Empty targets
    /// are given out to each customer: only the provider knows them.
    selectors: &'static [(&'static str, &'static str)],
    /// The type of record that stands under its selectors.
    pub(super) kind: RecordType,
}

const MAILBOX: &[(&str, &str)] = &[
    ("mbo0001", "mbo0001._domainkey.mailbox.org"),
    ("mbo0002", "mbo0002._domainkey.mailbox.org"),
    ("mbo0003", "mbo0003._domainkey.mailbox.org"),
    ("mbo0004", "mbo0004._domainkey.mailbox.org"),
];

const PROVIDERS: &[Provider] = &[
    Provider {
        name: "Microsoft 365",
        hosts: &[".protection.outlook.com", ".mx.microsoft"],
        term: "include:spf.protection.outlook.com",
        exchangers: &[],
        selectors: &[("selector1", ""), ("selector2", "")],
        kind: RecordType::Cname,
    },
    Provider {
        name: "Google Workspace",
        hosts: &[".google.com", ".googlemail.com"],
        term: "include:_spf.google.com",
        exchangers: &[(1, "smtp.google.com")],
        selectors: &[("google", "")],
        kind: RecordType::Txt,
    },
    Provider {
        name: "IONOS",
        hosts: &[".ionos.de", ".ionos.com", ".kundenserver.de", ".1and1.com"],
        term: "include:_spf-eu.ionos.com",
        exchangers: &[(10, "mx00.ionos.de"), (10, "mx01.ionos.de")],
        selectors: &[("s1-ionos", "s1.dkim.ionos.com"), ("s2-ionos", "s2.dkim.ionos.com")],
        kind: RecordType::Cname,
    },
    Provider {
        name: "STRATO",
        hosts: &[".rzone.de", ".strato.de"],
        term: "include:_spf.strato.com",
        exchangers: &[(5, "smtpin.rzone.de")],
        selectors: &[
            ("strato-dkim-0002", "strato-dkim-0002._domainkey.strato.de"),
            ("strato-dkim-0003", "strato-dkim-0003._domainkey.strato.de"),
        ],
        kind: RecordType::Cname,
    },
    Provider {
        name: "mailbox.org",
        hosts: &[".mailbox.org"],
        term: "include:mailbox.org",
        exchangers: &[(10, "mxext1.mailbox.org"), (10, "mxext2.mailbox.org"), (20, "mxext3.mailbox.org")],
        selectors: MAILBOX,
        kind: RecordType::Cname,
    },
    Provider {
        name: "Proton",
        hosts: &[".protonmail.ch", ".proton.ch"],
        term: "include:_spf.protonmail.ch",
        exchangers: &[(10, "mail.protonmail.ch"), (20, "mailsec.protonmail.ch")],
        selectors: &[("protonmail", ""), ("protonmail2", ""), ("protonmail3", "")],
        kind: RecordType::Cname,
    },
    Provider {
        name: "Fastmail",
        hosts: &[".messagingengine.com"],
        term: "include:spf.messagingengine.com",
        exchangers: &[(10, "in1-smtp.messagingengine.com"), (20, "in2-smtp.messagingengine.com")],
        selectors: &[
            ("fm1", "fm1.{domain}.dkim.fmhosted.com"),
            ("fm2", "fm2.{domain}.dkim.fmhosted.com"),
            ("fm3", "fm3.{domain}.dkim.fmhosted.com"),
        ],
        kind: RecordType::Cname,
    },
    Provider {
        name: "iCloud Mail",
        hosts: &[".mail.icloud.com"],
        term: "include:icloud.com",
        exchangers: &[(10, "mx01.mail.icloud.com"), (10, "mx02.mail.icloud.com")],
        selectors: &[("sig1", "sig1.dkim.{domain}.at.icloudmailadmin.com")],
        kind: RecordType::Cname,
    },
    Provider {
        name: "Zoho Mail",
        hosts: &[".zoho.eu", ".zoho.com"],
        term: "include:zohomail.eu",
        exchangers: &[(10, "mx.zoho.eu"), (20, "mx2.zoho.eu"), (50, "mx3.zoho.eu")],
        selectors: &[("zoho", ""), ("zmail", "")],
        kind: RecordType::Txt,
    },
];

/// The provider that takes the domain's mail, as far as its mail exchangers tell; where it has none, the one that its
/// SPF record names.
pub(in crate::mail) fn provider(evidence: &DomainEvidence) -> Option<&'static Provider> {
    let hosts = evidence.mail_hosts();
    let takes =
        |known: &&Provider| hosts.iter().any(|host| known.hosts.iter().any(|end| host.ends_with(end)));
    let sends = |known: &&Provider| {
        evidence
            .spf_records()
            .iter()
            .any(|text| text.split(' ').any(|term| term.eq_ignore_ascii_case(known.term)))
    };
    PROVIDERS.iter().find(takes).or_else(|| PROVIDERS.iter().find(sends).filter(|_| hosts.is_empty()))
}

impl Provider {
    /// Its selectors.
    pub(in crate::mail) fn selectors(&self) -> impl Iterator<Item = &'static str> {
        self.selectors.iter().map(|(selector, _)| *selector)
    }

    /// Its selectors with the names they must lead to, where those are known.
    pub(super) fn targets(&self, domain: &str) -> impl Iterator<Item = (&'static str, String)> {
        self.selectors
            .iter()
            .filter(|(_, target)| !target.is_empty())
            .map(move |(selector, target)| (*selector, target.replace("{domain}", domain)))
    }
}

/// Whether a name is known to hold a key that receivers accept.
pub(super) fn holds_key(evidence: &DomainEvidence, name: &str) -> bool {
    let question = Question::new(name, RecordType::Txt);
    let Some(answer) = evidence.lookups.get(&question).filter(|a| a.outcome == Outcome::Found) else {
        return false;
    };
    let [text] = answer.records.as_slice() else { return false };
    KeyRecord::parse(text).is_ok_and(|record| {
        let long = matches!(record.key, Key::Rsa(bits) if bits >= 2048);
        long && !record.testing && !record.sha1_only
    })
}
