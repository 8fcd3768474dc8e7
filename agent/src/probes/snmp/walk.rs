//! The probe `snmp-walk`: a few named tables, chosen by what the device is, of devices that stand it.

use super::{
    PORT,
    client::{Client, Turn},
    credential,
    gather::{Gets, Values, Walk},
    neighbours, radio, tables,
};
use crate::probe::{Conversation, Group, Harvest, Host, Input, Plan, Probe, Settings, Stage, Step};
use rundgang_inventory::{Fields, Kind, kind::Caution, snmp_tables, snmp_tables::Target, vocabulary as v};
use rundgang_wire::snmp::{ErrorStatus, Oid, Request};
use std::{collections::VecDeque, net::IpAddr};

/// The probe.
pub(crate) static SNMP_WALK: Probe = Probe {
    name: "snmp-walk",
    sends: "to UDP port 161 of devices that answered the probe snmp, with the same credential: SNMP GetBulk (GetNext \
            with v1) over named tables (parts, interfaces, supplies, neighbours), with caps on rows and requests.",
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
    Box::new(Walking {
        host: host.ip,
        client: Client::new(credentials, seed),
        tasks: tasks(host, &columns, single),
        object_id: object_id(&host.fields),
        values: Values::new(),
        targets,
        requests_left: MAX_REQUESTS,
    })
}

/// Requests of one conversation, retries and discovery aside.
const MAX_REQUESTS: u16 = 120;
/// Rows at most: parts, interfaces, supplies, devices, neighbours, addresses.
const ROWS: Rows =
    Rows { entity: 400, interfaces: 128, supplies: 32, devices: 16, neighbours: 64, addresses: 512 };

struct Rows {
    entity: usize,
    interfaces: usize,
    supplies: usize,
    devices: usize,
    neighbours: usize,
    addresses: usize,
}

/// One thing to read.
enum Task {
    Walk(Walk),
    /// Class and serial numbers of all parts; then the parts worth it are read in full.
    Parts(Walk),
    Gets(Gets),
    /// The plain forwarding table, only where the one by VLAN is empty.
    PlainForwarding(Walk),
    /// The first row of each of these columns.
    FirstRows(Vec<Oid>),
}

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

/// What is worth reading of a device of this sort.
fn tasks(host: &Host, columns: &[Oid], single: bool) -> VecDeque<Task> {
    use Kind::{AccessPoint, Firewall, Printer, Router, Scanner, Switch, WlanController};
    let services = host.fields.int(&v::SNMP_SYS_SERVICES).unwrap_or_default();
    let layer = |number: i64| services & (1 << (number - 1)) != 0;
    let network = matches!(host.kind, Some(Switch | Router | Firewall | AccessPoint | WlanController));
    let printer = matches!(host.kind, Some(Printer | Scanner));
    let bridges = !printer && (matches!(host.kind, Some(Switch)) || layer(2));
    let routes = !printer && (matches!(host.kind, Some(Router | Firewall)) || layer(3));
    // A firewall often controls the access points besides.
    let radio = matches!(host.kind, Some(AccessPoint | WlanController | Router | Firewall));

    let walk = |entry: Oid, arcs: &[u32], rows| {
        let columns: Vec<Oid> = arcs.iter().map(|&arc| entry.child(&[arc])).collect();
        Walk::new(&columns, rows, single)
    };
    let mut tasks = VecDeque::new();
    if !columns.is_empty() {
        tasks.push_back(Task::FirstRows(columns.to_vec()));
    }
    if printer {
        tasks.push_back(Task::Walk(walk(tables::supplies_entry(), &[5, 6, 8, 9], ROWS.supplies)));
        tasks.push_back(Task::Walk(walk(tables::device_entry(), &[2, 3], ROWS.devices)));
        return tasks;
    }
    tasks.push_back(Task::Parts(walk(tables::entity_entry(), &tables::ENTITY_FIRST, ROWS.entity)));
    let [plain, extended] = tables::interface_entries();
    tasks.push_back(Task::Walk(walk(plain, &[2, 3, 5, 6, 8], ROWS.interfaces)));
    tasks.push_back(Task::Walk(walk(extended, &[1, 15, 18], ROWS.interfaces)));
    if network || bridges {
        tasks.push_back(Task::Walk(walk(
            neighbours::lldp_entry(),
            &[4, 5, 6, 7, 8, 9, 10, 12],
            ROWS.neighbours,
        )));
        tasks.push_back(Task::Walk(Walk::new(&[neighbours::lldp_address_column()], ROWS.neighbours, single)));
    }
    if bridges {
        tasks.push_back(Task::Walk(Walk::new(&[neighbours::bridge_port_column()], ROWS.interfaces, single)));
        tasks.push_back(Task::Walk(walk(neighbours::vlan_fdb_entry(), &[2, 3], ROWS.addresses)));
        let plain = walk(neighbours::plain_fdb_entry(), &[2, 3], ROWS.addresses);
        tasks.push_back(Task::PlainForwarding(plain));
        tasks.push_back(Task::Walk(walk(neighbours::poe_port_entry(), &[6, 10], ROWS.interfaces)));
        tasks.push_back(Task::Walk(walk(neighbours::poe_supply_entry(), &[2, 4], ROWS.devices)));
    }
    if routes {
        tasks.push_back(Task::Walk(walk(neighbours::arp_entry(), &[2], ROWS.addresses)));
    }
    if radio {
        tasks.push_back(Task::Walk(walk(neighbours::wlan_entry(), &[1, 9], ROWS.devices)));
        let radio = radio::walks(&object_id(&host.fields), ROWS.interfaces, single);
        tasks.extend(radio.into_iter().map(Task::Walk));
    }
    tasks
}

