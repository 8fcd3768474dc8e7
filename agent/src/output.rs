//! What a walk prints: JSON lines for programs, a table for people. Only what the filter let through gets here.

pub mod progress;
mod table;

pub use table::{table, unchecked};

use crate::{
    audit::Audited,
    filter::{Device, Kept},
    runner::Runner,
};
use rundgang_inventory::{
    Confidence, batch,
    mail::{Language, not_checkable},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'a> {
    Device {
        address: String,
        mac: Option<String>,
        kind: Option<&'a str>,
        vendor: Option<&'a str>,
        model: Option<&'a str>,
        serial: Option<&'a str>,
        os_version: Option<&'a str>,
        hostname: Option<&'a str>,
        services: &'a [String],
        confidence: Option<Confidence>,
        because: Vec<&'a str>,
    },
    Count {
        segment: &'a str,
        kind: &'a str,
        /// Rounded to ten; null below ten.
        count: Option<u64>,
        /// The same for people: "20", or "<10".
        shown: String,
    },
    /// Whether a network was walked to its end; where it was not, nothing is missing from it just because no line names it.
    /// It is about no single device: its address is null, for readers that ask every line for one.
    /// Probes that it allows and that could not ask all of it are unchecked, all of them where it was not walked at all: what
    /// they would have told is unknown.
    Coverage {
        address: Option<&'a str>,
        network: String,
        complete: bool,
        reason: Option<String>,
        unchecked: BTreeSet<&'static str>,
    },
    /// A look-up of a domain that failed: nothing is said about what it would have shown.
    /// Its finding is null, for readers that ask every line about a domain for one.
    Unchecked { domain: &'a str, finding: Option<&'a str>, reason: String },
}

/// The walk as JSON, one object a line. Counters are rounded here as everywhere people see them.
#[must_use]
pub fn json(kept: &Kept) -> String {
    let devices = kept.devices().iter().map(device);
    // A walk over the turn of an hour has two counters of a kind: what is told is their sum.
    let mut sums: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for count in &kept.round().counts {
        *sums.entry((&count.segment, &count.kind)).or_default() += count.count;
    }
    let counts = sums.into_iter().map(|((segment, kind), count)| Line::Count {
        segment,
        kind,
        count: batch::rounded(count.into()),
        shown: batch::counter(count.into()),
    });
    lines(devices.chain(counts))
}

/// How far each network was walked, as JSON, one object a line: unknown is not absent.
#[must_use]
pub fn coverage(runner: &Runner) -> String {
    lines(runner.scope().segments().iter().map(|segment| {
        let reason = runner.was_cut(segment).map(|cut| cut.to_string());
        let (network, complete) = (segment.network.to_string(), reason.is_none());
        Line::Coverage { address: None, network, complete, reason, unchecked: runner.missed_in(segment) }
    }))
}

fn lines<'a>(lines: impl Iterator<Item = Line<'a>>) -> String {
    // Strings and numbers always have a JSON form.
    lines.filter_map(|line| serde_json::to_string(&line).ok()).map(|line| line + "\n").collect()
}

fn device(device: &Device) -> Line<'_> {
    let told = &device.recognition;
    Line::Device {
        address: device.address.to_string(),
        mac: device.mac.map(|mac| mac.to_string()),
        kind: told.kind.as_ref().map(|kind| kind.value.name()),
        vendor: told.vendor.as_ref().map(|told| told.value.as_str()),
        model: told.model.as_ref().map(|told| told.value.as_str()),
        serial: told.serial.as_ref().map(|told| told.value.as_str()),
        os_version: told.os_version.as_ref().map(|told| told.value.as_str()),
        hostname: told.hostname.as_ref().map(|told| told.value.as_str()),
        services: &told.services,
        confidence: told.kind.as_ref().map(|kind| kind.confidence),
        because: told.reasons(),
    }
}

/// The findings about a domain as JSON, one object a line, and what could not be looked up.
#[must_use]
pub fn findings(audited: &Audited) -> String {
    let line = |finding: &rundgang_inventory::mail::MailFinding| {
        let line = serde_json::json!({
            "type": "finding",
            "domain": audited.evidence.domain,
            "finding": finding.id,
            "severity": finding.severity.name(),
            "evidence": finding.lines(Language::En),
            "proposal": finding.proposal.as_ref().map(|proposal| proposal.told(Language::En)),
        });
        format!("{line}\n")
    };
    let domain = &audited.evidence.domain;
    let unchecked = not_checkable(&audited.evidence).into_iter().map(|remark| Line::Unchecked {
        domain,
        finding: None,
        reason: remark.text(Language::En),
    });
    audited.findings.iter().map(line).collect::<String>() + &lines(unchecked)
}

