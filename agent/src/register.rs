//! The register's MAC addresses and the confirmed domains as the collector told them: kept on the box, shown by
//! `show-scope`, and used only where the scope file accepts them (promises P1, S1).

use crate::enrol::replace_private;
use rundgang_inventory::{Mac, Timestamp};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

/// The file in the state directory.
const FILE: &str = "register.json";

/// What the collector last told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Register {
    /// When.
    pub told_at: Timestamp,
    /// The MAC addresses of documented devices.
    pub macs: BTreeSet<Mac>,
    /// The domains that people confirmed; looked up only where the scope file says `accept_confirmed_domains`.
    #[serde(default)]
    pub domains: BTreeSet<String>,
    /// What people know of the mail of some of these domains.
    #[serde(default)]
    pub known: BTreeMap<String, Known>,
}

/// What people know of a domain's mail and no look-up shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// DKIM selectors in use.
    pub selectors: BTreeSet<String>,
    /// SPF terms of services that send as the domain.
    pub senders: BTreeSet<String>,
}

impl Known {
    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.selectors.is_empty() && self.senders.is_empty()
    }
}

impl Register {
    /// What lies in a state directory; empty where nothing was told yet. A file that does not read counts as empty:
    /// fewer devices are kept then, never more.
    #[must_use]
    pub fn load(state: &Path) -> Self {
        let text = fs::read(state.join(FILE)).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    /// Replaces what lies there.
    ///
    /// # Errors
    /// The state directory is full or not writable; what was told before still holds.
    pub fn save(&self, state: &Path) -> io::Result<()> {
        replace_private(&state.join(FILE), &serde_json::to_vec(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_and_replaced() {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(Register::load(state.path()), Register::default());
        let mac: Mac = "00:25:90:00:00:07".parse().unwrap();
        let domains = ["schule.example".to_owned()].into();
        let known = Known { selectors: ["mail".to_owned()].into(), ..Known::default() };
        let known = [("schule.example".to_owned(), known)].into();
        let told = Register { told_at: Timestamp(1_790_000_000_000), macs: [mac].into(), domains, known };
        told.save(state.path()).unwrap();
        assert_eq!(Register::load(state.path()), told);
        Register { macs: BTreeSet::new(), ..told }.save(state.path()).unwrap();
        assert!(Register::load(state.path()).macs.is_empty());
        fs::write(state.path().join(FILE), b"{ half").unwrap();
        assert_eq!(Register::load(state.path()), Register::default());
    }
}
