//! Fields that the audit of a domain yields: raw look-ups, and what name servers and mail exchangers said.

use super::Field;

/// Every look-up of the audit.
pub static DNS_LOOKUPS: Field = Field::plain(
    "dns.lookups",
    "Look-ups as rows: name, type, outcome (found, no-records, no-name, bogus, server-failure, refused, timed-out, \
     unreadable), authentic (1 where the resolver validated it), aliases, records (RFC 1035 and others)",
);
/// What each name server of the domain said.
pub static DNS_SERVERS: Field = Field::plain(
    "dns.servers",
    "Name servers asked themselves, as rows: ip, said, authoritative, serial, recursion, transfer (1, 0 or absent)",
);
/// The DKIM selectors that were asked for.
pub static DNS_SELECTORS: Field =
    Field::plain("dns.selectors", "DKIM selectors asked for (RFC 6376 section 3.1)");
/// Those of them that the register names.
pub static DNS_KNOWN_SELECTORS: Field =
    Field::plain("dns.known_selectors", "DKIM selectors that the register names");
/// The host names that were asked for.
pub static DNS_HOSTS: Field = Field::plain("dns.hosts", "Host names looked for below the domain");
/// What came of fetching the MTA-STS policy.
pub static DNS_STS_POLICY: Field = Field::plain(
    "dns.sts_policy",
    "MTA-STS policy (RFC 8461 section 3.2): fetched, failed or not-checkable, a colon, the text or the reason",
);
/// What each mail exchanger said on port 25.
pub static DNS_MAIL_SERVERS: Field = Field::plain(
    "dns.mail_servers",
    "Mail exchangers as rows: host, not_checkable, starttls (1 or 0), tls_version, certificate_fault, issuer, chain (four \
     digests of each certificate: SHA-256 and SHA-512 of the whole and of its key)",
);

/// From where the domain was looked at.
pub static DNS_VIEW: Field = Field::plain(
    "dns.view",
    "Where the look-ups were made: public (as the internet sees the domain) or inside (as a school's resolver shows it)",
);
/// Where the name of a search domain was found.
pub static DNS_SEARCH: Field =
    Field::plain("dns.search", "A search domain of the agent's own resolver (DHCP option 119 or 15)");

pub(super) static ALL: &[&Field] = &[
    &DNS_HOSTS,
    &DNS_KNOWN_SELECTORS,
    &DNS_LOOKUPS,
    &DNS_MAIL_SERVERS,
    &DNS_SEARCH,
    &DNS_SELECTORS,
    &DNS_SERVERS,
    &DNS_STS_POLICY,
    &DNS_VIEW,
];
