//! One call in full: what it was given, what came of it, each attempt, and the end of its log.

use super::{Shown, now, tell};
use crate::{
    cli::{
        calls::{self, CallRow, Tried, container_of},
        error::CliError,
        printer::{BOLD, DIM, Printer},
        settings::Settings,
        status::Status,
        table,
        view::{log::NamedLine, progress},
        words,
    },
    engine,
    store::{Cursor, Level, LogFilter, LogLine},
};
use headwater_core::{
    journal::Work,
    model::{AttemptId, CallId, Outcome},
    run::{CallState, Filled},
};
use serde_json::{Value, json};
use std::collections::VecDeque;

/// How many attempts are listed, the last ones, and how many lines.
const ATTEMPTS_MAX: usize = 50;
const LINES_MAX: usize = 20;

/// Lines that are read at once.
const AT_ONCE: usize = 1_000;

pub(super) fn show(shown: &Shown<'_>, word: &str, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let id = meant(shown, word)?;
    let state = &shown.history.state;
    let rows = calls::full_rows(&shown.history, &shown.activity, now());
    let (Some(row), Some(call)) = (rows.get(id as usize), state.call(id)) else { return Err(none(shown, word)) };
    let input = input(shown, call)?;
    let result = result(shown, id, call)?;
    let attempts = shown.history.attempts(id);
    let lines = last_lines(shown, id)?;
    if printer.is_json() {
        printer.object(&object(shown, row, call, (input.as_deref(), result.as_deref()), &attempts, &lines));
        return Ok(Status::Completed);
    }
    printer.page();
    tell(&facts(shown, row, call, input.as_deref(), result.as_deref()), printer);
    list(shown, id, call, &attempts, printer);
    if !lines.is_empty() {
        printer.text("");
        printer.text(&format!("{BOLD}the end of its log{BOLD:#}"));
        for line in &lines {
            printer.text(&NamedLine::of_call(line.clone(), &row.name).text());
        }
        let command = settings.command(&format!("flow-run logs {} --call {id}", shown.run.header.run));
        printer.text(&format!("{DIM}all of it: {command}{DIM:#}"));
    }
    Ok(Status::Completed)
}

/// By its number, or by a name that only one call has.
fn meant(shown: &Shown<'_>, word: &str) -> Result<CallId, CliError> {
    let calls = &shown.history.state.calls;
    if let Ok(id) = word.parse::<CallId>() {
        return calls.get(id as usize).map(|_| id).ok_or_else(|| none(shown, word));
    }
    let named = calls.iter().enumerate().filter(|(_, call)| call.label() == word);
    let named: Vec<usize> = named.map(|(id, _)| id).collect();
    match named.as_slice() {
        [] => Err(none(shown, word)),
        [one] => Ok(*one as CallId),
        several => {
            let numbers: Vec<String> = several.iter().take(super::NAMED_MAX).map(usize::to_string).collect();
            Err(CliError::user(format!("{} are named `{word}`", words::counted(several.len(), "call")))
                .hint(format!("name one by its number: {}", numbers.join(", "))))
        }
    }
}

fn none(shown: &Shown<'_>, word: &str) -> CliError {
    CliError::user(format!("flow run `{}` has no call `{word}`", shown.run.header.name))
        .hint("a call is named by its number or its name, as `flow-run show` lists them")
}

/// The arguments as far as they are known, as one JSON object; none: an upstream has not ended.
fn input(shown: &Shown<'_>, call: &CallState) -> Result<Option<String>, CliError> {
    if call.pending > 0 {
        return Ok(None);
    }
    let filled = shown.history.state.filled_input(call, None);
    let fields = filled.into_iter().map(|(name, value)| Ok(format!("{}:{}", json!(name), text_of(shown, &value)?)));
    Ok(Some(format!("{{{}}}", fields.collect::<Result<Vec<_>, CliError>>()?.join(","))))
}

fn text_of(shown: &Shown<'_>, value: &Filled) -> Result<String, CliError> {
    engine::text_of(shown.store, value).map_err(|failure| CliError::infrastructure(failure.message))
}

/// None: it has not ended, or not well.
fn result(shown: &Shown<'_>, id: CallId, call: &CallState) -> Result<Option<String>, CliError> {
    match call.end.as_ref().map(|end| &end.outcome) {
        Some(Outcome::Ok(_)) => text_of(shown, &shown.history.state.result(id)).map(Some),
        Some(Outcome::Err(_)) | None => Ok(None),
    }
}

