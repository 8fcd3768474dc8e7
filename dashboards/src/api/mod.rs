//! The book for programs: JSON under `/api/v1`, with the same rights as the pages.
//!
//! One table ([`OPERATIONS`]) makes the routes, says what is done at each, and is told as an OpenAPI document; so the
//! document cannot name a route that is not there, nor leave one out. `entry` lets programs in by their token.

mod asked;
mod book;
pub(crate) mod entry;
mod findings;
mod openapi;
mod operations;
pub(crate) mod problem;
mod schemas;
mod shape;
mod surveys;
mod upkeep;

pub(crate) use operations::{OPERATIONS, Operation, Verb};

use axum::Json;
use axum::response::{IntoResponse, Response};
use rundgang_inventory::Timestamp;
use serde_json::{Value, json};

/// Where everything for programs stands.
pub(crate) const BASE: &str = "/api/";

/// Answers with JSON.
fn told(value: Value) -> Response {
    Json(value).into_response()
}

/// A day as programs read it.
fn day(moment: Timestamp) -> String {
    moment.date()
}

/// One part of a list that is ordered by its keys: what comes after a key, at most `limit`, and where the next begins.
/// What is entered or deleted between two questions neither repeats nor hides anything else.
fn part<K: Ord + Clone, T>(
    mut items: Vec<(K, T)>,
    after: Option<&K>,
    limit: usize,
    cursor: impl Fn(&K) -> String,
    tell: impl Fn(T) -> Value,
) -> Value {
    items.sort_by(|(a, _), (b, _)| a.cmp(b));
    let rest = items.into_iter().filter(|(key, _)| after.is_none_or(|after| key > after));
    let mut rest: Vec<(K, T)> = rest.take(limit + 1).collect();
    let has_more = rest.len() > limit;
    rest.truncate(limit);
    let next = rest.last().filter(|_| has_more).map(|(key, _)| cursor(key));
    let items: Vec<Value> = rest.into_iter().map(|(_, item)| tell(item)).collect();
    json!({ "items": items, "next": next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_told_in_parts_that_neither_repeat_nor_leave_out() {
        let check = |after: Option<i64>, limit: usize, items: &[i64], next: Option<&str>| {
            let all = vec![(3, 3), (1, 1), (7, 7), (5, 5)];
            let told = part(all, after.as_ref(), limit, i64::to_string, |item| json!(item));
            assert_eq!(told, json!({ "items": items, "next": next }), "{after:?} {limit}");
        };
        check(None, 2, &[1, 3], Some("3"));
        check(Some(3), 2, &[5, 7], None);
        // What the key named may be gone meanwhile.
        check(Some(4), 1, &[5], Some("5"));
        check(Some(7), 2, &[], None);
        check(None, 4, &[1, 3, 5, 7], None);
    }
}
