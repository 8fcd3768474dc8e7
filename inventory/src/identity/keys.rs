//! The keys that evidence holds: kinds, grades, and what disqualifies a value.

use crate::{
    Confidence, Fields, Mac, MacProvenance, Recognition, Row, Subject, Value,
    vocabulary::{SNMP_ENTITY, SSH_HOST_KEY},
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kinds of key, the ones an observation is best filed under first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyKind {
    /// A universally administered MAC address.
    Mac,
    /// A serial number, scoped by its vendor.
    Serial,
    /// An SNMP engine id (RFC 3411, section 5).
    EngineId,
    /// A UUID or device id that the device announces itself.
    AnnouncedId,
    /// The fingerprint of an SSH host key.
    SshHostKey,
    /// The fingerprint of a TLS public key or certificate.
    TlsKey,
    /// An address: weak, it names whoever sits there.
    Address,
}

impl KeyKind {
    /// The name in the store.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mac => "mac",
            Self::Serial => "serial",
            Self::EngineId => "engine-id",
            Self::AnnouncedId => "announced-id",
            Self::SshHostKey => "ssh-host-key",
            Self::TlsKey => "tls-key",
            Self::Address => "address",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [
            Self::Mac,
            Self::Serial,
            Self::EngineId,
            Self::AnnouncedId,
            Self::SshHostKey,
            Self::TlsKey,
            Self::Address,
        ]
        .into_iter()
        .find(|kind| kind.name() == name)
    }

    /// Keys that makers give to one device only. Host keys are copied with images and certificates with wildcards.
    #[must_use]
    pub const fn is_unique(self) -> bool {
        matches!(self, Self::Mac | Self::Serial | Self::EngineId | Self::AnnouncedId)
    }
}

/// One key, and whether it may create an asset or only match one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// What it is.
    pub kind: KeyKind,
    /// Its value in one spelling.
    pub value: String,
    /// Whether it may create an asset; a third party's word may not.
    pub creates: bool,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.value)
    }
}

/// Fields that hold a device id, and the protocol that scopes it.
const ANNOUNCED: &[(&str, &str)] = &[("ipp.uuid", "ipp"), ("upnp.udn", "upnp"), ("wsd.address", "wsd")];

/// TXT pairs that hold a device id, and the protocol that scopes it.
const ANNOUNCED_TXT: &[(&str, &str)] =
    &[("_googlecast._tcp id=", "cast"), ("_airplay._tcp deviceid=", "airplay")];

/// Every key of one device: from where it was seen, from its evidence, and from what it was recognised as. The best
/// key to file its observations under comes first; a device always has at least its address.
#[must_use]
pub fn keys_of(subject: &Subject, fields: &Fields, recognition: &Recognition) -> Vec<Key> {
    let Subject::Device { ip, mac } = subject else { return Vec::new() };
    let mut keys: Vec<Key> = Vec::new();
    keys.extend(mac.and_then(|(mac, provenance)| mac_key(mac, provenance)));
    keys.extend(serial_key(fields, recognition));
    keys.extend(texts(fields, "snmp.engine_id").filter(|id| is_engine_id(id)).map(own(KeyKind::EngineId)));
    keys.extend(announced(fields).map(own(KeyKind::AnnouncedId)));
    keys.extend(ssh_host_key(fields).map(own(KeyKind::SshHostKey)));
    keys.extend(fingerprints(fields).map(own(KeyKind::TlsKey)));
    keys.sort();
    keys.dedup();
    keys.push(Key { kind: KeyKind::Address, value: ip.to_string(), creates: false });
    keys
}

/// A key that the device itself tells.
fn own(kind: KeyKind) -> impl Fn(String) -> Key {
    move |value| Key { kind, value, creates: true }
}

/// The texts of a field, in lower case, be it one text or a list.
fn texts<'f>(fields: &'f Fields, name: &str) -> impl Iterator<Item = String> + 'f {
    let (one, many) = match fields.named(name) {
        Some(Value::Text(text)) => (Some(text), None),
        Some(Value::List(list)) => (None, Some(list)),
        _ => (None, None),
    };
    one.into_iter().chain(many.into_iter().flatten()).map(|text| text.to_ascii_lowercase())
}

fn announced(fields: &Fields) -> impl Iterator<Item = String> {
    let ids = ANNOUNCED.iter().flat_map(|(field, scope)| {
        texts(fields, field)
            .map(|id| (*scope, id.trim_start_matches("urn:").trim_start_matches("uuid:").to_owned()))
    });
    let txt = texts(fields, "mdns.txt").filter_map(|pair| {
        ANNOUNCED_TXT.iter().find_map(|(start, scope)| Some((*scope, pair.strip_prefix(start)?.to_owned())))
    });
    ids.chain(txt).filter(|(_, id)| is_told(id)).map(|(scope, id)| format!("{scope}:{id}"))
}

