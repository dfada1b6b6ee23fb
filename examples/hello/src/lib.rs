//! The smallest flow worth the name: a parameter with a default, light tasks, log lines.

use headwater_sdk::prelude::*;

/// What a name looks like.
#[value]
#[derive(Debug, Clone, PartialEq)]
pub struct Shape {
    /// How many letters it has.
    pub letters: u64,
    /// The letters from last to first.
    pub reversed: String,
}

/// Greets.
#[task(retries = 2, retry_delay = "1s", timeout = "30s")]
async fn greet(name: String) -> Result<String> {
    if name.is_empty() {
        return Err(Error::terminal("there is nobody to greet: `name` is empty"));
    }
    println!("greeting {name}");
    Ok(format!("Hello, {name}!"))
}

/// Looks at a name. A task need not be `async`.
#[task]
fn look_at(name: String) -> Result<Shape> {
    log::info!("looking at {name}");
    Ok(Shape { letters: name.chars().count() as u64, reversed: name.chars().rev().collect() })
}

/// Makes one text of what the others found.
#[task]
fn summarise(greeting: String, shape: Shape) -> Result<String> {
    Ok(format!("{greeting} Your name has {} letters and is {} from behind.", shape.letters, shape.reversed))
}

/// Greets somebody, and says something about their name.
#[flow]
async fn hello(#[default("World")] name: String) -> Result<String> {
    log::info!("a flow of three tasks, two of them at once");
    let greeting = greet(&name).submit();
    let shape = look_at(&name).submit();
    let summary = summarise(&greeting, &shape).await?;
    println!("{summary}");
    Ok(summary)
}

headwater_sdk::component!();

#[cfg(test)]
mod tests {
    use super::*;
    use headwater_sdk::testing::Kit;

    #[test]
    fn greets_and_looks() {
        let report = Kit::new().run(hello("Ada"));
        assert_eq!(report.result.unwrap(), "Hello, Ada! Your name has 3 letters and is adA from behind.");
        assert_eq!(report.calls[2].upstreams, [0, 1]);
    }

    #[test]
    fn nobody_is_an_error_that_no_retry_cures() {
        let report = Kit::new().run(hello(""));
        assert_eq!(report.result.unwrap_err().kind(), FailureKind::TriggerFailed);
    }

    #[test]
    fn a_body_alone() {
        assert_eq!(look_at::body("Ada".to_owned()).unwrap(), Shape { letters: 3, reversed: "adA".to_owned() });
    }
}
