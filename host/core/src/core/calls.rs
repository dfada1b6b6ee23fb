//! Calls whose upstreams have ended: whether they run, and how each kind begins or, after a crash, goes on.

use super::{Core, ends::Known, timers::Timer};
use crate::journal::{Event, How, Work};
use crate::model::{AttemptId, CallId, CallKind, Failure, FailureKind, Outcome, Payload, Timestamp, Trigger};
use crate::run::{
    CallState,
    trigger::{self, Upstream, Verdict},
};

/// How long a clean-up of a closing run may take where it says nothing. Source: engine.md, section 7.
const CLEAN_UP_MS: u64 = 10 * 60 * 1000;

impl Core {
    pub(super) fn look_at_ready(&mut self) {
        if !self.may_start() {
            return;
        }
        while let Some(id) = self.ready.pop_front() {
            let Some(call) = self.call(id).filter(|call| call.end.is_none()) else { continue };
            match self.verdict_of(call) {
                Verdict::Runs => self.begin_call(id),
                Verdict::Skipped => {
                    self.end_untried(id, Failure::new(FailureKind::Skipped, "an upstream call was skipped"))
                }
                Verdict::Failed => self.end_trigger_failed(id),
                Verdict::Waits if call.answered.is_some() => self.begin_call(id),
                // No attempt has begun, so that no timeout of one runs.
                Verdict::Waits => {}
            }
        }
    }

    /// Whether a call whose upstreams have ended is one that runs.
    pub(super) fn would_run(&self, id: CallId) -> bool {
        self.call(id).is_some_and(|call| match self.verdict_of(call) {
            Verdict::Runs => self.null_not_accepted(call).is_none(),
            Verdict::Waits => call.answered.is_some(),
            Verdict::Skipped | Verdict::Failed => false,
        })
    }

    fn verdict_of(&self, call: &CallState) -> Verdict {
        let options = &call.issued.options;
        let ends =
            call.upstreams.iter().filter_map(|id| self.call(*id)?.end.as_ref()).map(|end| Upstream::of(&end.outcome));
        trigger::verdict(options.trigger.unwrap_or_default(), options.run_if_skipped, ends)
    }

    fn end_trigger_failed(&mut self, id: CallId) {
        let Some(call) = self.call(id) else { return };
        let word = call.issued.options.trigger.unwrap_or_default();
        let failed = call.upstreams.iter().find_map(|id| Some((self.call(*id)?.label(), self.call(*id)?.failed()?)));
        let mut failure = Failure::new(
            FailureKind::TriggerFailed,
            format!("call `{}` did not run: its trigger {word:?} does not hold", call.label()),
        );
        if let Some((label, cause)) = failed {
            failure = failure.because(format!("call `{label}`: {}", cause.message));
        }
        self.end_untried(id, failure);
    }

    /// Begins a call, or goes on with one that an earlier owner had begun: what has been done is in its state.
    fn begin_call(&mut self, id: CallId) {
        let Some(call) = self.call(id) else { return };
        if let Some(refused) = &call.issued.refused {
            let refused = refused.clone();
            return self.end_untried(id, refused);
        }
        if let Some(failure) = self.null_not_accepted(call) {
            return self.end_untried(id, failure);
        }
        if call.is_map() {
            return self.begin_map(id);
        }
        match (&call.issued.kind, call.issued.work) {
            (CallKind::Sleep(ms), _) => {
                let due = self.due_from(call).plus_ms(*ms);
                self.timers.arm(due, Timer::Sleep(id));
            }
            (CallKind::Input { .. }, _) => match &call.answered {
                Some(answer) => {
                    let answer = answer.clone();
                    self.end_call(id, Outcome::Ok(answer), 0, Known::default(), How::Ran);
                }
                None => self.arm_call_timeout(id),
            },
            (_, Work::Child) => self.begin_or_resume_slot(id, None),
            (_, Work::Pure | Work::Granted | Work::Program | Work::Image | Work::Docker) => {
                self.begin_or_resume_slot(id, None)
            }
            (_, Work::Timer | Work::Question) => {}
        }
    }

