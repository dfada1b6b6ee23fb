//! HTTP for tasks: requests to hosts that the task asks for and the operator allows, and to nothing else.
//!
//! - `grants`: which hosts, and which of the addresses behind their names; `address`: which addresses are public
//! - `handler`: the one function by which a request leaves a guest; `hooks`: what `wasmtime-wasi-http` asks us
//! - `outside`: what an attempt has outside; `send`, `connect`, `tls`, `resolve`, `body`: a request on its way there and back
//!
//! Types of headers, requests and responses are the real ones of `wasmtime-wasi-http`: they are values in memory and reach nothing.

mod address;
mod body;
mod connect;
mod grants;
mod handler;
mod hooks;
mod outside;
mod resolve;
mod send;
mod tls;

pub use grants::HttpGrants;
pub use resolve::Resolver;

pub(super) use handler::add_handler;
pub(super) use outside::Outside;

use super::{
    guest::{Guest, Role},
    limits,
};
use hooks::Hooks;
use std::sync::Arc;
use wasmtime::component::Linker;
use wasmtime_wasi_http::{
    WasiHttp, WasiHttpCtx, WasiHttpCtxView, WasiHttpView,
    p2::bindings::{LinkOptions, http::types},
};

/// One instance's HTTP.
pub(super) struct Http {
    ctx: WasiHttpCtx,
    hooks: Hooks,
}

impl Http {
    /// Nothing may be asked for.
    pub(super) fn none() -> Http {
        Http::with(None)
    }

    /// What this attempt has outside; none: nothing.
    pub(super) fn with(outside: Option<Arc<Outside>>) -> Http {
        let mut ctx = WasiHttpCtx::new();
        ctx.set_field_size_limit(limits::HTTP_FIELDS_BYTES_MAX);
        Http { ctx, hooks: Hooks { outside } }
    }

    fn outside(&self) -> Option<&Outside> {
        self.hooks.outside.as_deref()
    }
}

impl<R: Role> WasiHttpView for Guest<R> {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { hooks: &mut self.http.hooks, table: &mut self.table, ctx: &mut self.http.ctx }
    }
}

/// `wasi:http/types`.
pub(super) fn add_types<R: Role>(linker: &mut Linker<Guest<R>>) -> wasmtime::Result<()> {
    types::add_to_linker::<_, WasiHttp>(linker, &(&LinkOptions::default()).into(), Guest::http)
}
