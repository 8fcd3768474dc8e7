//! The search "who do I call?": documented systems and devices by the words people remember.
//!
//! Words and trigrams are tables of our own, so that SQLite and PostgreSQL find and rank alike.

pub(crate) mod index;

use crate::{
    engine::Cell,
    error::{Doing, Result},
    register::{DocumentedSystem, columns, system},
    store::{Traeger, Tx, cells},
    views::assets::{AssetLine, LINE, line},
};
use rundgang_inventory::search::{ALIKE, folded, grams, is_identifier, likeness, meanings, words};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Words of a question that are looked at.
const MOST_TERMS: usize = 6;
/// Words of the book that one word of a question may stand for, the most alike first.
const MOST_WORDS: usize = 400;
/// Words that a trigram may stand in to be told apart by it.
const MOST_PER_GRAM: i64 = 2000;
/// Documents that are weighed before the best are shown.
const MOST_DOCUMENTS: usize = 1000;

/// One answer: whom to call about what.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Hit {
    /// The school.
    pub school: i64,
    /// The school's name.
    pub school_name: String,
    /// Whether the school is an example.
    pub is_example: bool,
    /// The documented system, where there is one.
    pub system: Option<DocumentedSystem>,
    /// Its room.
    pub room: Option<String>,
    /// The device, where one was found.
    pub device: Option<AssetLine>,
    /// How well it fits, from 0 to 1.
    pub fits: f64,
}

/// A word of the book and how well it fits a word of the question.
type Fitting = BTreeMap<i64, f64>;

impl Traeger {
    /// Searches systems and devices of a school (of all schools for `None`), the best answer first. Every word of the
    /// question must fit; a typing error, another spelling of an umlaut or the beginning of a word still fits.
    ///
    /// # Errors
    /// The database failed.
    pub fn search(&self, school: Option<i64>, question: &str, limit: usize) -> Result<Vec<Hit>> {
        let terms: Vec<String> = words(question).into_iter().take(MOST_TERMS).collect();
        if terms.is_empty() {
            return Ok(Vec::new());
        }
        self.read(|tx| {
            let mut fitting = Vec::new();
            for term in &terms {
                fitting.push(fitting_words(tx, school, term)?);
            }
            let ranked = documents(tx, fitting)?;
            hits(tx, &ranked, limit)
        })
        .doing(|| "search the book".to_owned())
    }
}

/// The words of the book that a typed word may mean.
fn fitting_words(tx: &mut Tx<'_>, school: Option<i64>, term: &str) -> Result<Fitting> {
    let mut fitting = Fitting::new();
    for (meaning, weight) in meanings(term) {
        let mut keep = |found: Vec<(i64, String)>, least: f64| {
            for (id, word) in found {
                let fits = weight * likeness(&meaning, &word);
                if fits >= least {
                    let best = fitting.entry(id).or_default();
                    *best = best.max(fits);
                }
            }
        };
        let begun = beginning(tx, school, &meaning)?;
        // A number that stands in the book is that number; the ones that resemble it are other devices'.
        let is_number =
            meaning.chars().any(|c| c.is_ascii_digit()) && begun.iter().any(|(_, word)| *word == meaning);
        keep(begun, 0.0);
        // Whoever types the word of another language means that word, not one that resembles its translation.
        if weight >= 1.0 && meaning.chars().count() >= 3 && !is_number && !is_identifier(&meaning) {
            keep(resembling(tx, school, &meaning)?, ALIKE);
        }
    }
    if fitting.len() > MOST_WORDS {
        let mut best: Vec<(i64, f64)> = fitting.into_iter().collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        best.truncate(MOST_WORDS);
        fitting = best.into_iter().collect();
    }
    Ok(fitting)
}

/// Words that begin so: a range of the index, the same in every collation of letters and digits.
fn beginning(tx: &mut Tx<'_>, school: Option<i64>, start: &str) -> Result<Vec<(i64, String)>> {
    let sql = "SELECT id, word FROM search_word WHERE traeger_id = $1 AND ($2 = 0 OR school_id = $2)
               AND word >= $3 AND word < $4 ORDER BY word, id LIMIT 500";
    let end = format!("{start}\u{10ffff}");
    tx.list(sql, cells![school.unwrap_or(0), start, end], |row| Ok((row.int(0)?, row.text(1)?)))
}

