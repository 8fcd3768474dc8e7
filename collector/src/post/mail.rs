//! A letter to one mailbox: encrypted away from this machine, and with a word about what surely did not leave.

use super::secret;
use lettre::{
    Message, SmtpTransport, Transport as _,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use rundgang_dashboards::digest::Letter;
use rundgang_inventory::{Timestamp, told::one_line};
use rundgang_store::{PostSettings, Sent};
use std::{
    path::Path,
    time::{Duration, SystemTime},
};

/// How long the server may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) fn send(
    settings: &PostSettings,
    secrets: &Path,
    to: &str,
    letter: &Letter,
    id: &str,
    now: Timestamp,
) -> Sent {
    let message = match message(settings, to, letter, id, now) {
        Ok(message) => message,
        Err(told) => return Sent::Refused(told),
    };
    let transport = match transport(settings, secrets) {
        Ok(transport) => transport,
        Err(told) => return Sent::Later(told),
    };
    // What fails up to here surely sent nothing: no connection, no encryption, a wrong password.
    match transport.test_connection() {
        Ok(true) => {}
        Ok(false) => return Sent::Later("the server does not answer".to_owned()),
        Err(error) => return Sent::Later(one_line(&error)),
    }
    match transport.send(&message) {
        Ok(_) => Sent::Taken,
        Err(error) if error.is_permanent() => Sent::Refused(one_line(&error)),
        Err(error) if error.is_transient() || error.is_client() => Sent::Later(one_line(&error)),
        // The connection broke: perhaps after the letter was through.
        Err(error) => Sent::Unknown(one_line(&error)),
    }
}

fn message(
    settings: &PostSettings,
    to: &str,
    letter: &Letter,
    id: &str,
    now: Timestamp,
) -> Result<Message, String> {
    let mailbox = |text: &str| text.parse::<Mailbox>().map_err(|error| format!("{text}: {error}"));
    let domain = settings.from.rsplit_once('@').map_or("rundgang.invalid", |(_, domain)| domain);
    let since = Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
    Message::builder()
        .from(mailbox(&settings.from)?)
        .to(mailbox(to)?)
        .subject(&letter.subject)
        .date(SystemTime::UNIX_EPOCH + since)
        .message_id(Some(format!("<{id}@{domain}>")))
        .header(ContentType::TEXT_PLAIN)
        .body(letter.text.clone())
        .map_err(|error| error.to_string())
}

fn transport(settings: &PostSettings, secrets: &Path) -> Result<SmtpTransport, String> {
    let mut builder = SmtpTransport::builder_dangerous(&settings.host)
        .port(settings.port)
        .timeout(Some(PATIENCE))
        .tls(tls(settings)?);
    if !settings.user.is_empty() {
        let password = secret::read(secrets, &settings.password_file)?;
        builder = builder.credentials(Credentials::new(settings.user.clone(), password));
    }
    Ok(builder.build())
}

/// The store refuses to keep `none` for another machine; so does this.
fn tls(settings: &PostSettings) -> Result<Tls, String> {
    if settings.security == "none" {
        let is_own = rundgang_store::is_this_machine(&settings.host);
        return is_own.then_some(Tls::None).ok_or_else(|| "nothing leaves in the clear".to_owned());
    }
    let parameters =
        TlsParameters::builder(settings.host.clone()).build_rustls().map_err(|error| one_line(&error))?;
    Ok(if settings.security == "tls" { Tls::Wrapper(parameters) } else { Tls::Required(parameters) })
}
