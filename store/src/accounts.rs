//! Accounts: who may open the book, in which role, and what proves who they are.
//!
//! The store keeps hashes and never a password; an invitation is a secret that is told once, of which only the hash is
//! kept. When somebody signed in is not kept at all (promise P6).

use crate::{
    bound::{bound, one_line},
    engine::Row,
    error::{Doing, Error, Problem, Result},
    register::{AuditEntry, audit},
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Rights, Role, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// Somebody who may open the book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Its number.
    pub id: i64,
    /// What is typed to sign in; lower case.
    pub login: String,
    /// The name that stands beside changes.
    pub name: String,
    /// What this person is to the Träger, as [`Role::name`] has it.
    pub role: String,
    /// The own school of somebody who belongs to one.
    pub school: Option<i64>,
    /// The name under which the register knows a provider.
    pub provider: String,
    /// Since when there is this account.
    pub added_at: Timestamp,
    /// Since when it is closed.
    pub closed_at: Option<Timestamp>,
    /// Whether a password was chosen.
    pub has_password: bool,
    /// Whether a second factor is asked for.
    pub has_second_factor: bool,
    /// Until when an invitation can be followed.
    pub invited_until: Option<Timestamp>,
    /// Sessions that were opened before are over: the account was closed, or has another password.
    #[serde(skip)]
    pub sessions_from: Timestamp,
}

/// What is entered about an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAccount {
    /// What is typed to sign in: 3 to 60 letters, digits, `.`, `_`, `-`, `@`.
    pub login: String,
    /// The name that stands beside changes.
    pub name: String,
    /// What this person is to the Träger.
    pub role: Role,
    /// The school, where the role belongs to one.
    pub school: Option<i64>,
    /// The name under which the register knows the provider, where the role is that.
    pub provider: String,
}

/// What a sign-in is checked against.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Whose they are.
    pub account: Account,
    /// The hash of the password in PHC form; empty before one was chosen.
    pub password_hash: String,
    /// The secret of the second factor in base 32; empty where there is none.
    pub totp_secret: String,
}

const COLUMNS: &str = "a.id, a.login, a.name, a.role, a.school_id, a.provider, a.added_at, a.closed_at,
                       s.invited_until, s.password_hash, s.totp_secret, a.sessions_from";
const TABLES: &str = "account a JOIN account_secret s ON s.account_id = a.id AND s.traeger_id = a.traeger_id";

impl Account {
    /// What this person may do. An account of an unknown role may do nothing, so there is none to be had.
    ///
    /// # Errors
    /// The database holds a role that this program does not know.
    pub fn rights(&self) -> Result<Rights> {
        let role =
            Role::parse(&self.role).ok_or_else(|| Error::Corrupt(format!("the role {}", self.role)))?;
        Ok(Rights { role, school: self.school, provider: self.provider.clone() })
    }

    fn told(&self) -> String {
        let school = self.school.map(|school| format!(", school {school}")).unwrap_or_default();
        let provider =
            if self.provider.is_empty() { String::new() } else { format!(", provider {}", self.provider) };
        let closed = if self.closed_at.is_some() { ", closed" } else { "" };
        format!("{} ({}), {}{school}{provider}{closed}", self.name, self.login, self.role)
    }
}

impl Traeger {
    /// Opens an account, without any way to sign in yet: that comes with [`Traeger::invite_account`].
    ///
    /// # Errors
    /// A field is unfit, the name to sign in is taken, there is no such school, or the database failed.
    pub fn open_account(&self, new: &NewAccount, who: &str, now: Timestamp) -> Result<i64> {
        self.write(|tx| {
            let new = sound(tx, new)?;
            let sql = "INSERT INTO account (traeger_id, login, name, role, school_id, provider, added_at)
                       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (traeger_id, login) DO NOTHING
                       RETURNING id";
            let row = cells![&new.login, &new.name, new.role.name(), new.school, &new.provider, now];
            // Whoever else opens one under that name at this moment is seen here, and not before.
            let Some(id) = tx.first(sql, row, |row| row.int(0))? else {
                return Err(Error::Unfit { field: "login", problem: Problem::Taken });
            };
            tx.execute("INSERT INTO account_secret (traeger_id, account_id) VALUES ($1, $2)", cells![id])?;
            note(tx, id, "create", String::new(), who, now)?;
            Ok(id)
        })
        .doing(|| format!("open an account for {}", new.login))
    }