/// The fingerprint of the key that the device shows as an SSH server; its kind stands in front.
fn ssh_host_key(fields: &Fields) -> Option<String> {
    let fingerprint = fields.text(&SSH_HOST_KEY)?.split(' ').next_back()?.to_ascii_lowercase();
    is_told(&fingerprint).then_some(fingerprint)
}

/// The fingerprints of the certificates on the device's ports.
fn fingerprints(fields: &Fields) -> impl Iterator<Item = String> {
    let rows = match fields.named("tls.certificates") {
        Some(Value::Table(rows)) => rows.as_slice(),
        _ => &[],
    };
    rows.iter()
        .filter_map(|row| row.get("fingerprint").and_then(Value::as_text))
        .map(str::to_ascii_lowercase)
        .filter(|text| is_told(text))
}

fn mac_key(mac: Mac, provenance: MacProvenance) -> Option<Key> {
    let creates = provenance == MacProvenance::OwnReply;
    mac.is_durable().then(|| Key { kind: KeyKind::Mac, value: mac.to_string(), creates })
}

/// Without its vendor a serial number names nothing: makers count from one, each for themselves.
fn serial_key(fields: &Fields, recognition: &Recognition) -> Option<Key> {
    let vendor = recognition.vendor.as_ref()?.value.to_lowercase();
    let serial = recognition.serial.as_ref().filter(|told| told.confidence > Confidence::Low)?;
    let plain: String = of_stack(fields, &serial.value)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect::<String>()
        .to_uppercase();
    is_serial(&plain).then(|| Key {
        kind: KeyKind::Serial,
        value: format!("{vendor}/{plain}"),
        creates: true,
    })
}

/// The serial number that stands for a stack whichever of its members leads it: the least of those of the chassis that are of
/// one model with the one that speaks. Of a single chassis its own.
fn of_stack<'f>(fields: &'f Fields, speaking: &'f str) -> &'f str {
    let Some(Value::Table(rows)) = fields.get(&SNMP_ENTITY) else { return speaking };
    let text = |row: &'f Row, name: &str| row.get(name).and_then(Value::as_text).map(str::trim);
    let chassis = || rows.iter().filter(|row| text(row, "class") == Some("chassis"));
    let Some(of) = chassis().find(|row| text(row, "serial") == Some(speaking)) else { return speaking };
    let members = chassis().filter(|row| text(row, "model") == text(of, "model"));
    members.filter_map(|row| text(row, "serial")).filter(|serial| is_serial(serial)).min().unwrap_or(speaking)
}

/// What makers leave in the field when they set no serial number.
const PLACEHOLDERS: &[&str] =
    &["DEFAULT", "NONE", "UNKNOWN", "NOTAVAILABLE", "NOTSPECIFIED", "TOBEFILLED", "SERIAL", "SYSTEM", "NULL"];

fn is_serial(serial: &str) -> bool {
    let counting = "0123456789ABCDEF".contains(serial) || "1234567890".contains(serial);
    serial.len() >= 4
        && !is_one_character(serial)
        && !counting
        && !PLACEHOLDERS.iter().any(|p| serial.contains(p))
}

fn is_one_character(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_none_or(|first| characters.all(|c| c == first))
}

/// RFC 3411: 5 to 32 octets; the part after the enterprise number must not be zeros or a maker's constant.
fn is_engine_id(hex: &str) -> bool {
    let body = hex.get(10..).unwrap_or_default();
    (10..=64).contains(&hex.len()) && body.len() >= 4 && !is_one_character(body)
}

