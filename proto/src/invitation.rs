//! The one-time invitation: what a person carries from the collector to the box, as one line of text.

use data_encoding::BASE32_NOPAD;
use std::{fmt, str::FromStr};

/// How every invitation of this version begins.
const PREFIX: &str = "rdg1.";
/// How a collector's answer begins while nobody has approved the agent that was invited; what a person has to type
/// follows.
pub const WAITS: &str = "this agent waits until a person approves it";
/// Octets of the secret: 128 random bits.
pub const SECRET_SIZE: usize = 16;
/// Octets of the SHA-256 of the authority's certificate (DER).
pub const PIN_SIZE: usize = 32;

/// A one-time invitation. It carries the fingerprint of the enrolment authority, so that an agent trusts exactly
/// the collector that invited it and nobody who merely answers in its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Invitation {
    /// The secret; the collector keeps only its hash.
    pub secret: [u8; SECRET_SIZE],
    /// SHA-256 of the authority's certificate in DER.
    pub authority: [u8; PIN_SIZE],
}

/// A text that is no invitation.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is no invitation token: it begins with 'rdg1.' and has {} characters; copy the whole line that \
     'rundgang-collector invite' printed",
    PREFIX.len() + BASE32_NOPAD.encode_len(SECRET_SIZE + PIN_SIZE)
)]
pub struct NotAnInvitation;

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.secret.as_slice(), self.authority.as_slice()].concat();
        write!(f, "{PREFIX}{}", BASE32_NOPAD.encode(&bytes).to_ascii_lowercase())
    }
}

impl fmt::Debug for Invitation {
    /// Shows whose invitation it is, never the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invitation").finish_non_exhaustive()
    }
}

impl FromStr for Invitation {
    type Err = NotAnInvitation;

    /// Reads the text back; case and white space do not matter, since people copy it by hand.
    fn from_str(text: &str) -> Result<Self, NotAnInvitation> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).take(200).collect();
        let body = text.to_ascii_lowercase();
        let body = body.strip_prefix(PREFIX).ok_or(NotAnInvitation)?.to_ascii_uppercase();
        let bytes = BASE32_NOPAD.decode(body.as_bytes()).map_err(|_| NotAnInvitation)?;
        let (secret, authority) = bytes.split_at_checked(SECRET_SIZE).ok_or(NotAnInvitation)?;
        Ok(Self {
            secret: secret.try_into().map_err(|_| NotAnInvitation)?,
            authority: authority.try_into().map_err(|_| NotAnInvitation)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Invitation {
        Invitation { secret: [7; SECRET_SIZE], authority: [0xa5; PIN_SIZE] }
    }

    #[test]
    fn reads_back_what_it_prints() {
        let text = sample().to_string();
        assert_eq!(text.parse(), Ok(sample()));
        assert_eq!(format!(" {} \n", text.to_uppercase()).parse(), Ok(sample()));
    }

    #[test]
    fn refuses_what_is_none() {
        let text = sample().to_string();
        let long = format!("{text}aa");
        for wrong in ["", "rdg1.", "rdg2.aaaa", &text[..text.len() - 1], &long, &text.replace("rdg1", "x")] {
            assert_eq!(wrong.parse::<Invitation>(), Err(NotAnInvitation), "{wrong}");
        }
    }

    #[test]
    fn never_shows_its_secret_in_a_log() {
        assert!(!format!("{:?}", sample()).contains('7'));
    }
}
