//! The book in a browser: what a reader's Chromium gets from the engine, and what the pages make of it.

mod chromium;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use chromium::Chromium;
use course::book::{Book, Experiment, Lab, Site};
use course::recorder::Recorder;
use course::server::Server;
use pretty_assertions::assert_eq;

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Built for the first who asks.
fn book() -> &'static Site {
    static BOOK: LazyLock<Site> = LazyLock::new(|| {
        let recorder = Recorder::new(env!("CARGO_BIN_EXE_course")).record_all(&workspace());
        Book::at(workspace()).lab(&recorder).live(true).build().unwrap()
    });
    &BOOK
}

fn pages(site: &Site) -> Vec<String> {
    let pages = site.iter().map(|(path, _)| path.to_owned());
    pages.filter(|path| path.ends_with(".html") && !path.contains("print") && !path.contains("toc")).collect()
}

/// FNV-1a in 32 bits, which takes three lines in the page too.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

#[test]
fn a_browser_gets_every_file_whole_and_with_its_type() {
    let Some(mut browser) = Chromium::start() else { return };
    let site = book();
    let server = Server::start(0, site).unwrap();
    browser.go(&format!("http://{}/", server.address()));

    for (path, file) in site.iter() {
        let got = browser.evaluate(&format!(
            "fetch({path:?}).then(async answer => {{
                const bytes = new Uint8Array(await answer.arrayBuffer());
                let hash = 0x811c9dc5;
                for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
                return [answer.status, answer.headers.get('content-type'), bytes.length, hash >>> 0].join(' ');
            }})"
        ));
        let expected = format!("200 {} {} {}", file.content_type, file.bytes.len(), hash(&file.bytes));
        assert_eq!(got.as_str(), Some(expected.as_str()), "{path}");
    }
}

#[test]
fn no_page_complains_or_is_wider_than_its_window() {
    let Some(mut browser) = Chromium::start() else { return };
    let site = book();
    let server = Server::start(0, site).unwrap();

    for page in pages(site) {
        browser.go(&format!("http://{}{page}", server.address()));
        for width in [1440, 1280, 390] {
            browser.resize(width);
            let spare = browser.evaluate("innerWidth - document.documentElement.scrollWidth");
            assert!(spare.as_i64() >= Some(0), "{page} is wider than {width} pixels: {spare}");
        }
        assert_eq!(browser.complaints, [""; 0], "{page}");
    }
}

#[test]
fn a_page_shows_the_counters_of_its_server_and_loses_them_with_it() {
    let Some(mut browser) = Chromium::start() else { return };
    let server = Server::start(0, book()).unwrap();
    browser.go(&format!("http://{}/", server.address()));
    browser.until("document.querySelector('.engine-foot') === null");

    // As the program does each second; the page may not be listening yet.
    browser.until_told("document.querySelector('.engine-foot') !== null", || server.publish_stats());
    let foot = browser.evaluate("document.querySelector('.engine-foot').textContent");
    for counter in ["connection", "message", "wake-up", "EAGAIN", "KiB"] {
        assert!(foot.as_str().unwrap().contains(counter), "{counter} is missing: {foot}");
    }

    server.stop().unwrap();
    browser.until("document.querySelector('.engine-foot').hidden");
}

#[test]
fn a_page_reloads_itself_when_the_book_has_changed() {
    let Some(mut browser) = Chromium::start() else { return };
    let site = book();
    let mut server = Server::start(0, site).unwrap();
    browser.go(&format!("http://{}/", server.address()));

    // It may not be listening yet: then the first that it hears of is another book than its own.
    let other = site.iter().map(|(path, file)| {
        let page = String::from_utf8_lossy(&file.bytes).replace("</main>", "<p id='new'>New words.</p></main>");
        // Whoever made this book has not named it in its pages, so they stay.
        let page = page.replace(site.id(), "");
        (path.to_owned(), if path.ends_with(".html") { page.into_bytes() } else { file.bytes.clone() })
    });
    server.replace(&Site::new(other));

    browser.until_told("document.getElementById('new') !== null", || server.publish_stats());
}

#[test]
fn an_experiment_is_run_again_at_the_press_of_a_button() {
    let Some(mut browser) = Chromium::start() else { return };
    let mut program = Command::new(env!("CARGO_BIN_EXE_course"))
        .args(["--port", "0", "--root"])
        .arg(workspace())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("the book: ").unwrap();

    browser.go(&format!("{url}03-edge-triggered.html"));
    browser.until("!document.querySelector('.lab button').hidden");
    browser.evaluate("document.querySelector('.lab button').click()");
    browser.until("document.querySelector('.lab').dataset.state == 'live'");

    let transcript = browser.evaluate("document.querySelector('.lab .lab-out').textContent");
    assert!(transcript.as_str().unwrap().contains("epoll_wait("), "{transcript}");
    program.kill().unwrap();
    program.wait().unwrap();
}

#[test]
fn a_box_shows_the_verdict_on_its_exercise() {
    let Some(mut browser) = Chromium::start() else { return };
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture");
    let pages = Book::at(fixture).lab(&NoExperiments).live(true).build().unwrap();
    let server = Server::start(0, &pages).unwrap();
    let tell = |state: &str, verdict: &str| {
        let entry = serde_json::json!({
            "name": "03_wait", "state": state, "verdict": verdict, "sentence": "It said 7.", "passed": 3, "total": 4,
        });
        server.exercises().tell("03_wait", entry);
    };
    let of_the_box = |script: &str| {
        format!("(box => {script})(document.querySelector('.exercise') ?? document.createElement('div'))")
    };

    // Said before the page listens, and while it does.
    tell("in-progress", "WRONG: a number");
    browser.go(&format!("http://{}/blocks.html", server.address()));
    browser
        .until(&of_the_box("box.dataset.state === 'fail' && box.querySelector('.why').textContent === 'It said 7.'"));
    browser.until(&of_the_box("box.querySelector('.state').textContent === 'WRONG: a number (3 of 4 tests pass)'"));
    tell("done", "PASSED");
    browser.until(&of_the_box("box.dataset.state === 'done' && box.querySelector('.why').hidden"));
}

/// The pages here show none that were run.
struct NoExperiments;

impl Lab for NoExperiments {
    fn experiment(&self, name: &str) -> Result<Experiment, String> {
        Ok(Experiment { claim: name.into(), verdict: "true".into(), transcript: String::new(), origin: String::new() })
    }
}
