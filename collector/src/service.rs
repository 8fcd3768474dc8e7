//! The two gRPC services: enrolment for boxes with an invitation, and the stream of those that are enrolled.

use crate::{
    Clock,
    authority::{Authority, AuthorityError, sha256},
    conversation::{Conversation, Streams, Told},
    hearing::{blocking, hear},
    ingest::MAX_MESSAGE,
};
use data_encoding::HEXLOWER;
use rundgang_inventory::Timestamp;
use rundgang_proto::{
    invitation::Invitation,
    v1::{
        EnrolRequest, EnrolResponse, FromAgent, FromCollector, RenewRequest,
        collector_server::{Collector, CollectorServer},
        enrolment_server::{Enrolment, EnrolmentServer},
    },
};
use rundgang_store::{Agent, AgentDetails, Store};
use std::sync::Arc;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status, Streaming};

/// Octets of a request of somebody who has no certificate yet.
const MAX_STRANGER: usize = 32 << 10;
/// Octets of a certificate request.
const MAX_REQUEST: usize = 8 << 10;
/// Messages to an agent that may wait for it.
const DOWNWARD: usize = 16;

/// What both services need.
#[derive(Clone)]
pub struct Service {
    store: Store,
    authority: Arc<Authority>,
    clock: Clock,
    /// Collectors that agents are told, HOST:PORT, in order.
    collectors: Vec<String>,
    streams: Arc<Streams>,
    stop: watch::Receiver<bool>,
}

impl Service {
    /// The services of one collector.
    #[must_use]
    pub fn new(
        store: Store,
        authority: Arc<Authority>,
        clock: Clock,
        collectors: Vec<String>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self { store, authority, clock, collectors, streams: Arc::default(), stop }
    }

    /// The service for boxes with an invitation.
    #[must_use]
    pub fn enrolment(&self) -> EnrolmentServer<Self> {
        EnrolmentServer::new(self.clone()).max_decoding_message_size(MAX_STRANGER)
    }

    /// The service for enrolled agents.
    #[must_use]
    pub fn collector(&self) -> CollectorServer<Self> {
        CollectorServer::new(self.clone()).max_decoding_message_size(MAX_MESSAGE)
    }

    /// Who calls: taken from the verified certificate of the connection, never from a message.
    async fn identify<T>(&self, request: &Request<T>) -> Result<Agent, Status> {
        let (store, fingerprint) = (self.store.clone(), presented(request)?);
        let agent = blocking(move || store.agent_by_fingerprint(&fingerprint)).await?;
        let agent = agent.ok_or_else(|| Status::unauthenticated(UNKNOWN))?;
        if agent.approved_at.is_none() && agent.revoked_at.is_none() {
            self.note_waiting(&agent).await?;
        }
        hear(&agent)?;
        Ok(agent)
    }

    /// A box that waits is in touch all the same: people see when it last called, and what to do about it.
    async fn note_waiting(&self, agent: &Agent) -> Result<(), Status> {
        let (id, name) = (agent.id, &agent.name);
        tracing::warn!("agent {id} ({name}) waits: rundgang-collector approve {id}");
        let (traeger, now) = (self.store.traeger(agent.traeger), (self.clock)());
        blocking(move || traeger.agent_called(id, now)).await
    }
}

/// The fingerprint of the certificate that the connection presented.
fn presented<T>(request: &Request<T>) -> Result<String, Status> {
    let chain = request.peer_certs();
    let certificate = chain.as_ref().and_then(|chain| chain.first());
    let certificate = certificate.ok_or_else(|| Status::unauthenticated(NO_CERTIFICATE))?;
    Ok(HEXLOWER.encode(&sha256(certificate)))
}

const NO_CERTIFICATE: &str = "this call needs an agent's certificate: enrol the box first";
const UNKNOWN: &str = "this agent is not known here: enrol the box again with a new invitation";

/// The hash under which an invitation's secret is kept.
#[must_use]
pub fn token_hash(invitation: &Invitation) -> String {
    HEXLOWER.encode(&sha256(&invitation.secret))
}

