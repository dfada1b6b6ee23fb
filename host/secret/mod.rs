//! Secrets: kept sealed, read when an attempt starts, and masked in whatever is said afterwards.
//!
//! - `name`, `value`: what a secret is; `error`: what goes wrong
//! - `key`, `seal`, `vault`: the key beside the store, the sealed values in it, and both together
//! - `forms`, `masker`, `stream`: the texts that a value may appear as, and how each becomes `***`
//!
//! Invariant: a value leaves this module only by `Secret::expose`, and no error or debug text has one in it.

mod error;
mod forms;
mod key;
mod masker;
mod name;
mod seal;
mod stream;
mod value;
mod vault;

pub use error::SecretError;
pub use key::{KEY_FILE_VARIABLE, KEY_VARIABLE, KeyError, KeyPlace};
pub use masker::{MASK, Masker, masking_is_off};
pub use name::{NameError, check_name};
pub use stream::{Detector, Part, Stream};
pub use value::{LENGTH_MAX, LENGTH_MIN, Length, Secret, ValueError};
pub use vault::{Listed, Vault};
