//! An engine in this very process, for tests that kill nobody.

use crate::world::{World, guest};
use headwater::engine::{Engine, EngineOptions, Launch, RunEnd, RunHandle};
use headwater_core::{
    core::RequestKind,
    journal::GrantedDir,
    model::{CallId, Json, Outcome, RunId},
};
use serde_json::Value;
use std::{future::Future, sync::Arc};

pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap().block_on(future)
}

pub fn open(world: &World) -> Arc<Engine> {
    Engine::open(EngineOptions { home: world.home(), ..EngineOptions::default() }).unwrap()
}

/// A run with everything that this world can grant.
pub async fn launch(engine: &Arc<Engine>, world: &World, component: &str, flow: &str, parameters: Value) -> RunHandle {
    let Value::Object(parameters) = parameters else { panic!("parameters are an object") };
    let launch = Launch {
        flow: Some(flow.to_owned()),
        parameters,
        dirs: vec![GrantedDir { guest: "/data".to_owned(), host: world.data().display().to_string(), write: true }],
        programs: true,
        ..Launch::of(engine.component(&guest(component)).await.unwrap())
    };
    engine.launch(launch).await.unwrap()
}

/// Its state and its value, or its failure as JSON.
pub async fn ended(engine: &Engine, handle: &mut RunHandle) -> (String, Value) {
    match handle.stopped().await {
        RunEnd::Ended { state, outcome: Outcome::Ok(payload), .. } => {
            (format!("{:?}", state.kind), engine.store().artifacts().value(&payload).unwrap().to_value())
        }
        RunEnd::Ended { state, outcome: Outcome::Err(failure), .. } => {
            (format!("{:?}", state.kind), serde_json::to_value(failure).unwrap())
        }
        end => panic!("it has not ended: {end:?}"),
    }
}

/// Comes back when the run waits for nothing but somebody's word.
pub async fn rests(handle: &RunHandle) {
    handle.rest().wait_for(Option::is_some).await.unwrap();
}

pub async fn answer(engine: &Engine, run: &RunId, call: CallId, value: &str) {
    let value = engine.store().artifacts().put_value(Json::of(&Value::from(value))).unwrap();
    engine.request(run, RequestKind::Answer { call, value }).await.unwrap();
}

/// The process that drove the run has gone.
pub async fn leave(engine: Arc<Engine>, handle: &mut RunHandle) {
    engine.leave();
    handle.stopped().await;
}
