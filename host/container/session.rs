//! One owner's talk with one runner: a task of its own that carries orders there and answers back until the runner is gone.
//!
//! What to say and what to believe is the protocol client's; here are the clock and the streams. The runner is known to be gone only from
//! its process, its life or its refusal, never from the end of a stream.

use super::{
    link::{Heard, Link, Pulse},
    running::{Answer, Gone, weight},
};
use crate::runner::protocol::{
    client::{Client, Event},
    message::{Answer as Said, Request},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until},
};

/// Answers that nobody has taken; beyond it the log waits at the engine.
pub(super) const BUFFERED_BYTES_MAX: usize = 4 * 1024 * 1024;
/// The same for attempts that this owner has dropped or not asked for yet: whoever drops one must resume or forget it.
const UNCLAIMED_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The first `hello` is repeated after this, then after twice as long, …
const HELLO_AFTER: Duration = Duration::from_millis(8);
/// … and at most this; also how long an owner that waits for something is idle before it asks.
const IDLE: Duration = Duration::from_secs(1);
/// With nothing outstanding: the runner ends itself when nobody has spoken for long.
const HOURLY: Duration = Duration::from_secs(60 * 60);
/// Acknowledgements are said together.
const FLUSH_AFTER: Duration = Duration::from_millis(20);

/// What a session is told to do.
pub(super) enum Order {
    /// Say this until it is confirmed.
    Ask(String, Box<Request>, Option<oneshot::Sender<()>>),
    /// Send answers to this request here, from this number on.
    Listen(String, u64, mpsc::UnboundedSender<Answer>),
    /// Nobody wants the rest of these answers.
    Forget(String),
    /// This number is durable.
    Acknowledge(u64),
    /// There is room for answers again.
    Wake,
}

/// The way to a session.
#[derive(Clone)]
pub(super) struct Orders(pub mpsc::UnboundedSender<Order>);

impl Orders {
    /// A session that has ended has told everybody so.
    pub fn send(&self, order: Order) {
        let _ = self.0.send(order);
    }
}

/// How the talk stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum State {
    /// Nothing heard yet.
    Connecting,
    /// Heard; what the runner holds, and whether each has ended.
    Greeted(Vec<(String, bool)>),
    /// The engine does not answer; it is asked again.
    Waiting(String),
    /// There is nobody to talk to.
    Gone(Gone),
}

/// Starts a session on an open link: an owner of this epoch, that wants answers from this number on.
pub(super) fn start(link: Link, epoch: u64, from: u64) -> (Orders, watch::Receiver<State>, Arc<AtomicUsize>) {
    // Two owners must differ, not be hard to guess.
    let nonce = getrandom::u64().unwrap_or_else(|_| u64::from(std::process::id()) << 32);
    let client = Client::new(epoch, from, nonce);
    let (orders, receiver) = mpsc::unbounded_channel();
    let (state, watching) = watch::channel(State::Connecting);
    let buffered = Arc::new(AtomicUsize::new(0));
    let session = Session {
        link,
        client,
        state,
        buffered: buffered.clone(),
        routes: HashMap::new(),
        unclaimed: HashMap::new(),
        unclaimed_bytes: 0,
        forgotten: HashSet::new(),
        confirmations: HashMap::new(),
        silent_ticks: 0,
        broken: false,
        gone: None,
    };
    tokio::spawn(session.run(receiver));
    (Orders(orders), watching, buffered)
}

struct Session {
    link: Link,
    client: Client,
    state: watch::Sender<State>,
    buffered: Arc<AtomicUsize>,
    routes: HashMap<String, (u64, mpsc::UnboundedSender<Answer>)>,
    /// Of attempts that this owner has not asked for yet.
    unclaimed: HashMap<String, Vec<Answer>>,
    unclaimed_bytes: usize,
    forgotten: HashSet<String>,
    confirmations: HashMap<String, oneshot::Sender<()>>,
    silent_ticks: u32,
    broken: bool,
    gone: Option<Gone>,
}

