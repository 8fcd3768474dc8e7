//! The second factor: six digits that change every half minute (RFC 6238), from a secret in the telephone.

use crate::guard::escaped;
use qrcode::{EcLevel, QrCode, render::svg};
use rundgang_inventory::Timestamp;
use totp_rs::{Builder, Secret, Totp};

/// Bytes of a new secret, as RFC 4226 section 4 recommends.
const SIZE: usize = 20;

/// A new secret in base 32; `None` where the system has no random numbers.
pub(crate) fn new_secret() -> Option<String> {
    let mut bytes = [0_u8; SIZE];
    getrandom::fill(&mut bytes).ok()?;
    Some(Secret::from(bytes).to_base32())
}

fn totp(secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).build().ok()
}

/// The half minute that a code belongs to: the present one, the one before or the one after; `None` where it is wrong.
pub(crate) fn step(secret: &str, code: &str, now: Timestamp) -> Option<i64> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = totp(secret)?.check(&code, u64::try_from(now.0 / 1000).ok()?)?;
    i64::try_from(step).ok()
}

/// The address that tells the secret to an app.
fn address(secret: &str, login: &str) -> String {
    format!("otpauth://totp/Rundgang:{}?secret={secret}&issuer=Rundgang", escaped(login))
}

/// The same as a picture to scan; empty where it would not fit.
pub(crate) fn picture(secret: &str, login: &str) -> String {
    let Ok(code) = QrCode::with_error_correction_level(address(secret, login), EcLevel::M) else {
        return String::new();
    };
    let drawn = code.render::<svg::Color<'_>>().min_dimensions(200, 200).build();
    // A part of the page, not a document of its own.
    drawn.find("<svg").map(|start| drawn[start..].to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of RFC 6238 appendix B, cut to six digits.
    #[test]
    fn codes_are_those_of_the_standard() {
        let secret = Secret::from(*b"12345678901234567890").to_base32();
        let check = |seconds: i64, code: &str, expected: Option<i64>| {
            assert_eq!(step(&secret, code, Timestamp::from_seconds(seconds)), expected, "{seconds} {code}");
        };
        check(59, "287082", Some(1));
        check(59, "287 082", Some(1));
        check(1_111_111_109, "081804", Some(37_037_036));
        check(1_111_111_139, "081804", Some(37_037_036));
        check(1_111_111_200, "081804", None);
        check(59, "287083", None);
        check(59, "", None);
        check(59, "no code", None);
        assert_eq!(step("not base 32!", "287082", Timestamp::from_seconds(59)), None);
    }

    #[test]
    fn a_new_secret_is_drawn() {
        let secret = new_secret().expect("random numbers");
        assert_eq!(secret.len(), 32);
        let drawn = picture(&secret, "a.beispiel@schule");
        assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>"), "{drawn}");
        assert_eq!(address("ABC", "a@b"), "otpauth://totp/Rundgang:a%40b?secret=ABC&issuer=Rundgang");
    }
}
