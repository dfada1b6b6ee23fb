//! A container engine in which everything works.

use super::Outcome;
use super::fake::Input;
use std::cell::Cell;
use std::rc::Rc;

/// What an operation answers.
pub(super) type Operation = Box<dyn Fn(&Input) -> Outcome>;

/// All operations that answer something of use without being told what.
pub(super) fn all() -> [(&'static str, Operation); 13] {
    let made = Rc::new(Cell::new(0_u32));
    let create = move |_: &Input| {
        made.set(made.get() + 1);
        Ok(format!("\"container-{}\"", made.get()))
    };
    let said = |json: &'static str| -> Operation { Box::new(move |_| Ok(json.to_owned())) };
    [
        ("pull_image", Box::new(|input| Ok(reference(input, "repository", "tag")))),
        ("build_image", Box::new(|input| Ok(text(input, "tag")))),
        ("tag_image", Box::new(|input| Ok(reference(input, "repository", "tag")))),
        ("push_image", said("null")),
        ("list_images", said("[]")),
        ("remove_image", said("null")),
        ("create_container", Box::new(create)),
        ("start_container", said("null")),
        ("wait_on_container", said("0")),
        ("get_container_logs", said("\"\"")),
        ("list_containers", said("[]")),
        ("stop_container", said("null")),
        ("remove_container", said("null")),
    ]
}

/// An argument as it is: JSON.
fn text(input: &Input, name: &str) -> String {
    input.iter().find(|(known, _)| known == name).map_or_else(|| "\"\"".to_owned(), |(_, json)| json.clone())
}

/// Two texts with a colon between them, as JSON.
fn reference(input: &Input, repository: &str, tag: &str) -> String {
    let (repository, tag) = (text(input, repository), text(input, tag));
    format!("{}:{}", repository.trim_end_matches('"'), tag.trim_start_matches('"'))
}
