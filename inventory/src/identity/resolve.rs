//! Resolution: from the keys of one device to the asset it is, a new one, or an open question.

use super::{Key, KeyKind};
use crate::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// The number of an asset, stable for good.
pub type AssetId = i64;

/// To whom a key belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holder {
    /// To this asset.
    Asset(AssetId),
    /// To several devices at once, so it names none: a copied host key, a wildcard certificate.
    Shared,
}

/// What is known of an asset that a key led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// Its keys, addresses left out.
    pub keys: BTreeSet<(KeyKind, String)>,
    /// Where it was seen last.
    pub address: String,
    /// The day it was seen last.
    pub last_seen: Timestamp,
    /// Whether it is still there.
    pub whereabouts: Whereabouts,
}

/// What is known of where an asset was seen last. What is unchanged is told later than what is new, so a day alone says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Whereabouts {
    /// It may be there still.
    #[default]
    Unknown,
    /// It answers there in this very batch.
    Present,
    /// That place was walked to its end since, and it did not answer.
    Gone,
}

/// The part of the persisted key table that one resolution can ask for.
#[derive(Clone, Debug, Default)]
pub struct KeyTable {
    /// To whom each key belongs.
    pub holders: BTreeMap<(KeyKind, String), Holder>,
    /// What is known of each asset named there.
    pub assets: BTreeMap<AssetId, Known>,
}

/// What a set of keys turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// An asset that is known.
    Existing(AssetId),
    /// Two assets that are one: the evidence tells every key of `from`, so it is certain.
    Absorb {
        /// The asset that stays.
        into: AssetId,
        /// The asset that becomes part of it.
        from: AssetId,
    },
    /// A device not seen before.
    New,
    /// Several assets fit; none is taken.
    Ambiguous {
        /// Those that fit, ascending.
        candidates: Vec<AssetId>,
        /// Why each fits, readable.
        reason: String,
    },
    /// Nothing that names a device: a bare address that something else may have answered for.
    Ghost,
}

/// A resolution with what follows for the key table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// What it is.
    pub resolution: Resolution,
    /// Keys that belong to the asset from now on.
    pub bind: Vec<Key>,
    /// Keys that turned out to be shared.
    pub shared: Vec<Key>,
    /// The key that decided, readable; empty for a new asset.
    pub because: String,
}

/// When the keys were seen, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// The day.
    pub day: Timestamp,
    /// Whether anything but a bare handshake was seen.
    pub is_evident: bool,
}

/// Resolves the keys of one device as [`super::keys_of`] gives them.
#[must_use]
pub fn resolve(keys: &[Key], table: &KeyTable, seen: Circumstances) -> Resolved {
    let question = Question { keys, table, seen };
    let mut shared = Vec::new();
    let (resolution, because) = question
        .by_unique_keys()
        .or_else(|| question.by_host_keys(&mut shared))
        .or_else(|| question.by_address())
        .unwrap_or_else(|| (question.unknown(), String::new()));
    let bind = match &resolution {
        Resolution::Existing(_) | Resolution::Absorb { .. } | Resolution::New => question.binds(&shared),
        Resolution::Ambiguous { .. } | Resolution::Ghost => Vec::new(),
    };
    Resolved { resolution, bind, shared, because }
}

struct Question<'a> {
    keys: &'a [Key],
    table: &'a KeyTable,
    seen: Circumstances,
}

/// Ids announced over different protocols cannot contradict each other.
fn scope(kind: KeyKind, value: &str) -> &str {
    if kind == KeyKind::AnnouncedId { value.split(':').next().unwrap_or_default() } else { "" }
}

type Answer = Option<(Resolution, String)>;

