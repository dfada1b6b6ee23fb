//! A WASI command without anything of Headwater's: what it does stands in its first argument.

use std::{
    env,
    fs::File,
    io::{Read as _, Write as _, stdin, stdout},
    net::TcpStream,
    process::exit,
    time::SystemTime,
};

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let mut input = String::new();
    match arguments.get(1).map(String::as_str) {
        Some("upper") => {
            stdin().read_to_string(&mut input).unwrap();
            print!("{}", input.to_uppercase());
        }
        Some("length") => {
            stdin().read_to_string(&mut input).unwrap();
            println!("looking at {input}");
            println!("{{\"letters\":{},\"language\":\"{}\"}}", input.len(), env::var("LANGUAGE").unwrap_or_default());
        }
        Some("say") => println!("{:?}", (&arguments, env::vars().collect::<Vec<_>>())),
        Some("bytes") => stdout().write_all(&[0, 159, 146, 150]).unwrap(),
        Some("leave") => {
            println!("before leaving");
            eprintln!("no more of this");
            exit(3)
        }
        Some("panic") => panic!("there is no such thing"),
        Some("endless") => loop {
            std::hint::spin_loop();
        },
        Some("file") => {
            if let Err(error) = File::open("/etc/passwd") {
                eprintln!("no file: {error}");
                exit(1)
            }
        }
        Some("socket") => println!("{:?}", TcpStream::connect("127.0.0.1:80").map(|_| ())),
        Some("clock") => println!("{}", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()),
        _ => eprintln!("nothing to do"),
    }
}
