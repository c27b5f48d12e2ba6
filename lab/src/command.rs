//! The command line of the lab.

use crate::{Experiment, Outcome, all, find, run as run_one};
use std::io::{self, Write};
use std::process::ExitCode;

/// Lists the experiments, or runs those that are named; `--all` names them all. The program's `main` must begin with
/// [`serve_if_asked`](crate::serve_if_asked).
pub fn command(names: &[String]) -> ExitCode {
    match names.first().map(String::as_str) {
        None => finish(list()),
        Some("--all") => finish(run(all().iter().collect())),
        Some(_) => {
            let unknown = names.iter().find(|name| find(name).is_none());
            if let Some(name) = unknown {
                eprintln!("there is no experiment `{name}`; without a name, all are listed");
                return ExitCode::from(2);
            }
            finish(run(names.iter().filter_map(|name| find(name)).collect()))
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
    for experiment in all() {
        writeln!(out, "{:24} {}", experiment.name, experiment.claim)?;
    }
    Ok(true)
}

/// Whether no outcome is a surprise.
fn run(experiments: Vec<&'static Experiment>) -> io::Result<bool> {
    let mut good = true;
    for experiment in experiments {
        let report = run_one(experiment)?;
        writeln!(io::stdout(), "{report}")?;
        good &= matches!(report.outcome, Outcome::AsExpected | Outcome::Unavailable(_));
    }
    Ok(good)
}
