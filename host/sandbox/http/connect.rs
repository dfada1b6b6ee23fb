//! A connection: the name looked up, each address looked at, and one of those very addresses connected to.
//!
//! There is no second look-up between the look and the connection, and no proxy of the environment's is asked.

use super::{super::limits, outside::Outside, tls};
use headwater_core::model::HttpHost;
use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use wasmtime_wasi_http::Error;

/// A connection, secret or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Stream for T {}

/// Connects, within this time.
pub(super) async fn connect(
    outside: &Outside,
    to: &HttpHost,
    port: u16,
    secure: bool,
    within: Duration,
) -> Result<Box<dyn Stream>, Error> {
    let connecting = async {
        let addresses = addresses(outside, to).await?;
        for &address in &addresses {
            outside.grants.may_connect(to, address, port).map_err(|failure| {
                outside.refuse(failure);
                Error::DestinationIpProhibited
            })?;
        }
        let stream = first_of(&addresses, port, within).await.map_err(Error::Connect)?;
        Ok(match secure {
            true => Box::new(tls::secure(stream, to.host()).await.map_err(Error::Tls)?) as Box<dyn Stream>,
            false => Box::new(stream),
        })
    };
    timeout(within, connecting).await.unwrap_or(Err(Error::ConnectionTimeout))
}

async fn addresses(outside: &Outside, to: &HttpHost) -> Result<Vec<IpAddr>, Error> {
    if let Some(address) = to.address() {
        return Ok(vec![address]);
    }
    let unknown = |why: String| Error::DnsError { rcode: Some(why), info_code: None };
    let name = to.host();
    let mut found = outside.resolver().resolve(name.clone()).await.map_err(|error| unknown(error.to_string()))?;
    if found.is_empty() {
        return Err(unknown(format!("the name `{name}` has no address")));
    }
    found.truncate(limits::HTTP_ADDRESSES_MAX);
    Ok(found)
}

/// The first address that answers, each with its share of the time.
async fn first_of(addresses: &[IpAddr], port: u16, within: Duration) -> io::Result<TcpStream> {
    let share = within / u32::try_from(addresses.len().max(1)).unwrap_or(1);
    let mut last = io::Error::from(io::ErrorKind::NotFound);
    for &address in addresses {
        match timeout(share, TcpStream::connect(SocketAddr::new(address, port))).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}
