//! What nearly every domain could do better, folded into one line for each domain.

use crate::chrome::Chrome;
use crate::guard::escaped;
use rundgang_inventory::mail::catalogue::technique;
use rundgang_store::views::findings::FindingLine;

/// What one domain could do better.
pub(crate) struct Folded {
    subject: String,
    /// What people call the domain.
    pub(crate) label: String,
    /// Who answers for it; empty for nobody.
    pub(crate) responsible: String,
    /// Since when the oldest of it stands open.
    pub(crate) since: rundgang_inventory::Timestamp,
    pub(crate) parts: Vec<Part>,
}

/// One technique that is not in use yet, with the finding that tells what to enter.
pub(crate) struct Part {
    /// Its name: `MTA-STS`.
    pub(crate) name: String,
    /// The sentence of its finding.
    pub(crate) title: String,
    /// The page of its finding.
    pub(crate) to: String,
}

/// The lines of each domain in one, in the order in which the domains come first.
pub(crate) fn folded<'l>(
    c: &Chrome,
    school: i64,
    lines: impl IntoIterator<Item = &'l FindingLine>,
) -> Vec<Folded> {
    let mut all: Vec<Folded> = Vec::new();
    for line in lines {
        let part = Part {
            name: technique(line.rule.strip_prefix("mail.").unwrap_or(&line.rule)),
            title: c.rule(&line.rule),
            to: address(school, line),
        };
        match all.iter_mut().find(|folded| folded.subject == line.subject) {
            Some(folded) => {
                folded.since = folded.since.min(line.opened);
                folded.parts.push(part);
            }
            None => all.push(Folded {
                subject: line.subject.clone(),
                label: line.label.clone(),
                responsible: line.responsible.clone(),
                since: line.opened,
                parts: vec![part],
            }),
        }
    }
    all.iter_mut().for_each(|folded| folded.parts.sort_by(|a, b| a.name.cmp(&b.name)));
    all
}

/// The page of a finding.
pub(crate) fn address(school: i64, line: &FindingLine) -> String {
    format!("/schule/{school}/befund?rule={}&subject={}", escaped(&line.rule), escaped(&line.subject))
}
