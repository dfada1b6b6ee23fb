//! Templates as a flow fills them.

use crate::machine::run;
use serde_json::json;

#[test]
fn a_template_becomes_text_and_file() {
    let context = json!({"rows": [{"name": "R&D", "n": 2.5}]});
    let template = "{% for row in rows %}<td>{{ row.name }}</td><td>{{ '%.2f'|format(row.n) }}</td>{% endfor %}";
    let ran = run("fill", &[("template", json!(template)), ("context", context), ("escape", json!("html"))]);
    let page = "<td>R&amp;D</td><td>2.50</td>";
    assert_eq!(ran.result()[0], page);
    let file = &ran.result()[1];
    assert_eq!(
        (&file["name"], &file["media_type"], &file["size"]),
        (&json!("page.html"), &json!("text/html"), &json!(page.len()))
    );
}

#[test]
fn what_is_not_there_is_told_by_line() {
    let ran = run("fill", &[("template", json!("a\n{{ b }}")), ("context", json!({})), ("escape", json!("none"))]);
    assert_eq!(ran.failure(), ("returned", "the template, line 2: `b` is undefined, in `{{ b }}`"));
}
