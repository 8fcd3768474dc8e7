//! An issuer's own workbook, filled on a page.

use crate::site::{self, Site, plain, site};
use axum::body::to_bytes;
use axum::http::StatusCode;
use calamine::{Data, Reader as _, Xlsx, open_workbook_from_rs};
use rust_xlsxwriter::Workbook;
use std::io::Cursor;
use tower::ServiceExt as _;

fn form(name: &str) -> Vec<u8> {
    let mut book = Workbook::new();
    book.add_worksheet().set_name("Bogen").expect("a sheet");
    book.define_name(name, "=Bogen!$B$2").expect("a name");
    book.save_to_buffer().expect("a workbook")
}

/// Sends a file, as a browser does; the status and the octets that come back.
async fn send(site: &Site, path: &str, csrf: &str, file: &[u8]) -> (StatusCode, Vec<u8>) {
    let request = site::upload(path, "", csrf, "Vordruck.xlsx", file);
    let answer = site.router.clone().oneshot(request).await.expect("an answer");
    let status = answer.status();
    (status, to_bytes(answer.into_body(), 10_000_000).await.expect("a body").to_vec())
}

fn filled(octets: &[u8]) -> Data {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(octets)).expect("a workbook");
    let range = book.worksheet_range("Bogen").expect("a sheet");
    range.get_value((1, 1)).cloned().unwrap_or(Data::Empty)
}

#[tokio::test]
async fn a_form_is_filled_for_a_school_for_the_traeger_and_for_what_was_submitted() {
    let site = site(None);
    let csrf = site.csrf().await;
    let (status, octets) =
        send(&site, "/schule/1/umfrage/katalog/vordruck", &csrf, &form("Rundgang_A01")).await;
    assert_eq!((status, filled(&octets)), (StatusCode::OK, Data::Float(812.0)));
    let school = "/schule/3/umfrage/katalog/vordruck?stichtag=2026-08-01";
    let (status, octets) = send(&site, school, &csrf, &form("Rundgang__date")).await;
    assert_eq!((status, filled(&octets)), (StatusCode::OK, Data::String("01.08.2026".to_owned())));
    let traeger = "/umfrage/guetersloh-traeger/vordruck";
    let (status, octets) = send(&site, traeger, &csrf, &form("Rundgang__school")).await;
    assert_eq!((status, filled(&octets)), (StatusCode::OK, Data::String("Kreis Musterland".to_owned())));
    let run = crate::runs::opened(&site);
    let part = format!("/schule/1/umfragelauf/{run}/vordruck");
    let (status, octets) = send(&site, &part, &csrf, &form("Rundgang__school")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(filled(&octets), Data::String("Gesamtschule Beispielstadt".to_owned()));
}

#[tokio::test]
async fn a_form_that_cannot_be_filled_comes_back_with_the_reason() {
    let site = site(None);
    let csrf = site.csrf().await;
    let path = "/schule/1/umfrage/katalog/vordruck";
    for (file, told) in [
        (form("Anderes"), "etwa Rundgang_A01"),
        (form("Rundgang_Z9"), "hat die Umfrage nichts: Rundgang_Z9"),
        (b"\xd0\xcf\x11\xe0".to_vec(), "im Format von vor 2007"),
        (b"Name;Raum".to_vec(), "lässt sich nicht lesen"),
        (Vec::new(), "Bitte einen Vordruck auswählen"),
    ] {
        let (status, octets) = send(&site, path, &csrf, &file).await;
        let page = plain(&String::from_utf8_lossy(&octets));
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{told}");
        assert!(page.replace(['\u{2068}', '\u{2069}'], "").contains(told), "{told}: {page}");
    }
    let (status, _) = send(&site, path, "forged", &form("Rundgang_A01")).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let page = site.get("/schule/1/umfrage/katalog").await.text;
    assert!(page.contains("href=\"/schule/1/umfrage/katalog/vordruck\""), "the way to it");
}
