//! Somebody with an empty home, outside this checkout, who has the binary and a Rust toolchain and nothing else of ours.
//!
//! Only what cargo builds is kept from one test to the next: so each costs seconds, not the minute of a first build.

use crate::kit::{Said, Started, said};
use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    fs::File,
    hash::{Hash as _, Hasher as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

pub struct NewUser {
    /// The same in every test of a checkout, for cargo knows the SDK by its path; far from any configuration of the checkout's.
    folder: PathBuf,
    _alone: File,
}

impl NewUser {
    pub fn new() -> NewUser {
        let mut checkout = DefaultHasher::new();
        env!("CARGO_MANIFEST_DIR").hash(&mut checkout);
        let folder = env::temp_dir().join(format!("headwater-new-user-{:016x}", checkout.finish()));
        let alone = File::create(folder.with_extension("lock")).unwrap();
        alone.lock().unwrap();
        fs::remove_dir_all(&folder).or_else(|_| if folder.exists() { Err("it stays") } else { Ok(()) }).unwrap();
        fs::create_dir(&folder).unwrap();
        NewUser { folder, _alone: alone }
    }

    /// Where crates are made.
    pub fn path(&self) -> &Path {
        &self.folder
    }

    pub fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    fn command(&self, program: &str, folder: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.join(folder)).stdin(Stdio::null());
        command
            .env("HEADWATER_HOME", self.home())
            .env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/new"));
        command
    }

    /// `headwater` in a folder of theirs.
    pub fn headwater(&self, folder: &str, arguments: &[&str]) -> Said {
        said(self.command(env!("CARGO_BIN_EXE_headwater"), folder, arguments))
    }

    pub fn start(&self, folder: &str, arguments: &[&str]) -> Started {
        Started::of(self.command(env!("CARGO_BIN_EXE_headwater"), folder, arguments))
    }

    pub fn cargo(&self, folder: &str, arguments: &[&str]) -> Said {
        said(self.command("cargo", folder, arguments))
    }

    /// A line in a shell that finds our binary as `headwater`.
    pub fn shell(&self, folder: &str, line: &str) -> Said {
        let mut command = self.command("bash", folder, &["-c", line]);
        let ours = Path::new(env!("CARGO_BIN_EXE_headwater")).parent().unwrap();
        let others = env::var_os("PATH").unwrap_or_default();
        let path = [ours.to_owned()].into_iter().chain(env::split_paths(&others));
        command.env("PATH", env::join_paths(path).unwrap());
        said(command)
    }

    pub fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.folder.join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is not in {text}");
        fs::write(path, text.replace(from, to)).unwrap();
    }
}

impl Drop for NewUser {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.folder).ok();
    }
}
