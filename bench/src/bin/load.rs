//! Load for an echo server of 64-byte messages, and what it costs the server.
//!
//! `load ADDR PID IDLE CLIENTS DEPTH MESSAGES` connects IDLE clients that stay silent and CLIENTS that echo with DEPTH
//! messages under way each, MESSAGES in all, and prints `NS BYTES`: the server's CPU time for a message, in
//! nanoseconds, and its user-space memory for an idle client, in bytes. PID is the server's.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::{env, fs};

const MESSAGE: usize = 64;

fn main() -> io::Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [address, pid, idle, clients, depth, messages] = &args[..] else {
        eprintln!("usage: load ADDR PID IDLE CLIENTS DEPTH MESSAGES");
        std::process::exit(2);
    };
    let number = |text: &String| text.parse::<usize>().map_err(io::Error::other);
    let (idle, clients, depth, messages) = (number(idle)?, number(clients)?, number(depth)?, number(messages)?);

    let connect = |count| (0..count).map(|_| client(address)).collect::<io::Result<Vec<_>>>();
    let mut talkers = connect(clients)?;
    let memory = anonymous_memory(pid)?;
    let silent = connect(idle)?;
    let memory = anonymous_memory(pid)? - memory;
    let rounds = messages / clients / depth;
    // First a tenth that does not count: it warms up caches and the clock of the CPU.
    exchange(&mut talkers, depth, rounds / 10)?;
    let time = cpu_time(pid)?;
    exchange(&mut talkers, depth, rounds)?;
    let time = cpu_time(pid)? - time;
    println!("{} {}", time / (rounds * clients * depth) as u64, memory / idle.max(1) as u64);
    drop(silent);
    Ok(())
}

/// A client that has been served once, so that the server knows it.
fn client(address: &str) -> io::Result<TcpStream> {
    let mut client = TcpStream::connect(address)?;
    client.set_nodelay(true)?;
    exchange(std::slice::from_mut(&mut client), 1, 1)?;
    Ok(client)
}

fn exchange(clients: &mut [TcpStream], depth: usize, rounds: usize) -> io::Result<()> {
    let batch = vec![b'x'; MESSAGE * depth];
    let mut replies = vec![0; MESSAGE * depth];
    for _ in 0..rounds {
        for client in &mut *clients {
            client.write_all(&batch)?;
        }
        for client in &mut *clients {
            client.read_exact(&mut replies)?;
        }
    }
    Ok(())
}

/// Nanoseconds on a CPU: the first field of /proc/PID/schedstat, for the one thread that the server has.
fn cpu_time(pid: &str) -> io::Result<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/schedstat"))?;
    stat.split(' ').next().and_then(|field| field.parse().ok()).ok_or_else(|| io::Error::other("no schedstat"))
}

/// Bytes of memory that the server has written: `RssAnon` in /proc/PID/status.
fn anonymous_memory(pid: &str) -> io::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    let kib: Option<u64> = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok());
    kib.map(|kib| kib * 1024).ok_or_else(|| io::Error::other("no RssAnon"))
}
