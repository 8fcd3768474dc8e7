//! What the Träger sends by itself once a week: how (settings), to whom, and what was sent. Reminders of surveys leave the
//! same way.
//!
//! A row of `dispatch` stands before anything leaves, so that a letter goes out at most once a week whatever breaks: a
//! collector that ends in the middle leaves the row as it is, and nobody sends again that week.

use crate::{
    engine::Row,
    error::{Doing, Error, Problem, Result},
    register::{AuditEntry, audit},
    schools::{put_setting, setting},
    store::{Traeger, cells},
};
use rundgang_inventory::Timestamp;
use serde::{Deserialize, Serialize};

/// The name of the setting.
const SETTING: &str = "post";
/// So often one letter is tried in a week: once an hour, for a day.
const MOST_TRIES: i64 = 24;

/// How mail and messages leave. Passwords are in files beside the book; here stand their names alone (promise P9).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PostSettings {
    /// The mail server; no mail leaves without one.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `tls` from the first byte, `starttls`, or `none`, which is for this machine alone.
    pub security: String,
    /// The name to sign in with; empty where the server asks for none.
    pub user: String,
    /// The file with the password, by its name in the folder of secrets.
    pub password_file: String,
    /// The sender.
    pub from: String,
    /// Where the pages are, for links: `https://rundgang.kreis.example`.
    pub pages: String,
    /// Where a message for programs goes: HTTPS, or HTTP to this machine.
    pub webhook: String,
    /// The file with the key that signs it, by its name in the folder of secrets.
    pub webhook_key_file: String,
}

/// Somebody who gets the weekly mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// The account.
    pub account: i64,
    /// The mailbox.
    pub address: String,
    /// The language, as its code.
    pub language: String,
    /// What the person is, as `Role::name` has it.
    pub role: String,
    /// The own school of somebody who belongs to one.
    pub school: Option<i64>,
    /// The name under which the register knows a provider.
    pub provider: String,
}

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dispatch {
    /// The weekly mail to an account.
    Digest(i64),
    /// The message for programs.
    Webhook,
}

/// What became of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It was taken.
    Taken,
    /// There was nothing to tell.
    Quiet,
    /// It surely was not; it is tried again in an hour.
    Later(String),
    /// It surely was not, and trying again would not help; next week.
    Refused(String),
    /// Nobody knows; it is not sent twice.
    Unknown(String),
}

/// What was last sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dispatched {
    /// `digest`, `webhook`, or `reminder` of a survey.
    pub kind: String,
    /// The account; of a reminder the school; 0 for the message for programs.
    pub recipient: i64,
    /// The Monday of the week; of a reminder the day.
    pub week: String,
    /// `sending`, `taken`, `quiet`, `later`, `refused`, `unknown`.
    pub state: String,
    /// How often it was tried.
    pub tries: i64,
    /// When it was last tried.
    pub at: Timestamp,
    /// What the other side said.
    pub told: String,
}

impl Dispatch {
    const fn row(self) -> (&'static str, i64) {
        match self {
            Self::Digest(account) => ("digest", account),
            Self::Webhook => ("webhook", 0),
        }
    }
}

impl Sent {
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Taken => "taken",
            Self::Quiet => "quiet",
            Self::Later(_) => "later",
            Self::Refused(_) => "refused",
            Self::Unknown(_) => "unknown",
        }
    }

    pub(crate) fn told(&self) -> String {
        match self {
            Self::Taken | Self::Quiet => String::new(),
            Self::Later(told) | Self::Refused(told) | Self::Unknown(told) => {
                told.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect()
            }
        }
    }
}

