//! One request over `wasi:http`, and its answer read to the end.

use crate::exchange::{Reply, Sent, Silence};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};

/// Bytes of an answer: with what is made of it, it has to fit into a sandbox.
const BODY_BYTES_MAX: usize = 256 << 20;

/// Bytes that are read at once.
const CHUNK_BYTES: usize = 64 << 10;

/// Sends a request.
pub fn send(sent: &Sent) -> Result<Reply, Silence> {
    let request = request(sent)?;
    let options = RequestOptions::new();
    let silence = u64::try_from(sent.silence.as_nanos()).ok();
    for set in [
        options.set_connect_timeout(silence),
        options.set_first_byte_timeout(silence),
        options.set_between_bytes_timeout(silence),
    ] {
        set.map_err(|()| Silence::Never("the host knows no such time limits".to_owned()))?;
    }
    let body = request.body().map_err(|()| lost("the request has no body"))?;
    let coming = outgoing_handler::handle(request, Some(options)).map_err(failed)?;
    let written = write(&body, &sent.body);
    let finished = OutgoingBody::finish(body, None);
    coming.subscribe().block();
    let answer = coming.get().and_then(Result::ok).ok_or_else(|| lost("there was no answer"))?;
    // An answer counts, even one to a request that was not taken to its end.
    let response = match (answer, written, finished) {
        (Ok(response), ..) => response,
        (Err(code), ..) => return Err(failed(code)),
    };
    reply(response, &sent.method)
}

fn lost(what: impl ToString) -> Silence {
    Silence::Lost(what.to_string())
}

fn request(sent: &Sent) -> Result<OutgoingRequest, Silence> {
    let never = |what: &str| Silence::Never(format!("the host does not take {what}"));
    let fields = Fields::new();
    for (name, value) in &sent.headers {
        fields.append(name, value.as_bytes()).map_err(|_| never(&format!("the header `{name}`")))?;
    }
    let request = OutgoingRequest::new(fields);
    let scheme = if sent.uri.scheme_str() == Some("https") { Scheme::Https } else { Scheme::Http };
    request.set_method(&method(&sent.method)).map_err(|()| never("the method"))?;
    request.set_scheme(Some(&scheme)).map_err(|()| never("the scheme"))?;
    request
        .set_authority(sent.uri.authority().map(http::uri::Authority::as_str))
        .map_err(|()| never("the host's name"))?;
    request
        .set_path_with_query(sent.uri.path_and_query().map(http::uri::PathAndQuery::as_str))
        .map_err(|()| never("the path"))?;
    Ok(request)
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "PATCH" => Method::Patch,
        "OPTIONS" => Method::Options,
        other => Method::Other(other.to_owned()),
    }
}

fn write(body: &OutgoingBody, bytes: &[u8]) -> std::io::Result<()> {
    let Ok(mut stream) = body.write() else { return Ok(()) };
    stream.write_all(bytes)?;
    Write::flush(&mut stream)
}

fn reply(response: IncomingResponse, method: &str) -> Result<Reply, Silence> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in response.headers().entries() {
        let value = String::from_utf8_lossy(&value).into_owned();
        let all = headers.entry(name.to_ascii_lowercase()).or_default();
        *all = if all.is_empty() { value } else { format!("{all}, {value}") };
    }
    let status = response.status();
    let body = match method {
        "HEAD" => Vec::new(),
        _ => read(&response)?,
    };
    Ok(Reply { status, headers, body })
}

fn read(response: &IncomingResponse) -> Result<Vec<u8>, Silence> {
    let content = response.consume().map_err(|()| lost("the answer has no body"))?;
    let mut stream = content.stream().map_err(|()| lost("the answer's body cannot be read"))?;
    let (mut body, mut chunk) = (Vec::new(), vec![0; CHUNK_BYTES]);
    loop {
        match Read::read(&mut stream, &mut chunk) {
            Ok(0) => return Ok(body),
            Ok(count) => body.extend(chunk.iter().take(count)),
            Err(error) => return Err(lost(format_args!("the answer broke off after {} bytes: {error}", body.len()))),
        }
        if body.len() > BODY_BYTES_MAX {
            return Err(Silence::Never(format!("the answer has more than {BODY_BYTES_MAX} bytes")));
        }
    }
}

/// What another request might cure, and what not.
fn failed(code: ErrorCode) -> Silence {
    let what = format!("{code:?}");
    match code {
        ErrorCode::HttpRequestDenied
        | ErrorCode::HttpRequestUriInvalid
        | ErrorCode::HttpRequestMethodInvalid
        | ErrorCode::TlsCertificateError
        | ErrorCode::DestinationIpProhibited => Silence::Never(what),
        _ => Silence::Lost(what),
    }
}
