//! The attribute's keys: which there are, what each takes, and which go together.

use crate::item::Role;
use crate::values::{self, Errors};
use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, Ident, Path, Token};

/// What a task asks for, to be allowed by whoever runs it.
pub enum Grant {
    Http(String),
    /// True: may write.
    Dir(String, bool),
    Env(String),
    Secret(String),
    Clock,
}

/// All that an attribute can say; what was not said is none or empty.
#[derive(Default)]
pub struct Attrs {
    pub name: Option<(String, Span)>,
    pub project: Option<String>,
    pub labels: Vec<String>,
    pub plugin: Option<String>,
    pub image: Option<String>,
    pub program: Option<Vec<String>>,
    pub wasm: Option<String>,
    pub args: Vec<String>,
    pub command: Option<Vec<String>>,
    pub entrypoint: Option<Vec<String>>,
    /// Of an image or a program.
    pub env: Vec<(String, String)>,
    /// As written: what it means depends on what runs.
    env_texts: Vec<(String, Span)>,
    pub working_dir: Option<String>,
    pub user: Option<String>,
    pub network: Option<String>,
    pub platform: Option<String>,
    pub pull: Option<&'static str>,
    pub cpus: Option<f64>,
    pub memory: Option<u64>,
    pub success_codes: Option<Vec<i32>>,
    pub skip_codes: Option<Vec<i32>>,
    pub retry_codes: Option<Vec<i32>>,
    pub json_on_stdin: bool,
    pub grants: Vec<Grant>,
    pub retries: Option<u32>,
    pub delays: Vec<u64>,
    pub backoff: Option<f64>,
    pub jitter: Option<f64>,
    pub max_delay: Option<u64>,
    pub timeout: Option<u64>,
    /// `None`: without end.
    pub cache_for: Option<Option<u64>>,
    pub on_crash: Option<&'static str>,
    pub tags: Vec<String>,
    given: Vec<(String, Span)>,
}

const TASK_KEYS: &[&str] = &[
    "name",
    "plugin",
    "image",
    "command",
    "entrypoint",
    "user",
    "network",
    "platform",
    "cpus",
    "memory",
    "pull",
    "success_codes",
    "skip_codes",
    "retry_codes",
    "program",
    "wasm",
    "args",
    "json_on_stdin",
    "env",
    "working_dir",
    "http",
    "dir",
    "dir_rw",
    "secret",
    "clock",
    "retries",
    "retry_delay",
    "retry_delays",
    "backoff",
    "jitter",
    "max_delay",
    "timeout",
    "cache_for",
    "on_crash",
    "tags",
];
const FLOW_KEYS: &[&str] = &[
    "name",
    "project",
    "label",
    "labels",
    "image",
    "timeout",
    "retries",
    "retry_delay",
    "retry_delays",
    "backoff",
    "jitter",
    "max_delay",
];
const IMAGE_KEYS: &[&str] = &["command", "entrypoint", "user", "network", "platform", "cpus", "memory", "pull"];
const CODE_KEYS: &[&str] = &["success_codes", "skip_codes", "retry_codes"];

/// `key = value`.
struct Pair {
    path: Path,
    value: Expr,
}

impl Parse for Pair {
    fn parse(input: ParseStream<'_>) -> syn::Result<Pair> {
        if !input.peek(Ident::peek_any) {
            return Err(input.error("expected a key and its value, as `retries = 3`"));
        }
        let path: Path = input.parse()?;
        if !input.peek(Token![=]) {
            let key = path.get_ident().map(ToString::to_string).unwrap_or_default();
            let message = format!("`{key}` has a value: write `{key} = {}`", example(&key));
            return Err(syn::Error::new(path.span(), message));
        }
        input.parse::<Token![=]>()?;
        Ok(Pair { path, value: input.parse()? })
    }
}

impl Attrs {
    pub fn parse(tokens: TokenStream, role: Role, errors: &mut Errors) -> Attrs {
        let mut attrs = Attrs::default();
        let parsed = Punctuated::<Pair, Token![,]>::parse_terminated.parse2(tokens);
        for pair in errors.take(parsed).into_iter().flatten() {
            let key = pair.path.get_ident().map(ToString::to_string).unwrap_or_default();
            let known = if role == Role::Task { TASK_KEYS } else { FLOW_KEYS };
            if !known.contains(&key.as_str()) {
                errors.add(pair.path.span(), unknown(&key, role, known));
                continue;
            }
            if attrs.given.iter().any(|(given, _)| *given == key) {
                errors.add(pair.path.span(), format!("`{key}` is given twice"));
                continue;
            }
            attrs.given.push((key.clone(), pair.path.span()));
            if let Err(error) = attrs.set(&key, &pair.value) {
                errors.push(error);
            }
        }
        attrs
    }

