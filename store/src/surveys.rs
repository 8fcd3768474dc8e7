//! The surveys of a Träger: those that come with the product, and those it imported at run time.

use crate::{
    error::{Doing, Error, Result},
    register::{AuditEntry, audit},
    store::{Traeger, cells},
};
use rundgang_inventory::{
    Timestamp,
    survey::{Survey, shipped},
};

/// No survey file is larger than this.
const MAX_FILE: usize = 1_000_000;

impl Traeger {
    /// The name of the Träger.
    ///
    /// # Errors
    /// The database failed.
    pub fn name(&self) -> Result<String> {
        let sql =
            "SELECT t.name FROM (SELECT id AS traeger_id, name FROM traeger) AS t WHERE t.traeger_id = $1";
        Ok(self.read(|tx| tx.first(sql, &[], |row| row.text(0)))?.unwrap_or_default())
    }

    /// Every survey: shipped ones, and imported ones, which take the place of a shipped one of the same id.
    ///
    /// # Errors
    /// The database failed.
    pub fn surveys(&self) -> Result<Vec<Survey>> {
        let imported = self.imported_surveys()?;
        let mut all: Vec<Survey> = shipped().to_vec();
        all.retain(|survey| imported.iter().all(|own| own.id != survey.id));
        all.extend(imported);
        Ok(all)
    }

    /// The survey of that id.
    ///
    /// # Errors
    /// There is none, or the database failed.
    pub fn survey(&self, id: &str) -> Result<Survey> {
        self.surveys()?
            .into_iter()
            .find(|survey| survey.id == id)
            .ok_or_else(|| Error::NotFound(format!("survey '{id}'")))
    }

    /// The text of a survey's file as it holds now, to be kept with a run.
    ///
    /// # Errors
    /// There is none, or the database failed.
    pub fn survey_text(&self, id: &str) -> Result<String> {
        let own = self.imported()?.into_iter().find(|(survey, _)| survey.id == id).map(|(_, text)| text);
        own.or_else(|| rundgang_inventory::survey::shipped_text(id).map(str::to_owned))
            .ok_or_else(|| Error::NotFound(format!("survey '{id}'")))
    }

    /// The surveys that this Träger imported.
    ///
    /// # Errors
    /// The database failed.
    pub fn imported_surveys(&self) -> Result<Vec<Survey>> {
        Ok(self.imported()?.into_iter().map(|(survey, _)| survey).collect())
    }

    fn imported(&self) -> Result<Vec<(Survey, String)>> {
        let sql = "SELECT content FROM survey_file f WHERE traeger_id = $1 AND withdrawn_at IS NULL
                     AND id = (SELECT MAX(g.id) FROM survey_file g
                               WHERE g.traeger_id = f.traeger_id AND g.survey = f.survey)
                   ORDER BY survey";
        let texts = self.read(|tx| tx.list(sql, &[], |row| row.text(0)))?;
        // A file that an older program accepted and this one does not is left out, not a reason to show nothing.
        Ok(texts.into_iter().filter_map(|text| Some((Survey::parse(&text).ok()?, text))).collect())
    }

    /// Imports a survey file. A changed file needs a higher version than the one that holds.
    ///
    /// # Errors
    /// A refusal with line and reason for a bad file; a refusal where the version was not raised; the database failed.
    pub fn import_survey(&self, text: &str, who: &str, now: Timestamp) -> Result<Survey> {
        if text.len() > MAX_FILE {
            return Err(Error::Refused(format!("a survey file holds at most {MAX_FILE} octets")));
        }
        let survey = Survey::parse(text).map_err(|error| Error::Refused(error.to_string()))?;
        let version = i64::from(survey.version);
        self.write(|tx| {
            let last = "SELECT version, content, withdrawn_at FROM survey_file
                        WHERE traeger_id = $1 AND survey = $2 ORDER BY id DESC LIMIT 1";
            let before =
                tx.first(last, cells![&survey.id], |row| Ok((row.int(0)?, row.text(1)?, row.maybe_int(2)?)))?;
            if let Some((known, content, withdrawn)) = &before {
                if content == text && withdrawn.is_none() {
                    return Ok(());
                }
                if version <= *known && content != text {
                    return Err(Error::Refused(format!(
                        "the survey '{}' is here in version {known}: a changed file needs a higher version",
                        survey.id
                    )));
                }
            }
            let sql = "INSERT INTO survey_file (traeger_id, survey, version, content, who, at)
                       VALUES ($1, $2, $3, $4, $5, $6)";
            tx.execute(sql, cells![&survey.id, version, text, who, now])?;
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "import".to_owned(),
                subject: format!("survey {}", survey.id),
                before: before.map(|(known, ..)| format!("version {known}")).unwrap_or_default(),
                after: format!("version {version}"),
            };
            audit(tx, None, &entry)
        })
        .doing(|| format!("import the survey {}", survey.id))?;
        Ok(survey)
    }

    /// Withdraws an imported survey; answers given to it stay.
    ///
    /// # Errors
    /// It was not imported, or the database failed.
    pub fn withdraw_survey(&self, id: &str, who: &str, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            let sql = "UPDATE survey_file SET withdrawn_at = $3
                       WHERE traeger_id = $1 AND survey = $2 AND withdrawn_at IS NULL";
            if tx.execute(sql, cells![id, now])? == 0 {
                return Err(Error::NotFound(format!("imported survey '{id}'")));
            }
            let entry = AuditEntry {
                at: now,
                who: who.to_owned(),
                what: "withdraw".to_owned(),
                subject: format!("survey {id}"),
                before: String::new(),
                after: String::new(),
            };
            audit(tx, None, &entry)
        })
    }
}
