//! A collector of its own with one school, for tests over real mutual TLS on loopback.

#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use rundgang_agent::{
    enrol::{EnrolArgs, Enrolment, enrol},
    spool::{Bounds, SharedSpool, Spool},
    uplink::{Uplink, UplinkError},
};
use rundgang_collector::{
    Clock,
    invitation::make_invitation,
    serve::{self, Running, Settings, address},
};
use rundgang_inventory::{
    Coverage, Fields, Observation, Round, Subject, Timestamp, Value, vocabulary::HOST_FOUND_BY,
};
use rundgang_proto::invitation::Invitation;
use rundgang_store::{NewSchool, Traeger};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use tempfile::TempDir;
use tokio::sync::{mpsc, watch};

pub const NOW: Timestamp = Timestamp(1_790_000_000_000);

/// A clock that a test can turn.
#[derive(Clone)]
pub struct Turned(Arc<AtomicI64>);

impl Turned {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(NOW.0)))
    }

    pub fn days(&self, days: i64) {
        self.0.fetch_add(days * 86_400_000, Ordering::SeqCst);
    }

    pub fn clock(&self) -> Clock {
        let at = self.0.clone();
        Arc::new(move || Timestamp(at.load(Ordering::SeqCst)))
    }
}

/// A collector of its own, with one school, and a clock for each side.
pub struct World {
    pub data: TempDir,
    pub collector: Running,
    pub traeger: Traeger,
    pub school: i64,
    pub here: Turned,
    pub there: Turned,
}

impl World {
    pub async fn new() -> Self {
        let data = tempfile::tempdir().unwrap();
        let (here, there) = (Turned::new(), Turned::new());
        let collector = serve::start(&settings(data.path()), here.clock()).await.unwrap();
        let traeger = collector.store.ensure_traeger("Kreis Beispiel", NOW).unwrap();
        let school = NewSchool { name: "Gesamtschule".to_owned(), ..NewSchool::default() };
        let school = traeger.ensure_school(&school, NOW).unwrap();
        Self { data, collector, traeger, school, here, there }
    }

    pub fn invite(&self) -> Invitation {
        make_invitation(
            &self.traeger,
            &self.collector.authority,
            self.school,
            7,
            false,
            ("K", (self.here.clock())()),
        )
        .unwrap()
    }

    pub fn args(&self, state: &Path, invitation: &Invitation) -> EnrolArgs {
        EnrolArgs {
            collector: address("localhost", self.collector.grpc.port()),
            token: invitation.to_string(),
            state: state.to_owned(),
            again: false,
        }
    }

    pub async fn enrol(&self, state: &Path) -> Enrolment {
        enrol(&self.args(state, &self.invite()), &self.there.clock()).await.unwrap()
    }

    /// Enrols an agent that renews its certificate three weeks later; its papers before and after.
    pub async fn enrol_and_renew(&self, state: &Path) -> [Enrolment; 2] {
        let first = self.enrol(state).await;
        for clock in [&self.here, &self.there] {
            clock.days(21);
        }
        self.deliver(state).await.unwrap();
        [first, Enrolment::load(state).unwrap()]
    }

    /// Delivers everything in the spool of a state directory.
    pub async fn deliver(&self, state: &Path) -> Result<(), UplinkError> {
        let spool = SharedSpool::new(Spool::open(state, Bounds::default()).unwrap());
        let (wishes, _wished) = mpsc::channel(1);
        let (_declare, segments) = watch::channel(rundgang_agent::uplink::Declared::default());
        let (_stop, stopped) = watch::channel(false);
        let uplink = Uplink { state: state.to_owned(), spool, clock: self.there.clock(), segments, wishes };
        uplink.drain(stopped).await
    }
}

pub fn settings(data: &Path) -> Settings {
    Settings { traeger: Some("Kreis Beispiel".to_owned()), ..Settings::on_loopback(data.to_owned()) }
}

pub fn spool_round(state: &Path, hosts: &[u8], at: Timestamp) {
    let observation = |&host: &u8| Observation {
        subject: Subject::Device { ip: [10, 0, 0, host].into(), mac: None },
        segment: "Verwaltung".to_owned(),
        at,
        probe: "sweep".to_owned(),
        fields: Fields::new().with(&HOST_FOUND_BY, Value::text("icmp")),
    };
    let coverage = Coverage::whole("Verwaltung", "10.0.0.0/24", &["sweep"]);
    let observations = hosts.iter().map(observation).collect();
    let round = Round { started: at, ended: at, observations, counts: Vec::new(), coverage: vec![coverage] };
    Spool::open(state, Bounds::default()).unwrap().append(&round, at).unwrap();
}
