//! Questions about a system that were passed on to whom it concerns: to whom, until when an answer is due, what came of
//! it. The mail itself leaves from the writer's own mail program; here stands that it was asked.

use crate::{
    engine::Row,
    error::{Doing, Error, Problem, Result, require_version},
    register::{AuditEntry, audit},
    secrets::refuse_texts,
    store::{Traeger, Tx, cells},
};
use rundgang_inventory::Timestamp;
use serde::{Deserialize, Serialize};

/// Letters of a name or an address.
const LONGEST: usize = 300;
/// Letters of a question or an answer.
const LONGEST_TEXT: usize = 4000;
/// The farthest day for an answer: three years.
const FARTHEST: i64 = 3 * 366;
/// Answered questions that a page shows beside the open ones.
pub const LATEST_ANSWERED: usize = 50;

/// A question that is about to be passed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewQuestion {
    /// The documented system that it is about.
    pub system: i64,
    /// To whom, as a function or a firm: "Kreis IT, Hotline".
    pub whom: String,
    /// The mail address; empty where it is asked by telephone.
    pub mail: String,
    /// What is asked.
    pub text: String,
    /// The end of the last day for an answer.
    pub due: Timestamp,
}

/// A question that was passed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its number.
    pub id: i64,
    /// The documented system that it is about.
    pub system: i64,
    /// What the system is called.
    #[serde(skip)]
    pub name: String,
    /// The version that was looked at before changing it.
    pub version: i64,
    /// To whom.
    pub whom: String,
    /// The mail address; may be empty.
    pub mail: String,
    /// What was asked.
    pub text: String,
    /// Who asked.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// The last day for an answer.
    pub due: Timestamp,
    /// When it was answered; nothing while it is open.
    pub answered_at: Option<Timestamp>,
    /// What was answered.
    pub answer: String,
}

impl Question {
    /// Whether the answer should be there by now and is not.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.answered_at.is_none() && self.due < now
    }
}

/// What became of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Whether it is answered.
    pub is_answered: bool,
    /// What was answered.
    pub answer: String,
    /// The last day for an answer.
    pub due: Timestamp,
}

const SELECT: &str =
    "SELECT q.id, q.system_id, s.name, q.version, q.whom, q.mail, q.text, q.who, q.at, q.due,
    q.answered_at, q.answer FROM question q
  JOIN documented_system s ON s.traeger_id = q.traeger_id AND s.id = q.system_id
  WHERE q.traeger_id = $1";

fn read(row: &Row) -> Result<Question> {
    Ok(Question {
        id: row.int(0)?,
        system: row.int(1)?,
        name: row.text(2)?,
        version: row.int(3)?,
        whom: row.text(4)?,
        mail: row.text(5)?,
        text: row.text(6)?,
        who: row.text(7)?,
        at: row.moment(8)?,
        due: row.moment(9)?,
        answered_at: row.maybe_moment(10)?,
        answer: row.text(11)?,
    })
}

fn one(tx: &mut Tx<'_>, school: i64, id: i64) -> Result<Question> {
    let sql = format!("{SELECT} AND q.school_id = $2 AND q.id = $3");
    tx.first(&sql, cells![school, id], read)?.ok_or_else(|| Error::NotFound(format!("question {id}")))
}

/// Refuses a last day that is past already, or so far ahead that it is a slip of the pen.
fn require_near(due: Timestamp, since: Timestamp) -> Result<()> {
    if due < since || due > since.plus_days(FARTHEST) {
        return Err(Error::Unfit { field: "due", problem: Problem::NoChoice });
    }
    Ok(())
}

