//! What every page shares: the store, the clock, who may enter, and the visit that is being answered.

use crate::drafts::{Draft, Drafts};
use crate::entry::{Tries, password};
use crate::failure::Failure;
use crate::reminder::Courier;
use crate::sign_in::{Passages, SignIn};
use crate::text::Language;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use rundgang_inventory::{Action, Rights, Timestamp, Zone};
use rundgang_store::{Store, Traeger};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::task::JoinError;

/// How the pages are served.
pub struct Config {
    /// The book.
    pub store: Store,
    /// The number of the Träger whose pages these are.
    pub traeger: i64,
    /// Its name, for headings.
    pub traeger_name: String,
    /// Tells the present moment.
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// The zone by whose clocks days and hours are shown.
    pub zone: Zone,
    /// Host names under which the pages may be asked for, without port, where there is a token; the names of loopback
    /// are always allowed.
    pub hosts: Vec<String>,
    /// The access token. `None` lets everybody in, so then only loopback names without a proxy are answered.
    pub token: Option<String>,
    /// Whether browsers reach the pages over HTTPS, so that cookies may insist on it.
    pub https: bool,
    /// Asks a provider of identities, where the Träger named one.
    pub sign_in: Option<Arc<dyn SignIn>>,
    /// Carries mail, where the Träger named a server for it.
    pub courier: Option<Arc<dyn Courier>>,
}

/// The shared state of all pages. Cheap to clone.
#[derive(Clone)]
pub struct WebState(Arc<Shared>);

pub(crate) struct Shared {
    pub(crate) config: Config,
    /// Guards forms where no session exists.
    pub(crate) csrf: String,
    sessions: Mutex<BTreeMap<String, Session>>,
    tries: Tries,
    /// The half minute of the last code that each account used. In memory alone: kept, it would tell when somebody signed
    /// in. After a restart a code could be used again for the minute and a half that it holds.
    steps: Mutex<BTreeMap<i64, i64>>,
    passages: Passages,
    /// How many ask a provider at once: a slow one must not keep every thread.
    asking: Arc<Semaphore>,
    /// How many rounds of mail are on their way at once: each keeps a thread as long as the server takes.
    sending: Arc<Semaphore>,
    /// How many passwords are hashed at once: each takes 19 MB for a moment.
    hashing: Arc<Semaphore>,
    /// How many more may wait for their turn.
    waiting: Arc<Semaphore>,
    /// Lists that were sent and not entered yet.
    drafts: Mutex<Drafts>,
    /// How many lists are received at once: a slow line must not keep the others from reading theirs.
    receiving: Semaphore,
    /// How many lists are read at once: each may take a hundred megabytes for a moment.
    reading: Arc<Semaphore>,
}

/// Somebody who signed in.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) who: String,
    /// The account; `None` for whoever showed the access token.
    pub(crate) account: Option<i64>,
    pub(crate) csrf: String,
    /// When it was proven who this is.
    pub(crate) proven: Timestamp,
    pub(crate) until: Timestamp,
}

impl Session {
    /// Hours after which a session ends: a long working day, since computers in staff rooms are shared.
    pub(crate) const HOURS: i64 = 12;
}

/// More sessions than this are never kept; the oldest goes first.
const MAX_SESSIONS: usize = 1000;

/// Works in a thread that may wait. What was taken for it is given back when the work is done and not before: a visitor who
/// hangs up leaves it running, and would else make room for more of it.
async fn holding<T: Send + 'static>(
    held: impl Send + 'static,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, JoinError> {
    tokio::task::spawn_blocking(move || {
        let done = work();
        drop(held);
        done
    })
    .await
}

