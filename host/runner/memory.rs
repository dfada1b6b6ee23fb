//! Whether the kernel killed something for want of memory.

use std::fs;

/// Where version 2 and version 1 of control groups count it, seen from inside a container.
const COUNTERS: [&str; 2] = ["/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"];

/// How often it has happened in this container; 0 where nothing tells.
pub(super) fn kills() -> u64 {
    COUNTERS.iter().find_map(|path| parse(&fs::read_to_string(path).ok()?)).unwrap_or(0)
}

fn parse(text: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse().ok())
}
