//! What a run may reach: refused before it starts where something is missing, asked for at a terminal, and given by flags.

#[path = "../sandbox/server.rs"]
mod server;

use crate::kit::{Home, Said, guest, said};
use serde_json::{Value, json};
use server::{Server, serve};
use std::{
    fs,
    io::{Read as _, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::Arc,
};
use tokio_rustls::rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

fn get(url: &str) -> String {
    format!("asked={}", json!({ "method": "GET", "url": url }))
}

fn run(home: &Home, name: &str, flow: &str, url: &str, more: &[&str]) -> Said {
    let (guest, asked) = (guest(name), get(url));
    let mut arguments = vec!["run", &guest, "--flow", flow, "--param", &asked];
    arguments.extend(more);
    home.headwater(&arguments)
}

fn outcome(said: &Said) -> Value {
    let objects = said.objects();
    objects.last().unwrap()["outcome"].clone()
}

#[test]
fn all_that_is_missing_is_told_at_once_with_its_flags_and_nothing_is_started() {
    let home = Home::new();
    let said = home.headwater(&["run", &guest("grants_machine"), "--flow", "variables"]);
    assert_eq!((said.code, said.stdout.as_str()), (2, ""));
    assert_eq!(
        said.stderr,
        "error: `headwater-test-guests` asks for more than was granted: nothing was started\n\
         hint: tasks `look`, `stay` ask for real time and randomness: grant it with `--allow-clock`\n\
         hint: tasks `measure`, `read_one`, `read_two` ask for the variable `GREETING`: grant it with `--env GREETING`\n\
         hint: task `read_two` asks for the variable `PLACE`: grant it with `--env PLACE`\n\
         hint: or start it without: `--deny-rest`; a call of such a task fails then\n"
    );
    let json = home.headwater(&["run", &guest("grants_http"), "--flow", "one", "--json"]);
    assert_eq!(json.code, 2);
    assert_eq!(
        json.objects()[0]["hints"][0],
        "tasks `doze`, `follow`, `request`, `shrug` ask for HTTP to any host: grant it with `--allow-http HOST`"
    );
    assert_eq!(home.headwater(&["flow-run", "ls", "--all", "--json"]).stdout, "");
}

#[test]
fn variables_reach_the_tasks_that_ask_for_them_and_no_journal() {
    let home = Home::new();
    let mut command = home.command(&[
        "run",
        &guest("grants_machine"),
        "--flow",
        "variables",
        "--env",
        "GREETING",
        "--env",
        "PLACE",
        "--allow-clock",
        "--json",
    ]);
    command.env("GREETING", "hello").env("PLACE", "xenon-quarry").env("OTHER", "no");
    let said = said(command);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let expected = json!([["GREETING=hello", "PLACE=xenon-quarry"], ["GREETING=hello"], []]);
    assert_eq!(outcome(&said)["ok"], expected);
    // A task that returns a variable has told it; one that only reads it has not.
    let mut command =
        home.command(&["run", &guest("grants_machine"), "--flow", "length", "--env", "GREETING", "--deny-rest"]);
    command.env("GREETING", "umbrella-tundra");
    assert_eq!(crate::kit::said(command).code, 0);
    assert!(!holds(&home.path().join("home"), b"umbrella-tundra"));
    assert!(holds(&home.path().join("home"), b"xenon-quarry"), "the search finds what is there");
}

/// Whether some file below the folder has these bytes.
fn holds(folder: &Path, text: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| match path.is_dir() {
        true => holds(&path, text),
        false => fs::read(&path).is_ok_and(|bytes| bytes.windows(text.len()).any(|window| window == text)),
    })
}

