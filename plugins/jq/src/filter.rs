//! A filter from its text to the values that it gives. The filter and what it works on come from a flow's author: everything that can
//! be wrong with either is an error with words, and what it gives has a limit.

mod wrong;

use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Exn, Filter, Vars, data::JustLut};
use jaq_json::{Val, read};
use serde_json::Value;
pub use wrong::Wrong;

/// Values that one filter may give: more is a filter that does not end, or data that belongs into an artifact.
pub const VALUES_MAX: usize = 100_000;

type Data = JustLut<Val>;

/// All values that the filter gives for this input.
///
/// # Errors
/// Where the filter is none, or fails, or gives more values than `most`.
pub fn run(text: &str, input: &Value, most: usize) -> Result<Vec<Value>, Wrong> {
    let filter = compile(text)?;
    let input = read::parse_single(input.to_string().as_bytes()).map_err(|error| Wrong::Input(error.to_string()))?;
    let context = Ctx::<Data>::new(&filter.lut, Vars::new([]));
    let mut values = Vec::new();
    for output in filter.id.run((context, input)) {
        if values.len() == most {
            return Err(Wrong::TooMany { most });
        }
        values.push(value(&output.map_err(raised)?)?);
    }
    Ok(values)
}

/// The one value that it gives.
///
/// # Errors
/// As `run`; and where there is none, or a second one.
pub fn run_for_one(text: &str, input: &Value) -> Result<Value, Wrong> {
    let mut values = match run(text, input, 1) {
        Err(Wrong::TooMany { .. }) => return Err(Wrong::Several),
        values => values?,
    };
    values.pop().ok_or(Wrong::Nothing)
}

fn compile(text: &str) -> Result<Filter<Data>, Wrong> {
    let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let arena = Arena::default();
    let file = File { code: text, path: () };
    let modules = Loader::new(definitions).load(&arena, file).map_err(|errors| wrong::unreadable(text, errors))?;
    Compiler::default().with_funs(functions).compile(modules).map_err(|errors| wrong::undefined(text, errors))
}

fn raised(exception: Exn<'_, Val>) -> Wrong {
    match exception.get_err() {
        // A text is raised to be read, and not as JSON.
        Ok(error) => match error.into_val() {
            Val::TStr(text) => Wrong::Failed(String::from_utf8_lossy(&text).into_owned()),
            other => Wrong::Failed(other.to_string()),
        },
        Err(other) => match other.get_halt() {
            Ok(code) => Wrong::Halted(code),
            Err(_) => Wrong::Failed("it breaks out of a label that it is not in".to_owned()),
        },
    }
}

/// As JSON: jq's values are more than that.
fn value(value: &Val) -> Result<Value, Wrong> {
    let text = value.to_string();
    serde_json::from_str(&text).map_err(|error| Wrong::NoJson(wrong::beginning(&text), error.to_string()))
}
