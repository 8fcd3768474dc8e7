//! The credentials file on the box: read-only SNMP credentials and the networks each may go to. Nothing of it leaves
//! the box (promise S7).

use crate::{
    probe::{Settings, SnmpCredential, SnmpSecret},
    scope::Cidr,
};
use serde::Deserialize;
use std::{fs, io, net::IpAddr, os::unix::fs::PermissionsExt, path::Path};

/// Why the credentials cannot be used. Never quotes the file: it holds secrets.
#[derive(Debug, thiserror::Error)]
pub enum CredentialsError {
    /// The file cannot be read.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Others can read it.
    #[error("{0} can be read by everybody: chmod 640 it")]
    Open(String),
    /// The file cannot be understood.
    #[error("{path}, line {line}: {what}")]
    Content {
        /// The file.
        path: String,
        /// The line.
        line: usize,
        /// What is wrong, without the content.
        what: &'static str,
    },
    /// An entry is not a credential.
    #[error("{path}: the credential '{label}': {what}")]
    Entry {
        /// The file.
        path: String,
        /// The credential's label.
        label: String,
        /// What is wrong.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    #[serde(default)]
    snmp: Vec<Entry>,
    #[serde(default)]
    check_public_community: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    label: String,
    networks: Vec<String>,
    #[serde(default)]
    version: Option<String>,
    #[serde(default)]
    community: Option<String>,
    #[serde(default)]
    user: Option<String>,
    #[serde(default)]
    auth: Option<Phrase>,
    #[serde(default)]
    privacy: Option<Phrase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Phrase {
    protocol: String,
    passphrase: String,
}

/// Reads a credentials file; a missing one means no credentials.
///
/// # Errors
/// See [`CredentialsError`].
pub fn read(path: &Path) -> Result<Settings, CredentialsError> {
    let shown = path.display().to_string();
    let failed = |source| CredentialsError::File { path: shown.clone(), source };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Settings::default()),
        Err(error) => return Err(failed(error)),
    };
    if fs::metadata(path).map_err(failed)?.permissions().mode() & 0o007 != 0 {
        return Err(CredentialsError::Open(shown));
    }
    parse(&text, &shown)
}

fn parse(text: &str, path: &str) -> Result<Settings, CredentialsError> {
    let content: Content = toml::from_str(text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let what = "this is not a known key with a fitting value (see docs/operations.md)";
        CredentialsError::Content { path: path.to_owned(), line, what }
    })?;
    let mut snmp = Vec::new();
    for entry in content.snmp {
        let label = entry.label.clone();
        let wrong = |what| CredentialsError::Entry { path: path.to_owned(), label, what };
        snmp.push(entry.credential().map_err(wrong)?);
    }
    // The strongest goes first (promise S7); the file's order holds within each.
    snmp.sort_by_key(|credential| weakness(&credential.secret));
    let check_public_community = content.check_public_community;
    Ok(Settings { snmp, check_public_community, ..Settings::default() })
}

/// How much whoever listens on the way learns: 0 nothing, 1 the answers, 2 the user's name, 3 the community itself.
const fn weakness(secret: &SnmpSecret) -> u8 {
    match secret {
        SnmpSecret::V3 { auth: Some(_), privacy: Some(_), .. } => 0,
        SnmpSecret::V3 { auth: Some(_), .. } => 1,
        SnmpSecret::V3 { .. } => 2,
        SnmpSecret::V1(_) | SnmpSecret::V2c(_) => 3,
    }
}

