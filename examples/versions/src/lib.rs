//! One flow, two plugins, and in each another version of one library, which do not do the same.
//!
//! The flow knows neither of them. Each plugin is a component with dependencies of its own, and one instance of it never meets another's.

use headwater_sdk::prelude::*;

/// Breaks lines as letters were broken before: textwrap 0.11.
#[task(plugin = "wrap_before", name = "wrap")]
async fn wrap_before(text: String, width: u32) -> Result<Vec<String>>;

/// Breaks lines as letters are broken now: textwrap 0.16.
#[task(plugin = "wrap_now", name = "wrap")]
async fn wrap_now(text: String, width: u32) -> Result<Vec<String>>;

/// Both, side by side.
#[task]
fn compare(before: Vec<String>, now: Vec<String>, width: u32) -> Result<Vec<String>> {
    let lines = before.len().max(now.len());
    let line = |lines: &[String], at: usize| lines.get(at).cloned().unwrap_or_default();
    let width = width as usize;
    Ok((0..lines).map(|at| format!("{:width$} | {:width$} |", line(&before, at), line(&now, at))).collect())
}

/// Breaks one text in two ways, and shows both.
#[flow]
async fn versions(
    #[default("To be, or not to be: that is the question")] text: String,
    #[default(10)] width: u32,
) -> Result<Vec<String>> {
    let before = wrap_before(&text, width).submit();
    let now = wrap_now(&text, width).submit();
    let lines = compare(&before, &now, width).await?;
    for line in &lines {
        println!("{line}");
    }
    Ok(lines)
}

headwater_sdk::component!();

#[cfg(test)]
mod tests {
    use super::*;
    use headwater_sdk::testing::Kit;

    #[test]
    fn both_are_shown_side_by_side() {
        let lines = |lines: &[&str]| Ok(lines.iter().map(|&line| line.to_owned()).collect());
        let report = Kit::new()
            .fake(wrap_before::TASK, move |_: (String, u32)| lines(&["one two", "three"]))
            .fake(wrap_now::TASK, move |_: (String, u32)| lines(&["one", "two", "three"]))
            .run(versions("one two three", 8));
        assert_eq!(report.result.unwrap(), ["one two  | one      |", "three    | two      |", "         | three    |"]);
        assert_eq!(report.calls[2].upstreams, [0, 1]);
    }
}