#[test]
fn a_variable_that_is_not_set_is_told_before_and_by_whoever_takes_the_run_up() {
    let home = Home::new();
    let machine = guest("grants_machine");
    let said = home.headwater(&["run", &machine, "--flow", "variables", "--env", "PLACE", "--deny-rest"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.starts_with("error: the variable `PLACE` is not set\nhint: "), "{}", said.stderr);
    let arguments =
        ["run", &machine, "--flow", "waits", "--env", "GREETING", "--deny-rest", "--no-wait", "--name", "a-run"];
    let mut command = home.command(&arguments);
    command.env("GREETING", "hello");
    assert_eq!(crate::kit::said(command).code, 5);
    let answered = home.headwater(&["flow-run", "answer", "a-run", "0", "null"]);
    let expected =
        "the variable `GREETING` was granted, but is not set in the process that drives the run: set it there";
    assert_eq!(answered.code, 1);
    assert!(
        answered.stdout.contains(expected) || answered.stderr.contains(expected),
        "{}{}",
        answered.stdout,
        answered.stderr
    );
}

#[test]
fn the_machines_clock_and_randomness_are_given_and_what_saw_them_is_not_cached() {
    let home = Home::new();
    let ask = || {
        let said = home.headwater(&[
            "run",
            &guest("grants_machine"),
            "--flow",
            "clocks",
            "--allow-clock",
            "--deny-rest",
            "--json",
        ]);
        assert_eq!(said.code, 0, "{}", said.stderr);
        outcome(&said)["ok"].clone()
    };
    let (first, second) = (ask(), ask());
    let looks = [&first[0], &first[1], &second[0], &second[1]];
    for pair in looks.windows(2) {
        assert!(pair[0][0].as_u64() < pair[1][0].as_u64(), "time passes: {pair:?}");
        assert_ne!(pair[0][2], pair[1][2], "chance");
        assert!(pair[0][1].as_u64().unwrap() >= 50, "it slept: {pair:?}");
    }
}

#[test]
fn the_rest_can_be_denied_and_then_a_call_fails_with_the_flag() {
    let home = Home::new();
    let said = run(&home, "grants_http", "one", "https://example.org/", &["--deny-rest", "--json"]);
    assert_eq!(said.code, 1);
    assert_eq!(
        outcome(&said)["err"]["message"],
        "task `request` asks for HTTP to any host: grant it with `--allow-http HOST`"
    );
    let without = home.headwater(&["run", &guest("grants_machine"), "--flow", "none", "--deny-rest"]);
    assert_eq!(without.code, 0, "{}", without.stderr);
}

#[test]
fn http_goes_to_a_granted_host_and_from_a_child_too() {
    let (home, server) = (Home::new(), Server::start());
    for flow in ["one", "child"] {
        let said = run(&home, "grants_http", flow, &server.url("/hello"), &["--allow-http", &server.host(), "--json"]);
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert_eq!(outcome(&said)["ok"]["begins"], "hello");
    }
    let localhost = format!("localhost:{}", server.port());
    let url = format!("http://{localhost}/hello");
    let said = run(&home, "grants_http", "one", &url, &["--allow-http", &localhost, "--json"]);
    assert_eq!(outcome(&said)["ok"]["begins"], "hello", "{}", said.stderr);
    assert_eq!(server.requests(), 3);
    let elsewhere = run(&home, "grants_http", "one", &server.url("/hello"), &["--allow-http", "example.org", "--json"]);
    let message = outcome(&elsewhere)["err"]["message"].clone();
    let said = format!("HTTP to `{0}` is not granted: allow it with `--allow-http {0}`", server.host());
    assert_eq!((elsewhere.code, message), (1, said.into()));
}

#[test]
fn the_grants_of_a_plugins_tasks_count_too() {
    let (home, server) = (Home::new(), Server::start());
    let (with, host) = (guest("grants_http"), server.host());
    let missing = run(&home, "grants_plugin", "through_plugin", &server.url("/hello"), &["--with", &with]);
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("hint: task `request` asks for HTTP to any host: "), "{}", missing.stderr);
    let given = ["--with", &with, "--allow-http", &host];
    let said = run(&home, "grants_plugin", "through_plugin", &server.url("/hello"), &given);
    assert_eq!(said.code, 0, "{}", said.stderr);
}

