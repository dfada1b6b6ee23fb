//! However a stream is cut, it comes out as if it had come at once.

use super::*;
use crate::secret::{MASK, Secret};

fn masker(values: &[&str]) -> Arc<Masker> {
    let secrets: Vec<Secret> = values.iter().map(|value| Secret::new((*value).to_owned())).collect();
    Arc::new(Masker::new(secrets.iter().map(|secret| ("NAME", secret))))
}

fn streamed(masker: &Arc<Masker>, pieces: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut stream = Stream::new(masker.clone());
    let mut put = |part: Part<'_>| match part {
        Part::Bytes(bytes) => out.extend_from_slice(bytes),
        Part::Secret(name) => {
            assert_eq!(name, "NAME");
            out.extend_from_slice(MASK.as_bytes());
        }
    };
    for piece in pieces {
        stream.feed(piece, &mut put);
        assert!(stream.held.len() <= masker.longest());
    }
    stream.finish(&mut put);
    out
}

#[test]
fn a_secret_is_masked_wherever_it_is_cut() {
    let masker = masker(&["correct horse"]);
    let text = b"one correct horse, Y29ycmVjdCBob3JzZQ, correct%20horse, correct hose\n";
    let whole = streamed(&masker, &[text]);
    assert_eq!(String::from_utf8_lossy(&whole), "one ***, ***, ***, correct hose\n");
    for at in 0..text.len() {
        assert_eq!(streamed(&masker, &[&text[..at], &text[at..]]), whole, "cut at {at}");
    }
    let bytes: Vec<&[u8]> = text.chunks(1).collect();
    assert_eq!(streamed(&masker, &bytes), whole);
}

#[test]
fn secrets_that_overlap_leave_nothing_behind_wherever_they_are_cut() {
    let masker = masker(&["abababab", "babax", "aaaa"]);
    for text in ["abababababababx", "-ababababax-", "aaaaaaaaaaaaaaaaab", "babababax"] {
        let text = text.as_bytes();
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let out = streamed(&masker, &[&text[..first], &text[first..second], &text[second..]]);
                let whole = streamed(&masker, &[text]);
                let kept = |out: &[u8]| String::from_utf8_lossy(out).replace('*', "");
                assert_eq!(kept(&out), kept(&whole), "cut at {first} and {second}");
            }
        }
    }
}

#[test]
fn what_is_not_secret_comes_out_at_once_and_as_it_was() {
    let masker = masker(&["correct horse"]);
    let mut stream = Stream::new(masker.clone());
    let mut out = Vec::new();
    stream.feed(b"a line\n", |part| out.push(format!("{part:?}")));
    assert_eq!(out.len(), 1, "nothing of it is held back");
    let bytes: Vec<u8> = (0..=255).cycle().take(10_000).collect();
    assert_eq!(streamed(&masker, &bytes.chunks(7).collect::<Vec<_>>()), bytes);
}

#[test]
fn a_secret_that_goes_by_is_noticed_wherever_it_is_cut() {
    let masker = masker(&["correct horse"]);
    let text = b"one correct horse and more";
    for at in 0..text.len() {
        let mut detector = Detector::new(masker.clone());
        let first = detector.see(&text[..at]).is_some();
        assert!(first || detector.see(&text[at..]) == Some("NAME"), "cut at {at}");
    }
    let mut detector = Detector::new(masker);
    assert!(text.chunks(5).map(|_| b"correct hors").all(|piece| detector.see(piece).is_none()));
}

#[test]
fn a_part_of_a_long_secret_is_masked_to_its_end_where_it_is_cut() {
    let value: String = (0..300).map(|n| char::from(b'a' + (n * 7 % 26 + n / 26) as u8 % 26)).collect();
    let masker = masker(&[&value]);
    let text = format!("[{}]", &value[..120]);
    for at in 60..text.len() {
        let out = streamed(&masker, &[&text.as_bytes()[..at], &text.as_bytes()[at..]]);
        assert_eq!(String::from_utf8_lossy(&out), "[***]", "cut at {at}");
    }
}