struct Walking {
    host: IpAddr,
    client: Client,
    tasks: VecDeque<Task>,
    values: Values,
    targets: Vec<Target>,
    object_id: Oid,
    requests_left: u16,
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
                match self.tasks.front_mut() {
                    Some(Task::Walk(walk) | Task::Parts(walk) | Task::PlainForwarding(walk)) => {
                        walk.take(&answer, &mut self.values);
                    }
                    Some(Task::Gets(gets)) => gets.take(&answer, &mut self.values),
                    Some(Task::FirstRows(columns)) => {
                        if answer.error == ErrorStatus::None {
                            let within = |oid: &Oid| columns.iter().any(|column| oid.is_below(column));
                            let rows = answer.bindings.into_iter().filter(|binding| within(&binding.oid));
                            self.values.extend(rows.map(|binding| (binding.oid, binding.value)));
                        }
                        columns.clear();
                    }
                    None => {}
                }
                self.ask_next()
            }
            // A device that falls silent or closes its port in the middle is left alone.
            Turn::Silent | Turn::Refused | Turn::Rejected(_) => Step::Done(self.harvest()),
        }
    }

    /// Sends the next request of the task in front; tasks that are through make room for the next.
    fn ask_next(&mut self) -> Step {
        while let Some(task) = self.tasks.front_mut() {
            let request = match task {
                Task::Walk(walk) | Task::Parts(walk) => walk.next(),
                Task::PlainForwarding(walk)
                    if self
                        .values
                        .range(neighbours::vlan_fdb_entry()..)
                        .next()
                        .is_none_or(|(oid, _)| !oid.is_below(&neighbours::vlan_fdb_entry())) =>
                {
                    walk.next()
                }
                Task::PlainForwarding(_) => None,
                Task::Gets(gets) => gets.next(),
                Task::FirstRows(columns) if columns.is_empty() => None,
                Task::FirstRows(columns) => Some(Request::GetNext(columns.clone())),
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
        if let Some(Task::Parts(_)) = self.tasks.pop_front() {
            let entry = tables::entity_entry();
            let objects: Vec<Oid> = tables::entity_rows(&self.values)
                .into_iter()
                .flat_map(|index| tables::ENTITY_REST.map(|column| entry.child(&[column, index])))
                .collect();
            self.tasks.push_front(Task::Gets(Gets::new(&objects)));
        }
    }

    fn harvest(&mut self) -> Harvest {
        let mut fields = tables::fields(&self.values);
        let told = |target: &Target| {
            let column = Oid::new(&target.oid);
            let (oid, value) = self.values.range(column.clone()..).next()?;
            if oid.is_below(&column) { value.to_text() } else { None }
        };
        fields.merge(snmp_tables::fill(&self.targets, told));
        radio::set(&mut fields, &self.values, &self.object_id);
        Harvest::of(self.host, fields)
    }
}
