//! `serve`: what the collector is told, and its end by a signal.

use super::{
    book::{Book, print},
    error::CliError,
};
use crate::{
    Clock,
    serve::{self, Settings},
};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Args, Debug)]
pub(super) struct ServeArgs {
    #[command(flatten)]
    book: Book,
    /// Where agents connect to.
    #[arg(long, value_name = "ADDR:PORT", default_value = "0.0.0.0:7443")]
    grpc: SocketAddr,
    /// Where the pages are.
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8080")]
    web: SocketAddr,
    /// A name or address under which agents reach this collector; may be repeated, the first is put into invitations.
    #[arg(long, value_name = "NAME")]
    name: Vec<String>,
    /// A further collector of the same database, HOST:PORT, that agents fall back on; may be repeated.
    #[arg(long, value_name = "HOST:PORT")]
    other: Vec<String>,
    /// A file with the token for the pages; needed where the network can reach them.
    #[arg(long, value_name = "FILE")]
    web_token_file: Option<PathBuf>,
    /// A reverse proxy publishes the pages over HTTPS: cookies insist on it. Needs --web-token-file.
    #[arg(long)]
    web_https: bool,
    /// The time zone by whose clocks the pages show days and hours.
    #[arg(long, value_name = "ZONE", default_value = "Europe/Berlin")]
    time_zone: rundgang_inventory::Zone,
}

pub(super) async fn run(args: ServeArgs, clock: Clock) -> Result<(), CliError> {
    let settings = Settings {
        data: args.book.data,
        grpc: args.grpc,
        web: args.web,
        database: args.book.database,
        traeger: args.book.traeger,
        names: if args.name.is_empty() { own_names() } else { args.name },
        others: args.other,
        web_token_file: args.web_token_file,
        web_https: args.web_https,
        zone: args.time_zone,
    };
    let mut terminate = signal(SignalKind::terminate())?;
    let running = serve::start(&settings, clock).await?;
    print(&format!(
        "Pages:  http://{}/\nAgents: {} ({})\nNext:   rundgang-collector invite --data {} --school NAME\n",
        running.web,
        running.grpc,
        settings.names.join(", "),
        settings.data.display()
    ))?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    running.stop().await;
    Ok(())
}

/// The names of this machine that agents can try.
fn own_names() -> Vec<String> {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim().to_owned();
    let is_name =
        !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'));
    let local = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    is_name.then_some(host).into_iter().chain(local).collect()
}