impl Question<'_> {
    fn holder(&self, key: &Key) -> Option<Holder> {
        self.table.holders.get(&(key.kind, key.value.clone())).copied()
    }

    /// The assets that keys of some kinds lead to, with the first key that led there.
    fn candidates(&self, wanted: impl Fn(KeyKind) -> bool) -> BTreeMap<AssetId, &Key> {
        let mut found = BTreeMap::new();
        for key in self.keys.iter().filter(|key| wanted(key.kind)) {
            if let Some(Holder::Asset(asset)) = self.holder(key) {
                found.entry(asset).or_insert(key);
            }
        }
        found
    }

    fn known(&self, asset: AssetId) -> Option<&Known> {
        self.table.assets.get(&asset)
    }

    /// Whether the asset holds another value of a kind of which a device has only one.
    fn contradicts(&self, asset: AssetId, kinds: &[KeyKind]) -> bool {
        let Some(known) = self.known(asset) else { return false };
        let told: BTreeSet<(KeyKind, &str)> =
            self.keys.iter().map(|key| (key.kind, key.value.as_str())).collect();
        let held: BTreeSet<(KeyKind, &str)> =
            known.keys.iter().map(|(kind, value)| (*kind, value.as_str())).collect();
        told.iter().filter(|(kind, _)| kinds.contains(kind)).any(|&(kind, value)| {
            let alike =
                |other: &&(KeyKind, &str)| other.0 == kind && scope(kind, other.1) == scope(kind, value);
            held.iter().any(|other| alike(&other)) && !told.iter().filter(alike).any(|key| held.contains(key))
        })
    }

    fn values(&self, kind: KeyKind) -> BTreeSet<&String> {
        self.keys.iter().filter(|key| key.kind == kind).map(|key| &key.value).collect()
    }

    fn by_unique_keys(&self) -> Answer {
        let mut found = self.candidates(KeyKind::is_unique);
        // A copied configuration carries its engine id or UUID to a device whose serial number says otherwise.
        found.retain(|&asset, key| {
            matches!(key.kind, KeyKind::Mac | KeyKind::Serial) || !self.contradicts(asset, &[KeyKind::Serial])
        });
        let mut assets = found.iter();
        match (assets.next(), assets.next(), assets.next()) {
            (None, ..) => None,
            (Some((&asset, key)), None, _) => Some((Resolution::Existing(asset), key.to_string())),
            (Some((&a, key_a)), Some((&b, key_b)), None) => {
                let because = format!("{key_a} and {key_b}");
                Some(match (self.accounts_for(a), self.accounts_for(b)) {
                    // The older number stays where both would do.
                    (_, true) => (Resolution::Absorb { into: a, from: b }, because),
                    (true, false) => (Resolution::Absorb { into: b, from: a }, because),
                    (false, false) => self.ambiguous(&found),
                })
            }
            _ => Some(self.ambiguous(&found)),
        }
    }

    /// Whether these keys, told by the device itself, include every key of the asset.
    fn accounts_for(&self, asset: AssetId) -> bool {
        let told: BTreeSet<(KeyKind, &String)> =
            self.keys.iter().filter(|key| key.creates).map(|key| (key.kind, &key.value)).collect();
        self.known(asset).is_some_and(|known| {
            !known.keys.is_empty() && known.keys.iter().all(|(kind, value)| told.contains(&(*kind, value)))
        })
    }

    fn ambiguous(&self, found: &BTreeMap<AssetId, &Key>) -> (Resolution, String) {
        let reasons: Vec<String> =
            found.iter().map(|(asset, key)| format!("{key} belongs to asset {asset}")).collect();
        let reason = reasons.join("; ");
        (Resolution::Ambiguous { candidates: found.keys().copied().collect(), reason }, String::new())
    }

    fn by_host_keys(&self, shared: &mut Vec<Key>) -> Answer {
        let mut found = self.candidates(|kind| matches!(kind, KeyKind::SshHostKey | KeyKind::TlsKey));
        found.retain(|&asset, key| {
            if self.is_copied(asset, key.kind) {
                shared.push((*key).clone());
                return false;
            }
            !self.contradicts(asset, &[KeyKind::Serial, KeyKind::EngineId, KeyKind::AnnouncedId])
        });
        let mut assets = found.iter();
        match (assets.next(), assets.next()) {
            (None, _) => None,
            // A copy of an image has the host key, and often the name, too: only who is gone elsewhere can have come here.
            (Some((&asset, key)), None)
                if key.kind == KeyKind::SshHostKey && self.may_be_elsewhere(asset) =>
            {
                Some(self.ambiguous(&found))
            }
            (Some((&asset, key)), None) => Some((Resolution::Existing(asset), key.to_string())),
            _ => Some(self.ambiguous(&found)),
        }
    }

    /// What is known of an asset that was seen last at another address than these keys.
    fn elsewhere(&self, asset: AssetId) -> Option<&Known> {
        let here = self.values(KeyKind::Address);
        self.known(asset).filter(|known| !here.contains(&known.address))
    }

    /// One host key at two addresses at a time is a copied key. Certificates are shared on purpose: there a day is a time.
    fn is_copied(&self, asset: AssetId, kind: KeyKind) -> bool {
        self.elsewhere(asset).is_some_and(|known| match known.whereabouts {
            Whereabouts::Present => true,
            Whereabouts::Gone if kind == KeyKind::SshHostKey => false,
            Whereabouts::Gone | Whereabouts::Unknown => known.last_seen >= self.seen.day,
        })
    }

    fn may_be_elsewhere(&self, asset: AssetId) -> bool {
        self.elsewhere(asset).is_some_and(|known| known.whereabouts != Whereabouts::Gone)
    }

    /// An address names whoever sits there: it counts while its holder has not moved on, and only as long as nothing
    /// that either of them says contradicts it.
    fn by_address(&self) -> Answer {
        let found = self.candidates(|kind| kind == KeyKind::Address);
        let (&asset, key) = found.first_key_value()?;
        let known = self.known(asset)?;
        let still_there = known.address == key.value;
        let recently = known.last_seen.plus_days(1) >= self.seen.day;
        let both_named = !known.keys.is_empty();
        let all = [
            KeyKind::Mac,
            KeyKind::Serial,
            KeyKind::EngineId,
            KeyKind::AnnouncedId,
            // Certificates are renewed in place, so another one contradicts nothing.
            KeyKind::SshHostKey,
        ];
        (still_there && (recently || !both_named) && !self.contradicts(asset, &all))
            .then(|| (Resolution::Existing(asset), key.to_string()))
    }

    fn unknown(&self) -> Resolution {
        let creating = self.keys.iter().any(|key| key.creates && self.holder(key) != Some(Holder::Shared));
        if creating || self.seen.is_evident { Resolution::New } else { Resolution::Ghost }
    }

    /// The keys the asset takes over: those that nobody holds yet, and the address it sits at.
    fn binds(&self, shared: &[Key]) -> Vec<Key> {
        let free = |key: &Key| key.creates && self.holder(key).is_none() && !shared.contains(key);
        self.keys.iter().filter(|key| key.kind == KeyKind::Address || free(key)).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use KeyKind::{Address, EngineId, Mac, Serial, SshHostKey, TlsKey};

    const DAY: Timestamp = Timestamp(20_000 * crate::time::DAY_MS);

    fn key(kind: KeyKind, value: &str) -> Key {
        Key { kind, value: value.to_owned(), creates: kind != Address }
    }

    /// An asset: number, keys, address, days since last seen.
    type Asset<'a> = (AssetId, &'a [(KeyKind, &'a str)], &'a str, i64);

    fn table(assets: &[Asset<'_>]) -> KeyTable {
        let mut table = KeyTable::default();
        for &(asset, keys, address, days) in assets {
            let known = Known {
                keys: keys.iter().map(|&(kind, value)| (kind, value.to_owned())).collect(),
                address: address.to_owned(),
                last_seen: DAY.plus_days(-days),
                whereabouts: Whereabouts::Unknown,
            };
            for (kind, value) in known.keys.iter().cloned().chain([(Address, address.to_owned())]) {
                table.holders.insert((kind, value), Holder::Asset(asset));
            }
            table.assets.insert(asset, known);
        }
        table
    }

    fn check(table: &KeyTable, keys: &[(KeyKind, &str)], expected: &str) {
        let keys: Vec<Key> = keys.iter().map(|&(kind, value)| key(kind, value)).collect();
        let seen = Circumstances { day: DAY, is_evident: true };
        let answer = match resolve(&keys, table, seen).resolution {
            Resolution::Existing(asset) => format!("is {asset}"),
            Resolution::Absorb { into, from } => format!("{from} is {into}"),
            Resolution::New => "new".to_owned(),
            Resolution::Ambiguous { candidates, .. } => format!("{candidates:?}"),
            Resolution::Ghost => "ghost".to_owned(),
        };
        assert_eq!(answer, expected, "{keys:?}");
    }

    #[test]
    fn strong_keys_decide() {
        let one = table(&[(1, &[(Mac, "m1"), (Serial, "hp/S1"), (EngineId, "e1")], "10.0.0.1", 0)]);
        check(&one, &[(Mac, "m1"), (Address, "10.0.0.9")], "is 1");
        check(&one, &[(Mac, "m2"), (Serial, "hp/S1"), (Address, "10.0.1.1")], "is 1");
        check(&one, &[(Mac, "m2"), (Address, "10.0.0.1")], "new");
        check(&one, &[(Mac, "m2"), (Serial, "hp/S2"), (EngineId, "e1"), (Address, "10.0.0.2")], "new");
        check(&one, &[(Mac, "m1"), (Serial, "hp/S2"), (Address, "10.0.0.1")], "is 1");
    }

    #[test]
    fn two_that_fit_stay_two_unless_one_is_wholly_accounted_for() {
        let two = table(&[
            (1, &[(Mac, "m1"), (Serial, "hp/S1")], "10.0.0.1", 0),
            (2, &[(Mac, "m2")], "10.0.0.2", 0),
            (3, &[(Mac, "m3"), (EngineId, "e3")], "10.0.0.3", 0),
        ]);
        check(&two, &[(Mac, "m2"), (Serial, "hp/S1"), (Address, "10.0.0.2")], "2 is 1");
        check(&two, &[(Mac, "m3"), (Serial, "hp/S1"), (Address, "10.0.0.3")], "[1, 3]");
    }

    #[test]
    fn host_keys_move_with_their_host_but_not_with_its_image() {
        let hosts =
            table(&[(1, &[(SshHostKey, "k1")], "10.0.0.1", 0), (2, &[(SshHostKey, "k2")], "10.0.0.2", 3)]);
        check(&hosts, &[(SshHostKey, "k2"), (Address, "10.0.0.2")], "is 2");
        check(&hosts, &[(SshHostKey, "k1"), (Address, "10.0.0.8")], "new");
        // Not seen for days may be switched off, unchanged, or moved: who knows?
        let moved: &[(KeyKind, &str)] = &[(SshHostKey, "k2"), (Address, "10.0.0.7")];
        let at = |whereabouts: Whereabouts| {
            let mut hosts = hosts.clone();
            hosts.assets.get_mut(&2).unwrap().whereabouts = whereabouts;
            hosts
        };
        check(&at(Whereabouts::Unknown), moved, "[2]");
        check(&at(Whereabouts::Gone), moved, "is 2");
        check(&at(Whereabouts::Present), moved, "new");
        let keys = [key(SshHostKey, "k1"), key(Address, "10.0.0.8")];
        let seen = Circumstances { day: DAY, is_evident: true };
        assert_eq!(resolve(&keys, &hosts, seen).shared, [key(SshHostKey, "k1")]);
        let cert = table(&[(1, &[(TlsKey, "t1")], "10.0.0.1", 0)]);
        check(&cert, &[(TlsKey, "t1"), (Address, "10.0.0.8")], "new");
    }

    #[test]
    fn an_address_names_whoever_sits_there() {
        let bare = table(&[(1, &[], "10.0.0.1", 20), (2, &[(Mac, "m2")], "10.0.0.2", 0)]);
        check(&bare, &[(Address, "10.0.0.1")], "is 1");
        check(&bare, &[(EngineId, "e1"), (Address, "10.0.0.1")], "is 1");
        check(&bare, &[(Address, "10.0.0.2")], "is 2");
        check(&bare, &[(EngineId, "e2"), (Address, "10.0.0.2")], "is 2");
        check(&bare, &[(Mac, "m9"), (Address, "10.0.0.2")], "new");
        let gone = table(&[(2, &[(Mac, "m2")], "10.0.0.2", 5)]);
        check(&gone, &[(Address, "10.0.0.2")], "new");
    }

    #[test]
    fn a_third_party_matches_but_never_creates() {
        let none = KeyTable::default();
        let heard = Key { kind: Mac, value: "m1".to_owned(), creates: false };
        let keys = [heard.clone(), key(Address, "10.0.0.1")];
        let bare = Circumstances { day: DAY, is_evident: false };
        assert_eq!(resolve(&keys, &none, bare).resolution, Resolution::Ghost);
        let evident = Circumstances { is_evident: true, ..bare };
        let resolved = resolve(&keys, &none, evident);
        assert_eq!(resolved.resolution, Resolution::New);
        assert_eq!(resolved.bind, [key(Address, "10.0.0.1")], "its MAC is not taken on hearsay");
        let known = table(&[(1, &[(Mac, "m1")], "10.0.0.9", 4)]);
        assert_eq!(resolve(&keys, &known, bare).resolution, Resolution::Existing(1));
    }
}
