//! A secret's value: text that no debug output shows, and whose memory is cleared when it goes.
//!
//! Cleared is what this type holds. What a guest, a pipe or a text matcher has copied is beyond it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use zeroize::Zeroizing;

/// Shorter values are not taken: masking them would eat words out of every log.
pub const LENGTH_MIN: usize = 4;
/// Longer ones are files. Every form of a value is kept in memory to be looked for.
pub const LENGTH_MAX: usize = 16 * 1024;

/// A value.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

/// It cannot be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ValueError {
    /// Nothing.
    #[error("the value is empty")]
    Empty,
    /// Not enough to be masked.
    #[error("the value has fewer than {LENGTH_MIN} bytes: it could not be masked without masking half of every log")]
    Short,
    /// Too much.
    #[error("the value has more than {LENGTH_MAX} bytes: keep a file elsewhere, and the key to it as a secret")]
    Long,
    /// Not text.
    #[error("the value is no UTF-8 text: encode it, as base64 for example, and decode it in the task")]
    NoText,
    /// No variable can hold it.
    #[error("the value has a zero byte in it, which no environment variable can hold")]
    Zero,
}

impl Secret {
    /// A value that was checked before.
    pub fn new(text: String) -> Secret {
        Secret(Zeroizing::new(text))
    }

    /// Checks what somebody typed or piped; its last line end does not belong to it.
    ///
    /// # Errors
    /// Where it cannot be a secret.
    pub fn given(bytes: Zeroizing<Vec<u8>>) -> Result<Secret, ValueError> {
        let cut = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
        let cut = if cut.len() < bytes.len() { cut.strip_suffix(b"\r").unwrap_or(cut) } else { cut };
        match cut.len() {
            0 => return Err(ValueError::Empty),
            1..LENGTH_MIN => return Err(ValueError::Short),
            LENGTH_MIN..=LENGTH_MAX => {}
            _ => return Err(ValueError::Long),
        }
        if cut.contains(&0) {
            return Err(ValueError::Zero);
        }
        let text = std::str::from_utf8(cut).map_err(|_| ValueError::NoText)?;
        Ok(Secret::new(text.to_owned()))
    }

    /// The text itself. Whoever asks for it hands it to the one who was granted it, or looks for it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// For a request to a runner, which goes through a pipe and is written nowhere.
impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
        String::deserialize(deserializer).map(Secret::new)
    }
}

/// How long a value is, as far as that may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Fewer than 8 bytes: too short to be looked for in results.
    Short,
    /// 8 to 31.
    Medium,
    /// 32 and more.
    Long,
}

impl Length {
    /// Of so many bytes.
    pub fn of(bytes: usize) -> Length {
        match bytes {
            0..8 => Length::Short,
            8..32 => Length::Medium,
            _ => Length::Long,
        }
    }

    /// In a word.
    pub fn as_str(self) -> &'static str {
        match self {
            Length::Short => "short",
            Length::Medium => "medium",
            Length::Long => "long",
        }
    }
}
