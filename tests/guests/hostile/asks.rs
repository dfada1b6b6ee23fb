//! Tasks that ask for what nobody granted: the network, the environment.

use headwater_sdk::prelude::*;
use std::net::{TcpListener, TcpStream, ToSocketAddrs as _, UdpSocket};

#[task]
fn connects() -> Result<()> {
    TcpStream::connect("127.0.0.1:80")?;
    Ok(())
}

#[flow]
async fn tcp() -> Result<()> {
    connects().await
}

#[task]
fn listens() -> Result<()> {
    TcpListener::bind("127.0.0.1:0")?;
    Ok(())
}

#[flow]
async fn tcp_listener() -> Result<()> {
    listens().await
}

#[task]
fn sends() -> Result<()> {
    UdpSocket::bind("0.0.0.0:0")?;
    Ok(())
}

#[flow]
async fn udp() -> Result<()> {
    sends().await
}

#[task]
fn looks_up() -> Result<()> {
    ("localhost", 80).to_socket_addrs()?;
    Ok(())
}

#[flow]
async fn name_lookup() -> Result<()> {
    looks_up().await
}

#[task]
fn reads_environment() -> Result<()> {
    Err(Error::terminal(format!("it was read: {}", std::env::var("PATH")?)))
}

#[flow]
async fn environment() -> Result<()> {
    reads_environment().await
}

#[task]
fn exits() -> Result<()> {
    std::process::exit(0)
}

#[flow]
async fn exit() -> Result<()> {
    exits().await
}

headwater_sdk::component!();
