//! Lists as they come: what is read of them, and what is told of the rows that do not fit.

use super::*;

fn list(text: &str) -> Read {
    read(&csv(text).expect("cells"), &Mapping::default()).expect("headings")
}

fn problems(read: &Read) -> Vec<String> {
    read.problems.iter().map(ToString::to_string).collect()
}

#[test]
fn a_school_list_becomes_entries() {
    let read = list(
        "Inventarliste Gesamtschule;;;;;\n;;;;;\n\
         Bezeichnung;Geräteart;Raum-Nr.;Serien-Nr.;MAC-Adresse;Gekauft am;Zustand;Hersteller;Lieblingsfarbe\n\
         Beamer Physik;Beamer;A-104;X123;0026.ab00.0001;1.10.2024;in Betrieb;Epson;blau\n\
         ;;;;;;;;\n\
         ;Drucker;Sekretariat;VNB3;;2023-02-01;defekt;HP;\n",
    );
    assert_eq!(problems(&read), [""; 0]);
    assert_eq!(read.headings, 3);
    assert_eq!(read.columns.last().map(|c| (c.letters.as_str(), c.target)), Some(("I", Target::Unknown)));
    let fields = |at: usize| {
        let entry = &read.entries[at];
        let all: Vec<String> = entry.fields.iter().map(|(field, value)| format!("{field}={value}")).collect();
        format!("{}: {}", entry.row, all.join(", "))
    };
    assert_eq!(read.entries.len(), 2);
    assert_eq!(
        fields(0),
        "4: kind=projector, mac=00:26:ab:00:00:01, name=Beamer Physik, notes=Epson, purchased=2024-10-01, \
         room=A-104, serial=X123, status=in-use, vendor=Epson"
    );
    assert_eq!(
        fields(1),
        "6: kind=printer, name=HP, purchased=2023-02-01, room=Sekretariat, serial=VNB3, status=in-repair, vendor=HP"
    );
}

#[test]
fn every_wrong_cell_is_told_with_row_and_column() {
    let read = list(
        "Name;MAC;Gekauft am;Stand;Reaktionszeit;DSGVO;Bemerkung\n\
         A;00:11;31.02.2026;kommt;bald;vielleicht;Passwort: Sommer2026\n\
         ;00:26:ab:00:00:01;;;;;\n\
         B;00:26:ab:00:00:02;;;4 h;ja;siehe Ordner\n",
    );
    let told = problems(&read);
    let expected = [
        "row 2, column B (MAC): '00:11' is no MAC address",
        "row 2, column C (Gekauft am): '31.02.2026' is no day",
        "row 2, column D (Stand): 'kommt' is no status",
        "row 2, column E (Reaktionszeit): 'bald' is no whole number",
        "row 2, column F (DSGVO): 'vielleicht' is neither yes nor no",
        "row 2, column G (Bemerkung): this looks like a secret",
        "row 3: the row has no name",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told}");
        assert!(!told.contains("Sommer2026"), "a secret is never repeated");
    }
    assert!(told[5].contains("credentials_place"));
    assert_eq!(read.entries.len(), 1);
    assert_eq!((read.entries[0].get("sla_reaction_hours"), read.entries[0].get("personal_data")), ("4", "1"));
}

#[test]
fn a_column_of_secrets_is_taken_only_as_their_place() {
    let read =
        list("Name;Passwort\nFirewall;Sommer2026\nMoodle;KeePass der Schulleitung\nNAS;x\nWLAN;im Tresor\n");
    assert_eq!(read.problems.iter().map(|p| p.row).collect::<Vec<_>>(), [2, 4]);
    let places: Vec<&str> = read.entries.iter().map(|entry| entry.get("credentials_place")).collect();
    assert_eq!(places, ["KeePass der Schulleitung", "im Tresor"]);
}

#[test]
fn a_row_once_more_is_left_out_and_a_clash_is_told() {
    let read = list(
        "Name;Seriennummer;MAC;Raum\nA;S1;;104\nA;S1;;104\nB;s1;;104\nC;S2;00-26-AB-00-00-01;\nD;S3;0026ab000001;\n\
         Stuhl;;;104\nStuhl;;;104\n",
    );
    assert_eq!(read.repeated, [(3, 2)]);
    let told = problems(&read);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("row 4, column B (Seriennummer): the serial stands in row 2"), "{told:?}");
    assert!(told[1].starts_with("row 6, column C (MAC): the mac stands in row 5"), "{told:?}");
    assert_eq!(read.entries.len(), 4, "equal things without a number are several things");
}