#[tonic::async_trait]
impl Enrolment for Service {
    async fn enrol(&self, request: Request<EnrolRequest>) -> Result<Response<EnrolResponse>, Status> {
        let request = request.into_inner();
        let invitation: Invitation =
            request.token.parse().map_err(|error| Status::invalid_argument(format!("the token: {error}")))?;
        if invitation.authority != self.authority.pin() {
            return Err(Status::failed_precondition("this token is of another collector"));
        }
        if request.certificate_request.len() > MAX_REQUEST {
            return Err(Status::invalid_argument("the certificate request is too large"));
        }
        let now = (self.clock)();
        let (store, authority) = (self.store.clone(), self.authority.clone());
        let (certificate, agent) = blocking(move || {
            let name = shown(&request.box_name);
            let version = shown(&request.agent_version);
            let details = AgentDetails {
                name: &name,
                version: &version,
                fingerprint: "",
                certificate_until: now.plus_days(crate::authority::AGENT_DAYS),
            };
            let mut certificate = Vec::new();
            // The token first: nothing is read or signed for a stranger. A request that cannot be signed rolls all of
            // it back, so that it does not use up the token.
            let redeemed = store.redeem_invitation(&token_hash(&invitation), &details, now, |agent| {
                let issued = sign(&authority, &request.certificate_request, agent, now)
                    .map_err(|status| rundgang_store::Error::Refused(status.message().to_owned()))?;
                certificate = issued;
                Ok(HEXLOWER.encode(&sha256(&certificate)))
            })?;
            Ok((certificate, redeemed.agent))
        })
        .await?;
        tracing::info!(agent, "a box has enrolled");
        Ok(Response::new(self.answer(certificate, agent)))
    }
}

impl Service {
    fn answer(&self, certificate: Vec<u8>, agent: i64) -> EnrolResponse {
        EnrolResponse {
            certificate,
            ca: self.authority.certificate().to_vec(),
            agent_id: agent.to_string(),
            collectors: self.collectors.clone(),
        }
    }
}

/// A text of a stranger, made fit to be shown and stored.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
}

fn sign(authority: &Authority, request: &[u8], agent: i64, now: Timestamp) -> Result<Vec<u8>, Status> {
    match authority.certify_agent(request, &format!("rundgang agent {agent}"), now) {
        Ok(issued) => Ok(issued.certificate.to_vec()),
        Err(error @ AuthorityError::Request(_)) => Err(Status::invalid_argument(error.to_string())),
        Err(error) => {
            tracing::error!(%error, "signing an agent's certificate");
            Err(Status::internal("the collector could not sign; its log says why"))
        }
    }
}

#[tonic::async_trait]
impl Collector for Service {
    async fn renew(&self, request: Request<RenewRequest>) -> Result<Response<EnrolResponse>, Status> {
        let agent = self.identify(&request).await?;
        let presented = presented(&request)?;
        let request = request.into_inner().certificate_request;
        if request.len() > MAX_REQUEST {
            return Err(Status::invalid_argument("the certificate request is too large"));
        }
        let now = (self.clock)();
        let certificate = sign(&self.authority, &request, agent.id, now)?;
        let fingerprint = HEXLOWER.encode(&sha256(&certificate));
        let traeger = self.store.traeger(agent.traeger);
        let until = now.plus_days(crate::authority::AGENT_DAYS);
        blocking(move || traeger.renew_agent(agent.id, &presented, &fingerprint, until)).await?;
        Ok(Response::new(self.answer(certificate, agent.id)))
    }

    type ConverseStream = ReceiverStream<Result<FromCollector, Status>>;

    async fn converse(
        &self,
        request: Request<Streaming<FromAgent>>,
    ) -> Result<Response<Self::ConverseStream>, Status> {
        let agent = self.identify(&request).await?;
        let (down, answers) = mpsc::channel(DOWNWARD);
        let (displaced, share) = self.streams.take_over(agent.id, Instant::now());
        let conversation = Conversation {
            traeger: self.store.traeger(agent.traeger),
            displaced,
            share,
            agent,
            clock: self.clock.clone(),
            stop: self.stop.clone(),
            down,
            told: Told::default(),
        };
        tokio::spawn(conversation.run(request.into_inner()));
        Ok(Response::new(ReceiverStream::new(answers)))
    }
}
