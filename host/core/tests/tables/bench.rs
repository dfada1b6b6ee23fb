//! One run in virtual time, driven by hand: calls in, lines of text out. The disk is as fast as memory here, unless a test says otherwise.

use crate::calls::{catalogue, json};
use headwater_core::core::{AttemptReport, CacheHit, Core, FlowStep, Input, Output, Request, RequestKind};
use headwater_core::journal::{CONTRACT_VERSION, Created, Event, Record};
use headwater_core::model::{
    AttemptId, CallId, Command, Digest, Element, Failure, FailureKind, Outcome, Payload, RunConfig, RunId, State, Step,
    Timestamp,
};
use headwater_core::run::RunState;

/// Milliseconds at which every bench begins.
const BEGIN: u64 = 1_000_000;

pub struct Bench {
    pub core: Core,
    pub journal: Vec<Record>,
    pub now: u64,
    lines: Vec<String>,
    activating: Option<(Option<CallId>, Timestamp)>,
    live: Vec<AttemptId>,
    slots: usize,
    requests: u32,
    /// Nothing is durable before the test says so.
    pub slow_disk: bool,
    /// What the place of the next attempt says of when it began.
    pub began: Option<Timestamp>,
    /// The cache has everything.
    pub hit: bool,
    /// Attempts that were started, in order, as `key#number`.
    pub started: Vec<String>,
    /// Idempotency keys of started attempts.
    pub keys: Vec<(String, String)>,
}

