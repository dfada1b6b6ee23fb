//! Secrets: values that a task may use and nobody may see.

use crate::Result;

/// The value of a secret that the task asks for with `secret = "NAME"` and that its run was granted. It is masked wherever it would be
/// seen, and a result that holds it is refused.
///
/// # Errors
/// Where it was not granted.
#[cfg(target_family = "wasm")]
pub fn secret(name: &str) -> Result<String> {
    crate::bindings::headwater::flow::task_context::secret(name).map_err(|failure| crate::Error(Box::new(failure)))
}

/// The value of a secret that the task asks for with `secret = "NAME"` and that its run was granted. Natively it is what the test kit
/// was given ([`Kit::secret`](crate::testing::Kit::secret)), or else the variable of that name.
///
/// # Errors
/// Where it was not granted; natively where there is no such one.
///
/// ```
/// use headwater_sdk::prelude::*;
///
/// #[task(secret = "API_TOKEN", http = "api.example.org")]
/// async fn fetch(page: u32) -> Result<String> {
///     let token = secret("API_TOKEN")?;
///     # let _ = (page, token);
///     // … a request with the token …
///     Ok("its answer".to_owned())
/// }
/// # fn main() {}
/// ```
#[cfg(not(target_family = "wasm"))]
pub fn secret(name: &str) -> Result<String> {
    let given = crate::backend::secret(name).or_else(|| std::env::var(name).ok());
    given.ok_or_else(|| {
        crate::Error(Box::new(crate::error::failure(
            crate::bindings::headwater::flow::types::FailureKind::NotGranted,
            format!("there is no secret `{name}`: give the test kit one with `.secret({name:?}, …)`, or set the variable of that name"),
            false,
        )))
    })
}
