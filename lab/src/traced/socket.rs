//! Sockets, traced; and the making of connections, told in a line.

use crate::experiment::Unproven;
use crate::sys::epoll::epoll_wait;
use crate::sys::{Result, file, socket as sys};
use crate::transcript::{A_MOMENT, Transcript};
use crate::words::{ERR, Errno, Fd, HUP, NOTHING, RDHUP, summary};
use std::time::Duration;

impl Transcript {
    /// A connection over loopback, both ends non-blocking: the client's end, the server's end.
    pub(crate) fn tcp_pair(&mut self) -> Result<(Fd, Fd)> {
        let (client, server) = sys::tcp_pair()?;
        self.note(format!("a TCP connection over loopback, non-blocking: {client} is the client, {server} the server"));
        Ok((client, server))
    }

    /// The same with chosen buffer sizes at both ends.
    pub(crate) fn tcp_pair_sized(&mut self, send_buffer: i32, receive_buffer: i32) -> Result<(Fd, Fd)> {
        let (client, server) = sys::tcp_pair_sized(send_buffer, receive_buffer)?;
        let sizes = format!("SO_SNDBUF {send_buffer}, SO_RCVBUF {receive_buffer}");
        self.note(format!("a TCP connection, {sizes}: {client} is the client, {server} the server"));
        Ok((client, server))
    }

    /// A pair of connected AF_UNIX streams, both non-blocking.
    pub(crate) fn unix_pair(&mut self) -> Result<(Fd, Fd)> {
        let answer = sys::unix_pair();
        self.call("socketpair(UNIX, STREAM|NONBLOCK)", &answer);
        answer
    }

    /// A listening socket that does not block.
    pub(crate) fn listener(&mut self) -> Result<Fd> {
        let listener = sys::listener()?;
        self.note(format!("{listener} listens, non-blocking"));
        Ok(listener)
    }

    /// A client that has connected to `listener`, and waits to be accepted.
    pub(crate) fn client_of(&mut self, listener: Fd) -> Result<Fd> {
        let client = sys::client_of(listener)?;
        self.note(format!("a client connects: {client}"));
        Ok(client)
    }

    /// Accepts; the new socket does not block.
    pub(crate) fn accept(&mut self, listener: Fd) -> Result<Fd> {
        self.accept_with(listener, libc::SOCK_NONBLOCK, "NONBLOCK")
    }

    pub(crate) fn accept_with(&mut self, listener: Fd, flags: i32, words: &str) -> Result<Fd> {
        let answer = sys::accept4(listener, flags);
        self.call(format_args!("accept4({listener}, {words})"), &answer);
        answer
    }

    pub(crate) fn send(&mut self, fd: Fd, bytes: &[u8]) -> Result<usize> {
        let answer = sys::send(fd, bytes);
        self.call(format_args!("send({fd}, {})", summary(bytes)), &answer);
        answer
    }

    pub(crate) fn recv(&mut self, fd: Fd, max: usize) -> Result<Vec<u8>> {
        let answer = sys::recv(fd, max);
        self.call(format_args!("recv({fd}, {max})"), &answer);
        answer
    }

    /// Sends a byte that is marked as urgent.
    pub(crate) fn send_urgent(&mut self, fd: Fd, byte: &[u8]) -> Result<usize> {
        let answer = sys::send_with(fd, byte, libc::MSG_NOSIGNAL | libc::MSG_OOB);
        self.call(format_args!("send({fd}, {}, OOB)", summary(byte)), &answer);
        answer
    }

    /// `shutdown` of the writing side: the peer is told that nothing more comes.
    pub(crate) fn shutdown_write(&mut self, fd: Fd) -> Result<()> {
        let answer = sys::shutdown(fd, libc::SHUT_WR);
        self.call(format_args!("shutdown({fd}, WR)"), &answer);
        answer
    }

    pub(crate) fn shutdown_read(&mut self, fd: Fd) -> Result<()> {
        let answer = sys::shutdown(fd, libc::SHUT_RD);
        self.call(format_args!("shutdown({fd}, RD)"), &answer);
        answer
    }

    /// Closes with a reset (RST) in place of an orderly end (FIN).
    pub(crate) fn close_with_reset(&mut self, fd: Fd) -> Result<()> {
        let answer = sys::reset_on_close(fd);
        self.call(format_args!("setsockopt({fd}, SO_LINGER, on, 0 s)"), &answer);
        answer?;
        self.close(fd)
    }

    /// Asks for the socket's pending error, and thereby clears it; 0 is none.
    pub(crate) fn socket_error(&mut self, fd: Fd) -> std::result::Result<Errno, Unproven> {
        let error = Errno(sys::option(fd, libc::SOL_SOCKET, libc::SO_ERROR)?);
        let words = if error == Errno(0) { "0".to_owned() } else { error.to_string() };
        self.call(format_args!("getsockopt({fd}, SO_ERROR: {words})"), &Ok(()));
        Ok(error)
    }