impl Bench {
    pub fn new() -> Bench {
        Bench::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut Created)) -> Bench {
        let mut created = created();
        change(&mut created);
        let (core, outputs) = Core::create(created, catalogue(), Timestamp(BEGIN)).unwrap();
        let mut bench = Bench::around(core, vec![]);
        bench.take(outputs);
        bench.durable();
        bench
    }

    /// A run of which so much was durable, taken over.
    pub fn of(journal: &[Record]) -> Bench {
        let core = Core::load(journal, catalogue()).unwrap();
        let mut bench = Bench::around(core, journal.to_vec());
        bench.take_over(false);
        bench
    }

    fn around(core: Core, journal: Vec<Record>) -> Bench {
        Bench {
            core,
            journal,
            now: BEGIN,
            lines: vec![],
            activating: None,
            live: vec![],
            slots: 0,
            requests: 0,
            slow_disk: false,
            began: None,
            hit: false,
            started: vec![],
            keys: vec![],
        }
    }

    pub fn step(&mut self, input: Input) {
        let outputs = self.core.step(input, Timestamp(self.now)).unwrap();
        self.take(outputs);
        self.durable();
    }

    /// The disk has everything that was recorded, and what follows from that.
    pub fn disk(&mut self) {
        let slow = std::mem::replace(&mut self.slow_disk, false);
        self.durable();
        self.slow_disk = slow;
    }

    fn durable(&mut self) {
        assert_eq!(RunState::fold(&self.journal).as_ref(), Ok(self.core.state()));
        while !self.slow_disk {
            let before = self.journal.len();
            let outputs = self.core.step(Input::Durable(before as u64), Timestamp(self.now)).unwrap();
            self.take(outputs);
            if self.journal.len() == before {
                break;
            }
        }
    }

    /// The flow answers the present activation with these calls, and waits.
    pub fn calls(&mut self, calls: impl IntoIterator<Item = crate::calls::Call>) {
        let commands = calls.into_iter().map(|call| Command::Call(Box::new(call.0))).collect();
        self.returns(commands, Step::Waiting, vec![]);
    }

    pub fn returns(&mut self, commands: Vec<Command>, step: Step, looked_at: Vec<CallId>) {
        assert!(self.activating.take().is_some(), "no activation is under way");
        self.step(Input::Activated(FlowStep::Returned { commands, step, looked_at }));
    }

    /// The flow sees every end that there is, looks at all failures, and goes on waiting.
    pub fn waits(&mut self) {
        while let Some((by, _)) = self.activating {
            let failed = by.filter(|id| self.core.state().call(*id).is_some_and(|call| call.failed().is_some()));
            self.returns(vec![], Step::Waiting, failed.into_iter().collect());
        }
    }

    /// The same, but it looks at no failure.
    pub fn waits_blindly(&mut self) {
        while self.activating.is_some() {
            self.returns(vec![], Step::Waiting, vec![]);
        }
    }

    pub fn completes(&mut self) {
        self.returns(vec![], Step::Completed(json("1")), vec![]);
    }

    /// The flow passes on the failure of this call.
    pub fn fails_by(&mut self, call: CallId) {
        let failure = self.core.state().call(call).unwrap().failed().unwrap().clone();
        self.returns(vec![], Step::Failed(failure), vec![call]);
    }

    pub fn seen_now(&self) -> u64 {
        self.activating.unwrap().1.0 - BEGIN
    }

    pub fn is_activating(&self) -> bool {
        self.activating.is_some()
    }

    pub fn ends(&mut self, key: &str, outcome: Outcome) {
        self.report(key, AttemptReport::Ended { outcome, unknown: false, cacheable: true });
    }

    pub fn ends_unknown(&mut self, key: &str, kind: FailureKind) {
        let outcome = Outcome::Err(Failure::new(kind, format!("{} in the dark", kind.as_str())));
        self.report(key, AttemptReport::Ended { outcome, unknown: true, cacheable: false });
    }

    pub fn stopped(&mut self, key: &str) {
        self.report(key, AttemptReport::Stopped);
    }

    fn report(&mut self, key: &str, report: AttemptReport) {
        let position = self.live.iter().position(|attempt| self.slot(attempt.call, attempt.element) == key);
        let attempt = self.live.remove(position.unwrap_or_else(|| panic!("`{key}` does not run: {:?}", self.started)));
        self.step(Input::AttemptEnded(attempt, report));
    }

    pub fn child_ends(&mut self, key: &str, generation: u32, outcome: Outcome) {
        let call = self.id(key);
        let state = State::of(&outcome);
        self.step(Input::ChildEnded { call, element: None, generation, state, outcome });
    }

    pub fn runs(&self, key: &str) -> bool {
        self.live.iter().any(|attempt| self.slot(attempt.call, attempt.element) == key)
    }

    /// Time passes, moment by moment.
    pub fn after(&mut self, ms: u64) {
        let until = self.now + ms;
        while let Some(wake) = self.core.wake_at().filter(|wake| wake.0 <= until) {
            self.now = self.now.max(wake.0);
            self.step(Input::Tick);
        }
        self.now = until;
        self.step(Input::Tick);
    }

    pub fn request(&mut self, kind: RequestKind) {
        self.requests += 1;
        let id = format!("request-{}", self.requests);
        self.step(Input::Request(Request { id, kind }));
    }

    pub fn retry(&mut self, again: &[&str]) {
        let again = again.iter().map(|key| (*key).to_owned()).collect();
        self.request(RequestKind::Retry { component: None, again });
    }

    pub fn answer(&mut self, key: &str, value: &str) {
        let call = self.id(key);
        self.request(RequestKind::Answer { call, value: json(value) });
    }

    /// The owner dies and another one takes over.
    pub fn dies(&mut self) {
        self.core = Core::load(&self.journal, catalogue()).unwrap();
        (self.activating, self.slots) = (None, 0);
        self.live.clear();
        self.take_over(false);
    }

    pub fn take_over(&mut self, by_person: bool) {
        let epoch = self.core.state().epoch + 1;
        self.step(Input::TookOver { epoch, by_person });
    }

    pub fn id(&self, key: &str) -> CallId {
        let calls = &self.core.state().calls;
        calls.iter().position(|call| call.issued.options.key == key).unwrap_or_else(|| panic!("no call `{key}`"))
            as CallId
    }

    pub fn slot(&self, call: CallId, element: Element) -> String {
        let key = self.core.state().call(call).map_or("?", |call| call.issued.options.key.as_str());
        element.map_or(key.to_owned(), |element| format!("{key}[{element}]"))
    }

    /// What happened since the last look, as lines `milliseconds what`.
    pub fn text(&mut self) -> String {
        std::mem::take(&mut self.lines).join("\n")
    }

    /// Compares what happened since the last look, line by line.
    #[track_caller]
    pub fn shows(&mut self, expected: &str) {
        let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let found = self.text();
        let found: Vec<&str> = found.lines().collect();
        assert!(found == expected, "expected:\n{}\nfound:\n{}\n", expected.join("\n"), found.join("\n"));
    }

    fn take(&mut self, outputs: Vec<Output>) {
        let mut inputs = Vec::new();
        for output in outputs {
            match output {
                Output::Append(record) => self.appended(record),
                Output::Activate { by, now } => {
                    self.activating = Some((by, now));
                    let what = by.map_or("the flow starts".to_owned(), |call| {
                        format!("the flow sees {}", self.slot(call, None))
                    });
                    self.line(what);
                }
                Output::Forget => self.activating = None,
                Output::AskIntent(attempt) => {
                    let (call, element) = (attempt.id.call, attempt.id.element);
                    inputs.push(Input::IntentKnown { call, element, note: None });
                }
                Output::MakePlace { kind, number } => self.line(format!("place {kind:?} {number} may be made")),
                Output::UseEngine { server } => {
                    self.line(format!("{} may be used", server.as_deref().unwrap_or("the engine")));
                }
                Output::ClearAway { engines } => {
                    let at = |engine: &Option<String>| engine.clone().unwrap_or_else(|| "the engine".to_owned());
                    let at: Vec<String> = engines.iter().map(at).collect();
                    self.line(format!("is to be cleared away at {}", at.join(", ")));
                }
                Output::Start(attempt) | Output::Adopt(attempt) => {
                    let id = attempt.id;
                    let known = self.core.state().call(id.call).and_then(|call| call.slot(id.element)?.open.clone());
                    let adopted = known.is_some_and(|open| open.started_at.0 < self.now) && attempt.work.acts();
                    let name = format!("{}#{}", self.slot(id.call, id.element), id.number);
                    self.line(format!("{name} {}", if adopted { "is looked for" } else { "starts" }));
                    self.live.push(id);
                    self.keys.push((name.clone(), attempt.idempotency_key.clone()));
                    self.started.push(name);
                    inputs.push(Input::Began(id, self.began.take()));
                }
                Output::Stop { attempt, why } => {
                    let name = self.slot(attempt.call, attempt.element);
                    self.line(format!("{name}#{} is stopped, {}", attempt.number, why.failure_kind().as_str()));
                }
                Output::StartChild(start) => {
                    let name = self.slot(start.call, start.element);
                    self.line(format!("{name} asks for generation {} of its child", start.generation));
                }
                Output::TellChild { call, element, order, .. } => {
                    let name = self.slot(call, element);
                    self.line(format!("{name} tells its child to {}", format!("{order:?}").to_lowercase()));
                }
                Output::AskSlots { call, element, .. } => {
                    self.slots += 1;
                    inputs.push(Input::SlotsGranted { call, element });
                }
                Output::FreeSlots { .. } => self.slots -= 1,
                Output::AskCache { call, element, .. } => {
                    let hit = self.hit.then(|| CacheHit { value: json("1"), from: "earlier".to_owned() });
                    inputs.push(Input::CacheAnswered { call, element, hit });
                }
                Output::Took(reply) => {
                    if let Err(failure) = reply.result {
                        self.line(format!("refused: {failure}"));
                    }
                }
                Output::Halted(failure) => self.line(format!("halts: {failure}")),
                Output::FillCache { .. } | Output::CountElements { .. } | Output::Ended { .. } => {}
            }
        }
        for input in inputs {
            self.step(input);
        }
    }

    fn appended(&mut self, record: Record) {
        self.journal.push(record.clone());
        match record.event {
            Event::AttemptsEnded { ends } => {
                for end in ends {
                    let name = self.slot(end.attempt.call, end.attempt.element);
                    let more = if end.last { "" } else { ", tries again" };
                    self.line(format!("{name}#{} {}{more}", end.attempt.number, outcome_text(&end.outcome)));
                }
            }
            Event::CallEnded(ended) => {
                let how = match ended.how {
                    headwater_core::journal::How::TakenOver(_) => ", taken over",
                    headwater_core::journal::How::Cached(_) => ", cached",
                    headwater_core::journal::How::Ran => "",
                };
                let name = self.slot(ended.call, None);
                self.line(format!("{name} ends {}{how}", outcome_text(&ended.outcome)));
            }
            Event::Closing { why } => {
                let why = format!("{why:?}");
                let word = why.split('(').next().unwrap_or_default().to_lowercase();
                self.line(format!("closes, {word}"));
            }
            Event::Forced { .. } => self.line("is stopped by force".to_owned()),
            Event::Retried(retried) => self.line(format!("generation {}", retried.generation)),
            Event::Ended(ended) => {
                let name = State::of(&ended.outcome).name;
                self.line(format!("the run ends {name:?}, {}", outcome_text(&ended.outcome)));
            }
            _ => {}
        }
    }

    fn line(&mut self, what: String) {
        self.lines.push(format!("{} {what}", self.now - BEGIN));
    }
}

fn outcome_text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Ok(Payload::Inline(json)) => format!("ok {json}"),
        Outcome::Ok(Payload::Stored { digest, .. }) => format!("ok {digest}"),
        Outcome::Err(failure) => format!("{}: {}", failure.kind.as_str(), failure.message),
    }
}

fn created() -> Created {
    let run = RunId::new("run");
    Created {
        tree: run.clone(),
        run,
        flow: "f".into(),
        name: "brave-otter".into(),
        project: None,
        labels: vec![],
        component: Digest::of(b"component"),
        plugins: Default::default(),
        external_flows: Default::default(),
        parameters: json("{}"),
        config: RunConfig::default(),
        parent: None,
        seed: 1,
        grants: vec![],
        dirs: vec![],
        programs: true,
        limits: Default::default(),
        retry: None,
        timeout_ms: None,
        careful: false,
        contract: CONTRACT_VERSION.into(),
        epoch: 1,
    }
}
