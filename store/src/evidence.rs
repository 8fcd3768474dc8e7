//! The statements that hold now about an asset or a domain, and how the rounds since then leave them standing.

use crate::{
    domains,
    engine::Row,
    error::{Error, Result},
    store::{Tx, cells},
};
use rundgang_inventory::{
    Fields, Mac, MacProvenance, Timestamp,
    rules::{Sighting, Standing},
    vocabulary::HOST_FELL_SILENT,
};
use std::collections::{BTreeMap, BTreeSet};

/// One statement as it stands in the book.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) owner: Owner,
    pub(crate) agent: i64,
    pub(crate) ip: String,
    pub(crate) mac: Option<(Mac, MacProvenance)>,
    pub(crate) segment: String,
    pub(crate) probe: String,
    pub(crate) last_confirmed: Timestamp,
    pub(crate) place: i64,
    pub(crate) fields: Fields,
}

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Owner {
    Asset(i64),
    Domain(String),
}

const COLUMNS: &str = "k.asset_id, k.value, o.agent_id, o.ip, o.mac, o.provenance, o.segment, o.probe, \
     o.last_confirmed, o.place, o.fields";
const TABLES: &str =
    "identity_key k JOIN present p ON p.key_id = k.id JOIN observation o ON o.id = p.observation_id";
/// The older first, so that the newer wins where both say something.
const ORDER: &str = "ORDER BY o.last_confirmed, o.id";

fn statement(row: &Row) -> Result<Statement> {
    let owner =
        row.maybe_int(0)?.map_or_else(|| row.text(1).map(Owner::Domain), |id| Ok(Owner::Asset(id)))?;
    let mac = match (row.maybe_text(4)?, row.maybe_text(5)?) {
        (Some(mac), Some(provenance)) => Some((
            mac.parse().map_err(|error| Error::Corrupt(format!("{error}")))?,
            serde_json::from_value(serde_json::Value::String(provenance))?,
        )),
        _ => None,
    };
    Ok(Statement {
        owner,
        agent: row.int(2)?,
        ip: row.text(3)?,
        mac,
        segment: row.text(6)?,
        probe: row.text(7)?,
        last_confirmed: row.moment(8)?,
        place: row.int(9)?,
        fields: serde_json::from_str(&row.text(10)?)?,
    })
}

/// What holds now about one asset, the oldest first.
pub(crate) fn of_asset(tx: &mut Tx<'_>, asset: i64) -> Result<Vec<Statement>> {
    let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE k.traeger_id = $1 AND k.asset_id = $2 {ORDER}");
    tx.list(&sql, cells![asset], statement)
}

/// What holds now about some assets, by asset, each the oldest first.
pub(crate) fn of_assets(tx: &mut Tx<'_>, assets: &BTreeSet<i64>) -> Result<BTreeMap<i64, Vec<Statement>>> {
    let sql = format!("SELECT {COLUMNS}, o.id FROM {TABLES} WHERE k.traeger_id = $1");
    let numbers: Vec<i64> = assets.iter().copied().collect();
    let read = |row: &Row| Ok((row.int(11)?, statement(row)?));
    let mut told = tx.list_many(&sql, "k.asset_id", &numbers, read)?;
    told.sort_by_key(|(id, statement)| (statement.last_confirmed, *id));
    let mut all: BTreeMap<i64, Vec<Statement>> = BTreeMap::new();
    for (_, statement) in told {
        if let Owner::Asset(asset) = statement.owner {
            all.entry(asset).or_default().push(statement);
        }
    }
    Ok(all)
}

/// The assets of a school that tell of neighbours at their ports.
pub(crate) fn with_neighbours(tx: &mut Tx<'_>, school: i64) -> Result<BTreeSet<i64>> {
    // The condition is that of the index `observation_neighbours`.
    let sql = "SELECT k.asset_id FROM observation o CROSS JOIN present p CROSS JOIN identity_key k
               WHERE o.traeger_id = $1 AND o.school_id = $2 AND p.traeger_id = o.traeger_id
                 AND p.observation_id = o.id AND k.traeger_id = p.traeger_id AND k.id = p.key_id
AND o.fields LIKE '%\"snmp.lldp_neighbours\"%'
                 AND k.asset_id IS NOT NULL";
    Ok(tx.list(sql, cells![school], |row| row.int(0))?.into_iter().collect())
}

