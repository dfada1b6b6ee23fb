//! Archives there and back, and those that are refused.

use super::*;
use flate2::{Compression, write::GzEncoder};
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

const ALL: [Format; 3] = [Format::Tar, Format::TarGz, Format::Zip];

fn file(name: &str, bytes: &[u8]) -> Artifact {
    Artifact::write(name, "", bytes).unwrap()
}

fn entry(path: &str, bytes: &[u8]) -> Entry {
    Entry { path: path.to_owned(), file: file(path, bytes) }
}

fn said<T: std::fmt::Debug>(result: Result<T>) -> String {
    let error = result.unwrap_err();
    assert!(!error.is_retryable());
    error.to_string()
}

fn refused(bytes: &[u8], format: Format) -> String {
    said(unpack::body(file("archive", bytes), format, Limits::default()))
}

/// A tar archive whose one header says what its builder would not.
fn tar_of(path: &str, kind: tar::EntryType) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    let name = &mut header.as_gnu_mut().unwrap().name;
    name[..path.len()].copy_from_slice(path.as_bytes());
    header.set_entry_type(kind);
    header.set_size(0);
    if kind.is_symlink() || kind.is_hard_link() {
        header.set_link_name("elsewhere").unwrap();
    }
    header.set_cksum();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append(&header, [].as_slice()).unwrap();
    archive.into_inner().unwrap()
}

fn zip_of(path: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(path, SimpleFileOptions::default()).unwrap();
    archive.write_all(bytes).unwrap();
    archive.finish().unwrap().into_inner()
}

