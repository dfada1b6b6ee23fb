//! Tasks on tables: read from comma-separated values and written as such, split, summed up.
//!
//! A table's rows have names for their cells, and the table has the order of its columns. What is wrong with a file is told by line and
//! column; no other attempt would cure it.

mod group;
mod reading;
mod sums;
mod table;
mod writing;
mod wrong;

use headwater_sdk::prelude::*;
use reading::ReadOptions;
use table::{Aggregation, Table};
use writing::WriteOptions;

/// Reads a table from a text.
#[task]
fn parse(text: String, options: ReadOptions) -> Result<Table> {
    Ok(reading::table(text.as_bytes(), &options)?)
}

/// Reads a table from a file.
#[task]
fn parse_file(file: Artifact, options: ReadOptions) -> Result<Table> {
    Ok(reading::table(&file.read()?, &options)?)
}

/// Writes a table as a text.
#[task]
fn write(table: Table, options: WriteOptions) -> Result<String> {
    Ok(writing::text(&table, &options)?)
}

/// Writes a table as a file of this name.
#[task]
fn write_file(table: Table, name: String, options: WriteOptions) -> Result<Artifact> {
    Artifact::write(name, "text/csv", writing::text(&table, &options)?.as_bytes())
}

/// One table for each value of a column, in the order in which the values first appear.
#[task]
fn split(table: Table, column: String) -> Result<Vec<Table>> {
    Ok(group::split(table, &column)?)
}

/// One row for each group of rows with the same values in the columns `group_by`, in the order in which they first appear; without such
/// columns, one row for all.
#[task]
fn aggregate(table: Table, group_by: Vec<String>, aggregations: Vec<Aggregation>) -> Result<Table> {
    Ok(sums::table(&table, &group_by, &aggregations)?)
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
