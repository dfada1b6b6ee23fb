//! The kit: what a test gives to a flow.

use super::fake::{self, StandIn};
use super::report::Report;
use super::world::World;
use super::{Outcome, operations};
use crate::arg::Value;
use crate::backend::{self, Target};
use crate::call::{Arg, Call, kind, milliseconds};
use crate::def::TaskRef;
use crate::{Error, Result, logging, rt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::rc::Rc;
use std::time::{Duration, SystemTime};

/// What calls answer and how long they take.
///
/// What is not said is the target's own: a task with a body runs it, a flow of this crate runs as a child, both at once. Everything else has
/// to be given. Retries, timeouts, triggers, maps and clean-up go as on a host, in virtual time and without jitter.
#[derive(Default)]
pub struct Kit {
    pub(super) stand_ins: HashMap<String, StandIn>,
    pub(super) answers: Vec<Answer>,
    pub(super) secrets: HashMap<String, String>,
    pub(super) cancelled_at: Option<Duration>,
    begins_at: Option<SystemTime>,
}

/// To a question.
pub(super) struct Answer {
    pub(super) to: String,
    pub(super) after: Duration,
    pub(super) json: String,
}

impl Kit {
    /// Nothing is faked, and everything takes no time.
    pub fn new() -> Kit {
        Kit::default()
    }

    fn stand_in(&mut self, name: &str) -> &mut StandIn {
        self.stand_ins.entry(name.to_owned()).or_default()
    }

    /// What a task, a flow or an operation of a container engine answers: to each attempt, from its arguments as a tuple.
    ///
    /// ```
    /// # use headwater_sdk::{prelude::*, testing::Kit};
    /// #[task(program = ["date", "+%Y", "-d", "{day}"])]
    /// async fn year(day: String) -> Result<u64>;
    ///
    /// #[flow]
    /// async fn next_year(day: String) -> Result<u64> {
    ///     Ok(year(day).await? + 1)
    /// }
    /// # fn main() {
    /// let report = Kit::new()
    ///     .fake(year::TASK, |(day,): (String,)| Ok(day[..4].parse()?))
    ///     .run(next_year("2026-11-24"));
    /// assert_eq!(*report.value(), 2027);
    /// # }
    /// ```
    pub fn fake<A: DeserializeOwned + 'static, R: Value>(
        mut self,
        target: TaskRef<A, R>,
        answer: impl Fn(A) -> Result<R> + 'static,
    ) -> Kit {
        self.stand_in(target.name).answers(fake::typed(target, answer));
        self
    }

    /// What it answers one attempt after the other, whatever the arguments are. When all have been given, the next one fails.
    ///
    /// ```
    /// # use headwater_sdk::{prelude::*, testing::Kit};
    /// # #[task(program = ["uptime"])]
    /// # async fn load() -> Result<f64>;
    /// # #[flow]
    /// # async fn until_idle() -> Result<u64> {
    /// #     let mut looks = 1;
    /// #     while load().await? > 0.5 {
    /// #         sleep(Duration::from_secs(60)).await?;
    /// #         looks += 1;
    /// #     }
    /// #     Ok(looks)
    /// # }
    /// # fn main() {
    /// let report = Kit::new().fake_in_turn(load::TASK, [Ok(2.5), Ok(0.7), Ok(0.1)]).run(until_idle());
    /// assert_eq!(*report.value(), 3);
    /// assert_eq!(report.elapsed, Duration::from_secs(120));
    /// # }
    /// ```
    pub fn fake_in_turn<A, R: Value>(
        mut self,
        target: TaskRef<A, R>,
        answers: impl IntoIterator<Item = Result<R>>,
    ) -> Kit {
        let answers = answers.into_iter().map(fake::json).collect();
        self.stand_in(target.name).answers(fake::in_turn(target.name, answers));
        self
    }

    /// What a call of that name answers; arguments and answer are JSON. For what has no `TASK`.
    pub fn fake_json(mut self, name: &str, answer: impl Fn(&[(String, String)]) -> Result<String> + 'static) -> Kit {
        self.stand_in(name).answers(move |input| answer(input).map_err(|error| *error.0));
        self
    }

    /// Every attempt fails like this.
    pub fn fails<A, R>(self, target: TaskRef<A, R>, error: Error) -> Kit {
        self.fails_first(target, u32::MAX, error)
    }

    /// Of each call (of a map: of each element) the first attempts fail like this; then it is what it is otherwise.
    ///
    /// ```
    /// # use headwater_sdk::{prelude::*, testing::Kit};
    /// #[task(retries = 3, retry_delay = "10s", backoff = 2.0)]
    /// async fn fetch(page: String) -> Result<String> {
    ///     Ok(format!("<h1>{page}</h1>"))
    /// }
    ///
    /// #[flow]
    /// async fn front_page() -> Result<String> {
    ///     fetch("front").await
    /// }
    /// # fn main() {
    /// let report = Kit::new()
    ///     .fails_first(fetch::TASK, 2, Error::new("503"))
    ///     .takes(fetch::TASK, Duration::from_secs(1))
    ///     .run(front_page());
    /// assert_eq!(report.value(), "<h1>front</h1>");
    /// assert_eq!(report.calls[0].attempts, 3);
    /// assert_eq!(report.elapsed, Duration::from_secs(1 + 10 + 1 + 20 + 1));
    /// # }
    /// ```
    pub fn fails_first<A, R>(mut self, target: TaskRef<A, R>, attempts: u32, error: Error) -> Kit {
        self.stand_in(target.name).fails_first(attempts, error);
        self
    }

    /// How long an attempt of a task, of a faked flow or of an operation takes. One that takes longer than its timeout fails then.
    pub fn takes<A, R>(mut self, target: TaskRef<A, R>, length: Duration) -> Kit {
        self.stand_in(target.name).takes(move |_| length);
        self
    }

    /// The same, by its arguments.
    pub fn takes_by<A: DeserializeOwned + 'static, R: 'static>(
        mut self,
        target: TaskRef<A, R>,
        length: impl Fn(A) -> Duration + 'static,
    ) -> Kit {
        self.stand_in(target.name).takes(fake::typed_length(target, length));
        self
    }

    /// The answer to a question: to the one of this prompt, or of this name (`.named(..)`).
    ///
    /// ```
    /// # use headwater_sdk::{prelude::*, testing::Kit};
    /// #[flow]
    /// async fn asks() -> Result<String> {
    ///     let name: String = wait_for_input("who are you?").timeout(Duration::from_secs(60)).await?;
    ///     Ok(format!("hello, {name}"))
    /// }
    /// # fn main() {
    /// assert_eq!(Kit::new().answer("who are you?", "Ada").run(asks()).value(), "hello, Ada");
    /// // Nobody answers, and after a minute the flow is told so.
    /// assert_eq!(Kit::new().run(asks()).error().kind(), FailureKind::TimedOut);
    /// # }
    /// ```
    pub fn answer(self, question: &str, value: impl Serialize) -> Kit {
        self.answer_after(Duration::ZERO, question, value)
    }

    /// The same, given so long after the question was asked.
    pub fn answer_after(mut self, after: Duration, question: &str, value: impl Serialize) -> Kit {
        // What is no JSON fits no type: the flow is told so.
        let json = serde_json::to_string(&value).unwrap_or_else(|error| format!("not JSON: {error}"));
        self.answers.push(Answer { to: question.to_owned(), after, json });
        self
    }

    /// A container engine in which everything works: containers end with exit code 0 and have written nothing. What is faked besides goes
    /// over it, before or after.
    pub fn docker(mut self) -> Kit {
        for (name, answer) in operations::all() {
            let stand_in = self.stand_in(name);
            if !stand_in.has_answer() {
                stand_in.answers(answer);
            }
        }
        self
    }

    /// A secret that was granted, for tasks with a body. Variables are those of the test's process.
    ///
    /// ```
    /// # use headwater_sdk::{prelude::*, testing::Kit};
    /// #[task(secret = "API_TOKEN")]
    /// fn sign(text: String) -> Result<String> {
    ///     Ok(format!("{text}, signed with {} letters", secret("API_TOKEN")?.len()))
    /// }
    ///
    /// #[flow]
    /// async fn signed() -> Result<String> {
    ///     sign("hello").await
    /// }
    /// # fn main() {
    /// assert_eq!(Kit::new().secret("API_TOKEN", "t0ken").run(signed()).value(), "hello, signed with 5 letters");
    /// assert_eq!(Kit::new().run(signed()).error().kind(), FailureKind::NotGranted);
    /// # }
    /// ```
    pub fn secret(mut self, name: &str, value: impl Into<String>) -> Kit {
        self.secrets.insert(name.to_owned(), value.into());
        self
    }

    /// When the run begins, for flows that ask for the time. 1970 unless told otherwise.
    pub fn begins_at(mut self, time: SystemTime) -> Kit {
        self.begins_at = Some(time);
        self
    }

    /// Somebody cancels the run, so long after it began: the flow is told that its calls were cancelled and goes on, and of what it calls from
    /// then on only clean-up (`.trigger(Trigger::AllFinished)`) runs.
    pub fn cancelled_at(mut self, time: Duration) -> Kit {
        self.cancelled_at = Some(time);
        self
    }

    /// In milliseconds since 1970.
    pub(super) fn began_ms(&self) -> u64 {
        let since = self.begins_at.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
        since.map_or(0, milliseconds)
    }

    /// Runs a flow of this crate to its end.
    pub fn run<T: DeserializeOwned>(self, flow: Call<T, kind::Flow>) -> Report<T> {
        logging::install();
        let (name, parameters) = parameters(flow);
        let begins_ms = self.began_ms();
        let world = Rc::new(World::new(Rc::new(self), name.clone(), begins_ms, false));
        let before = backend::install(Some(world.clone()));
        let result: Outcome = world.drive(&name, &parameters);
        let leaf_polls = rt::leaf_polls();
        rt::clear();
        backend::install(before);
        let result = match result {
            Ok(json) => serde_json::from_str(&json).map_err(Error::from),
            Err(failure) => Err(Error(Box::new(failure))),
        };
        world.report(result, leaf_polls)
    }
}

/// The flow's name and the JSON of its parameters.
fn parameters<T>(flow: Call<T, kind::Flow>) -> (String, String) {
    let Some(plan) = flow.into_plan() else { return Default::default() };
    let name = match &plan.target {
        Target::Flow(child) => child.flow.clone(),
        other => other.name().to_owned(),
    };
    let fields: Vec<String> = plan
        .input
        .iter()
        .filter_map(|(name, arg)| match arg {
            Arg::Literal(json) => Some(format!("{name:?}:{json}")),
            Arg::Result(_) | Arg::Results(_) | Arg::Call(_) | Arg::Calls(_) => None,
        })
        .collect();
    (name, format!("{{{}}}", fields.join(",")))
}
