//! A scope made from the flags of `walk`: a person's own act, valid for one run.

use super::{Act, Authority, Cidr, Hours, NetworkClass, Realm, Scope, ScopeError, Segment};
use crate::{pace::Pace, probe::Group};
use std::{collections::BTreeSet, net::IpAddr};

/// What the flags say.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--scope`, as written.
    pub networks: Vec<String>,
    /// `--class`.
    pub class: NetworkClass,
    /// `--domain`.
    pub domains: Vec<String>,
    /// `--pace`; where it is missing, the machine itself is walked fast and everything else politely.
    pub pace: Option<Pace>,
    /// `--authorised-by`.
    pub authorised_by: Option<String>,
    /// `--opt-in`.
    pub opted_in: Vec<IpAddr>,
}

impl Flags {
    /// The scope they form.
    ///
    /// # Errors
    /// As [`Scope::new`]; public addresses are never taken from flags.
    pub fn scope(self) -> Result<Scope, ScopeError> {
        if self.networks.is_empty() && self.domains.is_empty() {
            return Err(ScopeError::Empty);
        }
        let networks = self.networks.iter().map(|text| text.parse()).collect::<Result<Vec<Cidr>, _>>()?;
        let segments = networks.into_iter().map(|network| self.segment(network)).collect();
        Scope::new(segments, &[], &self.domains, Act::Person)
    }

    fn segment(&self, network: Cidr) -> Segment {
        let unasked = if network.realm() == Realm::Loopback { Pace::Max } else { Pace::Polite };
        Segment {
            name: network.to_string(),
            network,
            purpose: String::new(),
            class: self.class,
            groups: Group::ALL.iter().copied().collect::<BTreeSet<_>>(),
            hours: Hours::default(),
            pace: self.pace.unwrap_or(unasked),
            authority: Authority {
                authorised_by: self.authorised_by.clone().unwrap_or_default(),
                ..Authority::default()
            },
            valid_until: None,
            accept_register: false,
            opted_in: self.opted_in.iter().copied().filter(|&ip| network.contains(ip)).collect(),
            tcp_discovery: true,
            interface: None,
        }
    }
}
