//! The command line: one command per file; nothing else prints.

use crate::engine::{Engine, EngineOptions, Launch};
use std::process::ExitCode;

/// Runs a command.
pub fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = Engine::open(EngineOptions {
            home: std::env::var_os("HEADWATER_HOME").unwrap().into(),
            ..Default::default()
        })
        .unwrap();
        let component = engine.component(args[1].as_ref()).await.unwrap();
        let mut launch = Launch::of(component);
        launch.flow = args.get(2).cloned();
        if let Some(p) = args.get(3) {
            launch.parameters = serde_json::from_str(p).unwrap();
        }
        let t = std::time::Instant::now();
        let mut handle = engine.launch(launch).await.unwrap();
        println!("{:?}", handle.stopped().await);
        println!("{:?} commits {}", t.elapsed(), engine.writer().commits());
        for (_, line) in
            engine.store().log(handle.run(), &crate::store::LogFilter::all(), Default::default(), 100).unwrap()
        {
            println!("  {:?} {:?} {} {}", line.call, line.level, line.target, line.text);
        }
    });
    ExitCode::SUCCESS
}
