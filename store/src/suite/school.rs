//! A school for the tests: an agent that says what it sees, day by day.

use crate::{AgentDetails, NewInvitation, NewSchool, Outcome, Store, Traeger};
use rundgang_inventory::{
    Coverage, Entry, Field, Fields, MacProvenance, Observation, Reference, Subject, Timestamp, Value,
    vocabulary,
};

pub(super) const START: Timestamp = Timestamp::from_seconds(1_790_812_800);

/// Noon of the n-th day.
pub(super) fn day(n: i64) -> Timestamp {
    Timestamp(START.plus_days(n).0 + 43_200_000)
}

pub(super) struct School {
    pub(super) traeger: Traeger,
    pub(super) id: i64,
    pub(super) agent: Agent,
}

pub(super) struct Agent {
    pub(super) id: i64,
    pub(super) sequence: u64,
}

/// A device as an agent sees it.
#[derive(Clone, Debug, Default)]
pub(super) struct Device {
    pub(super) ip: String,
    pub(super) mac: Option<String>,
    pub(super) provenance: Option<MacProvenance>,
    pub(super) fields: Vec<(&'static Field, Value)>,
    pub(super) probe: &'static str,
}

pub(super) fn device(ip: &str, mac: &str) -> Device {
    Device {
        ip: ip.to_owned(),
        mac: (!mac.is_empty()).then(|| mac.to_owned()),
        probe: "sweep",
        ..Device::default()
    }
}

impl Device {
    pub(super) fn says(mut self, field: &'static Field, value: Value) -> Self {
        self.fields.push((field, value));
        self
    }

    pub(super) fn engine(self, id: &str) -> Self {
        Self { probe: "snmp", ..self.says(&vocabulary::SNMP_ENGINE_ID, Value::text(id)) }
    }

    pub(super) fn announces(self, uuid: &str) -> Self {
        Self { probe: "ipp", ..self.says(&vocabulary::IPP_UUID, Value::text(uuid)) }
    }

    pub(super) fn by(self, probe: &'static str) -> Self {
        Self { probe, ..self }
    }

    pub(super) fn heard(self, provenance: MacProvenance) -> Self {
        Self { provenance: Some(provenance), ..self }
    }

    pub(super) fn observed(&self, at: Timestamp) -> Observation {
        let mut fields = Fields::new();
        for (field, value) in &self.fields {
            fields.set(field, value.clone());
        }
        let provenance = self.provenance.unwrap_or(MacProvenance::OwnReply);
        let mac = self.mac.as_ref().map(|mac| (mac.parse().expect("a MAC"), provenance));
        Observation {
            subject: Subject::Device { ip: self.ip.parse().expect("an address"), mac },
            segment: "teaching".to_owned(),
            at,
            probe: self.probe.to_owned(),
            fields,
        }
    }
}

/// The end of a round over the segment in which these probes ran through.
pub(super) fn round(at: Timestamp, probes: &[&str]) -> Entry {
    Entry::RoundEnd {
        started: at,
        ended: at,
        coverage: vec![Coverage::whole("teaching", "10.0.0.0/24", probes)],
    }
}

pub(super) fn confirmed(sequence: u64, index: u32, at: Timestamp) -> Entry {
    Entry::Confirmation { reference: Reference { sequence, index }, at }
}

pub(super) fn entries(devices: &[Device], at: Timestamp) -> Vec<Entry> {
    (0..)
        .zip(devices)
        .map(|(index, device)| Entry::Observation { index, observation: device.observed(at) })
        .collect()
}

impl School {
    pub(super) fn new(store: &Store) -> Self {
        Self::of(store, "Kreis Beispiel", "Gesamtschule Beispiel")
    }

    pub(super) fn of(store: &Store, traeger: &str, name: &str) -> Self {
        let traeger = store.ensure_traeger(traeger, START).expect("a Träger");
        let id = traeger
            .ensure_school(&NewSchool { name: name.to_owned(), ..NewSchool::default() }, START)
            .expect("a school");
        let agent = enrol(store, &traeger, id);
        Self { traeger, id, agent }
    }

    /// The agent says something.
    pub(super) fn hear(&mut self, entries: &[Entry], at: Timestamp) -> Outcome {
        self.agent.sequence += 1;
        self.traeger
            .append_batch(self.id, self.agent.id, self.agent.sequence, entries, at)
            .expect("a batch is taken in")
    }

    /// A whole round: every device in full, then the end of the round.
    pub(super) fn walk(&mut self, devices: &[Device], at: Timestamp, probes: &[&str]) -> Outcome {
        let mut all = entries(devices, at);
        all.push(round(at, probes));
        self.hear(&all, at)
    }

    pub(super) fn asset_ids(&self) -> Vec<i64> {
        self.traeger
            .assets(Some(self.id), 0, 100_000)
            .expect("assets")
            .into_iter()
            .map(|asset| asset.id)
            .collect()
    }

    /// The open findings as `rule subject`.
    pub(super) fn open(&self) -> Vec<String> {
        let findings = self.traeger.findings(Some(self.id), false).expect("findings");
        findings.into_iter().map(|finding| format!("{} {}", finding.rule, finding.subject)).collect()
    }

    /// The open findings of one rule.
    pub(super) fn open_of(&self, rule: &str) -> usize {
        self.open().iter().filter(|finding| finding.split(' ').next() == Some(rule)).count()
    }
}

pub(super) fn enrol(store: &Store, traeger: &Traeger, school: i64) -> Agent {
    let token = format!("token-{}-{}", traeger.id, traeger.agents().expect("agents").len());
    let invitation = NewInvitation {
        school,
        token_hash: &token,
        note: "",
        needs_approval: false,
        expires_at: START.plus_days(1),
    };
    traeger.invite(&invitation, ("K", START)).expect("an invitation");
    let details =
        AgentDetails { name: "box", version: "1", fingerprint: "", certificate_until: START.plus_days(30) };
    let redeemed = store
        .redeem_invitation(&token, &details, START, |agent| Ok(format!("fingerprint-{}-{agent}", traeger.id)))
        .expect("an agent");
    Agent { id: redeemed.agent, sequence: 0 }
}
