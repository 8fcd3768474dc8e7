//! Signing in by a provider of identities (OpenID Connect): where it is, and whom it may prove. An account is never made
//! by it: an administrator names the account, and what it may do stays written here (promise P11).

use crate::{
    accounts::{Account, entry, require},
    error::{Doing, Error, Problem, Result},
    register::{AuditEntry, audit},
    schools::{put_setting, setting},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The name of the setting.
const SETTING: &str = "sign-in";
/// Letters of a subject (OpenID Connect Core section 2).
const LONGEST_SUBJECT: usize = 255;

/// Where people may prove who they are, beside the accounts' own passwords.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignInSettings {
    /// The issuer, as its tokens name it: `https://…`; empty where there is none.
    pub issuer: String,
    /// The name of this collector there.
    pub client: String,
    /// The file with the secret of that name, in the Träger's folder of secrets; empty for a public client.
    pub secret_file: String,
    /// What people call it: the words on the button.
    pub name: String,
}

/// By whom an account is proven.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// The issuer; empty while nobody has come.
    pub issuer: String,
    /// The subject at that issuer.
    pub subject: String,
    /// The verified mail address that is awaited; empty once its holder has come.
    pub email: String,
}

impl Identity {
    /// Whether somebody whom this issuer proves signs in with the account; a link to another issuer lets nobody in.
    #[must_use]
    pub fn is_linked_at(&self, issuer: &str) -> bool {
        !issuer.is_empty() && self.issuer == issuer && !self.subject.is_empty()
    }
}

/// Whom a provider's word lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// The open account of somebody.
    Account(Account),
    /// The account that is linked to them is closed.
    Closed,
    /// No account is linked to them.
    Nobody,
}

impl SignInSettings {
    /// Whether there is a provider.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        !self.issuer.is_empty()
    }

    fn check(&self) -> Result<()> {
        let unfit = |field, problem| Err(Error::Unfit { field, problem });
        if !self.is_set() {
            return Ok(());
        }
        let plain = |text: &str| text.len() <= 300 && text.chars().all(|c| c.is_ascii_graphic());
        let host = self.issuer.strip_prefix("https://").and_then(|rest| rest.split('/').next());
        let is_host = host.is_some_and(|host| !host.is_empty() && !host.contains(['@', '?', '#']));
        // An issuer has no query and no fragment (OpenID Connect Discovery section 3).
        if !is_host || !plain(&self.issuer) || self.issuer.contains(['?', '#']) {
            return unfit("issuer", Problem::NoChoice);
        }
        if self.client.is_empty() || !plain(&self.client) {
            return unfit("client", Problem::Empty);
        }
        if !crate::secrets::is_file_name(&self.secret_file) {
            return unfit("secret_file", Problem::NoChoice);
        }
        let name = self.name.trim();
        if name.is_empty() || name.chars().count() > 60 || name.chars().any(char::is_control) {
            return unfit("name", Problem::Empty);
        }
        Ok(())
    }
}

impl Traeger {
    /// Where people may prove who they are.
    ///
    /// # Errors
    /// The database failed.
    pub fn sign_in_settings(&self) -> Result<SignInSettings> {
        let text = self.read(|tx| setting(tx, None, SETTING))?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
    }

