//! What is known of a school for its surveys, and the answers that people gave.
//!
//! What people enter for a whole school (pupils, support contacts) are settings named `fact.NAME`; lists a person
//! keeps complete are settings named `kept.LIST`.

mod entered;

use super::overview::walks;
use crate::{
    answers::{NewAnswer, Source},
    error::{Error, Result},
    store::{Traeger, Tx, cells},
};
use entered::{counters, documents, domain_view, links, sites, systems};
use rundgang_inventory::{
    Confidence, Fields, Kind, Timestamp,
    survey::{self, Fact, Noun, SurveyAsset, SurveyView, Walked},
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A person's answer to one question; the machine's stands beside it and never replaces it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonAnswer {
    /// The value as entered; a level is its number. Empty where only a comment was given.
    pub value: String,
    /// The comment.
    pub comment: String,
    /// Who.
    pub who: String,
    /// When.
    pub at: Timestamp,
    /// What the machine said at that time, to show the drift; empty where nothing.
    pub machine: String,
}

/// A fact as it is stored in a setting.
#[derive(Serialize, Deserialize)]
struct StoredFact {
    value: String,
    at: Timestamp,
    by: String,
}

impl Traeger {
    /// What is known of one school.
    ///
    /// # Errors
    /// There is no such school, or the database failed.
    pub fn survey_view(&self, school: i64, now: Timestamp) -> Result<SurveyView> {
        let entered = self.school(school)?;
        let findings = self.findings_page(school, now)?;
        let mut view = self.read(|tx| school_view(tx, school, now))?;
        view.name = entered.entered.name;
        for (name, number) in [("pupils", entered.entered.pupils), ("teachers", entered.entered.teachers)] {
            if let Some(number) = number {
                let fact = Fact { value: number.to_string(), at: now, by: String::new() };
                view.facts.entry(name.to_owned()).or_insert(fact);
            }
        }
        for domain in self.domains(school)? {
            view.domains.push(domain_view(domain, &findings));
        }
        let plaintext: BTreeSet<String> = findings
            .iter()
            .filter(|finding| finding.closed.is_none() && finding.rule == "snmp.public-community")
            .map(|finding| finding.subject.clone())
            .collect();
        for asset in &mut view.assets {
            asset.plaintext = Some(plaintext.contains(&format!("asset {}", asset.id)));
        }
        view.findings = findings
            .iter()
            .filter(|finding| finding.closed.is_none() && finding.unknown_since.is_none())
            .map(|finding| survey::OpenFinding {
                id: format!("{}|{}", finding.rule, finding.subject),
                rule: finding.rule.clone(),
                subject: finding.label.clone(),
            })
            .collect();
        Ok(view)
    }

    /// What is known of the Träger itself and of each of its schools that is no example.
    ///
    /// # Errors
    /// The database failed.
    pub fn survey_views(&self, now: Timestamp) -> Result<(SurveyView, Vec<SurveyView>)> {
        let all = self.schools()?;
        // Examples count only where there is nothing else, as on the first start.
        let only_examples = all.iter().all(|school| school.entered.is_example);
        let real = all.iter().filter(|school| only_examples || !school.entered.is_example);
        let schools = real.map(|school| self.survey_view(school.id, now)).collect::<Result<Vec<_>>>()?;
        let mut own = SurveyView { as_of: now, ..SurveyView::default() };
        self.read(|tx| {
            (own.facts, own.kept) = facts(tx, 0)?;
            Ok(())
        })?;
        // A document of the Träger is entered under a fact, since documents belong to schools.
        own.documents = own
            .facts
            .iter()
            .filter_map(|(name, fact)| {
                let kind = name.strip_prefix("document.")?;
                Some(survey::Document {
                    id: name.clone(),
                    kind: kind.to_owned(),
                    title: kind.to_owned(),
                    status: "final".to_owned(),
                    date: Timestamp::parse_date(&fact.value),
                })
            })
            .collect();
        Ok((own, schools))
    }

    /// The facts of a school, or of the Träger where `school` is `None`.
    ///
    /// # Errors
    /// The database failed.
    pub fn facts(&self, school: Option<i64>) -> Result<BTreeMap<String, Fact>> {
        self.read(|tx| facts(tx, school.unwrap_or(0)).map(|(facts, _)| facts))
    }

    /// The lists of a school that a person keeps complete.
    ///
    /// # Errors
    /// The database failed.
    pub fn kept_lists(&self, school: Option<i64>) -> Result<BTreeSet<String>> {
        self.read(|tx| facts(tx, school.unwrap_or(0)).map(|(_, kept)| kept))
    }

    /// Enters a fact; an empty value takes it away.
    ///
    /// # Errors
    /// The database failed.
    pub fn enter_fact(
        &self,
        school: Option<i64>,
        name: &str,
        value: &str,
        by: &str,
        now: Timestamp,
    ) -> Result<()> {
        let stored = StoredFact { value: value.trim().to_owned(), at: now, by: by.to_owned() };
        self.set_setting(school, &format!("fact.{name}"), &serde_json::to_string(&stored)?)
    }

    /// Says whether a person keeps a list complete.
    ///
    /// # Errors
    /// The database failed.
    pub fn keep_list(&self, school: Option<i64>, list: &str, kept: bool) -> Result<()> {
        self.set_setting(school, &format!("kept.{list}"), if kept { "yes" } else { "" })
    }

    /// The answers people gave to a survey, by question; `school` is `None` for the Träger's own.
    ///
    /// # Errors
    /// The database failed.
    pub fn person_answers(
        &self,
        school: Option<i64>,
        survey: &str,
        now: Timestamp,
    ) -> Result<BTreeMap<String, PersonAnswer>> {
        if let Some(school) = school {
            let answers = self.answers_as_of(school, survey, now, now)?.into_iter();
            return answers
                .filter(|answer| answer.source == Source::Person)
                .map(|answer| {
                    let text = |name: &str| answer.value[name].as_str().unwrap_or_default().to_owned();
                    let person = PersonAnswer {
                        value: text("value"),
                        machine: text("machine"),
                        comment: answer.comment,
                        who: answer.who,
                        at: answer.recorded_at,
                    };
                    Ok((answer.question, person))
                })
                .collect();
        }
        // Answers belong to schools; those of the Träger itself are settings of its own.
        let prefix = format!("answer.{survey}.");
        let sql = "SELECT name, value FROM setting WHERE traeger_id = $1 AND school_id = 0";
        let rows = self.read(|tx| tx.list(sql, &[], |row| Ok((row.text(0)?, row.text(1)?))))?;
        rows.into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(&prefix)?.to_owned(), value)))
            .map(|(question, value)| Ok((question, serde_json::from_str(&value)?)))
            .collect()
    }

    /// Records a person's answer beside the machine's.
    ///
    /// # Errors
    /// There is no such school, the answer is too long or looks like a secret, or the database failed.
    pub fn answer_question(
        &self,
        school: Option<i64>,
        survey: &str,
        question: &str,
        answer: &PersonAnswer,
    ) -> Result<()> {
        if answer.value.len() + answer.comment.len() > 20_000 {
            return Err(Error::Refused("an answer and its comment hold at most 20000 characters".to_owned()));
        }
        let Some(school) = school else {
            let name = format!("answer.{survey}.{question}");
            return self.set_setting(None, &name, &serde_json::to_string(answer)?);
        };
        let new = NewAnswer {
            school,
            survey,
            question,
            source: Source::Person,
            value: serde_json::json!({ "value": answer.value, "machine": answer.machine }),
            comment: &answer.comment,
            evidence: serde_json::Value::Null,
            who: &answer.who,
            valid_from: answer.at,
        };
        self.record_answer(&new, answer.at)
    }
}

