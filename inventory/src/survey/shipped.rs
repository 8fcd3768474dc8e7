//! The surveys that come with the product.

use super::file::Survey;
use std::sync::LazyLock;

pub(super) const FILES: [(&str, &str); 7] = [
    ("bsi-inventar.toml", include_str!("../../surveys/bsi-inventar.toml")),
    ("digitalpakt.toml", include_str!("../../surveys/digitalpakt.toml")),
    ("digitales-klassenzimmer.toml", include_str!("../../surveys/digitales-klassenzimmer.toml")),
    ("guetersloh-schule.toml", include_str!("../../surveys/guetersloh-schule.toml")),
    ("guetersloh-traeger.toml", include_str!("../../surveys/guetersloh-traeger.toml")),
    ("katalog.toml", include_str!("../../surveys/katalog.toml")),
    ("overzicht-systemen.toml", include_str!("../../surveys/overzicht-systemen.toml")),
];

static SHIPPED: LazyLock<Vec<Survey>> = LazyLock::new(|| {
    // The tests below refuse a release in which one of them does not load.
    FILES.iter().filter_map(|(_, text)| Survey::parse(text).ok()).collect()
});

/// Every shipped survey.
#[must_use]
pub fn shipped() -> &'static [Survey] {
    &SHIPPED
}

/// The text of a shipped survey's file.
#[must_use]
pub fn shipped_text(id: &str) -> Option<&'static str> {
    let texts = FILES.iter().map(|(_, text)| *text);
    texts.into_iter().find(|text| Survey::parse(text).is_ok_and(|survey| survey.id == id))
}

/// The shipped survey of that identifier.
#[must_use]
pub fn survey(id: &str) -> Option<&'static Survey> {
    shipped().iter().find(|survey| survey.id == id)
}

#[cfg(test)]
mod tests {
    use super::super::{
        Answer, AnswerValue, Document, Domain, Fact, Link, OpenFinding, Room, Site, SurveyAsset, SurveyView,
        System, Unit, Walked, answer::PartValue, answer_all,
    };
    use super::*;
    use crate::{Kind, Timestamp};

