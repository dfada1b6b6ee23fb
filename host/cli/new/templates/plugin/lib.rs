//! Tasks for flows of other crates, and their tests.

use headwater_sdk::prelude::*;

/// How many words a text has.
#[task]
fn count_words(text: String) -> Result<u64> {
    Ok(text.split_whitespace().count() as u64)
}

/// The longest word of a text, the first of several.
#[task]
fn longest_word(text: String) -> Result<String> {
    let longest = text.split_whitespace().rev().max_by_key(|word| word.chars().count());
    longest.map(str::to_owned).ok_or_else(|| Error::terminal("the text has no words"))
}

headwater_sdk::component!();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted() {
        assert_eq!(count_words::body("one two  three".to_owned()).unwrap(), 3);
    }

    #[test]
    fn the_first_of_the_longest() {
        assert_eq!(longest_word::body("a red fox ran".to_owned()).unwrap(), "red");
        assert!(longest_word::body(String::new()).is_err());
    }
}
