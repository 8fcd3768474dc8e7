//! What the probe `snmp-walk` reads of which device: named tables in order of what they tell, each with its bound.

use super::{
    forwarding,
    gather::{Gets, Walk},
    neighbours, radio, tables,
};
use crate::probe::Host;
use rundgang_inventory::{Kind, page_counters, vocabulary as v};
use rundgang_wire::snmp::Oid;
use std::collections::{BTreeSet, VecDeque};

/// Requests of one conversation, retries and discovery aside: a minute's worth at the polite pace.
pub(super) const MAX_REQUESTS: u16 = 560;

/// One thing to read.
pub(super) struct Task {
    /// The name under which it is told that there is more of it than was read.
    pub(super) table: &'static str,
    pub(super) what: What,
}

/// How it is read.
pub(super) enum What {
    Walk(Walk),
    /// Class and serial numbers of all parts; then the parts worth it are read in full.
    Parts(Walk),
    /// Neighbours; then the ports of this device on which they are.
    Neighbours(Walk),
    /// The plain forwarding table, only where the one by VLAN is empty.
    PlainForwarding(Walk),
    Gets(Gets),
    /// Counters that are added up: all of them or none.
    Counters(Gets),
    /// The first row of each of these columns.
    FirstRows(Vec<Oid>),
}

impl Task {
    pub(super) const fn new(table: &'static str, what: What) -> Self {
        Self { table, what }
    }

    /// Whether there is more of it than was read.
    pub(super) fn is_cut(&self) -> bool {
        match &self.what {
            What::Walk(walk) | What::Parts(walk) | What::Neighbours(walk) | What::PlainForwarding(walk) => {
                walk.is_cut()
            }
            What::Gets(_) | What::Counters(_) | What::FirstRows(_) => false,
        }
    }

    /// Whether something of it is still to be asked.
    pub(super) fn is_unfinished(&self) -> bool {
        match &self.what {
            What::Walk(walk) | What::Parts(walk) | What::Neighbours(walk) | What::PlainForwarding(walk) => {
                walk.is_open()
            }
            What::Gets(gets) | What::Counters(gets) => gets.is_cut(),
            What::FirstRows(_) => false,
        }
    }
}

/// Rows at most.
struct Rows {
    entity: usize,
    /// Interfaces and bridge ports: a stack of many switches has some hundred.
    ports: usize,
    neighbours: usize,
    vlans: usize,
    poe: usize,
    arp: usize,
    /// Learned addresses: a flat network of a large school has some thousand.
    learned: usize,
}

/// Many rows come in one answer.
const BULK: Rows =
    Rows { entity: 400, ports: 1024, neighbours: 256, vlans: 1024, poe: 512, arp: 8192, learned: 8192 };
/// SNMPv1 costs a request for each row: so few of each table that the last of them is reached, too.
const SINGLE: Rows =
    Rows { entity: 24, ports: 64, neighbours: 16, vlans: 64, poe: 48, arp: 64, learned: 160 };

const SUPPLIES: usize = 32;
const DEVICES: usize = 16;
const NETWORKS: usize = 128;

/// Makers whose devices keep a table of the neighbours that they hear by CDP: Cisco and HP.
const WITH_CDP: [[u32; 7]; 2] = [[1, 3, 6, 1, 4, 1, 9], [1, 3, 6, 1, 4, 1, 11]];

/// What is worth reading of a device of this sort, the tables that may be longest last.
pub(super) fn tasks(host: &Host, object_id: &Oid, columns: &[Oid], single: bool) -> VecDeque<Task> {
    use Kind::{AccessPoint, Firewall, Printer, Router, Scanner, Switch, WlanController};
    let services = host.fields.int(&v::SNMP_SYS_SERVICES).unwrap_or_default();
    let layer = |number: i64| services & (1 << (number - 1)) != 0;
    let network = matches!(host.kind, Some(Switch | Router | Firewall | AccessPoint | WlanController));
    let printer = matches!(host.kind, Some(Printer | Scanner));
    let bridges = matches!(host.kind, Some(Switch)) || layer(2);
    let routes = matches!(host.kind, Some(Router | Firewall)) || layer(3);
    let mut tasks = VecDeque::new();
    if !columns.is_empty() {
        tasks.push_back(Task::new("vendor", What::FirstRows(columns.to_vec())));
    }
    if printer {
        printing(&mut tasks, object_id, single);
        return tasks;
    }
    let most = if single { SINGLE } else { BULK };
    let parts = Walk::new(&below(&tables::entity_entry(), &tables::ENTITY_FIRST), most.entity, single);
    tasks.push_back(Task::new("entity", What::Parts(parts)));
    let [plain, extended] = tables::interface_entries();
    for columns in [below(&plain, &[2, 3, 5, 6, 8]), below(&extended, &[1, 15, 18])] {
        tasks.push_back(walk("interfaces", &columns, most.ports, single));
    }
    if network || bridges {
        let heard = Walk::new(&neighbours::lldp_columns(), most.neighbours, single);
        tasks.push_back(Task::new("neighbours", What::Neighbours(heard)));
        if WITH_CDP.iter().any(|maker| object_id.arcs().starts_with(maker)) {
            tasks.push_back(walk("neighbours", &neighbours::cdp_columns(), most.neighbours, single));
        }
    }
    if bridges {
        let ports = forwarding::bridge_port_column();
        tasks.push_back(walk("bridge-ports", std::slice::from_ref(&ports), most.ports, single));
        tasks.push_back(walk("vlans", &forwarding::vlan_columns(), most.vlans, single));
        tasks.push_back(walk("poe", &forwarding::poe_columns(), most.poe, single));
    }
    // A firewall often controls the access points besides.
    if matches!(host.kind, Some(AccessPoint | WlanController | Router | Firewall)) {
        tasks.push_back(walk("wlan", &below(&forwarding::wlan_entry(), &[1, 9]), DEVICES, single));
        let radio = radio::walks(object_id, NETWORKS, single);
        tasks.extend(radio.into_iter().map(|walk| Task::new("wlan", What::Walk(walk))));
    }
    if routes {
        tasks.push_back(walk("arp", &forwarding::arp_columns(), most.arp, single));
    }
    if bridges {
        let learned = |entry: Oid| Walk::new(&below(&entry, &[2, 3]), most.learned, single);
        tasks.push_back(Task::new("fdb", What::Walk(learned(forwarding::vlan_fdb_entry()))));
        tasks.push_back(Task::new("fdb", What::PlainForwarding(learned(forwarding::plain_fdb_entry()))));
    }
    tasks
}

fn printing(tasks: &mut VecDeque<Task>, object_id: &Oid, single: bool) {
    tasks.push_back(walk("supplies", &below(&tables::supplies_entry(), &[5, 6, 8, 9]), SUPPLIES, single));
    tasks.push_back(walk("devices", &below(&tables::device_entry(), &[2, 3]), DEVICES, single));
    let counters: BTreeSet<Oid> = page_counters::of(object_id.arcs())
        .flat_map(|counter| &counter.oids)
        .map(|oid| Oid::new(oid))
        .collect();
    if !counters.is_empty() {
        let counters: Vec<Oid> = counters.into_iter().collect();
        tasks.push_back(Task::new("counters", What::Counters(Gets::new(&counters))));
    }
}

fn walk(table: &'static str, columns: &[Oid], rows: usize, single: bool) -> Task {
    Task::new(table, What::Walk(Walk::new(columns, rows, single)))
}

/// These columns of a table.
pub(super) fn below(entry: &Oid, columns: &[u32]) -> Vec<Oid> {
    columns.iter().map(|&column| entry.child(&[column])).collect()
}
