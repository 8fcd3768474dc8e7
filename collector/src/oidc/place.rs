//! What a provider says about itself (OpenID Connect Discovery 1.0).

use serde::Deserialize;

/// Where a provider does what.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Place {
    issuer: String,
    #[serde(rename = "authorization_endpoint")]
    pub(super) authorization: String,
    #[serde(rename = "token_endpoint")]
    pub(super) token: String,
    #[serde(rename = "jwks_uri")]
    pub(super) keys: String,
    #[serde(default, rename = "token_endpoint_auth_methods_supported")]
    methods: Vec<String>,
}

impl Place {
    /// Where an issuer says it (section 4).
    pub(super) fn address(issuer: &str) -> String {
        format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))
    }

    /// What is said there, if it is said of that very issuer (section 4.3), and every way is encrypted.
    pub(super) fn parse(text: &[u8], issuer: &str) -> Result<Self, String> {
        let place: Self = serde_json::from_slice(text)
            .map_err(|error| format!("what the provider says about itself does not read: {error}"))?;
        if place.issuer != issuer {
            return Err(format!("the provider calls itself '{}', not '{issuer}'", short(&place.issuer)));
        }
        for address in [&place.authorization, &place.token, &place.keys] {
            let is_sound = address.starts_with("https://") && address.chars().all(|c| c.is_ascii_graphic());
            if !is_sound || address.contains('#') {
                return Err(format!("the provider names an address that is not HTTPS: '{}'", short(address)));
            }
        }
        Ok(place)
    }

    /// Whether the secret goes into the form: only where nothing better is offered.
    pub(super) fn takes_secret_in_form(&self) -> bool {
        let offers = |name: &str| self.methods.iter().any(|method| method == name);
        offers("client_secret_post") && !offers("client_secret_basic")
    }
}

fn short(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://konto.kreis.example/realm";

    fn said(issuer: &str, token: &str) -> String {
        format!(
            "{{\"issuer\":\"{issuer}\",\"authorization_endpoint\":\"{ISSUER}/auth\",\"token_endpoint\":\"{token}\",\
              \"jwks_uri\":\"{ISSUER}/keys\",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]}}"
        )
    }

    #[test]
    fn a_provider_speaks_for_itself_and_encrypted() {
        let place =
            Place::parse(said(ISSUER, "https://x.example/token").as_bytes(), ISSUER).expect("a place");
        assert!(place.takes_secret_in_form());
        let refused = |text: &str| assert!(Place::parse(text.as_bytes(), ISSUER).is_err(), "{text}");
        refused(&said("https://konto.kreis.example/realm/", "https://x.example/token"));
        refused(&said("https://evil.example", "https://x.example/token"));
        refused(&said(ISSUER, "http://x.example/token"));
        refused(&said(ISSUER, "https://x.example/to ken"));
        refused("{}");
        refused("");
        assert_eq!(
            Place::address("https://konto.kreis.example/"),
            "https://konto.kreis.example/.well-known/openid-configuration"
        );
    }
}
