//! The clock as a parameter: everything that needs the time of day is handed one.

use rundgang_inventory::Timestamp;

/// Tells the time of day. The real one lives in the binary; tests hand in a fixed one.
pub trait Clock: Send + Sync {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// A clock that always shows the same moment, for tests and recorded walks.
#[derive(Clone, Copy, Debug)]
pub struct FixedClock(pub Timestamp);

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}
