//! From a table to text. Fields are quoted where they must be, lines end with a line feed: the same table gives the same bytes.

use crate::reading;
use crate::table::{Cell, Table};
use crate::wrong::Wrong;
use csv::WriterBuilder;
use headwater_sdk::prelude::*;

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

/// The table as text.
///
/// # Errors
/// Where the options name a column that the table does not have, or a delimiter that is none.
pub fn text(table: &Table, options: &WriteOptions) -> Result<String, Wrong> {
    let columns = if options.columns.is_empty() { &table.columns } else { &options.columns };
    if let Some(name) = columns.iter().find(|name| !table.columns.contains(name)) {
        return Err(Wrong::NoColumn { name: name.clone(), has: table.columns.clone() });
    }
    let mut writer = WriterBuilder::new().delimiter(reading::delimiter(&options.delimiter)?).from_writer(Vec::new());
    let failed = |error: csv::Error| Wrong::Unreadable(error.to_string());
    if options.header {
        writer.write_record(columns).map_err(failed)?;
    }
    for row in &table.rows {
        let cells = columns.iter().map(|name| row.get(name).map(Cell::to_string).unwrap_or_default());
        writer.write_record(cells).map_err(failed)?;
    }
    let bytes = writer.into_inner().map_err(|error| Wrong::Unreadable(error.to_string()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
