//! Records of DNS messages as the text of evidence, one form for each type.

use hickory_proto::rr::{Name, RData};
use rundgang_inventory::mail::lookup::{RecordType, common_form};
use std::fmt::Write as _;

/// A name in the common form.
pub(super) fn text_name(name: &Name) -> String {
    let labels: Vec<String> = name.iter().map(|label| String::from_utf8_lossy(label).into_owned()).collect();
    common_form(&labels.join("."))
}

/// A record as text, in the forms that [`Answer::records`] names.
pub(super) fn text(data: &RData, kind: RecordType) -> Option<String> {
    Some(match data {
        RData::A(ip) => ip.0.to_string(),
        RData::AAAA(ip) => ip.0.to_string(),
        RData::NS(name) => text_name(&name.0),
        RData::CNAME(name) => text_name(&name.0),
        RData::PTR(name) => text_name(&name.0),
        RData::MX(mx) => {
            let host = text_name(&mx.exchange);
            format!("{} {}", mx.preference, if host.is_empty() { "." } else { &host })
        }
        RData::SOA(soa) => format!(
            "{} {} {} {} {} {} {}",
            text_name(&soa.mname),
            text_name(&soa.rname),
            soa.serial,
            soa.refresh,
            soa.retry,
            soa.expire,
            soa.minimum
        ),
        RData::TXT(txt) => joined(txt.txt_data.iter().map(AsRef::as_ref)),
        RData::CAA(caa) => {
            let flags = if caa.issuer_critical { 128 } else { 0 };
            format!("{flags} {} \"{}\"", caa.tag, String::from_utf8_lossy(&caa.value))
        }
        RData::TLSA(tlsa) => {
            let hex = data_encoding::HEXLOWER.encode(&tlsa.cert_data);
            format!(
                "{} {} {} {hex}",
                u8::from(tlsa.cert_usage),
                u8::from(tlsa.selector),
                u8::from(tlsa.matching)
            )
        }
        RData::Unknown { rdata, .. } => unknown(&rdata.anything, kind)?,
        _ => return None,
    })
}

/// Types that the message reader has no form for.
fn unknown(bytes: &[u8], kind: RecordType) -> Option<String> {
    match kind {
        RecordType::Spf => {
            let mut strings = Vec::new();
            let mut rest = bytes;
            while let Some((&length, after)) = rest.split_first() {
                let (string, after) = after.split_at_checked(usize::from(length))?;
                strings.push(string);
                rest = after;
            }
            Some(joined(strings.into_iter()))
        }
        RecordType::Dnskey => {
            let (&[high, low, protocol, algorithm], key) = bytes.split_first_chunk::<4>()?;
            let flags = u16::from_be_bytes([high, low]);
            let text = format!("{flags} {protocol} {algorithm}");
            // The key that the parent's DS record speaks of; the others change often and say nothing here.
            Some(if flags == 257 { format!("{text} {}", data_encoding::BASE64.encode(key)) } else { text })
        }
        _ => {
            let mut hex = String::new();
            for byte in bytes {
                write!(hex, "{byte:02x}").ok()?;
            }
            Some(hex)
        }
    }
}

/// Strings joined without a space (RFC 7208 section 3.3); octets that are no UTF-8 become one character each.
fn joined<'a>(strings: impl Iterator<Item = &'a [u8]>) -> String {
    let bytes: Vec<u8> = strings.flatten().copied().collect();
    String::from_utf8(bytes).unwrap_or_else(|error| error.as_bytes().iter().map(|&b| char::from(b)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_without_a_reader_become_text() {
        assert_eq!(unknown(b"\x03abc\x01d", RecordType::Spf).as_deref(), Some("abcd"));
        assert_eq!(unknown(b"\x05abc", RecordType::Spf), None);
        assert_eq!(unknown(&[1, 1, 3, 13, 9], RecordType::Dnskey).as_deref(), Some("257 3 13 CQ=="));
        assert_eq!(unknown(&[1, 0, 3, 13, 9], RecordType::Dnskey).as_deref(), Some("256 3 13"));
    }
}
