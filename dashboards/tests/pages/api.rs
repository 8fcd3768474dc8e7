//! The book for programs: every answer is what the document says, tokens open what their role may, parts make a whole.

use crate::examples::{example, is_filled};
use crate::sample;
use crate::site::{Answer, Site, site};
use crate::upkeep::keep_up;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use rundgang_dashboards::{Way, addresses};
use rundgang_inventory::Role;
use rundgang_store::NewApiToken;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A token of a role; each has a mark of its own.
pub(crate) fn token(site: &Site, role: Role, school: Option<i64>) -> String {
    let mark: String = role.name().chars().filter(|c| c.is_alphanumeric()).collect();
    let new = NewApiToken {
        name: format!("Programm {mark}"),
        role,
        school,
        provider: "Systemhaus".to_owned(),
        expires_at: sample::NOW.plus_days(30),
    };
    let made = site.store.traeger(site.traeger).make_token(&new, (&mark, "geheim"), "T", sample::NOW);
    made.expect("a token")
}

pub(crate) async fn call(
    site: &Site,
    verb: &str,
    path: &str,
    token: &str,
    body: Option<&Value>,
    headers: &[(&str, &str)],
) -> Answer {
    let mut request = Request::builder().method(verb).uri(path).header("host", "localhost:8080");
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header("content-type", "application/json");
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    site.send(request.body(body).expect("a request")).await
}

pub(crate) async fn get(site: &Site, path: &str, token: &str) -> Answer {
    call(site, "GET", path, token, None, &[]).await
}

pub(crate) fn json_of(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{error}: {}", answer.text))
}

fn kind(answer: &Answer) -> &str {
    answer.headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// How a value differs from its schema, as far as the document uses JSON Schema; a member that the document does not
/// name differs, too.
fn differs(document: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        let found = document.pointer(name.trim_start_matches('#'));
        return match found {
            Some(found) => differs(document, found, value, at),
            None => vec![format!("{at}: the document has no {name}")],
        };
    }
    if let Some(choices) = schema["oneOf"].as_array() {
        let fitting = choices.iter().filter(|one| differs(document, one, value, at).is_empty()).count();
        return if fitting == 1 {
            Vec::new()
        } else {
            vec![format!("{at}: {value} fits {fitting} of {choices:?}")]
        };
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => return Vec::new(),
    };
    let is = |kind: &str| match kind {
        "string" => value.is_string(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        other => panic!("{at}: the type {other}"),
    };
    if !kinds.iter().any(|kind| is(kind)) {
        return vec![format!("{at}: {value} is no {kinds:?}")];
    }
    let mut all = Vec::new();
    if let Some(text) = value.as_str() {
        let is_day = || rundgang_inventory::Timestamp::parse_date(text).is_some();
        if schema["format"] == "date" && !is_day() {
            all.push(format!("{at}: {text} is no day"));
        }
        if schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
            all.push(format!("{at}: {text} is none of {}", schema["enum"]));
        }
    }
    for (nth, item) in value.as_array().into_iter().flatten().enumerate() {
        all.extend(differs(document, &schema["items"], item, &format!("{at}[{nth}]")));
    }
    if let (Some(properties), Some(members)) = (schema["properties"].as_object(), value.as_object()) {
        for (name, member) in members {
            match properties.get(name) {
                Some(schema) => all.extend(differs(document, schema, member, &format!("{at}.{name}"))),
                None => all.push(format!("{at}.{name} stands in no document")),
            }
        }
        let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
        all.extend(
            required.filter(|name| !members.contains_key(*name)).map(|name| format!("{at}.{name} lacks")),
        );
    }
    all
}

#[test]
fn a_difference_from_the_schema_is_seen() {
    let document = json!({ "components": { "schemas": { "Day": { "type": "string", "format": "date" } } } });
    let day = json!({ "$ref": "#/components/schemas/Day" });
    let schema = json!({
        "type": "object", "required": ["a"],
        "properties": { "a": day, "b": { "oneOf": [day, { "type": "null" }] }, "c": { "type": "array", "items": day },
                        "d": { "type": "string", "enum": ["x"] }, "e": { "type": ["integer", "null"] } },
    });
    let check = |value: Value, expected: usize| {
        let found = differs(&document, &schema, &value, "");
        assert_eq!(found.len(), expected, "{value}: {found:?}");
    };
    check(json!({ "a": "2026-10-01", "b": null, "c": [], "d": "x", "e": null }), 0);
    check(json!({ "a": "2026-10-32" }), 1);
    check(json!({}), 1);
    check(json!({ "a": "2026-10-01", "b": 7, "c": ["x", 1], "d": "y", "e": "1", "f": 1 }), 6);
}

