//! A private PostgreSQL server for the tests: from the system's binaries, on a socket in a folder of its own, no TCP.

use std::{
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
};

/// Starts the server on first use; the folder of its socket, or why there is none.
fn server() -> Result<&'static Path, String> {
    static SERVER: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    SERVER.get_or_init(|| start(5432, |_| Ok(Vec::new()))).as_deref().map_err(Clone::clone)
}

/// A new empty database and the address to reach it, as a role that row-level security binds.
pub(super) fn new_database() -> Result<String, String> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let folder = server()?;
    let name = format!("book{}", COUNT.fetch_add(1, Ordering::Relaxed));
    let address = |user: &str, name: &str| format!("host={} user={user} dbname={name}", folder.display());
    let mut admin = postgres::Client::connect(&address("postgres", "postgres"), postgres::NoTls)
        .map_err(|error| error.to_string())?;
    admin
        .batch_execute(&format!("CREATE DATABASE {name} OWNER rundgang"))
        .map_err(|error| error.to_string())?;
    Ok(address("rundgang", &name))
}

/// A server of its own that also listens on a port of loopback, and a database `rundgang` in it.
pub(super) fn with_port(
    options: impl FnOnce(&Path) -> Result<Vec<String>, String>,
) -> Result<(PathBuf, u16), String> {
    let free = std::net::TcpListener::bind("localhost:0").and_then(|listener| listener.local_addr());
    let port = free.map_err(|error| error.to_string())?.port();
    let folder = start(port, options)?;
    let address = format!("host={} port={port} user=postgres dbname=postgres", folder.display());
    let mut admin =
        postgres::Client::connect(&address, postgres::NoTls).map_err(|error| error.to_string())?;
    admin.batch_execute("CREATE DATABASE rundgang OWNER rundgang").map_err(|error| error.to_string())?;
    Ok((folder, port))
}

/// Says that a test is skipped and why, also where the output of passing tests is hidden.
pub(super) fn skip(test: &str, reason: &str) {
    let line = format!("skipped {test}: {reason}\n");
    std::io::stderr().write_all(line.as_bytes()).expect("standard error");
    if let Some(list) = std::env::var_os("RUNDGANG_SKIPPED") {
        let mut list =
            std::fs::OpenOptions::new().append(true).create(true).open(list).expect("the list of skips");
        list.write_all(line.as_bytes()).expect("the list of skips");
    }
}

fn binaries() -> Result<PathBuf, String> {
    let versions =
        std::fs::read_dir("/usr/lib/postgresql").map_err(|_| "PostgreSQL is not installed".to_owned())?;
    let mut found: Vec<PathBuf> = versions
        .flatten()
        .map(|entry| entry.path().join("bin"))
        .filter(|folder| folder.join("initdb").exists() && folder.join("postgres").exists())
        .collect();
    found.sort();
    found.pop().ok_or_else(|| "PostgreSQL's server programs are not installed".to_owned())
}

/// The server refuses to run as root, so root hands over to the user whom the package made.
fn as_server(is_root: bool) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "TERM"]);
    if is_root {
        command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups"]);
    }
    command.env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C").current_dir("/");
    command
}

/// Starts a server with further options, which are asked for when its folder is there. The port is part of its
/// socket's name, and a port of loopback only where the options say so.
fn start(port: u16, options: impl FnOnce(&Path) -> Result<Vec<String>, String>) -> Result<PathBuf, String> {
    let binaries = binaries()?;
    let id = Command::new("id").arg("-u").output().map_err(|error| format!("cannot run id: {error}"))?;
    let is_root = id.stdout.starts_with(b"0\n");
    // The server removes the folder itself when this process ends.
    let folder =
        tempfile::Builder::new().prefix("rundgang-pg-").tempdir().map_err(|error| error.to_string())?.keep();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700))
        .map_err(|error| error.to_string())?;
    if is_root {
        let owned = Command::new("chown").arg("postgres").arg(&folder).status();
        if !owned.is_ok_and(|status| status.success()) {
            return Err("there is no user postgres to run the server".to_owned());
        }
    }
    let made = as_server(is_root)
        .arg(binaries.join("initdb"))
        .args(["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"])
        .arg("--pgdata")
        .arg(folder.join("data"))
        .output()
        .map_err(|error| format!("cannot run setpriv: {error}"))?;
    if !made.status.success() {
        return Err(format!("initdb failed: {}", String::from_utf8_lossy(&made.stderr)));
    }
    let mut options = options(&folder)?;
    options.extend(["-p".to_owned(), port.to_string()]);
    if is_root {
        let owned = Command::new("chown").args(["-R", "postgres"]).arg(&folder).status();
        owned.map_err(|error| error.to_string())?;
    }
    serve(&binaries, &folder, is_root, &options)?;
    let address = format!("host={} port={port} user=postgres dbname=postgres", folder.display());
    let mut admin =
        postgres::Client::connect(&address, postgres::NoTls).map_err(|error| error.to_string())?;
    admin.batch_execute("CREATE ROLE rundgang LOGIN").map_err(|error| error.to_string())?;
    Ok(folder)
}

/// Runs the server under a shell that stops it and removes its folder when this process ends.
fn serve(binaries: &Path, folder: &Path, is_root: bool, options: &[String]) -> Result<(), String> {
    const SCRIPT: &str = r#"
        programs=$1 folder=$2; shift 2
        "$programs/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c fsync=off \
            -c max_connections=400 -c shared_buffers=32MB "$@" &
        server=$!
        trap 'kill -QUIT $server; wait $server; rm -rf "$folder"; exit' TERM
        wait $server
    "#;
    let mut command = as_server(is_root);
    command.args(["sh", "-c", SCRIPT, "sh"]).arg(binaries).arg(folder).args(options);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let (ready, told) = mpsc::channel();
    // The signal comes when the thread that started the child ends, so that thread must last as long as the process.
    std::thread::spawn(move || {
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return drop(ready.send(Err(error.to_string()))),
        };
        let mut last = String::new();
        for line in
            child.stderr.take().map(BufReader::new).into_iter().flat_map(BufRead::lines).map_while(Result::ok)
        {
            if line.contains("ready to accept connections") && ready.send(Ok(())).is_err() {
                break;
            }
            last = line;
        }
        drop(ready.send(Err(format!("the server ended: {last}"))));
        child.wait().map(drop).unwrap_or_default();
    });
    told.recv().map_err(|error| error.to_string())?
}
