//! The Träger itself: giving it another name, and where it wants the reports on its mail.

use crate::{
    error::{Doing, Error, Problem, Result},
    register::{AuditEntry, audit},
    schools::{put_setting, setting},
    store::{Traeger, Tx},
};
use rundgang_inventory::{Timestamp, mail::lookup::domain_from};

/// The name of the setting.
const REPORT_ADDRESS: &str = "report-address";

impl Traeger {
    /// Gives the Träger another name and returns the one before; written to the audit log.
    ///
    /// # Errors
    /// The name is empty or another Träger's, or the database failed.
    pub fn rename(&self, name: &str, who: &str, now: Timestamp) -> Result<String> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Error::Unfit { field: "name", problem: Problem::Empty });
        }
        if name.chars().any(char::is_control) {
            return Err(Error::Refused("name: a name is one line without control characters".to_owned()));
        }
        self.write(|tx| {
            let before = tx.rename(name)?;
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "change".to_owned(),
                subject: "traeger".to_owned(),
                before: before.clone(),
                after: name.to_owned(),
            };
            audit(tx, None, &entry)?;
            Ok(before)
        })
        .doing(|| format!("rename the Träger to {name}"))
    }

    /// Where this Träger wants the reports on its mail (DMARC, TLS); none where nobody named a mailbox.
    ///
    /// # Errors
    /// The database failed.
    pub fn report_address(&self) -> Result<Option<String>> {
        self.read(report_address)
    }

    /// Names the mailbox for the reports on mail, or with an empty one takes it back; written to the audit log.
    /// What is proposed on the pages names it at once.
    ///
    /// # Errors
    /// It is no address of a mailbox, or the database failed.
    pub fn set_report_address(&self, address: &str, who: &str, now: Timestamp) -> Result<()> {
        let address = address.trim();
        let Some(after) = (if address.is_empty() { Some(String::new()) } else { mailbox(address) }) else {
            let reason = "report address: a mailbox is written as dmarc@traeger.example";
            return Err(Error::Refused(reason.to_owned()));
        };
        self.write(|tx| {
            let before = report_address(tx)?.unwrap_or_default();
            put_setting(tx, None, REPORT_ADDRESS, &after)?;
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "change".to_owned(),
                subject: REPORT_ADDRESS.to_owned(),
                before,
                after: after.clone(),
            };
            audit(tx, None, &entry)
        })
        .doing(|| "name the mailbox for reports".to_owned())?;
        self.check_all_rules(now)
    }
}

/// Where the Träger of the transaction wants the reports on its mail.
pub(crate) fn report_address(tx: &mut Tx<'_>) -> Result<Option<String>> {
    Ok(setting(tx, None, REPORT_ADDRESS)?.filter(|address| !address.is_empty()))
}

/// An address as it may stand in a DNS record: what would end the tag or the list is no part of it.
fn mailbox(text: &str) -> Option<String> {
    let (local, domain) = text.split_once('@')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let fine = !local.is_empty() && local.len() <= 64 && local.chars().all(plain);
    let domain = domain_from(domain)?;
    fine.then(|| format!("{local}@{domain}"))
}