#[tokio::test]
async fn every_route_answers_as_the_document_says() {
    let site = site(Some("a long enough token here"));
    keep_up(&site.store.traeger(site.traeger));
    let admin = token(&site, Role::Administrator, None);
    let told = get(&site, "/api/v1/openapi.json", "").await;
    assert_eq!(told.status, StatusCode::OK, "the document is open: {}", told.text);
    let document = json_of(&told);
    assert_eq!(document["openapi"], "3.1.0");
    let mut named = BTreeSet::new();
    for (pattern, ways) in document["paths"].as_object().expect("paths") {
        for (verb, operation) in
            ways.as_object().expect("ways").iter().filter(|(verb, _)| *verb != "parameters")
        {
            named.insert((pattern.clone(), if verb == "get" { Way::Read } else { Way::Send }));
            let id = operation["operationId"].as_str().expect("a name");
            let (path, body) = example(id);
            assert!(is_filled(pattern, path), "{id}: {path} is no {pattern}");
            if let Some(body) = &body {
                let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
                assert_eq!(differs(&document, schema, body, id), Vec::<String>::new());
            }
            let answer = call(&site, &verb.to_uppercase(), path, &admin, body.as_ref(), &[]).await;
            assert_eq!(answer.status, StatusCode::OK, "{id}: {}", answer.text);
            assert_eq!(kind(&answer), "application/json", "{id}");
            let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
            let found = differs(&document, schema, &json_of(&answer), id);
            assert!(found.is_empty(), "{id}: {found:#?}");
            let items = json_of(&answer)["items"].as_array().map(Vec::len);
            assert_ne!(items, Some(0), "{id}: an empty list shows nothing");
        }
    }
    let there: BTreeSet<(String, Way)> = addresses()
        .into_iter()
        .filter(|(path, _, _)| path.starts_with("/api/"))
        .map(|(path, way, _)| (path.to_owned(), way))
        .collect();
    assert_eq!(named, there, "the document names every address, and none that is not there");
}

/// Way, address, token, what is sent; the status and the word for it.
type Case<'a> = (&'a str, &'a str, &'a str, Option<Value>, u16, &'a str);

#[tokio::test]
async fn what_goes_wrong_is_told_as_problem_details() {
    let site = site(Some("a long enough token here"));
    let (admin, head) = (token(&site, Role::Administrator, None), token(&site, Role::Head, Some(1)));
    let document = json_of(&get(&site, "/api/v1/openapi.json", "").await);
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    let change = |change: Value| Some(change);
    let system = "/api/v1/schools/1/systems/1";
    let cases: Vec<Case<'_>> = vec![
        ("GET", "/api/v1/schools", "", None, 401, "no-token"),
        ("GET", "/api/v1/nowhere", "", None, 401, "no-token"),
        ("GET", "/api/v1/schools", "rundgang_administrator_geraten", None, 401, "no-token"),
        ("GET", "/api/v1/nowhere", &admin, None, 404, "not-found"),
        ("GET", "/api/v1/schools/99", &admin, None, 404, "not-found"),
        ("GET", "/api/v1/schools/x/assets", &admin, None, 400, "refused"),
        ("GET", "/api/v1/schools/2", &head, None, 404, "not-found"),
        ("PATCH", system, &head, change(json!({ "version": 1 })), 403, "not-allowed"),
        ("PATCH", system, &admin, None, 415, "refused"),
        ("PATCH", system, &admin, change(json!([1])), 422, "refused"),
        ("PATCH", system, &admin, change(json!({ "name": "x" })), 422, "unfit-member"),
        ("PATCH", system, &admin, change(json!({ "version": 1, "id": 7 })), 422, "unfit-member"),
        ("PATCH", system, &admin, change(json!({ "version": 1, "school": 2 })), 422, "unfit-member"),
        (
            "PATCH",
            system,
            &admin,
            change(json!({ "version": 1, "purchased": "gestern" })),
            422,
            "unfit-member",
        ),
        ("PATCH", system, &admin, change(json!({ "version": 1, "name": "" })), 422, "unfit-member"),
        (
            "PATCH",
            system,
            &admin,
            change(json!({ "version": 1, "notes": "Passwort: Kreide7!" })),
            422,
            "unfit-member",
        ),
        ("PATCH", system, &admin, change(json!({ "version": 9, "name": "x" })), 409, "conflict"),
        ("PATCH", "/api/v1/schools/2/systems/1", &admin, change(json!({ "version": 1 })), 404, "not-found"),
        ("DELETE", system, &admin, None, 405, "refused"),
        ("GET", "/api/v1/schools/1/assets?limit=0", &admin, None, 400, "unfit-parameter"),
        ("GET", "/api/v1/schools/1/assets?limit=501", &admin, None, 400, "unfit-parameter"),
        ("GET", "/api/v1/schools/1/assets?after=x", &admin, None, 400, "unfit-parameter"),
        ("GET", "/api/v1/schools/1/assets?art=printer", &admin, None, 400, "unfit-parameter"),
        ("GET", "/api/v1/schools/1/findings?after=x", &admin, None, 400, "unfit-parameter"),
        ("GET", "/api/v1/schools/1/findings?state=gone", &admin, None, 400, "unfit-parameter"),
        ("GET", "/api/v1/schools/1/surveys/keine", &admin, None, 404, "not-found"),
        ("GET", "/api/v1/search", &admin, None, 400, "unfit-parameter"),
    ];
    for (verb, path, token, body, status, code) in cases {
        let answer = call(&site, verb, path, token, body.as_ref(), &[]).await;
        let told = format!("{verb} {path} {body:?}: {}", answer.text);
        assert_eq!(answer.status.as_u16(), status, "{told}");
        assert_eq!(kind(&answer), "application/problem+json", "{told}");
        let problem = json_of(&answer);
        assert_eq!(differs(&document, &schema, &problem, "problem"), Vec::<String>::new());
        assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{told}");
        assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{told}");
    }
    let german = [("accept-language", "de")];
    let told = call(&site, "GET", "/api/v1/schools/99", &admin, None, &german).await;
    assert!(told.text.contains("gibt es nicht"), "{}", told.text);
}

