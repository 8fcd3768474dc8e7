//! Evidence of a domain as named fields of an observation, and back, so that the collector can judge it again.

use super::evidence::{Certificate, DomainEvidence, MailServer, NameServer, PolicyFetch};
use super::lookup::{Answer, Outcome, Question};
use crate::vocabulary::{
    DNS_HOSTS, DNS_KNOWN_SELECTORS, DNS_LOOKUPS, DNS_MAIL_SERVERS, DNS_SELECTORS, DNS_SERVERS, DNS_STS_POLICY,
};
use crate::{Field, Fields, Row, Value};

/// Stands for the random label in kept evidence, so that an unchanged domain yields equal evidence.
const CANARY: &str = "rg-canary";

impl DomainEvidence {
    /// The evidence as fields. Names below the domain that were guessed and do not exist are left out.
    #[must_use]
    pub fn to_fields(&self) -> Fields {
        let lookups =
            self.lookups.iter().filter(|(question, answer)| !self.guessed_in_vain(question, answer));
        let servers = self.servers.iter().map(|(ip, server)| {
            let mut row = row([("ip", ip.to_string()), ("said", server.said.clone())]);
            flag(&mut row, "authoritative", server.authoritative);
            flag(&mut row, "recursion", server.recursion);
            flag(&mut row, "transfer", server.transfer);
            if let Some(serial) = server.serial {
                row.insert("serial".to_owned(), Value::Int(i64::from(serial)));
            }
            row
        });
        let mut fields = Fields::new()
            .with(&DNS_LOOKUPS, Value::Table(lookups.map(|(q, a)| self.lookup_row(q, a)).collect()))
            .with(&DNS_SERVERS, Value::Table(servers.collect()))
            .with(&DNS_SELECTORS, Value::List(self.selectors.clone()))
            .with(&DNS_KNOWN_SELECTORS, Value::List(self.known_selectors.clone()))
            .with(&DNS_HOSTS, Value::List(self.hosts.clone()));
        if !self.mail_servers.is_empty() {
            let rows = self.mail_servers.iter().map(|(host, server)| mail_server_row(host, server));
            fields.set(&DNS_MAIL_SERVERS, Value::Table(rows.collect()));
        }
        let policy = match &self.policy {
            Some(PolicyFetch::Fetched(text)) => format!("fetched:{text}"),
            Some(PolicyFetch::Failed(reason)) => format!("failed:{reason}"),
            Some(PolicyFetch::NotCheckable(reason)) => format!("not-checkable:{reason}"),
            None => String::new(),
        };
        fields.set(&DNS_STS_POLICY, Value::Text(policy));
        fields
    }

    /// The evidence from fields; none where no look-ups are among them.
    #[must_use]
    pub fn from_fields(domain: &str, fields: &Fields) -> Option<Self> {
        let Some(Value::Table(lookups)) = fields.get(&DNS_LOOKUPS) else { return None };
        let mut evidence = Self::new(domain, CANARY);
        evidence.lookups.extend(lookups.iter().filter_map(read_lookup));
        evidence.selectors = list(fields, &DNS_SELECTORS);
        evidence.known_selectors = list(fields, &DNS_KNOWN_SELECTORS);
        evidence.hosts = list(fields, &DNS_HOSTS);
        for row in table(fields, &DNS_SERVERS) {
            let Some(ip) = text(row, "ip").and_then(|ip| ip.parse().ok()) else { continue };
            let server = NameServer {
                authoritative: read_flag(row, "authoritative"),
                said: text(row, "said").unwrap_or_default().to_owned(),
                serial: row.get("serial").and_then(Value::as_int).and_then(|serial| serial.try_into().ok()),
                recursion: read_flag(row, "recursion"),
                transfer: read_flag(row, "transfer"),
            };
            evidence.servers.insert(ip, server);
        }
        for row in table(fields, &DNS_MAIL_SERVERS) {
            let Some(host) = text(row, "host") else { continue };
            evidence.mail_servers.insert(host.to_owned(), read_mail_server(row));
        }
        evidence.policy = fields.text(&DNS_STS_POLICY).and_then(|told| {
            let (how, what) = told.split_once(':')?;
            match how {
                "fetched" => Some(PolicyFetch::Fetched(what.to_owned())),
                "failed" => Some(PolicyFetch::Failed(what.to_owned())),
                "not-checkable" => Some(PolicyFetch::NotCheckable(what.to_owned())),
                _ => None,
            }
        });
        Some(evidence)
    }

    /// The same evidence without names that were guessed and do not exist.
    #[must_use]
    pub(super) fn without_guesses(&self) -> Self {
        let lookups =
            self.lookups.iter().filter(|(question, answer)| !self.guessed_in_vain(question, answer));
        Self {
            domain: self.domain.clone(),
            canary: self.canary.clone(),
            selectors: self.selectors.clone(),
            known_selectors: self.known_selectors.clone(),
            known_senders: self.known_senders.clone(),
            hosts: self.hosts.clone(),
            lookups: lookups.map(|(question, answer)| (question.clone(), answer.clone())).collect(),
            servers: self.servers.clone(),
            policy: self.policy.clone(),
            mail_servers: self.mail_servers.clone(),
        }
    }