impl Entry {
    fn credential(self) -> Result<SnmpCredential, String> {
        if self.networks.is_empty() {
            return Err("name the networks it may go to".to_owned());
        }
        let networks = self.networks.iter().map(|text| network(text)).collect::<Result<_, _>>()?;
        let secret = match (self.user, self.community, self.version.as_deref()) {
            (Some(user), None, None | Some("3")) => {
                let pair = |phrase: Phrase| (phrase.protocol, phrase.passphrase);
                SnmpSecret::V3 { user, auth: self.auth.map(pair), privacy: self.privacy.map(pair) }
            }
            (None, Some(community), None | Some("2c")) => SnmpSecret::V2c(community),
            (None, Some(community), Some("1")) => SnmpSecret::V1(community),
            _ => {
                return Err(
                    "give either a community (version \"1\" or \"2c\") or a user (version \"3\")".to_owned()
                );
            }
        };
        Ok(SnmpCredential { label: self.label, networks, secret })
    }
}

fn network(text: &str) -> Result<(IpAddr, u8), String> {
    let cidr: Cidr = text.parse().map_err(|error: crate::scope::NotACidr| error.to_string())?;
    let (address, prefix) =
        text.split_once('/').unwrap_or((text, if text.contains(':') { "128" } else { "32" }));
    let address = address.parse().map_err(|_| format!("'{cidr}' is no network"))?;
    Ok((address, prefix.parse().map_err(|_| format!("'{cidr}' is no network"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_and_order() {
        let text = "
            [[snmp]]
            label = 'old switches'
            networks = ['10.0.0.0/24']
            community = 'lesen-2c'
            [[snmp]]
            label = 'new switches'
            networks = ['10.0.1.0/24']
            user = 'rundgang'
            auth = { protocol = 'sha256', passphrase = 'erste-lange-phrase' }
            privacy = { protocol = 'aes128', passphrase = 'zweite-lange-phrase' }";
        let settings = parse(text, "credentials.toml").unwrap();
        let labels: Vec<_> = settings.snmp.iter().map(|credential| credential.label.as_str()).collect();
        assert_eq!(labels, ["new switches", "old switches"]);
        assert_eq!(settings.snmp[1].networks, [("10.0.0.0".parse().unwrap(), 24)]);
        assert!(!format!("{:?}", settings.snmp).contains("phrase"));
    }

    #[test]
    fn the_strongest_credential_goes_first() {
        let entry = |label: &str, rest: &str| {
            format!("[[snmp]]\nlabel = '{label}'\nnetworks = ['10.0.0.0/24']\n{rest}\n")
        };
        let auth = "auth = { protocol = 'sha256', passphrase = 'erste-lange-phrase' }";
        let privacy = "privacy = { protocol = 'aes128', passphrase = 'zweite-lange-phrase' }";
        let text = entry("community", "community = 'lesen'")
            + &entry("open user", "user = 'a'")
            + &entry("signed", &format!("user = 'b'\n{auth}"))
            + &entry("sealed", &format!("user = 'c'\n{auth}\n{privacy}"));
        let settings = parse(&text, "credentials.toml").unwrap();
        let labels: Vec<_> = settings.snmp.iter().map(|credential| credential.label.as_str()).collect();
        assert_eq!(labels, ["sealed", "signed", "open user", "community"]);
    }

    #[test]
    fn what_is_wrong_is_named_without_the_secret() {
        let check = |text: &str, expected: &str| {
            let error = parse(text, "credentials.toml").err().unwrap().to_string();
            assert!(error.contains(expected) && !error.contains("geheim"), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        };
        check("[[snmp]]\nlabel = 'a'\nnetworks = ['10.0.0.0/24']\ncomunity = 'geheim'", "line 4");
        check("[[snmp]]\nlabel = 'a'\nnetworks = []\ncommunity = 'geheim'", "'a'");
        check("[[snmp]]\nlabel = 'a'\nnetworks = ['10.0.0.0/24']", "either");
        check("[[snmp]]\nlabel = 'a'\nnetworks = ['geh']\ncommunity = 'geheim'", "'a'");
    }

    #[test]
    fn a_file_that_everybody_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credentials.toml");
        assert!(read(&path).unwrap().snmp.is_empty());
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(read(&path), Err(CredentialsError::Open(_))));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(read(&path).is_ok());
    }
}
