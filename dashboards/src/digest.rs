//! The weekly mail: what is new and what is due, for one role and in one language, as plain text.
//!
//! It holds counts, names of rules, of schools and of documented systems; no address, no name and no place of a device,
//! since mail is read on its way.

use crate::chrome::rule_title;
use crate::format;
use crate::text::{Argument, Language};
use rundgang_inventory::{Role, Timestamp, Zone};
use rundgang_store::views::week::{Due, Week};
use rundgang_store::{Recipient, Result, Traeger};
use std::fmt::Write as _;

/// Schools of which one letter tells; the others are counted.
const MOST_SCHOOLS: usize = 30;
/// Lines about one thing.
const MOST_LINES: usize = 20;

/// A letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub text: String,
}

/// The week that is told about.
#[derive(Clone, Copy, Debug)]
pub struct Told<'a> {
    /// Since when.
    pub since: Timestamp,
    /// Now.
    pub now: Timestamp,
    /// By whose clocks days are told.
    pub zone: Zone,
    /// Where the pages are, without a slash at the end; empty where nobody said so.
    pub pages: &'a str,
}

/// The letter to one recipient; `None` where there is nothing to tell.
///
/// # Errors
/// The database failed.
pub fn letter(traeger: &Traeger, to: &Recipient, told: Told<'_>) -> Result<Option<Letter>> {
    let language = Language::parse(&to.language).unwrap_or_default();
    let words = Words { language, told };
    let parts = match Role::parse(&to.role) {
        Some(Role::Administrator | Role::Reader) => {
            words.of_schools(&traeger.weeks(None, told.since, told.now)?)
        }
        Some(Role::Coordinator | Role::Head) => match to.school {
            Some(school) => words.of_school(&traeger.weeks(Some(school), told.since, told.now)?),
            None => String::new(),
        },
        Some(Role::Provider) => words.of_provider(traeger, &to.provider)?,
        Some(Role::DataProtection) => words.of_collected(traeger)?,
        Some(Role::SurveyOffice) => words.of_surveys(traeger)?,
        None => String::new(),
    };
    if parts.is_empty() {
        return Ok(None);
    }
    let day = format::date(language, told.zone, told.now);
    let subject = words.with("digest-subject", &[("traeger", traeger.name()?.into()), ("day", day.into())]);
    let text = format!("{}\n\n{parts}\n{}\n", words.text("digest-greeting"), words.text("digest-end"));
    Ok(Some(Letter { subject, text }))
}

struct Words<'a> {
    language: Language,
    told: Told<'a>,
}