#[test]
fn a_person_says_what_a_heading_means() {
    let grid = csv("Was?;Wo?;Inv.-Nr.;Preis\nBeamer;104;4711;900 €\n").expect("cells");
    assert_eq!(read(&grid, &Mapping::default()), Err(ListError::NoHeadings));
    let mut mapping = Mapping::default();
    for said in ["Was?=name", "wo=room", "Inv.-Nr.=notes", "Preis=-"] {
        mapping.say(said).expect("a mapping");
    }
    let told = read(&grid, &mapping).expect("a list");
    assert_eq!(told.entries[0].get("name"), "Beamer");
    assert_eq!(told.entries[0].get("room"), "104");
    assert_eq!(told.entries[0].get("notes"), "Inv.-Nr.: 4711");
    assert_eq!(told.columns[3].target, Target::LeftOut);
    assert_eq!(mapping.say("Was?"), Err(MappingError::Form("Was?".into())));
    assert!(mapping.say("Was?=farbe").is_err_and(|error| error.to_string().contains("credentials_place")));
}

#[test]
fn the_exports_of_others_are_understood() {
    let check = |text: &str, expected: &[(&str, &str)]| {
        let read = list(text);
        assert_eq!(problems(&read), [""; 0], "{text}");
        for (field, value) in expected {
            assert_eq!(read.entries[0].get(field), *value, "{text}");
        }
    };
    let snipe = "Asset Name,Asset Tag,Serial,Model,Category,Manufacturer,Location,Purchase Date,Warranty Expires,Status\n\
                 ,A-1,S1,EB-L200F,Projector,Epson,104,2024-10-01,2027-10-01,Ready to Deploy\n";
    check(snipe, &[("name", "Epson EB-L200F"), ("kind", "projector"), ("status", "in-use"), ("room", "104")]);
    let netbox = "name,status,role,manufacturer,type,site,location,serial\nsw-1,active,Switch,HPE,2530,Gesamtschule,Keller,S2\n";
    check(netbox, &[("name", "sw-1"), ("kind", "switch"), ("school", "Gesamtschule"), ("room", "Keller")]);
    let glpi = "\"Name\";\"Status\";\"Hersteller\";\"Seriennummer\";\"Typ\";\"Modell\";\"Standort\"\n\
                \"Kopierer 1\";\"in Betrieb\";\"Kyocera\";\"S3\";\"Kopierer\";\"M2540\";\"Lehrerzimmer\"\n";
    check(glpi, &[("name", "Kopierer 1"), ("kind", "printer"), ("notes", "Kyocera M2540")]);
}

/// What becomes of a list that another program exported: its program, the first entry, and what is left out.
fn exported(text: &str) -> (Option<&'static str>, String) {
    let read = list(text.trim_start_matches('\u{feff}'));
    assert_eq!(problems(&read), [""; 0], "{text}");
    let fields = |entry: &Entry| {
        entry.fields.iter().map(|(field, value)| format!("{field}={value}")).collect::<Vec<_>>().join(", ")
    };
    (read.export, read.entries.iter().map(fields).collect::<Vec<_>>().join(" | "))
}