/// A random text of 160 bits that nobody can guess.
pub(crate) fn secret() -> Result<String, Failure> {
    let mut bytes = [0u8; 20];
    getrandom::fill(&mut bytes).map_err(|error| Failure::Broken(format!("no random numbers: {error}")))?;
    Ok(data_encoding::BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
}

impl WebState {
    /// The state of the pages.
    ///
    /// # Errors
    /// The system yields no random numbers.
    pub fn new(config: Config) -> Result<Self, std::io::Error> {
        let no_numbers = || std::io::Error::other("the system yields no random numbers");
        let csrf = secret().map_err(|_| no_numbers())?;
        let passages = Passages::new().map_err(|_| no_numbers())?;
        Ok(Self(Arc::new(Shared {
            config,
            csrf,
            sessions: Mutex::default(),
            tries: Tries::default(),
            passages,
            asking: Arc::new(Semaphore::new(4)),
            sending: Arc::new(Semaphore::new(2)),
            hashing: Arc::new(Semaphore::new(2)),
            waiting: Arc::new(Semaphore::new(32)),
            drafts: Mutex::default(),
            receiving: Semaphore::new(8),
            reading: Arc::new(Semaphore::new(2)),
            steps: Mutex::default(),
        })))
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.0
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.0.config.clock)()
    }

    /// Asks the store in a thread that may wait.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Traeger) -> rundgang_store::Result<T> + Send + 'static,
    ) -> Result<T, Failure> {
        let traeger = self.0.config.store.traeger(self.0.config.traeger);
        tokio::task::spawn_blocking(move || work(&traeger))
            .await
            .map_err(|error| Failure::Broken(format!("a query broke off: {error}")))?
            .map_err(Failure::from)
    }

    pub(crate) fn open_session(
        &self,
        who: String,
        account: Option<i64>,
        proven: Timestamp,
    ) -> Result<String, Failure> {
        let (id, csrf, now) = (secret()?, secret()?, self.now());
        let until = Timestamp(now.0 + Session::HOURS * 3_600_000);
        let mut sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|_, session| session.until > now);
        if sessions.len() >= MAX_SESSIONS
            && let Some(oldest) =
                sessions.iter().min_by_key(|(_, session)| session.until).map(|(id, _)| id.clone())
        {
            sessions.remove(&oldest);
        }
        sessions.insert(id.clone(), Session { who, account, csrf, proven, until });
        Ok(id)
    }

    pub(crate) fn session(&self, id: &str) -> Option<Session> {
        let sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(id).filter(|session| session.until > self.now()).cloned()
    }

    /// Whether the code of a half minute is used for the first time: every code opens once (RFC 6238 section 5.2).
    pub(crate) fn use_code(&self, account: i64, step: i64) -> bool {
        let mut steps = self.0.steps.lock().unwrap_or_else(PoisonError::into_inner);
        let last = steps.entry(account).or_insert(0);
        let is_fresh = *last < step;
        *last = step.max(*last);
        is_fresh
    }

    /// Lets a session stand whose holder has just proven anew who they are.
    pub(crate) fn prove_again(&self, id: &str, now: Timestamp) {
        let mut sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = sessions.get_mut(id) {
            session.proven = now;
        }
    }

    /// Ends every other session of an account.
    pub(crate) fn close_others(&self, account: i64, kept: Option<&str>) {
        let mut sessions = self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.retain(|id, session| session.account != Some(account) || Some(id.as_str()) == kept);
    }

    pub(crate) fn tries(&self) -> &Tries {
        &self.0.tries
    }

    /// Whether a password has a hash, in a thread that may take its time.
    pub(crate) async fn verify(&self, password: String, hash: String) -> Result<bool, Failure> {
        self.verify_in(self.place_for_hashing()?, password, hash).await
    }

    /// The same, for somebody who has a place already.
    pub(crate) async fn verify_in(
        &self,
        place: OwnedSemaphorePermit,
        password: String,
        hash: String,
    ) -> Result<bool, Failure> {
        self.hashing(place, move || password::verify(&password, &hash)).await
    }

    /// The hash of a password.
    pub(crate) async fn hash(&self, password: String) -> Result<String, Failure> {
        let hash = self.hashing(self.place_for_hashing()?, move || password::hash(&password)).await?;
        hash.ok_or_else(|| Failure::Broken("no random numbers for a salt".to_owned()))
    }

    /// A place among those who wait for the hash of a password.
    pub(crate) fn place_for_hashing(&self) -> Result<OwnedSemaphorePermit, Failure> {
        self.0.waiting.clone().try_acquire_owned().map_err(|_| Failure::Busy)
    }

    async fn hashing<T: Send + 'static>(
        &self,
        place: OwnedSemaphorePermit,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let broken = |cause: String| Failure::Broken(format!("hashing a password broke off: {cause}"));
        let turn = self.0.hashing.clone().acquire_owned().await.map_err(|error| broken(error.to_string()))?;
        holding((place, turn), work).await.map_err(|error| broken(error.to_string()))
    }

    /// Sign-ins on their way.
    pub(crate) fn passages(&self) -> &Passages {
        &self.0.passages
    }

    /// Asks the provider of identities in a thread that may wait.
    pub(crate) async fn with_provider<T: Send + 'static>(
        &self,
        work: impl FnOnce(&dyn SignIn) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let Some(provider) = self.0.config.sign_in.clone() else { return Err(Failure::NotFound) };
        let Ok(place) = self.0.asking.clone().try_acquire_owned() else { return Err(Failure::Busy) };
        holding(place, move || work(provider.as_ref()))
            .await
            .map_err(|error| Failure::Broken(format!("asking a provider broke off: {error}")))
    }

    /// A place for a round of mail, kept by whoever sends, though nobody waits for the page any more.
    pub(crate) fn place_for_sending(&self) -> Result<OwnedSemaphorePermit, Failure> {
        Arc::clone(&self.0.sending).try_acquire_owned().map_err(|_| Failure::Busy)
    }

    /// What waits to be entered, while it is looked at or changed.
    pub(crate) fn with_drafts<T>(&self, work: impl FnOnce(&mut Drafts) -> T) -> T {
        work(&mut self.0.drafts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A list that somebody sent for a school.
    pub(crate) fn draft(&self, id: &str, school: i64, visit: &Visit) -> Option<Draft> {
        self.with_drafts(|drafts| drafts.get(id, school, &visit.owner(), visit.now))
    }

    /// A place for receiving a list.
    pub(crate) fn place_for_receiving(&self) -> Result<SemaphorePermit<'_>, Failure> {
        self.0.receiving.try_acquire().map_err(|_| Failure::Busy)
    }

    /// A turn at reading a list, to be taken along into the thread that reads.
    pub(crate) async fn turn_at_reading(&self) -> Result<OwnedSemaphorePermit, Failure> {
        let turn = self.0.reading.clone().acquire_owned().await;
        turn.map_err(|error| Failure::Broken(error.to_string()))
    }

    pub(crate) fn close_session(&self, id: &str) {
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// The request being answered, as far as every page needs it.
#[derive(Clone, Debug)]
pub(crate) struct Visit {
    pub(crate) language: Language,
    /// Path and query, for the way back.
    pub(crate) path: String,
    /// The page of ours that the visitor comes from, as far as the browser tells.
    pub(crate) from: Option<String>,
    /// The address of this site as the visitor's browser has it, without a path.
    pub(crate) site: String,
    pub(crate) zone: Zone,
    /// Who is asking; `None` before signing in.
    pub(crate) who: Option<String>,
    /// What they may do; `None` before signing in.
    pub(crate) rights: Option<Rights>,
    /// Their account, where they have one.
    pub(crate) account: Option<i64>,
    /// The session, where there is one.
    pub(crate) session: Option<String>,
    /// What a form must carry.
    pub(crate) csrf: String,
    pub(crate) now: Timestamp,
}

impl Visit {
    /// Whether something may be done, at a school or at an address without one.
    pub(crate) fn may(&self, action: Action, school: Option<i64>) -> bool {
        self.rights.as_ref().is_some_and(|rights| rights.allow(action, school).is_ok())
    }

    /// The one school to which everything shown must be narrowed.
    pub(crate) fn only_school(&self) -> Option<i64> {
        // Whoever is nobody yet sees no school at all.
        self.rights.as_ref().map_or(Some(0), Rights::only_school)
    }

    /// Whose what they sent and did not enter yet is.
    pub(crate) fn owner(&self) -> (Option<i64>, String) {
        (self.account, self.author())
    }

    /// The name under which changes are recorded.
    pub(crate) fn author(&self) -> String {
        self.who.clone().unwrap_or_else(|| "-".to_owned())
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Failure::Broken("no visit".to_owned()))
    }
}

#[cfg(test)]
mod tests;
