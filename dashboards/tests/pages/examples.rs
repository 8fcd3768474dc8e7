//! An address of each operation that programs can ask, with what is sent there.

use serde_json::{Value, json};

/// One question of each kind: what is sent where.
pub(crate) fn example(id: &str) -> (&'static str, Option<Value>) {
    match id {
        "openapi" => ("/api/v1/openapi.json", None),
        "listSchools" => ("/api/v1/schools?limit=2", None),
        "getSchool" => ("/api/v1/schools/1", None),
        "listAssets" => ("/api/v1/schools/1/assets?limit=500", None),
        "getAsset" => ("/api/v1/schools/1/assets/1", None),
        "listSystems" => ("/api/v1/schools/1/systems", None),
        "getSystem" => ("/api/v1/schools/1/systems/1", None),
        "changeSystem" => (
            "/api/v1/schools/1/systems/1",
            Some(json!({ "version": 1, "deputy": "Sekretariat", "room": null })),
        ),
        "listFindings" => ("/api/v1/schools/1/findings?state=all&limit=500", None),
        "decideFinding" => (
            "/api/v1/schools/1/findings/decisions",
            Some(json!({ "rule": "mail.spf.missing", "subject": "domain gesamtschule.example",
                         "state": "accepted", "reason": "wird im Januar umgestellt", "until": "2027-01-31", "due": "2027-01-15" })),
        ),
        "listSurveys" => ("/api/v1/schools/1/surveys", None),
        "getSurveyAnswers" => ("/api/v1/schools/1/surveys/guetersloh-schule", None),
        "listTasks" => ("/api/v1/schools/1/tasks", None),
        "listContacts" => ("/api/v1/schools/1/contacts", None),
        "listOffers" => ("/api/v1/schools/1/offers", None),
        "listQuestions" => ("/api/v1/schools/1/questions", None),
        "search" => ("/api/v1/search?q=beamer", None),
        other => panic!("no example of {other}"),
    }
}

/// Whether an address is the pattern with its parts filled in.
pub(crate) fn is_filled(pattern: &str, path: &str) -> bool {
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    let fits = |(a, b): (&str, &str)| a == b || a.starts_with('{');
    pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(fits)
}
