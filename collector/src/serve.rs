//! `serve`: opens the book, the port for agents and the pages, and ends all three in good order.

use crate::{
    Clock,
    advice::{hint, port_hint},
    authority::{Authority, AuthorityError},
    door::PageDoor,
    oidc::OpenId,
    post::Post,
    service::Service,
    timer,
    tls::{self, TlsError},
    web::{self, DoorError},
};
use rundgang_dashboards::{Config, WebState};
use rundgang_store::{Store, Traeger};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, DirBuilder, File},
    io,
    net::SocketAddr,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

/// How long standing connections may take to end.
const FAREWELL: Duration = Duration::from_secs(10);
/// The Träger of a book in which nobody named one.
const TRAEGER: &str = "Schulträger";
/// What serve writes down for `invite`.
const ANNOUNCED: &str = "collector.json";

/// What a collector is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The data directory: authority, database, lock.
    pub data: PathBuf,
    /// Where agents connect to.
    pub grpc: SocketAddr,
    /// Where the pages are.
    pub web: SocketAddr,
    /// The database: a PostgreSQL URL, else a SQLite file in the data directory.
    pub database: Option<String>,
    /// The Träger whose pages are shown; may be left out where there is only one.
    pub traeger: Option<String>,
    /// Names and addresses that agents may use for this collector.
    pub names: Vec<String>,
    /// Further collectors of the same database, HOST:PORT, that agents are told.
    pub others: Vec<String>,
    /// The zone by whose clocks the pages show days and hours.
    pub zone: rundgang_inventory::Zone,
    /// The file with the token for the pages.
    pub web_token_file: Option<PathBuf>,
    /// Whether a reverse proxy publishes the pages over HTTPS.
    pub web_https: bool,
}

impl Settings {
    /// A collector of this machine alone: both ports free ones on 127.0.0.1, agents at `localhost`, a SQLite file in the
    /// data directory, pages in German time that ask for no token. For tries and tests, which say only what differs.
    #[must_use]
    pub fn on_loopback(data: PathBuf) -> Self {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            data,
            grpc: free,
            web: free,
            database: None,
            traeger: None,
            names: vec!["localhost".to_owned()],
            others: Vec::new(),
            zone: rundgang_inventory::Zone::BERLIN,
            web_token_file: None,
            web_https: false,
        }
    }
}

/// Why a collector does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The data directory.
    #[error("the data directory {path}: {source}{}", hint(.source))]
    Data {
        /// The directory or file.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// Another collector works here.
    #[error("another collector is running on {0}: stop it first, or choose another --data DIR")]
    Taken(String),
    /// A port cannot be opened.
    #[error("{what} {address}: {source}{}", port_hint(.source, .what))]
    Port {
        /// The option.
        what: &'static str,
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The authority.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The door of the pages.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// Several Träger, and none named.
    #[error("the book holds several Träger ({0}): say which with --traeger NAME")]
    WhichTraeger(String),
    /// Not a database's URL.
    #[error(
        "--database '{0}' is no URL: write postgres://USER@HOST/NAME, or leave it out for a SQLite file in --data"
    )]
    NoUrl(String),
    /// A Träger that does not exist.
    #[error("the book knows no Träger '{0}'; it holds {1}")]
    NoSuchTraeger(String, String),
    /// A folder without a book.
    #[error(
        "there is no book in {0}: name the folder that serve uses with --data (a try keeps it in DIR/collector)"
    )]
    NoBook(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] rundgang_store::Error),
}

/// What `invite` must know of a collector to print the exact command.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Announced {
    /// Collectors that agents can use, HOST:PORT, in order.
    pub collectors: Vec<String>,
}

impl Announced {
    /// What the collector of this data directory last announced.
    #[must_use]
    pub fn load(data: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(data.join(ANNOUNCED)).ok()?).ok()
    }

    fn save(&self, data: &Path) -> io::Result<()> {
        let temporary = data.join(format!("{ANNOUNCED}.new"));
        fs::write(&temporary, serde_json::to_vec_pretty(self)?)?;
        fs::rename(temporary, data.join(ANNOUNCED))
    }
}