#[test]
fn lists_of_other_programs_are_known_by_their_headings() {
    let check = |text: &str, program: &str, expected: &str| {
        assert_eq!(exported(text), (Some(program), expected.to_owned()), "{text}");
    };
    check(
        "Device ID,Device name,Enrollment date,Last check-in,Azure AD Device ID,OS version,Serial number,Manufacturer,\
         Model,Wi-Fi MAC,Management name,Category,UserId,Primary user UPN,Primary user email address,\
         Primary user display name,Compliance,Managed by,Ownership,OS,Phone number\n\
         0c5e,LAPTOP-R104-01,2025-08-20 09:11:02.0000000,2026-10-01 07:30:00.0000000,77aa,10.0.22631.1,PF3ABC12,LENOVO,\
         21E6,0026AB000001,anna_Windows_8/20/2025,Lehrergeräte,9f,anna.muster@schule.example,\
         anna.muster@schule.example,Anna Muster,Compliant,Intune,Corporate,Windows,+49170\n",
        "Microsoft Intune",
        "mac=00:26:ab:00:00:01, model=21E6, name=LAPTOP-R104-01, notes=LENOVO 21E6, serial=PF3ABC12, vendor=LENOVO",
    );
    check(
        "Name,Serial Number,UDID,Model Name,OS Version,Asset Tag,Owner,Location,Wi-Fi MAC Address,Last Check-in\n\
         iPad von Anna Muster,DMPX1,0000-1,iPad (9. Generation),17.6,T-17,Anna Muster,Hauptstandort,\
         00:26:ab:00:00:02,2026-10-01\n",
        "Jamf School",
        "mac=00:26:ab:00:00:02, model=iPad (9. Generation), name=iPad von *** ***, notes=Asset Tag: T-17; iPad (9. Generation), \
         serial=DMPX1",
    );
    check(
        "SerialNumber,Identification,AssetTag,AssignToUser\nDMPX2,Koffer A 03,T-18,lehrer1\n",
        "Jamf School",
        "name=Koffer A 03, notes=AssetTag: T-18, serial=DMPX2",
    );
    check(
        "Gerätename;Plattform;Hersteller;Modell;Seriennummer;Betriebssystemversion;Besitz;Benutzer;Letzte Verbindung\n\
         Tablet-07;iOS;Apple;iPad;DMPX3;17.5;Organisation;ben.beispiel;01.10.2026 08:00\n",
        "Relution",
        "model=iPad, name=Tablet-07, notes=Apple iPad, serial=DMPX3, vendor=Apple",
    );
    check(
        "\u{feff}\"Name\";\"Entity\";\"Status\";\"Manufacturers\";\"Serial number\";\"Types\";\"Model\";\"Location\";\
         \"Last update\";\"Alternate username\";\"Network ports - MAC\"\n\
         \"sw-keller\";\"Kreis > Gesamtschule\";\"In use\";\"HPE\";\"CN12\";\"Switch\";\"2530-24G\";\
         \"Gesamtschule > Haus A > Keller\";\"01-10-2026 08:15\";\"muster\";\"00:26:ab:00:00:03<br>00:26:ab:00:00:04\"\n",
        "GLPI",
        "kind=switch, mac=00:26:ab:00:00:03, model=2530-24G, name=sw-keller, notes=HPE 2530-24G, room=Keller, serial=CN12, \
         status=in-use, vendor=HPE",
    );
    check(
        "Company,Asset Name,Asset Tag,Manufacturer,Model,Model No.,Category,Serial,Purchased,Cost,Supplier,Location,\
         Checked Out To,Username,Status,Warranty Expires\n\
         Kreis,Beamer 104,A-0001,Epson,EB-L200F,V11H,Projector,X5QL1,2024-10-01,899.00,Systemhaus,104,Anna Muster,\
         muster,Deployed,2027-10-01\n",
        "Snipe-IT",
        "kind=projector, model=EB-L200F, name=Beamer 104, notes=Asset Tag: A-0001; Epson EB-L200F, provider=Systemhaus, \
         purchased=2024-10-01, room=104, serial=X5QL1, status=in-use, vendor=Epson, warranty_until=2027-10-01",
    );
    check(
        "name,role,tenant,manufacturer,device_type,serial,asset_tag,status,site,location,rack,position,face,comments\n\
         ap-aula,Access Point,Kreis,Aruba,AP-505,CNK1,T-9,active,Gesamtschule,Aula,,,,unter der Decke\n",
        "NetBox",
        "kind=access-point, model=AP-505, name=ap-aula, notes=asset_tag: T-9; unter der Decke; Aruba AP-505, room=Aula, \
         school=Gesamtschule, serial=CNK1, status=in-use, vendor=Aruba",
    );
    check(
        "ID;Titel;Objekttyp;SYSID;Seriennummer;Hersteller;Modell;Standortpfad;CMDB-Status;Zweck\n\
         4711;Firewall;Firewall;SYSID_1690000000;FG100;Fortinet;FG-100F;Gesamtschule > Haus B > Serverraum;in Betrieb;\
         Produktion\n",
        "i-doit",
        "kind=firewall, model=FG-100F, name=Firewall, notes=SYSID: SYSID_1690000000; Fortinet FG-100F, purpose=Produktion, \
         room=Serverraum, serial=FG100, status=in-use, vendor=Fortinet",
    );
}

#[test]
fn what_a_person_says_wins_over_what_a_program_means() {
    let grid = csv("Asset Tag,Asset Name,Serial,Checked Out To\nA-1,Beamer,S1,Raum 104\n").expect("cells");
    let mut mapping = Mapping::default();
    mapping.say("Checked Out To=room").expect("a mapping");
    let told = read(&grid, &mapping).expect("a list");
    assert_eq!((told.export, told.entries[0].get("room")), (Some("Snipe-IT"), "Raum 104"));
}

