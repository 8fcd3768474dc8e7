//! Names of things as they stand on devices, and what may be kept of them.

use super::{words::FIRST_NAMES, *};

#[test]
fn lists_are_sorted() {
    for list in [&FIRST_NAMES[..], &SURNAMES, TITLES, THINGS, &NOT_A_PERSON] {
        assert!(list.is_sorted(), "{:?}", list.iter().zip(&list[1..]).find(|(a, b)| a > b));
    }
}

#[test]
fn persons_are_masked_and_things_are_not() {
    let check = |text: &str, expected: &str| assert_eq!(mask(text, Style::Name), expected, "{text}");
    // With a title.
    check("Büro Frau Müller", "Büro Frau ***");
    check("Kopierer Hr. Schmidt", "Kopierer Hr. ***");
    check("Büro Fr. Dr. A. von-Kowalska", "Büro Fr. Dr. ***. ***-***");
    check("Kantoor mevr. De Vries", "Kantoor mevr. *** ***");
    check("Office of Mr. Smith", "Office of Mr. ***");
    check("Zimmer Frau Sekretariat", "Zimmer Frau Sekretariat");
    // Owned things.
    check("iPad von Anna", "iPad von ***");
    check("iPad von Frau Yılmaz", "iPad von Frau ***");
    check("iPad-von-Frau-Yilmaz", "iPad-von-Frau-***");
    check("Laptop van Xandra", "Laptop van ***");
    check("Annas-MacBook", "***-MacBook");
    check("Ryan’s MacBook Pro", "*** MacBook Pro");
    check("AnnasMacBook", "***MacBook");
    check("Patrik Karlsson’s Library", "*** *** Library");
    check("anna-laptop", "***-laptop");
    check("Drucker Schmidt", "Drucker ***");
    check("NB-MUELLER", "NB-***");
    check("anna.mueller@schule.example", "***@schule.example");
    // Things.
    check("Lehrerzimmer 2. OG", "Lehrerzimmer 2. OG");
    check("Drucker von Raum 12", "Drucker von Raum 12");
    check("SMART Board Raum A101", "SMART Board Raum A101");
    check("Brother HL-L2340DW series", "Brother HL-L2340DW series");
    check("Christie LX41", "Christie LX41");
    check("Schneider Electric UPS", "Schneider Electric UPS");
    check("KMBT_C258 Sekretariat", "KMBT_C258 Sekretariat");
    check("Chromecast Cumulus", "Chromecast Cumulus");
    check("elgato-key-light-air-f3df", "elgato-key-light-air-f3df");
    check("Jan 12 2024", "Jan 12 2024");
    check("FRITZ!Box 7590 AX", "FRITZ!Box 7590 AX");
    check("fritz.box", "fritz.box");
    check("FRITZ!Repeater von Fritz", "FRITZ!Repeater von ***");
    check("Fritz' iPad", "*** iPad");
    check("Philips iPad", "*** iPad");
    check("", "");
}

#[test]
fn what_a_maker_wrote_into_a_description_is_kept_and_what_people_called_it_is_masked() {
    let row = [
        ("manufacturer", "Kieback & Peter"),
        ("model_name", "FRITZ!Box 7590 AX"),
        ("friendly_name", "Annas TV"),
    ];
    let table = |row: [(&str, &str); 3]| {
        Value::Table(vec![
            row.map(|(column, text)| (column.to_owned(), Value::text(text))).into_iter().collect(),
        ])
    };
    let masked = mask_fields(Fields::new().with(&vocabulary::UPNP_DEVICES, table(row)));
    let expected = [row[0], row[1], ("friendly_name", "*** TV")];
    assert_eq!(masked.get(&vocabulary::UPNP_DEVICES), Some(&table(expected)));
}