/// Whether a host is this machine, by its name.
#[must_use]
pub fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl PostSettings {
    /// Host and path of the message's address, if it may be sent there: `https://HOST/PATH`, or `http://` to this machine.
    #[must_use]
    pub fn webhook_fits(&self) -> bool {
        let Some((scheme, rest)) = self.webhook.split_once("://") else { return false };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => host,
            _ => authority,
        };
        let plain = !authority.is_empty()
            && !authority.contains('@')
            && self.webhook.chars().all(|c| c.is_ascii_graphic());
        plain && (scheme == "https" || (scheme == "http" && is_this_machine(host)))
    }

    fn check(&self) -> Result<()> {
        let unfit = |field| Err(Error::Unfit { field, problem: Problem::NoChoice });
        let plain = |text: &str| text.len() <= 200 && text.chars().all(|c| c.is_ascii_graphic());
        let is_file = crate::secrets::is_file_name;
        let is_host = |host: &str| {
            plain(host)
                && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_'))
        };
        if !self.host.is_empty() {
            if !is_host(&self.host) {
                return unfit("host");
            }
            let is_own = is_this_machine(&self.host);
            if self.port == 0 {
                return unfit("port");
            }
            // Away from this machine nothing leaves in the clear.
            let may = match self.security.as_str() {
                "tls" | "starttls" => true,
                "none" => is_own,
                _ => false,
            };
            if !may {
                return unfit("security");
            }
            if !is_mailbox(&self.from) {
                return unfit("from");
            }
            if self.user.is_empty() != self.password_file.is_empty() {
                return Err(Error::Unfit { field: "password_file", problem: Problem::Empty });
            }
        }
        if !plain(&self.user) {
            return unfit("user");
        }
        if !is_file(&self.password_file) {
            return unfit("password_file");
        }
        if !is_file(&self.webhook_key_file) {
            return unfit("webhook_key_file");
        }
        if !self.webhook.is_empty() {
            if !self.webhook_fits() {
                return unfit("webhook");
            }
            if self.webhook_key_file.is_empty() {
                return Err(Error::Unfit { field: "webhook_key_file", problem: Problem::Empty });
            }
        }
        let is_site = self.pages.starts_with("https://") || self.pages.starts_with("http://");
        let fits = is_site && plain(&self.pages);
        if !self.pages.is_empty() && !fits {
            return unfit("pages");
        }
        Ok(())
    }
}

/// Whether a text is the address of one mailbox, as far as can be told without asking.
fn is_mailbox(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    text.rsplit_once('@').is_some_and(|(local, domain)| {
        let is_domain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        !local.is_empty()
            && local.len() <= 64
            && local.chars().all(fits)
            && !domain.is_empty()
            && domain.len() <= 253
            && domain.chars().all(is_domain)
    })
}

impl Traeger {
    /// How mail and messages leave.
    ///
    /// # Errors
    /// The database failed.
    pub fn post_settings(&self) -> Result<PostSettings> {
        let text = self.read(|tx| setting(tx, None, SETTING))?;
        Ok(text.map(|text| serde_json::from_str(&text)).transpose()?.unwrap_or_default())
    }

    /// Says how mail and messages leave; written to the audit log.
    ///
    /// # Errors
    /// A field is unfit, or the database failed.
    pub fn set_post_settings(&self, new: &PostSettings, who: &str, now: Timestamp) -> Result<()> {
        new.check()?;
        let after = serde_json::to_string(new)?;
        self.write(|tx| {
            let before = setting(tx, None, SETTING)?.unwrap_or_default();
            put_setting(tx, None, SETTING, &after)?;
            audit(tx, None, &entry(SETTING.to_owned(), before, after.clone(), who, now))
        })
        .doing(|| "say how mail leaves".to_owned())
    }

    /// Where an account gets the weekly mail, and in which language; `None` where it gets none.
    ///
    /// # Errors
    /// The database failed.
    pub fn weekly_mail(&self, account: i64) -> Result<Option<(String, String)>> {
        let sql = "SELECT address, language FROM account_mail WHERE traeger_id = $1 AND account_id = $2";
        self.read(|tx| tx.first(sql, cells![account], |row| Ok((row.text(0)?, row.text(1)?))))
    }