enum Turn {
    Order(Option<Order>),
    Heard(Heard),
    Flush,
    Tick,
}

impl Session {
    async fn run(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let mut hello_after = HELLO_AFTER;
        let mut tick = Instant::now();
        let mut flush: Option<Instant> = None;
        while self.gone.is_none() {
            let has_room = self.buffered.load(Ordering::Acquire) < BUFFERED_BYTES_MAX
                && self.unclaimed_bytes < UNCLAIMED_BYTES_MAX;
            let turn = tokio::select! {
                biased;
                order = orders.recv() => Turn::Order(order),
                heard = self.link.hear(), if has_room && !self.broken => Turn::Heard(heard),
                () = sleep_until(flush.unwrap_or(tick)), if flush.is_some() => Turn::Flush,
                () = sleep_until(tick) => Turn::Tick,
            };
            match turn {
                // Nobody holds the place any more. The runner keeps what was not acknowledged.
                Turn::Order(None) => return,
                Turn::Order(Some(order)) => {
                    if matches!(order, Order::Acknowledge(_)) {
                        flush.get_or_insert_with(|| Instant::now() + FLUSH_AFTER);
                    }
                    tick = tick.min(Instant::now() + self.idle());
                    self.obey(order).await;
                }
                Turn::Heard(Heard::Line(line)) => {
                    self.silent_ticks = 0;
                    tick = if self.client.is_greeted() { Instant::now() + self.idle() } else { tick };
                    self.hear(&line).await;
                }
                Turn::Heard(Heard::Broken) => {
                    self.broken = true;
                    tick = tick.min(Instant::now() + hello_after);
                }
                Turn::Flush => {
                    flush = None;
                    if let Some(bytes) = self.client.flush() {
                        self.link.say(&bytes).await;
                    }
                }
                Turn::Tick => {
                    self.tick().await;
                    hello_after = (hello_after * 2).min(IDLE);
                    tick = Instant::now() + if self.client.is_greeted() { self.idle() } else { hello_after };
                }
            }
        }
        self.tell_all(orders);
    }

    fn idle(&self) -> Duration {
        if self.client.is_waiting() || !self.routes.is_empty() { IDLE } else { HOURLY }
    }

