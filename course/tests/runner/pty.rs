//! A terminal, as a program sees one.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::OpenOptionsExt;
use std::process::Command;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::OFlags;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::program::Program;

/// After this long, what a test waits for will not come.
const DEADLINE: Duration = Duration::from_secs(120);

/// A terminal of 100 columns and 40 lines, with a program in it.
pub(crate) struct Terminal {
    pub(crate) program: Program,
    keyboard: File,
    side: File,
    output: Receiver<Vec<u8>>,
    /// All that was written since the last key or save.
    screen: String,
}

impl Terminal {
    pub(crate) fn start(command: &mut Command) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap().into_string().unwrap();
        // Else it could become the terminal of the tests themselves.
        let no_control = OFlags::NOCTTY.bits().cast_signed();
        let side = OpenOptions::new().read(true).write(true).custom_flags(no_control).open(name).unwrap();
        tcsetwinsize(&side, Winsize { ws_row: 40, ws_col: 100, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let copy = || side.try_clone().unwrap();
        command.stdin(copy()).stdout(copy()).stderr(copy()).env("TERM", "xterm");
        let program = Program::start_as_it_is(command);
        let keyboard = File::from(keyboard);
        let mut screen = keyboard.try_clone().unwrap();
        let (sender, output) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(count) = screen.read(&mut buffer) {
                if count == 0 || sender.send(buffer[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { program, keyboard, side, output, screen: String::new() }
    }

    /// Makes the window so wide.
    pub(crate) fn widen(&mut self, columns: u16) {
        self.forget();
        // The kernel tells the program of it only where the terminal controls it.
        tcsetwinsize(&self.side, Winsize { ws_row: 40, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        self.program.signal("WINCH");
    }

    /// Waits until this is on the screen.
    pub(crate) fn until(&mut self, text: &str) -> &str {
        let deadline = Instant::now() + DEADLINE;
        while !self.screen.contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(bytes) = self.output.recv_timeout(left) else { panic!("no {text:?} in {}", self.screen) };
            self.screen.push_str(&String::from_utf8_lossy(&bytes));
        }
        &self.screen
    }

    /// Forgets what is on the screen.
    pub(crate) fn forget(&mut self) {
        self.screen.clear();
    }

    pub(crate) fn press(&mut self, key: u8) {
        self.forget();
        self.keyboard.write_all(&[key]).unwrap();
    }

    /// Whether the terminal shows what is typed, and waits for Enter.
    pub(crate) fn is_as_before(&self) -> bool {
        let modes = tcgetattr(self.side.as_fd()).unwrap().local_modes;
        modes.contains(LocalModes::ICANON | LocalModes::ECHO)
    }
}
