//! Tables as a flow passes them on.

use crate::machine::Machine;
use serde_json::json;

#[test]
fn a_table_is_split_and_summed_up() {
    let sums = |text: &str| {
        let options = json!({"types": {"units": "integer"}});
        json!({"text": text, "options": options, "column": "region", "of": "units"})
    };
    let machine = Machine::new();
    let ran = machine.run("sums", sums("region,units\nnorth,3\nsouth,4\nnorth,5\n"));
    assert_eq!(ran.result(), &json!(["region,total\nnorth,8\n", "region,total\nsouth,4\n"]));
    let ran = machine.run("sums", sums("region,units\nnorth,many\n"));
    let words = "line 2, column 2 (`units`): `many` is no whole number";
    assert_eq!(ran.failure(), ("returned", words));
}

#[test]
fn a_table_comes_back_from_a_file() {
    let table = json!({"columns": ["z", "a"], "rows": [{"z": "1", "a": "two, three"}, {"z": "", "a": "\"four\""}]});
    assert_eq!(Machine::new().run("tables", json!({"table": table})).result(), &table);
}
