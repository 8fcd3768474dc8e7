//! Who may reach the pages: this machine alone, or whoever has the token.

use std::{net::SocketAddr, path::Path};

/// The shortest token taken for pages that the network can reach.
const SHORTEST_TOKEN: usize = 20;

/// Why the pages are not opened.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// Reachable from the network without a token.
    #[error(
        "--web {0} can be reached from the network: add --web-token-file FILE (one line of at least \
         {SHORTEST_TOKEN} characters), or stay with 127.0.0.1, where only this machine is answered"
    )]
    Open(SocketAddr),
    /// Published by a proxy without a token.
    #[error(
        "--web-https says that a reverse proxy publishes the pages: add --web-token-file FILE (one line of at \
         least {SHORTEST_TOKEN} characters), else everybody would be let in"
    )]
    Published,
    /// The token cannot be read.
    #[error("the token file {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The token is too short.
    #[error("the token in {0} is too short: at least {SHORTEST_TOKEN} characters on one line")]
    Short(String),
}

/// Reads the token file, and insists on one where the network can reach the pages, itself or through a proxy with
/// TLS.
///
/// # Errors
/// See [`DoorError`].
pub fn token(web: SocketAddr, file: Option<&Path>, https: bool) -> Result<Option<String>, DoorError> {
    let Some(path) = file else {
        if https {
            return Err(DoorError::Published);
        }
        return if web.ip().is_loopback() { Ok(None) } else { Err(DoorError::Open(web)) };
    };
    let shown = path.display().to_string();
    let text =
        std::fs::read_to_string(path).map_err(|source| DoorError::File { path: shown.clone(), source })?;
    let token = text.trim().to_owned();
    if token.len() < SHORTEST_TOKEN || token.contains('\n') {
        Err(DoorError::Short(shown))
    } else {
        Ok(Some(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_needs_a_token_file() {
        let outside: SocketAddr = "192.0.2.1:8080".parse().unwrap();
        let inside: SocketAddr = "127.0.0.1:8080".parse().unwrap();
        assert!(matches!(token(inside, None, false), Ok(None)));
        assert!(matches!(token(outside, None, false), Err(DoorError::Open(_))));
        assert!(matches!(token(inside, None, true), Err(DoorError::Published)));
        let data = tempfile::tempdir().unwrap();
        let file = data.path().join("token");
        std::fs::write(&file, "short\n").unwrap();
        assert!(matches!(token(outside, Some(&file), true), Err(DoorError::Short(_))));
        std::fs::write(&file, "a long enough token here\n").unwrap();
        assert_eq!(token(outside, Some(&file), true).unwrap().as_deref(), Some("a long enough token here"));
    }
}
