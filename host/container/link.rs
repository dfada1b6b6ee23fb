//! The bytes between an owner and a runner: a container's standard input by attach, its log by follow; or the pipes of a child.
//!
//! Nothing here is trusted: a write may be lost, a line doubled, a stream ends without meaning anything. The session asks again.

use super::{Docker, docker::Life};
use bollard::{
    container::LogOutput,
    errors::Error,
    query_parameters::{AttachContainerOptionsBuilder, LogsOptionsBuilder},
};
use futures_util::{Stream, StreamExt};
use std::{collections::VecDeque, pin::Pin, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    process::{Child, ChildStdin, ChildStdout},
    time::timeout,
};

/// A follower that begins at the end misses a line that comes just after the response head (measured); doubles are dropped.
const TAIL: &str = "20";

/// A runner always reads: a write that takes longer goes nowhere.
const SAID_WITHIN: Duration = Duration::from_secs(5);

/// What came over the link.
pub(super) enum Heard {
    /// A line, maybe torn.
    Line(Vec<u8>),
    /// The stream has ended or broken; that says nothing about the runner.
    Broken,
}

/// What is known of the runner's process when the link says nothing.
pub(super) enum Pulse {
    /// It runs.
    Alive,
    /// It has ended, or there is none.
    Dead { code: Option<i64>, out_of_memory: bool },
    /// Nobody answers.
    Unknown(String),
}

/// One of the two ways.
pub(super) enum Link {
    Docker(DockerLink),
    Local(LocalLink),
}

impl Link {
    /// The next line. Cancel-safe.
    pub async fn hear(&mut self) -> Heard {
        match self {
            Link::Docker(link) => link.hear().await,
            Link::Local(link) => link.hear().await,
        }
    }

    /// Writes, as far as one can know.
    pub async fn say(&mut self, bytes: &[u8]) {
        match self {
            Link::Docker(link) => link.say(bytes).await,
            Link::Local(link) => link.say(bytes).await,
        }
    }

    /// Opens both directions anew where that is possible.
    pub async fn reopen(&mut self) {
        if let Link::Docker(link) = self {
            link.open().await;
        }
    }

    pub async fn pulse(&mut self) -> Pulse {
        match self {
            Link::Docker(link) => link.pulse().await,
            Link::Local(link) => link.pulse(),
        }
    }
}

type Log = Pin<Box<dyn Stream<Item = Result<LogOutput, Error>> + Send>>;

/// To a container, near or far.
pub(super) struct DockerLink {
    docker: Docker,
    /// Its id: the name could become another's.
    id: String,
    input: Option<Pin<Box<dyn AsyncWrite + Send>>>,
    log: Option<Log>,
    partial: Vec<u8>,
    lines: VecDeque<Vec<u8>>,
}

impl DockerLink {
    pub fn new(docker: Docker, id: String) -> DockerLink {
        DockerLink { docker, id, input: None, log: None, partial: Vec::new(), lines: VecDeque::new() }
    }

    /// Attaches and follows. Where it cannot, the next look tells.
    pub async fn open(&mut self) {
        self.attach().await;
        self.follow();
    }

    pub async fn attach(&mut self) {
        let options = AttachContainerOptionsBuilder::default().stdin(true).stream(true).build();
        self.input =
            self.docker.api.attach_container(&self.id, Some(options)).await.ok().map(|attached| attached.input);
    }

    pub fn follow(&mut self) {
        let options = LogsOptionsBuilder::default().follow(true).stdout(true).tail(TAIL).build();
        self.partial.clear();
        self.log = Some(self.docker.api.logs(&self.id, Some(options)).boxed());
    }

    async fn hear(&mut self) -> Heard {
        loop {
            if let Some(line) = self.lines.pop_front() {
                return Heard::Line(line);
            }
            let Some(log) = &mut self.log else { return Heard::Broken };
            match log.next().await {
                Some(Ok(LogOutput::StdOut { message })) => self.cut(&message),
                Some(Ok(LogOutput::StdErr { .. } | LogOutput::StdIn { .. })) => {}
                // The daemon's own error frame comes as console output.
                Some(Ok(LogOutput::Console { .. }) | Err(_)) | None => {
                    self.log = None;
                    return Heard::Broken;
                }
            }
        }
    }

    fn cut(&mut self, bytes: &[u8]) {
        self.partial.extend_from_slice(bytes);
        while let Some(end) = self.partial.iter().position(|byte| *byte == b'\n') {
            let rest = self.partial.split_off(end + 1);
            self.lines.push_back(std::mem::replace(&mut self.partial, rest));
        }
    }

    async fn say(&mut self, bytes: &[u8]) {
        if let Some(input) = &mut self.input {
            let said = async {
                input.write_all(bytes).await?;
                input.flush().await
            };
            if !matches!(timeout(SAID_WITHIN, said).await, Ok(Ok(()))) {
                self.input = None;
            }
        }
        if self.input.is_none() {
            self.attach().await;
        }
    }

    async fn pulse(&mut self) -> Pulse {
        match self.docker.find(&self.id).await {
            Ok(None) => Pulse::Dead { code: None, out_of_memory: false },
            Ok(Some(found)) => match found.life {
                Life::Exited { code, out_of_memory } => Pulse::Dead { code: Some(code), out_of_memory },
                Life::Created | Life::Running => Pulse::Alive,
            },
            Err(error) => Pulse::Unknown(error.to_string()),
        }
    }
}

/// To a child of this process.
pub(super) struct LocalLink {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    partial: Vec<u8>,
}

impl LocalLink {
    /// None where the child has no pipes.
    pub fn new(mut child: Child) -> Option<LocalLink> {
        let (input, output) = (child.stdin.take()?, child.stdout.take()?);
        Some(LocalLink { child, input, output: BufReader::with_capacity(64 * 1024, output), partial: Vec::new() })
    }

    async fn hear(&mut self) -> Heard {
        // `read_until` keeps what it has read in the buffer when it is dropped half way.
        match self.output.read_until(b'\n', &mut self.partial).await {
            Ok(0) | Err(_) => Heard::Broken,
            Ok(_) => Heard::Line(std::mem::take(&mut self.partial)),
        }
    }

    async fn say(&mut self, bytes: &[u8]) {
        // A runner that has gone shows at the other pipe.
        let _ = self.input.write_all(bytes).await;
        let _ = self.input.flush().await;
    }

    fn pulse(&mut self) -> Pulse {
        match self.child.try_wait() {
            Ok(None) => Pulse::Alive,
            Ok(Some(status)) => Pulse::Dead { code: status.code().map(i64::from), out_of_memory: false },
            Err(error) => Pulse::Unknown(error.to_string()),
        }
    }
}
