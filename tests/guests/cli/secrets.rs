//! Tasks that tell the secrets they were given, in every form and on every way out. Whoever looks for them afterwards must find none.

use base64::{
    Engine as _,
    prelude::{BASE64_STANDARD, BASE64_URL_SAFE},
};
use headwater_sdk::prelude::*;
use std::io::Write as _;

/// What a value may be told as.
fn forms(value: &str) -> Vec<String> {
    let quoted = serde_json::to_string(value).unwrap();
    let percent = |upper: bool| -> String {
        let escape = |byte: u8| if upper { format!("%{byte:02X}") } else { format!("%{byte:02x}") };
        let byte = |byte: u8| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { escape(byte) };
        value.bytes().map(byte).collect()
    };
    vec![
        value.to_owned(),
        BASE64_STANDARD.encode(value),
        BASE64_URL_SAFE.encode(value),
        BASE64_STANDARD.encode(format!("u:{value}")),
        BASE64_URL_SAFE.encode(format!("u{value}!")),
        percent(true),
        percent(false),
        quoted,
        value.bytes().map(|byte| format!("{byte:02x}")).collect(),
    ]
}

#[task(secret = ["HUNT_TOKEN", "HUNT_KEY"])]
fn tells() -> Result<u32> {
    for value in [secret("HUNT_TOKEN")?, secret("HUNT_KEY")?] {
        for form in forms(&value) {
            log::info!("told by log: {form}");
            log::warn!(target: "told-by-target", "{form}{form}");
            println!("told by standard output: {form}");
            eprintln!("told by standard error: {form}");
            let half = form.len() / 2;
            let half = (half..).find(|at| form.is_char_boundary(*at)).unwrap();
            print!("told in pieces: {}", &form[..half]);
            std::io::stdout().flush().unwrap();
            println!("{}", &form[half..]);
        }
        // The cut of a long line goes through it.
        println!("{}{value}", "x".repeat(64 * 1024 - value.len() / 2));
        heartbeat(&serde_json::json!({ "told by progress": value, "forms": forms(&value) }));
    }
    Ok(1)
}

#[task(secret = "HUNT_TOKEN", retries = 1)]
fn fails() -> Result<()> {
    let token = secret("HUNT_TOKEN")?;
    let error = Error::new(format!("told by a failure: {}", forms(&token).join(" ")));
    Err(error.context(format!("told by its context: {token}")).with_data(&serde_json::json!({ "told by data": token })))
}

#[task(secret = "HUNT_TOKEN")]
fn panics() -> Result<()> {
    panic!("told by a panic: {}", secret("HUNT_TOKEN")?);
}

#[task(secret = "HUNT_TOKEN")]
fn returns() -> Result<Vec<String>> {
    Ok(vec!["told by a result".to_owned(), secret("HUNT_TOKEN")?])
}

#[task(secret = "HUNT_TOKEN")]
fn returns_much() -> Result<String> {
    Ok(format!("told by a large result: {}{}", "x".repeat(100_000), BASE64_STANDARD.encode(secret("HUNT_TOKEN")?)))
}

#[task(secret = "HUNT_TOKEN")]
fn writes() -> Result<Artifact> {
    Artifact::write("told.txt", "text/plain", format!("told by an artifact: {}", secret("HUNT_TOKEN")?).as_bytes())
}

/// Its value in two results, each of which shows nothing.
#[task(secret = "HUNT_TOKEN")]
fn half(second: bool) -> Result<String> {
    let token = secret("HUNT_TOKEN")?;
    let (one, other) = token.split_at(token.len() / 2);
    Ok(if second { other } else { one }.to_owned())
}

