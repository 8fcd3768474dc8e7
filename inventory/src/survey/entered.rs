//! What is known of a school as a whole: facts that people entered, counters, coverage.

use super::bounds::{Interval, Truth};
use super::evaluate::{Evaluator, Evidence, Outcome, Reason};
use super::view::years;
use crate::Timestamp;

impl Evaluator<'_> {
    pub(super) fn fact(&mut self, name: &str) -> Outcome {
        let Some(value) = self.entered(name) else { return Outcome::Number(Interval::UNKNOWN) };
        if let Ok(number) = value.replace(',', ".").parse::<f64>()
            && number.is_finite()
        {
            return Outcome::Number(Interval::exact(number));
        }
        match Timestamp::parse_date(&value) {
            Some(date) => Outcome::Date(Some(date)),
            None => Outcome::Texts(vec![value]),
        }
    }

    pub(super) fn entered(&mut self, name: &str) -> Option<String> {
        let Some(fact) = self.view.facts.get(name).filter(|fact| !fact.value.trim().is_empty()) else {
            self.trace.reasons.insert(Reason::FactMissing { fact: name.to_owned() });
            return None;
        };
        let old = years(fact.at, self.view.as_of) > 1.0;
        let (school, value) = (self.view.school.clone(), fact.value.trim().to_owned());
        self.doubt_if(old, Reason::FactOld { fact: name.to_owned() });
        self.trace.evidence.insert(Evidence {
            noun: "fact".into(),
            school,
            id: name.to_owned(),
            label: format!("{name} = {value}"),
        });
        Some(value)
    }

    pub(super) fn filled(&mut self, name: &str) -> Truth {
        match self.entered(name) {
            None => Truth::Unlikely,
            Some(value) => Truth::certain(!matches!(
                value.to_lowercase().as_str(),
                "none" | "no" | "nein" | "keine" | "geen" | "-"
            )),
        }
    }

    pub(super) fn counter(&mut self, name: &str) -> Interval {
        match self.view.counters.get(name) {
            Some(peak) => Interval {
                value: Some(f64::from(*peak)),
                lower: Some(f64::from(*peak)),
                // A peak between two walks is not seen.
                upper: None,
            },
            None => {
                self.doubt_coverage();
                Interval::UNKNOWN
            }
        }
    }

    pub(super) fn covered(&mut self) -> Interval {
        let walked = &self.view.walked;
        if walked.expected == 0 {
            self.doubt_coverage();
            return Interval::UNKNOWN;
        }
        Interval::exact(f64::from(walked.covered) / f64::from(walked.expected))
    }

    pub(super) fn days_since_walk(&mut self) -> Interval {
        match self.view.walked.last_round {
            Some(ended) => Interval::exact(years(ended, self.view.as_of) * 365.25),
            None => {
                self.doubt_coverage();
                Interval::UNKNOWN
            }
        }
    }
}
