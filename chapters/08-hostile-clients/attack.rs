//! The clients. Each attack says on stderr what it saw, and at the end whether others are served.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use chapters::Flag;

use crate::room;

/// How to hurt a room.
pub(crate) struct Attack {
    pub(crate) flag: Flag,
    play: fn(SocketAddr) -> io::Result<()>,
}

pub(crate) const ATTACKS: &[Attack] = &[
    Attack { flag: ("--attack-crowd", "come, one after the other, until no descriptor is left"), play: crowd },
    Attack { flag: ("--attack-hit-and-run", "ask, and be gone before the answer"), play: hit_and_run },
    Attack { flag: ("--attack-half-close", "ask for much, and say that this was all"), play: half_close },
    Attack { flag: ("--attack-babble", "talk, and never listen"), play: babble },
    Attack { flag: ("--attack-deaf", "let others talk, and never listen"), play: deaf },
    Attack { flag: ("--attack-garbage", "send a line that does not end"), play: garbage },
    Attack { flag: ("--attack-stale", "leave while the room is busy, as somebody else comes"), play: stale },
    Attack { flag: ("--attack-silence", "connect and say nothing"), play: silence },
];

/// More than the kernel keeps for one connection, both ends together.
const MUCH: usize = 64 << 20;
/// Whoever is not answered for so long is not served, or not sent away.
const PATIENCE: Duration = Duration::from_secs(3);
/// A room on a busy machine may take longer than that for an answer that it owes.
const AT_MOST: Duration = Duration::from_secs(60);
/// How many clients a crowd is, at most.
const CROWD: usize = 100;
const RUNS: usize = 20;

impl Attack {
    pub(crate) fn play(&self, addr: SocketAddr) {
        if let Err(error) = (self.play)(addr) {
            eprintln!("the attack ended: {error}");
        }
        let answered = connect(addr).and_then(|bystander| {
            bystander.set_read_timeout(Some(3 * PATIENCE))?;
            ask(&bystander, 1)
        });
        eprintln!("a bystander is {}", if matches!(answered, Ok(1)) { "served" } else { "not served" });
    }
}

fn connect(addr: SocketAddr) -> io::Result<TcpStream> {
    let client = TcpStream::connect(addr)?;
    client.set_read_timeout(Some(AT_MOST))?;
    client.set_write_timeout(Some(AT_MOST))?;
    Ok(client)
}

/// Asks for so many bytes, and returns how many came.
fn ask(mut client: &TcpStream, count: usize) -> io::Result<u64> {
    client.write_all(format!("{count}\n").as_bytes())?;
    io::copy(&mut client.take(count as u64), &mut io::sink())
}

/// A client who closes with a byte unread sends a reset instead of an end.
fn with_a_byte_unread(addr: SocketAddr) -> io::Result<TcpStream> {
    let mut client = connect(addr)?;
    client.write_all(b"1\n")?;
    client.peek(&mut [0])?;
    Ok(client)
}

// ANCHOR: crowd
fn crowd(addr: SocketAddr) -> io::Result<()> {
    let mut served = Vec::new();
    while served.len() < CROWD {
        let client = connect(addr)?;
        client.set_read_timeout(Some(PATIENCE))?;
        match ask(&client, 1) {
            Ok(1) => served.push(client),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                eprintln!("{} are served, and the next one waits", served.len());
                served.pop();
                // It has asked already.
                let answered = matches!(wait(&client), Ok(1));
                eprintln!("one leaves, and the next one is {}", if answered { "served" } else { "not served" });
                return Ok(());
            }
            Ok(_) | Err(_) => {
                eprintln!("{} were served, and the next one was hung up on", served.len());
                return Ok(());
            }
        }
    }
    eprintln!("{CROWD} are served");
    Ok(())
}
// ANCHOR_END: crowd

// ANCHOR: hit-and-run
fn hit_and_run(addr: SocketAddr) -> io::Result<()> {
    for run in 1..=RUNS {
        let mut greedy = connect(addr)?;
        // While the room is busy with this, somebody asks a hundred times and is gone.
        greedy.write_all(format!("{}\n", MUCH / 8).as_bytes())?;
        connect(addr)?.write_all(&b"1\n".repeat(100))?;
        if !matches!(connect(addr).and_then(|other| ask(&other, 1)), Ok(1)) {
            eprintln!("in run {run} the room went");
            return Ok(());
        }
    }
    eprintln!("the room is there after {RUNS} runs");
    Ok(())
}
// ANCHOR_END: hit-and-run

