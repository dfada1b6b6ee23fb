//! Templates as a flow fills them.

use crate::machine::Machine;
use serde_json::json;

#[test]
fn a_template_becomes_text_and_file() {
    let machine = Machine::new();
    let context = json!({"rows": [{"name": "R&D", "n": 2.5}]});
    let template = "{% for row in rows %}<td>{{ row.name }}</td><td>{{ '%.2f'|format(row.n) }}</td>{% endfor %}";
    let ran = machine.run("fill", json!({"template": template, "context": context, "escape": "html"}));
    let page = "<td>R&amp;D</td><td>2.50</td>";
    assert_eq!(ran.result()[0], page);
    let file = &ran.result()[1];
    let expected = (&json!("page.html"), &json!("text/html"), &json!(page.len()));
    assert_eq!((&file["name"], &file["media_type"], &file["size"]), expected);
    let ran = machine.run("fill", json!({"template": "a\n{{ b }}", "context": {}, "escape": "none"}));
    assert_eq!(ran.failure(), ("returned", "the template, line 2: `b` is undefined, in `{{ b }}`"));
}
