//! Archives as a flow packs and unpacks them; those that would do harm are refused.

use crate::machine::run;
use serde_json::json;

#[test]
fn files_come_back_from_each_format() {
    let files = json!([["a.txt", "one"], ["folder/b.txt", "two"]]);
    for (format, media_type) in
        [("tar", "application/x-tar"), ("tar.gz", "application/gzip"), ("zip", "application/zip")]
    {
        let ran = run("archives", &[("files", files.clone()), ("format", json!(format))]);
        let result = ran.result();
        assert_eq!(result["contents"], files);
        assert_eq!(result["listed"][1], json!({"path": "folder/b.txt", "kind": "file", "size": 3}));
        assert_eq!(result["archive"]["media_type"], media_type);
        let again = run("archives", &[("files", files.clone()), ("format", json!(format))]);
        assert_eq!(again.result()["archive"], result["archive"]);
    }
    let one = json!([["a.txt", "one"]]);
    let ran = run("archives", &[("files", one.clone()), ("format", json!("gzip"))]);
    assert_eq!(ran.result()["contents"], one);
}

#[test]
fn a_name_that_leads_elsewhere_is_refused() {
    let ran = run("archives", &[("files", json!([["../a", "x"]])), ("format", json!("tar"))]);
    let words = "entry `../a` is refused: it leads out of its folder by `..`";
    assert_eq!(ran.failure(), ("returned", words));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_link(&mut header, "link", "/etc/passwd").unwrap();
    let bytes = archive.into_inner().unwrap();
    let ran = run("any_archive", &[("archive", json!(bytes)), ("format", json!("tar"))]);
    assert_eq!(ran.failure(), ("returned", "entry `link` is refused: it is a symbolic link"));
}

#[test]
fn a_bomb_is_refused() {
    let ran = run("bombs", &[("count", json!(20_u32 << 20)), ("format", json!("gzip"))]);
    assert!(ran.failure().1.starts_with("the archive unpacks to more than 200 times its size"), "{}", ran.end);
}
