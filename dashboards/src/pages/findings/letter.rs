//! A finding as a mail: to whom it may concern, or as an order to the provider that the register names for the domain.

use super::told::Told;
use crate::chrome::Chrome;
use crate::mailto::{mailbox, mailto};
use rundgang_store::DocumentedSystem;
use rundgang_store::views::findings::FindingLine;

/// The finding as a mail to whom it may concern, for the reader's own mail program.
pub(crate) fn letter(c: &Chrome, school: &str, line: &FindingLine, told: &Told) -> String {
    let subject = format!("{school}: {} ({})", c.rule(&line.rule), line.label);
    mailto("", &subject, &text(c, line, told))
}

/// A finding in words, as it is passed on.
pub(crate) fn text(c: &Chrome, line: &FindingLine, told: &Told) -> String {
    let title = c.rule(&line.rule);
    let mut body = vec![format!("{title}: {}", line.label), told.why.clone(), told.remedy.clone()];
    for (key, records) in [("finding-record", &told.records), ("finding-remove", &told.gone)] {
        if !records.is_empty() {
            body.push(c.t(key));
            body.extend(records.iter().map(|record| record.line.clone()));
        }
    }
    body.extend(told.file.iter().flat_map(|(url, text)| [url.clone(), text.clone()]));
    body.extend(told.requests.iter().map(|request| request.text.clone()));
    body.extend(told.questions.iter().cloned());
    body.retain(|part| !part.is_empty());
    body.join("\n\n")
}

/// An order to a provider: what to change in the DNS, ready to be sent or copied.
pub(crate) struct Order {
    /// The mail for the reader's own mail program, addressed where the register holds an address.
    pub(crate) mailto: String,
    /// Its text, to be copied.
    pub(crate) text: String,
    /// The address that the register holds; may be empty.
    pub(crate) address: String,
}

impl Order {
    /// What the provider of a system is to do about a finding of the mail audit; none where there is nothing to do for
    /// a provider. What the school has to settle first is no part of it.
    pub(crate) fn of(
        c: &Chrome,
        school: &str,
        line: &FindingLine,
        told: &Told,
        system: &DocumentedSystem,
    ) -> Option<Self> {
        let requests: Vec<&str> = told
            .requests
            .iter()
            .filter(|request| request.party != "school")
            .map(|request| request.text.as_str())
            .collect();
        let changes = [("order-add", &told.records), ("order-remove", &told.gone)];
        let is_idle = changes.iter().all(|(_, records)| records.is_empty())
            && requests.is_empty()
            && told.wanted.is_empty()
            && told.file.is_none();
        if is_idle || !line.rule.starts_with("mail.") {
            return None;
        }
        let lead =
            c.language.with("order-lead", &[("domain", (&line.label).into()), ("school", school.into())]);
        let mut body = vec![c.t("order-greeting"), lead];
        for (key, records) in changes.into_iter().filter(|(_, records)| !records.is_empty()) {
            let lines: Vec<&str> = records.iter().map(|record| record.line.as_str()).collect();
            body.push(format!("{}\n{}", c.t(key), lines.join("\n")));
        }
        if !told.wanted.is_empty() {
            body.push(format!("{}\n{}", c.t("finding-wanted"), told.wanted.join("\n")));
        }
        body.extend(
            told.file.iter().map(|(url, text)| format!("{}\n{text}", c.s("finding-file", "url", url))),
        );
        body.extend(requests.iter().map(|&text| text.to_owned()));
        let why = format!("{}. {}", c.rule(&line.rule), told.why);
        body.push(c.s("order-why", "why", why.trim().to_owned()));
        body.push(format!("{}\n{school}", c.t("order-end")));
        let text = body.join("\n\n");
        let subject =
            c.language.with("order-subject", &[("domain", (&line.label).into()), ("school", school.into())]);
        let places = [&system.hotline, &system.first_level, &system.second_level, &system.provider];
        let address = places.into_iter().find_map(|text| mailbox(text)).unwrap_or_default();
        Some(Self { mailto: mailto(&address, &subject, &text), text, address })
    }
}
