//! How many devices a second one processor recognises: a rebuild of 122 schools recognises every one of them again.

use rundgang_inventory::{Fields, Mac, Value, recognise, vocabulary as v};
use std::time::Instant;

/// Recognitions a second that were promised, of a release build.
const GOAL: f64 = 5000.0;
/// Rounds over the examples.
const ROUNDS: u32 = 4000;

/// Devices of several sorts, with as much evidence as a walk brings.
fn devices() -> Vec<(Option<Mac>, Fields)> {
    let text = Value::text;
    let list = |items: &[&str]| Value::List(items.iter().map(|&item| item.to_owned()).collect());
    let mac = |mac: &str| mac.parse().ok();
    vec![
        (
            mac("00:17:c8:00:00:01"),
            Fields::new()
                .with(&v::SNMP_SYS_DESCR, text("KYOCERA Document Solutions Printing System"))
                .with(&v::SNMP_SYS_OBJECT_ID, text("1.3.6.1.4.1.1347.41"))
                .with(&v::SNMP_VENDOR_MODEL, text("ECOSYS M9999idn"))
                .with(&v::SNMP_VENDOR_SERIAL, text("VUL9X99999")),
        ),
        (
            mac("00:11:32:00:00:01"),
            Fields::new()
                .with(&v::HTTP_TITLE, list(&["DiskStation - Synology"]))
                .with(&v::HTTP_SERVER, list(&["nginx"]))
                .with(&v::MDNS_TXT, list(&["_http._tcp vendor=Synology", "_http._tcp model=DS999+"])),
        ),
        (
            None,
            Fields::new()
                .with(&v::MDNS_SERVICES, list(&["_airplay._tcp", "_googlecast._tcp", "_raop._tcp"]))
                .with(
                    &v::MDNS_TXT,
                    list(&["_airplay._tcp model=ActivPanel 9", "_googlecast._tcp md=ActivPanel"]),
                ),
        ),
        (
            mac("00:26:73:00:00:01"),
            Fields::new()
                .with(
                    &v::SNMP_SYS_DESCR,
                    text("Cisco IOS Software, C2960X Software (C2960X-M), Version 15.2(7)E9"),
                )
                .with(&v::SNMP_SYS_OBJECT_ID, text("1.3.6.1.4.1.9.1.1208")),
        ),
        (
            mac("80:5e:c0:00:00:01"),
            Fields::new().with(&v::SIP_USER_AGENT, text("Yealink SIP-T99S 99.84.0.125")),
        ),
        (mac("6c:dc:6a:00:00:01"), Fields::new()),
    ]
}

/// Measures; true where the promise is kept.
#[expect(clippy::print_stdout, reason = "the figure is the output")]
pub(crate) fn run() -> bool {
    let devices = devices();
    let kinds = devices.iter().filter(|(mac, fields)| recognise(*mac, fields).kind.is_some()).count();
    let begun = Instant::now();
    for _ in 0..ROUNDS {
        for (mac, fields) in &devices {
            std::hint::black_box(recognise(*mac, fields));
        }
    }
    let many = f64::from(ROUNDS) * f64::from(u32::try_from(devices.len()).unwrap_or(u32::MAX));
    let rate = many / begun.elapsed().as_secs_f64();
    let whole = kinds == devices.len();
    println!(
        "Recognition: {rate:.0} devices a second on one processor, of >= {GOAL:.0} in a release build; {kinds} of {} kinds known",
        devices.len()
    );
    rate >= GOAL && whole
}
