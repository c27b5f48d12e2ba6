use crate::prelude::*;

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "not_pollable",
    claim: "epoll watches any file descriptor.",
    article: Some("(or any file descriptors)"),
    row: Some(2),
    verdict: Verdict::False,
    expected: "A file, a directory and /dev/null are refused with EPERM, for they would always be ready. An eventfd, a \
               timer, a process, a UDP socket and another epoll are taken; epoll itself and a loop of two are not.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    for (path, what) in
        [(c"/proc/self/exe", "a regular file"), (c"/", "a directory"), (c"/dev/null", "the null device")]
    {
        let fd = file::open(path)?;
        t.note(format!("{fd} is {what}: {}", path.to_string_lossy()));
        let answer = t.add(epoll, fd, IN);
        t.expect(&format!("epoll does not take {what}"), answer, Err(EPERM))?;
        t.close(fd)?;
    }

    let takers = [
        (file::eventfd(0, libc::EFD_CLOEXEC)?, "an eventfd"),
        (file::timerfd(1000)?, "a timer"),
        (process::pidfd(process::own_process())?, "a process"),
        (socket::udp_socket()?, "a UDP socket"),
    ];
    for (fd, what) in takers {
        t.note(format!("{fd} is {what}"));
        let answer = t.add(epoll, fd, IN);
        t.expect(&format!("epoll takes {what}"), answer, Ok(()))?;
    }
    nested(t, epoll)
}

fn nested(t: &mut Transcript, epoll: Fd) -> Result<(), Unproven> {
    let inner = t.epoll()?;
    let answer = t.add(epoll, inner, IN);
    t.expect("epoll takes another epoll", answer, Ok(()))?;
    let answer = t.add(epoll, epoll, IN);
    t.expect("but not itself", answer, Err(EINVAL))?;
    let answer = t.add(inner, epoll, IN);
    t.expect("nor a loop of two", answer, Err(ELOOP))
}
