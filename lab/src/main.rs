//! `lab`: lists the experiments. `lab NAME ...` runs some, `lab --all` runs all.

use std::process::ExitCode;

fn main() -> ExitCode {
    lab::serve_if_asked();
    lab::command(&std::env::args().skip(1).collect::<Vec<_>>())
}
