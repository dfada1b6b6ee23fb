//! From a file of sales to a page about them: read, split by region, summed up for all regions at once, put into a template.
//!
//! The same file gives the same page, byte for byte: there is no clock in it, and rows stay in their order.

use headwater_sdk::prelude::*;

// What a flow says of a plugin's tasks; a crate of its own has a copy of these files.
#[path = "../../../plugins/csv/declare.rs"]
mod csv;
#[path = "../../../plugins/template/declare.rs"]
mod template;

use csv::{Aggregation, Kind, Op, ReadOptions, Table, aggregate, parse_csv_file, split_table};
use template::{Escape, render_file};

const PAGE: &str = include_str!("page.html.jinja");

/// The file of sales, out of the folder that the operator gives.
#[task(dir = "data")]
fn sales() -> Result<Artifact> {
    Artifact::write("sales.csv", "text/csv", &std::fs::read("data/sales.csv")?)
}

/// What the template is given: all regions, and the products of each.
#[task]
fn arrange(title: String, regions: Table, products: Vec<Table>) -> Result<serde_json::Value> {
    let products: Vec<_> = products.into_iter().map(|table| table.rows).collect();
    Ok(serde_json::json!({ "title": title, "regions": regions.rows, "products": products }))
}

fn options() -> ReadOptions {
    let types = [("units", Kind::Integer), ("revenue", Kind::Number)];
    ReadOptions { types: types.map(|(name, kind)| (name.to_owned(), kind)).into(), ..ReadOptions::default() }
}

fn sum_of(column: &str) -> Aggregation {
    Aggregation { op: Op::Sum, column: Some(column.to_owned()), name: Some(column.to_owned()) }
}

/// Makes the page.
#[flow]
async fn report(#[default("Sales of 2025")] title: String) -> Result<Artifact> {
    let sums = vec![sum_of("units"), sum_of("revenue")];
    let table = parse_csv_file(sales(), options()).submit();
    let regions = aggregate(&table, ["region"], &sums).named("regions").submit();
    let parts = split_table(&table, "region").submit();
    let products = aggregate::map(&parts, vec!["region".to_owned(), "product".to_owned()], sums)
        .named("products of each region")
        .submit();
    let context = arrange(title, &regions, &products).submit();
    render_file(PAGE, &context, Escape::Html, "report.html", "text/html").await
}

headwater_sdk::component!();

#[cfg(test)]
mod tests;