/// The data directory, made where it is missing, readable by its owner alone.
///
/// # Errors
/// It cannot be made.
pub fn data_directory(data: &Path) -> Result<(), ServeError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(|source| ServeError::Data { path: data.display().to_string(), source })
}

/// Opens the database of a data directory, or the one named.
///
/// # Errors
/// It cannot be opened, or a newer program wrote it.
pub fn open_store(data: &Path, database: Option<&str>) -> Result<Store, ServeError> {
    match database {
        Some(location) if is_postgres(location) => Ok(Store::open(location)?),
        Some(location) => Err(ServeError::NoUrl(location.chars().take(80).collect())),
        None => Ok(Store::sqlite(&data.join("rundgang.sqlite"))?),
    }
}

fn is_postgres(location: &str) -> bool {
    location.starts_with("postgres://") || location.starts_with("postgresql://")
}

/// Whether a data directory holds a book: one of its own, not one of a database elsewhere.
#[must_use]
pub fn has_book(data: &Path) -> bool {
    data.join("rundgang.sqlite").exists()
}

fn open_book(settings: &Settings, clock: &Clock) -> Result<(Store, Traeger), ServeError> {
    let store = open_store(&settings.data, settings.database.as_deref())?;
    let traeger = the_traeger(&store, settings.traeger.as_deref(), clock)?;
    Ok((store, traeger))
}

/// The Träger of a book that is there, found and never entered: a slip of the pen makes no second one.
///
/// # Errors
/// There is none of that name, there are several and none was named, or the database failed.
pub fn known_traeger(store: &Store, named: Option<&str>) -> Result<Traeger, ServeError> {
    let all = store.all_traeger()?;
    let names = || all.iter().map(|traeger| traeger.name.as_str()).collect::<Vec<_>>().join(", ");
    match (named, all.as_slice()) {
        (Some(name), _) => {
            let found = all.iter().find(|traeger| traeger.name == name);
            found
                .map(|traeger| store.traeger(traeger.id))
                .ok_or_else(|| ServeError::NoSuchTraeger(name.to_owned(), names()))
        }
        (None, [only]) => Ok(store.traeger(only.id)),
        (None, []) => Err(ServeError::NoBook("the database".to_owned())),
        (None, _) => Err(ServeError::WhichTraeger(names())),
    }
}

/// The Träger that was named, entered where it is new; else the only one there is.
///
/// # Errors
/// There are several and none was named, or the database failed.
pub fn the_traeger(store: &Store, named: Option<&str>, clock: &Clock) -> Result<Traeger, ServeError> {
    if let Some(name) = named {
        return Ok(store.ensure_traeger(name, clock())?);
    }
    match store.all_traeger()?.as_slice() {
        [] => Ok(store.ensure_traeger(TRAEGER, clock())?),
        [only] => Ok(store.traeger(only.id)),
        several => {
            let names: Vec<_> = several.iter().map(|traeger| traeger.name.as_str()).collect();
            Err(ServeError::WhichTraeger(names.join(", ")))
        }
    }
}

/// A collector at work.
pub struct Running {
    /// Where agents connect to, with the real port.
    pub grpc: SocketAddr,
    /// Where the pages are, with the real port.
    pub web: SocketAddr,
    /// The database.
    pub store: Store,
    /// The Träger whose pages are shown.
    pub traeger: Traeger,
    /// The enrolment authority.
    pub authority: Arc<Authority>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    _lock: File,
}