#[test]
fn what_was_said_of_other_lists_opens_no_list_of_pupils_devices() {
    let mut before = Mapping::default();
    for said in ["Benutzer=owner", "Besitz=notes", "Letzte Verbindung=notes", "Modell=room", "Seriennummer=-"]
    {
        before.say(said).expect("a mapping");
    }
    let closed = csv("Gerätename;Plattform;Modell;Seriennummer;Betriebssystemversion;Besitz;Benutzer\n\
                      Tablet-07;iOS;iPad;DMPX3;17.5;Organisation;ben.beispiel\n");
    let closed = closed.expect("cells");
    let told = read_knowing(&closed, &Mapping::default(), &before).expect("a list");
    assert_eq!(told, read(&closed, &Mapping::default()).expect("a list"), "as if nothing had been said");
    assert_eq!(told.export, Some("Relution"));
    assert!(told.entries[0].fields.values().all(|value| !value.contains("beispiel")), "{:?}", told.entries);
    // What a person says of this very list counts.
    let mut said = Mapping::default();
    said.say("Besitz=notes").expect("a mapping");
    let told = read_knowing(&closed, &said, &before).expect("a list");
    assert!(told.entries[0].get("notes").contains("Besitz: Organisation"), "{:?}", told.entries);
    assert_eq!(told.entries[0].get("owner"), "");
    // In a list of things what was said before counts as ever.
    let open = csv("Name;Benutzer\nServer;Hausmeister\n").expect("cells");
    let told = read_knowing(&open, &Mapping::default(), &before).expect("a list");
    assert_eq!(told.entries[0].get("owner"), "Hausmeister");
}

