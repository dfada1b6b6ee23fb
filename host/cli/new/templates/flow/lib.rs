//! A flow of two tasks that run at once, and its tests.

use headwater_sdk::prelude::*;

/// A task runs in a sandbox of its own. Each attempt gets a fresh one.
#[task(retries = 3, retry_delay = "1s")]
fn greet(name: String) -> Result<String> {
    if name.is_empty() {
        return Err(Error::terminal("there is nobody to greet: `name` is empty"));
    }
    println!("greeting {name}");
    Ok(format!("Hello, {name}!"))
}

/// Another one.
#[task]
fn count_letters(text: String) -> Result<u64> {
    Ok(text.chars().filter(|c| c.is_alphabetic()).count() as u64)
}

/// A flow calls tasks and other flows. What it awaits is recorded: after a crash it goes on where it was.
#[flow]
async fn hello(#[default("World")] name: String) -> Result<String> {
    let (greeting, letters) = try_join!(greet(&name), count_letters(&name))?;
    Ok(format!("{greeting} Your name has {letters} letters."))
}

headwater_sdk::component!();

#[cfg(test)]
mod tests {
    use super::*;
    use headwater_sdk::testing::Kit;

    #[test]
    fn the_flow_greets_and_counts() {
        let report = Kit::new().run(hello("Ada"));
        assert_eq!(report.value(), "Hello, Ada! Your name has 3 letters.");
        report.assert_calls(["greet", "count_letters"]);
    }

    #[test]
    fn the_flow_with_a_given_answer() {
        let report = Kit::new().fake(count_letters::TASK, |_: (String,)| Ok(99)).run(hello("Ada"));
        assert_eq!(report.value(), "Hello, Ada! Your name has 99 letters.");
    }

    #[test]
    fn the_flow_where_an_attempt_fails() {
        let report = Kit::new().fails_first(greet::TASK, 2, Error::new("busy")).run(hello("Ada"));
        assert_eq!(report.call("greet").attempts, 3);
        // Time is virtual: two delays of a second, in no time.
        assert_eq!(report.elapsed, Duration::from_secs(2));
        assert!(Kit::new().run(hello("")).error().message().starts_with("there is nobody to greet"));
    }

    #[test]
    fn a_task_alone() {
        assert_eq!(count_letters::body("R2-D2".to_owned()).unwrap(), 2);
    }
}
