//! Who is heard, and how work with the store is done for an agent: what both services and a standing stream share.

use rundgang_proto::invitation::WAITS;
use rundgang_store::Agent;
use tonic::Status;

/// Whether an agent may speak now.
pub(crate) fn hear(agent: &Agent) -> Result<(), Status> {
    if let Some(at) = agent.revoked_at {
        let text = format!("it was revoked on {}; to come back it needs a new invitation", at.date());
        return Err(Status::permission_denied(text));
    }
    if agent.approved_at.is_none() {
        return Err(Status::failed_precondition(format!(
            "{WAITS}: on the collector, run rundgang-collector approve {}",
            agent.id
        )));
    }
    Ok(())
}

/// Works with the store on a thread that may wait, and says what went wrong without telling a stranger too much.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> rundgang_store::Result<T> + Send + 'static,
) -> Result<T, Status> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => match error.root() {
            rundgang_store::Error::Refused(reason) => Err(Status::failed_precondition(reason.clone())),
            _ => {
                tracing::error!(%error, "the database failed");
                Err(Status::unavailable("the collector's database failed; its log says why"))
            }
        },
        Err(error) => {
            tracing::error!(%error, "work for an agent was broken off");
            Err(Status::unavailable("the collector broke off; its log says why"))
        }
    }
}
