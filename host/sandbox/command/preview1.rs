//! Core modules of WASI's first preview, made components by the adapter that wasmtime's authors keep for it.

use crate::sandbox::{error::SandboxError, limits};
use std::borrow::Cow;
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
};
use wit_component::ComponentEncoder;

/// How a core module begins; a component has another version, and a layer.
const CORE_MODULE: &[u8] = b"\0asm\x01\0\0\0";

/// A component as it is, and one around a core module.
pub(super) fn component(bytes: &[u8]) -> Result<Cow<'_, [u8]>, SandboxError> {
    if bytes.len() > limits::COMPONENT_BYTES_MAX {
        return Err(SandboxError::TooLarge { bytes: bytes.len() });
    }
    if !bytes.starts_with(CORE_MODULE) {
        return Ok(Cow::Borrowed(bytes));
    }
    let encode = || {
        ComponentEncoder::default()
            .module(bytes)?
            .validate(true)
            .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER)?
            .encode()
    };
    encode().map(Cow::Owned).map_err(|error| SandboxError::NoPreview1 { reason: format!("{error:#}") })
}
