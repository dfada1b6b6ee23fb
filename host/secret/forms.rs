//! The texts that a value may appear as: itself, its lines, and each of these in base64, percent-encoded, escaped for JSON, in hexadecimal.
//!
//! Base64 depends on how many bytes stand before: so the value is encoded behind none, one and two, and what a neighbour decides is cut off.

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{GeneralPurpose, general_purpose::NO_PAD},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// Of shorter texts nothing is looked for.
const BYTES_MIN: usize = 4;
/// Lines of a value that are looked for by themselves. Shorter ones stand in many texts by chance.
const LINE_BYTES_MIN: usize = 8;

/// What encoders write as `%xx`: all but letters and digits, by RFC 3986, `encodeURIComponent`, in paths, in forms, in user names of addresses.
static ENCODED: [&AsciiSet; 6] = [
    NON_ALPHANUMERIC,
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~'),
    &OUTSIDE_COMPONENTS,
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/'),
    &NON_ALPHANUMERIC.remove(b'*').remove(b'-').remove(b'.').remove(b'_'),
    &OUTSIDE_COMPONENTS.remove(b'$').remove(b'&').remove(b'+').remove(b',').remove(b';').remove(b'='),
];

const OUTSIDE_COMPONENTS: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A text to be looked for.
pub(super) type Form = Zeroizing<Vec<u8>>;

/// All forms of a value, each once.
pub(super) fn of(value: &str) -> Vec<Form> {
    let mut forms = BTreeSet::new();
    add_encodings(value, &mut forms);
    // Whoever reads a value from a line or a file drops what stands around it.
    add_encodings(value.trim(), &mut forms);
    if value.trim().contains('\n') {
        for line in value.lines().map(str::trim).filter(|line| line.len() >= LINE_BYTES_MIN && !is_armour(line)) {
            add_encodings(line, &mut forms);
        }
    }
    forms.into_iter().map(Zeroizing::new).collect()
}

/// The first and the last line of keys and certificates, which are no secret and stand in public ones too.
fn is_armour(line: &str) -> bool {
    line.starts_with("-----") && line.ends_with("-----")
}

fn add_encodings(text: &str, forms: &mut BTreeSet<Vec<u8>>) {
    let mut add = |form: String| {
        if form.len() >= BYTES_MIN {
            forms.insert(form.into_bytes());
        }
    };
    add(text.to_owned());
    for engine in [GeneralPurpose::new(&STANDARD, NO_PAD), GeneralPurpose::new(&URL_SAFE, NO_PAD)] {
        let alone = engine.encode(text);
        add(format!("{alone}{}", "=".repeat((4 - alone.len() % 4) % 4)));
        add(alone);
        for before in 0..3 {
            add(base64_behind(&engine, before, text));
        }
    }
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    add(hex.to_uppercase());
    add(hex);
    for set in ENCODED {
        let encoded = utf8_percent_encode(text, set).to_string();
        for encoded in [encoded.replace("%20", "+"), encoded] {
            add(with_small_hex(&encoded));
            add(encoded);
        }
    }
    for escaped in escaped(text) {
        add(escaped.replace('/', "\\/"));
        add(escaped);
    }
}

/// What is the same whatever stands around: the digits that hold no bit of the bytes before or behind.
fn base64_behind(engine: &GeneralPurpose, before: usize, text: &str) -> String {
    let mut bytes = Zeroizing::new(vec![0; before]);
    bytes.extend_from_slice(text.as_bytes());
    let from = (before * 8).div_ceil(6);
    let to = bytes.len() * 8 / 6;
    engine.encode(&bytes).get(from..to).unwrap_or_default().to_owned()
}

/// `%2F` as `%2f`.
fn with_small_hex(encoded: &str) -> String {
    let mut small = String::with_capacity(encoded.len());
    let mut digits = 0;
    for character in encoded.chars() {
        small.push(if digits > 0 { character.to_ascii_lowercase() } else { character });
        digits = if character == '%' { 2 } else { i32::max(digits - 1, 0) };
    }
    small
}

/// As JSON writers and debug output have it, without the quotes around.
fn escaped(text: &str) -> Vec<String> {
    let json = serde_json::Value::String(text.to_owned()).to_string();
    let json = json.get(1..json.len() - 1).unwrap_or_default().to_owned();
    let debug = format!("{text:?}");
    let debug = debug.get(1..debug.len() - 1).unwrap_or_default().to_owned();
    let mut ascii = String::new();
    for character in json.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            ascii.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    vec![json, debug, ascii]
}

#[cfg(test)]
#[path = "forms_tests.rs"]
mod tests;