fn is_told(value: &str) -> bool {
    let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
    plain.len() >= 8 && !is_one_character(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Told;

    fn told(value: &str) -> Option<Told<String>> {
        Some(Told { value: value.to_owned(), confidence: Confidence::High, because: String::new() })
    }

    #[test]
    fn a_stack_has_one_serial_number_whoever_leads_it() {
        let row = |class: &str, model: &str, serial: &str| {
            let cells = [("class", class), ("model", model), ("serial", serial)];
            cells.into_iter().map(|(name, text)| (name.to_owned(), Value::text(text))).collect::<Row>()
        };
        let check = |speaking: &str, rows: Vec<Row>, expected: &str| {
            let fields = Fields::new().with(&SNMP_ENTITY, Value::Table(rows));
            assert_eq!(of_stack(&fields, speaking), expected);
        };
        let (first, second) = (row("chassis", "M9", "B002"), row("chassis", "M9", "A001"));
        check("B002", vec![first.clone(), second.clone()], "A001");
        check("A001", vec![second.clone(), first.clone()], "A001");
        check("B002", vec![first.clone()], "B002");
        check("B002", vec![first.clone(), row("chassis", "X1", "0001")], "B002");
        check("B002", vec![first.clone(), row("module", "M9", "0001"), row("chassis", "M9", "0000")], "B002");
        check("told elsewhere", vec![first, second], "told elsewhere");
    }

    #[test]
    fn serial_numbers_count_only_with_their_vendor_and_when_they_are_some() {
        let check = |vendor: Option<&str>, serial: &str, expected: Option<&str>| {
            let recognition =
                Recognition { vendor: vendor.and_then(told), serial: told(serial), ..Recognition::default() };
            assert_eq!(
                serial_key(&Fields::new(), &recognition).map(|key| key.value).as_deref(),
                expected,
                "{serial}"
            );
        };
        check(Some("Kyocera"), "vcf-912 3456", Some("kyocera/VCF9123456"));
        check(None, "VCF9123456", None);
        check(Some("HP"), "000000000", None);
        check(Some("HP"), "123456789", None);
        check(Some("HP"), "To be filled by O.E.M.", None);
        check(Some("HP"), "n/a", None);
    }

    #[test]
    fn a_mac_counts_by_where_it_comes_from() {
        let check = |mac: &str, provenance, expected: Option<bool>| {
            let mac: Mac = mac.parse().expect("a MAC");
            assert_eq!(mac_key(mac, provenance).map(|key| key.creates), expected, "{mac}");
        };
        check("00:26:ab:11:22:33", MacProvenance::OwnReply, Some(true));
        check("00:26:ab:11:22:33", MacProvenance::RouterTable, Some(false));
        check("00:26:ab:11:22:33", MacProvenance::Controller, Some(false));
        check("02:26:ab:11:22:33", MacProvenance::OwnReply, None);
        check("00:00:5e:00:01:01", MacProvenance::OwnReply, None);
    }

    #[test]
    fn engine_ids_of_nobody_are_left_out() {
        let check = |hex: &str, expected: bool| assert_eq!(is_engine_id(hex), expected, "{hex}");
        check("80001f8880e9bd0c1d12667a5100000000", true);
        check("8000000903001a2b3c4d5e", true);
        check("80000009000000000000", false);
        check("8000", false);
    }

    #[test]
    fn devices_announce_who_they_are() {
        let mut fields = Fields::new();
        fields.set_named(
            "upnp.udn".into(),
            Value::List(vec!["uuid:4D454930-0200-1000-8001-20C6EBD5E7A1".into()]),
        );
        fields.set_named(
            "mdns.txt".into(),
            Value::List(vec!["_googlecast._tcp id=0a1b2c3d4e5f60718293".into()]),
        );
        fields.set_named(
            "wsd.address".into(),
            Value::Text("urn:uuid:00000000-0000-0000-0000-000000000000".into()),
        );
        let subject = Subject::Device { ip: [10, 0, 0, 1].into(), mac: None };
        let values: Vec<String> =
            keys_of(&subject, &fields, &Recognition::default()).into_iter().map(|key| key.value).collect();
        let upnp = "upnp:4d454930-0200-1000-8001-20c6ebd5e7a1";
        assert_eq!(values, ["cast:0a1b2c3d4e5f60718293", upnp, "10.0.0.1"]);
    }

    #[test]
    fn a_server_is_known_by_its_ssh_host_key() {
        let subject = Subject::Device { ip: [10, 0, 0, 1].into(), mac: None };
        let keys = |told: &str| {
            let fields = Fields::new().with(&SSH_HOST_KEY, Value::text(told));
            keys_of(&subject, &fields, &Recognition::default())
        };
        let first = keys("ssh-ed25519 0123456789abcdef0123").swap_remove(0);
        assert_eq!((first.kind, first.creates), (KeyKind::SshHostKey, true));
        assert_eq!(first.value, "0123456789abcdef0123");
        assert_eq!(keys("ssh-ed25519 0000000000").len(), 1, "the address alone");
    }

    #[test]
    fn the_fields_are_in_the_vocabulary() {
        for name in
            ANNOUNCED.iter().map(|(name, _)| *name).chain(["snmp.engine_id", "mdns.txt", "tls.certificates"])
        {
            assert!(crate::vocabulary::field(name).is_some(), "{name}");
        }
    }

    #[test]
    fn names_read_back() {
        for kind in
            [KeyKind::Mac, KeyKind::AnnouncedId, KeyKind::Address, KeyKind::TlsKey, KeyKind::SshHostKey]
        {
            assert_eq!(KeyKind::named(kind.name()), Some(kind));
        }
    }
}
