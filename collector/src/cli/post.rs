//! `post`: how the weekly mail and the message for programs leave, what was sent, and a try.

use super::{
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::{Clock, post::Post};
use clap::Args;
use rundgang_inventory::Zone;
use rundgang_store::PostSettings;

#[derive(Args, Debug)]
pub(super) struct PostArgs {
    #[command(flatten)]
    book: Book,
    /// The mail server; "" lets no mail leave.
    #[arg(long, value_name = "HOST")]
    host: Option<String>,
    /// Its port.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// How the connection is encrypted; none to this machine alone.
    #[arg(long, value_name = "HOW", value_parser = ["starttls", "tls", "none"])]
    security: Option<String>,
    /// The name to sign in with.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// The file with the password: its name in DIR/secrets/NUMBER, where NUMBER is that of the Träger.
    #[arg(long, value_name = "FILE")]
    password_file: Option<String>,
    /// The sender.
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// Where the pages are, for links.
    #[arg(long, value_name = "URL")]
    pages: Option<String>,
    /// Where the message for programs goes; "" lets none leave.
    #[arg(long, value_name = "URL")]
    webhook: Option<String>,
    /// The file with the key that signs it: its name in the same folder.
    #[arg(long, value_name = "FILE")]
    webhook_key_file: Option<String>,
    /// Send one line to this address, to see whether all is right.
    #[arg(long, value_name = "ADDRESS")]
    r#try: Option<String>,
}

pub(super) fn run(args: &PostArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let before = traeger.post_settings()?;
    let mut new = before.clone();
    let given = [
        (&args.host, &mut new.host),
        (&args.security, &mut new.security),
        (&args.user, &mut new.user),
        (&args.password_file, &mut new.password_file),
        (&args.from, &mut new.from),
        (&args.pages, &mut new.pages),
        (&args.webhook, &mut new.webhook),
        (&args.webhook_key_file, &mut new.webhook_key_file),
    ];
    for (given, field) in given {
        if let Some(given) = given {
            given.trim().clone_into(field);
        }
    }
    new.port = args.port.unwrap_or(new.port);
    if new != before {
        traeger.set_post_settings(&new, WHO, clock())?;
    }
    if let Some(address) = &args.r#try {
        Post::new(&args.book.data, Zone::UTC).try_mail(&traeger, address, clock())?;
        return print(&format!("{} took a line for {address}.\n", new.host));
    }
    let mut text = settled(&new);
    text += &format!("Secrets:  files in {}/secrets/{}\n", args.book.data.display(), traeger.id);
    for one in traeger.dispatches(10)? {
        text += &format!("{} {:<8} {:>5} {} {}\n", one.week, one.kind, one.recipient, one.state, one.told);
    }
    print(&text)
}

/// How mail and messages leave, in words.
fn settled(settings: &PostSettings) -> String {
    let PostSettings { host, port, security, user, password_file, from, pages, webhook, webhook_key_file } =
        settings;
    let mail = if host.is_empty() {
        "none leaves; --host, --port, --security and --from let it".to_owned()
    } else if user.is_empty() {
        format!("by {host}, port {port}, {security}, from {from}")
    } else {
        format!(
            "by {host}, port {port}, {security}, from {from}, as {user} with the password in {password_file}"
        )
    };
    let links = if pages.is_empty() { "none; --pages says where the pages are" } else { pages };
    let message = if webhook.is_empty() {
        "none leaves; --webhook and --webhook-key-file let it".to_owned()
    } else {
        format!("to {webhook}, signed with the key in {webhook_key_file}")
    };
    format!("Mail:     {mail}\nLinks:    {links}\nMessage:  {message}\n")
}
