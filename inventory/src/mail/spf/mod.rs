//! SPF (RFC 7208): the grammar, the evaluator that answers "may this server send as the school", and the tree of
//! includes that the audit judges.

mod evaluate;
mod grammar;
mod macros;
#[cfg(test)]
mod standard;
mod tree;

pub use evaluate::{Sender, Verdict, evaluate};
pub use grammar::{Directive, Mechanism, Qualifier, Record, SyntaxError, is_record, names_senders};
pub use macros::{MacroText, Variables};
pub(in crate::mail) use tree::is_wide;
pub use tree::{Node, Problem, Tree, tree};

/// What an evaluation comes to (RFC 7208 section 2.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SpfResult {
    /// The domain says nothing about its senders.
    None,
    /// The domain says that it says nothing.
    Neutral,
    /// The server may send.
    Pass,
    /// The server must not send.
    Fail,
    /// The server probably must not send.
    SoftFail,
    /// The DNS did not answer; asking again later may help.
    TempError,
    /// The record cannot be used as it stands.
    PermError,
}

impl SpfResult {
    /// The name in outputs, as in RFC 7208 section 2.6.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Neutral => "neutral",
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::SoftFail => "softfail",
            Self::TempError => "temperror",
            Self::PermError => "permerror",
        }
    }
}

/// At most this many terms may need the DNS (RFC 7208 section 4.6.4).
pub const MOST_LOOKUPS: usize = 10;
/// At most this many look-ups may come back empty (RFC 7208 section 4.6.4).
pub const MOST_VOID_LOOKUPS: usize = 2;
