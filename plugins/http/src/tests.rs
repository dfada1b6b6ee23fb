//! When a request is made again, and what is said when it is not; the other side is played.

use crate::again::{Next, Outcome, Why, next};
use crate::exchange::{Carrier, Exchange, Reply, Sent, Silence};
use crate::message::{Answer, Request, Retries};
use headwater_sdk::prelude::*;
use std::cell::RefCell;
use std::time::SystemTime;

/// 1994-11-06T08:49:37Z, the date of RFC 9110.
fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777)
}

fn after(status: u16, retry_after: Option<&str>, made: u32) -> Next {
    next(Outcome::Status(status, retry_after), made, "GET", &Retries::default(), noon())
}

fn ms(length: u64) -> Next {
    Next::Wait(Duration::from_millis(length))
}

#[test]
fn only_what_may_get_better_is_asked_again() {
    for status in [200, 204, 301, 400, 404, 418, 428] {
        assert_eq!(after(status, Some("1"), 1), Next::Take, "{status}");
    }
    for status in [429, 500, 502, 503, 504, 599] {
        assert_eq!(after(status, None, 1), ms(500), "{status}");
    }
    assert_eq!(next(Outcome::Silence, 1, "GET", &Retries::default(), noon()), ms(500));
}

#[test]
fn waits_double_and_have_a_longest() {
    assert_eq!([1, 2, 3].map(|made| after(500, None, made)), [ms(500), ms(1000), ms(2000)]);
    assert_eq!(after(500, None, 4), Next::GiveUp(Why::Often));
    let patient = Retries { most: u32::MAX, longest_wait_ms: 3000, ..Retries::default() };
    for made in [4, 64, 65, 4_000_000_000] {
        assert_eq!(next(Outcome::Silence, made, "GET", &patient, noon()), ms(3000), "{made}");
    }
}

#[test]
fn the_other_side_says_how_long() {
    assert_eq!(after(429, Some("7"), 1), ms(7000));
    assert_eq!(after(503, Some(" 0 "), 1), ms(0));
    assert_eq!(after(503, Some("Sun, 06 Nov 1994 08:50:07 GMT"), 1), ms(30_000));
    assert_eq!(after(503, Some("Sunday, 06-Nov-94 08:50:07 GMT"), 1), ms(30_000));
    assert_eq!(after(503, Some("Sun, 06 Nov 1994 08:00:00 GMT"), 1), ms(0));
    assert_eq!(after(503, Some("soon"), 1), ms(500));
    assert_eq!(after(429, Some("3600"), 1), Next::GiveUp(Why::Long(Duration::from_secs(3600))));
    assert_eq!(after(429, Some("7"), 4), Next::GiveUp(Why::Often));
}

#[test]
fn what_may_have_been_done_is_not_done_twice() {
    let post = |outcome| next(outcome, 1, "POST", &Retries::default(), noon());
    assert_eq!(post(Outcome::Silence), Next::GiveUp(Why::Twice));
    assert_eq!(post(Outcome::Status(500, None)), Next::GiveUp(Why::Twice));
    assert_eq!(post(Outcome::Status(503, None)), Next::GiveUp(Why::Twice));
    assert_eq!(post(Outcome::Status(503, Some("2"))), ms(2000));
    assert_eq!(post(Outcome::Status(429, None)), ms(500));
    let repeatable = Retries { repeatable: true, ..Retries::default() };
    assert_eq!(next(Outcome::Silence, 1, "POST", &repeatable, noon()), ms(500));
}

/// Answers in their order, and keeps what it was asked.
#[derive(Default)]
struct Played {
    answers: Vec<Result<Reply, Silence>>,
    seen: Vec<Sent>,
    waited: Vec<Duration>,
}

impl Carrier for &RefCell<Played> {
    fn send(&mut self, request: &Sent) -> Result<Reply, Silence> {
        let mut played = self.borrow_mut();
        played.seen.push(request.clone());
        played.answers.remove(0)
    }

    fn wait(&mut self, length: Duration) {
        self.borrow_mut().waited.push(length);
    }

    fn now(&self) -> SystemTime {
        noon()
    }
}

