//! All schools of the Träger: gaps by kind, silent agents, coverage.

use crate::chart;
use crate::chrome::{Chrome, csv_file, html};
use crate::failure::Failure;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rundgang_store::views::overview::{Overview, SEVERITIES, SchoolLine};

#[derive(Template)]
#[template(path = "overview.html")]
struct Page {
    c: Chrome,
    view: Overview,
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

    fn gap_bar(&self, count: &i64) -> String {
        let most = self.view.gaps.iter().map(|(_, count)| *count).max().unwrap_or(1);
        let number = |count: i64| f64::from(i32::try_from(count).unwrap_or(i32::MAX));
        chart::bar(&count.to_string(), number(most), &[(number(*count), "two")])
    }
}

pub(crate) async fn page(State(web): State<WebState>, visit: Visit) -> Result<Response, Failure> {
    let now = visit.now;
    let view = web.ask(move |traeger| traeger.overview(now)).await?;
    let mut c = Chrome::new(&visit, web.shared().config.traeger_name.clone())
        .lead(visit.language.with("overview-lead", &[("count", view.schools.len().into())]));
    c.example = view.schools.iter().any(|school| school.is_example);
    c.example_among_others = !view.schools.iter().all(|school| school.is_example);
    html(&Page { c, view })
}

pub(crate) async fn csv(State(web): State<WebState>, visit: Visit) -> Result<Response, Failure> {
    let now = visit.now;
    let view = web.ask(move |traeger| traeger.overview(now)).await?;
    let t = |key: &str| visit.language.text(key);
    let header: Vec<String> = [
        "column-school",
        "column-school-kind",
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
    let rows: Vec<Vec<String>> = view
        .schools
        .iter()
        .map(|school| {
            let mut row = vec![school.name.clone(), school.kind.clone()];
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
