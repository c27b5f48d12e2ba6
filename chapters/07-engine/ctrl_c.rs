//! Ctrl-C for a program that has an engine: what is queued is still sent.

use std::io::{self, Read};
use std::os::unix::net::UnixStream;
use std::thread;

use reactor::Handle;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::low_level::pipe;

/// From now on Ctrl-C, and `kill`, stop the engine.
///
/// A signal handler may hardly do anything, so it writes a byte, and a thread that waits for it does the rest.
pub(crate) fn stop(handle: Handle) -> io::Result<()> {
    let (mut reader, writer) = UnixStream::pair()?;
    for signal in [SIGINT, SIGTERM] {
        pipe::register(signal, writer.try_clone()?)?;
    }
    let wait = move || {
        // Also of a second signal: with nobody to read it, its handler's byte would raise SIGPIPE.
        while reader.read_exact(&mut [0]).is_ok() {
            handle.stop();
        }
    };
    thread::Builder::new().name("signals".into()).spawn(wait)?;
    Ok(())
}
