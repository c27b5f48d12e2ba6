use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "one_thread",
    claim: "A single thread can receive from many clients and send to them.",
    article: Some("Using epoll, I can do all my sending and receiving in one thread."),
    row: Some(9),
    verdict: Verdict::True,
    expected: "Fifty clients connect and send; one thread accepts, reads and answers; every client has its own reply.",
    run,
};

const CLIENTS: usize = 50;

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    t.need_files(150)?;
    let epoll = t.epoll()?;
    let listener = t.listener()?;
    t.add(epoll, listener, IN)?;
    let mut clients = Vec::new();
    for number in 0..CLIENTS {
        let client = socket::client_of(listener)?;
        socket::send(client, format!("client {number:02}").as_bytes())?;
        clients.push(client);
    }
    t.note(format!("{CLIENTS} clients connect, and each sends its number"));

    let mut replies = 0;
    while replies < CLIENTS {
        let events = sys::epoll::epoll_wait(epoll, 8, SOON)?;
        t.expect_that_quietly("epoll_wait has something to report", !events.is_empty())?;
        for ready in events {
            if ready.fd == listener {
                let accepted = socket::accept4(listener, libc::SOCK_NONBLOCK)?;
                sys::epoll::epoll_ctl(epoll, sys::epoll::Op::Add, accepted, IN)?;
            } else {
                let request = socket::recv(ready.fd, 100)?;
                socket::send(ready.fd, &request)?;
                replies += 1;
            }
        }
    }
    t.note(format!("one thread: accepts, reads and replies until it has sent {replies} replies"));

    let mut right = 0;
    for (number, client) in clients.into_iter().enumerate() {
        t.until_arrived(client, 9)?;
        right += usize::from(socket::recv(client, 100)? == format!("client {number:02}").as_bytes());
    }
    t.expect("every client has its own number back", right, CLIENTS)
}
