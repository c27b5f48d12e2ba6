//! A thread for each client costs memory, whether the client says anything or not, and a process has a limit of them.
//! The chapter shows what this prints: `cargo test -p chapters --test 01_thread_cost -- --nocapture`. `CLIENTS=20000` in
//! the environment asks for more than the kernel gives by default; then it fails where the server does.

mod common;
#[path = "common/threaded.rs"]
mod threaded;

use std::{env, fs};

use pretty_assertions::assert_eq;

use common::Program;
use threaded::Failure;

#[test]
fn a_thread_for_each_client_costs_memory_though_all_are_idle() -> Result<(), Failure> {
    let clients = env::var("CLIENTS").map_or(1000, |number| number.parse().expect("CLIENTS is a number"));
    let mut server = threaded::server(clients);
    let before = Cost::of(&server);

    let connected = threaded::connect(&mut server, clients)?;

    let after = Cost::of(&server);
    drop(connected);
    let row = |clients: usize, cost: Cost| {
        let Cost { threads, reserved, resident, mappings, kernel_stacks } = cost;
        format!("{clients:>8} {threads:>9} {reserved:>13} {resident:>13} {mappings:>10} {kernel_stacks:>17}\n")
    };
    let table = String::from(" clients   threads   reserved kB   resident kB   mappings  kernel stacks kB\n")
        + &row(0, before)
        + &row(clients, after);
    print!("{table}");
    common::transcript("01-threads.txt", &table);
    assert_eq!((before.threads, after.threads), (1, 1 + clients));
    assert!(after.reserved - before.reserved >= clients * 2048, "a stack is 2 MiB of addresses:\n{table}");
    assert!(after.resident - before.resident >= clients * 16, "the buffer on it is 16 KiB of memory:\n{table}");
    assert!(after.mappings - before.mappings >= clients * 2, "a stack and its guard are two mappings:\n{table}");
    Ok(())
}

#[derive(Clone, Copy)]
struct Cost {
    threads: usize,
    reserved: usize,
    resident: usize,
    mappings: usize,
    /// Of all processes of the machine: the kernel does not tell them apart.
    kernel_stacks: usize,
}

impl Cost {
    fn of(server: &Program) -> Self {
        let status = server.proc("status") + &fs::read_to_string("/proc/meminfo").expect("readable for all");
        let number = |name| -> usize {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("proc(5) lists it");
            line.trim_end_matches(" kB").trim().parse().expect("a number")
        };
        Self {
            threads: number("Threads:"),
            reserved: number("VmSize:"),
            resident: number("VmRSS:"),
            mappings: server.proc("maps").lines().count(),
            kernel_stacks: number("KernelStack:"),
        }
    }
}