impl Traeger {
    /// Notes that a question about a system was passed on, and returns its number.
    ///
    /// # Errors
    /// A refusal where nobody or nothing is asked, of a text that is too long or looks like a secret, and of a last day that
    /// is past; there is no such system at the school; or the database failed.
    pub fn pass_on(&self, school: i64, new: &NewQuestion, by: (&str, Timestamp)) -> Result<i64> {
        for (field, text) in [("whom", &new.whom), ("text", &new.text)] {
            if text.trim().is_empty() {
                return Err(Error::Unfit { field, problem: Problem::Empty });
            }
        }
        refuse_texts([("whom", &new.whom), ("mail", &new.mail)], LONGEST)?;
        refuse_texts([("text", &new.text)], LONGEST_TEXT)?;
        let (who, now) = by;
        require_near(new.due, now)?;
        self.write(|tx| {
            tx.lock_school(school)?;
            let sql = "SELECT 1 FROM documented_system
                       WHERE traeger_id = $1 AND school_id = $2 AND id = $3 AND deleted_at IS NULL";
            tx.first(sql, cells![school, new.system], |_| Ok(()))?
                .ok_or_else(|| Error::NotFound(format!("system {}", new.system)))?;
            let sql =
                "INSERT INTO question (traeger_id, school_id, system_id, whom, mail, text, who, at, due)
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id";
            let [whom, mail, text] = [&new.whom, &new.mail, &new.text].map(|text| text.trim());
            let row = cells![school, new.system, whom, mail, text, who, now, new.due];
            let id = tx.insert(sql, row)?;
            let after = one(tx, school, id)?;
            audit(tx, Some(school), &told(None, &after, by)?)?;
            Ok(id)
        })
        .doing(|| format!("pass on a question about system {}", new.system))
    }

    /// A question of a school.
    ///
    /// # Errors
    /// There is none of that number at that school, or the database failed.
    pub fn question(&self, school: i64, id: i64) -> Result<Question> {
        self.read(|tx| one(tx, school, id))
    }

    /// The questions of a school: the open ones by their last day, then at most so many that were answered last.
    ///
    /// # Errors
    /// The database failed.
    pub fn questions(&self, school: i64, most_answered: usize) -> Result<Vec<Question>> {
        let open = format!("{SELECT} AND q.school_id = $2 AND q.answered_at IS NULL ORDER BY q.due, q.id");
        let answered = format!(
            "{SELECT} AND q.school_id = $2 AND q.answered_at IS NOT NULL
             ORDER BY q.answered_at DESC, q.id DESC LIMIT $3"
        );
        self.read(|tx| {
            let mut all = tx.list(&open, cells![school], read)?;
            if most_answered > 0 {
                let most = i64::try_from(most_answered).unwrap_or(i64::MAX);
                all.extend(tx.list(&answered, cells![school, most], read)?);
            }
            Ok(all)
        })
    }

    /// The questions about one system of a school, the newest first.
    ///
    /// # Errors
    /// The database failed.
    pub fn questions_about(&self, school: i64, system: i64) -> Result<Vec<Question>> {
        let sql = format!("{SELECT} AND q.school_id = $2 AND q.system_id = $3 ORDER BY q.id DESC");
        self.read(|tx| tx.list(&sql, cells![school, system], read))
    }

    /// Notes what became of a question: answered, open again, or with another last day.
    ///
    /// # Errors
    /// [`Error::Conflict`] for a stale version; a refusal of an answer that is too long or looks like a secret, and of a last
    /// day before the question; there is no such question; or the database failed.
    pub fn say_of_question(
        &self,
        school: i64,
        (id, version): (i64, i64),
        said: &Said,
        by: (&str, Timestamp),
    ) -> Result<()> {
        refuse_texts([("answer", &said.answer)], LONGEST_TEXT)?;
        self.write(|tx| {
            tx.lock_school(school)?;
            let before = one(tx, school, id)?;
            require_version(|| format!("question {id}"), version, before.version)?;
            require_near(said.due, before.at)?;
            let answered_at = said.is_answered.then(|| before.answered_at.unwrap_or(by.1));
            let sql = "UPDATE question SET version = version + 1, answered_at = $3, answer = $4, due = $5
                       WHERE traeger_id = $1 AND id = $2";
            tx.execute(sql, cells![id, answered_at, said.answer.trim(), said.due])?;
            let after = one(tx, school, id)?;
            audit(tx, Some(school), &told(Some(&before), &after, by)?)
        })
        .doing(|| format!("say what became of question {id}"))
    }
}

/// The entry of the audit log: it stands with the system that the question is about.
fn told(before: Option<&Question>, after: &Question, by: (&str, Timestamp)) -> Result<AuditEntry> {
    let entry = AuditEntry::of_change(format!("system {}", after.system), (before, Some(after)), by)?;
    Ok(AuditEntry { what: "ask".to_owned(), ..entry })
}
