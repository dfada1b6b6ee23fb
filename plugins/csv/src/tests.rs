//! Tables there and back, what is made of them, and what is said of files that are none.

use super::*;
use crate::table::{Cell, Kind, Op};
use std::collections::BTreeMap;

const SALES: &str = "region,units,price,paid\nnorth,3,1.50,true\nsouth,4,,false\nnorth,5,2.25,true\n";

fn typed() -> ReadOptions {
    let types = [("units", Kind::Integer), ("price", Kind::Number), ("paid", Kind::Boolean)];
    ReadOptions { types: types.map(|(name, kind)| (name.to_owned(), kind)).into(), ..ReadOptions::default() }
}

fn read(text: &str, options: ReadOptions) -> Table {
    parse::body(text.to_owned(), options).unwrap()
}

fn said<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    assert!(!error.is_retryable());
    error.to_string()
}

fn told(text: &str, options: ReadOptions) -> String {
    said(parse::body(text.to_owned(), options))
}

fn row<const N: usize>(cells: [(&str, Cell); N]) -> BTreeMap<String, Cell> {
    cells.map(|(name, cell)| (name.to_owned(), cell)).into()
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn made(op: Op, column: &str) -> Aggregation {
    Aggregation { op, column: Some(column.to_owned()), name: None }
}

#[test]
fn cells_are_what_is_said_of_their_column() {
    let table = read(SALES, typed());
    assert_eq!(table.columns, ["region", "units", "price", "paid"]);
    let south = [
        ("region", text("south")),
        ("units", Cell::Integer(4)),
        ("price", Cell::Nothing),
        ("paid", Cell::Boolean(false)),
    ];
    assert_eq!(table.rows[1], row(south));
    assert_eq!(read(SALES, ReadOptions::default()).rows[0]["units"], text("3"));
}

#[test]
fn a_table_comes_back_as_it_went() {
    let odd = "name;said\n\"a;b\";\"two\nlines, \"\"quoted\"\"\"\nGrüße;\n";
    let options = ReadOptions { delimiter: ";".to_owned(), ..ReadOptions::default() };
    let table = read(odd, options.clone());
    assert_eq!(table.rows[0]["said"], text("two\nlines, \"quoted\""));
    let written = WriteOptions { delimiter: ";".to_owned(), ..WriteOptions::default() };
    let again = write::body(table.clone(), written.clone()).unwrap();
    assert_eq!(again, odd);
    let file = write_file::body(table.clone(), "odd.csv".to_owned(), written).unwrap();
    assert_eq!((file.name(), file.media_type()), ("odd.csv", "text/csv"));
    assert_eq!(parse_file::body(file, options).unwrap(), table);
}

#[test]
fn columns_have_names_without_a_header_too() {
    let bare = ReadOptions { header: false, ..ReadOptions::default() };
    assert_eq!(read("1,2\n", bare.clone()).rows, [row([("column_1", text("1")), ("column_2", text("2"))])]);
    let named = ReadOptions { columns: vec!["a".to_owned(), "b".to_owned()], ..bare.clone() };
    assert_eq!(read("1,2\n", named.clone()).rows, [row([("a", text("1")), ("b", text("2"))])]);
    assert_eq!(read("", bare), Table::default());
    assert!(told("1,2,3\n", named).starts_with("line 1 has 3 fields"));
}

#[test]
fn some_columns_in_another_order() {
    let options = WriteOptions {
        columns: vec!["units".to_owned(), "region".to_owned()],
        header: false,
        ..WriteOptions::default()
    };
    let table = read(SALES, typed());
    assert_eq!(write::body(table.clone(), options).unwrap(), "3,north\n4,south\n5,north\n");
    let options = WriteOptions { columns: vec!["colour".to_owned()], ..WriteOptions::default() };
    assert_eq!(
        said(write::body(table, options)),
        "there is no column `colour`: there are `region`, `units`, `price`, `paid`"
    );
}

#[test]
fn a_file_that_is_none_is_told_by_place() {
    assert_eq!(told("a,units\nx,3\ny,many\n", typed_units()), "line 3, column 2 (`units`): `many` is no whole number");
    assert!(
        told("a,b\n1,2\n1,2,3\n", ReadOptions::default()).starts_with("line 3 has 3 fields, and the others have 2")
    );
    assert_eq!(
        told("a,a\n1,2\n", ReadOptions::default()),
        "two columns are named `a`: give other names with `columns`"
    );
    assert!(told("", ReadOptions::default()).starts_with("the file is empty"));
    let wide = ReadOptions { delimiter: ", ".to_owned(), ..ReadOptions::default() };
    assert!(told("a\n", wide).starts_with("`, ` cannot part fields"));
    let bytes = Artifact::write("x.csv", "text/csv", b"a,b\n1,\xff\n").unwrap();
    assert_eq!(said(parse_file::body(bytes, ReadOptions::default())), "line 2, column 2: the field is no UTF-8");
    assert!(told("a\n1\n", typed_units()).starts_with("there is no column `units`"));
    let number = ReadOptions { types: [("a".to_owned(), Kind::Number)].into(), ..ReadOptions::default() };
    assert_eq!(told("a\nNaN\n", number), "line 2, column 1 (`a`): `NaN` is no number");
}

fn typed_units() -> ReadOptions {
    ReadOptions { types: [("units".to_owned(), Kind::Integer)].into(), ..ReadOptions::default() }
}

#[test]
fn a_mark_of_byte_order_is_no_part_of_a_name() {
    assert_eq!(read("\u{feff}a,b\n1,2\n", ReadOptions::default()).columns, ["a", "b"]);
}

#[test]
fn groups_are_summed_up_in_their_order() {
    let all = [made(Op::Sum, "units"), made(Op::Mean, "price"), made(Op::Max, "units"), made(Op::Count, "price")];
    let table = aggregate::body(read(SALES, typed()), vec!["region".to_owned()], all.into()).unwrap();
    assert_eq!(table.columns, ["region", "sum_units", "mean_price", "max_units", "count_price"]);
    let north = [
        ("region", text("north")),
        ("sum_units", Cell::Integer(8)),
        ("mean_price", Cell::Number(1.875)),
        ("max_units", Cell::Integer(5)),
        ("count_price", Cell::Integer(2)),
    ];
    assert_eq!(table.rows[0], row(north));
    assert_eq!((&table.rows[1]["mean_price"], &table.rows[1]["count_price"]), (&Cell::Nothing, &Cell::Integer(0)));
}

#[test]
fn without_groups_there_is_one_row() {
    let count = || Aggregation { op: Op::Count, column: None, name: Some("rows".to_owned()) };
    let all = vec![count(), made(Op::Min, "region"), made(Op::Sum, "price")];
    let table = aggregate::body(read(SALES, typed()), Vec::new(), all).unwrap();
    let expected = [("rows", Cell::Integer(3)), ("min_region", text("north")), ("sum_price", Cell::Number(3.75))];
    assert_eq!(table.rows, [row(expected)]);
    let none = aggregate::body(Table::default(), Vec::new(), vec![count()]).unwrap();
    assert_eq!(none.rows, [row([("rows", Cell::Integer(0))])]);
}

#[test]
fn what_cannot_be_summed_up_is_told() {
    let refused = |aggregation| said(aggregate::body(read(SALES, typed()), Vec::new(), vec![aggregation]));
    assert!(refused(made(Op::Sum, "region")).starts_with("row 1, column `region`: `north` has no sum"));
    assert!(refused(made(Op::Max, "colour")).starts_with("there is no column `colour`"));
    assert_eq!(refused(Aggregation { op: Op::Mean, column: None, name: None }), "`mean` needs a `column`");
    let large = read(&format!("units\n{0}\n{0}\n", i64::MAX), typed_units());
    assert!(said(aggregate::body(large, Vec::new(), vec![made(Op::Sum, "units")])).contains("too large"));
}

#[test]
fn a_table_is_split_by_a_column() {
    let tables = split::body(read(SALES, typed()), "region".to_owned()).unwrap();
    let sizes: Vec<(usize, &Cell)> = tables.iter().map(|table| (table.rows.len(), &table.rows[0]["region"])).collect();
    assert_eq!(sizes, [(2, &text("north")), (1, &text("south"))]);
}

#[test]
fn a_whole_number_and_its_text_are_two_values() {
    let rows = [row([("a", Cell::Integer(1))]), row([("a", text("1"))])];
    let table = Table { columns: vec!["a".to_owned()], rows: rows.into() };
    assert_eq!(split::body(table, "a".to_owned()).unwrap().len(), 2);
}
