//! Archives as a flow packs and unpacks them; those that would do harm are refused.

use crate::machine::Machine;
use serde_json::json;

#[test]
fn files_come_back_from_each_format() {
    let machine = Machine::new();
    let files = json!([["a.txt", "one"], ["folder/b.txt", "two"]]);
    for (format, media_type) in
        [("tar", "application/x-tar"), ("tar.gz", "application/gzip"), ("zip", "application/zip")]
    {
        let ran = machine.run("archives", json!({"files": files, "format": format}));
        let result = ran.result();
        assert_eq!(result["contents"], files);
        assert_eq!(result["listed"][1], json!({"path": "folder/b.txt", "kind": "file", "size": 3}));
        assert_eq!(result["archive"]["media_type"], media_type);
    }
    let one = json!([["a.txt", "one"]]);
    let ran = machine.run("archives", json!({"files": one, "format": "gzip"}));
    assert_eq!(ran.result()["contents"], one);
}

#[test]
fn what_would_do_harm_is_refused() {
    let machine = Machine::new();
    let ran = machine.run("archives", json!({"files": [["../a", "x"]], "format": "tar"}));
    assert_eq!(ran.failure(), ("returned", "entry `../a` is refused: it leads out of its folder by `..`"));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_link(&mut header, "link", "/etc/passwd").unwrap();
    let ran = machine.run("any_archive", json!({"archive": archive.into_inner().unwrap(), "format": "tar"}));
    assert_eq!(ran.failure(), ("returned", "entry `link` is refused: it is a symbolic link"));
    let ran = machine.run("bombs", json!({"count": 20_u32 << 20, "format": "gzip"}));
    assert!(ran.failure().1.starts_with("the archive unpacks to more than 200 times its size"), "{}", ran.end);
}
