//! Properties of the record parsers: no input makes them panic, and no record makes the audit work without bound.

mod hostile;

use super::dkim::{Key, KeyRecord};
use super::dmarc::DmarcRecord;
use super::lookup::{Answer, Outcome, Question, RecordType};
use super::read_by_all;
use super::spf::{Record, Sender, evaluate, is_record, tree};
use super::sts::{StsPolicy, announcement, reporting};
use super::tags::{Tags, announces};
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

/// A tag list of one format: some of its tags with values that fit, half fit, or do not.
fn tags(version: &'static str, names: &'static [&'static str]) -> impl Strategy<Value = String> {
    let value = prop_oneof![
        "(none|quarantine|reject|y|n|s|r|rsa|ed25519|sha1|sha256|sha1:sha256|[0-9]{1,4})",
        "(mailto:|https://)?[a-z]{0,4}@?[a-z.]{0,12}(![0-9]{1,2}m)?(,mailto:b@c\\.example)?",
        "[A-Za-z0-9+/]{0,60}={0,2}",
        "\\PC{0,10}",
    ];
    let tag = (prop::sample::select(names), " ?", value)
        .prop_map(|(name, space, value)| format!("{name}{space}={space}{value}"));
    (prop::collection::vec(tag, 0..8), prop::bool::weighted(0.9)).prop_map(move |(tags, versioned)| {
        format!("{}{}", if versioned { format!("v={version}; ") } else { String::new() }, tags.join("; "))
    })
}

/// A record with a piece cut out and something put in its place.
fn mangled(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (text, any::<prop::sample::Index>(), 0..6_usize, "\\PC{0,4}").prop_map(|(text, at, length, put)| {
        let letters: Vec<char> = text.chars().collect();
        let at = at.index(letters.len() + 1);
        let after = (at + length).min(letters.len());
        letters[..at].iter().copied().chain(put.chars()).chain(letters[after..].iter().copied()).collect()
    })
}

/// DER of something like a public key: elements within elements, with lengths that may be wrong.
fn der() -> impl Strategy<Value = Vec<u8>> {
    let number = prop::collection::vec(any::<u8>(), 0..300).prop_map(|bytes| (0x02_u8, bytes));
    number
        .prop_recursive(4, 16, 3, |inner| {
            (prop::sample::select(vec![0x30_u8, 0x03, 0x02]), prop::collection::vec(inner, 0..3)).prop_map(
                |(tag, inner)| {
                    let content: Vec<u8> =
                        inner.iter().flat_map(|(tag, bytes)| element(*tag, bytes)).collect();
                    (tag, if tag == 0x03 { [vec![0], content].concat() } else { content })
                },
            )
        })
        .prop_map(|(tag, bytes)| element(tag, &bytes))
}

fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX).to_be_bytes();
    [&[tag, 0x82], &length[..], content].concat()
}

/// Text of 64 KiB, the most that a TXT record can hold, made to be laborious: one piece again and again.
fn huge() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "(v=spf1 |include:a\\.example |a |%\\{i\\}|redirect=b\\.example |ip4:10\\.0\\.0\\.1 )",
        "(p=;|t=y;|[a-z]=[a-z];|rua=mailto:a@b\\.example,|h=sha1:|;|=| )",
        "(mx: \\*\\.a\\.example\n|version: STSv1\n|:\n)",
        "\\PC{1,8}",
    ];
    let version = prop::sample::select(vec![
        "v=spf1 ",
        "v=DKIM1; ",
        "v=DMARC1; ",
        "v=STSv1; ",
        "v=TLSRPTv1; ",
        "version: STSv1\n",
        "",
    ]);
    (version, piece).prop_map(|(version, piece)| format!("{version}{}", piece.repeat(65_536 / piece.len())))
}

