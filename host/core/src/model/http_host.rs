//! Where HTTP may go, as a grant has it: a host, and perhaps one of its ports.
//!
//! A task asks with one, the operator allows with one, and a request goes through where both cover it. Names are compared as URLs have
//! them: without regard to case, in their ASCII form.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};

/// The ports of a grant that names none: those of `http:` and `https:`.
const USUAL_PORTS: [u16; 2] = [80, 443];

/// The longest name that the name service knows.
const NAME_BYTES_MAX: usize = 253;

/// `example.org`, `example.org:8443`, `*.example.org`, `*`, `192.0.2.1`, `[2001:db8::1]:80`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HttpHost {
    host: Host,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Host {
    /// `*`: without a port, all ports too.
    Any,
    /// `*.example.org`: all names below it.
    Below(String),
    Name(String),
    Address(IpAddr),
}

/// It is written otherwise.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no host: write `example.org`, `example.org:8443`, `*.example.org` or an address, without `http://` and without a path"
)]
pub struct NoHost(String);

impl FromStr for HttpHost {
    type Err = NoHost;

    fn from_str(text: &str) -> Result<HttpHost, NoHost> {
        parse(text).ok_or_else(|| NoHost(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<HttpHost> {
    let address = |address: IpAddr| Host::Address(address.to_canonical());
    if let Some(bracketed) = text.strip_prefix('[') {
        let (inside, after) = bracketed.split_once(']')?;
        let host = address(inside.parse::<Ipv6Addr>().ok()?.into());
        let port = if after.is_empty() { None } else { Some(port(after.strip_prefix(':')?)?) };
        return Some(HttpHost { host, port });
    }
    if let Ok(v6) = text.parse::<Ipv6Addr>() {
        return Some(HttpHost { host: address(v6.into()), port: None });
    }
    let (name, port) = match text.split_once(':') {
        Some((name, number)) => (name, Some(port(number)?)),
        None => (text, None),
    };
    let name = name.to_ascii_lowercase();
    let host = match name.parse::<IpAddr>() {
        Ok(v4) => address(v4),
        Err(_) if name == "*" => Host::Any,
        Err(_) => match name.strip_prefix("*.") {
            Some(below) => Host::Below(checked_name(below)?),
            None => Host::Name(checked_name(&name)?),
        },
    };
    Some(HttpHost { host, port })
}

fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port != 0)
}

fn checked_name(name: &str) -> Option<String> {
    let label =
        |label: &str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    (name.len() <= NAME_BYTES_MAX && name.split('.').all(label)).then(|| name.to_owned())
}

impl HttpHost {
    /// One host and port that a request goes to, host as its URL has it; none: no host at all.
    pub fn of_request(host: &str, port: u16) -> Option<HttpHost> {
        let host = host.strip_suffix('.').unwrap_or(host);
        let one = parse(host).filter(|one| one.port.is_none())?;
        let is_one = matches!(one.host, Host::Name(_) | Host::Address(_));
        is_one.then_some(HttpHost { port: Some(port), ..one })
    }

    /// The grant that covers this address with this port.
    pub fn of_address(address: IpAddr, port: u16) -> HttpHost {
        HttpHost { host: Host::Address(address.to_canonical()), port: Some(port) }.to_grant()
    }

    /// Whether some request goes through both.
    pub fn meets(&self, other: &HttpHost) -> bool {
        (self.is_all() || other.is_all() || ports_meet(self.port, other.port)) && self.host.meets(&other.host)
    }

    fn is_all(&self) -> bool {
        self.host == Host::Any && self.port.is_none()
    }

    /// Whether it names this address itself, with this port.
    pub fn is_address(&self, address: IpAddr, port: u16) -> bool {
        ports_meet(self.port, Some(port)) && self.host == Host::Address(address.to_canonical())
    }

    /// Whether it names this machine, with this port.
    pub fn is_localhost(&self, port: u16) -> bool {
        ports_meet(self.port, Some(port)) && matches!(&self.host, Host::Name(name) if name == "localhost")
    }

    /// The address, where it names one.
    pub fn address(&self) -> Option<IpAddr> {
        match self.host {
            Host::Address(address) => Some(address),
            Host::Any | Host::Below(_) | Host::Name(_) => None,
        }
    }

    /// The name or the address, without brackets.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Address(address) => address.to_string(),
            other => other.to_string(),
        }
    }

    /// The grant that covers one request: a usual port need not be named.
    pub fn to_grant(&self) -> HttpHost {
        HttpHost { host: self.host.clone(), port: self.port.filter(|port| !USUAL_PORTS.contains(port)) }
    }
}

fn ports_meet(one: Option<u16>, other: Option<u16>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(port), None) | (None, Some(port)) => USUAL_PORTS.contains(&port),
        (Some(one), Some(other)) => one == other,
    }
}

fn is_below(name: &str, above: &str) -> bool {
    name.strip_suffix(above).is_some_and(|rest| rest.ends_with('.'))
}

impl Host {
    fn meets(&self, other: &Host) -> bool {
        match (self, other) {
            (Host::Any, _) | (_, Host::Any) => true,
            (Host::Below(one), Host::Below(other)) => one == other || is_below(one, other) || is_below(other, one),
            (Host::Below(above), Host::Name(name)) | (Host::Name(name), Host::Below(above)) => is_below(name, above),
            (Host::Name(one), Host::Name(other)) => one == other,
            (Host::Address(one), Host::Address(other)) => one == other,
            (Host::Address(_), Host::Name(_) | Host::Below(_)) | (Host::Name(_) | Host::Below(_), Host::Address(_)) => {
                false
            }
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Any => f.write_str("*"),
            Host::Below(name) => write!(f, "*.{name}"),
            Host::Name(name) => f.write_str(name),
            Host::Address(IpAddr::V4(address)) => write!(f, "{address}"),
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// As a grant is written.
impl fmt::Display for HttpHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            None => write!(f, "{}", self.host),
            Some(port) => write!(f, "{}:{port}", self.host),
        }
    }
}

#[cfg(test)]
#[path = "http_host_tests.rs"]
mod tests;
