//! Conversations with servers of a domain that may take many seconds: greetings of its mail exchangers, its MTA-STS policy,
//! the attempt at a transfer. Questions to the DNS go on meanwhile.

use super::{Collector, SERVER_PATIENCE};
use crate::audit::{mail_server, policy};
use rundgang_inventory::mail::plan::Wants;
use rundgang_inventory::mail::{DomainEvidence, MailServer, PolicyFetch};
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::task::JoinSet;

/// Where mail exchangers listen (RFC 5321).
const SMTP_PORT: u16 = 25;
/// Where policy hosts listen (RFC 8461 section 3.3).
const HTTPS_PORT: u16 = 443;
/// What was heard in one conversation.
enum Heard {
    MailServer(String, MailServer),
    Policy(PolicyFetch),
    Transfer(IpAddr, Option<bool>),
}

/// The conversations of one domain. Each is begun once.
#[derive(Default)]
pub(super) struct Talks {
    running: JoinSet<Heard>,
    greeted: BTreeSet<String>,
    fetched: bool,
    transferred: bool,
}

impl Talks {
    /// Begins what is wanted and not begun yet.
    pub(super) fn begin(&mut self, collector: &Arc<Collector>, domain: &str, wanted: &mut Wants) {
        for (host, addresses) in std::mem::take(&mut wanted.mail_servers) {
            if !self.greeted.insert(host.clone()) {
                continue;
            }
            let this = Arc::clone(collector);
            self.running.spawn(async move {
                let cell = this.mail_servers.cell(host.clone());
                let greet = || mail_server::greet(&host, &addresses, SMTP_PORT, this.authorities.clone());
                let server = cell.get_or_init(greet).await.clone();
                Heard::MailServer(host, server)
            });
        }
        if let Some((host, addresses)) = wanted.policy.take().filter(|_| !self.fetched) {
            self.fetched = true;
            let authorities = collector.authorities.clone();
            self.running.spawn(async move {
                Heard::Policy(policy::fetch(&host, &addresses, HTTPS_PORT, authorities).await)
            });
        }
        if let Some(ip) = wanted.transfer.take().filter(|_| !self.transferred) {
            self.transferred = true;
            let (this, domain) = (Arc::clone(collector), domain.to_owned());
            self.running.spawn(async move {
                let given = match this.server(ip).await {
                    Some(server) => server.transfers(&domain, SERVER_PATIENCE * 2).await,
                    None => None,
                };
                Heard::Transfer(ip, given)
            });
        }
    }

    /// Waits for all that is begun and notes it; false where nothing was.
    pub(super) async fn end(&mut self, evidence: &mut DomainEvidence) -> bool {
        let any = !self.running.is_empty();
        while let Some(heard) = self.running.join_next().await {
            match heard {
                Ok(Heard::MailServer(host, server)) => {
                    evidence.mail_servers.insert(host, server);
                }
                Ok(Heard::Policy(policy)) => evidence.policy = Some(policy),
                Ok(Heard::Transfer(ip, given)) => {
                    evidence.servers.entry(ip).or_default().transfer = given;
                }
                // It broke off: nothing was heard.
                Err(_) => {}
            }
        }
        any
    }
}