/// Waits after the first half until the reader has it, so that the two come apart.
const TELLS: &str = r#"
import base64, fcntl, json, os, sys, termios, urllib.parse
def apart(fd, text):
    raw = text.encode()
    os.write(fd, raw[:len(raw) // 2])
    while fcntl.ioctl(fd, termios.FIONREAD, b'\0' * 4) != b'\0' * 4: pass
    os.write(fd, raw[len(raw) // 2:] + b'\n')
for name in ('HUNT_TOKEN', 'HUNT_KEY'):
    value = os.environ[name]
    raw = value.encode()
    for form in (value, base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode(),
                 base64.b64encode(b'u:' + raw).decode(), base64.urlsafe_b64encode(b'u' + raw + b'!').decode(),
                 urllib.parse.quote(value, safe=''), urllib.parse.quote_plus(value), json.dumps(value), raw.hex()):
        apart(1, 'told by a program: ' + form)
        apart(2, 'told by its errors: ' + form)
    apart(1, 'x' * (8192 - len(value) // 2) + value)
sys.stdout.flush()
"#;

#[task(program = ["python3", "-c", "{script}"], secret = ["HUNT_TOKEN", "HUNT_KEY"])]
async fn program(script: String) -> Result<()>;

#[task(program = ["python3", "-c", "import os; print(os.environ['HUNT_TOKEN'])"], secret = "HUNT_TOKEN")]
async fn program_returns() -> Result<String>;

#[task(program = ["sh", "-c", "printf '{\"told by\": \"%s\"}' \"$HUNT_TOKEN\" > {out}/result.json"], secret = "HUNT_TOKEN")]
async fn program_writes() -> Result<serde_json::Value>;

#[task(program = ["sh", "-c", "echo \"told by a file: $HUNT_TOKEN\" > {out}/told.txt"], secret = "HUNT_TOKEN")]
async fn program_leaves() -> Result<Artifact>;

#[task(program = ["sh", "-c", "echo \"told by a cause: $HUNT_TOKEN\" >&2; exit 3"], secret = "HUNT_TOKEN")]
async fn program_fails() -> Result<()>;

#[task(image = "python", command = ["python3", "-c", "{script}"], secret = ["HUNT_TOKEN", "HUNT_KEY"])]
async fn boxed(script: String) -> Result<()>;

#[task(image = "python", command = ["sh", "-c", "echo \"told by another name: $OTHER_NAME\""])]
async fn renamed() -> Result<()>;

/// What became of a call, in a word, and its failure as a flow sees it.
fn ended<T>(what: &str, result: Result<T>) {
    match result {
        Ok(_) => println!("{what} ended as completed"),
        Err(error) => println!("{what} ended as {:?}: {error} {:?}", error.kind(), error.chain().collect::<Vec<_>>()),
    }
}

/// Where its programs are in a container, it waits for a word, so that somebody can look at that.
#[flow]
async fn programs(wait: bool) -> Result<()> {
    ended("program", program(TELLS).await);
    ended("program_returns", program_returns().await);
    ended("program_writes", program_writes().await);
    ended("program_leaves", program_leaves().await);
    ended("program_fails", program_fails().await);
    if wait {
        let _: bool = wait_for_input("may the container go?").await?;
    }
    Ok(())
}

#[flow]
async fn hunt(image: Option<String>) -> Result<()> {
    ended("tells", tells().await);
    ended("fails", fails().await);
    ended("panics", panics().await);
    ended("returns", returns().await);
    ended("returns_much", returns_much().await);
    ended("writes", writes().await);
    println!("told by the flow: {}{}", half(false).await?, half(true).await?);
    match image {
        None => programs(false).await?,
        Some(image) => {
            ended("boxed", boxed(TELLS).image(&image).keep(docker::Keep::Always).await);
            ended("renamed", renamed().image(&image).secret_env("OTHER_NAME", "HUNT_TOKEN").await);
            programs(true).run_config(Docker::image(&image)).await?;
        }
    }
    fails().await
}

/// Its result is what no task's was.
#[flow]
async fn assembles() -> Result<String> {
    Ok(half(false).await? + &half(true).await?)
}

#[flow]
async fn asks_itself() -> Result<String> {
    secret("HUNT_TOKEN")
}

#[task(secret = "NOT_GRANTED")]
fn wants_another() -> Result<String> {
    secret("NOT_GRANTED")
}

#[flow]
async fn wants() -> Result<String> {
    wants_another().await
}

/// Asks for what its attribute does not name.
#[task(secret = "HUNT_KEY")]
fn reaches() -> Result<String> {
    secret("HUNT_TOKEN")
}

#[flow]
async fn reaching() -> Result<String> {
    reaches().await
}

/// Says how long what it was given is, before and after somebody's word.
#[task(secret = "HUNT_TOKEN")]
fn length() -> Result<usize> {
    Ok(secret("HUNT_TOKEN")?.len())
}

#[flow]
async fn measures() -> Result<Vec<usize>> {
    let first = length().await?;
    let _: bool = wait_for_input("go on?").await?;
    Ok(vec![first, length().await?])
}

headwater_sdk::component!();
