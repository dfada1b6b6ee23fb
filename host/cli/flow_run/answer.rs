//! `headwater flow-run answer`: the answer to a question of a run, or the start of a call that is started by hand.

use super::{
    find,
    steer::{self, Heard},
};
use crate::{
    cli::{
        cause,
        error::CliError,
        params,
        printer::Printer,
        settings::Settings,
        status::Status,
        view::{
            self, Viewing,
            log::Log,
            standing::{self, Question},
        },
    },
    engine::Wish,
};
use clap::Args;
use headwater_core::{
    model::{CallId, Json},
    run::RunState,
};
use serde_json::{Value, json};
use std::io::Read as _;

/// Answers a question of a flow run
#[derive(Args)]
pub(super) struct AnswerArguments {
    /// Its id, the beginning of it, or its name
    run: String,
    /// The number of the call that asks; `flow-run show` has it
    call: CallId,
    /// JSON, or text where a text is asked for; without it, it is read from standard input
    value: Option<String>,
}

pub(super) async fn answer(
    arguments: AnswerArguments,
    settings: &Settings,
    printer: &Printer,
) -> Result<Status, CliError> {
    let store = settings.store()?;
    let run = find(&store, &arguments.run)?;
    steer::not_ended(&run, &settings.command(&format!("flow-run show {}", run.header.run)))?;
    let state = cause::folded(&store, &run.header.run)?;
    let question = question(&state, arguments.call, settings)?;
    let value = checked(&question, arguments.value)?;
    let (id, call) = (&run.header.run, arguments.call);
    let wish = Wish::Answer { call, value: Json::of(&value) };
    let request = match steer::ask(&store, &run, &wish).await? {
        Heard::Waits(request) => request,
        Heard::Done => {
            printer.both(
                &format!("{} goes on in the process that drives it", run.header.name),
                &json!({ "event": "answered", "run": id.as_str(), "name": run.header.name, "call": call }),
            );
            return Ok(Status::Completed);
        }
    };
    let after = Log::end(&store, id)?;
    let engine = settings.engine()?;
    let handle = steer::take_up(&engine, &run, None, &request).await?;
    let viewing = Viewing { settings, printer, no_wait: true, is_new: false, after };
    view::follow(&engine, handle, viewing).await
}

fn question(state: &RunState, call: CallId, settings: &Settings) -> Result<Question, CliError> {
    let mut questions = standing::questions_of(state);
    match questions.iter().position(|question| question.asked.2 == call) {
        Some(place) => Ok(questions.swap_remove(place)),
        None => {
            let error = CliError::user(format!("call {call} of flow run `{}` waits for no answer", state.created.name));
            let command = settings.command(&format!("flow-run show {}", state.created.run));
            Err(match questions.as_slice() {
                [] => error.hint(format!("nothing of it does: `{command}`")),
                some => some.iter().fold(error, |error, question| {
                    error.hint(format!("call {} does: {}", question.asked.2, question.prompt))
                }),
            })
        }
    }
}

fn checked(question: &Question, typed: Option<String>) -> Result<Value, CliError> {
    let Some(schema) = &question.schema else { return Ok(Value::Null) };
    let text = match typed {
        Some(text) => text,
        None => {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .map_err(|error| CliError::user("the answer cannot be read from standard input").because(&error))?;
            text.strip_suffix('\n').map(str::to_owned).unwrap_or(text)
        }
    };
    let schema = schema.to_value();
    let value = params::value(&text, &schema);
    let validator = jsonschema::validator_for(&schema)
        .map_err(|error| CliError::user("the question's schema is none").because(&error))?;
    let misfit = validator.iter_errors(&value).next().map(|error| error.to_string());
    match misfit {
        None => Ok(value),
        Some(error) => Err(CliError::user(format!("the answer does not fit: {error}"))
            .hint(format!("asked for is {schema}: {}", question.prompt))),
    }
}
