//! Keeping the words of the search: what changed is written, what is gone leaves no word behind.

use super::index_text;
use crate::{
    engine::Cell,
    error::Result,
    store::{Tx, cells},
};
use rundgang_inventory::search::grams;
use std::collections::{BTreeMap, BTreeSet};

/// From so many documents on they are entered at once.
const AT_ONCE: usize = 50;

/// Brings the search of a school up to date with its systems and devices: of these devices and systems, or of all for
/// `None`.
pub(crate) fn refresh(
    tx: &mut Tx<'_>,
    school: i64,
    some: Option<(&BTreeSet<i64>, &BTreeSet<i64>)>,
) -> Result<()> {
    let (wanted, subjects) = wanted(tx, school, some)?;
    let stand = stand(tx, school, subjects.as_ref())?;
    let mut words = Words { school, known: None };
    let old: Vec<i64> = stand
        .iter()
        .filter(|(subject, (_, text))| wanted.get(*subject) != Some(text))
        .map(|(_, (document, _))| *document)
        .collect();
    words.forget(tx, &old)?;
    let mut new = Vec::new();
    for (subject, text) in &wanted {
        if stand.get(subject).is_none_or(|(_, old)| old != text) {
            new.push((subject, text));
        }
    }
    if new.is_empty() { Ok(()) } else { words.enter(tx, &new) }
}

/// The texts that should stand in the search, and the subjects that were asked for.
#[allow(clippy::type_complexity, reason = "a text for each subject, and which subjects")]
fn wanted(
    tx: &mut Tx<'_>,
    school: i64,
    some: Option<(&BTreeSet<i64>, &BTreeSet<i64>)>,
) -> Result<(BTreeMap<String, String>, Option<BTreeSet<String>>)> {
    const SYSTEM: &str =
        "SELECT s.id, s.name, s.kind, s.purpose, s.owner, s.provider, s.hotline, s.domain, s.serial,
          s.mac, COALESCE(r.name, ''), COALESCE(a.search, ''), s.notes
        FROM documented_system s
        LEFT JOIN room r ON r.traeger_id = s.traeger_id AND r.id = s.room_id
        LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
        LEFT JOIN asset a ON a.traeger_id = s.traeger_id AND a.id = f.asset_id
        WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL";
    const DEVICE: &str = "SELECT a.id, a.search FROM asset a WHERE a.traeger_id = $1 AND a.school_id = $2
        AND NOT EXISTS (SELECT 1 FROM stands_for f WHERE f.traeger_id = a.traeger_id AND f.asset_id = a.id)";
    let read_system = |row: &crate::Row| {
        let parts: Vec<String> = (1..=12).map(|at| row.text(at)).collect::<Result<_>>()?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok((format!("system {}", row.int(0)?), index_text(&parts)))
    };
    let read_device = |row: &crate::Row| {
        let search = row.text(1)?;
        let parts: Vec<&str> = search.split(' ').chain([search.as_str()]).collect();
        Ok((format!("asset {}", row.int(0)?), index_text(&parts)))
    };
    let mut all = BTreeMap::new();
    let Some((devices, systems)) = some else {
        all.extend(tx.list(SYSTEM, cells![school], read_system)?);
        all.extend(tx.list(DEVICE, cells![school], read_device)?);
        return Ok((all, None));
    };
    // Systems that stand for a device carry its words.
    let mut affected = systems.clone();
    for device in devices {
        let sql = "SELECT system_id FROM stands_for WHERE traeger_id = $1 AND asset_id = $2";
        affected.extend(tx.list(sql, cells![*device], |row| row.int(0))?);
        let one = format!("{DEVICE} AND a.id = $3");
        all.extend(tx.first(&one, cells![school, *device], read_device)?);
    }
    for id in &affected {
        let one = format!("{SYSTEM} AND s.id = $3");
        all.extend(tx.first(&one, cells![school, *id], read_system)?);
    }
    let subjects = devices
        .iter()
        .map(|id| format!("asset {id}"))
        .chain(affected.iter().map(|id| format!("system {id}")))
        .collect();
    Ok((all, Some(subjects)))
}

