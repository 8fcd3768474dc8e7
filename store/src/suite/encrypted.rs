//! TLS towards a PostgreSQL server of our own: the named authority is trusted, and nothing else.

use super::server;
use crate::Store;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// An authority, and a certificate of it for `localhost`; the paths of its own certificate and of another authority's.
fn certificates(folder: &Path) -> Result<Vec<String>, String> {
    let failed = |error: &dyn std::fmt::Display| error.to_string();
    let authority = |name: &str| {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key"));
        let issuer = issuer.expect("an authority");
        fs::write(folder.join(name), issuer.pem()).expect("a file");
        issuer
    };
    let (ours, _foreign) = (authority("authority.pem"), authority("foreign.pem"));
    let key = KeyPair::generate().map_err(|error| failed(&error))?;
    let params = CertificateParams::new(vec!["localhost".to_owned()]).map_err(|error| failed(&error))?;
    let certificate = params.signed_by(&key, &ours).map_err(|error| failed(&error))?;
    fs::write(folder.join("server.crt"), certificate.pem()).map_err(|error| failed(&error))?;
    fs::write(folder.join("server.key"), key.serialize_pem()).map_err(|error| failed(&error))?;
    fs::set_permissions(folder.join("server.key"), fs::Permissions::from_mode(0o600))
        .map_err(|error| failed(&error))?;
    let file = |name: &str| folder.join(name).display().to_string();
    let settings = [
        "listen_addresses=localhost".to_owned(),
        "ssl=on".to_owned(),
        format!("ssl_cert_file={}", file("server.crt")),
        format!("ssl_key_file={}", file("server.key")),
    ];
    Ok(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]).collect())
}

#[test]
fn only_the_named_authority_is_trusted() {
    let name = "encrypted::only_the_named_authority_is_trusted";
    let (folder, port) = match server::with_port(certificates) {
        Ok(started) => started,
        Err(reason) => return server::skip(name, &reason),
    };
    let open = |host: &str, authority: &str| {
        let file = folder.join(authority).display().to_string();
        Store::open(&format!(
            "postgres://rundgang@{host}:{port}/rundgang?sslmode=verify-full&sslrootcert={file}"
        ))
    };
    let store = open("localhost", "authority.pem").expect("an encrypted connection");
    store.ensure_traeger("Kreis", rundgang_inventory::Timestamp(1)).expect("a Träger");
    for (host, authority) in [("localhost", "foreign.pem"), ("127.0.0.1", "authority.pem")] {
        let text = open(host, authority).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(text.contains("certificate") && !text.contains('\n'), "{host} {authority}: {text}");
    }
}
