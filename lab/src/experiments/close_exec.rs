use crate::prelude::*;
use std::process::{Command, Stdio};

pub(crate) const EXPERIMENT: Experiment = Experiment {
    name: "close_exec",
    claim: "A program that the server starts has nothing to do with the server's sockets.",
    article: None,
    row: None,
    verdict: Verdict::False,
    expected: "It inherits them: a socket closed by the server is reported as long as the program runs. With \
               SOCK_CLOEXEC it inherits nothing.",
    run,
};

fn run(t: &mut Transcript) -> Result<(), Unproven> {
    let epoll = t.epoll()?;
    for inherited in [true, false] {
        let (client, server) = t.tcp_pair()?;
        file::set_close_on_exec(server, !inherited)?;
        t.note(format!("FD_CLOEXEC of {server} is {}", if inherited { "off" } else { "on" }));
        t.add(epoll, server, IN)?;

        let program = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn();
        let Ok(mut program) = program else {
            return Err(Unproven::Unavailable("there is no program `cat` to start".to_owned()));
        };
        // The kernel lets the parent go on a little before it closes what is marked; the new name comes after that.
        let name = format!("/proc/{}/comm", program.id());
        t.until("the program runs", || std::fs::read_to_string(&name).is_ok_and(|name| name == "cat\n"))?;
        t.note("the program `cat` runs, and waits for its input");
        t.send(client, b"ping")?;
        t.close(server)?;

        if inherited {
            let events = t.epoll_wait(epoll, 8, SOON)?;
            t.expect("the program keeps the socket alive", events, vec![event(IN, server)])?;
        } else {
            let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
            t.expect("the program has nothing of it", events, vec![])?;
        }

        drop(program.stdin.take());
        program.wait().map_err(|error| Unproven::Refuted(error.to_string()))?;
        t.note("the program ends");
        let events = t.epoll_wait(epoll, 8, A_MOMENT)?;
        t.expect("nothing is left", events, vec![])?;
    }
    Ok(())
}