/// What stands in the search: subject to document and text.
fn stand(
    tx: &mut Tx<'_>,
    school: i64,
    subjects: Option<&BTreeSet<String>>,
) -> Result<BTreeMap<String, (i64, String)>> {
    const SQL: &str =
        "SELECT subject, id, words FROM search_document WHERE traeger_id = $1 AND school_id = $2";
    let read = |row: &crate::Row| Ok((row.text(0)?, (row.int(1)?, row.text(2)?)));
    let Some(subjects) = subjects else {
        return Ok(tx.list(SQL, cells![school], read)?.into_iter().collect());
    };
    let one = format!("{SQL} AND subject = $3");
    let mut all = BTreeMap::new();
    for subject in subjects {
        all.extend(tx.first(&one, cells![school, subject], read)?);
    }
    Ok(all)
}

/// The words of one school, read when first needed.
struct Words {
    school: i64,
    known: Option<BTreeMap<String, i64>>,
}

impl Words {
    /// Takes documents out, and every word that no other document holds.
    fn forget(&mut self, tx: &mut Tx<'_>, documents: &[i64]) -> Result<()> {
        if documents.is_empty() {
            return Ok(());
        }
        let alone = if documents.len() < AT_ONCE {
            self.alone_in_few(tx, documents)?
        } else {
            self.alone_in_many(tx, documents)?
        };
        tx.delete_many("search_place", "document_id", documents)?;
        tx.delete_many("search_document", "id", documents)?;
        tx.delete_many("search_gram", "word_id", &alone)?;
        tx.delete_many("search_word", "id", &alone)?;
        self.known = None;
        Ok(())
    }

    /// The words that stand in these documents alone: of few, looked up word by word.
    fn alone_in_few(&self, tx: &mut Tx<'_>, documents: &[i64]) -> Result<Vec<i64>> {
        // By the index of the document alone, as everything that is deleted by its number.
        const WORDS: &str = "SELECT word_id FROM search_place WHERE +traeger_id = $1 AND document_id = $2";
        let mut words = BTreeSet::new();
        for document in documents {
            words.extend(tx.list(WORDS, cells![*document], |row| row.int(0))?);
        }
        // One more than these documents is enough to tell.
        let sql = "SELECT document_id FROM search_place WHERE traeger_id = $1 AND word_id = $2 LIMIT $3";
        let limit = i64::try_from(documents.len() + 1).unwrap_or(i64::MAX);
        let mut alone = Vec::new();
        for word in words {
            let all = tx.list(sql, cells![word, limit], |row| row.int(0))?;
            if all.iter().all(|document| documents.contains(document)) {
                alone.push(word);
            }
        }
        Ok(alone)
    }

    /// The words that stand in these documents alone: of many, the texts of the whole school are read once.
    fn alone_in_many(&mut self, tx: &mut Tx<'_>, documents: &[i64]) -> Result<Vec<i64>> {
        let sql = "SELECT id, words FROM search_document WHERE traeger_id = $1 AND school_id = $2";
        let all = tx.list(sql, cells![self.school], |row| Ok((row.int(0)?, row.text(1)?)))?;
        let gone: BTreeSet<i64> = documents.iter().copied().collect();
        let (out, kept): (Vec<_>, Vec<_>) = all.iter().partition(|(document, _)| gone.contains(document));
        let kept: BTreeSet<&str> = kept.into_iter().flat_map(|(_, text)| text.split(' ')).collect();
        let alone: BTreeSet<&str> = out.into_iter().flat_map(|(_, text)| text.split(' ')).collect();
        let known = self.known(tx)?;
        Ok(alone.difference(&kept).filter_map(|word| known.get(*word).copied()).collect())
    }

