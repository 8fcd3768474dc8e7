//! What standard MIBs and MAC blocks say: the extractors that read tables instead of texts.

use super::{
    Confidence,
    claims::{Claims, Strength},
    library::{TOLD_BY_DEVICE, because},
    oui, vendors,
};
use crate::{
    Fields, Kind, Mac, Row, Value,
    vocabulary::{
        SNMP_DEVICE_DESCR, SNMP_ENTITY, SNMP_PAGE_COUNT, SNMP_PRINTER_SERIAL, SNMP_SUPPLIES, SNMP_UPS_AGENT,
        SNMP_UPS_FIRMWARE, SNMP_UPS_MAKER, SNMP_UPS_MODEL, SNMP_VENDOR_MODEL, SNMP_VENDOR_NAME,
        SNMP_VENDOR_SERIAL, SNMP_VENDOR_VERSION,
    },
};

/// Says everything that needs no fingerprint.
pub(super) fn claim(mac: Option<Mac>, fields: &Fields, claims: &mut Claims) {
    if let Some(mac) = mac {
        mac_block(mac, claims);
    }
    vendor_objects(fields, claims);
    entity(fields, claims);
    printer(fields, claims);
    ups(fields, claims);
}

/// A MAC block names the maker of the network interface, which is often the maker of the device.
fn mac_block(mac: Mac, claims: &mut Claims) {
    let Some(organisation) = oui::table().organisation(mac) else { return };
    let because = format!("its MAC block belongs to {organisation}");
    let maker = vendors::maker(organisation);
    if maker.is_some_and(|maker| maker.parts) {
        return;
    }
    claims.vendor(organisation, Strength(Confidence::Low, 30), &because);
    if let Some(kind) = maker.and_then(|maker| maker.kind) {
        claims.kind(kind, Strength(Confidence::Low, 30), &because);
    }
}

/// Objects of the vendor's own branch: the most exact word a device has for itself.
fn vendor_objects(fields: &Fields, claims: &mut Claims) {
    let strength = Strength(TOLD_BY_DEVICE, 60);
    if let Some(text) = fields.text(&SNMP_VENDOR_NAME) {
        claims.vendor(text, strength, &because("an object of the vendor's own branch", text));
    }
    if let Some(text) = fields.text(&SNMP_VENDOR_MODEL) {
        claims.model(text, strength, &because("an object of the vendor's own branch", text));
    }
    if let Some(text) = fields.text(&SNMP_VENDOR_SERIAL) {
        claims.serial(text, strength, &because("an object of the vendor's own branch", text));
    }
    if let Some(text) = fields.text(&SNMP_VENDOR_VERSION) {
        claims.version(text, strength, &because("an object of the vendor's own branch", text));
    }
}

/// entPhysicalTable (RFC 6933): the chassis, or where none is named the first part, speaks for the whole device.
fn entity(fields: &Fields, claims: &mut Claims) {
    let Some(Value::Table(rows)) = fields.get(&SNMP_ENTITY) else { return };
    let class = |row: &&Row, wanted: &str| column(row, "class") == Some(wanted);
    let chassis = || rows.iter().filter(|row| class(row, "chassis"));
    let whole = chassis().chain(rows.iter().filter(|row| class(row, "stack"))).chain(rows.first());
    let first = |name: &'static str| whole.clone().find_map(move |row| column(row, name));
    // Several chassis are a stack: the serial of the first stands for it, and its members stay in the evidence. A
    // chassis that knows both its model and its serial is better than a vendor's list of likely rows.
    let complete = chassis().any(|row| column(row, "model").is_some() && column(row, "serial").is_some());
    let weight = if complete { 61 } else { 55 };
    let strength = Strength(TOLD_BY_DEVICE, if chassis().next().is_some() { weight } else { 32 });
    if let Some(text) = first("model") {
        claims.model(text, strength, &because("the chassis in ENTITY-MIB", text));
    }
    if let Some(text) = first("serial") {
        claims.serial(text, strength, &because("the chassis in ENTITY-MIB", text));
    }
    if let Some(text) = first("maker") {
        claims.vendor(text, Strength(TOLD_BY_DEVICE, 30), &because("the chassis in ENTITY-MIB", text));
    }
    if let Some(text) = first("software") {
        claims.version(text, Strength(TOLD_BY_DEVICE, 40), &because("the chassis in ENTITY-MIB", text));
    } else if let Some(text) = first("firmware") {
        claims.version(text, Strength(TOLD_BY_DEVICE, 30), &because("the chassis in ENTITY-MIB", text));
    }
}

fn column<'a>(row: &'a Row, name: &str) -> Option<&'a str> {
    row.get(name).and_then(Value::as_text).map(str::trim).filter(|text| !text.is_empty())
}