    /// An upstream without a value gives `null`: only where the parameter takes it.
    fn null_not_accepted(&self, call: &CallState) -> Option<Failure> {
        let CallKind::Task { task, .. } = &call.issued.kind else { return None };
        // Nearly every call has upstreams that all succeeded, and then there is nothing to fill in.
        if call
            .upstreams
            .iter()
            .all(|id| self.call(*id).is_some_and(|call| call.end.as_ref().is_some_and(|end| end.outcome.is_ok())))
        {
            return None;
        }
        let declared = self.catalogue.manifest.task(task)?;
        let missing = self
            .state
            .filled_input(call, None)
            .into_iter()
            .filter(|(_, value)| matches!(value, crate::run::Filled::Missing(_)));
        for (name, _) in missing {
            let parameter = declared.parameters.iter().find(|parameter| parameter.name == name);
            if parameter.is_some_and(|parameter| !super::catalogue::accepts_null(&parameter.schema)) {
                let message = format!(
                    "argument `{name}` of task `{task}` has no value, since the call that it comes from did not succeed, and the parameter takes no null"
                );
                return Some(Failure::new(FailureKind::InvalidInput, message));
            }
        }
        None
    }

    /// When a call could have begun: recorded times, so that a restart does not begin to wait anew.
    pub(super) fn due_from(&self, call: &CallState) -> Timestamp {
        if mutant!("TimerFromNow") {
            return self.now;
        }
        let ends = call.upstreams.iter().filter_map(|id| self.call(*id)?.end.as_ref()).map(|end| end.at);
        ends.fold(call.issued_at, Timestamp::max)
    }

    fn arm_call_timeout(&mut self, id: CallId) {
        let Some(call) = self.call(id) else { return };
        if let Some(due) = self.deadline(call, self.due_from(call)) {
            self.timers.arm(due, Timer::CallTimeout(id));
        }
    }

    pub(super) fn sleep_is_over(&mut self, id: CallId) {
        if self.call(id).is_some_and(|call| call.end.is_none()) {
            self.end_call(id, Outcome::Ok(Payload::null()), 0, Known::default(), How::Ran);
        }
    }

    pub(super) fn call_timed_out(&mut self, id: CallId) {
        let waits = |call: &&CallState| call.end.is_none() && call.answered.is_none();
        let Some(call) = self.call(id).filter(waits) else { return };
        let message = format!(
            "call `{}` had no answer within {} ms",
            call.label(),
            self.attempt_timeout_ms(call).unwrap_or_default()
        );
        self.end_untried(id, Failure::new(FailureKind::TimedOut, message));
    }

    /// The timeout of one attempt: the author's, or, for the clean-up of a run that closes, ours.
    pub(super) fn attempt_timeout_ms(&self, call: &CallState) -> Option<u64> {
        let clean_up = call.issued.options.trigger == Some(Trigger::AllFinished) && self.state.closing.is_some();
        call.issued.options.timeout_ms.or(clean_up.then_some(CLEAN_UP_MS))
    }

    /// When an attempt that began then has taken too long. Clean-up has its time from when the run is closed, if it had begun before.
    pub(super) fn deadline(&self, call: &CallState, began: Timestamp) -> Option<Timestamp> {
        let from = match (call.issued.options.timeout_ms, &self.state.closing) {
            (None, Some((_, closing))) => began.max(*closing),
            _ => began,
        };
        Some(from.plus_ms(self.attempt_timeout_ms(call)?))
    }

    /// Clean-up that has no limit of its own, and had begun before the run was closed, has one from here on.
    pub(super) fn limit_clean_up(&mut self) {
        let attempts =
            self.live.iter().filter(|(_, live)| live.began.is_some()).map(|(slot, live)| (*slot, live.number));
        let children = self.children.iter().map(|(slot, live)| (*slot, live.number));
        let mut begun: Vec<_> = attempts.chain(children).collect();
        begun.sort_unstable();
        for ((call, element), number) in begun {
            let limited = self.call(call).filter(|call| call.issued.options.timeout_ms.is_none());
            if let Some(due) = limited.and_then(|call| self.deadline(call, self.now)) {
                self.timers.arm(due, Timer::AttemptTimeout(AttemptId { call, element, number }));
            }
        }
        for id in 0..self.state.calls.len() as CallId {
            let asks =
                |call: &&CallState| call.end.is_none() && call.pending == 0 && call.issued.work == Work::Question;
            if self.call(id).filter(asks).is_some_and(|call| call.issued.options.timeout_ms.is_none()) {
                self.arm_call_timeout(id);
            }
        }
    }

    pub(super) fn answer(&mut self, id: CallId, value: Payload, request: String) {
        self.record(Event::Answered { call: id, value, request });
        if self.call(id).is_some_and(|call| call.pending == 0) {
            self.ready.push_back(id);
        }
    }
}
