//! SNMP credentials made ready for one host: only those bound to its network, pass phrases turned into keys once.

use crate::probe::{Host, Settings, SnmpCredential, SnmpSecret};
use rundgang_wire::snmp::{
    Version,
    usm::{Authentication, MasterKey, Privacy, User},
};
use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// No host is offered more credentials than this: each one costs a silent host a time-out.
const MAX_CREDENTIALS: usize = 6;

/// A credential made ready.
#[derive(Clone)]
pub(super) struct Credential {
    pub(super) label: String,
    pub(super) login: Login,
}

/// What goes onto the wire.
#[derive(Clone)]
pub(super) enum Login {
    Community { version: Version, name: Vec<u8> },
    User(User),
}

impl Credential {
    /// The name of the version it speaks.
    pub(super) const fn version(&self) -> &'static str {
        match self.login {
            Login::Community { version: Version::V1, .. } => "v1",
            Login::Community { version: Version::V2c, .. } => "v2c",
            Login::User(_) => "v3",
        }
    }

    /// Whether it speaks SNMPv1, which knows no GetBulk and no exceptions.
    pub(super) const fn is_v1(&self) -> bool {
        matches!(self.login, Login::Community { version: Version::V1, .. })
    }
}

/// Whether an address lies in one of the networks; no network at all means everywhere (promise S7).
pub(super) fn bound_to(networks: &[(IpAddr, u8)], ip: IpAddr) -> bool {
    let inside = |&(network, length): &(IpAddr, u8)| match (network, ip) {
        (IpAddr::V4(network), IpAddr::V4(ip)) => {
            let shift = 32_u32.saturating_sub(u32::from(length));
            u32::from(network).checked_shr(shift) == u32::from(ip).checked_shr(shift)
        }
        (IpAddr::V6(network), IpAddr::V6(ip)) => {
            let shift = 128_u32.saturating_sub(u32::from(length));
            u128::from(network).checked_shr(shift) == u128::from(ip).checked_shr(shift)
        }
        _ => false,
    };
    networks.is_empty() || networks.iter().any(inside)
}

/// Whether any credential may go to this host.
pub(super) fn any_for(host: &Host, settings: &Settings) -> bool {
    settings.snmp.iter().any(|credential| bound_to(&credential.networks, host.ip))
}

/// The credentials for this host, in order, and what is wrong with those that cannot be used.
pub(super) fn ready_for(host: &Host, settings: &Settings) -> (Vec<Credential>, Vec<String>) {
    let mut wrong = Vec::new();
    let ready = settings
        .snmp
        .iter()
        .filter(|credential| bound_to(&credential.networks, host.ip))
        .filter_map(|credential| {
            ready(credential).map_err(|why| wrong.push(format!("{}: {why}", credential.label))).ok()
        })
        .take(MAX_CREDENTIALS)
        .collect();
    (ready, wrong)
}

fn ready(credential: &SnmpCredential) -> Result<Credential, &'static str> {
    let login = match &credential.secret {
        SnmpSecret::V1(name) => Login::Community { version: Version::V1, name: name.clone().into_bytes() },
        SnmpSecret::V2c(name) => Login::Community { version: Version::V2c, name: name.clone().into_bytes() },
        SnmpSecret::V3 { user, auth, privacy } => {
            Login::User(ready_user(user, auth.as_ref(), privacy.as_ref())?)
        }
    };
    Ok(Credential { label: credential.label.clone(), login })
}

type Protected = (String, String);

fn ready_user(
    user: &str,
    auth: Option<&Protected>,
    privacy: Option<&Protected>,
) -> Result<User, &'static str> {
    let name = user.as_bytes().to_vec();
    let Some((protocol, pass_phrase)) = auth else {
        return match privacy {
            Some(_) => Err("privacy without authentication"),
            None => Ok(User { name, authentication: None, privacy: None }),
        };
    };
    let protocol = Authentication::from_name(protocol).ok_or("unknown authentication protocol")?;
    let authentication = Some(master_key(protocol, pass_phrase)?);
    let privacy = match privacy {
        None => None,
        Some((cipher, pass_phrase)) => {
            let cipher = Privacy::from_name(cipher).ok_or("unknown privacy protocol")?;
            Some((cipher, master_key(protocol, pass_phrase)?))
        }
    };
    Ok(User { name, authentication, privacy })
}

/// Master keys already made. Making one takes milliseconds, and every host of a walk needs the same few.
static MASTER_KEYS: Mutex<BTreeMap<(Authentication, String), MasterKey>> = Mutex::new(BTreeMap::new());
/// Credentials change rarely; should more keys than this gather, all are made anew.
const MAX_MASTER_KEYS: usize = 64;

fn master_key(protocol: Authentication, pass_phrase: &str) -> Result<MasterKey, &'static str> {
    let mut keys = MASTER_KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    let wanted = (protocol, pass_phrase.to_owned());
    if let Some(key) = keys.get(&wanted) {
        return Ok(key.clone());
    }
    let key = protocol.master_key(pass_phrase.as_bytes()).ok_or("an empty pass phrase")?;
    if keys.len() >= MAX_MASTER_KEYS {
        keys.clear();
    }
    keys.insert(wanted, key.clone());
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_stay_in_their_networks() {
        let check = |network: &str, length: u8, ip: &str, expected: bool| {
            let networks = [(network.parse().unwrap(), length)];
            assert_eq!(bound_to(&networks, ip.parse().unwrap()), expected, "{ip} in {network}/{length}");
        };
        check("10.1.0.0", 16, "10.1.255.1", true);
        check("10.1.0.0", 16, "10.2.0.1", false);
        check("10.1.0.7", 32, "10.1.0.7", true);
        check("10.1.0.7", 32, "10.1.0.8", false);
        check("0.0.0.0", 0, "10.1.0.8", true);
        check("fd00:1::", 32, "fd00:1:2::3", true);
        check("fd00:1::", 32, "fd00:2::3", false);
        check("10.1.0.0", 16, "fd00:1::", false);
        assert!(bound_to(&[], "10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn users_that_cannot_work_are_told() {
        let pair = |protocol: &str| (protocol.to_owned(), "correct horse".to_owned());
        let check = |auth: Option<&str>, privacy: Option<&str>, expected: Option<&'static str>| {
            let result = ready_user("u", auth.map(pair).as_ref(), privacy.map(pair).as_ref());
            assert_eq!(result.err(), expected, "{auth:?} {privacy:?}");
        };
        check(Some("sha256"), Some("aes256"), None);
        check(None, None, None);
        check(None, Some("aes128"), Some("privacy without authentication"));
        check(Some("rot13"), None, Some("unknown authentication protocol"));
        check(Some("sha1"), Some("des"), Some("unknown privacy protocol"));
    }
}
