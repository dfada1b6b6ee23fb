//! Whether a flow asks again for what its journal says it asked for (engine.md, section 4).

use super::{Played, RunState};
use crate::journal::{Issued, IssuedCall};
use crate::model::{CallId, CallKind, Input, Payload, Seen, Trigger};

/// A flow asks for something else than its journal says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nondeterminism in flow `{flow}` at {call}: the journal has {recorded}, the flow asks for {found}")]
pub struct Nondeterminism {
    /// The flow.
    pub flow: String,
    /// Which call, for people.
    pub call: String,
    /// The journal's version of it.
    pub recorded: String,
    /// The flow's version of it.
    pub found: String,
}

/// Whether two arguments are the same for a replay or a retry.
pub(super) trait SameInput {
    /// By content.
    fn same_input(&self, other: &Self) -> bool;
}

impl SameInput for Payload {
    fn same_input(&self, other: &Payload) -> bool {
        // Nearly always the texts are equal: canonical forms are made only where they are not.
        self == other || self.digest() == other.digest()
    }
}

impl SameInput for Input {
    fn same_input(&self, other: &Input) -> bool {
        match (self, other) {
            (Input::Literal(one), Input::Literal(other)) => one.same_input(other),
            _ => self == other,
        }
    }
}

impl RunState {
    /// Compares one replayed activation with the recorded one of this index.
    ///
    /// # Errors
    /// The first difference.
    pub fn check_replay(&self, index: usize, commands: &[Issued], last: bool) -> Result<(), Box<Nondeterminism>> {
        let Some(activation) = self.activations.get(index) else { return Ok(()) };
        let differs = |call: String, recorded: String, found: String| {
            Err(Box::new(Nondeterminism { flow: self.created.flow.clone(), call, recorded, found }))
        };
        for position in 0..activation.played.len().max(commands.len()) {
            let (played, found) = (activation.played.get(position), commands.get(position));
            let same = match (played, found) {
                (Some(Played::Call(id)), Some(Issued::Call(issued))) => {
                    self.call(*id).is_some_and(|call| call.issued.replays_as(issued))
                }
                (Some(Played::Cancel(id)), Some(Issued::Cancel(found)))
                | (Some(Played::Detach(id)), Some(Issued::Detach(found))) => id == found,
                _ => false,
            };
            if !same {
                let place = match (played, found) {
                    (Some(Played::Call(id)), _) => self.described(*id),
                    (_, Some(Issued::Call(issued))) => {
                        format!("call `{}` (key `{}`)", issued.label(), issued.options.key)
                    }
                    _ => format!("command {position} of activation {index}"),
                };
                let recorded =
                    played.map_or_else(|| "no further command".to_owned(), |played| self.played_text(*played));
                let found = found.map_or_else(|| "no further command".to_owned(), |found| self.issued_text(found));
                return differs(place, recorded, found);
            }
        }
        if activation.last != last {
            let word = |last| if last { "a return" } else { "waiting" }.to_owned();
            return differs(format!("the end of activation {index}"), word(activation.last), word(last));
        }
        Ok(())
    }

    fn described(&self, id: CallId) -> String {
        self.call(id).map_or_else(
            || format!("call {id}"),
            |call| format!("call `{}` (number {id}, key `{}`)", call.label(), call.issued.options.key),
        )
    }

    fn played_text(&self, played: Played) -> String {
        match played {
            Played::Call(id) => self.call(id).map(|call| call.issued.to_string()).unwrap_or_default(),
            Played::Cancel(id) => format!("a cancel of {}", self.described(id)),
            Played::Detach(id) => format!("a detach of {}", self.described(id)),
        }
    }

    fn issued_text(&self, issued: &Issued) -> String {
        match issued {
            Issued::Call(issued) => issued.to_string(),
            Issued::Cancel(id) => format!("a cancel of {}", self.described(*id)),
            Issued::Detach(id) => format!("a detach of {}", self.described(*id)),
        }
    }
}

impl IssuedCall {
    /// What people know it by.
    pub fn label(&self) -> &str {
        self.options.name.as_deref().unwrap_or_else(|| self.kind.target_name())
    }

    /// Same kind and target: what a retried run takes over must have been the same thing.
    pub fn same_thing(&self, other: &IssuedCall) -> bool {
        self.work == other.work && self.kind.same_target(&other.kind) && self.target == other.target
    }

