//! `papers`: the documents a school needs before a walk, made from the configuration so that they cannot drift.

mod html;

use crate::authority::AGENT_DAYS;
use rundgang_agent::{probe::Group, probes, spool::KEEP_UNSENT_MS};
use rundgang_dashboards::{Language, format, structure};
use rundgang_inventory::{
    Kind, Timestamp, Zone,
    kind::Class,
    mail::catalogue::Language as Spoken,
    vocabulary::{self, Privacy},
};
use rundgang_store::{Retention, Traeger};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, io, path::Path};

const WORDS: &str = include_str!("../papers/words.de.toml");
const RETENTION: &str = include_str!("../papers/fristen.de.md");

/// The papers: file name and template.
const PAPERS: &[(&str, &str)] = &[
    ("1-verzeichnis-art-30.md", include_str!("../papers/verzeichnis.de.md")),
    ("2-hinweis-art-13.md", include_str!("../papers/hinweis.de.md")),
    ("3-schwellwert-art-35.md", include_str!("../papers/schwellwert.de.md")),
    ("4-personalrat.md", include_str!("../papers/personalrat.de.md")),
];

/// How long what is kept, as the papers state it (promise P8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Periods {
    /// Raw observations, days after they were last confirmed.
    pub observations_days: i64,
    /// Validity intervals, months.
    pub intervals_months: i64,
    /// Unclassified devices, days.
    pub unclassified_days: i64,
    /// Retired devices, months.
    pub retired_months: i64,
    /// Findings, months.
    pub findings_months: i64,
    /// Audit log, months.
    pub audit_months: i64,
    /// Counters, days.
    pub counts_days: i64,
    /// Frozen survey answers, years.
    pub answers_years: i64,
}

/// Days as months, never fewer than they are: a paper must not promise less than is kept.
const fn months(days: i64) -> i64 {
    (days * 12 + 364) / 365
}

/// Days as years, never fewer than they are.
const fn years(days: i64) -> i64 {
    (days * 100 + 36_524) / 36_525
}

impl From<Retention> for Periods {
    fn from(keep: Retention) -> Self {
        Self {
            observations_days: keep.observations,
            intervals_months: months(keep.intervals),
            unclassified_days: keep.unclassified,
            retired_months: months(keep.devices),
            findings_months: months(keep.findings),
            audit_months: months(keep.audit),
            counts_days: keep.counts,
            answers_years: years(keep.answers),
        }
    }
}

impl Default for Periods {
    fn default() -> Self {
        Retention::default().into()
    }
}

/// What a paper is about.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// The Träger's name; a blank to fill in where it is empty.
    pub traeger: String,
    /// The schools' names.
    pub schools: Vec<String>,
    /// How long what is kept.
    pub periods: Periods,
}

/// German words that only the papers use.
#[derive(Deserialize)]
struct Words {
    groups: BTreeMap<String, String>,
    probes: BTreeMap<String, String>,
}

/// A word as the pages have it, such as that of a kind; the name itself where the pages have none.
fn word(family: &str, name: &str) -> String {
    Language::De.find(&format!("{family}-{name}"), &[]).unwrap_or_else(|| name.to_owned())
}

