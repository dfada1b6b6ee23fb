//! The one function by which a request leaves a guest. Whoever may not send it is stopped here, with the sentence that says what to do.

use super::{
    super::guest::{Guest, Role},
    grants,
};
use headwater_core::model::{Failure, FailureKind, HttpHost};
use wasmtime::{
    StoreContextMut,
    component::{Linker, Resource},
};
use wasmtime_wasi_http::{
    RequestOptions, WasiHttpView as _,
    p2::{
        bindings::http::{
            outgoing_handler::Host as _,
            types::{ErrorCode, Host as _, Scheme},
        },
        types::{HostFutureIncomingResponse, HostOutgoingRequest},
    },
};

/// The interface, under the version of `wasmtime-wasi-http`: guests of every 0.2 find it.
const INTERFACE: &str = "wasi:http/outgoing-handler@0.2.12";

type Answer = Result<Resource<HostFutureIncomingResponse>, ErrorCode>;
type Asked = (Resource<HostOutgoingRequest>, Option<Resource<RequestOptions>>);

pub(in super::super) fn add_handler<R: Role>(linker: &mut Linker<Guest<R>>) -> wasmtime::Result<()> {
    linker.instance(INTERFACE)?.func_wrap("handle", |mut store: StoreContextMut<'_, Guest<R>>, asked: Asked| {
        store.data_mut().handle(asked).map(|answer| (answer,))
    })
}

impl<R: Role> Guest<R> {
    fn handle(&mut self, (request, options): Asked) -> wasmtime::Result<Answer> {
        let Some(to) = target(self.table.get(&request)?) else {
            return Ok(Err(ErrorCode::HttpRequestUriInvalid));
        };
        self.may_send(&to)?;
        let mut http = self.http();
        match http.handle(request, options) {
            Ok(response) => Ok(Ok(response)),
            Err(error) => Ok(Err(http.convert_error_code(error)?)),
        }
    }

    fn may_send(&self, to: &HttpHost) -> Result<(), Failure> {
        if R::FLOW {
            let message = format!("a flow may not send an HTTP request to `{}`: do it in a task", to.to_grant());
            return Err(Failure::new(FailureKind::NotGranted, message));
        }
        match self.http.outside() {
            Some(outside) => outside.grants.may_ask(to),
            None => Err(grants::not_asked(to)),
        }
    }
}

/// Where the request goes, before it is one.
fn target(request: &HostOutgoingRequest) -> Option<HttpHost> {
    let scheme = match request.scheme {
        Some(Scheme::Http) => "http",
        None | Some(Scheme::Https | Scheme::Other(_)) => "https",
    };
    let uri = hyper::Uri::builder().scheme(scheme).authority(request.authority.as_deref()?).path_and_query("/");
    Some(super::send::target(&uri.build().ok()?)?.0)
}
