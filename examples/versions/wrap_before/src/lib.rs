//! Breaks lines with textwrap 0.11, which fills each line as far as it goes.

use headwater_sdk::prelude::*;

/// The lines of a text that are no longer than `width` letters.
#[task]
fn wrap(text: String, width: u32) -> Result<Vec<String>> {
    Ok(textwrap::wrap(&text, width as usize).into_iter().map(|line| line.into_owned()).collect())
}

headwater_sdk::component!();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_as_long_as_it_can_be() {
        let lines = wrap::body("To be, or not to be: that is the question".to_owned(), 10).unwrap();
        assert_eq!(lines, ["To be, or", "not to be:", "that is", "the", "question"]);
    }
}
