//! Memory: who has come and gone leaves nothing behind.

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::net::SocketAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use reactor::framing::Lines;
use reactor::{Builder, ClientId, Clients, Disconnect, Framing, Handler};

use common::{PATIENCE, ask, connect, os};

/// The system's allocator, and how many bytes are in use.
struct Counted;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

#[allow(unsafe_code, reason = "an allocator cannot be made otherwise")]
// SAFETY: the system's allocator does it all.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

/// Answers each line, and says who has left.
struct Echo(Sender<ClientId>);

impl Handler for Echo {
    type Framing = Lines;

    fn framing(&mut self) -> Lines {
        Lines::default()
    }

    fn on_message(&mut self, clients: &mut Clients, from: ClientId, line: <Lines as Framing>::Message<'_>) {
        common::echo(clients, from, line);
    }

    fn on_disconnected(&mut self, _: &mut Clients, id: ClientId, _: Disconnect) {
        self.0.send(id).expect("the test waits");
    }
}

/// Clients, one after the other, that say something and are gone.
fn visit(address: SocketAddr, left: &Receiver<ClientId>, times: usize) {
    for _ in 0..times {
        let mut client = connect(address);
        ask(&mut client, "hello");
        os::reset(client);
        left.recv_timeout(PATIENCE).expect("the engine to see that the client has gone");
    }
}

#[test]
fn clients_that_have_gone_cost_no_memory_though_their_time_is_not_up() {
    const ROOM: usize = 16 * 1024;
    let (sender, left) = mpsc::channel();
    let limits = Builder::new().idle_timeout(Duration::from_secs(3600));
    let engine = limits.bind("127.0.0.1:0", Echo(sender)).unwrap();
    let address = engine.local_addr().unwrap();
    let running = engine.start().unwrap();

    visit(address, &left, 100);
    let before = IN_USE.load(Relaxed);
    visit(address, &left, 2000);

    let more = IN_USE.load(Relaxed).saturating_sub(before);
    assert!(more < ROOM, "2,000 clients have come and gone, and {more} bytes more are in use");
    running.stop().unwrap();
}
