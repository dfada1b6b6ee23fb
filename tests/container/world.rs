//! A test's own corner of the engine: its image, its names and labels, and their removal.

use bollard::query_parameters::{
    CreateImageOptionsBuilder, RemoveContainerOptionsBuilder, RemoveImageOptionsBuilder, RemoveVolumeOptionsBuilder,
};
use futures_util::StreamExt;
use headwater::{
    container::{Answer, Docker, Image, Network, Place, PlaceSpec, Policy, ProgramRequest, Running, label},
    runner::protocol::message::{Ended, Stream},
    store::{Durable, Owner, Store},
};
use headwater_core::model::Container;
use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// Worlds that are open: the last one removes the volume with the binary.
static OPEN: AtomicUsize = AtomicUsize::new(0);

const BUSYBOX: &str = "/bin/busybox";
const APPLETS: [&str; 12] =
    ["sh", "true", "false", "echo", "cat", "sleep", "setsid", "seq", "id", "mkdir", "env", "pwd"];

pub struct World {
    pub docker: Docker,
    /// The same engine, without us between.
    pub engine: bollard::Docker,
    pub durable: Durable,
    owner: Owner,
    _home: tempfile::TempDir,
    pub install: String,
    pub image: Image,
    pub policy: Policy,
    repository: String,
    /// The engine is of this test alone, and goes with all that is in it.
    own_engine: bool,
}

/// A world with an image of busybox or of nothing; none where there is no engine.
pub async fn world(test: &str, busybox: bool) -> Option<World> {
    if busybox && !has_busybox() {
        return None;
    }
    let docker = match Docker::connect_with_binary(None, binary()).await {
        Ok(docker) => docker,
        Err(error) => {
            println!("skipped: no Docker engine ({error})");
            return None;
        }
    };
    OPEN.fetch_add(1, Ordering::AcqRel);
    Some(make(test, busybox, docker, bollard::Docker::connect_with_defaults().unwrap(), false).await)
}

/// A world with an image of busybox on an engine of the test's own.
pub async fn world_on(test: &str, socket: &Path) -> World {
    let server = format!("unix://{}", socket.display());
    let docker = Docker::connect_with_binary(Some(&server), binary()).await.unwrap();
    let engine = bollard::Docker::connect_with_unix(&server, 120, bollard::API_DEFAULT_VERSION).unwrap();
    make(test, true, docker, engine, true).await
}

async fn make(test: &str, busybox: bool, docker: Docker, engine: bollard::Docker, own_engine: bool) -> World {
    let engine = engine.negotiate_version().await.unwrap();
    let home = tempfile::tempdir().unwrap();
    let owner = owner(home.path());
    let durable = durable(&owner, 1).await;
    let install = format!("test-{test}-{}", std::process::id());
    let repository = format!("headwater-{install}");
    let options = CreateImageOptionsBuilder::default().from_src("-").repo(&repository).tag("1").build();
    let body = bollard::body_full(root(busybox).into());
    let mut made = engine.create_image(Some(options), Some(body), None).boxed();
    while let Some(step) = made.next().await {
        step.unwrap();
    }
    let image = docker.image(&format!("{repository}:1")).await.unwrap();
    let policy = Policy::default();
    World { docker, engine, durable, owner, _home: home, install, image, policy, repository, own_engine }
}

/// Whether images can be made from it.
pub fn has_busybox() -> bool {
    let there = Path::new(BUSYBOX).exists();
    if !there {
        println!("skipped: no static `{BUSYBOX}` (install the package busybox-static)");
    }
    there
}

/// The binary of this build: the runner in every place.
pub fn binary() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_headwater"))
}

/// Leave to act for an owner of this epoch.
pub async fn durable(owner: &Owner, epoch: u64) -> Durable {
    owner.writer().durable(owner.writer().last(), epoch).await.unwrap()
}

/// An owner in a store of its own.
pub fn owner(home: &Path) -> Owner {
    Store::open(home).unwrap().become_owner().unwrap()
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
    /// Leave to act for another owner.
    pub async fn epoch(&self, epoch: u64) -> Durable {
        durable(&self.owner, epoch).await
    }

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
        let (docker, label) = (self.engine.clone(), format!("{}={}", label::INSTALL, self.install));
        let (listing, repository, own_engine) = (self.docker.clone(), self.repository.clone(), self.own_engine);
        let clean = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                for found in listing.list(&label).await.unwrap_or_default() {
                    let options = RemoveContainerOptionsBuilder::default().force(true).v(true).build();
                    let _ = docker.remove_container(&found.id, Some(options)).await;
                }
                let options = RemoveImageOptionsBuilder::default().force(true).build();
                let _ = docker.remove_image(&format!("{repository}:1"), Some(options), None).await;
                if !own_engine && OPEN.fetch_sub(1, Ordering::AcqRel) == 1 {
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

pub fn program(request: &str, argv: &[&str]) -> ProgramRequest {
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    ProgramRequest { request: request.to_owned(), argv, ..ProgramRequest::default() }
}

pub fn shell(request: &str, script: &str) -> ProgramRequest {
    program(request, &["sh", "-c", script])
}

/// All lines of standard output and the end, each acknowledged.
pub async fn finish(running: &mut Running) -> (Vec<String>, Ended) {
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
pub async fn next(running: &mut Running) -> Answer {
    tokio::time::timeout(Duration::from_secs(120), running.next()).await.unwrap().unwrap()
}

pub async fn first_line(running: &mut Running) -> String {
    loop {
        if let Answer::Line { line, .. } = next(running).await {
            return line.text;
        }
    }
}
