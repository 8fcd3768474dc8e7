//! What is written into the large book: one system, lists of ten thousand rows, batches of an agent.

use super::{BATCH, NOW, seen, told};
use anyhow::{Context as _, Result, ensure};
use rundgang_dashboards::{
    book::{Sheet, workbook},
    lists::look,
};
use rundgang_inventory::{Coverage, Entry, Value, lists::Mapping, vocabulary as v};
use rundgang_store::{AgentDetails, NewInvitation, Store, Traeger, views::assets::AssetFilter};
use std::time::{Duration, Instant};

/// A change of one entry is a list's page for whoever waits for it.
const SAVED: Duration = Duration::from_millis(50);
/// What was promised of entering a list.
const LIST: Duration = Duration::from_secs(5);
const ROWS: usize = 10_000;
/// One batch of an agent.
const TAKEN: Duration = Duration::from_secs(1);
const TIMES: usize = 7;

/// Saving one system of the largest school, with the rules that run over it.
pub(super) fn saving(traeger: &Traeger, school: i64) -> Result<bool> {
    let mut took = Vec::new();
    for _ in 0..TIMES {
        let mut system = traeger.systems(school)?.pop().context("a system")?;
        system.owner = format!("IT-Koordination {}", system.version);
        let begin = Instant::now();
        traeger.save_system(&system, "bench", NOW)?;
        took.push(begin.elapsed());
    }
    Ok(told("save a system", took, 0, SAVED))
}

/// A list of ten thousand rows as CSV and as a workbook: looked at, entered, taken back.
pub(super) fn lists(traeger: &Traeger, school: i64) -> Result<bool> {
    let text = |text: &str| text.to_owned();
    let header = ["Bezeichnung", "Art", "Raum", "Seriennummer", "MAC-Adresse", "Dienstleister", "Bemerkung"];
    let row = |number: usize| {
        let kind = ["Drucker", "Beamer", "Switch", "Tablet"][number % 4];
        vec![
            format!("{kind} Liste {number}"),
            text(kind),
            format!("L{:03}", number % 300),
            format!("LST{number:06}"),
            format!("00:26:ac:{:02x}:{:02x}:{:02x}", number >> 16, number >> 8 & 0xff, number & 0xff),
            format!("Dienstleister {}", number % 7),
            format!("aus der Liste, Zeile {number}"),
        ]
    };
    let header = header.iter().map(|name| text(name)).collect();
    let sheet = Sheet { name: "Liste", header, rows: (0..ROWS).map(row).collect() };
    let files = [("CSV", sheet.csv().into_bytes()), ("XLSX", workbook(&[sheet])?)];
    let mut fast = true;
    for (form, bytes) in files {
        let begin = Instant::now();
        let looked = look(traeger, &bytes, None, Some(school), Mapping::default())?;
        let would = traeger.look_at_list(&looked.rows)?;
        ensure!(
            would.systems == ROWS,
            "{form}: {} of {ROWS}, {:?}",
            would.systems,
            looked.read.problems.first()
        );
        fast &= told(&format!("look at {ROWS} rows of {form}"), vec![begin.elapsed()], bytes.len(), LIST);
        let begin = Instant::now();
        let looked = look(traeger, &bytes, None, Some(school), Mapping::default())?;
        let entered = traeger.enter_list(form, &looked.rows, &looked.said, ("bench", NOW))?;
        fast &= told(&format!("enter {ROWS} rows of {form}"), vec![begin.elapsed()], bytes.len(), LIST);
        ensure!(entered.systems == ROWS, "{} were entered", entered.systems);
        let begin = Instant::now();
        traeger.take_list_back(entered.list, "bench", NOW)?;
        fast &= told(&format!("take {ROWS} rows of {form} back"), vec![begin.elapsed()], 0, LIST);
    }
    Ok(fast)
}

/// Batches of an agent of the largest school: of what it tells anew about known devices, and the end of a round.
pub(super) fn batches(store: &Store, traeger: &Traeger, school: i64) -> Result<bool> {
    let (token, now) = (format!("another {}", traeger.agents()?.len()), NOW.plus_days(1));
    let invitation = NewInvitation {
        school,
        token_hash: &token,
        note: "",
        needs_approval: false,
        expires_at: now.plus_days(1),
    };
    traeger.invite(&invitation, ("K", now))?;
    let details = AgentDetails {
        name: "second box",
        version: "1",
        fingerprint: "",
        certificate_until: now.plus_days(30),
    };
    let agent =
        store.redeem_invitation(&token, &details, now, |_| Ok(format!("fingerprint of {token}")))?.agent;
    let (mut took, mut sequence) = (Vec::new(), 0);
    for turn in 0..TIMES {
        let told = |index: usize| {
            let mut observation = seen(0, turn * BATCH + index);
            observation.at = now;
            observation.fields =
                observation.fields.with(&v::HTTP_TITLE, Value::List(vec![format!("page {index}")]));
            Entry::Observation { index: u32::try_from(index).unwrap_or(0), observation }
        };
        let entries: Vec<Entry> = (0..200).map(told).collect();
        sequence += 1;
        let begin = Instant::now();
        traeger.append_batch(school, agent, sequence, &entries, now)?;
        took.push(begin.elapsed());
    }
    let fast = told("take in a batch of 200 observations", took, 0, TAKEN);
    let coverage = vec![Coverage::whole("Unterricht", "10.1.0.0/16", &["sweep", "snmp", "ipp", "pjlink"])];
    let begin = Instant::now();
    traeger.append_batch(
        school,
        agent,
        sequence + 1,
        &[Entry::RoundEnd { started: now, ended: now, coverage }],
        now,
    )?;
    Ok(told("take in the end of a round", vec![begin.elapsed()], 0, TAKEN) && fast)
}

/// Forgetting devices, as a data subject asks and as retention does.
pub(super) fn forgetting(traeger: &Traeger, school: i64) -> Result<bool> {
    let some = traeger.asset_slice(school, &AssetFilter::default(), "", TIMES)?.lines;
    let mut took = Vec::new();
    for line in &some {
        let begin = Instant::now();
        traeger.forget_asset(line.id)?;
        took.push(begin.elapsed());
    }
    Ok(told("forget a device", took, 0, SAVED))
}
