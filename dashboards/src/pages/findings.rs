//! What is wrong at a school: each finding with its remedy, the exact text to add, and what a person decided.

mod due;
mod file;
pub(super) mod folded;
mod letter;
pub(super) mod told;

pub(crate) use due::{moment as due_moment, set as set_due};
pub(crate) use file::csv;

use super::paging::{Paging, query};
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::guard::{check_form, escaped};
use crate::secrets;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use folded::{Folded, folded};
use letter::{Order, letter};
use rundgang_inventory::Timestamp;
use rundgang_store::views::finding_list::{FindingFilter, Group};
use rundgang_store::views::findings::FindingLine;
use rundgang_store::views::slices::PART;
use rundgang_store::{Decision, DecisionState, DocumentedSystem, Happening};
use serde::Deserialize;
use told::{Told, WhoRuns};

/// Letters that an address takes along as a question.
const MOST_LETTERS: usize = 1500;

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    all: String,
    #[serde(default)]
    rule: String,
    /// Who answers for it; `-` for nobody.
    #[serde(default)]
    zustaendig: String,
    /// The line behind which the part begins.
    #[serde(default)]
    nach: String,
}

#[derive(Template)]
#[template(path = "findings.html")]
struct ListPage {
    c: Chrome,
    school: i64,
    now: Timestamp,
    lines: Vec<FindingLine>,
    /// What nearly every domain could do better; no gap.
    folded: Vec<Folded>,
    open: usize,
    /// How many of them somebody is dealing with.
    acknowledged: usize,
    /// Rules with how often each is open, for the filter.
    rules: Vec<(String, usize)>,
    /// The rule that is filtered by; empty for every rule.
    rule: String,
    /// Who answers for anything here, for the filter, and who is filtered by.
    parties: Vec<String>,
    party: String,
    all: bool,
    paging: Paging,
}

impl ListPage {
    fn title(&self, line: &FindingLine) -> String {
        title(&self.c, &line.rule)
    }

    fn state(&self, line: &FindingLine) -> (&'static str, String) {
        state(&self.c, line, self.now)
    }

    /// The list of one rule, or of every one, with the party that is filtered by.
    fn of_rule(&self, rule: &str) -> String {
        let query = query(&[("rule", rule), ("zustaendig", &self.party)]);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/schule/{}/befunde{mark}{query}", self.school)
    }

    fn due(&self, line: &FindingLine) -> Option<(&'static str, String)> {
        due::told(&self.c, line, self.now)
    }
}

/// The title of a rule; its id where it has no text yet.
pub(super) fn title(c: &Chrome, rule: &str) -> String {
    c.rule(rule)
}

fn state(c: &Chrome, line: &FindingLine, now: Timestamp) -> (&'static str, String) {
    if let Some(at) = &line.closed {
        return ("good", c.s("state-closed", "date", c.date(at)));
    }
    if let Some(at) = &line.unknown_since {
        return ("", c.s("state-unknown-since", "date", c.date(at)));
    }
    match &line.decision {
        Some(decision)
            if decision.state != "none" && (decision.state == "acknowledged" || !line.is_open(now)) =>
        {
            ("accent", c.word("decision", &decision.state))
        }
        _ => ("", c.s("state-open-since", "date", c.date(&line.opened))),
    }
}

