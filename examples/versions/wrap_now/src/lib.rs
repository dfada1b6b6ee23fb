//! Breaks lines with textwrap 0.16, which looks at the whole paragraph and leaves as little ragged as it can.

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
    fn the_lines_of_a_paragraph_are_of_about_one_length() {
        let lines = wrap::body("To be, or not to be: that is the question".to_owned(), 10).unwrap();
        assert_eq!(lines, ["To be,", "or not to", "be: that", "is the", "question"]);
    }
}
