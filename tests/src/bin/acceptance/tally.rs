//! Goals: what was promised of each attribute, compared with the judge's figures.

use serde_json::Value;

/// One attribute and what was promised of it, in percent.
pub(crate) struct Goal {
    /// The judge's name of the attribute.
    pub(crate) attribute: &'static str,
    /// At least so many of the known truths are answered rightly.
    pub(crate) right: f64,
    /// Fewer than so many are answered wrongly; none where it was not promised.
    pub(crate) wrong: Option<f64>,
}

/// Right, wrong and known answers of one kind ("ALL" for all) and attribute.
pub(crate) fn shares(figures: &Value, kind: &str, attribute: &str) -> Option<(f64, f64, f64)> {
    let cell = figures.get(kind)?.get(attribute)?;
    let number = |name: &str| cell.get(name).and_then(Value::as_f64);
    let (known, right, answered) = (number("n")?, number("right")?, number("answered")?);
    (known > 0.0).then(|| (100.0 * right / known, 100.0 * (answered - right).max(0.0) / known, known))
}

/// Prints each goal beside what was reached; true where all are.
#[expect(clippy::print_stdout, reason = "the table is the output")]
pub(crate) fn compare(title: &str, figures: &Value, kind: &str, goals: &[Goal]) -> bool {
    println!("{title}");
    let mut all = true;
    for goal in goals {
        let Some((right, wrong, known)) = shares(figures, kind, goal.attribute) else {
            println!("  {:<12} no truth is known", goal.attribute);
            continue;
        };
        let reached = right >= goal.right && goal.wrong.is_none_or(|limit| wrong < limit);
        all &= reached;
        let limit =
            goal.wrong.map_or_else(String::new, |limit| format!(", wrong {wrong:.1} % of < {limit} %"));
        println!(
            "  {:<12} {right:.1} % of >= {} %{limit} (n = {known}) {}",
            goal.attribute,
            goal.right,
            if reached { "reached" } else { "MISSED" }
        );
    }
    all
}
