//! The daemon against a recorded network: what the collector asks is done within scope, hours and pauses.

use super::*;
use crate::{
    audit::AuditError,
    network::{Pending, replay::Replay},
    register::Known,
    uplink::Declared,
};
use rundgang_inventory::{Entry, Mac, Subject, mail::DomainEvidence};
use std::{
    collections::BTreeMap,
    pin::pin,
    sync::atomic::{AtomicI64, Ordering},
};

const HOUR: i64 = 3_600_000;
/// Eight in the morning, universal time.
const MORNING: i64 = 1_790_841_600_000 / (24 * HOUR) * 24 * HOUR + 8 * HOUR;

/// A clock that a test can turn.
#[derive(Clone)]
struct Turned(Arc<AtomicI64>);

impl Clock for Turned {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

const SCOPE: &str = r#"
timezone = "UTC"
[[network]]
name = "Verwaltung"
network = "10.0.1.0/30"
accept_register = true
quiet = ["07:00-17:00"]
authorised_by = "A"
legal_basis = "B"
staff_council = "2026-09-01"
[[network]]
name = "Unterricht"
network = "10.0.2.0/30"
quiet = ["07:00-17:00"]
authorised_by = "A"
legal_basis = "B"
staff_council = "2026-09-01"
"#;

/// Two computers of which nothing is known but their MAC addresses, one in each network.
const HOSTS: &str = r#"
[[host]]
ip = "10.0.1.2"
mac = "00:ff:fe:00:00:01"
[[host]]
ip = "10.0.2.2"
mac = "00:ff:fe:00:00:02"
"#;

struct Box_ {
    _state: tempfile::TempDir,
    clock: Turned,
    network: Arc<Replay>,
    daemon: Daemon,
    spool: SharedSpool,
    walk_now: Notify,
}

impl Box_ {
    fn new() -> Self {
        let state = tempfile::tempdir().unwrap();
        let clock = Turned(Arc::new(AtomicI64::new(MORNING)));
        let network = Arc::new(Replay::read(HOSTS).unwrap());
        let daemon = Daemon {
            state: state.path().to_owned(),
            scope: Arc::new(|_now| {
                scope::read(SCOPE).map_err(|source| DaemonError::Scope { path: "scope".to_owned(), source })
            }),
            network: network.clone(),
            domains: Arc::new(RealDns::default()),
            settings: Arc::default(),
            clock: Arc::new(clock.clone()),
            every_ms: 12 * HOUR,
            once: false,
            walk_first: false,
            seed: 7,
        };
        let spool = SharedSpool::new(Spool::open(state.path(), Bounds::default()).unwrap());
        Self { _state: state, clock, network, daemon, spool, walk_now: Notify::new() }
    }

    /// Lets the daemon work for ten minutes of virtual time and says how many walks have ended by then in all.
    async fn walks(&self) -> u64 {
        let scope = (self.daemon.scope)(self.clock.now());
        let (segments, _declared) = watch::channel(scope.as_ref().map(declared).unwrap_or_default());
        let (_stop, stopped) = watch::channel(false);
        let working = self.daemon.walk_on(&self.spool, &segments, &self.walk_now, stopped);
        tokio::time::timeout(Duration::from_secs(600), working).await.expect_err("it works until stopped");
        self.spool.with(|spool| spool.last_sequence()).await.unwrap()
    }

    fn wish(&self, wish: Wish) {
        self.daemon.obey(wish, &self.walk_now).unwrap();
    }

    /// The events of the local log, without their times.
    fn logged(&self) -> Vec<String> {
        let text = fs::read_to_string(self.daemon.state.join("agent.log")).unwrap_or_default();
        text.lines().filter_map(|line| line.split_once(' ')).map(|(_, event)| event.to_owned()).collect()
    }

