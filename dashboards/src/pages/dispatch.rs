//! How the weekly mail and the message for programs leave, on the page of settings.

use super::settings::{Shown, shown};
use crate::failure::Failure;
use crate::guard::check_form;
use crate::web::{Visit, WebState};
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use rundgang_store::PostSettings;
use serde::Deserialize;

/// What the form sends.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Given {
    csrf: String,
    host: String,
    port: String,
    security: String,
    user: String,
    password_file: String,
    from: String,
    pages: String,
    webhook: String,
    webhook_key_file: String,
}

impl Given {
    fn settings(&self) -> PostSettings {
        let own = |text: &str| text.trim().to_owned();
        PostSettings {
            host: own(&self.host),
            port: self.port.trim().parse().unwrap_or(0),
            security: own(&self.security),
            user: own(&self.user),
            password_file: own(&self.password_file),
            from: own(&self.from),
            pages: own(&self.pages),
            webhook: own(&self.webhook),
            webhook_key_file: own(&self.webhook_key_file),
        }
    }
}

pub(crate) async fn save(
    State(web): State<WebState>,
    visit: Visit,
    Form(given): Form<Given>,
) -> Result<Response, Failure> {
    check_form(&visit, &given.csrf)?;
    let new = given.settings();
    let (who, now, kept) = (visit.author(), visit.now, new.clone());
    match web.ask(move |traeger| traeger.set_post_settings(&kept, &who, now)).await {
        Ok(()) => Ok(Redirect::to("/einstellungen?ok=saved#post").into_response()),
        Err(Failure::Field(field, key)) => {
            let why = visit.language.text(key);
            let named = visit.language.text(&format!("post-{}", field.replace('_', "-")));
            let told =
                Shown { refused_post: Some((field, why.clone())), post: Some(new), ..Shown::default() };
            let page = shown(&web, &visit, told, Some(format!("{named}: {why}")), None).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
        Err(failure) => Err(failure),
    }
}
