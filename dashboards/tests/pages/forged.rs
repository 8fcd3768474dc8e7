//! Every form of every address is taken only from our own pages: with the token of the visit, and from no other site.

use crate::accounts::{TOKEN, cookie_of, enter, open, sign_in};
use crate::rights::{MATRIX, OPEN, filled};
use crate::site::{Answer, Site, between, escaped, site, upload};
use axum::body::Body;
use axum::http::{Request, StatusCode};
use rundgang_dashboards::Way;
use rundgang_inventory::Role;

/// Everything that some form must hold, so that none is refused for what it lacks.
const FIELDS: &str = "act=open&name=x&id=1&token=x&password=x&again=x&system=1&asset=1&school=1&question=S1&value=1\
    &rule=asset.undocumented&subject=asset%201&state=accepted&domain=gesamtschule.example";

/// Addresses whose forms hold a file.
fn takes_a_file(path: &str) -> bool {
    path.ends_with("/einlesen") || path.ends_with("/vordruck")
}

/// The form of an address, sent with a token and from a site.
async fn sent(site: &Site, path: &str, cookie: &str, csrf: &str, origin: &str) -> Answer {
    let is_file = takes_a_file(path);
    let request = if is_file && origin == "http://localhost:8080" {
        upload(path, cookie, csrf, "liste.csv", b"Bezeichnung\nBeamer\n")
    } else {
        let body = format!("csrf={}&{FIELDS}", escaped(csrf));
        Request::post(path)
            .header("host", "localhost:8080")
            .header("origin", origin)
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .expect("a request")
    };
    site.send(request).await
}

#[tokio::test]
async fn no_form_of_any_address_is_taken_from_elsewhere() {
    let site = site(Some(TOKEN));
    let run = crate::runs::opened(&site);
    open(&site, "wer", Role::Administrator, None, "");
    let cookie = enter(&site, "wer").await;
    let csrf = between(&site.get_as("/konto", &cookie).await.text, "name=\"csrf\" value=\"", "\"");
    open(&site, "gast", Role::Reader, None, "");
    let open_csrf = between(&site.get("/anmelden").await.text, "name=\"csrf\" value=\"", "\"");
    // Another session's token is as good as none.
    let admin = cookie_of(&sign_in(&site, "Frau Admin", TOKEN, "").await);
    let others = between(&site.get_as("/konto", &admin).await.text, "name=\"csrf\" value=\"", "\"");
    let traeger = site.store.traeger(site.traeger);
    let before = traeger.export().expect("an export");
    let closed = MATRIX.iter().map(|(path, way, _)| (*path, *way, cookie.as_str(), &csrf));
    let forms = closed.chain(OPEN.map(|(path, way)| (path, way, "", &open_csrf)));
    let (mut seen, mut taken) = (0, Vec::new());
    for (path, _, cookie, own) in
        forms.filter(|(path, way, ..)| *way == Way::Send && !path.starts_with("/api/"))
    {
        let path = filled(path, 1, run).replace("/einladung/x", "/einladung/secret%20of%20gast");
        for csrf in ["", "x", others.as_str()] {
            let refused = sent(&site, &path, cookie, csrf, "http://localhost:8080").await;
            if refused.status != StatusCode::FORBIDDEN || !refused.text.contains("kam nicht von dieser Seite")
            {
                taken.push(format!("{path} with the token '{csrf}': {}", refused.status));
            }
        }
        for origin in ["https://evil.example", "null", "http://localhost:8081"] {
            let refused = sent(&site, &path, cookie, own, origin).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN, "{path} from {origin}");
        }
        seen += 1;
    }
    assert!(taken.is_empty(), "{taken:#?}");
    assert!(seen > 25, "only {seen} forms");
    assert_eq!(traeger.export().expect("an export"), before, "nothing came of it");
    assert_eq!(site.get_as("/konto", &cookie).await.status, StatusCode::OK, "nobody was signed out");
}