    fn set(&mut self, key: &str, value: &Expr) -> syn::Result<()> {
        match key {
            "name" => self.name = Some((named(value)?, value.span())),
            "project" => self.project = Some(values::text(value)?),
            "label" | "labels" => self.labels.extend(values::text_or_texts(value)?),
            "plugin" => self.plugin = Some(values::text(value)?),
            "image" => self.image = Some(values::text(value)?),
            "program" => self.program = Some(program(value)?),
            "wasm" => self.wasm = Some(wasm(value)?),
            "args" => self.args = values::texts(value)?,
            "command" => self.command = Some(values::texts(value)?),
            "entrypoint" => self.entrypoint = Some(values::texts(value)?),
            "env" => self.env_texts = values::spanned_texts(value)?,
            "working_dir" => self.working_dir = Some(values::text(value)?),
            "user" => self.user = Some(values::text(value)?),
            "network" => self.network = Some(values::text(value)?),
            "platform" => self.platform = Some(values::text(value)?),
            "pull" => self.pull = Some(values::one_of(value, &["always", "if-not-present", "never"])?),
            "cpus" => self.cpus = Some(values::number(value)?),
            "memory" => self.memory = Some(values::bytes(value)?),
            "success_codes" => self.success_codes = Some(values::exit_codes(value)?),
            "skip_codes" => self.skip_codes = Some(values::exit_codes(value)?),
            "retry_codes" => self.retry_codes = Some(values::exit_codes(value)?),
            "json_on_stdin" => self.json_on_stdin = values::flag(value)?,
            "http" => self.grant(value, Grant::Http)?,
            "dir" => self.grant(value, |dir| Grant::Dir(dir, false))?,
            "dir_rw" => self.grant(value, |dir| Grant::Dir(dir, true))?,
            "secret" => self.grant(value, Grant::Secret)?,
            "clock" => self.grants.extend(values::flag(value)?.then_some(Grant::Clock)),
            _ => self.set_policy(key, value)?,
        }
        Ok(())
    }

    fn grant(&mut self, value: &Expr, grant: impl Fn(String) -> Grant) -> syn::Result<()> {
        self.grants.extend(values::text_or_texts(value)?.into_iter().map(grant));
        Ok(())
    }

    fn set_policy(&mut self, key: &str, value: &Expr) -> syn::Result<()> {
        match key {
            "retries" => self.retries = Some(values::count(value)?),
            "retry_delay" => self.delays = vec![values::milliseconds(value)?],
            "retry_delays" => self.delays = values::many_milliseconds(value)?,
            "backoff" => self.backoff = Some(values::number(value)?),
            "jitter" => self.jitter = Some(share(value)?),
            "max_delay" => self.max_delay = Some(values::milliseconds(value)?),
            "timeout" => self.timeout = Some(values::milliseconds(value)?),
            "cache_for" => self.cache_for = Some(cache_for(value)?),
            "on_crash" => self.on_crash = Some(values::one_of(value, &["retry", "fail"])?),
            _ => self.tags = values::texts(value)?,
        }
        Ok(())
    }

    fn span_of(&self, key: &str) -> Option<Span> {
        self.given.iter().find(|(given, _)| given == key).map(|(_, span)| *span)
    }