/// Everything kept of a host, field by field, for `probe`.
#[must_use]
pub fn evidence(kept: &Kept) -> String {
    let mut out = String::new();
    for seen in &kept.round().observations {
        for (name, value) in seen.fields.iter() {
            out.push_str(&format!("{name:<32} {}\n", shown(value)));
        }
    }
    if out.is_empty() { nothing(kept) } else { out }
}

/// The same as JSON, one observation a line.
#[must_use]
pub fn evidence_json(kept: &Kept) -> String {
    let lines = kept.round().observations.iter().filter_map(|seen| serde_json::to_string(seen).ok());
    lines.map(|line| line + "\n").collect()
}

fn nothing(kept: &Kept) -> String {
    if kept.round().counts.is_empty() {
        "It said nothing.\n".to_owned()
    } else {
        "Nothing to show: it is not known to be infrastructure, so it is only counted. In a network of the class \
         managed or infrastructure (--class) it would be shown.\n"
            .to_owned()
    }
}

fn shown(value: &rundgang_inventory::Value) -> String {
    use rundgang_inventory::Value;
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) | Value::Time(number) => number.to_string(),
        Value::Bytes(bytes) => data_encoding::HEXLOWER.encode(bytes),
        Value::List(items) => items.join(" | "),
        Value::Table(rows) => rows
            .iter()
            .map(|row| {
                let cells: Vec<_> =
                    row.iter().map(|(column, cell)| format!("{column}={}", shown(cell))).collect();
                format!("\n    {}", cells.join(" "))
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::FixedClock, network::replay::Replay, scope::Flags, walk};
    use rundgang_inventory::{
        Timestamp,
        mail::{
            DomainEvidence,
            lookup::{Answer, Outcome, Question, RecordType},
        },
    };
    use std::sync::Arc;

    /// What is said of the network's coverage after a walk over these hosts.
    async fn covered(hosts: &str) -> String {
        walked("10.0.0.0/30", Replay::read(hosts).unwrap()).await.0
    }

    /// The same of any network, for programs and for people.
    async fn walked(listed: &str, network: Replay) -> (String, String) {
        let flags = Flags { networks: vec![listed.to_owned()], ..Flags::default() };
        let (scope, clock) = (Arc::new(flags.scope().unwrap()), Arc::new(FixedClock(Timestamp(0))));
        let runner = Arc::new(Runner::new(scope, Arc::default(), Arc::new(network), clock, 1));
        walk::walk_with(&runner, &walk::Quiet).await;
        (coverage(&runner), unchecked(&runner))
    }

    #[tokio::test(start_paused = true)]
    async fn a_network_that_was_not_walked_to_its_end_is_told_from_an_empty_one() {
        let host = "[[host]]\nip = \"10.0.0.2\"\nmac = \"00:ff:fe:00:00:01\"\n";
        let whole = "{\"type\":\"coverage\",\"address\":null,\"network\":\"10.0.0.0/30\",\"complete\":true,\"reason\":null,\"unchecked\":[]}\n";
        assert_eq!(covered(host).await, whole);
        let unplugged = Replay::read(host).unwrap().losing_its_link_after(0);
        let (left_out, told) = walked("10.0.0.0/30", unplugged).await;
        let line: serde_json::Value = serde_json::from_str(&left_out).unwrap();
        let asked = |of: &&&crate::probe::Probe| line["unchecked"].to_string().contains(of.name);
        assert_eq!(crate::probes::ALL.iter().filter(asked).count(), crate::probes::ALL.len(), "{left_out}");
        assert!(told.starts_with("10.0.0.0/30: unchecked") && told.ends_with(": everything\n"), "{told}");
        // Nothing is missing where there is no link to ask over.
        let (machine, told) = walked("127.0.0.9/32", Replay::read("").unwrap()).await;
        assert!(machine.contains("\"unchecked\":[]") && told.is_empty(), "{machine} {told}");
        let nobody = covered("").await;
        assert!(nobody.contains("\"complete\":false,\"reason\":\"nobody answered at all"), "{nobody}");
    }

    #[test]
    fn a_look_up_that_failed_is_told_from_a_domain_without_faults() {
        let answer = |outcome| Answer { outcome, authentic: false, aliases: Vec::new(), records: Vec::new() };
        let told = |outcome| {
            let mut evidence =
                DomainEvidence { domain: "schule.example".to_owned(), ..DomainEvidence::default() };
            evidence.lookups.insert(Question::new("schule.example", RecordType::Mx), answer(outcome));
            findings(&Audited { evidence, findings: Vec::new() })
        };
        let failed = told(Outcome::TimedOut);
        let line: serde_json::Value = serde_json::from_str(&failed).unwrap();
        assert_eq!((&line["type"], &line["domain"]), (&"unchecked".into(), &"schule.example".into()));
        assert!(line["finding"].is_null() && line.get("finding").is_some(), "{failed}");
        assert!(line["reason"].as_str().is_some_and(|reason| reason.contains("schule.example")), "{failed}");
        assert_eq!(told(Outcome::NoRecords), "");
    }
}
