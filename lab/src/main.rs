//! `lab`: lists the experiments. `lab NAME ...` runs some, `lab --all` runs all.

use lab::{Experiment, Outcome};
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    lab::serve_if_asked();
    let names: Vec<String> = std::env::args().skip(1).collect();
    match names.first().map(String::as_str) {
        None => finish(list()),
        Some("--all") => finish(run(lab::all().iter().collect())),
        Some(_) => {
            let unknown = names.iter().find(|name| lab::find(name).is_none());
            if let Some(name) = unknown {
                eprintln!("there is no experiment `{name}`; `lab` lists them");
                return ExitCode::from(2);
            }
            finish(run(names.iter().filter_map(|name| lab::find(name)).collect()))
        }
    }
}

fn finish(result: io::Result<bool>) -> ExitCode {
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // `lab | head`: the reader has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("lab: {error}");
            ExitCode::FAILURE
        }
    }
}

fn list() -> io::Result<bool> {
    let mut out = io::stdout().lock();
    for experiment in lab::all() {
        writeln!(out, "{:24} {}", experiment.name, experiment.claim)?;
    }
    Ok(true)
}

/// Whether no outcome is a surprise.
fn run(experiments: Vec<&'static Experiment>) -> io::Result<bool> {
    let mut good = true;
    for experiment in experiments {
        let report = lab::run(experiment)?;
        writeln!(io::stdout(), "{report}")?;
        good &= matches!(report.outcome, Outcome::AsExpected | Outcome::Unavailable(_));
    }
    Ok(good)
}