/// Starts a collector. When this returns, both ports are open.
///
/// # Errors
/// See [`ServeError`]; nothing is left running then.
pub async fn start(settings: &Settings, clock: Clock) -> Result<Running, ServeError> {
    let token = web::token(settings.web, settings.web_token_file.as_deref(), settings.web_https)?;
    data_directory(&settings.data)?;
    let lock = lock(&settings.data)?;
    let authority = Arc::new(Authority::open(&settings.data, clock())?);
    let opening = (settings.clone(), clock.clone());
    let opened = tokio::task::spawn_blocking(move || open_book(&opening.0, &opening.1)).await;
    let (store, traeger) = opened.map_err(|error| ServeError::Data {
        path: settings.data.display().to_string(),
        source: error.into(),
    })??;
    let (agents, grpc) = bind("--grpc", settings.grpc).await?;
    let (pages, web) = bind("--web", settings.web).await?;
    let config = tls::server_config(authority.clone(), settings.names.clone(), clock.clone())?;
    let mut collectors: Vec<String> =
        settings.names.first().map(|name| address(name, grpc.port())).into_iter().collect();
    collectors.extend(settings.others.iter().cloned());
    let announced = Announced { collectors: collectors.clone() };
    announced.save(&settings.data).map_err(|source| ServeError::Data {
        path: settings.data.join(ANNOUNCED).display().to_string(),
        source,
    })?;

    // The store may wait for a server, so it is asked where waiting is allowed.
    let state =
        tokio::task::block_in_place(|| self::pages(settings, &store, &traeger, token, clock.clone()))?;
    let (stop, stopped) = watch::channel(false);
    let service = Service::new(store.clone(), authority.clone(), clock.clone(), collectors, stopped.clone());
    let mut tasks = JoinSet::new();
    tasks.spawn(serve_agents(agents, config, service, stopped.clone()));
    tasks.spawn(serve_pages(pages, state, stopped.clone()));
    tasks.spawn(timer::run(store.clone(), Post::new(&settings.data, settings.zone), clock, stopped));
    Ok(Running { grpc, web, store, traeger, authority, stop, tasks, _lock: lock })
}

impl Running {
    /// Ends in good order: no new work, what is under way is finished, or broken off after ten seconds.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(FAREWELL, all).await.is_err() {
            tracing::warn!("connections that did not end were broken off");
        }
    }
}

/// `HOST:PORT`, with the brackets that an IPv6 address needs.
#[must_use]
pub fn address(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

async fn bind(what: &'static str, address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |source| ServeError::Port { what, address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// One collector for each data directory. The kernel drops the lock with the process, however it ends.
fn lock(data: &Path) -> Result<File, ServeError> {
    let path = data.join("lock");
    let failed = |source| ServeError::Data { path: path.display().to_string(), source };
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(ServeError::Taken(data.display().to_string())),
        Err(fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

async fn serve_agents(
    listener: TcpListener,
    config: Arc<rustls::ServerConfig>,
    service: Service,
    mut stopped: watch::Receiver<bool>,
) {
    let server = tonic::transport::Server::builder()
        .http2_keepalive_interval(Some(Duration::from_secs(30)))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        .max_concurrent_streams(Some(4))
        .http2_max_header_list_size(Some(8 << 10))
        .add_service(service.enrolment())
        .add_service(service.collector());
    let stop = async move { drop(stopped.wait_for(|stop| *stop).await) };
    if let Err(error) = server.serve_with_incoming_shutdown(tls::accept(listener, config), stop).await {
        tracing::error!(%error, "serving agents");
    }
}

async fn serve_pages(listener: TcpListener, state: WebState, mut stopped: watch::Receiver<bool>) {
    let pages = rundgang_dashboards::router(state);
    let stop = async move { drop(stopped.wait_for(|stop| *stop).await) };
    if let Err(error) = axum::serve(PageDoor::new(listener), pages).with_graceful_shutdown(stop).await {
        tracing::error!(%error, "serving pages");
    }
}

/// What the pages need to know.
fn pages(
    settings: &Settings,
    store: &Store,
    traeger: &Traeger,
    token: Option<String>,
    clock: Clock,
) -> Result<WebState, ServeError> {
    let named = store.all_traeger()?.into_iter().find(|one| one.id == traeger.id);
    let config = Config {
        store: store.clone(),
        traeger: traeger.id,
        traeger_name: named.map(|one| one.name).unwrap_or_default(),
        clock,
        zone: settings.zone,
        hosts: settings.names.clone(),
        token,
        https: settings.web_https,
        sign_in: Some(Arc::new(OpenId::new(&settings.data))),
        courier: Some(Arc::new(Post::new(&settings.data, settings.zone))),
    };
    WebState::new(config).map_err(|source| ServeError::Data { path: "the pages".to_owned(), source })
}
