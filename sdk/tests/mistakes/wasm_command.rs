//! A mistake: what a WASI command cannot have.
use headwater_sdk::prelude::*;

#[task(wasm = "../tool.wasm")]
async fn outside(text: String) -> Result<String>;

#[task(wasm = "tool.wasm", args = ["{limit}"])]
async fn two_inputs(text: String, other: String, limit: u64) -> Result<String>;

#[task(wasm = "tool.wasm", working_dir = "/tmp")]
async fn folder(text: String) -> Result<String>;

#[task(program = ["sort"], args = ["-r"])]
async fn program(text: String) -> Result<String>;

fn main() {}
