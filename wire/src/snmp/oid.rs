//! Object identifiers: the names of everything SNMP can be asked for.

use std::{fmt, str::FromStr};

/// No object identifier has more arcs than this (RFC 3416, section 4.1).
pub(super) const MAX_ARCS: usize = 128;

/// An object identifier, ordered as a walk visits them.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid(Vec<u32>);

impl Oid {
    /// The identifier of these arcs; what exceeds 128 of them is cut off.
    #[must_use]
    pub fn new(arcs: &[u32]) -> Self {
        Self(arcs.iter().copied().take(MAX_ARCS).collect())
    }

    /// Its arcs.
    #[must_use]
    pub fn arcs(&self) -> &[u32] {
        &self.0
    }

    /// This identifier with more arcs behind it.
    #[must_use]
    pub fn child(&self, arcs: &[u32]) -> Self {
        Self(self.0.iter().chain(arcs).copied().take(MAX_ARCS).collect())
    }

    /// Whether it lies below `root` or is `root`.
    #[must_use]
    pub fn is_below(&self, root: &Self) -> bool {
        self.0.starts_with(&root.0)
    }

    /// The arcs behind `root`, if it lies below it.
    #[must_use]
    pub fn suffix(&self, root: &Self) -> Option<&[u32]> {
        self.0.strip_prefix(root.0.as_slice())
    }
}

impl fmt::Display for Oid {
    /// Dotted decimals without a leading dot.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, arc) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str(".")?;
            }
            write!(f, "{arc}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is no object identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no object identifier (decimal numbers with dots, at most 128)")]
pub struct NotAnOid(String);

impl FromStr for Oid {
    type Err = NotAnOid;

    /// Reads dotted decimals, with or without a leading dot.
    fn from_str(text: &str) -> Result<Self, NotAnOid> {
        let not = || NotAnOid(text.chars().take(80).collect());
        let dotted = text.strip_prefix('.').unwrap_or(text);
        let arcs = dotted.split('.').map(str::parse).collect::<Result<Vec<u32>, _>>().map_err(|_| not())?;
        if arcs.len() > MAX_ARCS {
            return Err(not());
        }
        Ok(Self(arcs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_order() {
        let check = |text: &str, back: Option<&str>| {
            assert_eq!(text.parse::<Oid>().ok().map(|oid| oid.to_string()).as_deref(), back, "{text}");
        };
        check("1.3.6.1.2.1.1.1.0", Some("1.3.6.1.2.1.1.1.0"));
        check(".1.3.6.1", Some("1.3.6.1"));
        check("1.3.4294967295", Some("1.3.4294967295"));
        check("1.3.4294967296", None);
        check("1..3", None);
        check("", None);
        let root = Oid::new(&[1, 3, 6]);
        assert!(root < root.child(&[0]) && root.child(&[2, 9]) < root.child(&[10]));
        assert_eq!(root.child(&[4, 1]).suffix(&root), Some(&[4, 1][..]));
        assert_eq!(Oid::new(&[1, 3, 7]).suffix(&root), None);
    }
}
