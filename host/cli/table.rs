//! Tables: with frames on a terminal, plain and aligned in a pipe. One that is long comes in parts, so that nobody waits for its end.

use super::printer::Printer;
use comfy_table::{ColumnConstraint, Table, Width, presets};

/// Prints rows under a heading.
pub(super) fn print(printer: &Printer, heading: &[&str], rows: Vec<Vec<String>>) {
    let mut listing = Listing::new(printer, heading);
    listing.rows(rows);
    listing.finish();
}

/// A table in parts. Its columns only grow, so that one part stands under the other.
pub(super) struct Listing<'a> {
    printer: &'a Printer,
    heading: Vec<String>,
    /// Of the widest contents so far; none: nothing was printed.
    widths: Option<Vec<u16>>,
    /// The last line of the frame, which the next part has no use for.
    bottom: Option<String>,
}

impl<'a> Listing<'a> {
    pub(super) fn new(printer: &'a Printer, heading: &[&str]) -> Listing<'a> {
        let heading = heading.iter().map(|word| word.to_uppercase()).collect();
        Listing { printer, heading, widths: None, bottom: None }
    }

    /// The next part.
    pub(super) fn rows(&mut self, rows: Vec<Vec<String>>) {
        let framed = self.printer.is_terminal();
        let mut table = Table::new();
        table.load_style(if framed { presets::UTF8_FULL_CONDENSED } else { presets::NOTHING });
        if self.widths.is_none() {
            table.set_header(self.heading.clone());
        }
        table.add_rows(rows);
        let known = self.widths.take().unwrap_or_default();
        let widths: Vec<u16> = table.column_max_content_widths();
        let widest =
            widths.iter().enumerate().map(|(at, width)| known.get(at).copied().unwrap_or_default().max(*width));
        let widths: Vec<u16> = widest.collect();
        let with_padding = |width: &u16| ColumnConstraint::LowerBoundary(Width::Fixed(width.saturating_add(2)));
        table.set_constraints(widths.iter().map(with_padding));
        let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        if framed && !known.is_empty() && !lines.is_empty() {
            lines.remove(0);
        }
        if framed {
            self.bottom = lines.pop();
        }
        for line in &lines {
            // A table without frames begins with the padding of its first cell.
            self.printer.text(if framed { line } else { line.strip_prefix(' ').unwrap_or(line) });
        }
        self.widths = Some(widths);
    }

    /// Its end.
    pub(super) fn finish(self) {
        if let Some(bottom) = self.bottom {
            self.printer.text(&bottom);
        }
    }
}
