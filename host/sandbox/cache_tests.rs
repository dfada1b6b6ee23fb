//! A folder of others is refused; damaged files are as good as none.

use super::*;
use std::os::unix::fs::PermissionsExt as _;

fn digest() -> Digest {
    Digest::of(b"component")
}

#[test]
fn a_folder_that_others_may_write_is_refused_with_the_remedy() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o775)).unwrap();
    let error = Cache::open(folder.path(), &Engine::default()).err().unwrap();
    assert!(matches!(error, SandboxError::CacheFolderOpen { .. }));
    assert!(
        error
            .to_string()
            .ends_with("may be written by others than you: make it yours (`chown`) and close it (`chmod 700`)"),
        "{error}"
    );
}

#[test]
fn a_folder_of_ours_is_closed_to_others() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b");
    Cache::open(&inner, &Engine::default()).unwrap();
    assert_eq!(fs::metadata(&inner).unwrap().mode() & 0o777, 0o700);
}

#[test]
fn damaged_files_are_as_good_as_none() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Engine::default();
    let cache = Cache::open(folder.path(), &engine).unwrap();
    cache.keep_code(&digest(), b"no machine code").unwrap();
    fs::write(cache.path(&digest(), "json"), "{").unwrap();
    assert!(cache.code(&engine, &digest()).is_none());
    assert!(cache.manifest(&digest()).is_none());
}

#[test]
fn a_manifest_comes_back_and_nothing_else_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::open(folder.path(), &Engine::default()).unwrap();
    let manifest = Manifest { name: "n".into(), ..Manifest::default() };
    cache.keep_manifest(&digest(), &manifest).unwrap();
    assert_eq!(cache.manifest(&digest()), Some(manifest));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
