//! Pages as a person sees them, in headless Chromium.

use rundgang_tests::{browser, skip::skip};
use std::io::{Read as _, Write as _};

/// A page of our own over loopback proves that the browser the other tests stand on sees and clicks.
#[test]
fn the_browser_sees_and_clicks() {
    if let Some(reason) = browser::cannot_browse() {
        return skip("browser::the_browser_sees_and_clicks", &reason);
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let mut head = [0; 2048];
            let length = stream.read(&mut head).unwrap_or_default();
            let second = String::from_utf8_lossy(&head[..length]).starts_with("GET /zwei");
            let body = if second { "<p>angekommen</p>" } else { "<a href='/zwei'>weiter</a>" };
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).ok();
        }
    });
    let mut browser = browser::Browser::open(1280, 900).expect("a browser");
    browser.go(&format!("http://127.0.0.1:{port}/")).expect("a page");
    browser.follow("weiter").expect("a link");
    assert_eq!(browser.text().expect("text").trim(), "angekommen");
    assert!(browser.picture().expect("a picture").starts_with(b"\x89PNG"));
}
