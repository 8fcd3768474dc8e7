//! A data subject's request by MAC address: what the book holds about it, and forgetting it (promise P10).

use crate::{
    error::{Doing, Result},
    retention,
    store::{Traeger, Tx, cells},
    sums,
};
use rundgang_inventory::{Fields, Mac, Timestamp, Value};
use serde::Serialize;
use std::collections::BTreeSet;

/// Where a MAC address stands in the book of a Träger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MacTraces {
    /// Devices that are known by it.
    pub assets: Vec<i64>,
    /// Keys under which evidence waits that fits no device, or several.
    pub waiting: Vec<i64>,
    /// Statements of other devices that name it, such as forwarding tables.
    pub mentions: Vec<i64>,
    /// Daily samples of tables that name it.
    pub samples: i64,
    /// Values that people keep against a device which names it, and lines of the log of such.
    pub kept: usize,
    /// Documented systems that name it: school, number and name. People typed them, so people change them.
    pub systems: Vec<(i64, i64, String)>,
}

impl MacTraces {
    /// Whether agents told anything of it.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        !(self.assets.is_empty() && self.waiting.is_empty() && self.mentions.is_empty())
            || self.samples > 0
            || self.kept > 0
    }
}

impl Traeger {
    /// Everything that stands in the book under a MAC address, in whatever spelling.
    ///
    /// # Errors
    /// The database failed.
    pub fn traces_of_mac(&self, mac: Mac) -> Result<MacTraces> {
        let assets = self.assets_by_mac(mac)?;
        self.read(|tx| traces(tx, mac, assets.clone())).doing(|| "look for a MAC address".to_owned())
    }

    /// Forgets everything that agents told of a MAC address, writes a line of proof, and returns what there was.
    ///
    /// # Errors
    /// The database failed; then everything stays as it was.
    pub fn forget_mac(&self, mac: Mac, now: Timestamp) -> Result<MacTraces> {
        let assets = self.assets_by_mac(mac)?;
        self.write(|tx| {
            let mut schools = BTreeSet::new();
            for asset in &assets {
                schools.extend(retention::school_of(tx, *asset)?);
            }
            tx.lock_schools(&schools)?;
            let traces = traces(tx, mac, assets.clone())?;
            traces.assets.iter().try_for_each(|asset| retention::forget_asset(tx, *asset))?;
            schools.iter().try_for_each(|school| sums::refresh(tx, *school))?;
            for key in &traces.waiting {
                for table in ["sample", "present", "observation", "ambiguity"] {
                    let sql = format!("DELETE FROM {table} WHERE traeger_id = $1 AND key_id = $2");
                    tx.execute(&sql, cells![*key])?;
                }
                tx.execute("DELETE FROM identity_key WHERE traeger_id = $1 AND id = $2", cells![*key])?;
            }
            for observation in &traces.mentions {
                take_out(tx, *observation, mac)?;
            }
            forget_kept(tx, mac)?;
            for text in spellings(mac) {
                let sql = "UPDATE identity_event SET reason = ''
                           WHERE traeger_id = $1 AND LOWER(reason) LIKE $2";
                tx.execute(sql, cells![format!("%{text}%")])?;
                let sql = "DELETE FROM sample WHERE traeger_id = $1 AND LOWER(value) LIKE $2";
                tx.execute(sql, cells![format!("%{text}%")])?;
            }
            if traces.is_stored() {
                let rows = traces.assets.len() + traces.waiting.len() + traces.mentions.len() + traces.kept;
                let rows = i64::try_from(rows).unwrap_or(i64::MAX).saturating_add(traces.samples);
                retention::prove(tx, "request of a data subject", now, rows, now)?;
            }
            Ok(traces)
        })
        .doing(|| "forget a MAC address".to_owned())
    }
}

/// The spellings in which protocols write an address, in lower case.
fn spellings(mac: Mac) -> [String; 4] {
    let text = mac.to_string();
    let plain = text.replace(':', "");
    let dotted = format!("{}.{}.{}", &plain[..4], &plain[4..8], &plain[8..]);
    [text.replace(':', "-"), plain, dotted, text]
}

/// Whether a text names an address, in whatever spelling.
fn names(text: &str, mac: Mac) -> bool {
    let text = text.to_lowercase();
    spellings(mac).iter().any(|spelling| text.contains(spelling.as_str()))
}

/// Values that people keep against what a device says, where one of both names an address: system and field.
fn kept(tx: &mut Tx<'_>, mac: Mac) -> Result<BTreeSet<(i64, String)>> {
    let mut kept = BTreeSet::new();
    for text in spellings(mac) {
        let sql = "SELECT system_id, field FROM kept_value
                   WHERE traeger_id = $1 AND (LOWER(machine) LIKE $2 OR LOWER(person) LIKE $2)";
        kept.extend(tx.list(sql, cells![format!("%{text}%")], |row| Ok((row.int(0)?, row.text(1)?)))?);
    }
    Ok(kept)
}

