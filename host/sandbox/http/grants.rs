//! What an attempt may reach by HTTP: the hosts that its task asks for and the operator allows, at addresses that are public, or that the
//! operator named.
//!
//! A name is a grant for what the public network calls so. What it stands for is known only when it is looked up, and a name that leads to
//! this machine or to its own network is refused, whoever made it do so.

use super::{address::not_public, resolve::Resolver};
use headwater_core::model::{Failure, FailureKind, HttpHost};
use std::{net::IpAddr, sync::Arc};

/// Hosts that an attempt may reach. By default none.
#[derive(Clone, Debug, Default)]
pub struct HttpGrants {
    /// What the task asks for.
    pub asked: Vec<HttpHost>,
    /// What the operator allows.
    pub allowed: Vec<HttpHost>,
    /// Looks up names; none: this machine's.
    pub resolver: Option<Arc<dyn Resolver>>,
}

impl HttpGrants {
    /// Whether a request may go to this host and port.
    pub(super) fn may_ask(&self, to: &HttpHost) -> Result<(), Failure> {
        if !self.asked.iter().any(|asked| asked.meets(to)) {
            return Err(not_asked(to));
        }
        if !self.allowed.iter().any(|allowed| allowed.meets(to)) {
            let grant = to.to_grant();
            return Err(refused(format!("HTTP to `{grant}` is not granted: allow it with `--allow-http {grant}`")));
        }
        Ok(())
    }

    /// Whether the host's name may stand for this address.
    pub(super) fn may_connect(&self, to: &HttpHost, address: IpAddr, port: u16) -> Result<(), Failure> {
        let Some(sort) = not_public(address) else { return Ok(()) };
        let named = self.allowed.iter().any(|allowed| allowed.is_address(address, port));
        let localhost = to.is_localhost(port)
            && address.to_canonical().is_loopback()
            && self.allowed.iter().any(|allowed| allowed.is_localhost(port));
        if named || localhost {
            return Ok(());
        }
        let grant = if to.is_localhost(port) { to.to_grant() } else { HttpHost::of_address(address, port) };
        Err(refused(match to.address() {
            Some(_) => format!("HTTP to `{grant}`, {sort}, is not granted: allow it with `--allow-http {grant}`"),
            None => format!(
                "the name `{}` leads to {address}, {sort}, which is not granted: allow that with `--allow-http {grant}`",
                to.host()
            ),
        }))
    }
}

/// The task says nothing of this host.
pub(super) fn not_asked(to: &HttpHost) -> Failure {
    let grant = to.to_grant();
    refused(format!(
        "the task sent an HTTP request to `{grant}`, and does not ask for it: write `http = \"{grant}\"` in its attribute, and allow it with `--allow-http {grant}`"
    ))
}

fn refused(message: String) -> Failure {
    Failure::new(FailureKind::NotGranted, message)
}

#[cfg(test)]
#[path = "grants_tests.rs"]
mod tests;
