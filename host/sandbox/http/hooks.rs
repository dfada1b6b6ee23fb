//! What `wasmtime-wasi-http` asks us: how a request is sent, how much of a body is held, and which of WASI's error codes an error is.

use super::{
    super::limits,
    outside::Outside,
    send::{self, Driving},
};
use hyper::{Request, Response};
use std::{io, sync::Arc};
use tokio_rustls::rustls;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks, p2::bindings::http::types::ErrorCode};

/// Of one instance. None: nothing may be sent.
pub(super) struct Hooks {
    pub(super) outside: Option<Arc<Outside>>,
}

type Sending = Box<dyn Future<Output = Result<(Response<WasiBody>, Driving), Error>> + Send>;

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _processed: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Sending {
        match &self.outside {
            Some(outside) => Box::new(send::send(Arc::clone(outside), request, options)),
            None => Box::new(async { Err(Error::HttpRequestDenied) }),
        }
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        limits::HTTP_CHUNK_BYTES
    }

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> ErrorCode {
        if error.is_parse_too_large() {
            return ErrorCode::HttpResponseHeaderSectionSize(u32::try_from(limits::HTTP_HEAD_BYTES_MAX).ok());
        }
        if error.is_incomplete_message() {
            return ErrorCode::HttpResponseIncomplete;
        }
        if error.is_canceled() || error.is_closed() {
            return ErrorCode::ConnectionTerminated;
        }
        ErrorCode::HttpProtocolError
    }

    fn p2_error_from_connect(&mut self, error: &io::Error) -> ErrorCode {
        use io::ErrorKind::*;
        match error.kind() {
            ConnectionRefused => ErrorCode::ConnectionRefused,
            TimedOut => ErrorCode::ConnectionTimeout,
            HostUnreachable | NetworkUnreachable => ErrorCode::DestinationIpUnroutable,
            _ => ErrorCode::DestinationUnavailable,
        }
    }

    fn p2_error_from_tls(&mut self, error: &io::Error) -> ErrorCode {
        let of_certificate = error
            .get_ref()
            .and_then(|inner| inner.downcast_ref())
            .is_some_and(|inner| matches!(inner, rustls::Error::InvalidCertificate(_)));
        match of_certificate {
            true => ErrorCode::TlsCertificateError,
            false => ErrorCode::TlsProtocolError,
        }
    }
}
