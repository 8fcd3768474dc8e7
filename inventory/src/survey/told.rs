//! What a school says to the questions of its Träger, so that its devices need not be held for thousands of schools.

use super::bounds::{Interval, Truth};
use super::evaluate::{Evaluator, Evidence, Reason};
use super::file::{Question, Survey};
use super::formula::Expr;
use super::view::{SurveyView, Walked};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The questions that a survey of a Träger puts to each of its schools, in a fixed order.
#[derive(Clone, Debug)]
pub struct Asked(Arc<[Expr]>);

impl Asked {
    /// Gathers them from a survey; empty for a survey that asks schools directly.
    #[must_use]
    pub fn of(survey: &Survey) -> Self {
        let mut all: Vec<Expr> = Vec::new();
        for expr in survey.questions.iter().flat_map(Question::formulas) {
            expr.visit(&mut |inner| {
                if let Expr::ShareOfSchools(one) | Expr::CountOfSchools(one) | Expr::SumOfSchools(one) = inner
                    && !all.contains(one)
                {
                    all.push((**one).clone());
                }
            });
        }
        Self(all.into())
    }
}

/// What one school said.
#[derive(Clone, Debug)]
pub struct Told {
    /// Its identifier.
    pub school: String,
    /// Its name.
    pub name: String,
    /// How much of it was walked.
    pub walked: Walked,
    asked: Asked,
    said: Vec<Said>,
}

/// What a school said to one of the questions.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) truth: Truth,
    pub(super) number: Interval,
    pub(super) reasons: BTreeSet<Reason>,
}

impl Told {
    /// Asks one school.
    #[must_use]
    pub fn by(view: &SurveyView, survey: &Survey, asked: &Asked) -> Self {
        let thresholds = survey.threshold_values();
        let said = asked
            .0
            .iter()
            .map(|expr| {
                let mut evaluator = Evaluator::new(view, &[], &thresholds).quiet();
                let outcome = evaluator.run(expr);
                Said { truth: outcome.truth(), number: outcome.number(), reasons: evaluator.trace.reasons }
            })
            .collect();
        Self {
            school: view.school.clone(),
            name: view.name.clone(),
            walked: view.walked.clone(),
            asked: asked.clone(),
            said,
        }
    }

    /// Asks several schools.
    #[must_use]
    pub fn by_all(views: &[SurveyView], survey: &Survey) -> Vec<Self> {
        let asked = Asked::of(survey);
        views.iter().map(|view| Self::by(view, survey, &asked)).collect()
    }

    /// The school as evidence; its own answers show the devices behind.
    pub(super) fn cited(&self) -> Evidence {
        let (school, label) = (self.school.clone(), self.name.clone());
        Evidence { noun: "school".into(), id: school.clone(), school, label }
    }

    /// What it said to one of the questions it was asked.
    pub(super) fn to(&self, expr: &Expr) -> Option<&Said> {
        let nth = self.asked.0.iter().position(|asked| asked == expr)?;
        self.said.get(nth)
    }
}
