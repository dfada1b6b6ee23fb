//! What crosses: a table, its cells, what is to be made of its columns. `declare.rs` has the same for flows.

use headwater_sdk::prelude::*;
use std::collections::BTreeMap;
use std::fmt::{self, Display};

/// Rows, and the columns in their order.
#[value]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The names of its columns, in order.
    pub columns: Vec<String>,
    /// Its rows: a cell for each column.
    pub rows: Vec<BTreeMap<String, Cell>>,
}

/// One cell.
#[value]
#[derive(Clone, Debug, Default, PartialEq)]
#[serde(untagged)]
pub enum Cell {
    /// Of a column that is no text: there was nothing.
    #[default]
    Nothing,
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// What the cells of a column are.
#[value]
#[derive(Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// As they stand there.
    Text,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Number,
    /// `true` or `false`.
    Boolean,
}

/// What is made of a group's rows.
#[value]
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregation {
    /// How.
    pub op: Op,
    /// Of which column; only `count` needs none.
    #[serde(default)]
    pub column: Option<String>,
    /// What the new column is called: by default operation and column, `sum_amount`.
    #[serde(default)]
    pub name: Option<String>,
}

/// How a group's cells become one. Cells without a value are left out.
#[value]
#[derive(Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    /// How many there are; without a column, how many rows.
    Count,
    /// Their sum: a whole number if all are.
    Sum,
    /// Their mean.
    Mean,
    /// The least of them: numbers, or texts by their letters.
    Min,
    /// The greatest of them.
    Max,
}

/// As it is written into a file.
impl Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Cell::Nothing => Ok(()),
            Cell::Boolean(truth) => truth.fmt(f),
            Cell::Integer(number) => number.fmt(f),
            Cell::Number(number) => number.fmt(f),
            Cell::Text(text) => f.write_str(text),
        }
    }
}

impl Op {
    /// Its name, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Op::Count => "count",
            Op::Sum => "sum",
            Op::Mean => "mean",
            Op::Min => "min",
            Op::Max => "max",
        }
    }
}

impl Kind {
    /// What a cell of it is, in a sentence.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Integer => "whole number",
            Kind::Number => "number",
            Kind::Boolean => "`true` or `false`",
        }
    }
}
