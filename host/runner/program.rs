//! One attempt: a program in a process group and a folder of its own.
//!
//! What can be told apart before the start is: a missing folder and a missing program give
//! the same error from the system.

use super::{
    ENV_PREFIX, descendants,
    folders::Folders,
    guard::Lock,
    memory,
    protocol::{
        line::ANSWER_BYTES_MAX,
        message::{Ended, Run, StartFailure, Stream},
        parts::{Parts, Piece},
    },
};
use crate::secret::{Masker, Part, Stream as Mask};
use headwater_core::model::Json;
use rustix::{
    io::Errno,
    process::{Pid, Signal, WaitStatus, kill_process_group},
};
use std::{
    fs::{self, File},
    io::{self, ErrorKind},
    os::{fd::OwnedFd, unix::process::CommandExt},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Instant,
};

/// One of a program's two outputs.
pub(super) struct Output {
    pub stream: Stream,
    /// None: at its end.
    pub pipe: Option<OwnedFd>,
    parts: Parts,
    mask: Option<Mask>,
    masker: Option<Arc<Masker>>,
}

/// What a program reads.
pub(super) struct Feed {
    pub pipe: OwnedFd,
    pub text: Vec<u8>,
    pub written: usize,
}

/// How far stopping has come.
pub(super) enum Stopping {
    No,
    /// Asked to end; killed at this time.
    Asked(Instant),
    Killed,
}

/// A program that was started and has not been said to have ended.
pub(super) struct Program {
    pub id: String,
    pub pid: Pid,
    pub outputs: [Output; 2],
    pub feed: Option<Feed>,
    pub stopping: Stopping,
    /// How it ended; what it started may still be there.
    pub status: Option<WaitStatus>,
    folder: PathBuf,
    kills_before: u64,
    stopped: bool,
    /// Knows what it was given and must not tell.
    masker: Option<Arc<Masker>>,
    /// Held until all has ended.
    _lock: Option<Lock>,
}

/// Why it was not started.
pub(super) struct NotStarted(pub StartFailure, pub String);

impl Program {
    /// Makes its folder and starts it.
    pub fn start(id: &str, run: &Run, folders: &mut Folders, lock: Option<Lock>) -> Result<Program, NotStarted> {
        let folder = folders.make(id, run).map_err(|error| files_refused(&folders.of(id), &error))?;
        let mut command = command(id, run)?;
        if let Some(name) = &run.stdin_file {
            let path = folder.join("in").join(name);
            command.stdin(File::open(&path).map_err(|error| files_refused(&path, &error))?);
        }
        let kills_before = memory::kills();
        let mut child = command.spawn().map_err(|error| refused(&run.argv[0], &error))?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let pid =
            pid.ok_or_else(|| NotStarted(StartFailure::System, "the system gave no process number".to_owned()))?;
        let masker = masker(run);
        let output = |stream, pipe: Option<OwnedFd>| Output {
            stream,
            pipe,
            parts: Parts::default(),
            mask: masker.clone().map(Mask::new),
            masker: masker.clone(),
        };
        let feed = child.stdin.take().zip(run.stdin.as_ref());
        Ok(Program {
            id: id.to_owned(),
            pid,
            outputs: [
                output(Stream::Stdout, child.stdout.take().map(OwnedFd::from)),
                output(Stream::Stderr, child.stderr.take().map(OwnedFd::from)),
            ],
            feed: feed.map(|(pipe, text)| Feed { pipe: pipe.into(), text: text.clone().into_bytes(), written: 0 }),
            stopping: Stopping::No,
            status: None,
            folder,
            kills_before,
            stopped: false,
            masker,
            _lock: lock,
        })
    }

    /// `alone` in what follows: there is no other attempt, so every orphan is this one's.
    ///
    /// Asks it and all that it started to end, and sets the time when they are killed.
    pub fn stop(&mut self, signal: Signal, deadline: Instant, alone: bool) {
        self.told_to_end();
        if matches!(self.stopping, Stopping::No) {
            self.signal(signal, alone);
            self.stopping = Stopping::Asked(deadline);
        }
    }

    /// How it ends from now on is somebody else's doing.
    pub fn told_to_end(&mut self) {
        self.stopped |= self.status.is_none();
    }

    /// Sends a signal to its group and to what has left the group.
    pub fn signal(&self, signal: Signal, alone: bool) {
        let strays = self.strays(alone);
        if self.status.is_none() {
            // A group that has gone is what was wanted.
            let _ = kill_process_group(self.pid, signal);
        }
        let strays: Vec<Pid> =
            strays.into_iter().filter(|pid| !in_group(*pid, self.pid) || self.status.is_some()).collect();
        descendants::signal(&strays, signal);
    }

    /// Kills it and all that it started. Whether something was still there.
    pub fn kill(&mut self, alone: bool) -> bool {
        self.stopping = Stopping::Killed;
        if self.status.is_none() {
            let _ = kill_process_group(self.pid, Signal::KILL);
        }
        let strays = self.strays(alone);
        descendants::signal(&strays, Signal::KILL);
        self.status.is_none() || !strays.is_empty()
    }

    /// Whether something that it started is still there.
    pub fn has_strays(&self, alone: bool) -> bool {
        !self.strays(alone).is_empty()
    }

    fn strays(&self, alone: bool) -> Vec<Pid> {
        let (root, reaped) = (self.pid.as_raw_pid(), self.status.is_some());
        descendants::of_attempt(&descendants::Attempt { root, reaped, id: &self.id, alone })
    }

    /// The secret that a text shows; of a result, nothing short.
    fn secret_in(&self, text: Option<&str>) -> Option<String> {
        let json = Json::parse(text?.trim()).unwrap_or_else(|_| Json::of(&text.into()));
        self.masker.as_ref()?.shown_in_json(&json).map(str::to_owned)
    }

