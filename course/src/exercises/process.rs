//! Programs that end when they are told to, with all that they have started.

use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};

/// Runs programs, one at a time, and ends the one that runs when told to by any thread.
#[derive(Debug, Clone, Default)]
pub struct Stopper(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    running: Option<Pid>,
    stopped: bool,
}

impl Stopper {
    /// Ends what runs, and what it has started; from now on nothing can be run.
    pub fn stop(&self) {
        let mut state = self.state();
        state.stopped = true;
        end(state.running);
    }

    /// Whether it was told to stop.
    pub fn is_stopped(&self) -> bool {
        self.state().stopped
    }

    /// Runs a program to its end, in a process group of its own, and returns what it wrote.
    ///
    /// # Errors
    /// What starting it answers, `ENOENT` above all; `EINTR` once stopped.
    pub fn output(&self, command: &mut Command) -> io::Result<Output> {
        let mut child = self.start(command)?;
        let stdout = in_the_background(child.stdout.take());
        let stderr = in_the_background(child.stderr.take());
        // It stays a zombie, so its number is nobody else's when the rest of its group is ended.
        let ended = waitid(WaitId::Pid(Pid::from_child(&child)), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        end(self.state().running.take());
        let status = child.wait()?;
        ended?;
        let read = |thread: thread::JoinHandle<Vec<u8>>| thread.join().unwrap_or_default();
        let output = Output { status, stdout: read(stdout), stderr: read(stderr) };
        if self.is_stopped() { Err(io::ErrorKind::Interrupted.into()) } else { Ok(output) }
    }

    /// Nobody can stop between the start and the note of it.
    fn start(&self, command: &mut Command) -> io::Result<Child> {
        let mut state = self.state();
        if state.stopped {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).spawn()?;
        state.running = Some(Pid::from_child(&child));
        Ok(child)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a group whose leader is not reaped yet. That nobody of it is left is as good.
fn end(leader: Option<Pid>) {
    if let Some(leader) = leader {
        let _ = kill_process_group(leader, Signal::KILL);
    }
}

/// Reads to the end, so that who writes never waits.
fn in_the_background(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // What was read before an error is worth as much.
        let _ = pipe.map(|mut pipe| pipe.read_to_end(&mut bytes));
        bytes
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;
    use std::time::{Duration, Instant};

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn what_a_program_writes_comes_back() {
        let output = Stopper::default().output(&mut shell("echo out; echo err >&2; exit 3")).unwrap();
        assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (b"out\n".as_slice(), b"err\n".as_slice()));
        assert_eq!(output.status.code(), Some(3));
    }

    #[test]
    fn what_it_leaves_behind_is_ended_too() {
        // The reader of stdout would wait for the one that is left behind.
        let output = Stopper::default().output(&mut shell("sleep 1000 & echo $!")).unwrap();
        let left: i32 = str::from_utf8(&output.stdout).unwrap().trim().parse().unwrap();
        let stat = || std::fs::read_to_string(format!("/proc/{left}/stat")).unwrap_or_else(|_| "(sleep) Z".into());
        // It is killed, and may be a zombie until init looks.
        let deadline = Instant::now() + Duration::from_secs(30);
        while !stat().contains(") Z") {
            assert!(Instant::now() < deadline, "{}", stat());
            thread::yield_now();
        }
    }

    #[test]
    fn a_program_is_stopped_from_another_thread_and_none_starts_after() {
        let stopper = Stopper::default();
        let other = stopper.clone();
        let stopped = thread::spawn(move || other.output(&mut shell("exec sleep 1000")).unwrap_err().kind());
        while stopper.state().running.is_none() {
            thread::yield_now();
        }

        stopper.stop();

        assert_eq!(stopped.join().unwrap(), io::ErrorKind::Interrupted);
        assert_eq!(stopper.output(&mut shell("exit")).unwrap_err().kind(), io::ErrorKind::Interrupted);
    }
}