    /// Changes name, role, school or provider of an account; it holds from the next page on.
    ///
    /// # Errors
    /// As [`Traeger::open_account`], or there is no such account.
    pub fn change_account(&self, id: i64, new: &NewAccount, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            let new = sound(tx, new)?;
            let before = require(tx, id)?.told();
            if by_login(tx, &new.login)?.is_some_and(|other| other.account.id != id) {
                return Err(Error::Unfit { field: "login", problem: Problem::Taken });
            }
            let sql = "UPDATE account SET login = $3, name = $4, role = $5, school_id = $6, provider = $7
                       WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![id, &new.login, &new.name, new.role.name(), new.school, &new.provider])?;
            note(tx, id, "change", before, who, now)
        })
        .doing(|| format!("change account {id}"))
    }

    /// Closes an account, or opens it again. A closed one lets nobody in, and an invitation to it ends.
    ///
    /// # Errors
    /// There is no such account, or the database failed.
    pub fn close_account(&self, id: i64, closed: bool, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            let before = require(tx, id)?.told();
            let sql = "UPDATE account SET closed_at = $3 WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![id, closed.then_some(now)])?;
            forget_invitation(tx, id)?;
            // Opened again, it lets nobody in who was in before: perhaps that is why it was closed.
            end_sessions(tx, id, now)?;
            note(tx, id, "change", before, who, now)
        })
        .doing(|| format!("close or open account {id}"))
    }

    /// Deletes a closed account with all that was kept of it; the audit log names it until its own time is over.
    ///
    /// # Errors
    /// There is no such account, it is open, or the database failed.
    pub fn remove_account(&self, id: i64, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            let account = require(tx, id)?;
            if account.closed_at.is_none() {
                return Err(Error::Refused(format!("account {} is open: close it first", account.login)));
            }
            let before = account.told();
            for table in ["account_secret", "account_mail", "account_identity"] {
                let sql = format!("DELETE FROM {table} WHERE traeger_id = $1 AND account_id = $2");
                tx.execute(&sql, cells![id])?;
            }
            tx.execute("DELETE FROM account WHERE traeger_id = $1 AND id = $2", cells![id])?;
            audit(tx, None, &entry(id, "delete", before, String::new(), who, now))
        })
        .doing(|| format!("delete account {id}"))
    }

    /// Every account by the name to sign in.
    ///
    /// # Errors
    /// The database failed.
    pub fn accounts(&self) -> Result<Vec<Account>> {
        let sql = format!("SELECT {COLUMNS} FROM {TABLES} WHERE a.traeger_id = $1 ORDER BY a.login");
        self.read(|tx| tx.list(&sql, &[], |row| Ok(read(row)?.account)))
    }

    /// An account that is open, for the one who signed in with it.
    ///
    /// # Errors
    /// There is none, it is closed, or the database failed.
    pub fn open_account_of(&self, id: i64) -> Result<Account> {
        self.read(|tx| require(tx, id)).and_then(|account| {
            if account.closed_at.is_some() {
                Err(Error::NotFound(format!("account {id}")))
            } else {
                Ok(account)
            }
        })
    }

    /// What a sign-in under a name is checked against; nothing where there is no such account or it is closed.
    ///
    /// # Errors
    /// The database failed.
    pub fn credentials(&self, login: &str) -> Result<Option<Credentials>> {
        let found = self.read(|tx| by_login(tx, &login.trim().to_lowercase()))?;
        Ok(found.filter(|found| found.account.closed_at.is_none()))
    }

    /// Keeps the hash of a secret by which the person chooses a password, until a moment. An earlier invitation
    /// ends; the password and the second factor hold until it is followed.
    ///
    /// # Errors
    /// There is no such account, it is closed, or the database failed.
    pub fn invite_account(
        &self,
        id: i64,
        secret: &str,
        until: Timestamp,
        who: &str,
        now: Timestamp,
    ) -> Result<Account> {
        self.write(|tx| {
            let account = require(tx, id)?;
            if account.closed_at.is_some() {
                return Err(Error::Refused(format!("account {} is closed: open it first", account.login)));
            }
            let sql = "UPDATE account_secret SET invitation_hash = $3, invited_until = $4
                       WHERE traeger_id = $1 AND account_id = $2";
            tx.execute(sql, cells![id, hashed(secret), until])?;
            audit(tx, None, &entry(id, "invite", String::new(), account.told(), who, now))?;
            require(tx, id)
        })
        .doing(|| format!("invite account {id}"))
    }

    /// Whom a secret invites, while its invitation can be followed.
    ///
    /// # Errors
    /// The database failed.
    pub fn invited_account(&self, secret: &str, now: Timestamp) -> Result<Option<Account>> {
        self.read(|tx| invited(tx, &hashed(secret), now))
    }

    /// Follows an invitation: keeps the hash of the chosen password, takes a second factor of before away, and ends
    /// the invitation. Of several who follow it at once, one succeeds.
    ///
    /// # Errors
    /// There is no such invitation, or the database failed.
    pub fn accept_account(&self, secret: &str, password_hash: &str, now: Timestamp) -> Result<Account> {
        let hash = &hashed(secret);
        self.write(|tx| {
            let Some(account) = invited(tx, hash, now)? else {
                return Err(Error::NotFound("such an invitation".to_owned()));
            };
            let sql = "UPDATE account_secret SET password_hash = $3, totp_secret = '',
                       invitation_hash = '', invited_until = NULL
                       WHERE traeger_id = $1 AND account_id = $2 AND invitation_hash = $4";
            if tx.execute(sql, cells![account.id, password_hash, hash])? != 1 {
                return Err(Error::NotFound("such an invitation".to_owned()));
            }
            end_sessions(tx, account.id, now)?;
            let text = "password chosen".to_owned();
            audit(tx, None, &entry(account.id, "change", String::new(), text, &account.name, now))?;
            Ok(account)
        })
        .doing(|| "follow an invitation".to_owned())
    }

    /// Keeps the hash of another password.
    ///
    /// # Errors
    /// There is no such account, or the database failed.
    pub fn set_password_hash(&self, id: i64, password_hash: &str, now: Timestamp) -> Result<()> {
        let sql = "UPDATE account_secret SET password_hash = $3 WHERE traeger_id = $1 AND account_id = $2";
        self.write(|tx| {
            let account = require(tx, id)?;
            tx.execute(sql, cells![id, password_hash])?;
            end_sessions(tx, id, now)?;
            let text = "password changed".to_owned();
            audit(tx, None, &entry(id, "change", String::new(), text, &account.name, now))
        })
        .doing(|| format!("change the password of account {id}"))
    }

    /// Asks for a second factor from now on, with its secret in base 32, or with an empty one no longer.
    ///
    /// # Errors
    /// There is no such account, or the database failed.
    pub fn set_second_factor(&self, id: i64, secret: &str, now: Timestamp) -> Result<()> {
        let sql = "UPDATE account_secret SET totp_secret = $3
                   WHERE traeger_id = $1 AND account_id = $2";
        self.write(|tx| {
            let account = require(tx, id)?;
            tx.execute(sql, cells![id, secret])?;
            let text = if secret.is_empty() { "second factor removed" } else { "second factor set up" };
            audit(tx, None, &entry(id, "change", String::new(), text.to_owned(), &account.name, now))
        })
        .doing(|| format!("set the second factor of account {id}"))
    }
}

