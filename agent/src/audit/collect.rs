//! Gathers the evidence of a domain: asks what the plan wants until it wants nothing more.

mod talks;
#[cfg(test)]
mod tests;

use super::dns::Manner;
use super::net::{Failure, Server};
use super::tls;
use rundgang_inventory::mail::lookup::{Answer, Outcome, Question, RecordType};
use rundgang_inventory::mail::plan::{Limits, MOST_ROUNDS, Route, Wants, wants};
use rundgang_inventory::mail::{DomainEvidence, MailServer, NameServer};
use rustls::client::WebPkiServerVerifier;
use std::collections::HashMap;
use std::hash::Hash;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use talks::Talks;
use tokio::sync::OnceCell;
use tokio::task::JoinSet;

/// How long a resolver may take for a first answer; it has to ask others.
const RESOLVER_PATIENCE: Duration = Duration::from_millis(2500);
/// How long a name server may take for what it knows itself.
const SERVER_PATIENCE: Duration = Duration::from_millis(1500);
/// Answers kept for other domains; then the memory starts afresh.
const MOST_KEPT: usize = 20_000;
/// A name that no name server of a school serves: who answers for it looks up names for anyone.
const STRANGER: &str = "www.iana.org";

/// What is asked for once and shared by all domains.
struct Shared<K, V>(Mutex<HashMap<K, Arc<OnceCell<V>>>>);

impl<K: Eq + Hash, V> Shared<K, V> {
    fn new() -> Self {
        Self(Mutex::new(HashMap::new()))
    }

    fn cell(&self, key: K) -> Arc<OnceCell<V>> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if map.len() >= MOST_KEPT {
            map.clear();
        }
        Arc::clone(map.entry(key).or_default())
    }
}

/// What the collection asks for by itself.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Selectors asked for in every domain.
    pub selectors: Vec<String>,
    /// Selectors that the register names, by domain; the empty name holds those for every domain.
    pub known_selectors: HashMap<String, Vec<String>>,
    /// SPF terms of senders that the register names, by domain.
    pub known_senders: HashMap<String, Vec<String>>,
    /// Host names asked for in every domain.
    pub hosts: Vec<String>,
}

/// Gathers evidence over one resolver.
pub struct Collector {
    resolver: Server,
    limits: Limits,
    name_server_port: u16,
    lists: Lists,
    answers: Shared<Question, Answer>,
    servers: Shared<IpAddr, Option<Arc<Server>>>,
    recursion: Shared<IpAddr, bool>,
    mail_servers: Shared<String, MailServer>,
    authorities: Option<Arc<WebPkiServerVerifier>>,
}

impl Collector {
    /// A collector over this resolver.
    ///
    /// # Errors
    /// When no socket can be opened.
    pub async fn new(
        resolver: SocketAddr,
        name_server_port: u16,
        connect: bool,
        lists: Lists,
    ) -> io::Result<Arc<Self>> {
        let loopback = resolver.ip().is_loopback();
        Ok(Arc::new(Self {
            resolver: Server::resolver(resolver).await?,
            limits: Limits { connect, ask_servers: true, loopback },
            name_server_port,
            lists,
            answers: Shared::new(),
            servers: Shared::new(),
            recursion: Shared::new(),
            mail_servers: Shared::new(),
            authorities: if connect { tls::authorities() } else { None },
        }))
    }

    /// Gathers everything about one domain (in the common form). `canary` is a fresh random label.
    pub async fn gather(self: &Arc<Self>, domain: &str, canary: &str) -> DomainEvidence {
        let mut evidence = DomainEvidence::new(domain, canary);
        evidence.selectors.clone_from(&self.lists.selectors);
        evidence.hosts.clone_from(&self.lists.hosts);
        for key in ["", domain] {
            evidence
                .known_selectors
                .extend(self.lists.known_selectors.get(key).into_iter().flatten().cloned());
        }
        evidence.known_senders = self.lists.known_senders.get(domain).cloned().unwrap_or_default();
        let mut talks = Talks::default();
        for _ in 0..MOST_ROUNDS {
            let mut wanted = wants(&evidence, self.limits);
            talks.begin(self, domain, &mut wanted);
            if wanted.questions.is_empty() && wanted.servers.is_empty() {
                // Nothing is left to ask, unless what the servers say brings something up.
                if !talks.end(&mut evidence).await {
                    break;
                }
                continue;
            }
            self.round(&mut evidence, wanted).await;
        }
        talks.end(&mut evidence).await;
        evidence
    }

    /// Asks everything that one round wants at the same time.
    async fn round(self: &Arc<Self>, evidence: &mut DomainEvidence, wanted: Wants) {
        let mut questions = JoinSet::new();
        let servers: Vec<IpAddr> = evidence
            .servers
            .iter()
            .filter(|(_, server)| server.authoritative == Some(true))
            .map(|(&ip, _)| ip)
            .collect();
        let domain: Arc<str> = evidence.domain.as_str().into();
        let mut of_zone: Vec<Vec<Question>> = vec![Vec::new(); servers.len()];
        for (question, route) in wanted.questions {
            // The zone's servers share the many small questions.
            let at = question.name.len() % servers.len().max(1);
            if let Some(list) = of_zone.get_mut(at).filter(|_| route == Route::Zone) {
                list.push(question);
                continue;
            }
            let this = Arc::clone(self);
            let domain = Arc::clone(&domain);
            questions.spawn(async move {
                let answer = this.resolve_shared(&domain, &question).await;
                vec![(question, answer)]
            });
        }
        for (server, list) in servers.into_iter().zip(of_zone).filter(|(_, list)| !list.is_empty()) {
            let this = Arc::clone(self);
            questions.spawn(async move { this.ask_zone(server, list).await });
        }
        let mut probes = JoinSet::new();
        for ip in wanted.servers {
            let this = Arc::clone(self);
            let domain = Arc::clone(&domain);
            probes.spawn(async move { (ip, this.probe(ip, &domain).await) });
        }
        while let Some(Ok(answered)) = questions.join_next().await {
            evidence.lookups.extend(answered);
        }
        while let Some(Ok((ip, server))) = probes.join_next().await {
            evidence.servers.insert(ip, server);
        }
    }