/// What devices of a school say that may name a domain: certificates and greetings of mail servers.
pub(crate) fn naming_domains(tx: &mut Tx<'_>, school: i64) -> Result<Vec<Fields>> {
    // The condition is that of the index `observation_names`.
    let sql = "SELECT o.fields FROM observation o CROSS JOIN present p CROSS JOIN identity_key k
               WHERE o.traeger_id = $1 AND o.school_id = $2 AND p.traeger_id = o.traeger_id
                 AND p.observation_id = o.id AND k.traeger_id = p.traeger_id AND k.id = p.key_id
                
                 AND (o.fields LIKE '%\"tls.san\"%' OR o.fields LIKE '%\"smtp.banner\"%')
                 AND k.asset_id IS NOT NULL";
    tx.list(sql, cells![school], |row| Ok(serde_json::from_str(&row.text(0)?)?))
}

/// The domains that agents of a school met by a probe.
pub(crate) fn domains_met(tx: &mut Tx<'_>, school: i64, probe: &str) -> Result<Vec<String>> {
    let sql = "SELECT k.value FROM identity_key k CROSS JOIN present p
               WHERE p.traeger_id = k.traeger_id AND p.key_id = k.id AND k.traeger_id = $1 AND k.school_id = $2 AND k.kind = 'domain' AND p.probe = $3";
    tx.list(sql, cells![school, probe], |row| row.text(0))
}

/// What holds now about one domain, the oldest first, by whichever agents' word counts: a domain may serve several
/// schools.
pub(crate) fn of_domain(tx: &mut Tx<'_>, name: &str) -> Result<Vec<Statement>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES}
         WHERE k.traeger_id = $1 AND k.kind = 'domain' AND k.value = $2 AND {} {ORDER}",
        domains::counts()
    );
    tx.list(&sql, cells![name], statement)
}

/// What an agent said about a domain at some time.
#[derive(Clone, Debug)]
pub(crate) struct Earlier {
    pub(crate) agent: i64,
    pub(crate) day: Timestamp,
    pub(crate) fields: Fields,
}

/// No more earlier statements of one agent about one domain are looked at.
const MOST_EARLIER: i64 = 24;

/// What was said about a domain over time, by agent, the newest first. Each agent has its own share, so that one in
/// whose sight the zone changes hourly hides nothing of what another saw.
pub(crate) fn past_of_domain(tx: &mut Tx<'_>, name: &str) -> Result<Vec<Earlier>> {
    let sql = format!(
        "SELECT said.agent_id, said.day, said.fields FROM (
           SELECT o.agent_id, o.day, o.fields,
             ROW_NUMBER() OVER (PARTITION BY o.agent_id ORDER BY o.place DESC, o.id DESC) AS nth
           FROM identity_key k JOIN observation o ON o.key_id = k.id
           WHERE k.traeger_id = $1 AND k.kind = 'domain' AND k.value = $2 AND {}) AS said
         WHERE said.nth <= $3 ORDER BY said.agent_id, said.nth",
        domains::counts()
    );
    tx.list(&sql, cells![name, MOST_EARLIER], |row| {
        let fields = serde_json::from_str(&row.text(2)?)?;
        Ok(Earlier { agent: row.int(0)?, day: row.moment(1)?, fields })
    })
}

/// What holds now about everything of a school, by owner, each the oldest first.
pub(crate) fn of_school(tx: &mut Tx<'_>, school: i64) -> Result<BTreeMap<Owner, Vec<Statement>>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM {TABLES} WHERE k.traeger_id = $1 AND k.school_id = $2
         AND (k.asset_id IS NOT NULL OR k.kind = 'domain') {ORDER}"
    );
    let mut all: BTreeMap<Owner, Vec<Statement>> = BTreeMap::new();
    for statement in tx.list(&sql, cells![school], statement)? {
        all.entry(statement.owner.clone()).or_default().push(statement);
    }
    Ok(all)
}