fn facts(tx: &mut Tx<'_>, school: i64) -> Result<(BTreeMap<String, Fact>, BTreeSet<String>)> {
    let sql = "SELECT name, value FROM setting WHERE traeger_id = $1 AND school_id = $2";
    let (mut facts, mut kept) = (BTreeMap::new(), BTreeSet::new());
    for (name, value) in tx.list(sql, cells![school], |row| Ok((row.text(0)?, row.text(1)?)))? {
        if let Some(name) = name.strip_prefix("fact.") {
            let stored: StoredFact = serde_json::from_str(&value)?;
            if !stored.value.is_empty() {
                facts.insert(name.to_owned(), Fact { value: stored.value, at: stored.at, by: stored.by });
            }
        } else if let Some(list) = name.strip_prefix("kept.").filter(|_| value == "yes") {
            kept.insert(list.to_owned());
        }
    }
    Ok((facts, kept))
}

fn school_view(tx: &mut Tx<'_>, school: i64, now: Timestamp) -> Result<SurveyView> {
    let stand = walks(tx, Some(school), now)?.remove(&school).unwrap_or_default();
    let (facts, kept) = facts(tx, school)?;
    let walked = Walked {
        expected: stand.expected,
        covered: stand.covered,
        silent: stand.silent.clone(),
        last_round: stand.last_round,
    };
    let has_agent = stand.agents > 0;
    Ok(SurveyView {
        as_of: now,
        school: school.to_string(),
        assets: assets(tx, school, &walked)?,
        rooms: rooms(tx, school)?,
        systems: systems(tx, school)?,
        links: links(tx, school)?,
        documents: documents(tx, school)?,
        sites: sites(tx, school, has_agent)?,
        counters: counters(tx, school, now)?,
        facts,
        kept,
        walked,
        ..SurveyView::default()
    })
}