/// Words that share enough trigrams with it to be a typing error. Trigrams that very many words have ("k00" in serial
/// numbers) are left aside, so that no search reads the words of the whole book; what is near shares a rarer one, too.
fn resembling(tx: &mut Tx<'_>, school: Option<i64>, word: &str) -> Result<Vec<(i64, String)>> {
    let all = grams(word);
    let mut telling = Vec::new();
    for gram in &all {
        let sql = "SELECT COUNT(*) FROM (SELECT 1 FROM search_gram WHERE traeger_id = $1 AND gram = $2 LIMIT $3) AS g";
        let words = tx.first(sql, cells![gram, MOST_PER_GRAM + 1], |row| row.int(0))?.unwrap_or(0);
        if (1..=MOST_PER_GRAM).contains(&words) {
            telling.push(gram);
        }
    }
    if telling.is_empty() {
        return Ok(Vec::new());
    }
    // At likeness 0.34 two words share more than a third of the trigrams; those left aside may be among them.
    let left_aside = all.len() - telling.len();
    let least = (all.len() / 3 + 1).max(2).saturating_sub(left_aside).max(1);
    let marks: Vec<String> = (4..telling.len() + 4).map(|n| format!("${n}")).collect();
    let sql = format!(
        "SELECT w.id, w.word FROM search_word w JOIN (
           SELECT word_id FROM search_gram WHERE traeger_id = $1 AND gram IN ({})
           GROUP BY word_id HAVING COUNT(*) >= $3) AS near ON near.word_id = w.id
         WHERE w.traeger_id = $1 AND ($2 = 0 OR w.school_id = $2)",
        marks.join(", ")
    );
    let least = i64::try_from(least).unwrap_or(1);
    let mut parameters: Vec<Cell> = cells![school.unwrap_or(0), least].to_vec();
    parameters.extend(telling.into_iter().map(Cell::from));
    tx.list(&sql, &parameters, |row| Ok((row.int(0)?, row.text(1)?)))
}

/// The documents in which every word of the question fits, with how well, the best first.
fn documents(tx: &mut Tx<'_>, fitting: Vec<Fitting>) -> Result<Vec<(i64, f64)>> {
    let mut lists = Vec::new();
    for words in fitting {
        let count = places(tx, &words)?;
        lists.push((count, words));
    }
    // The rarest word is read whole; the others only choose among what it found.
    lists.sort_by_key(|(count, _)| *count);
    let mut found: Option<BTreeMap<i64, f64>> = None;
    let terms = f64::from(u32::try_from(lists.len()).unwrap_or(1));
    for (_, words) in lists {
        let mut next: BTreeMap<i64, f64> = BTreeMap::new();
        for (document, word) in documents_with(tx, &words, found.as_ref())? {
            let fits = words.get(&word).copied().unwrap_or_default() / terms;
            let best = next.entry(document).or_default();
            *best = best.max(fits);
        }
        found = Some(match found {
            None => next,
            Some(before) => before
                .into_iter()
                .filter_map(|(document, fits)| Some((document, fits + next.get(&document)?)))
                .collect(),
        });
    }
    let mut ranked: Vec<(i64, f64)> = found.unwrap_or_default().into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(ranked)
}

/// `$2, $3 …` for these numbers, and the numbers as parameters.
fn marked(ids: impl Iterator<Item = i64>, from: usize) -> (String, Vec<Cell>) {
    let cells: Vec<Cell> = ids.map(Cell::Int).collect();
    let marks: Vec<String> = (from..cells.len() + from).map(|n| format!("${n}")).collect();
    (marks.join(", "), cells)
}

fn places(tx: &mut Tx<'_>, words: &Fitting) -> Result<i64> {
    if words.is_empty() {
        return Ok(0);
    }
    let (marks, parameters) = marked(words.keys().copied(), 2);
    let sql = format!("SELECT COUNT(*) FROM search_place WHERE traeger_id = $1 AND word_id IN ({marks})");
    Ok(tx.first(&sql, &parameters, |row| row.int(0))?.unwrap_or(0))
}

