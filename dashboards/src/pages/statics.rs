//! The style sheet and the icon, compiled in.

use axum::http::header;
use axum::response::IntoResponse;

const CSS: &[u8] = include_bytes!("../../static/rundgang.css");
const ICON: &[u8] = include_bytes!("../../static/favicon.svg");

/// Short enough that an update shows within the hour.
const CACHE: &str = "public, max-age=3600";

pub(crate) async fn css() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8"), (header::CACHE_CONTROL, CACHE)], CSS)
}

pub(crate) async fn icon() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, CACHE)], ICON)
}
