//! What no guest may do, with the sentence that says what to do instead: leave the process, open a socket, look up a name.

use super::super::guest::{Guest, Role};
use headwater_core::model::{Failure, FailureKind};
use wasmtime::component::Resource;
use wasmtime_wasi::{
    p2::{
        DynPollable, Network, SocketError, SocketResult, TcpSocket, UdpSocket,
        bindings::{
            cli::exit,
            sockets::{
                ip_name_lookup::{self, ResolveAddressStream},
                network::{self, ErrorCode, IpAddress, IpAddressFamily},
                tcp_create_socket, udp_create_socket,
            },
        },
    },
    sockets::WasiSocketsView as _,
};

impl<R: Role> exit::Host for Guest<R> {
    fn exit(&mut self, _status: Result<(), ()>) -> wasmtime::Result<()> {
        Err(Failure::new(FailureKind::Panicked, "the code called `exit`: return a value or an error instead").into())
    }

    fn exit_with_code(&mut self, _code: u8) -> wasmtime::Result<()> {
        self.exit(Ok(()))
    }
}

fn no_network<R: Role>() -> wasmtime::Error {
    let message = if R::FLOW {
        "a flow may not open a socket: do it in a task"
    } else {
        "the task opened a socket, and no network was granted: use a task with an image or a program"
    };
    Failure::new(FailureKind::NotGranted, message).into()
}

impl<R: Role> tcp_create_socket::Host for Guest<R> {
    fn create_tcp_socket(&mut self, _family: IpAddressFamily) -> SocketResult<Resource<TcpSocket>> {
        Err(SocketError::trap(no_network::<R>()))
    }
}

impl<R: Role> udp_create_socket::Host for Guest<R> {
    async fn create_udp_socket(&mut self, _family: IpAddressFamily) -> SocketResult<Resource<UdpSocket>> {
        Err(SocketError::trap(no_network::<R>()))
    }
}

impl<R: Role> ip_name_lookup::Host for Guest<R> {
    fn resolve_addresses(
        &mut self,
        _network: Resource<Network>,
        _name: String,
    ) -> SocketResult<Resource<ResolveAddressStream>> {
        Err(SocketError::trap(no_network::<R>()))
    }
}

/// Nobody holds such a stream; the interface wants them all the same.
impl<R: Role> ip_name_lookup::HostResolveAddressStream for Guest<R> {
    fn resolve_next_address(&mut self, _stream: Resource<ResolveAddressStream>) -> SocketResult<Option<IpAddress>> {
        Err(SocketError::trap(no_network::<R>()))
    }

    fn subscribe(&mut self, _stream: Resource<ResolveAddressStream>) -> wasmtime::Result<Resource<DynPollable>> {
        Err(no_network::<R>())
    }

    fn drop(&mut self, _stream: Resource<ResolveAddressStream>) -> wasmtime::Result<()> {
        Err(no_network::<R>())
    }
}

/// The errors of the interfaces above are turned into the guest's by the real implementation.
impl<R: Role> network::Host for Guest<R> {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        self.sockets().convert_error_code(error)
    }

    fn network_error_code(&mut self, error: Resource<wasmtime::Error>) -> wasmtime::Result<Option<ErrorCode>> {
        self.sockets().network_error_code(error)
    }
}

impl<R: Role> network::HostNetwork for Guest<R> {
    fn drop(&mut self, network: Resource<Network>) -> wasmtime::Result<()> {
        network::HostNetwork::drop(&mut self.sockets(), network)
    }
}
