//! A form with a file in it (`multipart/form-data`, RFC 7578), received within bounds: fields by name and one file.

use crate::failure::Failure;
use crate::guard::check_form;
use crate::lists::LARGEST;
use crate::web::{Visit, WebState};
use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use axum::http::header;
use multer::{Constraints, Multipart, SizeLimit};
use std::{collections::BTreeMap, convert::Infallible, future::poll_fn, pin::Pin};

/// Parts of a form that are read; ours have three.
const MOST_PARTS: usize = 16;
/// Octets of a field that is no file.
const LONGEST_FIELD: u64 = 10_000;
/// Octets of the form around the file.
const AROUND: u64 = 64 << 10;
/// Octets that are received and thrown away, so that a browser that sends too much still reads why it was refused.
/// Whoever sends more is cut off.
const THROWN_AWAY: usize = 512 << 20;

/// What somebody sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sent {
    pub(crate) fields: BTreeMap<String, String>,
    /// Name and octets of the file; none where nobody chose one.
    pub(crate) file: Option<(String, Vec<u8>)>,
}

/// Receives a form of ours; `None` where its file is larger than any list or workbook.
pub(crate) async fn receive(
    web: &WebState,
    visit: &Visit,
    request: Request,
) -> Result<Option<Sent>, Failure> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let boundary = kind.and_then(|kind| multer::parse_boundary(kind).ok()).ok_or(Failure::Forged)?;
    let most = usize::try_from(LARGEST + AROUND).unwrap_or(usize::MAX);
    let _place = web.place_for_receiving()?;
    let Some(body) = collected(request.into_body(), most).await? else { return Ok(None) };
    let sent = read(body, &boundary).await.ok_or(Failure::Refused("error-unfit"))?;
    check_form(visit, sent.fields.get("csrf").map_or("", String::as_str))?;
    Ok(Some(sent))
}

/// Reads a form; `None` where it has not the form of one.
async fn read(body: Vec<u8>, boundary: &str) -> Option<Sent> {
    let sizes = SizeLimit::new().per_field(LONGEST_FIELD).for_field("file", LARGEST + AROUND);
    let whole = tokio_stream::once(Ok::<_, Infallible>(body));
    let mut form = Multipart::with_constraints(whole, boundary, Constraints::new().size_limit(sizes));
    let mut sent = Sent::default();
    for _ in 0..MOST_PARTS {
        let Some(part) = form.next_field().await.ok()? else { return Some(sent) };
        let name = part.name()?.to_owned();
        match part.file_name().map(str::to_owned) {
            Some(file) => {
                let octets = part.bytes().await.ok()?;
                sent.file = (!octets.is_empty()).then(|| (file, octets.into()));
            }
            None => {
                sent.fields.insert(name, part.text().await.ok()?);
            }
        }
    }
    None
}

/// A body of at most so many octets; `None` for a larger one, of which nothing is kept.
async fn collected(mut body: Body, most: usize) -> Result<Option<Vec<u8>>, Failure> {
    let (mut kept, mut seen) = (Vec::new(), 0_usize);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|_| Failure::Refused("error-unfit"))?;
        let Ok(octets) = frame.into_data() else { continue };
        seen = seen.saturating_add(octets.len());
        if seen > THROWN_AWAY {
            break;
        }
        if seen > most {
            kept = Vec::new();
        } else {
            kept.extend_from_slice(&octets);
        }
    }
    Ok((seen <= most).then_some(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[u8] = b"--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\nabc\r\n\
        --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"Liste A.csv\"\r\n\
        Content-Type: text/csv\r\n\r\nName\r\n--X no boundary\r\n\r\n--x--\r\n";

    #[tokio::test]
    async fn a_form_with_a_file_is_read() {
        let sent = read(FORM.to_vec(), "x").await.expect("a form");
        assert_eq!(sent.fields, BTreeMap::from([("csrf".to_owned(), "abc".to_owned())]));
        let (name, octets) = sent.file.expect("a file");
        assert_eq!((name.as_str(), octets.as_slice()), ("Liste A.csv", &b"Name\r\n--X no boundary\r\n"[..]));
    }

    #[tokio::test]
    async fn what_is_torn_or_has_no_end_is_no_form() {
        for end in 0..FORM.len() - 4 {
            assert_eq!(read(FORM[..end].to_vec(), "x").await, None, "{end}");
        }
        let many = b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n".repeat(20);
        assert_eq!(read([many, b"--x--\r\n".to_vec()].concat(), "x").await, None);
        let long = [&FORM[..FORM.len() - 7], &vec![b'a'; 20_000], b"\r\n--x--\r\n"].concat();
        assert!(read(long, "x").await.is_some(), "a file may be long");
        let (head, rest) =
            FORM.split_at(FORM.windows(3).position(|three| three == b"abc").expect("the field"));
        let long = [head, &vec![b'a'; 20_000], rest].concat();
        assert_eq!(read(long, "x").await, None, "a field may not");
    }

    #[tokio::test]
    async fn nothing_of_a_body_that_is_too_large_is_kept() {
        let check = async |octets: usize, expected: Option<usize>| {
            let body = Body::from(vec![b'x'; octets]);
            let kept = collected(body, 10).await.expect("a body");
            assert_eq!(kept.map(|kept| kept.len()), expected, "{octets}");
        };
        check(0, Some(0)).await;
        check(10, Some(10)).await;
        check(11, None).await;
        check(1 << 20, None).await;
    }
}
