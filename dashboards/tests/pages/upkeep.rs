//! How a school is kept up, for programs: tasks, contacts and offers.

use crate::api::{get, json_of, token};
use crate::sample;
use crate::site::site;
use axum::http::StatusCode;
use rundgang_inventory::Role;
use rundgang_store::{Contact, NewQuestion, Offer, SchoolTask};
use serde_json::{Value, json};

/// Somebody to call at the school and at the Träger, an offer that the school uses, and a task that somebody does.
pub(crate) fn keep_up(traeger: &rundgang_store::Traeger) {
    let by = ("Frau L", sample::NOW);
    for school in [Some(1), None] {
        let function = "IT-Koordination".to_owned();
        traeger.save_contact(&Contact { school, function, ..Contact::default() }, by).expect("a contact");
    }
    let offer = Offer { name: "Lernplattform".to_owned(), kind: "lms".to_owned(), ..Offer::default() };
    let offer = traeger.save_offer(&offer, by).expect("an offer");
    traeger.say_of_offer(1, offer, Some(true), by).expect("used");
    let (task, level) = ("backup".to_owned(), "team".to_owned());
    let task = SchoolTask { task, level, hours: Some(125), ..SchoolTask::default() };
    traeger.save_tasks(1, &[task], by).expect("a task");
    let (whom, text) = ("Kreis IT".to_owned(), "Wann?".to_owned());
    let question =
        NewQuestion { system: 1, whom, text, due: sample::NOW.plus_days(14), ..NewQuestion::default() };
    traeger.pass_on(1, &question, by).expect("passed on");
}

#[tokio::test]
async fn how_a_school_is_kept_up_is_told_to_programs() {
    let site = site(Some("a long enough token here"));
    keep_up(&site.store.traeger(site.traeger));
    let head = token(&site, Role::Head, Some(1));
    let items = async |path: &str| {
        let answer = get(&site, &format!("/api/v1/schools/1/{path}"), &head).await;
        json_of(&answer)["items"].as_array().expect("items").clone()
    };
    let tasks = items("tasks").await;
    let backup = tasks.iter().find(|task| task["task"] == "backup").expect("the task");
    assert_eq!((tasks.len(), &backup["hours"], &backup["level"]), (67, &json!(1.25), &json!("team")));
    assert_eq!(backup["priority"], Value::Null);
    let contacts = items("contacts").await;
    let of: Vec<&Value> = contacts.iter().map(|contact| &contact["school"]).collect();
    assert_eq!(of, [&json!(1), &Value::Null]);
    let offers = items("offers").await;
    assert_eq!((&offers[0]["is_used"], &offers[0]["said"]), (&json!(true), &json!(true)));
    let questions = items("questions").await;
    assert_eq!((&questions[0]["whom"], &questions[0]["answered"]), (&json!("Kreis IT"), &Value::Null));
    let other = get(&site, "/api/v1/schools/2/contacts", &head).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND);
}