/// A secret of 160 random bits needs no slow hash.
fn hashed(secret: &str) -> String {
    Sha256::digest(secret.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub(crate) fn entry(
    id: i64,
    what: &str,
    before: String,
    after: String,
    who: &str,
    at: Timestamp,
) -> AuditEntry {
    let subject = format!("account {id}");
    AuditEntry { at, who: who.to_owned(), what: what.to_owned(), subject, before, after }
}

/// Notes in the audit log what an account is now.
fn note(tx: &mut Tx<'_>, id: i64, what: &str, before: String, who: &str, now: Timestamp) -> Result<()> {
    let after = require(tx, id)?.told();
    audit(tx, None, &entry(id, what, before, after, who, now))
}

/// Ends every session that was opened before.
pub(crate) fn end_sessions(tx: &mut Tx<'_>, id: i64, now: Timestamp) -> Result<()> {
    let sql = "UPDATE account SET sessions_from = $3 WHERE traeger_id = $1 AND id = $2";
    tx.execute(sql, cells![id, now]).map(drop)
}

fn forget_invitation(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    let sql = "UPDATE account_secret SET invitation_hash = '', invited_until = NULL
               WHERE traeger_id = $1 AND account_id = $2";
    tx.execute(sql, cells![id]).map(drop)
}

fn read(row: &Row) -> Result<Credentials> {
    Ok(Credentials {
        account: Account {
            id: row.int(0)?,
            login: row.text(1)?,
            name: row.text(2)?,
            role: row.text(3)?,
            school: row.maybe_int(4)?,
            provider: row.text(5)?,
            added_at: row.moment(6)?,
            closed_at: row.maybe_moment(7)?,
            has_password: !row.text_ref(9)?.is_empty(),
            has_second_factor: !row.text_ref(10)?.is_empty(),
            invited_until: row.maybe_moment(8)?,
            sessions_from: row.moment(11)?,
        },
        password_hash: row.text(9)?,
        totp_secret: row.text(10)?,
    })
}

fn one(tx: &mut Tx<'_>, condition: &str, parameters: &[crate::Cell]) -> Result<Option<Credentials>> {
    tx.first(
        &format!("SELECT {COLUMNS} FROM {TABLES} WHERE a.traeger_id = $1 AND {condition}"),
        parameters,
        read,
    )
}

fn by_login(tx: &mut Tx<'_>, login: &str) -> Result<Option<Credentials>> {
    one(tx, "a.login = $2", cells![login])
}

pub(crate) fn require(tx: &mut Tx<'_>, id: i64) -> Result<Account> {
    let found = one(tx, "a.id = $2", cells![id])?;
    found.map(|found| found.account).ok_or_else(|| Error::NotFound(format!("account {id}")))
}

fn invited(tx: &mut Tx<'_>, hash: &str, now: Timestamp) -> Result<Option<Account>> {
    let condition = "s.invitation_hash = $2 AND s.invited_until > $3 AND a.closed_at IS NULL";
    Ok(one(tx, condition, cells![hash, now])?.map(|found| found.account))
}

/// The account as it is kept: trimmed, the name to sign in in lower case, and bound to what its role needs alone.
fn sound(tx: &mut Tx<'_>, new: &NewAccount) -> Result<NewAccount> {
    let (login, name) = (one_line(&new.login).to_lowercase(), one_line(&new.name));
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if !(3..=60).contains(&login.chars().count()) || !login.chars().all(fits) {
        return Err(Error::Unfit { field: "login", problem: Problem::NoLogin });
    }
    if name.is_empty() {
        return Err(Error::Unfit { field: "name", problem: Problem::Empty });
    }
    let (school, provider) = bound(tx, new.role, new.school, &new.provider)?;
    Ok(NewAccount { login, name: name.chars().take(60).collect(), role: new.role, school, provider })
}
