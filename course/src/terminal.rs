//! The terminal: its keys as they are pressed, and the signals by which it ends a program.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::thread;

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};

/// What a terminal that is gone has for a key; Ctrl-D too.
pub const END: u8 = 4;

/// The signals that end a program: Ctrl-C, Ctrl-\\, `kill`, and the terminal that is closed, unless that was not to be
/// heard (`nohup`).
pub fn endings() -> impl Iterator<Item = i32> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    let hears_of_closing = ignored & (1 << (SIGHUP - 1)) == 0;
    [SIGINT, SIGQUIT, SIGTERM].into_iter().chain(hears_of_closing.then_some(SIGHUP))
}

/// Keys without Enter, and without their echo. Dropping it makes the terminal what it was.
#[derive(Debug)]
pub struct Keys {
    before: Termios,
}

impl Keys {
    /// Calls `press` with each key from now on, if stdin is a terminal.
    ///
    /// # Errors
    /// What `tcgetattr` and `tcsetattr` answer.
    pub fn listen(mut press: impl FnMut(u8) + Send + 'static) -> io::Result<Option<Self>> {
        let stdin = io::stdin();
        if !stdin.is_terminal() {
            return Ok(None);
        }
        let keys = Self { before: tcgetattr(&stdin)? };
        keys.resume()?;
        // It ends with the program: nobody can wake a thread that reads from a terminal.
        thread::spawn(move || {
            stdin.lock().bytes().map_while(Result::ok).for_each(&mut press);
            press(END);
        });
        Ok(Some(keys))
    }

    /// Sets the terminal again, which a shell has used while this program was stopped.
    ///
    /// # Errors
    /// What `tcsetattr` answers.
    pub fn resume(&self) -> io::Result<()> {
        let mut keys = self.before.clone();
        // Ctrl-C stays a signal.
        keys.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        keys.special_codes[SpecialCodeIndex::VMIN] = 1;
        keys.special_codes[SpecialCodeIndex::VTIME] = 0;
        Ok(tcsetattr(io::stdin(), OptionalActions::Now, &keys)?)
    }
}

impl Drop for Keys {
    fn drop(&mut self) {
        // A terminal that is gone needs no settings.
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.before);
    }
}
