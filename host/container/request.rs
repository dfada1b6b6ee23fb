//! What an owner asks of a place: a program with its files, made into a request of the protocol.
//!
//! What is small rides in the request, what is large goes before it through the engine.

use super::{
    ContainerError, InputFile, Place,
    body::IO,
    files::{self, Content},
    place::Home,
    template::Template,
};
use crate::{
    runner::protocol::{
        line::REQUEST_BYTES_MAX,
        message::{Hidden, Run},
    },
    secret::{Secret, masking_is_off},
    store::Durable,
};
use std::path::{Path, PathBuf};

/// Standard input up to this rides in the request.
const STDIN_BYTES_MAX: usize = 64 * 1024;
/// The longest id of a request: a name in labels, folders and lines.
const ID_BYTES_MAX: usize = 120;

/// What is to run in a place. `{in}`, `{out}` and `{name}` are filled in everywhere.
#[derive(Clone, Debug, Default)]
pub struct ProgramRequest {
    /// The attempt's id, never used twice in this place: letters, digits, `.`, `-`, `_`.
    pub request: String,
    /// Name and arguments; empty: what the image runs.
    pub argv: Vec<String>,
    /// Beside what the place has.
    pub env: Vec<(String, String)>,
    /// Variables with secrets: nothing is filled in in them, and they are masked in what the program says.
    pub secrets: Vec<GivenSecret>,
    /// None: the place's.
    pub working_dir: Option<String>,
    /// For its standard input.
    pub stdin: Option<Vec<u8>>,
    /// For its input folder.
    pub inputs: Vec<InputFile>,
    /// What `{name}` stands for.
    pub values: Vec<(String, String)>,
    /// The same in all attempts of a call.
    pub idempotency_key: Option<String>,
}

/// A secret for a program's environment.
#[derive(Clone, Debug)]
pub struct GivenSecret {
    /// The variable.
    pub variable: String,
    /// The secret's name.
    pub name: String,
    /// Its value.
    pub value: Secret,
}

impl Place {
    /// Brings large files to where the program finds them, and fills in its names.
    pub(super) async fn prepare(&self, durable: &Durable, program: ProgramRequest) -> Result<Run, ContainerError> {
        let ProgramRequest { request, argv, env, secrets, working_dir, stdin, mut inputs, values, idempotency_key } =
            program;
        let folder = match &self.home {
            Home::Container { .. } => PathBuf::from(IO).join(&request),
            Home::Local { io } => io.join(&request),
        };
        let path = |name| folder.join(name).to_string_lossy().into_owned();
        let template = Template { input: path("in"), output: path("out"), values: values.into_iter().collect() };
        let argv = match (&self.home, argv.is_empty()) {
            (Home::Container { argv, .. }, true) => argv.clone(),
            _ => argv,
        };
        let mut run = Run {
            argv: argv.iter().map(|word| template.fill(word)).collect(),
            env: env.iter().map(|(name, value)| (name.clone(), template.fill(value))).collect(),
            working_dir: working_dir.map(|folder| template.fill(&folder)),
            ..Run::default()
        };
        run.env.push(("HEADWATER_IN".to_owned(), template.input.clone()));
        run.env.push(("HEADWATER_OUT".to_owned(), template.output.clone()));
        run.env.extend(idempotency_key.map(|key| ("HEADWATER_IDEMPOTENCY_KEY".to_owned(), key)));
        let secrets = secrets.into_iter();
        if masking_is_off() {
            run.env.extend(secrets.map(|given| (given.variable, given.value.expose().to_owned())));
        } else {
            run.secrets =
                secrets.map(|GivenSecret { variable, name, value }| Hidden { variable, name, value }).collect();
        }
        match stdin.map(String::from_utf8) {
            None => {}
            Some(Ok(text)) if text.len() <= STDIN_BYTES_MAX => run.stdin = Some(text),
            Some(other) => {
                let bytes = other.map_or_else(std::string::FromUtf8Error::into_bytes, String::into_bytes);
                inputs.push(InputFile { name: ".stdin".to_owned(), content: Content::Bytes(bytes) });
                run.stdin_file = Some(".stdin".to_owned());
            }
        }
        match files::inline(&inputs) {
            Some(texts) => run.files = texts,
            None => self.put(durable, &request, &folder, &inputs).await?,
        }
        let size = run.argv.iter().map(String::len).chain(run.env.iter().map(|(name, value)| name.len() + value.len()));
        let hidden = run.secrets.iter().map(|hidden| hidden.variable.len() + hidden.value.expose().len());
        let size: usize = size.chain(hidden).sum();
        if size > REQUEST_BYTES_MAX / 4 {
            let what =
                format!("the command and variables of `{request}` have {size} bytes; pass large values as files");
            return Err(ContainerError::InvalidSpec(what));
        }
        Ok(run)
    }

    async fn put(
        &self,
        durable: &Durable,
        request: &str,
        folder: &Path,
        inputs: &[InputFile],
    ) -> Result<(), ContainerError> {
        match &self.home {
            Home::Container { docker, id, .. } => docker.put_files(durable, id, Some((request, inputs))).await,
            Home::Local { .. } => {
                files::write(folder, inputs).map_err(|error| ContainerError::Files { name: self.name.clone(), error })
            }
        }
    }
}

/// Ids are names of folders and stand in lines.
pub(super) fn check_id(id: &str) -> Result<(), ContainerError> {
    let letters = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'));
    if id.is_empty() || id.len() > ID_BYTES_MAX || !letters || id.starts_with('.') {
        return Err(ContainerError::InvalidSpec(format!("`{id}` is no id of a request")));
    }
    Ok(())
}
