//! Showing the rules what they need to see: assets, domains and documented systems with their evidence.

use crate::{
    domains,
    error::{Doing, Result},
    evidence::{self, DISCOVERY, Earlier, Owner, Rounds, Statement},
    findings, mail_facts,
    schools::{require_school, setting},
    search, standing,
    store::{Traeger, Tx, cells},
    sums,
    traeger::report_address,
    views::scope_lines,
};
use rundgang_inventory::{
    Kind, Timestamp,
    mail::lookup::domain_from,
    rules::{AssetView, DomainView, Parameters, Past, SchoolView, SystemView, Use, check, used_for},
};
use std::collections::{BTreeMap, BTreeSet};

/// What is to be checked.
pub(crate) enum Extent<'a> {
    /// Everything of the school.
    School,
    /// These assets and domains, the systems that stand for those assets, and these systems.
    Some { assets: &'a BTreeSet<i64>, domains: &'a BTreeSet<String>, systems: &'a BTreeSet<i64> },
    /// These systems, which a person entered, changed or deleted, and the assets they stood for. No device changed, so
    /// that no other system can have come to stand for another one.
    Entered { assets: &'a BTreeSet<i64>, systems: &'a BTreeSet<i64> },
}

/// A documented system as far as rules ask for it.
struct System {
    id: i64,
    asset: Option<i64>,
    /// Whether it names a MAC address or a serial number.
    names_device: bool,
    owner: String,
    provider: String,
    credentials_place: String,
    segment: String,
    status: String,
    created_at: Timestamp,
    kind: String,
    deputy: String,
    credentials_checked: Option<Timestamp>,
    ends: [(&'static str, Option<Timestamp>); 4],
}

/// What a device was recognised as, as far as rules ask for it.
#[derive(Default)]
struct Recognised {
    kind: Option<Kind>,
    vendor: Option<String>,
    model: Option<String>,
    version: Option<String>,
}

impl System {
    fn is_in_use(&self) -> bool {
        self.status == "in-use"
    }
}

/// Runs the rules over a part of a school, and over what came to be documented or no longer is, and stores the
/// difference of findings.
pub(crate) fn run(tx: &mut Tx<'_>, school: i64, extent: &Extent<'_>, now: Timestamp) -> Result<()> {
    let none = BTreeSet::new();
    let (assets, domains, systems, only) = match extent {
        Extent::School => {
            standing::refresh(tx, school, None)?;
            search::index::refresh(tx, school, None)?;
            check_part(tx, school, None, now)?;
            return sums::refresh(tx, school);
        }
        Extent::Some { assets, domains, systems } => (*assets, *domains, *systems, None),
        Extent::Entered { assets, systems } => (*assets, &none, *systems, Some(*systems)),
    };
    let moved = standing::refresh(tx, school, only)?;
    let assets: BTreeSet<i64> = assets.union(&moved.devices).copied().collect();
    let systems: BTreeSet<i64> = systems.union(&moved.systems).copied().collect();
    search::index::refresh(tx, school, Some((&assets, &systems)))?;
    let systems = standing::with_those_for(tx, &systems, &assets)?;
    check_part(tx, school, Some(Part { assets: &assets, domains, systems: &systems }), now)?;
    sums::refresh(tx, school)
}

/// The part of a school that is checked.
#[derive(Clone, Copy)]
struct Part<'a> {
    assets: &'a BTreeSet<i64>,
    domains: &'a BTreeSet<String>,
    systems: &'a BTreeSet<i64>,
}

fn check_part(tx: &mut Tx<'_>, school: i64, part: Option<Part<'_>>, now: Timestamp) -> Result<()> {
    let rounds = Rounds::load(tx, school)?;
    let systems = systems(tx, school, part)?;
    let mut evidence = evidence_of(tx, school, part, &systems)?;
    let past = domains_at_home(tx, school, &mut evidence, now)?;
    let mut known = BTreeMap::new();
    for name in past.keys() {
        known.insert(name.clone(), mail_facts::of_domain(tx, name)?);
    }
    let kinds = kinds(tx, school, part)?;
    let mut documented = standing::documented(tx, school, part.map(|part| part.assets))?;
    documented.extend(systems.iter().filter_map(|system| system.asset));
    let none = Vec::new();
    let nothing = Recognised::default();
    let asset_view = |id: i64| {
        let known = kinds.get(&id).unwrap_or(&nothing);
        AssetView {
            id,
            kind: known.kind,
            vendor: known.vendor.as_deref(),
            model: known.model.as_deref(),
            version: known.version.as_deref(),
            is_documented: documented.contains(&id),
            sightings: rounds.sightings(evidence.get(&Owner::Asset(id)).unwrap_or(&none)),
        }
    };
    let bound: BTreeMap<i64, AssetView<'_>> =
        systems.iter().filter_map(|system| system.asset.map(|id| (id, asset_view(id)))).collect();
    let assets: Vec<AssetView<'_>> = kinds.keys().map(|id| asset_view(*id)).collect();
    let domains: Vec<DomainView<'_>> = evidence
        .iter()
        .filter_map(|(owner, statements)| match owner {
            Owner::Domain(name) => {
                let past = past.get(name).into_iter().flatten();
                let past = past.map(|e| Past { agent: e.agent, day: e.day, fields: &e.fields }).collect();
                let known = known.get(name).cloned().unwrap_or_default();
                Some(DomainView { name, sightings: rounds.sightings(statements), past, known })
            }
            Owner::Asset(_) => None,
        })
        .collect();
    let views: Vec<SystemView<'_>> = systems
        .iter()
        .map(|system| SystemView {
            id: system.id,
            is_in_use: system.is_in_use(),
            kind: &system.kind,
            segment: &system.segment,
            deputy: &system.deputy,
            credentials_checked: system.credentials_checked,
            ends: &system.ends,
            owner: &system.owner,
            provider: &system.provider,
            credentials_place: &system.credentials_place,
            asset: system.asset.and_then(|id| bound.get(&id)),
            searched_in_vain: searched_in_vain(system, &rounds),
        })
        .collect();
    let parameters = parameters(tx, school, !domains.is_empty(), now)?;
    let judgements = check(&SchoolView { assets: &assets, domains: &domains, systems: &views, parameters });
    findings::apply(tx, school, &judgements, now)
}

/// Keeps the domains whose findings stand at this school, with all that was said of them anywhere, and returns what was
/// said of them earlier. Findings about the others stand elsewhere, and about a domain that is nobody's, nowhere.
fn domains_at_home(
    tx: &mut Tx<'_>,
    school: i64,
    evidence: &mut BTreeMap<Owner, Vec<Statement>>,
    now: Timestamp,
) -> Result<BTreeMap<String, Vec<Earlier>>> {
    let mut past = BTreeMap::new();
    let names: Vec<String> = evidence
        .keys()
        .filter_map(|owner| if let Owner::Domain(name) = owner { Some(name.clone()) } else { None })
        .collect();
    for name in names {
        let owner = Owner::Domain(name.clone());
        match domains::home(tx, &name)? {
            Some(home) if home == school => {
                evidence.insert(owner, evidence::of_domain(tx, &name)?);
                past.insert(name.clone(), evidence::past_of_domain(tx, &name)?);
            }
            _ => {
                evidence.remove(&owner);
                findings::close_subject(tx, school, &format!("domain {name}"), now)?;
            }
        }
    }
    Ok(past)
}

fn evidence_of(
    tx: &mut Tx<'_>,
    school: i64,
    part: Option<Part<'_>>,
    systems: &[System],
) -> Result<BTreeMap<Owner, Vec<Statement>>> {
    let Some(part) = part else { return evidence::of_school(tx, school) };
    let bound = systems.iter().filter_map(|system| system.asset);
    let mut all = BTreeMap::new();
    for id in part.assets.iter().copied().chain(bound).collect::<BTreeSet<i64>>() {
        all.insert(Owner::Asset(id), evidence::of_asset(tx, id)?);
    }
    for name in part.domains {
        all.insert(Owner::Domain(name.clone()), evidence::of_domain(tx, name)?);
    }
    Ok(all)
}

fn kinds(tx: &mut Tx<'_>, school: i64, part: Option<Part<'_>>) -> Result<BTreeMap<i64, Recognised>> {
    let read = |row: &crate::Row| {
        let known = Recognised {
            kind: row.maybe_text(1)?.and_then(|kind| kind.parse().ok()),
            vendor: row.maybe_text(2)?,
            model: row.maybe_text(3)?,
            version: row.maybe_text(4)?,
        };
        Ok((row.int(0)?, known))
    };
    match part {
        None => {
            let sql = "SELECT id, kind, vendor, model, os_version FROM asset
                       WHERE traeger_id = $1 AND school_id = $2";
            Ok(tx.list(sql, cells![school], read)?.into_iter().collect())
        }
        Some(part) => {
            let sql =
                "SELECT id, kind, vendor, model, os_version FROM asset WHERE traeger_id = $1 AND id = $2";
            let mut kinds = BTreeMap::new();
            for id in part.assets {
                kinds.extend(tx.first(sql, cells![*id], read)?);
            }
            Ok(kinds)
        }
    }
}

/// The documented systems of a part of a school, each with the device it stands for.
fn systems(tx: &mut Tx<'_>, school: i64, part: Option<Part<'_>>) -> Result<Vec<System>> {
    let all = "SELECT s.id, s.mac, s.serial, s.owner, s.provider, s.credentials_place, s.segment, s.status, s.created_at,
                 s.kind, s.deputy, s.credentials_checked, s.contract_until, s.notice_until, s.warranty_until,
                 s.licence_until, f.asset_id
               FROM documented_system s
               LEFT JOIN stands_for f ON f.traeger_id = s.traeger_id AND f.system_id = s.id
               WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL";
    let Some(part) = part else { return tx.list(all, cells![school], system) };
    let one = format!("{all} AND s.id = $3");
    let mut systems = Vec::new();
    for id in part.systems {
        systems.extend(tx.first(&one, cells![school, *id], system)?);
    }
    Ok(systems)
}

fn system(row: &crate::Row) -> Result<System> {
    let day = |row: &crate::Row, at: usize| {
        Ok::<_, crate::Error>(row.maybe_text(at)?.as_deref().and_then(Timestamp::parse_date))
    };
    Ok(System {
        id: row.int(0)?,
        asset: row.maybe_int(16)?,
        names_device: !row.text(1)?.is_empty() || !row.text(2)?.is_empty(),
        owner: row.text(3)?,
        provider: row.text(4)?,
        credentials_place: row.text(5)?,
        segment: row.text(6)?,
        status: row.text(7)?,
        created_at: row.moment(8)?,
        kind: row.text(9)?,
        deputy: row.text(10)?,
        credentials_checked: day(row, 11)?,
        ends: [
            ("contract", day(row, 12)?),
            ("notice", day(row, 13)?),
            ("warranty", day(row, 14)?),
            ("licence", day(row, 15)?),
        ],
    })
}

/// The day since which a complete walk of the system's segment (of every walked one, where it names none) did not
/// find the device whose MAC or serial number it names.
fn searched_in_vain(system: &System, rounds: &Rounds) -> Option<Timestamp> {
    if system.asset.is_some() || !system.names_device {
        return None;
    }
    let ends: Vec<Timestamp> = rounds
        .segments
        .iter()
        .filter(|((segment, probe), _)| {
            probe == DISCOVERY && (system.segment.is_empty() || *segment == system.segment)
        })
        .map(|(_, ended)| *ended)
        .collect();
    (!ends.is_empty() && ends.iter().all(|ended| *ended > system.created_at)).then(|| system.created_at.day())
}

/// Until when each domain is under contract, as documented systems say that stand for it and are in use, at whichever
/// school; where several do, the latest day counts.
fn contracts(tx: &mut Tx<'_>) -> Result<BTreeMap<String, Timestamp>> {
    let sql = "SELECT domain, contract_until FROM documented_system WHERE traeger_id = $1
               AND deleted_at IS NULL AND status = 'in-use' AND domain > '' AND contract_until IS NOT NULL";
    let rows = tx.list(sql, cells![], |row| Ok((row.text(0)?, row.maybe_text(1)?)))?;
    let mut contracts = BTreeMap::new();
    for (name, until) in rows {
        let (Some(name), Some(until)) =
            (domain_from(&name), until.as_deref().and_then(Timestamp::parse_date))
        else {
            continue;
        };
        let latest: &mut Timestamp = contracts.entry(name).or_insert(until);
        *latest = until.max(*latest);
    }
    Ok(contracts)
}

fn parameters(tx: &mut Tx<'_>, school: i64, has_domains: bool, now: Timestamp) -> Result<Parameters> {
    let mut parameters = Parameters::at(now);
    for (name, value) in [
        ("tls.expiring_days", &mut parameters.expiring_days),
        ("rules.fresh_days", &mut parameters.fresh_days),
    ] {
        let text = match setting(tx, Some(school), name)? {
            Some(text) => Some(text),
            None => setting(tx, None, name)?,
        };
        if let Some(days) = text.and_then(|text| text.parse().ok()).filter(|days| (0..=3650).contains(days)) {
            *value = days;
        }
    }
    parameters.report_address = report_address(tx)?;
    // Contracts are asked for about domains alone, and stand in the registers of all schools.
    if has_domains {
        parameters.contracts = contracts(tx)?;
    }
    (parameters.teaching, parameters.administration) = uses(tx, school)?;
    parameters.backup_tested = backup_tested(tx, school)?;
    Ok(parameters)
}

/// The segments of a school for teaching and for the office, as the scope files of its agents say.
fn uses(tx: &mut Tx<'_>, school: i64) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let sql = "SELECT scope FROM agent WHERE traeger_id = $1 AND school_id = $2 AND revoked_at IS NULL";
    let (mut teaching, mut administration) = (BTreeSet::new(), BTreeSet::new());
    for scope in tx.list(sql, cells![school], |row| row.text(0))? {
        for line in scope_lines(&scope) {
            match used_for(&line.name, &line.purpose) {
                Some(Use::Teaching) => teaching.insert(line.name),
                Some(Use::Administration) => administration.insert(line.name),
                None => false,
            };
        }
    }
    Ok((teaching, administration))
}

/// The day of the latest test of a backup among the school's documents.
fn backup_tested(tx: &mut Tx<'_>, school: i64) -> Result<Option<Timestamp>> {
    let sql =
        "SELECT MAX(dated) FROM document WHERE traeger_id = $1 AND school_id = $2 AND kind = 'backup-test'";
    let latest = tx.first(sql, cells![school], |row| row.maybe_text(0))?.flatten();
    Ok(latest.as_deref().and_then(Timestamp::parse_date))
}

impl Traeger {
    /// Runs every rule over a school; for the timer, since certificates end without an observation.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn check_rules(&self, school: i64, now: Timestamp) -> Result<()> {
        self.write(|tx| {
            require_school(tx, school)?;
            tx.lock_school(school)?;
            run(tx, school, &Extent::School, now)
        })
        .doing(|| format!("check the rules of school {school}"))
    }

    /// Runs every rule over every school of the Träger.
    ///
    /// # Errors
    /// The database failed.
    pub fn check_all_rules(&self, now: Timestamp) -> Result<()> {
        self.schools()?.iter().try_for_each(|school| self.check_rules(school.id, now))
    }
}
