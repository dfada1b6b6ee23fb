//! The interface `calls`: what a flow asks for, and the ends that it was given.
//!
//! Commands pile up here until the activation has returned. A wrong number, or a result that was not delivered, stops the flow with a sentence.

use super::{
    contract::headwater::flow::{calls as wit, types},
    convert,
    flow::{Delivered, FlowRole},
    guest::Guest,
    json, limits,
};
use headwater_core::model::{
    Argument, CallId, CallKind, CallSpec, Command, Failure, FailureKind, Input, Json, Outcome, Payload, Timestamp,
};
use std::collections::HashMap;

/// The functions of the interface: a task that calls one is told that they belong to flows.
pub(super) const FUNCTIONS: [&str; 14] = [
    "run-task",
    "run-flow",
    "wait-for-run",
    "flow-run-id",
    "docker",
    "sleep",
    "wait-for-input",
    "cancel",
    "detach",
    "result-of",
    "element-of",
    "elements-of",
    "now",
    "this-run",
];

/// What this instance has asked for and what it was given.
#[derive(Default)]
pub(super) struct Commands {
    commands: Vec<Command>,
    /// Of the arguments among them.
    bytes: usize,
    looked_at: Vec<CallId>,
    issued: CallId,
    /// The calls of child flow runs: their ids are asked for later.
    children: HashMap<CallId, CallSpec>,
    ends: HashMap<CallId, Delivered>,
}

impl Commands {
    /// The end of a call that was issued.
    pub(super) fn deliver(&mut self, call: CallId, end: Delivered) -> Result<(), Failure> {
        self.known(call)?;
        self.ends.insert(call, end);
        Ok(())
    }

    /// What the activation asked for, and whose failures it looked at.
    pub(super) fn take(&mut self) -> (Vec<Command>, Vec<CallId>) {
        self.bytes = 0;
        (std::mem::take(&mut self.commands), std::mem::take(&mut self.looked_at))
    }

    fn push(&mut self, command: Command) -> Result<(), Failure> {
        if self.commands.len() >= limits::COMMANDS_MAX {
            let message =
                format!("one activation of the flow asked for more than {} things at once", limits::COMMANDS_MAX);
            return Err(Failure::new(FailureKind::LimitExceeded, message));
        }
        self.commands.push(command);
        Ok(())
    }

    fn issue(&mut self, spec: CallSpec) -> Result<CallId, Failure> {
        let call = self.issued;
        self.bytes += spec.input.iter().map(size).sum::<usize>();
        if self.bytes > limits::COMMAND_BYTES_MAX {
            let message =
                format!("one activation of the flow passed more than {} bytes of arguments", limits::COMMAND_BYTES_MAX);
            return Err(Failure::new(FailureKind::LimitExceeded, message));
        }
        if matches!(spec.kind, CallKind::Flow(_)) {
            self.children.insert(call, spec.clone());
        }
        self.push(Command::Call(Box::new(spec)))?;
        self.issued += 1;
        Ok(call)
    }

    fn known(&self, call: CallId) -> Result<(), Failure> {
        if call < self.issued {
            return Ok(());
        }
        Err(Failure::new(
            FailureKind::Panicked,
            format!("the flow speaks of call {call}, and it has issued {}", self.issued),
        ))
    }

    fn end(&self, call: CallId) -> Result<&Delivered, Failure> {
        self.known(call)?;
        let missing = || {
            Failure::new(
                FailureKind::Panicked,
                format!("the flow asks for the result of call {call}, which it was not given"),
            )
        };
        self.ends.get(&call).ok_or_else(missing)
    }

    fn elements(&self, call: CallId) -> Result<&[Outcome], Failure> {
        match self.end(call)? {
            Delivered::Map { elements, .. } => Ok(elements),
            Delivered::One(_) => Err(Failure::new(
                FailureKind::Panicked,
                format!("the flow asks for elements of call {call}, which is no map"),
            )),
        }
    }
}

