//! `domains`: what was found, and whose it is.

use super::{
    book::{Book, WHO, open, print},
    error::CliError,
};
use crate::{Clock, report::school_named};
use rundgang_inventory::mail::{KnownSender, MailFacts, lookup::domain_from};
use rundgang_store::DomainLine;

/// List, confirm or decline domains.
#[derive(clap::Args, Debug)]
pub(super) struct DomainsArgs {
    #[command(flatten)]
    book: Book,
    /// The school; may be left out where there is only one.
    #[arg(long, value_name = "NAME")]
    school: Option<String>,
    /// This domain is the school's: agents that accept it look up its public records.
    #[arg(long, value_name = "DOMAIN")]
    confirm: Vec<String>,
    /// This domain is somebody else's.
    #[arg(long, value_name = "DOMAIN")]
    decline: Vec<String>,
    /// The domain that --selector, --sender and --complete are about: one that is confirmed as the school's. What they
    /// say takes the place of what stood there.
    #[arg(long, value_name = "DOMAIN", conflicts_with_all = ["confirm", "decline"])]
    facts: Option<String>,
    /// A DKIM selector that the school or its provider signs with: mail, s1.
    #[arg(long, value_name = "SELECTOR", requires = "facts")]
    selector: Vec<String>,
    /// A service that sends as the domain besides its mail provider, by its SPF term: include:NAME, a:HOST, ip4:…,
    /// ip6:…; a name for people may follow after a blank.
    #[arg(long, value_name = "TERM [NAME]", requires = "facts")]
    sender: Vec<String>,
    /// Nobody else sends as the domain: proposed SPF records end in -all.
    #[arg(long, requires = "facts")]
    complete: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &DomainsArgs, clock: &Clock) -> Result<(), CliError> {
    let (_, traeger) = open(&args.book)?;
    let schools = match school_named(&traeger, args.school.as_deref())? {
        Some(school) => vec![school],
        None => traeger.schools()?.into_iter().map(|school| school.id).collect(),
    };
    let is_change = !args.confirm.is_empty() || !args.decline.is_empty() || args.facts.is_some();
    if is_change {
        let [school] = schools.as_slice() else { return Err(CliError::WhichSchool) };
        for name in &args.confirm {
            traeger.confirm_domain(*school, name, WHO, clock())?;
        }
        for name in &args.decline {
            traeger.decline_domain(*school, name, WHO, clock())?;
        }
        if let Some(name) = &args.facts {
            // What is said here takes the place of whatever stands there.
            let stands = traeger.mail_facts(*school, name)?.map_or(0, |stands| stands.version);
            traeger.set_mail_facts(*school, name, (&facts(args), stands), (WHO, clock()))?;
        }
    }
    let named = |line: &DomainLine| {
        let typed = args.confirm.iter().chain(&args.decline).chain(&args.facts);
        !is_change || typed.filter_map(|name| domain_from(name)).any(|name| name == line.name)
    };
    let mut text = String::new();
    for school in schools {
        for line in traeger.domain_lines(school)?.iter().filter(|line| named(line)) {
            let known = traeger.mail_facts(school, &line.name)?.map(|entered| entered.facts);
            text += &if args.json {
                let mut shown = serde_json::to_value(line).unwrap_or_default();
                shown["school"] = school.into();
                shown["mail"] = serde_json::to_value(&known).unwrap_or_default();
                format!("{shown}\n")
            } else {
                readable(line, known.as_ref())
            };
        }
    }
    print(&text)
}

/// What the flags say of the mail of a domain.
fn facts(args: &DomainsArgs) -> MailFacts {
    let sender = |text: &String| {
        let (term, name) = text.trim().split_once(char::is_whitespace).unwrap_or((text.trim(), ""));
        KnownSender { term: term.to_owned(), name: name.trim().to_owned() }
    };
    MailFacts {
        selectors: args.selector.clone(),
        senders: args.sender.iter().map(sender).collect(),
        is_complete: args.complete,
    }
}

fn readable(line: &DomainLine, known: Option<&MailFacts>) -> String {
    let sources: Vec<&str> = line.sources.iter().map(String::as_str).collect();
    let mut text = format!("{:<10} {:<40} {}\n", line.state.name(), line.name, sources.join(", "));
    let Some(known) = known else { return text };
    if !known.selectors.is_empty() {
        text += &format!("           DKIM selectors: {}\n", known.selectors.join(", "));
    }
    for sender in &known.senders {
        text += format!("           sends as well: {} {}", sender.term, sender.name).trim_end();
        text.push('\n');
    }
    if known.is_complete {
        text += "           nobody else sends as this domain\n";
    }
    text
}
