//! A relay between an agent and its collector that counts octets, keeps them back, and swallows answers.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
        mpsc::{self, Receiver, Sender},
    },
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::Runtime,
    sync::watch,
};

/// So many ways stand at a time; older ones end, as a dead process's do after a while. A collector seats one agent eight
/// times, and one that it turns away goes to the collector's other address, past the relay.
const MOST_STANDING: usize = 4;

/// What comes over, and when it is enough.
pub(super) struct Relay {
    pub(super) port: u16,
    /// Octets that may still go to the collector; the next ones stay here, and the other end of `enough` is told.
    up: Arc<AtomicI64>,
    /// Whether the collector's answers stay here once `up` is used up, while what the agent sends goes on.
    mute: Arc<AtomicBool>,
    /// Whether anything goes to the collector; what comes meanwhile waits for its turn.
    gate: watch::Sender<bool>,
    pub(super) enough: Receiver<()>,
}

impl Relay {
    pub(super) fn open(runtime: &Runtime, collector: u16) -> Self {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (up, mute) = (Arc::new(AtomicI64::new(i64::MAX)), Arc::new(AtomicBool::new(false)));
        let (tell, enough) = mpsc::channel();
        let (left, is_mute) = (up.clone(), mute.clone());
        let (gate, entrance) = watch::channel(true);
        runtime.spawn(async move {
            let mut standing = VecDeque::new();
            while let Ok((agent, _)) = listener.accept().await {
                let Ok(there) = TcpStream::connect(("127.0.0.1", collector)).await else { continue };
                let ((from_agent, to_agent), (from_there, to_there)) =
                    (agent.into_split(), there.into_split());
                let (up, mute) = (left.clone(), is_mute.clone());
                let up_passes = move |octets: i64| {
                    up.fetch_sub(octets, Ordering::SeqCst) >= octets || mute.load(Ordering::SeqCst)
                };
                let (up, mute) = (left.clone(), is_mute.clone());
                let down_passes = move |_| up.load(Ordering::SeqCst) >= 0 || !mute.load(Ordering::SeqCst);
                let up_gate = Some(entrance.clone());
                let there = tokio::spawn(carry(from_agent, to_there, up_gate, up_passes, tell.clone()));
                let back = tokio::spawn(carry(from_there, to_agent, None, down_passes, tell.clone()));
                standing.push_back([there.abort_handle(), back.abort_handle()]);
                if standing.len() > MOST_STANDING {
                    standing.pop_front().into_iter().flatten().for_each(|way| way.abort());
                }
            }
        });
        Self { port, up, mute, gate, enough }
    }

    /// Lets so many octets through from now on.
    pub(super) fn allow(&self, octets: i64, mute: bool) {
        while self.enough.try_recv().is_ok() {}
        self.mute.store(mute, Ordering::SeqCst);
        self.up.store(octets, Ordering::SeqCst);
        self.gate.send_replace(true);
    }

    /// Keeps what the agent sends until it is allowed.
    pub(super) fn hold(&self) {
        self.gate.send_replace(false);
    }
}

/// Carries pieces over until one may not pass: `passes` is asked of each with its octets. From then on the way stands
/// still and whoever waits for that is told.
async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut gate: Option<watch::Receiver<bool>>,
    passes: impl Fn(i64) -> bool,
    tell: Sender<()>,
) {
    let mut piece = [0; 1024];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        if let Some(gate) = &mut gate
            && gate.wait_for(|open| *open).await.is_err()
        {
            return;
        }
        if !passes(i64::try_from(length).expect("a piece")) {
            tell.send(()).ok();
            return std::future::pending().await;
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
