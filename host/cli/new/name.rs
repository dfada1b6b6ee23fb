//! What a crate may be called: cargo's rules, and none of the names that the new crate itself needs.

use super::CliError;

/// A name of a library that is a word of the language, or a crate that is always there, builds nothing.
const RESERVED: [&str; 55] = [
    "abstract",
    "alloc",
    "as",
    "async",
    "await",
    "become",
    "box",
    "break",
    "const",
    "continue",
    "core",
    "crate",
    "do",
    "dyn",
    "else",
    "enum",
    "extern",
    "false",
    "final",
    "fn",
    "for",
    "gen",
    "if",
    "impl",
    "in",
    "let",
    "loop",
    "macro",
    "match",
    "mod",
    "move",
    "mut",
    "override",
    "priv",
    "proc_macro",
    "pub",
    "ref",
    "return",
    "self",
    "static",
    "std",
    "struct",
    "super",
    "test",
    "trait",
    "true",
    "try",
    "type",
    "typeof",
    "unsafe",
    "unsized",
    "use",
    "virtual",
    "where",
    "while",
];

/// What the registry takes.
const LENGTH_MAX: usize = 64;

/// # Errors
/// Where a crate cannot be called so.
pub(super) fn check(name: &str) -> Result<(), CliError> {
    let refused = |why: &str| {
        CliError::user(format!("a crate cannot be called `{name}`: {why}"))
            .hint("take lower-case letters, digits, `-` and `_`, a letter first: `headwater new my-flow`")
    };
    if RESERVED.contains(&name) {
        return Err(refused("the name has a meaning of its own in Rust"));
    }
    if matches!(name, "headwater-sdk" | "headwater_sdk") {
        return Err(refused("it is the SDK's"));
    }
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        return Err(refused("it does not begin with a lower-case letter"));
    }
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if let Some(odd) = name.chars().find(|c| !allowed(*c)) {
        return Err(refused(&format!("it contains `{odd}`")));
    }
    if name.len() > LENGTH_MAX {
        return Err(refused("it has more than 64 characters"));
    }
    Ok(())
}