    /// Whether a replay may stand for this call: everything that changes a result or an identity is equal, the rest may differ.
    pub fn replays_as(&self, other: &IssuedCall) -> bool {
        let (mine, others) = (&self.options, &other.options);
        let raises = |kind: &CallKind| match kind {
            CallKind::Flow(child) => child.raise_final_state,
            CallKind::WaitForRun { raise_final_state, .. } => *raise_final_state,
            CallKind::Task { .. } | CallKind::Docker(_) | CallKind::Sleep(_) | CallKind::Input { .. } => true,
        };
        let trigger = |trigger: Option<Trigger>| trigger.unwrap_or_default();
        self.same_thing(other)
            && mine.key == others.key
            && trigger(mine.trigger) == trigger(others.trigger)
            && mine.after == others.after
            && mine.each == others.each
            && mine.settle == others.settle
            && mine.run_if_skipped == others.run_if_skipped
            && mine.idempotency_key == others.idempotency_key
            && raises(&self.kind) == raises(&other.kind)
            && self.input.len() == other.input.len()
            && self
                .input
                .iter()
                .zip(&other.input)
                .all(|(one, other)| one.name == other.name && one.value.same_input(&other.value))
    }
}

impl CallKind {
    /// The task, flow or operation.
    pub fn target_name(&self) -> &str {
        match self {
            CallKind::Task { task, .. } => task,
            CallKind::Flow(child) => &child.flow,
            CallKind::Docker(operation) => operation.as_str(),
            CallKind::Sleep(_) => "sleep",
            CallKind::Input { .. } => "wait-for-input",
            CallKind::WaitForRun { .. } => "wait-for-run",
        }
    }

    fn same_target(&self, other: &CallKind) -> bool {
        match (self, other) {
            (CallKind::Task { task: one, .. }, CallKind::Task { task: other, .. }) => one == other,
            (CallKind::Flow(one), CallKind::Flow(other)) => one.flow == other.flow && one.project == other.project,
            (CallKind::Docker(one), CallKind::Docker(other)) => one == other,
            (CallKind::Sleep(one), CallKind::Sleep(other)) => one == other,
            (CallKind::Input { schema: one, .. }, CallKind::Input { schema: other, .. }) => {
                one == other || one.canonical() == other.canonical()
            }
            (CallKind::WaitForRun { run: one, .. }, CallKind::WaitForRun { run: other, .. }) => one == other,
            _ => false,
        }
    }
}

impl std::fmt::Display for IssuedCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sort = match &self.kind {
            CallKind::Task { .. } => "task",
            CallKind::Flow(_) => "flow",
            CallKind::Docker(_) => "docker operation",
            CallKind::Sleep(_) => "timer",
            CallKind::Input { .. } => "question",
            CallKind::WaitForRun { .. } => "flow run",
        };
        write!(f, "{sort} `{}` (key `{}`)", self.kind.target_name(), self.options.key)?;
        if let CallKind::Sleep(ms) = self.kind {
            write!(f, " of {ms} ms")?;
        }
        let arguments: Vec<String> = self.input.iter().map(argument_text).collect();
        if !arguments.is_empty() {
            write!(f, " with {}", arguments.join(", "))?;
        }
        if let Some(target) = &self.target {
            write!(f, " of {}", target.as_str().get(..19).unwrap_or_default())?;
        }
        match (&self.options.seen, self.options.trigger) {
            (Seen::These(_) | Seen::SameAs(_), Some(trigger)) => write!(f, ", trigger {trigger:?}"),
            _ => Ok(()),
        }
    }
}

fn argument_text(argument: &crate::model::Argument) -> String {
    /// So much of a value fits a sentence.
    const VALUE_CHARS_MAX: usize = 80;
    let value = match &argument.value {
        Input::Literal(Payload::Inline(json)) if json.len() <= VALUE_CHARS_MAX => json.to_string(),
        Input::Literal(Payload::Inline(json)) => {
            format!("{}…", json.as_str().chars().take(VALUE_CHARS_MAX).collect::<String>())
        }
        Input::Literal(Payload::Stored { digest, .. }) => digest.to_string(),
        Input::ResultOf(call) => format!("the result of call {call}"),
        Input::ResultsOf(calls) => format!("the results of calls {calls:?}"),
    };
    format!("{} = {value}", argument.name)
}