/// Lines of the log of values that were kept, in which a device names an address: each with its texts without it.
fn logged(tx: &mut Tx<'_>, mac: Mac) -> Result<Vec<(i64, [String; 2])>> {
    let without = |text: &str| {
        let mut told: serde_json::Value = serde_json::from_str(text).ok()?;
        let machine = told.get_mut("machine").filter(|said| said.as_str().is_some_and(|s| names(s, mac)))?;
        *machine = serde_json::Value::from("");
        Some(told.to_string())
    };
    let sql = "SELECT id, before, after FROM audit_log WHERE traeger_id = $1 AND what = 'keep'";
    let lines = tx.list(sql, &[], |row| Ok((row.int(0)?, [row.text(1)?, row.text(2)?])))?;
    let named = lines.into_iter().filter_map(|(id, texts)| {
        let clean = texts.each_ref().map(|text| without(text));
        let is_named = clean.iter().any(Option::is_some);
        let mut clean = clean.into_iter().zip(texts).map(|(clean, text)| clean.unwrap_or(text));
        is_named.then(|| (id, [clean.next().unwrap_or_default(), clean.next().unwrap_or_default()]))
    });
    Ok(named.collect())
}

/// Forgets what devices said of an address where people kept their own value: the difference is told again, if it stands.
fn forget_kept(tx: &mut Tx<'_>, mac: Mac) -> Result<()> {
    for (system, field) in kept(tx, mac)? {
        let sql = "DELETE FROM kept_value WHERE traeger_id = $1 AND system_id = $2 AND field = $3";
        tx.execute(sql, cells![system, &field])?;
    }
    for (line, [before, after]) in logged(tx, mac)? {
        let sql = "UPDATE audit_log SET before = $3, after = $4 WHERE traeger_id = $1 AND id = $2";
        tx.execute(sql, cells![line, &before, &after])?;
    }
    Ok(())
}

fn traces(tx: &mut Tx<'_>, mac: Mac, assets: Vec<i64>) -> Result<MacTraces> {
    let mut traces = MacTraces { assets, ..MacTraces::default() };
    for text in spellings(mac) {
        let pattern = format!("%{text}%");
        let keys = "SELECT id FROM identity_key WHERE traeger_id = $1 AND LOWER(value) LIKE $2";
        traces.waiting.extend(tx.list(keys, cells![&pattern], |row| row.int(0))?);
        let mentions = "SELECT id FROM observation WHERE traeger_id = $1 AND LOWER(fields) LIKE $2";
        traces.mentions.extend(tx.list(mentions, cells![&pattern], |row| row.int(0))?);
        let samples = "SELECT COUNT(*) FROM sample WHERE traeger_id = $1 AND LOWER(value) LIKE $2";
        traces.samples += tx.first(samples, cells![&pattern], |row| row.int(0))?.unwrap_or(0);
        let systems = "SELECT school_id, id, name FROM documented_system
                       WHERE traeger_id = $1 AND deleted_at IS NULL AND LOWER(mac) LIKE $2";
        let read = |row: &crate::Row| Ok((row.int(0)?, row.int(1)?, row.text(2)?));
        traces.systems.extend(tx.list(systems, cells![&pattern], read)?);
    }
    traces.kept = kept(tx, mac)?.len() + logged(tx, mac)?.len();
    // What belongs to a device that goes anyway needs no mention of its own.
    for asset in &traces.assets {
        let own = "SELECT id FROM identity_key WHERE traeger_id = $1 AND asset_id = $2";
        let own = tx.list(own, cells![*asset], |row| row.int(0))?;
        traces.waiting.retain(|key| !own.contains(key));
        let told = "SELECT o.id FROM observation o JOIN identity_key k ON k.id = o.key_id
                    WHERE o.traeger_id = $1 AND k.asset_id = $2";
        let told = tx.list(told, cells![*asset], |row| row.int(0))?;
        traces.mentions.retain(|observation| !told.contains(observation));
    }
    traces.waiting.sort_unstable();
    traces.waiting.dedup();
    traces.mentions.sort_unstable();
    traces.mentions.dedup();
    Ok(traces)
}

/// Takes a MAC address out of what another device said: rows of tables and entries of lists that name it.
fn take_out(tx: &mut Tx<'_>, observation: i64, mac: Mac) -> Result<()> {
    let sql = "SELECT fields FROM observation WHERE traeger_id = $1 AND id = $2";
    let Some(json) = tx.first(sql, cells![observation], |row| row.text(0))? else { return Ok(()) };
    let fields: Fields = serde_json::from_str(&json)?;
    let mut kept = Fields::new();
    for (name, value) in fields.iter() {
        let value = match value {
            Value::Table(rows) => {
                let clean = |row: &&rundgang_inventory::Row| {
                    !row.values().any(|cell| serde_json::to_string(cell).is_ok_and(|text| names(&text, mac)))
                };
                Value::Table(rows.iter().filter(clean).cloned().collect())
            }
            Value::List(list) => Value::List(list.iter().filter(|text| !names(text, mac)).cloned().collect()),
            Value::Text(text) if names(text, mac) => continue,
            other => other.clone(),
        };
        kept.set_named(name.to_owned(), value);
    }
    let sql = "UPDATE observation SET fields = $3 WHERE traeger_id = $1 AND id = $2";
    tx.execute(sql, cells![observation, serde_json::to_string(&kept)?]).map(drop)
}