/// Found devices, and documented ones that stand for no found device.
fn assets(tx: &mut Tx<'_>, school: i64, walked: &Walked) -> Result<Vec<SurveyAsset>> {
    let found =
        "SELECT a.id, a.kind, a.vendor, a.model, a.hostname, a.ip, a.first_seen, a.last_seen, a.recognition,
          s.id, s.name, r.name, s.purchased
        FROM asset a
        LEFT JOIN stands_for f ON f.traeger_id = a.traeger_id AND f.asset_id = a.id
        LEFT JOIN documented_system s ON s.traeger_id = f.traeger_id AND s.id = f.system_id
        LEFT JOIN room r ON r.traeger_id = a.traeger_id AND r.id = s.room_id
        WHERE a.traeger_id = $1 AND a.school_id = $2 ORDER BY a.id, s.id";
    // A device counts as seen when the last rounds confirmed it; days are all that is kept.
    let since = walked.last_round.map(|ended| ended.plus_days(-super::FRESH_DAYS).day());
    let mut assets = tx.list(found, cells![school], |row| {
        let recognition: rundgang_inventory::Recognition =
            serde_json::from_str(&row.text(8)?).unwrap_or_default();
        let kind: Option<Kind> = row.maybe_text(1)?.and_then(|kind| kind.parse().ok());
        let (vendor, model, hostname) = (row.maybe_text(2)?, row.maybe_text(3)?, row.maybe_text(4)?);
        let (system, last_seen) = (row.maybe_int(9)?, row.moment(7)?);
        let label = row.maybe_text(10)?.or(hostname).or_else(|| model.clone());
        Ok(SurveyAsset {
            id: row.int(0)?.to_string(),
            label: label.map_or_else(|| row.text(5), Ok)?,
            kind,
            confidence: recognition.kind.map_or(Confidence::Low, |told| told.confidence),
            vendor,
            model,
            room: row.maybe_text(11)?,
            documented: system.is_some(),
            seen: since.is_some_and(|since| last_seen >= since),
            networked: true,
            bought: row.maybe_text(12)?.as_deref().and_then(Timestamp::parse_date),
            first_seen: Some(row.moment(6)?),
            services: recognition.services,
            generation: None,
            managed: None,
            poe: None,
            supported: None,
            plaintext: None,
        })
    })?;
    assets.dedup_by(|later, earlier| later.id == earlier.id);
    mark_managed(tx, school, &mut assets)?;
    let only_documented = "SELECT s.id, s.kind, s.name, r.name, s.purchased, s.mac, s.segment, s.status
        FROM documented_system s LEFT JOIN room r ON r.traeger_id = s.traeger_id AND r.id = s.room_id
        WHERE s.traeger_id = $1 AND s.school_id = $2 AND s.deleted_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM stands_for f WHERE f.traeger_id = s.traeger_id AND f.system_id = s.id)";
    let rows = tx.list(only_documented, cells![school], |row| {
        let kind: Option<Kind> = row.text(1)?.parse().ok();
        let networked = !row.text(5)?.is_empty() || !row.text(6)?.is_empty();
        let in_use = row.text(7)? == "in-use";
        Ok(kind.filter(|_| in_use).map(|kind| (kind, networked, row.clone())))
    })?;
    for (kind, networked, row) in rows.into_iter().flatten() {
        assets.push(SurveyAsset {
            id: format!("system {}", row.int(0)?),
            label: row.text(2)?,
            kind: Some(kind),
            confidence: Confidence::High,
            vendor: None,
            model: None,
            room: row.maybe_text(3)?,
            documented: true,
            seen: false,
            networked,
            bought: row.maybe_text(4)?.as_deref().and_then(Timestamp::parse_date),
            first_seen: None,
            services: Vec::new(),
            generation: None,
            managed: None,
            poe: None,
            supported: None,
            plaintext: None,
        });
    }
    Ok(assets)
}

