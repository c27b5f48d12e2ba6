//! Runs the experiments that the pages show, on the machine that builds the book.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::SystemTime;

use lab::{Kind, Outcome, Report};

use crate::book::{Experiment, Lab};

/// Most experiments sleep more than they work, so many are run side by side.
const SIDE_BY_SIDE: usize = 8;

/// How a transcript ends whose question this machine cannot be asked; the reason follows.
const UNAVAILABLE: &str = "# cannot be asked here: ";

const RELEASE: &str = "/proc/sys/kernel/osrelease";

/// The program that runs now, even when its file has been replaced since.
pub const THIS_PROGRAM: &str = "/proc/self/exe";

/// Transcripts, each recorded once.
#[derive(Debug)]
pub struct Recorder {
    program: PathBuf,
    recorded: Mutex<BTreeMap<String, Experiment>>,
    /// Where they are kept from one start to the next, if they are.
    kept: Option<PathBuf>,
}

impl Recorder {
    /// Has the experiments run as processes of `program`, whose `main` begins with [`lab::serve_if_asked`].
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), recorded: Mutex::default(), kept: None }
    }

    /// Keeps the transcripts in `folder`, for the next start of the same program on the same kernel: some experiments
    /// take a second, which nobody wants to wait for twice.
    ///
    /// # Errors
    /// What reading the program's size and date, or the kernel's release, answers.
    pub fn keeping(mut self, folder: &Path) -> io::Result<Self> {
        let program = fs::metadata(&self.program)?;
        let built = program.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let release = fs::read_to_string(RELEASE)?;
        let file = folder.join(format!("lab-{}-{}-{}.json", release.trim(), program.len(), built.as_nanos()));
        // What is not there, or cannot be read, is recorded anew.
        let kept = fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let kept: BTreeMap<String, [String; 4]> = kept.unwrap_or_default();
        let experiment =
            |[claim, verdict, transcript, origin]: [String; 4]| Experiment { claim, verdict, transcript, origin };
        self.recorded = Mutex::new(kept.into_iter().map(|(name, kept)| (name, experiment(kept))).collect());
        self.kept = Some(file);
        Ok(self)
    }

    /// Records what the pages of the book below `root` show, so that building it does not wait for one after another.
    #[must_use]
    pub fn record_all(self, root: &Path) -> Self {
        let names = Mutex::new(names(root));
        let next = || names.lock().ok()?.pop();
        thread::scope(|scope| {
            for _ in 0..SIDE_BY_SIDE {
                scope.spawn(|| {
                    while let Some(name) = next() {
                        // A fault is the builder's to tell: it knows the page and the line.
                        let _ = self.experiment(&name);
                    }
                });
            }
        });
        self.keep();
        self
    }

    fn keep(&self) {
        let (Some(file), Ok(recorded)) = (&self.kept, self.recorded.lock()) else { return };
        // What this machine cannot be asked today, it may be able to tell tomorrow.
        let good = recorded.iter().filter(|(_, one)| !one.transcript.contains(UNAVAILABLE));
        let all: BTreeMap<_, _> =
            good.map(|(name, one)| (name, [&one.claim, &one.verdict, &one.transcript, &one.origin])).collect();
        // If it cannot be written, the next start takes a second longer.
        let _ = fs::write(file, serde_json::json!(all).to_string());
    }
}

impl Lab for Recorder {
    fn experiment(&self, name: &str) -> Result<Experiment, String> {
        let known = |recorded: &Mutex<BTreeMap<_, _>>| recorded.lock().ok()?.get(name).cloned();
        if let Some(recorded) = known(&self.recorded) {
            return Ok(recorded);
        }
        // A failure may have been the moment's, and is not kept.
        let recorded = record(&self.program, name)?;
        if let Ok(mut all) = self.recorded.lock() {
            all.insert(name.to_owned(), recorded.clone());
        }
        Ok(recorded)
    }
}

/// Runs an experiment, as a process of `program`, and writes down what was asked and answered.
///
/// # Errors
/// A sentence that says why there is no transcript: no such experiment, or the kernel did not do what was expected.
pub fn record(program: &Path, name: &str) -> Result<Experiment, String> {
    let Some(experiment) = lab::find(name) else {
        return Err(format!("there is no experiment `{name}`; `cargo course lab` lists them"));
    };
    let report = lab::run_with(program, experiment).map_err(|error| format!("`{name}` cannot be started: {error}"))?;
    match &report.outcome {
        Outcome::AsExpected | Outcome::Unavailable(_) => {}
        Outcome::Refuted(how) | Outcome::Unfinished(how) => {
            return Err(format!("this kernel does not answer `{name}` as the page says: {how}"));
        }
    }
    let (claim, verdict) = (experiment.claim.to_owned(), experiment.verdict.to_string());
    Ok(Experiment { claim, verdict, transcript: transcript(&report), origin: origin() })
}

fn transcript(report: &Report) -> String {
    let mut text = String::new();
    for line in &report.lines {
        let mark = match line.kind {
            Kind::Call => "",
            Kind::Note => "# ",
            Kind::Check => "=> ",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{mark}{}", line.text);
    }
    if let Outcome::Unavailable(reason) = &report.outcome {
        let _ = writeln!(text, "{UNAVAILABLE}{reason}");
    }
    text
}

fn origin() -> String {
    let release = fs::read_to_string(RELEASE).unwrap_or_default();
    // What a distribution adds behind the version tells a reader nothing.
    let version = release.trim().split('-').next().unwrap_or_default();
    format!("Linux {version}, on the machine that built this page")
}

/// The experiments that the pages name, in fences that begin with ```` ```lab ````.
fn names(root: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for page in fs::read_dir(root.join("book/src")).into_iter().flatten().flatten() {
        let text = fs::read_to_string(page.path()).unwrap_or_default();
        let named = |line: &str| line.trim_start().strip_prefix("```lab ").map(|name| name.trim().to_owned());
        names.extend(text.lines().filter_map(named));
    }
    names.sort();
    names.dedup();
    names
}
