//! Programs in the container of a flow run, and child flows one after the other, beside the container engine's own ways.

use crate::{
    ceiling::{self, RawContainer, quantile},
    row::{Goal, Row},
    world::{World, completed, folder, steps},
};
use anyhow::{Context as _, Result, bail};
use headwater::{
    container::{Answer, Docker, Network, Place, PlaceSpec, Policy, ProgramRequest, label},
    engine::{Launch, RunEnd},
    store::{Durable, Position},
};
use headwater_core::{
    journal::Event,
    model::{Container, RunConfig, StateType},
};
use serde_json::{Map, Value};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

const PROGRAM: [&str; 1] = ["/bin/true"];
const TIMES: u64 = 120;
/// The first of them wait for the container.
const FIRST: u32 = 20;

/// What `tests/bench` found.
enum Images {
    Given(Vec<String>),
    None { why: String },
}

fn images() -> Images {
    match std::env::var("HEADWATER_TEST_IMAGES") {
        Ok(names) => Images::Given(names.split(',').map(str::to_owned).collect()),
        Err(_) => {
            let why = std::env::var("HEADWATER_TEST_NO_DOCKER").unwrap_or_else(|_| "no images were given".to_owned());
            Images::None { why }
        }
    }
}

/// All rows that need a container engine.
pub async fn containers() -> Result<Vec<Row>> {
    let images = match images() {
        Images::Given(images) => images,
        Images::None { why } => {
            return Ok(vec![Row::skipped("program in a flow run's container; child flow to child flow", why)]);
        }
    };
    let image = images.first().context("no image")?;
    let mut rows = programs(image).await?;
    rows.push(children(&images).await?);
    Ok(rows)
}

async fn programs(image: &str) -> Result<Vec<Row>> {
    let home = folder()?;
    let world = World::open(home.path(), "bench").await?;
    let sync = ceiling::fdatasync(home.path())?.as_secs_f64() * 1e3;
    let raw = RawContainer::start(image).await?;
    let mut execs = Vec::new();
    for _ in 0..30 {
        execs.push(raw.exec(&PROGRAM).await?);
    }
    raw.remove().await?;
    let exec = quantile(execs, 0.5).as_secs_f64() * 1e3;
    let engine = in_a_flow(&world, image).await?;
    let transport = transport(&world, image).await?.as_secs_f64() * 1e3;
    Ok(vec![
        Row::of("program in a flow run's container, end to end", engine, "ms")
            .beside(exec)
            .goal(Goal::AtMost(sync + 2.0))
            .note(format!("ceiling: `docker exec`; goal: one fdatasync ({sync:.2} ms) and 2 ms")),
        Row::of("program in a flow run's container, transport alone, p50", transport, "ms")
            .beside(exec)
            .goal(Goal::RatioAtMost(0.05)),
    ])
}

/// The mean without the lowest and the highest tenth: the journal's times are whole milliseconds, so the middle alone would be one.
async fn in_a_flow(world: &World, image: &str) -> Result<f64> {
    let container = Container { image: image.to_owned(), ..Container::default() };
    let config = RunConfig { container: Some(container), ..RunConfig::default() };
    let launch = Launch { config: Some(config), ..world.launch("programs", steps(TIMES)) };
    let mut handle = world.engine.launch(launch).await?;
    completed(&mut handle, &Value::Null).await?;
    let mut started = HashMap::new();
    let mut times = Vec::new();
    for record in world.engine.store().journal(handle.run())? {
        match record.event {
            Event::AttemptStarted { attempt, .. } => drop(started.insert(attempt.call, record.at)),
            Event::CallEnded(ended) if ended.call >= FIRST => {
                times.extend(started.get(&ended.call).map(|at| record.at.since_ms(*at)));
            }
            _ => {}
        }
    }
    times.sort_unstable();
    let middle = times.get(times.len() / 10..times.len() * 9 / 10).unwrap_or_default();
    Ok(middle.iter().sum::<u64>() as f64 / middle.len() as f64)
}

/// Request and answers alone: no journal, no disk.
async fn transport(world: &World, image: &str) -> Result<Duration> {
    let durable = world.engine.writer().durable(Position::default(), 1).await?;
    let docker = Docker::connect(None).await?;
    let container = Container { image: image.to_owned(), ..Container::default() };
    let spec = PlaceSpec {
        name: format!("headwater-bench-{}", std::process::id()),
        labels: vec![(label::INSTALL.to_owned(), "bench".to_owned())],
        image: &docker.image(image).await?,
        container: &container,
        network: Network::None,
        policy: &Policy::default(),
        env: Vec::new(),
        from: 0,
    };
    let place = Arc::new(docker.open(&durable, &spec).await?);
    // As an attempt does it: this thread only waits for the runtime, and is woken later than its own.
    let times = tokio::spawn(requests(Arc::clone(&place), durable.clone())).await?;
    place.remove(&durable).await?;
    Ok(quantile(times?, 0.5))
}

async fn requests(place: Arc<Place>, durable: Durable) -> Result<Vec<Duration>> {
    let mut times = Vec::new();
    for number in 0..TIMES {
        let began = Instant::now();
        let argv = PROGRAM.iter().map(|word| (*word).to_owned()).collect();
        let request = ProgramRequest { request: format!("bench.{number}"), argv, ..ProgramRequest::default() };
        let mut running = place.run(&durable, request).await?;
        loop {
            match running.next().await {
                Some(Answer::Ended { number, ended }) if ended.code == Some(0) => {
                    times.push(began.elapsed());
                    place.acknowledge(number);
                    break;
                }
                Some(Answer::Taken | Answer::Line { .. }) => {}
                other => bail!("the program was to end well: {other:?}"),
            }
        }
    }
    Ok(times)
}

/// From one child flow of the article's parent to the next.
async fn children(images: &[String]) -> Result<Row> {
    let home = folder()?;
    let world = World::open(home.path(), "flow_of_flows").await?;
    let mut between = Vec::new();
    for _ in 0..2 {
        let names = ["first_image", "second_image", "third_image"];
        let parameters: Map<String, Value> =
            names.iter().zip(images).map(|(name, image)| ((*name).to_owned(), Value::from(image.as_str()))).collect();
        let launch = Launch {
            flow: Some("parent_docker_different_images_per_subflow".to_owned()),
            parameters,
            ..Launch::of(world.component.clone())
        };
        let mut handle = world.engine.launch(launch).await?;
        match handle.stopped().await {
            RunEnd::Ended { state, .. } if state.kind == StateType::Completed => {}
            other => bail!("the article's parent was to complete: {other:?}"),
        }
        let mut last = None;
        for (_, _, child) in world.engine.store().children(handle.run())? {
            let child = world.engine.store().run(&child)?.context("a child that is not there")?;
            let created = child.header.created_at;
            between.extend(last.map(|last| Duration::from_millis(created.since_ms(last))));
            last = Some(created);
        }
    }
    let mut raw = Vec::new();
    for image in images {
        let began = Instant::now();
        RawContainer::start(image).await?.remove().await?;
        raw.push(began.elapsed());
    }
    let seconds = |times| quantile(times, 0.5).as_secs_f64();
    Ok(Row::of("child flow to child flow in the article's parent", seconds(between), "s")
        .beside(seconds(raw))
        .goal(Goal::AtMost(1.0))
        .note("ceiling: a raw container made, started and removed"))
}
