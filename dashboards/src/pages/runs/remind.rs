//! Reminding schools of a survey by mail, where a mail server is named: one mail a day and school, to the accounts that
//! may answer for it, and an honest word about each school.

use super::shown;
use crate::chrome::html;
use crate::failure::Failure;
use crate::guard::check_form;
use crate::reminder::{Courier, functions, letter, recipients_of, roles_of};
use crate::text::Language;
use crate::web::{Visit, WebState};
use axum::extract::{Form, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use rundgang_inventory::Timestamp;
use rundgang_store::{Claim, PostSettings, Recipient, Run, Sent, Traeger};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// No school is begun with when so many milliseconds are over: whoever waits for the page sees it before a proxy gives up.
const PATIENCE: i64 = 40_000;

/// What became of one school.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Became {
    /// A server took the mail to so many accounts of each function; what it said about others.
    Sent { roles: BTreeMap<String, usize>, told: Vec<String> },
    /// None left; why.
    Failed(String),
    /// One was begun, and nobody knows whether it left; why, where that is known.
    Unsure(String),
    /// One left today already.
    Already,
    /// No account of the school gave a mailbox.
    Nobody,
    /// The school has handed in.
    HandedIn,
    /// The time was over.
    NotBegun,
}

/// A school with what became of it.
pub(super) struct Reminded {
    pub(super) name: String,
    became: Became,
}

impl Reminded {
    pub(super) fn is_good(&self) -> bool {
        matches!(&self.became, Became::Sent { told, .. } if told.is_empty())
    }

    fn is_sent(&self) -> bool {
        matches!(self.became, Became::Sent { .. })
    }

    /// What became of it, in words.
    pub(super) fn told(&self, language: &Language) -> String {
        let with = |key: &str, why: &str| language.with(key, &[("why", why.into())]);
        match &self.became {
            Became::Sent { roles, told } => {
                let sent = language.with("reminder-sent", &[("whom", functions(*language, roles).into())]);
                let others = told.iter().map(|why| with("reminder-not-to-one", why));
                [sent].into_iter().chain(others).collect::<Vec<_>>().join(" ")
            }
            Became::Failed(why) => with("reminder-failed", why),
            Became::Unsure(why) => with("reminder-unsure", why),
            Became::Already => language.text("reminder-already"),
            Became::Nobody => language.text("reminder-nobody"),
            Became::HandedIn => language.text("error-run-moved"),
            Became::NotBegun => language.text("reminder-not-begun"),
        }
    }
}

/// What the form sends.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Given {
    csrf: String,
    /// The number of a school, or `alle`.
    #[serde(default)]
    whom: String,
}

/// Whoever sends: all that stays the same from school to school.
struct Sender {
    courier: Arc<dyn Courier>,
    settings: PostSettings,
    recipients: Vec<Recipient>,
    run: Run,
    traeger_name: String,
    site: String,
    /// The day by the clocks of the schools.
    day: String,
    who: String,
}

/// Everybody who gets mail, where there is a way for it to leave; `None` where there is none.
pub(super) fn reachable(
    traeger: &Traeger,
    has_courier: bool,
) -> rundgang_store::Result<Option<Vec<Recipient>>> {
    if !has_courier || traeger.post_settings()?.host.is_empty() {
        return Ok(None);
    }
    traeger.weekly_recipients().map(Some)
}

pub(crate) async fn send(
    State(web): State<WebState>,
    visit: Visit,
    Path(run): Path<i64>,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    check_form(&visit, &given.csrf)?;
    let whom = match given.whom.as_str() {
        "alle" => None,
        number => Some(number.parse().map_err(|_| Failure::Refused("error-unfit"))?),
    };
    let courier = web.shared().config.courier.clone().ok_or(Failure::Refused("reminder-no-server"))?;
    let place = web.place_for_sending()?;
    let (state, asking) = (web.clone(), visit.clone());
    // All of it in the thread that may wait, so that what was sent is noted though nobody waits for the page any more.
    let reminded = web
        .ask(move |traeger| {
            let _place = place;
            let settings = traeger.post_settings()?;
            if settings.host.is_empty() {
                return Ok(None);
            }
            Sender::new(traeger, courier, settings, run, &asking)?.round(traeger, whom, &state).map(Some)
        })
        .await?
        .ok_or(Failure::Refused("reminder-no-server"))?;
    let has_failed = reminded.iter().any(|one| matches!(one.became, Became::Failed(_) | Became::Unsure(_)));
    let status = if has_failed && !reminded.iter().any(Reminded::is_sent) {
        StatusCode::BAD_GATEWAY
    } else {
        StatusCode::OK
    };
    let mut page = shown(&web, &visit, run, None).await?;
    // Whoever changes the language comes back to the run.
    page.c.path = page.base();
    page.reminded = reminded;
    Ok((status, html(&page)?).into_response())
}

impl Sender {
    fn new(
        traeger: &Traeger,
        courier: Arc<dyn Courier>,
        settings: PostSettings,
        run: i64,
        visit: &Visit,
    ) -> rundgang_store::Result<Self> {
        let pages = settings.pages.trim_end_matches('/');
        Ok(Self {
            courier,
            site: if pages.is_empty() { visit.site.clone() } else { pages.to_owned() },
            recipients: traeger.weekly_recipients()?,
            run: traeger.run(run)?,
            traeger_name: traeger.name()?,
            day: visit.zone.wall(visit.now).day().date(),
            who: visit.author(),
            settings,
        })
    }

