//! Tasks that ask for nothing, and try every function of WASI that could reach outside.

use headwater_sdk::prelude::*;
use wasip2::{
    cli::{environment, stdin, terminal_stderr, terminal_stdin, terminal_stdout},
    filesystem::preopens,
    http::{
        outgoing_handler,
        types::{Fields, OutgoingRequest},
    },
    io::streams::StreamError,
    random::{insecure, random},
    sockets::{instance_network, ip_name_lookup, network::IpAddressFamily, tcp_create_socket, udp_create_socket},
};

/// What is there all the same: each part is empty.
#[task]
fn look() -> Result<String> {
    let folders = preopens::get_directories().len();
    let (variables, arguments) = (environment::get_environment().len(), environment::get_arguments().len());
    let here = environment::initial_cwd();
    let terminals = [
        terminal_stdin::get_terminal_stdin().is_some(),
        terminal_stdout::get_terminal_stdout().is_some(),
        terminal_stderr::get_terminal_stderr().is_some(),
    ];
    let ended = matches!(stdin::get_stdin().blocking_read(1), Err(StreamError::Closed));
    Ok(format!("{folders} {variables} {arguments} {here:?} {terminals:?} {ended}"))
}

/// The same numbers in each attempt of the same seed.
#[task]
fn draw() -> Result<(u64, u64)> {
    Ok((random::get_random_u64(), insecure::get_insecure_random_u64()))
}

#[task]
fn open_tcp() -> Result<()> {
    tcp_create_socket::create_tcp_socket(IpAddressFamily::Ipv6).map(drop).map_err(told)
}

#[task]
fn open_udp() -> Result<()> {
    udp_create_socket::create_udp_socket(IpAddressFamily::Ipv4).map(drop).map_err(told)
}

#[task]
fn look_up() -> Result<()> {
    let network = instance_network::instance_network();
    ip_name_lookup::resolve_addresses(&network, "localhost").map(drop).map_err(told)
}

#[task]
fn send() -> Result<()> {
    let request = OutgoingRequest::new(Fields::new());
    request.set_authority(Some("localhost")).map_err(|()| Error::terminal("the authority"))?;
    outgoing_handler::handle(request, None).map(drop).map_err(told)
}

#[task]
fn leave() -> Result<()> {
    wasip2::cli::exit::exit(Ok(()));
    Ok(())
}

fn told(error: impl std::fmt::Debug) -> Error {
    Error::terminal(format!("{error:?}"))
}

headwater_sdk::component!();