    /// Says where an account gets the weekly mail; with an empty address none any more. Its holder's own choice.
    ///
    /// # Errors
    /// It is no address of a mailbox, there is no such account, or the database failed.
    pub fn set_weekly_mail(
        &self,
        account: i64,
        address: &str,
        language: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<()> {
        let address = address.trim();
        if !address.is_empty() && !is_mailbox(address) {
            return Err(Error::Unfit { field: "address", problem: Problem::NoChoice });
        }
        self.open_account_of(account)?;
        let told = if address.is_empty() { "weekly mail ended" } else { "weekly mail wanted" };
        self.write(|tx| {
            tx.execute(
                "DELETE FROM account_mail WHERE traeger_id = $1 AND account_id = $2",
                cells![account],
            )?;
            if !address.is_empty() {
                let sql = "INSERT INTO account_mail (traeger_id, account_id, address, language)
                           VALUES ($1, $2, $3, $4)";
                tx.execute(sql, cells![account, address, language])?;
            }
            audit(tx, None, &entry(format!("account {account}"), String::new(), told.to_owned(), who, now))
        })
        .doing(|| "say where the weekly mail goes".to_owned())
    }

    /// Everybody who gets the weekly mail: open accounts that asked for it.
    ///
    /// # Errors
    /// The database failed.
    pub fn weekly_recipients(&self) -> Result<Vec<Recipient>> {
        let sql = "SELECT a.id, m.address, m.language, a.role, a.school_id, a.provider FROM account_mail m
                   JOIN account a ON a.traeger_id = m.traeger_id AND a.id = m.account_id
                   WHERE m.traeger_id = $1 AND a.closed_at IS NULL ORDER BY a.id";
        self.read(|tx| {
            tx.list(sql, &[], |row| {
                Ok(Recipient {
                    account: row.int(0)?,
                    address: row.text(1)?,
                    language: row.text(2)?,
                    role: row.text(3)?,
                    school: row.maybe_int(4)?,
                    provider: row.text(5)?,
                })
            })
        })
    }

    /// Takes it upon oneself to send something of a week. Of several collectors, and of several turns, one succeeds, and
    /// after that nobody unless it surely was not sent.
    ///
    /// # Errors
    /// The database failed.
    pub fn claim(&self, what: Dispatch, week: &str, now: Timestamp) -> Result<bool> {
        let (kind, recipient) = what.row();
        let sql = "INSERT INTO dispatch (traeger_id, kind, recipient, week, state, tries, at)
                   VALUES ($1, $2, $3, $4, 'sending', 1, $5)
                   ON CONFLICT (traeger_id, kind, recipient, week)
                   DO UPDATE SET state = 'sending', tries = dispatch.tries + 1, at = excluded.at
                   WHERE dispatch.state = 'later' AND dispatch.tries < $6 RETURNING id";
        let row = cells![kind, recipient, week, now, MOST_TRIES];
        Ok(self.write(|tx| tx.first(sql, row, |row| row.int(0)))?.is_some())
    }

    /// Notes what became of something that was claimed.
    ///
    /// # Errors
    /// The database failed.
    pub fn note_sent(&self, what: Dispatch, week: &str, sent: &Sent) -> Result<()> {
        let (kind, recipient) = what.row();
        let sql = "UPDATE dispatch SET state = $5, told = $6
                   WHERE traeger_id = $1 AND kind = $2 AND recipient = $3 AND week = $4";
        self.write(|tx| tx.execute(sql, cells![kind, recipient, week, sent.name(), sent.told()]).map(drop))
    }

    /// When something was last taken; what is new since then is what the next one tells.
    ///
    /// # Errors
    /// The database failed.
    pub fn last_taken(&self, what: Dispatch) -> Result<Option<Timestamp>> {
        let (kind, recipient) = what.row();
        let sql = "SELECT MAX(at) FROM dispatch
                   WHERE traeger_id = $1 AND kind = $2 AND recipient = $3 AND state IN ('taken', 'quiet')";
        Ok(self.read(|tx| tx.first(sql, cells![kind, recipient], |row| row.maybe_moment(0)))?.flatten())
    }

    /// What was sent, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn dispatches(&self, limit: i64) -> Result<Vec<Dispatched>> {
        let sql = "SELECT kind, recipient, week, state, tries, at, told FROM dispatch
                   WHERE traeger_id = $1 ORDER BY at DESC, id DESC LIMIT $2";
        self.read(|tx| tx.list(sql, cells![limit], dispatched))
    }
}

fn dispatched(row: &Row) -> Result<Dispatched> {
    Ok(Dispatched {
        kind: row.text(0)?,
        recipient: row.int(1)?,
        week: row.text(2)?,
        state: row.text(3)?,
        tries: row.int(4)?,
        at: row.moment(5)?,
        told: row.text(6)?,
    })
}

fn entry(subject: String, before: String, after: String, who: &str, at: Timestamp) -> AuditEntry {
    AuditEntry { at, who: who.to_owned(), what: "change".to_owned(), subject, before, after }
}