    /// Reminds one school, or all that have not handed in and gave a mailbox.
    fn round(
        &self,
        traeger: &Traeger,
        whom: Option<i64>,
        web: &WebState,
    ) -> rundgang_store::Result<Vec<Reminded>> {
        let begun = web.now();
        let mut all = Vec::new();
        for part in traeger.parts(self.run.id)? {
            let is_meant = match whom {
                Some(school) => part.school == school,
                None => part.state.is_awaited() && !recipients_of(part.school, &self.recipients).is_empty(),
            };
            if is_meant {
                all.push((traeger.school(part.school)?.entered.name, part.school));
            }
        }
        if all.is_empty() && whom.is_some() {
            return Err(rundgang_store::Error::NotFound(format!("such a school in run {}", self.run.id)));
        }
        all.sort();
        let mut reminded = Vec::new();
        for (name, school) in all {
            let now = web.now();
            let became = if now.0 - begun.0 >= PATIENCE {
                Became::NotBegun
            } else {
                self.remind(traeger, school, &name, now)?
            };
            reminded.push(Reminded { name, became });
        }
        Ok(reminded)
    }

    fn remind(
        &self,
        traeger: &Traeger,
        school: i64,
        name: &str,
        now: Timestamp,
    ) -> rundgang_store::Result<Became> {
        let to = recipients_of(school, &self.recipients);
        if to.is_empty() {
            return Ok(Became::Nobody);
        }
        match traeger.claim_reminder(self.run.id, school, &self.day, now) {
            Ok(Claim::Own) => {}
            Ok(Claim::Left) => return Ok(Became::Already),
            Ok(Claim::Unsure) => return Ok(Became::Unsure(String::new())),
            Err(error) if matches!(error.root(), rundgang_store::Error::Blocked(_)) => {
                return Ok(Became::HandedIn);
            }
            Err(error) => return Err(error),
        }
        let carried = self.carry(traeger, school, name, &to, now);
        let of = |wanted: fn(&Sent) -> bool| carried.iter().filter(move |(_, sent)| wanted(sent));
        let roles = roles_of(of(|sent| *sent == Sent::Taken).map(|(to, _)| *to));
        let told: Vec<String> = carried.iter().filter_map(|(_, sent)| why(sent)).collect();
        // Of several mailboxes one is enough; where none was reached, what is least sure counts.
        let least = [of(|s| *s == Sent::Taken), of(|s| matches!(s, Sent::Unknown(_))), of(|_| true)];
        let sent = least.into_iter().flatten().next().map_or(Sent::Quiet, |(_, sent)| sent.clone());
        let whom = roles.iter().map(|(role, count)| format!("{count} {role}")).collect::<Vec<_>>().join(", ");
        let whom = format!("mail to {whom}");
        traeger.note_reminder_sent((self.run.id, school), &self.day, &sent, &whom, &self.who, now)?;
        Ok(match sent {
            Sent::Taken => Became::Sent { roles, told },
            Sent::Unknown(why) => Became::Unsure(why),
            _ => Became::Failed(told.join("; ")),
        })
    }

    /// One mail to each mailbox, though several accounts name it; each bears no address but its own.
    fn carry<'a>(
        &self,
        traeger: &Traeger,
        school: i64,
        name: &str,
        to: &[&'a Recipient],
        now: Timestamp,
    ) -> Vec<(&'a Recipient, Sent)> {
        let mut by_mailbox: BTreeMap<String, Sent> = BTreeMap::new();
        let mut all = Vec::new();
        for account in to {
            let sent = by_mailbox.entry(account.address.to_lowercase()).or_insert_with(|| {
                let letter =
                    letter(&self.run, &self.traeger_name, (school, name), &self.site, &account.language);
                let id = format!(
                    "rundgang-{}-run-{}-{}-{}-{}",
                    traeger.id, self.run.id, account.account, self.day, now.0
                );
                let carried =
                    self.courier.carry(&self.settings, traeger.id, &account.address, &letter, &id, now);
                without(carried, &account.address)
            });
            all.push((*account, sent.clone()));
        }
        all
    }
}

/// Why a mail did not surely arrive.
fn why(sent: &Sent) -> Option<String> {
    match sent {
        Sent::Taken | Sent::Quiet => None,
        Sent::Later(told) | Sent::Refused(told) | Sent::Unknown(told) => Some(told.clone()),
    }
}

/// What a server says often names the mailbox; the book and the page do not.
fn without(sent: Sent, address: &str) -> Sent {
    let hidden = |told: String| told.replace(address, "…");
    let sent = match sent {
        Sent::Later(told) => Sent::Later(hidden(told)),
        Sent::Refused(told) => Sent::Refused(hidden(told)),
        Sent::Unknown(told) => Sent::Unknown(hidden(told)),
        sure => return sure,
    };
    tracing::warn!(?sent, "A reminder did not surely arrive.");
    sent
}
