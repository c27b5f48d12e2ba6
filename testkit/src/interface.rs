//! For those who write exercises: a building block has the interface of the module of the engine that it rebuilds.

use std::collections::BTreeSet;

/// Proves that a stub has all public items of the engine's module, with the same derives, and implements the same traits
/// for them. It may have more: an exercise can have a second part that the engine does not need.
///
/// # Panics
/// If it does not. The message shows what it lacks.
pub fn prove_complete(stub: &str, engine: &str) {
    let (stub, engine) = (interface(stub), interface(engine));
    assert!(!engine.is_empty(), "the engine's module has an interface");
    let lacks: String = engine.difference(&stub).map(|item| format!("\n  {item}")).collect();
    assert!(lacks.is_empty(), "only in the engine:{lacks}");
}

/// The heads of all items that can be seen from outside.
fn interface(text: &str) -> BTreeSet<String> {
    let heads = heads(text);
    let public: Vec<&str> = heads.iter().filter_map(|head| type_name(head)).collect();
    heads.iter().filter(|head| is_visible(head, &public)).cloned().collect()
}

/// All heads of items, each on one line, behind their derives; tests are left out.
fn heads(text: &str) -> Vec<String> {
    let mut heads = Vec::new();
    let mut derive = "";
    let mut head = String::new();
    for line in text.lines().map(str::trim).take_while(|line| *line != "#[cfg(test)]") {
        if line.starts_with("#[derive") {
            derive = line;
        }
        let begins = ["pub ", "impl", "unsafe impl", "struct ", "enum "].iter().any(|word| line.starts_with(word));
        if !begins && head.is_empty() {
            continue;
        }
        if head.is_empty() {
            head.push_str(std::mem::take(&mut derive));
        }
        head.push(' ');
        head.push_str(line.split(['{', ';']).next().unwrap_or_default().trim());
        // A field or a variant ends in a comma, and so does a parameter on a line of its own.
        if line.contains(['{', ';']) || line.ends_with(',') && !head.contains('(') {
            heads.push(std::mem::take(&mut head).trim().to_string());
        }
    }
    heads
}

/// The type that this head makes public.
fn type_name(head: &str) -> Option<&str> {
    let declared = ["pub struct ", "pub enum "].iter().find_map(|word| head.split_once(word))?.1;
    declared.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next()
}

fn is_visible(head: &str, public: &[&str]) -> bool {
    if head.contains("pub ") {
        return true;
    }
    let Some((_, implemented)) = head.split_once("impl") else { return false };
    let whose = implemented.rsplit(" for ").next().unwrap_or(implemented);
    let mut words = whose.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
    words.any(|word| public.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "
        #[derive(Clone, Debug)]
        pub struct Block<T> {
            hidden: T,
            pub shown: usize,
        }
        pub struct Full<T>(pub T);
        #[derive(Debug)]
        struct Part;
        impl<T: Send> Block<T> {
            pub fn two(
                &self,
                other: usize,
            ) -> usize {
                self.shown
            }
            fn own(&self) {}
        }
        impl fmt::Debug for Part {
        impl<T> Drop for Block<T> {
        #[cfg(test)]
        pub fn not_this() {}
    ";

    #[test]
    fn what_can_be_seen_is_the_interface() {
        let expected = [
            "#[derive(Clone, Debug)] pub struct Block<T>",
            "pub shown: usize,",
            "pub struct Full<T>(pub T)",
            "impl<T: Send> Block<T>",
            "pub fn two( &self, other: usize, ) -> usize",
            "impl<T> Drop for Block<T>",
        ];
        assert_eq!(interface(BLOCK), expected.map(String::from).into());
    }

    #[test]
    #[should_panic(expected = "only in the engine:\n  impl<T> Drop for Block<T>")]
    fn a_difference_is_shown() {
        prove_complete(&BLOCK.replace("Drop", "drop"), BLOCK);
    }
}
