//! Rows that belong together: those with the same values in some columns, groups and rows in the order in which they appear.

use crate::table::{Cell, Table};
use crate::wrong::Wrong;
use std::collections::{BTreeMap, HashMap};

type Row = BTreeMap<String, Cell>;

/// Checks that the table has the column.
///
/// # Errors
/// Where it has not.
pub fn known(table: &Table, column: &str) -> Result<(), Wrong> {
    if table.columns.iter().any(|name| name == column) {
        return Ok(());
    }
    Err(Wrong::NoColumn { name: column.to_owned(), has: table.columns.clone() })
}

/// The numbers of the rows of each group.
///
/// # Errors
/// Where the table does not have a column.
pub fn groups(table: &Table, columns: &[String]) -> Result<Vec<Vec<usize>>, Wrong> {
    columns.iter().try_for_each(|column| known(table, column))?;
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut places: HashMap<Vec<String>, usize> = HashMap::new();
    for (number, row) in table.rows.iter().enumerate() {
        let place = *places.entry(columns.iter().map(|column| identity(row, column)).collect()).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(number),
            None => groups.push(vec![number]),
        }
    }
    Ok(groups)
}

/// What tells one value from another: the text `1` from the number.
fn identity(row: &Row, column: &str) -> String {
    match row.get(column) {
        Some(Cell::Text(text)) => format!("\"{text}"),
        Some(other) => other.to_string(),
        None => String::new(),
    }
}

/// One table for each value of the column.
///
/// # Errors
/// Where the table does not have it.
pub fn split(table: Table, column: &str) -> Result<Vec<Table>, Wrong> {
    let groups = groups(&table, &[column.to_owned()])?;
    let mut rows: Vec<Option<Row>> = table.rows.into_iter().map(Some).collect();
    let mut taken = |numbers: Vec<usize>| {
        numbers.into_iter().filter_map(|number| rows.get_mut(number).and_then(Option::take)).collect()
    };
    let columns = &table.columns;
    Ok(groups.into_iter().map(|numbers| Table { columns: columns.clone(), rows: taken(numbers) }).collect())
}
