//! The search "who do I call?": documented systems and devices by the words people remember.
//!
//! Words and trigrams are tables of our own, so that SQLite and PostgreSQL find and rank alike.

mod hits;
pub(crate) mod index;

use crate::{
    engine::Cell,
    error::{Doing, Result},
    register::DocumentedSystem,
    store::{Traeger, Tx, cells},
    views::assets::AssetLine,
};
use rundgang_inventory::search::{ALIKE, folded, grams, is_identifier, likeness, meanings, words};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Words of a question that are looked at.
const MOST_TERMS: usize = 6;
/// Words of the book that one word of a question may stand for, the most alike first.
const MOST_WORDS: usize = 400;
/// Words that a trigram may stand in to be told apart by it.
const MOST_PER_GRAM: i64 = 2000;
/// Documents that are weighed before the best are shown.
const MOST_DOCUMENTS: usize = 1000;
/// Places that are counted to tell which word of a question is rarest.
const MOST_PLACES: i64 = 20_000;
/// Words whose documents are read by one statement.
const AT_ONCE: usize = 64;

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

/// What of the book fits a word of the question.
#[derive(Default)]
struct Fitting {
    /// Words by number, each with how well it fits: the best of them.
    words: BTreeMap<i64, f64>,
    /// The same by spelling: a word stands once in each school.
    spellings: HashMap<String, f64>,
    /// What the word of the question may stand for.
    meanings: Vec<(String, f64)>,
}

impl Fitting {
    /// How well a word fits: as one that was looked up, or by its beginning.
    fn fits(&self, word: &str) -> Option<f64> {
        if let Some(fits) = self.spellings.get(word) {
            return Some(*fits);
        }
        let begins = self.meanings.iter().filter(|(meaning, _)| word.starts_with(meaning.as_str()));
        begins.map(|(meaning, weight)| weight * likeness(meaning, word)).max_by(f64::total_cmp)
    }
}

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
            hits::hits(tx, ranked.get(..limit).unwrap_or(&ranked))
        })
        .doing(|| "search the book".to_owned())
    }
}

