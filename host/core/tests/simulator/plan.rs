//! Random flows as pure data. A plan says what a flow does; `guest` carries it out.

use crate::chance::{Rng, hash, mix};
use headwater_core::model::{OnCrash, Trigger};

/// A part of a flow.
#[derive(Clone, Debug)]
pub enum Node {
    /// Issue a call and wait for it; dropped, it is cancelled.
    Await(CallPlan),
    /// Issue a call; a later part may use its handle.
    Submit(CallPlan),
    /// Wait for a handle.
    WaitFor(u32),
    /// Cancel a handle's call.
    Cancel(u32),
    /// Let the run end without it.
    Detach(u32),
    /// One after the other.
    Seq(Vec<Node>),
    /// All at once, each in its own strand; the first error by position counts.
    Join(Vec<Node>),
    /// All at once; the first error in time drops the others.
    TryJoin(Vec<Node>),
    /// The first to end wins, the others are dropped.
    Select(Vec<Node>),
    /// By what the strand has got so far.
    If(Box<Node>, Box<Node>),
    /// Several times.
    Loop(u32, Box<Node>),
    /// A failure of it is handled.
    Catch(Box<Node>),
    /// What the flow sees as the present time goes into its result.
    Now,
    /// The author's own error.
    Fail,
    /// The flow's code traps after having issued a call in the same activation.
    Trap,
}

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Pure,
    Cached,
    Granted,
    Program,
    Image,
    Docker,
    Sleep(u64),
    Question,
    Child(u32),
}

/// A call as the plan has it.
#[derive(Clone, Debug)]
pub struct CallPlan {
    pub what: What,
    pub literal: u64,
    /// Handles whose results are arguments.
    pub results: Vec<u32>,
    /// They are passed as one array.
    pub gathered: bool,
    /// Handles that only come before.
    pub after: Vec<u32>,
    pub trigger: Option<Trigger>,
    pub run_if_skipped: bool,
    pub retries: u32,
    pub delay_ms: u64,
    pub timeout_ms: Option<u64>,
    pub on_crash: Option<OnCrash>,
    pub tagged: bool,
    /// Of a map: how many elements.
    pub elements: Option<u32>,
    pub max_in_flight: Option<u32>,
    pub settle: bool,
    /// Of a child: a final state is a value.
    pub quiet: bool,
    pub detached: bool,
}

/// A flow with what the operator says about it.
#[derive(Clone, Debug)]
pub struct Flow {
    pub body: Node,
    pub retries: u32,
    pub timeout_ms: Option<u64>,
    pub attempts_max: Option<u32>,
    pub tag_limit: u32,
    pub careful: bool,
    pub fail_percent: u64,
    /// The result depends on the order of ends, on time, or on crashes.
    pub loose: bool,
    /// A failure changes what the flow does besides failing it.
    pub handles: bool,
}

struct Maker {
    rng: Rng,
    depth: u32,
    calls: u32,
    handles: u32,
    strict: bool,
    loose: bool,
    catches: bool,
}

/// The flow of this name in the world of this seed. `depth` is that of its run below the root.
pub fn flow(seed: u64, name: &str, depth: u32) -> Flow {
    let mut rng = Rng::new(mix(seed, hash(name)));
    // Whether whole trees have one result is decided once a seed: half of them can be compared exactly.
    let strict = seed.is_multiple_of(2);
    let fail_percent = if mix(seed, 77).is_multiple_of(3) { 0 } else { rng.between(2, 25) };
    let mut maker =
        Maker { calls: rng.between(2, 14) as u32, rng, depth, handles: 0, strict, loose: !strict, catches: false };
    let body = maker.seq(0);
    let rng = &mut maker.rng;
    Flow {
        retries: if !strict && rng.percent(15) { rng.between(1, 2) as u32 } else { 0 },
        timeout_ms: (!strict && rng.percent(6)).then(|| rng.between(10, 400)),
        attempts_max: rng.percent(40).then(|| rng.between(1, 3) as u32),
        tag_limit: rng.between(1, 2) as u32,
        careful: mix(seed, 5).is_multiple_of(10),
        fail_percent,
        loose: maker.loose,
        handles: maker.catches,
        body,
    }
}

impl Maker {
    fn seq(&mut self, level: u32) -> Node {
        let n = self.rng.between(1, 4);
        Node::Seq((0..n).map(|_| self.node(level + 1)).collect())
    }

    fn branches(&mut self, level: u32) -> Vec<Node> {
        let n = self.rng.between(2, 3);
        let before = self.handles;
        let branch = |maker: &mut Maker| {
            // A branch's own handles are its own: the parent's are shared.
            maker.handles = before;
            maker.seq(level + 1)
        };
        let branches = (0..n).map(|_| branch(self)).collect();
        self.handles = before;
        branches
    }

