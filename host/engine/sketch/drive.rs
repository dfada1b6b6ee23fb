//! One drive: a core of its own, an instance of the flow, and an example for whatever is asked for.

use super::{
    super::{error::EngineError, flow_seat},
    values::{Unheard, Values, value_of},
};
use crate::sandbox::{Component, FlowInstance};
use headwater_core::{
    core::{AttemptReport, Catalogue, ChildStart, Core, FlowStep, Input, Output, Request, RequestKind},
    graph::Graph,
    journal::{CONTRACT_VERSION, Created, Limits, Work},
    model::{
        AttemptId, CallId, Failure, FailureKind, FlowDeclaration, Json, Outcome, Payload, RunConfig, RunId, StateName,
        Step, Timestamp, Trigger,
    },
    run::{CallState, RunState},
    sketch::{Choice, Drive, DriveEnd, Names, Offered, Plan, example::examples, image_of, result_schema},
};
use serde_json::{Map, Value};
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};

/// A flow that has made so many calls goes on for ever with these examples, or has a graph that nobody can look at.
const CALLS_MAX: usize = 500;

/// What a drive may cost, elements of maps among it: some hundredths of a second.
const INPUTS_MAX: usize = 20_000;

/// What the flow sees as the time: the same in every sketch.
const BEGINS_AT: Timestamp = Timestamp(946_684_800_000);

/// What came of one drive.
pub(super) struct Driven {
    pub(super) drive: Drive,
    pub(super) offered: Vec<Offered>,
    /// Child flows that were called.
    pub(super) children: HashMap<CallId, Child>,
    /// The flow would have begun anew.
    pub(super) continues: bool,
}

/// A child flow as it was called.
#[derive(Clone)]
pub(super) struct Child {
    pub(super) flow: String,
    pub(super) config: Option<RunConfig>,
    pub(super) parameters: Map<String, Value>,
}

/// What happens next.
enum Next {
    Input(Input),
    Activate(Option<CallId>, Timestamp),
}

/// A drive that goes on.
pub(super) struct Dry {
    core: Core,
    instance: FlowInstance,
    plan: Plan,
    names: Names,
    next: VecDeque<Next>,
    now: Timestamp,
    offered: BTreeMap<CallId, Offered>,
    children: HashMap<CallId, Child>,
    stopped: Option<(Option<CallId>, String)>,
    failed: bool,
    continues: bool,
    ended: bool,
    over_bounds: bool,
    /// How many events the core thinks durable.
    durable: u64,
}

impl Dry {
    pub(super) fn new(
        component: &Component,
        flow: &FlowDeclaration,
        parameters: Map<String, Value>,
        config: RunConfig,
        catalogue: Arc<Catalogue>,
        plan: Plan,
    ) -> Result<Dry, EngineError> {
        let run = RunId::new("sketch");
        let created = Created {
            tree: run.clone(),
            run: run.clone(),
            flow: flow.name.clone(),
            name: "sketch".to_owned(),
            project: flow.project.clone(),
            labels: config.labels.clone(),
            component: component.digest().clone(),
            plugins: BTreeMap::new(),
            external_flows: BTreeMap::new(),
            parameters: Payload::Inline(Json::of(&Value::Object(parameters))),
            config,
            parent: None,
            seed: 0,
            grants: catalogue.granted.clone(),
            dirs: Vec::new(),
            programs: catalogue.programs,
            limits: Limits::default(),
            retry: None,
            timeout_ms: None,
            careful: false,
            contract: CONTRACT_VERSION.to_owned(),
            epoch: 1,
        };
        let illegal = |source| EngineError::Journal { run: run.clone(), source };
        let (core, outputs) = Core::create(created, catalogue, BEGINS_AT).map_err(illegal)?;
        let context = Arc::new(Values { maker: core.state().maker() });
        let instance = component.flow(flow_seat::info(core.state()), context, Arc::new(Unheard));
        let mut dry = Dry {
            core,
            instance,
            plan,
            names: Names::default(),
            next: VecDeque::new(),
            now: BEGINS_AT,
            offered: BTreeMap::new(),
            children: HashMap::new(),
            stopped: None,
            failed: false,
            continues: false,
            ended: false,
            over_bounds: false,
            durable: 0,
        };
        dry.take(outputs);
        Ok(dry)
    }

    /// To the flow's end, or as far as it is worth while.
    pub(super) async fn drive(mut self) -> Result<Driven, EngineError> {
        let mut inputs = 0;
        while !self.ended && inputs < INPUTS_MAX && self.core.state().calls.len() < CALLS_MAX {
            let Some(next) = self.next_one() else { break };
            let outputs = match next {
                Next::Input(input) => self.step(input)?,
                Next::Activate(by, now) => {
                    let step = self.activate(by, now).await;
                    self.step(Input::Activated(step))?
                }
            };
            self.take(outputs);
            inputs += 1;
        }
        self.over_bounds = inputs >= INPUTS_MAX || self.core.state().calls.len() >= CALLS_MAX;
        Ok(self.driven())
    }

    fn step(&mut self, input: Input) -> Result<Vec<Output>, EngineError> {
        let run = self.core.state().created.run.clone();
        self.core.step(input, self.now).map_err(|source| EngineError::Journal { run, source })
    }

    fn driven(mut self) -> Driven {
        let state = self.core.state();
        let mut graph = Graph::of_run(state, self.now);
        for (node, call) in graph.nodes.iter_mut().zip(&state.calls) {
            node.image = image_of(&self.core.catalogue().manifest, &call.issued.kind);
        }
        let names = self.names.of(state).to_vec();
        let end = match (self.ended, self.stopped) {
            (_, Some((by, message))) => DriveEnd::Stopped(by, message),
            (false, None) if self.over_bounds => DriveEnd::Endless,
            (_, None) => DriveEnd::Returned,
        };
        Driven {
            drive: Drive { plan: self.plan, failed: self.failed, graph, names, end },
            offered: self.offered.into_values().collect(),
            children: self.children,
            continues: self.continues,
        }
    }
}

