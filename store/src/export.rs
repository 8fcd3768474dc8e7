//! Export of everything of a Träger or a school as JSON, and a data subject's request by MAC address.

use crate::{
    engine::{Cell, Row},
    error::{Doing, Result},
    migrate, retention,
    store::{Traeger, cells},
    sums,
};
use rundgang_inventory::Mac;
use serde_json::{Map, Value as Json};

impl Traeger {
    /// Everything of this Träger: table name to rows, each row an object of its columns.
    ///
    /// # Errors
    /// The database failed.
    pub fn export(&self) -> Result<Json> {
        self.read(|tx| {
            let mut all = Map::new();
            // What lets people in is nobody's data to carry along, and opens nothing elsewhere.
            for table in migrate::all_traeger_tables().filter(|table| !table.ends_with("_secret")) {
                let columns = migrate::columns_of(table);
                let sql = format!("SELECT {} FROM {table} WHERE traeger_id = $1", columns.join(", "));
                let rows = tx.list(&sql, &[], |row| Ok(object(&columns, row)))?;
                all.insert(table.to_owned(), Json::Array(rows));
            }
            Ok(Json::Object(all))
        })
        .doing(|| "export everything".to_owned())
    }

    /// The assets that stand in the book under a MAC address, for a data subject's request (promise P10). Empty means
    /// "not stored".
    ///
    /// # Errors
    /// The database failed.
    pub fn assets_by_mac(&self, mac: Mac) -> Result<Vec<i64>> {
        let mac = mac.to_string();
        let sql = "SELECT DISTINCT k.asset_id FROM identity_key k
                   WHERE k.traeger_id = $1 AND k.asset_id IS NOT NULL AND (
                     (k.kind = 'mac' AND k.value = $2)
                     OR EXISTS (SELECT 1 FROM observation o WHERE o.key_id = k.id AND o.mac = $2))
                   ORDER BY 1";
        self.read(|tx| tx.list(sql, cells![&mac], |row| row.int(0)))
    }

    /// Forgets an asset wholly, at a data subject's request.
    ///
    /// # Errors
    /// The database failed.
    pub fn forget_asset(&self, asset: i64) -> Result<()> {
        self.write(|tx| {
            let Some(school) = retention::school_of(tx, asset)? else {
                return retention::forget_asset(tx, asset);
            };
            tx.lock_school(school)?;
            retention::forget_asset(tx, asset)?;
            sums::refresh(tx, school)
        })
        .doing(|| format!("forget asset {asset}"))
    }
}

/// A row as an object of its columns.
pub(crate) fn object(columns: &[&str], row: &Row) -> Json {
    Json::Object(columns.iter().map(|column| (*column).to_owned()).zip(row.0.iter().map(json)).collect())
}

fn json(cell: &Cell) -> Json {
    match cell {
        Cell::Null => Json::Null,
        Cell::Int(number) => (*number).into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Column(cells) => cells.iter().map(json).collect(),
    }
}
