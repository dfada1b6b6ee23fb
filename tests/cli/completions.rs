//! `headwater completions`: a script for each shell, which the shell takes.

use crate::kit::Home;
use std::process::Command;

#[test]
fn each_shell_gets_a_script_that_knows_our_commands() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let said = home.headwater(&["completions", shell]);
        assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{shell}");
        for word in ["flow-run", "completions", "careful"] {
            assert!(said.stdout.contains(word), "{shell}: {word}");
        }
    }
    assert_eq!(home.headwater(&["completions", "tcsh"]).code, 2);
}

#[test]
fn bash_completes_with_it() {
    let home = Home::new();
    let script = home.headwater(&["completions", "bash"]).stdout;
    let ask =
        "COMP_WORDS=(headwater flow-run re); COMP_CWORD=2; _headwater headwater re flow-run; echo ${COMPREPLY[*]}";
    let output = Command::new("bash").arg("-c").arg(format!("{script}\n{ask}")).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "resume retry\n", "{output:?}");
}