fn facts(
    shown: &Shown<'_>,
    row: &CallRow,
    call: &CallState,
    input: Option<&str>,
    result: Option<&str>,
) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("flow run", format!("{} ({})", shown.run.header.name, shown.run.header.run)),
        ("call", format!("{}, {}", row.id, row.name)),
        ("kind", words::work(row.work).to_owned()),
    ];
    if call.issued.kind.target_name() != row.name {
        facts.push(("target", call.issued.kind.target_name().to_owned()));
    }
    facts.push(("state", row.state_words()));
    let place = row.place.words(shown.store);
    if !place.is_empty() {
        facts.push(("where", place));
    }
    for (element, said) in &row.progress {
        let bar = progress::bar(said).map(|bar| format!("{bar} ")).unwrap_or_default();
        let element = element.map(|element| format!("[{element}] ")).unwrap_or_default();
        facts.push(("progress", format!("{element}{bar}{}", progress::words(said))));
    }
    if let Some(waits) = &row.waits {
        facts.push(("waits for", waits.clone()));
    }
    let waited = row.waited.words();
    if !waited.is_empty() {
        facts.push(("waited for", waited));
    }
    if let Some(took) = row.duration_ms(now()) {
        facts.push(("time", words::duration(took)));
    }
    facts.push(("key", row.key.clone()));
    if let Some(target) = &call.issued.target {
        facts.push(("digest", target.to_string()));
    }
    if let Some(input) = input {
        facts.push(("input", words::shortened(input)));
    }
    if let Some(result) = result {
        facts.push(("result", words::shortened(result)));
    }
    if let Some(failure) = call.failed() {
        facts.push(("failure", failure.message.clone()));
        facts.extend(failure.chain.iter().map(|cause| ("because", cause.clone())));
    }
    facts
}

fn list(shown: &Shown<'_>, id: CallId, call: &CallState, attempts: &[Tried], printer: &Printer) {
    if attempts.is_empty() {
        return;
    }
    let container = call.issued.work == Work::Image;
    let mut heading = vec!["attempt", "started", "ended", "time", "failure"];
    if container {
        heading.push("container");
    }
    let time = |at: Option<headwater_core::model::Timestamp>| at.map(words::time_of_day).unwrap_or_default();
    let cells = |tried: &Tried| {
        let element = tried.element.map(|element| format!("[{element}] ")).unwrap_or_default();
        let took = tried.started_at.zip(tried.ended_at).map(|(from, to)| words::duration(to.since_ms(from)));
        let failure = tried.failure.as_ref().map(|failure| failure.message.clone()).unwrap_or_default();
        let mut cells = vec![
            format!("{element}{}", tried.number),
            time(tried.started_at),
            time(tried.ended_at),
            took.unwrap_or_default(),
            failure,
        ];
        if container {
            cells.push(container_of(&shown.history.state, id, call, attempt_id(id, tried)));
        }
        cells
    };
    let more = attempts.len().saturating_sub(ATTEMPTS_MAX);
    printer.text("");
    if more > 0 {
        printer.text(&format!("{} before these", words::counted(more, "attempt")));
    }
    table::print(printer, &heading, attempts.iter().skip(more).map(cells).collect());
}

fn attempt_id(id: CallId, tried: &Tried) -> AttemptId {
    AttemptId { call: id, element: tried.element, number: tried.number }
}

/// The last lines of its attempts in this generation and chapter.
fn last_lines(shown: &Shown<'_>, id: CallId) -> Result<Vec<LogLine>, CliError> {
    let filter = LogFilter { only_this_run: true, call: Some(id), level: Level::Info, ..LogFilter::default() };
    let state = &shown.history.state;
    let (mut after, mut last) = (Cursor::default(), VecDeque::new());
    loop {
        let lines = shown.store.log(&shown.run.header.run, &filter, after, AT_ONCE)?;
        let Some((cursor, _)) = lines.last() else { return Ok(last.into()) };
        after = *cursor;
        for (_, line) in lines {
            if (line.generation, line.chapter) == (state.generation, state.chapter) {
                last.push_back(line);
                if last.len() > LINES_MAX {
                    last.pop_front();
                }
            }
        }
    }
}

fn object(
    shown: &Shown<'_>,
    row: &CallRow,
    call: &CallState,
    (input, result): (Option<&str>, Option<&str>),
    attempts: &[Tried],
    lines: &[LogLine],
) -> Value {
    let attempt = |tried: &Tried| {
        json!({
            "element": tried.element,
            "number": tried.number,
            "generation": tried.generation,
            "started_at": tried.started_at.map(|at| at.0),
            "ended_at": tried.ended_at.map(|at| at.0),
            "failure": tried.failure,
            "unknown": tried.unknown,
            "container": (call.issued.work == Work::Image)
                .then(|| container_of(&shown.history.state, row.id, call, attempt_id(row.id, tried))),
        })
    };
    let value = |text: Option<&str>| text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    let mut object = row.object();
    if let Some(fields) = object.as_object_mut() {
        fields.insert("run".to_owned(), json!(shown.run.header.run.as_str()));
        fields.insert("target".to_owned(), json!(call.issued.kind.target_name()));
        fields.insert("input".to_owned(), value(input));
        fields.insert("result".to_owned(), value(result));
        fields.insert("failed".to_owned(), json!(call.failed()));
        fields.insert("tried".to_owned(), attempts.iter().map(attempt).collect());
        let line = |line: &LogLine| NamedLine::of_call(line.clone(), &row.name).object();
        fields.insert("log".to_owned(), lines.iter().map(line).collect());
    }
    object
}
