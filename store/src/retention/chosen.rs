//! What a Träger chose: shorter retentions than promised, kept in the book so that the hourly deletion, the papers and
//! the pages say and do the same.

use super::Retention;
use crate::{
    error::{Doing, Error, Result},
    register::{AuditEntry, audit},
    schools::setting,
    store::{Traeger, cells},
};
use rundgang_inventory::Timestamp;

/// The name of the setting.
const SETTING: &str = "retention";

impl Retention {
    /// Every period by its name, in days.
    #[must_use]
    pub const fn named(&self) -> [(&'static str, i64); 9] {
        [
            ("observations", self.observations),
            ("intervals", self.intervals),
            ("unclassified", self.unclassified),
            ("devices", self.devices),
            ("findings", self.findings),
            ("audit", self.audit),
            ("counts", self.counts),
            ("coverage", self.coverage),
            ("answers", self.answers),
        ]
    }

    /// The same with one period changed.
    ///
    /// # Errors
    /// No period has that name, or the days are more than promised.
    pub fn with(mut self, name: &str, days: i64) -> Result<Self> {
        let most = Self::default().named().into_iter().find(|(known, _)| *known == name);
        let Some((_, most)) = most else {
            let known: Vec<_> = Self::default().named().iter().map(|(known, _)| *known).collect();
            return Err(Error::Refused(format!(
                "no period is called '{name}'; known are {}",
                known.join(", ")
            )));
        };
        if !(0..=most).contains(&days) {
            let reason = format!("{name} can be shortened, never lengthened: 0 to {most} days");
            return Err(Error::Refused(reason));
        }
        let period = match name {
            "observations" => &mut self.observations,
            "intervals" => &mut self.intervals,
            "unclassified" => &mut self.unclassified,
            "devices" => &mut self.devices,
            "findings" => &mut self.findings,
            "audit" => &mut self.audit,
            "counts" => &mut self.counts,
            "coverage" => &mut self.coverage,
            _ => &mut self.answers,
        };
        *period = days;
        Ok(self)
    }
}

impl Traeger {
    /// How long this Träger keeps things: what it chose, else what is promised, and never longer than that.
    ///
    /// # Errors
    /// The database failed.
    pub fn retention(&self) -> Result<Retention> {
        let text = self.read(|tx| setting(tx, None, SETTING))?;
        let chosen = text.map(|text| serde_json::from_str::<Retention>(&text)).transpose()?;
        Ok(chosen.unwrap_or_default().within_promise())
    }

    /// Chooses how long things are kept from the next hour on; written to the audit log.
    ///
    /// # Errors
    /// The database failed.
    pub fn choose_retention(&self, keep: Retention, who: &str, now: Timestamp) -> Result<()> {
        let after = serde_json::to_string(&keep.within_promise())?;
        let sql = "INSERT INTO setting (traeger_id, school_id, name, value) VALUES ($1, 0, $2, $3)
                   ON CONFLICT (traeger_id, school_id, name) DO UPDATE SET value = excluded.value";
        self.write(|tx| {
            let before = setting(tx, None, SETTING)?.unwrap_or_default();
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "change".to_owned(),
                subject: SETTING.to_owned(),
                before,
                after: after.clone(),
            };
            audit(tx, None, &entry)?;
            tx.execute(sql, cells![SETTING, &after]).map(drop)
        })
        .doing(|| "choose how long things are kept".to_owned())
    }
}