/// Every item of a list, asked for in parts of that size.
async fn all_parts(site: &Site, path: &str, token: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), String::new());
    loop {
        let sign = if path.contains('?') { '&' } else { '?' };
        let answer = get(site, &format!("{path}{sign}limit={limit}{after}"), token).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
        let told = json_of(&answer);
        let items = told["items"].as_array().expect("items");
        assert!(items.len() <= limit);
        all.extend(items.iter().cloned());
        match told["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => return all,
        }
    }
}

#[tokio::test]
async fn parts_of_a_list_make_the_whole() {
    let site = site(Some("a long enough token here"));
    let admin = token(&site, Role::Reader, None);
    for path in ["assets", "systems", "findings?state=all", "findings?rule=mail.", "assets?undocumented=true"]
    {
        let path = format!("/api/v1/schools/1/{path}");
        let whole = all_parts(&site, &path, &admin, 500).await;
        assert!(whole.len() > 2, "{path}: {}", whole.len());
        assert_eq!(all_parts(&site, &path, &admin, 1).await, whole, "{path}");
        assert_eq!(all_parts(&site, &path, &admin, 2).await, whole, "{path}");
    }
    let lines = site.store.traeger(site.traeger).findings_page(1, sample::NOW).expect("findings");
    let whole = all_parts(&site, "/api/v1/schools/1/findings?state=all", &admin, 500).await;
    assert_eq!(whole.len(), lines.len());
    let open = lines.iter().filter(|line| line.is_open(sample::NOW)).count();
    assert_eq!(all_parts(&site, "/api/v1/schools/1/findings", &admin, 500).await.len(), open);
    let printers = all_parts(&site, "/api/v1/schools/1/assets?kind=projector", &admin, 500).await;
    assert!(!printers.is_empty() && printers.iter().all(|asset| asset["kind"] == "projector"));
}

