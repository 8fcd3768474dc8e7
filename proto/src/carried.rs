//! The file that carries an agent's batches by hand: a first line that says what it is, then an `ExportFile`.

/// The first line: what the file is, and the version of its form.
pub const FIRST_LINE: &[u8] = b"rundgang-export 1\n";
/// An export is taken for so many days after it was made (promise P8).
pub const VALID_DAYS: i64 = 30;

/// The octets that the agent signs: the first line goes along, so that the signature fits nothing else.
#[must_use]
pub fn signed(content: &[u8]) -> Vec<u8> {
    [FIRST_LINE, content].concat()
}