    /// Keys that mean nothing without another.
    pub fn check_task(&mut self, has_body: bool, errors: &mut Errors) {
        let mut needs = |keys: &[&str], met: bool, what: &str| {
            for key in keys.iter().filter(|_| !met) {
                if let Some(span) = self.span_of(key) {
                    errors.add(span, format!("`{key}` goes with {what}"));
                }
            }
        };
        needs(IMAGE_KEYS, self.image.is_some(), "`image = \"…\"`");
        let (image, program, wasm) = (self.image.is_some(), self.program.is_some(), self.wasm.is_some());
        needs(CODE_KEYS, image || wasm, "`image = \"…\"` or `wasm = \"…\"`");
        needs(&["args"], wasm, "`wasm = \"…\"`");
        needs(&["json_on_stdin"], program || wasm, "`program = […]` or `wasm = \"…\"`");
        needs(&["working_dir"], image || program, "`image = \"…\"` or `program = […]`");
        let takes_env = image || program || wasm || has_body;
        needs(&["env"], takes_env, "a body, `image = \"…\"`, `program = […]` or `wasm = \"…\"`");
        needs(&["dir", "dir_rw"], has_body, "a body: containers get files as artifacts");
        needs(&["http", "clock"], has_body, "a body");
        needs(&["secret"], image || program || has_body, "a body, `image = \"…\"` or `program = […]`");
        let sources: Vec<&str> =
            ["plugin", "image", "program", "wasm"].into_iter().filter(|key| self.span_of(key).is_some()).collect();
        if let [first, second, ..] = sources[..]
            && let Some(span) = self.span_of(second)
        {
            errors.add(span, format!("a task has one source: `{first}` or `{second}`, not both"));
        }
        self.check_retry(errors);
        for (text, span) in std::mem::take(&mut self.env_texts) {
            match has_body {
                true => self.grants.extend(errors.take(values::variable_name(text, span)).map(Grant::Env)),
                false => self.env.extend(errors.take(values::variable(&text, span))),
            }
        }
    }

    /// How to wait between attempts means nothing where there is but one.
    pub fn check_retry(&self, errors: &mut Errors) {
        if self.retries.is_some() {
            return;
        }
        for key in ["retry_delay", "retry_delays", "backoff", "jitter", "max_delay"] {
            if let Some(span) = self.span_of(key) {
                errors.add(span, format!("`{key}` goes with `retries = …`"));
            }
        }
    }
}

fn named(value: &Expr) -> syn::Result<String> {
    let name = values::text(value)?;
    if name.trim().is_empty() { Err(syn::Error::new(value.span(), "a name has at least one letter")) } else { Ok(name) }
}

fn program(value: &Expr) -> syn::Result<Vec<String>> {
    let argv = values::texts(value)?;
    if argv.is_empty() {
        Err(syn::Error::new(value.span(), "a program has at least a name, as `[\"python3\"]`"))
    } else {
        Ok(argv)
    }
}

fn wasm(value: &Expr) -> syn::Result<String> {
    let name = values::text(value)?;
    if name.trim().is_empty() || name.starts_with('/') || name.split('/').any(|part| part == "..") {
        let message = "expected the name of a WASI command, or its path below the flow's folder, as `\"tool.wasm\"`";
        return Err(syn::Error::new(value.span(), message));
    }
    Ok(name)
}

fn share(value: &Expr) -> syn::Result<f64> {
    let share = values::number(value)?;
    if (0.0..=1.0).contains(&share) {
        Ok(share)
    } else {
        Err(syn::Error::new(value.span(), "expected a share from `0.0` to `1.0`"))
    }
}

fn cache_for(value: &Expr) -> syn::Result<Option<u64>> {
    if values::text(value).is_ok_and(|text| text == "ever") { Ok(None) } else { values::milliseconds(value).map(Some) }
}

/// A value that a key could have.
fn example(key: &str) -> &'static str {
    match key {
        "retries" => "3",
        "backoff" => "2.0",
        "timeout" | "retry_delay" | "max_delay" => "\"30s\"",
        "image" => "\"alpine:3.20\"",
        "program" | "command" => "[\"ls\", \"-l\"]",
        "json_on_stdin" | "clock" => "true",
        _ => "…",
    }
}

/// What is said about a key that nobody knows.
fn unknown(key: &str, role: Role, known: &[&str]) -> String {
    let noun = role.noun();
    let limit = key.len().div_ceil(2).min(3);
    let is_close = |known: &&&str| distance(key, known) <= limit && known.chars().next() == key.chars().next();
    let close = known.iter().filter(is_close).min_by_key(|known| distance(key, known));
    match close {
        Some(close) => format!("a {noun} has no `{key}`: did you mean `{close}`?"),
        None => format!("a {noun} has no `{key}`: it knows {}", known.join(", ")),
    }
}

/// How many letters to change, add or leave out.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (line, letter) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = line + 1;
        for column in 0..other.len() {
            let cost = usize::from(letter != other[column]);
            let best = (before + cost).min(row[column] + 1).min(row[column + 1] + 1);
            before = std::mem::replace(&mut row[column + 1], best);
        }
    }
    row[other.len()]
}
