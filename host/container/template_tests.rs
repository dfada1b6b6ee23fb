//! What is filled in and what is left alone.
//! Commands may hold JSON and awk, so braces alone mean nothing.

use super::*;

#[test]
fn only_known_names_are_filled_in() {
    let values = BTreeMap::from([("title".to_owned(), "a {out} b".to_owned()), ("n".to_owned(), raw(&3.into()))]);
    let template = Template { input: "/i".to_owned(), output: "/o".to_owned(), values };
    assert_eq!(template.fill("-t={title} -n {n} {in}/text {out}/p"), "-t=a {out} b -n 3 /i/text /o/p");
    assert_eq!(template.fill("{print $1} {\"a\": {n}} {unknown} {"), "{print $1} {\"a\": 3} {unknown} {");
}
