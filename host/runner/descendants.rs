//! All that an attempt has started and that still lives.
//!
//! As sub-reaper the runner is the parent of every orphan. An orphan belongs to the attempt whose mark is in its environment, or whose
//! group or session it is in; what is below it belongs with it. One that has thrown its mark away belongs to the attempt that is alone.

use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

/// The mark: every program of an attempt has it in its environment.
pub(super) const MARK: &str = "HEADWATER_RUNNER_ATTEMPT";

struct Process {
    parent: i32,
    group: i32,
    session: i32,
}

/// Whether the runner has a child beside those it knows: only then are there orphans. True where the kernel does not tell.
pub(super) fn has_orphans(known: &BTreeSet<i32>) -> bool {
    match fs::read_to_string(format!("/proc/self/task/{}/children", std::process::id())) {
        Ok(children) => children.split_whitespace().filter_map(|pid| pid.parse().ok()).any(|pid| !known.contains(&pid)),
        Err(_) => true,
    }
}

/// Whose processes are looked for.
pub(super) struct Attempt<'a> {
    /// Its program.
    pub root: i32,
    /// The program has been reaped: its number may be another's.
    pub reaped: bool,
    pub id: &'a str,
    /// There is no other attempt.
    pub alone: bool,
}

/// The living processes of an attempt, but for its program.
pub(super) fn of_attempt(attempt: &Attempt<'_>) -> Vec<Pid> {
    let Attempt { root, reaped, id, alone } = *attempt;
    let processes = living();
    let mark = format!("{MARK}={id}");
    let own = i32::try_from(std::process::id()).unwrap_or(1);
    let mut found: BTreeSet<i32> = processes
        .iter()
        .filter(|(pid, process)| {
            process.group == root
                || process.session == root
                || (process.parent == own && (alone || is_marked(**pid, &mark)))
        })
        .map(|(pid, _)| *pid)
        .collect();
    if !reaped {
        found.insert(root);
    }
    add_descendants(&mut found, &processes);
    found.into_iter().filter(|pid| *pid != root && processes.contains_key(pid)).filter_map(Pid::from_raw).collect()
}

/// Everything below this process.
pub(super) fn below_self() -> Vec<Pid> {
    let own = i32::try_from(std::process::id()).unwrap_or(1);
    let mut found = BTreeSet::from([own]);
    add_descendants(&mut found, &living());
    found.remove(&own);
    found.into_iter().filter_map(Pid::from_raw).collect()
}

fn add_descendants(found: &mut BTreeSet<i32>, processes: &BTreeMap<i32, Process>) {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for (pid, process) in processes {
        children.entry(process.parent).or_default().push(*pid);
    }
    let mut open: Vec<i32> = found.iter().copied().collect();
    while let Some(pid) = open.pop() {
        for child in children.get(&pid).into_iter().flatten() {
            if found.insert(*child) {
                open.push(*child);
            }
        }
    }
}

/// Sends a signal to each; one that has gone is what was wanted.
pub(super) fn signal(processes: &[Pid], signal: Signal) {
    for pid in processes {
        let _ = kill_process(*pid, signal);
    }
}

fn living() -> BTreeMap<i32, Process> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid: i32 = entry.file_name().to_str()?.parse().ok()?;
            Some((pid, parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?))
        })
        .collect()
}

/// A line of `stat`; none for a process that has ended and only waits to be reaped.
fn parse(stat: &str) -> Option<Process> {
    // The name stands in brackets and may hold anything.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?;
    let mut number = || fields.next()?.parse().ok();
    let process = Process { parent: number()?, group: number()?, session: number()? };
    (!matches!(state, "Z" | "X")).then_some(process)
}

fn is_marked(pid: i32, mark: &str) -> bool {
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|environment| environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes()))
}
