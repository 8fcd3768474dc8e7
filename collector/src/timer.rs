//! The timer: what changes by the mere passing of time, such as a certificate that expires.

use crate::{Clock, post::Post};
use rundgang_store::Store;
use std::time::Duration;
use tokio::sync::watch;

/// How often the rules run again and what has outlived its retention is looked for.
const EVERY: Duration = Duration::from_secs(3600);

/// Runs until the collector ends. The first turn comes at once.
pub async fn run(store: Store, post: Post, clock: Clock, mut stopped: watch::Receiver<bool>) {
    let mut interval = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            _ = interval.tick() => {}
            _ = stopped.wait_for(|stop| *stop) => return,
        }
        let (store, post, now) = (store.clone(), post.clone(), clock());
        let turn = tokio::task::spawn_blocking(move || turn(&store, &post, now));
        match turn.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the hourly turn"),
            Err(error) => tracing::error!(%error, "the hourly turn was broken off"),
        }
    }
}

fn turn(store: &Store, post: &Post, now: rundgang_inventory::Timestamp) -> rundgang_store::Result<()> {
    for traeger in store.all_traeger()? {
        let traeger = store.traeger(traeger.id);
        traeger.check_all_rules(now)?;
        // So that an answer "as of 1 October" can still be given in December.
        traeger.note_surveys(now)?;
        traeger.retain(traeger.retention()?, now)?;
    }
    store.tidy()?;
    // Last, since a mail server may take its time.
    for traeger in store.all_traeger()? {
        post.turn(&store.traeger(traeger.id), now)?;
    }
    Ok(())
}
