//! The attributes of headwater-sdk: `#[task]`, `#[flow]`, `#[value]`.
//!
//! A macro keeps the user's function (as `name::body`), reports all mistakes at once at the user's own tokens, and generates constant data
//! and thin functions; everything else is in the SDK. `item` reads the function, `attrs` the attribute, `values` single values; `task` and
//! `flow` emit, and `emit` holds what both share.

mod attrs;
mod emit;
mod flow;
mod item;
mod task;
mod values;

use proc_macro::TokenStream;
use quote::quote;

/// Makes a function a task.
///
/// The function may be `async` or not, takes owned values and returns a `Result`. With a body it runs in a sandbox of its own. Without one
/// it says what runs instead: `plugin = "text"`, `image = "pandoc/core:3.1"`, `program = ["python3", "-V"]` or `wasm = "tool.wasm"`.
///
/// | key | value | for |
/// | --- | --- | --- |
/// | `name` | text; default: the function's name | all; with `plugin`: the task's name there |
/// | `plugin` | text | a task of another component |
/// | `image` | text | a task that runs in an image |
/// | `command`, `entrypoint` | list of texts, with `{name}`, `{in}/name`, `{out}` | `image` |
/// | `user`, `network`, `platform` | text | `image` |
/// | `cpus` | number | `image` |
/// | `memory` | `"512MiB"` | `image` |
/// | `pull` | `"always"`, `"if-not-present"`, `"never"` | `image` |
/// | `success_codes`, `skip_codes`, `retry_codes` | list of exit codes | `image`, `wasm` |
/// | `program` | list of texts | a program of the place where the flow run is |
/// | `wasm` | text | a WASI command, in a sandbox |
/// | `args` | list of texts, with `{name}` | `wasm` |
/// | `json_on_stdin` | `true` or `false` | `program`, `wasm` |
/// | `env` | list of `"NAME=value"` | `image`, `program`, `wasm` |
/// | `env` | text, or a list: variables of the operator's, as `"NAME"` | a body |
/// | `working_dir` | text | `image`, `program` |
/// | `http` | text, or a list: `"host"` or `"host:port"` | a body |
/// | `dir`, `dir_rw` | text, or a list: folders of the operator's, to read or to write | a body |
/// | `secret` | text, or a list: names of secrets; a program finds each in a variable of that name | a body, `image`, `program` |
/// | `clock` | `true`: real time and randomness, in place of those that are the attempt's own | a body |
/// | `retries`, `retry_delay`, `retry_delays`, `backoff`, `jitter`, `max_delay` | number, `"1s"`, list, factor, share, `"1m"` | all |
/// | `timeout` | `"30s"`, of one attempt | all |
/// | `cache_for` | `"1h"` or `"ever"` | all |
/// | `on_crash` | `"retry"` or `"fail"` | all |
/// | `tags` | list of texts | all |
#[proc_macro_attribute]
pub fn task(attribute: TokenStream, item: TokenStream) -> TokenStream {
    task::expand(attribute.into(), item.into()).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Makes an `async fn` a flow.
///
/// Without a body it is declared only: found by its name among what the run was given, or among what is registered. Parameters may have
/// a default: `#[default("Marvin")] name: String`; an `Option` has `None`.
///
/// | key | value |
/// | --- | --- |
/// | `name` | text; default: the function's name |
/// | `project` | text |
/// | `timeout` | `"10m"`, of the whole run |
/// | `retries`, `retry_delay`, `retry_delays`, `backoff`, `jitter`, `max_delay` | as of a task; each retry keeps what succeeded |
/// | `label`, `labels` | text, list of texts: which agents may take it |
/// | `image` | text: runs in a container of it unless its caller says otherwise |
#[proc_macro_attribute]
pub fn flow(attribute: TokenStream, item: TokenStream) -> TokenStream {
    flow::expand(attribute.into(), item.into()).unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Makes a type of yours one that can be passed between flows and tasks: derives `Serialize`, `Deserialize` and `JsonSchema`, without
/// those crates among your dependencies.
#[proc_macro_attribute]
pub fn value(attribute: TokenStream, item: TokenStream) -> TokenStream {
    if !attribute.is_empty() {
        return syn::Error::new(proc_macro2::Span::call_site(), "`#[value]` takes nothing").to_compile_error().into();
    }
    let item = proc_macro2::TokenStream::from(item);
    quote! {
        #[derive(
            ::headwater_sdk::serde::Serialize,
            ::headwater_sdk::serde::Deserialize,
            ::headwater_sdk::schemars::JsonSchema,
        )]
        #[serde(crate = "::headwater_sdk::serde")]
        #[schemars(crate = "::headwater_sdk::schemars")]
        #item
    }
    .into()
}