/// Documents that hold one of the words, among those found before; the words that fit best are read first.
fn documents_with(
    tx: &mut Tx<'_>,
    words: &Fitting,
    among: Option<&BTreeMap<i64, f64>>,
) -> Result<Vec<(i64, i64)>> {
    if words.is_empty() || among.is_some_and(BTreeMap::is_empty) {
        return Ok(Vec::new());
    }
    let mut best: Vec<(i64, f64)> = words.iter().map(|(id, fits)| (*id, *fits)).collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut found = Vec::new();
    if let Some(among) = among {
        let (word_marks, mut parameters) = marked(words.keys().copied(), 2);
        let (document_marks, documents) = marked(among.keys().copied(), 2 + parameters.len());
        parameters.extend(documents);
        let sql = format!(
            "SELECT document_id, word_id FROM search_place
             WHERE traeger_id = $1 AND word_id IN ({word_marks}) AND document_id IN ({document_marks})"
        );
        return tx.list(&sql, &parameters, |row| Ok((row.int(0)?, row.int(1)?)));
    }
    let sql = "SELECT document_id, word_id FROM search_place WHERE traeger_id = $1 AND word_id = $2
               ORDER BY document_id LIMIT $3";
    for (word, _) in best {
        let left = i64::try_from(MOST_DOCUMENTS.saturating_sub(found.len())).unwrap_or(0);
        if left == 0 {
            break;
        }
        found.extend(tx.list(sql, cells![word, left], |row| Ok((row.int(0)?, row.int(1)?)))?);
    }
    Ok(found)
}

/// What the best documents say.
fn hits(tx: &mut Tx<'_>, ranked: &[(i64, f64)], limit: usize) -> Result<Vec<Hit>> {
    let mut hits = Vec::new();
    for (document, fits) in ranked.iter().take(limit) {
        let sql = "SELECT d.subject, d.school_id, s.name, s.is_example FROM search_document d
                   JOIN school s ON s.traeger_id = d.traeger_id AND s.id = d.school_id
                   WHERE d.traeger_id = $1 AND d.id = $2";
        let read = |row: &crate::Row| Ok((row.text(0)?, row.int(1)?, row.text(2)?, row.flag(3)?));
        let Some((subject, school, school_name, is_example)) = tx.first(sql, cells![*document], read)? else {
            continue;
        };
        let (noun, number) = subject.split_once(' ').unwrap_or_default();
        let number: i64 = number.parse().unwrap_or_default();
        let mut hit =
            Hit { school, school_name, is_example, system: None, room: None, device: None, fits: *fits };
        let device = if noun == "system" {
            let sql = format!(
                "SELECT {} FROM documented_system WHERE traeger_id = $1 AND id = $2 AND deleted_at IS NULL",
                columns()
            );
            hit.system = tx.first(&sql, cells![number], system)?;
            let room = "SELECT name FROM room WHERE traeger_id = $1 AND id = $2";
            if let Some(id) = hit.system.as_ref().and_then(|system| system.room) {
                hit.room = tx.first(room, cells![id], |row| row.text(0))?;
            }
            let stands = "SELECT asset_id FROM stands_for WHERE traeger_id = $1 AND system_id = $2";
            tx.first(stands, cells![number], |row| row.int(0))?
        } else {
            Some(number)
        };
        if let Some(device) = device {
            let sql = format!("SELECT {LINE} WHERE a.traeger_id = $1 AND a.id = $2 ORDER BY s.id");
            hit.device = tx.first(&sql, cells![device], line)?;
        }
        if hit.system.is_some() || hit.device.is_some() {
            hits.push(hit);
        }
    }
    Ok(hits)
}

/// The words under which a text is found, as one text.
pub(crate) fn index_text(parts: &[&str]) -> String {
    let mut all: BTreeSet<String> = BTreeSet::new();
    for part in parts {
        all.extend(words(part));
        // "A-104" is also found as "A104", "10.1.0.4" and serial numbers also without their signs.
        let joined: String = folded(part).split_whitespace().collect();
        if part.len() <= 24 && part.chars().any(|c| c.is_ascii_digit()) && !joined.is_empty() {
            all.insert(joined);
        }
    }
    all.into_iter().collect::<Vec<_>>().join(" ")
}
