//! HTTP: what goes through a grant, and everything that does not.

use crate::{
    kit::{World, call, guest, options, said},
    server::Server,
};
use futures_util::future::BoxFuture;
use headwater::sandbox::{Component, HttpGrants, Resolver, Sandbox, TaskCall, TaskEnd, limits};
use headwater_core::model::{Failure, FailureKind};
use serde_json::{Value, json};
use std::{
    io,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::sync::OnceCell;

async fn component(name: &str) -> Component {
    Sandbox::new(options()).unwrap().load(&guest(name)).await.unwrap()
}

/// The guest that asks for every host, compiled once.
async fn client() -> Component {
    static CLIENT: OnceCell<Component> = OnceCell::const_new();
    CLIENT.get_or_init(|| component("grants_http")).await.clone()
}

fn grants(allowed: &[&str]) -> HttpGrants {
    HttpGrants {
        asked: vec!["*".parse().unwrap()],
        allowed: allowed.iter().map(|host| host.parse().unwrap()).collect(),
        resolver: None,
    }
}

fn asks(task: &str, asked: Value, http: HttpGrants) -> TaskCall {
    let mut call = call(&World::new(), task, &json!({ "asked": asked }).to_string());
    call.grants.http = http;
    call
}

fn get(url: &str) -> Value {
    json!({ "method": "GET", "url": url })
}

async fn answer(asked: Value, allowed: &[&str]) -> Value {
    let end = client().await.run_task(asks("request", asked, grants(allowed))).await;
    end.result.unwrap().to_value()
}

async fn failure(task: &str, asked: Value, http: HttpGrants) -> Failure {
    client().await.run_task(asks(task, asked, http)).await.result.unwrap_err()
}

#[tokio::test]
async fn a_granted_host_answers() {
    let server = Server::start();
    let answer = answer(get(&server.url("/hello")), &[&server.host()]).await;
    assert_eq!((&answer["status"], &answer["begins"]), (&200.into(), &"hello".into()));
    assert_eq!(answer["headers"], json!({ "content-length": "5" }), "those of the connection are not the guest's");
}

#[tokio::test]
async fn a_request_is_sent_as_it_is_and_one_that_must_not_be_doubled_has_the_calls_key() {
    let server = Server::start();
    let post =
        json!({ "method": "POST", "url": server.url("/echo?a=b"), "body": "four", "headers": { "x-mine": "1" } });
    let echo = answer(post.clone(), &[&server.host()]).await["begins"].clone();
    let head = format!("host: {} | idempotency-key: key | transfer-encoding: chunked | x-mine: 1", server.host());
    assert_eq!(echo, format!("POST /echo?a=b HTTP/1.1 | 4 bytes, 444 | {head}"));
    let mut own = post;
    own["headers"]["idempotency-key"] = "mine".into();
    assert!(answer(own, &[&server.host()]).await["begins"].as_str().unwrap().contains("idempotency-key: mine"));
    let elsewhere = server.url(&format!("/elsewhere?{}", server.url("/echo")));
    let twice = json!({ "method": "POST", "url": elsewhere });
    let end = client().await.run_task(asks("follow", twice, grants(&[&server.host()]))).await;
    let echo = end.result.unwrap().to_value()["begins"].clone();
    assert!(echo.as_str().unwrap().contains("idempotency-key: key-2"), "{echo}");
}

#[tokio::test]
async fn bodies_stream_both_ways_whatever_their_size() {
    let server = Server::start();
    let post = json!({ "method": "POST", "url": server.url("/echo"), "body": "0123456789abcdef", "times": 500_000 });
    let echo = answer(post, &[&server.host()]).await["begins"].clone();
    assert!(echo.as_str().unwrap().contains("| 8000000 bytes, 561000000 |"), "{echo}");
    let large = answer(get(&server.url("/large?20000000")), &[&server.host()]).await;
    assert_eq!((&large["length"], &large["sum"]), (&20_000_000.into(), &20_000_000.into()));
    let chunked = answer(get(&server.url("/chunked?5000")), &[&server.host()]).await;
    assert_eq!(chunked["length"], 20_000);
}

#[tokio::test]
async fn a_host_that_is_not_granted_is_refused_with_the_flag() {
    let server = Server::start();
    for (url, allowed, flag) in [
        (server.url("/hello"), "example.org", server.host()),
        (server.url("/hello"), "127.0.0.1", server.host()),
        (format!("http://localhost:{}/", server.port()), &server.host(), format!("localhost:{}", server.port())),
        (format!("http://0x7f.1:{}/", server.port()), &server.host(), format!("0x7f.1:{}", server.port())),
        ("https://api.example.org/".to_owned(), &server.host(), "api.example.org".to_owned()),
        ("http://user:secret@api.example.org/".to_owned(), "*", String::new()),
    ] {
        let failure = failure("request", get(&url), grants(&[allowed])).await;
        if flag.is_empty() {
            assert_eq!(said(&failure), "returned: ErrorCode::HttpRequestUriInvalid");
            continue;
        }
        let expected = format!("not-granted: HTTP to `{flag}` is not granted: allow it with `--allow-http {flag}`");
        assert_eq!(said(&failure), expected);
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_redirect_is_followed_only_to_where_a_request_may_go() {
    let (server, other) = (Server::start(), Server::start());
    let url = server.url(&format!("/elsewhere?{}", other.url("/hello")));
    let failure = failure("follow", get(&url), grants(&[&server.host()])).await;
    assert_eq!(failure.kind, FailureKind::NotGranted);
    assert!(failure.message.ends_with(&format!("allow it with `--allow-http {}`", other.host())), "{failure}");
    assert_eq!((server.requests(), other.requests()), (1, 0));
    let both = asks("follow", get(&url), grants(&[&server.host(), &other.host()]));
    assert_eq!(client().await.run_task(both).await.result.unwrap().to_value()["begins"], "hello");
}

/// Answers each name with these addresses, and counts how often it is asked.
#[derive(Debug)]
struct Fixed(Vec<IpAddr>, AtomicUsize);

impl Fixed {
    fn new(addresses: &[&str]) -> Arc<Fixed> {
        Arc::new(Fixed(addresses.iter().map(|address| address.parse().unwrap()).collect(), AtomicUsize::new(0)))
    }
}

impl Resolver for Fixed {
    fn resolve(&self, _name: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        self.1.fetch_add(1, Ordering::SeqCst);
        let addresses = self.0.clone();
        Box::pin(async move { Ok(addresses) })
    }
}

#[tokio::test]
async fn a_granted_name_that_leads_to_this_machine_is_refused_whatever_its_code_makes_of_it() {
    let server = Server::start();
    let url = format!("http://api.example.org:{}/hello", server.port());
    let allowed = format!("api.example.org:{}", server.port());
    for task in ["request", "shrug"] {
        for addresses in [["127.0.0.1"].as_slice(), &["::ffff:127.0.0.1"], &["1.1.1.1", "127.0.0.1"]] {
            let http = HttpGrants { resolver: Some(Fixed::new(addresses)), ..grants(&[&allowed, "*"]) };
            let failure = failure(task, get(&url), http).await;
            assert_eq!(failure.kind, FailureKind::NotGranted, "{failure}");
            let message = failure.message.replace("::ffff:", "");
            assert_eq!(
                message,
                format!(
                    "the name `api.example.org` leads to 127.0.0.1, a loopback address, which is not granted: allow that with \
                     `--allow-http 127.0.0.1:{}`",
                    server.port()
                )
            );
        }
    }
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_name_is_looked_up_once_and_its_address_may_be_granted_too() {
    let server = Server::start();
    let url = format!("http://API.example.org:{}/hello", server.port());
    let resolver = Fixed::new(&["127.0.0.1"]);
    let allowed = format!("api.example.org:{}", server.port());
    let http = HttpGrants { resolver: Some(resolver.clone()), ..grants(&[&allowed, &server.host()]) };
    let end = client().await.run_task(asks("request", get(&url), http)).await;
    assert_eq!(end.result.unwrap().to_value()["begins"], "hello");
    assert_eq!(resolver.1.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_silent_server_is_given_up() {
    let server = Server::start();
    for (path, expected) in [("/silent", "ErrorCode::ConnectionReadTimeout"), ("/stops", "connection read timeout")] {
        let asked = json!({ "method": "GET", "url": server.url(path), "silence_ms": 30 });
        let failure = failure("request", asked, grants(&[&server.host()])).await;
        assert!(said(&failure).contains(expected), "{failure:?}");
        server.until_gone();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_attempt_lets_go_of_its_connection() {
    let server = Server::start();
    let call = asks("request", get(&server.url("/silent")), grants(&[&server.host()]));
    let (stop, client) = (call.stop.clone(), client().await);
    let running = tokio::spawn(async move { client.run_task(call).await });
    while server.requests() == 0 {
        tokio::task::yield_now().await;
    }
    stop.cancel();
    let TaskEnd { result, .. } = running.await.unwrap();
    assert_eq!(said(&result.unwrap_err()), "cancelled: the attempt was stopped");
    tokio::task::spawn_blocking(move || server.until_gone()).await.unwrap();
}

#[tokio::test]
async fn heads_have_a_limit_in_both_directions() {
    let server = Server::start();
    let allowed = server.host();
    let url = server.url(&format!("/boast?{}", 8 * limits::HTTP_HEAD_BYTES_MAX));
    let failure_of = async |asked| failure("request", asked, grants(&[&allowed])).await;
    assert_eq!(
        said(&failure_of(get(&url)).await),
        format!("returned: ErrorCode::HttpResponseHeaderSectionSize(Some({}))", limits::HTTP_HEAD_BYTES_MAX)
    );
    let mut asked = get(&server.url("/hello"));
    asked["headers"] = json!({ "x-long": "x".repeat(limits::HTTP_FIELDS_BYTES_MAX) });
    assert_eq!(
        said(&failure_of(asked).await),
        format!(
            "limit-exceeded: the headers of an HTTP request have more than {} bytes",
            limits::HTTP_FIELDS_BYTES_MAX
        )
    );
}

#[tokio::test]
async fn what_fails_on_the_way_is_an_error_of_the_code_and_a_line_of_the_log() {
    let world = World::new();
    let mut call = call(&world, "request", &json!({ "asked": get("http://127.0.0.1:9/a?secret=b") }).to_string());
    call.grants.http = grants(&["127.0.0.1:9"]);
    let failure = client().await.run_task(call).await.result.unwrap_err();
    assert_eq!(said(&failure), "returned: ErrorCode::ConnectionRefused");
    let lines = world.lines();
    assert!(lines[0].starts_with("Log Warn headwater::http GET http://127.0.0.1:9: "), "{lines:?}");
}

#[tokio::test]
async fn sleeping_takes_no_time_although_the_task_has_http() {
    let server = Server::start();
    let mut call = asks("doze", get(&server.url("/hello")), grants(&[&server.host()]));
    call.input = json!({ "asked": get(&server.url("/hello")), "ms": 3_600_000 }).to_string();
    let slept = client().await.run_task(call).await.result.unwrap().to_value();
    assert!(slept.as_u64().unwrap() >= 3_600_000, "{slept}");
}

#[tokio::test]
async fn whoever_asks_for_nothing_sends_nothing() {
    let (server, narrow) = (Server::start(), component("grants_narrow").await);
    let unasked = asks("request_all_the_same", get(&server.url("/hello")), HttpGrants::default());
    let expected = format!(
        "not-granted: the task sent an HTTP request to `{0}`, and does not ask for it: write `http = \"{0}\"` in its attribute, \
         and allow it with `--allow-http {0}`",
        server.host()
    );
    assert_eq!(said(&narrow.run_task(unasked).await.result.unwrap_err()), expected);
    let http = HttpGrants { asked: vec!["api.example.org".parse().unwrap()], ..grants(&["*", &server.host()]) };
    let narrow = narrow.run_task(asks("request", get(&server.url("/hello")), http)).await;
    assert_eq!(said(&narrow.result.unwrap_err()), expected);
    assert_eq!(server.requests(), 0);
}

#[tokio::test]
async fn a_flow_may_not_send_a_request() {
    let world = World::new();
    let narrow = component("grants_narrow").await;
    let mut flow = narrow.flow(crate::kit::run_info(), world.clone(), world);
    let parameters = crate::kit::json(&json!({ "asked": get("https://api.example.org/") }).to_string());
    let activation = flow.start("itself", &parameters, crate::kit::NOW).await;
    assert_eq!(
        said(&activation.ended.unwrap_err()),
        "not-granted: a flow may not send an HTTP request to `api.example.org`: do it in a task"
    );
}
