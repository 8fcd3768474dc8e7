//! The pages: server-rendered, German first, usable without JavaScript, with nothing loaded from elsewhere.
//!
//! Reading order: [`router`] lists every address; `guard` decides who is let in and which headers every answer
//! carries; `chrome` is the frame around each page; `pages/` holds one file per page, `templates/` its HTML and
//! `locales/` its texts. Queries live in the store's views.

pub mod book;
mod chart;
mod chrome;
pub mod csv;
mod failure;
pub mod format;
mod guard;
pub mod lists;
mod pages;
mod phrases;
pub mod report;
mod secrets;
pub mod text;
mod web;
mod words;

pub use text::Language;
pub use web::{Config, WebState};

use axum::{Router, middleware, routing::get};

/// Every page of the product. The state names the Träger whose book is shown and who may see it.
pub fn router(state: WebState) -> Router {
    use pages::{
        assets, collected, counters, domains, facts, findings, identity, lessons, login, overview, register,
        run_part, runs, school, search, statics, survey_files, surveys, traeger_surveys,
    };
    Router::new()
        .route("/", get(overview::page))
        .route("/schulen.csv", get(overview::csv))
        .route("/schule/{school}", get(school::page))
        .route("/schule/{school}/geraete", get(assets::list))
        .route("/schule/{school}/geraete.csv", get(assets::csv))
        .route("/schule/{school}/geraet/{asset}", get(assets::detail))
        .route("/schule/{school}/lernen", axum::routing::post(lessons::accept))
        .route("/schule/{school}/zuordnung", get(identity::page).post(identity::decide))
        .route("/schule/{school}/befunde", get(findings::list))
        .route("/schule/{school}/befunde.csv", get(findings::csv))
        .route("/schule/{school}/befund", get(findings::detail).post(findings::decide))
        .route("/schule/{school}/domains", get(domains::page).post(domains::settle))
        .route("/schule/{school}/register", get(register::list))
        .route("/schule/{school}/register.csv", get(register::csv))
        .route("/schule/{school}/register/neu", get(register::blank).post(register::create))
        .route("/schule/{school}/register/{system}", get(register::edit).post(register::save))
        .route("/schule/{school}/register/{system}/loeschen", axum::routing::post(register::remove))
        .route("/schule/{school}/umfragen", get(surveys::list))
        .route("/schule/{school}/umfrage/{survey}", get(surveys::page))
        .route("/schule/{school}/umfrage/{survey}/antwort", axum::routing::post(surveys::save))
        .route("/schule/{school}/umfrage/{survey}/csv", get(survey_files::csv_of_school))
        .route("/schule/{school}/umfrage/{survey}/datei/{form}", get(survey_files::of_school))
        .route("/schule/{school}/umfragelauf/{run}", get(run_part::page).post(run_part::save))
        .route("/schule/{school}/umfragelauf/{run}/datei/{form}", get(run_part::file))
        .route("/schule/{school}/stammdaten", get(facts::page).post(facts::save))
        .route("/schule/{school}/zaehler", get(counters::page))
        .route("/schule/{school}/zaehler.csv", get(counters::csv))
        .route("/umfragen", get(traeger_surveys::list))
        .route("/umfrage/{survey}", get(traeger_surveys::page))
        .route("/umfrage/{survey}/antwort", axum::routing::post(traeger_surveys::save))
        .route("/umfrage/{survey}/csv", get(survey_files::csv_of_traeger))
        .route("/umfrage/{survey}/datei/{form}", get(survey_files::of_traeger))
        .route("/umfrage/{survey}/eroeffnen", get(runs::blank).post(runs::create))
        .route("/umfragelauf/{run}", get(runs::page))
        .route("/umfragelauf/{run}/zurueck", axum::routing::post(runs::give_back))
        .route("/umfragelauf/{run}/erinnert", axum::routing::post(runs::remind))
        .route("/umfragelauf/{run}/einreichen", axum::routing::post(runs::submit))
        .route("/umfragelauf/{run}/datei/{form}", get(runs::file))
        .route("/umfragelauf/{run}/summen", get(runs::totals::page))
        .route("/umfragelauf/{run}/summen.csv", get(runs::totals::csv))
        .route("/suche", get(search::page))
        .route("/erfassung", get(collected::page))
        .route("/sprache/{language}", get(login::language))
        .route("/anmelden", get(login::page).post(login::enter))
        .route("/abmelden", axum::routing::post(login::leave))
        .route("/static/rundgang.css", get(statics::css))
        .route("/static/favicon.svg", get(statics::icon))
        .fallback(failure::nowhere)
        .layer(middleware::from_fn_with_state(state.clone(), guard::guard))
        .with_state(state)
}
