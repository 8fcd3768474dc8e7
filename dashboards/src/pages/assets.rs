//! The devices of a school as a list, and one device with its evidence and the reasons for what we think it is.

use super::Done;
use super::paging::{Paging, query};
use crate::chrome::{Chrome, csv_file, html, spoken};
use crate::failure::Failure;
use crate::format;
use crate::web::{Visit, WebState};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use rundgang_inventory::certificates::{self, Shown};
use rundgang_inventory::printing::{LOW_PERCENT, Level, Printing, Supply};
use rundgang_inventory::wlan::Wlan;
use rundgang_inventory::{Fields, Kind, Told, Value, vocabulary};
use rundgang_store::ProposedLesson;
use rundgang_store::views::assets::{AssetFilter, AssetLine, AssetPage, Sighting};
use rundgang_store::views::ports::{Plugged, PortLine};
use rundgang_store::views::slices::PART;
use serde::Deserialize;

#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    undocumented: String,
    /// The line behind which the part begins.
    #[serde(default)]
    nach: String,
}

impl Asked {
    fn pairs(&self) -> [(&'static str, &str); 3] {
        [("kind", &self.kind), ("q", &self.q), ("undocumented", &self.undocumented)]
    }

    fn filter(&self) -> AssetFilter {
        AssetFilter {
            kind: self.kind.clone(),
            text: self.q.clone(),
            undocumented: !self.undocumented.is_empty(),
            ..AssetFilter::default()
        }
    }
}

#[derive(Template)]
#[template(path = "assets.html")]
struct ListPage {
    c: Chrome,
    school: i64,
    lines: Vec<AssetLine>,
    kinds: Vec<(String, String)>,
    asked: Asked,
    /// How many the filter lets through.
    count: usize,
    /// Whether the school has any device.
    has_any: bool,
    paging: Paging,
}

impl ListPage {
    fn query(&self) -> String {
        query(&self.asked.pairs())
    }
}

pub(crate) async fn list(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let (filter, after) = (asked.filter(), asked.nach.clone());
    let (entered, known, count, slice) = web
        .ask(move |traeger| {
            let slice = traeger.asset_slice(school, &filter, &after, PART)?;
            let count = traeger.asset_count(school, &filter)?;
            Ok((traeger.school(school)?, traeger.asset_kinds(school)?, count, slice))
        })
        .await?;
    let c = Chrome::new(&visit, visit.language.text("assets-title")).of_school(&entered, "assets");
    let has_any = !known.is_empty();
    let has_unknown = known.contains(&None);
    let mut kinds: Vec<(String, String)> =
        known.into_iter().flatten().map(|kind| (kind.clone(), c.word("kind", &kind))).collect();
    kinds.sort_by(|a, b| a.1.cmp(&b.1));
    if has_unknown {
        kinds.push(("-".to_owned(), c.t("kind-unknown")));
    }
    let path = format!("/schule/{school}/geraete");
    let paging = Paging::new(&path, &asked.pairs(), &asked.nach, slice.next.as_deref());
    html(&ListPage { c, school, lines: slice.lines, kinds, asked, count, has_any, paging })
}

pub(crate) async fn csv(
    State(web): State<WebState>,
    visit: Visit,
    Path(school): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let filter = asked.filter();
    let lines = web.ask(move |traeger| traeger.asset_lines(school, &filter)).await?;
    let c = Chrome::new(&visit, String::new());
    let header: Vec<String> = [
        "column-name",
        "column-kind",
        "column-vendor",
        "column-model",
        "column-serial",
        "column-version",
        "column-address",
        "column-mac",
        "column-segment",
        "column-room",
        "column-system",
        "column-first-seen",
        "column-last-seen",
    ]
    .iter()
    .map(|key| c.t(key))
    .collect();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            vec![
                line.label(),
                c.kind(&line.kind),
                text(&line.vendor),
                text(&line.model),
                text(&line.serial),
                text(&line.os_version),
                line.ip.clone(),
                text(&line.mac),
                line.segment.clone(),
                text(&line.room),
                line.system.as_ref().map(|(_, name)| name.clone()).unwrap_or_default(),
                c.day(&line.first_seen),
                c.day(&line.last_seen),
            ]
        })
        .collect();
    Ok(csv_file("geraete.csv", &header, &rows))
}

/// One statement about the device and why we believe it.
struct Statement {
    label: String,
    value: String,
    confidence: &'static str,
    because: String,
}

#[derive(Template)]
#[template(path = "asset.html")]
struct DetailPage {
    c: Chrome,
    school: i64,
    proposal: Option<ProposedLesson>,
    plugged: Option<Plugged>,
    ports: Vec<PortLine>,
    /// Its forwarding table was not read to its end.
    is_partial: bool,
    view: AssetPage,
    statements: Vec<Statement>,
    printing: Option<Printing>,
    wlan: Option<Wlan>,
    certificates: Vec<Shown>,
}

impl DetailPage {
    fn level(&self, supply: &Supply) -> String {
        match supply.level {
            Level::Percent(percent) => format!("{percent} %"),
            Level::Some => self.c.t("supply-some"),
            Level::Unknown => self.c.t("supply-unknown"),
        }
    }

    fn is_low(&self, supply: &Supply) -> bool {
        matches!(supply.level, Level::Percent(percent) if percent < LOW_PERCENT)
    }

    /// What is behind a port besides devices that are kept: rounded, so that nobody can be made out (promise P3).
    fn others(&self, port: &PortLine) -> String {
        format::counter(u32::try_from(port.others).unwrap_or_default())
    }

