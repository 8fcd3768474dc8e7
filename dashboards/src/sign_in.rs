//! Signing in by a provider of identities: what the pages ask of it, and which sign-ins are on their way.

use crate::guard::same;
use rundgang_inventory::Timestamp;
use rundgang_store::SignInSettings;
use std::collections::BTreeMap;

/// How long somebody may take at the provider.
const MINUTES: i64 = 10;
/// So many are on their way at once; the oldest gives way.
const MOST: usize = 1000;

/// A sign-in that begins, or comes back.
#[derive(Clone, Copy, Debug)]
pub struct Passage<'a> {
    /// What comes back with the browser, so that an answer belongs to a question.
    pub state: &'a str,
    /// What the token must name, so that it was made for this sign-in.
    pub nonce: &'a str,
    /// What proves to the provider that whoever brings the code began (RFC 7636).
    pub verifier: &'a str,
    /// Where the provider sends the browser back to.
    pub back: &'a str,
}

/// Whom the provider has proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The issuer.
    pub issuer: String,
    /// The subject there.
    pub subject: String,
    /// The mail address, where the provider says that it verified it.
    pub email: Option<String>,
}

/// What a provider does for the pages. Both ask over the network and may wait; what goes wrong is told in words for
/// whoever runs the collector.
pub trait SignIn: Send + Sync {
    /// The address at the provider to which a browser is sent.
    ///
    /// # Errors
    /// The provider cannot be asked, or tells nonsense.
    fn way(
        &self,
        settings: &SignInSettings,
        traeger: i64,
        passage: &Passage<'_>,
        now: Timestamp,
    ) -> Result<String, String>;

    /// Whom the code proves that a browser came back with.
    ///
    /// # Errors
    /// The provider cannot be asked, or what it says does not prove anybody.
    fn prove(
        &self,
        settings: &SignInSettings,
        traeger: i64,
        code: &str,
        passage: &Passage<'_>,
        now: Timestamp,
    ) -> Result<Proven, String>;
}

/// A sign-in on its way.
#[derive(Clone, Debug)]
pub(crate) struct OnItsWay {
    /// What the browser that began holds.
    pub(crate) browser: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    /// The page that was asked for.
    pub(crate) onward: String,
    until: Timestamp,
}

/// Every sign-in on its way, by its state.
#[derive(Debug, Default)]
pub(crate) struct Passages(BTreeMap<String, OnItsWay>);

impl OnItsWay {
    pub(crate) fn new(
        browser: String,
        nonce: String,
        verifier: String,
        onward: String,
        now: Timestamp,
    ) -> Self {
        Self { browser, nonce, verifier, onward, until: Timestamp(now.0 + MINUTES * 60_000) }
    }
}

impl Passages {
    pub(crate) fn begin(&mut self, state: String, one: OnItsWay, now: Timestamp) {
        self.0.retain(|_, one| one.until > now);
        if self.0.len() >= MOST
            && let Some(oldest) =
                self.0.iter().min_by_key(|(_, one)| one.until).map(|(state, _)| state.clone())
        {
            self.0.remove(&oldest);
        }
        self.0.insert(state, one);
    }

    /// The sign-in of a state, for the browser that began it; each comes back once.
    pub(crate) fn end(&mut self, state: &str, browser: &str, now: Timestamp) -> Option<OnItsWay> {
        let known = self.0.get(state)?;
        // Another browser takes nobody's sign-in away.
        if !same(&known.browser, browser) {
            return None;
        }
        self.0.remove(state).filter(|one| one.until > now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);

    fn one(browser: &str) -> OnItsWay {
        OnItsWay::new(browser.to_owned(), "n".to_owned(), "v".to_owned(), "/".to_owned(), NOW)
    }

    #[test]
    fn a_sign_in_comes_back_once_to_the_browser_that_began_it() {
        let mut all = Passages::default();
        all.begin("a".to_owned(), one("x"), NOW);
        assert!(all.end("b", "x", NOW).is_none());
        assert!(all.end("a", "y", NOW).is_none());
        assert!(all.end("a", "x", NOW).is_some());
        assert!(all.end("a", "x", NOW).is_none(), "once");
        all.begin("a".to_owned(), one("x"), NOW);
        let late = Timestamp(NOW.0 + MINUTES * 60_000);
        assert!(all.end("a", "x", late).is_none(), "in time");
    }

    #[test]
    fn many_that_begin_take_no_more_room() {
        let mut all = Passages::default();
        (0..MOST + 10).for_each(|at| all.begin(at.to_string(), one("x"), NOW));
        assert_eq!(all.0.len(), MOST);
    }
}