impl Words<'_> {
    fn text(&self, key: &str) -> String {
        self.language.text(key)
    }

    fn with(&self, key: &str, arguments: &[(&str, Argument)]) -> String {
        self.language.with(key, arguments)
    }

    fn count(&self, key: &str, count: usize) -> String {
        self.with(key, &[("count", i64::try_from(count).unwrap_or(i64::MAX).into())])
    }

    fn day(&self, day: &str) -> String {
        // Days that people entered are days of the wall; noon is on that day in every zone.
        Timestamp::parse_date(day).map_or_else(
            || day.to_owned(),
            |day| format::date(self.language, self.told.zone, Timestamp(day.0 + 43_200_000)),
        )
    }

    /// The way to a page, where it is known where the pages are.
    fn link(&self, path: &str) -> String {
        let site = self.told.pages.trim_end_matches('/');
        if site.is_empty() { String::new() } else { format!("{site}{path}\n") }
    }

    /// The own school: every rule that is new, and what is due.
    fn of_school(&self, weeks: &[Week]) -> String {
        let mut text = String::new();
        for week in weeks.iter().filter(|week| !week.is_quiet()) {
            text += &self.heading(week);
            for (rule, severity, count) in week.new.iter().take(MOST_LINES) {
                let severity = self.text(&format!("severity-{severity}"));
                let title = rule_title(self.language, rule);
                text += &format!("  - {title} ({severity}{})\n", times(*count));
            }
            text += &self.due(&week.due);
            text += &self.link(&format!("/schule/{}/befunde", week.school));
        }
        text
    }

    /// Every school with something to tell, in few lines each.
    fn of_schools(&self, weeks: &[Week]) -> String {
        let mut loud: Vec<&Week> = weeks.iter().filter(|week| !week.is_quiet()).collect();
        loud.sort_by_key(|week| std::cmp::Reverse(week.count()));
        let mut text = String::new();
        for week in loud.iter().take(MOST_SCHOOLS) {
            text += &self.heading(week);
            text += &self.due(&week.due);
            text += &self.link(&format!("/schule/{}", week.school));
            text.push('\n');
        }
        if loud.len() > MOST_SCHOOLS {
            text += &format!("{}\n", self.count("digest-more-schools", loud.len() - MOST_SCHOOLS));
        }
        text
    }

    fn heading(&self, week: &Week) -> String {
        let counts =
            [("digest-new", week.count()), ("digest-closed", week.closed), ("digest-open", week.open)];
        let told = counts.map(|(key, count)| self.count(key, count)).join(", ");
        format!("{}: {told}\n", week.name)
    }

    fn due(&self, due: &[Due]) -> String {
        if due.is_empty() {
            return String::new();
        }
        let mut text = format!("{}\n", self.text("digest-due"));
        for one in due.iter().take(MOST_LINES) {
            let name = match one.what.as_str() {
                "accepted" | "finding" => rule_title(self.language, &one.name),
                _ => one.name.clone(),
            };
            let what = self.text(&format!("digest-due-{}", one.what));
            let who =
                if one.responsible.is_empty() { String::new() } else { format!(" ({})", one.responsible) };
            text += &format!("  - {} {what}: {name}{who}\n", self.day(&one.day));
        }
        if due.len() > MOST_LINES {
            text += &format!("  {}\n", self.count("digest-more", due.len() - MOST_LINES));
        }
        text
    }

    /// The systems that the register names a provider for and about which something is open.
    fn of_provider(&self, traeger: &Traeger, provider: &str) -> Result<String> {
        let systems = traeger.assigned_systems(provider, self.told.now)?;
        let mut text = String::new();
        for system in
            systems.iter().filter(|system| !system.open.is_empty() && !system.is_example).take(MOST_LINES)
        {
            let titles: Vec<String> =
                system.open.iter().map(|rule| rule_title(self.language, rule)).collect();
            text += &format!("  - {}, {}: {}\n", system.school_name, system.name, titles.join("; "));
        }
        if !text.is_empty() {
            text = format!("{}\n{text}{}", self.text("digest-assigned"), self.link("/auftraege"));
        }
        Ok(text)
    }

    /// What was deleted, and whose authorisation ends.
    fn of_collected(&self, traeger: &Traeger) -> Result<String> {
        let mut deleted = 0_i64;
        for proof in traeger.deletion_proofs(self.told.since)? {
            deleted += proof.rows;
        }
        let mut text = format!("{}\n", self.with("digest-deleted", &[("count", deleted.into())]));
        let (today, soon) = (self.told.now.day(), self.told.now.day().plus_days(60));
        for scope in traeger.agent_scopes(None, self.told.now)?.iter().filter(|scope| !scope.is_example) {
            for line in &scope.lines {
                let ends =
                    Timestamp::parse_date(&line.valid_until).filter(|day| *day >= today && *day <= soon);
                if ends.is_some() {
                    let until = self.day(&line.valid_until);
                    let told = self.with("digest-authorisation", &[("day", until.into())]);
                    text += &format!("  - {}, {}: {told}\n", scope.school, line.name);
                }
            }
        }
        text += &self.link("/erfassung");
        Ok(text)
    }

    /// The surveys that were submitted.
    fn of_surveys(&self, traeger: &Traeger) -> Result<String> {
        let mut text = String::new();
        for run in traeger.runs()?.iter().filter(|run| run.submitted.is_some_and(|at| at >= self.told.since))
        {
            let title = run.survey.title.get(self.language.code());
            writeln!(text, "  - {title} ({})", self.day(&run.as_of.date())).ok();
        }
        if !text.is_empty() {
            text = format!("{}\n{text}{}", self.text("digest-submitted"), self.link("/summen"));
        }
        Ok(text)
    }
}

fn times(count: usize) -> String {
    if count > 1 { format!(", {count}×") } else { String::new() }
}
