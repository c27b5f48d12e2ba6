//! Tests of what belongs to the whole process: its descriptors, its threads, its limits.

use std::env;
use std::process::Command;

use super::os;

const CHILD: &str = "REACTOR_TEST_IN_A_PROCESS_OF_ITS_OWN";
const DONE: &str = "the body has come to its end";
const SECONDS: u32 = 60;

/// Runs the body of the test called `name` in a process of its own, where no other test disturbs it.
pub(crate) fn alone(name: &str, body: impl FnOnce()) {
    if env::var_os(CHILD).is_some() {
        // Who hangs is killed.
        os::alarm(SECONDS);
        body();
        println!("{DONE}");
        return;
    }
    let this = env::current_exe().expect("the path of this program");
    let mut child = Command::new(this);
    child.args([name, "--exact", "--nocapture", "--test-threads=1"]).env(CHILD, "1");

    let output = child.output().expect("a child process");

    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    eprint!("{stderr}");
    let ended = output.status.success() && stdout.contains(DONE);
    assert!(ended, "in a process of its own, {name}: {} (SIGALRM: hung for {SECONDS} s)\n{stdout}", output.status);
}