    fn vlans(&self, port: &PortLine) -> String {
        let shown = |(vlan, name): &(i64, String)| format!("{vlan} {name}").trim_end().to_owned();
        port.vlans.iter().map(shown).collect::<Vec<_>>().join(", ")
    }

    fn fields(&self, sighting: &Sighting) -> Vec<(String, String, &'static str)> {
        sighting
            .fields
            .iter()
            .map(|(name, value)| {
                let meaning = vocabulary::field(name).map(|field| field.meaning_in(spoken(self.c.language)));
                (name.to_owned(), shown(value, &self.c), meaning.unwrap_or_default())
            })
            .collect()
    }
}

/// A value of evidence in one line.
fn shown(value: &Value, c: &Chrome) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::Int(number) => number.to_string(),
        Value::Time(moment) => c.date(&rundgang_inventory::Timestamp(*moment)),
        Value::Bytes(bytes) => bytes.iter().take(32).map(|byte| format!("{byte:02x}")).collect(),
        Value::List(list) => list.join(", "),
        Value::Table(rows) => {
            // Rows that the agent did not keep are a number, and numbers of devices are rounded (promise P3).
            let cell = |name: &str, value: &Value| match (name, value) {
                ("count", Value::Int(count)) => format::counter(u32::try_from(*count).unwrap_or(0)),
                _ => shown(value, c),
            };
            let row = |row: &rundgang_inventory::Row| {
                let cells: Vec<String> =
                    row.iter().map(|(name, value)| format!("{name}: {}", cell(name, value))).collect();
                cells.join(", ")
            };
            let mut text: Vec<String> = rows.iter().take(20).map(row).collect();
            if rows.len() > 20 {
                text.push("…".to_owned());
            }
            text.join(" · ")
        }
    }
}

pub(crate) async fn detail(
    State(web): State<WebState>,
    visit: Visit,
    Path((school, asset)): Path<(i64, i64)>,
    Query(done): Query<Done>,
) -> Result<Response, Failure> {
    let now = visit.now;
    let (entered, view, proposal, mut wiring) = web
        .ask(move |traeger| {
            let proposal = super::lessons::proposal(traeger, school, asset)?;
            let view = traeger.asset_page(school, asset, now)?;
            Ok((traeger.school(school)?, view, proposal, traeger.wiring(school)?))
        })
        .await?;
    let c = Chrome::new(&visit, view.line.label()).told(done.ok.as_deref()).of_school(&entered, "assets");
    let to_list = (c.t("assets-title"), format!("/schule/{school}/geraete"));
    let c = c.crumb(to_list.0, to_list.1).lead(lead(&visit, &view.line));
    let statements = statements(&c, &view.line);
    let (plugged, ports) =
        (wiring.plugged.remove(&asset), wiring.switches.remove(&asset).unwrap_or_default());
    let is_partial = wiring.partial.contains(&asset);
    let told = told(&view);
    let (printing, wlan) = work(&view, &told);
    let certificates = certificates::shown(&told);
    html(&DetailPage {
        c,
        school,
        proposal,
        plugged,
        ports,
        is_partial,
        view,
        statements,
        printing,
        wlan,
        certificates,
    })
}

/// All that is known of a device, the newest last.
fn told(view: &AssetPage) -> Fields {
    let mut sightings: Vec<&Sighting> = view.evidence.iter().collect();
    sightings.sort_by_key(|sighting| sighting.confirmed);
    let mut fields = Fields::new();
    for sighting in sightings {
        fields.merge(sighting.fields.clone());
    }
    fields.merge(view.counters.clone());
    fields
}

/// What a printer or an access point told of its work.
fn work(view: &AssetPage, fields: &Fields) -> (Option<Printing>, Option<Wlan>) {
    let known = &view.line.recognition;
    let text = |told: &Option<Told<String>>| told.as_ref().map(|told| told.value.clone());
    let (vendor, model) = (text(&known.vendor), text(&known.model));
    match known.kind.as_ref().map(|kind| kind.value) {
        Some(Kind::Printer | Kind::Scanner) => (Printing::read(fields), None),
        Some(Kind::AccessPoint | Kind::WlanController | Kind::Router) => {
            (None, Wlan::read(fields, vendor.as_deref(), model.as_deref()))
        }
        _ => (None, None),
    }
}

fn lead(visit: &Visit, line: &AssetLine) -> String {
    let c = Chrome::new(visit, String::new());
    let model = line.product();
    [c.kind(&line.kind), model].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn statements(c: &Chrome, line: &AssetLine) -> Vec<Statement> {
    fn told<T>(
        c: &Chrome,
        key: &str,
        told: Option<&Told<T>>,
        shown: impl Fn(&T) -> String,
    ) -> Option<Statement> {
        told.map(|told| Statement {
            label: c.t(key),
            value: shown(&told.value),
            confidence: confidence(told.confidence),
            because: crate::phrases::phrase(c.language, &told.because),
        })
    }
    let known = &line.recognition;
    let texts = [
        ("column-vendor", &known.vendor),
        ("column-model", &known.model),
        ("column-serial", &known.serial),
        ("column-version", &known.os_version),
        ("column-hostname", &known.hostname),
    ];
    let kind = told(c, "column-kind", known.kind.as_ref(), |kind| c.word("kind", kind.name()));
    let rest = texts.into_iter().filter_map(|(key, value)| told(c, key, value.as_ref(), Clone::clone));
    kind.into_iter().chain(rest).collect()
}

pub(crate) const fn confidence(confidence: rundgang_inventory::Confidence) -> &'static str {
    match confidence {
        rundgang_inventory::Confidence::High => "high",
        rundgang_inventory::Confidence::Medium => "medium",
        rundgang_inventory::Confidence::Low => "low",
    }
}
