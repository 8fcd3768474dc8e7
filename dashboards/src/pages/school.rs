//! One school: what is there, what is missing from the register, and what to do next in plain words.

use crate::chart;
use crate::chrome::{Chrome, html};
use crate::failure::Failure;
use crate::pages::findings::folded::{Folded, address, folded};
use crate::pages::findings::told::{Record, Told};
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use rundgang_inventory::mail::found::spoken_form;
use rundgang_store::views::findings::FindingLine;
use rundgang_store::views::overview::Segment;
use rundgang_store::views::school::{KindLine, MailDomain, SchoolPage};

/// One thing to do next.
struct Step {
    what: String,
    why: String,
    to: String,
    go: String,
}

#[derive(Template)]
#[template(path = "school.html")]
struct Page {
    c: Chrome,
    view: SchoolPage,
    steps: Vec<Step>,
    domains: Vec<Domain>,
}

/// A domain of the school and what is wrong with its mail.
struct Domain {
    name: String,
    gaps: Vec<Gap>,
    /// What it could do better, in one line at most.
    folded: Vec<Folded>,
}

struct Gap {
    title: String,
    severity: String,
    to: String,
    records: Vec<Record>,
}

/// The domains with their gaps and the records to add.
fn domains(c: &Chrome, view: &SchoolPage) -> Vec<Domain> {
    let gap = |line: &FindingLine| Gap {
        title: c.rule(&line.rule),
        severity: line.severity.clone(),
        to: address(view.school.id, line),
        records: Told::of(c, line).records,
    };
    let domain = |domain: &MailDomain| Domain {
        name: spoken_form(&domain.name),
        gaps: domain.gaps.iter().map(gap).collect(),
        folded: folded(c, view.school.id, &domain.baseline),
    };
    view.domains.iter().map(domain).collect()
}

impl Page {
    fn found(&self) -> i64 {
        self.view.kinds.iter().map(|kind| kind.found).sum()
    }

    fn undocumented(&self) -> i64 {
        self.view.kinds.iter().map(|kind| kind.found - kind.documented).sum()
    }

    fn kind_bar(&self, line: &KindLine) -> String {
        let number = |count: i64| f64::from(i32::try_from(count).unwrap_or(i32::MAX));
        let most = self.view.kinds.iter().map(|line| line.found).max().unwrap_or(1);
        let title = self
            .c
            .language
            .with("kind-bar", &[("found", line.found.into()), ("documented", line.documented.into())]);
        let parts = [(number(line.documented), "one"), (number(line.found - line.documented), "two")];
        chart::bar(&title, number(most), &parts)
    }

    fn segment_state(&self, segment: &Segment) -> String {
        match (segment.covered, segment.is_fresh) {
            (Some(at), true) => self.c.s("segment-covered", "moment", self.c.moment(&at)),
            (Some(at), false) => self.c.s("segment-unknown-since", "moment", self.c.moment(&at)),
            (None, _) => self.c.t("segment-never"),
        }
    }
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
) -> Result<Response, Failure> {
    let now = visit.now;
    let view = web.ask(move |traeger| traeger.school_page(school, now)).await?;
    let entered = &view.school.entered;
    let mut about = [&entered.kind, &entered.commune, &entered.official_number].map(Clone::clone).to_vec();
    about.extend(entered.pupils.map(|count| visit.language.with("pupils-count", &[("count", count.into())])));
    about.retain(|part| !part.is_empty());
    let c =
        Chrome::new(&visit, entered.name.clone()).lead(about.join(" · ")).of_school(&view.school, "school");
    let steps = steps(&c, &view);
    let domains = domains(&c, &view);
    html(&Page { c, view, steps, domains })
}

/// What to do next, the most useful first, never more than six.
fn steps(c: &Chrome, view: &SchoolPage) -> Vec<Step> {
    let base = format!("/schule/{}", view.school.id);
    let mut steps = Vec::new();
    let mut add = |key: &str, count: i64, to: String| {
        steps.push(Step {
            what: c.n(&format!("step-{key}"), "count", count),
            why: c.t(&format!("step-{key}-why")),
            to,
            go: c.t(&format!("step-{key}-go")),
        });
    };
    let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    let walks = &view.walks;
    if walks.agents == 0 && walks.waiting.is_empty() {
        add("no-agent", 0, "/erfassung".to_owned());
    }
    if !walks.waiting.is_empty() {
        add("approve", count(walks.waiting.len()), base.clone() + "#rounds");
    }
    if !walks.silent.is_empty() {
        add("silent", count(walks.silent.len()), base.clone() + "#rounds");
    }
    if view.grave > 0 {
        add("grave", count(view.grave), base.clone() + "/befunde");
    }
    let undocumented: i64 = view.kinds.iter().map(|kind| kind.found - kind.documented).sum();
    if undocumented > 0 {
        add("undocumented", undocumented, base.clone() + "/abgleich");
    }
    if view.gappy_systems > 0 {
        add("gappy", view.gappy_systems, base.clone() + "/register");
    }
    if view.rooms.is_empty() {
        add("rooms", 0, base.clone() + "/stammdaten#rooms");
    } else if view.unplaced > 0 {
        add("unplaced", view.unplaced, base.clone() + "/raeume");
    }
    if steps.len() < 6 {
        steps.push(Step {
            what: c.t("step-survey"),
            why: c.t("step-survey-why"),
            to: base + "/umfragen",
            go: c.t("step-survey-go"),
        });
    }
    steps.truncate(6);
    steps
}
