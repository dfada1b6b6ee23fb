//! A small HTTP server for the tests: one thread for each connection, and a count of what reached it.

use std::{
    io::{self, BufRead as _, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

/// Lives as long as the test's process.
pub struct Server {
    address: SocketAddr,
    requests: Arc<AtomicUsize>,
    /// A connection that was left waiting has been closed by its other side.
    gone: Receiver<()>,
}

impl Server {
    pub fn start() -> Server {
        Server::with(serve)
    }

    /// Each connection is answered by this, which may put something around it and call `serve`.
    pub fn with(serve: impl Fn(TcpStream, &Serving) -> io::Result<()> + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(AtomicUsize::new(0));
        let (sender, gone) = channel();
        let (serve, serving) = (Arc::new(serve), Serving { requests: Arc::clone(&requests), gone: sender });
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (serve, serving) = (Arc::clone(&serve), serving.clone());
                // A client that goes away is what some tests are about.
                thread::spawn(move || drop(serve(stream, &serving)));
            }
        });
        Server { address, requests, gone }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// `127.0.0.1:PORT`
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many requests have come.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Waits until whoever was left waiting is gone.
    pub fn until_gone(&self) {
        self.gone.recv().unwrap();
    }
}

/// What a connection needs of its server.
#[derive(Clone)]
pub struct Serving {
    requests: Arc<AtomicUsize>,
    gone: Sender<()>,
}

/// One request of a connection, then its end.
pub fn serve(stream: impl Read + Write, serving: &Serving) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        match line.trim_end() {
            "" => break,
            line => head.push(line.to_owned()),
        }
    }
    serving.requests.fetch_add(1, Ordering::SeqCst);
    let body = body(&mut stream, &head)?;
    let target = head[0].split(' ').nth(1).unwrap_or_default().to_owned();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let out = stream.get_mut();
    match path {
        "/hello" => whole(out, "200 OK", b"hello"),
        "/echo" => whole(out, "200 OK", echo(&head, &body).as_bytes()),
        "/large" => whole(out, "200 OK", &vec![1; query.parse().unwrap()]),
        "/chunked" => chunked(out, query.parse().unwrap()),
        "/elsewhere" => write!(
            out,
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: {query}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        ),
        "/boast" => write!(
            out,
            "HTTP/1.1 200 OK\r\nx-long: {}\r\ncontent-length: 0\r\n\r\n",
            "x".repeat(query.parse().unwrap())
        ),
        "/stops" => {
            write!(out, "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf ")?;
            wait(stream, serving)
        }
        "/silent" => wait(stream, serving),
        _ => whole(out, "404 Not Found", b"nothing here"),
    }?;
    Ok(())
}

/// Says nothing until the other side has gone.
fn wait(mut stream: BufReader<impl Read + Write>, serving: &Serving) -> io::Result<()> {
    stream.get_mut().flush()?;
    while stream.read(&mut [0; 64]).is_ok_and(|read| read > 0) {}
    let _ = serving.gone.send(());
    Ok(())
}

fn whole(out: &mut impl Write, status: &str, body: &[u8]) -> io::Result<()> {
    write!(out, "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len())?;
    out.write_all(body)?;
    out.flush()
}

fn chunked(out: &mut impl Write, chunks: usize) -> io::Result<()> {
    write!(out, "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\n")?;
    for _ in 0..chunks {
        write!(out, "4\r\nfour\r\n")?;
        out.flush()?;
    }
    write!(out, "0\r\n\r\n")?;
    out.flush()
}

/// The request line, the headers that say something, and how much came.
fn echo(head: &[String], body: &[u8]) -> String {
    let sum: u64 = body.iter().map(|&byte| u64::from(byte)).sum();
    let mut shown: Vec<&str> = head[1..].iter().map(String::as_str).collect();
    shown.sort_unstable();
    format!("{} | {} bytes, {sum} | {}", head[0], body.len(), shown.join(" | "))
}

fn header<'a>(head: &'a [String], name: &str) -> Option<&'a str> {
    head.iter()
        .find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)))
        .map(|(_, value)| value)
}

fn body(stream: &mut BufReader<impl Read>, head: &[String]) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    if let Some(length) = header(head, "content-length") {
        stream.take(length.parse().unwrap()).read_to_end(&mut body)?;
    }
    if header(head, "transfer-encoding").is_some() {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let length = u64::from_str_radix(line.trim_end(), 16).map_err(io::Error::other)?;
            stream.by_ref().take(length).read_to_end(&mut body)?;
            stream.read_line(&mut line)?;
            if length == 0 {
                break;
            }
        }
    }
    Ok(body)
}
