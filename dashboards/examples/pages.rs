//! Serves the pages over an example store on loopback, to look at them: `cargo run -p rundgang-dashboards --example pages`.

#[path = "../tests/sample/mod.rs"]
mod sample;

use std::sync::Arc;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "it tells the address")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().map_or(Ok(8181), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let (store, traeger) = sample::store(folder.path())?;
    let state = rundgang_dashboards::WebState::new(rundgang_dashboards::Config {
        store,
        traeger,
        traeger_name: "Kreis Musterland".to_owned(),
        clock: Arc::new(|| sample::NOW),
        zone: rundgang_inventory::Zone::BERLIN,
        hosts: Vec::new(),
        token: arguments.next(),
        https: false,
        sign_in: None,
        courier: None,
    })?;
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, rundgang_dashboards::router(state)).await?;
    Ok(())
}
