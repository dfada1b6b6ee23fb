//! Places whose way to the engine breaks: a proxy between us and the engine cuts connections at bad moments.
//!
//! What is measured is not time but that every line comes once.

use super::world::{finish, first_line, next, program, shell, world};
use headwater::container::{Answer, Docker};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    net::{TcpListener, TcpStream, UnixStream},
    task::JoinHandle,
};

struct Proxy {
    server: String,
    open: Arc<Mutex<Vec<JoinHandle<()>>>>,
    refusing: Arc<AtomicBool>,
}

impl Proxy {
    /// Before an engine on the usual socket; none where there is no such socket.
    async fn start() -> Option<Proxy> {
        let socket = "/var/run/docker.sock";
        if !std::path::Path::new(socket).exists() {
            println!("skipped: no socket `{socket}`");
            return None;
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("tcp://{}", listener.local_addr().unwrap());
        let open: Arc<Mutex<Vec<JoinHandle<()>>>> = Arc::default();
        let refusing = Arc::new(AtomicBool::new(false));
        let (all, refused) = (open.clone(), refusing.clone());
        tokio::spawn(async move {
            while let Ok((mut near, _)) = listener.accept().await {
                if refused.load(Ordering::Acquire) {
                    continue;
                }
                let Ok(mut far) = UnixStream::connect(socket).await else { continue };
                let carry = tokio::spawn(async move {
                    let _: Result<_, _> = tokio::io::copy_bidirectional(&mut near as &mut TcpStream, &mut far).await;
                });
                all.lock().unwrap().push(carry);
            }
        });
        Some(Proxy { server, open, refusing })
    }

    fn cut(&self) {
        self.open.lock().unwrap().drain(..).for_each(|carry| carry.abort());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_connections_lose_and_double_nothing() {
    let Some(mut world) = world("cut", true).await else { return };
    let Some(proxy) = Proxy::start().await else { return };
    world.docker = Docker::connect_with_binary(Some(&proxy.server), super::world::binary()).await.unwrap();
    let place = world.open("p").await;
    let mut running = place.run(&world.durable, program("a.1", &["seq", "20000"])).await.unwrap();
    let mut lines = Vec::new();
    loop {
        match next(&mut running).await {
            Answer::Taken => {}
            Answer::Line { number, line } => {
                running.acknowledge(number);
                lines.push(line.text);
                if lines.len() % 4_000 == 0 {
                    proxy.cut();
                }
            }
            Answer::Ended { .. } => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(lines, (1..=20_000).map(|n| n.to_string()).collect::<Vec<_>>());
    proxy.cut();
    let mut running = place.run(&world.durable, shell("a.2", "echo still here")).await.unwrap();
    assert_eq!(finish(&mut running).await.0, ["still here"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_away_for_a_while_is_waited_for() {
    let Some(mut world) = world("away", true).await else { return };
    let Some(proxy) = Proxy::start().await else { return };
    world.docker = Docker::connect_with_binary(Some(&proxy.server), super::world::binary()).await.unwrap();
    let place = world.open("p").await;
    let script = "/bin/busybox mkfifo /tmp/go; echo up; read x < /tmp/go; echo after";
    let mut running = place.run(&world.durable, shell("a.1", script)).await.unwrap();
    assert_eq!(first_line(&mut running).await, "up");
    proxy.refusing.store(true, Ordering::Release);
    proxy.cut();
    place.until_waiting().await;
    assert!(place.waits_for().is_some_and(|why| why.contains("cannot be reached")));
    proxy.refusing.store(false, Ordering::Release);
    let mut go = place.run(&world.durable, shell("a.2", "echo > /tmp/go")).await.unwrap();
    finish(&mut go).await;
    assert_eq!(finish(&mut running).await.0, ["after"]);
    assert_eq!(place.waits_for(), None);
}