fn size(argument: &Argument) -> usize {
    match &argument.value {
        Input::Literal(Payload::Inline(json)) => json.len(),
        Input::Literal(Payload::Stored { .. }) | Input::ResultOf(_) => 0,
        Input::ResultsOf(calls) => calls.len() * size_of::<CallId>(),
    }
}

type Answer = wasmtime::Result<Result<String, types::Failure>>;

impl Guest<FlowRole> {
    fn issue(
        &mut self,
        kind: CallKind,
        input: Vec<types::Argument>,
        options: types::CallOptions,
    ) -> wasmtime::Result<CallId> {
        let input = input.into_iter().map(|argument| self.argument(argument)).collect::<Result<_, Failure>>()?;
        let spec = CallSpec { kind, input, options: convert::options(options)? };
        Ok(self.role.commands.issue(spec)?)
    }

    fn argument(&self, argument: types::Argument) -> Result<Argument, Failure> {
        let types::Argument { name, value } = argument;
        let value = match value {
            types::Value::Literal(text) => {
                let json = json::check(text, FailureKind::InvalidInput, format_args!("the argument `{name}`"))?;
                Input::Literal(self.role.context.put(json)?)
            }
            types::Value::ResultOf(call) => {
                self.role.commands.known(call)?;
                Input::ResultOf(call)
            }
            types::Value::ResultsOf(calls) => {
                calls.iter().try_for_each(|&call| self.role.commands.known(call))?;
                Input::ResultsOf(calls)
            }
        };
        Ok(Argument { name, value })
    }

    /// The value of an outcome; asking for a failure is looking at it.
    fn outcome(&mut self, call: CallId, outcome: &Outcome) -> Answer {
        match outcome {
            Outcome::Ok(payload) => Ok(Ok(self.text(payload)?)),
            Outcome::Err(failure) => {
                self.role.commands.looked_at.push(call);
                Ok(Err(convert::to_guest(failure.clone())))
            }
        }
    }

    fn text(&self, payload: &Payload) -> Result<String, Failure> {
        match payload {
            Payload::Inline(json) => Ok(json.as_str().to_owned()),
            Payload::Stored { .. } => Ok(self.role.context.get(payload)?.as_ref().to_owned()),
        }
    }

    /// The result of a map as one array: of values, or where it is settled of `{"ok": value}` and `{"err": failure}`.
    fn array(&self, elements: &[Outcome], settle: bool) -> Result<String, Failure> {
        let mut array = String::from("[");
        for outcome in elements {
            if array.len() > 1 {
                array.push(',');
            }
            let (name, value) = match outcome {
                Outcome::Ok(payload) => ("ok", self.text(payload)?),
                Outcome::Err(failure) => ("err", failure_json(failure)?),
            };
            if settle {
                array.extend(["{\"", name, "\":", &value, "}"]);
            } else {
                array.push_str(&value);
            }
            if array.len() > limits::VALUE_BYTES_MAX {
                let message = format!(
                    "the results of the map have more than {} bytes together: ask for single elements",
                    limits::VALUE_BYTES_MAX
                );
                return Err(Failure::new(FailureKind::LimitExceeded, message));
            }
        }
        array.push(']');
        Ok(array)
    }
}

fn failure_json(failure: &Failure) -> Result<String, Failure> {
    serde_json::to_string(failure)
        .map_err(|error| Failure::new(FailureKind::Panicked, format!("a failure cannot be written as JSON: {error}")))
}

impl wit::Host for Guest<FlowRole> {
    fn run_task(
        &mut self,
        task: String,
        instead: Option<wit::Instead>,
        input: Vec<types::Argument>,
        options: types::CallOptions,
    ) -> wasmtime::Result<CallId> {
        let instead = instead.map(convert::instead).transpose()?;
        self.issue(CallKind::Task { task, instead }, input, options)
    }

