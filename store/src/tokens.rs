//! Tokens by which programs read and change the book, each in a role: made, used, withdrawn.
//!
//! A token is `rundgang_MARK_SECRET`. The mark tells tokens apart and is shown; of the secret the hash alone is kept. Of
//! its use only the last day is kept, as of everything else (promise P6).

use crate::{
    bound::{bound, one_line},
    engine::Row,
    error::{Doing, Error, Problem, Result},
    register::{AuditEntry, audit},
    secrets::refuse_secret,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::{Rights, Role, Timestamp};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// How every token begins, so that one that was lost is found by those who look for lost ones.
const PREFIX: &str = "rundgang_";
/// No token is good for longer: two years.
const MOST_DAYS: i64 = 731;

/// A token, without what proves it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ApiToken {
    /// Its number.
    pub id: i64,
    /// What tells it from others; stands in the token itself.
    pub mark: String,
    /// The program that uses it; stands beside changes.
    pub name: String,
    /// What it may do, as [`Role::name`] has it.
    pub role: String,
    /// The school of a role that belongs to one.
    pub school: Option<i64>,
    /// The name under which the register knows a provider.
    pub provider: String,
    /// Since when there is this token.
    pub made_at: Timestamp,
    /// From when on it is good no longer.
    pub expires_at: Timestamp,
    /// Since when it is withdrawn.
    pub revoked_at: Option<Timestamp>,
    /// The day on which it was last used.
    pub last_used: Option<Timestamp>,
}

/// What is entered about a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewApiToken {
    /// The program that will use it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The school, where the role belongs to one.
    pub school: Option<i64>,
    /// The name under which the register knows the provider, where the role is that.
    pub provider: String,
    /// From when on it is good no longer; at most two years from now.
    pub expires_at: Timestamp,
}

const COLUMNS: &str =
    "t.id, t.mark, t.name, t.role, t.school_id, t.provider, t.made_at, t.expires_at, t.revoked_at,
                       t.last_used";

fn read(row: &Row) -> Result<ApiToken> {
    Ok(ApiToken {
        id: row.int(0)?,
        mark: row.text(1)?,
        name: row.text(2)?,
        role: row.text(3)?,
        school: row.maybe_int(4)?,
        provider: row.text(5)?,
        made_at: row.moment(6)?,
        expires_at: row.moment(7)?,
        revoked_at: row.maybe_moment(8)?,
        last_used: row.maybe_moment(9)?,
    })
}

impl ApiToken {
    /// What it may do. A token of an unknown role may do nothing, so there is none to be had.
    ///
    /// # Errors
    /// The database holds a role that this program does not know.
    pub fn rights(&self) -> Result<Rights> {
        let role =
            Role::parse(&self.role).ok_or_else(|| Error::Corrupt(format!("the role {}", self.role)))?;
        Ok(Rights { role, school: self.school, provider: self.provider.clone() })
    }

    /// Whether it lets a program in at that moment.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }

    /// The mark inside a token as a program shows it; nothing where the text is none.
    #[must_use]
    pub fn mark_in(token: &str) -> Option<&str> {
        let (mark, secret) = token.strip_prefix(PREFIX)?.split_once('_')?;
        let plain =
            |text: &str| !text.is_empty() && text.len() <= 64 && text.chars().all(char::is_alphanumeric);
        (plain(mark) && plain(secret)).then_some(mark)
    }

    fn told(&self) -> String {
        let school = self.school.map(|school| format!(", school {school}")).unwrap_or_default();
        let provider =
            if self.provider.is_empty() { String::new() } else { format!(", provider {}", self.provider) };
        format!(
            "{} ({}), {}{school}{provider}, until {}",
            self.name,
            self.mark,
            self.role,
            self.expires_at.date()
        )
    }
}