pub(crate) async fn list(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let now = visit.now;
    let (all, after) = (!asked.all.is_empty(), asked.nach.clone());
    let filter = FindingFilter { all, rule: asked.rule.clone(), responsible: asked.zustaendig.clone() };
    let (entered, groups, slice, baseline, parties) = web
        .ask(move |traeger| {
            let slice = traeger.finding_slice(school, &filter, &after, PART, now)?;
            // What nearly every domain could do better closes the list; who asks for one kind is shown each of them.
            let ends = slice.next.is_none() && filter.rule.is_empty() && filter.responsible.is_empty();
            let baseline = if ends { traeger.baseline_lines(school, now)? } else { Vec::new() };
            let parties = traeger.responsible_parties(school)?;
            Ok((traeger.school(school)?, traeger.finding_groups(school, now)?, slice, baseline, parties))
        })
        .await?;
    // Hints are listed, but are no gap; the school's own page counts in the same way.
    let sum = |count: fn(&Group) -> usize| groups.iter().filter(|group| group.is_gap()).map(count).sum();
    let (open, acknowledged) = (sum(|group| group.count), sum(|group| group.acknowledged));
    let mut rules: Vec<(String, usize)> = Vec::new();
    for group in groups.iter().filter(|group| group.is_open) {
        match rules.iter_mut().find(|(rule, _)| *rule == group.rule) {
            Some((_, count)) => *count += group.count,
            None => rules.push((group.rule.clone(), group.count)),
        }
    }
    let c = Chrome::new(&visit, visit.language.text("findings-title")).of_school(&entered, "findings");
    let folded = folded(&c, school, &baseline);
    let path = format!("/schule/{school}/befunde");
    let pairs = [
        ("rule", asked.rule.as_str()),
        ("all", asked.all.as_str()),
        ("zustaendig", asked.zustaendig.as_str()),
    ];
    let paging = Paging::new(&path, &pairs, &asked.nach, slice.next.as_deref());
    let (lines, rule, party) = (slice.lines, asked.rule, asked.zustaendig);
    html(&ListPage {
        c,
        school,
        now,
        lines,
        folded,
        open,
        acknowledged,
        rules,
        rule,
        parties,
        party,
        all,
        paging,
    })
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Which {
    rule: String,
    subject: String,
    ok: Option<String>,
}

impl DetailPage {
    /// What can be decided; taking a decision back, only where there is one.
    fn choices(&self) -> Vec<&'static str> {
        let decided = self.line.decision.as_ref().is_some_and(|decision| decision.state != "none");
        let mut choices = vec!["acknowledged", "accepted", "ignored"];
        choices.extend(decided.then_some("none"));
        choices
    }
}

