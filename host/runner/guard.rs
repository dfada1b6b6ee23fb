//! The guard of a runner beside an owner: a process above it, there for the case that the runner itself is killed.
//!
//! The runner's standard error is a socket to its guard. Locks of attempts go over it as descriptors, so that both hold each, and its end
//! says to either that the other has gone. As the next sub-reaper above, the guard then has all that the runner had started, and ends it.
//!
//! Invariant: the lock of an attempt is free only when nothing of the attempt lives, whichever of the two is killed.

use super::{
    descendants,
    options::GUARDED,
    signals::{self, Signals},
};
use rustix::{
    cmsg_space,
    event::{PollFd, PollFlags, poll},
    fs::{FlockOperation, flock},
    io::Errno,
    net::{
        AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
        SendFlags, SocketFlags, SocketType, recvmsg, send, sendmsg, socketpair,
    },
    process::{Pid, Signal, WaitOptions, WaitStatus, getpid, kill_process, set_child_subreaper, wait},
};
use std::{
    collections::HashMap,
    fs::File,
    io::{self, IoSlice, IoSliceMut, Write},
    mem::MaybeUninit,
    os::fd::{AsFd, OwnedFd},
    path::Path,
    process::{Command, ExitCode},
};

/// Before the name of a lock that is given back. Nothing that is meant for a person begins like this.
const FREED: u8 = 0;
/// A message has the name of an attempt, or a part of a complaint.
const MESSAGE_BYTES: usize = 4096;

/// Runs the runner below this process, and outlives it.
pub(super) fn guard() -> ExitCode {
    match Guard::start().and_then(Guard::run) {
        Ok(code) => code,
        Err(error) => signals::complain(&format!("the runner cannot be guarded: {error}")),
    }
}

struct Guard {
    runner: Pid,
    socket: OwnedFd,
    signals: Signals,
    held: HashMap<Vec<u8>, OwnedFd>,
}

impl Guard {
    fn start() -> io::Result<Guard> {
        let signals = Signals::catch()?;
        set_child_subreaper(Some(getpid()))?;
        let (socket, runners) = socketpair(AddressFamily::UNIX, SocketType::SEQPACKET, SocketFlags::CLOEXEC, None)?;
        let mut command = Command::new("/proc/self/exe");
        let child = command.args(std::env::args_os().skip(1)).arg(GUARDED).stderr(runners).spawn()?;
        let runner = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let runner = runner.ok_or_else(|| io::Error::other("the system gave no process number"))?;
        Ok(Guard { runner, socket, signals, held: HashMap::new() })
    }

    fn run(mut self) -> io::Result<ExitCode> {
        loop {
            let mut fds = [PollFd::new(&self.socket, PollFlags::IN), PollFd::new(&self.signals.pipe, PollFlags::IN)];
            match poll(&mut fds, None) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(error) => return Err(error.into()),
            }
            let [heard, signalled] = fds.map(|fd| !fd.revents().is_empty());
            if signalled {
                for signal in self.signals.take() {
                    // It is not reaped before the socket ends, so the number is its own.
                    let _ = kill_process(self.runner, signal);
                }
            }
            if heard && !self.hear()? {
                // The locks are given back by the end of this process.
                return Ok(end_all(self.runner));
            }
        }
    }

    /// Whether the runner is still there.
    fn hear(&mut self) -> io::Result<bool> {
        let mut bytes = [0; MESSAGE_BYTES];
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut into = [IoSliceMut::new(&mut bytes)];
        let count = match recvmsg(&self.socket, &mut into, &mut control, RecvFlags::CMSG_CLOEXEC) {
            Ok(message) => message.bytes,
            Err(Errno::INTR | Errno::AGAIN) => return Ok(true),
            Err(Errno::CONNRESET) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let lock = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut fds) => fds.next(),
            _ => None,
        });
        match (lock, &bytes[..count]) {
            (_, []) => return Ok(false),
            (Some(lock), name) => drop(self.held.insert(name.to_vec(), lock)),
            (None, [FREED, name @ ..]) => drop(self.held.remove(name)),
            // Nobody may be listening.
            (None, complaint) => drop(io::stderr().write_all(complaint)),
        }
        Ok(true)
    }
}

/// Kills whatever is left below, until there is nothing; and says how the runner ended.
fn end_all(runner: Pid) -> ExitCode {
    let mut code = ExitCode::from(3);
    loop {
        descendants::signal(&descendants::below_self(), Signal::KILL);
        // What was made while we looked is a child of ours once its parent is dead, and that death comes here.
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if pid == runner => code = code_of(status),
            Ok(_) | Err(Errno::INTR) => {}
            Err(_) => return code,
        }
    }
}

fn code_of(status: WaitStatus) -> ExitCode {
    ExitCode::from(status.exit_status().and_then(|code| u8::try_from(code).ok()).unwrap_or(3))
}

/// The lock of an attempt: a new owner waits for it before it goes on.
pub(super) struct Lock {
    file: File,
    id: String,
}

impl Lock {
    /// Takes it, for this process and its guard.
    pub fn take(path: &Path, id: &str) -> io::Result<Lock> {
        let file = File::create(path)?;
        flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        let mut space = [MaybeUninit::uninit(); cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        let fds = [file.as_fd()];
        control.push(SendAncillaryMessage::ScmRights(&fds));
        sendmsg(rustix::stdio::stderr(), &[IoSlice::new(id.as_bytes())], &mut control, SendFlags::NOSIGNAL)?;
        Ok(Lock { file, id: id.to_owned() })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Given back here, whatever the guard still holds; told, so that it holds it no longer. A guard that has gone needs no word.
        let _ = flock(&self.file, FlockOperation::Unlock);
        let mut message = vec![FREED];
        message.extend_from_slice(self.id.as_bytes());
        let _ = send(rustix::stdio::stderr(), &message, SendFlags::NOSIGNAL);
    }
}
