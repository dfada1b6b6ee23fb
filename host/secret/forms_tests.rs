//! Every form that other programs make of a value is among those that are looked for.

use super::*;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE};

const VALUE: &str = "p/ss?w+rd \"ü\\\u{1f511}>>";

fn found(value: &str, text: &str) -> bool {
    of(value).iter().any(|form| text.as_bytes().windows(form.len()).any(|window| window == form.as_slice()))
}

#[test]
fn base64_is_found_whatever_stands_around() {
    for before in ["", "a", "ab", "abc", "user:"] {
        for behind in ["", "z", "zy", "zyx", "zyxw"] {
            let text = format!("{before}{VALUE}{behind}");
            for encoded in [BASE64_STANDARD.encode(&text), BASE64_URL_SAFE.encode(&text)] {
                assert!(found(VALUE, &encoded), "{before} {behind}");
                assert!(found(VALUE, encoded.trim_end_matches('=')), "{before} {behind}");
            }
        }
    }
}

#[test]
fn percent_encodings_are_found() {
    for text in [
        "p%2Fss%3Fw%2Brd%20%22%C3%BC%5C%F0%9F%94%91%3E%3E", // Python's quote with safe=''
        "p/ss%3Fw%2Brd%20%22%C3%BC%5C%F0%9F%94%91%3E%3E",   // Python's quote
        "p%2fss%3fw%2brd%20%22%c3%bc%5c%f0%9f%94%91%3e%3e", // small digits
        "p%2Fss%3Fw%2Brd+%22%C3%BC%5C%F0%9F%94%91%3E%3E",   // a form
        "p%2fss%3fw%2brd+%22%c3%bc%5c%f0%9f%94%91%3e%3e",
    ] {
        assert!(found(VALUE, text), "{text}");
    }
}

#[test]
fn json_debug_and_hexadecimal_are_found() {
    for text in [
        r#"{"key":"p/ss?w+rd \"ü\\🔑>>"}"#.to_owned(),
        r#"{"key":"p/ss?w+rd \"\u00fc\\\ud83d\udd11>>"}"#.to_owned(),
        r#"{"key":"p\/ss?w+rd \"ü\\🔑>>"}"#.to_owned(),
        format!("{VALUE:?}"),
        VALUE.bytes().map(|byte| format!("{byte:02x}")).collect(),
        VALUE.bytes().map(|byte| format!("{byte:02X}")).collect(),
    ] {
        assert!(found(VALUE, &text), "{text}");
    }
}

#[test]
fn lines_of_a_value_are_found_but_not_what_every_key_begins_with() {
    let value = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nshort\n-----END PRIVATE KEY-----\n";
    assert!(found(value, "at line 2: MIIEvQIBADANBgkqhkiG9w0."));
    assert!(found(value, &value.replace('\n', "\\n")));
    for text in ["-----BEGIN PRIVATE KEY-----", "short", "-----END PRIVATE KEY-----"] {
        assert!(!found(value, text), "{text}");
    }
}

#[test]
fn what_is_near_a_value_is_not_found() {
    for text in ["p/ss?w+r", "PASSWORD", "", "p%2Fss"] {
        assert!(!found(VALUE, text), "{text}");
    }
    assert!(of("abcd").iter().all(|form| form.len() >= BYTES_MIN));
}