/// Printer-MIB (RFC 3805): whatever answers it prints.
fn printer(fields: &Fields, claims: &mut Claims) {
    if let Some(text) = fields.text(&SNMP_PRINTER_SERIAL) {
        claims.serial(text, Strength(TOLD_BY_DEVICE, 58), &because("Printer-MIB", text));
        print_engine(fields, claims);
    } else if fields.get(&SNMP_PAGE_COUNT).is_some() || fields.get(&SNMP_SUPPLIES).is_some() {
        print_engine(fields, claims);
    }
}

/// On a printer the first device of the host MIB (RFC 2790) is the print engine, named as it is sold.
fn print_engine(fields: &Fields, claims: &mut Claims) {
    claims.kind(Kind::Printer, Strength(TOLD_BY_DEVICE, 60), "it answers the Printer-MIB");
    let Some(text) = fields.text(&SNMP_DEVICE_DESCR) else { return };
    // Some add version, serial or language behind a separator.
    let name = text.split([';', ',', '/']).next().unwrap_or(text).trim();
    let head = name.split(' ').next().unwrap_or_default();
    let is_maker = vendors::maker(head).is_some();
    if name.chars().any(|c| c.is_ascii_digit()) {
        claims.model(
            name,
            Strength(TOLD_BY_DEVICE, if is_maker { 61 } else { 53 }),
            &because("hrDeviceDescr", name),
        );
    }
    if is_maker {
        claims.vendor(head, Strength(TOLD_BY_DEVICE, 38), &because("hrDeviceDescr", name));
    }
}

/// UPS-MIB (RFC 1628).
fn ups(fields: &Fields, claims: &mut Claims) {
    let strength = Strength(TOLD_BY_DEVICE, 45);
    if let Some(text) = fields.text(&SNMP_UPS_MODEL) {
        // A card of one maker sits in the UPS of another: then the model is named with its maker.
        let maker = fields.text(&SNMP_UPS_MAKER).map(vendors::canonical).unwrap_or_default();
        let named = text.to_lowercase().contains(&maker.to_lowercase());
        let full = if named { text.to_owned() } else { format!("{maker} {text}") };
        claims.model(&full, strength, &because("UPS-MIB", text));
        claims.kind(Kind::Ups, strength, "it answers the UPS-MIB");
    }
    if let Some(text) = fields.text(&SNMP_UPS_MAKER) {
        claims.vendor(text, Strength(TOLD_BY_DEVICE, 35), &because("UPS-MIB", text));
    }
    if let Some(text) = fields.text(&SNMP_UPS_FIRMWARE) {
        claims.version(text, strength, &because("UPS-MIB", text));
    }
    if let Some(text) = fields.text(&SNMP_UPS_AGENT) {
        claims.version(text, Strength(TOLD_BY_DEVICE, 40), &because("UPS-MIB", text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chassis_speaks_for_the_device() {
        let row = |class: &str, model: &str, serial: &str| {
            Row::from([
                ("class".to_owned(), Value::text(class)),
                ("model".to_owned(), Value::text(model)),
                ("serial".to_owned(), Value::text(serial)),
            ])
        };
        let check = |rows: Vec<Row>, model: Option<&str>, serial: Option<&str>| {
            let fields = Fields::new().with(&SNMP_ENTITY, Value::Table(rows));
            let mut claims = Claims::default();
            claim(None, &fields, &mut claims);
            let told = claims.settle();
            assert_eq!(told.model.map(|told| told.value).as_deref(), model);
            assert_eq!(told.serial.map(|told| told.value).as_deref(), serial);
        };
        check(vec![row("module", "M1", "1111"), row("chassis", "C1", "2222")], Some("C1"), Some("2222"));
        check(vec![row("stack", "", ""), row("chassis", "C1", "2222")], Some("C1"), Some("2222"));
        check(vec![row("other", "M1", "1111")], Some("M1"), Some("1111"));
        check(Vec::new(), None, None);
    }

    #[test]
    fn a_mac_block_says_little_and_says_it_low() {
        let check = |mac: &str, vendor: Option<&str>, kind: Option<Kind>| {
            let mut claims = Claims::default();
            claim(mac.parse().ok(), &Fields::new(), &mut claims);
            let told = claims.settle();
            assert!(told.vendor.iter().all(|told| told.confidence == Confidence::Low));
            assert_eq!(told.vendor.map(|told| told.value).as_deref(), vendor, "{mac}");
            assert_eq!(told.kind.map(|told| told.value), kind, "{mac}");
        };
        check("00:02:75:00:00:01", Some("SMART Technologies"), Some(Kind::Board));
        check("00:09:9a:00:00:01", Some("Elmo"), Some(Kind::DocumentCamera));
        check("00:08:e1:00:00:01", Some("Barix"), Some(Kind::Bell));
        check("6c:dc:6a:00:00:01", Some("Promethean"), Some(Kind::Board));
        check("02:00:00:00:00:01", None, None);
    }
}
