//! The probe `snmp`: one Get of the system group, then named objects that tell model, serial number and version.

use super::{
    PORT,
    client::{Client, Turn},
    credential::{self, Login},
    gather::{Gets, Values},
    tables,
};
use crate::probe::{Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step};
use rundgang_inventory::{Fields, Value, snmp_tables, snmp_tables::Target, vocabulary as v};
use rundgang_wire::snmp::{Answer, ErrorStatus, Oid};
use std::net::IpAddr;

/// The probe.
pub(crate) static SNMP: Probe = Probe {
    name: "snmp",
    sends: "to UDP port 161, with the credentials bound to the host's network: SNMP Get of the system group, then \
            Get of at most 60 named objects (model, serial number, version).",
    group: Group::Snmp,
    stage: Stage::Gentle,
    plan,
    start,
};

fn plan(host: &Host, settings: &Settings) -> Vec<Plan> {
    if credential::any_for(host, settings) { vec![Plan::udp(PORT)] } else { Vec::new() }
}

fn start(host: &Host, _: &Plan, settings: &Settings, seed: u64) -> Box<dyn Conversation> {
    let (credentials, refused) = credential::ready_for(host, settings);
    Box::new(Identify {
        host: host.ip,
        client: Client::new(credentials, seed),
        gets: Gets::new(&tables::base()),
        values: Values::new(),
        answered: false,
        detail: false,
        targets: Vec::new(),
        refused,
        silences: 0,
        requests_left: MAX_REQUESTS,
    })
}

/// Requests of one conversation, retries and discovery aside.
const MAX_REQUESTS: u16 = 24;
/// SNMPv1 spoils a whole answer for one missing object, so it is asked for fewer.
const V1_OBJECTS: usize = 10;
/// Unanswered Gets after the first answer, before we leave the device alone.
const MAX_SILENCES: u8 = 2;

struct Identify {
    host: IpAddr,
    client: Client,
    gets: Gets,
    values: Values,
    /// A credential was accepted.
    answered: bool,
    /// The second phase: the objects beyond the system group.
    detail: bool,
    targets: Vec<Target>,
    /// Credentials that the device did not take, and why.
    refused: Vec<String>,
    silences: u8,
    requests_left: u16,
}

impl Conversation for Identify {
    fn step(&mut self, input: Input<'_>) -> Step {
        if matches!(input, Input::Connected) {
            return self.ask_next();
        }
        let turn = self.client.take(&input);
        self.follow(turn)
    }

    fn give_up(&mut self) -> Harvest {
        self.harvest()
    }
}

impl Identify {
    fn follow(&mut self, turn: Turn) -> Step {
        match turn {
            Turn::Do(step) => step,
            Turn::Answered(answer) => self.take(&answer),
            Turn::Rejected(why) => {
                self.note(why);
                self.next_credential()
            }
            Turn::Silent if self.answered => {
                self.silences += 1;
                self.gets.unanswered();
                if self.silences >= MAX_SILENCES { self.done() } else { self.ask_next() }
            }
            Turn::Silent => {
                let is_user = matches!(self.client.credential().map(|c| &c.login), Some(Login::User(_)));
                if is_user && self.client.engine().is_some() {
                    self.note("no answer after discovery (privacy pass phrase or access rights)");
                }
                self.next_credential()
            }
            Turn::Refused => self.done(),
        }
    }

    fn take(&mut self, answer: &Answer) -> Step {
        if !self.answered && answer.error == ErrorStatus::NoAccess {
            self.note("authorization error");
            return self.next_credential();
        }
        self.answered = true;
        self.gets.take(answer, &mut self.values);
        self.ask_next()
    }

    /// Sends the next Get; after the system group chooses what else to ask; after that it is over.
    fn ask_next(&mut self) -> Step {
        if self.requests_left == 0 {
            return self.done();
        }
        if let Some(request) = self.gets.next() {
            self.requests_left -= 1;
            let turn = self.client.ask(request);
            return self.follow(turn);
        }
        if self.detail || !self.answered {
            return self.done();
        }
        self.detail = true;
        self.gets = Gets::new(&self.detail_objects());
        self.ask_next()
    }

    /// The vendor's own objects first, then those of the standard MIBs.
    fn detail_objects(&mut self) -> Vec<Oid> {
        let fields = tables::scalars(&self.values);
        let id =
            fields.text(&v::SNMP_SYS_OBJECT_ID).and_then(|text| text.parse::<Oid>().ok()).unwrap_or_default();
        let descr = fields.text(&v::SNMP_SYS_DESCR).unwrap_or_default();
        self.targets =
            snmp_tables::targets(id.arcs(), descr).into_iter().filter(|target| !target.column).collect();
        let mut oids: Vec<Oid> = Vec::new();
        let vendor = self.targets.iter().map(|target| Oid::new(&target.oid));
        for oid in vendor.chain(tables::identity()) {
            if !oids.contains(&oid) {
                oids.push(oid);
            }
        }
        if self.client.credential().is_some_and(credential::Credential::is_v1) {
            oids.truncate(V1_OBJECTS);
        }
        oids
    }

    fn note(&mut self, why: &str) {
        if let Some(credential) = self.client.credential() {
            self.refused.push(format!("{}: {why}", credential.label));
        }
    }

    fn next_credential(&mut self) -> Step {
        if self.answered || !self.client.next_credential() {
            return self.done();
        }
        self.gets = Gets::new(&tables::base());
        self.ask_next()
    }

    fn done(&mut self) -> Step {
        Step::Done(self.harvest())
    }

    fn harvest(&mut self) -> Harvest {
        let mut fields = Fields::new();
        if self.answered {
            fields = tables::fields(&self.values);
            let told = |target: &Target| self.values.get(&Oid::new(&target.oid))?.to_text();
            fields.merge(snmp_tables::fill(&self.targets, told));
            if let Some(credential) = self.client.credential() {
                fields.set(&v::SNMP_VERSION, Value::text(credential.version()));
                fields.set(&v::SNMP_CREDENTIAL, Value::text(&credential.label));
            }
        }
        if let Some(engine) = self.client.engine() {
            fields.set(&v::SNMP_ENGINE_ID, Value::Text(data_encoding::HEXLOWER.encode(&engine.id)));
        }
        // A credential that is wrong in itself says nothing about a host that does not answer.
        if !fields.is_empty() && !self.refused.is_empty() {
            fields.set(&v::SNMP_CREDENTIAL_ERROR, Value::text(self.refused.join("; ")));
        }
        Harvest::of(self.host, fields)
    }
}