#[test]
fn columns_are_called_as_spreadsheets_call_them() {
    let names: Vec<String> = [0, 25, 26, 51, 52, 701, 702].into_iter().map(letters).collect();
    assert_eq!(names, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
}

#[test]
fn a_secret_is_refused_in_every_column_and_never_told() {
    for field in FIELDS {
        let heading = format!("Spalte {field}");
        let mut mapping = Mapping::default();
        for said in ["Was=name".to_owned(), format!("{heading}={field}")] {
            mapping.say(&said).expect("a mapping");
        }
        for cell in ["Passwort: Sommer2026", "xK9$mQ2!vLp7", "http://admin:geheim@10.0.0.1/"] {
            let grid = csv(&format!("Was;{heading}\nFirewall;{cell}\n")).expect("cells");
            let read = read(&grid, &mapping).expect("headings");
            // A second column of names is left out, as every second one of a field is.
            let expected: &[Wrong] = if *field == "name" { &[] } else { &[Wrong::Secret] };
            let told: Vec<Wrong> = read.problems.iter().map(|problem| problem.wrong.clone()).collect();
            assert_eq!(told, expected, "{field}: {cell}");
            assert!(!problems(&read).concat().contains(cell), "{field}: {cell}");
        }
    }
    let told = list("Name;Community\nA;geheim123\n");
    assert_eq!(told.problems.len() + told.entries[0].fields.len(), 1, "an unknown column is left out");
    let mut mapping = Mapping::default();
    mapping.say("Community=notes").expect("a mapping");
    let told = read(&csv("Name;Community\nA;geheim123\n").expect("cells"), &mapping).expect("headings");
    assert_eq!(problems(&told).len(), 1, "the heading announces the secret");
}

#[test]
fn no_mapping_makes_a_field_of_a_column_of_secrets() {
    for heading in ["Passwort", "PIN", "Passwort WLAN", "Zugangsdaten"] {
        for field in FIELDS.iter().filter(|field| **field != "credentials_place") {
            let said = Mapping::default().say(&format!("{heading}={field}"));
            assert_eq!(said, Err(MappingError::Secret(heading.into())), "{heading}={field}");
            // One that was remembered before this was refused has no effect either.
            let key = words::joined(heading);
            let mapping: Mapping =
                serde_json::from_str(&format!("{{\"{key}\":\"{field}\"}}")).expect("a mapping");
            let grid = csv(&format!("Name;{heading}\nFirewall;Sommer2026\n")).expect("cells");
            let read = read(&grid, &mapping).expect("headings");
            assert_eq!(
                (read.columns[1].target, read.entries.len()),
                (Target::Secret, 0),
                "{heading}={field}"
            );
        }
        let mut mapping = Mapping::default();
        mapping.say(&format!("{heading}=-")).expect("left out");
        let grid = csv(&format!("Name;{heading}\nFirewall;Sommer2026\n")).expect("cells");
        assert_eq!(read(&grid, &mapping).expect("headings").entries[0].fields.len(), 1, "{heading}");
    }
}

#[test]
fn a_column_of_places_holds_places() {
    let check = |cell: &str, is_place: bool| {
        let read = list(&format!("Name;Passwort hinterlegt\nFirewall;{cell}\n"));
        let told = read.entries.first().map(|entry| entry.get("credentials_place"));
        assert_eq!(told, is_place.then_some(cell), "{cell}");
    };
    for place in ["Tresor01", "KeePass2", "R104", "Umschlag 17 bei Frau Muster", "Büro", "Schrank-2026"] {
        check(place, true);
    }
    for secret in ["Sommer2026", "geheim!23", "admin/hallo99"] {
        check(secret, false);
    }
}

#[test]
fn a_lone_word_above_the_list_is_no_row_of_headings() {
    let read = list("System\n\nWas;Raum\nBeamer;104\n");
    assert_eq!(read.headings, 3);
    let read = list("System\nBeamer\nNAS\n");
    assert_eq!((read.headings, read.entries.len()), (1, 2));
}

#[test]
fn no_more_of_a_wrong_cell_is_told_than_finds_it() {
    let told = problems(&list("Name;Stand\nA;der Rechner von Frau Mustermann\n")).concat();
    assert!(told.contains("'der Rechner von Frau…' is no status"), "{told}");
}

#[test]
fn hours_are_hours_and_nothing_else() {
    let check = |cell: &str, expected: &str| {
        let read = list(&format!("Name;Reaktionszeit\nA;{cell}\n"));
        let told = read.entries.first().map_or("refused", |entry| entry.get("sla_reaction_hours"));
        assert_eq!(told, expected, "{cell}");
    };
    for four in ["4", "4h", "4 h", "4 Std.", "4 Stunden", "4 hours", "4 uur"] {
        check(four, "4");
    }
    for wrong in ["30 min", "2 Tage", "1 NBD", "4-8 h", "bald"] {
        check(wrong, "refused");
    }
}

#[test]
fn a_span_or_a_year_in_a_column_that_ends_nowhere_does_not_hold_up_the_list() {
    let read = list("Name;Anschaffungsjahr;Garantie;Kündigungsfrist;Stand\nA;2024;3 Jahre;3 Monate;aktiv\n");
    assert_eq!(problems(&read), [""; 0]);
    assert_eq!(read.entries[0].fields.len(), 2);
    assert!(!problems(&list("Name;Stand\nA;offline\n")).is_empty(), "out of reach is not out of use");
    let status = |word: &str| list(&format!("Name;Stand\nA;{word}\n")).entries[0].get("status").to_owned();
    let check = |word: &str, expected: &str| assert_eq!(status(word), expected, "{word}");
    check("Ready to Deploy (Deployed)", "in-use");
    check("Bereit (in stock)", "in-stock");
    check("defekt (Lager)", "in-repair");
    check("ausgemustert (Lager)", "retired");
    check("Out for Repair (Undeployable)", "in-repair");
    check("Pending", "in-stock");
    check("geliefert", "in-stock");
    check("Staged", "planned");
    check("gestohlen", "retired");
}

#[test]
fn a_list_without_a_known_heading_shows_what_may_be_its_headings() {
    let grid = csv("Inventar\nDing;Wo;Wieviel\nTafel;A1;2\n").expect("cells");
    let nothing = Mapping::default();
    assert_eq!(read(&grid, &nothing), Err(ListError::NoHeadings));
    let shown = nothing.unknown(&grid);
    assert_eq!((shown.headings, shown.entries.len()), (2, 0));
    let headings: Vec<&str> = shown.columns.iter().map(|column| column.heading.as_str()).collect();
    assert_eq!(headings, ["Ding", "Wo", "Wieviel"]);
    let mut said = Mapping::default();
    said.say("Ding=name").expect("a mapping");
    let list = read(&grid, &said).expect("a list");
    assert_eq!((list.headings, list.entries[0].get("name")), (2, "Tafel"));
    assert_eq!(nothing.unknown(&Grid::default()), Read::default());
}
