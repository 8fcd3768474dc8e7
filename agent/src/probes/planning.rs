//! What probes ask of a host before they plan: may it be connected to at all, and what did it announce?

use crate::probe::Host;
use rundgang_inventory::kind::{Caution, Class};
use rundgang_inventory::vocabulary::{MDNS_INSTANCES, MDNS_SERVICES, MDNS_TXT, SSDP_ST};
use rundgang_inventory::{Field, Kind, Row, Value};

/// Ports that print or pass on whatever reaches them (promise S2). The runner refuses them too; here they are left
/// out so that `explain` never lists one.
pub(crate) const fn is_raw_data_port(port: u16) -> bool {
    matches!(port, 515 | 2000 | 2001 | 9100..=9107 | 9112..=9116 | 9999)
}

/// Whether TCP probes make sense: the kind is unknown by now, or neither fragile nor somebody's own (S5, P2).
pub(crate) fn may_connect(host: &Host) -> bool {
    host.kind.is_none_or(|kind| kind.caution() == Caution::Normal && kind.class() != Class::Personal)
}

/// Whether the page behind a service that the host announces may be read: also of plugs and lamps, one at a time.
pub(crate) fn may_read_announced(host: &Host) -> bool {
    may_connect(host) || host.kind.is_some_and(|kind| kind.caution() == Caution::Announced)
}

/// Whether the kind is one of these.
pub(crate) fn is_kind(host: &Host, kinds: &[Kind]) -> bool {
    host.kind.is_some_and(|kind| kinds.contains(&kind))
}

/// Whether the host announced this DNS-SD service type.
pub(crate) fn announces(host: &Host, service: &str) -> bool {
    list(host, &MDNS_SERVICES).any(|told| told == service)
}

/// Whether the host answered a search for this SSDP target, or one that begins so.
pub(crate) fn answers_search(host: &Host, target: &str) -> bool {
    list(host, &SSDP_ST).any(|told| told.starts_with(target))
}

/// The ports under which the host announced this DNS-SD service type, without those that print.
pub(crate) fn announced_ports(host: &Host, service: &str) -> Vec<u16> {
    let mut ports: Vec<u16> = rows(host, &MDNS_INSTANCES)
        .filter(|row| row.get("type").and_then(Value::as_text) == Some(service))
        .filter_map(|row| u16::try_from(row.get("port")?.as_int()?).ok())
        .filter(|&port| port != 0 && !is_raw_data_port(port))
        .collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

/// The value of a TXT key of a service type that the host announced.
pub(crate) fn announced_text<'a>(host: &'a Host, service: &str, key: &str) -> Option<&'a str> {
    let start = format!("{service} {key}=");
    list(host, &MDNS_TXT).find_map(|line| line.strip_prefix(&start))
}

/// The items of a list field; none where it is absent.
pub(crate) fn list<'a>(host: &'a Host, field: &'static Field) -> impl Iterator<Item = &'a str> {
    match host.fields.get(field) {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    }
    .iter()
    .map(String::as_str)
}

/// The rows of a table field; none where it is absent.
pub(crate) fn rows<'a>(host: &'a Host, field: &'static Field) -> impl Iterator<Item = &'a Row> {
    match host.fields.get(field) {
        Some(Value::Table(rows)) => rows.as_slice(),
        _ => &[],
    }
    .iter()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rundgang_inventory::Fields;

    /// A host of which nothing is known but what `fields` says.
    pub(crate) fn host(kind: Option<Kind>, fields: Fields) -> Host {
        Host { ip: "192.0.2.7".parse().unwrap(), mac: None, fields, kind }
    }

    /// A host that announced one instance.
    pub(crate) fn announcing(service: &str, port: u16, txt: &[&str]) -> Host {
        let row = Row::from([
            ("type".to_owned(), Value::text(service)),
            ("port".to_owned(), Value::Int(i64::from(port))),
        ]);
        let lines = txt.iter().map(|pair| format!("{service} {pair}")).collect();
        let fields = Fields::new()
            .with(&MDNS_SERVICES, Value::List(vec![service.to_owned()]))
            .with(&MDNS_INSTANCES, Value::Table(vec![row]))
            .with(&MDNS_TXT, Value::List(lines));
        host(None, fields)
    }

    #[test]
    fn what_was_announced() {
        let printer = announcing("_ipp._tcp", 631, &["rp=ipp/print"]);
        assert!(announces(&printer, "_ipp._tcp") && !announces(&printer, "_ipps._tcp"));
        assert_eq!(announced_ports(&printer, "_ipp._tcp"), [631]);
        assert_eq!(announced_text(&printer, "_ipp._tcp", "rp"), Some("ipp/print"));
        assert!(
            announced_ports(&announcing("_pdl-datastream._tcp", 9100, &[]), "_pdl-datastream._tcp")
                .is_empty()
        );
    }

    #[test]
    fn fragile_and_personal_kinds_get_no_connection() {
        let check = |kind: Option<Kind>, expected: bool| {
            assert_eq!(may_connect(&host(kind, Fields::new())), expected, "{kind:?}");
        };
        check(None, true);
        check(Some(Kind::Printer), true);
        check(Some(Kind::Telephony), false);
        check(Some(Kind::BuildingControl), false);
        check(Some(Kind::Tablet), false);
    }
}
