//! Programs that end when they are told to, with all that they have started.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, kill_process_group, pidfd_open, pidfd_send_signal, waitid,
};

/// The variable by which what a program has started is known, in whatever group or session it is.
const MARK: &str = "COURSE_RUN";
/// Who takes longer to begin with a program, or to end, does not wait for a core but for a disk.
const LONGEST_EXEC: Duration = Duration::from_secs(2);
/// How much of what a program writes is kept.
const MOST: u64 = 16 * 1024 * 1024;

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
        self.run(command, None, None)
    }

    /// [`output`](Self::output) of a program that may do anything: what it has started is ended with it, in whatever group
    /// or session that is. Not for cargo, which may start a cache that is to stay.
    ///
    /// # Errors
    /// As for [`output`](Self::output), and `ETIMEDOUT` if it runs for longer than `patience`.
    pub fn output_within(&self, patience: Duration, command: &mut Command) -> io::Result<Output> {
        let mark = mark();
        self.run(command.env(MARK, &mark), Some(patience), Some(&mark))
    }

    fn run(&self, command: &mut Command, patience: Option<Duration>, mark: Option<&str>) -> io::Result<Output> {
        let mut child = self.start(command)?;
        let stdout = in_the_background(child.stdout.take());
        let stderr = in_the_background(child.stderr.take());
        let ended = wait(&child, patience);
        // It is not reaped, so its number is nobody else's when the rest of its group is ended.
        end(self.state().running.take());
        mark.map(end_marked);
        let status = child.wait()?;
        let read = |thread: thread::JoinHandle<Vec<u8>>| thread.join().unwrap_or_default();
        let output = Output { status, stdout: read(stdout), stderr: read(stderr) };
        if self.is_stopped() {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if ended? { Ok(output) } else { Err(io::ErrorKind::TimedOut.into()) }
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

/// Waits until it has ended, but does not reap it; `false` if `patience` ends first.
fn wait(child: &Child, patience: Option<Duration>) -> io::Result<bool> {
    let pid = Pid::from_child(child);
    let handle = pidfd_open(pid, PidfdFlags::empty())?;
    let deadline = patience.map(|patience| Instant::now() + patience);
    loop {
        let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
        let left =
            left.map(|left| Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() });
        match poll(&mut [PollFd::new(&handle, PollFlags::IN)], left.as_ref()) {
            Ok(0) => return Ok(false),
            Ok(_) => break,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)?;
    Ok(true)
}

/// Ends a group whose leader is not reaped yet. That nobody of it is left is as good.
fn end(leader: Option<Pid>) {
    if let Some(leader) = leader {
        let _ = kill_process_group(leader, Signal::KILL);
    }
}

/// A value that no other run bears.
fn mark() -> String {
    static RUNS: AtomicU64 = AtomicU64::new(0);
    format!("{}-{}.", std::process::id(), RUNS.fetch_add(1, Relaxed))
}

/// Ends all that was started by the run of this mark: tests are in groups of their own, and an answer may fork.
fn end_marked(mark: &str) {
    let mark = format!("{MARK}={mark}");
    let (mut others, mut told) = (BTreeSet::new(), BTreeSet::new());
    let deadline = Instant::now() + LONGEST_EXEC;
    loop {
        // Whoever has gone since the list was made, or is ended now, may have started one that is not in it. So there is
        // another, until one has nobody new.
        let (mut news, mut ended) = (false, false);
        for pid in processes() {
            if others.contains(&pid.as_raw_pid()) {
                continue;
            }
            news = true;
            match end_if_marked(pid, mark.as_bytes()) {
                Found::Marked => ended |= told.insert(pid.as_raw_pid()),
                Found::Another => _ = others.insert(pid.as_raw_pid()),
                Found::Unknown => {}
            }
        }
        if !news || !ended && Instant::now() > deadline {
            return;
        }
    }
}

/// All processes but this one; none where `/proc` is masked.
fn processes() -> impl Iterator<Item = Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter_map(Pid::from_raw).filter(|&pid| pid != rustix::process::getpid())
}

/// What a process turned out to be.
enum Found {
    /// It bears the mark, and was told to end.
    Marked,
    /// It is none of this run.
    Another,
    /// It has gone, or has left one program and is not in the next yet.
    Unknown,
}

fn end_if_marked(pid: Pid, mark: &[u8]) -> Found {
    // The descriptor first: it stays that of the process whose environment is read next.
    let Ok(handle) = pidfd_open(pid, PidfdFlags::empty()) else { return Found::Unknown };
    match fs::read(format!("/proc/{pid}/environ")) {
        Ok(environment) if environment.split(|&byte| byte == 0).any(|variable| variable == mark) => {
            pidfd_send_signal(&handle, Signal::KILL).map_or(Found::Unknown, |()| Found::Marked)
        }
        Ok(environment) if !is_whole(pid, environment.len()) => Found::Unknown,
        // It is another's, or must not be read.
        _ => Found::Another,
    }
}

/// Whether so many bytes are the environment that the process has now. What is read amid an exec may be cut off, with the
/// memory that the process leaves, or nothing yet of what it is about to fill: `endcode` comes last (proc(5)).
fn is_whole(pid: Pid, len: usize) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The second field, the name, ends with the last parenthesis.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let field = |number: usize| fields.get(number - 3).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
    let [vsize, endcode, env_start, env_end] = [23, 27, 50, 51].map(field);
    // The kernel's own threads have no memory, nor has who has ended.
    vsize == 0 || endcode != 0 && env_end.wrapping_sub(env_start) == len as u64
}

