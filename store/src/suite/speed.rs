//! How fast it is: figures for the record, and limits wide enough for a busy machine.

use super::school::{Device, School, day, device, entries, round};
use crate::Store;
use rundgang_inventory::{Value, vocabulary};
use std::time::Instant;

/// A batch of 256 entries of a school of 128 devices.
pub(super) fn a_batch_of_256_is_taken_in_quickly(store: &Store) {
    let mut school = School::new(store);
    let devices: Vec<Device> = (0..128_u8)
        .flat_map(|n| {
            let base = device(&format!("10.0.0.{n}"), &format!("00:26:ab:00:01:{n:02x}"));
            let told =
                base.clone().by("snmp").says(&vocabulary::SNMP_SYS_DESCR, Value::text("Linux switch 5.10"));
            [base.says(&vocabulary::HOST_FOUND_BY, Value::text("arp")), told]
        })
        .collect();
    let mut figures = Vec::new();
    for n in 0..3 {
        let batch = entries(&devices, day(n));
        let begin = Instant::now();
        school.hear(&batch, day(n));
        figures.push(begin.elapsed().as_millis());
    }
    let begin = Instant::now();
    school.hear(&[round(day(3), &["sweep", "snmp"])], day(3));
    println!("256 entries: {figures:?} ms; end of a round: {} ms", begin.elapsed().as_millis());
    assert!(figures.iter().all(|ms| *ms < 10_000), "{figures:?}");
    assert_eq!(school.asset_ids().len(), 128);
}