/// Where the rounds of a school's agents have been, newest only.
#[derive(Debug, Default)]
pub(crate) struct Rounds {
    /// By agent, segment and probe: the place after which the last completed round began, and its network.
    own: BTreeMap<(i64, String, String), (i64, String)>,
    /// By network and probe: the day the last completed round of any agent ended.
    any: BTreeMap<(String, String), Timestamp>,
    /// By segment and probe: when the last completed round of any agent began and ended.
    pub(crate) segments: BTreeMap<(String, String), Timestamp>,
}

/// The name under which a round reports host discovery.
pub(crate) const DISCOVERY: &str = "sweep";

impl Rounds {
    /// Loads the rounds of a school.
    pub(crate) fn load(tx: &mut Tx<'_>, school: i64) -> Result<Self> {
        let sql = "SELECT agent_id, segment, network, probe, ended, begins_after FROM covered
                   WHERE traeger_id = $1 AND school_id = $2";
        let mut rounds = Self::default();
        for row in tx.query(sql, cells![school])? {
            let (segment, network, probe) = (row.text(1)?, row.text(2)?, row.text(3)?);
            let ended = row.moment(4)?;
            let any = rounds.any.entry((network.clone(), probe.clone())).or_default();
            *any = (*any).max(ended.day());
            let latest = rounds.segments.entry((segment.clone(), probe.clone())).or_default();
            *latest = (*latest).max(ended);
            let begins_after = row.int(5)?;
            // A segment of several networks is as old as the one covered longest ago.
            rounds
                .own
                .entry((row.int(0)?, segment, probe))
                .and_modify(|(oldest, _)| *oldest = (*oldest).min(begins_after))
                .or_insert((begins_after, network));
        }
        Ok(rounds)
    }

    fn standing(&self, statement: &Statement, all: &[Statement]) -> Standing {
        let key = (statement.agent, statement.segment.clone(), statement.probe.clone());
        let Some((begins_after, network)) = self.own.get(&key) else { return Standing::Open };
        let seen_since = |newer: &dyn Fn(&Statement) -> bool| {
            let since: Vec<&Statement> = all.iter().filter(|other| newer(other)).collect();
            // The newest word of host discovery holds: what fell silent once may have answered since, elsewhere or to
            // another agent.
            let newest = since.iter().rev().find(|other| other.probe == DISCOVERY);
            if since.is_empty() {
                Standing::Missing
            } else if newest.is_some_and(|newest| fell_silent(newest)) {
                // Who was not asked has not denied anything.
                Standing::Open
            } else {
                Standing::Gone
            }
        };
        if statement.place <= *begins_after {
            return seen_since(&|other| {
                (other.agent == statement.agent && other.place > *begins_after)
                    || other.last_confirmed > statement.last_confirmed
            });
        }
        // Another agent may have walked the same network on a later day.
        let later = self.any.get(&(network.clone(), statement.probe.clone())).copied().unwrap_or_default();
        if later > statement.last_confirmed {
            return seen_since(&|other| other.last_confirmed >= later);
        }
        Standing::Confirmed
    }

    /// The statements of one subject with how each stands.
    pub(crate) fn sightings<'s>(&self, statements: &'s [Statement]) -> Vec<Sighting<'s>> {
        statements
            .iter()
            .map(|statement| Sighting {
                probe: &statement.probe,
                segment: &statement.segment,
                confirmed: statement.last_confirmed,
                standing: self.standing(statement, statements),
                fields: &statement.fields,
            })
            .collect()
    }
}

/// Whether a device was seen and asked nothing, for it fell silent before (promise S5).
fn fell_silent(statement: &Statement) -> bool {
    statement.fields.text(&HOST_FELL_SILENT).is_some()
}

/// All fields of several statements in one; the newer wins.
pub(crate) fn merged(statements: &[Statement]) -> Fields {
    let mut merged = Fields::new();
    for statement in statements {
        merged.merge(statement.fields.clone());
    }
    merged
}
