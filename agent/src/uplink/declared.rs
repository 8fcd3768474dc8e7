//! What the collector is shown of the scope file on the box.

/// What the collector is shown of the scope; it displays it and can never widen it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The networks.
    pub segments: Vec<DeclaredSegment>,
    /// Whether domains confirmed at the collector are looked up.
    pub accepts_domains: bool,
    /// Whether domains are seen as the internet sees them.
    pub sees_public: bool,
}

/// One network of the scope as the collector is shown it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredSegment {
    /// Its name.
    pub name: String,
    /// Its network, CIDR.
    pub network: String,
    /// Its class.
    pub class: String,
    /// What for.
    pub purpose: String,
    /// Who authorised it.
    pub authorised_by: String,
    /// On which legal basis.
    pub legal_basis: String,
    /// When the staff council was heard.
    pub staff_council_date: String,
    /// Until when it holds.
    pub valid_until: String,
    /// The probe groups allowed.
    pub groups: Vec<String>,
    /// Whether devices of the register may be kept in it.
    pub accept_register: bool,
}