// ANCHOR: half-close
fn half_close(addr: SocketAddr) -> io::Result<()> {
    let mut client = connect(addr)?;
    client.write_all(format!("{MUCH}\n").as_bytes())?;
    client.shutdown(Shutdown::Write)?;
    // When somebody else has been answered twice, the room has heard of both: the request and the end.
    let other = connect(addr)?;
    ask(&other, 1)?;
    ask(&other, 1)?;
    let got = io::copy(&mut client, &mut io::sink())?;
    eprintln!("asked for {MUCH} bytes, got {got}");
    Ok(())
}
// ANCHOR_END: half-close

// ANCHOR: babble
fn babble(addr: SocketAddr) -> io::Result<()> {
    let mut client = connect(addr)?;
    client.set_write_timeout(Some(PATIENCE))?;
    let chunk = room::bytes(1024).repeat(64);
    let mut said = 0;
    while said < MUCH {
        match client.write(&chunk) {
            Ok(count) => said += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                eprintln!("the room takes no more");
                break;
            }
            Err(error) => return Err(error),
        }
    }
    eprintln!("said {said} bytes and read none");
    Ok(())
}
// ANCHOR_END: babble

// ANCHOR: deaf
fn deaf(addr: SocketAddr) -> io::Result<()> {
    let (deaf, mut talker) = (connect(addr)?, connect(addr)?);
    ask(&deaf, 1)?;
    let mut line = room::bytes(60_000);
    let mut told = 0;
    while told < MUCH {
        talker.write_all(&line)?;
        talker.read_exact(&mut line)?;
        told += line.len();
    }
    let got = io::copy(&mut deaf.take(told as u64), &mut io::sink())?;
    eprintln!("told {told} bytes, and {got} are there for the deaf one");
    Ok(())
}
// ANCHOR_END: deaf

// ANCHOR: garbage
fn garbage(addr: SocketAddr) -> io::Result<()> {
    let mut client = connect(addr)?;
    let mut sent = 0;
    while sent < MUCH {
        if hung_up(&client)? {
            eprintln!("the room hung up within {sent} bytes");
            return Ok(());
        }
        sent += client.write(&[b'x'; 1 << 16])?;
    }
    eprintln!("the room has taken a line of {sent} bytes, and waits for its end");
    Ok(())
}
// ANCHOR_END: garbage

/// Whether the end of the stream has come, or a reset.
fn hung_up(client: &TcpStream) -> io::Result<bool> {
    client.set_nonblocking(true)?;
    let peeked = client.peek(&mut [0]);
    client.set_nonblocking(false)?;
    Ok(match peeked {
        Ok(count) => count == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    })
}

// ANCHOR: stale
fn stale(addr: SocketAddr) -> io::Result<()> {
    const ROUNDS: usize = 20;
    for round in 1..=ROUNDS {
        let leaver = with_a_byte_unread(addr)?;
        let (mut talker, mut greedy) = (connect(addr)?, connect(addr)?);
        ask(&talker, 1)?;
        // While the room is busy with this, three things happen. It hears of them at once, in this order.
        greedy.write_all(format!("{MUCH}\n").as_bytes())?;
        talker.write_all(b"hello\n")?;
        let stranger = connect(addr)?;
        drop(leaver);
        if !matches!(ask(&stranger, 1), Ok(1)) {
            eprintln!("in round {round}, a stranger who had just come was sent away");
            return Ok(());
        }
        // Nobody of this round is there in the next.
        for client in [&talker, &greedy, &stranger] {
            client.shutdown(Shutdown::Write)?;
            io::copy(&mut &*client, &mut io::sink())?;
        }
    }
    eprintln!("nobody was sent away in {ROUNDS} rounds");
    Ok(())
}
// ANCHOR_END: stale

// ANCHOR: silence
fn silence(addr: SocketAddr) -> io::Result<()> {
    let clients = (0..10).map(|_| connect(addr)).collect::<io::Result<Vec<_>>>()?;
    clients.iter().try_for_each(|client| client.set_read_timeout(Some(PATIENCE)))?;
    let start = Instant::now();
    let gone = clients.iter().take_while(|client| matches!(wait(client), Ok(0))).count();
    eprintln!("after {:.1} s, {gone} of {} have been sent away", start.elapsed().as_secs_f64(), clients.len());
    Ok(())
}
// ANCHOR_END: silence

/// Waits for a byte or the end of the stream.
fn wait(mut client: &TcpStream) -> io::Result<usize> {
    client.read(&mut [0])
}
