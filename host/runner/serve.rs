//! The loop of the runner: one thread, one `poll` over the owner's pipe, signals and all programs.
//!
//! It decides nothing about requests and numbers: the keeper does. It never blocks on a pipe: it writes at most what a pipe that is ready
//! takes.

use super::{
    descendants,
    folders::Folders,
    guard::Lock,
    options::Options,
    program::{NotStarted, Program, Stopping},
    protocol::{
        keeper::{Action, Keeper},
        line::REQUEST_BYTES_MAX,
        message::{Line, Run, StartFailure},
        parts::Piece,
    },
    signals::{self, Signals},
    spill::Folder,
};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
    process::{Pid, Signal, WaitOptions, getpid, set_child_subreaper, wait},
};
use std::{
    collections::BTreeSet,
    process::ExitCode,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use zeroize::Zeroizing;

/// What a pipe takes without blocking once `poll` says that it is ready: one page (PIPE_BUF).
const PIPE_BYTES: usize = 4096;
/// Not yet written to the owner; beyond it programs wait.
const UNWRITTEN_BYTES_MAX: usize = 256 * 1024;
/// Beyond it requests wait, too: an owner has asked for more than it reads.
const REPEATED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Between two looks for what a kill has not reached yet: processes that were just being made.
const KILL_AGAIN: Duration = Duration::from_millis(10);

/// What can be said together with the end of a short program waits so long for it.
const SOON: Duration = Duration::from_millis(5);

/// Runs until it is told to end.
pub(super) fn serve(options: Options) -> ExitCode {
    let signals = match Signals::catch() {
        Ok(signals) => signals,
        Err(error) => return signals::complain(&format!("signals cannot be caught: {error}")),
    };
    // Refused only where the kernel is older than the option; as process 1 it is not needed.
    let _ = set_child_subreaper(Some(getpid()));
    let mut life = [0; 8];
    if let Err(error) = getrandom::fill(&mut life) {
        return signals::complain(&format!("the system gives no random bytes: {error}"));
    }
    let life = format!("{:016x}", u64::from_ne_bytes(life));
    // Beside owners, other runners have the same folder and the same numbers.
    let spill = Folder::new(options.io.join(format!(".answers-{life}")));
    let keeper = Keeper::new(life, options.epoch, spill);
    Loop::new(options, signals, keeper).run()
}

struct Loop {
    options: Options,
    signals: Signals,
    keeper: Keeper<Folder>,
    programs: Vec<Program>,
    folders: Folders,
    incoming: Vec<u8>,
    /// A request that is too long is skipped up to its line end.
    skipping: bool,
    outgoing: Vec<u8>,
    written: usize,
    /// Nothing of it is urgent before this time.
    write_at: Option<Instant>,
    listening: bool,
    ending: bool,
    /// Nobody is told any more: an end that we made is no end of the program's own.
    abandoned: bool,
    heard: Instant,
}

/// Which descriptor a slot of `poll` stands for.
#[derive(Clone, Copy)]
enum Slot {
    Signals,
    Guard,
    Owner,
    Answers,
    Output(usize, usize),
    Feed(usize),
}

impl Loop {
    fn new(options: Options, signals: Signals, keeper: Keeper<Folder>) -> Loop {
        Loop {
            listening: !options.pause,
            // Beside an owner it is shared with the runners of others.
            folders: Folders::new(options.io.clone(), options.local),
            options,
            signals,
            keeper,
            programs: Vec::new(),
            incoming: Vec::new(),
            skipping: false,
            outgoing: Vec::new(),
            written: 0,
            write_at: None,
            ending: false,
            abandoned: false,
            heard: Instant::now(),
        }
    }

    fn run(mut self) -> ExitCode {
        if let Some(first) = self.options.first.take() {
            self.receive(first.trim().as_bytes());
        }
        loop {
            let ready = match self.wait() {
                Ok(ready) => ready,
                Err(error) => return signals::complain(&format!("`poll` failed: {error}")),
            };
            for (slot, hung_up) in ready {
                self.serve_slot(slot, hung_up);
            }
            self.reap();
            self.settle();
            if self.silence_ends().is_some_and(|end| Instant::now() >= end) {
                self.abandon();
            }
            if self.ending && self.programs.is_empty() && self.outgoing.is_empty() {
                while self.folders.has_doomed() {
                    self.folders.remove_one();
                }
                return ExitCode::SUCCESS;
            }
        }
    }

    /// What has something to say or to take. A pipe that is at its end is among them, too.
    fn wait(&mut self) -> Result<Vec<(Slot, bool)>, Errno> {
        let timeout = self.timeout();
        let stdin = rustix::stdio::stdin();
        let stdout = rustix::stdio::stdout();
        let mut slots = vec![Slot::Signals];
        let mut fds = vec![PollFd::new(&self.signals.pipe, PollFlags::IN)];
        if self.options.guarded && !self.abandoned {
            slots.push(Slot::Guard);
            fds.push(PollFd::from_borrowed_fd(rustix::stdio::stderr(), PollFlags::empty()));
        }
        // Not below the limit of programs: an owner that writes before it reads would wait for us, and we for it.
        if self.listening && self.unwritten() < REPEATED_BYTES_MAX {
            slots.push(Slot::Owner);
            fds.push(PollFd::from_borrowed_fd(stdin, PollFlags::IN));
        }
        if !self.outgoing.is_empty() && self.write_at.is_none_or(|at| at <= Instant::now()) {
            slots.push(Slot::Answers);
            fds.push(PollFd::from_borrowed_fd(stdout, PollFlags::OUT));
        }
        let has_room = self.unwritten() < UNWRITTEN_BYTES_MAX && self.keeper.has_room();
        for (index, program) in self.programs.iter().enumerate() {
            for (which, output) in program.outputs.iter().enumerate() {
                if let Some(pipe) = output.pipe.as_ref().filter(|_| has_room) {
                    slots.push(Slot::Output(index, which));
                    fds.push(PollFd::new(pipe, PollFlags::IN));
                }
            }
            if let Some(feed) = &program.feed {
                slots.push(Slot::Feed(index));
                fds.push(PollFd::new(&feed.pipe, PollFlags::OUT));
            }
        }
        match poll(&mut fds, timeout.as_ref()) {
            Ok(0) => self.folders.remove_one(),
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        }
        let ready = slots.into_iter().zip(&fds).filter(|(_, fd)| !fd.revents().is_empty());
        Ok(ready.map(|(slot, fd)| (slot, fd.revents().intersects(PollFlags::ERR | PollFlags::HUP))).collect())
    }

    /// Not at all if there is something to remove; else until the next kill, until what is not urgent is to be said, or until nobody has spoken for too long.
    fn timeout(&self) -> Option<Timespec> {
        if self.folders.has_doomed() {
            return Some(Timespec::default());
        }
        let now = Instant::now();
        let kills = self.programs.iter().filter_map(|program| match program.stopping {
            Stopping::No => None,
            Stopping::Asked(deadline) => Some(deadline),
            Stopping::Killed => Some(now + KILL_AGAIN),
        });
        let next = kills.chain(self.silence_ends()).chain(self.write_at).min()?;
        Timespec::try_from(next.saturating_duration_since(now)).ok()
    }

    /// Beside an owner, the end of its pipe says it sooner.
    fn silence_ends(&self) -> Option<Instant> {
        let bounded = !self.options.pause && !self.options.local && !self.ending;
        bounded.then(|| self.heard.checked_add(self.options.silence))?
    }

    fn unwritten(&self) -> usize {
        self.outgoing.len() - self.written
    }

    fn serve_slot(&mut self, slot: Slot, hung_up: bool) {
        match slot {
            Slot::Signals => {
                for signal in self.signals.take() {
                    self.forward(signal);
                }
            }
            // Its socket has ended: whoever waits for a lock relies on two of us.
            Slot::Guard => self.abandon(),
            Slot::Owner => self.listen(),
            Slot::Answers => self.answer(),
            Slot::Output(index, which) => self.read_output(index, which),
            Slot::Feed(index) => self.feed(index, hung_up),
        }
    }

    fn forward(&mut self, signal: Signal) {
        let alone = self.is_alone();
        self.ending |= matches!(signal, Signal::TERM | Signal::INT | Signal::QUIT);
        for program in &mut self.programs {
            program.signal(signal, alone);
            if self.ending {
                // Somebody ends the place, an engine that goes down for one: that is no end of the program's own.
                program.told_to_end();
            }
        }
    }

    fn listen(&mut self) {
        let mut buffer = [0; 64 * 1024];
        match rustix::io::read(rustix::stdio::stdin(), &mut buffer) {
            Ok(0) => self.owner_left(),
            Ok(count) => self.take_lines(&buffer[..count]),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => self.owner_left(),
        }
    }

    fn owner_left(&mut self) {
        self.listening = false;
        if self.options.local {
            self.abandon();
        }
    }

    /// Nobody will ask any more: all programs are killed.
    fn abandon(&mut self) {
        self.ending = true;
        self.abandoned = true;
        self.outgoing.clear();
        self.written = 0;
        self.write_at = None;
        let alone = self.is_alone();
        for program in &mut self.programs {
            program.kill(alone);
        }
    }

    fn take_lines(&mut self, mut bytes: &[u8]) {
        while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
            self.incoming.extend_from_slice(&bytes[..end]);
            bytes = &bytes[end + 1..];
            // A request may have secrets in it.
            let line = Zeroizing::new(std::mem::take(&mut self.incoming));
            if !std::mem::take(&mut self.skipping) {
                self.receive(&line);
            }
        }
        self.incoming.extend_from_slice(bytes);
        if self.incoming.len() > REQUEST_BYTES_MAX {
            self.incoming.clear();
            self.skipping = true;
        }
    }

    fn receive(&mut self, line: &[u8]) {
        if let Some(actions) = self.keeper.receive(line) {
            self.heard = Instant::now();
            for action in actions {
                self.act(action);
            }
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Write(_) | Action::WriteSoon(_) if self.abandoned => {}
            Action::Write(bytes) => {
                self.outgoing.extend_from_slice(&bytes);
                self.write_at = None;
            }
            Action::WriteSoon(bytes) => {
                if self.outgoing.is_empty() {
                    self.write_at = Some(Instant::now() + SOON);
                }
                self.outgoing.extend_from_slice(&bytes);
            }
            Action::Start(id, run) => self.start(id, &run),
            Action::Stop { request, signal, grace_ms } => self.stop(&request, &signal, grace_ms),
            Action::Forget(id) => {
                self.folders.forget(&id);
                if let Some(locks) = &self.options.locks {
                    // Whoever waits for it has it open; no other attempt ever has this name.
                    let _ = std::fs::remove_file(locks.join(&id));
                }
            }
            Action::End => {
                self.ending = true;
                let alone = self.is_alone();
                for program in &mut self.programs {
                    program.kill(alone);
                }
            }
        }
    }

    fn start(&mut self, id: String, run: &Run) {
        let started = self.lock(&id).and_then(|lock| Program::start(&id, run, &mut self.folders, lock));
        match started {
            Ok(program) => self.programs.push(program),
            Err(NotStarted(reason, message)) => {
                let action = self.keeper.failed(id, reason, message);
                self.act(action);
            }
        }
    }

    /// A new owner waits for this lock before it goes on: it is held as long as anything of the attempt lives.
    fn lock(&self, id: &str) -> Result<Option<Lock>, NotStarted> {
        let Some(folder) = &self.options.locks else { return Ok(None) };
        let path = folder.join(id);
        Lock::take(&path, id).map(Some).map_err(|error| {
            NotStarted(StartFailure::System, format!("the lock `{}` was not to be had: {error}", path.display()))
        })
    }

    fn stop(&mut self, request: &str, signal: &str, grace_ms: u64) {
        let signal = signals::by_name(signal).unwrap_or(Signal::TERM);
        let deadline = Instant::now() + Duration::from_millis(grace_ms);
        let alone = self.is_alone();
        if let Some(program) = self.programs.iter_mut().find(|program| program.id == request) {
            program.stop(signal, deadline, alone);
        }
    }

    fn answer(&mut self) {
        let end = self.outgoing.len().min(self.written + PIPE_BYTES);
        match rustix::io::write(rustix::stdio::stdout(), &self.outgoing[self.written..end]) {
            Ok(count) => self.written += count,
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(_) => {
                // Nobody reads any more. Beside an owner that means its death; in a container what is kept can be asked for.
                self.written = self.outgoing.len();
                self.owner_left();
            }
        }
        if self.written == self.outgoing.len() {
            self.outgoing.clear();
            self.written = 0;
            self.write_at = None;
        } else if self.written > UNWRITTEN_BYTES_MAX {
            self.outgoing.drain(..std::mem::take(&mut self.written));
        }
    }

    fn read_output(&mut self, index: usize, which: usize) {
        let mut buffer = [0; 64 * 1024];
        let mut pieces = Vec::new();
        let program = &mut self.programs[index];
        let output = &mut program.outputs[which];
        let Some(pipe) = &output.pipe else { return };
        match rustix::io::read(pipe, &mut buffer) {
            Ok(count) if count > 0 => output.feed(&buffer[..count], &mut pieces),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Ok(_) | Err(_) => {
                output.finish(&mut pieces);
                output.pipe = None;
            }
        }
        let (request, stream) = (program.id.clone(), output.stream);
        for Piece { text, more, shows } in pieces {
            let line = Line { request: request.clone(), ordinal: 0, stream, time_ms: now_ms(), text, more, shows };
            let action = self.keeper.line(line);
            self.act(action);
        }
    }

    fn feed(&mut self, index: usize, hung_up: bool) {
        let program = &mut self.programs[index];
        let Some(feed) = &mut program.feed else { return };
        let end = feed.text.len().min(feed.written + PIPE_BYTES);
        match rustix::io::write(&feed.pipe, &feed.text[feed.written..end]) {
            Ok(count) if !hung_up => feed.written += count,
            Err(Errno::INTR | Errno::AGAIN) if !hung_up => return,
            // A program need not read all that it is given.
            Ok(_) | Err(_) => feed.written = feed.text.len(),
        }
        if feed.written >= feed.text.len() {
            program.feed = None;
        }
    }

    /// Whether every orphan is of the same attempt.
    fn is_alone(&self) -> bool {
        self.programs.len() == 1
    }

    /// As process 1 and sub-reaper: every child that has ended, known or not.
    fn reap(&mut self) {
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            if let Some(program) =
                self.programs.iter_mut().find(|program| program.pid == pid && program.status.is_none())
            {
                program.status = Some(status);
            }
        }
    }

    /// Ends what is to end, and says of what has wholly ended that it has.
    fn settle(&mut self) {
        let now = Instant::now();
        let known: BTreeSet<i32> =
            self.programs.iter().filter(|program| program.status.is_none()).map(|program| raw(program.pid)).collect();
        let mut index = 0;
        while index < self.programs.len() {
            let alone = self.is_alone();
            let program = &mut self.programs[index];
            let left = match program.stopping {
                Stopping::Asked(deadline) if now < deadline => {
                    program.status.is_none() || (descendants::has_orphans(&known) && program.has_strays(alone))
                }
                Stopping::Killed | Stopping::Asked(_) => program.kill(alone),
                // The end of a program is the end of all that it started.
                Stopping::No => program.status.is_none() || (descendants::has_orphans(&known) && program.kill(alone)),
            };
            if left || !program.is_drained() {
                index += 1;
                continue;
            }
            let program = self.programs.swap_remove(index);
            let action = self.keeper.ended(program.end(now_ms()));
            self.act(action);
        }
    }
}

fn raw(pid: Pid) -> i32 {
    pid.as_raw_pid()
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
