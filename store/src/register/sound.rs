//! What a documented system must be before it is written: a name, a known status, real days, and no secret anywhere.

use super::{DocumentedSystem, STATUSES};
use crate::{
    error::{Error, Problem, Result},
    secrets::{refuse_no_place, refuse_secret},
};
use rundgang_inventory::Timestamp;

pub(crate) fn require_sound(s: &DocumentedSystem) -> Result<()> {
    if s.name.trim().is_empty() {
        return Err(Error::Unfit { field: "name", problem: Problem::Empty });
    }
    if !STATUSES.contains(&s.status.as_str()) {
        return Err(Error::Unfit { field: "status", problem: Problem::NoChoice });
    }
    if !s.mac.trim().is_empty() {
        let no_mac = |_| Error::Unfit { field: "mac", problem: Problem::NoMac };
        s.mac.trim().parse::<rundgang_inventory::Mac>().map_err(no_mac)?;
    }
    let days = [
        ("contract_from", &s.contract_from),
        ("contract_until", &s.contract_until),
        ("notice_until", &s.notice_until),
        ("credentials_checked", &s.credentials_checked),
        ("purchased", &s.purchased),
        ("warranty_until", &s.warranty_until),
        ("licence_until", &s.licence_until),
    ];
    for (name, day) in days {
        if day.as_deref().is_some_and(|day| Timestamp::parse_date(day).is_none()) {
            return Err(Error::Unfit { field: name, problem: Problem::NoDay });
        }
    }
    let texts = [
        ("name", &s.name),
        ("purpose", &s.purpose),
        ("owner", &s.owner),
        ("deputy", &s.deputy),
        ("provider", &s.provider),
        ("first_level", &s.first_level),
        ("second_level", &s.second_level),
        ("hotline", &s.hotline),
        ("contract", &s.contract),
        ("sla_hours", &s.sla_hours),
        ("credentials_kind", &s.credentials_kind),
        ("credentials_place", &s.credentials_place),
        ("credentials_deputy", &s.credentials_deputy),
        ("insurance", &s.insurance),
        ("changed_by", &s.changed_by),
        ("kind", &s.kind),
        ("segment", &s.segment),
        ("domain", &s.domain),
        ("serial", &s.serial),
        ("notes", &s.notes),
    ];
    texts.iter().try_for_each(|(name, text)| refuse_secret(name, text))?;
    refuse_no_place("credentials_place", &s.credentials_place)
}
