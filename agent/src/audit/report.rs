//! The readable report: what is wrong, what happens because of it, what to do, and the record to change. Prose is
//! wrapped for a terminal; records and requests stand as they are to be copied.

use super::Audited;
use rundgang_inventory::mail::catalogue::{entry, technique};
use rundgang_inventory::mail::found::spoken_form;
use rundgang_inventory::mail::spf::{Sender, Verdict};
use rundgang_inventory::mail::wording::{label, question};
use rundgang_inventory::mail::{BASELINE, Language, MailFinding, Proposal, Remark, Severity, not_checkable};
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
    // The label that the last line had: it is not said again before the next one of its kind.
    said: &'static str,
}

/// The report on one domain: a line that says how it stands, then one block for each finding.
pub(crate) fn text(audited: &Audited, language: Language) -> String {
    let (baseline, findings): (Vec<_>, Vec<_>) =
        audited.findings.iter().partition(|finding| BASELINE.contains(&finding.id));
    let failed = not_checkable(&audited.evidence);
    let head = heading(&audited.evidence.domain, &findings, failed.is_empty(), language);
    let mut report = Report { text: String::new(), language, said: "" };
    report.wrapped(&head, 2, "");
    for finding in &findings {
        report.text.push('\n');
        report.finding(finding);
    }
    report.failures(&failed);
    if !baseline.is_empty() {
        let names: Vec<String> = baseline.iter().map(|finding| technique(finding.id)).collect();
        report.text.push('\n');
        report.wrapped(&format!("  {}: ", label("baseline", language)), 4, &names.join(", "));
    }
    report.text.push('\n');
    report.text
}

/// The domain as people write it, and how many findings of each severity it has.
fn heading(domain: &str, findings: &[&MailFinding], all_checked: bool, language: Language) -> String {
    let shown = spoken_form(domain);
    let mut counts: Vec<(Severity, usize)> = Vec::new();
    for finding in findings {
        match counts.last_mut() {
            Some((severity, count)) if *severity == finding.severity => *count += 1,
            _ => counts.push((finding.severity, 1)),
        }
    }
    let faultless = counts.iter().all(|(severity, _)| *severity == Severity::Info) && all_checked;
    let counts =
        counts.iter().map(|(severity, count)| format!("{count} {}", label(severity.name(), language)));
    let fine = faultless.then(|| label("fine", language).to_owned());
    let standing: Vec<String> = fine.into_iter().chain(counts).collect();
    if standing.is_empty() { shown } else { format!("{shown}: {}", standing.join(", ")) }
}

impl Report {
    fn finding(&mut self, finding: &MailFinding) {
        self.said = "";
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

    /// What could not be checked, and why.
    fn failures(&mut self, failed: &[Remark]) {
        if failed.is_empty() {
            return;
        }
        let text = format!("\n  {}:\n", label("unchecked", self.language));
        self.text.push_str(&text);
        for line in failed.iter().take(MOST_FAILED) {
            self.wrapped("    ", 6, &line.text(self.language));
        }
        if let Some(left) = failed.len().checked_sub(MOST_FAILED).filter(|left| *left > 0) {
            let more = label("more", self.language).replace("{count}", &left.to_string());
            self.wrapped("    ", 6, &more);
        }
    }

    /// The beginning of a line: its label where the line before had another one.
    fn head(&mut self, key: &'static str) -> String {
        let said = std::mem::replace(&mut self.said, key);
        if said == key {
            " ".repeat(INDENT)
        } else {
            format!("{:<INDENT$}", format!("    {}: ", label(key, self.language)))
        }
    }

    /// A line of prose after its label.
    fn line(&mut self, key: &'static str, text: &str) {
        let head = self.head(key);
        self.wrapped(&head, INDENT, text);
    }

    /// A line to be copied: never broken.
    fn verbatim(&mut self, key: &'static str, text: &str) {
        let head = self.head(key);
        self.text.push_str(&format!("{head}{text}\n"));
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

    async fn audited(recording: &str) -> Audited {
        let recorded: RecordedDns = toml::from_str(recording).expect("a recording");
        let domain = recorded.first_domain().expect("a domain");
        let gathered =
            recorded.gather(vec![domain], &std::collections::BTreeMap::new(), None).await.expect("evidence");
        let evidence = gathered.into_iter().next().expect("a domain");
        let findings = judge(&evidence, &Context::default());
        Audited { evidence, findings }
    }

    #[tokio::test]
    async fn a_report_fits_a_terminal_in_every_language() {
        for recording in [
            include_str!("examples/good.toml"),
            include_str!("examples/gappy.toml"),
            include_str!("examples/broken.toml"),
        ] {
            let audited = audited(recording).await;
            for language in [Language::De, Language::En, Language::Nl] {
                let report = text(&audited, language);
                let copied = ["add", "remove", "wanted"].map(|key| label(key, language));
                let mut copying = false;
                for line in report.lines() {
                    let begins = line.len() > INDENT && !line.starts_with(&" ".repeat(INDENT));
                    let words = line.trim_start();
                    copying =
                        if begins { copied.iter().any(|label| words.starts_with(label)) } else { copying };
                    let columns = line.chars().count();
                    assert!(copying || columns <= WIDTH, "{columns} columns: {line}");
                    assert_eq!(line.trim_end(), line, "white space at the end");
                }
                assert!(!report.contains("\n\n\n") && report.ends_with("\n\n"), "{report}");
            }
        }
    }

    #[tokio::test]
    async fn a_report_says_first_how_a_domain_stands() {
        let check = async |recording, language, parts: &[&str]| {
            let report = text(&audited(recording).await, language);
            let mut rest = report.as_str();
            for part in parts {
                let at = rest.find(part);
                assert!(at.is_some(), "'{part}' is missing or out of place:\n{report}");
                rest = &rest[at.unwrap_or_default()..];
            }
        };
        let good = include_str!("examples/good.toml");
        check(
            good,
            Language::De,
            &[
                "grundschule-köln.example (xn--grundschule-kln-ltb.example): nichts zu beanstanden\n",
                "könnte besser sein: DNSSEC, DANE\n",
            ],
        )
        .await;
        check(good, Language::En, &["nothing is wrong\n", "could be better: DNSSEC, DANE\n"]).await;
        let gappy = include_str!("examples/gappy.toml");
        check(
            gappy,
            Language::De,
            &[
                "verein.example: 4 HOCH, 1 MITTEL, 1 GERING, 1 HINWEIS\n",
                "HOCH",
                "Abhilfe:",
                "setzen:",
                "Mailanbieter: Bitte",
                "könnte besser sein: CAA, DNSSEC",
            ],
        )
        .await;
        check(
            gappy,
            Language::En,
            &["HIGH", "remedy:", "add:", "mail provider: Please", "could be better: CAA, DNSSEC"],
        )
        .await;
        check(
            gappy,
            Language::Nl,
            &["HOOG", "oplossing:", "zetten:", "mailaanbieder: Zet", "kan beter: CAA, DNSSEC"],
        )
        .await;
        let broken = include_str!("examples/broken.toml");
        check(
            broken,
            Language::De,
            &["kaputt.example: 2 DRINGEND", "[dkim.weak-key]", "[spf.permissive-all]", "löschen:", "setzen:"],
        )
        .await;
    }
}
