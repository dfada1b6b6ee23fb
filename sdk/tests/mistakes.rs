//! What the compiler says about mistakes: one file a mistake, with the words beside it.
//!
//! The words are those of the toolchain that the workspace is pinned to; another one says the rest of them differently.
#![cfg(test)]

#[test]
fn mistakes_are_named_at_the_users_line() {
    trybuild::TestCases::new().compile_fail("tests/mistakes/*.rs");
}
