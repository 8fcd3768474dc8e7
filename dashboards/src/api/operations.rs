//! The table of everything that programs can ask: address, way, what is done there, what is sent and what comes back.

use super::{
    asked::{AFTER, LIMIT, Parameter},
    book, findings, openapi,
    schemas::STANDINGS,
    shape::Shape,
    surveys, upkeep,
};
use crate::web::WebState;
use axum::routing::{MethodRouter, get, patch, post};
use rundgang_inventory::Action;
use rundgang_store::views::overview::SEVERITIES;

/// How an address is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    Get,
    Post,
    Patch,
}

impl Verb {
    /// As OpenAPI names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Patch => "patch",
        }
    }
}

/// One thing that programs can ask.
pub(crate) struct Operation {
    pub(crate) path: &'static str,
    pub(crate) verb: Verb,
    /// What is done there; `None` is open to everybody.
    pub(crate) action: Option<Action>,
    /// Its name for those who generate code.
    pub(crate) id: &'static str,
    pub(crate) summary: &'static str,
    /// What may stand in the query; everything else is refused.
    pub(crate) query: &'static [Parameter],
    /// The shape of what is sent.
    pub(crate) body: Option<&'static str>,
    /// The shape of what comes back.
    pub(crate) answer: &'static str,
    pub(crate) route: fn() -> MethodRouter<WebState>,
}

const fn query(name: &'static str, shape: Shape, about: &'static str) -> Parameter {
    Parameter { name, shape, about }
}

/// Everything, in the order of the document.
pub(crate) const OPERATIONS: &[Operation] = &[
    Operation {
        path: "/api/v1/openapi.json",
        verb: Verb::Get,
        action: None,
        id: "openapi",
        summary: "This document",
        query: &[],
        body: None,
        answer: "OpenApi",
        route: || get(openapi::document),
    },
    Operation {
        path: "/api/v1/schools",
        verb: Verb::Get,
        action: Some(Action::ListSchools),
        id: "listSchools",
        summary: "The schools whose books one may read, with what is there and what is open",
        query: &[AFTER, LIMIT],
        body: None,
        answer: "Schools",
        route: || get(book::schools),
    },
    Operation {
        path: "/api/v1/schools/{school}",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "getSchool",
        summary: "One school",
        query: &[],
        body: None,
        answer: "School",
        route: || get(book::school),
    },
    Operation {
        path: "/api/v1/schools/{school}/assets",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "listAssets",
        summary: "The devices that were found at a school",
        query: &[
            query("kind", Shape::Text, "only this kind; - for devices that are not recognised"),
            query("q", Shape::Text, "only devices that hold this text"),
            query("undocumented", Shape::YesNo, "only devices that no documented system stands for"),
            AFTER,
            LIMIT,
        ],
        body: None,
        answer: "Assets",
        route: || get(book::assets),
    },
    Operation {
        path: "/api/v1/schools/{school}/assets/{asset}",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "getAsset",
        summary: "One device with its evidence and its findings",
        query: &[],
        body: None,
        answer: "AssetDetail",
        route: || get(book::asset),
    },
    Operation {
        path: "/api/v1/schools/{school}/systems",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "listSystems",
        summary: "The register: documented systems of a school",
        query: &[
            query("kind", Shape::Text, "only this kind"),
            query("provider", Shape::Text, "only what this provider runs, upper and lower case alike"),
            query("status", Shape::OneOf(rundgang_store::STATUSES), "only in this state"),
            AFTER,
            LIMIT,
        ],
        body: None,
        answer: "Systems",
        route: || get(book::systems),
    },
    Operation {
        path: "/api/v1/schools/{school}/systems/{system}",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "getSystem",
        summary: "One documented system",
        query: &[],
        body: None,
        answer: "System",
        route: || get(book::system),
    },
    Operation {
        path: "/api/v1/schools/{school}/systems/{system}",
        verb: Verb::Patch,
        action: Some(Action::EditBook),
        id: "changeSystem",
        summary: "Change fields of a documented system; a merge patch (RFC 7396)",
        query: &[],
        body: Some("SystemChange"),
        answer: "System",
        route: || patch(book::change_system),
    },
    Operation {
        path: "/api/v1/schools/{school}/findings",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "listFindings",
        summary: "The findings of a school; those that ask for action where no state is named",
        query: &[
            query(
                "state",
                Shape::OneOf(STATES),
                "how they stand; due, where left out, is open or acknowledged",
            ),
            query("severity", Shape::OneOf(&SEVERITIES), "only this severity"),
            query("rule", Shape::Text, "only this rule, or all whose names begin so: mail."),
            query("subject", Shape::Text, "only about this: asset 7"),
            query("responsible", Shape::Text, "only what this party answers for; - for what nobody does"),
            AFTER,
            LIMIT,
        ],
        body: None,
        answer: "Findings",
        route: || get(findings::list),
    },
    Operation {
        path: "/api/v1/schools/{school}/findings/decisions",
        verb: Verb::Post,
        action: Some(Action::EditBook),
        id: "decideFinding",
        summary: "Say that a finding is being dealt with, that its risk is accepted, or that it does not apply",
        query: &[],
        body: Some("DecisionGiven"),
        answer: "Finding",
        route: || post(findings::decide),
    },
    Operation {
        path: "/api/v1/schools/{school}/surveys",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "listSurveys",
        summary: "The surveys that schools answer",
        query: &[],
        body: None,
        answer: "Surveys",
        route: || get(surveys::list),
    },
    Operation {
        path: "/api/v1/schools/{school}/surveys/{survey}",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "getSurveyAnswers",
        summary: "A survey as the school answers it today, or answered it on a day",
        query: &[query("as_of", Shape::Day, "the reference date; today where left out")],
        body: None,
        answer: "SurveyAnswers",
        route: || get(surveys::answers),
    },
    Operation {
        path: "/api/v1/schools/{school}/tasks",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "listTasks",
        summary: "The tasks of keeping the school's technology going, and who does them",
        query: &[],
        body: None,
        answer: "Tasks",
        route: || get(upkeep::tasks),
    },
    Operation {
        path: "/api/v1/schools/{school}/contacts",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "listContacts",
        summary: "Whom to call: the school's contacts, then the Träger's own",
        query: &[],
        body: None,
        answer: "Contacts",
        route: || get(upkeep::contacts),
    },
    Operation {
        path: "/api/v1/schools/{school}/offers",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "listOffers",
        summary: "What the Träger offers, and whether the school uses it",
        query: &[],
        body: None,
        answer: "Offers",
        route: || get(upkeep::offers),
    },
    Operation {
        path: "/api/v1/schools/{school}/questions",
        verb: Verb::Get,
        action: Some(Action::SeeBook),
        id: "listQuestions",
        summary: "Questions about systems that were passed on: the open ones by their last day, then the last answered ones",
        query: &[],
        body: None,
        answer: "Questions",
        route: || get(upkeep::questions),
    },
    Operation {
        path: "/api/v1/search",
        verb: Verb::Get,
        action: Some(Action::Search),
        id: "search",
        summary: "Who do I call? Systems and devices by the words people remember, the best answer first",
        query: &[
            query("q", Shape::Text, "the words; a typing error still finds"),
            query("school", Shape::Integer, "only this school"),
            LIMIT,
        ],
        body: None,
        answer: "Hits",
        route: || get(book::search),
    },
];

/// The states by which findings are asked for.
const STATES: &[&str] = &["due", STANDINGS[0], STANDINGS[1], STANDINGS[2], STANDINGS[3], STANDINGS[4], "all"];