    /// Resolves; what does not belong to the domain itself is remembered for the others.
    async fn resolve_shared(&self, domain: &str, question: &Question) -> Answer {
        if question.name.ends_with(domain) {
            return self.resolve(question).await;
        }
        let cell = self.answers.cell(question.clone());
        cell.get_or_init(|| self.resolve(question)).await.clone()
    }

    /// Asks the resolver. SERVFAIL is asked again without checking: an answer then means a wrong signature where the domain
    /// is signed, if checking still ends in SERVFAIL afterwards. A resolver that had only waited in vain for others knows
    /// the answer by then.
    pub async fn resolve(&self, question: &Question) -> Answer {
        let answer = self.resolve_once(question, Manner::Resolve).await;
        if answer.outcome != Outcome::ServerFailure {
            return answer;
        }
        let unchecked = self.resolve_once(question, Manner::Unchecked).await;
        if !unchecked.outcome.is_certain() {
            return answer;
        }
        let again = self.resolve_once(question, Manner::Resolve).await;
        if again.outcome == Outcome::ServerFailure {
            Answer { outcome: Outcome::Bogus, ..unchecked }
        } else {
            again
        }
    }

    async fn resolve_once(&self, question: &Question, manner: Manner) -> Answer {
        match self.resolver.ask(question, manner, RESOLVER_PATIENCE).await {
            Ok(reply) => reply.answer,
            Err(Failure::NoName) => Answer::nothing(Outcome::NoName),
            Err(Failure::TimedOut | Failure::Silent | Failure::Unreachable) => {
                Answer::nothing(Outcome::TimedOut)
            }
        }
    }

    /// Asks a server of the zone; whatever is not a plain answer of its own goes to the resolver.
    async fn ask_zone(self: &Arc<Self>, ip: IpAddr, questions: Vec<Question>) -> Vec<(Question, Answer)> {
        let replies = match self.server(ip).await {
            Some(server) => server.ask_all(&questions, Manner::Direct, SERVER_PATIENCE).await,
            None => questions.iter().map(|_| None).collect(),
        };
        let mut answered = Vec::with_capacity(questions.len());
        let mut left = JoinSet::new();
        for (question, reply) in questions.into_iter().zip(replies) {
            let own = reply.filter(|reply| {
                reply.authoritative && reply.answer.outcome.is_certain() && reply.answer.aliases.is_empty()
            });
            if let Some(reply) = own {
                answered.push((question, Answer { authentic: false, ..reply.answer }));
                continue;
            }
            let this = Arc::clone(self);
            left.spawn(async move {
                let answer = this.resolve(&question).await;
                (question, answer)
            });
        }
        while let Some(Ok(resolved)) = left.join_next().await {
            answered.push(resolved);
        }
        answered
    }

    async fn server(&self, ip: IpAddr) -> Option<Arc<Server>> {
        let address = SocketAddr::new(ip, self.name_server_port);
        let cell = self.servers.cell(ip);
        cell.get_or_init(|| async { Server::name_server(address).await.ok().map(Arc::new) }).await.clone()
    }

    /// Asks one name server whether it serves the domain.
    async fn probe(&self, ip: IpAddr, domain: &str) -> NameServer {
        let Some(server) = self.server(ip).await else {
            return NameServer { said: Failure::Unreachable.to_string(), ..NameServer::default() };
        };
        let question = Question::new(domain, RecordType::Soa);
        match server.ask(&question, Manner::Direct, SERVER_PATIENCE).await {
            Err(failure) => NameServer { said: failure.to_string(), ..NameServer::default() },
            Ok(reply) => {
                let authoritative = reply.authoritative && reply.answer.outcome == Outcome::Found;
                let suffix = if reply.authoritative { "" } else { ", without authority" };
                NameServer {
                    authoritative: Some(authoritative),
                    said: format!("{}{suffix}", reply.code),
                    serial: reply.answer.serial(),
                    recursion: self.looks_up_for_strangers(ip, &server).await,
                    transfer: None,
                }
            }
        }
    }

    async fn looks_up_for_strangers(&self, ip: IpAddr, server: &Server) -> Option<bool> {
        let cell = self.recursion.cell(ip);
        let ask = || async {
            let question = Question::new(STRANGER, RecordType::A);
            let reply = server.ask(&question, Manner::Resolve, SERVER_PATIENCE).await?;
            let looked_up = matches!(reply.answer.outcome, Outcome::Found | Outcome::NoName);
            Ok::<bool, Failure>(reply.recursive && !reply.authoritative && looked_up)
        };
        // An answer that was lost is asked for again with the next domain of the server.
        cell.get_or_try_init(ask).await.ok().copied()
    }
}
