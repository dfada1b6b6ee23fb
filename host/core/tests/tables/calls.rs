//! Calls, ends and declarations as the tables write them.

use headwater_core::core::Catalogue;
use headwater_core::model::*;
use std::sync::Arc;

pub fn json(text: &str) -> Payload {
    Payload::Inline(Json::parse(text).unwrap())
}

pub fn ok() -> Outcome {
    Outcome::Ok(json("1"))
}

/// An error that may be tried again.
pub fn failed() -> Outcome {
    Outcome::Err(Failure::new(FailureKind::Returned, "no luck"))
}

pub fn of_kind(kind: FailureKind) -> Outcome {
    Outcome::Err(Failure { retryable: false, ..Failure::new(kind, "no luck") })
}

/// A call under construction; its key is its name.
#[derive(Clone)]
pub struct Call(pub CallSpec);

fn call(key: &str, kind: CallKind) -> Call {
    let options = CallOptions { key: key.to_owned(), ..CallOptions::default() };
    Call(CallSpec { kind, input: vec![], options: CallOptions { name: Some(key.to_owned()), ..options } })
}

pub fn task_named(key: &str, task: &str) -> Call {
    call(key, CallKind::Task { task: task.to_owned(), instead: None })
}

pub fn task(key: &str) -> Call {
    task_named(key, "pure")
}

pub fn granted(key: &str) -> Call {
    task_named(key, "granted")
}

pub fn docker(key: &str, operation: DockerOperation) -> Call {
    call(key, CallKind::Docker(operation))
}

pub fn sleep(key: &str, ms: u64) -> Call {
    call(key, CallKind::Sleep(ms))
}

pub fn question(key: &str) -> Call {
    call(key, CallKind::Input { prompt: "well?".to_owned(), schema: Json::parse("true").unwrap() })
}

pub fn child(key: &str) -> Call {
    call(
        key,
        CallKind::Flow(Child {
            project: None,
            flow: "child".to_owned(),
            config: None,
            run_name: None,
            stream_logs: true,
            raise_final_state: true,
            scheduled_start: None,
        }),
    )
}

impl Call {
    fn options(mut self, change: impl FnOnce(&mut CallOptions)) -> Call {
        change(&mut self.0.options);
        self
    }

    pub fn after(self, calls: &[CallId]) -> Call {
        self.options(|options| options.after.extend_from_slice(calls))
    }

    pub fn seen(self, calls: &[CallId]) -> Call {
        self.options(|options| options.seen = Seen::These(calls.to_vec()))
    }

    pub fn arg(mut self, call: CallId) -> Call {
        let name = format!("a{}", self.0.input.len());
        self.0.input.push(Argument { name, value: Input::ResultOf(call) });
        self
    }

    pub fn value(mut self, text: &str) -> Call {
        let name = format!("a{}", self.0.input.len());
        self.0.input.push(Argument { name, value: Input::Literal(json(text)) });
        self
    }

    pub fn map(mut self, elements: u32) -> Call {
        let list: Vec<u32> = (0..elements).collect();
        self.0.input.push(Argument { name: "each".to_owned(), value: Input::Literal(json(&format!("{list:?}"))) });
        self.options(|options| options.each = vec!["each".to_owned()])
    }

    pub fn settled(self) -> Call {
        self.options(|options| options.settle = true)
    }

    pub fn in_flight(self, max: u32) -> Call {
        self.options(|options| options.max_in_flight = Some(max))
    }

    pub fn trigger(self, trigger: Trigger) -> Call {
        self.options(|options| options.trigger = Some(trigger))
    }

    pub fn run_if_skipped(self) -> Call {
        self.options(|options| options.run_if_skipped = true)
    }

    pub fn retry(self, policy: RetryPolicy) -> Call {
        self.options(|options| options.retry = Some(policy))
    }

    pub fn retries(self, retries: u32) -> Call {
        self.retry(policy(retries, &[]))
    }

    pub fn timeout(self, ms: u64) -> Call {
        self.options(|options| options.timeout_ms = Some(ms))
    }

    pub fn cached(self) -> Call {
        self.options(|options| options.cache = Some(CachePolicy { ttl_ms: None, key: None }))
    }

    pub fn at_most_once(self) -> Call {
        self.options(|options| options.on_crash = Some(OnCrash::Fail))
    }

    pub fn quiet(mut self) -> Call {
        if let CallKind::Flow(child) = &mut self.0.kind {
            child.raise_final_state = false;
        }
        self
    }
}

pub fn policy(retries: u32, delays_ms: &[u64]) -> RetryPolicy {
    RetryPolicy { retries, delays_ms: delays_ms.to_vec(), backoff: 1.0, jitter: 0.0, max_delay_ms: None }
}

pub fn catalogue() -> Arc<Catalogue> {
    let declared = |name: &str, grants: Vec<Grant>| TaskDeclaration {
        name: name.to_owned(),
        description: String::new(),
        parameters: vec![],
        returns: Json::parse("true").unwrap(),
        body: TaskBody::Here,
        grants,
        retry: None,
        timeout_ms: None,
        cache: None,
        on_crash: None,
        tags: vec![],
    };
    let flow = FlowDeclaration {
        name: "child".to_owned(),
        project: None,
        description: String::new(),
        parameters: vec![],
        returns: Json::parse("true").unwrap(),
        retry: None,
        config: None,
        timeout_ms: None,
        external: false,
    };
    let with_parameter = |name: &str, schema: &str| TaskDeclaration {
        parameters: vec![Parameter {
            name: "a0".to_owned(),
            description: String::new(),
            schema: Json::parse(schema).unwrap(),
            default: None,
        }],
        ..declared(name, vec![])
    };
    let manifest = Manifest {
        tasks: vec![
            declared("pure", vec![]),
            declared("granted", vec![Grant::Clock]),
            with_parameter("number", r#"{"type": "integer"}"#),
            with_parameter("number_or_null", r#"{"type": ["integer", "null"]}"#),
        ],
        flows: vec![flow],
        ..Manifest::default()
    };
    Arc::new(Catalogue { manifest: Arc::new(manifest), granted: vec![Grant::Clock], ..Catalogue::default() })
}
