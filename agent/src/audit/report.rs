//! The readable report: what is wrong, what happens because of it, what to do, and the record to change. Prose is
//! wrapped for a terminal; records and requests stand as they are to be copied.

use super::Audited;
use rundgang_inventory::mail::catalogue::entry;
use rundgang_inventory::mail::spf::{Sender, Verdict};
use rundgang_inventory::mail::wording::{label, question};
use rundgang_inventory::mail::{BASELINE, Language, MailFinding, Proposal, not_checkable};
use std::fmt::Write as _;

/// Columns of a terminal that prose keeps to.
const WIDTH: usize = 100;
/// Where the text of a line begins.
const INDENT: usize = 14;
/// No more failed look-ups are named one by one.
const MOST_FAILED: usize = 10;

/// A report as it grows.
struct Report {
    text: String,
    language: Language,
}

/// The report on one domain.
pub(crate) fn text(audited: &Audited, language: Language) -> String {
    let mut report = Report { text: format!("{}\n", audited.evidence.domain), language };
    let (baseline, findings): (Vec<_>, Vec<_>) =
        audited.findings.iter().partition(|finding| BASELINE.contains(&finding.id));
    for finding in &findings {
        report.finding(finding);
    }
    let failed = not_checkable(&audited.evidence);
    for line in failed.iter().take(MOST_FAILED) {
        report.line("unchecked", &line.text(language));
    }
    if let Some(left) = failed.len().checked_sub(MOST_FAILED).filter(|left| *left > 0) {
        report.line("unchecked", &label("more", language).replace("{count}", &left.to_string()));
    }
    if findings.is_empty() && failed.is_empty() {
        report.text.push_str(&format!("  {}\n", label("fine", language)));
    }
    if !baseline.is_empty() {
        let ids: Vec<&str> = baseline.iter().map(|finding| finding.id).collect();
        report.wrapped(&format!("  {}: ", label("baseline", language)), 4, &ids.join(", "));
    }
    report.text
}

impl Report {
    fn finding(&mut self, finding: &MailFinding) {
        let severity = label(finding.severity.name(), self.language);
        let texts = entry(finding.id).map(|entry| entry.texts(self.language));
        let wrong = texts.map_or("", |texts| &texts.wrong);
        self.wrapped(&format!("  {severity:<10}  "), INDENT, &format!("{wrong} [{}]", finding.id));
        if let Some(texts) = texts {
            self.line("effect", &texts.effect);
            self.line("remedy", &texts.remedy);
        }
        for line in finding.lines(self.language) {
            self.line("seen", &line);
        }
        if let Some(proposal) = &finding.proposal {
            self.proposal(proposal);
        }
    }

    fn proposal(&mut self, proposal: &Proposal) {
        if let Some(words) = proposal.question.and_then(|id| question(id, self.language)) {
            self.line("first", words);
        }
        for record in &proposal.remove {
            self.verbatim("remove", &record.to_string());
        }
        for record in &proposal.add {
            self.verbatim("add", &record.to_string());
        }
        for record in &proposal.wanted {
            self.verbatim("wanted", record);
        }
        if let Some(file) = &proposal.file {
            self.verbatim("file", &file.url);
            for line in file.text.lines() {
                self.text.push_str(&format!("{:INDENT$}  {line}\n", ""));
            }
        }
        for request in &proposal.ask {
            let text = format!("{}: {}", request.to(self.language), request.text(self.language));
            self.line("ask", &text);
        }
    }

    /// A line of prose after its label.
    fn line(&mut self, key: &'static str, text: &str) {
        let head = format!("    {}: ", label(key, self.language));
        self.wrapped(&format!("{head:<INDENT$}"), INDENT, text);
    }

    /// A line to be copied: never broken.
    fn verbatim(&mut self, key: &'static str, text: &str) {
        let head = format!("    {}: ", label(key, self.language));
        self.text.push_str(&format!("{head:<INDENT$}{text}\n"));
    }

    /// Text broken at spaces; later lines begin at `indent`.
    fn wrapped(&mut self, head: &str, indent: usize, text: &str) {
        let mut line = head.to_owned();
        let mut room = WIDTH.saturating_sub(line.chars().count());
        let mut is_fresh = true;
        for word in text.split_whitespace() {
            let length = word.chars().count();
            if !is_fresh && length + 1 > room {
                self.text.push_str(line.trim_end());
                self.text.push('\n');
                line = " ".repeat(indent);
                room = WIDTH - indent;
                is_fresh = true;
            }
            if !is_fresh {
                line.push(' ');
                room = room.saturating_sub(1);
            }
            line.push_str(word);
            room = room.saturating_sub(length);
            is_fresh = false;
        }
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }
}

/// The answer of `spf-check`.
pub(super) fn verdict(sender: &Sender, verdict: &Verdict) -> String {
    let mut text = format!("{} as {}: {}\n", sender.ip, sender.domain, verdict.result.name());
    for step in &verdict.path {
        writeln!(text, "  {step}").ok();
    }
    if let Some(reason) = &verdict.reason {
        writeln!(text, "  {reason}").ok();
    }
    if let Some(explanation) = &verdict.explanation {
        writeln!(text, "  the domain says: {explanation}").ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::{recorded::RecordedDns, standing::DomainAudit as _};
    use rundgang_inventory::mail::{Context, judge};

    #[tokio::test]
    async fn a_report_fits_a_terminal_in_every_language() {
        let recorded: RecordedDns = toml::from_str(include_str!("examples/gappy.toml")).expect("a recording");
        let gathered = recorded.gather(vec!["verein.example".to_owned()], None).await.expect("evidence");
        let evidence = gathered.into_iter().next().expect("a domain");
        let findings = judge(&evidence, &Context::default());
        let audited = Audited { evidence, findings };
        for (language, words) in [
            (Language::De, ["HOCH", "Abhilfe:", "setzen:", "könnte besser sein:", "Mailanbieter: Bitte"]),
            (Language::En, ["HIGH", "remedy:", "add:", "could be better:", "mail provider: Please"]),
            (Language::Nl, ["HOOG", "oplossing:", "zetten:", "kan beter:", "mailaanbieder: Zet"]),
        ] {
            let report = text(&audited, language);
            for word in words {
                assert!(report.contains(word), "{word} is missing:\n{report}");
            }
            assert_eq!(report.matches("caa.missing").count(), 1, "{report}");
            let copied = [label("add", language), label("remove", language), label("wanted", language)];
            for line in report.lines() {
                let whole = copied.iter().any(|label| line.trim_start().starts_with(label));
                assert!(whole || line.chars().count() <= WIDTH, "{} columns: {line}", line.chars().count());
            }
        }
    }
}
