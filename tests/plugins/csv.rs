//! Tables as a flow passes them on.

use crate::machine::run;
use serde_json::json;

const SALES: &str = "region,units\nnorth,3\nsouth,4\nnorth,5\n";

#[test]
fn a_table_is_split_and_summed_up() {
    let options = json!({"types": {"units": "integer"}});
    let parameters =
        [("text", json!(SALES)), ("options", options), ("column", json!("region")), ("of", json!("units"))];
    assert_eq!(run("sums", &parameters).result(), &json!(["region,total\nnorth,8\n", "region,total\nsouth,4\n"]));
}

#[test]
fn a_table_comes_back_from_a_file() {
    let table = json!({"columns": ["z", "a"], "rows": [{"z": "1", "a": "two, three"}, {"z": "", "a": "\"four\""}]});
    assert_eq!(run("tables", &[("table", table.clone())]).result(), &table);
}

#[test]
fn a_file_that_is_none_is_told_by_place() {
    let options = json!({"types": {"units": "integer"}});
    let parameters = [
        ("text", json!("region,units\nnorth,many\n")),
        ("options", options),
        ("column", json!("region")),
        ("of", json!("units")),
    ];
    let words = "line 2, column 2 (`units`): `many` is no whole number";
    assert_eq!(run("sums", &parameters).failure(), ("returned", words));
}
