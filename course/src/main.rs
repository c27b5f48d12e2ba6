//! `cargo run` serves the book; `cargo course` helps with its exercises.

use std::process::ExitCode;

use clap::Parser;
use course::cli::{Arguments, Command};
use course::exercises::Trouble;
use course::{commands, serve, watching, yours};

fn main() -> ExitCode {
    lab::serve_if_asked();
    let arguments = Arguments::parse();
    let Some(command) = arguments.command else {
        let serve = &arguments.serve;
        let result = if serve.yours { yours::serve(serve).map(|never| match never {}) } else { serve::run(serve) };
        return match result {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("error: {error}");
                ExitCode::FAILURE
            }
        };
    };
    run(command).unwrap_or_else(|trouble| match trouble {
        // As a shell says of a program that Ctrl-C has ended.
        Trouble::Stopped => ExitCode::from(130),
        Trouble::Unknown { .. } => fail(&trouble, 2),
        trouble => fail(&trouble, 1),
    })
}

fn fail(trouble: &Trouble, status: u8) -> ExitCode {
    eprintln!("error: {trouble}");
    ExitCode::from(status)
}

fn run(command: Command) -> Result<ExitCode, Trouble> {
    match command {
        Command::List(form) => commands::list(form.root.path(), form.json),
        Command::Test { exercise, form } => commands::test(form.root.path(), exercise.as_deref(), form.json),
        Command::Watch { exercise, form } => watching::watch(form.root.path(), exercise.as_deref(), form.json),
        Command::Hint { exercise, number, root } => commands::hint(root.path(), &exercise, number),
        Command::Reset { exercise, root } => commands::reset(root.path(), &exercise),
        Command::Solution { exercise, peek, root } => commands::solution(root.path(), &exercise, peek),
        Command::Lab { names } => Ok(lab::command(&names)),
        Command::Doctor(form) => Ok(commands::doctor(form.root.path(), form.json)),
    }
}
