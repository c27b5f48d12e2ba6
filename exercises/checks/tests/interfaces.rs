//! An exercise that rebuilds a module of the engine has that module's public interface, so that it can take its place.

use std::fs;
use std::path::Path;

#[test]
fn a_building_block_has_the_interface_of_what_it_rebuilds() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let blocks = yours::blocks(&root).unwrap();
    assert!(!blocks.is_empty(), "some stub says which module it rebuilds");
    for block in blocks {
        println!("{} and {}", block.exercise, block.module.display());
        let stub = fs::read_to_string(root.join(format!("exercises/stubs/{}.rs", block.exercise))).unwrap();
        testkit::interface::prove_complete(&stub, &fs::read_to_string(root.join(block.module)).unwrap());
    }
}
