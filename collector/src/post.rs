//! What the collector sends by itself once a week: a mail to each account that asked for it, and a message for programs;
//! and the mails that people of the Träger let it send.
//!
//! The store says what was sent already and takes a claim before anything leaves; time is a parameter.

pub(crate) mod connect;
mod hook;
mod mail;
pub(crate) mod secret;

use rundgang_dashboards::{digest, reminder::Courier, weekly_message};
use rundgang_inventory::{Timestamp, Zone};
use rundgang_store::{Dispatch, PostSettings, Recipient, Sent, Traeger};
use std::path::{Path, PathBuf};

/// Days that the first letter looks back.
const WEEK: i64 = 7;
/// Days that a later one looks back at most, where weeks were missed.
const MOST_DAYS: i64 = 28;
/// The hour of Monday from which letters leave, by the clocks of the school.
const HOUR: i64 = 6;

/// What sending needs to know besides the book.
#[derive(Clone, Debug)]
pub struct Post {
    /// The data directory; the folder of secrets lies in it.
    data: PathBuf,
    zone: Zone,
}

/// Why nothing can be sent.
#[derive(Debug, thiserror::Error)]
pub enum PostError {
    /// Nobody said how.
    #[error(
        "no mail server is named: say which with post --host HOST --port PORT --security starttls --from ADDRESS"
    )]
    NoServer,
    /// It was not taken.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The store.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
}

impl Post {
    /// Post of the collector of a data directory.
    #[must_use]
    pub fn new(data: &Path, zone: Zone) -> Self {
        Self { data: data.to_owned(), zone }
    }

    /// Sends what is due of this week and was not sent. What goes wrong is noted in the book, and is no reason to stop.
    ///
    /// # Errors
    /// The database failed.
    pub fn turn(&self, traeger: &Traeger, now: Timestamp) -> rundgang_store::Result<()> {
        let Some(week) = self.week(now) else { return Ok(()) };
        let settings = traeger.post_settings()?;
        if !settings.host.is_empty() {
            for to in traeger.weekly_recipients()? {
                self.digest(traeger, &settings, &to, &week, now)?;
            }
        }
        if !settings.webhook.is_empty() {
            self.webhook(traeger, &settings, &week, now)?;
        }
        Ok(())
    }

    /// The Monday of the week whose letters may leave at this moment.
    fn week(&self, now: Timestamp) -> Option<String> {
        let wall = self.zone.wall(now);
        let today = wall.day();
        // The first of January 1970 was a Thursday.
        let weekday = (today.0.div_euclid(86_400_000) + 3).rem_euclid(7);
        let hour = (wall.0 - today.0) / 3_600_000;
        (weekday > 0 || hour >= HOUR).then(|| today.plus_days(-weekday).date())
    }

    fn since(traeger: &Traeger, what: Dispatch, now: Timestamp) -> rundgang_store::Result<Timestamp> {
        let last = traeger.last_taken(what)?.unwrap_or_else(|| now.plus_days(-WEEK));
        Ok(last.max(now.plus_days(-MOST_DAYS)))
    }

    fn digest(
        &self,
        traeger: &Traeger,
        settings: &PostSettings,
        to: &Recipient,
        week: &str,
        now: Timestamp,
    ) -> rundgang_store::Result<()> {
        let what = Dispatch::Digest(to.account);
        if !traeger.claim(what, week, now)? {
            return Ok(());
        }
        let told = digest::Told {
            since: Self::since(traeger, what, now)?,
            now,
            zone: self.zone,
            pages: &settings.pages,
        };
        let sent = match digest::letter(traeger, to, told) {
            Ok(Some(letter)) => {
                let id = format!("rundgang-{}-{}-{week}", traeger.id, to.account);
                mail::send(settings, &self.secrets(traeger.id), &to.address, &letter, &id, now)
            }
            Ok(None) => Sent::Quiet,
            Err(error) => Sent::Later(error.to_string()),
        };
        note(traeger, what, week, &sent)
    }

    fn webhook(
        &self,
        traeger: &Traeger,
        settings: &PostSettings,
        week: &str,
        now: Timestamp,
    ) -> rundgang_store::Result<()> {
        let what = Dispatch::Webhook;
        if !traeger.claim(what, week, now)? {
            return Ok(());
        }
        let since = Self::since(traeger, what, now)?;
        let message = traeger
            .weeks(None, since, now)
            .and_then(|weeks| Ok(weekly_message(&traeger.name()?, week, since, now, &weeks)));
        let sent = match message {
            Ok(message) => hook::send(settings, &self.secrets(traeger.id), &message.to_string(), now),
            Err(error) => Sent::Later(error.to_string()),
        };
        note(traeger, what, week, &sent)
    }

    /// Sends one line to an address, to see whether the settings are right.
    ///
    /// # Errors
    /// Nobody said how mail leaves, or it was not taken.
    pub fn try_mail(&self, traeger: &Traeger, address: &str, now: Timestamp) -> Result<(), PostError> {
        let settings = traeger.post_settings()?;
        if settings.host.is_empty() {
            return Err(PostError::NoServer);
        }
        let letter =
            digest::Letter { subject: "Rundgang".to_owned(), text: "Rundgang can send mail.\n".to_owned() };
        let id = format!("rundgang-{}-try-{}", traeger.id, now.0);
        match mail::send(&settings, &self.secrets(traeger.id), address, &letter, &id, now) {
            Sent::Taken | Sent::Quiet => Ok(()),
            Sent::Later(told) | Sent::Refused(told) | Sent::Unknown(told) => Err(PostError::NotSent(told)),
        }
    }

    /// The folder with the passwords of a Träger: files that their owner alone may read.
    fn secrets(&self, traeger: i64) -> PathBuf {
        self.data.join("secrets").join(traeger.to_string())
    }
}

impl Courier for Post {
    fn carry(
        &self,
        settings: &PostSettings,
        traeger: i64,
        to: &str,
        letter: &digest::Letter,
        id: &str,
        now: Timestamp,
    ) -> Sent {
        mail::send(settings, &self.secrets(traeger), to, letter, id, now)
    }
}

/// Notes in the book what became of it, and in the log what went wrong.
fn note(traeger: &Traeger, what: Dispatch, week: &str, sent: &Sent) -> rundgang_store::Result<()> {
    if let Sent::Later(told) | Sent::Refused(told) | Sent::Unknown(told) = sent {
        tracing::warn!(?what, told, "What is sent once a week did not surely arrive.");
    }
    traeger.note_sent(what, week, sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_morning_by_the_clocks_of_the_school() {
        let post = Post::new(Path::new("/nowhere"), Zone::BERLIN);
        let check = |day: &str, hour: i64, expected: Option<&str>| {
            let day = Timestamp::parse_date(day).expect("a day");
            // Winter: one hour behind.
            let now = Timestamp(day.0 + (hour - 1) * 3_600_000);
            assert_eq!(post.week(now).as_deref(), expected, "{day} {hour}");
        };
        check("2026-11-22", 23, Some("2026-11-16"));
        check("2026-11-23", 0, None);
        check("2026-11-23", 5, None);
        check("2026-11-23", 6, Some("2026-11-23"));
        check("2026-11-24", 0, Some("2026-11-23"));
        check("2027-01-01", 12, Some("2026-12-28"));
    }
}
