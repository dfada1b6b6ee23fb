//! What owner and runner say to each other. These types belong to this boundary: each is a promise to every runner that still lives.

use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// What an owner asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Request {
    /// An owner's first word, and its question whether all has arrived.
    Hello {
        /// Of the protocol.
        version: u32,
        /// Repeated in the answer: an old one may still stand in the log.
        nonce: u64,
        /// The first number that the owner wants; 0: whatever is kept.
        from: u64,
        /// All up to this number is durable.
        acknowledged: u64,
    },
    /// Starts a program. Confirmed; done once for a request id.
    Run(Run),
    /// Ends an attempt with all that it started. Confirmed. One that is not known yet will never start.
    Stop {
        /// The request that started it.
        request: String,
        /// A signal's name or number.
        signal: String,
        /// Milliseconds until it is killed.
        grace_ms: u64,
    },
    /// Some numbers are missing.
    Again {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// All up to this number is durable: the runner may forget it.
    Acknowledge {
        /// The last.
        number: u64,
    },
    /// The place is not needed any more. Confirmed.
    End,
}

/// A program to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    /// Name and arguments.
    pub argv: Vec<String>,
    /// Beside what the place has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub env: Vec<(String, String)>,
    /// Variables that nobody may see: masked in all that the program says. The runner keeps them in memory only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<Hidden>,
    /// None: the place's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<String>,
    /// Text for its standard input, which is at its end otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin: Option<String>,
    /// Or a file of the input folder for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stdin_file: Option<String>,
    /// Small files of the input folder: path in it, text. Large ones come through the container engine.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<(String, String)>,
}

/// A variable with a secret in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    /// The variable.
    pub variable: String,
    /// The secret's name, which may be told.
    pub name: String,
    /// Its value, which may not.
    pub value: Secret,
}

/// What a runner answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Answer {
    /// To `hello`; several where much is held. Not numbered.
    Hello(Hello),
    /// A request has arrived; it takes effect or had taken it before. Not numbered.
    Taken {
        /// Its id.
        request: String,
    },
    /// A request came from an owner that is none any more. Not numbered.
    Refused {
        /// The highest epoch that the runner has seen.
        epoch: u64,
    },
    /// All that is kept up to here has been said again. Not numbered.
    Repeated {
        /// The last.
        to: u64,
    },
    /// A line of a program, or a part of one.
    Line(Line),
    /// A program has ended, and all that it started.
    Ended(Ended),
    /// A program was not started.
    Failed {
        /// The request.
        request: String,
        /// Why.
        reason: StartFailure,
        /// In words.
        message: String,
    },
}

/// The answer to `hello`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// As asked.
    pub nonce: u64,
    /// Of the protocol.
    pub version: u32,
    /// Made at the start of the runner: another one is another runner.
    pub life: String,
    /// The lowest number that is kept, or the next one.
    pub lowest: u64,
    /// The highest number given out; 0: none.
    pub highest: u64,
    /// Which part this is, from 1.
    pub part: u32,
    /// Of how many.
    pub parts: u32,
    /// Requests whose end is not acknowledged, and whether they have ended.
    pub held: Vec<(String, bool)>,
}

/// Where a line was written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A line of a program, or a part of a long one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The request whose program wrote it.
    pub request: String,
    /// Its number in the attempt, from 1: the same in every telling.
    pub ordinal: u64,
    /// Where.
    pub stream: Stream,
    /// When it was read, in milliseconds since 1970.
    pub time_ms: u64,
    /// Without its line end.
    pub text: String,
    /// The line goes on in the next one of this stream.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub more: bool,
    /// The secret that was masked in it, where it is a result's business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
}

/// How a program ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ended {
    /// The request.
    pub request: String,
    /// When, in milliseconds since 1970.
    pub time_ms: u64,
    /// Its exit code, unless a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// The kernel killed it for want of memory.
    pub out_of_memory: bool,
    /// It ended after the runner had been asked to stop it.
    pub stopped: bool,
    /// The secret that stands in `result.json`, which is not told then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shows: Option<String>,
    /// `result.json` of its output folder, where it is short.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// How many files there are in its output folder.
    pub outputs: u32,
}

/// Why a program was not started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StartFailure {
    /// The place has no such program.
    ProgramNotFound,
    /// It is there and may not be run.
    NotExecutable,
    /// The place has no such folder.
    WorkingFolderNotFound,
    /// No space for its files.
    DiskFull,
    /// No more processes or memory.
    TooManyProcesses,
    /// It was stopped before it came.
    Stopped,
    /// The request makes no sense.
    Invalid,
    /// The system refused otherwise.
    System,
}