    /// Whether all of its output has been read.
    pub fn is_drained(&self) -> bool {
        self.outputs.iter().all(|output| output.pipe.is_none())
    }

    /// How it ended, in the words of the protocol.
    pub fn end(&self, time_ms: u64) -> Ended {
        let signal = self.status.and_then(WaitStatus::terminating_signal);
        let killed = signal == Some(Signal::KILL.as_raw());
        let mut ended = Ended {
            request: self.id.clone(),
            time_ms,
            code: self.status.and_then(WaitStatus::exit_status),
            signal,
            out_of_memory: killed && !self.stopped && memory::kills() > self.kills_before,
            stopped: self.stopped,
            shows: None,
            result: None,
            outputs: 0,
        };
        let out = self.folder.join("out");
        ended.outputs = count_files(&out);
        if ended.outputs > 0 {
            ended.result = short_text(&out.join("result.json"));
            ended.shows = self.secret_in(ended.result.as_deref());
            if ended.shows.is_some() {
                ended.result = None;
            }
        }
        ended
    }
}

impl Output {
    /// More of what it wrote.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Piece>) {
        let parts = &mut self.parts;
        match &mut self.mask {
            Some(mask) => mask.feed(bytes, |part| put(parts, part, out)),
            None => parts.feed(bytes, out),
        }
        self.mask_pieces(out);
    }

    /// It writes nothing more.
    pub fn finish(&mut self, out: &mut Vec<Piece>) {
        let parts = &mut self.parts;
        if let Some(mask) = &mut self.mask {
            mask.finish(|part| put(parts, part, out));
        }
        parts.finish(out);
        self.mask_pieces(out);
    }

    /// A part of a long secret begins like nothing that a stream waits for: it is found only in what is whole.
    fn mask_pieces(&self, pieces: &mut [Piece]) {
        if let Some(masker) = &self.masker {
            for piece in pieces {
                piece.text = masker.masked(std::mem::take(&mut piece.text));
            }
        }
    }
}

fn put(parts: &mut Parts, part: Part<'_>, out: &mut Vec<Piece>) {
    match part {
        Part::Bytes(bytes) => parts.feed(bytes, out),
        Part::Secret(name) => parts.secret(name, out),
    }
}

fn masker(run: &Run) -> Option<Arc<Masker>> {
    let secrets = run.secrets.iter().map(|hidden| (hidden.name.as_str(), &hidden.value));
    (!run.secrets.is_empty()).then(|| Arc::new(Masker::new(secrets)))
}

fn in_group(pid: Pid, group: Pid) -> bool {
    rustix::process::getpgid(Some(pid)).is_ok_and(|found| found == group)
}

fn command(id: &str, run: &Run) -> Result<Command, NotStarted> {
    let [program, arguments @ ..] = run.argv.as_slice() else {
        return Err(NotStarted(StartFailure::Invalid, "there is no program: the command is empty".to_owned()));
    };
    let mut command = Command::new(program);
    command.args(arguments).process_group(0).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.stdin(if run.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with(ENV_PREFIX)) {
        command.env_remove(name);
    }
    command.envs(run.env.iter().map(|(name, value)| (name, value))).env(descendants::MARK, id);
    command.envs(run.secrets.iter().map(|hidden| (&hidden.variable, hidden.value.expose())));
    if let Some(folder) = &run.working_dir {
        match fs::metadata(folder) {
            Ok(found) if found.is_dir() => command.current_dir(folder),
            Ok(_) => return Err(folder_missing(format!("the working folder `{folder}` is no folder"))),
            Err(error) => return Err(folder_missing(format!("the working folder `{folder}` cannot be used: {error}"))),
        };
    }
    Ok(command)
}

fn folder_missing(message: String) -> NotStarted {
    NotStarted(StartFailure::WorkingFolderNotFound, message)
}

fn refused(program: &str, error: &io::Error) -> NotStarted {
    match error.kind() {
        ErrorKind::NotFound => NotStarted(StartFailure::ProgramNotFound, format!("there is no program `{program}`")),
        ErrorKind::PermissionDenied => {
            NotStarted(StartFailure::NotExecutable, format!("`{program}` may not be run: {error}"))
        }
        _ if error.raw_os_error() == Some(Errno::NOEXEC.raw_os_error()) => {
            NotStarted(StartFailure::NotExecutable, format!("`{program}` is no program for this machine: {error}"))
        }
        ErrorKind::WouldBlock | ErrorKind::OutOfMemory => NotStarted(
            StartFailure::TooManyProcesses,
            format!("no process left for `{program}`: {error}; raise the limit `pids` or `memory`"),
        ),
        _ => NotStarted(StartFailure::System, format!("`{program}` could not be started: {error}")),
    }
}

fn files_refused(folder: &Path, error: &io::Error) -> NotStarted {
    let reason = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StartFailure::DiskFull,
        ErrorKind::InvalidInput => StartFailure::Invalid,
        _ => StartFailure::System,
    };
    NotStarted(reason, format!("`{}` of the attempt cannot be used: {error}", folder.display()))
}

fn count_files(folder: &Path) -> u32 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.fold(0, |count: u32, entry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => count.saturating_add(count_files(&entry.path())),
        _ => count.saturating_add(1),
    })
}

/// A file's text if an answer has room for it.
fn short_text(path: &Path) -> Option<String> {
    let size = fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?.len();
    let text = (size < ANSWER_BYTES_MAX as u64).then(|| fs::read_to_string(path).ok())??;
    (serde_json::to_string(&text).ok()?.len() < ANSWER_BYTES_MAX - 1_000).then_some(text)
}
