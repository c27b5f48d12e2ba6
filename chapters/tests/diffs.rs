//! What the book shows of the step from one chapter's code to the next is the difference of the files as they are.
//! `RECORD=1 cargo test -p chapters --test diffs` writes it anew.

use std::path::{Path, PathBuf};
use std::{env, fs};

use pretty_assertions::assert_eq;

/// Name of the diff, then the old and the new part: a file of `chapters/` and an anchor in it.
const STEPS: &[(&str, [&str; 2], [&str; 2])] = &[
    ("02-send", ["01-blocking-echo/main.rs", "send"], ["02-level-triggered/client.rs", "send"]),
    ("03-loop", ["02-level-triggered/main.rs", "loop"], ["03-edge-triggered/main.rs", "loop"]),
    ("03-turn", ["02-level-triggered/client.rs", "echo"], ["03-edge-triggered/client.rs", "turn"]),
    ("04-loop", ["03-edge-triggered/main.rs", "loop"], ["04-self-wake/main.rs", "loop"]),
    ("07-loop", ["06-framing/main.rs", "loop"], ["07-engine/by_hand.rs", "loop"]),
    ("08-run", ["07-engine/main.rs", "run"], ["08-hostile-clients/main.rs", "run"]),
];

#[test]
fn the_book_shows_the_steps_that_the_code_has_taken() {
    let book = root().join("book/src/transcripts");
    for (name, old, new) in STEPS {
        let (path, diff) = (book.join(format!("{name}.diff")), diff(&part(old), &part(new)));
        if env::var_os("RECORD").is_some() {
            fs::write(&path, &diff).unwrap();
        }
        let recorded = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(recorded, diff, "{} is out of date: record it again with RECORD=1", path.display());
    }
}

#[test]
fn a_diff_keeps_what_is_common_and_marks_the_rest() {
    let [old, new] = [["a", "b", "c", "d"].as_slice(), &["a", "x", "c", "d", "e"]].map(|lines| lines.join("\n"));

    assert_eq!(diff(&old, &new), "  a\n- b\n+ x\n  c\n  d\n+ e\n");
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The lines between the anchors, moved to the left margin.
fn part([file, anchor]: &[&str; 2]) -> String {
    let text = fs::read_to_string(root().join("chapters").join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
    let lines = text.lines().skip_while(|line| line.trim() != format!("// ANCHOR: {anchor}")).skip(1);
    let lines: Vec<_> = lines.take_while(|line| line.trim() != format!("// ANCHOR_END: {anchor}")).collect();
    assert!(!lines.is_empty(), "{file} has no part {anchor}");
    let margin = lines.iter().filter(|line| !line.is_empty()).map(|line| line.len() - line.trim_start().len()).min();
    lines.iter().map(|line| line.get(margin.unwrap()..).unwrap_or("")).collect::<Vec<_>>().join("\n")
}

/// The longest common sequence of lines, with `- ` and `+ ` before the others.
fn diff(old: &str, new: &str) -> String {
    let [old, new] = [old, new].map(|text| text.lines().collect::<Vec<_>>());
    let mut common = vec![vec![0; new.len() + 1]; old.len() + 1];
    for i in (0..old.len()).rev() {
        for j in (0..new.len()).rev() {
            let either = common[i + 1][j].max(common[i][j + 1]);
            common[i][j] = if old[i] == new[j] { common[i + 1][j + 1] + 1 } else { either };
        }
    }
    let (mut i, mut j, mut text) = (0, 0, String::new());
    while i < old.len() || j < new.len() {
        let (mark, line) = if i < old.len() && j < new.len() && old[i] == new[j] {
            (i, j) = (i + 1, j + 1);
            (' ', old[i - 1])
        } else if i < old.len() && (j == new.len() || common[i + 1][j] >= common[i][j + 1]) {
            i += 1;
            ('-', old[i - 1])
        } else {
            j += 1;
            ('+', new[j - 1])
        };
        text += format!("{mark} {line}").trim_end();
        text.push('\n');
    }
    text
}
