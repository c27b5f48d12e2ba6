//! Where an engine listens, and what its sockets are like.

mod common;

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::fd::AsRawFd;
use std::process::Command;

use pretty_assertions::assert_eq;
use reactor::framing::Lines;
use reactor::{Builder, Engine};

use common::{Recorder, alone, ask, connect, echo, echo_server, os, until, within_patience};

/// What is wrong with an address, or the address that it has become.
fn bind(address: &str) -> Result<String, (ErrorKind, String)> {
    match Engine::bind(address, Recorder::new(Lines::default, echo)) {
        Ok(engine) => Ok(engine.local_addr().unwrap().to_string()),
        Err(error) => Err((error.kind(), error.to_string())),
    }
}

fn assert_serves(address: &str) {
    let engine = Engine::bind(address, Recorder::new(Lines::default, echo)).unwrap();
    let running = engine.start().unwrap();
    assert_eq!(ask(&mut connect(running.local_addr()), "alive"), "alive");
    within_patience("the engine to end", || running.stop()).unwrap();
}

#[test]
fn an_engine_listens_where_it_is_told() {
    assert_serves("127.0.0.1:0");
    assert_serves("0.0.0.0:0");
    assert_serves("localhost:0");
}

#[test]
fn an_engine_listens_on_ipv6() {
    // A kernel may have been built, or started, without it.
    match std::net::TcpListener::bind("[::1]:0") {
        Ok(_) => assert_serves("[::1]:0"),
        Err(error) => eprintln!("not tested, there is no IPv6 here: {error}"),
    }
}

#[test]
fn a_port_in_use_is_an_error_that_names_the_address() {
    let server = echo_server(Builder::new());

    let (kind, message) = bind(&server.address.to_string()).unwrap_err();

    assert_eq!(kind, ErrorKind::AddrInUse);
    assert!(message.contains(&server.address.to_string()), "{message}");
}

#[test]
fn a_port_is_free_again_as_soon_as_its_engine_has_stopped() {
    let free_again = || {
        let server = echo_server(Builder::new());
        let address = server.address.to_string();
        let (mut client, id) = server.join();
        assert_eq!(ask(&mut client, "alive"), "alive");
        // The server closes first, so its end of the connection stays in TIME_WAIT.
        server.handle.close(id).unwrap();
        assert_eq!(common::read_all(&client), b"");
        drop(client);
        server.stop();
        bind(&address) == Ok(address)
    };

    // Once is enough: a free port is free to others too, and some test may have been faster.
    assert!((0..10).any(|_| free_again()));
}

#[test]
fn a_nonsense_address_is_an_error_that_names_it() {
    // 203.0.113.0/24 is for documentation: no machine has it.
    for address in ["", "nonsense", "127.0.0.1", "127.0.0.1:port", "127.0.0.1:65536", "203.0.113.7:0"] {
        let (_, message) = bind(address).unwrap_err();

        assert!(message.contains(&format!("cannot listen on {address}: ")), "{message}");
    }
}

#[test]
fn a_privileged_port_is_an_error_that_names_the_address() {
    alone("a_privileged_port_is_an_error_that_names_the_address", || {
        const NOBODY: u32 = 65_534;
        let first: u16 =
            fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start").unwrap().trim().parse().unwrap();
        if first < 2 {
            return eprintln!("not tested: here every port is open to everybody");
        }
        os::become_user(NOBODY);

        let (kind, message) = bind("127.0.0.1:1").unwrap_err();

        assert_eq!(kind, ErrorKind::PermissionDenied);
        assert!(message.contains("127.0.0.1:1"), "{message}");
    });
}

#[test]
fn no_descriptor_is_inherited_by_a_child() {
    alone("no_descriptor_is_inherited_by_a_child", || {
        let before = os::descriptors();
        let server = echo_server(Builder::new());
        let (mut client, _) = server.join();
        assert_eq!(ask(&mut client, "alive"), "alive");

        let ours: Vec<_> = os::descriptors().into_iter().filter(|open| !before.contains(open)).collect();
        let listed = Command::new("ls").args(["-l", "/proc/self/fd"]).output().unwrap();
        let inherited = String::from_utf8(listed.stdout).unwrap();

        // Listener, epoll, eventfd, the connection's two ends.
        assert_eq!(ours.len(), 5, "{ours:?}");
        for (fd, target) in ours {
            assert!(os::closes_on_exec(fd), "{fd} -> {target}");
            assert!(target.contains("anon_inode") || !inherited.contains(&target), "{target} in {inherited}");
        }
        assert!(!inherited.contains("anon_inode"), "{inherited}");
    });
}

#[test]
fn small_replies_do_not_wait_for_an_acknowledgement() {
    let server = echo_server(Builder::new());
    let (mut client, _) = server.join();
    assert_eq!(ask(&mut client, "alive"), "alive");

    let sockets = os::sockets_at(server.address.port());

    assert_eq!(sockets.len(), 2, "the listener and one client: {sockets:?}");
    for (fd, _) in sockets {
        assert_eq!(os::option(fd, libc::IPPROTO_TCP, libc::TCP_NODELAY), 1);
    }
}

#[test]
fn an_engine_goes_on_when_a_signal_interrupts_it() {
    alone("an_engine_goes_on_when_a_signal_interrupts_it", || {
        os::handle_signal();
        let server = echo_server(Builder::new());
        let (mut client, _) = server.join();
        let reactor = os::threads_called("reactor")[0];

        for number in 0..200 {
            os::signal(reactor);
            until("the signal to be handled", || !os::signal_is_pending(reactor));
            assert_eq!(ask(&mut client, &number.to_string()), number.to_string());
        }
    });
}

#[test]
fn an_engine_that_cannot_be_made_leaves_nothing_open() {
    alone("an_engine_that_cannot_be_made_leaves_nothing_open", || {
        let server = echo_server(Builder::new());
        let highest = os::descriptors().into_iter().map(|(fd, _)| fd).max().unwrap();
        // A descriptor is the lowest free number, and the limit is on the number: leave no gap.
        let mut fillers: Vec<_> = std::iter::repeat_with(|| File::open("/proc/self/comm").unwrap())
            .take_while(|file| file.as_raw_fd() < highest)
            .collect();
        fillers.push(File::open("/proc/self/comm").unwrap());
        let before = os::descriptors().len() as u64;

        // The listener, epoll and the eventfd: one descriptor is missing for each in turn.
        for spare in 0..3 {
            let allowed = os::allow_descriptors(u64::MAX);
            os::allow_descriptors(before + spare);
            let bound = bind("127.0.0.1:0");
            os::allow_descriptors(allowed);
            let (_, message) = bound.unwrap_err();
            assert!(message.contains("Too many open files"), "{spare} to spare: {message}");
        }

        assert!(bind(&server.address.to_string()).is_err());
        assert_eq!(os::descriptors().len() as u64, before);
    });
}
