//! Names of secrets. A name goes where its value never does: into flags, manifests, journals and errors.

/// Longer ones help nobody.
const BYTES_MAX: usize = 128;

/// Not a name. The text is not repeated: it may be a value that was typed in the wrong place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Something else than its letters.
    #[error("the name of a secret has only letters, digits, `_`, `-` and `.`, and at most {BYTES_MAX} of them")]
    Letters,
    /// A value behind it.
    #[error(
        "the value of a secret is not given on the command line, where the shell's history and every process of this machine can read it"
    )]
    Value,
}

/// Checks a name.
///
/// # Errors
/// Where it is none.
pub fn check_name(name: &str) -> Result<(), NameError> {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    if name.split_once('=').is_some_and(|(before, _)| !before.is_empty() && before.bytes().all(letter)) {
        return Err(NameError::Value);
    }
    if name.is_empty() || name.len() > BYTES_MAX || !name.bytes().all(letter) {
        return Err(NameError::Letters);
    }
    Ok(())
}
