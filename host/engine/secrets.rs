//! The secrets of one run: those that it was granted, read when an attempt starts, and masked in all that the run says from its first step on.
//!
//! A value that was set anew while the run went on is known beside the one before. What cannot be read is given to nobody, so nobody says it.

use super::host::Engine;
use crate::secret::{Masker, Secret, Vault};
use headwater_core::{
    core::{AttemptReport, FlowStep, Input},
    journal::Created,
    model::{Failure, FailureKind, Grant, Json, Outcome, Payload, Step},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What the attempts of a run share.
pub(super) struct RunSecrets {
    vault: Vault,
    granted: Vec<String>,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    values: Vec<(String, Secret)>,
    /// None: nothing is known.
    masker: Option<Arc<Masker>>,
}

impl RunSecrets {
    /// Of this run. Most have none, and then nothing is read.
    pub(super) fn of(engine: &Engine, created: &Created) -> Arc<RunSecrets> {
        let names = created.grants.iter().filter_map(|grant| match grant {
            Grant::Secret(name) => Some(name.clone()),
            _ => None,
        });
        let secrets =
            RunSecrets { vault: engine.vault().clone(), granted: names.collect(), known: Mutex::new(Known::default()) };
        for name in &secrets.granted {
            // An attempt that asks for it is told why it cannot be had.
            let _ = secrets.get(name);
        }
        Arc::new(secrets)
    }

    /// Their names.
    pub(super) fn granted(&self) -> &[String] {
        &self.granted
    }

    /// The value as it is set now.
    ///
    /// # Errors
    /// Where it was not granted, or cannot be read.
    pub(super) fn get(&self, name: &str) -> Result<Secret, Failure> {
        if !self.granted.iter().any(|granted| granted == name) {
            let message = format!("the secret `{name}` was not granted: grant it with `--secret {name}`");
            return Err(Failure::new(FailureKind::NotGranted, message));
        }
        let value = self.vault.get(name).map_err(|error| {
            Failure::new(FailureKind::NotGranted, format!("the secret `{name}` cannot be read"))
                .because(error.to_string())
        })?;
        let mut known = self.lock();
        if !known.values.iter().any(|(of, known)| of == name && *known == value) {
            known.values.push((name.to_owned(), value.clone()));
            let values = known.values.iter().map(|(name, value)| (name.as_str(), value));
            known.masker = Some(Arc::new(Masker::new(values)));
        }
        Ok(value)
    }

    /// Knows all that was read so far.
    pub(super) fn masker(&self) -> Option<Arc<Masker>> {
        // Nearly every run has none, and every line comes here.
        if self.granted.is_empty() {
            return None;
        }
        self.lock().masker.clone()
    }

    /// The text as it may be kept and shown.
    pub(super) fn masked(&self, text: String) -> String {
        match self.masker() {
            Some(masker) => masker.masked(text),
            None => text,
        }
    }

    /// Lets a result through that shows no secret.
    ///
    /// # Errors
    /// `InvalidResult`, with the secret's name.
    pub(super) fn check_result(&self, result: &Json, label: &str) -> Result<(), Failure> {
        let masker = self.masker();
        match masker.as_ref().and_then(|masker| masker.shown_in_json(result)) {
            Some(name) => Err(shown(&format!("the result of `{label}`"), name)),
            None => Ok(()),
        }
    }

    /// What happened, as the core may hear it: from there it goes to the journal.
    pub(super) fn mask_input(&self, input: Input) -> Input {
        let Some(masker) = self.masker() else { return input };
        let outcome = |outcome| match outcome {
            Outcome::Err(failure) => Outcome::Err(masker.mask_failure(failure)),
            ok => ok,
        };
        match input {
            Input::AttemptEnded(id, AttemptReport::Ended { outcome: ended, unknown, cacheable }) => {
                Input::AttemptEnded(id, AttemptReport::Ended { outcome: outcome(ended), unknown, cacheable })
            }
            Input::ReplayFailed(failure) => Input::ReplayFailed(masker.mask_failure(failure)),
            Input::ElementsCounted { call, elements } => {
                Input::ElementsCounted { call, elements: elements.map_err(|failure| masker.mask_failure(failure)) }
            }
            Input::ChildEnded { call, element, generation, state, outcome: ended } => {
                Input::ChildEnded { call, element, generation, state, outcome: outcome(ended) }
            }
            Input::Activated(FlowStep::Trapped(failure)) => {
                Input::Activated(FlowStep::Trapped(masker.mask_failure(failure)))
            }
            Input::Activated(FlowStep::Returned { commands, step, looked_at }) => {
                Input::Activated(FlowStep::Returned { commands, step: mask_step(&masker, step), looked_at })
            }
            other => other,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A flow is given no secret. One that was given the pieces of it by its tasks must not return the whole.
fn mask_step(masker: &Masker, step: Step) -> Step {
    match step {
        Step::Completed(Payload::Inline(json)) => match masker.shown_in_json(&json) {
            Some(name) => Step::Failed(shown("the result of the flow", name)),
            None => Step::Completed(Payload::Inline(json)),
        },
        Step::Failed(failure) => Step::Failed(masker.mask_failure(failure)),
        other => other,
    }
}

/// Something that would be kept shows the secret of this name.
pub(super) fn shown(what: &str, name: &str) -> Failure {
    let message = format!("{what} has the secret `{name}` in it: what is kept must not show it");
    Failure::new(FailureKind::InvalidResult, message)
}