/// A maker's word frees no text that somebody may have typed: "Philips" is a maker, and the iPhone of a Philip.
#[test]
fn a_makers_word_is_kept_where_the_maker_wrote_it_and_nowhere_else() {
    let pair = |text: &str, expected: &str| {
        let fields = Fields::new().with(&vocabulary::MDNS_TXT, Value::List(vec![text.to_owned()]));
        let masked = mask_fields(fields);
        assert_eq!(
            masked.get(&vocabulary::MDNS_TXT),
            Some(&Value::List(vec![expected.to_owned()])),
            "{text}"
        );
    };
    pair("_airplay._tcp manufacturer=Philips", "_airplay._tcp manufacturer=Philips");
    pair("_printer._tcp usb_MFG=Kieback & Peter", "_printer._tcp usb_MFG=Kieback & Peter");
    pair("_googlecast._tcp md=Philips 43PUS9999", "_googlecast._tcp md=Philips 43PUS9999");
    pair("_googlecast._tcp fn=Philips iPhone", "_googlecast._tcp fn=*** iPhone");
    pair("_googlecast._tcp fn=Fritz Müller", "_googlecast._tcp fn=*** ***");
    pair("_spotify-connect._tcp n=Kopierer Schmidt", "_spotify-connect._tcp n=Kopierer ***");
    pair("_hscp._tcp Machine Name=Philips iPad", "_hscp._tcp Machine Name=*** iPad");
    pair("_http._tcp Philips iPad", "_http._tcp *** iPad");
    let cell = |column: &str, text: &str, expected: &str| {
        let table =
            |text: &str| Value::Table(vec![crate::Row::from([(column.to_owned(), Value::text(text))])]);
        let masked = mask_fields(Fields::new().with(&vocabulary::UPNP_DEVICES, table(text)));
        assert_eq!(masked.get(&vocabulary::UPNP_DEVICES), Some(&table(expected)), "{column} {text}");
    };
    cell("manufacturer", "Philips", "Philips");
    for column in ["friendly_name", "x.roomName"] {
        cell(column, "Philips iPhone", "*** iPhone");
        cell(column, "Fritz Müller", "*** ***");
        cell(column, "Fernseher Schmidt", "Fernseher ***");
        cell(column, "FRITZ!Box 7590 von Fritz", "FRITZ!Box 7590 von ***");
    }
    let text = |field: &'static vocabulary::Field, text: &str, expected: &str| {
        let masked = mask_fields(Fields::new().with(field, Value::text(text)));
        assert_eq!(masked.text(field), Some(expected), "{}", field.name);
    };
    text(&vocabulary::SNMP_SYS_DESCR, "Philips iPhone", "*** iPhone");
    let sign = "Philips Signage Display 55BDL9999";
    text(&vocabulary::SNMP_SYS_DESCR, sign, sign);
    for rest in ["Display", "Displays", "LFD", "55BDL4550D/00 Signage", "Large Format Display"] {
        let sign = format!("Philips {rest}");
        text(&vocabulary::SNMP_SYS_DESCR, &sign, &sign);
    }
    text(&vocabulary::SNMP_SYS_DESCR, "Philips iPad Display", "*** iPad Display");
    text(&vocabulary::SNMP_SYS_DESCR, "Philips Display of Philips iPad", "Philips Display of *** iPad");
    text(&vocabulary::SNMP_SYS_DESCR, "Philipson Display", "Philipson Display");
    text(&vocabulary::SNMP_SYS_NAME, "Philips Display", "*** ***");
    for field in [&vocabulary::SSDP_LOCATION, &vocabulary::WSD_XADDRS] {
        text(field, "http://annas-pc.local:5357/d.xml", "http://***-pc.local:5357/d.xml");
        text(field, "http://10.0.0.7:49152/rootDesc.xml", "http://10.0.0.7:49152/rootDesc.xml");
    }
    text(&vocabulary::SNMP_SYS_DESCR, "Fritz-Smartphone", "***-Smartphone");
    text(&vocabulary::SNMP_SYS_DESCR, "FRITZ!Smart Gateway", "FRITZ!Smart Gateway");
    text(&vocabulary::HTTP_TITLE, "Philips iPad", "*** iPad");
}

