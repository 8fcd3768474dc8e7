//! All schools of the Träger: gaps by kind, silent agents, coverage.

use crate::chart;
use crate::chrome::{Chrome, csv_file, html};
use crate::failure::Failure;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use rundgang_store::views::overview::{Gap, Overview, SEVERITIES, SchoolLine};
use serde::Deserialize;

/// What the list of schools may be ordered by, as the address has it.
const ORDERS: [&str; 5] = ["name", "findings", "undocumented", "silent", "walk"];
/// As many schools are found at a glance, without looking for one.
const AT_A_GLANCE: usize = 8;

/// What the address of the overview may ask for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// A part of the name or the kind.
    #[serde(default)]
    q: String,
    /// One of [`ORDERS`].
    #[serde(default)]
    sort: String,
    /// What a form has just done.
    ok: Option<String>,
}

impl Asked {
    /// The schools that fit, in the order that was asked for.
    fn of(&self, schools: &[SchoolLine]) -> Vec<SchoolLine> {
        let wanted = self.q.trim().to_lowercase();
        let fits = |school: &&SchoolLine| {
            school.name.to_lowercase().contains(&wanted)
                || school.kind.to_lowercase().contains(&wanted)
                || school.commune.to_lowercase().contains(&wanted)
        };
        let mut fitting: Vec<SchoolLine> = schools.iter().filter(fits).cloned().collect();
        order(&mut fitting, &self.sort);
        fitting
    }
}

/// Sorts schools; whatever comes first is what somebody has to look at, equals stay in the order of their names.
fn order(schools: &mut [SchoolLine], by: &str) {
    match by {
        "findings" => schools.sort_by_key(|school| std::cmp::Reverse(school.findings)),
        "undocumented" => schools.sort_by_key(|school| std::cmp::Reverse(school.undocumented)),
        "silent" => schools.sort_by_key(|school| std::cmp::Reverse(school.walked.silent.len())),
        "walk" => schools.sort_by_key(|school| school.walked.last_round),
        _ => {}
    }
}

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    c: Chrome,
    view: Overview,
    asked: Asked,
    /// The schools that fit, in the order that was asked for.
    shown: Vec<SchoolLine>,
}

impl Page {
    fn assets(&self) -> i64 {
        self.view.schools.iter().map(|school| school.assets).sum()
    }

    fn undocumented(&self) -> i64 {
        self.view.schools.iter().map(|school| school.undocumented).sum()
    }

    fn to_do(&self) -> i64 {
        self.view.schools.iter().map(SchoolLine::to_do).sum()
    }

    fn silent(&self) -> usize {
        self.view.schools.iter().map(|school| school.walked.silent.len()).sum()
    }

    /// The open findings of a school by severity, gravest first, without zeroes.
    fn severities(&self, school: &SchoolLine) -> Vec<(&'static str, String)> {
        let counted = SEVERITIES.into_iter().zip(school.findings);
        counted
            .filter(|(name, count)| *count > 0 && *name != "info")
            .map(|(name, count)| (name, self.c.n(&format!("count-{name}"), "count", count)))
            .collect()
    }

    fn coverage(&self, school: &SchoolLine) -> String {
        let (covered, expected) = (f64::from(school.walked.covered), f64::from(school.walked.expected));
        chart::bar(&self.coverage_text(school), expected, &[(covered, "one")])
    }

    fn coverage_text(&self, school: &SchoolLine) -> String {
        self.c.language.with(
            "coverage-of",
            &[("covered", school.walked.covered.into()), ("expected", school.walked.expected.into())],
        )
    }

    /// What is wrong at the schools. Devices that nobody documented are many and little urgent: a number at the end.
    fn gaps(&self) -> impl Iterator<Item = (&Gap, bool)> {
        let is_many = |gap: &&Gap| gap.rule == "asset.undocumented";
        let urgent = self.view.gaps.iter().filter(move |gap| !is_many(gap)).map(|gap| (gap, true));
        urgent.chain(self.view.gaps.iter().filter(is_many).map(|gap| (gap, false)))
    }

    fn acknowledged(&self) -> i64 {
        self.view.schools.iter().map(|school| school.acknowledged).sum()
    }

    fn is_long(&self) -> bool {
        self.view.schools.len() > AT_A_GLANCE || !self.asked.q.is_empty() || !self.asked.sort.is_empty()
    }

    /// Whether the table to take away is less than everything, or ordered otherwise.
    const fn is_asked(&self) -> bool {
        !self.asked.q.is_empty() || !self.asked.sort.is_empty()
    }

    fn orders(&self) -> impl Iterator<Item = (&'static str, String, bool)> {
        ORDERS.into_iter().map(|name| (name, self.c.t(&format!("order-{name}")), self.asked.sort == name))
    }
}

pub(crate) async fn page(
    State(web): State<WebState>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let now = visit.now;
    let view = web.ask(move |traeger| traeger.overview(now)).await?;
    let mut c = Chrome::new(&visit, web.shared().config.traeger_name.clone())
        .lead(visit.language.with("overview-lead", &[("count", view.schools.len().into())]))
        .told(asked.ok.as_deref());
    c.example = view.schools.iter().any(|school| school.is_example);
    c.example_among_others = !view.schools.iter().all(|school| school.is_example);
    let shown = asked.of(&view.schools);
    html(&Page { c, view, asked, shown })
}

pub(crate) async fn csv(
    State(web): State<WebState>,
    visit: Visit,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let now = visit.now;
    let view = web.ask(move |traeger| traeger.overview(now)).await?;
    let t = |key: &str| visit.language.text(key);
    let header: Vec<String> = [
        "column-school",
        "column-school-kind",
        "column-commune",
        "column-assets",
        "column-undocumented",
        "column-systems",
        "severity-critical",
        "severity-high",
        "severity-medium",
        "severity-low",
        "column-silent-agents",
        "column-covered",
        "column-expected",
        "column-last-walk",
        "column-example",
    ]
    .iter()
    .map(|key| t(key))
    .collect();
    let rows: Vec<Vec<String>> = asked
        .of(&view.schools)
        .iter()
        .map(|school| {
            let mut row = vec![school.name.clone(), school.kind.clone(), school.commune.clone()];
            row.extend([school.assets, school.undocumented, school.systems].map(|n| n.to_string()));
            row.extend(school.findings.iter().take(4).map(ToString::to_string));
            row.extend([
                school.walked.silent.join(", "),
                school.walked.covered.to_string(),
                school.walked.expected.to_string(),
                school.walked.last_round.map(|at| at.to_string()).unwrap_or_default(),
                if school.is_example { t("example-word") } else { String::new() },
            ]);
            row
        })
        .collect();
    Ok(csv_file("schulen.csv", &header, &rows))
}
