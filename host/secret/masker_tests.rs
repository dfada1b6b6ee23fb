//! Texts, values and failures with secrets in them.

use super::*;
use headwater_core::model::FailureKind;

fn masker(secrets: &[(&str, &str)]) -> Masker {
    let secrets: Vec<(&str, Secret)> =
        secrets.iter().map(|(name, value)| (*name, Secret::new((*value).to_owned()))).collect();
    Masker::new(secrets.iter().map(|(name, value)| (*name, value)))
}

#[test]
fn every_occurrence_is_masked_and_nothing_else() {
    let masker = masker(&[("A", "correct horse"), ("B", "battery")]);
    assert_eq!(masker.mask("a correct horse, a battery and correct horses"), "a ***, a *** and ***s");
    assert_eq!(masker.mask("nothing here"), "nothing here");
    assert_eq!(masker.mask("***"), "***");
}

#[test]
fn secrets_that_overlap_leave_nothing_behind() {
    let masker = masker(&[("A", "xxxxabcd"), ("B", "abcdyyyy"), ("C", "abcd")]);
    assert_eq!(masker.mask("-xxxxabcdyyyy-"), "-***-");
    assert_eq!(masker.mask("-abcdyyyy-abcd-"), "-***-***-");
}

#[test]
fn parts_of_a_long_value_are_masked_whatever_their_edges() {
    let value: String = (0..200).map(|n| char::from(b'a' + (n * 7 % 26 + n / 26) as u8 % 26)).collect();
    let masker = masker(&[("LONG", &value)]);
    assert_eq!(masker.mask(&format!("[{}…]", &value[..60])), "[***…]");
    assert_eq!(masker.mask(&format!("[{}]", &value[70..130])), "[***]");
    // As `base64` breaks it.
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &value);
    for line in encoded.as_bytes().chunks(76) {
        let line = std::str::from_utf8(line).unwrap();
        if line.len() >= 2 * PART_BYTES {
            assert_eq!(masker.mask(line), "***", "{line}");
        }
    }
    assert_eq!(masker.shown_in(&value.as_bytes()[..60]), None, "a part is no reason to refuse a result");
    assert_eq!(masker.shown_in(value.as_bytes()), Some("LONG"));
}

#[test]
fn a_value_stays_json_when_its_texts_are_masked() {
    let masker = masker(&[("A", "correct \"horse\""), ("N", "12345678")]);
    let json = |text: &str| Json::parse(text).unwrap();
    let masked = masker.mask_json(json(r#"{"a":["correct \"horse\"",1],"correct \u0022horse\"":12345678,"b":"ok"}"#));
    assert_eq!(masked.to_value(), serde_json::json!({ "a": ["***", 1], "***": "***", "b": "ok" }));
    assert_eq!(masker.mask_json(json(r#"{"a":1}"#)).as_str(), r#"{"a":1}"#);
    let across = super::tests::masker(&[("A", "one\",\"two")]);
    assert_eq!(across.mask_json(json(r#"["one","two"]"#)).as_str(), "\"***\"");
}

#[test]
fn a_failure_is_masked_in_all_its_parts() {
    let masker = masker(&[("A", "correct horse")]);
    let failure = Failure {
        data: Some(Json::parse(r#"{"key":"correct horse"}"#).unwrap()),
        ..Failure::new(FailureKind::Returned, "no correct horse").because("Y29ycmVjdCBob3JzZQ==")
    };
    let masked = masker.mask_failure(failure);
    assert_eq!((masked.message.as_str(), masked.chain.as_slice()), ("no ***", &["***".to_owned()][..]));
    assert_eq!(masked.data.unwrap().as_str(), r#"{"key":"***"}"#);
}

#[test]
fn results_are_searched_for_values_of_eight_bytes_and_more() {
    let masker = masker(&[("SHORT", "seven77"), ("LONG", "eight888")]);
    let shown = |text: &str| masker.shown_in_json(&Json::parse(text).unwrap()).map(str::to_owned);
    assert_eq!(shown(r#""seven77""#), None);
    assert_eq!(masker.mask("seven77"), "***");
    assert_eq!(shown(r#"{"a":["eight888"]}"#).as_deref(), Some("LONG"));
    assert_eq!(shown(r#"{"a":["\u0065ight888"]}"#).as_deref(), Some("LONG"));
    assert_eq!(shown(r#"{"a":["ZWlnaHQ4ODg"]}"#).as_deref(), Some("LONG"));
    assert_eq!(shown(r#"{"a":["eight"]}"#), None);
}

#[test]
fn without_secrets_nothing_is_touched() {
    let masker = masker(&[]);
    assert_eq!(masker.mask("anything"), "anything");
    assert_eq!(masker.open_from(b"anything"), 8);
    assert_eq!(masker.shown_in(b"anything"), None);
}