#[test]
fn contacts_lose_names_and_numbers() {
    let check = |text: &str, expected: &str| assert_eq!(mask(text, Style::Contact), expected, "{text}");
    check("Hans Meier, Tel. 05241 123456", "*** ***, Tel. ***");
    check("Zbigniew Brzęczyszczykiewicz", "*** ***");
    check("IT Support Kreis", "IT Support Kreis");
    check("support@kreis.example", "***@kreis.example");
}

#[test]
fn makers_texts_keep_their_companies() {
    let check = |text: &str, expected: &str| assert_eq!(mask(text, Style::Prose), expected, "{text}");
    check("Linux philips-ipad 6.1.0", "Linux ***-ipad 6.1.0");
    check("Philips iPad", "*** iPad");
    check("Linux annas-pc 5.10.0", "Linux ***-pc 5.10.0");
    check("KYOCERA Document Solutions Printing System", "KYOCERA Document Solutions Printing System");
    check("Fischer Panda 12 Jan 2020", "Fischer Panda 12 Jan 2020");
}

#[test]
fn masking_twice_changes_nothing_more() {
    for text in ["Büro Frau Müller", "Patrik Karlsson’s Library", "a@b.c @d e@f", "Hans Meier 05241/123456"]
    {
        for style in [Style::Name, Style::Prose, Style::Contact] {
            let once = mask(text, style);
            assert_eq!(mask(&once, style), once, "{text}");
        }
    }
}

#[test]
fn a_removed_mac_is_gone_in_every_spelling() {
    let mac: Mac = "02:30:aa:ec:0a:21".parse().unwrap();
    let fields = Fields::new().with(
        &vocabulary::MDNS_TXT,
        Value::List(vec![
            "id=0230AAEC0A21 x".into(),
            "d=02:30:AA:EC:0A:21".into(),
            "e=02-30-aa-ec-0a-22".into(),
        ]),
    );
    let Some(Value::List(got)) = without_mac(fields, mac).remove("mdns.txt") else { panic!("gone") };
    assert_eq!(got, ["id=*** x", "d=***", "e=02-30-aa-ec-0a-22"]);
}

#[test]
fn what_people_typed_among_makers_texts_is_masked_as_names() {
    let row = crate::Row::from([
        ("alias".to_owned(), Value::text("Kopierer Schmidt")),
        ("descr".to_owned(), Value::text("Weber Switch 24")),
    ]);
    let lines = Value::List(vec![
        "_ipp._tcp note=Drucker Schmidt".to_owned(),
        "_ipp._tcp ty=Weber Laser 3000".to_owned(),
    ]);
    let fields = Fields::from_iter([
        ("snmp.interfaces".to_owned(), Value::Table(vec![row])),
        ("mdns.txt".to_owned(), lines),
    ]);
    let masked = format!("{:?}", mask_fields(fields));
    assert!(!masked.contains("Schmidt") && masked.contains("Kopierer ***") && masked.contains("Drucker ***"));
    assert!(masked.contains("Weber Switch 24") && masked.contains("Weber Laser 3000"), "{masked}");
}

#[test]
fn persons_in_public_records_are_masked_and_offices_are_not() {
    let check = |text: &str, expected: &str| assert_eq!(mask_persons_mailboxes(text), expected);
    check(
        "v=DMARC1; p=none; rua=mailto:anna.mueller@schule.example,mailto:dmarc-reports@schule.example",
        "v=DMARC1; p=none; rua=mailto:***@schule.example,mailto:dmarc-reports@schule.example",
    );
    check("rua=mailto:xaver.unbekanntname@a.example", "rua=mailto:***@a.example");
    check("rua=mailto:schmidt@a.example", "rua=mailto:***@a.example");
    check("ruf=mailto:re+9f2c1@dmarc.example", "ruf=mailto:re+9f2c1@dmarc.example");
    check("rua=mailto:it.support@a.example", "rua=mailto:it.support@a.example");
    check("v=spf1 include:a.example -all", "v=spf1 include:a.example -all");
}
