//! A small HTTP client on the bare bindings of WASI, for the guests beside it.

use headwater_sdk::prelude::*;
use std::{
    collections::BTreeMap,
    io::{Read, Write},
};
use wasip2::http::{
    outgoing_handler,
    types::{Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme},
};

/// A request.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// GET, POST, …
    pub method: String,
    pub url: String,
    /// Sent so often.
    pub body: Option<String>,
    pub times: Option<u64>,
    pub headers: Option<BTreeMap<String, String>>,
    /// How long the other side may be silent.
    pub silence_ms: Option<u64>,
}

/// What came back.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    /// Its length in bytes.
    pub length: u64,
    /// The sum of its bytes.
    pub sum: u64,
    /// Its beginning.
    pub begins: String,
}

/// Sends one request, and reads the answer to its end.
pub fn send(asked: &Asked) -> Result<Answer> {
    let request = request(asked)?;
    let options = RequestOptions::new();
    let silence = asked.silence_ms.map(|ms| ms * 1_000_000);
    options.set_first_byte_timeout(silence).map_err(|()| error("a timeout"))?;
    options.set_between_bytes_timeout(silence).map_err(|()| error("a timeout"))?;
    let body = request.body().map_err(|()| error("the body"))?;
    let coming = outgoing_handler::handle(request, Some(options)).map_err(error)?;
    let mut stream = body.write().map_err(|()| error("the body"))?;
    for _ in 0..asked.times.unwrap_or(1) {
        Write::write_all(&mut stream, asked.body.as_deref().unwrap_or_default().as_bytes())?;
    }
    Write::flush(&mut stream)?;
    drop(stream);
    OutgoingBody::finish(body, None).map_err(error)?;
    coming.subscribe().block();
    let response = coming.get().ok_or_else(|| error("it is not there"))?.map_err(|()| error("it was taken"))?;
    answer(response.map_err(error)?)
}

fn request(asked: &Asked) -> Result<OutgoingRequest> {
    let (scheme, rest) = asked.url.split_once("://").ok_or_else(|| error("no URL"))?;
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let fields = Fields::new();
    for (name, value) in asked.headers.iter().flatten() {
        fields.append(name, value.as_bytes()).map_err(error)?;
    }
    let request = OutgoingRequest::new(fields);
    let method = match asked.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        other => Method::Other(other.to_owned()),
    };
    request.set_method(&method).map_err(|()| error("the method"))?;
    request.set_scheme(Some(&if scheme == "https" { Scheme::Https } else { Scheme::Http })).map_err(|()| error("the scheme"))?;
    request.set_authority(Some(authority)).map_err(|()| error("the authority"))?;
    request.set_path_with_query(Some(path)).map_err(|()| error("the path"))?;
    Ok(request)
}

fn answer(response: IncomingResponse) -> Result<Answer> {
    let headers = response.headers().entries();
    let headers = headers.into_iter().map(|(name, value)| (name, String::from_utf8_lossy(&value).into_owned()));
    let mut answer = Answer {
        status: response.status(),
        headers: headers.collect(),
        length: 0,
        sum: 0,
        begins: String::new(),
    };
    let body = response.consume().map_err(|()| error("the body"))?;
    let mut stream = body.stream().map_err(|()| error("the body"))?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = Read::read(&mut stream, &mut buffer)?;
        if read == 0 {
            return Ok(answer);
        }
        if answer.length == 0 {
            answer.begins = String::from_utf8_lossy(&buffer[..read.min(200)]).into_owned();
        }
        answer.length += read as u64;
        answer.sum += buffer[..read].iter().map(|&byte| u64::from(byte)).sum::<u64>();
    }
}

fn error(what: impl std::fmt::Debug) -> Error {
    Error::terminal(format!("{what:?}"))
}