    fn node(&mut self, level: u32) -> Node {
        if self.calls == 0 || level > 4 {
            return self.leaf();
        }
        match self.rng.below(100) {
            0..=44 => self.leaf(),
            45..=59 => Node::Join(self.branches(level)),
            60..=65 if !self.strict => Node::Select(self.branches(level)),
            66..=70 if !self.strict => Node::TryJoin(self.branches(level)),
            71..=77 => {
                let before = self.handles;
                let yes = self.seq(level + 1);
                self.handles = before;
                let no = self.seq(level + 1);
                self.handles = before;
                Node::If(Box::new(yes), Box::new(no))
            }
            78..=84 => {
                let before = self.handles;
                let body = self.seq(level + 1);
                self.handles = before;
                Node::Loop(self.rng.between(1, 3) as u32, Box::new(body))
            }
            85..=94 => {
                self.catches = true;
                let before = self.handles;
                let body = self.seq(level + 1);
                self.handles = before;
                Node::Catch(Box::new(body))
            }
            _ => self.seq(level + 1),
        }
    }

    fn leaf(&mut self) -> Node {
        match self.rng.below(100) {
            0..=9 if self.handles > 0 => Node::WaitFor(self.handle()),
            10..=13 if self.handles > 0 && !self.strict => Node::Cancel(self.handle()),
            14..=15 if self.handles > 0 && !self.strict => Node::Detach(self.handle()),
            16..=17 if !self.strict => Node::Now,
            18 if self.rng.percent(40) => Node::Fail,
            19 if self.rng.percent(30) => Node::Trap,
            20..=55 => {
                let call = self.call();
                self.handles += 1;
                Node::Submit(call)
            }
            _ => Node::Await(self.call()),
        }
    }

    fn handle(&mut self) -> u32 {
        self.rng.below(u64::from(self.handles)) as u32
    }

    fn some_handles(&mut self, percent: u64) -> Vec<u32> {
        if self.handles == 0 || !self.rng.percent(percent) {
            return Vec::new();
        }
        let n = self.rng.between(1, 2);
        (0..n).map(|_| self.handle()).collect()
    }

    fn what(&mut self) -> What {
        match self.rng.below(100) {
            0..=29 => What::Pure,
            30..=34 => What::Cached,
            35..=46 => What::Granted,
            47..=52 => What::Program,
            53..=69 => What::Image,
            70..=75 => What::Docker,
            76..=83 => What::Sleep(self.rng.between(0, 60)),
            84..=88 => What::Question,
            _ if self.depth < 2 => What::Child(self.rng.below(3) as u32),
            _ => What::Pure,
        }
    }

    fn call(&mut self) -> CallPlan {
        self.calls = self.calls.saturating_sub(1);
        let what = self.what();
        let acts = matches!(what, What::Granted | What::Program | What::Image);
        let code = acts || matches!(what, What::Pure | What::Docker);
        let results = if matches!(what, What::Sleep(_) | What::Question) { vec![] } else { self.some_handles(40) };
        let after = self.some_handles(25);
        let trigger = (!(results.is_empty() && after.is_empty()) && self.rng.percent(35)).then(|| self.trigger());
        let rng = &mut self.rng;
        let tries = code || (!self.strict && matches!(what, What::Child(_)));
        let retries = if tries && rng.percent(35) { rng.between(1, 3) } else { 0 };
        let timeout_ms = (!self.strict && rng.percent(15)).then(|| rng.between(1, 60));
        let on_crash = (!self.strict && acts && rng.percent(30)).then_some(OnCrash::Fail);
        let elements = ((code || matches!(what, What::Child(_))) && rng.percent(14)).then(|| rng.below(6) as u32);
        let settle = elements.is_some() && rng.percent(30);
        let quiet = rng.percent(25) && matches!(what, What::Child(_));
        self.catches |= settle || quiet || trigger.is_some_and(|trigger| trigger != Trigger::AllSuccessful);
        CallPlan {
            what,
            literal: rng.below(1000),
            gathered: rng.percent(30),
            results,
            after,
            trigger,
            run_if_skipped: rng.percent(10),
            retries: retries as u32,
            delay_ms: rng.pick(&[0, 0, 5, 40]),
            timeout_ms,
            on_crash,
            tagged: rng.percent(20),
            elements,
            max_in_flight: (elements.is_some() && rng.percent(50)).then(|| rng.between(1, 2) as u32),
            settle,
            quiet,
            detached: !self.strict && rng.percent(5),
        }
    }

    fn trigger(&mut self) -> Trigger {
        self.rng.pick(&[
            Trigger::AllSuccessful,
            Trigger::AllFailed,
            Trigger::AnySuccessful,
            Trigger::AnyFailed,
            Trigger::AllFinished,
            Trigger::AllFinished,
            Trigger::AllFinished,
            Trigger::NotAllSkipped,
            Trigger::Manual,
        ])
    }
}
