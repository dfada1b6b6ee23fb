//! The `log` facade, hooked to the run's log. No filter of level here: the host numbers every line before it filters.

use crate::backend;
use crate::bindings::headwater::flow::logging::Level as Wire;
use log::{Level, Log, Metadata, Record};

struct RunLog;

impl Log for RunLog {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let level = match record.level() {
            Level::Trace => Wire::Trace,
            Level::Debug => Wire::Debug,
            Level::Info => Wire::Info,
            Level::Warn => Wire::Warn,
            Level::Error => Wire::Error,
        };
        match record.args().as_str() {
            Some(text) => backend::log(level, record.target(), text),
            None => backend::log(level, record.target(), &record.args().to_string()),
        }
    }

    fn flush(&self) {}
}

/// Hooks the facade up, unless somebody else has.
pub(crate) fn install() {
    if log::set_logger(&RunLog).is_ok() {
        log::set_max_level(log::LevelFilter::Trace);
    }
}
