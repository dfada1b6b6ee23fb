//! TLS: the certificate must be valid for the host of the request, by the authorities that this machine trusts (or `SSL_CERT_FILE` names).

use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use std::{io, sync::Arc};
use tokio::{net::TcpStream, sync::OnceCell};
use tokio_rustls::{TlsConnector, client::TlsStream, rustls};

/// Read once in a process: there are some hundred authorities.
static CONFIG: OnceCell<Arc<ClientConfig>> = OnceCell::const_new();

/// Makes a connection secret, and sure of whom it is with.
pub(super) async fn secure(stream: TcpStream, host: String) -> io::Result<TlsStream<TcpStream>> {
    let config = CONFIG.get_or_try_init(config).await?;
    let name = ServerName::try_from(host).map_err(io::Error::other)?;
    TlsConnector::from(Arc::clone(config)).connect(name, stream).await
}

async fn config() -> io::Result<Arc<ClientConfig>> {
    let found = tokio::task::spawn_blocking(rustls_native_certs::load_native_certs).await.map_err(io::Error::other)?;
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map(|error| format!(": {error}")).unwrap_or_default();
        return Err(io::Error::other(format!(
            "no certificate authorities were found on this machine: install `ca-certificates`, or name a file with `SSL_CERT_FILE`{why}"
        )));
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
