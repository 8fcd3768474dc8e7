//! `sign-in`: by which provider of identities people may sign in, and by whom an account is proven there.

use super::{
    accounts::named,
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::Clock;
use clap::Args;

#[derive(Args, Debug)]
pub(super) struct SignInArgs {
    #[command(flatten)]
    book: Book,
    /// The issuer, as the provider names itself: https://...; "" lets nobody in by a provider any more.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The name of this collector at the provider (client ID).
    #[arg(long, value_name = "NAME")]
    client: Option<String>,
    /// The file with the client's secret: its name in DIR/secrets/NUMBER, where NUMBER is that of the Träger; "" for none.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<String>,
    /// The words on the button: what people call the provider.
    #[arg(long, value_name = "WORDS")]
    name: Option<String>,
    /// The account of which something is said below, by its name to sign in.
    #[arg(long, value_name = "LOGIN", requires = "whom")]
    account: Option<String>,
    /// Whoever has this verified mail address at the provider signs in with the account; "" for nobody.
    #[arg(long, value_name = "ADDRESS", requires = "account", group = "whom")]
    email: Option<String>,
    /// Whoever the provider calls by this subject signs in with the account.
    #[arg(long, value_name = "SUBJECT", requires = "account", group = "whom")]
    subject: Option<String>,
}

pub(super) fn run(args: &SignInArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let before = traeger.sign_in_settings()?;
    let mut new = before.clone();
    let given = [
        (&args.issuer, &mut new.issuer),
        (&args.client, &mut new.client),
        (&args.secret_file, &mut new.secret_file),
        (&args.name, &mut new.name),
    ];
    for (given, field) in given {
        if let Some(given) = given {
            given.trim().clone_into(field);
        }
    }
    if new != before {
        traeger.set_sign_in_settings(&new, WHO, clock())?;
    }
    if let Some(login) = &args.account {
        let account = named(&traeger, login)?.id;
        if let Some(email) = &args.email {
            traeger.await_identity(account, email, WHO, clock())?;
        }
        if let Some(subject) = &args.subject {
            traeger.link_identity(account, subject, WHO, clock())?;
        }
    }
    let mut text = if new.is_set() {
        format!(
            "People may sign in with {} ({}, client {}); it sends browsers back to PAGES/anmelden/zurueck.\n",
            new.name, new.issuer, new.client
        )
    } else {
        "People sign in with their passwords here alone; --issuer, --client and --name name a provider.\n"
            .to_owned()
    };
    let accounts = traeger.accounts()?;
    for (id, one) in traeger.identities()? {
        let login =
            accounts.iter().find(|account| account.id == id).map_or("", |account| account.login.as_str());
        let by = if one.is_linked_at(&new.issuer) {
            one.subject
        } else if one.email.is_empty() {
            format!("{}, at {} and not at the provider above: lets nobody in", one.subject, one.issuer)
        } else {
            format!("awaits {}", one.email)
        };
        text += &format!("{login:<24} {by}\n");
    }
    print(&text)
}