/// The words of the book that a typed word may mean.
fn fitting_words(tx: &mut Tx<'_>, school: Option<i64>, term: &str) -> Result<Fitting> {
    let mut fitting = Fitting { meanings: meanings(term), ..Fitting::default() };
    for (meaning, weight) in fitting.meanings.clone() {
        let mut keep = |found: Vec<(i64, String)>, least: f64| {
            let mut last: Option<(String, f64)> = None;
            for (id, word) in found {
                // Words come in their order, the same one of every school.
                let fits = match &last {
                    Some((same, fits)) if *same == word => *fits,
                    _ => weight * likeness(&meaning, &word),
                };
                if fits >= least {
                    let best = fitting.words.entry(id).or_default();
                    *best = best.max(fits);
                    let best = fitting.spellings.entry(word.clone()).or_default();
                    *best = best.max(fits);
                }
                last = Some((word, fits));
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
    if fitting.words.len() > MOST_WORDS {
        let mut best: Vec<(i64, f64)> = std::mem::take(&mut fitting.words).into_iter().collect();
        best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        best.truncate(MOST_WORDS);
        fitting.words = best.into_iter().collect();
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
        "SELECT w.id, w.word FROM (
           SELECT word_id FROM search_gram WHERE traeger_id = $1 AND gram IN ({})
           GROUP BY word_id HAVING COUNT(*) >= $3) AS near CROSS JOIN search_word w
         WHERE w.id = near.word_id AND w.traeger_id = $1 AND ($2 = 0 OR w.school_id = $2)",
        marks.join(", ")
    );
    let least = i64::try_from(least).unwrap_or(1);
    let mut parameters: Vec<Cell> = cells![school.unwrap_or(0), least].to_vec();
    parameters.extend(telling.into_iter().map(Cell::from));
    let mut near = tx.list(&sql, &parameters, |row| Ok((row.int(0)?, row.text(1)?)))?;
    near.sort_unstable_by(|a, b| (&a.1, a.0).cmp(&(&b.1, b.0)));
    Ok(near)
}

/// The documents in which every word of the question fits, with how well, the best first.
fn documents(tx: &mut Tx<'_>, mut fitting: Vec<Fitting>) -> Result<Vec<(i64, f64)>> {
    // The rarest word is read; the others only choose among what it found, by the words of the document itself.
    let mut rarest = (0, MOST_PLACES);
    let others = if fitting.len() > 1 { fitting.as_slice() } else { &[] };
    for (at, one) in others.iter().enumerate() {
        let places = places(tx, &one.words, rarest.1)?;
        if places < rarest.1 {
            rarest = (at, places);
        }
    }
    if fitting.is_empty() || rarest.1 == 0 {
        return Ok(Vec::new());
    }
    let terms = f64::from(u32::try_from(fitting.len()).unwrap_or(1));
    let first = fitting.swap_remove(rarest.0);
    let mut found: BTreeMap<i64, f64> = BTreeMap::new();
    for (document, word) in documents_with(tx, &first.words)? {
        let fits = first.words.get(&word).copied().unwrap_or_default() / terms;
        let best = found.entry(document).or_default();
        *best = best.max(fits);
    }
    if !fitting.is_empty() {
        let numbers: Vec<i64> = found.keys().copied().collect();
        let sql = "SELECT id, words FROM search_document WHERE +traeger_id = $1";
        let texts = tx.list_many(sql, "id", &numbers, |row| Ok((row.int(0)?, row.text(1)?)))?;
        for (document, text) in texts {
            let best =
                |one: &Fitting| text.split(' ').filter_map(|word| one.fits(word)).max_by(f64::total_cmp);
            match fitting.iter().map(best).sum::<Option<f64>>() {
                Some(others) => *found.entry(document).or_default() += others / terms,
                None => drop(found.remove(&document)),
            }
        }
    }
    let mut ranked: Vec<(i64, f64)> = found.into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    Ok(ranked)
}

/// `$2, $3 …` for these numbers, and the numbers as parameters.
fn marked(ids: impl Iterator<Item = i64>) -> (String, Vec<Cell>) {
    let cells: Vec<Cell> = ids.map(Cell::Int).collect();
    let marks: Vec<String> = (2..cells.len() + 2).map(|n| format!("${n}")).collect();
    (marks.join(", "), cells)
}

/// In how many places words stand, counted no farther than `most`.
fn places(tx: &mut Tx<'_>, words: &BTreeMap<i64, f64>, most: i64) -> Result<i64> {
    if words.is_empty() {
        return Ok(0);
    }
    let (marks, parameters) = marked(words.keys().copied());
    let sql = format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM search_place
           WHERE traeger_id = $1 AND word_id IN ({marks}) LIMIT {most}) AS counted"
    );
    Ok(tx.first(&sql, &parameters, |row| row.int(0))?.unwrap_or(0))
}

/// Documents that hold one of the words; the words that fit best are read first.
fn documents_with(tx: &mut Tx<'_>, words: &BTreeMap<i64, f64>) -> Result<Vec<(i64, i64)>> {
    let mut best: Vec<(i64, f64)> = words.iter().map(|(id, fits)| (*id, *fits)).collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let read = |row: &crate::Row| Ok((row.int(0)?, row.int(1)?));
    let mut found: Vec<(i64, i64)> = Vec::new();
    for some in best.chunks(AT_ONCE) {
        let left = MOST_DOCUMENTS.saturating_sub(found.len());
        if left == 0 {
            break;
        }
        // Where all of them fit in, no order tells which.
        let (marks, parameters) = marked(some.iter().map(|(word, _)| *word));
        let sql = format!(
            "SELECT document_id, word_id FROM search_place WHERE traeger_id = $1 AND word_id IN ({marks}) LIMIT {}",
            left + 1
        );
        let all = tx.list(&sql, &parameters, read)?;
        if all.len() <= left {
            found.extend(all);
            continue;
        }
        let sql = "SELECT document_id, word_id FROM search_place WHERE traeger_id = $1 AND word_id = $2
                   ORDER BY document_id LIMIT $3";
        for (word, _) in some {
            let left = i64::try_from(MOST_DOCUMENTS.saturating_sub(found.len())).unwrap_or(0);
            if left == 0 {
                break;
            }
            found.extend(tx.list(sql, cells![*word, left], read)?);
        }
    }
    Ok(found)
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