fn gzip_of(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn files_come_back_as_they_went() {
    let entries = vec![entry("a.txt", b"one"), entry("folder/Grüße.txt", &[0, 255, 7]), entry("empty", b"")];
    for format in ALL {
        let archive = pack::body(entries.clone(), format, "all".to_owned()).unwrap();
        assert_eq!(archive.media_type(), packing::media_type(format));
        let back = unpack::body(archive.clone(), format, Limits::default()).unwrap();
        let contents = |entries: &[Entry]| -> Vec<(String, Vec<u8>)> {
            entries.iter().map(|entry| (entry.path.clone(), entry.file.read().unwrap())).collect()
        };
        assert_eq!(contents(&back), contents(&entries));
        let listed = list::body(archive.clone(), format, Limits::default()).unwrap();
        assert_eq!(listed[1], Listed { path: "folder/Grüße.txt".to_owned(), kind: Kind::File, size: 3 });
        let again = pack::body(entries.clone(), format, "all".to_owned()).unwrap();
        assert_eq!(again.read().unwrap(), archive.read().unwrap());
    }
}

#[test]
fn gzip_holds_one_file() {
    let archive = pack::body(vec![entry("folder/a.txt", b"one")], Format::Gzip, "a.txt.gz".to_owned()).unwrap();
    let back = unpack::body(archive, Format::Gzip, Limits::default()).unwrap();
    assert_eq!((back[0].path.as_str(), back[0].file.read().unwrap()), ("a.txt", b"one".to_vec()));
    let bare = unpack::body(file("report.csv.gz", &gzip_of(b"x")), Format::Gzip, Limits::default()).unwrap();
    assert_eq!(bare[0].path, "report.csv");
    let two = vec![entry("a", b""), entry("b", b"")];
    assert!(said(pack::body(two, Format::Gzip, "x".to_owned())).starts_with("gzip takes one file, and there are 2"));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let cases = [
        ("../a", "entry `../a` is refused: it leads out of its folder by `..`"),
        ("a/../../b", "entry `a/../../b` is refused: it leads out of its folder by `..`"),
        ("/etc/passwd", "entry `/etc/passwd` is refused: it begins at the root"),
        ("C:/x", "entry `C:/x` is refused: it has a backslash or a drive, which lead elsewhere on Windows"),
    ];
    for (path, words) in cases {
        let tar = tar_of(path, tar::EntryType::Regular);
        assert_eq!(refused(&tar, Format::Tar), words);
        assert_eq!(refused(&gzip_of(&tar), Format::TarGz), words);
        assert_eq!(refused(&zip_of(path, b"x"), Format::Zip), words);
        assert_eq!(said(pack::body(vec![entry(path, b"x")], Format::Zip, "x".to_owned())), words);
    }
    assert!(refused(&zip_of("..\\a", b"x"), Format::Zip).contains("backslash"));
    assert!(refused(&zip_of("a\nb", b"x"), Format::Zip).starts_with("entry `a\\nb` is refused: it has a letter"));
}

#[test]
fn what_is_no_file_is_refused_by_name_and_still_listed() {
    let cases = [
        (tar::EntryType::Symlink, Kind::Symlink, "a symbolic link"),
        (tar::EntryType::Link, Kind::Hardlink, "a hard link"),
        (tar::EntryType::Char, Kind::Device, "a device or a pipe"),
        (tar::EntryType::Fifo, Kind::Device, "a device or a pipe"),
        (tar::EntryType::new(b'V'), Kind::Other, "neither file nor folder"),
    ];
    for (entry, kind, noun) in cases {
        let tar = tar_of("link", entry);
        assert_eq!(refused(&tar, Format::Tar), format!("entry `link` is refused: it is {noun}"));
        let listed = list::body(file("archive", &tar), Format::Tar, Limits::default()).unwrap();
        assert_eq!((listed[0].path.as_str(), listed[0].kind), ("link", kind));
    }
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.add_symlink("link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    let zip = archive.finish().unwrap().into_inner();
    assert_eq!(refused(&zip, Format::Zip), "entry `link` is refused: it is a symbolic link");
}

#[test]
fn folders_are_left_out_and_dots_mean_nothing() {
    assert_eq!(
        unpack::body(file("a", &tar_of("./a/", tar::EntryType::Directory)), Format::Tar, Limits::default()).unwrap(),
        []
    );
    let back =
        unpack::body(file("a", &tar_of("./a/b", tar::EntryType::Regular)), Format::Tar, Limits::default()).unwrap();
    assert_eq!(back[0].path, "a/b");
    assert!(refused(&tar_of("../a/", tar::EntryType::Directory), Format::Tar).contains("`..`"));
}

#[test]
fn bombs_are_refused_while_they_are_read() {
    let zeros = vec![0; 20 << 20];
    let of_tar = {
        let mut tar = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(zeros.len() as u64);
        tar.append_data(&mut header, "a", zeros.as_slice()).unwrap();
        tar.into_inner().unwrap()
    };
    for (bytes, format) in
        [(gzip_of(&zeros), Format::Gzip), (gzip_of(&of_tar), Format::TarGz), (zip_of("a", &zeros), Format::Zip)]
    {
        assert!(refused(&bytes, format).starts_with("the archive unpacks to more than 200 times its size"));
        let few = Limits { bytes: 1000, ..Limits::default() };
        assert!(
            said(unpack::body(file("a", &bytes), format, few))
                .starts_with("the archive unpacks to more than 1000 bytes")
        );
        let patient = Limits { ratio: 2000, ..Limits::default() };
        assert_eq!(unpack::body(file("a.gz", &bytes), format, patient).unwrap().len(), 1);
    }
}

#[test]
fn too_many_entries_are_refused() {
    let entries: Vec<Entry> = (0..11).map(|number| entry(&number.to_string(), b"")).collect();
    for format in ALL {
        let archive = pack::body(entries.clone(), format, "all".to_owned()).unwrap();
        let limits = || Limits { entries: 10, ..Limits::default() };
        assert!(
            said(unpack::body(archive.clone(), format, limits())).starts_with("the archive has more than 10 entries")
        );
        assert!(said(list::body(archive, format, limits())).starts_with("the archive has more than 10 entries"));
    }
}

#[test]
fn one_name_is_one_entry() {
    let twice = vec![entry("a", b"1"), entry("./a", b"2")];
    assert_eq!(said(pack::body(twice, Format::Tar, "x".to_owned())), "two entries are named `a`");
    let tar = tar_of("a", tar::EntryType::Regular);
    let both = [&tar[..512], &tar[..]].concat();
    assert_eq!(refused(&both, Format::Tar), "two entries are named `a`");
}

#[test]
fn what_is_no_archive_is_told() {
    let torn = {
        let zip = zip_of("a", &[7; 5000]);
        zip[..zip.len() / 2].to_vec()
    };
    for (bytes, format, name) in [
        (b"hello".to_vec(), Format::Zip, "zip"),
        (torn, Format::Zip, "zip"),
        (b"hello".to_vec(), Format::Gzip, "gzip"),
        (b"hello".to_vec(), Format::TarGz, "tar.gz"),
        (vec![b'x'; 1024], Format::Tar, "tar"),
    ] {
        let words = refused(&bytes, format);
        assert!(words.starts_with(&format!("this is no {name} archive, or a broken one: ")), "{words}");
    }
}
