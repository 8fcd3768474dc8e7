//! Which switch port leads where: worked out from the forwarding tables and neighbours that switches tell.

use crate::{
    engine::Row,
    error::Result,
    evidence,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{
    Fields, Mac, Value,
    topology::{Port, Switch, mark_uplinks, port_of, room_in},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Where a device is plugged in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Plugged {
    /// The switch: number and name.
    pub switch: (i64, String),
    /// The port as the switch calls it.
    pub port: String,
    /// What somebody called the port.
    pub alias: String,
    /// The room that the port's alias speaks of.
    pub room: Option<String>,
}

/// One port of a switch and what is behind it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PortLine {
    /// Its name.
    pub name: String,
    /// What somebody called it.
    pub alias: String,
    /// `up` or `down`.
    pub status: String,
    /// Mbit/s.
    pub speed: Option<i64>,
    /// Whether it gives power.
    pub poe: String,
    /// VLANs with their names, ascending: those that addresses were learned in, of an idle port its own.
    pub vlans: Vec<(i64, String)>,
    /// The devices behind it that are kept: number and name.
    pub devices: Vec<(i64, String)>,
    /// How many more addresses are behind it, as a number only.
    pub others: i64,
    /// Whether it leads to another switch.
    pub is_uplink: bool,
}

/// Everything that is plugged in somewhere in a school.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wiring {
    /// Where each device hangs, by its number.
    pub plugged: BTreeMap<i64, Plugged>,
    /// The ports of each switch that lead somewhere, by its number.
    pub switches: BTreeMap<i64, Vec<PortLine>>,
    /// Switches whose forwarding table was not read to its end, so that it says of nobody where it is plugged in.
    pub partial: BTreeSet<i64>,
}

impl Traeger {
    /// The wiring of a school as its switches tell it.
    ///
    /// # Errors
    /// The database failed.
    pub fn wiring(&self, school: i64) -> Result<Wiring> {
        self.read(|tx| wiring(tx, school))
    }
}

/// A device as far as wiring asks for it.
struct Named {
    id: i64,
    name: String,
    mac: Option<Mac>,
}

fn named(row: &Row) -> Result<Named> {
    let told = [row.maybe_text(1)?, row.maybe_text(2)?, row.maybe_text(3)?];
    let name = told.into_iter().flatten().find(|text| !text.is_empty()).unwrap_or_default();
    Ok(Named { id: row.int(0)?, name, mac: row.maybe_text(4)?.and_then(|mac| mac.parse().ok()) })
}

fn wiring(tx: &mut Tx<'_>, school: i64) -> Result<Wiring> {
    let mut fields = samples(tx, school)?;
    // Who has no forwarding table may still tell its neighbours; those stand among the statements.
    let mut telling = evidence::with_neighbours(tx, school)?;
    telling.extend(fields.keys().copied());
    for (id, statements) in evidence::of_assets(tx, &telling)? {
        let mut merged = evidence::merged(&statements);
        if merged.named("snmp.lldp_neighbours").is_some() || fields.contains_key(&id) {
            let sampled = fields.remove(&id).unwrap_or_default();
            if sampled.named("snmp.fdb").is_some() {
                // A table that is kept says itself whether it is a part, whatever became of a later walk.
                merged.remove("snmp.truncated");
            }
            merged.merge(sampled);
            fields.insert(id, merged);
        }
    }
    if fields.is_empty() {
        return Ok(Wiring::default());
    }
    let sql =
        "SELECT id, hostname, model, ip, mac FROM asset WHERE traeger_id = $1 AND school_id = $2 ORDER BY id";
    let assets = tx.list(sql, cells![school], named)?;
    let known: Vec<(i64, Switch)> = assets
        .iter()
        .filter_map(|asset| Some((asset.id, Switch::read(asset.mac, fields.get(&asset.id)?)?)))
        .collect();
    let (ids, mut switches): (Vec<i64>, Vec<Switch>) = known.into_iter().unzip();
    mark_uplinks(&mut switches);
    let sql = "SELECT name FROM room WHERE traeger_id = $1 AND school_id = $2 ORDER BY name";
    let rooms = tx.list(sql, cells![school], |row| row.text(0))?;
    let names: BTreeMap<i64, &str> = assets.iter().map(|asset| (asset.id, asset.name.as_str())).collect();
    let mut wiring = Wiring::default();
    for asset in &assets {
        let Some((at, number)) = asset.mac.and_then(|mac| port_of(&switches, mac)) else { continue };
        let (Some(&switch), Some(port)) = (ids.get(at), switches.get(at).and_then(|s| s.ports.get(&number)))
        else {
            continue;
        };
        let name = names.get(&switch).copied().unwrap_or_default().to_owned();
        let room = room_in(&port.alias, &rooms).or_else(|| room_in(&port.name, &rooms)).cloned();
        let plugged =
            Plugged { switch: (switch, name), port: label(number, port), alias: port.alias.clone(), room };
        wiring.plugged.insert(asset.id, plugged);
    }
    for (id, switch) in ids.into_iter().zip(&switches) {
        wiring.switches.insert(id, lines(switch, &assets));
        if switch.is_partial {
            wiring.partial.insert(id);
        }
    }
    Ok(wiring)
}

/// The newest sample of every table that says what is behind which port, by asset.
fn samples(tx: &mut Tx<'_>, school: i64) -> Result<BTreeMap<i64, Fields>> {
    let sql = "SELECT k.asset_id, s.field, s.value FROM sample s
               JOIN identity_key k ON k.traeger_id = s.traeger_id AND k.id = s.key_id
               WHERE s.traeger_id = $1 AND s.school_id = $2 AND k.asset_id IS NOT NULL
                 AND s.field IN ('snmp.fdb', 'snmp.poe_ports', 'snmp.interface_status')
               ORDER BY s.day";
    let mut all: BTreeMap<i64, Fields> = BTreeMap::new();
    for row in tx.query(sql, cells![school])? {
        let value: Value = serde_json::from_str(&row.text(2)?)?;
        all.entry(row.int(0)?).or_default().set_named(row.text(1)?, value);
    }
    Ok(all)
}

fn label(number: i64, port: &Port) -> String {
    if port.name.is_empty() { number.to_string() } else { port.name.clone() }
}

/// The ports behind which something is, and idle ones whose VLAN is known.
fn lines(switch: &Switch, assets: &[Named]) -> Vec<PortLine> {
    let leads = |port: &&Port| {
        !port.devices.is_empty() || port.others > 0 || !port.neighbours.is_empty() || port.pvid.is_some()
    };
    let vlans = |port: &Port| {
        let idle = port.pvid.filter(|_| port.vlans.is_empty());
        let name = |vlan: i64| (vlan, switch.vlan_names.get(&vlan).cloned().unwrap_or_default());
        port.vlans.iter().copied().chain(idle).map(name).collect()
    };
    let line = |(number, port): (&i64, &Port)| PortLine {
        name: label(*number, port),
        alias: port.alias.clone(),
        status: port.status.clone(),
        speed: port.speed,
        poe: port.poe.clone(),
        vlans: vlans(port),
        devices: assets
            .iter()
            .filter(|asset| asset.mac.is_some_and(|mac| port.devices.contains(&mac)))
            .map(|asset| (asset.id, asset.name.clone()))
            .collect(),
        others: port.others,
        is_uplink: port.is_uplink,
    };
    switch.ports.iter().filter(|(_, port)| leads(port)).map(line).collect()
}
