//! Rows of any struct as a table: columns once, then a list of cells for each row.

use crate::def::{Args, args};
use crate::{Error, Result};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// As the host reads it.
#[derive(Serialize)]
struct Table<'a> {
    columns: Vec<&'a str>,
    rows: Vec<Vec<Option<&'a RawValue>>>,
}

/// The columns are the fields of all rows, in the order in which they first appear; a row that lacks one has `null` there.
pub(super) fn json<R: Serialize>(rows: impl IntoIterator<Item = R>) -> Result<String> {
    let rows = rows.into_iter().map(|row| serde_json::to_string(&row)).collect::<serde_json::Result<Vec<_>>>()?;
    let rows = rows.iter().enumerate().map(|(at, row)| fields(at, row)).collect::<Result<Vec<_>>>()?;
    let mut places = HashMap::new();
    let mut table = Table { columns: Vec::new(), rows: Vec::with_capacity(rows.len()) };
    for row in &rows {
        let mut cells = vec![None; table.columns.len()];
        for (name, value) in row.fields() {
            let place = *places.entry(name).or_insert_with(|| {
                table.columns.push(name);
                table.columns.len() - 1
            });
            cells.resize(cells.len().max(place + 1), None);
            cells[place] = Some(value);
        }
        table.rows.push(cells);
    }
    let columns = table.columns.len();
    table.rows.iter_mut().for_each(|cells| cells.resize(columns, None));
    Ok(serde_json::to_string(&table)?)
}

fn fields(at: usize, row: &str) -> Result<Args<'_>> {
    args(row).map_err(|_| Error::terminal(format!("row {at} of a table is no struct and no map: `{row}`")))
}
