//! Which of the file and the lines counts.
//! Each line here is a sentence of the docs.

use super::*;

fn lines() -> impl DoubleEndedIterator<Item = &'static str> {
    ["{\"a\": 1}", "done", ""].into_iter()
}

#[test]
fn the_file_comes_before_lines_and_text_is_taken_as_it_is() {
    assert_eq!(result_of(Result::Json, Some(" 5\n"), lines()).unwrap().as_str(), "5");
    assert_eq!(result_of(Result::Json, None, lines()).unwrap().as_str(), "{\"a\": 1}");
    assert_eq!(result_of(Result::Text, None, lines()).unwrap().as_str(), "\"done\"");
    assert_eq!(result_of(Result::Nothing, None, lines()).unwrap().as_str(), "null");
    assert_eq!(result_of(Result::Json, Some("{"), lines()).unwrap_err().kind, FailureKind::InvalidResult);
    assert_eq!(result_of(Result::Json, None, std::iter::empty()).unwrap_err().kind, FailureKind::InvalidResult);
}
