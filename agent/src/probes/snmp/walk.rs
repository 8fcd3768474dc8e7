//! The probe `snmp-walk`: a few named tables, chosen by what the device is, of devices that stand it.

use super::{
    PORT,
    client::{Client, Turn},
    counters, credential, forwarding,
    gather::{Gets, PER_BULK, Values},
    neighbours, radio, tables,
    tasks::{MAX_REQUESTS, Task, What, tasks},
};
use crate::probe::{Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step};
use rundgang_inventory::{Fields, Value, kind::Caution, snmp_tables, snmp_tables::Target, vocabulary as v};
use rundgang_wire::snmp::{Answer, ErrorStatus, Oid, Request};
use std::{
    collections::{BTreeSet, VecDeque},
    net::IpAddr,
};

/// The probe.
pub(crate) static SNMP_WALK: Probe = Probe {
    name: "snmp-walk",
    sends: "to UDP port 161 of devices that answered the probe snmp, with the same credential: SNMP GetBulk (GetNext \
            with v1) over named tables (parts, interfaces, supplies, neighbours, VLANs, forwarding, ARP) and Get of a \
            printer's counters, with caps on rows and requests; a smaller question where one stays without answer.",
    group: Group::Snmp,
    stage: Stage::Connections,
    plan,
    start,
};

/// Only where the probe `snmp` was answered, and never of kinds that must be treated gently (promise S5).
fn plan(host: &Host, _: &Settings) -> Vec<Plan> {
    let gentle = host.kind.is_some_and(|kind| kind.caution() != Caution::Normal);
    match host.fields.text(&v::SNMP_CREDENTIAL) {
        Some(label) if !gentle => vec![Plan::udp(PORT).with(label)],
        _ => Vec::new(),
    }
}

fn start(host: &Host, plan: &Plan, settings: &Settings, seed: u64) -> Box<dyn Conversation> {
    let (mut credentials, _) = credential::ready_for(host, settings);
    credentials.retain(|credential| credential.label == plan.argument);
    let single = credentials.first().is_some_and(credential::Credential::is_v1);
    let (targets, columns) = vendor_columns(&host.fields);
    let object_id = object_id(&host.fields);
    Box::new(Walking {
        host: host.ip,
        client: Client::new(credentials, seed),
        tasks: tasks(host, &object_id, &columns, single),
        single,
        object_id,
        values: Values::new(),
        targets,
        requests_left: MAX_REQUESTS,
        bears: PER_BULK,
        silences: 0,
        silent_tables: 0,
        silent_gets: 0,
        cut: BTreeSet::new(),
        counted: false,
    })
}

/// Requests that stayed without answer, before the device is left alone for this walk.
const MAX_SILENCES: u8 = 8;
/// Tables one behind the other of which no row could be had for silence: then it is the device that is silent.
const MAX_SILENT_TABLES: u8 = 2;
/// Gets one behind the other without answer, before what is left of them is given up.
const MAX_SILENT_GETS: u8 = 2;

/// The vendor's objects whose row is not known, for fields that the probe `snmp` could not fill.
fn vendor_columns(fields: &Fields) -> (Vec<Target>, Vec<Oid>) {
    let descr = fields.text(&v::SNMP_SYS_DESCR).unwrap_or_default();
    let targets: Vec<Target> = snmp_tables::targets(object_id(fields).arcs(), descr)
        .into_iter()
        .filter(|target| target.column && fields.get(target.field).is_none())
        .collect();
    let mut columns: Vec<Oid> = targets.iter().map(|target| Oid::new(&target.oid)).collect();
    columns.sort();
    columns.dedup();
    (targets, columns)
}

/// sysObjectID as the probe `snmp` read it.
fn object_id(fields: &Fields) -> Oid {
    fields.text(&v::SNMP_SYS_OBJECT_ID).and_then(|text| text.parse().ok()).unwrap_or_default()
}

struct Walking {
    host: IpAddr,
    client: Client,
    tasks: VecDeque<Task>,
    /// SNMPv1: one row each request.
    single: bool,
    values: Values,
    targets: Vec<Target>,
    object_id: Oid,
    requests_left: u16,
    /// So many variables in one answer the device bears, as far as is known by now.
    bears: usize,
    silences: u8,
    silent_tables: u8,
    /// Gets one behind the other without answer.
    silent_gets: u8,
    /// Tables of which there is more than was read.
    cut: BTreeSet<&'static str>,
    /// Every counter that is added up was asked for and none met with silence.
    counted: bool,
}

impl Conversation for Walking {
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

impl Walking {
    fn follow(&mut self, turn: Turn) -> Step {
        match turn {
            Turn::Do(step) => step,
            Turn::Answered(answer) => {
                (self.silent_tables, self.silent_gets) = (0, 0);
                self.take(answer);
                self.ask_next()
            }
            Turn::Silent => self.unanswered(),
            // A device that closes its port in the middle is left alone.
            Turn::Refused | Turn::Rejected(_) => Step::Done(self.harvest()),
        }
    }

