//! What a batch may say, tried with what no agent of ours would send.

use super::*;

fn round(coverages: usize, probes: usize) -> v1::Entry {
    let coverage = |segment| v1::Coverage {
        segment: format!("netz {segment}"),
        network: "10.0.0.0/24".to_owned(),
        probes: (0..probes).map(|probe| format!("p{probe}")).collect(),
        complete: true,
    };
    let at = 1_790_812_800_000;
    let coverage = (0..coverages).map(coverage).collect();
    let round = v1::RoundEnd { started_ms: at, ended_ms: at, coverage };
    v1::Entry { entry: Some(v1::entry::Entry::RoundEnd(round)) }
}

fn taken(said: Vec<v1::Entry>) -> Result<Accepted, Refused> {
    entries(v1::Batch { sequence: 1, entries: said })
}

#[test]
fn rounds_name_no_more_than_a_school_has() {
    // A large school: sixty networks and thirty probes, and some rounds that waited together.
    taken((0..8).map(|_| round(60, 30)).collect()).expect("a school's rounds");
    let refused = |entries| {
        let error = taken(entries).expect_err("more than any school has");
        assert_eq!(error, Refused::TooLarge { what: "what the rounds covered", most: MAX_COVERED });
    };
    // Each round by itself is within its bounds.
    refused((0..990).map(|_| round(1, 1_024)).collect());
    refused((0..20).map(|_| round(1_024, 0)).collect());
}
