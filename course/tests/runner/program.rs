//! A program that runs beside the test.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use crate::copy::target;

/// After this long, what a test waits for will not come.
const DEADLINE: Duration = Duration::from_secs(120);
/// How often a test looks whether it has come.
const A_GLANCE: Duration = Duration::from_millis(10);

/// A running program. Dropping it ends it, with all that it has started.
pub(crate) struct Program {
    child: Child,
    /// What it has said, if that goes to no terminal.
    output: File,
}

impl Program {
    /// Starts it, with what it says kept in a file: nobody has to read it.
    pub(crate) fn start(command: &mut Command) -> Self {
        let output = tempfile::tempfile().unwrap();
        command.stdout(output.try_clone().unwrap()).stderr(output.try_clone().unwrap());
        Self { child: command.spawn().unwrap(), output }
    }

    /// Starts it where the command says.
    pub(crate) fn start_as_it_is(command: &mut Command) -> Self {
        Self { child: command.spawn().unwrap(), output: tempfile::tempfile().unwrap() }
    }

    /// All that it has said so far.
    pub(crate) fn said(&self) -> String {
        // Read without moving the place at which the program writes, for that is shared.
        let length = self.output.metadata().unwrap().len();
        let mut said = vec![0; length.try_into().unwrap()];
        self.output.read_exact_at(&mut said, 0).unwrap();
        String::from_utf8_lossy(&said).into_owned()
    }

    pub(crate) fn signal(&self, name: &str) {
        let number = self.child.id().to_string();
        let status = Command::new("kill").arg(format!("-{name}")).arg(number).status().unwrap();
        assert!(status.success(), "kill -{name} failed");
    }

    /// Waits until it holds, unless the program ends before.
    pub(crate) fn until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + DEADLINE;
        while !holds(self) {
            let ended = self.child.try_wait().unwrap();
            assert!(ended.is_none(), "{what} did not come, but {}: {}", ended.unwrap(), self.said());
            assert!(Instant::now() < deadline, "{what} did not come. There is {:?}: {}", processes(), self.said());
            thread::sleep(A_GLANCE);
        }
    }

    /// Waits until it has ended by itself. Its status is `None` if a signal has ended it.
    pub(crate) fn status(&mut self) -> Option<i32> {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < deadline, "it does not end. There is {:?}: {}", processes(), self.said());
            thread::sleep(A_GLANCE);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            // It ends what it has started, which nobody else knows.
            self.signal("TERM");
            let deadline = Instant::now() + DEADLINE / 4;
            while self.child.try_wait().is_ok_and(|ended| ended.is_none()) && Instant::now() < deadline {
                thread::sleep(A_GLANCE);
            }
        }
        // It has ended, unless it is at fault.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The processes that run the copy's tests or build them.
pub(crate) fn processes() -> Vec<String> {
    let target = target().to_str().unwrap().to_owned();
    let commands = fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path().join("cmdline"));
    let commands = commands.filter_map(|file| fs::read(file).ok());
    let commands = commands.map(|command| String::from_utf8_lossy(&command).replace('\0', " "));
    commands.filter(|command| command.contains(&target)).collect()
}

/// Waits until none of them is left.
pub(crate) fn silence() {
    let deadline = Instant::now() + DEADLINE;
    while !processes().is_empty() {
        assert!(Instant::now() < deadline, "these are left: {:?}", processes());
        thread::sleep(A_GLANCE);
    }
}
