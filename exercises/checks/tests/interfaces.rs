//! An exercise that rebuilds a module of the engine has that module's public interface, so that it can take its place.
//!
//! Such a stub says so: `has the public interface of `src/epoll.rs``.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn a_building_block_has_the_interface_of_what_it_rebuilds() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut compared = 0;
    for stub in fs::read_dir(top.join("exercises/stubs")).unwrap() {
        let stub = stub.unwrap().path();
        let text = fs::read_to_string(&stub).unwrap();
        let Some(module) = rebuilt(&text, &top) else { continue };

        let missing: BTreeSet<_> = interface(&fs::read_to_string(&module).unwrap());
        let missing: Vec<_> = missing.difference(&interface(&text)).cloned().collect();

        assert!(missing.is_empty(), "{} lacks of {}: {missing:#?}", stub.display(), module.display());
        compared += 1;
    }
    assert!(compared > 0, "no stub says which module it rebuilds");
}

#[test]
fn what_is_compared_is_the_public_interface() {
    let text = "pub struct A { pub a: u8, b: u8 }\nimpl A {\n    pub fn f(\n        &self,\n    ) -> u8 {\n        0\n    }\n    fn g() {}\n}\nimpl AsFd for A {}\n";

    let expected = ["impl AsFd for A", "pub fn f( &self, ) -> u8", "pub struct A"];

    assert_eq!(interface(text), expected.map(String::from).into());
}

fn rebuilt(stub: &str, top: &Path) -> Option<PathBuf> {
    let (_, rest) = stub.split_once("has the public interface of `")?;
    Some(top.join(rest.split_once('`')?.0))
}

/// Every public item, and every trait that is implemented, without its body.
fn interface(text: &str) -> BTreeSet<String> {
    let mut items = BTreeSet::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        let is_trait = line.starts_with("impl") && line.contains(" for ");
        if !line.starts_with("pub ") && !is_trait {
            continue;
        }
        let mut item = line.to_string();
        while !item.contains(['{', ';', ',']) || item.contains('(') && !item.contains(')') {
            let Some(more) = lines.next() else { break };
            item = format!("{item} {more}");
        }
        let end = item.find(['{', ';']).unwrap_or(item.len());
        items.insert(item[..end].trim().to_string());
    }
    items
}
