//! What may stand for an argument, and what arrives.

use crate::work;
use headwater_sdk::prelude::*;
use headwater_sdk::testing::Kit;

#[task]
async fn measure(values: Vec<u64>, note: Option<String>, factor: f64) -> Result<String> {
    Ok(format!("{} {} {factor}", values.iter().sum::<u64>(), note.unwrap_or_else(|| "-".to_owned())))
}

#[task]
async fn concat(texts: Vec<String>) -> Result<String> {
    Ok(texts.concat())
}

#[task]
async fn letters(count: u64) -> Result<Vec<String>> {
    Ok((0..count).map(|n| char::from(b'a' + n as u8).to_string()).collect())
}

#[flow]
async fn values_and_handles() -> Result<Vec<String>> {
    let text = "text".to_owned();
    let handle = measure(vec![1, 2], None, 1.0).submit();
    work(&text, 3).await?;
    let four = 4;
    work(format!("x{}", 1), four).await?;
    work(&handle, 3u64).await?;
    Ok(vec![
        handle.await?,
        measure([1, 2], "note", 0.5).await?,
        measure(&[3][..], Some("given".to_owned()), 2.0).await?,
        measure((0..3).collect::<Vec<_>>(), None, 1.5).await?,
        concat(["a", "b"]).await?,
        concat(vec!["c"]).await?,
        concat([concat(["d"]), concat(["e"])]).await?,
    ])
}

#[test]
fn values_references_and_texts() {
    let report = Kit::new().run(values_and_handles());
    assert_eq!(report.result.unwrap(), ["3 - 1", "3 note 0.5", "3 given 2", "3 - 1.5", "ab", "c", "de"]);
}

#[flow]
async fn gathers() -> Result<String> {
    let (a, b) = (concat(["a"]).submit(), concat(["b"]).submit());
    let pair = concat([&a, &b]).submit();
    concat(vec![a, b, pair]).await
}

#[test]
fn several_handles_arrive_as_one_list() {
    let report = Kit::new().run(gathers());
    assert_eq!(report.result.unwrap(), "abab");
    assert_eq!(report.calls[2].upstreams, [0, 1]);
    assert_eq!(report.calls[3].upstreams, [0, 1, 2]);
}

#[flow]
async fn call_as_argument() -> Result<u64> {
    work("outer", work("inner", 3)).await
}

#[test]
fn a_call_given_as_an_argument_is_made_first() {
    let report = Kit::new().run(call_as_argument());
    assert_eq!(report.result.unwrap(), 3);
    let keys: Vec<(&str, &str)> =
        report.calls.iter().map(|call| (call.input[0].1.as_str(), call.key.as_str())).collect();
    assert_eq!(keys, [("\"inner\"", "0"), ("\"outer\"", "1")]);
}

#[flow]
async fn nested_call_loses() -> Result<()> {
    select! {
        n = work("outer", work("inner", 3)) => { n?; },
        _ = sleep(Duration::from_secs(1)) => {},
    }
    Ok(())
}

#[test]
fn a_call_given_as_an_argument_is_cancelled_with_its_owner() {
    let report = Kit::new().takes(work::TASK, Duration::from_secs(2)).run(nested_call_loses());
    report.result.unwrap();
    assert_eq!(report.cancelled, [1, 0]);
}

#[flow]
async fn maps() -> Result<Vec<u64>> {
    let texts = letters(3).submit();
    let one: Vec<u64> = work::map(&texts, 3).named("three at once").max_in_flight(2).await?;
    let two = work::map(["a", "b"], vec![10, 20]).await?;
    Ok(one.into_iter().chain(two).collect())
}

#[test]
fn a_map_is_one_call() {
    let report = Kit::new().run(maps());
    assert_eq!(report.result.unwrap(), [3, 3, 3, 10, 20]);
    assert_eq!(report.calls.len(), 3);
}

#[task]
async fn odd(n: u64) -> Result<u64> {
    if n % 2 == 1 { Ok(n) } else { Err(Error::terminal(format_args!("{n} is even")).with_data(&n)) }
}

