//! sysObjectID: from an enterprise number and the branches below it to maker, kind and model.

use super::{
    Confidence,
    claims::{Claims, Standing, Strength},
};
use crate::Kind;
use serde::Deserialize;
use std::collections::BTreeMap;

const ENTERPRISES: &str = "1.3.6.1.4.1.";

/// What a branch of the tree of enterprises says of the devices that carry it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Branch {
    vendor: Option<String>,
    kind: Option<Kind>,
    model: Option<String>,
    /// Replaces the weight that the depth of the branch gives.
    weight: Option<u8>,
}

/// Branches below `1.3.6.1.4.1`, by their numbers.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tree {
    branch: BTreeMap<String, Branch>,
}

impl Tree {
    pub(super) fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// Adds what another file lists.
    pub(super) fn extend(&mut self, other: Self) {
        self.branch.extend(other.branch);
    }

    /// Says what every branch above this sysObjectID says; the deeper one speaks more strongly.
    pub(super) fn claim(&self, oid: &str, claims: &mut Claims) {
        let Some(below) = oid.trim_start_matches('.').strip_prefix(ENTERPRISES) else { return };
        let ends = below.match_indices('.').map(|(at, _)| at).chain([below.len()]);
        for (depth, end) in ends.take(16).enumerate() {
            let Some((name, branch)) = below.get(..end).and_then(|name| self.branch.get_key_value(name))
            else {
                continue;
            };
            let because = if depth == 0 {
                format!("sysObjectID stands in the branch of enterprise {name}")
            } else {
                format!("sysObjectID stands in the branch {ENTERPRISES}{name}")
            };
            branch.claim(u8::try_from(depth).unwrap_or(u8::MAX), &because, claims);
        }
    }
}

impl Branch {
    fn claim(&self, depth: u8, because: &str, claims: &mut Claims) {
        // A makers' number alone tells the maker well and the kind only as far as it builds one sort.
        let weight = |bare: u8| {
            let deeper = if depth == 0 { bare } else { 42 + depth.saturating_mul(2).min(18) };
            Strength(Confidence::High, self.weight.unwrap_or(deeper))
        };
        if let Some(vendor) = &self.vendor {
            claims.vendor(vendor, weight(40), because);
        }
        if let Some(kind) = self.kind {
            claims.kind_as(kind, weight(20), because, Standing::Appliance);
        }
        if let Some(model) = &self.model {
            claims.model(model, Strength(Confidence::High, 35), because);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deeper_branch_wins() {
        let tree = Tree::read(
            r#"[branch]
            "99999" = { vendor = "Example", kind = "switch" }
            "99999.3.1" = { kind = "printer", model = "P1" }"#,
        )
        .expect("a tree");
        let check = |oid: &str, kind: Option<Kind>, model: Option<&str>| {
            let mut claims = Claims::default();
            tree.claim(oid, &mut claims);
            let told = claims.settle();
            assert_eq!(told.kind.map(|told| told.value), kind, "{oid}");
            assert_eq!(told.model.map(|told| told.value).as_deref(), model, "{oid}");
        };
        check("1.3.6.1.4.1.99999.2", Some(Kind::Switch), None);
        check("1.3.6.1.4.1.99999.3.1.7", Some(Kind::Printer), Some("P1"));
        check("1.3.6.1.4.1.99999.3.10", Some(Kind::Switch), None);
        check("1.3.6.1.2.1.33", None, None);
    }
}