impl Traeger {
    /// Makes a token of two random texts and returns it whole: it is shown once, since only the hash is kept.
    ///
    /// # Errors
    /// A field is unfit, there is no such school, or the database failed.
    pub fn make_token(
        &self,
        new: &NewApiToken,
        random: (&str, &str),
        who: &str,
        now: Timestamp,
    ) -> Result<String> {
        let (mark, secret) = random;
        let token = format!("{PREFIX}{mark}_{secret}");
        if ApiToken::mark_in(&token) != Some(mark) {
            return Err(Error::Refused("a token is made of letters and digits".to_owned()));
        }
        let name = one_line(&new.name).split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() {
            return Err(Error::Unfit { field: "name", problem: Problem::Empty });
        }
        refuse_secret("name", &name)?;
        if new.expires_at <= now || new.expires_at > now.plus_days(MOST_DAYS) {
            return Err(Error::Unfit { field: "days", problem: Problem::NoChoice });
        }
        self.write(|tx| {
            let (school, provider) = bound(tx, new.role, new.school, &new.provider)?;
            let sql = "INSERT INTO api_token (traeger_id, mark, name, role, school_id, provider, made_at, expires_at)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id";
            let short: String = name.chars().take(60).collect();
            let row = cells![mark, &short, new.role.name(), school, &provider, now, new.expires_at];
            let id = tx.insert(sql, row)?;
            let secret = "INSERT INTO api_token_secret (traeger_id, token_id, token_hash) VALUES ($1, $2, $3)";
            tx.execute(secret, cells![id, hashed(&token)])?;
            let after = require(tx, id)?.told();
            audit(tx, None, &entry(id, "create", String::new(), after, who, now))
        })
        .doing(|| format!("make a token for {}", new.name))?;
        Ok(token)
    }

    /// Withdraws a token: from the next request on it lets nobody in.
    ///
    /// # Errors
    /// There is no such token, or the database failed.
    pub fn revoke_token(&self, id: i64, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            let before = require(tx, id)?;
            if before.revoked_at.is_some() {
                return Ok(());
            }
            let sql = "UPDATE api_token SET revoked_at = $3 WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![id, now])?;
            tx.execute("DELETE FROM api_token_secret WHERE traeger_id = $1 AND token_id = $2", cells![id])?;
            audit(tx, None, &entry(id, "delete", before.told(), String::new(), who, now))
        })
        .doing(|| format!("withdraw token {id}"))
    }

    /// Every token by name, those that are good no longer included.
    ///
    /// # Errors
    /// The database failed.
    pub fn tokens(&self) -> Result<Vec<ApiToken>> {
        let sql = format!("SELECT {COLUMNS} FROM api_token t WHERE t.traeger_id = $1 ORDER BY t.name, t.id");
        self.read(|tx| tx.list(&sql, &[], read))
    }

    /// Whether a token of this Träger has that mark and is not withdrawn.
    ///
    /// # Errors
    /// The database failed.
    pub fn has_token(&self, mark: &str) -> Result<bool> {
        let sql = "SELECT t.id FROM api_token t
                   JOIN api_token_secret s ON s.traeger_id = t.traeger_id AND s.token_id = t.id
                   WHERE t.traeger_id = $1 AND t.mark = $2";
        Ok(self.read(|tx| tx.first(sql, cells![mark], |row| row.int(0)))?.is_some())
    }

    /// The token that a program shows, if it is one of this Träger and good; its day of use is noted, once a day.
    ///
    /// # Errors
    /// The database failed.
    pub fn token_shown(&self, token: &str, now: Timestamp) -> Result<Option<ApiToken>> {
        let Some(mark) = ApiToken::mark_in(token) else { return Ok(None) };
        let sql = format!(
            "SELECT {COLUMNS} FROM api_token t
             JOIN api_token_secret s ON s.traeger_id = t.traeger_id AND s.token_id = t.id
             WHERE t.traeger_id = $1 AND t.mark = $2 AND s.token_hash = $3"
        );
        let found = self.read(|tx| tx.first(&sql, cells![mark, hashed(token)], read))?;
        let Some(found) = found.filter(|found| found.is_good(now)) else { return Ok(None) };
        let today = now.day();
        if found.last_used != Some(today) {
            let sql = "UPDATE api_token SET last_used = $3 WHERE traeger_id = $1 AND id = $2";
            self.write(|tx| tx.execute(sql, cells![found.id, today]).map(drop))?;
        }
        Ok(Some(found))
    }
}

/// A secret of 160 random bits needs no slow hash.
fn hashed(token: &str) -> String {
    Sha256::digest(token.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn entry(id: i64, what: &str, before: String, after: String, who: &str, at: Timestamp) -> AuditEntry {
    let subject = format!("token {id}");
    AuditEntry { at, who: who.to_owned(), what: what.to_owned(), subject, before, after }
}

fn require(tx: &mut Tx<'_>, id: i64) -> Result<ApiToken> {
    let sql = format!("SELECT {COLUMNS} FROM api_token t WHERE t.traeger_id = $1 AND t.id = $2");
    tx.first(&sql, cells![id], read)?.ok_or_else(|| Error::NotFound(format!("token {id}")))
}