/// Reads to the end, so that who writes never waits.
fn in_the_background(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // What was read before an error is worth as much.
            let _ = pipe.by_ref().take(MOST).read_to_end(&mut bytes);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
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

    fn run(script: &str) -> io::Result<Output> {
        Stopper::default().output_within(Duration::from_secs(30), &mut shell(script))
    }

    #[test]
    fn what_a_program_writes_comes_back() {
        let output = run("echo out; echo err >&2; exit 3").unwrap();
        assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (b"out\n".as_slice(), b"err\n".as_slice()));
        assert_eq!(output.status.code(), Some(3));
    }

    #[test]
    fn what_it_leaves_behind_is_ended_too() {
        // The reader of stdout would wait for the one that is left behind. Those after the first are in a session of
        // their own, and the last begins with one program after another: amid an exec a process has no environment.
        let execs = r#"me='[ $1 = 0 ] && exec sleep 1000; exec sh -c "$0" "$0" $(($1 - 1))'
            exec 3>&1; { setsid sh -c "echo; $me" "$me" 300 & echo $! >&3; } | read line"#;
        for leave in
            ["sleep 1000 & echo $!", "setsid sleep 1000 & echo $!", "setsid sh -c 'sleep 1000 & echo $!'", execs]
        {
            let output = run(leave).unwrap();
            let left: i32 = str::from_utf8(&output.stdout).unwrap().trim().parse().unwrap();
            let stat = || fs::read_to_string(format!("/proc/{left}/stat")).unwrap_or_else(|_| "(sleep) Z".into());
            // It is killed, and may be a zombie until init looks.
            let deadline = Instant::now() + Duration::from_secs(30);
            while !stat().contains(") Z") {
                assert!(Instant::now() < deadline, "{leave}: {}", stat());
                thread::yield_now();
            }
        }
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let output = Stopper::default().output_within(Duration::from_millis(10), &mut shell("exec sleep 1000"));
        assert_eq!(output.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[test]
    fn of_much_that_is_written_the_beginning_is_kept() {
        let output = run("yes | head -c 50000000").unwrap();
        assert_eq!(output.stdout.len() as u64, MOST);
        assert_eq!(output.status.code(), Some(0));
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
