//! Which examples to try next: first all the plainest ones, then each other one alone, then two others at once.
//!
//! A choice that only a variation leads to is varied within that variation. What changes nothing but a loop's later rounds comes last.

use super::{Choice, Offered, Plan};
use std::collections::{BTreeMap, BTreeSet};

/// How often a flow is driven for one sketch. A drive costs about a millisecond; most flows have fewer choices, and a sketch of one that has
/// more says so.
pub const DRIVES_MAX: usize = 64;

/// The order of what is to be tried: by sort, by how often the same thing was called before, by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    sort: Sort,
    nth: usize,
    age: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sort {
    Value,
    Failure,
    Two,
}

/// What has been tried, and what is left.
#[derive(Debug)]
pub struct Explorer {
    left: BTreeMap<Rank, Plan>,
    known: BTreeSet<Choice>,
    age: usize,
    drives: usize,
}

impl Default for Explorer {
    fn default() -> Explorer {
        let mut explorer = Explorer { left: BTreeMap::new(), known: BTreeSet::new(), age: 0, drives: 0 };
        explorer.push(Sort::Value, 0, Plan::default());
        explorer
    }
}

impl Explorer {
    /// The next drive.
    pub fn next_plan(&mut self) -> Option<Plan> {
        if self.drives >= DRIVES_MAX {
            return None;
        }
        self.drives += 1;
        self.left.pop_first().map(|(_, plan)| plan)
    }

    /// What a drive by this plan offered to choose.
    pub fn learned(&mut self, plan: &Plan, offered: &[Offered]) {
        let fresh: Vec<&Offered> = offered.iter().filter(|offered| self.known.insert(offered.choice.clone())).collect();
        for offered in &fresh {
            for value in 1..offered.values {
                self.push(Sort::Value, offered.choice.nth(), plan.with(&offered.choice, value));
            }
            if offered.fails {
                self.push(Sort::Failure, offered.choice.nth(), plan.with(&offered.choice, offered.values));
            }
        }
        let two =
            fresh.iter().enumerate().flat_map(|(place, one)| fresh.iter().skip(place + 1).map(move |two| (one, two)));
        for (one, two) in two.filter(|(one, two)| one.values > 1 && two.values > 1).take(DRIVES_MAX) {
            self.push(Sort::Two, 0, plan.with(&one.choice, 1).with(&two.choice, 1));
        }
    }

    /// Whether nothing is left to be tried but two changes at once, which nobody expects to be complete.
    pub fn is_complete(&self) -> bool {
        self.left.keys().all(|rank| rank.sort == Sort::Two)
    }

    fn push(&mut self, sort: Sort, nth: usize, plan: Plan) {
        self.age += 1;
        self.left.insert(Rank { sort, nth, age: self.age }, plan);
    }
}

#[cfg(test)]
#[path = "explore_tests.rs"]
mod tests;