#[flow]
async fn settled() -> Result<Vec<String>> {
    let all = odd::map([1, 2, 3]).settle().await?;
    Ok(all.into_iter().map(|one| one.map_or_else(|error| error.message().to_owned(), |n| n.to_string())).collect())
}

#[test]
fn a_settled_map_has_a_result_for_each() {
    assert_eq!(Kit::new().run(settled()).result.unwrap(), ["1", "2 is even", "3"]);
}

#[flow]
async fn unsettled() -> Result<Vec<u64>> {
    odd::map([1, 2, 4]).await
}

#[test]
fn a_map_fails_with_one_of_its_elements() {
    let error = Kit::new().run(unsettled()).result.unwrap_err();
    assert_eq!(error.message(), "2 of 3 elements of `odd` failed: 1, 2");
}

#[flow]
async fn by_element() -> Result<Vec<String>> {
    let all = odd::map([1, 2, 4]).submit();
    let mut said = Vec::new();
    for number in 0..all.count().await {
        said.push(all.element(number).await.map_or_else(|error| error.to_string(), |n| n.to_string()));
    }
    Ok(said)
}

#[test]
fn elements_of_a_failed_map_are_read_one_by_one() {
    assert_eq!(Kit::new().run(by_element()).result.unwrap(), ["1", "2 is even", "4 is even"]);
}

#[value]
#[derive(Debug, Clone, PartialEq)]
enum Choice {
    Plain,
    With { number: u64 },
}

#[task]
async fn choose(choice: Choice) -> Result<Choice> {
    Ok(choice)
}

#[flow]
async fn own_types() -> Result<(Choice, Choice)> {
    let choice = Choice::With { number: 7 };
    Ok((choose(&choice).await?, choose(Choice::Plain).await?))
}

#[test]
fn own_types_arrive() {
    assert_eq!(Kit::new().run(own_types()).result.unwrap(), (Choice::With { number: 7 }, Choice::Plain));
}

/// Names that are keywords, a mutable parameter, an attribute for the code.
#[task]
#[expect(unused_assignments, reason = "shows that attributes reach the code")]
fn r#match(mut r#type: String) -> Result<u64> {
    r#type.push('x');
    let length = r#type.len() as u64;
    r#type = String::new();
    Ok(length)
}

#[flow]
async fn keywords() -> Result<u64> {
    r#match("ab").await
}

#[test]
fn keywords_are_names_too() {
    let report = Kit::new().run(keywords());
    assert_eq!(report.result.unwrap(), 3);
    assert_eq!((report.calls[0].name.as_str(), report.calls[0].input[0].0.as_str()), ("match", "type"));
}

#[task]
fn save(text: String) -> Result<Artifact> {
    Artifact::write("note.txt", "text/plain", text.as_bytes())
}

#[task]
fn load(note: Artifact) -> Result<String> {
    note.read_text()
}

#[flow]
async fn by_artifact() -> Result<String> {
    let note = save("kept").submit();
    load(&note).await
}

#[test]
fn artifacts_pass_between_tasks() {
    assert_eq!(Kit::new().run(by_artifact()).result.unwrap(), "kept");
}

#[flow]
async fn with_defaults(#[default("Marvin")] name: String, note: Option<u64>, times: u64) -> Result<String> {
    Ok(format!("{name} {note:?} {times}"))
}

#[test]
fn missing_arguments_have_defaults_or_are_named() {
    let start = |json: &str| headwater_sdk::def::start_flow("with_defaults", json).err().map(|failure| failure.message);
    assert_eq!(start(r#"{"times": 1}"#), None);
    assert_eq!(start("{}").unwrap(), "argument `times` is missing and has no default");
    assert!(start(r#"{"times": -1}"#).unwrap().starts_with("argument `times` does not fit: invalid value"));
    assert!(start("[]").unwrap().starts_with("the arguments are no JSON object"));
}