    fn take(&mut self, answer: Answer) {
        let Some(task) = self.tasks.front_mut() else { return };
        match &mut task.what {
            What::Walk(walk) | What::Parts(walk) | What::Neighbours(walk) | What::PlainForwarding(walk) => {
                walk.take(&answer, &mut self.values);
                self.bears = self.bears.min(walk.borne());
            }
            What::Gets(gets) | What::Counters(gets) => gets.take(&answer, &mut self.values),
            What::FirstRows(columns) => {
                if answer.error == ErrorStatus::None {
                    let within = |oid: &Oid| columns.iter().any(|column| oid.is_below(column));
                    let rows = answer.bindings.into_iter().filter(|binding| within(&binding.oid));
                    self.values.extend(rows.map(|binding| (binding.oid, binding.value)));
                }
                columns.clear();
            }
        }
    }

    /// A lost answer is no silent device: the question is asked smaller, then the next table has its turn. Whoever is
    /// silent about several tables is left alone.
    fn unanswered(&mut self) -> Step {
        let Some(task) = self.tasks.front_mut() else { return Step::Done(self.harvest()) };
        let again = match &mut task.what {
            What::Walk(walk) | What::Parts(walk) | What::Neighbours(walk) | What::PlainForwarding(walk) => {
                walk.unanswered()
            }
            What::Gets(gets) | What::Counters(gets) => {
                gets.unanswered();
                self.silent_gets += 1;
                self.silent_gets < MAX_SILENT_GETS
            }
            What::FirstRows(columns) => {
                columns.clear();
                false
            }
        };
        self.silences += 1;
        if self.silent_gets >= MAX_SILENT_GETS {
            self.silent_gets = 0;
            self.next_task();
        }
        // Behind a table that could not be had, one silence is enough.
        self.silent_tables += u8::from(!again || self.silent_tables > 0);
        if self.silences >= MAX_SILENCES || self.silent_tables >= MAX_SILENT_TABLES {
            return Step::Done(self.harvest());
        }
        self.ask_next()
    }

    /// Sends the next request of the task in front; tasks that are through make room for the next.
    fn ask_next(&mut self) -> Step {
        let by_vlan = forwarding::vlan_fdb_entry();
        while let Some(task) = self.tasks.front_mut() {
            let request = match &mut task.what {
                What::PlainForwarding(_) if has_rows(&self.values, &by_vlan) => None,
                What::Walk(walk)
                | What::Parts(walk)
                | What::Neighbours(walk)
                | What::PlainForwarding(walk) => {
                    walk.bear(if self.silent_tables > 0 { PER_BULK / 4 } else { self.bears });
                    walk.next()
                }
                What::Gets(gets) | What::Counters(gets) => gets.next(),
                What::FirstRows(columns) if columns.is_empty() => None,
                What::FirstRows(columns) => Some(Request::GetNext(columns.clone())),
            };
            match request {
                Some(_) if self.requests_left == 0 => break,
                Some(request) => {
                    self.requests_left -= 1;
                    let turn = self.client.ask(request);
                    return self.follow(turn);
                }
                None => self.next_task(),
            }
        }
        Step::Done(self.harvest())
    }

    fn next_task(&mut self) {
        let Some(task) = self.tasks.pop_front() else { return };
        self.note(&task);
        let objects = match task.what {
            What::Parts(_) => {
                let entry = tables::entity_entry();
                let rows = tables::entity_rows(&self.values).into_iter();
                rows.flat_map(|index| tables::ENTITY_REST.map(|column| entry.child(&[column, index])))
                    .collect()
            }
            What::Neighbours(_) => neighbours::local_ports(&self.values, self.single),
            What::Counters(gets) => {
                self.counted = !gets.is_cut();
                Vec::new()
            }
            _ => Vec::new(),
        };
        if !objects.is_empty() {
            self.tasks.push_front(Task::new(task.table, What::Gets(Gets::new(&objects))));
        }
    }

    fn note(&mut self, task: &Task) {
        if task.is_cut() {
            self.cut.insert(task.table);
        }
    }

    /// Whatever was not come to, when requests or time ended or the device fell silent: a table that is not known to be whole
    /// is a part. Of a device that told nothing, nothing is said.
    fn note_unfinished(&mut self) {
        let has_vlans = has_rows(&self.values, &forwarding::vlan_fdb_entry());
        for task in std::mem::take(&mut self.tasks) {
            let is_needless = has_vlans && matches!(task.what, What::PlainForwarding(_));
            if task.is_cut() || (!self.values.is_empty() && !is_needless && task.is_unfinished()) {
                self.cut.insert(task.table);
            }
        }
    }

    fn harvest(&mut self) -> Harvest {
        self.note_unfinished();
        let mut fields = tables::fields(&self.values);
        let told = |target: &Target| {
            let column = Oid::new(&target.oid);
            let (oid, value) = self.values.range(column.clone()..).next()?;
            if oid.is_below(&column) { value.to_text() } else { None }
        };
        fields.merge(snmp_tables::fill(&self.targets, told));
        radio::set(&mut fields, &self.values, &self.object_id);
        if self.counted {
            counters::set(&mut fields, &self.values, &self.object_id);
        }
        if !self.cut.is_empty() {
            let tables = self.cut.iter().map(|&table| table.to_owned()).collect();
            fields.set(&v::SNMP_TRUNCATED, Value::List(tables));
        }
        Harvest::of(self.host, fields)
    }
}

/// Whether something of this table was read.
fn has_rows(values: &Values, entry: &Oid) -> bool {
    values.range(entry.clone()..).next().is_some_and(|(oid, _)| oid.is_below(entry))
}
