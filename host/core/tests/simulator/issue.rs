//! A planned call as the command that a flow issues, and what the component declares.

use crate::guest::number;
use crate::plan::{CallPlan, What};
use headwater_core::model::*;
use std::sync::Arc;

/// The tag with a limit.
pub const TAG: &str = "narrow";

pub fn spec(plan: &CallPlan, key: String, seen: &[CallId], handle: impl Fn(u32) -> Option<CallId>) -> CallSpec {
    let results: Vec<CallId> = plan.results.iter().filter_map(|index| handle(*index)).collect();
    let after: Vec<CallId> = plan.after.iter().filter_map(|index| handle(*index)).collect();
    let code = !matches!(plan.what, What::Sleep(_) | What::Question);
    let mut input = Vec::new();
    if code {
        input.push(argument("literal", Input::Literal(number(plan.literal))));
        if plan.gathered && !results.is_empty() {
            input.push(argument("gathered", Input::ResultsOf(results)));
        } else {
            let named = |(index, call): (usize, &CallId)| argument(&format!("r{index}"), Input::ResultOf(*call));
            input.extend(results.iter().enumerate().map(named));
        }
    }
    let mut each = Vec::new();
    if let Some(elements) = plan.elements {
        let list: Vec<u64> = (0..u64::from(elements)).collect();
        input.push(argument("each", Input::Literal(Payload::Inline(Json::parse(format!("{list:?}")).unwrap()))));
        each.push("each".to_owned());
    }
    let retry = (plan.retries > 0).then(|| RetryPolicy {
        retries: plan.retries,
        delays_ms: vec![plan.delay_ms],
        backoff: 2.0,
        jitter: 0.5,
        max_delay_ms: Some(500),
    });
    CallSpec {
        kind: kind(plan),
        input,
        options: CallOptions {
            key,
            seen: Seen::These(seen.to_vec()),
            tags: if plan.tagged { vec![TAG.to_owned()] } else { vec![] },
            after,
            trigger: plan.trigger,
            run_if_skipped: plan.run_if_skipped,
            retry,
            timeout_ms: plan.timeout_ms,
            cache: (plan.what == What::Cached).then_some(CachePolicy { ttl_ms: None, key: None }),
            on_crash: plan.on_crash,
            each,
            max_in_flight: plan.max_in_flight,
            settle: plan.settle,
            ..CallOptions::default()
        },
    }
}

fn argument(name: &str, value: Input) -> Argument {
    Argument { name: name.to_owned(), value }
}

fn kind(plan: &CallPlan) -> CallKind {
    let task = |task: &str| CallKind::Task { task: task.to_owned(), instead: None };
    match plan.what {
        What::Pure => task("pure"),
        What::Cached => task("cached"),
        What::Granted => task("granted"),
        What::Program => task("program"),
        What::Image => task("image"),
        What::Docker => CallKind::Docker(DockerOperation::CreateContainer),
        What::Sleep(ms) => CallKind::Sleep(ms),
        What::Question => CallKind::Input { prompt: "well?".to_owned(), schema: Json::parse("true").unwrap() },
        What::Child(number) => CallKind::Flow(Child {
            project: None,
            flow: format!("child{number}"),
            config: None,
            run_name: None,
            stream_logs: true,
            raise_final_state: !plan.quiet,
            scheduled_start: None,
        }),
    }
}

fn task(name: &str, body: TaskBody, grants: Vec<Grant>) -> TaskDeclaration {
    TaskDeclaration {
        name: name.to_owned(),
        description: String::new(),
        parameters: vec![],
        returns: Json::parse("true").unwrap(),
        body,
        grants,
        retry: None,
        timeout_ms: None,
        cache: None,
        on_crash: None,
        tags: vec![],
    }
}

fn flow(name: &str) -> FlowDeclaration {
    FlowDeclaration {
        name: name.to_owned(),
        project: None,
        description: String::new(),
        parameters: vec![],
        returns: Json::parse("true").unwrap(),
        retry: None,
        config: None,
        timeout_ms: None,
        external: false,
    }
}

/// The one component of every simulated world.
pub fn catalogue() -> Arc<headwater_core::core::Catalogue> {
    let program: Program = serde_json::from_value(serde_json::json!({ "argv": ["x"] })).unwrap();
    let container: Container = serde_json::from_value(serde_json::json!({ "image": "x" })).unwrap();
    let manifest = Manifest {
        tasks: vec![
            task("pure", TaskBody::Here, vec![]),
            task("cached", TaskBody::Here, vec![]),
            task("granted", TaskBody::Here, vec![Grant::Clock]),
            task("program", TaskBody::Program(program), vec![]),
            task("image", TaskBody::Container(Box::new(container)), vec![]),
        ],
        flows: ["root", "child0", "child1", "child2"].map(flow).to_vec(),
        ..Manifest::default()
    };
    Arc::new(headwater_core::core::Catalogue {
        manifest: Arc::new(manifest),
        granted: vec![Grant::Clock],
        limited_tags: vec![TAG.to_owned()],
        programs: true,
        ..Default::default()
    })
}
