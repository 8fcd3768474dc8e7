//! The scope as the collector is shown it. It is displayed there and can never be widened from there (promise S1).

use crate::{
    scope::{self, Scope},
    uplink::{Declared, DeclaredSegment},
};
use rundgang_inventory::{Timestamp, mail::View};

/// The names of the segments.
pub(super) fn names(scope: &Scope) -> Vec<String> {
    scope.segments().iter().map(|segment| segment.name.clone()).collect()
}

/// The scope as the collector is shown it.
pub(super) fn declared(scope: &Scope) -> Declared {
    let segment = |segment: &scope::Segment| DeclaredSegment {
        name: segment.name.clone(),
        network: segment.network.to_string(),
        class: segment.class.name().to_owned(),
        purpose: segment.purpose.clone(),
        authorised_by: segment.authority.authorised_by.clone(),
        legal_basis: segment.authority.legal_basis.clone(),
        staff_council_date: segment.authority.staff_council.clone(),
        valid_until: segment.valid_until.map(Timestamp::date).unwrap_or_default(),
        groups: segment.groups.iter().map(|group| group.name().to_owned()).collect(),
        accept_register: segment.accept_register,
    };
    Declared {
        segments: scope.segments().iter().map(segment).collect(),
        accepts_domains: scope.accepts_domains,
        sees_public: scope.view(scope.resolver) == View::Public,
    }
}
