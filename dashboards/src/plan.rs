//! The plan of the house: every address, what is done there, and which page does it.
//!
//! An address cannot be added without saying what is done at it: whoever is let in there follows from that alone.

use crate::api::{Operation, Verb};
use crate::web::WebState;
use axum::{
    Router,
    handler::Handler,
    routing::{get, post},
};
use rundgang_inventory::Action;
use std::{collections::BTreeMap, sync::Arc};

/// What is done at each address: by reading it and by sending a form to it. `None` is open to everybody.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doors(Arc<Actions>);

/// By address and way.
type Actions = BTreeMap<&'static str, BTreeMap<Way, Option<Action>>>;

/// How an address is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// GET and HEAD.
    Read,
    /// POST and PATCH.
    Send,
}

impl Doors {
    /// What is done at an address; nothing where there is none.
    pub(crate) fn at(&self, path: &str, way: Way) -> Option<Option<Action>> {
        self.0.get(path)?.get(&way).copied()
    }

    pub(crate) fn all(&self) -> Vec<(&'static str, Way, Option<Action>)> {
        let of = |(path, ways): (&&'static str, &BTreeMap<Way, Option<Action>>)| {
            ways.iter().map(|(way, action)| (*path, *way, *action)).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of).collect()
    }
}

/// Collects addresses with their pages.
pub(crate) struct Plan {
    router: Router<WebState>,
    doors: Actions,
}

impl Plan {
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), doors: Actions::new() }
    }

    /// A page that is read.
    pub(crate) fn see<T: 'static>(
        self,
        path: &'static str,
        action: Action,
        page: impl Handler<T, WebState>,
    ) -> Self {
        self.add(path, Way::Read, Some(action), get(page))
    }

    /// A form that is sent.
    pub(crate) fn send<T: 'static>(
        self,
        path: &'static str,
        action: Action,
        form: impl Handler<T, WebState>,
    ) -> Self {
        self.add(path, Way::Send, Some(action), post(form))
    }

    /// A page that needs no signing in.
    pub(crate) fn open<T: 'static>(self, path: &'static str, page: impl Handler<T, WebState>) -> Self {
        self.add(path, Way::Read, None, get(page))
    }

    /// A form that needs no signing in.
    pub(crate) fn open_form<T: 'static>(self, path: &'static str, form: impl Handler<T, WebState>) -> Self {
        self.add(path, Way::Send, None, post(form))
    }

    /// Something that programs ask.
    pub(crate) fn operate(self, operation: &Operation) -> Self {
        let way = if operation.verb == Verb::Get { Way::Read } else { Way::Send };
        self.add(operation.path, way, operation.action, (operation.route)())
    }

    fn add(
        mut self,
        path: &'static str,
        way: Way,
        action: Option<Action>,
        page: axum::routing::MethodRouter<WebState>,
    ) -> Self {
        self.doors.entry(path).or_default().insert(way, action);
        self.router = self.router.route(path, page);
        self
    }

    /// The router, and what is done at its addresses.
    pub(crate) fn built(self) -> (Router<WebState>, Doors) {
        (self.router, Doors(Arc::new(self.doors)))
    }
}
