//! The smallest run: start, one task, one result.

#![cfg(test)]

use headwater_core::core::{AttemptReport, Catalogue, Core, FlowStep, Input, Output};
use headwater_core::journal::{CONTRACT_VERSION, Created, Event, Record};
use headwater_core::model::*;
use std::sync::Arc;

fn created() -> Created {
    let run = RunId::new("run");
    Created {
        tree: run.clone(),
        run,
        flow: "f".into(),
        name: "brave-otter".into(),
        project: None,
        labels: vec![],
        component: Digest::of(b"component"),
        plugins: Default::default(),
        external_flows: Default::default(),
        parameters: Payload::Inline(Json::parse("{}").unwrap()),
        config: RunConfig::default(),
        parent: None,
        seed: 1,
        grants: vec![],
        dirs: vec![],
        limits: Default::default(),
        programs: false,
        retry: None,
        timeout_ms: None,
        careful: false,
        contract: CONTRACT_VERSION.into(),
        epoch: 1,
    }
}

fn records(outputs: &[Output]) -> Vec<Record> {
    outputs
        .iter()
        .filter_map(|output| if let Output::Append(record) = output { Some(record.clone()) } else { None })
        .collect()
}

#[test]
fn a_flow_of_one_task_completes_and_its_journal_folds_to_the_same_state() {
    let manifest = Manifest {
        tasks: vec![TaskDeclaration {
            name: "t".into(),
            description: String::new(),
            parameters: vec![],
            returns: Json::parse("true").unwrap(),
            body: TaskBody::Here,
            grants: vec![],
            retry: None,
            timeout_ms: None,
            cache: None,
            on_crash: None,
            tags: vec![],
        }],
        ..Manifest::default()
    };
    let catalogue = Arc::new(Catalogue { manifest: Arc::new(manifest), ..Catalogue::default() });
    let (mut core, out) = Core::create(created(), catalogue, Timestamp(5)).unwrap();
    let mut journal = records(&out);
    assert!(matches!(out.last(), Some(Output::Activate { by: None, .. })));
    let call = Command::Call(Box::new(CallSpec {
        kind: CallKind::Task { task: "t".into(), instead: None },
        input: vec![],
        options: CallOptions { key: "0".into(), ..CallOptions::default() },
    }));
    let returned = FlowStep::Returned { commands: vec![call], step: Step::Waiting, looked_at: vec![] };
    let out = core.step(Input::Activated(returned), Timestamp(6)).unwrap();
    journal.extend(records(&out));
    let Some(Output::Start(attempt)) = out.last() else { panic!("{out:?}") };
    let report = AttemptReport::Ended { outcome: Outcome::Ok(Payload::null()), unknown: false, cacheable: true };
    let out = core.step(Input::AttemptEnded(attempt.id, report), Timestamp(7)).unwrap();
    journal.extend(records(&out));
    assert!(matches!(out.last(), Some(Output::Activate { by: Some(0), .. })), "{out:?}");
    let done = FlowStep::Returned { commands: vec![], step: Step::Completed(Payload::null()), looked_at: vec![] };
    let out = core.step(Input::Activated(done), Timestamp(8)).unwrap();
    journal.extend(records(&out));
    assert!(matches!(out.last(), Some(Output::Ended { .. })), "{out:?}");
    assert!(matches!(journal.last().unwrap().event, Event::Ended(_)));
    let text = serde_json::to_string(&journal).unwrap();
    let again: Vec<Record> = serde_json::from_str(&text).unwrap();
    assert_eq!(&headwater_core::run::RunState::fold(&again).unwrap(), core.state());
}
