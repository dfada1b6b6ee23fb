//! One request: a connection of its own, HTTP/1.1, and the response as it comes.
//!
//! Redirects are answers like others: whoever follows one makes a request of its own, which is looked at as every other.

use super::{super::limits, body, connect::connect, outside::Outside};
use headwater_core::model::HttpHost;
use hyper::{
    Method, Request, Response, StatusCode, Uri,
    client::conn::http1,
    header::{HeaderName, HeaderValue},
    http::uri::Scheme,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;
use wasmtime_wasi::runtime::spawn;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, io::TokioIo};

/// Drives a connection while its response is read.
pub(super) type Driving = Box<dyn Future<Output = Result<(), Error>> + Send>;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Where a request goes: a host with its port.
pub(super) fn target(uri: &Uri) -> Option<(HttpHost, u16)> {
    let authority = uri.authority()?;
    // Who asks stands in a header, not in the host.
    if authority.as_str().contains('@') {
        return None;
    }
    let usual = if uri.scheme() == Some(&Scheme::HTTPS) { 443 } else { 80 };
    let port = match authority.port() {
        Some(port) => port.as_str().parse().ok().filter(|port| *port != 0)?,
        None if authority.as_str().ends_with(':') => return None,
        None => usual,
    };
    Some((HttpHost::of_request(authority.host(), port)?, port))
}

/// Sends it, and gives what comes back once its head is there.
pub(super) async fn send(
    outside: Arc<Outside>,
    request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<(Response<WasiBody>, Driving), Error> {
    let shown = format!("{} {}", request.method(), origin(request.uri()));
    let sent = carry(&outside, request, options.unwrap_or_default()).await;
    if let Err(error) = &sent {
        outside.failed(&shown, error);
    }
    sent
}

async fn carry(
    outside: &Outside,
    mut request: Request<WasiBody>,
    options: RequestOptions,
) -> Result<(Response<WasiBody>, Driving), Error> {
    let (to, port) = target(request.uri()).ok_or(Error::HttpRequestUriInvalid)?;
    // It asks for a way to somewhere else.
    if request.method() == Method::CONNECT {
        return Err(Error::HttpRequestMethodInvalid);
    }
    outside.grants.may_ask(&to).map_err(|failure| {
        outside.refuse(failure);
        Error::HttpRequestDenied
    })?;
    let permit = Arc::clone(&outside.connections).try_acquire_owned().map_err(|_| Error::ConnectionLimitReached)?;
    let secure = request.uri().scheme() == Some(&Scheme::HTTPS);
    prepare(outside, &mut request)?;
    let within = capped(options.connect_timeout, limits::HTTP_CONNECT_TIME_MAX);
    let stream = connect(outside, &to, port, secure, within).await?;
    let mut builder = http1::Builder::new();
    builder.max_buf_size(limits::HTTP_HEAD_BYTES_MAX).max_headers(limits::HTTP_HEADERS_MAX);
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await?;
    let connection = spawn(connection);
    let first_byte = capped(options.first_byte_timeout, limits::HTTP_SILENCE_MAX);
    let response =
        timeout(first_byte, sender.send_request(request)).await.map_err(|_| Error::ConnectionReadTimeout)??;
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return Err(Error::HttpUpgradeFailed);
    }
    let silence_max = capped(options.between_bytes_timeout, limits::HTTP_SILENCE_MAX);
    let driving = Box::new(async move {
        let _permit = permit;
        connection.await.map_err(Error::Hyper)
    });
    Ok((response.map(|incoming| body::timed(incoming, silence_max)), driving))
}

/// On the wire there are a path and headers; scheme and host are said by the connection.
fn prepare(outside: &Outside, request: &mut Request<WasiBody>) -> Result<(), Error> {
    let keyed = matches!(*request.method(), Method::POST | Method::PATCH);
    // A key that its author made may be one that no header can hold.
    if keyed
        && !request.headers().contains_key(IDEMPOTENCY_KEY)
        && let Ok(key) = HeaderValue::try_from(outside.next_idempotency_key())
    {
        request.headers_mut().insert(IDEMPOTENCY_KEY, key);
    }
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    *request.uri_mut() = path.parse().map_err(|_| Error::HttpRequestUriInvalid)?;
    Ok(())
}

fn capped(asked: Option<Duration>, max: Duration) -> Duration {
    asked.map_or(max, |asked| asked.min(max))
}

/// A URL without what may be secret in it.
fn origin(uri: &Uri) -> String {
    let (scheme, host) =
        (uri.scheme_str().unwrap_or("http"), uri.authority().map_or("", |authority| authority.as_str()));
    format!("{scheme}://{}", host.rsplit('@').next().unwrap_or(host))
}
