//! What becomes of a batch that a collector refuses: it is halved until the one entry is found that it cannot take.

use super::{Batch, Spool, SpoolError, explain, note, noted, writer::Writer};
use rundgang_inventory::{Entry, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// What setting a batch aside came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aside {
    /// It is no longer here.
    Gone,
    /// Its entries wait again, in two batches behind all others.
    Halved,
    /// Its only entry was dropped; so many have been dropped by now.
    Dropped(u64),
}

impl Spool {
    /// Takes a refused batch out of the way, so that it cannot hold up the others. Its entries are tried again in
    /// halves; an entry that is refused by itself is dropped, counted, and said anew by the next walk that sees it.
    ///
    /// # Errors
    /// The database failed; everything is as it was then.
    pub fn set_aside(&mut self, sequence: u64) -> Result<Aside, SpoolError> {
        let path = self.path.clone();
        let bounds = self.bounds;
        let failed = |source| explain(&path, source);
        let Some(batch) = self.next_after(sequence.saturating_sub(1))?.filter(|b| b.sequence == sequence)
        else {
            return Ok(Aside::Gone);
        };
        let transaction = self.begin()?;
        let spooled = remove(&transaction, sequence).map_err(failed)?.unwrap_or_default();
        let aside = if batch.entries.len() < 2 {
            Aside::Dropped(drop_state(&transaction, sequence).map_err(failed)?)
        } else {
            // They keep the time at which they were spooled: being refused makes nothing younger (P8).
            let mut writer =
                Writer::new(&transaction, bounds.entries, bounds.batch, spooled).map_err(failed)?;
            halve(&transaction, &mut writer, batch).map_err(failed)?;
            writer.finish().map_err(failed)?;
            Aside::Halved
        };
        transaction.commit().map_err(failed)?;
        Ok(aside)
    }
}

/// Takes a batch out and says when it was spooled.
fn remove(connection: &Connection, sequence: u64) -> rusqlite::Result<Option<Timestamp>> {
    let sql = "DELETE FROM batch WHERE sequence = ?1 RETURNING spooled_ms";
    connection.query_row(sql, [sequence.cast_signed()], |row| Ok(Timestamp(row.get(0)?))).optional()
}

/// Writes the entries into two batches and moves the references of the present state there.
fn halve(connection: &Connection, writer: &mut Writer<'_>, batch: Batch) -> rusqlite::Result<()> {
    let middle = batch.entries.len() / 2;
    for (at, entry) in batch.entries.into_iter().enumerate() {
        if at == middle {
            writer.flush()?;
        }
        match entry {
            Entry::Observation { index, observation } => {
                let new = writer.observation(observation)?;
                let sql =
                    "UPDATE current SET sequence = ?3, position = ?4 WHERE sequence = ?1 AND position = ?2";
                let (from, to) = (batch.sequence.cast_signed(), new.sequence.cast_signed());
                connection.execute(sql, params![from, index, to, new.index])?;
            }
            other => writer.push(&other)?,
        }
    }
    Ok(())
}

/// Forgets the state that only the dropped batch told, and counts it.
fn drop_state(connection: &Connection, sequence: u64) -> rusqlite::Result<u64> {
    connection.execute("DELETE FROM current WHERE sequence = ?1", [sequence.cast_signed()])?;
    let before = noted(connection, "refused")?.and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    note(connection, "refused", &(before + 1).to_string())?;
    Ok(before + 1)
}

#[cfg(test)]
mod tests {
    use super::super::{KEEP_UNSENT_MS, tests::*};
    use super::*;

    #[test]
    fn a_refused_batch_is_halved_until_one_entry_is_left() {
        let state = tempfile::tempdir().unwrap();
        let mut spool = open(state.path());
        let first = vec![seen(1, "arp", NOW), seen(2, "odd", NOW), seen(3, "arp", NOW)];
        spool.append(&round(first, NOW), NOW).unwrap();
        assert_eq!(waiting(&spool), ["1.0 arp", "1.1 odd", "1.2 arp", "end"]);
        assert_eq!(spool.set_aside(1).unwrap(), Aside::Halved);
        assert_eq!(waiting(&spool), ["end", "3.0 arp", "4.0 odd", "4.1 arp"]);
        assert_eq!(spool.set_aside(4).unwrap(), Aside::Halved);
        assert_eq!(spool.set_aside(5).unwrap(), Aside::Dropped(1));
        assert_eq!(spool.set_aside(5).unwrap(), Aside::Gone);
        assert_eq!(waiting(&spool), ["end", "3.0 arp", "6.0 arp"]);
        spool.acknowledge(6).unwrap();
        // The next walk confirms what arrived under its new number, and says in full what did not.
        let next = vec![seen(1, "arp", NOW), seen(2, "odd", NOW), seen(3, "arp", NOW)];
        spool.append(&round(next, NOW), NOW).unwrap();
        assert_eq!(waiting(&spool), ["=3.0", "7.1 odd", "=6.0", "end"]);
    }

    #[test]
    fn what_was_refused_grows_old_like_everything_else() {
        let state = tempfile::tempdir().unwrap();
        let mut spool = open(state.path());
        spool.append(&round(vec![seen(1, "arp", NOW), seen(2, "arp", NOW)], NOW), NOW).unwrap();
        spool.set_aside(1).unwrap();
        assert!(spool.expire(Timestamp(NOW.0 + KEEP_UNSENT_MS + 1)).unwrap());
        assert!(waiting(&spool).is_empty());
    }
}