#[tokio::test]
async fn a_program_changes_what_its_role_may_and_stands_in_the_log() {
    let site = site(Some("a long enough token here"));
    let own = token(&site, Role::Coordinator, Some(1));
    let traeger = site.store.traeger(site.traeger);
    let before = traeger.system(1).expect("a system");
    let path = "/api/v1/schools/1/systems/1";
    let change =
        json!({ "version": before.version, "owner": "IT-Koordination", "warranty_until": "2028-07-31" });
    let changed = call(&site, "PATCH", path, &own, Some(&change), &[]).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text);
    let after = traeger.system(1).expect("a system");
    let expected = rundgang_store::DocumentedSystem {
        version: before.version + 1,
        owner: "IT-Koordination".to_owned(),
        warranty_until: Some("2028-07-31".to_owned()),
        ..before
    };
    assert_eq!(after, expected, "what was left out stays");
    assert_eq!(traeger.audit_log("system 1").expect("a log")[0].who, "Programm coordinator (API)");
    let again = call(&site, "PATCH", path, &own, Some(&change), &[]).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "nobody overwrites silently");

    let subject = "domain gesamtschule.example";
    let decide = |state: &str, reason: &str| json!({ "rule": "mail.spf.missing", "subject": subject, "state": state, "reason": reason });
    let path = "/api/v1/schools/1/findings/decisions";
    let without = call(&site, "POST", path, &own, Some(&decide("accepted", "")), &[]).await;
    assert_eq!((without.status.as_u16(), json_of(&without)["field"].as_str()), (422, Some("reason")));
    for (day, title) in [(None, "bis wann"), (Some("2026-09-30"), "schon vorbei")] {
        let mut given = decide("accepted", "Im Juli");
        given["until"] = json!(day);
        let german = [("accept-language", "de")];
        let refused = call(&site, "POST", path, &own, Some(&given), &german).await;
        let told = json_of(&refused);
        assert_eq!((refused.status.as_u16(), told["field"].as_str()), (422, Some("until")), "{told}");
        assert!(told.to_string().contains(title), "in the reader's language: {told}");
    }
    let known = call(&site, "POST", path, &own, Some(&decide("acknowledged", "")), &[]).await;
    assert_eq!(json_of(&known)["state"], "acknowledged", "{}", known.text);
    let decisions = traeger.decisions(1, "mail.spf.missing", subject).expect("decisions");
    assert_eq!(decisions.last().map(|last| last.who.as_str()), Some("Programm coordinator (API)"));
    let schools = json_of(&get(&site, "/api/v1/schools", &own).await);
    assert_eq!(schools["items"].as_array().map(Vec::len), Some(1), "of other schools nothing is said");
}

#[tokio::test]
async fn a_token_alone_lets_in_and_guessing_has_to_wait() {
    let site = site(Some("a long enough token here"));
    crate::accounts::open(&site, "k.admin", Role::Administrator, None, "");
    let cookie = crate::accounts::enter(&site, "k.admin").await;
    let path = "/api/v1/schools";
    assert_eq!(
        site.get_as(path, &cookie).await.status,
        StatusCode::UNAUTHORIZED,
        "a cookie opens nothing here"
    );
    let own = token(&site, Role::Reader, None);
    // A program sends no origin of ours, and needs none: nothing sends its token along by itself.
    let origin = [("origin", "https://elsewhere.example")];
    assert_eq!(call(&site, "GET", path, &own, None, &origin).await.status, StatusCode::OK);
    let page = call(&site, "GET", "/schule/1", &own, None, &[]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "a token opens no page");
    for _ in 0..5 {
        assert_eq!(get(&site, path, "rundgang_reader_falsch").await.status, StatusCode::UNAUTHORIZED);
    }
    let late = get(&site, path, &own).await;
    assert_eq!(late.status, StatusCode::TOO_MANY_REQUESTS, "the right one too");
    assert_eq!(late.headers["retry-after"], "900");
    // A mark that no token has is never counted: it could only push out what counts.
    for _ in 0..8 {
        assert_eq!(get(&site, path, "rundgang_erfunden_falsch").await.status, StatusCode::UNAUTHORIZED);
    }
    let other = token(&site, Role::Administrator, None);
    assert_eq!(get(&site, path, &other).await.status, StatusCode::OK, "others go on");
    let traeger = site.store.traeger(site.traeger);
    let id = traeger.tokens().expect("tokens").iter().find(|one| one.mark == "administrator").expect("it").id;
    traeger.revoke_token(id, "T", sample::NOW).expect("withdrawn");
    assert_eq!(get(&site, path, &other).await.status, StatusCode::UNAUTHORIZED, "at once");
}

#[tokio::test]
async fn where_everybody_is_let_in_programs_still_show_their_token() {
    let site = site(None);
    assert_eq!(get(&site, "/api/v1/schools", "").await.status, StatusCode::UNAUTHORIZED);
    let own = token(&site, Role::Reader, None);
    assert_eq!(get(&site, "/api/v1/schools", &own).await.status, StatusCode::OK);
}
