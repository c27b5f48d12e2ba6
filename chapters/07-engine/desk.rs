//! The help desk: a thread that takes its time. What it types is private, for the one who asked.

use std::fmt::Display;
use std::io::{self, BufRead};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread;

// ANCHOR: desk
/// Starts the thread. Each line of stdin answers the oldest open question; the thread ends with stdin.
///
/// `answer` says whether the answer is on its way.
pub(crate) fn start<Id: Display + Send + 'static>(
    asked: Receiver<Id>,
    answer: impl Fn(Id, String) -> bool + Send + 'static,
) -> io::Result<()> {
    let desk = move || {
        for line in io::stdin().lock().split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line);
            // Whoever asked may have left while the answer was typed. This thread has a name, and no client.
            match asked.try_recv() {
                Ok(id) => {
                    let name = id.to_string();
                    let sent = answer(id, format!("the desk: {line}\n"));
                    eprintln!("{}", if sent { format!("answered {name}") } else { format!("no answer to {name}") });
                }
                Err(TryRecvError::Empty) => eprintln!("nobody has asked"),
                Err(TryRecvError::Disconnected) => return,
            }
        }
    };
    thread::Builder::new().name("desk".into()).spawn(desk)?;
    Ok(())
}
// ANCHOR_END: desk