/// Why the papers were not written.
#[derive(Debug, thiserror::Error)]
pub enum PapersError {
    /// The folder.
    #[error("writing the papers to {path}: {source}")]
    Folder {
        /// The folder or file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// The book.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
    /// Our own list of words.
    #[error("the list of German words is damaged: {0}")]
    Words(#[from] toml::de::Error),
}

/// The form of a paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Form {
    /// To be edited in any editor.
    Markdown,
    /// To be read and printed in a browser.
    Html,
}

/// The table of the Strukturanalyse.
const STRUCTURE: &str = "5-strukturanalyse.csv";

/// Writes every paper into a folder and returns the files' names. The table of the Strukturanalyse holds what stands in
/// the book, or its header alone where there is none yet.
///
/// # Errors
/// The folder is not writable, or the book cannot be read.
pub fn write(
    folder: &Path,
    about: &About,
    book: Option<&Traeger>,
    form: Form,
    now: Timestamp,
) -> Result<Vec<String>, PapersError> {
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |source| PapersError::Folder { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let mut names = Vec::new();
    let texts = papers(about, now)?.into_iter().map(|(name, text)| match form {
        Form::Markdown => (name.to_owned(), text),
        Form::Html => (name.replace(".md", ".html"), html::page(&text)),
    });
    let structure = (STRUCTURE.to_owned(), structure::table(book, None, now)?);
    for (name, text) in texts.chain([structure]) {
        let path = folder.join(name);
        fs::write(&path, text).map_err(failed(&path))?;
        names.push(path.display().to_string());
    }
    Ok(names)
}

/// Every paper: file name and text.
///
/// # Errors
/// Our own list of words is damaged.
pub fn papers(about: &About, now: Timestamp) -> Result<Vec<(&'static str, String)>, PapersError> {
    let words: Words = toml::from_str(WORDS)?;
    let values = values(about, &words, now);
    Ok(PAPERS.iter().map(|(name, template)| (*name, fill(template, &values))).collect())
}

fn fill(template: &str, values: &[(&str, String)]) -> String {
    values.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

fn values(about: &About, words: &Words, now: Timestamp) -> Vec<(&'static str, String)> {
    let of_class = |class| Kind::ALL.iter().filter(move |kind| kind.class() == class);
    let called = |kind: &Kind| word("kind", kind.name());
    let joined = |class| of_class(class).map(called).collect::<Vec<_>>().join(", ");
    let kinds =
        of_class(Class::Infrastructure).fold(String::new(), |text, kind| text + "- " + &called(kind) + "\n");
    let names = vocabulary::all().filter(|field| field.privacy == Privacy::Name).count();
    let blank = |text: &str| if text.is_empty() { "[Name]".to_owned() } else { cell(text) };
    let schools: Vec<_> = about.schools.iter().map(|school| cell(school)).collect();
    vec![
        ("traeger", blank(&about.traeger)),
        ("schools", blank(&schools.join(", "))),
        ("date", format::date(Language::De, Zone::BERLIN, now)),
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("kinds", kinds.trim_end().to_owned()),
        ("workplace", joined(Class::Workplace)),
        ("personal", joined(Class::Personal)),
        ("kind_count", of_class(Class::Infrastructure).count().to_string()),
        ("field_count", vocabulary::all().count().to_string()),
        ("name_count", names.to_string()),
        ("fields", fields()),
        ("probe_count", probes::ALL.len().to_string()),
        ("probes", probe_list(words)),
        ("retention", retention(&about.periods)),
        ("agent_days", AGENT_DAYS.to_string()),
    ]
}

/// A text as it may stand in a cell of a table.
fn cell(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect::<String>().replace('|', "/")
}

/// Every field of the vocabulary with its meaning.
fn fields() -> String {
    let mut text = String::from("| Feld | Bedeutung | Name? |\n|---|---|---|\n");
    for field in vocabulary::all() {
        let mark = if field.privacy == Privacy::Name { "ja" } else { "" };
        text += &format!("| `{}` | {} | {mark} |\n", field.name, cell(field.meaning_in(Spoken::De)));
    }
    text.trim_end().to_owned()
}

/// Every probe by group, with the sentence that says what it sends.
fn probe_list(words: &Words) -> String {
    let mut text = String::new();
    for &group in Group::ALL {
        let mut of_group = probes::ALL.iter().filter(|probe| probe.group == group).peekable();
        if of_group.peek().is_none() {
            continue;
        }
        let name = words.groups.get(group.name()).map_or(group.name(), String::as_str);
        text += &format!("- **{name}**\n");
        for probe in of_group {
            let sends = words.probes.get(probe.name).map_or(probe.sends, String::as_str);
            text += &format!("  - `{}`: {sends}\n", probe.name);
        }
    }
    text.trim_end().to_owned()
}

fn retention(periods: &Periods) -> String {
    let values = [
        ("observations", periods.observations_days),
        ("intervals", periods.intervals_months),
        ("unclassified", periods.unclassified_days),
        ("retired", periods.retired_months),
        ("findings", periods.findings_months),
        ("audit", periods.audit_months),
        ("counts", periods.counts_days),
        ("spool", KEEP_UNSENT_MS / 3_600_000),
        ("answers", periods.answers_years),
    ]
    .map(|(name, number)| (name, number.to_string()));
    fill(RETENTION, &values).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rundgang_agent::left_alone::LEFT_ALONE_DAYS;

    fn sample() -> Vec<(&'static str, String)> {
        let about = About {
            traeger: "Kreis Beispiel".to_owned(),
            schools: vec!["Gesamtschule | Nord".to_owned()],
            periods: Periods { observations_days: 14, ..Periods::default() },
        };
        papers(&about, Timestamp(1_790_000_000_000)).unwrap()
    }

    #[test]
    fn every_kind_state_group_and_probe_is_told_in_german() {
        let words: Words = toml::from_str(WORDS).unwrap();
        for kind in Kind::ALL {
            assert_ne!(word("kind", kind.name()), kind.name(), "{kind} has no German word");
        }
        for state in ["planned", "ordered", "in-use", "in-stock", "in-repair", "retired"] {
            assert_ne!(word("status", state), state, "{state} has no German word");
        }
        for group in Group::ALL {
            assert!(words.groups.contains_key(group.name()), "{} has no German word", group.name());
        }
        for probe in probes::ALL {
            let sends = words.probes.get(probe.name).map_or("", String::as_str);
            assert!(sends.ends_with('.'), "{} does not say in German what it sends", probe.name);
        }
        let known = |name: &&String| probes::ALL.iter().any(|probe| probe.name == **name);
        assert_eq!(words.probes.keys().find(|name| !known(name)), None, "no such probe");
    }

    #[test]
    fn the_papers_hold_no_english_meaning() {
        let (_, record) = &sample()[0];
        let (_, council) = &sample()[3];
        for field in vocabulary::all() {
            let english = cell(field.meaning);
            assert!(!record.contains(&format!("| {english} |")), "{} is told in English", field.name);
        }
        for probe in probes::ALL {
            assert!(!record.contains(probe.sends) && !council.contains(probe.sends), "{}", probe.name);
        }
    }

    #[test]
    fn the_staff_council_reads_of_every_role() {
        let (_, council) = sample().into_iter().find(|(name, _)| name.starts_with("4-")).unwrap();
        for role in rundgang_inventory::Role::ALL {
            let named = word("role", role.name());
            assert!(council.contains(&format!("| {named} |")), "{named} is not in the sheet");
        }
    }

    #[test]
    fn papers_can_be_printed_from_a_browser() {
        for (name, text) in sample() {
            let page = html::page(&text);
            assert!(page.contains("Kreis Beispiel") && page.contains("<h1>"), "{name}");
            for left in ["**", "\n# ", "\n## ", "\n- ", "|---"] {
                assert!(!page.contains(left), "{name} holds {left:?}: {page}");
            }
            for tag in ["ul", "table", "tr", "p", "li", "b", "code"] {
                let count = |mark: String| page.matches(&mark).count();
                assert_eq!(count(format!("<{tag}>")), count(format!("</{tag}>")), "{name}: {tag}");
            }
            for loading in ["src=", "href=", "url(", "<script"] {
                assert!(!page.contains(loading), "{name} loads something");
            }
        }
    }

    #[test]
    fn the_strukturanalyse_groups_what_is_alike() {
        let folder = tempfile::tempdir().unwrap();
        let store = rundgang_store::Store::sqlite(&folder.path().join("book.db")).unwrap();
        let now = Timestamp(1_790_000_000_000);
        let traeger = store.ensure_traeger("Kreis Beispiel", now).unwrap();
        let school = rundgang_store::NewSchool { name: "Schule, Nord".to_owned(), ..Default::default() };
        let school = traeger.ensure_school(&school, now).unwrap();
        for (name, kind, owner) in [
            ("Beamer 1", "projector", "Hausmeister"),
            ("Beamer 2", "projector", "Hausmeister"),
            ("=Moodle", "lms", ""),
        ] {
            let system = rundgang_store::DocumentedSystem {
                school,
                name: name.to_owned(),
                kind: kind.to_owned(),
                owner: owner.to_owned(),
                ..Default::default()
            };
            traeger.save_system(&system, "K", now).unwrap();
        }
        let out = folder.path().join("out");
        let files = write(&out, &About::default(), Some(&traeger), Form::Html, now).unwrap();
        assert!(
            files[0].ends_with("1-verzeichnis-art-30.html") && files[4].ends_with(STRUCTURE),
            "{files:?}"
        );
        let table = fs::read_to_string(out.join(STRUCTURE)).unwrap();
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 3, "{table}");
        assert_eq!(lines[1], "\"Schule, Nord\";A001;Anwendung;'=Moodle;;1;;in Betrieb;;;;");
        assert_eq!(lines[2], "\"Schule, Nord\";I001;IT-System;Beamer;;2;;in Betrieb;;Hausmeister;;");
        write(&out, &About::default(), None, Form::Markdown, now).unwrap();
        assert_eq!(
            fs::read_to_string(out.join(STRUCTURE)).unwrap().lines().count(),
            1,
            "before there is a book"
        );
    }

    #[test]
    fn no_placeholder_is_left_and_the_configuration_shows() {
        for (name, text) in sample() {
            let left = text.split('{').nth(1).map(|rest| rest.chars().take(20).collect::<String>());
            assert_eq!(left, None, "{name}");
            assert!(text.contains("Kreis Beispiel") && text.contains("21.09.2026"), "{name}");
            assert!(text.contains("Gesamtschule / Nord"), "{name}");
        }
        let (_, record) = &sample()[0];
        assert!(record.contains("14 Tage nach der letzten Bestätigung") && record.contains("72 Stunden"));
        for (name, text) in sample().iter().filter(|(name, _)| !name.starts_with('3')) {
            assert!(
                text.contains("Postfächer") || text.contains("Postfach"),
                "{name}: people in public records"
            );
        }
        let silence = format!("{LEFT_ALONE_DAYS} Tage in Ruhe gelassen");
        assert!(sample()[3].1.contains(&silence), "the staff council's sheet tells how long");
        for field in vocabulary::all() {
            assert!(record.contains(&format!("`{}`", field.name)), "{} is not in the record", field.name);
        }
    }
}
