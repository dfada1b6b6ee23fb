//! How a flow declares the tasks of plugin `csv`: copy this file, or the tasks that you call with their types, into your crate.

use headwater_sdk::prelude::*;
use std::collections::BTreeMap;

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

/// How a file is read.
#[value]
#[derive(Clone, Debug, PartialEq)]
#[serde(default)]
pub struct ReadOptions {
    /// What parts the fields of a line.
    pub delimiter: String,
    /// Whether the first line names the columns.
    pub header: bool,
    /// Names for the columns, in place of the first line's; without either they are `column_1`, `column_2`, …
    pub columns: Vec<String>,
    /// What the cells of a column are; those that are not named here are texts.
    pub types: BTreeMap<String, Kind>,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions { delimiter: ",".to_owned(), header: true, columns: Vec::new(), types: BTreeMap::new() }
    }
}

/// How a table is written.
#[value]
#[derive(Clone, Debug, PartialEq)]
#[serde(default)]
pub struct WriteOptions {
    /// What parts the fields of a line.
    pub delimiter: String,
    /// Whether the first line names the columns.
    pub header: bool,
    /// Which columns, in this order; none: all, as the table has them.
    pub columns: Vec<String>,
}

impl Default for WriteOptions {
    fn default() -> WriteOptions {
        WriteOptions { delimiter: ",".to_owned(), header: true, columns: Vec::new() }
    }
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

/// Reads a table from a text.
#[task(plugin = "csv", name = "parse")]
pub async fn parse_csv(text: String, options: ReadOptions) -> Result<Table>;

/// Reads a table from a file.
#[task(plugin = "csv", name = "parse_file")]
pub async fn parse_csv_file(file: Artifact, options: ReadOptions) -> Result<Table>;

/// Writes a table as a text.
#[task(plugin = "csv", name = "write")]
pub async fn write_csv(table: Table, options: WriteOptions) -> Result<String>;

/// Writes a table as a file of this name.
#[task(plugin = "csv", name = "write_file")]
pub async fn write_csv_file(table: Table, name: String, options: WriteOptions) -> Result<Artifact>;

/// One table for each value of a column.
#[task(plugin = "csv", name = "split")]
pub async fn split_table(table: Table, column: String) -> Result<Vec<Table>>;

/// One row for each group of rows with the same values in the columns `group_by`.
#[task(plugin = "csv")]
pub async fn aggregate(table: Table, group_by: Vec<String>, aggregations: Vec<Aggregation>) -> Result<Table>;
