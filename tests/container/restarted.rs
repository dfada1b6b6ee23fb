//! Places whose engine is started anew: one of the test's own, beside the machine's, with folders that go with it.
//!
//! Skipped, with the reason, where this user cannot run a second engine.

use super::world::{finish, first_line, has_busybox, next, shell, world_on};
use headwater::container::{Answer, ContainerError, Gone};
use rustix::process::{Pid, Signal, geteuid, kill_process};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A daemon that has not answered by then never will.
const ANSWERS_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(50);

struct Daemon {
    child: Child,
    options: &'static [&'static str],
    folder: tempfile::TempDir,
}

impl Daemon {
    /// None where there can be none.
    async fn start(options: &'static [&'static str]) -> Option<Daemon> {
        if let Ok(why) = std::env::var("HEADWATER_TEST_NO_DOCKER") {
            println!("skipped: {why}");
            return None;
        }
        if !has_busybox() {
            return None;
        }
        if !geteuid().is_root() {
            println!("skipped: only root runs an engine of its own");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config"), "{}").unwrap();
        let child = match spawn(folder.path().to_owned(), options) {
            Ok(child) => child,
            Err(error) => {
                println!("skipped: `dockerd` cannot be run ({error})");
                return None;
            }
        };
        let mut daemon = Daemon { child, options, folder };
        if !daemon.answers().await {
            println!("skipped: a second engine does not come up here: {}", daemon.last_word());
            return None;
        }
        Some(daemon)
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("engine.sock")
    }

    /// As a service manager does it.
    async fn restart(&mut self) {
        self.end();
        self.child = spawn(self.folder.path().to_owned(), self.options).unwrap();
        assert!(self.answers().await, "the engine does not come up again: {}", self.last_word());
    }

    fn end(&mut self) {
        // One that has ended by itself is what was wanted.
        let _ = kill_process(Pid::from_raw(self.child.id().try_into().unwrap()).unwrap(), Signal::TERM);
        self.child.wait().unwrap();
    }

    /// Waits until it does, or has ended.
    async fn answers(&mut self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < ANSWERS_WITHIN && self.child.try_wait().unwrap().is_none() {
            let server = format!("unix://{}", self.socket().display());
            let engine = bollard::Docker::connect_with_unix(&server, 5, bollard::API_DEFAULT_VERSION);
            if let Ok(engine) = engine
                && engine.ping().await.is_ok()
            {
                return true;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
        false
    }

    fn last_word(&self) -> String {
        let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        log.lines().next_back().unwrap_or("it says nothing").to_owned()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.end();
        // What it had mounted is of this machine as long as the machine runs, and would keep the folder.
        let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
        for place in mounts.lines().rev().filter_map(|line| line.split(' ').nth(1)) {
            if Path::new(place).starts_with(self.folder.path()) {
                let _ = rustix::mount::unmount(place, rustix::mount::UnmountFlags::DETACH);
            }
        }
    }
}

fn spawn(folder: PathBuf, options: &[&str]) -> std::io::Result<Child> {
    let log = File::options().create(true).append(true).open(folder.join("log"))?;
    let mut command = Command::new("dockerd");
    command.arg("--config-file").arg(folder.join("config"));
    command.arg("--data-root").arg(folder.join("data")).arg("--exec-root").arg(folder.join("exec"));
    command.arg("--pidfile").arg(folder.join("pid"));
    command.arg("--host").arg(format!("unix://{}", folder.join("engine.sock").display()));
    // Nothing of the machine's is touched: no network, no rules, no driver that needs a module.
    command.args(["--bridge=none", "--iptables=false", "--ip6tables=false", "--ip-masq=false"]);
    command.args(["--storage-driver=vfs"]).args(options);
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_keeps_containers_alive_is_attached_to_again() {
    let Some(mut daemon) = Daemon::start(&["--live-restore"]).await else { return };
    let world = world_on("restored", &daemon.socket()).await;
    let place = world.open("p").await;
    let script = "/bin/busybox mkfifo /tmp/go; echo up; read x < /tmp/go; echo after";
    let mut running = place.run(&world.durable, shell("a.1", script)).await.unwrap();
    assert_eq!(first_line(&mut running).await, "up");
    daemon.restart().await;
    let mut go = place.run(&world.durable, shell("a.2", "echo > /tmp/go")).await.unwrap();
    assert_eq!(finish(&mut go).await.1.code, Some(0));
    assert_eq!(finish(&mut running).await.0, ["after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_engine_has_ended_has_an_unknown_end() {
    let Some(mut daemon) = Daemon::start(&[]).await else { return };
    let world = world_on("ended", &daemon.socket()).await;
    let place = world.open("p").await;
    let mut running = place.run(&world.durable, shell("a.1", "echo up; sleep 600")).await.unwrap();
    assert_eq!(first_line(&mut running).await, "up");
    daemon.restart().await;
    match next(&mut running).await {
        Answer::Lost(Gone::Exited { .. }) => {}
        // The runner had the time to say it: not by the program's own doing.
        Answer::Ended { ended, .. } => assert!(ended.stopped, "{ended:?}"),
        other => panic!("{other:?}"),
    }
    let container = world.container();
    let again = world.docker.open(&world.durable, &world.spec("p", &container)).await;
    assert!(matches!(again, Err(ContainerError::PlaceGone { .. })));
}
