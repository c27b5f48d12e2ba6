//! The arguments of `cargo run` and of `cargo course`.

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

/// Serves the book with the engine that it builds, and runs the exercises.
#[derive(Debug, Parser)]
#[command(
    name = "cargo course",
    override_usage = "cargo run [-- OPTIONS]\n       cargo course COMMAND",
    after_help = "Without a command the book is served. An exercise NN goes by 3, 03, 03_drain or drain.",
    disable_help_subcommand = true,
    args_conflicts_with_subcommands = true
)]
pub struct Arguments {
    /// What to do; to serve the book, unless it is said.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// How to serve it.
    #[command(flatten)]
    pub serve: Serve,
}

/// How to serve the book.
#[derive(Debug, Args)]
pub struct Serve {
    /// The port on 127.0.0.1; 0 is any free one
    #[arg(long, value_name = "N", default_value_t = 3000)]
    pub port: u16,
    /// Open the book in your browser
    #[arg(long)]
    pub open: bool,
    /// Serve it with an engine made of the building blocks that you have solved
    #[arg(long)]
    pub yours: bool,
    /// Where the repository is.
    #[command(flatten)]
    pub root: Root,
}

/// Where the repository is.
#[derive(Debug, Args)]
pub struct Root {
    /// The repository, if it is not the one that this program was built from
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
}

impl Root {
    /// The folder.
    pub fn path(&self) -> &Path {
        let built_from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
        self.root.as_deref().unwrap_or(built_from)
    }
}

/// For people or for programs.
#[derive(Debug, Args)]
pub struct Form {
    /// Print JSON, for a program to read
    #[arg(long)]
    pub json: bool,
    /// Where the repository is.
    #[command(flatten)]
    pub root: Root,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show all exercises, and how far you are
    List(Form),
    /// Test your answer, or all of them, and say what is wrong
    Test {
        /// The exercise; all, unless it is named
        #[arg(value_name = "NN")]
        exercise: Option<String>,
        /// For people or for programs.
        #[command(flatten)]
        form: Form,
    },
    /// Test what you save, as soon as you save it
    Watch {
        /// The exercise to begin with; the first that is not done, unless it is named
        #[arg(value_name = "NN")]
        exercise: Option<String>,
        /// For people or for programs.
        #[command(flatten)]
        form: Form,
    },
    /// Show the next hint, or one of the three
    Hint {
        /// The exercise
        #[arg(value_name = "NN")]
        exercise: String,
        /// 1, the concept; 2, the approach; 3, nearly the code
        #[arg(value_name = "N")]
        number: Option<usize>,
        /// Where the repository is.
        #[command(flatten)]
        root: Root,
    },
    /// Begin an exercise anew; your file is kept
    Reset {
        /// The exercise
        #[arg(value_name = "NN")]
        exercise: String,
        /// Where the repository is.
        #[command(flatten)]
        root: Root,
    },
    /// Show one way to write it, once yours has passed
    Solution {
        /// The exercise
        #[arg(value_name = "NN")]
        exercise: String,
        /// Do not wait until yours has passed
        #[arg(long)]
        peek: bool,
        /// Where the repository is.
        #[command(flatten)]
        root: Root,
    },
    /// List the experiments that ask the kernel, or run some
    Lab {
        /// The experiments; --all names them all
        #[arg(value_name = "NAME", allow_hyphen_values = true)]
        names: Vec<String>,
    },
    /// Look whether this machine has what the course needs
    Doctor(Form),
}
