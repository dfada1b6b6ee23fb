//! `headwater secret set NAME`: a value from a prompt or from standard input, never from the command line.
//!
//! Arguments stand in the shell's history and can be read by every process of the machine.

use super::{
    super::{error::CliError, printer::Printer, settings::Settings, status::Status},
    vault,
};
use crate::{
    secret::{LENGTH_MAX, NameError, Secret, SecretError, check_name},
    store::Store,
};
use clap::Args;
use headwater_core::model::Timestamp;
use serde_json::json;
use std::{
    io::{IsTerminal as _, Read as _},
    time::{SystemTime, UNIX_EPOCH},
};
use zeroize::Zeroizing;

/// Seals a value under a name: asked for twice on a terminal, else all of standard input without its last line end
#[derive(Args)]
pub(in crate::cli) struct SetArguments {
    /// Letters, digits, `_`, `-` and `.`
    name: String,
    /// Taken only to say why it is refused.
    #[arg(hide = true, num_args = 0.., allow_hyphen_values = true)]
    value: Vec<String>,
}

pub(super) fn set(arguments: &SetArguments, settings: &Settings, printer: &Printer) -> Result<Status, CliError> {
    let name = &arguments.name;
    let on_command_line = |error: SecretError| match error {
        error @ SecretError::Name(NameError::Value) => CliError::from(error)
            .hint("it is compromised: get another, then `headwater secret set NAME` and type it there")
            .hint("or pipe it: `headwater secret set NAME < FILE`"),
        other => other.into(),
    };
    check_name(name).map_err(|error| on_command_line(error.into()))?;
    if !arguments.value.is_empty() {
        return Err(on_command_line(NameError::Value.into()));
    }
    // All that can be wrong with the store is told before somebody has typed.
    let vault = vault(Store::open(settings.home())?)?;
    let value = if std::io::stdin().is_terminal() { asked_for(name)? } else { piped()? };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp(u64::try_from(now.as_millis()).unwrap_or(u64::MAX));
    let replaced = vault.set(name, &value, now)?;
    printer.both(
        &format!("secret `{name}` is {}", if replaced { "replaced" } else { "set" }),
        &json!({ "name": name, "replaced": replaced }),
    );
    Ok(Status::Completed)
}

fn asked_for(name: &str) -> Result<Secret, CliError> {
    let ask = |prompt: String| {
        let typed = rpassword::prompt_password(prompt);
        typed
            .map(|text| Zeroizing::new(text.into_bytes()))
            .map_err(|error| CliError::user("the value could not be read from the terminal").because(&error))
    };
    let first = ask(format!("value of `{name}`: "))?;
    let secret = Secret::given(first.clone()).map_err(SecretError::from)?;
    if ask("once more: ".to_owned())? != first {
        return Err(CliError::user("the two values differ: nothing was set"));
    }
    Ok(secret)
}

fn piped() -> Result<Secret, CliError> {
    let mut bytes = Zeroizing::new(Vec::new());
    // Two more for a line end, and one to know that there is too much.
    let most = LENGTH_MAX as u64 + 3;
    std::io::stdin()
        .take(most)
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::user("standard input could not be read").because(&error))?;
    Ok(Secret::given(bytes).map_err(SecretError::from)?)
}
