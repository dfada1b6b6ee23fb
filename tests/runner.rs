//! The runner as a process of its own, beside its owner: real programs, pipes and signals, the protocol by hand.
//!
//! Each test starts its own runner and ends it; nothing here waits for a clock.
#![cfg(test)]

use headwater::runner::protocol::{
    client::{Client, Event},
    line::encode_request,
    message::{Answer, Ended, Hidden, Request, Run, StartFailure, Stream},
};
use headwater::secret::Secret;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

struct Owner {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    client: Client,
    lines: BTreeMap<String, Vec<(Stream, String)>>,
    ended: BTreeMap<String, Ended>,
    failed: BTreeMap<String, StartFailure>,
    _folder: tempfile::TempDir,
}

impl Owner {
    /// Beside an owner.
    fn start() -> Owner {
        let folder = tempfile::tempdir().unwrap();
        let locks = folder.path().join("locks");
        std::fs::create_dir(&locks).unwrap();
        Owner::with(folder, &["--local", "--locks", locks.to_str().unwrap()])
    }

    /// As in a container: nobody else has the folder of its attempts.
    fn alone() -> Owner {
        Owner::with(tempfile::tempdir().unwrap(), &[])
    }

    fn with(folder: tempfile::TempDir, arguments: &[&str]) -> Owner {
        let mut child = Command::new(env!("CARGO_BIN_EXE_headwater"))
            .arg("runner")
            .args(arguments)
            // One whose test has failed does not stay.
            .env("HEADWATER_RUNNER_SILENCE_S", "600")
            .arg("--io")
            .arg(folder.path().join("io"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut owner = Owner {
            child,
            stdin,
            stdout,
            client: Client::new(1, 0, 1),
            lines: BTreeMap::new(),
            ended: BTreeMap::new(),
            failed: BTreeMap::new(),
            _folder: folder,
        };
        let hello = owner.client.tick();
        owner.send(&hello);
        while !owner.client.is_greeted() {
            owner.read();
        }
        owner
    }

    fn send(&mut self, bytes: &[u8]) {
        self.stdin.write_all(bytes).unwrap();
    }

    fn ask(&mut self, id: &str, request: &Request) {
        let bytes = self.client.request(id, request).unwrap();
        self.send(&bytes);
    }

    fn shell(&mut self, id: &str, script: &str) {
        let argv = ["sh", "-c", script].map(str::to_owned).to_vec();
        self.ask(id, &Request::Run(Run { argv, ..Run::default() }));
    }

    fn read(&mut self) {
        let mut line = Vec::new();
        assert_ne!(self.stdout.read_until(b'\n', &mut line).unwrap(), 0, "the runner has ended");
        for event in self.client.receive(&line) {
            match event {
                Event::Send(bytes) => self.send(&bytes),
                Event::Answer(number, answer) => {
                    self.take(answer);
                    if let Some(bytes) = self.client.acknowledge(number) {
                        self.send(&bytes);
                    }
                }
                Event::Greeted(_) | Event::Taken(_) => {}
                Event::Refused(_) | Event::Lost | Event::Version(_) => panic!("{event:?}"),
            }
        }
    }

    fn take(&mut self, answer: Answer) {
        match answer {
            Answer::Line(line) => {
                let lines = self.lines.entry(line.request).or_default();
                lines.push((line.stream, line.text));
                assert_eq!(lines.len() as u64, line.ordinal);
            }
            Answer::Ended(ended) => drop(self.ended.insert(ended.request.clone(), ended)),
            Answer::Failed { request, reason, .. } => drop(self.failed.insert(request, reason)),
            _ => panic!("{answer:?}"),
        }
    }

    fn end_of(&mut self, id: &str) -> Ended {
        while !self.ended.contains_key(id) {
            self.read();
        }
        self.ended[id].clone()
    }

    fn failure_of(&mut self, id: &str) -> StartFailure {
        while !self.failed.contains_key(id) {
            self.read();
        }
        self.failed[id]
    }

    fn first_line(&mut self, id: &str) -> String {
        while !self.lines.contains_key(id) {
            self.read();
        }
        self.lines[id][0].1.clone()
    }
}

/// Gone, or dead and not yet reaped by whoever must.
fn is_dead(pid: &str) -> bool {
    match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(stat) => stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with(['Z', 'X'])),
        Err(_) => !Path::new("/proc").join(pid).exists(),
    }
}