    /// Says where people may prove who they are; with an empty issuer nowhere else any more. Written to the audit log.
    ///
    /// # Errors
    /// A field is unfit, or the database failed.
    pub fn set_sign_in_settings(&self, new: &SignInSettings, who: &str, now: Timestamp) -> Result<()> {
        new.check()?;
        let after = serde_json::to_string(new)?;
        self.write(|tx| {
            let before = setting(tx, None, SETTING)?.unwrap_or_default();
            put_setting(tx, None, SETTING, &after)?;
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "change".to_owned(),
                subject: SETTING.to_owned(),
                before,
                after: after.clone(),
            };
            audit(tx, None, &entry)
        })
        .doing(|| "say where people sign in".to_owned())
    }

    /// Lets whoever has this mail address at the provider, verified there, sign in with an account; what was linked to it
    /// before is forgotten, and sessions end. With an empty address nobody signs in with it that way any more.
    ///
    /// # Errors
    /// There is no such account, it is no address, another account awaits it, or the database failed.
    pub fn await_identity(&self, account: i64, email: &str, who: &str, now: Timestamp) -> Result<()> {
        let email = one_case(email.trim());
        let is_one =
            email.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'));
        if !email.is_empty() && (!is_one || email.len() > 254 || !email.chars().all(|c| c.is_ascii_graphic()))
        {
            return Err(Error::Unfit { field: "email", problem: Problem::NoChoice });
        }
        self.write(|tx| {
            let other = "SELECT account_id FROM account_identity
                         WHERE traeger_id = $1 AND email = $2 AND email <> '' AND account_id <> $3";
            if tx.first(other, cells![&email, account], |row| row.int(0))?.is_some() {
                return Err(Error::Unfit { field: "email", problem: Problem::Taken });
            }
            forget(tx, account)?;
            if !email.is_empty() {
                let sql = "INSERT INTO account_identity (traeger_id, account_id, email) VALUES ($1, $2, $3)";
                tx.execute(sql, cells![account, &email])?;
            }
            let told = if email.is_empty() { "no provider".to_owned() } else { format!("awaits {email}") };
            noted(tx, account, &told, who, now)
        })
        .doing(|| format!("say by whom account {account} is proven"))
    }

    /// Links an account to a subject that an administrator knows.
    ///
    /// # Errors
    /// There is no such account, the subject is none or another account's, no provider is named, or the database failed.
    pub fn link_identity(&self, account: i64, subject: &str, who: &str, now: Timestamp) -> Result<()> {
        let issuer = self.sign_in_settings()?.issuer;
        if issuer.is_empty() {
            return Err(Error::Refused("no provider is named yet".to_owned()));
        }
        if subject.is_empty() || subject.len() > LONGEST_SUBJECT || subject.chars().any(char::is_control) {
            return Err(Error::Unfit { field: "subject", problem: Problem::Empty });
        }
        self.write(|tx| {
            let other = by_subject(tx, &issuer, subject)?.is_some_and(|other| other != account);
            if other {
                return Err(Error::Unfit { field: "subject", problem: Problem::Taken });
            }
            forget(tx, account)?;
            let sql = "INSERT INTO account_identity (traeger_id, account_id, issuer, subject, linked_at)
                       VALUES ($1, $2, $3, $4, $5)";
            tx.execute(sql, cells![account, &issuer, subject, now])?;
            noted(tx, account, &format!("linked to {subject}"), who, now)
        })
        .doing(|| format!("link account {account}"))
    }

    /// By whom each account is proven.
    ///
    /// # Errors
    /// The database failed.
    pub fn identities(&self) -> Result<BTreeMap<i64, Identity>> {
        let sql = "SELECT account_id, issuer, subject, email FROM account_identity WHERE traeger_id = $1";
        let rows = self.read(|tx| {
            tx.list(sql, &[], |row| {
                let identity = Identity { issuer: row.text(1)?, subject: row.text(2)?, email: row.text(3)? };
                Ok((row.int(0)?, identity))
            })
        })?;
        Ok(rows.into_iter().collect())
    }

    /// The open account of somebody whom the provider has proven: the one that is linked to the subject, else the one that
    /// awaits the mail address, which is linked by that. Nobody else gets one.
    ///
    /// # Errors
    /// The database failed.
    pub fn account_of_identity(
        &self,
        issuer: &str,
        subject: &str,
        verified_email: Option<&str>,
        now: Timestamp,
    ) -> Result<Admitted> {
        let email = verified_email.map(one_case).filter(|email| !email.is_empty());
        self.write(|tx| {
            let linked = by_subject(tx, issuer, subject)?;
            let found = match (linked, &email) {
                (Some(account), _) => Some(account),
                (None, Some(email)) => come(tx, issuer, subject, email, now)?,
                (None, None) => None,
            };
            let Some(account) = found else { return Ok(Admitted::Nobody) };
            let account = require(tx, account)?;
            Ok(if account.closed_at.is_none() { Admitted::Account(account) } else { Admitted::Closed })
        })
        .doing(|| "find the account of somebody who was proven".to_owned())
    }
}

/// A mail address as it is compared: ASCII letters in one case, and nothing else folded. The lower case of other letters may
/// be an ASCII one (the sign for kelvin becomes a k), and so another mailbox's.
fn one_case(email: &str) -> String {
    email.to_ascii_lowercase()
}

fn by_subject(tx: &mut Tx<'_>, issuer: &str, subject: &str) -> Result<Option<i64>> {
    let sql = "SELECT account_id FROM account_identity
               WHERE traeger_id = $1 AND issuer = $2 AND subject = $3 AND subject <> ''";
    tx.first(sql, cells![issuer, subject], |row| row.int(0))
}

/// Links the account that awaits a mail address to the subject that has it, and forgets the address. A closed account
/// stays as it is.
fn come(tx: &mut Tx<'_>, issuer: &str, subject: &str, email: &str, now: Timestamp) -> Result<Option<i64>> {
    let sql = "SELECT i.account_id FROM account_identity i JOIN account a ON a.id = i.account_id
               WHERE i.traeger_id = $1 AND i.email = $2 AND a.traeger_id = $1 AND a.closed_at IS NULL";
    let Some(account) = tx.first(sql, cells![email], |row| row.int(0))? else { return Ok(None) };
    let sql = "UPDATE account_identity SET issuer = $3, subject = $4, email = '', linked_at = $5
               WHERE traeger_id = $1 AND account_id = $2";
    tx.execute(sql, cells![account, issuer, subject, now])?;
    let name = require(tx, account)?.name;
    let told = format!("linked to {subject}");
    audit(tx, None, &entry(account, "change", String::new(), told, &name, now))?;
    Ok(Some(account))
}

pub(crate) fn forget(tx: &mut Tx<'_>, account: i64) -> Result<()> {
    let sql = "DELETE FROM account_identity WHERE traeger_id = $1 AND account_id = $2";
    tx.execute(sql, cells![account]).map(drop)
}

/// Ends what was opened with the account before, and writes down what holds now.
fn noted(tx: &mut Tx<'_>, account: i64, told: &str, who: &str, now: Timestamp) -> Result<()> {
    require(tx, account)?;
    crate::accounts::end_sessions(tx, account, now)?;
    audit(tx, None, &entry(account, "change", String::new(), told.to_owned(), who, now))
}
