//! Starts a chapter's program as its reader would, and asks the kernel what it is doing.
#![allow(dead_code, unreachable_pub, reason = "each chapter's tests compile this file and use their part of it")]

use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::ptr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pretty_assertions::assert_eq;

/// Long enough for any machine; a wait that takes it has failed.
pub const DEADLINE: Duration = Duration::from_secs(20);

/// The system call in which a loop sleeps.
#[cfg(target_arch = "x86_64")]
pub const EPOLL_WAIT: libc::c_long = libc::SYS_epoll_wait;
#[cfg(not(target_arch = "x86_64"))]
pub const EPOLL_WAIT: libc::c_long = libc::SYS_epoll_pwait;

/// A running program. Dropping it kills it.
#[derive(Debug)]
pub struct Program {
    child: Child,
    addr: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Program {
    /// Starts `exe` on a free port of 127.0.0.1 and returns when it listens.
    pub fn start(exe: &str, flags: &[&str]) -> Self {
        Self::spawn(Command::new(exe).arg("127.0.0.1:0").args(flags))
    }

    /// Runs `command`, which starts a program of the book, and returns when its first line has come.
    pub fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("starts");
        let log = collected(child.stderr.take().expect("piped"));
        let first = collected(child.stdout.take().expect("piped"));
        let mut program = Self { child, addr: ([0, 0, 0, 0], 0).into(), log };
        program.until("its first line", |program| {
            let ended = program.child.try_wait().expect("our child");
            assert!(ended.is_none(), "ended with {ended:?} instead of listening; stderr says:\n{}", program.log());
            let line = first.lock().unwrap().clone();
            let addr = line.strip_prefix("listening on ")?.strip_suffix('\n')?;
            program.addr = addr.parse().expect("an address");
            Some(())
        });
        program
    }

    /// Where the program says it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The process's number.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// A new client. Its reads fail after [`DEADLINE`] instead of hanging the test.
    pub fn connect(&self) -> TcpStream {
        let client = TcpStream::connect(self.addr).expect("connects");
        client.set_read_timeout(Some(DEADLINE)).expect("a time-out that is not zero");
        client.set_write_timeout(Some(DEADLINE)).expect("a time-out that is not zero");
        client
    }

    /// So many new clients, all accepted. The queue of a listener holds 128 (std::net): whoever comes when it is full has
    /// to knock again after a second, so they come in parties.
    pub fn connect_many(&mut self, count: usize) -> Vec<TcpStream> {
        let mut clients = Vec::with_capacity(count);
        while clients.len() < count {
            let party = usize::min(100, count - clients.len());
            clients.extend((0..party).map(|_| self.connect()));
            self.until("all to be accepted", |program| {
                let listener = queues(&hex(program.addr), "00000000:0000").expect("the program listens");
                (listener.receive == 0).then_some(())
            });
        }
        clients
    }

    /// Everything the program has written to stderr.
    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    /// The last lines of it.
    pub fn log_end(&self) -> String {
        let log = self.log();
        let lines: Vec<_> = log.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }

    /// Waits until the program has written this to stderr.
    pub fn until_log(&mut self, text: &str) {
        self.until(&format!("`{text}` on stderr"), |program| program.log().contains(text).then_some(()));
    }

    /// Waits until the program's first thread sleeps in this system call, such as `libc::SYS_accept4`.
    pub fn until_asleep_in(&mut self, call: libc::c_long) {
        let call = call.to_string();
        self.until(&format!("a sleep in system call {call}"), |program| {
            (program.proc("syscall").split(' ').next() == Some(&call)).then_some(())
        });
    }

