//! Names and their addresses. Looked up once for each connection, which then goes to the very addresses that were looked at.

use futures_util::future::BoxFuture;
use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
};

/// Looks up names.
pub trait Resolver: fmt::Debug + Send + Sync {
    /// All addresses of a name.
    fn resolve(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>>;
}

/// As this machine does: its hosts file, then the name service.
#[derive(Debug)]
pub(super) struct System;

impl Resolver for System {
    fn resolve(&self, name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        only_built_in();
        Box::pin(async move {
            Ok(tokio::net::lookup_host((name, 0)).await?.map(|address: SocketAddr| address.ip()).collect())
        })
    }
}

/// This binary holds its C library, and the machine's modules for names are those of another: loaded, they would end the process.
#[cfg(all(target_env = "gnu", target_feature = "crt-static"))]
fn only_built_in() {
    use std::{
        ffi::{c_char, c_int},
        sync::Once,
    };
    #[expect(unsafe_code, reason = "no crate has this function of glibc's")]
    unsafe extern "C" {
        fn __nss_configure_lookup(database: *const c_char, services: *const c_char) -> c_int;
    }
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        #[expect(unsafe_code, reason = "both are texts that end in a zero and are only read")]
        unsafe {
            __nss_configure_lookup(c"hosts".as_ptr(), c"files dns".as_ptr());
        }
    });
}

/// The machine's own C library has its own modules.
#[cfg(not(all(target_env = "gnu", target_feature = "crt-static")))]
fn only_built_in() {}