#[test]
fn a_flag_that_names_no_host_or_no_variable_is_refused() {
    let home = Home::new();
    let guest = guest("grants_http");
    let said = home.headwater(&["run", &guest, "--allow-http", "https://example.org/"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.contains("`https://example.org/` is no host: write `example.org`"), "{}", said.stderr);
    let said = home.headwater(&["run", &guest, "--env", "A=b"]);
    assert_eq!(said.code, 2);
    assert!(said.stderr.starts_with("error: `A=b` is no name of a variable\nhint: "), "{}", said.stderr);
}

/// With the certificate for `localhost` in `tests/sandbox/tls`.
fn start_secret() -> Server {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("../sandbox/tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("../sandbox/tls/server.key.pem")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key);
    let config = Arc::new(config.unwrap());
    Server::with(move |stream, serving| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        serve(StreamOwned::new(connection, stream), serving)
    })
}

#[test]
fn a_request_that_the_flow_gives_up_is_broken_off() {
    let (home, server) = (Home::new(), Server::start());
    let more = ["--param", "after_ms=50", "--allow-http", &server.host(), "--json"];
    let said = run(&home, "grants_http", "cancels", &server.url("/silent"), &more);
    assert_eq!((said.code, &outcome(&said)["ok"]), (0, &"given up".into()), "{}", said.stderr);
    server.until_gone();
}

#[test]
fn tls_is_for_whom_the_machine_trusts() {
    let (home, server) = (Home::new(), start_secret());
    let authority = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sandbox/tls/authority.pem");
    let ask = |host: &str, trusted: &str| {
        let (host, guest) = (format!("{host}:{}", server.port()), guest("grants_http"));
        let asked = get(&format!("https://{host}/hello"));
        let mut command =
            home.command(&["run", &guest, "--flow", "one", "--param", &asked, "--allow-http", &host, "--json"]);
        command.env("SSL_CERT_FILE", trusted).env_remove("SSL_CERT_DIR");
        let said = crate::kit::said(command);
        (outcome(&said), said.stdout)
    };
    assert_eq!(ask("localhost", authority).0["ok"]["begins"], "hello");
    let (stranger, log) = ask("127.0.0.1", authority);
    assert_eq!(stranger["err"]["message"], "ErrorCode::TlsCertificateError");
    assert!(log.contains("certificate not valid for name"), "{log}");
    let empty = home.path().join("empty.pem");
    fs::write(&empty, "").unwrap();
    let (nobody, log) = ask("localhost", &empty.to_string_lossy());
    assert_eq!(nobody["err"]["message"], "ErrorCode::TlsProtocolError");
    assert!(log.contains("no certificate authorities were found on this machine"), "{log}");
}

/// At a terminal that util-linux's `script` makes, with these lines typed.
fn at_a_terminal(home: &Home, command: &str, typed: &str) -> Said {
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", command, "/dev/null"]);
    script.env("HEADWATER_HOME", home.path().join("home")).env("GREETING", "hello").env("PLACE", "here");
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(typed.as_bytes()).unwrap();
    // Its end would be typed too.
    let mut shown = String::new();
    child.stdout.take().unwrap().read_to_string(&mut shown).unwrap();
    drop(stdin);
    Said { code: child.wait().unwrap().code().unwrap(), stdout: shown, stderr: String::new() }
}

#[test]
fn at_a_terminal_a_person_is_asked_once_for_each_grant() {
    let (home, server) = (Home::new(), Server::start());
    let binary = env!("CARGO_BIN_EXE_headwater");
    let command = format!("{binary} run {} --flow variables", guest("grants_machine"));
    let agreed = at_a_terminal(&home, &command, "y\nyes\nY\n");
    assert_eq!(agreed.code, 0, "{}", agreed.stdout);
    for question in [
        "tasks `look`, `stay` ask for real time and randomness: allow for this run? [y/N]",
        "tasks `measure`, `read_one`, `read_two` ask for the variable `GREETING`: allow for this run? [y/N]",
        "task `read_two` asks for the variable `PLACE`: allow for this run? [y/N]",
    ] {
        assert_eq!(agreed.stdout.matches(question).count(), 1, "{}", agreed.stdout);
    }
    let refused = at_a_terminal(&home, &command, "y\n\ny\n");
    assert_eq!(refused.code, 2, "{}", refused.stdout);
    assert!(refused.stdout.contains("grant it with `--env GREETING`"), "{}", refused.stdout);
    assert!(!refused.stdout.contains("--allow-clock"), "{}", refused.stdout);
    let asked = get(&server.url("/hello"));
    let command = format!("{binary} run {} --flow one --param '{asked}'", guest("grants_http"));
    let named = at_a_terminal(&home, &command, &format!("{}\n", server.host()));
    assert_eq!(named.code, 0, "{}", named.stdout);
    assert!(named.stdout.contains("ask for HTTP to any host: which one, for this run? [none]"), "{}", named.stdout);
}
