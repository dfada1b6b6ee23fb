//! Requests as a flow makes them: what comes back, what is asked again, what the operator did not allow.

use crate::machine::{Machine, Ran};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener},
    thread::{self, JoinHandle},
};

/// Gives one connection after the other the next of these answers, and tells afterwards what was asked: first line and body.
fn answering(answers: Vec<&'static str>) -> (String, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let asked = thread::spawn(move || answers.into_iter().map(|answer| exchange(&listener, answer)).collect());
    (host, asked)
}

fn exchange(listener: &TcpListener, answer: &str) -> String {
    let (stream, _) = listener.accept().unwrap();
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (Vec::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).unwrap();
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap();
        }
        head.push(line);
    }
    let chunked = head.iter().any(|line| line == "transfer-encoding: chunked");
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    let mut text = String::from_utf8(body).unwrap();
    if chunked {
        // One chunk, then the empty one.
        let lines: Vec<String> = stream.by_ref().lines().take(4).map(Result::unwrap).collect();
        text = lines[1].clone();
    }
    stream.get_mut().write_all(answer.as_bytes()).unwrap();
    format!("{} {text}", head[0])
}

fn ask(host: &str, grant: &str, request: Value, retries: Value) -> Ran {
    let mut request = request;
    request["url"] = format!("http://{host}/thing").into();
    let parameters = json!({"request": request, "retries": retries});
    Machine::new().run_with("ask", parameters, &["--allow-http", grant, "--allow-clock"])
}

const OK: &str = "HTTP/1.1 200 OK\r\nx-kind: good\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello";
const TOO_MANY: &str =
    "HTTP/1.1 429 Too Many Requests\r\nretry-after: 0\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const BROKEN: &str = "HTTP/1.1 500 Broken\r\ncontent-length: 4\r\nconnection: close\r\n\r\noops";
const MISSING: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

#[test]
fn who_asks_too_often_is_told_when_to_come_again() {
    let (host, asked) = answering(vec![TOO_MANY, BROKEN, OK]);
    let ran = ask(&host, &host, json!({}), json!({"first_wait_ms": 1}));
    let answer = ran.result();
    assert_eq!((&answer["status"], &answer["body"]), (&json!(200), &json!("hello")));
    assert_eq!(answer["headers"]["x-kind"], "good");
    assert_eq!(asked.join().unwrap(), ["get /thing http/1.1 "; 3]);
}

#[test]
fn what_may_have_been_done_is_not_asked_twice() {
    let (host, asked) = answering(vec![BROKEN]);
    let ran = ask(&host, &host, json!({"method": "POST", "body": "one more"}), json!({}));
    let (kind, message) = ran.failure();
    assert_eq!(kind, "returned");
    assert!(message.contains("the answer has status 500; it may have been done"), "{message}");
    assert_eq!(asked.join().unwrap(), ["post /thing http/1.1 one more"]);
}

#[test]
fn an_answer_that_says_no_is_an_answer_and_content_may_be_a_file() {
    let (host, asked) = answering(vec![MISSING, OK]);
    assert_eq!(ask(&host, &host, json!({}), json!({})).result()["status"], 404);
    let request = json!({"request": {"url": format!("http://{host}/thing")}});
    let ran = Machine::new().run_with("fetch", request, &["--allow-http", &host, "--allow-clock"]);
    assert_eq!((&ran.result()["status"], &ran.result()["file"]["size"]), (&json!(200), &json!(5)));
    asked.join().unwrap();
}

#[test]
fn a_host_that_nobody_allowed_is_not_asked() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let ran = ask(&host, "api.example.org", json!({}), json!({}));
    let (kind, message) = ran.failure();
    assert_eq!(kind, "not-granted");
    assert!(message.contains(&host) && message.contains("--allow-http"), "{message}");
    listener.set_nonblocking(true).unwrap();
    assert!(listener.accept().is_err(), "nobody came");
}