    const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);

    /// A device of a school that keeps its book well.
    fn device(id: usize, kind: Kind, room: &str) -> SurveyAsset {
        SurveyAsset {
            kind: Some(kind),
            model: Some("M 1".into()),
            room: Some(room.into()),
            bought: Some(NOW.plus_days(if kind == Kind::Server { -2000 } else { -731 })),
            first_seen: Some(NOW.plus_days(-700)),
            generation: (kind == Kind::AccessPoint).then(|| "wifi-6".into()),
            managed: Some(true),
            poe: Some(kind == Kind::Switch),
            supported: Some(kind != Kind::Printer),
            plaintext: Some(kind == Kind::Printer),
            ..SurveyAsset::called(&id.to_string(), &format!("{kind} {id}"))
        }
    }

    fn devices() -> Vec<SurveyAsset> {
        let kinds = [
            (Kind::Switch, "Technik"),
            (Kind::AccessPoint, "R1"),
            (Kind::Board, "R1"),
            (Kind::Projector, "F1"),
            (Kind::DocumentCamera, "F1"),
            (Kind::Server, "Technik"),
            (Kind::Printer, "Büro"),
            (Kind::Camera, "Technik"),
        ];
        let mut all: Vec<SurveyAsset> =
            (1..).zip(kinds).map(|(id, (kind, room))| device(id, kind, room)).collect();
        all.iter_mut()
            .filter(|asset| asset.kind == Some(Kind::Printer))
            .for_each(|asset| asset.documented = false);
        all
    }

    fn rooms() -> Vec<Room> {
        let room = |(name, kind): (&str, &str)| Room {
            name: name.into(),
            kind: kind.into(),
            wifi: Some(name == "R1"),
            lan: Some(true),
            teacher_pc: Some(true),
            document_camera: Some(false),
        };
        [("R1", "class"), ("R2", "class"), ("F1", "subject"), ("Büro", "office"), ("Technik", "technical")]
            .map(room)
            .into()
    }

    fn systems() -> Vec<System> {
        ["lms", "mail", "mdm", "firewall", "school-server", "camera"]
            .map(|kind| System {
                id: kind.into(),
                name: format!("Das {kind}"),
                kind: kind.into(),
                product: Some(format!("Das {kind}")),
                owner: Some("IT-Koordination".into()),
                provider: (kind != "camera").then(|| "Kreis".into()),
                credentials: Some("Tresor".into()),
                reaction_hours: Some(8.0),
                ..System::default()
            })
            .into()
    }

    fn documents() -> Vec<Document> {
        let kinds = "medienkonzept mep finanzplan ausstattungskonzept ausstattungspaket fortbildungsplan \
                     leistungsverzeichnis verarbeitungsverzeichnis personalrat backup-test netzplan";
        let document = |kind: &str| Document {
            id: kind.into(),
            kind: kind.into(),
            title: kind.into(),
            status: "final".into(),
            date: Some(NOW.plus_days(-100)),
        };
        kinds.split_whitespace().map(document).collect()
    }

    /// A school of which everything is known that surveys ask for.
    fn known() -> SurveyView {
        let facts = [
            ("pupils", "600"),
            ("teachers", "50"),
            ("coordinator.hours", "4"),
            ("spend", "60000"),
            ("support.first", "Frau A"),
            ("support.second", "Kreis"),
            ("support.reaction_hours", "8"),
            ("devices.pupil", "150"),
            ("devices.pupil.pc", "30"),
            ("devices.pupil.laptop", "20"),
            ("devices.pupil.tablet", "90"),
            ("devices.pupil.chromebook", "10"),
            ("devices.pupil.internet", "150"),
            ("devices.teacher", "50"),
            ("link.used_p95", "220"),
            ("network.separation", "getrennt"),
        ];
        let fact = |(name, value): (&str, &str)| {
            (name.to_owned(), Fact { value: value.into(), at: NOW, by: "A".into() })
        };
        let link = |down: f64, role: &str, status: &str| Link {
            id: role.into(),
            technology: Some("fibre".into()),
            down: Some(down),
            up: Some(down / 2.0),
            role: role.into(),
            status: status.into(),
        };
        let kept =
            ["board", "display", "projector", "document-camera", "media-receiver", "printer", "switch"];
        let more = ["camera", "bell", "telephony", "building-control", "system", "document"];
        SurveyView {
            as_of: NOW,
            school: "1".into(),
            name: "Schule".into(),
            assets: devices(),
            rooms: rooms(),
            systems: systems(),
            documents: documents(),
            links: vec![link(500.0, "primary", "active"), link(1000.0, "backup", "ordered")],
            findings: vec![OpenFinding { id: "1".into(), rule: "tls.expired".into(), subject: "S".into() }],
            domains: vec![Domain {
                name: "schule.example".into(),
                checked: true,
                spf: Some(true),
                dkim: Some(true),
                dmarc: Some(false),
                mail_host: Some("mail.example".into()),
            }],
            sites: vec![Site { name: "Haupthaus".into(), role: "main".into(), agent: true }],
            facts: facts.map(fact).into(),
            counters: [("personal".to_owned(), 120)].into(),
            walked: Walked {
                expected: 2,
                covered: 2,
                silent: Vec::new(),
                last_round: Some(NOW.plus_days(-3)),
            },
            kept: kept.into_iter().chain(more).map(str::to_owned).collect(),
        }
    }

    fn answered(id: &str, view: &SurveyView) -> Vec<Answer> {
        answer_all(survey(id).expect("shipped"), view, &[])
    }

    #[test]
    fn every_shipped_file_loads_in_three_languages() {
        assert_eq!(shipped().len(), FILES.len(), "a file does not load; `survey check` says why");
        for survey in shipped() {
            let blocks = survey.blocks.iter().map(|block| &block.title);
            let told = survey.thresholds.values().map(|threshold| &threshold.meaning);
            let questions = survey.questions.iter().flat_map(|question| {
                let levels = question.levels.iter().map(|level| &level.text);
                let parts = question.parts.iter().map(|part| &part.text);
                std::iter::once(&question.text).chain(&question.target).chain(levels).chain(parts)
            });
            for text in blocks.chain(told).chain(questions).chain(&survey.note) {
                assert_eq!(text.lacks(), None, "{}: {text:?}", survey.id);
            }
        }
    }

    #[test]
    fn a_school_of_which_everything_is_known_answers_every_question() {
        for survey in shipped().iter().filter(|survey| survey.unit == Unit::School) {
            for (question, answer) in survey.questions.iter().zip(answered(&survey.id, &known())) {
                let is_answered = answer.value.is_some();
                assert_eq!(is_answered, question.is_auto(), "{} {}: {answer:?}", survey.id, question.id);
            }
        }
    }

    #[test]
    fn the_answers_are_those_of_the_school() {
        let check = |survey: &str, question: &str, expected: AnswerValue| {
            let answers = answered(survey, &known());
            let answer = answers.iter().find(|answer| answer.question == question);
            let value = answer.and_then(|answer| answer.value.clone());
            assert_eq!(value, Some(expected), "{survey} {question}: {answer:?}");
        };
        let number = AnswerValue::Number;
        check("digitalpakt", "P1.1", number(500.0));
        check("digitalpakt", "P1.2", number(1000.0));
        check("digitalpakt", "P1.3", AnswerValue::YesNo(true));
        check("digitalpakt", "P2.1", number(1.0));
        check("digitalpakt", "P3.1", number(1.0 / 3.0));
        check("digitalpakt", "P6.2", number(4.0));
        check("digitalpakt", "P7.2", number(3.0));
        check("overzicht-systemen", "O1.1", number(6.0));
        check("overzicht-systemen", "O2.1", number(1.0));
        check("overzicht-systemen", "O2.2", number(0.0));
        check("overzicht-systemen", "O2.3", number(5.0 / 6.0));
        check("overzicht-systemen", "O4.1", number(7.0 / 8.0));
        check("overzicht-systemen", "O4.4", AnswerValue::Level(2));
        for (question, level) in [
            ("ASST.2.1.1", 3),
            ("ASST.2.2", 2),
            ("ASST.2.2.1", 3),
            ("ARCH.2.4", 3),
            ("ARCH.2.5", 3),
            ("INF.13.A8", 3),
        ] {
            check("bsi-inventar", question, AnswerValue::Level(level));
        }
        check("bsi-inventar", "NET.1.2.A10", number(1.0));
        check("bsi-inventar", "A200-2.3", number(1.0));
    }

    #[test]
    fn what_was_not_walked_or_entered_is_open_and_not_unmet() {
        let mut view = known();
        view.walked.silent.push("box-1".into());
        let answers = answered("bsi-inventar", &view);
        let of = |id: &str| answers.iter().find(|answer| answer.question == id).expect("a question");
        assert_eq!((of("A200-2.3").lower, of("A200-2.3").upper), (Some(1.0), None), "a silent agent");
        let table = of("A200-2.1").value.clone();
        let open = |(_, row): &(String, PartValue)| matches!(row, PartValue::Number(n) if n.upper.is_none());
        assert!(matches!(table, Some(AnswerValue::Table(rows)) if rows.iter().all(open)), "counts stay open");
        view.documents.clear();
        view.kept.remove("document");
        let answers = answered("bsi-inventar", &view);
        let plan = answers.iter().find(|answer| answer.question == "ARCH.2.5").expect("a question");
        assert_eq!(
            (&plan.value, plan.lower, plan.upper),
            (&None, Some(1.0), Some(3.0)),
            "nobody said there is none"
        );
    }
}
