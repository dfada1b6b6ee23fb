//! From bytes to a table. Nothing is guessed: a field is a text unless its column is said to be something else.

use crate::table::{Cell, Kind, Table};
use crate::wrong::Wrong;
use csv::{ErrorKind, Reader, ReaderBuilder, StringRecord};
use headwater_sdk::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

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

/// The letter that parts fields.
///
/// # Errors
/// Where it is not one, or has another meaning.
pub fn delimiter(text: &str) -> Result<u8, Wrong> {
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r') => Ok(*byte),
        _ => Err(Wrong::Delimiter(text.to_owned())),
    }
}

/// Reads a table.
///
/// # Errors
/// Where the file is not as the options say, with the place.
pub fn table(bytes: &[u8], options: &ReadOptions) -> Result<Table, Wrong> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader =
        ReaderBuilder::new().delimiter(delimiter(&options.delimiter)?).has_headers(options.header).from_reader(bytes);
    let columns = columns(&mut reader, options)?;
    let kinds = kinds(&columns, &options.types)?;
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(wrong)?;
        rows.push(row(&record, &columns, &kinds)?);
    }
    Ok(Table { columns, rows })
}

fn columns(reader: &mut Reader<&[u8]>, options: &ReadOptions) -> Result<Vec<String>, Wrong> {
    // Without a header these are the fields of the first row, which comes again as a row.
    let first = reader.headers().map_err(wrong)?;
    if options.header && first.is_empty() {
        return Err(Wrong::NoHeader);
    }
    let count = first.len();
    let columns: Vec<String> = match (options.columns.as_slice(), options.header) {
        ([], true) => first.iter().map(str::to_owned).collect(),
        ([], false) => (1..=count).map(|number| format!("column_{number}")).collect(),
        (given, _) if given.len() == count || count == 0 => given.to_vec(),
        (given, _) => return Err(Wrong::Fields { line: 1, found: count as u64, expected: given.len() as u64 }),
    };
    let mut seen = BTreeSet::new();
    match columns.iter().find(|name| !seen.insert(*name)) {
        Some(twice) => Err(Wrong::Twice(twice.clone())),
        None => Ok(columns),
    }
}

/// What the cells of each column are.
fn kinds(columns: &[String], types: &BTreeMap<String, Kind>) -> Result<Vec<Kind>, Wrong> {
    if let Some(name) = types.keys().find(|name| !columns.contains(name)) {
        return Err(Wrong::NoColumn { name: name.clone(), has: columns.to_vec() });
    }
    Ok(columns.iter().map(|name| types.get(name).copied().unwrap_or(Kind::Text)).collect())
}

fn row(record: &StringRecord, columns: &[String], kinds: &[Kind]) -> Result<BTreeMap<String, Cell>, Wrong> {
    let fields = record.iter().zip(columns).zip(kinds).enumerate();
    let cell = |(place, ((field, name), kind)): (usize, ((&str, &String), &Kind))| match cell(field, *kind) {
        Some(cell) => Ok((name.clone(), cell)),
        None => Err(Wrong::Kind {
            line: record.position().map_or(0, csv::Position::line),
            column: place + 1,
            name: name.clone(),
            field: field.to_owned(),
            kind: *kind,
        }),
    };
    fields.map(cell).collect()
}

fn cell(field: &str, kind: Kind) -> Option<Cell> {
    let trimmed = field.trim();
    match kind {
        Kind::Text => Some(Cell::Text(field.to_owned())),
        _ if trimmed.is_empty() => Some(Cell::Nothing),
        Kind::Integer => trimmed.parse().ok().map(Cell::Integer),
        // JSON has no words for what is not finite.
        Kind::Number => trimmed.parse().ok().filter(|number: &f64| number.is_finite()).map(Cell::Number),
        Kind::Boolean => trimmed.parse().ok().map(Cell::Boolean),
    }
}

fn wrong(error: csv::Error) -> Wrong {
    let line = error.position().map_or(1, csv::Position::line);
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            Wrong::Fields { line, found: *len, expected: *expected_len }
        }
        ErrorKind::Utf8 { err, .. } => Wrong::NotUtf8 { line, column: err.field() + 1 },
        _ => Wrong::Unreadable(error.to_string()),
    }
}