/// What the core wants, and the answers to it.
impl Dry {
    fn take(&mut self, outputs: Vec<Output>) {
        for output in outputs {
            match output {
                Output::Activate { by, now } => self.next.push_front(Next::Activate(by, now)),
                Output::Start(attempt) | Output::Adopt(attempt) => {
                    let outcome = self.outcome(attempt.id.call);
                    self.answer(attempt.id, outcome);
                }
                Output::StartChild(start) => self.child(*start),
                Output::AskCache { call, element, .. } => self.push(Input::CacheAnswered { call, element, hit: None }),
                Output::AskIntent(attempt) => {
                    let (call, element) = (attempt.id.call, attempt.id.element);
                    self.push(Input::IntentKnown { call, element, note: None });
                }
                Output::AskSlots { call, element, .. } => self.push(Input::SlotsGranted { call, element }),
                Output::CountElements { call, .. } => self.push(Input::ElementsCounted { call, elements: Ok(1) }),
                Output::ClearAway { .. } => self.push(Input::Cleared),
                Output::Ended { .. } | Output::Halted(_) => self.ended = true,
                Output::Append(_)
                | Output::Took(_)
                | Output::Forget
                | Output::Stop { .. }
                | Output::FillCache { .. }
                | Output::MakePlace { .. }
                | Output::UseEngine { .. }
                | Output::FreeSlots { .. }
                | Output::TellChild { .. } => {}
            }
        }
    }

    fn push(&mut self, input: Input) {
        self.next.push_back(Next::Input(input));
    }

    fn answer(&mut self, attempt: AttemptId, outcome: Outcome) {
        let report = AttemptReport::Ended { outcome, unknown: false, cacheable: false };
        self.push(Input::AttemptEnded(attempt, report));
    }

    /// What is under way first, then what waits for a person, then time.
    fn next_one(&mut self) -> Option<Next> {
        if let Some(next) = self.next.pop_front() {
            return Some(next);
        }
        let state = self.core.state();
        if state.next > self.durable {
            self.durable = state.next;
            return Some(Next::Input(Input::Durable(self.durable)));
        }
        if let Some(call) = waits_for_a_person(state) {
            let value = match self.outcome(call) {
                Outcome::Ok(value) => value,
                Outcome::Err(_) => Payload::null(),
            };
            let kind = RequestKind::Answer { call, value };
            return Some(Next::Input(Input::Request(Request { id: format!("sketch {call}"), kind })));
        }
        self.now = self.core.wake_at()?.max(self.now);
        Some(Next::Input(Input::Tick))
    }

    async fn activate(&mut self, by: Option<CallId>, now: Timestamp) -> FlowStep {
        let state = self.core.state();
        let activation = match by {
            None => self.instance.start(&state.created.flow, &state.parameters, now).await,
            Some(call) => self.instance.resume(call, flow_seat::delivered(state, call), now).await,
        };
        let step = match activation.ended {
            Ok(Step::ContinueAsNew(_)) => {
                self.continues = true;
                Step::Completed(Payload::null())
            }
            Ok(Step::Failed(failure)) => {
                self.stopped = Some((by, failure.message.clone()));
                Step::Failed(failure)
            }
            Ok(step @ (Step::Waiting | Step::Completed(_))) => step,
            Err(failure) => {
                self.stopped = Some((by, failure.message.clone()));
                return FlowStep::Trapped(failure);
            }
        };
        FlowStep::Returned { commands: activation.commands, step, looked_at: activation.looked_at }
    }

    /// The end that the plan has for a call, and what else there was to choose.
    fn outcome(&mut self, call: CallId) -> Outcome {
        let state = self.core.state();
        let (Some(name), Some(called)) =
            (self.names.of(state).get(call as usize).cloned(), state.call(call).map(|call| call.issued.clone()))
        else {
            return Outcome::Ok(Payload::null());
        };
        let schema = result_schema(&self.core.catalogue().manifest, &called.kind).unwrap_or(Value::Null);
        let values = examples(&schema);
        let choice = Choice::Call(name);
        let chosen = self.plan.of(&choice);
        let fails = called.work != Work::Question;
        self.offered.entry(call).or_insert(Offered { choice, values: values.len(), fails });
        match values.get(chosen) {
            Some(value) => Outcome::Ok(Payload::Inline(Json::of(value))),
            None => {
                self.failed = true;
                let message = "the sketch looks at what becomes of the flow when this fails";
                Outcome::Err(Failure { retryable: false, ..Failure::new(FailureKind::Returned, message) })
            }
        }
    }

    fn child(&mut self, start: ChildStart) {
        let ChildStart { call, element, generation, child, parameters, .. } = start;
        let outcome = self.outcome(call);
        let state = if outcome.is_ok() { StateName::Completed } else { StateName::Failed }.into();
        self.children.entry(call).or_insert_with(|| Child {
            flow: child.flow,
            config: child.config,
            parameters: parameters.iter().map(|(name, value)| (name.clone(), value_of(value))).collect(),
        });
        self.push(Input::ChildEnded { call, element, generation, state, outcome });
    }
}

/// The first call that waits for an answer or for a word.
fn waits_for_a_person(state: &RunState) -> Option<CallId> {
    let waits = |call: &CallState| {
        call.end.is_none()
            && call.pending == 0
            && call.answered.is_none()
            && (call.issued.work == Work::Question || call.issued.options.trigger == Some(Trigger::Manual))
    };
    state.calls.iter().position(waits).and_then(|place| CallId::try_from(place).ok())
}
