//! Signing in by a provider of identities: what the pages ask of it, and which sign-ins are on their way.

use crate::failure::Failure;
use crate::guard::same;
use crate::web::secret;
use data_encoding::BASE64URL_NOPAD;
use ring::hmac;
use rundgang_inventory::Timestamp;
use rundgang_store::SignInSettings;
use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

/// Minutes that somebody may take at the provider.
pub(crate) const MINUTES: i64 = 10;
/// So many that came back are remembered; the one that would be over first gives way.
const MOST_ENDED: usize = 10_000;
/// Octets of a page's address that fit into a cookie with everything else; who asked for a longer one begins at the start.
const LONGEST_ONWARD: usize = 1500;

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
    /// The mail address.
    pub email: Email,
}

/// What a provider says of somebody's mail address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Email {
    /// Nothing.
    Unsaid,
    /// Some address, and not that it verified it.
    Unverified,
    /// This one, which it verified.
    Verified(String),
}

impl Email {
    /// The address, where it is verified.
    #[must_use]
    pub fn verified(&self) -> Option<&str> {
        match self {
            Self::Verified(address) => Some(address),
            Self::Unsaid | Self::Unverified => None,
        }
    }
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OnItsWay {
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    /// The page that was asked for.
    pub(crate) onward: String,
}

/// Sign-ins on their way. Each lies with the browser that began it, sealed with a key that this process alone has, so that
/// no flood of others that begin pushes it out. Nonce and verifier follow from its state and that key, and are told to
/// nobody who does not ask the provider.
#[derive(Debug)]
pub(crate) struct Passages {
    key: hmac::Key,
    /// Those that came back, by when they are over: each comes back once.
    ended: Mutex<BTreeSet<(i64, String)>>,
}

impl Passages {
    pub(crate) fn new() -> Result<Self, getrandom::Error> {
        let mut key = [0_u8; 32];
        getrandom::fill(&mut key)?;
        Ok(Self { key: hmac::Key::new(hmac::HMAC_SHA256, &key), ended: Mutex::default() })
    }

    /// A new sign-in that leads on to a page, and what the browser that begins it keeps.
    pub(crate) fn begin(&self, onward: &str, now: Timestamp) -> Result<(OnItsWay, String), Failure> {
        let onward = if onward.len() > LONGEST_ONWARD { "/" } else { onward };
        let one = self.one(secret()?, onward.to_owned());
        let over = now.0 + MINUTES * 60_000;
        let text = format!("{}.{over}.{}", one.state, BASE64URL_NOPAD.encode(onward.as_bytes()));
        let kept = format!("{text}.{}", self.derived("kept", &text));
        Ok((one, kept))
    }

    /// The sign-in of a state, for the browser that began it; each comes back once.
    pub(crate) fn end(&self, state: &str, kept: &str, now: Timestamp) -> Option<OnItsWay> {
        let (text, seal) = kept.rsplit_once('.')?;
        if !same(seal, &self.derived("kept", text)) {
            return None;
        }
        let mut parts = text.split('.');
        let (own, over, onward) = (parts.next()?, parts.next()?.parse::<i64>().ok()?, parts.next()?);
        let onward = String::from_utf8(BASE64URL_NOPAD.decode(onward.as_bytes()).ok()?).ok()?;
        let is_ours = same(own, state) && over > now.0;
        (is_ours && self.is_first(over, state, now)).then(|| self.one(own.to_owned(), onward))
    }

    fn is_first(&self, over: i64, state: &str, now: Timestamp) -> bool {
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        while ended.first().is_some_and(|(over, _)| *over <= now.0 || ended.len() > MOST_ENDED) {
            ended.pop_first();
        }
        ended.insert((over, state.to_owned()))
    }

    fn one(&self, state: String, onward: String) -> OnItsWay {
        let (nonce, verifier) = (self.derived("nonce", &state), self.derived("verifier", &state));
        OnItsWay { state, nonce, verifier, onward }
    }

    /// What follows from a text for one use: 43 letters, as long as a verifier must be (RFC 7636 section 4.1).
    fn derived(&self, used_for: &str, text: &str) -> String {
        let tag = hmac::sign(&self.key, format!("{used_for} {text}").as_bytes());
        BASE64URL_NOPAD.encode(tag.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_790_812_800);
    const LATE: Timestamp = Timestamp(NOW.0 + MINUTES * 60_000);

    fn passages() -> Passages {
        Passages::new().expect("random numbers")
    }

    #[test]
    fn a_sign_in_comes_back_once_to_the_browser_that_began_it() {
        let all = passages();
        let begin = || all.begin("/konto?a=b.c", NOW).expect("random numbers");
        let ((one, kept), (other, others)) = (begin(), begin());
        assert!((43..=128).contains(&one.verifier.len()) && one.verifier != other.verifier);
        assert!(one.nonce != other.nonce && one.nonce != one.verifier);
        assert!(!kept.contains(&one.verifier) && !kept.contains(&one.nonce), "{kept}");
        for (state, kept) in [(&one.state, &others), (&other.state, &kept), (&one.state, &String::new())] {
            assert_eq!(all.end(state, kept, NOW), None, "what does not belong together");
        }
        assert_eq!(passages().end(&one.state, &kept, NOW), None, "another collector's");
        assert_eq!(all.end(&one.state, &kept, NOW), Some(one.clone()));
        assert_eq!(all.end(&one.state, &kept, NOW), None, "once");
        assert_eq!(all.end(&other.state, &others, LATE), None, "in time");
    }

    #[test]
    fn nothing_of_what_a_browser_keeps_can_be_changed() {
        let all = passages();
        let (one, kept) = all.begin("/konto", NOW).expect("random numbers");
        for at in 0..kept.len() {
            let mut forged = kept.clone().into_bytes();
            forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("letters");
            assert_eq!(all.end(&one.state, &forged, NOW), None, "{forged}");
        }
        assert!(all.end(&one.state, &kept, NOW).is_some());
    }

    #[test]
    fn what_came_back_takes_bounded_room_and_a_long_address_fits_the_cookie() {
        let all = passages();
        for _ in 0..MOST_ENDED + 10 {
            let (one, kept) = all.begin("/", NOW).expect("random numbers");
            assert!(all.end(&one.state, &kept, NOW).is_some());
        }
        let ended = || all.ended.lock().expect("no panic").len();
        assert!(ended() <= MOST_ENDED + 1);
        let (one, kept) = all.begin(&format!("/{}", "a".repeat(LONGEST_ONWARD)), LATE).expect("numbers");
        assert!(one.onward == "/" && all.end(&one.state, &kept, LATE).is_some());
        assert_eq!(ended(), 1, "what is over is forgotten");
        let (one, kept) = all.begin(&format!("/{}", "a".repeat(LONGEST_ONWARD - 1)), LATE).expect("numbers");
        assert!(one.onward.len() == LONGEST_ONWARD && kept.len() < 4000, "{}", kept.len());
    }
}
