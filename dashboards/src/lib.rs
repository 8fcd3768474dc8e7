//! The pages: server-rendered, German first, usable without JavaScript, with nothing loaded from elsewhere.
//!
//! Reading order: `plan` lists every address with what is done there; `guard` decides who is let in and which headers
//! every answer carries; `chrome` is the frame around each page; `pages/` holds one file per page, `templates/` its HTML and
//! `locales/` its texts. Queries live in the store's views.

mod api;
pub mod book;
mod chart;
mod chrome;
pub mod csv;
pub mod digest;
mod drafts;
mod entry;
mod failure;
pub mod format;
mod guard;
pub mod leaving;
pub mod lists;
mod mailto;
mod pages;
mod phrases;
mod plan;
mod received;
pub mod reminder;
pub mod report;
mod secrets;
pub mod sign_in;
pub mod structure;
pub mod text;
mod web;
mod webhook;
mod words;

pub use entry::invitation;
pub use guard::escaped;
pub use pages::tokens::{ROLES as PROGRAM_ROLES, random_token};
pub use plan::Way;
pub use text::Language;
pub use web::{Config, WebState};
pub use webhook::message as weekly_message;

use axum::{Router, middleware};
use plan::{Doors, Plan};
use rundgang_inventory::Action;

/// Every page of the product. The state names the Träger whose book is shown and who may see it.
pub fn router(state: WebState) -> Router {
    let (router, doors) = plan().built();
    router
        .fallback(failure::nowhere)
        .layer(middleware::from_fn_with_state((state.clone(), doors), guard::guard))
        .with_state(state)
}

/// Every address of the pages with what is done there, as the guard knows it; `None` is open to everybody.
#[must_use]
pub fn addresses() -> Vec<(&'static str, Way, Option<Action>)> {
    let (_, doors): (_, Doors) = plan().built();
    doors.all()
}

fn plan() -> Plan {
    let pages = people(of_surveys(of_schools(Plan::new())));
    api::OPERATIONS.iter().fold(pages, Plan::operate)
}

/// The book of one school.
fn of_schools(plan: Plan) -> Plan {
    use Action::{EditBook, EditTraeger, SeeBook};
    use pages::{
        assets, contacts, counters, domain, domains, facts, findings, identity, import, leaving, lessons,
        log, questions, reconcile, register, rooms, school, tasks,
    };
    plan.see("/schule/{school}", SeeBook, school::page)
        .see("/schule/{school}/geraete", SeeBook, assets::list)
        .see("/schule/{school}/geraete.csv", SeeBook, assets::csv)
        .see("/schule/{school}/geraet/{asset}", SeeBook, assets::detail)
        .send("/schule/{school}/lernen", EditBook, lessons::accept)
        .see("/schule/{school}/zuordnung", SeeBook, identity::page)
        .send("/schule/{school}/zuordnung", EditBook, identity::decide)
        .see("/schule/{school}/befunde", SeeBook, findings::list)
        .see("/schule/{school}/befunde.csv", SeeBook, findings::csv)
        .see("/schule/{school}/befund", SeeBook, findings::detail)
        .send("/schule/{school}/befund", EditBook, findings::decide)
        .send("/schule/{school}/befund/faellig", EditBook, findings::set_due)
        .see("/schule/{school}/domains", SeeBook, domains::page)
        .send("/schule/{school}/domains", EditBook, domains::settle)
        .see("/schule/{school}/domain/{name}", SeeBook, domain::page)
        .send("/schule/{school}/domain/{name}", EditBook, domain::save)
        .see("/schule/{school}/register", SeeBook, register::list)
        .see("/schule/{school}/register.csv", SeeBook, register::csv)
        .see("/schule/{school}/buch/{form}", SeeBook, pages::book::file)
        .see("/schule/{school}/register/neu", EditBook, register::blank)
        .send("/schule/{school}/register/neu", EditBook, register::create)
        .see("/schule/{school}/register/{system}", SeeBook, register::edit)
        .send("/schule/{school}/register/{system}", EditBook, register::save)
        .send("/schule/{school}/register/{system}/loeschen", EditBook, register::remove)
        .see("/schule/{school}/register/{system}/frage", EditBook, questions::blank)
        .send("/schule/{school}/register/{system}/frage", EditBook, questions::pass_on)
        .see("/schule/{school}/fragen", SeeBook, questions::list)
        .see("/schule/{school}/frage/{question}", SeeBook, questions::page)
        .send("/schule/{school}/frage/{question}", EditBook, questions::save)
        .see("/schule/{school}/abgleich", SeeBook, reconcile::page)
        .send("/schule/{school}/abgleich", EditBook, reconcile::settle)
        .see("/schule/{school}/raeume", SeeBook, rooms::page)
        .send("/schule/{school}/raeume", EditBook, rooms::save)
        .see("/schule/{school}/einlesen", EditBook, import::page)
        .send("/schule/{school}/einlesen", EditBook, import::receive)
        .send("/schule/{school}/einlesen/eintragen", EditBook, import::settle)
        .send("/schule/{school}/einlesen/zuruecknehmen", EditBook, import::take_back)
        .see("/schule/{school}/stammdaten", SeeBook, facts::page)
        .send("/schule/{school}/stammdaten", EditBook, facts::save)
        .see("/schule/{school}/aufgaben", SeeBook, tasks::page)
        .send("/schule/{school}/aufgaben", EditBook, tasks::save)
        .see("/schule/{school}/kontakte", SeeBook, contacts::page)
        .send("/schule/{school}/kontakte", EditBook, contacts::save)
        .see("/schule/{school}/mitnehmen", EditTraeger, leaving::page)
        .see("/schule/{school}/mitnehmen.zip", EditTraeger, leaving::file)
        .send("/schule/{school}/mitnehmen", EditTraeger, leaving::remove)
        .see("/schule/{school}/protokoll", SeeBook, log::page)
        .see("/schule/{school}/protokoll.csv", SeeBook, log::csv)
        .see("/schule/{school}/zaehler", SeeBook, counters::page)
        .see("/schule/{school}/zaehler.csv", SeeBook, counters::csv)
}

