//! The scope file on the box: TOML, every key known, every refusal in one line.

use super::{Act, Authority, Cidr, Hours, NetworkClass, Scope, ScopeError, Segment, Zone};
use crate::{pace::Pace, probe::Group};
use rundgang_inventory::{Timestamp, mail::View};
use serde::Deserialize;
use std::{collections::BTreeSet, net::IpAddr};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    network: Vec<Network>,
    #[serde(default)]
    public_addresses: Vec<String>,
    #[serde(default)]
    confirmed_domains: Vec<String>,
    resolver: Option<String>,
    dns_view: Option<String>,
    #[serde(default)]
    accept_confirmed_domains: bool,
    #[serde(default)]
    timezone: Zone,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    name: String,
    network: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    class: NetworkClass,
    groups: Option<Vec<String>>,
    window: Option<String>,
    #[serde(default)]
    quiet: Vec<String>,
    #[serde(default)]
    pace: Pace,
    #[serde(default)]
    authorised_by: String,
    #[serde(default)]
    legal_basis: String,
    #[serde(default)]
    staff_council: String,
    valid_until: Option<String>,
    #[serde(default)]
    accept_register: bool,
    #[serde(default)]
    tcp_discovery: bool,
    #[serde(default)]
    fragile_opt_in: Vec<IpAddr>,
    interface: Option<String>,
}

/// Reads a scope file.
///
/// # Errors
/// One line that says what is wrong and what to do. A line whose `valid_until` has passed is no error: its network is
/// closed from then on (see [`Scope::mode`]), and the others are walked as before.
pub fn read(text: &str) -> Result<Scope, ScopeError> {
    let file: File = toml::from_str(text).map_err(|error| ScopeError::File(one_line(&error, text)))?;
    if file.network.is_empty() && file.confirmed_domains.is_empty() && !file.accept_confirmed_domains {
        return Err(ScopeError::Empty);
    }
    let public = file.public_addresses.iter().map(|text| text.parse()).collect::<Result<Vec<Cidr>, _>>()?;
    let segments = file
        .network
        .into_iter()
        .map(|network| network.segment(file.timezone))
        .collect::<Result<Vec<_>, _>>()?;
    let resolver =
        file.resolver.as_deref().map(crate::audit::resolver_address).transpose().map_err(ScopeError::File)?;
    let view = file.dns_view.as_deref().map(view).transpose()?;
    let accepts_domains = file.accept_confirmed_domains;
    Ok(Scope {
        resolver,
        view,
        accepts_domains,
        ..Scope::new(segments, &public, &file.confirmed_domains, Act::Standing)?
    })
}

fn view(name: &str) -> Result<View, ScopeError> {
    let wrong = || ScopeError::File(format!("dns_view '{name}' is no view; write public or inside"));
    View::from_name(name).ok_or_else(wrong)
}

impl Network {
    fn segment(self, zone: Zone) -> Result<Segment, ScopeError> {
        let wrong = |what: String| ScopeError::File(format!("network '{}': {what}", self.name));
        let groups = match &self.groups {
            None => Group::ALL.iter().copied().collect(),
            Some(names) => {
                names.iter().map(|name| group(name).map_err(wrong)).collect::<Result<BTreeSet<_>, _>>()?
            }
        };
        let window = self.window.as_deref().map(str::parse).transpose().map_err(wrong)?;
        let quiet = self.quiet.iter().map(|span| span.parse()).collect::<Result<_, _>>().map_err(wrong)?;
        if !self.staff_council.is_empty() && Timestamp::parse_date(&self.staff_council).is_none() {
            return Err(wrong(format!(
                "staff_council '{}' is no date; write YYYY-MM-DD",
                self.staff_council
            )));
        }
        let valid_until = match self.valid_until.as_deref() {
            None => None,
            Some(text) => {
                let last = Timestamp::parse_date(text)
                    .ok_or_else(|| wrong(format!("valid_until '{text}' is no date; write YYYY-MM-DD")))?;
                Some(last.plus_days(1))
            }
        };
        Ok(Segment {
            network: self.network.parse()?,
            purpose: self.purpose,
            class: self.class,
            groups,
            hours: Hours { zone, window, quiet },
            pace: self.pace,
            authority: Authority {
                authorised_by: self.authorised_by,
                legal_basis: self.legal_basis,
                staff_council: self.staff_council,
            },
            valid_until,
            accept_register: self.accept_register,
            opted_in: self.fragile_opt_in.into_iter().collect(),
            tcp_discovery: self.tcp_discovery,
            interface: self.interface,
            name: self.name,
        })
    }
}

fn group(name: &str) -> Result<Group, String> {
    Group::ALL.iter().copied().find(|group| group.name() == name).ok_or_else(|| {
        let known: Vec<_> = Group::ALL.iter().map(|group| group.name()).collect();
        format!("'{name}' is no probe group; known are {}", known.join(", "))
    })
}

/// The parser's message with its line number, without the excerpt that spreads over several lines.
fn one_line(error: &toml::de::Error, text: &str) -> String {
    let message = error.message().lines().collect::<Vec<_>>().join("; ");
    match error.span() {
        Some(span) => {
            let line = text.get(..span.start).map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {message}")
        }
        None => message,
    }
}
