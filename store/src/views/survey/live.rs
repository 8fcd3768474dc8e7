//! What is known of schools at present: the views that surveys are answered from, read for many schools at once.

use super::{assets, documented, entered, rooms};
use crate::{
    error::{Error, Result},
    store::{Traeger, Tx, cells},
    views::overview::walks,
};
use rundgang_inventory::{
    Timestamp,
    survey::{self, Asked, Fact, Noun, Survey, SurveyView, Told, Walked, Wants},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    num::NonZero,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

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
const AT_A_TIME: usize = 40;
/// On so many processors schools are asked at most; the others serve pages and agents.
const AT_MOST: usize = 4;

impl Traeger {
    /// What is known of one school.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn survey_view(&self, school: i64, now: Timestamp) -> Result<SurveyView> {
        let mut views = self.read(|tx| views(tx, Span::one(school), &Wants::everything(), now))?;
        views.remove(&school).ok_or_else(|| Error::NotFound(format!("school {school}")))
    }

    /// The Träger's own view, and what each of its schools says to a survey.
    ///
    /// # Errors
    /// The database failed.
    pub fn survey_told(&self, survey: &Survey, now: Timestamp) -> Result<(SurveyView, Vec<Told>)> {
        let asked = Asked::of(survey);
        let told = self.ask_schools(&Wants::of([survey]), now, |view| Told::by(&view, survey, &asked))?;
        Ok((self.own_survey_view(now)?, told))
    }

    /// Asks each school that is no example, in the order in which they were entered. Views hold what `wants` names.
    /// They are read and asked on several processors, and only so many are held at a time.
    ///
    /// # Errors
    /// The database failed.
    pub fn ask_schools<T: Send>(
        &self,
        wants: &Wants,
        now: Timestamp,
        ask: impl Fn(SurveyView) -> T + Sync,
    ) -> Result<Vec<T>> {
        let mut ids = self.surveyed_schools()?;
        ids.sort_unstable();
        let turns: Vec<&[i64]> = ids.chunks(AT_A_TIME).collect();
        let next = AtomicUsize::new(0);
        let done: Mutex<BTreeMap<usize, Result<Vec<T>>>> = Mutex::default();
        let work = || {
            while let turn = next.fetch_add(1, Ordering::Relaxed)
                && let Some(schools) = turns.get(turn)
            {
                let told = self.ask_some(schools, wants, now, &ask);
                done.lock().unwrap_or_else(PoisonError::into_inner).insert(turn, told);
            }
        };
        let processors = thread::available_parallelism().map_or(1, NonZero::get).min(AT_MOST);
        thread::scope(|scope| {
            // The thread that asks works too.
            (1..processors.min(turns.len())).for_each(|_| drop(scope.spawn(work)));
            work();
        });
        let done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
        let told: Result<Vec<Vec<T>>> = done.into_values().collect();
        Ok(told?.into_iter().flatten().collect())
    }

    fn ask_some<T>(
        &self,
        schools: &[i64],
        wants: &Wants,
        now: Timestamp,
        ask: &impl Fn(SurveyView) -> T,
    ) -> Result<Vec<T>> {
        let (Some(from), Some(to)) = (schools.first(), schools.last()) else { return Ok(Vec::new()) };
        let span = Span { from: *from, to: *to };
        let views = self.read(|tx| views(tx, span, wants, now))?;
        Ok(views.into_iter().filter(|(id, _)| schools.contains(id)).map(|(_, view)| ask(view)).collect())
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

/// The views of schools with what is wanted. Ages and days are counted from the day, so that every answer of one day is
/// the same.
pub(super) fn views(
    tx: &mut Tx<'_>,
    span: Span,
    wants: &Wants,
    now: Timestamp,
) -> Result<BTreeMap<i64, SurveyView>> {
    let mut all = schools(tx, span, now)?;
    for (school, stand) in walks(tx, span.from..=span.to, now)? {
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
    put(&mut all, entered::links(tx, span)?, |view, link| view.links.push(link));
    put(&mut all, entered::documents(tx, span)?, |view, document| view.documents.push(document));
    if wants.counters() {
        put(&mut all, entered::counters(tx, span, now)?, |view, (name, peak)| {
            view.counters.insert(name, peak);
        });
    }
    devices(tx, span, wants, &mut all)?;
    entered::findings(tx, span, wants, &mut all)?;
    Ok(all)
}

/// Adds rooms, systems and devices, as far as they are wanted.
fn devices(tx: &mut Tx<'_>, span: Span, wants: &Wants, all: &mut BTreeMap<i64, SurveyView>) -> Result<()> {
    let (assets, systems) = (wants.noun(Noun::Asset), wants.noun(Noun::System));
    let rooms = if assets || wants.noun(Noun::Room) { rooms::rooms(tx, span, all)? } else { HashMap::new() };
    if assets || systems {
        let mut documented = documented::documented(tx, span, wants, &rooms, all)?;
        if assets {
            assets::assets(tx, span, wants, &mut documented, all)?;
        }
    }
    Ok(())
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
    let mut hosts = if known.is_empty() { BTreeMap::new() } else { entered::mail_hosts(tx, span)? };
    let domains = known.into_iter().map(|(school, name)| {
        let mail_host = hosts.remove(&(school, name.clone()));
        (school, survey::Domain { name, mail_host, ..survey::Domain::default() })
    });
    put(&mut all, domains.collect(), |view, domain| view.domains.push(domain));
    Ok(all)
}