    fn run_flow(
        &mut self,
        child: wit::Child,
        parameters: Vec<types::Argument>,
        options: types::CallOptions,
    ) -> wasmtime::Result<CallId> {
        let child = convert::child(child)?;
        self.issue(CallKind::Flow(child), parameters, options)
    }

    fn wait_for_run(
        &mut self,
        run: String,
        stream_logs: bool,
        raise_final_state: bool,
        options: types::CallOptions,
    ) -> wasmtime::Result<CallId> {
        self.issue(CallKind::WaitForRun { run, stream_logs, raise_final_state }, Vec::new(), options)
    }

    fn flow_run_id(&mut self, call: CallId, element: Option<u32>) -> wasmtime::Result<String> {
        self.role.commands.known(call)?;
        let Some(spec) = self.role.commands.children.get(&call) else {
            return Err(Failure::new(
                FailureKind::Panicked,
                format!("call {call} is no child flow run and has no run id"),
            )
            .into());
        };
        Ok(self.role.context.child_id(spec, element).as_str().to_owned())
    }

    fn docker(
        &mut self,
        operation: wit::DockerOperation,
        input: Vec<types::Argument>,
        options: types::CallOptions,
    ) -> wasmtime::Result<CallId> {
        self.issue(CallKind::Docker(convert::docker_operation(operation)), input, options)
    }

    fn sleep(&mut self, duration: u64, options: types::CallOptions) -> wasmtime::Result<CallId> {
        self.issue(CallKind::Sleep(duration), Vec::new(), options)
    }

    fn wait_for_input(
        &mut self,
        prompt: String,
        schema: String,
        options: types::CallOptions,
    ) -> wasmtime::Result<CallId> {
        let schema: Json = json::check(schema, FailureKind::InvalidInput, "the schema of the input")?;
        self.issue(CallKind::Input { prompt, schema }, Vec::new(), options)
    }

    fn cancel(&mut self, call: CallId) -> wasmtime::Result<()> {
        let commands = &mut self.role.commands;
        commands.known(call)?;
        commands.looked_at.push(call);
        Ok(commands.push(Command::Cancel(call))?)
    }

    fn detach(&mut self, call: CallId) -> wasmtime::Result<()> {
        self.role.commands.known(call)?;
        Ok(self.role.commands.push(Command::Detach(call))?)
    }

    fn result_of(&mut self, call: CallId) -> Answer {
        let (elements, settle) = match self.role.commands.end(call)?.clone() {
            Delivered::One(outcome) => return self.outcome(call, &outcome),
            Delivered::Map { failure: Some(failure), .. } => return self.outcome(call, &Outcome::Err(failure)),
            Delivered::Map { elements, settle, failure: None } => (elements, settle),
        };
        Ok(Ok(self.array(&elements, settle)?))
    }

    fn element_of(&mut self, call: CallId, element: u32) -> Answer {
        let elements = self.role.commands.elements(call)?;
        let Some(outcome) = elements.get(element as usize).cloned() else {
            let message = format!("the flow asks for element {element} of call {call}, which has {}", elements.len());
            return Err(Failure::new(FailureKind::Panicked, message).into());
        };
        self.outcome(call, &outcome)
    }

    fn elements_of(&mut self, call: CallId) -> wasmtime::Result<u32> {
        Ok(u32::try_from(self.role.commands.elements(call)?.len())?)
    }

    fn now(&mut self) -> wasmtime::Result<u64> {
        let Timestamp(now) = self.role.now;
        Ok(now)
    }

    fn this_run(&mut self) -> wasmtime::Result<wit::FlowRun> {
        let run = &self.role.run;
        Ok(wit::FlowRun {
            id: run.id.as_str().to_owned(),
            name: run.name.clone(),
            flow: run.flow.clone(),
            project: run.project.clone(),
            parent: run.parent.as_ref().map(|parent| parent.as_str().to_owned()),
            labels: run.labels.clone(),
            seed: run.seed,
        })
    }
}
