//! Each test in a process of its own.

use std::any::type_name;
use std::cell::RefCell;
use std::env;
use std::panic::{self, Location};

use crate::diagnosis::Explain;
use crate::verdict::Report;
use crate::{child, watch};

/// Names the test whose body a child is to run.
pub(crate) const CHILD: &str = "TESTKIT_CHILD";

thread_local! {
    static COLLECTOR: RefCell<Option<Collector>> = const { RefCell::new(None) };
}

/// Who wants the reports of this thread's tests, and the libtest test through which a child comes back to them.
pub(crate) struct Collector {
    pub(crate) through: String,
    asks_where: bool,
    pub(crate) reports: Vec<Report>,
}

/// A test: its name, where it stands, and what it knows about hangs.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) name: String,
    /// What libtest is asked for in the child.
    pub(crate) through: String,
    /// Whether a thread that hangs is asked for its place in the source. It reads all debug information for that.
    pub(crate) asks_where: bool,
    pub(crate) at: (String, u32),
    pub(crate) task: Task,
}

/// How to run a test, if the defaults of [`run`] do not do.
#[derive(Clone, Copy, Debug, Default)]
pub struct Task {
    pub(crate) explain: Option<Explain>,
    pub(crate) busy: bool,
    yours: bool,
}

/// Runs `body` in a process of its own under a watch-dog. To be called once, as all that a `#[test]` does.
///
/// # Panics
/// If `body` did not come to a good end. The verdict is printed before.
#[track_caller]
pub fn run<F: FnOnce()>(body: F) {
    Task::default().run(body);
}

impl Task {
    /// Nothing special.
    pub fn new() -> Self {
        Self::default()
    }

    /// `explain` knows which mistake leaves a trace that testkit has no name for. It is asked first.
    pub fn explain(mut self, explain: Explain) -> Self {
        self.explain = Some(explain);
        self
    }

    /// The body computes for long, as a model does: it is spinning only when its whole time is over.
    pub fn busy(mut self) -> Self {
        self.busy = true;
        self
    }

    /// The body calls what the learner wrote, and has no other thread for it: a verdict calls this one *your thread*.
    pub fn yours(mut self) -> Self {
        self.yours = true;
        self
    }

    /// Runs `body` as [`run`] does.
    ///
    /// # Panics
    /// If `body` did not come to a good end. The verdict is printed before.
    #[track_caller]
    pub fn run<F: FnOnce()>(self, body: F) {
        // What depends on `F` is compiled for each test of each wrong answer: thousands of times.
        self.run_as(name_of(type_name::<F>()), Box::new(body));
    }

    #[track_caller]
    fn run_as(self, name: String, body: Box<dyn FnOnce() + '_>) {
        if env::var(CHILD).is_ok_and(|child| child == name) {
            child::run(if self.yours { "yours" } else { "the test's" }, body);
        }
        let at = Location::caller();
        let at = (child::tidy(at.file()), at.line());
        let collector =
            COLLECTOR.with_borrow(|collector| collector.as_ref().map(|it| (it.through.clone(), it.asks_where)));
        let (through, asks_where) = collector.unwrap_or_else(|| (name.clone(), true));
        let test = Test { name, through, asks_where, at, task: self };
        conclude(watch::supervise(&test));
    }
}

/// The name by which libtest knows the function that holds the closure of this type.
///
/// # Panics
/// If the closure is not that of a test function.
fn name_of(closure: &str) -> String {
    let path = closure.trim_end_matches("::{{closure}}");
    assert!(!path.contains(['<', '{']), "the closure stands in the test itself, not in a helper: {path}");
    path.split_once("::").map_or(path, |(_crate, name)| name).to_string()
}

fn conclude(report: Report) {
    let report = COLLECTOR.with_borrow_mut(|collector| match collector {
        Some(collector) => {
            collector.reports.push(report);
            None
        }
        None => Some(report),
    });
    let Some(report) = report else { return };
    if env::var_os("TESTKIT_JSON").is_some_and(|wanted| wanted == "1") {
        // libtest may have begun a line of its own.
        println!("\n{}", report.to_json());
    } else {
        print!("{report}");
    }
    if !report.verdict.is_passed() {
        // All is said: no hook needs to say where this is.
        panic::resume_unwind(Box::new("the verdict is above"));
    }
}

/// Calls `test` and returns its report instead of printing it. A child comes back to it `through` another test.
pub(crate) fn collect(through: &str, asks_where: bool, test: fn()) -> Vec<Report> {
    COLLECTOR.set(Some(Collector { through: through.to_string(), asks_where, reports: Vec::new() }));
    test();
    COLLECTOR.take().map_or_else(Vec::new, |collector| collector.reports)
}
