//! The public SPF suite (RFC 7208) against our evaluator, each scenario as a small DNS in memory.

use anyhow::{Context, Result};
use rundgang_inventory::mail::lookup::{Answer, Lookups, Outcome, Question, RecordType};
use rundgang_inventory::mail::spf::{Sender, Verdict, evaluate};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

#[derive(Deserialize)]
struct Scenario {
    description: String,
    zonedata: BTreeMap<String, Vec<Row>>,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    value: serde_json::Value,
    #[serde(default)]
    timeout: bool,
}

#[derive(Deserialize)]
struct Test {
    id: String,
    helo: String,
    host: String,
    mailfrom: String,
    result: Vec<String>,
    explanation: Option<String>,
}

/// How the suite went.
pub(crate) struct Outcomes {
    /// Tests with the right result and explanation.
    pub(crate) passed: usize,
    /// All tests.
    pub(crate) total: usize,
    /// One line for each test that failed.
    pub(crate) misses: Vec<String>,
}

/// Runs the suite.
pub(crate) fn run(file: &Path) -> Result<Outcomes> {
    let text = std::fs::read_to_string(file).with_context(|| format!("reading {}", file.display()))?;
    let scenarios: Vec<Scenario> = serde_json::from_str(&text).context("reading the SPF suite")?;
    let mut outcomes = Outcomes { passed: 0, total: 0, misses: Vec::new() };
    for scenario in &scenarios {
        for test in &scenario.tests {
            outcomes.total += 1;
            let sender = Sender::new(test.host.parse()?, &test.mailfrom, &test.helo);
            let verdict = verdict(scenario, &sender);
            let result = test.result.iter().any(|wanted| wanted == verdict.result.name());
            let explanation = match test.explanation.as_deref() {
                None => true,
                Some("DEFAULT") => verdict.explanation.is_none(),
                wanted => verdict.explanation.as_deref() == wanted,
            };
            if result && explanation {
                outcomes.passed += 1;
            } else {
                outcomes.misses.push(format!(
                    "{} / {}: wanted {:?} {:?}, got {verdict:?}",
                    scenario.description, test.id, test.result, test.explanation
                ));
            }
        }
    }
    Ok(outcomes)
}

/// Evaluates, answering each question from the scenario's zone.
fn verdict(scenario: &Scenario, sender: &Sender) -> Verdict {
    let mut known: BTreeMap<Question, Answer> = BTreeMap::new();
    loop {
        match evaluate(&known as &dyn Lookups, sender) {
            Ok(verdict) => return verdict,
            Err(questions) => {
                for question in questions {
                    let answer = scenario.answer(&question.name, question.kind, 0);
                    known.insert(question, answer);
                }
            }
        }
    }
}

impl Scenario {
    /// What a resolver would say about the scenario's zone: aliases are followed up to eight times.
    fn answer(&self, name: &str, kind: RecordType, depth: usize) -> Answer {
        let rows = self
            .zonedata
            .iter()
            .find(|(known, _)| known.strip_suffix('.').unwrap_or(known).eq_ignore_ascii_case(name));
        let Some((_, rows)) = rows else { return Answer::nothing(Outcome::NoName) };
        let matching: Vec<String> =
            rows.iter().filter(|row| row.kind == kind.name()).filter_map(text).collect();
        if !matching.is_empty() {
            return Answer::found(matching);
        }
        if let Some(alias) = rows.iter().find(|row| row.kind == "CNAME").and_then(|row| row.value.as_str()) {
            return if depth < 8 {
                self.answer(alias, kind, depth + 1)
            } else {
                Answer::nothing(Outcome::ServerFailure)
            };
        }
        if rows.iter().any(|row| row.timeout) {
            return Answer::nothing(Outcome::TimedOut);
        }
        Answer::nothing(Outcome::NoRecords)
    }
}

/// A record of the suite in the text form of look-ups.
fn text(row: &Row) -> Option<String> {
    match &row.value {
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Array(parts) if row.kind == "MX" => {
            Some(format!("{} {}", parts.first()?, parts.get(1)?.as_str()?.trim_end_matches('.')))
        }
        serde_json::Value::Array(parts) => Some(parts.iter().filter_map(|part| part.as_str()).collect()),
        _ => None,
    }
}
