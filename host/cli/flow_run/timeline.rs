//! A run's calls beside each other in time: a line each, on one scale, from the run's beginning to its end or to now.

use crate::cli::{
    printer::{DIM, Printer},
    words,
};
use headwater_core::{
    graph::{Graph, Node},
    model::Timestamp,
    run::{CallState, RunState},
};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The columns of the scale: with a name and a time they fit a page.
const COLUMNS: u64 = 60;

/// Longer names are cut: whoever wants them whole has the table.
const NAME_MAX: usize = 28;

/// Prints it: `░` a call that waits for others, `█` one that is under way, in the colour of its state.
pub(super) fn print(state: &RunState, now: Timestamp, printer: &Printer) {
    let graph = Graph::of_run(state, now);
    let end = state.ended.as_ref().map_or(now, |(_, at)| *at);
    let scale = Scale { from: state.began_at, ms: end.since_ms(state.began_at).max(1) };
    let name = graph.nodes.iter().map(|node| shown(&node.label).width()).max().unwrap_or_default();
    let ends = words::duration(scale.ms);
    let gap = (COLUMNS as usize).saturating_sub(1 + ends.width());
    printer.text(&format!("{DIM}{:name$}  0{:gap$}{ends}{DIM:#}", "", ""));
    for (node, call) in graph.nodes.iter().zip(&state.calls) {
        printer.text(&line(node, call, &scale, name, now));
    }
}

struct Scale {
    from: Timestamp,
    ms: u64,
}

impl Scale {
    fn column(&self, at: Timestamp) -> usize {
        (at.since_ms(self.from).min(self.ms) * COLUMNS / self.ms) as usize
    }
}

fn line(node: &Node, call: &CallState, scale: &Scale, name: usize, now: Timestamp) -> String {
    let label = shown(&node.label);
    let padding = name.saturating_sub(label.width());
    let issued = scale.column(call.issued_at);
    let ready = scale.column(node.ready_at.unwrap_or(now)).max(issued);
    let ended = scale.column(node.ended_at.unwrap_or(now)).max(ready);
    // However short, a call that began is to be seen.
    let busy = if node.ready_at.is_some() { (ended - ready).max(1) } else { 0 };
    let start = ready.min(COLUMNS as usize - busy.min(COLUMNS as usize));
    let style = node.state.map(words::style).unwrap_or_default();
    let rest = (COLUMNS as usize).saturating_sub(start + busy);
    let took = node.took_ms(now).map(words::duration).unwrap_or_default();
    format!(
        "{label}{:padding$}  {:before$}{DIM}{}{DIM:#}{style}{}{style:#}{:rest$}  {took}",
        "",
        "",
        "░".repeat(start - issued.min(start)),
        "█".repeat(busy),
        "",
        before = issued.min(start),
    )
}

fn shown(label: &str) -> String {
    if label.width() <= NAME_MAX {
        return label.to_owned();
    }
    let mut columns = 1;
    let fits = |letter: &char| {
        columns += letter.width().unwrap_or(0);
        columns <= NAME_MAX
    };
    let mut short: String = label.chars().take_while(fits).collect();
    short.push('…');
    short
}
