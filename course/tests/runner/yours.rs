//! `cargo run -- --yours`, up to the call of cargo that builds the mixture; `checks/tests/yours.rs` builds one.

use std::fs;

use crate::copy::Repository;

/// Says how it is called to run a program. For all else it is cargo.
const CARGO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/runner/cargo.sh");

#[test]
fn a_solved_block_takes_the_place_of_ours_and_a_spoiled_one_does_not() {
    let repository = Repository::fresh();
    only_the_waker(&repository);
    let root = repository.root.canonicalize().unwrap();
    let folder = root.join("target/yours");
    let serve = || {
        let mut course = repository.course(&["--yours", "--port", "0"]);
        let output = course.env("REAL_CARGO", env!("CARGO")).env("CARGO", CARGO).output().unwrap();
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let answer = root.join("exercises/src/04_waker.rs");
    let in_its_place = format!("#[path = {answer:?}]\npub mod waker;\n");
    let engine = || fs::read_to_string(folder.join("src/lib.rs")).unwrap();

    fs::copy(root.join("src/waker.rs"), &answer).unwrap();
    let said = serve();
    let call = format!("in {}\ncargo run -p course -- --port 0 --root {}\n", folder.display(), root.display());
    assert!(said.contains("yours: waker\n") && said.contains(&call) && said.contains("blocks: waker\n"), "{said}");
    assert!(engine().contains(&in_its_place), "{}", engine());

    fs::write(&answer, "fn spoiled(").unwrap();
    let said = serve();
    assert!(said.contains("no building block is yours yet") && said.contains("blocks: \n"), "{said}");
    assert!(!engine().contains(&in_its_place), "{}", engine());
}

/// Leaves the copy one building block, so that one task sheet is built.
fn only_the_waker(repository: &Repository) {
    for stub in fs::read_dir(repository.root.join("exercises/stubs")).unwrap() {
        let stub = stub.unwrap().path();
        if !stub.ends_with("04_waker.rs") {
            fs::remove_file(stub).unwrap();
        }
    }
}
