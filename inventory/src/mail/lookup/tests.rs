//! Names, addresses and answers, as they are written and read.

use super::*;

#[test]
fn addresses_have_reverse_names() {
    let check = |ip: &str, expected: &str| assert_eq!(reverse_name(ip.parse().unwrap()), expected);
    check("192.0.2.10", "10.2.0.192.in-addr.arpa");
    check("2001:db8::25", "5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa");
}

#[test]
fn addresses_that_no_mail_reaches() {
    let check = |ip: &str, private: bool| assert_eq!(is_private(ip.parse().unwrap()), private, "{ip}");
    for ip in ["10.1.2.3", "172.31.0.1", "192.168.10.5", "127.0.0.1", "169.254.1.1", "100.64.0.1", "0.0.0.0"]
    {
        check(ip, true);
    }
    for ip in ["fd00::1", "fe80::1", "::1", "::ffff:10.0.0.1", "ff02::1"] {
        check(ip, true);
    }
    for ip in ["192.0.2.1", "203.0.113.9", "8.8.8.8", "172.32.0.1", "2001:db8::1", "2a00::1", "100.128.0.1"] {
        check(ip, false);
    }
}

#[test]
fn domains_are_taken_as_people_write_them() {
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(domain_from(text).as_deref(), expected, "{text}");
    };
    check(" Schule-Am-Bach.DE. ", Some("schule-am-bach.de"));
    check("Schule-Köln.example", Some("xn--schule-kln-lcb.example"));
    check("xn--schule-kln-lcb.example", Some("xn--schule-kln-lcb.example"));
    assert_eq!(unicode_form("xn--schule-kln-lcb.example").as_deref(), Some("schule-köln.example"));
    assert_eq!(unicode_form("schule.example").or(unicode_form("xn--99999999.example")), None);
    for text in ["", "schule", "a..b", "a b.example", "-x.example", "https://schule.example/"] {
        check(text, None);
    }
}

#[test]
fn names_take_their_common_form() {
    assert_eq!(Question::new("Schule.Example.", RecordType::Mx).name, "schule.example");
    assert!(is_askable("_dmarc.schule.example"));
    assert!(!is_askable("a..b") && !is_askable("") && !is_askable(&"x".repeat(64)));
}