    fn guessed_in_vain(&self, question: &Question, answer: &Answer) -> bool {
        let nothing =
            matches!(answer.outcome, Outcome::NoName | Outcome::NoRecords) && answer.aliases.is_empty();
        nothing && self.is_guess(question)
    }

    /// Whether a question is about a name that is asked for in every domain: a usual selector or a usual host.
    pub(super) fn is_guess(&self, question: &Question) -> bool {
        let below = question.name.strip_suffix(self.domain.as_str());
        let label = below.and_then(|name| name.strip_suffix('.')).unwrap_or_default();
        let selector =
            label.strip_suffix("._domainkey").is_some_and(|s| self.selectors.iter().any(|k| k == s));
        selector || self.hosts.iter().any(|host| host == label)
    }

    fn lookup_row(&self, question: &Question, answer: &Answer) -> Row {
        let mut row = row([
            ("name", question.name.replace(&self.canary, CANARY)),
            ("type", question.kind.name().to_owned()),
            ("outcome", answer.outcome.name().to_owned()),
        ]);
        if answer.authentic {
            row.insert("authentic".to_owned(), Value::Int(1));
        }
        for (name, values) in [("aliases", &answer.aliases), ("records", &answer.records)] {
            if !values.is_empty() {
                let mut sorted = values.clone();
                if name == "records" {
                    // Servers answer in changing order; the order means nothing.
                    sorted.sort();
                }
                row.insert(name.to_owned(), Value::List(sorted));
            }
        }
        row
    }
}

fn row<const N: usize>(cells: [(&str, String); N]) -> Row {
    cells.into_iter().map(|(name, text)| (name.to_owned(), Value::Text(text))).collect()
}

fn flag(row: &mut Row, name: &str, value: Option<bool>) {
    if let Some(value) = value {
        row.insert(name.to_owned(), Value::Int(i64::from(value)));
    }
}

fn read_flag(row: &Row, name: &str) -> Option<bool> {
    row.get(name).and_then(Value::as_int).map(|value| value != 0)
}

fn text<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.get(name).and_then(Value::as_text)
}

fn strings(value: Option<&Value>) -> Vec<String> {
    if let Some(Value::List(list)) = value { list.clone() } else { Vec::new() }
}

fn list(fields: &Fields, field: &'static Field) -> Vec<String> {
    strings(fields.get(field))
}

fn table<'a>(fields: &'a Fields, field: &'static Field) -> &'a [Row] {
    if let Some(Value::Table(rows)) = fields.get(field) { rows } else { &[] }
}

fn read_lookup(row: &Row) -> Option<(Question, Answer)> {
    let question = Question::new(text(row, "name")?, text(row, "type")?.parse().ok()?);
    let answer = Answer {
        outcome: Outcome::from_name(text(row, "outcome")?)?,
        authentic: read_flag(row, "authentic").unwrap_or(false),
        aliases: strings(row.get("aliases")),
        records: strings(row.get("records")),
    };
    Some((question, answer))
}

fn mail_server_row(host: &str, server: &MailServer) -> Row {
    let mut cells = row([("host", host.to_owned())]);
    flag(&mut cells, "starttls", server.starttls);
    let texts = [
        ("not_checkable", &server.not_checkable),
        ("tls_version", &server.tls_version),
        ("certificate_fault", &server.certificate_fault),
        ("issuer", &server.issuer),
    ];
    for (name, value) in texts {
        if let Some(value) = value {
            cells.insert(name.to_owned(), Value::Text(value.clone()));
        }
    }
    let digests =
        server.chain.iter().map(|c| format!("{} {} {} {}", c.sha256, c.sha512, c.key_sha256, c.key_sha512));
    cells.insert("chain".to_owned(), Value::List(digests.collect()));
    cells
}

fn read_mail_server(row: &Row) -> MailServer {
    let told = |name: &str| text(row, name).map(str::to_owned);
    let certificate = |digests: String| {
        let mut parts = digests.split(' ').map(str::to_owned);
        Certificate {
            sha256: parts.next().unwrap_or_default(),
            sha512: parts.next().unwrap_or_default(),
            key_sha256: parts.next().unwrap_or_default(),
            key_sha512: parts.next().unwrap_or_default(),
        }
    };
    MailServer {
        not_checkable: told("not_checkable"),
        starttls: read_flag(row, "starttls"),
        tls_version: told("tls_version"),
        chain: strings(row.get("chain")).into_iter().map(certificate).collect(),
        certificate_fault: told("certificate_fault"),
        issuer: told("issuer"),
    }
}
