//! What each interface that a guest may import is bound to. One list: the linker is made of it, a component's imports are audited by it, and
//! `plugin inspect` shows it. What is not in it is not linked.
//!
//! `purely` says what a flow sees, and a task that asks for nothing: never a file, a socket, a host, a clock or chance of the machine's.

use super::super::{
    guest::{Guest, Role},
    http,
};
use wasmtime::component::{HasData, HasSelf, Linker, ResourceTable};
use wasmtime_wasi::{
    WasiView as _,
    cli::{WasiCli, WasiCliView as _},
    filesystem::{WasiFilesystem, WasiFilesystemView as _},
    p2::bindings::{LinkOptions, cli, clocks, filesystem, io, random, sockets},
    sockets::{WasiSockets, WasiSocketsView as _},
};

/// What a guest without grants meets behind an interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Something of ours that answers in place of the machine.
    Stub,
    /// The real code, with nothing behind it.
    Empty,
    /// Values in memory: they reach nothing.
    Values,
    /// A call ends the guest with a sentence.
    Refused,
}

/// One interface.
#[derive(Clone, Copy, Debug)]
pub struct Binding {
    /// Its name without the version.
    pub interface: &'static str,
    /// Without grants.
    pub purely: Bound,
    /// The same in words.
    pub words: &'static str,
    /// What it is instead for a task with a grant.
    pub granted: Option<&'static str>,
}

type Link<R> = fn(&mut Linker<Guest<R>>) -> wasmtime::Result<()>;
type Row<R> = (Binding, Link<R>);

/// All of WASI that there is for guests.
pub fn bindings() -> Vec<Binding> {
    rows::<super::super::task::TaskRole>().into_iter().map(|(binding, _)| binding).collect()
}

/// Gives a linker what flows, or tasks, see.
pub(in super::super) fn add_to_linker<R: Role>(linker: &mut Linker<Guest<R>>) -> wasmtime::Result<()> {
    rows::<R>().into_iter().try_for_each(|(_, link)| link(linker))
}

fn rows<R: Role>() -> Vec<Row<R>> {
    [environment::<R>(), terminals(), time_and_chance(), handles(), folders(), networks(), requests()]
        .into_iter()
        .flatten()
        .collect()
}

fn row<R>(interface: &'static str, purely: Bound, words: &'static str, link: Link<R>) -> Row<R> {
    (Binding { interface, purely, words, granted: None }, link)
}

fn granted<R>(row: Row<R>, words: &'static str) -> Row<R> {
    (Binding { granted: Some(words), ..row.0 }, row.1)
}

fn environment<R: Role>() -> Vec<Row<R>> {
    let environment = row("wasi:cli/environment", Bound::Empty, "no variable and no argument", |linker| {
        cli::environment::add_to_linker::<_, WasiCli>(linker, Guest::cli)
    });
    vec![
        granted(environment, "the variables that were granted"),
        row("wasi:cli/exit", Bound::Refused, "a guest returns, and does not leave", |linker| {
            cli::exit::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
        }),
        row("wasi:cli/stdin", Bound::Empty, "at its end", |linker| {
            cli::stdin::add_to_linker::<_, WasiCli>(linker, Guest::cli)
        }),
        row("wasi:cli/stdout", Bound::Stub, "the log", |linker| {
            cli::stdout::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
        }),
        row("wasi:cli/stderr", Bound::Stub, "the log", |linker| {
            cli::stderr::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
        }),
    ]
}

fn terminals<R: Role>() -> Vec<Row<R>> {
    const NONE: &str = "there is no terminal";
    vec![
        row("wasi:cli/terminal-input", Bound::Empty, NONE, |linker| {
            cli::terminal_input::add_to_linker::<_, WasiCli>(linker, Guest::cli)
        }),
        row("wasi:cli/terminal-output", Bound::Empty, NONE, |linker| {
            cli::terminal_output::add_to_linker::<_, WasiCli>(linker, Guest::cli)
        }),
        row("wasi:cli/terminal-stdin", Bound::Empty, NONE, |linker| {
            cli::terminal_stdin::add_to_linker::<_, WasiCli>(linker, Guest::cli)
        }),
        row("wasi:cli/terminal-stdout", Bound::Empty, NONE, |linker| {
            cli::terminal_stdout::add_to_linker::<_, WasiCli>(linker, Guest::cli)
        }),
        row("wasi:cli/terminal-stderr", Bound::Empty, NONE, |linker| {
            cli::terminal_stderr::add_to_linker::<_, WasiCli>(linker, Guest::cli)
        }),
    ]
}

