//! The readable report: what is wrong, what happens because of it, what to do, and the record to change.

use super::cli::Audited;
use rundgang_inventory::mail::catalogue::entry;
use rundgang_inventory::mail::spf::{Sender, Verdict};
use rundgang_inventory::mail::{BASELINE, Language, not_checkable};
use std::fmt::Write as _;

/// The report on one domain.
pub(crate) fn text(audited: &Audited) -> String {
    let mut text = format!("{}\n", audited.evidence.domain);
    let (baseline, findings): (Vec<_>, Vec<_>) =
        audited.findings.iter().partition(|finding| BASELINE.contains(&finding.id));
    for finding in &findings {
        text.push_str(&format!("  {:<8} {}\n", finding.severity.name(), finding.id));
        if let Some(entry) = entry(finding.id) {
            let texts = entry.texts(Language::En);
            for line in [&texts.wrong, &texts.effect, &texts.remedy] {
                text.push_str(&format!("           {line}\n"));
            }
        }
        for line in &finding.evidence {
            text.push_str(&format!("           seen:   {line}\n"));
        }
        if let Some(proposal) = &finding.proposal {
            for line in &proposal.remove {
                text.push_str(&format!("           remove: {line}\n"));
            }
            for line in &proposal.add {
                text.push_str(&format!("           add:    {line}\n"));
            }
        }
    }
    if !baseline.is_empty() {
        let ids: Vec<&str> = baseline.iter().map(|finding| finding.id).collect();
        text.push_str(&format!("  could be better: {}\n", ids.join(", ")));
    }
    let failed = not_checkable(&audited.evidence);
    for line in failed.iter().take(10) {
        text.push_str(&format!("  not checkable: {line}\n"));
    }
    if failed.len() > 10 {
        text.push_str(&format!("  not checkable: {} more\n", failed.len() - 10));
    }
    if findings.is_empty() && failed.is_empty() {
        text.push_str("  nothing is wrong\n");
    }
    text
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
