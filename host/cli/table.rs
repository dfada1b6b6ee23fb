//! Tables: with frames on a terminal, plain and aligned in a pipe.

use super::printer::Printer;
use comfy_table::{Table, presets};

/// Prints rows under a heading.
pub(super) fn print(printer: &Printer, heading: &[&str], rows: Vec<Vec<String>>) {
    let mut table = Table::new();
    if printer.is_terminal() {
        table.load_style(presets::UTF8_FULL_CONDENSED);
    } else {
        table.load_style(presets::NOTHING);
    }
    table.set_header(heading.iter().map(|word| word.to_uppercase()));
    table.add_rows(rows);
    for line in table.trim_fmt().lines() {
        // A table without frames begins with the padding of its first cell.
        printer.text(if printer.is_terminal() { line } else { line.strip_prefix(' ').unwrap_or(line) });
    }
}
