//! A test's own corner of the engine: its image, its names and labels, and their removal.

use crate::{
    container::{Answer, Docker, Image, Network, Place, PlaceSpec, Policy, ProgramRequest, Running, label},
    runner::protocol::message::{Ended, Stream},
    store::Durable,
};
use bollard::query_parameters::{
    CreateImageOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use futures_util::StreamExt;
use headwater_core::model::Container;
use std::{
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// Worlds that are open: the last one removes the volume with the binary.
static OPEN: AtomicUsize = AtomicUsize::new(0);

const BUSYBOX: &str = "/bin/busybox";
const APPLETS: [&str; 12] =
    ["sh", "true", "false", "echo", "cat", "sleep", "setsid", "seq", "id", "mkdir", "env", "pwd"];

pub(super) struct World {
    pub docker: Docker,
    pub durable: Durable,
    pub install: String,
    pub image: Image,
    pub policy: Policy,
    repository: String,
}

/// A world with an image of busybox or of nothing; none where there is no engine.
pub(super) async fn world(test: &str, busybox: bool) -> Option<World> {
    if busybox && !std::path::Path::new(BUSYBOX).exists() {
        println!("skipped: no static `{BUSYBOX}` (install the package busybox-static)");
        return None;
    }
    let docker = match Docker::connect_with_binary(None, &binary()).await {
        Ok(docker) => docker,
        Err(error) => {
            println!("skipped: no Docker engine ({error})");
            return None;
        }
    };
    OPEN.fetch_add(1, Ordering::AcqRel);
    let install = format!("test-{test}-{}", std::process::id());
    let repository = format!("headwater-{install}");
    let options = CreateImageOptionsBuilder::default().from_src("-").repo(&repository).tag("1").build();
    let body = bollard::body_full(root(busybox).into());
    let mut made = docker.api.create_image(Some(options), Some(body), None).boxed();
    while let Some(step) = made.next().await {
        step.unwrap();
    }
    let image = docker.image(&format!("{repository}:1")).await.unwrap();
    Some(World { docker, durable: Durable::for_test(1), install, image, policy: Policy::default(), repository })
}

/// The binary beside the test's own; `cargo test` builds it for `tests/runner.rs`.
pub(super) fn binary() -> PathBuf {
    let path = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().join("headwater");
    assert!(path.exists(), "`{}` is missing: run `cargo build` first", path.display());
    path
}

fn root(busybox: bool) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for folder in ["bin/", "tmp/", "etc/"] {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Directory);
        header.set_mode(0o755);
        header.set_size(0);
        archive.append_data(&mut header, folder, std::io::empty()).unwrap();
    }
    if busybox {
        let bytes = std::fs::read(BUSYBOX).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o755);
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, "bin/busybox", bytes.as_slice()).unwrap();
        for applet in APPLETS {
            let mut header = tar::Header::new_gnu();
            header.set_entry_type(tar::EntryType::Symlink);
            header.set_size(0);
            archive.append_link(&mut header, format!("bin/{applet}"), "busybox").unwrap();
        }
    }
    archive.into_inner().unwrap()
}

impl World {
    pub fn name(&self, what: &str) -> String {
        format!("headwater-{}-{what}", self.install)
    }

    pub fn labels(&self) -> Vec<(String, String)> {
        vec![(label::INSTALL.to_owned(), self.install.clone())]
    }

    pub fn container(&self) -> Container {
        let env = vec![("PATH".to_owned(), "/bin".to_owned())];
        Container { image: self.image.name.clone(), env, ..Container::default() }
    }

    pub fn spec<'a>(&'a self, what: &str, container: &'a Container) -> PlaceSpec<'a> {
        PlaceSpec {
            name: self.name(what),
            labels: self.labels(),
            image: &self.image,
            container,
            network: Network::None,
            policy: &self.policy,
            env: Vec::new(),
            from: 0,
        }
    }

    pub async fn open(&self, what: &str) -> Place {
        let container = self.container();
        self.docker.open(&self.durable, &self.spec(what, &container)).await.unwrap()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let (docker, label) = (self.docker.api.clone(), format!("{}={}", label::INSTALL, self.install));
        let (listing, repository) = (self.docker.clone(), self.repository.clone());
        let clean = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                for found in listing.list(&label).await.unwrap_or_default() {
                    let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
                    let _ = docker.remove_container(&found.id, Some(options)).await;
                }
                let options = RemoveImageOptionsBuilder::default().force(true).build();
                let _ = docker.remove_image(&format!("{repository}:1"), Some(options), None).await;
                if OPEN.fetch_sub(1, Ordering::AcqRel) == 1 {
                    remove_binaries(&docker).await;
                }
            });
            std::io::Result::Ok(())
        };
        let _ = std::thread::spawn(clean).join();
    }
}

/// Those of this build that nothing uses any more; the last world removes them.
async fn remove_binaries(docker: &bollard::Docker) {
    let Ok(bytes) = std::fs::read(binary()) else { return };
    let digest = headwater_core::model::Digest::of(&bytes);
    let name = format!("headwater-bin-{}", digest.as_str().trim_start_matches("sha256:"));
    let options = || Some(RemoveVolumeOptionsBuilder::default().build());
    if docker.remove_volume(&name, options()).await.is_ok() {
        let _ = docker.remove_volume(&format!("{name}-whole"), options()).await;
    }
}

pub(super) fn program(request: &str, argv: &[&str]) -> ProgramRequest {
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    ProgramRequest { request: request.to_owned(), argv, ..ProgramRequest::default() }
}

pub(super) fn shell(request: &str, script: &str) -> ProgramRequest {
    program(request, &["sh", "-c", script])
}

/// All lines of standard output and the end, each acknowledged.
pub(super) async fn finish(running: &mut Running) -> (Vec<String>, Ended) {
    let mut lines = Vec::new();
    loop {
        match next(running).await {
            Answer::Taken => {}
            Answer::Line { number, line } => {
                running.acknowledge(number);
                if line.stream == Stream::Stdout {
                    lines.push(line.text);
                }
            }
            Answer::Ended { number, ended } => {
                running.acknowledge(number);
                return (lines, ended);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// The next answer. The limit is for a broken machine, not for a slow one.
pub(super) async fn next(running: &mut Running) -> Answer {
    tokio::time::timeout(Duration::from_secs(120), running.next()).await.unwrap().unwrap()
}

pub(super) async fn first_line(running: &mut Running) -> String {
    loop {
        if let Answer::Line { line, .. } = next(running).await {
            return line.text;
        }
    }
}
