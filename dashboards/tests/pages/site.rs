//! A site over the example store: asks for pages, sends forms, reads what comes back.

use crate::sample;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use rundgang_dashboards::{Config, WebState, reminder::Courier, router, sign_in::SignIn};
use rundgang_inventory::Timestamp;
use rundgang_store::Store;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;

pub(crate) struct Site {
    pub(crate) router: Router,
    pub(crate) store: Store,
    pub(crate) traeger: i64,
    _folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What stands around a site: its clock, and whom it asks.
struct Around {
    clock: Clock,
    sign_in: Option<Arc<dyn SignIn>>,
    courier: Option<Arc<dyn Courier>>,
}

impl Default for Around {
    fn default() -> Self {
        Self { clock: Arc::new(|| sample::NOW), sign_in: None, courier: None }
    }
}

pub(crate) fn site(token: Option<&str>) -> Site {
    site_with(token, None)
}

/// A site with a provider of identities.
pub(crate) fn site_with(token: Option<&str>, sign_in: Option<Arc<dyn SignIn>>) -> Site {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, traeger) = sample::store(folder.path()).expect("the sample");
    site_over(store, traeger, token, folder, Around { sign_in, ..Around::default() })
}

/// A site from which mail leaves.
pub(crate) fn sending(courier: Arc<dyn Courier>, clock: Clock) -> Site {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, traeger) = sample::store(folder.path()).expect("the sample");
    site_over(store, traeger, None, folder, Around { clock, courier: Some(courier), sign_in: None })
}

/// A site that tells every statement it runs.
pub(crate) fn watched() -> (Site, Arc<Mutex<Vec<String>>>) {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, traeger) = sample::store(folder.path()).expect("the sample");
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let into = Arc::clone(&seen);
    let told = move |sql: &str| into.lock().expect("no panic before").push(sql.to_owned());
    let store = store.watched(Arc::new(told));
    (site_over(store, traeger, None, folder, Around::default()), seen)
}

fn site_over(
    store: Store,
    traeger: i64,
    token: Option<&str>,
    folder: tempfile::TempDir,
    around: Around,
) -> Site {
    let config = Config {
        store: store.clone(),
        traeger,
        traeger_name: "Kreis Musterland".to_owned(),
        clock: around.clock,
        zone: rundgang_inventory::Zone::BERLIN,
        hosts: vec!["rundgang.kreis.example".to_owned()],
        token: token.map(str::to_owned),
        https: false,
        sign_in: around.sign_in,
        courier: around.courier,
    };
    let router = router(WebState::new(config).expect("random numbers"));
    Site { router, store, traeger, _folder: folder }
}

impl Site {
    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 10_000_000).await.expect("a body");
        Answer {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).header("host", "localhost:8080").body(Body::empty()).expect("a request"))
            .await
    }

    pub(crate) async fn get_as(&self, path: &str, cookie: &str) -> Answer {
        let request = Request::get(path).header("host", "localhost:8080").header("cookie", cookie);
        self.send(request.body(Body::empty()).expect("a request")).await
    }

    pub(crate) async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> Answer {
        self.post_with(path, pairs, &[("origin", "http://localhost:8080")]).await
    }

    pub(crate) async fn post_with(
        &self,
        path: &str,
        pairs: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Answer {
        let encoded: Vec<String> =
            pairs.iter().map(|(n, v)| format!("{}={}", escaped(n), escaped(v))).collect();
        let mut request = Request::post(path)
            .header("host", "localhost:8080")
            .header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(encoded.join("&"))).expect("a request")).await
    }

    /// The token that forms of a page carry.
    pub(crate) async fn csrf(&self) -> String {
        between(&self.get("/schule/1/register/neu").await.text, "name=\"csrf\" value=\"", "\"")
    }
}

pub(crate) fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

pub(crate) fn between(text: &str, from: &str, to: &str) -> String {
    let rest = text.split_once(from).map(|(_, rest)| rest).unwrap_or_default();
    rest.split_once(to).map(|(found, _)| found.to_owned()).unwrap_or_default()
}

/// Where an answer leads to.
pub(crate) fn location(answer: &Answer) -> &str {
    answer.headers.get("location").and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// A page with its character references as what they stand for.
pub(crate) fn plain(page: &str) -> String {
    [("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">")]
        .into_iter()
        .chain([("&#60;", "<"), ("&#62;", ">"), ("&#38;", "&"), ("&amp;", "&")])
        .fold(page.to_owned(), |page, (from, to)| page.replace(from, to))
}

/// The pages whose soundness is checked in every language.
pub(crate) const PAGES: [&str; 39] = [
    "/",
    "/einstellungen",
    "/schule/1/domain/gesamtschule.example",
    "/schule/1",
    "/schule/2",
    "/schule/3",
    "/schule/1/geraete",
    "/suche?q=beamer",
    "/schule/1/geraete?kind=projector&q=epson",
    "/schule/1/geraet/1",
    "/schule/1/zuordnung",
    "/schule/1/zuordnung?geraet=1&q=epson",
    "/schule/1/befunde",
    "/schule/1/register",
    "/schule/1/register/1",
    "/schule/1/register/1/frage",
    "/schule/1/fragen",
    "/schule/1/einlesen",
    "/schule/1/abgleich",
    "/schule/1/abgleich?liste=nicht-gesehen",
    "/schule/1/abgleich?liste=anders",
    "/schule/1/raeume",
    "/schule/1/raeume?raum=1",
    "/schule/1/umfragen",
    "/schule/1/umfrage/guetersloh-schule",
    "/schule/1/umfrage/katalog",
    "/schule/1/umfrage/katalog/vordruck",
    "/schule/1/stammdaten",
    "/schule/1/aufgaben",
    "/schule/1/kontakte",
    "/kontakte",
    "/schule/1/mitnehmen",
    "/schule/1/zaehler",
    "/protokoll",
    "/schule/1/protokoll",
    "/umfrage/guetersloh-traeger",
    "/umfrage/guetersloh-schule",
    "/umfragen/einlesen",
    "/erfassung",
];

/// A form with a file in it, as a browser sends it.
pub(crate) fn upload(path: &str, cookie: &str, csrf: &str, name: &str, file: &[u8]) -> Request<Body> {
    let mut body = format!(
        "--grenze\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--grenze\r\n\
         Content-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--grenze--\r\n");
    let request = Request::post(path)
        .header("host", "localhost:8080")
        .header("origin", "http://localhost:8080")
        .header("cookie", cookie)
        .header("content-type", "multipart/form-data; boundary=grenze");
    request.body(Body::from(body)).expect("a request")
}
