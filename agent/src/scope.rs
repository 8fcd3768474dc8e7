//! The scope: what the agent may send, to whom and when. It lives on the box; nothing widens it (promise S1).

mod cidr;
mod file;
mod flags;
mod hours;

pub use cidr::{Cidr, NotACidr, Realm, realm};
pub use file::read;
pub use flags::Flags;
pub use hours::{Hours, Zone};

use crate::{pace::Pace, probe::Group};
use rundgang_inventory::Timestamp;
use rundgang_inventory::mail::{View, lookup::is_private};
use std::{
    collections::BTreeSet,
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

/// How a network is used, which decides what may be kept of it (promise P7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NetworkClass {
    /// The school's own infrastructure: everything is kept.
    Infrastructure,
    /// School-owned devices: everything is kept.
    Managed,
    /// The default: infrastructure is kept, the rest counted.
    #[default]
    Mixed,
    /// People's own devices and guests: counters only, no active probe.
    Personal,
}

impl NetworkClass {
    /// The name in scope files and flags.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Infrastructure => "infrastructure",
            Self::Managed => "managed",
            Self::Mixed => "mixed",
            Self::Personal => "personal",
        }
    }

    /// Whether devices may be kept that are not recognised as infrastructure.
    #[must_use]
    pub const fn keeps_all(self) -> bool {
        matches!(self, Self::Infrastructure | Self::Managed)
    }
}

impl FromStr for NetworkClass {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Infrastructure, Self::Managed, Self::Mixed, Self::Personal]
            .into_iter()
            .find(|class| class.name() == text)
            .ok_or_else(|| {
                format!("'{text}' is no network class; use infrastructure, managed, mixed or personal")
            })
    }
}

/// Who allowed the walk, on which ground, and when the staff council was heard (promise P6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Authority {
    /// Who authorised it.
    pub authorised_by: String,
    /// The legal basis.
    pub legal_basis: String,
    /// The date of the staff council, `YYYY-MM-DD`.
    pub staff_council: String,
}

impl Authority {
    /// Whether all three stand; without them the agent stays passive and only counts.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        !self.authorised_by.is_empty() && !self.legal_basis.is_empty() && !self.staff_council.is_empty()
    }
}

/// One network of the scope with everything declared about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Its name; unique within the scope.
    pub name: String,
    /// The network.
    pub network: Cidr,
    /// What it is for, in the school's words.
    pub purpose: String,
    /// Its class.
    pub class: NetworkClass,
    /// The probe groups allowed in it.
    pub groups: BTreeSet<Group>,
    /// When it may be walked and when not.
    pub hours: Hours,
    /// How fast.
    pub pace: Pace,
    /// Who allowed it.
    pub authority: Authority,
    /// The last moment it may be walked.
    pub valid_until: Option<Timestamp>,
    /// Whether register entries may make a device kept here (promise P1).
    pub accept_register: bool,
    /// Fragile devices opted in by address (promise S5).
    pub opted_in: BTreeSet<IpAddr>,
    /// Whether hosts that ignore pings may be looked for by connections to a few common ports, before anybody knows
    /// what they are (promise S5).
    pub tcp_discovery: bool,
    /// The interface the segment hangs on, where it must be named.
    pub interface: Option<String>,
}

impl Segment {
    /// Whether all its addresses are this machine's own.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.network.realm() == Realm::Loopback
    }
}

/// Whether a walk is a person's own act at the keyboard or the daemon's standing order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// `walk` or `probe`: flags form the scope of this run.
    Person,
    /// The daemon with its scope file: without authority it stays passive.
    Standing,
}

/// Everything the agent may touch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    // Sorted by first address and free of overlaps, so that a look-up is a binary search.
    segments: Vec<Segment>,
    /// Domains confirmed as the school's (public look-ups only).
    pub domains: Vec<String>,
    /// The resolver for those look-ups; the machine's own where none is named.
    pub resolver: Option<SocketAddr>,
    /// From where domains are looked at, where the scope file says so.
    pub view: Option<View>,
    /// Whether domains that people confirmed at the collector are looked up as well.
    pub accepts_domains: bool,
    /// Whose act it is.
    pub act: Act,
}