/// What somebody decided and could not be kept, with the field that is at fault and why.
#[derive(Default)]
struct Given {
    state: String,
    reason: String,
    until: String,
    due: Option<String>,
    refused: Option<(&'static str, String)>,
}

impl Given {
    /// Why a field was refused.
    fn refused(&self, field: &str) -> Option<&str> {
        self.refused.as_ref().filter(|(at, _)| *at == field).map(|(_, why)| why.as_str())
    }
}

#[derive(Template)]
#[template(path = "finding.html")]
struct DetailPage {
    c: Chrome,
    school: i64,
    action: String,
    line: FindingLine,
    told: Told,
    state: (&'static str, String),
    /// What happened to it, the latest first.
    history: Vec<String>,
    /// The last day for dealing with it: how it is marked, and in words.
    due: Option<(&'static str, String)>,
    /// The same as the form has it: `2026-10-01`.
    due_day: String,
    /// What stands in the form: empty, or what was refused.
    given: Given,
    to_subject: Option<String>,
    /// Who runs what the finding is about, as far as the register knows.
    runs: Vec<WhoRuns>,
    /// The domain that no documented system stands for.
    unknown_domain: Option<String>,
    mailto: String,
    /// The finding in words, as a question that is passed on.
    question: String,
}

pub(crate) async fn detail(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(which): Query<Which>,
) -> Result<Response, Failure> {
    html(&detail_page(&web, &visit, school, &which, Given::default()).await?)
}

async fn detail_page(
    web: &WebState,
    visit: &Visit,
    school: i64,
    which: &Which,
    given: Given,
) -> Result<DetailPage, Failure> {
    let (entered, line, history, systems) = find(web, school, &which.rule, &which.subject).await?;
    let c = Chrome::new(visit, visit.language.text("findings-title"))
        .of_school(&entered, "findings")
        .crumb(visit.language.text("findings-title"), format!("/schule/{school}/befunde"))
        .told(which.ok.as_deref())
        .lead(line.label.clone());
    let c = Chrome { title: title(&c, &line.rule), ..c };
    let to_subject = line.about().and_then(|(noun, id)| match noun {
        "asset" => Some(format!("/schule/{school}/geraet/{id}")),
        "system" => Some(format!("/schule/{school}/register/{id}")),
        _ => None,
    });
    let told = Told::of(&c, &line);
    let runs = |system: &DocumentedSystem| {
        let order = Order::of(&c, &entered.entered.name, &line, &told, system);
        WhoRuns { order, ..WhoRuns::of(school, system) }
    };
    Ok(DetailPage {
        school,
        // A shared domain is decided about where its findings stand, once for every school it serves.
        action: format!("/schule/{}/befund", line.home),
        runs: systems.iter().map(runs).collect(),
        unknown_domain: line.subject.strip_prefix("domain ").filter(|_| systems.is_empty()).map(escaped),
        mailto: letter(&c, &entered.entered.name, &line, &told),
        question: letter::text(&c, &line, &told).chars().take(MOST_LETTERS).collect(),
        told,
        state: state(&c, &line, visit.now),
        history: history.iter().map(|one| due::happened(&c, one)).collect(),
        due: due::told(&c, &line, visit.now),
        due_day: given.due.clone().unwrap_or_else(|| line.due.map(|due| c.day(&due)).unwrap_or_default()),
        given,
        to_subject,
        line,
        c,
    })
}

async fn find(
    web: &WebState,
    school: i64,
    rule: &str,
    subject: &str,
) -> Result<(rundgang_store::School, FindingLine, Vec<Happening>, Vec<DocumentedSystem>), Failure> {
    let (rule, subject) = (rule.to_owned(), subject.to_owned());
    web.ask(move |traeger| {
        let lines = traeger.findings_about(school, &subject)?;
        let line = lines.into_iter().find(|line| line.rule == rule);
        let line = line.ok_or_else(|| rundgang_store::Error::NotFound(format!("finding {rule}")))?;
        let systems = traeger.systems_about(school, &subject)?;
        let history = traeger.finding_history(line.home, &rule, &subject)?;
        Ok((traeger.school(school)?, line, history, systems))
    })
    .await
}

#[derive(Debug, Deserialize)]
pub(crate) struct Decided {
    pub(crate) csrf: String,
    pub(crate) rule: String,
    pub(crate) subject: String,
    pub(crate) state: String,
    #[serde(default)]
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) until: String,
}

/// The moment until which a decision holds, which is the end of its last day; the key of the reason where none can be taken.
pub(crate) fn last_day(
    visit: &Visit,
    state: DecisionState,
    day: &str,
) -> Result<Option<Timestamp>, &'static str> {
    match due_moment(visit, day)? {
        // What rests for good is forgotten for good: somebody looks again on that day.
        None if state.rests() => Err("error-endless"),
        Some(until) if state != DecisionState::None && until < visit.now => Err("error-past"),
        until => Ok(until),
    }
}

/// Reads a decision; what cannot be taken comes with the field at fault and the key of the reason.
pub(crate) fn decision(decided: &Decided, visit: &Visit) -> Result<Decision, (&'static str, &'static str)> {
    let state = DecisionState::named(&decided.state).ok_or(("state", "error-choose"))?;
    let reason = decided.reason.trim().to_owned();
    secrets::refuse([reason.as_str()]).map_err(|_| ("reason", "error-secret"))?;
    // Living with a risk is somebody's decision: it needs a reason that the next one can read.
    if state.rests() && reason.is_empty() {
        return Err(("reason", "error-reason"));
    }
    let until = last_day(visit, state, &decided.until).map_err(|key| ("until", key))?;
    Ok(Decision { state, reason, until, who: visit.author(), at: visit.now })
}

pub(crate) async fn decide(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Form(decided): Form<Decided>,
) -> Result<Response, Failure> {
    check_form(&visit, &decided.csrf)?;
    let decision = match decision(&decided, &visit) {
        Ok(decision) => decision,
        Err((field, key)) => {
            let which = Which { rule: decided.rule, subject: decided.subject, ok: None };
            let why = visit.language.text(key);
            let refused = Some((field, why.clone()));
            let Decided { state, reason, until, .. } = decided;
            let given = Given { state, reason, until, due: None, refused };
            let mut page = detail_page(&web, &visit, school, &which, given).await?;
            page.c = page.c.refused(why);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)?).into_response());
        }
    };
    let to = format!(
        "/schule/{school}/befund?rule={}&subject={}&ok=decided",
        escaped(&decided.rule),
        escaped(&decided.subject)
    );
    web.ask(move |traeger| traeger.decide(school, &decided.rule, &decided.subject, &decision)).await?;
    Ok(Redirect::to(&to).into_response())
}