    fn at(&self, hour: i64) {
        self.clock.0.store(MORNING - 8 * HOUR + hour * HOUR, Ordering::SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn quiet_hours_hold_whatever_the_collector_asks() {
    let box_ = Box_::new();
    box_.wish(Wish::WalkNow);
    assert_eq!(box_.walks().await, 0, "a walk in quiet hours");
    assert!(box_.network.ledger().is_empty(), "a packet in quiet hours");
    box_.at(18);
    assert_eq!(box_.walks().await, 1);
    assert_eq!(box_.walks().await, 1, "the next one is not due yet");
    box_.wish(Wish::WalkNow);
    assert_eq!(box_.walks().await, 2, "asked for, and within the hours");
}

fn asked(network: &Replay) -> Vec<String> {
    use crate::network::replay::Sent;
    let ledger = network.ledger().into_iter();
    ledger
        .filter_map(|(_, sent)| if let Sent::Asked(ip) = sent { Some(ip.to_string()) } else { None })
        .collect()
}

#[tokio::test(start_paused = true)]
async fn an_expired_line_gets_no_packet_and_stops_nothing_else() {
    let mut box_ = Box_::new();
    box_.at(18);
    let one = SCOPE.replacen("accept_register = true", "valid_until = \"2020-01-01\"", 1);
    let both = one.replace("name = \"Unterricht\"", "name = \"Unterricht\"\nvalid_until = \"2020-01-01\"");
    let source = |text: String| -> ScopeSource { Arc::new(move |_| Ok(scope::read(&text).unwrap())) };
    box_.daemon.scope = source(both);
    assert_eq!(box_.walks().await, 0);
    assert!(box_.network.ledger().is_empty(), "a packet without a valid scope");
    box_.daemon.scope = source(one);
    assert_eq!(box_.walks().await, 1);
    let asked = asked(&box_.network);
    assert!(!asked.is_empty() && asked.iter().all(|ip| ip.starts_with("10.0.2.")), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_scope_that_cannot_be_read_stops_the_walks_and_not_the_agent() {
    let mut box_ = Box_::new();
    box_.at(18);
    let mended = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let is_mended = mended.clone();
    box_.daemon.scope = Arc::new(move |_| {
        let text = if is_mended.load(Ordering::SeqCst) { SCOPE } else { "[[network]]\nnam = 1" };
        scope::read(text).map_err(|source| DaemonError::Scope { path: "scope".to_owned(), source })
    });
    assert!(matches!(box_.daemon.scope_at_first(), Ok(None)), "it starts, to deliver what waits");
    assert_eq!(box_.walks().await, 0);
    assert!(box_.network.ledger().is_empty(), "a packet without a scope");
    mended.store(true, Ordering::SeqCst);
    assert_eq!(box_.walks().await, 1);
    box_.daemon.once = true;
    mended.store(false, Ordering::SeqCst);
    assert!(box_.daemon.scope_at_first().is_err(), "whoever walks once is told");
}

#[tokio::test(start_paused = true)]
async fn a_pause_of_either_side_holds() {
    let box_ = Box_::new();
    box_.at(18);
    let pause = Pause::of(&box_.daemon.state);
    pause.set().unwrap();
    box_.wish(Wish::WalkNow);
    assert_eq!(box_.walks().await, 0);
    // The collector takes back what it never set: the pause at the box holds.
    box_.wish(Wish::Pause(false));
    assert_eq!(box_.walks().await, 0);
    box_.wish(Wish::Pause(true));
    pause.lift().unwrap();
    assert_eq!(box_.walks().await, 0);
    assert!(box_.network.ledger().is_empty(), "a packet during a pause");
    box_.wish(Wish::Pause(false));
    assert_eq!(box_.walks().await, 1);
}

#[tokio::test(start_paused = true)]
async fn the_register_counts_only_where_the_scope_accepts_it() {
    let box_ = Box_::new();
    box_.at(18);
    let macs: Vec<Mac> = ["00:ff:fe:00:00:01", "00:ff:fe:00:00:02"].map(|mac| mac.parse().unwrap()).into();
    box_.wish(Wish::Register(macs));
    assert_eq!(box_.walks().await, 1);
    let batch = box_.spool.with(|spool| spool.next_after(0)).await.unwrap().unwrap();
    let kept: Vec<String> = batch
        .entries
        .iter()
        .filter_map(|entry| match entry {
            Entry::Observation { observation, .. } => match &observation.subject {
                Subject::Device { ip, .. } => Some(format!("{} {ip}", observation.segment)),
                Subject::Domain(_) => None,
            },
            _ => None,
        })
        .collect();
    assert!(!kept.is_empty() && kept.iter().all(|kept| kept == "Verwaltung 10.0.1.2"), "{kept:?}");
    // Withdrawn from the register: only counted again.
    box_.wish(Wish::Register(Vec::new()));
    box_.wish(Wish::WalkNow);
    assert_eq!(box_.walks().await, 2);
    let batch = box_.spool.with(|spool| spool.next_after(1)).await.unwrap().unwrap();
    let about_devices =
        |entry: &&Entry| matches!(entry, Entry::Observation { .. } | Entry::Confirmation { .. });
    assert_eq!(batch.entries.iter().filter(about_devices).count(), 0);
}

/// A DNS that knows nothing.
struct NoDns;

impl DomainAudit for NoDns {
    fn gather(
        &self,
        _domains: Vec<String>,
        _known: &BTreeMap<String, Known>,
        _resolver: Option<SocketAddr>,
    ) -> Pending<'_, Result<Vec<DomainEvidence>, AuditError>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

#[tokio::test(start_paused = true)]
async fn every_walk_look_up_and_order_stands_in_the_local_log() {
    let mut box_ = Box_::new();
    box_.at(18);
    box_.daemon.domains = Arc::new(NoDns);
    box_.daemon.scope =
        Arc::new(
            |_now| Ok(scope::read(&format!("confirmed_domains = [\"schule.example\"]{SCOPE}")).unwrap()),
        );
    assert_eq!(box_.walks().await, 1);
    for is_paused in [true, true, false] {
        box_.wish(Wish::Pause(is_paused));
    }
    box_.wish(Wish::WalkNow);
    for _ in 0..2 {
        box_.wish(Wish::Register(vec!["00:ff:fe:00:00:01".parse().unwrap()]));
    }
    let network = |name: &str, network: &str| {
        format!(
            "{name} {network} (walked, class mixed, pace polite, authorised by \"A\", legal basis \"B\", staff council 2026-09-01)"
        )
    };
    let log = box_.logged();
    let [begun, looked_up, ended, orders @ ..] = log.as_slice() else { panic!("{log:?}") };
    let both = [network("Verwaltung", "10.0.1.0/30"), network("Unterricht", "10.0.2.0/30")].join("; ");
    assert_eq!(*begun, format!("walk begins: {both}"));
    assert_eq!(looked_up, "public records are looked up: schule.example");
    assert!(ended.starts_with("walk ended, 0 devices kept, conversations: "), "{ended}");
    assert!(ended.contains("mdns "), "what was sent is told: {ended}");
    let expected = [
        "order of the collector: pause",
        "order of the collector: resume",
        "order of the collector: walk now",
        "the collector told 1 MAC addresses of the register",
    ];
    assert_eq!(orders, expected, "each once, where it changed something");
}

#[tokio::test(start_paused = true)]
async fn whoever_walks_once_is_told_of_a_walk_that_was_broken_off() {
    let box_ = Box_::new();
    box_.at(18);
    let (segments, _declared) = watch::channel(Declared::default());
    let (stop, stopped) = watch::channel(false);
    let pause = Pause::of(&box_.daemon.state);
    let mut walking = pin!(box_.daemon.walk_once(&box_.spool, &segments, stopped.clone()));
    let begun = tokio::time::timeout(Duration::from_millis(100), &mut walking).await;
    assert!(begun.is_err(), "a walk takes longer: {begun:?}");
    pause.set().unwrap();
    let ended = walking.await;
    assert!(matches!(ended, Err(DaemonError::Paused(_))), "{ended:?}");
    pause.lift().unwrap();
    stop.send_replace(true);
    let ended = box_.daemon.walk_once(&box_.spool, &segments, stopped).await;
    assert!(matches!(ended, Err(DaemonError::BrokenOff)), "{ended:?}");
    assert_eq!(box_.spool.with(|spool| spool.last_sequence()).await.unwrap(), 0, "nothing of it is kept");
    let ends: Vec<_> = box_.logged().into_iter().filter(|event| event.contains("broken off")).collect();
    assert!(ends.len() == 2 && ends[0].contains("by a pause") && ends[1].contains("by a signal"), "{ends:?}");
}
