//! The example school: a recorded network, and a register with gaps, so that every page has something to show.

use rundgang_agent::{
    audit::recorded::RecordedDns,
    network::replay::Recording,
    probe::{Settings, SnmpCredential, SnmpSecret},
    scope::{Scope, ScopeError},
};
use rundgang_inventory::Timestamp;
use rundgang_store::{DocumentedSystem, NewSchool, SaidRoom, Traeger};
use serde::Deserialize;
use std::collections::BTreeMap;

const NETWORK: &str = include_str!("../example/netz.toml");
const DNS: &str = include_str!("../example/dns.toml");
const SCHOOL: &str = include_str!("../example/schule.toml");
const SCOPE: &str = include_str!("../example/scope.toml");
/// Who entered the register of the example.
const WHO: &str = "Beispiel";

/// Our own data is damaged.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ExampleError(#[from] toml::de::Error);

/// What people entered.
#[derive(Deserialize)]
struct Entered {
    #[serde(flatten)]
    school: NewSchool,
    domains: Vec<String>,
    room: Vec<EnteredRoom>,
    system: Vec<Documented>,
}

/// A room.
#[derive(Deserialize)]
struct EnteredRoom {
    name: String,
    kind: String,
    sockets: Option<i64>,
    #[serde(default)]
    equipment: String,
}

/// A documented system with its room by name.
#[derive(Deserialize)]
struct Documented {
    #[serde(default)]
    room: Option<String>,
    #[serde(flatten)]
    system: DocumentedSystem,
}

/// The recorded network.
///
/// # Errors
/// Our own data is damaged.
pub fn recording() -> Result<Recording, ExampleError> {
    Ok(toml::from_str(NETWORK)?)
}

/// The recorded DNS: one domain in order, one with gaps.
///
/// # Errors
/// Our own data is damaged.
pub fn dns() -> Result<RecordedDns, ExampleError> {
    Ok(toml::from_str(DNS)?)
}

/// The scope of the example, as a school would write it.
///
/// # Errors
/// Our own data is damaged.
pub fn scope() -> Result<Scope, ScopeError> {
    rundgang_agent::scope::read(SCOPE)
}

/// The credentials with which the recorded devices answer.
#[must_use]
pub fn credentials() -> Settings {
    let school = SnmpCredential {
        label: "Beispiel".to_owned(),
        networks: Vec::new(),
        secret: SnmpSecret::V2c("schule".to_owned()),
    };
    Settings { snmp: vec![school], check_public_community: true, ..Settings::default() }
}

/// Enters the example school, unless it is there, and returns its number.
///
/// # Errors
/// The database failed.
pub fn seed(traeger: &Traeger, now: Timestamp) -> rundgang_store::Result<i64> {
    let entered: Entered =
        toml::from_str(SCHOOL).map_err(|error| rundgang_store::Error::Corrupt(error.to_string()))?;
    let school = traeger.ensure_school(&NewSchool { is_example: true, ..entered.school }, now)?;
    if !traeger.systems(school)?.is_empty() {
        return Ok(school);
    }
    for domain in &entered.domains {
        traeger.ensure_domain(school, domain, now)?;
    }
    let mut said = Vec::new();
    for room in entered.room {
        let EnteredRoom { name, kind, sockets, equipment } = room;
        said.push(SaidRoom { name, kind: Some(kind), sockets, equipment: Some(equipment), building: None });
    }
    traeger.enter_rooms(school, &said, (WHO, now))?;
    let rooms: BTreeMap<String, i64> =
        traeger.rooms(school)?.into_iter().map(|room| (room.name, room.id)).collect();
    for Documented { room, system } in entered.system {
        let room = room.and_then(|name| rooms.get(&name).copied());
        traeger.save_system(&DocumentedSystem { school, room, ..system }, WHO, now)?;
    }
    Ok(school)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rundgang_agent::audit::standing::DomainAudit as _;
    use rundgang_inventory::mail::{Context, Severity, judge};
    use std::collections::BTreeMap;

    /// What is grave about a domain of the example.
    async fn grave(domain: &str) -> Vec<String> {
        let scope = super::scope().expect("a scope");
        assert!(scope.domains.iter().any(|confirmed| confirmed == domain), "{domain} is not confirmed");
        let gathered = dns()
            .expect("a recording")
            .gather(vec![domain.to_owned()], &BTreeMap::new(), None)
            .await
            .expect("evidence");
        let findings = judge(&gathered[0], &Context::default());
        findings.into_iter().filter(|f| f.severity <= Severity::Medium).map(|f| f.id.to_owned()).collect()
    }

    #[tokio::test]
    async fn one_domain_of_the_example_is_in_order_and_one_has_gaps() {
        assert!(grave("beispielschule.example").await.is_empty());
        let gaps = grave("foerderverein-beispielschule.example").await.join(" ");
        for what in ["spf", "dkim", "dmarc"] {
            assert!(gaps.contains(what), "{what} is not among {gaps}");
        }
    }
}