    /// Nothing came for a while: ask, and after an unanswered question look at the process and open the streams anew.
    async fn tick(&mut self) {
        if self.broken || (self.silent_ticks > 0 && self.client.is_greeted()) || self.silent_ticks > 8 {
            match self.link.pulse().await {
                Pulse::Alive => {
                    self.link.reopen().await;
                    self.broken = false;
                }
                Pulse::Dead { code: Some(code), out_of_memory } => {
                    self.gone = Some(Gone::Exited { code, out_of_memory })
                }
                Pulse::Dead { code: None, .. } => self.gone = Some(Gone::Removed),
                // Asked again for as long as the place is wanted.
                Pulse::Unknown(why) => drop(self.state.send_replace(State::Waiting(why))),
            }
        }
        self.silent_ticks += 1;
        let bytes = self.client.tick();
        self.link.say(&bytes).await;
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Ask(id, request, confirm) => {
                if let Some(confirm) = confirm {
                    self.confirmations.insert(id.clone(), confirm);
                }
                if let Some(bytes) = self.client.request(&id, &request) {
                    self.link.say(&bytes).await;
                }
            }
            Order::Listen(id, from, answers) => {
                let earlier = self.claim(&id);
                self.routes.insert(id.clone(), (from, answers));
                for answer in earlier {
                    self.route(&id, answer);
                }
            }
            Order::Forget(id) => {
                self.routes.remove(&id);
                for answer in self.claim(&id) {
                    self.skip(&answer);
                }
                self.forgotten.insert(id);
            }
            Order::Acknowledge(number) => {
                if let Some(bytes) = self.client.acknowledge(number) {
                    self.link.say(&bytes).await;
                }
            }
            Order::Wake => {}
        }
    }

    async fn hear(&mut self, line: &[u8]) {
        for event in self.client.receive(line) {
            match event {
                Event::Send(bytes) => self.link.say(&bytes).await,
                Event::Greeted(held) => drop(self.state.send_replace(State::Greeted(held))),
                Event::Taken(id) => {
                    if let Some(confirm) = self.confirmations.remove(&id) {
                        // Whoever asked may have stopped waiting.
                        let _ = confirm.send(());
                    }
                    if self.routes.contains_key(&id) {
                        self.route(&id, Answer::Taken);
                    }
                }
                Event::Answer(number, said) => self.answer(number, said),
                Event::Refused(epoch) => self.gone = Some(Gone::Refused(epoch)),
                Event::Lost => self.gone = Some(Gone::OtherLife),
                Event::Version(version) => self.gone = Some(Gone::Version(version)),
            }
        }
    }

    fn answer(&mut self, number: u64, said: Said) {
        let (id, answer) = match said {
            Said::Line(line) => (line.request.clone(), Answer::Line { number, line }),
            Said::Ended(ended) => (ended.request.clone(), Answer::Ended { number, ended }),
            Said::Failed { request, reason, message } => (request, Answer::Failed { number, reason, message }),
            // These have no number; one that has is not of our making.
            Said::Hello(_) | Said::Taken { .. } | Said::Refused { .. } | Said::Repeated { .. } => return,
        };
        self.route(&id, answer);
    }

    fn route(&mut self, id: &str, answer: Answer) {
        if self.forgotten.contains(id) {
            return self.skip(&answer);
        }
        let last = !matches!(answer, Answer::Taken | Answer::Line { .. });
        match self.routes.get(id) {
            Some((from, _)) if number_of(&answer).is_some_and(|number| number < *from) => self.skip(&answer),
            Some((_, answers)) => {
                let size = weight(&answer);
                self.buffered.fetch_add(size, Ordering::AcqRel);
                if let Err(mpsc::error::SendError(answer)) = answers.send(answer) {
                    // The attempt's reader was dropped: another may come.
                    self.buffered.fetch_sub(size, Ordering::AcqRel);
                    self.routes.remove(id);
                    self.shelve(id, answer);
                } else if last {
                    self.routes.remove(id);
                }
            }
            None => self.shelve(id, answer),
        }
    }

    fn shelve(&mut self, id: &str, answer: Answer) {
        self.unclaimed_bytes += weight(&answer);
        self.unclaimed.entry(id.to_owned()).or_default().push(answer);
    }

    fn claim(&mut self, id: &str) -> Vec<Answer> {
        let answers = self.unclaimed.remove(id).unwrap_or_default();
        self.unclaimed_bytes -= answers.iter().map(weight).sum::<usize>();
        answers
    }

    /// Nobody wants it, so it need not be kept.
    fn skip(&mut self, answer: &Answer) {
        if let Some(number) = number_of(answer) {
            // Said with the next tick.
            let _ = self.client.acknowledge(number);
        }
    }

    fn tell_all(mut self, mut orders: mpsc::UnboundedReceiver<Order>) {
        let gone = self.gone.take().unwrap_or(Gone::Silent);
        self.state.send_replace(State::Gone(gone.clone()));
        orders.close();
        while let Ok(order) = orders.try_recv() {
            if let Order::Listen(_, _, answers) = order {
                let _ = answers.send(Answer::Lost(gone.clone()));
            }
        }
        for (_, (_, answers)) in self.routes.drain() {
            let _ = answers.send(Answer::Lost(gone.clone()));
        }
    }
}

fn number_of(answer: &Answer) -> Option<u64> {
    match answer {
        Answer::Line { number, .. } | Answer::Ended { number, .. } | Answer::Failed { number, .. } => Some(*number),
        Answer::Taken | Answer::Lost(_) => None,
    }
}
