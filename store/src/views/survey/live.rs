//! What is known of schools at present: the views that surveys are answered from, read for many schools at once.

use super::{assets, entered, rooms};
use crate::{
    error::{Error, Result},
    store::{Traeger, Tx, cells},
    views::overview::walks,
};
use rundgang_inventory::{
    Timestamp,
    survey::{self, Asked, Fact, Survey, SurveyView, Told, Walked},
};
use std::collections::{BTreeMap, BTreeSet};

/// Schools by number, both ends included.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Span {
    pub(super) const fn one(school: i64) -> Self {
        Self { from: school, to: school }
    }
}

/// So many schools are held at a time; a Träger with thousands is read in turns.
const AT_A_TIME: usize = 100;

impl Traeger {
    /// What is known of one school.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn survey_view(&self, school: i64, now: Timestamp) -> Result<SurveyView> {
        let mut views = self.read(|tx| views(tx, Span::one(school), now))?;
        views.remove(&school).ok_or_else(|| Error::NotFound(format!("school {school}")))
    }

    /// What is known of the Träger itself and of each of its schools that is no example.
    ///
    /// # Errors
    /// The database failed.
    pub fn survey_views(&self, now: Timestamp) -> Result<(SurveyView, Vec<SurveyView>)> {
        let mut all = Vec::new();
        self.each_survey_view(now, |view| all.push(view))?;
        Ok((self.own_survey_view(now)?, all))
    }

    /// The Träger's own view, and what each of its schools says to a survey. Devices are held for a hundred schools at
    /// a time only.
    ///
    /// # Errors
    /// The database failed.
    pub fn survey_told(&self, survey: &Survey, now: Timestamp) -> Result<(SurveyView, Vec<Told>)> {
        let asked = Asked::of(survey);
        let mut told = Vec::new();
        self.each_survey_view(now, |view| told.push(Told::by(&view, survey, &asked)))?;
        Ok((self.own_survey_view(now)?, told))
    }

    /// Shows the view of each school that is no example, by name.
    ///
    /// # Errors
    /// The database failed.
    pub fn each_survey_view(&self, now: Timestamp, mut seen: impl FnMut(SurveyView)) -> Result<()> {
        let mut ids = self.surveyed_schools()?;
        ids.sort_unstable();
        for some in ids.chunks(AT_A_TIME) {
            let (Some(from), Some(to)) = (some.first(), some.last()) else { continue };
            let span = Span { from: *from, to: *to };
            let views = self.read(|tx| views(tx, span, now))?;
            for view in views.into_iter().filter(|(id, _)| some.contains(id)).map(|(_, view)| view) {
                seen(view);
            }
        }
        Ok(())
    }

    /// The schools that a survey counts. Examples count only where there is nothing else, as on the first start.
    pub(super) fn surveyed_schools(&self) -> Result<Vec<i64>> {
        let all = self.schools()?;
        let only_examples = all.iter().all(|school| school.entered.is_example);
        let real = all.iter().filter(|school| only_examples || !school.entered.is_example);
        Ok(real.map(|school| school.id).collect())
    }

    /// What is known of the Träger itself.
    ///
    /// # Errors
    /// The database failed.
    pub fn own_survey_view(&self, now: Timestamp) -> Result<SurveyView> {
        self.read(|tx| {
            let mut own = SurveyView { as_of: now.day(), ..SurveyView::default() };
            (own.facts, own.kept) = super::facts(tx, 0)?;
            own.documents = documents_of(&own.facts);
            Ok(own)
        })
    }
}

/// A document of the Träger is entered under a fact, since documents belong to schools.
pub(super) fn documents_of(facts: &BTreeMap<String, Fact>) -> Vec<survey::Document> {
    facts
        .iter()
        .filter_map(|(name, fact)| {
            let kind = name.strip_prefix("document.")?;
            Some(survey::Document {
                id: name.clone(),
                kind: kind.to_owned(),
                title: kind.to_owned(),
                status: "final".to_owned(),
                date: Timestamp::parse_date(&fact.value),
            })
        })
        .collect()
}

/// The views of schools. Ages and days are counted from the day, so that every answer of one day is the same.
pub(super) fn views(tx: &mut Tx<'_>, span: Span, now: Timestamp) -> Result<BTreeMap<i64, SurveyView>> {
    let mut all = schools(tx, span, now)?;
    for (school, stand) in walks(tx, (span.from == span.to).then_some(span.from), now)? {
        if let Some(view) = all.get_mut(&school) {
            let has_agent = stand.agents > 0;
            view.sites.iter_mut().for_each(|site| site.agent = has_agent && site.role == "main");
            view.walked = Walked {
                expected: stand.expected,
                covered: stand.covered,
                silent: stand.silent,
                last_round: stand.last_round,
            };
        }
    }
    for (school, name, value) in super::settings(tx, span)? {
        if let Some(view) = all.get_mut(&school) {
            super::read_setting(&name, &value, &mut view.facts, &mut view.kept)?;
        }
    }
    put(&mut all, rooms::rooms(tx, span)?, |view, room| view.rooms.push(room));
    put(&mut all, entered::systems(tx, span)?, |view, system| view.systems.push(system));
    put(&mut all, entered::links(tx, span)?, |view, link| view.links.push(link));
    put(&mut all, entered::documents(tx, span)?, |view, document| view.documents.push(document));
    put(&mut all, entered::counters(tx, span, now)?, |view, (name, peak)| {
        view.counters.insert(name, peak);
    });
    assets::assets(tx, span, &mut all)?;
    entered::findings(tx, span, &mut all)?;
    Ok(all)
}

fn put<T>(
    all: &mut BTreeMap<i64, SurveyView>,
    rows: Vec<(i64, T)>,
    mut into: impl FnMut(&mut SurveyView, T),
) {
    for (school, row) in rows {
        if let Some(view) = all.get_mut(&school) {
            into(view, row);
        }
    }
}

/// The schools themselves, with their sites.
fn schools(tx: &mut Tx<'_>, span: Span, now: Timestamp) -> Result<BTreeMap<i64, SurveyView>> {
    let sql = "SELECT id, name, pupils, teachers FROM school
               WHERE traeger_id = $1 AND id BETWEEN $2 AND $3";
    let rows = tx.list(sql, cells![span.from, span.to], |row| {
        let id = row.int(0)?;
        let mut view = SurveyView {
            as_of: now.day(),
            school: id.to_string(),
            name: row.text(1)?,
            ..SurveyView::default()
        };
        for (name, number) in [("pupils", row.maybe_int(2)?), ("teachers", row.maybe_int(3)?)] {
            if let Some(number) = number {
                let fact = Fact { value: number.to_string(), at: now.day(), by: String::new() };
                view.facts.insert(name.to_owned(), fact);
            }
        }
        Ok((id, view))
    })?;
    let mut all: BTreeMap<i64, SurveyView> = rows.into_iter().collect();
    put(&mut all, entered::sites(tx, span)?, |view, site| view.sites.push(site));
    let known: BTreeSet<(i64, String)> = entered::domains(tx, span)?.into_iter().collect();
    let mut hosts = entered::mail_hosts(tx, span)?;
    let domains = known.into_iter().map(|(school, name)| {
        let mail_host = hosts.remove(&(school, name.clone()));
        (school, survey::Domain { name, mail_host, ..survey::Domain::default() })
    });
    put(&mut all, domains.collect(), |view, domain| view.domains.push(domain));
    Ok(all)
}