/// What answers SNMP is managed.
fn mark_managed(tx: &mut Tx<'_>, school: i64, assets: &mut [SurveyAsset]) -> Result<()> {
    let sql = "SELECT k.asset_id, o.fields FROM present p
         JOIN observation o ON o.traeger_id = p.traeger_id AND o.id = p.observation_id
         JOIN identity_key k ON k.traeger_id = p.traeger_id AND k.id = p.key_id
         WHERE p.traeger_id = $1 AND p.school_id = $2 AND p.probe LIKE 'snmp%' AND k.asset_id IS NOT NULL";
    let rows = tx.list(sql, cells![school], |row| Ok((row.int(0)?, row.text(1)?)))?;
    let managed: BTreeSet<String> = rows
        .into_iter()
        .filter(|(_, fields)| serde_json::from_str::<Fields>(fields).is_ok_and(|fields| !fields.is_empty()))
        .map(|(asset, _)| asset.to_string())
        .collect();
    for asset in assets {
        asset.managed = Some(managed.contains(&asset.id));
    }
    Ok(())
}

/// Rooms; what stands there is kept as words: `wlan`, `lehrer-pc`, `dokumentenkamera`; `kein-` before a word denies it.
fn rooms(tx: &mut Tx<'_>, school: i64) -> Result<Vec<survey::Room>> {
    let sql = "SELECT name, kind, sockets, equipment FROM room WHERE traeger_id = $1 AND school_id = $2 ORDER BY name";
    tx.list(sql, cells![school], |row| {
        let equipment = row.text(3)?.to_lowercase();
        let words: BTreeSet<&str> =
            equipment.split([' ', ',', ';']).filter(|word| !word.is_empty()).collect();
        let told = |word: &str, other: &str| {
            let denied = format!("kein-{word}");
            match (words.contains(word) || words.contains(other), words.contains(denied.as_str())) {
                (true, _) => Some(true),
                (false, true) => Some(false),
                (false, false) => None,
            }
        };
        Ok(survey::Room {
            name: row.text(0)?,
            kind: room_kind(&row.text(1)?).to_owned(),
            wifi: told("wlan", "wifi"),
            lan: row.maybe_int(2)?.map(|sockets| sockets > 0),
            teacher_pc: told("lehrer-pc", "teacher-pc"),
            document_camera: told("dokumentenkamera", "document-camera"),
        })
    })
}

/// The kind of room that surveys ask for, from what people write.
#[must_use]
pub fn room_kind(written: &str) -> &'static str {
    let word = written.trim().to_lowercase();
    let is = |starts: &[&str]| starts.iter().any(|start| word.starts_with(start));
    if is(&["class", "klass", "lokaal"]) {
        "class"
    } else if is(&["subject", "fach", "vak", "lab"]) {
        "subject"
    } else if is(&["office", "büro", "verwaltung", "sekretariat", "kantoor"]) {
        "office"
    } else if is(&["server", "technik", "technical", "techni"]) {
        "technical"
    } else if word.is_empty() {
        ""
    } else {
        "other"
    }
}

/// Kinds whose lists a person may declare complete, because they need not be in the network.
#[must_use]
pub fn keepable() -> Vec<String> {
    let kinds = [
        Kind::Board,
        Kind::Display,
        Kind::Projector,
        Kind::DocumentCamera,
        Kind::Printer,
        Kind::Switch,
        Kind::Camera,
        Kind::Telephony,
        Kind::BuildingControl,
        Kind::Bell,
        Kind::MediaReceiver,
    ];
    let lists = [Noun::System, Noun::Document];
    let kinds = kinds.iter().map(|kind| kind.name().to_owned());
    kinds.chain(lists.iter().map(|noun| noun.word().to_owned())).collect()
}