fn status(status: u16, headers: &[(&str, &str)]) -> Result<Reply, Silence> {
    let headers = headers.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    Ok(Reply { status, headers, body: b"body".to_vec() })
}

fn play(request: &Request, answers: Vec<Result<Reply, Silence>>) -> (Result<Reply>, Played) {
    let played = RefCell::new(Played { answers, ..Played::default() });
    let result = Exchange::over(&played, request, &Retries::default()).and_then(Exchange::run);
    (result, played.into_inner())
}

fn to(method: &str, url: &str) -> Request {
    Request { method: method.to_owned(), url: url.to_owned(), ..Request::default() }
}

#[test]
fn a_request_is_made_until_it_has_an_answer() {
    let lost = Err(Silence::Lost("the connection was refused".to_owned()));
    let answers = vec![lost, status(503, &[("retry-after", "2")]), status(404, &[])];
    let (reply, played) = play(&to("get", "https://example.org/a?b=c"), answers);
    assert_eq!(reply.unwrap().status, 404);
    assert_eq!(played.waited, [500, 2000].map(Duration::from_millis));
    assert_eq!(
        (played.seen[2].method.as_str(), played.seen[2].uri.to_string().as_str()),
        ("GET", "https://example.org/a?b=c")
    );
}

#[test]
fn a_task_that_gives_up_says_why_and_what_it_saw() {
    let (reply, played) = play(&to("GET", "http://example.org"), vec![status(500, &[]); 4]);
    let error = reply.unwrap_err();
    assert_eq!(error.to_string(), "GET `http://example.org/`: the answer has status 500; 4 requests in all");
    assert!(error.is_retryable());
    assert_eq!(error.data::<Answer>().unwrap().body, "body");
    assert_eq!(played.waited.len(), 3);
    let (reply, _) = play(&to("GET", "http://example.org"), vec![status(429, &[("retry-after", "3600")])]);
    assert!(reply.unwrap_err().to_string().ends_with("asks to wait for 3600 s, longer than `longest_wait_ms`"));
    let (reply, _) = play(&to("POST", "http://example.org"), vec![status(500, &[])]);
    assert!(!reply.unwrap_err().is_retryable());
    let (reply, _) = play(&to("GET", "http://example.org"), vec![Err(Silence::Never("it is denied".to_owned()))]);
    let error = reply.unwrap_err();
    assert_eq!((error.to_string().as_str(), error.is_retryable()), ("GET `http://example.org/`: it is denied", false));
}

#[test]
fn one_key_for_all_requests_of_a_call() {
    let (reply, played) = play(&to("POST", "http://example.org"), vec![status(429, &[]), status(201, &[])]);
    assert_eq!(reply.unwrap().status, 201);
    let keys: Vec<_> = played.seen.iter().map(|sent| sent.headers["idempotency-key"].clone()).collect();
    assert_eq!(keys, ["native", "native"]);
    let (_, played) = play(&to("GET", "http://example.org"), vec![status(200, &[])]);
    assert!(played.seen[0].headers.is_empty());
}

#[test]
fn content_is_a_text_or_a_file() {
    let file = Artifact::write("a", "", b"\x00\xff").unwrap();
    let request = Request { file: Some(file.clone()), ..to("PUT", "http://example.org") };
    let (_, played) = play(&request, vec![status(200, &[])]);
    assert_eq!(played.seen[0].body, b"\x00\xff");
    let both = Request { body: Some("a".to_owned()), ..request };
    assert!(play(&both, vec![]).0.unwrap_err().to_string().contains("not both"));
}

#[test]
fn what_is_no_request_is_told() {
    let said = |request: Request| play(&request, vec![]).0.unwrap_err().to_string();
    for url in ["", "example.org", "/path", "ftp://example.org/", "http://", "http://a b/"] {
        assert!(said(to("GET", url)).starts_with(&format!("`{url}` is no URL to ask: ")), "{url}");
    }
    assert!(said(to("GET", "http://me:secret@example.org/")).starts_with("a URL has no room for credentials"));
    assert_eq!(said(to("G T", "http://example.org")), "`G T` is no method");
    let header = Request { headers: [("A b".to_owned(), "c".to_owned())].into(), ..to("GET", "http://example.org") };
    assert!(said(header).starts_with("the header `a b` is none"));
}