proptest! {
    #[test]
    fn parsers_take_any_text(text in "\\PC{0,300}", ascii in "[ -~]{0,300}") {
        for text in [&text, &ascii] {
            std::hint::black_box(read_by_all(text));
            let fine = [announcement(text).is_ok(), reporting(text).is_ok(), is_record(text)];
            prop_assert!(fine.iter().filter(|fine| **fine).count() <= 1);
        }
    }

    #[test]
    fn keys_are_read(text in mangled(tags("DKIM1", &["k", "p", "h", "t", "s", "n"])), der in der()) {
        drop(KeyRecord::parse(&text));
        let published = data_encoding::BASE64.encode(&der);
        if let Ok(KeyRecord { key: Key::Rsa(bits), .. }) = KeyRecord::parse(&format!("v=DKIM1; p={published}")) {
            prop_assert!(bits <= der.len() * 8, "{bits} bits in {} octets", der.len());
        }
    }

    #[test]
    fn dmarc_records_are_read(text in mangled(tags("DMARC1", &["p", "sp", "np", "pct", "t", "psd", "rua", "ruf", "fo"]))) {
        if let Ok(record) = DmarcRecord::parse(&text) {
            prop_assert!(record.percent.is_none() || text.contains("pct"));
            prop_assert!(record.reports.iter().all(|address| text.contains(address.as_str())));
        }
    }

    #[test]
    fn announcements_are_read(sts in mangled(tags("STSv1", &["id", "v"])), rpt in mangled(tags("TLSRPTv1", &["rua"]))) {
        prop_assert!(announcement(&sts).is_err() || sts.contains("id"));
        prop_assert!(reporting(&rpt).is_err() || rpt.contains("rua"));
        prop_assert!(!(announces(&sts, "STSv1") && announces(&sts, "TLSRPTv1")));
    }

    #[test]
    fn serials_are_read(
        numbers in prop::collection::vec(any::<u32>(), 5),
        odd in "([0-9a-z.+-]{0,12} ){0,8}|\\PC{0,40}",
    ) {
        let rest: Vec<String> = numbers.iter().map(u32::to_string).collect();
        let soa = |rest: &str| Answer::found(vec![format!("ns.example h.example {rest}")]).serial();
        prop_assert_eq!(soa(&rest.join(" ")), Some(numbers[0]));
        let third = odd.split(' ').next().and_then(|word| word.parse().ok());
        prop_assert_eq!(soa(&odd), third);
        prop_assert_eq!(Answer::found(Vec::new()).serial(), None);
    }

    #[test]
    fn logos_are_read(text in mangled(tags("BIMI1", &["l", "a", "avp"]))) {
        if let Ok(read) = Tags::parse(&text) && announces(&text, "BIMI1") {
            prop_assert!(read.get("v").is_some_and(|version| version.starts_with("BIMI1")));
            prop_assert!(read.get("l").is_none_or(|place| text.contains(place)));
        }
    }

    #[test]
    fn policies_are_read(
        lines in prop::collection::vec("(version|mode|max_age|mx|[a-z]{0,3}) ?:? ?(STSv1|enforce|testing|none|[0-9]{0,12}|\\*?[a-z.]{0,12}|\\PC{0,6})", 0..12),
        host in "[a-z*.]{0,20}",
    ) {
        for end in ["\n", "\r\n"] {
            if let Ok(policy) = StsPolicy::parse(&lines.join(end)) {
                prop_assert!(policy.exchangers.len() <= lines.len());
                prop_assert!(policy.exchangers.iter().all(|name| name.contains('*') || name.is_empty() || policy.allows(name)));
                std::hint::black_box(policy.allows(&host));
            }
        }
    }

    #[test]
    fn sender_policies_are_read(text in mangled(spf())) {
        if is_record(&text) && let Ok(record) = Record::parse(&text) {
            prop_assert!(record.directives.len() <= text.split(' ').count());
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

proptest! {
    // Each of these takes as long as hundreds of the small ones.
    #![proptest_config(ProptestConfig { cases: ProptestConfig::default().cases.div_ceil(16), ..ProptestConfig::default() })]

    #[test]
    fn records_of_64_kib_are_read(text in huge()) {
        std::hint::black_box(read_by_all(&text));
        let zone: BTreeMap<Question, Answer> = BTreeMap::new();
        prop_assert!(tree(&zone, "a.example", &text).needs.len() <= 200);
    }
}
