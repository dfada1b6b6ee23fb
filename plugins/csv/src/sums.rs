//! Groups of rows made into one row each.

use crate::group;
use crate::table::{Aggregation, Cell, Op, Table};
use crate::wrong::Wrong;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// The new table.
///
/// # Errors
/// Where a column is not there, a name is there twice, or a cell cannot be taken.
pub fn table(table: &Table, group_by: &[String], aggregations: &[Aggregation]) -> Result<Table, Wrong> {
    let mut columns = group_by.to_vec();
    for aggregation in aggregations {
        let name = name(aggregation);
        if columns.contains(&name) {
            return Err(Wrong::Twice(name));
        }
        if let Some(column) = &aggregation.column {
            group::known(table, column)?;
        }
        columns.push(name);
    }
    let mut groups = group::groups(table, group_by)?;
    if groups.is_empty() && group_by.is_empty() {
        groups.push(Vec::new());
    }
    let mut rows = Vec::new();
    for numbers in groups {
        let mut row = BTreeMap::new();
        for column in group_by {
            let first = numbers.first().and_then(|number| table.rows.get(*number));
            row.insert(column.clone(), first.and_then(|row| row.get(column)).cloned().unwrap_or_default());
        }
        for aggregation in aggregations {
            row.insert(name(aggregation), one(table, &numbers, aggregation)?);
        }
        rows.push(row);
    }
    Ok(Table { columns, rows })
}

fn name(aggregation: &Aggregation) -> String {
    let op = aggregation.op.name();
    match (&aggregation.name, &aggregation.column) {
        (Some(name), _) => name.clone(),
        (None, Some(column)) => format!("{op}_{column}"),
        (None, None) => op.to_owned(),
    }
}

/// The one cell of a group.
fn one(table: &Table, numbers: &[usize], aggregation: &Aggregation) -> Result<Cell, Wrong> {
    let op = aggregation.op;
    let column = match (&aggregation.column, op) {
        (Some(column), _) => column,
        (None, Op::Count) => return Ok(Cell::Integer(numbers.len() as i64)),
        (None, _) => return Err(Wrong::Which(op)),
    };
    let cell = |number: &usize| Some((*number, table.rows.get(*number)?.get(column)?));
    let cells: Vec<(usize, &Cell)> =
        numbers.iter().filter_map(cell).filter(|(_, cell)| **cell != Cell::Nothing).collect();
    match op {
        Op::Count => Ok(Cell::Integer(cells.len() as i64)),
        Op::Sum => sum(&cells, column),
        Op::Mean => mean(&cells, column),
        Op::Min => extreme(&cells, column, op, Ordering::Less),
        Op::Max => extreme(&cells, column, op, Ordering::Greater),
    }
}

/// An error of a cell that the operation cannot take.
fn refused(row: usize, column: &str, cell: &Cell, op: Op) -> Wrong {
    Wrong::Cell { row: row + 1, column: column.to_owned(), cell: cell.to_string(), op }
}

fn sum(cells: &[(usize, &Cell)], column: &str) -> Result<Cell, Wrong> {
    let mut whole: i128 = 0;
    for (_, cell) in cells {
        match cell {
            Cell::Integer(number) => whole += i128::from(*number),
            Cell::Nothing | Cell::Boolean(_) | Cell::Number(_) | Cell::Text(_) => {
                return added(cells, column, Op::Sum).map(Cell::Number);
            }
        }
    }
    i64::try_from(whole).map(Cell::Integer).map_err(|_| Wrong::TooLarge { column: column.to_owned() })
}

/// In the order of the rows, so that rounding is the same each time.
fn added(cells: &[(usize, &Cell)], column: &str, op: Op) -> Result<f64, Wrong> {
    let mut all = 0.0;
    for (row, cell) in cells {
        all += number(cell).ok_or_else(|| refused(*row, column, cell, op))?;
    }
    Ok(all)
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Integer(number) => Some(*number as f64),
        Cell::Number(number) => Some(*number),
        Cell::Nothing | Cell::Boolean(_) | Cell::Text(_) => None,
    }
}

fn mean(cells: &[(usize, &Cell)], column: &str) -> Result<Cell, Wrong> {
    let all = added(cells, column, Op::Mean)?;
    Ok(if cells.is_empty() { Cell::Nothing } else { Cell::Number(all / cells.len() as f64) })
}

/// The first of those that no other goes beyond.
fn extreme(cells: &[(usize, &Cell)], column: &str, op: Op, beyond: Ordering) -> Result<Cell, Wrong> {
    let Some(&(_, mut best)) = cells.first() else { return Ok(Cell::Nothing) };
    for (row, cell) in cells {
        match compared(cell, best) {
            None => return Err(refused(*row, column, cell, op)),
            Some(order) if order == beyond => best = cell,
            Some(_) => {}
        }
    }
    Ok(best.clone())
}

fn compared(one: &Cell, other: &Cell) -> Option<Ordering> {
    match (one, other) {
        (Cell::Integer(one), Cell::Integer(other)) => Some(one.cmp(other)),
        (Cell::Text(one), Cell::Text(other)) => Some(one.cmp(other)),
        _ => number(one)?.partial_cmp(&number(other)?),
    }
}
