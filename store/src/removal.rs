//! Deleting a Träger whole: every row of it in every table, and the ways that lead to it. Others keep every row.

use crate::{
    error::{Doing, Error, Result},
    migrate,
    store::{Traeger, cells},
};

impl Traeger {
    /// Deletes this Träger with everything that is kept of it, in one transaction, and returns how many rows of each
    /// table went. Its agents are refused from then on, and its accounts and tokens let nobody in.
    ///
    /// # Errors
    /// `name` is not what the Träger is called, so that nobody deletes another one by a slip of the pen; or the database
    /// failed, and then nothing is deleted.
    pub fn remove_whole(&self, name: &str) -> Result<Vec<(&'static str, u64)>> {
        let known = self.name()?;
        if known.is_empty() || known != name {
            return Err(Error::Refused(format!("this Träger is called '{known}', not '{name}'")));
        }
        // What refers to something was made after it, and goes before it.
        let mut tables: Vec<&'static str> = migrate::all_traeger_tables().collect();
        tables.reverse();
        self.write(|tx| {
            let mut gone = Vec::new();
            for table in tables.iter().copied().chain(["directory"]) {
                let rows = tx.execute(&format!("DELETE FROM {table} WHERE traeger_id = $1"), cells![])?;
                gone.push((table, rows));
            }
            tx.remove_traeger()?;
            Ok(gone)
        })
        .doing(|| format!("delete the Träger {name}"))
    }
}
