//! `headwater run --watch`: again on each save, what the compiler says as it is, and Ctrl-C.

use crate::new_user::NewUser;

#[test]
fn saving_a_file_builds_and_runs_again_until_ctrl_c() {
    let user = NewUser::new();
    assert_eq!(user.headwater(".", &["new", "demo"]).code, 0);
    let mut watching = user.start("demo", &["run", ".", "--watch"]);
    // What is saved before it waits counts as well.
    watching.until(r#"Result: "Hello, World! Your name has 5 letters.""#);
    user.edit("demo/src/lib.rs", "Hello,", "Good day,");
    watching.until(r#"Result: "Good day, World! Your name has 5 letters.""#);
    user.edit("demo/src/lib.rs", "greet(&name)", "great(&name)");
    watching.until("error[E0425]: cannot find function `great` in this scope");
    watching.until("waiting until a file is saved");
    user.edit("demo/src/lib.rs", "great(&name)", "greet(&name)");
    watching.until(r#"Result: "Good day, World! Your name has 5 letters.""#);
    watching.interrupt();
    assert_eq!(watching.end().0, 0);
}

#[test]
fn a_save_cancels_what_runs_and_ctrl_c_does_too() {
    let user = NewUser::new();
    assert_eq!(user.headwater(".", &["new", "demo"]).code, 0);
    let sleeps = "println!(\"asleep\");\n    sleep(Duration::from_secs(3600)).await?;\n    let (greeting, letters)";
    user.edit("demo/src/lib.rs", "let (greeting, letters)", sleeps);
    let mut watching = user.start("demo", &["run", ".", "--watch"]);
    watching.until("| asleep");
    user.edit("demo/src/lib.rs", "\"asleep\"", "\"asleep again\"");
    watching.until("a file was saved");
    watching.until("Cancelled after");
    watching.until("| asleep again");
    watching.interrupt();
    let (code, lines) = watching.end();
    assert_eq!(code, 4, "{lines:#?}");
}