/// Surveys: of a school, of the Träger, and the runs of both.
fn of_surveys(plan: Plan) -> Plan {
    use Action::{EditBook, EditTraeger, SeeBook, SeeTotals, SeeTraeger};
    use pages::{run_part, runs, survey_files, survey_import, survey_template, surveys, traeger_surveys};
    plan.see("/schule/{school}/umfragen", SeeBook, surveys::list)
        .see("/schule/{school}/umfrage/{survey}", SeeBook, surveys::page)
        .send("/schule/{school}/umfrage/{survey}/antwort", EditBook, surveys::save)
        .see("/schule/{school}/umfrage/{survey}/csv", SeeBook, survey_files::csv_of_school)
        .see("/schule/{school}/umfrage/{survey}/datei/{form}", SeeBook, survey_files::of_school)
        .see("/schule/{school}/umfrage/{survey}/vordruck", SeeBook, survey_template::of_school)
        .send("/schule/{school}/umfrage/{survey}/vordruck", SeeBook, survey_template::fill_of_school)
        .see("/schule/{school}/umfragelauf/{run}", SeeBook, run_part::page)
        .send("/schule/{school}/umfragelauf/{run}", EditBook, run_part::save)
        .see("/schule/{school}/umfragelauf/{run}/datei/{form}", SeeBook, run_part::file)
        .see("/schule/{school}/umfragelauf/{run}/vordruck", SeeBook, survey_template::of_part)
        .send("/schule/{school}/umfragelauf/{run}/vordruck", SeeBook, survey_template::fill_of_part)
        .see("/umfragen", SeeTraeger, traeger_surveys::list)
        .see("/umfragen/einlesen", EditTraeger, survey_import::page)
        .send("/umfragen/einlesen", EditTraeger, survey_import::receive)
        .see("/umfrage/{survey}", SeeTraeger, traeger_surveys::page)
        .send("/umfrage/{survey}/antwort", EditTraeger, traeger_surveys::save)
        .see("/umfrage/{survey}/csv", SeeTraeger, survey_files::csv_of_traeger)
        .see("/umfrage/{survey}/datei/{form}", SeeTraeger, survey_files::of_traeger)
        .see("/umfrage/{survey}/vordruck", SeeTraeger, survey_template::of_traeger)
        .send("/umfrage/{survey}/vordruck", SeeTraeger, survey_template::fill_of_traeger)
        .see("/umfrage/{survey}/eroeffnen", EditTraeger, runs::blank)
        .send("/umfrage/{survey}/eroeffnen", EditTraeger, runs::create)
        .see("/umfragelauf/{run}", SeeTraeger, runs::page)
        .send("/umfragelauf/{run}/zurueck", EditTraeger, runs::give_back)
        .send("/umfragelauf/{run}/erinnert", EditTraeger, runs::remind)
        .send("/umfragelauf/{run}/erinnern", EditTraeger, runs::remind_by_mail)
        .send("/umfragelauf/{run}/einreichen", EditTraeger, runs::submit)
        .see("/umfragelauf/{run}/datei/{form}", SeeTraeger, runs::file)
        .see("/summen", SeeTotals, runs::totals::list)
        .see("/umfragelauf/{run}/summen", SeeTotals, runs::totals::page)
        .see("/umfragelauf/{run}/summen.csv", SeeTotals, runs::totals::csv)
}

/// What is not of one school: the Träger's overview, accounts, signing in, and what every page needs.
fn people(plan: Plan) -> Plan {
    use Action::{
        EditTraeger, KeepOwnAccount, ManageAccounts, Search, SeeAssigned, SeeCollected, SeeTraeger,
    };
    use pages::{
        account, accounts, assigned, collected, contacts, dispatch, invitation, log, login, overview,
        provider, search, settings, statics, tokens,
    };
    plan.see("/", SeeTraeger, overview::page)
        .see("/schulen.csv", SeeTraeger, overview::csv)
        .see("/suche", Search, search::page)
        .see("/erfassung", SeeCollected, collected::page)
        .see("/kontakte", SeeTraeger, contacts::page)
        .send("/kontakte", EditTraeger, contacts::save)
        .see("/protokoll", SeeTraeger, log::page)
        .see("/protokoll.csv", SeeTraeger, log::csv)
        .see("/einstellungen", SeeTraeger, settings::page)
        .send("/einstellungen", EditTraeger, settings::save)
        .send("/einstellungen/versand", EditTraeger, dispatch::save)
        .open("/sprache/{language}", login::language)
        .open("/anmelden", login::page)
        .open_form("/anmelden", login::enter)
        .open("/anmelden/anbieter", provider::leave)
        .open("/anmelden/zurueck", provider::come)
        .send("/abmelden", KeepOwnAccount, login::leave)
        .open("/static/rundgang.css", statics::css)
        .open("/static/favicon.svg", statics::icon)
        .see("/auftraege", SeeAssigned, assigned::page)
        .see("/konten", ManageAccounts, accounts::page)
        .send("/konten", ManageAccounts, accounts::decide)
        .send("/konten/schluessel", ManageAccounts, tokens::decide)
        .see("/konto", KeepOwnAccount, account::page)
        .send("/konto", KeepOwnAccount, account::change)
        .open("/einladung/{token}", invitation::page)
        .open_form("/einladung/{token}", invitation::accept)
}
