//! The way through a long list: on to the next part and back to the beginning, with the filter kept in the address.

use crate::guard::escaped;

/// Where the parts of a list are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Paging {
    /// The first part, where this is another one.
    pub(crate) first: Option<String>,
    /// The next part, where there is one.
    pub(crate) next: Option<String>,
}

impl Paging {
    /// The parts of the list at `path` under a filter, when the part behind `after` is shown and `next` follows.
    pub(crate) fn new(path: &str, filter: &[(&str, &str)], after: &str, next: Option<&str>) -> Self {
        let query = query(filter);
        let with = |place: Option<&str>| {
            let place = place.map(|place| format!("nach={}", escaped(place)));
            let all: Vec<String> =
                [query.clone()].into_iter().filter(|q| !q.is_empty()).chain(place).collect();
            if all.is_empty() { path.to_owned() } else { format!("{path}?{}", all.join("&")) }
        };
        Self { first: (!after.is_empty()).then(|| with(None)), next: next.map(|place| with(Some(place))) }
    }
}

/// A filter as part of an address; empty where nothing is filtered.
pub(crate) fn query(filter: &[(&str, &str)]) -> String {
    let said = filter.iter().filter(|(_, value)| !value.is_empty());
    said.map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_stays_in_the_address() {
        let check = |filter: &[(&str, &str)], after: &str, next: Option<&str>, first, on| {
            let paging = Paging::new("/liste", filter, after, next);
            assert_eq!((paging.first.as_deref(), paging.next.as_deref()), (first, on));
        };
        check(&[("q", "")], "", None, None, None);
        check(&[("q", "")], "3~a", None, Some("/liste"), None);
        check(&[("q", "a&b"), ("kind", "")], "", Some("7~ü"), None, Some("/liste?q=a%26b&nach=7%7E%C3%BC"));
        check(&[("q", "x")], "1~a", Some("2~b"), Some("/liste?q=x"), Some("/liste?q=x&nach=2%7Eb"));
    }
}
