//! What can go wrong in the store; every error says what was being done.

use rundgang_inventory::secrets::Secret;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine refused a statement or broke off.
    #[error("the database answered: {cause} (statement: {statement})")]
    Statement {
        /// The statement, shortened.
        statement: String,
        /// What the engine said.
        cause: String,
    },
    /// The database could not be opened or reached.
    #[error("cannot open the database {place}: {cause}")]
    Open {
        /// The file, or the server without its password.
        place: String,
        /// What the engine said.
        cause: String,
    },
    /// The database was written by a newer program.
    #[error(
        "the database has schema version {found}, this program knows versions up to {known}: \
         start the newer program that wrote it"
    )]
    Newer {
        /// The version found.
        found: i64,
        /// The newest version known here.
        known: i64,
    },
    /// Somebody else changed the row meanwhile; nothing was written.
    #[error(
        "{what} was changed meanwhile (version {found} instead of {expected}): look at it again before changing it"
    )]
    Conflict {
        /// What was to be changed.
        what: String,
        /// The version the writer had seen.
        expected: i64,
        /// The version that stands there now.
        found: i64,
    },
    /// There is no such row for this Träger.
    #[error("there is no {0}")]
    NotFound(String),
    /// A field cannot be stored as it is.
    #[error("{field}: {problem}")]
    Unfit {
        /// The field, as the type names it.
        field: &'static str,
        /// What is wrong with it.
        problem: Problem,
    },
    /// The input cannot be stored as it is.
    #[error("{0}")]
    Refused(String),
    /// A place cannot be removed: something stands there still.
    #[error("{what}: {count} {} stand there still; put them elsewhere first", occupant.word())]
    Occupied {
        /// The place.
        what: String,
        /// What stands there.
        occupant: Occupant,
        /// How many.
        count: i64,
    },
    /// A survey cannot take a step on its way through the schools.
    #[error("{0}")]
    Blocked(Obstacle),
    /// A stored value does not read back.
    #[error("the database holds something unreadable: {0}")]
    Corrupt(String),
    /// An error with what was being done.
    #[error("{doing}: {source}")]
    Doing {
        /// What was being done.
        doing: String,
        /// What went wrong.
        source: Box<Error>,
    },
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// It must not be empty.
    #[error("must not be empty")]
    Empty,
    /// It has more letters than its place holds.
    #[error("is too long")]
    Long,
    /// It looks like a secret.
    #[error(
        "{0}. Secrets do not belong into the register; write where it is kept (safe, password manager and entry), who has \
         it and when it was last checked"
    )]
    Secret(Secret),
    /// It is no day of the calendar.
    #[error("a day is written as 2026-10-01")]
    NoDay,
    /// It is over already.
    #[error("this day is over already")]
    Past,
    /// It says until when, and nothing holds for good.
    #[error("needs a last day: then somebody decides again")]
    Endless,
    /// It is no whole number from 0 on.
    #[error("a whole number is written as 1050 or 1.050")]
    NoNumber,
    /// Something else of its kind has that name.
    #[error("this name is there already")]
    Named,
    /// It is no MAC address.
    #[error("a MAC address has twelve hexadecimal digits, as 00:26:ab:11:22:33")]
    NoMac,
    /// It is none of the values that may stand there.
    #[error("this value is not known")]
    NoChoice,
    /// The register has an entry for that device already.
    #[error("the register has this device already")]
    Documented,
    /// Somebody else signs in with that name.
    #[error("this name is taken")]
    Taken,
    /// It is no name to sign in with.
    #[error("a name to sign in with has 3 to 60 letters, digits or . _ - @")]
    NoLogin,
    /// Another school of the Träger has the domain confirmed.
    #[error("another school has this domain confirmed: whether it is shared is decided by the Träger")]
    Elsewhere,
}

/// What stands in a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupant {
    /// Documented systems, in a room.
    System,
    /// Rooms, in a building.
    Room,
    /// Buildings, on a site.
    Building,
    /// Links, to a site.
    Link,
}

impl Occupant {
    /// Its word, of several.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::System => "systems",
            Self::Room => "rooms",
            Self::Building => "buildings",
            Self::Link => "links",
        }
    }
}

/// What keeps a survey from taking a step on its way through the schools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// The part of the school is in another state meanwhile.
    #[error("the survey is in another state than this step needs")]
    Moved,
    /// Schools have not handed in.
    #[error("not every school has handed in")]
    Awaited,
    /// It was submitted.
    #[error("this survey was submitted; what was submitted is never changed")]
    Submitted,
    /// The reference date lies ahead: nobody knows yet what holds then.
    #[error("the reference date is not reached yet")]
    Early,
    /// The last day for answers is before the reference date, or past.
    #[error("the last day for answers is neither before the reference date nor past")]
    Late,
    /// A return says nothing.
    #[error("who returns a survey writes what is missing")]
    NoNote,
}

/// A result of the store.
pub type Result<T> = std::result::Result<T, Error>;

/// Whether something is still in the version that its writer had seen.
///
/// # Errors
/// [`Error::Conflict`], with what it is called.
pub(crate) fn require_version(what: impl FnOnce() -> String, expected: i64, found: i64) -> Result<()> {
    if found == expected { Ok(()) } else { Err(Error::Conflict { what: what(), expected, found }) }
}

impl Error {
    /// The innermost error, below every "what was being done".
    #[must_use]
    pub fn root(&self) -> &Self {
        match self {
            Self::Doing { source, .. } => source.root(),
            other => other,
        }
    }

    /// Whether somebody else changed the row meanwhile.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        matches!(self.root(), Self::Conflict { .. })
    }

    /// Whether the row does not exist for this Träger.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self.root(), Self::NotFound(_))
    }
}

/// Adds to an error what was being done.
pub(crate) trait Doing<T> {
    /// The same result, its error preceded by `what`.
    fn doing(self, what: impl FnOnce() -> String) -> Result<T>;
}

impl<T> Doing<T> for Result<T> {
    fn doing(self, what: impl FnOnce() -> String) -> Self {
        self.map_err(|source| Error::Doing { doing: what(), source: Box::new(source) })
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}