    /// Sends pieces of `size` bytes until EAGAIN, and again whenever `epoll` reports OUT, until it does not for a
    /// moment: the bytes that were taken.
    ///
    /// The first EAGAIN need not last: the kernel still moves bytes to the peer's buffer, and makes room by that.
    pub(crate) fn fill_until_blocked(
        &mut self,
        epoll: Fd,
        fd: Fd,
        size: usize,
    ) -> std::result::Result<usize, Unproven> {
        let first = sys::fill(fd, size)?;
        let mut more = 0;
        let mut events = epoll_wait(epoll, 8, A_MOMENT)?;
        while !events.is_empty() {
            more += sys::fill(fd, size)?;
            events = epoll_wait(epoll, 8, A_MOMENT)?;
        }
        let taken = format!("~{first} bytes taken, then -1 EAGAIN; ~{more} more a little later");
        self.note(format!("send({fd}, {size} bytes), again and again: {taken}"));
        self.call(format_args!("epoll_wait(max=8, timeout={A_MOMENT}ms)"), &Ok(events.clone()));
        self.expect("the buffer is full: no event", events, vec![])?;
        Ok(first + more)
    }

    /// Whether the send queue stays as it is for longer than the peer's kernel delays an acknowledgement.
    fn is_still(&mut self, fd: Fd) -> Result<bool> {
        let before = sys::send_queue(fd)?;
        for _ in 0..10 {
            std::thread::sleep(Duration::from_millis(10));
            if sys::send_queue(fd)? != before {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Sends pieces until the buffer is too full to count as writable, yet none was refused or cut: the bytes sent.
    ///
    /// Whether it is writable is computed as the kernel does, because asking with `poll` would change what follows.
    pub(crate) fn fill_nearly(&mut self, fd: Fd, size: usize) -> std::result::Result<usize, Unproven> {
        let piece = vec![b'x'; size];
        let mut taken = 0;
        loop {
            let (queued, limit) = sys::send_queue(fd)?;
            if limit.saturating_sub(queued) < queued / 2 {
                if self.is_still(fd)? {
                    break;
                }
                continue;
            }
            let sent = sys::send(fd, &piece)?;
            taken += sent;
            self.expect_that_quietly("no send is cut", sent == size)?;
        }
        self.note(format!("send({fd}, {size} bytes), again and again: ~{taken} bytes taken, every send complete"));
        Ok(taken)
    }

    /// Reads until `count` bytes have come, however long they take.
    pub(crate) fn take(&mut self, fd: Fd, count: usize) -> std::result::Result<Vec<u8>, Unproven> {
        let mut bytes = Vec::new();
        self.until("the bytes have come", || {
            while let Ok(piece) = sys::recv(fd, count - bytes.len()) {
                bytes.extend_from_slice(&piece);
                if piece.is_empty() || bytes.len() == count {
                    break;
                }
            }
            bytes.len() == count
        })?;
        self.note(format!("the peer reads ~{count} bytes from {fd}"));
        Ok(bytes)
    }

    /// Waits until `count` bytes lie in the receive buffer.
    pub(crate) fn until_arrived(&mut self, fd: Fd, count: usize) -> std::result::Result<(), Unproven> {
        self.until("the bytes have arrived", || file::readable_bytes(fd).is_ok_and(|there| there >= count))
    }

    /// Waits until `count` clients wait to be accepted.
    pub(crate) fn until_waiting(&mut self, listener: Fd, count: usize) -> std::result::Result<(), Unproven> {
        self.until("the clients wait to be accepted", || sys::waiting_clients(listener) == Ok(count))
    }

    /// Lets the peer read until everything that was sent has been read.
    pub(crate) fn until_all_read(&mut self, from: Fd, peer: Fd) -> std::result::Result<(), Unproven> {
        let bytes = self.until_all_read_quietly(from, peer)?;
        self.note(format!("the peer reads ~{bytes} bytes from {peer}, all there are"));
        Ok(())
    }

    /// The same without a line in the transcript, for loops: the number of bytes.
    pub(crate) fn until_all_read_quietly(&mut self, from: Fd, peer: Fd) -> std::result::Result<usize, Unproven> {
        let mut bytes = 0;
        self.until("the peer has read everything", || {
            // Asked first: what has been acknowledged by now can be read below.
            let all_there = sys::unacknowledged(from) == Ok(0);
            while let Ok(piece) = sys::recv(peer, 65_536) {
                bytes += piece.len();
                if piece.is_empty() {
                    break;
                }
            }
            all_there
        })?;
        Ok(bytes)
    }

    /// Waits until the peer has acknowledged everything.
    pub(crate) fn until_all_sent(&mut self, fd: Fd) -> std::result::Result<(), Unproven> {
        self.until("everything has been acknowledged", || sys::unacknowledged(fd) == Ok(0))
    }

    /// Waits until the connection is broken.
    pub(crate) fn until_broken(&mut self, fd: Fd) -> std::result::Result<(), Unproven> {
        self.until("the connection is broken", || file::poll(fd, NOTHING, 0).is_ok_and(|seen| seen.has(ERR | HUP)))
    }

    /// Waits until the peer's FIN or RST has arrived.
    pub(crate) fn until_ended(&mut self, fd: Fd) -> std::result::Result<(), Unproven> {
        self.until("the peer's end has arrived", || file::poll(fd, RDHUP, 0).is_ok_and(|seen| seen.has(RDHUP)))
    }
}
