//! Fields of web interfaces. A host may have several, on several ports: the fields are lists over all of them, and
//! one table tells which page said what.

use super::Field;

/// Every page that was asked for.
pub static HTTP_PAGES: Field = Field::name(
    "http.pages",
    "Pages read, as a table: port (number), path (text), tls (number, 1 or 0), status (number), server, title, \
     realm, location, generator, powered_by (texts, where told)",
);
/// Status codes.
pub static HTTP_STATUS: Field = Field::plain(
    "http.status",
    "Status codes of the start pages as a list of decimal numbers (RFC 9110 section 15)",
);
/// `Server` header fields.
pub static HTTP_SERVER: Field =
    Field::plain("http.server", "Server header fields as a list (RFC 9110 section 10.2.4)");
/// Page titles.
pub static HTTP_TITLE: Field = Field::name("http.title", "Titles of the pages read, as a list");
/// Cookie names.
pub static HTTP_COOKIES: Field =
    Field::plain("http.cookies", "Names of the cookies set, as a list; never their values (RFC 6265)");
/// Authentication realms.
pub static HTTP_REALM: Field =
    Field::name("http.realm", "Realms of WWW-Authenticate header fields as a list (RFC 9110 section 11.5)");
/// Redirection targets.
pub static HTTP_LOCATION: Field = Field::name(
    "http.location",
    "Where the start pages send a browser: Location header fields and refresh elements, as a list",
);
/// Generators.
pub static HTTP_GENERATOR: Field =
    Field::plain("http.generator", "Contents of <meta name=generator> as a list: names the application");
/// `X-Powered-By` header fields.
pub static HTTP_POWERED_BY: Field = Field::plain("http.powered_by", "X-Powered-By header fields as a list");

pub(super) static ALL: &[&Field] = &[
    &HTTP_COOKIES,
    &HTTP_GENERATOR,
    &HTTP_LOCATION,
    &HTTP_PAGES,
    &HTTP_POWERED_BY,
    &HTTP_REALM,
    &HTTP_SERVER,
    &HTTP_STATUS,
    &HTTP_TITLE,
];
