//! One week of a school: what is new, what is over, and what is due; as counts and names of rules, without any device.

use crate::{error::Result, store::Traeger};
use rundgang_inventory::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Days ahead that are looked at.
pub const AHEAD: i64 = 30;

/// One week of one school.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Week {
    /// The school.
    pub school: i64,
    /// Its name.
    pub name: String,
    /// What opened and still asks for action: rule, severity, how often.
    pub new: Vec<(String, String, usize)>,
    /// How many findings the evidence closed.
    pub closed: usize,
    /// How many ask for action in all.
    pub open: usize,
    /// What ends or must be done soon, the earliest first.
    pub due: Vec<Due>,
}

/// Something that ends or must be done on a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Due {
    /// The day.
    pub day: String,
    /// `contract`, `notice`, `warranty`, `licence`, `accepted`, `finding`, `question` or `survey`.
    pub what: String,
    /// The name of the system, the rule or the survey.
    pub name: String,
    /// Who answers for a finding, as the register knows; empty for nobody, and for anything else.
    pub responsible: String,
}

impl Week {
    /// Whether there is anything to tell.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        self.new.is_empty() && self.due.is_empty()
    }

    /// How many findings are new.
    #[must_use]
    pub fn count(&self) -> usize {
        self.new.iter().map(|(_, _, count)| count).sum()
    }
}

impl Traeger {
    /// What became of a school, or of every school that is no example, since a moment.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn weeks(&self, school: Option<i64>, since: Timestamp, now: Timestamp) -> Result<Vec<Week>> {
        let schools = match school {
            Some(school) => vec![self.school(school)?],
            None => self.schools()?.into_iter().filter(|school| !school.entered.is_example).collect(),
        };
        schools.into_iter().map(|school| self.week(school.id, school.entered.name, since, now)).collect()
    }

    fn week(&self, school: i64, name: String, since: Timestamp, now: Timestamp) -> Result<Week> {
        let lines = self.findings_page(school, now)?;
        let own = || lines.iter().filter(|line| line.home == school);
        let mut new: BTreeMap<(usize, &str, &str), usize> = BTreeMap::new();
        for line in own().filter(|line| line.is_gap(now) && line.opened >= since) {
            *new.entry((line.rank(), &line.rule, &line.severity)).or_default() += 1;
        }
        let mut due = self.dates_due(school, now)?;
        for line in own().filter(|line| line.closed.is_none()) {
            let ends = line.decision.as_ref().filter(|d| d.state == "accepted").and_then(|d| d.until);
            due.extend(ends.filter(|until| is_near(until.day(), now)).map(|until| Due {
                day: until.date(),
                what: "accepted".to_owned(),
                name: line.rule.clone(),
                responsible: line.responsible.clone(),
            }));
        }
        for line in own().filter(|line| line.is_open(now)) {
            // What should have been dealt with long ago is told until it is.
            let day = line.due.filter(|due| due.day() <= now.day().plus_days(AHEAD));
            due.extend(day.map(|due| Due {
                day: due.date(),
                what: "finding".to_owned(),
                name: line.rule.clone(),
                responsible: line.responsible.clone(),
            }));
        }
        for question in self.questions(school, 0)? {
            if question.due.day() <= now.day().plus_days(AHEAD) {
                due.push(Due {
                    day: question.due.date(),
                    what: "question".to_owned(),
                    name: question.name,
                    responsible: String::new(),
                });
            }
        }
        due.sort();
        due.dedup();
        Ok(Week {
            school,
            name,
            new: new
                .into_iter()
                .map(|((_, rule, severity), n)| (rule.to_owned(), severity.to_owned(), n))
                .collect(),
            closed: own().filter(|line| line.closed.is_some_and(|at| at >= since)).count(),
            open: own().filter(|line| line.is_gap(now)).count(),
            due,
        })
    }

    /// Days that people entered: of documented systems in service, and of surveys that a school has before it.
    fn dates_due(&self, school: i64, now: Timestamp) -> Result<Vec<Due>> {
        let mut due = Vec::new();
        let mut note = |day: Option<&str>, what: &str, name: &str| {
            let moment = day.and_then(Timestamp::parse_date).filter(|day| is_near(*day, now));
            due.extend(moment.map(|day| Due {
                day: day.date(),
                what: what.to_owned(),
                name: name.to_owned(),
                responsible: String::new(),
            }));
        };
        for system in self.systems(school)?.iter().filter(|system| system.status != "retired") {
            note(system.contract_until.as_deref(), "contract", &system.name);
            note(system.notice_until.as_deref(), "notice", &system.name);
            note(system.warranty_until.as_deref(), "warranty", &system.name);
            note(system.licence_until.as_deref(), "licence", &system.name);
        }
        for (run, part) in self.runs_of_school(school)? {
            if part.state.is_awaited() && run.submitted.is_none() {
                note(run.due.map(Timestamp::date).as_deref(), "survey", run.survey.title.get("de"));
            }
        }
        Ok(due)
    }
}

/// Whether a day is near: not a week past, and at most a month ahead.
fn is_near(day: Timestamp, now: Timestamp) -> bool {
    let today = now.day();
    day >= today.plus_days(-7) && day <= today.plus_days(AHEAD)
}
