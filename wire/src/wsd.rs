//! WS-Discovery (the version of April 2005 that ONVIF and printers speak): the Probe datagram, and reading ProbeMatch
//! and Hello.

use crate::xml::elements;

/// Items of one list that are read.
const MAX_ITEMS: usize = 64;

/// One target that answered or announced itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its endpoint reference, usually `urn:uuid:…`.
    pub address: String,
    /// Its types, without namespace prefix.
    pub types: Vec<String>,
    /// Its scopes.
    pub scopes: Vec<String>,
    /// Its transport addresses.
    pub xaddrs: Vec<String>,
}

/// A Probe for all targets, or for those of ONVIF's video type, with a fresh message identifier.
#[must_use]
pub fn probe(message: u128, video_only: bool) -> Vec<u8> {
    let hex = format!("{message:032x}");
    // A random (version 4) UUID, RFC 9562 section 5.4.
    let id = format!("{}-{}-4{}-8{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..]);
    let (space, types) = if video_only {
        (
            " xmlns:dn=\"http://www.onvif.org/ver10/network/wsdl\"",
            "<d:Types>dn:NetworkVideoTransmitter</d:Types>",
        )
    } else {
        ("", "")
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" \
         xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" \
         xmlns:d=\"http://schemas.xmlsoap.org/ws/2005/04/discovery\"{space}>\
         <s:Header><a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action>\
         <a:MessageID>urn:uuid:{id}</a:MessageID>\
         <a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header>\
         <s:Body><d:Probe>{types}</d:Probe></s:Body></s:Envelope>"
    )
    .into_bytes()
}

/// The targets of a ProbeMatches, ResolveMatches or Hello message; none in anything else.
#[must_use]
pub fn targets(datagram: &[u8]) -> Vec<Target> {
    let mut found: Vec<Target> = Vec::new();
    for element in elements(datagram) {
        match element.name() {
            "ProbeMatch" | "ResolveMatch" | "Hello" => found.push(Target::default()),
            "Address" if element.path.iter().any(|name| &**name == "EndpointReference") => {
                if let Some(target) = found.last_mut() {
                    target.address = element.text;
                }
            }
            "Types" => extend(&mut found, |target| &mut target.types, &element.text, true),
            "Scopes" => extend(&mut found, |target| &mut target.scopes, &element.text, false),
            "XAddrs" => extend(&mut found, |target| &mut target.xaddrs, &element.text, false),
            _ => {}
        }
        if found.len() > MAX_ITEMS {
            break;
        }
    }
    found
}

fn extend(found: &mut [Target], list: fn(&mut Target) -> &mut Vec<String>, text: &str, local: bool) {
    let Some(target) = found.last_mut() else { return };
    let items = text.split_whitespace().map(|item| match item.rsplit_once(':') {
        Some((_, name)) if local => name.to_owned(),
        _ => item.to_owned(),
    });
    list(target).extend(items.take(MAX_ITEMS));
}

/// The value of an ONVIF scope `onvif://www.onvif.org/KIND/VALUE` (ONVIF Core section 7.3.2.2), percent-decoded.
#[must_use]
pub fn onvif_scope(scope: &str, kind: &str) -> Option<String> {
    let rest = scope.strip_prefix("onvif://www.onvif.org/")?;
    let value = rest.strip_prefix(kind)?.strip_prefix('/')?;
    let mut decoded = Vec::new();
    let mut bytes = value.bytes();
    while let Some(byte) = bytes.next() {
        let mut escape = bytes.clone();
        let digits = (escape.next(), escape.next());
        match (byte, digits) {
            (b'%', (Some(high), Some(low))) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                let digit =
                    |d: u8| char::from(d).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
                decoded.push(digit(high) * 16 + digit(low));
                bytes = escape;
            }
            _ => decoded.push(byte),
        }
    }
    let text = String::from_utf8_lossy(&decoded).trim().to_owned();
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_is_well_formed() {
        let bytes = probe(0x0123_4567_89ab_cdef_0123_4567_89ab_cdef, false);
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(
            text.contains("<a:MessageID>urn:uuid:01234567-89ab-4def-8123-456789abcdef</a:MessageID>"),
            "{text}"
        );
        assert!(text.ends_with("<s:Body><d:Probe></d:Probe></s:Body></s:Envelope>"));
        assert!(targets(&bytes).is_empty());
        let video = String::from_utf8(probe(1, true)).unwrap();
        assert!(video.contains("<d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe>"));
    }

    #[test]
    fn a_match_is_read() {
        let got = targets(
            b"<e:Envelope><e:Body><d:ProbeMatches><d:ProbeMatch><w:EndpointReference><w:Address>urn:uuid:1</w:Address>\
              </w:EndpointReference><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>\
              <d:Scopes>onvif://www.onvif.org/hardware/X%201 a</d:Scopes><d:XAddrs>http://192.0.2.7/onvif</d:XAddrs>\
              </d:ProbeMatch></d:ProbeMatches></e:Body></e:Envelope>",
        );
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].address, "urn:uuid:1");
        assert_eq!(got[0].types, ["NetworkVideoTransmitter", "Device"]);
        assert_eq!(got[0].scopes.len(), 2);
        assert_eq!(onvif_scope(&got[0].scopes[0], "hardware").as_deref(), Some("X 1"));
        assert_eq!(onvif_scope("onvif://www.onvif.org/name/%zz%", "name").as_deref(), Some("%zz%"));
        assert_eq!(onvif_scope("a", "name"), None);
    }
}
