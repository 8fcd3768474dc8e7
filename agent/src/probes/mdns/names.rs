//! Names of services and hosts as mDNS writes them: labels, compared without regard to case.

use rundgang_inventory::value::clean_text;
use rundgang_wire::dns_sd::Labels;
use std::net::IpAddr;

/// `_type._tcp` of a name that ends in a type and `local`; subtypes (RFC 6763 section 7.1) count as their type.
pub(super) fn service_of(labels: &[String]) -> Option<String> {
    let [.., name, transport, domain] = labels else { return None };
    let good = name.starts_with('_')
        && (transport.eq_ignore_ascii_case("_tcp") || transport.eq_ignore_ascii_case("_udp"))
        && domain.eq_ignore_ascii_case("local")
        && name.len() <= 32;
    let rest = &labels[..labels.len() - 3];
    let bare = rest.is_empty() || rest.get(1).is_some_and(|label| label.eq_ignore_ascii_case("_sub"));
    (good && bare).then(|| clean_text(format!("{name}.{}", transport.to_ascii_lowercase()).as_bytes()))
}

pub(super) fn is_meta_query(labels: &[String]) -> bool {
    labels.len() == 4
        && labels[0].eq_ignore_ascii_case("_services")
        && labels[1].eq_ignore_ascii_case("_dns-sd")
}

pub(super) fn lower(labels: &[String]) -> Labels {
    labels.iter().map(|label| label.to_ascii_lowercase()).collect()
}

/// Whether two addresses may share a segment: no scope is wider than /16 (promise S1), and IPv6 segments are /64.
pub(super) fn is_near(one: IpAddr, other: IpAddr) -> bool {
    match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => one.octets()[..2] == other.octets()[..2],
        (IpAddr::V6(one), IpAddr::V6(other)) => one.segments()[..4] == other.segments()[..4],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Labels {
        text.split('/').map(str::to_owned).collect()
    }

    #[test]
    fn names_of_services() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(service_of(&labels(text)).as_deref(), expected, "{text}");
        };
        check("_ipp/_tcp/local", Some("_ipp._tcp"));
        check("_universal/_sub/_ipp/_TCP/local", Some("_ipp._tcp"));
        check("Name/_ipp/_tcp/local", None);
        check("ipp/_tcp/local", None);
        check("_ipp/_tcp/example", None);
    }
}
