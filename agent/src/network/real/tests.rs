//! Which card leads where, and what the kernel knows of neighbours.

use super::*;

/// A card that is switched on, with these addresses.
fn card(name: &str, addresses: &[&str], has_carrier: bool) -> Arc<Interface> {
    use pnet_datalink::{NetworkInterface, interfaces};
    // The flags of interfaces (netdevice(7)): IFF_UP, IFF_RUNNING.
    let flags = if has_carrier { 0x1 | 0x40 } else { 0x1 };
    let ips = addresses.iter().map(|own| own.parse().unwrap()).collect();
    let known = interfaces().into_iter().next().unwrap();
    Arc::new(link::interface(NetworkInterface { name: name.to_owned(), ips, flags, ..known }))
}

fn machine(cards: Vec<Arc<Interface>>) -> Real {
    Real { interfaces: RwLock::new(cards), tls: tls::config().unwrap() }
}

fn segment(network: &str) -> Segment {
    let flags = crate::scope::Flags { networks: vec![network.into()], ..crate::scope::Flags::default() };
    flags.scope().unwrap().segments()[0].clone()
}

#[test]
fn multicast_reaches_what_lies_on_its_one_card() {
    let one = || card("eth0", &["10.0.0.9/24", "fd00::9/64"], true);
    let two = || card("eth1", &["10.0.1.9/24"], true);
    let check = |cards: Vec<Arc<Interface>>, network: &str, expected: bool| {
        assert_eq!(machine(cards).reaches_all(&segment(network)), expected, "{network}");
    };
    check(vec![one()], "10.0.0.0/24", true);
    check(vec![one()], "10.0.0.16/28", true);
    check(vec![one()], "fd00::/64", true);
    check(vec![one()], "10.0.0.0/23", false);
    check(vec![one(), two()], "10.0.0.0/23", false);
    check(vec![one(), two()], "10.0.1.0/24", true);
    check(vec![one()], "10.0.7.0/24", false);
    check(vec![], "10.0.0.0/24", false);
}

#[test]
fn a_card_without_a_carrier_is_asked_over_by_nobody() {
    let links = |cards| {
        let links = machine(cards).whole_links(&segment("10.0.0.0/23"));
        links.into_iter().map(|link| link.network.to_string()).collect::<Vec<_>>()
    };
    let card = |last: u8, carrier| card(&format!("eth{last}"), &[&format!("10.0.{last}.9/24")], carrier);
    assert_eq!(links(vec![card(0, true), card(1, true)]), ["10.0.0.0/24", "10.0.1.0/24"]);
    assert_eq!(links(vec![card(0, true), card(1, false)]), ["10.0.0.0/24"]);
    let unplugged = machine(vec![card(0, false), card(1, true)]);
    assert_eq!(unplugged.own_address(&segment("10.0.0.0/23")), Some([10, 0, 1, 9].into()));
}

#[test]
fn the_neighbour_table_is_read_where_it_is_complete() {
    let table = "IP address       HW type     Flags       HW address            Mask     Device\n\
                 10.20.0.7        0x1         0x2         00:11:32:5e:44:96     *        eth0\n\
                 10.20.0.8        0x1         0x0         00:00:00:00:00:00     *        eth0\n";
    let check = |ip: &str, expected: Option<&str>| {
        let got = neighbour_in(table, ip.parse().unwrap()).map(|mac| mac.to_string());
        assert_eq!(got.as_deref(), expected, "{ip}");
    };
    check("10.20.0.7", Some("00:11:32:5e:44:96"));
    check("10.20.0.8", None);
    check("10.20.0.9", None);
}
