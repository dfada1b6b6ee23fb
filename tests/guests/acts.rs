//! Flows whose acts a test watches from outside: a child that waits for a file, large values, work that only a cancel ends, failures
//! that heal.

use headwater_sdk::prelude::*;

/// Comes back once the file is there.
#[task(program = ["sh", "-c", "while [ ! -e \"$0\" ]; do sleep 0.02; done; echo seen", "{file}"])]
async fn until_there(file: String) -> Result<String>;

#[flow]
async fn waits(file: String) -> Result<String> {
    println!("the child waits for a file");
    until_there(file).await
}

#[flow]
async fn watched(file: String) -> Result<String> {
    let seen = waits(file).await?;
    println!("the child has ended");
    Ok(seen)
}

#[task]
fn same(text: String) -> Result<String> {
    Ok(text)
}

#[flow]
async fn large_child(text: String) -> Result<String> {
    same(text).await
}

/// As parameter, as argument by value and by handle, as a child's parameter and result.
#[flow]
async fn large(text: String) -> Result<String> {
    let first = same(&text).submit();
    let second = same(&first).submit();
    large_child(second.await?).await
}

/// More than a runner keeps for an owner that acknowledges nothing.
#[task(program = ["sh", "-c", "yes $(printf %012000d 0) | head -c 72000000"])]
async fn talks() -> Result<()>;

#[flow]
async fn talkative() -> Result<()> {
    talks().await
}

#[task(program = ["sh", "-c", "echo at work; sleep 3600 & wait"])]
async fn for_ever() -> Result<String>;

#[task(image = "debian", command = ["sh", "-c", "echo at work; sleep 3600 & wait"])]
async fn boxed_for_ever() -> Result<String>;

#[flow]
async fn child_for_ever() -> Result<String> {
    for_ever().await
}

/// All that goes on until it is cancelled.
#[flow]
async fn endless(image: Option<String>) -> Result<()> {
    let Some(image) = image else {
        try_join!(for_ever(), child_for_ever())?;
        return Ok(());
    };
    let side = docker::create_container(&image).command(vec!["sleep".to_owned(), "3600".to_owned()]).submit();
    let started = docker::start_container(&side).submit();
    let ended = docker::wait_on_container(&side).after(&started).submit();
    try_join!(
        for_ever(),
        child_for_ever(),
        boxed_for_ever().image(&image),
        child_for_ever().run_config(Docker::image(&image).label("docker")),
        ended,
    )?;
    Ok(())
}

/// Leaves a container running, and returns once the file is there.
#[flow]
async fn leaves(image: String, file: String) -> Result<String> {
    let side = docker::create_container(&image).command(vec!["sleep".to_owned(), "3600".to_owned()]).await?;
    docker::start_container(&side).await?;
    until_there(file).await
}

#[task(image = "debian", command = ["echo", "in an image"])]
async fn in_an_image() -> Result<String>;

/// Says its result first, on a line longer than an answer of the runner's, then each word that comes through its pipe, up to `end`.
#[task(
    image = "debian",
    command = ["sh", "-c", r#"
mkfifo /tmp/words
printf '["%030000d"]\n' 7
exec 3<> /tmp/words
while read word <&3 && [ "$word" != end ]; do echo "$word" >&2; done
"#]
)]
async fn says_first() -> Result<Vec<String>>;

#[flow]
async fn said_first(image: String) -> Result<u64> {
    Ok(says_first().image(&image).await?.concat().len() as u64)
}

#[flow]
async fn boxed() -> Result<String> {
    in_an_image().await
}

#[task]
fn hello(name: String) -> Result<String> {
    Ok(format!("hello, {name}"))
}

#[flow]
async fn light() -> Result<String> {
    hello("light").await
}

/// Fails until the operator puts a file there.
#[task(dir_rw = "/data")]
fn heals(name: String) -> Result<String> {
    std::fs::write(format!("/data/tried-{name}-{}", this_attempt().number), "")?;
    if std::fs::exists("/data/healed")? {
        Ok(name)
    } else {
        Err(Error::new(format_args!("`{name}` is not healed yet")))
    }
}

#[task(dir_rw = "/data")]
fn works(name: String) -> Result<String> {
    std::fs::write(format!("/data/tried-{name}-{}", this_attempt().number), "")?;
    Ok(name)
}

#[flow]
async fn good_child() -> Result<String> {
    works("good").await
}

#[flow]
async fn bad_child() -> Result<String> {
    let before = works("before").await?;
    Ok(format!("{before} {}", heals("bad").await?))
}

/// One child that succeeds, and after it one that does not until it is healed: at once, the failure could cancel the good one.
#[flow]
async fn family() -> Result<Vec<String>> {
    let good = good_child().submit();
    let bad = bad_child().after(&good).submit();
    let (good, bad) = try_join!(good, bad)?;
    Ok(vec![good, bad])
}

/// Its first attempt fails for three numbers.
#[task]
fn mostly(n: u64) -> Result<u64> {
    if [3, 500, 999].contains(&n) && this_attempt().number == 1 {
        return Err(Error::new(format_args!("{n} fails at first")));
    }
    Ok(n)
}

#[flow]
async fn thousand() -> Result<u64> {
    Ok(mostly::map((0..1_000).collect::<Vec<u64>>()).await?.iter().sum())
}

headwater_sdk::component!();