#[test]
fn lines_code_and_files_come_back() {
    let mut owner = Owner::start();
    let run = Run {
        argv: ["sh", "-c", "read word; echo $word; echo oops >&2; cat $IN; printf 7 > $OUT/result.json; exit 3"]
            .map(str::to_owned)
            .to_vec(),
        stdin: Some("hello\n".to_owned()),
        files: vec![("arguments.json".to_owned(), "{}".to_owned())],
        env: vec![
            ("IN".to_owned(), format!("{}/io/a.1/in/arguments.json", owner._folder.path().display())),
            ("OUT".to_owned(), format!("{}/io/a.1/out", owner._folder.path().display())),
        ],
        working_dir: Some("/".to_owned()),
        ..Run::default()
    };
    owner.ask("a.1", &Request::Run(run));
    let end = owner.end_of("a.1");
    assert_eq!((end.code, end.signal, end.outputs, end.result.as_deref()), (Some(3), None, 1, Some("7")));
    let of = |wanted| {
        owner.lines["a.1"]
            .iter()
            .filter(|(stream, _)| *stream == wanted)
            .map(|(_, text)| text.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Stream::Stdout), ["hello", "{}"]);
    assert_eq!(of(Stream::Stderr), ["oops"]);
}

#[test]
fn a_secret_is_in_no_answer_and_in_no_file() {
    let mut owner = Owner::start();
    let value = "correct/horse battery";
    let hidden = Hidden { variable: "WORD".to_owned(), name: "TOKEN".to_owned(), value: Secret::new(value.to_owned()) };
    let script = "echo begin; printf 'told: %s' \"${WORD%%/*}\"; printf '%s and more\\n' \"${WORD#correct}\"; \
        printf '%s' \"$WORD\" | base64 >&2; printf '%8190s%s\\n' '' \"$WORD\"";
    let argv = ["sh", "-c", script].map(str::to_owned).to_vec();
    owner.ask("a.1", &Request::Run(Run { argv, secrets: vec![hidden.clone()], ..Run::default() }));
    assert_eq!(owner.end_of("a.1").code, Some(0));
    let said: Vec<String> = owner.lines["a.1"].iter().map(|(_, text)| text.trim_start().to_owned()).collect();
    for line in ["begin", "told: *** and more"] {
        assert!(said.iter().any(|text| text == line), "{said:?}");
    }
    assert_eq!(said.iter().filter(|text| *text == "***").count(), 2, "{said:?}");

    let out = owner._folder.path().join("io/a.2/out/result.json");
    let argv = ["sh", "-c", "printf '[\"%s\"]' \"$WORD\" > $OUT"].map(str::to_owned).to_vec();
    let env = vec![("OUT".to_owned(), out.to_string_lossy().into_owned())];
    owner.ask("a.2", &Request::Run(Run { argv, env, secrets: vec![hidden], ..Run::default() }));
    let end = owner.end_of("a.2");
    assert_eq!((end.code, end.outputs, end.result, end.shows.as_deref()), (Some(0), 1, None, Some("TOKEN")));
    let ours = std::fs::read_dir(owner._folder.path().join("io")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(ours.into_iter().all(|name| name == "a.1" || name == "a.2"), "the runner keeps nothing else");
}

#[test]
fn a_missing_program_and_a_missing_folder_are_told_apart() {
    let mut owner = Owner::start();
    let argv = vec!["no-such-program".to_owned()];
    owner.ask("a.1", &Request::Run(Run { argv, ..Run::default() }));
    assert_eq!(owner.failure_of("a.1"), StartFailure::ProgramNotFound);
    let argv = vec!["true".to_owned()];
    owner.ask("a.2", &Request::Run(Run { argv, working_dir: Some("/no/such/folder".to_owned()), ..Run::default() }));
    assert_eq!(owner.failure_of("a.2"), StartFailure::WorkingFolderNotFound);
    let argv = vec!["/etc/passwd".to_owned()];
    owner.ask("a.3", &Request::Run(Run { argv, ..Run::default() }));
    assert_eq!(owner.failure_of("a.3"), StartFailure::NotExecutable);
    owner.ask("a.4", &Request::Run(Run::default()));
    assert_eq!(owner.failure_of("a.4"), StartFailure::Invalid);
}

#[test]
fn stop_ends_grandchildren_that_left_their_group_before_it_says_so() {
    let mut owner = Owner::start();
    owner.shell("a.1", "setsid sh -c 'trap \"\" TERM; echo $$; while :; do sleep 60; done' & trap '' TERM; wait");
    let grandchild = owner.first_line("a.1");
    assert!(!is_dead(&grandchild));
    owner.ask("a.1.stop", &Request::Stop { request: "a.1".to_owned(), signal: "SIGTERM".to_owned(), grace_ms: 50 });
    let end = owner.end_of("a.1");
    assert!(end.stopped && is_dead(&grandchild));
}

#[test]
fn a_program_that_heeds_the_signal_is_given_its_grace() {
    let mut owner = Owner::start();
    owner.shell("a.1", "trap 'echo tidy; exit 4' TERM; echo up; while :; do sleep 0.01; done");
    owner.first_line("a.1");
    owner.ask("a.1.stop", &Request::Stop { request: "a.1".to_owned(), signal: "TERM".to_owned(), grace_ms: 60_000 });
    assert_eq!(owner.end_of("a.1").code, Some(4));
    // The shell may say too that its `sleep` was terminated.
    assert!(owner.lines["a.1"].iter().any(|(_, line)| line == "tidy"), "{:?}", owner.lines["a.1"]);
}

#[test]
fn the_end_of_a_program_is_the_end_of_all_that_it_started() {
    let mut owner = Owner::start();
    owner.shell("a.1", "setsid sleep 600 & echo $!");
    let left = owner.first_line("a.1");
    assert_eq!(owner.end_of("a.1").code, Some(0));
    assert!(is_dead(&left));
    // One that has thrown its environment away, too.
    owner.shell("a.2", "setsid env -i /bin/sh -c 'echo $$; exec sleep 600' & wait");
    let left = owner.first_line("a.2");
    owner.ask("a.2.stop", &Request::Stop { request: "a.2".to_owned(), signal: "TERM".to_owned(), grace_ms: 0 });
    owner.end_of("a.2");
    assert!(is_dead(&left));
    let out = owner._folder.path().join("a.3.pid");
    let script = format!(
        "setsid env -i /bin/sh -c 'echo $$ | tee {0}; exec sleep 600' & while ! test -s {0}; do :; done",
        out.display()
    );
    owner.shell("a.3", &script);
    let left = owner.first_line("a.3");
    owner.end_of("a.3");
    assert!(is_dead(&left));
}

#[test]
fn a_flood_arrives_whole_and_once() {
    let mut owner = Owner::start();
    owner.shell("a.1", "i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
    owner.end_of("a.1");
    let lines: Vec<String> = owner.lines["a.1"].iter().map(|(_, text)| text.clone()).collect();
    assert_eq!(lines, (0..20_000).map(|n| format!("line {n}")).collect::<Vec<_>>());
}

#[test]
fn torn_and_doubled_requests_do_no_harm() {
    let mut owner = Owner::start();
    let argv = ["sh", "-c", "echo once"].map(str::to_owned).to_vec();
    let request = Request::Run(Run { argv, ..Run::default() });
    let whole = owner.client.request("a.1", &request).unwrap();
    owner.send(&whole[..whole.len() / 2]);
    owner.send(&whole);
    owner.send(&whole);
    owner.end_of("a.1");
    owner.send(&whole);
    owner.shell("a.2", "true");
    owner.end_of("a.2");
    assert_eq!(owner.lines["a.1"].len(), 1);
}

#[test]
fn a_second_owner_shuts_the_first_out() {
    let mut owner = Owner::start();
    owner.send(&encode_request(9, "-", &Request::Acknowledge { number: 0 }));
    let argv = ["sh", "-c", "echo stale"].map(str::to_owned).to_vec();
    let stale = owner.client.request("a.1", &Request::Run(Run { argv, ..Run::default() })).unwrap();
    owner.send(&stale);
    let mut events = Vec::new();
    while events.is_empty() {
        let mut line = Vec::new();
        owner.stdout.read_until(b'\n', &mut line).unwrap();
        events = owner.client.receive(&line);
    }
    assert_eq!(events, [Event::Refused(9)]);
}

#[test]
fn nothing_lives_when_the_owner_is_gone() {
    let mut owner = Owner::start();
    owner.shell("a.1", "setsid sleep 600 & echo $!; exec sleep 600");
    let grandchild = owner.first_line("a.1");
    let lock = std::fs::File::open(owner._folder.path().join("locks/a.1")).unwrap();
    let Owner { mut child, stdin, stdout, .. } = owner;
    drop((stdin, stdout));
    // What a new owner does: it waits for the lock.
    lock.lock().unwrap();
    assert!(is_dead(&grandchild));
    assert!(child.wait().unwrap().success());
}

/// Kills the runner, or the process above it that guards it, while a program runs with a daemon below it. Neither lives when the lock is had.
fn killed(which: fn(&Child) -> Pid) {
    let mut owner = Owner::start();
    owner.shell("a.1", "setsid env -i /bin/sh -c 'sleep 600 & echo $!; exec sleep 600' & exec sleep 600");
    let daemon = owner.first_line("a.1");
    let program = parent_of(&parent_of(&daemon));
    owner.shell("a.2", "echo $$");
    owner.end_of("a.2");
    let lock = std::fs::File::open(owner._folder.path().join("locks/a.1")).unwrap();
    let of_ended = std::fs::File::open(owner._folder.path().join("locks/a.2")).unwrap();
    of_ended.try_lock().unwrap();
    assert!(lock.try_lock().is_err());
    kill_process(which(&owner.child), Signal::KILL).unwrap();
    lock.lock().unwrap();
    assert!(is_dead(&daemon) && is_dead(&program));
    // What was killed with the runner has not ended by itself: nobody says that it has.
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut owner.stdout, &mut rest).unwrap();
    assert!(!rest.contains("ended"), "{rest}");
    assert!(!owner.child.wait().unwrap().success());
}

fn parent_of(pid: &str) -> String {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    stat.rsplit_once(')').unwrap().1.split_whitespace().nth(1).unwrap().to_owned()
}

#[test]
fn nothing_lives_when_the_runner_is_killed() {
    killed(|guard| {
        let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", guard.id())).unwrap();
        Pid::from_raw(children.trim().parse().unwrap()).unwrap()
    });
}

#[test]
fn nothing_lives_when_the_guard_of_the_runner_is_killed() {
    killed(|guard| Pid::from_raw(guard.id().try_into().unwrap()).unwrap());
}

/// Says how the folder looks, then leaves it otherwise.
#[test]
fn a_folder_that_is_used_again_shows_nothing_of_its_past() {
    let mut owner = Owner::alone();
    let mut folders = Vec::new();
    let deeds = [
        "true",
        "true",
        "echo x > out/left",
        "ln in/arguments.json out/link; rm out/link; ln in/arguments.json ../link",
        "chmod 755 out",
        "chmod 777 .",
        "echo longer, and longer still > in/arguments.json",
        "rm in/arguments.json",
        "echo more > in/more",
        "rm -r in; ln -s out in",
        "rm in/arguments.json; ln -s /etc/passwd in/arguments.json",
        "rm -r in",
        "true",
    ];
    for (n, deed) in deeds.iter().enumerate() {
        let id = format!("a.{n}");
        let folder = owner._folder.path().join("io").join(&id);
        let look = "stat -c %i .; stat -c '%n %a %h' in out in/*; ls -A . out; cat in/arguments.json";
        let argv = ["sh", "-c", &format!("cd {}; {look}; {deed}", folder.display())].map(str::to_owned).to_vec();
        let files = vec![("arguments.json".to_owned(), "{}".to_owned())];
        owner.ask(&id, &Request::Run(Run { argv, files, ..Run::default() }));
        assert_eq!(owner.end_of(&id).code, Some(0), "{deed}");
        let bytes = owner.client.flush().unwrap();
        owner.send(&bytes);
        let lines: Vec<_> = owner.lines[&id].iter().map(|(_, text)| text.as_str()).collect();
        let (inode, rest) = lines.split_first().unwrap();
        assert_eq!(
            rest,
            ["in 700 2", "out 700 2", "in/arguments.json 600 1", ".:", "in", "out", "", "out:", "{}"],
            "after {n} of {deeds:?}"
        );
        folders.push((*inode).to_owned());
    }
    assert_eq!(folders[0], folders[1]);
    // One without arguments sees none.
    let look = format!("ls -A {}", owner._folder.path().join("io/b.1/in").display());
    owner.shell("b.1", &look);
    assert_eq!(owner.end_of("b.1").code, Some(0));
    assert!(!owner.lines.contains_key("b.1"));
    owner.ask("end", &Request::End);
    assert!(owner.child.wait().unwrap().success());
}

#[test]
fn a_program_that_ends_with_its_place_was_stopped() {
    let mut owner = Owner::start();
    owner.shell("a.1", "echo up; exec sleep 600");
    owner.first_line("a.1");
    kill_process(Pid::from_raw(owner.child.id().try_into().unwrap()).unwrap(), Signal::TERM).unwrap();
    let end = owner.end_of("a.1");
    assert!(end.stopped && end.signal == Some(15), "{end:?}");
    assert!(owner.child.wait().unwrap().success());
}

#[test]
fn end_ends_the_runner() {
    let mut owner = Owner::start();
    owner.ask("end", &Request::End);
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut owner.stdout, &mut rest).unwrap();
    assert!(rest.contains("taken"));
    assert!(owner.child.wait().unwrap().success());
}
