//! Tasks that were granted the folder `/data` and look for a way out of it.

use headwater_sdk::prelude::*;
use std::{ffi::CStr, fs, io, path::Path};

/// Tries while somebody else swaps a folder for a link: often enough for the two to meet.
const TRIES: u32 = 5_000;

fn read(path: impl AsRef<Path>) -> Result<()> {
    let text = fs::read_to_string(path)?;
    Err(Error::terminal(format!("it was read: {text}")))
}

#[task(dir = "/data")]
fn above() -> Result<()> {
    read("/data/../outside/kept")
}

#[flow]
async fn dot_dot() -> Result<()> {
    above().await
}

#[task(dir = "/data")]
fn from_the_root() -> Result<()> {
    read("/etc/passwd")
}

#[flow]
async fn absolute() -> Result<()> {
    from_the_root().await
}

#[task(dir = "/data")]
fn through_a_link() -> Result<()> {
    read("/data/link/kept")
}

#[flow]
async fn link() -> Result<()> {
    through_a_link().await
}

#[task(dir_rw = "/data")]
fn through_a_link_of_its_own() -> Result<()> {
    make_link(c"../outside", c"/data/own")?;
    read("/data/own/kept")
}

/// The standard library has no stable function for it.
fn make_link(to: &CStr, at: &CStr) -> io::Result<()> {
    unsafe extern "C" {
        fn symlink(to: *const std::ffi::c_char, at: *const std::ffi::c_char) -> std::ffi::c_int;
    }
    // SAFETY: both are texts with an end, and live for longer than the call.
    match unsafe { symlink(to.as_ptr(), at.as_ptr()) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[flow]
async fn own_link() -> Result<()> {
    through_a_link_of_its_own().await
}

#[task(dir = "/data")]
fn while_it_changes() -> Result<()> {
    for _ in 0..TRIES {
        match fs::read_to_string("/data/changing/kept") {
            Ok(text) if text == "inside" => {}
            Ok(text) => return Err(Error::terminal(format!("it was read: {text}"))),
            Err(_) => {}
        }
    }
    Err(Error::terminal(format!("nothing outside was seen in {TRIES} tries")))
}

#[flow]
async fn race() -> Result<()> {
    while_it_changes().await
}

#[task(dir = "/data")]
fn overwrites() -> Result<()> {
    Ok(fs::write("/data/kept", "mine")?)
}

#[flow]
async fn write_where_only_reading_is_granted() -> Result<()> {
    overwrites().await
}

headwater_sdk::component!();