    fn known(&mut self, tx: &mut Tx<'_>) -> Result<&mut BTreeMap<String, i64>> {
        if self.known.is_none() {
            let sql = "SELECT word, id FROM search_word WHERE traeger_id = $1 AND school_id = $2";
            let all = tx.list(sql, cells![self.school], |row| Ok((row.text(0)?, row.int(1)?)))?;
            self.known = Some(all.into_iter().collect());
        }
        Ok(self.known.get_or_insert_default())
    }

    fn enter(&mut self, tx: &mut Tx<'_>, documents: &[(&String, &String)]) -> Result<()> {
        let school = self.school;
        let wanted: BTreeSet<&str> =
            documents.iter().flat_map(|(_, text)| text.split(' ')).filter(|word| !word.is_empty()).collect();
        if documents.len() < AT_ONCE && self.known.is_none() {
            self.known = Some(of_few(tx, school, &wanted)?);
        }
        let known = self.known(tx)?;
        let new: Vec<&str> = wanted.into_iter().filter(|word| !known.contains_key(*word)).collect();
        let rows: Vec<Vec<Cell>> = new.iter().map(|word| cells![school, *word].to_vec()).collect();
        let numbers = tx.insert_numbered("search_word (traeger_id, school_id, word)", &rows)?;
        let mut gram_rows = Vec::new();
        for (word, id) in new.into_iter().zip(numbers) {
            gram_rows.extend(grams(word).iter().map(|gram| cells![gram, id].to_vec()));
            known.insert(word.to_owned(), id);
        }
        // In the order of the index, which then grows at one place.
        gram_rows.sort_unstable();
        tx.insert_many("search_gram (traeger_id, gram, word_id)", &gram_rows, "")?;
        let numbers = enter_documents(tx, school, documents)?;
        let mut place_rows = Vec::new();
        for (subject, text) in documents {
            let Some(document) = numbers.get(*subject) else { continue };
            let ids = text.split(' ').filter_map(|word| known.get(word));
            place_rows.extend(ids.map(|word| cells![*word, *document].to_vec()));
        }
        tx.insert_many("search_place (traeger_id, word_id, document_id)", &place_rows, "")
    }
}

/// Those of a few words that the school has, with their numbers.
fn of_few(tx: &mut Tx<'_>, school: i64, words: &BTreeSet<&str>) -> Result<BTreeMap<String, i64>> {
    let read = |row: &crate::Row| Ok((row.text(0)?, row.int(1)?));
    let sql = "SELECT word, id FROM search_word WHERE traeger_id = $1 AND school_id = $2 AND word";
    if tx.dialect().takes_columns() {
        let column = Cell::Column(words.iter().map(|word| Cell::from(*word)).collect());
        let sql = format!("{sql} = ANY($3::TEXT[])");
        return Ok(tx.list(&sql, &[school.into(), column], read)?.into_iter().collect());
    }
    let one = format!("{sql} = $3");
    let mut all = BTreeMap::new();
    for word in words {
        all.extend(tx.first(&one, cells![school, *word], read)?);
    }
    Ok(all)
}

/// Enters the documents and returns the number of each subject's: few one by one, many at once and then read.
fn enter_documents(
    tx: &mut Tx<'_>,
    school: i64,
    documents: &[(&String, &String)],
) -> Result<BTreeMap<String, i64>> {
    if documents.len() < AT_ONCE {
        let sql = "INSERT INTO search_document (traeger_id, school_id, subject, words)
                   VALUES ($1, $2, $3, $4) RETURNING id";
        let enter = |(subject, text): &(&String, &String)| {
            Ok(((*subject).clone(), tx.insert(sql, cells![school, *subject, *text])?))
        };
        return documents.iter().map(enter).collect();
    }
    let rows: Vec<Vec<Cell>> =
        documents.iter().map(|(subject, text)| cells![school, *subject, *text].to_vec()).collect();
    tx.insert_many("search_document (traeger_id, school_id, subject, words)", &rows, "")?;
    let sql = "SELECT subject, id FROM search_document WHERE traeger_id = $1 AND school_id = $2";
    Ok(tx.list(sql, cells![school], |row| Ok((row.text(0)?, row.int(1)?)))?.into_iter().collect())
}
