//! Properties of the record parsers: no input makes them panic, and no record makes the audit work without bound.

use super::dkim::KeyRecord;
use super::dmarc::DmarcRecord;
use super::lookup::{Answer, Outcome, Question, RecordType, domain_from};
use super::spf::{MacroText, Record, Sender, evaluate, is_record, tree};
use super::sts::{StsPolicy, announcement, reporting};
use super::tags::Tags;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Something like an SPF record: terms that refer to a handful of names.
fn spf() -> impl Strategy<Value = String> {
    let name = "[a-c](\\.[a-c])?\\.example";
    let term = prop_oneof![
        name.prop_map(|n| format!("include:{n}")),
        name.prop_map(|n| format!("a:{n}/24")),
        name.prop_map(|n| format!("mx:{n}")),
        name.prop_map(|n| format!("exists:%{{ir}}.{n}")),
        name.prop_map(|n| format!("redirect={n}")),
        "[-~?+]?(all|ptr|mx|a|ip4:10\\.0\\.0\\.[0-9]{1,3}(/[0-9]{1,2})?)",
        "\\PC{0,12}",
    ];
    prop::collection::vec(term, 0..30).prop_map(|terms| format!("v=spf1 {}", terms.join(" ")))
}

proptest! {
    #[test]
    fn parsers_take_any_text(text in "\\PC{0,300}", ascii in "[ -~]{0,300}") {
        for text in [&text, &ascii] {
            drop(Record::parse(text));
            drop(Tags::parse(text));
            drop(KeyRecord::parse(text));
            drop(DmarcRecord::parse(text));
            drop(StsPolicy::parse(text));
            drop(MacroText::parse(text, true));
            drop(domain_from(text));
            let fine = [announcement(text).is_ok(), reporting(text).is_ok(), is_record(text)];
            prop_assert!(fine.iter().filter(|fine| **fine).count() <= 1);
        }
    }

    #[test]
    fn any_tree_of_records_ends(records in prop::collection::vec(spf(), 6), ip in any::<[u8; 4]>()) {
        let names = ["a.example", "b.example", "c.example", "a.a.example", "b.a.example", "a.b.example"];
        let mut zone: BTreeMap<Question, Answer> = BTreeMap::new();
        for (name, record) in names.iter().zip(&records) {
            zone.insert(Question::new(name, RecordType::Txt), Answer::found(vec![record.clone()]));
        }
        let sender = Sender::new(ip.into(), "x@a.example", "a.example");
        for _ in 0..400 {
            let mut needs = tree(&zone, "a.example", &records[0]).needs;
            needs.extend(evaluate(&zone, &sender).err().into_iter().flatten());
            if needs.is_empty() {
                return Ok(());
            }
            for need in needs {
                zone.insert(need, Answer::nothing(Outcome::NoName));
            }
        }
        prop_assert!(false, "the questions have no end");
    }
}
