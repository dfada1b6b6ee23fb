//! `conditions`, `approval` and `saga` end as their READMEs say, whichever way they go.

use crate::machine::{Home, images, python_of};
use serde_json::{Value, json};

#[test]
fn conditions_picks_the_image() {
    let Some(images) = images() else { return };
    for (words_max, image) in [("20", &images[0]), ("5", &images[1])] {
        let parameters = [("words_max", words_max), ("small_image", &images[0]), ("large_image", &images[1])];
        let ran = Home::new().run("conditions", "conditions", &parameters);
        let expected = json!({"word": "another", "python": python_of(image)});
        assert_eq!((ran.code, &ran.end()["outcome"]["ok"]), (Some(0), &expected));
        let has = |name: &str| ran.graph().contains(name);
        assert_eq!((has("longest word of a long text"), has("check")), (words_max == "5", words_max == "5"));
    }
}

/// An order that waits, left by its process; and what `answer` says to each of these answers, one after the other.
fn answered(answers: &[&str]) -> (Vec<(Option<i32>, String)>, Value) {
    let ran = Home::new().run_left("approval", "approval", &[]);
    assert_eq!(ran.code, Some(5));
    let asked = ran.events.iter().find(|event| event["event"] == "waiting").unwrap();
    assert_eq!((&asked["call"], &asked["prompt"]), (&1.into(), &"buy 12 of `lamp` for 150.00?".into()));
    let said = answers.iter().map(|answer| ran.command(&["flow-run", "answer", ran.id(), "1", answer])).collect();
    let shown = ran.command(&["flow-run", "show", ran.id(), "--json"]).1;
    (said, serde_json::from_str(&shown).unwrap())
}

#[test]
fn approval_goes_on_as_the_answer_says() {
    let (said, shown) = answered(&[r#"{"approved": true, "by": "Ada"}"#]);
    assert_eq!(said[0].0, Some(0));
    assert_eq!(shown["outcome"]["ok"], "bought 12 of `lamp`");
    let (_, shown) = answered(&[r#"{"approved": false, "by": "Ada", "note": "we have candles"}"#]);
    assert_eq!(shown["outcome"]["ok"], "`lamp` is not bought: Ada says no (we have candles)");
}

#[test]
fn approval_waits_on_after_an_answer_of_another_shape() {
    let (said, shown) = answered(&["yes", r#"{"approved": "perhaps"}"#, r#"{"approved": true, "by": "Ada"}"#]);
    let codes: Vec<Option<i32>> = said.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [Some(2), Some(2), Some(0)]);
    assert_eq!(shown["outcome"]["ok"], "bought 12 of `lamp`");
}

/// The lines of a run in which something was booked or given back.
fn bookings<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    lines.filter(|line| line.starts_with("booked") || line.starts_with("gave back")).collect()
}

const BOOKED: [&str; 3] = ["booked a flight to Lisbon", "booked a room in Lisbon", "booked a car in Lisbon"];
const GAVE_BACK: [&str; 3] =
    ["gave back a car in Lisbon", "gave back a room in Lisbon", "gave back a flight to Lisbon"];

#[test]
fn saga_keeps_what_can_be_paid() {
    let ran = Home::new().run("saga", "saga", &[]);
    assert_eq!((ran.code, &ran.end()["outcome"]["ok"]), (Some(0), &90_000.into()));
    assert_eq!(bookings(ran.lines().into_iter()), BOOKED);
}

#[test]
fn saga_undoes_what_was_done_and_fails_with_the_first_error() {
    let ran = Home::new().run("saga", "saga", &[("budget_cents", "80000")]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(ran.end()["outcome"]["err"]["message"], "the trip costs 90000 cents, and there are 80000");
    assert_eq!(ran.end()["cause"]["call_name"], "pay");
    assert_eq!(bookings(ran.lines().into_iter()), [BOOKED, GAVE_BACK].concat());
    let drawn = ran.graph();
    assert!(["cancel_car", "cancel_hotel", "cancel_flight"].iter().all(|call| drawn.contains(call)), "{drawn}");
}

#[test]
fn saga_undoes_what_was_done_when_it_is_cancelled() {
    let ran = Home::new().run_left("saga", "saga", &[("hold_s", "3600")]);
    assert_eq!(ran.code, Some(5));
    let (code, said) = ran.command(&["flow-run", "cancel", ran.id()]);
    assert_eq!(code, Some(0), "{said}");
    let shown: Value = serde_json::from_str(&ran.command(&["flow-run", "show", ran.id(), "--json"]).1).unwrap();
    assert_eq!(shown["state"]["type"], "Cancelled");
    let log = ran.command(&["flow-run", "logs", ran.id(), "--json"]).1;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(bookings(lines.iter().filter_map(|line| line["text"].as_str())), [BOOKED, GAVE_BACK].concat());
}