fn time_and_chance<R: Role>() -> Vec<Row<R>> {
    const CLOCK: &str = "the attempt's own clock";
    const REAL_CLOCK: &str = "the machine's clock";
    const CHANCE: &str = "numbers that follow from the attempt's seed";
    const REAL_CHANCE: &str = "the machine's randomness";
    let wall = row("wasi:clocks/wall-clock", Bound::Stub, CLOCK, |linker| {
        clocks::wall_clock::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
    });
    let monotonic = row("wasi:clocks/monotonic-clock", Bound::Stub, CLOCK, |linker| {
        clocks::monotonic_clock::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
    });
    let secure = row("wasi:random/random", Bound::Stub, CHANCE, |linker| {
        random::random::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
    });
    let insecure = row("wasi:random/insecure", Bound::Stub, CHANCE, |linker| {
        random::insecure::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
    });
    vec![
        granted(wall, REAL_CLOCK),
        granted(monotonic, REAL_CLOCK),
        granted(secure, REAL_CHANCE),
        granted(insecure, REAL_CHANCE),
        row("wasi:random/insecure-seed", Bound::Stub, "a constant", |linker| {
            random::insecure_seed::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
        }),
    ]
}

/// The table of one instance: what all others hand out lies in it.
struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

fn handles<R: Role>() -> Vec<Row<R>> {
    const HANDLES: &str = "handles that the other interfaces gave";
    vec![
        row("wasi:io/error", Bound::Values, HANDLES, |linker| {
            io::error::add_to_linker::<_, Table>(linker, |guest| guest.ctx().table)
        }),
        row("wasi:io/streams", Bound::Values, HANDLES, |linker| {
            io::streams::add_to_linker::<_, Table>(linker, |guest| guest.ctx().table)
        }),
        row("wasi:io/poll", Bound::Stub, HANDLES, |linker| {
            io::poll::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
        }),
    ]
}

fn folders<R: Role>() -> Vec<Row<R>> {
    const FOLDERS: &str = "the folders that were granted";
    let preopens = row("wasi:filesystem/preopens", Bound::Empty, "no folder", |linker| {
        filesystem::preopens::add_to_linker::<_, WasiFilesystem>(linker, Guest::filesystem)
    });
    let types = row("wasi:filesystem/types", Bound::Empty, "nothing: there is no folder to begin with", |linker| {
        filesystem::types::add_to_linker::<_, WasiFilesystem>(linker, Guest::filesystem)
    });
    vec![granted(preopens, FOLDERS), granted(types, FOLDERS)]
}

fn networks<R: Role>() -> Vec<Row<R>> {
    const NO_SOCKET: &str = "no socket can be made";
    vec![
        row("wasi:sockets/instance-network", Bound::Empty, "a handle by which nothing can be opened", |linker| {
            sockets::instance_network::add_to_linker::<_, WasiSockets>(linker, Guest::sockets)
        }),
        row("wasi:sockets/network", Bound::Values, "types and error codes", |linker| {
            let options = LinkOptions::default();
            sockets::network::add_to_linker::<_, WasiSockets>(linker, &(&options).into(), Guest::sockets)
        }),
        row("wasi:sockets/ip-name-lookup", Bound::Refused, "no name is looked up", |linker| {
            sockets::ip_name_lookup::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
        }),
        row("wasi:sockets/tcp-create-socket", Bound::Refused, NO_SOCKET, |linker| {
            sockets::tcp_create_socket::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
        }),
        row("wasi:sockets/udp-create-socket", Bound::Refused, NO_SOCKET, |linker| {
            sockets::udp_create_socket::add_to_linker::<_, HasSelf<Guest<R>>>(linker, |guest| guest)
        }),
        row("wasi:sockets/tcp", Bound::Empty, NO_SOCKET, |linker| {
            sockets::tcp::add_to_linker::<_, WasiSockets>(linker, Guest::sockets)
        }),
        row("wasi:sockets/udp", Bound::Empty, NO_SOCKET, |linker| {
            sockets::udp::add_to_linker::<_, WasiSockets>(linker, Guest::sockets)
        }),
    ]
}

fn requests<R: Role>() -> Vec<Row<R>> {
    let handler = row("wasi:http/outgoing-handler", Bound::Refused, "no request is sent", http::add_handler::<R>);
    vec![
        row("wasi:http/types", Bound::Values, "requests and answers in memory", http::add_types::<R>),
        granted(handler, "requests to the hosts that were granted"),
    ]
}

const fn of_contract(interface: &'static str, purely: Bound, words: &'static str) -> Binding {
    Binding { interface, purely, words, granted: None }
}

/// The contract's own interfaces, as tasks have them.
const CONTRACT: [Binding; 7] = [
    of_contract("headwater:flow/types", Bound::Values, "types"),
    of_contract("headwater:flow/containers", Bound::Values, "types"),
    of_contract("headwater:flow/manifest-types", Bound::Values, "types"),
    of_contract("headwater:flow/logging", Bound::Stub, "the log"),
    of_contract("headwater:flow/calls", Bound::Refused, "calls belong to flows"),
    of_contract("headwater:flow/artifacts", Bound::Stub, "artifacts that the attempt was given or made"),
    Binding {
        granted: Some("the secrets that were granted"),
        ..of_contract("headwater:flow/task-context", Bound::Stub, "who the attempt is")
    },
];

/// What an import of a component is bound to; none: this host does not give it.
pub fn binding(import: &str) -> Option<Binding> {
    let (interface, version) = import.split_once('@')?;
    let ours = CONTRACT.into_iter().find(|binding| binding.interface == interface);
    ours.or_else(|| {
        bindings().into_iter().find(|binding| binding.interface == interface && version.starts_with("0.2."))
    })
}
