//! Fields of SIP OPTIONS (RFC 3261 section 11).

use super::Field;

/// `User-Agent`.
pub static SIP_USER_AGENT: Field =
    Field::plain("sip.user_agent", "User-Agent header field: product and version (RFC 3261 section 20.41)");
/// `Server`.
pub static SIP_SERVER: Field =
    Field::plain("sip.server", "Server header field: product and version (RFC 3261 section 20.35)");
/// The status.
pub static SIP_STATUS: Field = Field::plain("sip.status", "Status code of the answer to OPTIONS");
/// Supported methods.
pub static SIP_ALLOW: Field =
    Field::plain("sip.allow", "Allow header field, as a list of methods in the order told");

pub(super) static ALL: &[&Field] = &[&SIP_ALLOW, &SIP_SERVER, &SIP_STATUS, &SIP_USER_AGENT];