    /// What the kernel has to tell in `/proc/PID/FILE`.
    pub fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.pid())).expect("readable for the parent of the process")
    }

    /// The program's end of this connection, also before the program has accepted it. `None`: no such connection.
    pub fn queues(&self, client: &TcpStream) -> Option<Queues> {
        self.queues_with(client.local_addr().expect("connected"))
    }

    /// The same for a client of this address, who may have gone.
    pub fn queues_with(&self, client: SocketAddr) -> Option<Queues> {
        queues(&hex(self.addr), &hex(client))
    }

    /// Sends the program a signal.
    #[expect(unsafe_code, reason = "kill is a call of C")]
    pub fn signal(&self, signal: libc::c_int) {
        // SAFETY: kill takes two numbers; the process is our child and not yet waited for, so its number is its own.
        let sent = unsafe { libc::kill(self.pid().cast_signed(), signal) };
        assert_eq!(sent, 0, "{}", io::Error::last_os_error());
    }

    /// Lets the program have no descriptor from this number on, and returns which number that was before.
    pub fn limit_descriptors(&self, count: u64) -> u64 {
        change_descriptors(self.pid().cast_signed(), |_| count)
    }

    /// Stops the program as Ctrl-Z does, waits until it has stopped, acts, and lets it go on as `fg` does.
    pub fn while_stopped<T>(&mut self, act: impl FnOnce(&mut Self) -> T) -> T {
        self.signal(libc::SIGSTOP);
        self.until("a stop", |program| program.proc("status").contains("State:\tT").then_some(()));
        let result = act(self);
        self.signal(libc::SIGCONT);
        result
    }

    /// Waits for the program to end by itself.
    pub fn ended(&mut self) -> ExitStatus {
        self.until("its end", |program| program.child.try_wait().expect("our child"))
    }

    /// Asks again and again until there is an answer. Panics with the program's log when [`DEADLINE`] has passed.
    pub fn until<T>(&mut self, what: &str, mut ask: impl FnMut(&mut Self) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            if let Some(answer) = ask(self) {
                return answer;
            }
            assert!(start.elapsed() < DEADLINE, "waited in vain for {what}; stderr ends:\n{}", self.log_end());
            // Not what is waited for: only a pause between two looks, so that the program gets the processor.
            thread::sleep(Duration::from_millis(1));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The two queues of a connection, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Queues {
    /// Sent by the program and not acknowledged by the client's kernel.
    pub send: usize,
    /// Arrived and not yet read by the program.
    pub receive: usize,
}

/// What comes from `source`, as it comes. The thread ends with the program.
fn collected(source: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let text = Arc::new(Mutex::new(String::new()));
    let writer = Arc::clone(&text);
    thread::spawn(move || {
        let mut source = BufReader::new(source);
        let mut line = String::new();
        while source.read_line(&mut line).is_ok_and(|n| n > 0) {
            writer.lock().unwrap().push_str(&line);
            line.clear();
        }
    });
    text
}

/// Raises the limit of open descriptors, for this process and the programs it starts from now on, to at least `count`.
pub fn allow_descriptors(count: u64) {
    change_descriptors(0, |now| now.max(count));
}

/// Changes the limit of open descriptors of a process, 0 for this one, and returns what it was.
#[expect(unsafe_code, reason = "the limits are a call of C")]
fn change_descriptors(process: libc::pid_t, change: impl FnOnce(u64) -> u64) -> u64 {
    let call = |new: *const libc::rlimit, old: *mut libc::rlimit| {
        // SAFETY: each pointer is null or to an `rlimit` of ours; the kernel reads the one and writes the other.
        let result = unsafe { libc::prlimit(process, libc::RLIMIT_NOFILE, new, old) };
        assert_eq!(result, 0, "{}", io::Error::last_os_error());
    };
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    call(ptr::null(), &mut limit);
    let before = limit.rlim_cur;
    limit.rlim_cur = change(before);
    call(&limit, ptr::null_mut());
    before
}

/// Holds `text` against a transcript of the book, numbers aside. With `RECORD=1` in the environment it replaces it.
pub fn transcript(name: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../book/src/transcripts").join(name);
    if env::var_os("RECORD").is_some() {
        fs::write(&path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
    let recorded = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(shape(&recorded), shape(text), "{} is out of date: record it again with RECORD=1", path.display());
}

/// The words of each line, with `N` for every number in them.
fn shape(text: &str) -> Vec<String> {
    let number = |word: &str| word.chars().all(|c| c.is_ascii_digit() || ",.".contains(c));
    let word = |word| if number(word) { "N" } else { word };
    text.lines().map(|line| line.split_whitespace().map(word).collect::<Vec<_>>().join(" ")).collect()
}

/// The queues of the socket with these two addresses; a listener's second queue counts clients.
fn queues(local: &str, remote: &str) -> Option<Queues> {
    // Not in small pieces, for each of which the kernel looks for its place in the table.
    let mut table = String::with_capacity(4096);
    File::open("/proc/net/tcp").and_then(|mut file| file.read_to_string(&mut table)).expect("readable for all");
    // There may be thousands of them.
    let lines = table.lines().filter(|line| line.contains(local));
    let mut rows = lines.map(|line| line.split_whitespace().collect::<Vec<_>>());
    let row = rows.find(|row| row[1] == local && row[2] == remote)?;
    let (send, receive) = row[4].split_once(':').expect("tx_queue:rx_queue");
    let [send, receive] = [send, receive].map(|hex| usize::from_str_radix(hex, 16).expect("hexadecimal"));
    Some(Queues { send, receive })
}

/// An IPv4 address as `/proc/net/tcp` writes it: the four bytes as one number of this machine, then the port.
fn hex(addr: SocketAddr) -> String {
    let SocketAddr::V4(addr) = addr else { panic!("{addr} is not in /proc/net/tcp but in /proc/net/tcp6") };
    format!("{:08X}:{:04X}", u32::from_ne_bytes(addr.ip().octets()), addr.port())
}