/// What may be done in a segment at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Probes may run.
    Active,
    /// Only listen and count.
    Passive(Reason),
    /// Nothing at all.
    Closed(Reason),
}

/// Why a segment is not walked actively.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Authorisation, legal basis or the staff council's date is missing.
    NoAuthority,
    /// The network belongs to people, not to the school.
    PersonalNetwork,
    /// The scope line is no longer valid.
    Expired,
    /// Outside the time window or within quiet hours.
    Quiet,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoAuthority => {
                "authorised_by, legal_basis and staff_council are not all filled in: passive, counters only"
            }
            Self::PersonalNetwork => "a personal network: passive, counters only",
            Self::Expired => "valid_until has passed: renew it in the scope file",
            Self::Quiet => "outside its hours",
        })
    }
}

/// Why a scope is refused; each text says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// No network at all.
    #[error("no network is in scope; name at least one, such as 192.168.10.0/24")]
    Empty,
    /// Not a network.
    #[error("{0}")]
    NotACidr(#[from] NotACidr),
    /// Wider than /16 (IPv4) or /48 (IPv6).
    #[error("{0} is wider than {1}; split it into the networks that are really used")]
    TooWide(Cidr, &'static str),
    /// Multicast, reserved, or a mixture of private and public addresses.
    #[error("{0} holds no addresses of hosts; name a private network of the school")]
    NoHosts(Cidr),
    /// Public and not listed.
    #[error("{0} is public and not listed; add the school's own public addresses to public_addresses")]
    Public(Cidr),
    /// Link-local without an interface.
    #[error("{0} is link-local; name its interface with `interface = \"...\"`")]
    NoInterface(Cidr),
    /// Two networks share addresses.
    #[error("{0} and {1} overlap; name each address once")]
    Overlap(Cidr, Cidr),
    /// Two networks share a name.
    #[error("two networks are named '{0}'; give each its own name")]
    SameName(String),
    /// Faster than polite, off loopback, and nobody answers for it.
    #[error("pace {0} in {1} needs a name: say who allows it with {2}")]
    NeedsAuthority(Pace, Cidr, &'static str),
    /// An address opted in that is not of the network.
    #[error("fragile_opt_in names {0}, which is not in {1}")]
    ForeignOptIn(IpAddr, Cidr),
    /// Not a domain name.
    #[error("'{0}' is no domain name; write it like schule.example")]
    NotADomain(String),
    /// The file itself cannot be understood; one line.
    #[error("scope file: {0}")]
    File(String),
}

impl Scope {
    /// Builds a scope after checking every line of it and all of them together.
    ///
    /// # Errors
    /// The first promise of S1 that a line breaks.
    pub fn new(
        mut segments: Vec<Segment>,
        public: &[Cidr],
        domains: &[String],
        act: Act,
    ) -> Result<Self, ScopeError> {
        for segment in &segments {
            check_segment(segment, public, act)?;
        }
        segments.sort_by_key(|segment| segment.network.first());
        for pair in segments.windows(2) {
            if pair[0].network.overlaps(&pair[1].network) {
                return Err(ScopeError::Overlap(pair[0].network, pair[1].network));
            }
        }
        let mut names = BTreeSet::new();
        for segment in &segments {
            if !names.insert(segment.name.as_str()) {
                return Err(ScopeError::SameName(segment.name.clone()));
            }
        }
        let domains = domains.iter().map(|name| domain(name)).collect::<Result<_, _>>()?;
        Ok(Self { segments, domains, resolver: None, view: None, accepts_domains: false, act })
    }

    /// From where this agent looks at domains. One that walks a school's networks over a resolver that is not public sees
    /// what the school's resolver shows; anything else is as the internet sees it, unless the scope file says otherwise.
    #[must_use]
    pub fn view(&self, resolver: Option<SocketAddr>) -> View {
        let walks = self.segments.iter().any(|segment| !segment.is_loopback());
        let is_public = |server: SocketAddr| !is_private(server.ip());
        let guessed = if walks && !resolver.is_some_and(is_public) { View::Inside } else { View::Public };
        self.view.unwrap_or(guessed)
    }

    /// Its networks, ascending.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The same scope with these of its networks alone, and its domains.
    #[must_use]
    pub fn only(&self, names: &[String]) -> Self {
        let mut part = self.clone();
        part.segments.retain(|segment| names.contains(&segment.name));
        part
    }

    /// The network an address lies in.
    #[must_use]
    pub fn segment_of(&self, address: IpAddr) -> Option<&Segment> {
        let after = self.segments.partition_point(|segment| segment.network.first() <= address);
        let segment = self.segments.get(after.checked_sub(1)?)?;
        segment.network.contains(address).then_some(segment)
    }

    /// The network that allows a unicast packet to this address.
    #[must_use]
    pub fn target(&self, address: IpAddr) -> Option<&Segment> {
        self.segment_of(address).filter(|segment| segment.network.is_target(address))
    }

    /// What may be done in a segment now.
    #[must_use]
    pub fn mode(&self, segment: &Segment, now: Timestamp) -> Mode {
        if segment.valid_until.is_some_and(|end| now >= end) {
            Mode::Closed(Reason::Expired)
        } else if !segment.hours.open(now) {
            Mode::Closed(Reason::Quiet)
        } else if self.act == Act::Standing && !segment.authority.is_complete() {
            Mode::Passive(Reason::NoAuthority)
        } else if segment.class == NetworkClass::Personal {
            Mode::Passive(Reason::PersonalNetwork)
        } else {
            Mode::Active
        }
    }
}

fn check_segment(segment: &Segment, public: &[Cidr], act: Act) -> Result<(), ScopeError> {
    let network = segment.network;
    let widest = if network.first().is_ipv4() { (16, "/16") } else { (48, "/48") };
    if network.prefix() < widest.0 {
        return Err(ScopeError::TooWide(network, widest.1));
    }
    match network.realm() {
        Realm::Loopback | Realm::Private => {}
        Realm::LinkLocal if segment.interface.is_some() => {}
        Realm::LinkLocal => return Err(ScopeError::NoInterface(network)),
        Realm::Public
            if public
                .iter()
                .any(|listed| listed.contains(network.first()) && listed.contains(network.last())) => {}
        Realm::Public => return Err(ScopeError::Public(network)),
        Realm::NoHost => return Err(ScopeError::NoHosts(network)),
    }
    if let Some(&foreign) = segment.opted_in.iter().find(|&&address| !network.is_target(address)) {
        return Err(ScopeError::ForeignOptIn(foreign, network));
    }
    let answered_for = !segment.authority.authorised_by.trim().is_empty();
    if segment.pace > Pace::Polite && !segment.is_loopback() && !answered_for {
        let how = match act {
            Act::Person => "--authorised-by \"NAME, WHEN\"",
            Act::Standing => "authorised_by in the scope file",
        };
        return Err(ScopeError::NeedsAuthority(segment.pace, network, how));
    }
    Ok(())
}

/// A domain name in lower case without its trailing dot.
fn domain(text: &str) -> Result<String, ScopeError> {
    let not = || ScopeError::NotADomain(text.chars().take(60).collect());
    let name = text.trim().trim_end_matches('.').to_lowercase();
    let well_formed = name.contains('.')
        && name.len() <= 253
        && name.parse::<IpAddr>().is_err()
        && name.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
        });
    if well_formed { Ok(name) } else { Err(not()) }
}

#[cfg(test)]
mod tests;
